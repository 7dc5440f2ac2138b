//! Tools of others, which read what the programs write.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::binaries;

/// The commands that install the tools, from the directory of the repository, as `.ci/run` does.
const INSTALL: &str = "python3 -m venv target/tools && \
    target/tools/bin/pip install -r tests/data/tools/requirements.txt";

/// A program of another project.
pub struct Tool {
    path: PathBuf,
}

/// The output of a tool and its exit status.
#[derive(Debug)]
pub struct ToolOutput {
    /// Its exit code.
    pub code: Option<i32>,
    /// Standard output and standard error.
    pub text: String,
}

impl Tool {
    /// Returns the tool of that name, from where `.ci/run` installs it or from `PATH`. Where it is
    /// not installed, a test has nothing to run: it says so, and fails where `CI` is set.
    ///
    /// # Panics
    ///
    /// If it is missing and the variable `CI` is set.
    pub fn find(name: &str) -> Option<Tool> {
        let installed = binaries::workspace().join("target/tools/bin").join(name);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let anywhere = std::env::split_paths(&path).map(|directory| directory.join(name));
        let found = std::iter::once(installed)
            .chain(anywhere)
            .find(|it| it.is_file());
        if let Some(path) = found {
            return Some(Tool { path });
        }
        let missing = format!("{name} is not installed; to install: {INSTALL}");
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        // Past what is captured of tests that succeed.
        let _ = writeln!(std::io::stderr(), "skipped: {missing}");
        None
    }

    /// Returns a command that starts it.
    pub fn command(&self) -> Command {
        Command::new(&self.path)
    }

    /// Runs it in a directory, with its own folder first in `PATH` and without colors.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn run(&self, directory: &Path, arguments: &[&str]) -> ToolOutput {
        let own_directory = self.path.parent().unwrap().to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(own_directory).chain(std::env::split_paths(&path));
        let Output {
            status,
            stdout,
            stderr,
        } = Command::new(&self.path)
            .args(arguments)
            .current_dir(directory)
            .env("PATH", std::env::join_paths(paths).unwrap())
            .env("NO_COLOR", "1")
            .env_remove("ECI_LANG")
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONIOENCODING", "utf-8")
            .output()
            .unwrap();
        let text = [stdout, stderr].concat();
        ToolOutput {
            code: status.code(),
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }
}
