//! Authors of snapshots: `history.jsonl`.
//!
//! A line is added after a snapshot was written. The file serves people only: a line that is missing or
//! damaged loses the name of an author, and no failure to write one fails a run.

use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use eci_core::regular::{self, LARGEST_TEXT};

use super::backups::{self, BACKUPS};
use super::places::StatePaths;
use super::snapshot_file::snapshot_at;
use crate::error::StateError;
use crate::history::Version;
use crate::local::files::{self, OpenMode, not_writable, unreadable};
use crate::local::operations::StateFile;

/// The number of lines from which on the lines of removed snapshots are removed, too.
const MOST_LINES: usize = 10 * BACKUPS;

fn path_in(directory: &Path) -> PathBuf {
    directory.join("history.jsonl")
}

/// Notes who wrote a version.
pub(super) fn note(directory: &Path, version: &Version) {
    if let Err(cause) = append(&path_in(directory), version) {
        tracing::info!(%cause, directory = %directory.display(), "the author was not recorded");
    }
}

fn append(path: &Path, version: &Version) -> Result<(), StateError> {
    let failed = |cause| not_writable(path, cause);
    let mut line = serde_json::to_string(version).map_err(|cause| failed(cause.into()))?;
    line.push('\n');
    let present = match regular::read_to_string(path, LARGEST_TEXT) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => String::new(),
        present => present.map_err(|cause| unreadable(path, cause))?,
    };
    let lines: Vec<&str> = present.split_inclusive('\n').collect();
    if let Some(surplus) = lines.len().checked_sub(MOST_LINES) {
        let kept = lines[surplus + MOST_LINES / 2..].concat();
        files::replace(path, |new| new.write_all(kept.as_bytes()).map_err(failed))?;
    } else if lines.last().is_some_and(|last| !last.ends_with('\n')) {
        // A crash has torn it.
        line.insert(0, '\n');
    }
    let mut file = StateFile::open(path, OpenMode::Keep).map_err(failed)?;
    file.seek(SeekFrom::End(0)).map_err(failed)?;
    file.write_all(line.as_bytes()).map_err(failed)
}

/// Returns the versions that are kept, the oldest first, with their authors as far as they are recorded.
pub(super) fn versions(directory: &Path) -> Result<Vec<Version>, StateError> {
    let noted = noted(&path_in(directory));
    let places = StatePaths::new(directory);
    let mut kept = match backups::list(&places.backups) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
        listed => listed.map_err(|cause| unreadable(&places.backups, cause))?,
    };
    kept.sort();
    kept.push(places.snapshot);
    let mut versions: Vec<Version> = Vec::new();
    for path in kept {
        // Those that cannot be read are left out, as in the list of backups.
        let Ok(Some((snapshot, about))) = snapshot_at(&path) else {
            continue;
        };
        let written = about.modified().ok();
        let written = written.and_then(|it| jiff::Timestamp::try_from(it).ok());
        let time = written.map(|it| format!("{it:.0}")).unwrap_or_default();
        let bare = Version::unattributed(&snapshot, time);
        let is_this = |it: &&Version| it.serial == bare.serial && it.lineage == bare.lineage;
        let version = noted.iter().rev().find(is_this).unwrap_or(&bare).clone();
        versions.retain(|it| it.serial != version.serial || it.lineage != version.lineage);
        versions.push(version);
    }
    Ok(versions)
}

fn noted(path: &Path) -> Vec<Version> {
    let text = regular::read_to_string(path, LARGEST_TEXT).unwrap_or_default();
    let lines = text.lines();
    lines
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
