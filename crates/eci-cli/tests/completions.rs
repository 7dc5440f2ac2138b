//! Completion as shells ask for it.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const ECI: &str = env!("CARGO_BIN_EXE_eci");

const MANIFEST: &str = "\
[provider]
region_id = \"bb9fdb42056f11eda1610242ac110002\"

[variable.size]
default = 5
description = \"Bandwidth in Mbit/s.\"

[eip.front]
bandwidth = '${var.size}'

[eip.each]
for_each = ['a', 'b']

[container_group.planned]
name = \"planned\"

[output.address]
value = 'here'
";

/// A configuration, part of which is applied.
fn project() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("main.eci.toml"), MANIFEST).unwrap();
    let applied = MANIFEST.replace("[container_group.planned]\nname = \"planned\"\n", "");
    let cloud = ["--sandbox", "--sandbox-speed", "instant"];
    fs::write(directory.path().join("main.eci.toml"), applied).unwrap();
    for arguments in [
        &["apply", "-auto-approve"][..],
        &["workspace", "new", "prod"],
    ] {
        let output = eci(directory.path(), arguments)
            .args(cloud)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let back = eci(directory.path(), &["workspace", "select", "default"]).output();
    assert!(back.unwrap().status.success());
    fs::write(directory.path().join("main.eci.toml"), MANIFEST).unwrap();
    directory
}

fn eci(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(ECI);
    command
        .args(arguments)
        .env_clear()
        .current_dir(directory)
        .env("HOME", directory);
    command
}

/// Completes the last word of a line, as fish does.
fn complete(directory: &Path, line: &str) -> Output {
    let words: Vec<&str> = ["--"].into_iter().chain(line.split(' ')).collect();
    let output = eci(directory, &words).env("COMPLETE", "fish").output();
    output.unwrap()
}

fn candidates(directory: &Path, line: &str) -> Vec<String> {
    let output = complete(directory, line);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{line}: {output:?}"
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.path().is_file());
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    files.map(read).collect()
}

#[test]
fn values_come_from_the_manifests_and_the_state() {
    let project = project();
    let at = project.path();
    let state = files(&at.join("state"));
    for (line, expected) in [
        (
            "eci plan --target ",
            &[
                "container_group.planned",
                "eip.each",
                "eip.each[\"a\"]",
                "eip.each[\"b\"]",
                "eip.front",
            ][..],
        ),
        ("eci apply -target eip.f", &["eip.front"]),
        ("eci-plan --target=eip.f", &["--target=eip.front"]),
        ("eci-apply --replace eip.f", &["eip.front"]),
        (
            "eci state show eip.each[",
            &["eip.each[\"a\"]", "eip.each[\"b\"]"],
        ),
        (
            "eci state rm ",
            &["eip.each[\"a\"]", "eip.each[\"b\"]", "eip.front"],
        ),
        ("eci logs cont", &["container_group.planned"]),
        ("eci plan --var ", &["size=\tBandwidth in Mbit/s."]),
        ("eci output ad", &["address"]),
        ("eci workspace select ", &["default", "prod"]),
        ("eci plan --workspace p", &["prod"]),
        (
            "eci plan --format j",
            &["json\tOne JSON document, as that of `terraform show -json`"],
        ),
        (
            "eci workspa",
            &["workspace\tManage workspaces: several states of one configuration"],
        ),
        ("eci state rm --workspace prod e", &[]),
    ] {
        let found = candidates(at, line);
        let is_value = |found: &&String| !found.starts_with('-') || line.contains("--target=");
        let found: Vec<&String> = found.iter().filter(is_value).collect();
        assert_eq!(found, expected, "{line}");
    }
    for (line, expected) in [
        ("eci plan -target=eip.f", &["-target=eip.front"][..]),
        ("eci plan -var=si", &["-var=size="]),
        ("eci apply -au", &["-auto-approve"]),
        ("eci-plan -bogus", &[]),
        ("eci plan -xy=", &[]),
    ] {
        let found = candidates(at, line);
        let found = found.iter().filter_map(|found| found.split('\t').next());
        assert_eq!(found.collect::<Vec<_>>(), expected, "{line}");
    }
    let all = candidates(at, "eci plan -target=");
    assert!(
        all.iter().all(|found| found.starts_with("-target=")),
        "{all:?}"
    );
    assert_eq!(all.len(), 5, "{all:?}");
    let codes = candidates(at, "eci explain e02");
    assert!(codes.len() > 3, "{codes:?}");
    assert!(
        codes
            .iter()
            .all(|code| code.starts_with("E02") && code.contains('\t'))
    );
    // From elsewhere, with the directory on the line.
    let elsewhere = tempfile::tempdir().unwrap();
    let line = format!("eci -C {} plan --target eip.f", at.display());
    assert_eq!(candidates(elsewhere.path(), &line), ["eip.front"]);
    assert_eq!(files(&at.join("state")), state, "completion writes nothing");
}

#[test]
fn descriptions_are_in_the_language_of_the_line() {
    let project = project();
    let described = |line: &str| {
        let output = complete(project.path(), line);
        assert!(output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for (line, en, zh) in [
        ("val", "validate\tCheck the", "validate\t校验配置"),
        ("plan --ou", "--out\tSave", "--out\t将计划"),
        (
            "plan --format m",
            "markdown\tFor a comment",
            "markdown\t用于",
        ),
    ] {
        let english = described(&format!("eci {line}"));
        assert!(english.contains(en), "{english}");
        let chinese = described(&format!("eci --lang zh {line}"));
        assert!(chinese.contains(zh), "{chinese}");
        assert!(!chinese.contains(en), "{chinese}");
    }
}

#[test]
fn what_cannot_be_read_is_ignored_silently() {
    let project = project();
    let at = project.path();
    fs::write(at.join("main.eci.toml"), "[eip.front]\nbandwidth = \n").unwrap();
    fs::write(at.join("state/state.json"), "{").unwrap();
    assert_eq!(candidates(at, "eci plan --target eip."), ["eip.front"]);
    assert_eq!(candidates(at, "eci state show eip."), Vec::<String>::new());
    let missing = candidates(at, "eci -C no/such/directory plan --target eip.");
    assert_eq!(missing, Vec::<String>::new());
    // The variable of another program does not keep eci from working.
    let output = eci(at, &["version"]).env("COMPLETE", "1").output().unwrap();
    assert!(output.stdout.starts_with(b"eci "), "{output:?}");
}

#[test]
fn bash_completes_all_programs_and_quotes_addresses() {
    let Ok(_) = Command::new("bash").arg("--version").output() else {
        return;
    };
    let project = project();
    let complete_in_bash = |function: &str, words: &str, current: &str| {
        let script = format!(
            "source <('{ECI}' completions bash)\nCOMP_WORDS=({words})\n\
             COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\nCOMP_TYPE=9\n\
             {function} eci {current} ''\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
        );
        let mut bash = Command::new("bash");
        bash.args(["-c", &script]).current_dir(project.path());
        bash.env_remove("ECI_LANG").env("LC_ALL", "C");
        let output = bash.output().unwrap();
        assert!(output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let words = "eci plan --target eip.each";
    let found = complete_in_bash("_clap_complete_eci", words, "eip.each");
    assert_eq!(
        found,
        "eip.each\neip.each\\[\\\"a\\\"\\]\neip.each\\[\\\"b\\\"\\]\n"
    );
    let found = complete_in_bash(
        "_clap_complete_eci_plan",
        "eci-plan --target = eip.f",
        "eip.f",
    );
    assert_eq!(found, "eip.front\n");
    for [typed, expected] in [["--auto", "--auto-approve\n"], ["-au", "-auto-approve\n"]] {
        let words = format!("eci-apply {typed}");
        let found = complete_in_bash("_clap_complete_eci_apply", &words, typed);
        assert_eq!(found, expected);
    }
}
