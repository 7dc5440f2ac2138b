//! `eci console` and the prompt for approval, as somebody at a terminal meets them.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use eci_tests::{Project, binaries};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

/// Nothing that is waited for takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program, and the terminal that it is on.
struct Talk {
    child: Child,
    keys: File,
    /// Kept, because a terminal without an open handle is closed.
    line: File,
    shown: Receiver<Vec<u8>>,
    /// The output that was not waited for yet.
    ahead: Vec<u8>,
}

impl Talk {
    fn begin(project: &Project) -> Talk {
        Talk::of(project, &["console"])
    }

    fn of(project: &Project, arguments: &[&str]) -> Talk {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let name = ptsname(&keys, Vec::new()).unwrap().into_string().unwrap();
        let line = File::options().read(true).write(true).open(name).unwrap();
        let end = || line.try_clone().unwrap();
        let child = binaries::command("eci")
            .args(arguments)
            .env("TERM", "xterm")
            .current_dir(project.path())
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .unwrap();
        let keys = File::from(keys);
        let mut screen = keys.try_clone().unwrap();
        let (sender, shown) = channel();
        std::thread::spawn(move || {
            let mut part = [0; 1024];
            while let Ok(length @ 1..) = screen.read(&mut part) {
                if sender.send(part[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Talk {
            child,
            keys,
            line,
            shown,
            ahead: Vec::new(),
        }
    }

    /// Waits until this is shown, after what was waited for before.
    fn sees(&mut self, expected: &str) {
        let length = expected.len();
        loop {
            let mut places = self.ahead.windows(length);
            if let Some(at) = places.position(|place| place == expected.as_bytes()) {
                self.ahead.drain(..at + length);
                return;
            }
            match self.shown.recv_timeout(PATIENCE) {
                Ok(part) => self.ahead.extend(part),
                Err(_) => panic!(
                    "{expected:?} is not shown: {:?}",
                    String::from_utf8_lossy(&self.ahead)
                ),
            }
        }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Types a line at the prompt, and waits for what comes of it.
    fn evaluates(&mut self, keys: &str, answer: &str) {
        self.types(&format!("{keys}\r"));
        self.sees(&format!("\n{answer}\r\n"));
        self.sees("> ");
    }

    /// Waits until the program ends; gives its code.
    fn ends(&mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the console does not end");
    }

    fn echoes(&self) -> bool {
        let modes = tcgetattr(&self.line).unwrap().local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // Fails if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const BEGINNING: &str = "\x01";
const UP: &str = "\x1b[A";
const RIGHT: &str = "\x1b[C";
const BACKSPACE: &str = "\x7f";

#[test]
fn a_line_is_edited_and_those_before_it_come_back() {
    let project = Project::new("[variable.n]\ndefault = 7\n");
    let mut talk = Talk::begin(&project);
    talk.sees("> ");
    talk.evaluates("\"配置中心\"", "\"配置中心\"");
    talk.evaluates(
        &format!("{UP}{BEGINNING}{RIGHT}{RIGHT}{BACKSPACE}"),
        "\"置中心\"",
    );
    talk.evaluates("var.n", "7");
    talk.evaluates(&format!("{UP}{UP}"), "\"置中心\"");
    for keys in ["[1,\r", "what\x03"] {
        talk.types(keys);
        talk.sees(keys.trim_end_matches(char::is_control));
        talk.sees("> ");
    }
    talk.evaluates("var.n + 1", "8");
    talk.types("\x04");
    assert_eq!(talk.ends(), Some(0));
    assert!(talk.echoes());
}

#[test]
fn lines_that_are_pasted_are_each_answered() {
    let project = Project::new("[locals]\n");
    let mut talk = Talk::begin(&project);
    talk.sees("> ");
    talk.types("1 + 1\r[\r1,\r2]\r3 + 3\r");
    for answer in ["\n2\r\n", "\n[1, 2]\r\n", "\n6\r\n"] {
        talk.sees(answer);
    }
    // Before that, Ctrl-D means nothing to the program.
    talk.sees("> ");
    talk.types("\x04");
    assert_eq!(talk.ends(), Some(0));
}

#[test]
fn a_console_that_receives_a_signal_restores_the_terminal() {
    let project = Project::new("[locals]\n");
    let mut talk = Talk::begin(&project);
    assert!(talk.echoes());
    talk.sees("> ");
    talk.types("half");
    talk.sees("half");
    assert!(!talk.echoes());
    let pid = Pid::from_child(&talk.child);
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(talk.ends(), Some(130));
    assert!(talk.echoes());
}

#[test]
fn a_console_ends_with_the_word_for_it() {
    let project = Project::new("[locals]\n");
    let mut talk = Talk::begin(&project);
    talk.sees("> ");
    talk.evaluates("1 + 1", "2");
    talk.types("exit\r");
    assert_eq!(talk.ends(), Some(0));
}

#[test]
fn a_signal_at_the_prompt_for_approval_cancels_the_run() {
    let project = Project::example("quickstart");
    let options = ["--sandbox", "--sandbox-speed", "instant", "--lang", "en"];
    for command in [&["apply"][..], &["destroy"]] {
        let mut talk = Talk::of(&project, &[command, &options].concat());
        talk.sees("Do you ");
        talk.sees("> ");
        kill_process(Pid::from_child(&talk.child), Signal::INT).unwrap();
        talk.sees("Canceled.");
        assert_eq!(talk.ends(), Some(130));
        if command == ["apply"] {
            project
                .eci("apply --sandbox --sandbox-speed instant --auto-approve")
                .run()
                .exits(0);
        }
    }
}
