//! The programs under test.
//!
//! They belong to another package, so that cargo does not report their paths: they are next to the
//! tests in the target folder. Where one is missing or older than one of its sources, cargo is
//! called once to build them, for the same target folder and profile.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;
use std::{env, fs};

const PROGRAMS: [&str; 3] = ["eci", "eci-plan", "eci-apply"];

/// `eci` with failpoints at which it can be killed.
pub const FAILPOINTS: &str = "eci-failpoints";

/// Returns the path of a program, up to date.
///
/// # Panics
///
/// If the program does not exist or the build fails.
pub fn program(name: &str) -> PathBuf {
    static DELIVERED: OnceLock<PathBuf> = OnceLock::new();
    static FOR_CRASH_TESTS: OnceLock<PathBuf> = OnceLock::new();
    let directory = match name {
        FAILPOINTS => {
            FOR_CRASH_TESTS.get_or_init(|| up_to_date(&[FAILPOINTS], &["--features", "failpoints"]))
        }
        _ => DELIVERED.get_or_init(|| up_to_date(&PROGRAMS, &[])),
    };
    let known = name == FAILPOINTS || PROGRAMS.contains(&name);
    assert!(known, "unknown program {name}");
    directory.join(file_name(name))
}

/// Returns a command of a program under test, which speaks English whatever the locale of the
/// machine.
///
/// # Panics
///
/// As [`program`].
pub fn command(name: &str) -> Command {
    let mut command = Command::new(program(name));
    command.env_remove("ECI_LANG").env("LC_ALL", "C");
    command
}

/// Returns the workspace that the programs are built from.
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package is a folder of the workspace")
}

fn file_name(program: &str) -> String {
    format!("{program}{}", env::consts::EXE_SUFFIX)
}

fn up_to_date(programs: &[&str], flags: &[&str]) -> PathBuf {
    let test = env::current_exe().unwrap();
    // target/PROFILE/deps/TEST, or target/TRIPLE/PROFILE/deps/TEST; a program of this package is in
    // the folder of the profile itself
    let executables = test.parent().unwrap();
    let directory = if executables.ends_with("deps") {
        executables.parent().unwrap().to_owned()
    } else {
        executables.to_owned()
    };
    if programs.iter().any(|program| is_stale(&directory, program)) {
        build(&directory, programs, flags);
    }
    for program in programs {
        let path = directory.join(file_name(program));
        assert!(path.exists(), "{} does not exist", path.display());
    }
    directory
}

/// Returns whether a program is missing or older than one of its sources.
fn is_stale(directory: &Path, program: &str) -> bool {
    let Some(built) = modified(&directory.join(file_name(program))) else {
        return true;
    };
    let Ok(sources) = fs::read_to_string(directory.join(format!("{program}.d"))) else {
        return true;
    };
    let manifests = ["Cargo.toml", "Cargo.lock"].map(|file| workspace().join(file));
    listed(&sources)
        .chain(manifests)
        .any(|source| modified(&source).is_none_or(|changed| changed > built))
}

/// Returns the sources that cargo lists in the manner of make: `program: a b\ c`.
fn listed(sources: &str) -> impl Iterator<Item = PathBuf> {
    const SPACE: char = '\0';
    let line = sources.lines().next().unwrap_or_default();
    let (_, sources) = line.split_once(": ").unwrap_or_default();
    let sources: Vec<PathBuf> = sources
        .replace("\\ ", &SPACE.to_string())
        .split(' ')
        .filter(|source| !source.is_empty())
        .map(|source| PathBuf::from(source.replace(SPACE, " ")))
        .collect();
    sources.into_iter()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

fn build(directory: &Path, programs: &[&str], flags: &[&str]) {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let profile = match name(directory).as_str() {
        "debug" => "dev".to_owned(),
        other => other.to_owned(),
    };
    let above = directory.parent().unwrap();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "--package", "eci-cli"])
        .args(programs.iter().flat_map(|program| ["--bin", program]))
        .args(flags)
        .args(["--profile", &profile])
        .arg("--manifest-path")
        .arg(workspace().join("Cargo.toml"));
    // Between the target folder and the profile may be a triple. Cargo marks a target folder that
    // it created itself as a cache, and keeps what it knows about the compiler in every one.
    let is_target = ["CACHEDIR.TAG", ".rustc_info.json"]
        .iter()
        .any(|file| above.join(file).exists());
    if is_target {
        cargo.arg("--target-dir").arg(above);
    } else {
        cargo.arg("--target").arg(name(above));
        cargo.arg("--target-dir").arg(above.parent().unwrap());
    }
    let done = cargo.output().unwrap();
    assert!(
        done.status.success(),
        "the programs do not build ({cargo:?}):\n{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_with_spaces_in_their_names_are_listed_whole() {
        let sources: Vec<PathBuf> = listed("/t/eci: /a/b.rs /c\\ d/e.rs\n\n/a/b.rs:\n").collect();
        assert_eq!(
            sources,
            [PathBuf::from("/a/b.rs"), PathBuf::from("/c d/e.rs")]
        );
    }
}
