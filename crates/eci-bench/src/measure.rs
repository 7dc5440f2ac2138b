//! One run of the program: its time and its peak memory.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Serialize;

/// What one run took.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Measured {
    /// From start to end, in seconds.
    pub seconds: f64,
    /// The most memory that it had in use, in bytes; 0 where the system does not tell.
    pub peak_bytes: u64,
}

/// How often the memory of a run is looked at. The system keeps the peak itself, so only what
/// grows within the last look is missed.
const LOOK: Duration = Duration::from_millis(2);

/// Runs a command to its end.
///
/// # Errors
/// If it cannot be started or ends with another code than 0.
pub fn run(
    program: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> anyhow::Result<Measured> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    // What it says is read beside, so that it never waits for a full pipe.
    let said = child.stderr.take();
    let listener = std::thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut said) = said {
            let _ = std::io::Read::read_to_string(&mut said, &mut text);
        }
        text
    });
    let mut peak_bytes = 0;
    let status = loop {
        peak_bytes = peak(&child).unwrap_or(0).max(peak_bytes);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(LOOK);
    };
    let seconds = start.elapsed().as_secs_f64();
    let said = listener.join().unwrap_or_default();
    if !status.success() {
        bail!(
            "{} {} ended with {status}:\n{said}",
            program.display(),
            arguments.join(" ")
        );
    }
    Ok(Measured {
        seconds,
        peak_bytes,
    })
}

/// `VmHWM`, which Linux keeps for each process.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_fails_says_what_it_said() {
        let shell = Path::new("/bin/sh");
        assert!(run(shell, &["-c", "true"], &[]).is_ok());
        let error = run(
            shell,
            &["-c", "echo $WORD >&2; exit 3"],
            &[("WORD", "alas")],
        )
        .unwrap_err();
        assert!(error.to_string().contains("alas"), "{error}");
    }
}
