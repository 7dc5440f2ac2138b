//! The programs `eci-plan` and `eci-apply`: each is replaced by the `eci` in its directory.
//!
//! `eci` looks at the name that it is called by, so an installation can also have links to it in
//! their place. Cargo cannot create links, so it builds these instead, which are small because
//! they use nothing of the library.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

/// Runs `eci` under the name of this program, with the same arguments.
///
/// On Unix the process becomes `eci`, so that signals, the terminal and the exit code are its own.
pub(crate) fn launch(name: &str) -> ExitCode {
    let error = match eci(name) {
        Ok(eci) => match replace(&eci, name) {
            Ok(code) => return code,
            Err(error) => format!("cannot run {}: {error}", eci.display()),
        },
        Err(error) => error,
    };
    // If nobody can read it, the exit code is all there is.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::FAILURE
}

/// Replaces this process; returns only if that fails.
#[cfg(unix)]
fn replace(eci: &Path, name: &str) -> io::Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;

    let mut command = Command::new(eci);
    Err(command.arg0(name).args(env::args_os().skip(1)).exec())
}

/// Runs `eci` and waits for it, where a process cannot be replaced and a program cannot have
/// another name than its file.
#[cfg(not(unix))]
fn replace(eci: &Path, name: &str) -> io::Result<ExitCode> {
    let subcommand = name.trim_start_matches("eci-");
    let mut command = Command::new(eci);
    let status = command
        .arg(subcommand)
        .args(env::args_os().skip(1))
        .status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Returns the path of `eci`.
fn eci(name: &str) -> Result<PathBuf, String> {
    let own = env::current_exe().map_err(|error| format!("cannot find {name} itself: {error}"))?;
    let directory = own.parent().unwrap_or(Path::new("."));
    let eci = directory.join(format!("eci{}", env::consts::EXE_SUFFIX));
    if let Some(build) = Build::running_in(directory) {
        build.bring_up_to_date(&own, &eci)?;
    }
    if eci.is_file() {
        return Ok(eci);
    }
    Err(format!(
        "{name} runs the program eci, which is not in {}\n\
         help: build both with `cargo build --package eci-cli --bins`, or install both with \
         `cargo install --path crates/eci-cli`",
        directory.display()
    ))
}

/// The `cargo run` that has started this program.
///
/// Cargo builds only the binary that it is asked to run. Without this, `cargo run --bin eci-apply`
/// would find no `eci`, or one that is older than the sources.
struct Build {
    cargo: PathBuf,
    package: PathBuf,
    target: PathBuf,
    triple: Option<String>,
    profile: String,
}

impl Build {
    /// Returns the run, if cargo has started this program from its target directory.
    fn running_in(directory: &Path) -> Option<Build> {
        // Cargo sets these for what it runs, and never for an installed program of this package.
        if env::var_os("CARGO_PKG_NAME")? != env!("CARGO_PKG_NAME") {
            return None;
        }
        let name = |path: &Path| Some(path.file_name()?.to_str()?.to_owned());
        let profile = match name(directory)?.as_str() {
            "debug" => "dev".to_owned(),
            other => other.to_owned(),
        };
        // `target/PROFILE`, or `target/TRIPLE/PROFILE`.
        let above = directory.parent()?;
        let (target, triple) = if is_target(above) {
            (above, None)
        } else {
            (above.parent()?, Some(name(above)?))
        };
        is_target(target).then_some(Build {
            cargo: env::var_os("CARGO")?.into(),
            package: env::var_os("CARGO_MANIFEST_DIR")?.into(),
            target: target.to_owned(),
            triple,
            profile,
        })
    }

    fn bring_up_to_date(&self, own: &Path, eci: &Path) -> Result<(), String> {
        let mut cargo = Command::new(&self.cargo);
        cargo
            .args(["build", "--bin", "eci", "--profile", &self.profile])
            .arg("--manifest-path")
            .arg(self.package.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(&self.target)
            .stdin(Stdio::null());
        if let Some(triple) = &self.triple {
            cargo.args(["--target", triple]);
        }
        // Cargo describes the package to what it runs. Build scripts that read these variables would
        // run again, and everything that depends on them would be built again.
        for (variable, _) in env::vars_os() {
            let name = variable.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                cargo.env_remove(&variable);
            }
        }
        // The library is built before both, so that only linking is left to do, and mostly nothing.
        if modified(eci) >= modified(own) {
            cargo.arg("--quiet");
        }
        match cargo.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(_) => Err("cargo could not build the program eci".to_owned()),
            Err(error) => Err(format!("cannot run {}: {error}", self.cargo.display())),
        }
    }
}

/// Whether cargo marked a directory as a target directory.
fn is_target(directory: &Path) -> bool {
    ["CACHEDIR.TAG", ".rustc_info.json"]
        .iter()
        .any(|file| directory.join(file).exists())
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
