//! The change of a state in a directory between its two forms: encrypted, and not encrypted.
//!
//! One lock covers both. The state is read in its old form until the new one is whole and was read back; the
//! name of the folder of the encrypted form is the switch. A conversion that dies at any instant is repeated.
//! What remains of the old form is removed: digests of secrets and their key are in plain text in one of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use eci_core::{Lineage, Serial};
use eci_state::atomic_file::sync_directory;
use eci_state::{LocalStore, Snapshot, StateError, Store as _, Version, failpoint};

use crate::backend::Backend;
use crate::device::{ObjectId, Series};
use crate::encrypted_directory::EncryptedDirectory;
use crate::files::{is_absent, not_writable};
use crate::migration_error::{Migration, MigrationError};
use crate::open_options::{LockWait, OpenOptions};
use crate::unfinished_migration::check_complete;

/// Encrypts the state of a directory.
pub(crate) fn encrypt(
    place: &EncryptedDirectory,
    options: &OpenOptions,
    waiting: impl FnMut(LockWait<'_>),
) -> Result<Migration, MigrationError> {
    let lock = place.lock(options, waiting)?;
    let folders = Folders::of(place);
    folders.remove_remaining()?;
    // Another run may have encrypted it while this one waited.
    if !LocalStore::is_in(place.directory()) {
        return complete(&Backend::Encrypted(place.clone()));
    }
    let mut source = LocalStore::open_locked(lock.clone())?;
    check_complete(source.snapshot(), || {
        place.directory().display().to_string()
    })?;
    source.compact()?;
    failpoint::hit("conversion-locked");
    let state = source.snapshot().clone();
    if EncryptedDirectory::migrated_from(place.directory())?.is_some() {
        // An outdated copy: the state was migrated from there, and came back not encrypted.
        folders.rename(&folders.present, &folders.former)?;
    }
    if folders.present.is_dir() {
        check_is_copied(place, &state)?;
    } else {
        let log = place.draft(&folders.draft).locked(lock.held()?);
        let directory = place.directory();
        let versions = LocalStore::history(directory)?;
        let mut store = log.open(options.clone(), |_| {})?;
        for AuthoredVersion { snapshot, version } in
            dated(LocalStore::backups(directory)?, versions, &state)
        {
            store.import(snapshot, &version)?;
        }
        store.close()?;
        folders.remove_first_version()?;
        if log.read()?.as_ref() != Some(&state) {
            return Err(not_verified(place));
        }
        failpoint::hit("conversion-copied");
        folders.rename(&folders.draft, &folders.present)?;
    }
    failpoint::hit("conversion-switched");
    source.discard()?;
    folders.remove_remaining()?;
    Ok(Migration::of(&state))
}

/// Decrypts the state of a directory.
pub(crate) fn decrypt(
    place: &EncryptedDirectory,
    options: &OpenOptions,
    waiting: impl FnMut(LockWait<'_>),
) -> Result<Migration, MigrationError> {
    let lock = place.lock(options, waiting)?;
    let folders = Folders::of(place);
    folders.remove_remaining()?;
    if !EncryptedDirectory::is_in(place.directory()) {
        return complete(&Backend::from(place.directory()));
    }
    let mut source = place.open_locked(options.clone(), lock.clone())?;
    source.compact()?;
    failpoint::hit("conversion-locked");
    let state = source.snapshot().clone();
    let mut target = LocalStore::open_locked(lock.clone())?;
    if is_due(place, &target, &state)? {
        let versions = place.log.history()?;
        let known = (!target.is_new()).then(|| target.snapshot().serial);
        for AuthoredVersion { snapshot, version } in dated(place.log.snapshots()?, versions, &state)
        {
            if known.is_none_or(|known| snapshot.serial > known) || snapshot == state {
                target.import(snapshot, &version)?;
            }
        }
        // Where an outdated copy was, the serial is a later one.
        let copy = target.snapshot().clone();
        drop(target);
        if LocalStore::read(place.directory())? != copy || !is_copy(&copy, &state) {
            return Err(not_verified(place));
        }
    }
    failpoint::hit("conversion-copied");
    source.close()?;
    folders.rename(&folders.present, &folders.former)?;
    failpoint::hit("conversion-switched");
    folders.remove_remaining()?;
    Ok(Migration::of(&state))
}

/// Returns the conversion of a state that an earlier run has completed.
fn complete(place: &Backend) -> Result<Migration, MigrationError> {
    let location = place.location();
    let state = place.existing()?;
    let state = state.ok_or(MigrationError::NoState { location })?;
    Ok(Migration::complete(&state))
}

/// Returns whether a snapshot is a copy of another one, whatever its serial.
fn is_copy(copy: &Snapshot, of: &Snapshot) -> bool {
    let serial = of.serial;
    Snapshot {
        serial,
        ..copy.clone()
    } == *of
}

/// Returns whether the state is still to be copied to where it is not encrypted.
fn is_due(
    place: &EncryptedDirectory,
    target: &LocalStore,
    state: &Snapshot,
) -> Result<bool, MigrationError> {
    let present = target.snapshot();
    if target.is_new() {
        return Ok(true);
    }
    if present.lineage != state.lineage {
        return Err(occupied(place, present));
    }
    if LocalStore::migrated_to(place.directory())?.is_some() {
        return Ok(true);
    }
    if is_copy(present, state) {
        return Ok(false);
    }
    // An interrupted conversion has copied earlier versions only.
    let copied = place.log.version(present.serial)?;
    if copied.as_ref() == Some(present) {
        return Ok(true);
    }
    Err(diverged(place))
}

/// Checks that an encrypted state has this version of the state, or had it.
fn check_is_copied(place: &EncryptedDirectory, state: &Snapshot) -> Result<(), MigrationError> {
    let present = place.log.read()?;
    let present = present.ok_or_else(|| not_verified(place))?;
    if present.lineage != state.lineage {
        return Err(occupied(place, &present));
    }
    if present == *state || place.log.version(state.serial)?.as_ref() == Some(state) {
        return Ok(());
    }
    Err(diverged(place))
}

fn occupied(place: &EncryptedDirectory, present: &Snapshot) -> MigrationError {
    MigrationError::Occupied {
        location: place.directory().display().to_string(),
        lineage: present.lineage.clone(),
    }
}

fn diverged(place: &EncryptedDirectory) -> MigrationError {
    MigrationError::Diverged {
        from: place.directory().display().to_string(),
        to: place.folder().display().to_string(),
    }
}

fn not_verified(place: &EncryptedDirectory) -> MigrationError {
    MigrationError::NotVerified {
        location: place.directory().display().to_string(),
    }
}

/// A version with its author.
struct AuthoredVersion {
    snapshot: Snapshot,
    version: Version,
}

/// Returns the versions of a state with their authors, the oldest first and the present one last.
fn dated(
    earlier: Vec<Snapshot>,
    versions: Vec<Version>,
    present: &Snapshot,
) -> Vec<AuthoredVersion> {
    let authors: BTreeMap<(Option<Lineage>, Serial), Version> = versions
        .into_iter()
        .map(|version| ((version.lineage.clone(), version.serial), version))
        .collect();
    // Each version keeps its serial, so that they must ascend.
    let mut snapshots = vec![present.clone()];
    for snapshot in earlier.into_iter().rev() {
        let is_later =
            |it: &Snapshot| it.lineage == snapshot.lineage && it.serial <= snapshot.serial;
        if !snapshots.iter().any(is_later) {
            snapshots.push(snapshot);
        }
    }
    snapshots.reverse();
    let dated = snapshots.into_iter().map(|snapshot| {
        let known = authors.get(&(Some(snapshot.lineage.clone()), snapshot.serial));
        let version = known.cloned();
        let version = version.unwrap_or_else(|| Version::unattributed(&snapshot, String::new()));
        AuthoredVersion { snapshot, version }
    });
    dated.collect()
}

/// The folders of the encrypted form.
struct Folders {
    directory: PathBuf,
    /// The folder of the present state.
    present: PathBuf,
    /// A state that is being encrypted.
    draft: PathBuf,
    /// A state that was decrypted.
    former: PathBuf,
}

impl Folders {
    fn of(place: &EncryptedDirectory) -> Folders {
        let present = place.folder();
        Folders {
            directory: place.directory().to_owned(),
            draft: present.with_extension("new"),
            former: present.with_extension("old"),
            present,
        }
    }

    /// Removes what an interrupted conversion has left, besides the state.
    fn remove_remaining(&self) -> Result<(), StateError> {
        for folder in [&self.draft, &self.former] {
            match fs::remove_dir_all(folder) {
                Err(cause) if !is_absent(&cause) => return Err(not_writable(folder, cause)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes the empty version with which the draft began: no run has written it.
    fn remove_first_version(&self) -> Result<(), StateError> {
        for series in [Series::History, Series::Snapshot] {
            let path = self.draft.join(ObjectId::new(series, 0).to_string());
            fs::remove_file(&path).map_err(|cause| not_writable(&path, cause))?;
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), StateError> {
        let renamed = fs::rename(from, to).and_then(|()| sync_directory(&self.directory));
        renamed.map_err(|cause| not_writable(to, cause))
    }
}
