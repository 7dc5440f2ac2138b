//! `eci state history`, `eci state diff` and `eci state restore`

use eci_core::Serial;
use eci_engine::Backend;
use eci_render::history::{self, Versions};
use eci_state::{Snapshot, Store as _};
use eci_text::{Verbatim, text};

use super::change::existing;
use super::dropped::{dropped, mark_lost, note_dropped, written};
use super::transfer::check_pending;
use crate::arguments::{Format, RestoreArgs, StateDiffArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{document, print_stdout};

/// Lists the versions of the state.
pub(super) fn history(context: &Context, format: Format) -> Result<ExitStatus, CommandError> {
    context.existing_state()?;
    let versions = context.state_location()?.history()?;
    match format {
        Format::Text => print_stdout(&history::text(&versions, context.out))?,
        Format::Json => document(&history::json(&versions))?,
    }
    for version in &versions {
        if let Some(damage) = &version.damage {
            context.note(&text!(
                en: "warning: the author and the time of serial {serial} are lost: {damage}\nhelp: restore the object \
                     from a backup of the store; the state itself is not affected",
                zh: "警告: 序列号 {serial} 的作者和时间已丢失：{damage}\n帮助: 从存储的备份还原该对象；状态本身不受影响",
                serial = Verbatim(version.serial),
                damage = damage,
            ));
        }
    }
    Ok(ExitStatus::Done)
}

/// Shows the differences between two versions.
pub(super) fn diff(context: &Context, args: &StateDiffArgs) -> Result<ExitStatus, CommandError> {
    let current = context.existing_state()?;
    let state = context.state_location()?;
    let before = version(&state, args.before)?;
    let after = match args.after {
        Some(serial) => version(&state, serial)?,
        None => current,
    };
    let versions = Versions {
        before: &before,
        after: &after,
    };
    match args.format {
        Format::Text => print_stdout(&history::diff_text(versions, context.out))?,
        Format::Json => document(&history::diff_json(versions))?,
    }
    Ok(ExitStatus::Done)
}

/// Returns the version with this serial, which must be kept.
pub(super) fn version(state: &Backend, serial: u64) -> Result<Snapshot, CommandError> {
    let serial = Serial(serial);
    state.version(serial)?.ok_or_else(|| {
        CommandError::new(
            history::unknown_serial(serial, &state.location()),
            text!(
                en: "run `eci state history` to list the serials",
                zh: "执行 `eci state history` 列出序列号",
            ),
        )
    })
}

/// Puts an earlier version in the place of the state, under the next serial.
pub(super) async fn restore(
    context: &Context,
    args: &RestoreArgs,
) -> Result<ExitStatus, CommandError> {
    let state = existing(context)?;
    let mut store = context.open_for_change(&state, args.lock.timeout).await?;
    let mut restored = version(&state, args.serial)?;
    let current = store.snapshot();
    if restored == *current {
        context.note(&text!(
            en: "No changes. The state is at serial {serial}.",
            zh: "无变更。状态的序列号为 {serial}。",
            serial = Verbatim(current.serial),
        ));
        return Ok(ExitStatus::Done);
    }
    if !args.force {
        check_pending(current, &restored)?;
    }
    let dropped = dropped(current, &restored);
    if !dropped.is_empty() {
        let since = written(&state, &restored)?;
        mark_lost(&mut restored, &dropped, since);
    }
    note_dropped(context, &dropped);
    store.replace(restored)?;
    let serial = store.snapshot().serial;
    store.close()?;
    context.note(&text!(
        en: "Restored the state of serial {earlier} as serial {serial}. Run `eci plan` to compare it with the cloud.",
        zh: "已将序列号 {earlier} 的状态还原为序列号 {serial}。执行 `eci plan` 将其与云端对比。",
        earlier = Verbatim(args.serial),
        serial = Verbatim(serial),
    ));
    Ok(ExitStatus::Done)
}
