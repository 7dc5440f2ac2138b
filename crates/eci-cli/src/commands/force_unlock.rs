//! `eci force-unlock`
//!
//! In a directory, the lock is the operating system's: it ends with the process that holds it, and nothing
//! else can end it. So what a run that died leaves behind is only its name, and a lock that is held
//! has a holder that can be ended. In a shared store, a lock ends with this command.

use eci_core::truncate;
use eci_engine::Backend;
use eci_state::{Holder, HolderStatus};
use eci_text::{Text, Verbatim, text};

use crate::arguments::ForceUnlockArgs;
use crate::context::{Context, run_of};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::print_stdout;

/// Shows the lock holder, and removes a stale lock.
pub(crate) fn force_unlock(
    context: &Context,
    args: &ForceUnlockArgs,
) -> Result<ExitStatus, CommandError> {
    let state = context.place_to_unlock()?;
    let by = Holder::current_process(context.command_line.clone());
    let lock = Lock::of(&state, &by)?;
    let Some(id) = &args.id else {
        return show(context, &state, lock.as_ref());
    };
    let left = match lock.ok_or_else(|| not_locked(&state))? {
        lock if lock.holder.id != *id => return Err(another(&lock.holder)),
        lock if lock.is_held => return Err(held(&lock.holder)),
        lock => lock.holder,
    };
    state.break_lock(&left, &by)?;
    context.note(&if state.directory().is_some() || left.status() == HolderStatus::Ended {
        text!(
            en: "Removed the stale lock of {run}. The next `eci apply` recovers its pending operations.",
            zh: "已解除 {run}的残留锁。下次 `eci apply` 将恢复其未完成的操作。",
            run = run_of(&left),
        )
    } else if matches!(*state, Backend::Http(_)) {
        // Not every server refuses what a run writes without the lock.
        text!(
            en: "Removed the lock of {run}. If it is still running, end it before the next run: not every server \
                 refuses what it writes. The next `eci apply` recovers its pending operations.",
            zh: "已解除 {run}的锁。如果该运行仍在进行，先将其结束再开始下一次运行：并非所有服务器都会拒绝其写入。下次 `eci apply` 将恢复其未完成的操作。",
            run = run_of(&left),
        )
    } else {
        text!(
            en: "Removed the lock of {run}. If it is still running, it stops before its next call. The next \
                 `eci apply` recovers its pending operations.",
            zh: "已解除 {run}的锁。如果该运行仍在进行，它会在下一次调用之前停止。下次 `eci apply` 将恢复其未完成的操作。",
            run = run_of(&left),
        )
    });
    Ok(ExitStatus::Done)
}

/// The lock of a state.
struct Lock {
    holder: Holder,
    /// Whether only the end of the holder ends the lock.
    is_held: bool,
}

impl Lock {
    /// Returns the lock of a state, if there is one.
    fn of(state: &Backend, by: &Holder) -> Result<Option<Lock>, CommandError> {
        let lock = match state.lock_holder(by)? {
            Some(holder) => {
                // Nothing but this command ends a lock in a shared store. A run on this machine can be stopped.
                let is_held = state.directory().is_some() || holder.status() == HolderStatus::Runs;
                Some(Lock { holder, is_held })
            }
            None => state.stale_holder()?.map(|holder| Lock {
                holder,
                is_held: false,
            }),
        };
        Ok(lock)
    }
}

/// Shows the lock of a state and how to end it.
fn show(
    context: &Context,
    state: &Backend,
    lock: Option<&Lock>,
) -> Result<ExitStatus, CommandError> {
    let lang = context.lang();
    let path = state.location();
    let Some(Lock { holder, is_held }) = lock else {
        let text = text!(
            en: "The state in `{path}` is not locked.\n",
            zh: "`{path}` 中的状态未锁定。\n",
            path = path,
        );
        print_stdout(text.get(lang))?;
        return Ok(ExitStatus::Done);
    };
    let has_ended = holder.status() == HolderStatus::Ended;
    let text = if has_ended {
        text!(
            en: "The state in `{path}` is locked by {run}. That process has ended.\n",
            zh: "`{path}` 中的状态已被 {run}锁定，该进程已结束。\n",
            path = path,
            run = run_of(holder),
        )
    } else {
        text!(
            en: "The state in `{path}` is locked by {run}.\n",
            zh: "`{path}` 中的状态已被 {run}锁定。\n",
            path = path,
            run = run_of(holder),
        )
    };
    print_stdout(&context.out.folded(text.get(lang)))?;
    let help = if *is_held {
        help_about_a_held_lock(holder)
    } else if has_ended {
        text!(
            en: "run `eci force-unlock {id}` to remove the lock",
            zh: "执行 `eci force-unlock {id}` 解除锁",
            id = Verbatim(truncate(&holder.id)),
        )
    } else {
        text!(
            en: "if it is certain that the run has ended, run `eci force-unlock {id}` to remove the lock",
            zh: "如果确定该运行已结束，执行 `eci force-unlock {id}` 解除锁",
            id = Verbatim(truncate(&holder.id)),
        )
    };
    context.note(&text!(en: "help: {help}", zh: "帮助: {help}", help = help));
    Ok(ExitStatus::Done)
}

fn not_locked(state: &Backend) -> CommandError {
    CommandError::new(
        text!(
            en: "the state in `{path}` is not locked",
            zh: "`{path}` 中的状态未锁定",
            path = state.location(),
        ),
        text!(en: "no action is required", zh: "无需任何操作"),
    )
}

fn another(holder: &Holder) -> CommandError {
    CommandError::new(
        text!(
            en: "the lock ID does not match: the lock is that of {run}",
            zh: "锁 ID 不匹配：该锁属于 {run}",
            run = run_of(holder),
        ),
        text!(
            en: "run `eci force-unlock {id}` if this is the run to unlock",
            zh: "如需解锁的正是该运行，执行 `eci force-unlock {id}`",
            id = Verbatim(truncate(&holder.id)),
        ),
    )
}

fn held(holder: &Holder) -> CommandError {
    CommandError::new(
        text!(
            en: "cannot remove the lock: {run} is running",
            zh: "无法解除锁：{run}正在运行",
            run = run_of(holder),
        ),
        help_about_a_held_lock(holder),
    )
}

/// Returns how to end a lock that ends with its holder.
fn help_about_a_held_lock(holder: &Holder) -> Text {
    let process = holder.process;
    match holder.status() {
        HolderStatus::Runs => text!(
            en: "stop the run after its operations in progress with `kill {process}`, or immediately \
                 with `kill -9 {process}`; this releases the lock, and the next run recovers pending \
                 operations",
            zh: "使用 `kill {process}` 在进行中的操作完成后停止该运行，或使用 `kill -9 {process}` 立即停止；\
                 锁会随之释放，未完成的操作由下次运行恢复",
            process = process,
        ),
        HolderStatus::Ended => text!(
            en: "that process has ended; stop the processes that it started, or the run on another \
                 machine that has the lock now",
            zh: "该进程已结束；停止由其启动的进程，或停止当前持有锁的其他机器上的运行",
        ),
        _ => text!(
            en: "stop process {process} on {host}; this releases the lock, and the next run recovers \
                 pending operations",
            zh: "停止 {host} 上的进程 {process}；锁会随之释放，未完成的操作由下次运行恢复",
            process = process,
            host = Verbatim(truncate(&holder.host)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(failure: CommandError) -> String {
        match failure {
            CommandError::Error { error, help } => format!("{error}; {}", help.unwrap_or_default()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_lock_that_is_held_names_who_must_end() {
        let mut holder = Holder::current_process("eci apply");
        let text = message(held(&holder));
        assert!(text.contains("`eci apply` (process "), "{text}");
        holder.host = "build-7".to_owned();
        let text = message(held(&holder));
        assert!(
            text.contains("on build-7; this releases the lock"),
            "{text}"
        );
        let text = message(another(&holder));
        assert!(text.contains(&format!("`eci force-unlock {}`", holder.id)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn ended_holders_are_distinguished_from_running_ones() {
        let mut holder = Holder::current_process("eci apply");
        let running = message(held(&holder));
        assert!(running.contains(&format!("`kill {}`", holder.process)));
        holder.process = u32::MAX;
        let ended = message(held(&holder));
        assert!(ended.contains("that process has ended"), "{ended}");
    }
}
