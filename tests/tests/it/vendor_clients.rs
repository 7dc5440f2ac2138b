//! The vendor's own Python clients against the simulated cloud.

#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use eci_tests::binaries::workspace;
use eci_tests::{Cloud, cloud};

/// The commands that install the clients, from the directory of the repository, as `.ci/run` does.
const INSTALL: &str = "python3 -m venv target/vendor-clients && \
    target/vendor-clients/bin/pip install -r tests/data/vendor-clients/requirements.txt";

/// The Python that has the clients; none if they are not installed.
fn python() -> Option<PathBuf> {
    let python = workspace().join("target/vendor-clients/bin/python");
    let has_clients = Command::new(&python)
        .args(["-c", "import ctyunsdk_eip20220909, ctyunsdk_ebs20220909"])
        .output()
        .is_ok_and(|output| output.status.success());
    has_clients.then_some(python)
}

#[test]
fn the_vendors_clients_create_list_and_delete_an_eip_and_a_disk() {
    let Some(python) = python() else {
        let message =
            format!("the vendor's Python clients are not installed; to install: {INSTALL}");
        assert!(std::env::var_os("CI").is_none(), "{message}");
        // Past what is captured of tests that succeed.
        writeln!(std::io::stderr(), "skipped: {message}").unwrap();
        return;
    };
    let simulated = Cloud::in_memory();
    let script = workspace().join("tests/data/vendor-clients/clients.py");
    let output = Command::new(python)
        .arg(script)
        .arg(simulated.endpoint())
        .args(["sandbox", "sandbox", cloud::REGION])
        // They send local time, and the cloud's is that of Beijing.
        .env("TZ", "Asia/Shanghai")
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}\n{failed}");
    for call in ["eip/create", "eip/delete", "ebs/new-ebs", "ebs/refund-ebs"] {
        assert!(simulated.calls(call) > 0, "{call}");
    }
    assert!(simulated.eips().is_empty() && simulated.disks().is_empty());
}
