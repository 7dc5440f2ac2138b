//! `eci force-unlock`
//!
//! The lock is the operating system's: it ends with the process that holds it, and nothing else
//! can end it. So what a run that died leaves behind is only its name, and a lock that is held
//! has somebody who can be asked to end.

use eci_core::truncate;
use std::path::Path;

use eci_state::{Holder, HolderStatus, LocalStore};

use crate::arguments::ForceUnlockArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;

/// Says whose a lock is, and takes off the name of a run that has ended.
pub(crate) fn force_unlock(
    context: &Context,
    asked: &ForceUnlockArgs,
) -> Result<ExitStatus, CommandError> {
    let directory = context.state_directory()?;
    if let Some(holder) = LocalStore::holder(&directory)? {
        return Err(held(&holder, &asked.id));
    }
    let Some(left) = LocalStore::stale_holder(&directory)? else {
        return Err(not_locked(&directory));
    };
    if left.id != asked.id {
        return Err(another(&left, "was"));
    }
    LocalStore::break_lock(
        &directory,
        &Holder::current_process(context.command_line.clone()),
    )?;
    context.note(&format!(
        "The lock was that of {left}. That run has ended, and its lock with it: only the name was left, \
         and is taken off. The next `eci apply` settles what it was doing."
    ));
    Ok(ExitStatus::Done)
}

fn not_locked(directory: &Path) -> CommandError {
    CommandError::new(
        format!("the state in `{}` is not locked", directory.display()),
        "nothing needs to be unlocked",
    )
}

fn another(holder: &Holder, verb: &str) -> CommandError {
    CommandError::new(
        format!("the lock is another one: it {verb} that of {holder}"),
        format!(
            "give its own id, `eci force-unlock {}`, if that is the run you mean",
            truncate(&holder.id)
        ),
    )
}

fn held(holder: &Holder, id: &str) -> CommandError {
    if holder.id != id {
        return another(holder, "is");
    }
    let process = holder.process;
    let help = match holder.status() {
        HolderStatus::Runs => format!(
            "let it end what is under way with `kill {process}`, or end it at once with `kill -9 \
             {process}`: its lock ends with it, and the next run finds out what it made"
        ),
        HolderStatus::Ended => {
            "that process has ended; end what it started, or the run on another \
                            machine that has the lock now"
                .to_owned()
        }
        _ => format!(
            "end process {process} on {}: its lock ends with it, and the next run finds out what \
             it made",
            truncate(&holder.host)
        ),
    };
    CommandError::new(
        format!(
            "the lock cannot be broken: {holder}, holds it, and only the end of that run ends it"
        ),
        help,
    )
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
        let told = message(held(&holder, &holder.id));
        assert!(told.contains("`eci apply`, process "), "{told}");
        holder.host = "build-7".to_owned();
        let told = message(held(&holder, &holder.id));
        assert!(told.contains("on build-7: its lock ends with it"), "{told}");
        let told = message(held(&holder, "other"));
        assert!(told.contains(&format!("`eci force-unlock {}`", holder.id)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_holder_that_has_ended_is_told_from_one_that_runs() {
        let mut holder = Holder::current_process("eci apply");
        let running = message(held(&holder, &holder.id));
        assert!(running.contains(&format!("`kill {}`", holder.process)));
        holder.process = u32::MAX;
        let ended = message(held(&holder, &holder.id));
        assert!(ended.contains("that process has ended"), "{ended}");
    }
}
