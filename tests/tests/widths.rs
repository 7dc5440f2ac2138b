//! What fits a terminal: no line that people read is wider than it.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::{Read as _, Write as _};

use eci_tests::{Cloud, Project, binaries};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Runs a command on a terminal of that width, with this as input, and returns what it shows.
fn shown(project: &Project, arguments: &[String], columns: u16, input: &str) -> String {
    let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&keys).unwrap();
    unlockpt(&keys).unwrap();
    let size = Winsize {
        ws_row: 40,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&keys, size).unwrap();
    let name = ptsname(&keys, Vec::new()).unwrap().into_string().unwrap();
    let line = File::options().read(true).write(true).open(name).unwrap();
    let end = || line.try_clone().unwrap();
    let mut child = binaries::command("eci")
        .args(arguments)
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("CTYUN_AK", "sandbox")
        .env("CTYUN_SK", "sandbox")
        .current_dir(project.path())
        .stdin(end())
        .stdout(end())
        .stderr(end())
        .spawn()
        .unwrap();
    drop(line);
    let mut keys = File::from(keys);
    keys.write_all(input.as_bytes()).unwrap();
    let mut shown = Vec::new();
    let mut part = [0; 4096];
    // Once the program has ended, the terminal is closed.
    while let Ok(length @ 1..) = keys.read(&mut part) {
        shown.extend_from_slice(&part[..length]);
    }
    child.wait().unwrap();
    String::from_utf8_lossy(&shown).replace('\r', "")
}

/// The widest line of a text.
fn widest(text: &str) -> (usize, &str) {
    let lines = text.lines().map(|line| (line.chars().count(), line));
    lines.max().unwrap_or_default()
}

#[test]
fn no_line_of_init_of_a_plan_or_of_a_question_is_wider_than_the_terminal() {
    let cloud = Cloud::start();
    for columns in [80, 60] {
        let project = Project::empty();
        let run = |command: &str, with: &[String], input: &str| {
            let mut arguments: Vec<String> = command.split(' ').map(str::to_owned).collect();
            arguments.extend_from_slice(with);
            let text = shown(&project, &arguments, columns, input);
            let (width, line) = widest(&text);
            assert!(
                width <= usize::from(columns),
                "{command}: {width} {line:?}\n{text}"
            );
            text
        };
        let flags = cloud.flags();
        let init = run("init", &[], "");
        assert!(init.contains("CTYUN_AK"), "{init}");
        let plan = run("plan", &flags, "");
        assert!(plan.contains("http_get"), "{plan}");
        let output = run("apply", &flags, "no\n");
        assert!(output.contains("Canceled"), "{output}");
        project.apply(&cloud).run().exits(0);
        let output = run("destroy", &flags, "no\n");
        assert!(output.contains("Canceled"), "{output}");
        let unchanged = run("plan", &flags, "");
        assert!(unchanged.contains("No changes."), "{unchanged}");
        let output = run("apply --replace container_group.web", &flags, "no\n");
        assert!(output.contains("Canceled"), "{output}");
        project.destroy(&cloud).run().exits(0);
    }
}
