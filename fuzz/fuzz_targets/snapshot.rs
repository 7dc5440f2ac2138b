//! Any snapshot behind a right checksum.
#![no_main]

use eci_state::LocalStore;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|state: &str| {
    let directory = tempfile::tempdir().expect("a directory");
    let crc = crc32fast::hash(state.as_bytes());
    let text = format!("{{\"format\":1,\"state\":{state},\"checksum\":\"crc32:{crc:08x}\"}}");
    std::fs::write(directory.path().join("state.json"), text).expect("a file");
    if let Ok(snapshot) = LocalStore::read(directory.path()) {
        let _ = snapshot.check();
    }
});
