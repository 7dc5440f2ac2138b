//! Saved plans.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use eci_config::{Configuration, Variables};
use eci_core::regular::{self, LARGEST_STATE};
use eci_format::FileKind;
use eci_planner::SavedPlan;
use eci_planner::saved::SavedError;
use eci_state::atomic_file;
use eci_text::{Text, text};

use crate::context::{Context, in_shell};
use crate::error::CommandError;
use crate::signals::Signals;
use crate::usage;

/// Reads a saved plan.
pub(super) fn read(context: &Context, file: &Path) -> Result<SavedPlan, CommandError> {
    let path = context.path(file)?;
    if let Some(error) = not_a_plan(&path, file) {
        // The hint names the cloud of the state.
        context.snapshot_on_disk();
        return Err(error);
    }
    let named = file.to_str().filter(|name| usage::is_command(name));
    let file = regular::open(&path, LARGEST_STATE).map_err(|error| {
        context.snapshot_on_disk();
        let help = match named {
            Some(command) => text!(
                en: "to run that command, use `eci {command}`",
                zh: "如需执行该命令，使用 `eci {command}`",
                command = command,
            ),
            None => text!(
                en: "create one with `eci plan --out FILE`; the path is relative to the \
                     configuration directory",
                zh: "使用 `eci plan --out FILE` 创建，路径相对于配置目录",
            ),
        };
        CommandError::new(
            text!(
                en: "failed to read the plan `{path}`: {cause}",
                zh: "读取计划 `{path}` 失败：{cause}",
                path = path.display(),
                cause = error,
            ),
            help,
        )
    })?;
    SavedPlan::from_file(file).map_err(|error| {
        let message = text!(
            en: "{path}: {error}",
            zh: "{path}：{error}",
            path = path.display(),
            error = error
        );
        CommandError::new(message, error.help())
    })
}

/// Returns the error for a directory, a manifest or a variable file in the place of a saved plan.
fn not_a_plan(path: &Path, file: &Path) -> Option<CommandError> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let message = |kind: Text| {
        text!(
            en: "`{path}` is not a saved plan: it is {kind}",
            zh: "`{path}` 不是已保存的计划，而是{kind}",
            path = path.display(),
            kind = kind,
        )
    };
    let in_directory = |written: &Path, directory: &Path| {
        if written == Path::new("") || written == Path::new(".") {
            return text!(
                en: "use `eci apply` to apply all manifests of the directory",
                zh: "使用 `eci apply` 应用该目录中的全部清单",
            );
        }
        text!(
            en: "use `eci apply -C {directory}` to apply all manifests of the directory",
            zh: "使用 `eci apply -C {directory}` 应用该目录中的全部清单",
            directory = in_shell(directory),
        )
    };
    if path.is_dir() {
        let kind = text!(en: "a directory", zh: "目录");
        return Some(CommandError::new(message(kind), in_directory(file, path)));
    }
    match FileKind::of(&name)? {
        FileKind::Manifest => {
            let kind = text!(en: "a manifest", zh: "清单");
            let help = in_directory(file.parent()?, path.parent()?);
            Some(CommandError::new(message(kind), help))
        }
        FileKind::Variables => {
            let kind = text!(en: "a variable file", zh: "变量值文件");
            let help = text!(
                en: "use `eci apply --var-file {file}`",
                zh: "使用 `eci apply --var-file {file}`",
                file = in_shell(file),
            );
            Some(CommandError::new(message(kind), help))
        }
    }
}

/// Refuses a file in which a plan cannot be saved, before the plan is created: another file of that
/// name is kept, and a plan with the name of a manifest would be read as one.
pub(super) fn can_be_saved(context: &Context, file: &Path) -> Result<(), CommandError> {
    let path = context.path(file)?;
    atomic_file::check_writable(&path).map_err(|error| unwritable(&path, &error))?;
    let is_manifest = FileKind::of(&path.file_name().unwrap_or_default().to_string_lossy());
    let beginning = beginning(&path).map_err(|error| unwritable(&path, &error))?;
    let may_go = beginning.is_empty() || SavedPlan::begins(&beginning);
    if is_manifest.is_some() || !may_go {
        return Err(CommandError::new(
            text!(
                en: "cannot overwrite `{path}`: not a saved plan",
                zh: "无法覆盖 `{path}`：不是已保存的计划",
                path = path.display(),
            ),
            text!(
                en: "use `--out` with a new file, for example `web.eciplan`, or with an earlier plan",
                zh: "为 `--out` 指定新文件（例如 `web.eciplan`）或先前的计划",
            ),
        ));
    }
    Ok(())
}

/// Reads the beginning of a file; nothing where there is none.
fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut beginning = Vec::new();
    match regular::open(path, u64::MAX) {
        Ok(file) => file
            .take(SavedPlan::BEGINNING)
            .read_to_end(&mut beginning)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    Ok(beginning)
}

/// Saves a plan in a file that only its owner can read.
pub(super) fn write(
    context: &Context,
    file: &Path,
    plan: &SavedPlan,
) -> Result<PathBuf, CommandError> {
    let path = context.path(file)?;
    let text = plan.to_document()?;
    let written = atomic_file::replace_private(&path, text.as_bytes());
    written.map_err(|error| unwritable(&path, &error))?;
    Ok(path)
}

/// Returns the path of a file without `..` where it is below the current directory.
pub(super) fn shown(path: &Path) -> Cow<'_, Path> {
    let inner = || {
        // What `..` leads to depends on links.
        let here = fs::canonicalize(std::env::current_dir().ok()?).ok()?;
        let resolved = fs::canonicalize(path).ok()?;
        resolved.strip_prefix(here).ok().map(Path::to_owned)
    };
    let is_indirect = path.components().any(|part| part == Component::ParentDir);
    let inner = if is_indirect { inner() } else { None };
    inner.map_or(Cow::Borrowed(path), Cow::Owned)
}

fn unwritable(path: &Path, error: &io::Error) -> CommandError {
    CommandError::new(
        text!(
            en: "failed to write the plan `{path}`: {cause}",
            zh: "写入计划 `{path}` 失败：{cause}",
            path = path.display(),
            cause = error,
        ),
        text!(
            en: "select a file in a writable directory",
            zh: "指定可写目录中的文件",
        ),
    )
}

/// Loads the present manifests with the variables that a plan was created with.
///
/// Those that are sensitive are requested again.
pub(super) async fn load(
    context: &Context,
    saved: &SavedPlan,
    variables: &mut Variables,
    signals: &mut Signals,
) -> Result<Configuration, CommandError> {
    match saved.give_variables(variables) {
        Err(SavedError::MissingVariables { names }) if context.may_ask() => {
            context.ask_for_names(&names, variables, signals).await?;
            saved.give_variables(variables)?;
        }
        given => given?,
    }
    context.load_with(variables)
}
