//! The migration of a state from one backend to another.
//!
//! The steps are: lock both, copy the state with a mark that it is unfinished, read the copy back, leave a note in
//! the old place, and remove the mark. A migration that dies at any instant is repeated.
//!
//! **Invariant:** at any instant, runs can use one of both places at most. They use the old one until the note is
//! written, and the new one once the mark is removed; the lock of a migration that died may expire in between.

use std::path::Path;

use eci_core::Serial;
use eci_state::{Record, RemoteError, Snapshot, StateError, Store as _, failpoint};

use crate::backend::Backend;
use crate::conversion;
use crate::location::normal_location;
use crate::migration_error::{Migration, MigrationError};
use crate::open_options::{LockWait, OpenOptions};
use crate::open_state::OpenState;
use crate::unfinished_migration::check_complete;

/// The backends of a migration.
#[derive(Clone, Copy, Debug)]
pub struct Places<'a> {
    /// The old place.
    pub from: &'a Backend,
    /// The new place.
    pub to: &'a Backend,
}

/// Moves a state.
///
/// May be repeated after it was interrupted, at any instant.
///
/// Blocks while other runs hold one of the locks, for `options.timeout` at most each.
///
/// # Errors
/// If the old place does not have a state, the new place has another one, or one of them cannot be read,
/// locked or written.
pub fn migrate(
    places: Places<'_>,
    options: &OpenOptions,
    mut waiting: impl FnMut(LockWait<'_>) + Send,
) -> Result<Migration, MigrationError> {
    let Places { from, to } = places;
    let address = to.permanent_location();
    if from.permanent_location() == address {
        return convert(places, options, waiting);
    }
    if let Some(migrated_to) = from.migrated_to()? {
        if migrated_to != address {
            return migrated_on(places, migrated_to);
        }
        return complete(places, options, waiting);
    }
    if from.existing()?.is_none() {
        return Err(MigrationError::NoState {
            location: from.location(),
        });
    }
    // A migration calls no cloud, so that its locks may expire.
    let options = OpenOptions {
        unattended: true,
        ..options.clone()
    };
    let mut source = from.open(options.clone(), &mut waiting)?;
    source.compact()?;
    failpoint::hit("migrate-source-locked");
    let was_migrated = to.migrated_to()?.is_some();
    let target = OpenOptions {
        accept_migrated: true,
        ..options
    };
    let mut target = to.open(target, &mut waiting)?;
    failpoint::hit("migrate-target-locked");
    if is_due(places, &source, &target, was_migrated)? {
        target.replace(Snapshot {
            migrating_from: Some(from.permanent_location()),
            ..source.snapshot().clone()
        })?;
        failpoint::hit("migrate-copied");
        if to.existing_or_copy()?.as_ref() != Some(target.snapshot()) {
            return Err(MigrationError::NotVerified {
                location: to.location(),
            });
        }
    }
    failpoint::hit("migrate-verified");
    let migration = Migration::of(target.snapshot());
    source.mark_migrated(address)?;
    failpoint::hit("migrate-noted");
    finish(target)?;
    Ok(migration)
}

/// Returns the migration of a state that was migrated on, from where the note in the old place refers to, to the new
/// place.
fn migrated_on(places: Places<'_>, migrated_to: String) -> Result<Migration, MigrationError> {
    let Places { from, to } = places;
    let left = from.left_behind()?;
    match to.existing()? {
        Some(current) if left.is_some_and(|left| left.lineage == current.lineage) => {
            Ok(Migration::complete(&current))
        }
        _ => Err(MigrationError::MigratedElsewhere {
            location: from.location(),
            migrated_to,
            to: to.location(),
        }),
    }
}

/// Completes a migration that has left the note in the old place.
fn complete(
    places: Places<'_>,
    options: &OpenOptions,
    waiting: impl FnMut(LockWait<'_>) + Send,
) -> Result<Migration, MigrationError> {
    let Places { from, to } = places;
    let copy = to
        .existing_or_copy()?
        .ok_or_else(|| MigrationError::NoState {
            location: to.location(),
        })?;
    if copy.migrating_from.is_none() {
        return Ok(Migration::complete(&copy));
    }
    let target = OpenOptions {
        unattended: true,
        accept_migrated: true,
        ..options.clone()
    };
    let target = to.open(target, waiting)?;
    // Another migration may have copied the state there since, and its old place is in use.
    if let Some(marked) = &target.snapshot().migrating_from
        && normal_location(marked) != from.permanent_location()
    {
        check_complete(target.snapshot(), || to.location())?;
    }
    let migration = Migration::of(target.snapshot());
    finish(target)?;
    Ok(migration)
}

/// Removes the mark of an unfinished migration: from now on, runs use the new place.
fn finish(mut target: OpenState) -> Result<(), StateError> {
    if target.snapshot().migrating_from.is_some() {
        target.append(&[Record::MoveCompleted])?;
        target.flush().wait()?;
        target.compact()?;
    }
    failpoint::hit("migrate-completed");
    target.close()
}

/// Changes the form of a state that stays in its directory.
fn convert(
    places: Places<'_>,
    options: &OpenOptions,
    waiting: impl FnMut(LockWait<'_>) + Send,
) -> Result<Migration, MigrationError> {
    let location = places.to.location();
    let exists = places.to.directory().is_some_and(Path::is_dir);
    match (places.from, places.to) {
        (Backend::Local(_), Backend::Encrypted(place)) if exists => {
            conversion::encrypt(place, options, waiting)
        }
        (Backend::Encrypted(place), Backend::Local(_)) if exists => {
            conversion::decrypt(place, options, waiting)
        }
        (Backend::Local(_), Backend::Encrypted(_)) | (Backend::Encrypted(_), Backend::Local(_)) => {
            Err(MigrationError::NoState { location })
        }
        _ => Err(MigrationError::SamePlace { location }),
    }
}

/// Returns whether the state is still to be copied.
fn is_due(
    places: Places<'_>,
    source: &OpenState,
    target: &OpenState,
    was_migrated: bool,
) -> Result<bool, MigrationError> {
    let (old, new) = (source.snapshot(), target.snapshot().clone());
    let mark = new.migrating_from.clone();
    let is_copy = mark.is_some();
    let new = &new.unmarked();
    if target.is_new() || (is_empty(new) && new.lineage != old.lineage) {
        return Ok(true);
    }
    if new.lineage != old.lineage {
        return Err(MigrationError::Occupied {
            location: places.to.location(),
            lineage: new.lineage.clone(),
        });
    }
    let is_of_this = |from: String| normal_location(&from) == places.from.permanent_location();
    if new == old && mark.is_none_or(is_of_this) {
        // Only another write removes the note.
        return Ok(was_migrated);
    }
    // It was migrated from there, and is migrated back; or no run has used the copy.
    if was_migrated || is_copy {
        return Ok(true);
    }
    if kept(places.to, old.serial)?.as_ref() == Some(old) {
        // Runs have used the copy since.
        return Ok(false);
    }
    if kept(places.from, new.serial)?.as_ref() == Some(new) {
        // Runs have used the original since.
        return Ok(true);
    }
    Err(MigrationError::Diverged {
        from: places.from.location(),
        to: places.to.location(),
    })
}

fn is_empty(snapshot: &Snapshot) -> bool {
    snapshot.resources.is_empty()
        && snapshot.open_intents.is_empty()
        && snapshot.outputs.is_empty()
        && snapshot.removed.is_empty()
}

/// Returns the version with this serial, if its content is kept.
fn kept(backend: &Backend, serial: Serial) -> Result<Option<Snapshot>, StateError> {
    match backend.version(serial) {
        Err(StateError::Remote(RemoteError::VersionNotKept { .. })) => Ok(None),
        found => found,
    }
}
