//! Plans that are kept in files.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use eci_config::{Configuration, Variables};
use eci_planner::saved::SavedError;
use eci_planner::{Plan, SavedPlan, plan_with};
use eci_state::Snapshot;

use crate::context::Context;
use crate::failure::Failure;
use crate::signals::Signals;

/// Reads a plan that was kept.
pub(super) fn read(context: &Context, file: &Path) -> Result<SavedPlan, Failure> {
    let path = context.path(file)?;
    let text = fs::read(&path).map_err(|error| {
        Failure::new(
            format!("cannot read the plan {}: {error}", path.display()),
            "make one with `eci plan --out FILE`; the path is relative to the directory of the \
             manifests",
        )
    })?;
    SavedPlan::from_document(&text).map_err(|error| about(&path, error))
}

/// Keeps a plan, for nobody else to read.
pub(super) fn write(context: &Context, file: &Path, plan: &SavedPlan) -> Result<PathBuf, Failure> {
    let path = context.path(file)?;
    let text = plan.to_document().map_err(Failure::plain)?;
    let written = replace(&path, text.as_bytes());
    written.map_err(|error| {
        Failure::new(
            format!("cannot write the plan {}: {error}", path.display()),
            "name a file in a directory that can be written to",
        )
    })?;
    Ok(path)
}

/// A file is there whole or not at all, and what was there before does not lend it its
/// permissions.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = PathBuf::from(beside);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    let written = file
        .write_all(text)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What could not be finished is of no use; the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// The manifests as they are now, with the variables that a plan was made with. Those that are
/// sensitive are asked for again.
pub(super) async fn load(
    context: &Context,
    saved: &SavedPlan,
    (variables, signals): (&mut Variables, &mut Signals),
) -> Result<Configuration, Failure> {
    match saved.give_variables(variables) {
        Err(SavedError::NotKept { names }) if context.may_ask() => {
            context.ask_for_names(&names, variables, signals).await?;
            saved.give_variables(variables).map_err(Failure::plain)?;
        }
        given => given.map_err(Failure::plain)?,
    }
    context.load_with(variables)
}

/// The plan again, if nothing moved since it was kept.
pub(super) fn again(
    saved: &SavedPlan,
    (configuration, variables): (&Configuration, &Variables),
    snapshot: &Snapshot,
) -> Result<Plan, Failure> {
    saved.check_state(snapshot).map_err(Failure::plain)?;
    saved
        .check_inputs(configuration, variables, snapshot)
        .map_err(Failure::plain)?;
    let plan = plan_with(configuration, snapshot, &saved.observed(), &saved.options)?;
    saved.check_plan(&plan, snapshot).map_err(Failure::plain)?;
    Ok(plan)
}

/// An error about a file.
fn about(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::plain(anyhow::anyhow!("{}: {error}", path.display()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_plan_is_kept_for_nobody_else_to_read_also_over_an_older_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("web.eciplan");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
