//! `eci-plan` and `eci-apply`: other names of `eci`, and the small programs that cargo builds.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::TempDir;

const ECI: &str = env!("CARGO_BIN_EXE_eci");
const ECI_PLAN: &str = env!("CARGO_BIN_EXE_eci-plan");
const ECI_APPLY: &str = env!("CARGO_BIN_EXE_eci-apply");

/// Lets one test at a time write programs and start them: a process that another test starts meanwhile
/// has a file that is being written open until it becomes its program, and no open file can be started.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints what a program receives.
const FAKE_ECI: &str = "#!/bin/sh\necho \"$$ $0 $*\"\ncat\nexit 42\n";

fn executable(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A directory with a copy of a launcher.
fn copied(launcher: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let name = Path::new(launcher).file_name().unwrap();
    fs::copy(launcher, directory.path().join(name)).unwrap();
    directory
}

/// Returns a command of a program that speaks English whatever the locale of the machine.
fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_remove("ECI_LANG").env("LC_ALL", "C");
    command
}

#[test]
fn links_to_eci_are_the_other_programs() {
    let _alone = one_at_a_time();
    let directory = tempfile::tempdir().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    for name in ["eci-plan", "eci-apply"] {
        let link = directory.path().join(name);
        symlink(ECI, &link).unwrap();
        let output = command(&link).arg("--version").output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, format!("{name} {version}\n"));
    }
}

#[test]
fn the_launchers_are_small() {
    let _alone = one_at_a_time();
    let size = |path: &str| fs::metadata(path).unwrap().len();
    for launcher in [ECI_PLAN, ECI_APPLY] {
        let (launcher, eci) = (size(launcher), size(ECI));
        assert!(launcher * 5 < eci, "{launcher} of {eci} bytes");
    }
}

#[test]
fn a_launcher_becomes_eci_with_its_arguments_input_and_exit_code() {
    let _alone = one_at_a_time();
    let directory = copied(ECI_APPLY);
    executable(&directory.path().join("eci"), FAKE_ECI);
    let mut child = command(&directory.path().join("eci-apply"))
        .args(["-auto-approve", "a b", "--", ""])
        .env_remove("CARGO_PKG_NAME")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id();
    child.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(42));
    let text = String::from_utf8(output.stdout).unwrap();
    // The same process, so that a signal to the one reaches the other.
    assert!(text.starts_with(&format!("{id} ")), "{text}");
    assert!(text.ends_with(" -auto-approve a b -- \nyes\n"), "{text}");
}

#[test]
fn a_launcher_without_eci_says_how_to_build_it() {
    let _alone = one_at_a_time();
    let directory = copied(ECI_PLAN);
    let text_in = |lang: &str| {
        let output = command(&directory.path().join("eci-plan"))
            .env_remove("CARGO_PKG_NAME")
            .env("ECI_LANG", lang)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let text = text_in("zh");
    assert!(
        text.starts_with("错误: `eci-plan` 需要运行程序 `eci`"),
        "{text}"
    );
    let text = text_in("en");
    assert!(text.contains("`eci-plan` runs the program `eci`"), "{text}");
    assert!(text.contains("cargo build --package eci-cli"), "{text}");
}

/// Cargo builds nothing but the launcher, and a changed library changes the launcher only.
#[test]
fn cargo_run_brings_eci_up_to_date_first() {
    let _alone = one_at_a_time();
    let target = tempfile::tempdir().unwrap();
    let profile = target.path().join("release");
    fs::create_dir(&profile).unwrap();
    fs::copy(ECI_APPLY, profile.join("eci-apply")).unwrap();
    let cargo = target.path().join("cargo");
    let eci = profile.join("eci");
    executable(
        &cargo,
        &format!(
            "#!/bin/sh\necho \"$*\" > '{0}/calls'\n\
             env | grep -E '^CARGO_(PKG|MANIFEST)_' >> '{0}/calls'\nprintf '#!/bin/sh\\necho built' > '{1}'\n\
             chmod +x '{1}'\n",
            target.path().display(),
            eci.display()
        ),
    );
    let run = |package: &str| {
        command(&profile.join("eci-apply"))
            .env("CARGO", &cargo)
            .env("CARGO_PKG_NAME", package)
            .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap()
    };
    // A copy outside a target directory is not a matter of cargo.
    assert_eq!(run("eci-cli").status.code(), Some(1));
    fs::write(target.path().join("CACHEDIR.TAG"), "").unwrap();
    assert_eq!(run("another").status.code(), Some(1));
    let output = run("eci-cli");
    assert_eq!(output.stdout, b"built\n", "{output:?}");
    let calls = fs::read_to_string(target.path().join("calls")).unwrap();
    assert!(calls.contains("--bin eci --profile release"), "{calls}");
    assert!(!calls.contains("--target "), "{calls}");
    // Build scripts that read these variables would run again.
    assert!(!calls.contains("CARGO_PKG_"), "{calls}");
    assert!(!calls.contains("CARGO_MANIFEST_DIR="), "{calls}");
}
