//! The flushed length of the journal, in a separate file: a journal that ends before that was
//! damaged, and is not merely torn by the end of its run.
//!
//! Two places in the file are written in turn, each once the journal is on disk, so that one of
//! them can always be read and never says too much. They are not flushed themselves: when the
//! power fails they may say too little.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use eci_core::Serial;
use eci_core::regular::LARGEST_STATE;

use super::files::{self, OpenMode, not_writable};
use super::operations::StateFile;
use crate::error::StateError;

/// The length of the content in one place.
const LENGTH: usize = 9 + 36 + 1 + 20 + 1 + 20 + 1 + 8 + 1;

/// Up to where a journal is on disk for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// The id in the heading of the journal.
    pub(crate) journal: String,
    /// The serial that the journal extends.
    pub(crate) serial: Serial,
    /// The number of lines after the heading.
    pub(crate) lines: u64,
    /// The checksum of the last line.
    pub(crate) last: String,
}

impl Position {
    fn written(&self) -> String {
        let Position {
            journal,
            serial,
            lines,
            last,
        } = self;
        let text = format!("{journal:36} {:020} {lines:020} {last:8}", serial.0);
        format!("{:08x} {text}\n", crc32fast::hash(text.as_bytes()))
    }

    fn read(text: &str) -> Option<Position> {
        let (crc, text) = text.strip_suffix('\n')?.split_once(' ')?;
        if format!("{:08x}", crc32fast::hash(text.as_bytes())) != crc {
            return None;
        }
        let mut parts = text.split_ascii_whitespace();
        Some(Position {
            journal: parts.next()?.to_owned(),
            serial: Serial(parts.next()?.parse().ok()?),
            lines: parts.next()?.parse().ok()?,
            last: parts.next()?.to_owned(),
        })
    }
}

/// The file, open to be written.
#[derive(Debug)]
pub(crate) struct Mark {
    file: StateFile,
    path: PathBuf,
    /// Whether the second of the two places comes next.
    second: bool,
}

impl Mark {
    pub(crate) fn open(path: &Path) -> Result<Mark, StateError> {
        files::may_be_opened(path, LARGEST_STATE).map_err(|cause| not_writable(path, cause))?;
        let file =
            StateFile::open(path, OpenMode::Keep).map_err(|cause| not_writable(path, cause))?;
        Ok(Mark {
            file,
            path: path.to_owned(),
            second: false,
        })
    }

    /// Returns once what was written is on disk.
    pub(crate) fn flush(&self) -> Result<(), StateError> {
        let flushed = self.file.sync_all();
        flushed.map_err(|cause| not_writable(&self.path, cause))
    }

    pub(crate) fn write(&mut self, position: &Position) -> Result<(), StateError> {
        let at = if self.second { LENGTH as u64 } else { 0 };
        let text = position.written();
        let written = self.file.seek(SeekFrom::Start(at));
        let written = written.and_then(|_| self.file.write_all(text.as_bytes()));
        written.map_err(|cause| not_writable(&self.path, cause))?;
        self.second = !self.second;
        Ok(())
    }
}

/// Reads the positions, as far as they are readable.
pub(crate) fn read(path: &Path) -> Result<Vec<Position>, StateError> {
    let Some(opened) = files::open(path)? else {
        return Ok(Vec::new());
    };
    let mut content = Vec::new();
    // There is nothing behind the two places.
    let mut places = opened.file.take(2 * LENGTH as u64);
    places
        .read_to_end(&mut content)
        .map_err(|cause| files::unreadable(path, cause))?;
    let places = content.chunks(LENGTH);
    let texts = places.filter_map(|place| std::str::from_utf8(place).ok());
    Ok(texts.filter_map(Position::read).collect())
}

/// Returns the last position of one journal.
pub(crate) fn of_journal<'a>(positions: &'a [Position], id: &str) -> Option<&'a Position> {
    let its = positions.iter().filter(|position| position.journal == id);
    its.max_by_key(|position| position.lines)
}

/// Returns the number of lines that were flushed at the least, if any were.
pub(crate) fn most_lines<'a>(positions: impl IntoIterator<Item = &'a Position>) -> Option<u64> {
    let lines = positions.into_iter().map(|position| position.lines);
    lines.max().filter(|lines| *lines > 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn position(lines: u64) -> Position {
        Position {
            journal: uuid::Uuid::new_v4().to_string(),
            serial: Serial(7),
            lines,
            last: "0123abcd".to_owned(),
        }
    }

    #[test]
    fn what_is_written_has_one_length_and_is_read_again() {
        for lines in [0, 1, u64::MAX] {
            let position = position(lines);
            let text = position.written();
            assert_eq!(text.len(), LENGTH);
            assert_eq!(Position::read(&text), Some(position));
        }
    }

    #[test]
    fn a_place_that_is_torn_or_damaged_leaves_the_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("flushed");
        let mut mark = Mark::open(&path).unwrap();
        let (first, second) = (position(1), position(2));
        mark.write(&first).unwrap();
        mark.write(&second).unwrap();
        let whole = std::fs::read(&path).unwrap();
        assert_eq!(read(&path).unwrap(), [first.clone(), second.clone()]);
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, &damaged).unwrap();
            let left = if at < LENGTH { &second } else { &first };
            assert_eq!(read(&path).unwrap(), std::slice::from_ref(left), "{at}");
            std::fs::write(&path, &whole[..at]).unwrap();
            let whole = at / LENGTH;
            assert_eq!(read(&path).unwrap().len(), whole);
        }
        std::fs::write(&path, whole.repeat(2)).unwrap();
        assert_eq!(read(&path).unwrap(), [first, second]);
    }
}
