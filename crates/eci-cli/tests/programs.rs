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
fn each_program_prints_its_version() {
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

#[test]
fn the_version_is_a_command_too() {
    let version = env!("CARGO_PKG_VERSION");
    for arguments in [
        &["version"][..],
        &["-version"],
        &["--version"],
        &["-V"],
        &["-v"],
    ] {
        assert_eq!(answer(ECI, arguments), format!("eci {version}\n"));
    }
    for arguments in [["version", "--json"], ["version", "-json"]] {
        let document: serde_json::Value = serde_json::from_str(&answer(ECI, &arguments)).unwrap();
        assert_eq!(document["eci_version"], version);
        assert!(document["terraform_version"].is_string(), "{document}");
        assert!(document["platform"].as_str().unwrap().contains('_'));
    }
}

#[test]
fn a_script_for_terraform_plans_and_applies() {
    let directory = tempfile::tempdir().unwrap();
    let manifest = "[provider]\nregion_id = \"bb9fdb42056f11eda1610242ac110002\"\n\
                    [variable.size]\n[eip.front]\nbandwidth = '${var.size}'\n[eip.back]\n";
    std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
    let at = format!("-chdir={}", directory.path().display());
    let exits = |program: &str, line: &str| {
        let mut arguments = vec![&*at];
        arguments.extend(line.split(' '));
        arguments.extend(["-sandbox", "-sandbox-speed=instant"]);
        if program != ECI {
            // These have no command in front.
            arguments.remove(1);
        }
        let output = run(program, &arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), text, message)
    };
    let plan = "plan -input=false -no-color -detailed-exitcode -lock-timeout=5m -parallelism=3";
    let (code, text, message) = exits(ECI, &format!("{plan} -var size=5 -out=a.eciplan"));
    assert_eq!(code, Some(2), "{message}");
    assert!(text.contains("eip.back"), "{text}");
    let (code, text, _) = exits(ECI, "show -json a.eciplan");
    let shown: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, Some(0));
    assert_eq!(shown["resource_changes"].as_array().unwrap().len(), 2);
    let (code, text, _) = exits(ECI_PLAN, "plan -json -var=size=5 -target=eip.front");
    assert_eq!(code, Some(0));
    let messages = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let messages: Vec<serde_json::Value> = messages.collect();
    assert!(
        messages
            .iter()
            .any(|message| message["type"] == "planned_change")
    );
    let (code, _, message) = exits(ECI, "apply -auto-approve a.eciplan");
    assert_eq!(code, Some(0), "{message}");
    let (code, text, _) = exits(ECI, "show -json");
    let state: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(code, Some(0));
    assert!(state["values"].is_object(), "{state}");
    let replace = "apply -auto-approve -replace=eip.back -var size=5 -refresh=false";
    assert_eq!(exits(ECI_APPLY, replace).0, Some(0));
    let (code, ..) = exits(ECI, "plan -detailed-exitcode -var size=5 -refresh-only");
    assert_eq!(code, Some(0));
    let (code, ..) = exits(ECI, "plan -detailed-exitcode -var size=5 -destroy");
    assert_eq!(code, Some(2));
    // No mistake looks like changes.
    for mistake in [
        "-no-such-option",
        "-target",
        "-parallelism=0",
        "-format=x",
        "x",
    ] {
        let (code, ..) = exits(ECI, &format!("plan -detailed-exitcode {mistake}"));
        assert_eq!(code, Some(1), "{mistake}");
        let (code, ..) = exits(ECI_PLAN, &format!("plan -detailed-exitcode {mistake}"));
        assert_eq!(code, Some(1), "{mistake}");
    }
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
fn a_line_without_a_command_shows_the_whole_help() {
    for (arguments, same) in [
        (&[][..], &["-h"][..]),
        (&["--lang", "zh"], &["--lang", "zh", "-h"]),
        (&["--color", "never"], &["-h"]),
        (&["state"], &["state", "-h"]),
        (&["state", "--lang", "zh"], &["state", "--lang", "zh", "-h"]),
        (&["state", "--lang", "en"], &["state", "-h"]),
    ] {
        let output = run(ECI, arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, answer(ECI, same), "{arguments:?}");
        assert!(!said.contains('…'), "{said}");
    }
}

#[test]
fn every_language_selection_has_the_same_schema_and_an_unknown_one_is_reported() {
    let schema = |arguments: &[&str], variable: &str, value: &str| {
        let mut command = Command::new(ECI);
        command.env_clear().env(variable, value);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let document = String::from_utf8(output.stdout).unwrap();
        (document, String::from_utf8(output.stderr).unwrap())
    };
    let english = schema(&["schema"], "LANG", "C");
    let chinese = schema(&["schema", "--lang", "zh"], "LANG", "C");
    assert_ne!(english, chinese);
    assert_eq!(schema(&["schema"], "ECI_LANG", "zh-Hans"), chinese);
    assert_eq!(schema(&["schema"], "LC_ALL", "zh_CN.UTF-8"), chinese);
    let (document, warning) = schema(&["schema"], "ECI_LANG", "fr");
    assert_eq!(document, english.0);
    assert_eq!(
        warning,
        "warning: unknown language `fr` in `ECI_LANG`\nhelp: set it to `en` or `zh`\n"
    );
    assert_eq!(
        schema(&["schema", "--lang", "zh"], "ECI_LANG", "fr"),
        chinese
    );
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

/// Returns the message of a call that fails, which is short.
fn refusal(arguments: &[&str]) -> String {
    let output = run(ECI, arguments);
    assert!(!output.status.success() && output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn long_arguments_are_truncated_in_errors() {
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
        let message = refusal(arguments);
        assert!(message.contains('…'), "{message:.300}");
        assert!(message.chars().count() < 10_000, "{message:.300}");
    }
    // A file of a megabyte that is nothing but one text.
    let text = format!("\"{}\"", "x".repeat(1 << 20));
    std::fs::create_dir(path("state")).unwrap();
    std::fs::write(path("state/state.json"), &text).unwrap();
    std::fs::write(path("kept"), &text).unwrap();
    let names = format!("{} = 1\n", "x".repeat(1 << 20));
    std::fs::write(path("values.toml"), &names).unwrap();
    let manifest = format!("[eip.front]\nauto = {text}\n{names}");
    std::fs::write(path("a.eci.toml"), manifest).unwrap();
    for arguments in [
        &["state", "list", "-C", &at][..],
        &["show", &path("kept")],
        &["validate", "-C", &at],
        &["validate", "-C", &at, "--var-file", &path("values.toml")],
    ] {
        let message = refusal(arguments);
        assert!(
            message.chars().count() < 20_000,
            "{arguments:?} {message:.300}"
        );
    }
}
