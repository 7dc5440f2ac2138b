//! `eci state pull` and `eci state push`

use std::io::Read as _;
use std::path::Path;

use eci_core::regular::{self, LARGEST_STATE};
use eci_state::{Snapshot, StateError, Store as _};
use eci_text::{Text, Verbatim, text};

use super::dropped::{dropped, mark_lost, note_dropped, note_dropped_by_another, written};
use crate::arguments::PushArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::exactly;

/// Writes the state as one document.
pub(super) fn pull(context: &Context) -> Result<ExitStatus, CommandError> {
    let snapshot = context.existing_state()?;
    let state = context.state_location()?;
    context.note_other_runs(&state, &snapshot)?;
    // Its checksum is that of its text.
    exactly(&snapshot.to_document()?)?;
    Ok(ExitStatus::Done)
}

/// Puts a document in the place of the state.
pub(super) async fn push(context: &Context, args: &PushArgs) -> Result<ExitStatus, CommandError> {
    let mut pushed = read(context, &args.file)?;
    let state = context.reading(&mut Signals::listen()?, || context.state_location())?;
    let mut store = context.open_for_change(&state, args.lock.timeout).await?;
    if !store.is_new() {
        let current = store.snapshot();
        if *current == pushed {
            context.note(&text!(
                en: "No changes. The state is identical to the document.",
                zh: "无变更。状态与文档一致。",
            ));
            return Ok(ExitStatus::Done);
        }
        if !args.force {
            admit(current, &pushed)?;
        }
        let dropped = dropped(current, &pushed);
        if pushed.lineage != current.lineage {
            note_dropped_by_another(context, &dropped);
        } else {
            // A document that is newer than the state was changed on purpose.
            if args.force && !dropped.is_empty() {
                let since = written(&state, &pushed)?;
                mark_lost(&mut pushed, &dropped, since);
            }
            note_dropped(context, &dropped);
        }
    }
    store.replace(pushed)?;
    let serial = store.snapshot().serial;
    store.close()?;
    context.note(&text!(
        en: "Replaced the state in `{path}`, now at serial {serial}.",
        zh: "已替换 `{path}` 中的状态，当前序列号为 {serial}。",
        path = state.location(),
        serial = Verbatim(serial),
    ));
    Ok(ExitStatus::Done)
}

fn read(context: &Context, file: &Path) -> Result<Snapshot, CommandError> {
    let is_input = file.as_os_str() == "-";
    let path = if is_input {
        file.to_owned()
    } else {
        context.path(file)?
    };
    let unreadable = |error: std::io::Error| {
        CommandError::new(
            if is_input {
                text!(
                    en: "failed to read standard input: {cause}",
                    zh: "读取标准输入失败：{cause}",
                    cause = error,
                )
            } else {
                text!(
                    en: "failed to read `{path}`: {cause}",
                    zh: "读取 `{path}` 失败：{cause}",
                    path = path.display(),
                    cause = error,
                )
            },
            text!(
                en: "specify a file written by `eci state pull`, or `-` for standard input",
                zh: "指定由 `eci state pull` 输出的文件，或使用 `-` 表示标准输入",
            ),
        )
    };
    let not_one = |problem: Text| {
        CommandError::new(
            if is_input {
                text!(
                    en: "standard input is not a valid state: {problem}",
                    zh: "标准输入不是有效的状态：{problem}",
                    problem = problem,
                )
            } else {
                text!(
                    en: "`{path}` is not a valid state: {problem}",
                    zh: "`{path}` 不是有效的状态：{problem}",
                    path = path.display(),
                    problem = problem,
                )
            },
            text!(
                en: "specify a document written by `eci state pull`",
                zh: "指定由 `eci state pull` 输出的文档",
            ),
        )
    };
    let snapshot = if is_input {
        let mut text = Vec::new();
        let mut input = std::io::stdin().lock().take(LARGEST_STATE);
        input.read_to_end(&mut text).map_err(unreadable)?;
        Snapshot::from_document(&text, &path)
    } else {
        let file = regular::open(&path, LARGEST_STATE).map_err(unreadable)?;
        Snapshot::from_file(file, &path)
    };
    let snapshot = snapshot.map_err(|error| match error {
        StateError::Damaged { damage, .. } => not_one(Text::of(&damage)),
        error => error.into(),
    })?;
    snapshot
        .check()
        .map_err(|error| not_one(Text::of(&error)))?;
    Ok(snapshot)
}

/// Checks that one state may replace another without `--force`.
fn admit(current: &Snapshot, pushed: &Snapshot) -> Result<(), CommandError> {
    if pushed.lineage != current.lineage {
        return Err(CommandError::new(
            text!(
                en: "the document belongs to another state: its lineage is {pushed}, and the lineage of the \
                     current state is {current}",
                zh: "文档属于其他状态：其谱系 ID 为 {pushed}，当前状态的谱系 ID 为 {current}",
                pushed = Verbatim(&pushed.lineage),
                current = Verbatim(&current.lineage),
            ),
            text!(
                en: "use `-C` or `--state` to select the directory that it belongs to, or use `--force` to \
                     replace the current state, which is backed up",
                zh: "使用 `-C` 或 `--state` 指定其所属的目录，或使用 `--force` 替换当前状态，替换前会备份",
            ),
        ));
    }
    if pushed.serial < current.serial {
        return Err(CommandError::new(
            text!(
                en: "the document is older than the current state: its serial is {pushed}, and the state is \
                     at {current}",
                zh: "文档早于当前状态：其序列号为 {pushed}，当前状态的序列号为 {current}",
                pushed = Verbatim(pushed.serial),
                current = Verbatim(current.serial),
            ),
            text!(
                en: "pull the state again and change the new document, or use `--force` to replace the \
                     current state, which is backed up",
                zh: "重新拉取状态并修改新的文档，或使用 `--force` 替换当前状态，替换前会备份",
            ),
        ));
    }
    check_pending(current, pushed)
}

/// Refuses a snapshot that does not record all pending operations.
pub(super) fn check_pending(
    current: &Snapshot,
    replacement: &Snapshot,
) -> Result<(), CommandError> {
    let lost = current
        .open_intents
        .iter()
        .find(|open| !replacement.open_intents.contains(open));
    if let Some(open) = lost {
        return Err(CommandError::new(
            text!(
                en: "an earlier run was interrupted while changing {address}, and the replacement does not \
                     record it",
                zh: "先前的运行在变更 {address} 时中断，替换后的状态没有相应记录",
                address = Verbatim(&open.address),
            ),
            text!(
                en: "run `eci apply` or `eci refresh` first to recover it, or use `--force` to replace the \
                     current state, which is backed up",
                zh: "先执行 `eci apply` 或 `eci refresh` 进行恢复，或使用 `--force` 替换当前状态，替换前会备份",
            ),
        ));
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{Address, Kind, Lineage, Serial};
    use eci_state::{IntentId, IntentKind, Record};

    use super::*;

    fn at(serial: u64) -> Snapshot {
        let mut snapshot = Snapshot::new_random().unwrap();
        snapshot.lineage = Lineage::new("one");
        snapshot.serial = Serial(serial);
        snapshot
    }

    fn refusal(current: &Snapshot, pushed: &Snapshot) -> String {
        match admit(current, pushed).unwrap_err() {
            CommandError::Error { error, .. } => error.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn another_lineage_and_an_older_serial_are_refused() {
        assert!(admit(&at(5), &at(5)).is_ok());
        assert!(admit(&at(5), &at(8)).is_ok());
        let older = refusal(&at(5), &at(4));
        assert!(
            older.contains("its serial is 4, and the state is at 5"),
            "{older}"
        );
        let mut other = at(9);
        other.lineage = Lineage::new("other");
        assert!(refusal(&at(5), &other).contains("its lineage is other"));
    }

    #[test]
    fn pending_operations_are_not_removed() {
        let mut current = at(5);
        let intent = Record::Intent {
            intent: IntentId::new(1),
            address: Address::new(Kind::Eip, "web"),
            kind: IntentKind::Delete { id: "e".to_owned() },
            time: "2026-01-01T00:00:00Z".to_owned(),
            token: None,
        };
        current.apply(&intent).unwrap();
        assert!(refusal(&current, &at(6)).contains("eip.web"));
        let mut knows = current.clone();
        knows.serial = Serial(6);
        assert!(admit(&current, &knows).is_ok());
    }
}
