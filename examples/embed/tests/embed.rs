//! Runs the example.

use std::process::Command;

#[test]
fn first_run_stops_half_way_and_second_run_completes() {
    let output = Command::new(env!("CARGO_BIN_EXE_eci-example-embed"))
        .output()
        .expect("the example starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    for line in [
        "plan: create container_group.web",
        "container_group.db: done, stopping",
        "first run: create: 1, failed: 0, unknown: 0, skipped: 0, not started: 1",
        "plan: no-op container_group.db",
        "second run: create: 1, failed: 0, unknown: 0, skipped: 0, not started: 0",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}: {text}");
    }
}
