//! Running a program and keeping what it said.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::binaries;

/// No program under test runs longer than this.
const PATIENCE: Duration = Duration::from_secs(60);

/// The interval at which a condition is polled.
const GLANCE: Duration = Duration::from_millis(5);

/// The time in milliseconds in which the cloud may still perform an unanswered call: the sandbox is
/// never late by much. Only debug builds read it.
const CONSISTENCY_WINDOW: &str = "1500";

/// A command line under construction. Its environment has only `PATH`, a separate home directory,
/// the credentials of the sandbox and a short consistency window.
#[derive(Debug)]
pub struct Eci {
    program: &'static str,
    directory: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    /// Whether there must be colors, or none.
    colors: Option<bool>,
    /// The largest file that it may write, in blocks of the shell.
    largest_file: Option<u32>,
    input: Option<File>,
}

impl Eci {
    /// Creates a command line of a program in a directory.
    pub fn new(program: &'static str, directory: &Path) -> Eci {
        let directory = directory.to_owned();
        let environment = [
            ("CTYUN_AK".into(), "sandbox".into()),
            ("CTYUN_SK".into(), "sandbox".into()),
            ("HOME".into(), directory.clone().into()),
            ("ECI_CONSISTENCY_MS".into(), CONSISTENCY_WINDOW.into()),
        ];
        Eci {
            program,
            directory,
            arguments: Vec::new(),
            environment: environment.to_vec(),
            colors: Some(false),
            largest_file: None,
            input: None,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Eci {
        self.arguments.push(argument.into());
        self
    }

    /// Adds arguments.
    pub fn args<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Eci {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Gives a variable of the environment a value.
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Eci {
        self = self.without_env(name);
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Takes a variable out of the environment.
    pub fn without_env(mut self, name: &str) -> Eci {
        self.environment.retain(|(given, _)| given != name);
        self
    }

    /// Expects colors, which are otherwise an error because the output is not a terminal.
    pub fn in_colors(mut self) -> Eci {
        self.colors = Some(true);
        self
    }

    /// Takes what is said with colors and without.
    pub fn in_any_colors(mut self) -> Eci {
        self.colors = None;
        self
    }

    /// Limits the size of files to `blocks` blocks (of 512 or 1024 bytes, depending on the shell):
    /// a write beyond that fails as on a full disk.
    pub fn with_files_up_to(mut self, blocks: u32) -> Eci {
        self.largest_file = Some(blocks);
        self
    }

    /// Returns the program, or a shell that bounds its files and becomes it.
    fn command(&self) -> Command {
        let program = binaries::program(self.program);
        // Programs started by `nohup` ignore hang-ups, and so would this one.
        if self.largest_file.is_none() && hang_up_is_ignored() {
            let mut command = Command::new("env");
            command.arg("--default-signal=HUP").arg(program);
            return command;
        }
        let Some(blocks) = self.largest_file else {
            return Command::new(program);
        };
        let mut shell = Command::new("sh");
        // Refused writes are to be errors, not the signal that goes with them.
        let bounded = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        shell.args(["-c", &bounded, "sh"]).arg(program);
        shell
    }

    /// Gives it a text on standard input.
    ///
    /// # Panics
    ///
    /// If a temporary file cannot be created.
    pub fn input(mut self, text: &str) -> Eci {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        self.input = Some(file);
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Run {
        self.start().wait()
    }

    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn start(self) -> RunningProgram {
        let shown = format!("{self}");
        let mut command = self.command();
        command
            .current_dir(&self.directory)
            .args(&self.arguments)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs(self.environment)
            .stdin(self.input.map_or_else(Stdio::null, Stdio::from))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        RunningProgram {
            stdout: StreamOutput::listen(child.stdout.take().unwrap()),
            stderr: StreamOutput::listen(child.stderr.take().unwrap()),
            child,
            shown,
            colors: self.colors,
            since: Instant::now(),
        }
    }
}

/// Returns whether this process ignores hang-ups; no, where that is unknown.
fn hang_up_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

impl fmt::Display for Eci {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program)?;
        for argument in &self.arguments {
            write!(f, " {}", argument.to_string_lossy())?;
        }
        write!(f, " (in {})", self.directory.display())
    }
}

/// The output of a program on one of its streams, while it runs.
#[derive(Debug)]
struct StreamOutput {
    bytes: Arc<Mutex<Vec<u8>>>,
    listener: JoinHandle<()>,
}

impl StreamOutput {
    fn listen(mut stream: impl Read + Send + 'static) -> StreamOutput {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let listener = thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut some) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&some[..length]);
            }
        });
        StreamOutput { bytes, listener }
    }

    fn so_far(&self) -> String {
        let bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// A program that runs. It is killed when this is dropped.
#[derive(Debug)]
pub struct RunningProgram {
    child: Child,
    stdout: StreamOutput,
    stderr: StreamOutput,
    shown: String,
    /// Whether there must be colors, or none.
    colors: Option<bool>,
    since: Instant,
}

impl RunningProgram {
    /// Returns the output so far: standard output and standard error.
    pub fn so_far(&self) -> (String, String) {
        (self.stdout.so_far(), self.stderr.so_far())
    }

    /// Waits until a condition holds while the program runs.
    ///
    /// # Panics
    ///
    /// If that does not happen before the timeout.
    #[track_caller]
    pub fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        while !is_so() {
            if self.since.elapsed() > PATIENCE {
                let (stdout, stderr) = self.so_far();
                panic!("{}: never {what}\n{stdout}\n{stderr}", self.shown);
            }
            thread::sleep(GLANCE);
        }
    }

    /// Sends it a signal, for example `INT`.
    ///
    /// # Panics
    ///
    /// If no shell is found.
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status().unwrap();
        assert!(sent.success(), "{kill}: {sent}");
    }

    /// Returns whether it is suspended.
    pub fn is_suspended(&self) -> bool {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).unwrap_or_default();
        status.contains("State:\tT")
    }

    /// Returns whether it has ended.
    ///
    /// # Panics
    ///
    /// If the system does not know.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Kills it immediately, unless it has ended by itself; see [`Run::died`].
    ///
    /// # Panics
    ///
    /// As [`RunningProgram::wait`].
    pub fn cut(mut self) -> Run {
        if !self.has_ended() {
            self.child.kill().unwrap();
        }
        self.wait()
    }

    /// Kills it immediately.
    ///
    /// # Panics
    ///
    /// If it has ended already: then the test has not tested what it says.
    #[track_caller]
    pub fn kill(mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            let (stdout, stderr) = self.so_far();
            panic!(
                "{}: it ended before it was killed: {status}\n{stdout}\n{stderr}",
                self.shown
            );
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended.
    ///
    /// # Panics
    ///
    /// If it does not end before the timeout, if it panicked, or if it drew unexpected colors or lacks
    /// expected ones.
    pub fn wait(mut self) -> Run {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if self.since.elapsed() > PATIENCE {
                let (stdout, stderr) = self.so_far();
                panic!("{}: it does not end\n{stdout}\n{stderr}", self.shown);
            }
            thread::sleep(GLANCE);
        };
        for stream in [&self.stdout, &self.stderr] {
            self.heard_out(stream);
        }
        let (stdout, stderr) = self.so_far();
        let run = Run {
            shown: std::mem::take(&mut self.shown),
            status,
            stdout: without_endpoints(&stdout),
            stderr: without_endpoints(&stderr),
        };
        assert!(!run.stderr.contains("panicked at"), "{run}");
        let escapes = run.stdout.contains('\u{1b}') || run.stderr.contains('\u{1b}');
        assert_eq!(
            escapes,
            self.colors.unwrap_or(escapes),
            "escape codes: {run}"
        );
        run
    }

    fn heard_out(&self, stream: &StreamOutput) {
        while !stream.listener.is_finished() && self.since.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Returns the text without the endpoints of a cloud that hints repeat: they differ from run to
/// run.
fn without_endpoints(text: &str) -> String {
    const FLAG: &str = " --endpoint ";
    let mut parts = text.split(FLAG);
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.find([' ', '`', '\n']).unwrap_or(part.len()) {
            end if part[..end].contains("=http://127.0.0.1:") => rest.push_str(&part[end..]),
            _ => {
                rest.push_str(FLAG);
                rest.push_str(part);
            }
        }
    }
    rest
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        // It may have ended already, which is just as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that ran to its end.
#[derive(Debug)]
pub struct Run {
    shown: String,
    status: ExitStatus,
    /// Its answers.
    pub stdout: String,
    /// Everything else it said.
    pub stderr: String,
}

impl Run {
    /// Returns its exit code; -1 if a signal ended it.
    pub fn code(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    /// Returns whether a signal ended it.
    pub fn died(&self) -> bool {
        self.status.code().is_none()
    }

    /// Checks that it exited with this code.
    ///
    /// # Panics
    ///
    /// If it did not.
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        assert_eq!(self.status.code(), Some(code), "exit code of {self}");
        self
    }

    /// Checks that an answer or what was said besides has a text.
    ///
    /// # Panics
    ///
    /// If it has not.
    #[track_caller]
    pub fn says(self, text: &str) -> Run {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(said, "{text:?} is expected of {self}");
        self
    }

    /// Checks that it says a text nowhere.
    ///
    /// # Panics
    ///
    /// If it does.
    #[track_caller]
    pub fn omits(self, text: &str) -> Run {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(!said, "{text:?} is not expected of {self}");
        self
    }

    /// Returns its standard output, parsed as JSON.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(json) => json,
            Err(error) => panic!("invalid JSON: {error}: {self}"),
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}`: {}\n--- stdout\n{}\n--- stderr\n{}",
            self.shown, self.status, self.stdout, self.stderr
        )
    }
}
