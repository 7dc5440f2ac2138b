//! One run of a program: its time, its peak memory and what it wrote.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Serialize;

/// The costs of one run.
///
/// A value that the system does not report is 0.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Measurement {
    /// From start to end, in seconds.
    pub seconds: f64,
    /// On processors, in seconds: independent of other programs that run at the same time.
    pub cpu_seconds: f64,
    /// The most memory that it had in use, in bytes.
    pub peak_bytes: u64,
    /// The bytes that the run had the system write: files, requests and output.
    pub written_bytes: u64,
    /// The number of its calls to the cloud.
    pub calls: u64,
}

/// The interval at which a run is sampled.
///
/// The system keeps the peak of the memory itself, so only what grows within the last interval is
/// missed.
const LOOK: Duration = Duration::from_millis(1);

/// The clock ticks of Linux a second, in which it counts the time of processes.
const TICKS: f64 = 100.0;

/// Runs a command to its end.
///
/// Its exit code must be 0.
///
/// # Errors
/// If it cannot be started or ends with another code than 0.
pub fn run(
    program: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
    directory: &Path,
) -> anyhow::Result<Measurement> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    // Its output is read in parallel, so that it never waits for a full pipe.
    let said = child.stderr.take();
    let listener = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut said) = said {
            let _ = std::io::Read::read_to_string(&mut said, &mut text);
        }
        text
    });
    let mut measured = Measurement::default();
    // An ended child can still be examined until it is waited for.
    while !has_ended(&child) {
        measured.peak_bytes = peak(&child).unwrap_or(0).max(measured.peak_bytes);
        std::thread::sleep(LOOK);
    }
    measured.cpu_seconds = cpu(&child).unwrap_or(0.0);
    measured.written_bytes = written(&child).unwrap_or(0);
    let status = child.wait()?;
    measured.seconds = start.elapsed().as_secs_f64();
    let said = listener.join().unwrap_or_default();
    if !status.success() {
        bail!(
            "{} {} ended with {status}:\n{said}",
            program.display(),
            arguments.join(" ")
        );
    }
    Ok(measured)
}

/// Returns whether a child has ended.
///
/// Where the system does not report it, this waits for the child.
fn has_ended(child: &Child) -> bool {
    stat(child).is_none_or(|fields| fields.first().is_none_or(|state| state == "Z"))
}

/// Returns the fields of `/proc/PID/stat` after the name, which may hold spaces: the state first.
fn stat(child: &Child) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn cpu(child: &Child) -> Option<f64> {
    let fields = stat(child)?;
    // utime and stime, the 14th and 15th field of the whole line.
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

/// Reads `VmHWM`, which Linux keeps for each process.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

fn written(child: &Child) -> Option<u64> {
    let io = std::fs::read_to_string(format!("/proc/{}/io", child.id())).ok()?;
    io.lines()
        .find_map(|line| line.strip_prefix("wchar: ")?.parse().ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn shell(line: &str) -> anyhow::Result<Measurement> {
        let environment = [("WORD", "alas")];
        run(
            Path::new("/bin/sh"),
            &["-c", line],
            &environment,
            Path::new("/"),
        )
    }

    #[test]
    fn a_run_that_fails_says_what_it_said() {
        assert!(shell("true").is_ok());
        let error = shell("echo $WORD >&2; exit 3").unwrap_err();
        assert!(error.to_string().contains("alas"), "{error}");
    }

    #[test]
    fn what_a_run_took_and_wrote_is_counted() {
        let measured = shell("sleep 0.05; printf 0123456789").unwrap();
        assert!(measured.seconds >= 0.05, "{measured:?}");
        if cfg!(target_os = "linux") {
            assert!(measured.written_bytes >= 10, "{measured:?}");
            assert!(measured.peak_bytes > 0, "{measured:?}");
        }
    }
}
