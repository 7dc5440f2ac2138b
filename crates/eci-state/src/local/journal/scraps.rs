//! Readable parts of a journal that is damaged.

use std::io::BufReader;
use std::path::Path;

use eci_core::Address;

use super::super::files::{self, unreadable};
use super::super::mark::Position;
use super::{JournalHeader, Reader, read_line};
use crate::error::{CorruptionKind, StateError};
use crate::record::Record;
use crate::snapshot::OpenJournal;

/// The bytes of a line that show whether it begins with two checksums.
const BEGINNING: u64 = 18;

/// The readable parts of a journal, damaged or not.
#[derive(Default)]
pub(crate) struct ReadableJournal {
    pub(crate) heading: Option<JournalHeader>,
    /// The records of each line behind the heading.
    pub(crate) lines: Vec<Vec<Record>>,
    /// The damaged lines.
    pub(crate) damaged: Vec<DamagedLine>,
}

/// A line that is damaged, or does not follow the one before it.
pub(crate) struct DamagedLine {
    pub(crate) number: usize,
    pub(crate) damage: CorruptionKind,
    /// The addresses in the line, as far as they can be read.
    pub(crate) about: Vec<Address>,
}

impl ReadableJournal {
    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.lines.iter().flatten()
    }

    /// Keeps the error of a line; other errors are returned.
    fn note(&mut self, error: StateError) -> Result<(), StateError> {
        let StateError::JournalDamaged {
            line,
            damage,
            about,
            ..
        } = error
        else {
            return Err(error);
        };
        self.damaged.push(DamagedLine {
            number: line,
            damage,
            about,
        });
        Ok(())
    }
}

/// Reads every line of a journal that can be read, if there is one.
pub(crate) fn scraps(
    path: &Path,
    marks: &[Position],
    open: Option<&OpenJournal>,
) -> Result<Option<ReadableJournal>, StateError> {
    let Some(mut reader) = Reader::open(path)? else {
        return Ok(None);
    };
    let mut scraps = ReadableJournal::default();
    match reader.heading(marks, open) {
        Ok(Some(heading)) => scraps.heading = Some(heading),
        // Without a heading there is nothing behind it either.
        Ok(None) => return Ok(None),
        Err(error) => {
            scraps.note(error)?;
            // Nothing else says of which format it is; none before had lines of this form.
            reader.is_chained = is_chained(path)?;
        }
    }
    let mut was_damaged = scraps.heading.is_none();
    loop {
        match reader.found() {
            Ok(Some(found)) => {
                // What follows a damaged line need not know its checksum.
                if let Err(damage) = found.follows
                    && !was_damaged
                {
                    scraps.note(reader.damaged(damage))?;
                }
                was_damaged = false;
                scraps.lines.push(found.records);
            }
            Ok(None) => break,
            Err(error) => {
                scraps.note(error)?;
                // Its place is known, whatever it said.
                reader.lines += 1;
                was_damaged = true;
            }
        }
    }
    if let Some(damage) = reader.missing() {
        scraps.note(reader.damaged(damage))?;
    }
    Ok(Some(scraps))
}

/// Returns whether most lines of a journal seem to form a chain.
fn is_chained(path: &Path) -> Result<bool, StateError> {
    let Some(opened) = files::open(path)? else {
        return Ok(false);
    };
    let (mut lines, mut chained) = (0, 0);
    let mut file = BufReader::new(opened.file);
    let mut line = Vec::new();
    let mut next = |line: &mut Vec<u8>| {
        line.clear();
        let read = read_line(&mut file, BEGINNING, line);
        read.map_err(|cause| unreadable(path, cause))
    };
    next(&mut line)?;
    loop {
        next(&mut line)?;
        if line.is_empty() {
            break;
        }
        lines += 1;
        chained += usize::from(line.get(17) == Some(&b' '));
    }
    Ok(2 * chained > lines)
}
