//! The programs `eci-plan` and `eci-apply`: each is replaced by the `eci` in its directory.
//!
//! `eci` reads the name that it is called by, so an installation can also have links to it in
//! their place. Cargo cannot create links, so it builds these instead, which are small because
//! they use nothing of the library but its texts.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use eci_text::{Lang, Text, say, text};

/// Runs `eci` under the name of this program, with the same arguments.
///
/// On Unix the process becomes `eci`, so that signals, the terminal and the exit code are its own.
pub(crate) fn launch(name: &str) -> ExitCode {
    let failure = match eci(name) {
        Ok(eci) => match replace(&eci, name) {
            Ok(code) => return code,
            Err(error) => not_runnable(&eci, &error),
        },
        Err(failure) => failure,
    };
    // If it cannot be written, the exit code is the only report.
    let _ = io::stderr().write_all(failure.rendered(lang()).as_bytes());
    ExitCode::FAILURE
}

/// Returns the language of the user.
fn lang() -> Lang {
    let arguments: Vec<_> = env::args_os().collect();
    Lang::of_command_line(&arguments)
        .unwrap_or_else(|| Lang::of_environment(|name| env::var(name).ok()))
}

/// The reason why `eci` was not run.
struct Failure {
    message: Text,
    help: Option<Text>,
}

impl Failure {
    fn new(message: Text) -> Failure {
        Failure {
            message,
            help: None,
        }
    }

    fn rendered(&self, lang: Lang) -> String {
        let mut lines = say!(
            lang,
            en: "error: {message}\n",
            zh: "错误: {message}\n",
            message = self.message,
        );
        if let Some(help) = &self.help {
            lines += &say!(lang, en: "help: {help}\n", zh: "帮助: {help}\n", help = help);
        }
        lines
    }
}

fn not_runnable(program: &Path, error: &io::Error) -> Failure {
    Failure::new(text!(
        en: "failed to run `{program}`: {cause}",
        zh: "运行 `{program}` 失败：{cause}",
        program = program.display(),
        cause = error,
    ))
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
fn eci(name: &str) -> Result<PathBuf, Failure> {
    let own = env::current_exe().map_err(|error| {
        Failure::new(text!(
            en: "failed to determine the path of `{name}`: {cause}",
            zh: "确定 `{name}` 的路径失败：{cause}",
            name = name,
            cause = error,
        ))
    })?;
    let directory = own.parent().unwrap_or(Path::new("."));
    let eci = directory.join(format!("eci{}", env::consts::EXE_SUFFIX));
    if let Some(build) = Build::running_in(directory) {
        build.bring_up_to_date(&own, &eci)?;
    }
    if eci.is_file() {
        return Ok(eci);
    }
    Err(Failure {
        message: text!(
            en: "`{name}` runs the program `eci`, which was not found in `{directory}`",
            zh: "`{name}` 需要运行程序 `eci`，但在 `{directory}` 中未找到该程序",
            name = name,
            directory = directory.display(),
        ),
        help: Some(text!(
            en: "build both with `cargo build --package eci-cli --bins`, or install both with \
                 `cargo install --path crates/eci-cli`",
            zh: "使用 `cargo build --package eci-cli --bins` 同时构建，或使用 \
                 `cargo install --path crates/eci-cli` 同时安装",
        )),
    })
}

/// The `cargo run` that has started this program.
///
/// Cargo builds only the binary that it is to run. Without this, `cargo run --bin eci-apply`
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

    fn bring_up_to_date(&self, own: &Path, eci: &Path) -> Result<(), Failure> {
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
            Ok(_) => Err(Failure::new(text!(
                en: "cargo failed to build the program `eci`",
                zh: "cargo 构建程序 `eci` 失败",
            ))),
            Err(error) => Err(not_runnable(&self.cargo, &error)),
        }
    }
}

/// Returns whether cargo marked a directory as a target directory.
fn is_target(directory: &Path) -> bool {
    ["CACHEDIR.TAG", ".rustc_info.json"]
        .iter()
        .any(|file| directory.join(file).exists())
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
