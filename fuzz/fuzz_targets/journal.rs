//! Any lines of a journal behind right checksums.
#![no_main]

use std::fmt::Write as _;

use eci_state::{Holder, LocalStore, Store as _};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|lines: &str| {
    let directory = tempfile::tempdir().expect("a directory");
    let mut store = LocalStore::open(directory.path(), Holder::here("fuzz")).expect("a state");
    store.compact().expect("a snapshot");
    drop(store);
    let path = directory.path().join("journal.jsonl");
    let mut journal = std::fs::read_to_string(&path).expect("a heading");
    let mut before = journal[..8].to_owned();
    for line in lines.lines() {
        let line = format!("{before} {line}");
        before = format!("{:08x}", crc32fast::hash(line.as_bytes()));
        writeln!(journal, "{before} {line}").expect("memory");
    }
    std::fs::write(&path, journal).expect("a file");
    let _ = LocalStore::open(directory.path(), Holder::here("fuzz"));
});
