//! `eci state pull` and `eci state push`

use std::io::Read as _;
use std::path::Path;

use eci_core::regular::{self, LARGEST_STATE};
use eci_state::{Snapshot, StateError, Store as _};

use super::change::open_in;
use crate::arguments::PushArgs;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::exactly;

/// Writes the state as one document.
pub(super) fn pull(context: &Context) -> Result<ExitStatus, CommandError> {
    let snapshot = context.existing_state()?;
    context.tell_of_others(&context.state_directory()?, &snapshot)?;
    // Its checksum is that of its text.
    exactly(&snapshot.to_document()?)?;
    Ok(ExitStatus::Done)
}

/// Puts a document in the place of the state.
pub(super) async fn push(context: &Context, asked: &PushArgs) -> Result<ExitStatus, CommandError> {
    let pushed = read(context, &asked.file)?;
    let directory = context.state_directory()?;
    let mut store = open_in(context, &directory, asked.lock.timeout).await?;
    if !store.is_new() {
        let current = store.snapshot();
        if *current == pushed {
            context.note("The state is the same already.");
            return Ok(ExitStatus::Done);
        }
        if !asked.force {
            admit(current, &pushed)?;
        }
    }
    store.replace(pushed)?;
    context.note(&format!(
        "The state in {} now has serial {}.",
        directory.display(),
        store.snapshot().serial
    ));
    Ok(ExitStatus::Done)
}

fn read(context: &Context, file: &Path) -> Result<Snapshot, CommandError> {
    let path = match file.as_os_str() == "-" {
        true => "standard input".into(),
        false => context.path(file)?,
    };
    let unreadable = |error| {
        CommandError::new(
            format!("cannot read {}: {error}", path.display()),
            "name a file that `eci state pull` wrote, or `-` for standard input",
        )
    };
    let not_one = |problem: String| {
        CommandError::new(
            format!("{} is not a state: {problem}", path.display()),
            "give a document as `eci state pull` writes it",
        )
    };
    let snapshot = match file.as_os_str() == "-" {
        true => {
            let mut text = Vec::new();
            let mut input = std::io::stdin().lock().take(LARGEST_STATE);
            input.read_to_end(&mut text).map_err(unreadable)?;
            Snapshot::from_document(&text, &path)
        }
        false => {
            let file = regular::open(&path, LARGEST_STATE).map_err(unreadable)?;
            Snapshot::from_file(file, &path)
        }
    };
    let snapshot = snapshot.map_err(|error| match error {
        StateError::Damaged { damage, .. } => not_one(damage.to_string()),
        error => error.into(),
    })?;
    snapshot
        .check()
        .map_err(|error| not_one(error.to_string()))?;
    Ok(snapshot)
}

/// Whether one state may take the place of another without being forced to.
fn admit(current: &Snapshot, pushed: &Snapshot) -> Result<(), CommandError> {
    const FORCE: &str = "the state here is kept as a backup if you give --force";
    if pushed.lineage != current.lineage {
        return Err(CommandError::new(
            format!(
                "the document is of another state: its lineage is {}, and that of the state \
                 here is {}",
                pushed.lineage, current.lineage
            ),
            format!("name the directory it belongs to with -C or --state; {FORCE}"),
        ));
    }
    if pushed.serial < current.serial {
        return Err(CommandError::new(
            format!(
                "the document is older than the state here: its serial is {}, and the state is \
                 at {}",
                pushed.serial, current.serial
            ),
            format!("pull the state again and change that; {FORCE}"),
        ));
    }
    let lost = current
        .open_intents
        .iter()
        .find(|open| !pushed.open_intents.contains(open));
    if let Some(open) = lost {
        return Err(CommandError::new(
            format!(
                "an earlier run was interrupted while it worked on {}, and the document does not \
                 know of it",
                open.address
            ),
            format!("run `eci apply` or `eci refresh` first to recover it; {FORCE}"),
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
    fn calls_whose_end_is_not_known_are_not_forgotten() {
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
