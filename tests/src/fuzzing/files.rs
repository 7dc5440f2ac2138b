//! Files: behind right checksums, so that more than those is read.

use std::fmt::Write as _;
use std::fs;

use eci_planner::SavedPlan;
use eci_state::{Holder, LocalStore, Store as _};
use sha2::{Digest as _, Sha256};

/// Any lines of a journal.
///
/// # Panics
///
/// If reading them panics.
pub fn journal(bytes: &[u8]) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = LocalStore::open(directory.path(), Holder::current_process("fuzz")).unwrap();
    store.compact().unwrap();
    drop(store);
    let path = directory.path().join("journal.jsonl");
    let mut journal = fs::read_to_string(&path).unwrap();
    let mut before = journal[..8].to_owned();
    for line in String::from_utf8_lossy(bytes).lines() {
        let line = format!("{before} {line}");
        before = format!("{:08x}", crc32fast::hash(line.as_bytes()));
        writeln!(journal, "{before} {line}").unwrap();
    }
    fs::write(&path, journal).unwrap();
    let _ = LocalStore::open(directory.path(), Holder::current_process("fuzz"));
}

/// Any snapshot.
///
/// # Panics
///
/// If reading it panics.
pub fn snapshot(bytes: &[u8]) {
    let directory = tempfile::tempdir().unwrap();
    let state = String::from_utf8_lossy(bytes);
    let crc = crc32fast::hash(state.as_bytes());
    for format in [1, 3] {
        let text =
            format!("{{\"format\":{format},\"state\":{state},\"checksum\":\"crc32:{crc:08x}\"}}");
        fs::write(directory.path().join("state.json"), text).unwrap();
        if let Ok(snapshot) = LocalStore::read(directory.path()) {
            let _ = snapshot.check();
        }
    }
}

/// Any plan file.
///
/// # Panics
///
/// If reading it panics.
pub fn plan(bytes: &[u8]) {
    let plan = String::from_utf8_lossy(bytes);
    let digest = Sha256::digest(plan.as_bytes());
    let digits = base16ct::lower::encode_string(&digest);
    let text = format!("{{\"format\":2,\"plan\":{plan},\"checksum\":\"sha256:{digits}\"}}");
    let Ok(saved) = SavedPlan::from_document(text.as_bytes()) else {
        return;
    };
    let _ = saved.give_variables(&mut eci_config::Variables::default());
    let _ = saved.observed();
    let _ = saved.plan();
}

/// Any manifest, with a file next to it that expressions can read.
///
/// # Panics
///
/// If loading it panics.
pub fn manifest(bytes: &[u8]) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("main.eci.toml"), bytes).unwrap();
    fs::write(directory.path().join("a"), b"text").unwrap();
    let Ok(configuration) = eci_config::load(directory.path(), &Default::default()) else {
        return;
    };
    for resource in &configuration.resources {
        let _ = resource.evaluate(&eci_config::EmptyScope);
    }
}
