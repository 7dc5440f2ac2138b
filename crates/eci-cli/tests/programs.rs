//! The three programs as they are called.
//!
//! That this package has such a test makes cargo build the programs together with the tests of
//! the whole workspace, so that the whole-program tests find them.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Output};

const ECI: &str = env!("CARGO_BIN_EXE_eci");
const ECI_PLAN: &str = env!("CARGO_BIN_EXE_eci-plan");
const ECI_APPLY: &str = env!("CARGO_BIN_EXE_eci-apply");

fn run(program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().output().unwrap()
}

fn answer(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {output:?}"
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_program_tells_its_version() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(answer(ECI, &["--version"]), format!("eci {version}\n"));
    assert_eq!(
        answer(ECI_PLAN, &["--version"]),
        format!("eci-plan {version}\n")
    );
    assert_eq!(
        answer(ECI_APPLY, &["--version"]),
        format!("eci-apply {version}\n")
    );
}

/// The flags of a help text, one a line.
fn flags(help: &str) -> Vec<&str> {
    let lines = help.lines().map(str::trim);
    lines.filter(|line| line.starts_with('-')).collect()
}

#[test]
fn the_short_programs_have_the_flags_of_their_commands() {
    for (program, command) in [(ECI_PLAN, "plan"), (ECI_APPLY, "apply")] {
        let (short, long) = (
            answer(program, &["--help"]),
            answer(ECI, &[command, "--help"]),
        );
        let without_version = |help| {
            let mut flags = flags(help);
            flags.retain(|flag| !flag.starts_with("-V"));
            flags.sort_unstable();
            flags
        };
        assert!(without_version(&long).len() > 10, "{long}");
        assert_eq!(without_version(&short), without_version(&long), "{command}");
    }
}

#[test]
fn wrong_usage_exits_with_1_and_says_how_it_is_right() {
    for (program, arguments) in [
        (ECI, &["aply"][..]),
        (ECI, &[][..]),
        (ECI_PLAN, &["--auto-approve"]),
        (ECI_APPLY, &["--parallelism", "0"]),
    ] {
        let output = run(program, arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{program} {arguments:?}: {output:?}"
        );
        assert!(output.stdout.is_empty(), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("--help") || said.contains("Usage"), "{said}");
    }
}

/// What is said on the side of a call that fails, and how long that may be.
fn refusal(arguments: &[&str]) -> String {
    let output = run(ECI, arguments);
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_is_refused_is_not_told_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let at = directory.path().display().to_string();
    let long = "长".repeat(40_000);
    for arguments in [
        &[&*long][..],
        &["plan", "--endpoint", &long],
        &["plan", "--target", &long],
        &["plan", "-C", &at, "--var", &format!("{long}=1")],
        &["state", "show", "-C", &at, &long],
    ] {
        let told = refusal(arguments);
        assert!(told.contains('…'), "{told:.300}");
        assert!(told.chars().count() < 10_000, "{told:.300}");
    }
    // A file of a megabyte that is nothing but one text.
    let text = format!("\"{}\"", "x".repeat(1 << 20));
    std::fs::create_dir(path("state")).unwrap();
    std::fs::write(path("state/state.json"), &text).unwrap();
    std::fs::write(path("kept"), &text).unwrap();
    let names = format!("{} = 1\n", "x".repeat(1 << 20));
    std::fs::write(path("values.toml"), &names).unwrap();
    let manifest = format!("[eip.a]\nauto = {text}\n{names}");
    std::fs::write(path("a.eci.toml"), manifest).unwrap();
    for arguments in [
        &["state", "list", "-C", &at][..],
        &["show", &path("kept")],
        &["validate", "-C", &at],
        &["validate", "-C", &at, "--var-file", &path("values.toml")],
    ] {
        let told = refusal(arguments);
        assert!(told.chars().count() < 20_000, "{arguments:?} {told:.300}");
    }
}
