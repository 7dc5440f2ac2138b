//! Earlier snapshots.

use std::path::{Path, PathBuf};
use std::{fs, io};

use jiff::Timestamp;

use super::files::{self, not_writable};
use super::{operations, snapshot_file};
use crate::error::StateError;
use crate::snapshot::Snapshot;

/// The number of earlier snapshots that are kept.
pub const BACKUPS: usize = 20;

/// Keeps the snapshot that is about to be replaced, if there is one, and drops the oldest
/// backups beyond [`BACKUPS`].
pub(crate) fn keep(snapshot: &Path, backups: &Path) -> Result<(), StateError> {
    if !snapshot.exists() || is_kept(snapshot, backups) {
        return Ok(());
    }
    files::make_directory(backups)?;
    let backup = unused_name(backups);
    // A snapshot is replaced and never changed, so that a second name for it is a copy of it.
    operations::link(snapshot, &backup).map_err(|cause| not_writable(&backup, cause))?;
    files::flush_directory(backups)?;
    if let Err(cause) = prune(backups) {
        tracing::info!(%cause, path = %backups.display(), "old backups were not removed");
    }
    Ok(())
}

/// Returns whether the newest backup equals the snapshot.
fn is_kept(snapshot: &Path, backups: &Path) -> bool {
    let newest = list(backups).ok().and_then(|kept| kept.into_iter().max());
    newest.is_some_and(|newest| files::are_equal(&newest, snapshot).unwrap_or(false))
}

/// Keeps a second copy of a snapshot that is about to be written: rebuilt from the one before, a
/// state would lack what was created since, and would include what was deliberately removed.
pub(crate) fn copy(snapshot: &Snapshot, backups: &Path) -> Result<(), StateError> {
    files::make_directory(backups)?;
    let backup = unused_name(backups);
    files::replace(&backup, |file| {
        snapshot_file::write(snapshot, file, &backup)
    })?;
    files::flush_directory(backups)?;
    if let Err(cause) = prune(backups) {
        tracing::info!(%cause, path = %backups.display(), "old backups were not removed");
    }
    Ok(())
}

/// Returns an unused name with the time of the backup; names sort by time.
fn unused_name(backups: &Path) -> PathBuf {
    let now = Timestamp::now();
    (0..)
        .map(|n| backups.join(format!("{now:.3}-{n:02}.json").replace(':', "")))
        .find(|path| !path.exists())
        // The range above does not end.
        .unwrap_or_default()
}

fn prune(backups: &Path) -> io::Result<()> {
    let mut ours = list(backups)?;
    ours.sort();
    let surplus = ours.len().saturating_sub(BACKUPS);
    ours.iter()
        .take(surplus)
        .try_for_each(|it| operations::remove(it))
}

/// Returns the backups; other files in the directory must not be removed.
pub(crate) fn list(backups: &Path) -> io::Result<Vec<PathBuf>> {
    let ours = |path: &PathBuf| {
        path.file_stem()
            .and_then(|stem| stem.to_str())
            .and_then(|stem| stem.split_once('Z'))
            .is_some_and(|(time, _)| {
                time.bytes()
                    .all(|b| b.is_ascii_digit() || b"-T.".contains(&b))
            })
            && path
                .extension()
                .is_some_and(|extension| extension == "json")
    };
    let entries = fs::read_dir(backups)?;
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    Ok(paths?.into_iter().filter(ours).collect())
}
