//! Any manifest, with a file beside it that expressions can read.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &[u8]| {
        std::fs::write(directory.path().join(name), text).expect("a file");
    };
    write("main.eci.toml", text);
    write("a", b"text");
    let Ok(configuration) = eci_config::load(directory.path(), &Default::default()) else {
        return;
    };
    for resource in &configuration.resources {
        let _ = resource.evaluate(&eci_config::NothingKnown);
    }
});
