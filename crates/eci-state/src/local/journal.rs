//! The journal: a line for each append, behind the heading that says what it extends.
//!
//! A line is its checksum, that of the line before it, and JSON, with spaces between: the lines form
//! a chain, so that one that is missing or out of place is noticed. The heading has none before it,
//! nor have the lines of formats before [`CHAINED`]. The records of one append are in one line, so
//! that a crash leaves all of them or none.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use eci_core::regular::{self, LARGEST_STATE};
use eci_core::{Address, Lineage, Serial};
use eci_text::{Message, text};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::file_id::FileId;
use super::files::{self, not_writable, unreadable};
use super::mark::{self, Mark, Position};
use super::operations::StateFile;
use crate::error::{CorruptionKind, StateError};
use crate::failpoint;
use crate::record::Record;
use crate::snapshot::{FORMAT, OpenJournal, Snapshot};

mod line;
mod scraps;

use line::read_line;
pub(crate) use scraps::{ReadableJournal, scraps};

/// The longest line, in bytes: a line is read as a whole.
const LONGEST_LINE: u64 = 512 << 20;

/// The number of bytes kept of a longer one, to determine its addresses.
const KEPT_OF_LONG: usize = 1 << 16;

/// The first format whose lines form a chain.
const CHAINED: u32 = 3;

/// The first line: which snapshot the journal extends.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JournalHeader {
    format: u32,
    /// Identifies this journal.
    ///
    /// Those before [`CHAINED`] have none.
    #[serde(default)]
    pub(crate) id: String,
    pub(crate) lineage: Lineage,
    pub(crate) serial: Serial,
}

/// The members that every format has.
#[derive(Deserialize)]
struct JournalHead {
    format: u32,
}

/// A journal that is written.
#[derive(Debug)]
pub(crate) struct Journal {
    file: StateFile,
    path: PathBuf,
    /// Up to where lines are whole.
    length: u64,
    /// The end of the last of them: where the journal is once it is flushed.
    end: Position,
    mark: Mark,
    unflushed: bool,
    fault: Option<WriteFault>,
}

/// A fault after which the journal cannot be written any more.
#[derive(Clone, Copy, Debug)]
enum WriteFault {
    /// The journal ends with half a line: nothing may follow.
    HalfLine,
    /// The disk lost what it was given: no later flush can be believed.
    LostOnFlush,
}

impl WriteFault {
    fn error(self) -> io::Error {
        io::Error::other(Message::new(match self {
            WriteFault::HalfLine => text!(
                en: "an earlier record was only partly written, so no record can follow it",
                zh: "先前的记录只写入了一部分，无法继续写入",
            ),
            WriteFault::LostOnFlush => text!(
                en: "an earlier record may not have reached the disk",
                zh: "先前的记录可能未写入存储设备",
            ),
        }))
    }
}

impl Journal {
    /// Begins a journal that extends the snapshot, in place of the one that is there.
    pub(crate) fn begin(path: &Path, snapshot: &Snapshot) -> Result<Journal, StateError> {
        let id = Uuid::new_v4().to_string();
        let heading = JournalHeader {
            format: FORMAT,
            id: id.clone(),
            lineage: snapshot.lineage.clone(),
            serial: snapshot.serial,
        };
        let heading =
            serde_json::to_vec(&heading).map_err(|cause| StateError::NotSerializable {
                what: text!(en: "the header of the journal", zh: "预写日志的文件头"),
                cause,
            })?;
        let heading = line(&heading);
        let file = files::replace(path, |file| {
            file.write_all(&heading)
                .map_err(|cause| not_writable(path, cause))
        })?;
        if let Some(directory) = path.parent() {
            files::flush_directory(directory)?;
        }
        let end = Position {
            journal: id,
            serial: snapshot.serial,
            lines: 0,
            last: checksum_of(&heading),
        };
        let mut mark = Mark::open(&mark_path(path))?;
        // In both places: what they said of the journal before says nothing any more.
        mark.write(&end)?;
        mark.write(&end)?;
        Ok(Journal {
            file,
            path: path.to_owned(),
            length: heading.len() as u64,
            end,
            mark,
            unflushed: false,
            fault: None,
        })
    }

    /// Returns the identifier of the file.
    pub(crate) fn id(&self) -> Result<FileId, StateError> {
        let about = self.file.metadata();
        about
            .map(|about| FileId::of(&about))
            .map_err(|cause| unreadable(&self.path, cause))
    }

    /// Returns the id in its heading once `flushed` names it on disk: from then on, a file that does
    /// not name it is not the one that was written.
    pub(crate) fn announced(&self) -> Result<String, StateError> {
        self.mark.flush()?;
        Ok(self.end.journal.clone())
    }

    /// Adds a line with this content, all of it or nothing.
    pub(crate) fn append(&mut self, json: &[u8]) -> Result<(), StateError> {
        let line = chained(&self.end.last, json);
        if line.len() as u64 > LONGEST_LINE {
            let message = Message::new(text!(
                en: "more than {limit} MiB at once",
                zh: "单次写入超过 {limit} MiB",
                limit = LONGEST_LINE >> 20,
            ));
            return Err(not_writable(&self.path, io::Error::other(message)));
        }
        if let Some(fault @ WriteFault::HalfLine) = self.fault {
            return Err(not_writable(&self.path, fault.error()));
        }
        if failpoint::is_armed("record-torn") {
            // The process is about to die; a half line is what it leaves.
            let _ = self.file.write_all(&line[..line.len() / 2]);
            failpoint::die();
        }
        if let Err(cause) = self.file.write_all(&line) {
            self.take_back();
            return Err(not_writable(&self.path, cause));
        }
        self.length += line.len() as u64;
        self.end.lines += 1;
        self.end.last = checksum_of(&line);
        self.unflushed = true;
        Ok(())
    }

    /// Cuts off what was written of a line that could not be written whole.
    fn take_back(&mut self) {
        use std::io::{Seek as _, SeekFrom};
        let cut = self.file.set_len(self.length);
        let back = cut.and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
        if back.is_err() {
            self.fault = Some(WriteFault::HalfLine);
        }
    }

    pub(crate) fn flush(&mut self) -> Result<(), StateError> {
        if let Some(fault) = self.fault {
            return Err(not_writable(&self.path, fault.error()));
        }
        if self.unflushed {
            self.file.sync_data().map_err(|cause| {
                self.fault = Some(WriteFault::LostOnFlush);
                not_writable(&self.path, cause)
            })?;
            self.mark.write(&self.end)?;
            self.unflushed = false;
        }
        Ok(())
    }
}

/// Creates the first line of a journal, or any line of one whose lines form no chain.
pub(crate) fn line(json: &[u8]) -> Vec<u8> {
    let crc = format!("{:08x} ", crc32fast::hash(json));
    [crc.as_bytes(), json, b"\n"].concat()
}

/// Creates a line that follows the one with this checksum.
pub(crate) fn chained(before: &str, json: &[u8]) -> Vec<u8> {
    line(&[before.as_bytes(), b" ", json].concat())
}

/// Returns the checksum that a line declares.
pub(crate) fn checksum_of(line: &[u8]) -> String {
    String::from_utf8_lossy(&line[..line.len().min(8)]).into_owned()
}

/// Returns the path of the file that records up to where a journal was flushed.
pub(crate) fn mark_path(journal: &Path) -> PathBuf {
    journal.with_file_name("flushed")
}

/// Returns the content of a line after its checksum, without the line end.
fn content(line: &[u8]) -> Result<&[u8], CorruptionKind> {
    let (stated, json) = match line.split_at_checked(9) {
        Some((front, json)) if front[8] == b' ' => (&front[..8], json),
        _ => return Err(CorruptionKind::NoChecksum),
    };
    let actual = format!("{:08x}", crc32fast::hash(json));
    if actual.as_bytes() == stated {
        Ok(json)
    } else {
        Err(CorruptionKind::Checksum {
            stated: String::from_utf8_lossy(stated).into_owned(),
            actual,
        })
    }
}

/// A journal that is read.
pub(crate) struct Reader {
    file: BufReader<File>,
    path: PathBuf,
    number: usize,
    /// The line that was read last, or what is left of it.
    buffer: Vec<u8>,
    /// Whether the lines form a chain.
    is_chained: bool,
    /// The checksum that the line before says it has.
    before: String,
    /// The number of lines of records that were whole and in their place.
    lines: u64,
    /// Up to where it was flushed, where that is known.
    flushed: Option<Position>,
    /// Whether that has to be known: a run has recorded in it.
    is_open: bool,
}

/// The records of one line, and whether it follows the one before it.
struct JournalLine {
    records: Vec<Record>,
    follows: Result<(), CorruptionKind>,
}

impl Reader {
    /// Opens a journal, if there is one.
    pub(crate) fn open(path: &Path) -> Result<Option<Reader>, StateError> {
        match regular::open(path, LARGEST_STATE) {
            Ok(file) => Ok(Some(Reader {
                buffer: room_for_line(&file),
                file: BufReader::with_capacity(1 << 16, file),
                path: path.to_owned(),
                number: 0,
                is_chained: false,
                before: String::new(),
                lines: 0,
                flushed: None,
                is_open: false,
            })),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(unreadable(path, cause)),
        }
    }

    /// Reads what the journal extends; `None` if a crash left not even that.
    ///
    /// `marks` were read before it was opened: a run in progress may have flushed more since.
    /// `open` is the journal that the snapshot names: none without a snapshot, which may have
    /// named any.
    pub(crate) fn heading(
        &mut self,
        marks: &[Position],
        open: Option<&OpenJournal>,
    ) -> Result<Option<JournalHeader>, StateError> {
        if !self.next_line()? {
            return Ok(None);
        }
        let head: JournalHead = self.parse(content(&self.buffer))?;
        if head.format > FORMAT {
            return Err(StateError::NewerFormat {
                path: self.path.clone(),
                found: head.format,
                known: FORMAT,
            });
        }
        let heading: JournalHeader = self.parse(content(&self.buffer))?;
        self.is_chained = heading.format >= CHAINED;
        self.flushed = mark::of_journal(marks, &heading.id).cloned();
        self.is_open = self.is_chained && open.is_none_or(|open| open.is(&heading.id));
        Ok(Some(heading))
    }

    /// Reads the records of the next append.
    ///
    /// At the end it is an error if there were more of them.
    pub(crate) fn records(&mut self) -> Result<Option<Vec<Record>>, StateError> {
        let Some(found) = self.found()? else {
            return match self.missing() {
                None => Ok(None),
                Some(damage) => Err(self.damaged(damage)),
            };
        };
        found.follows.map_err(|damage| self.damaged(damage))?;
        Ok(Some(found.records))
    }

    fn found(&mut self) -> Result<Option<JournalLine>, StateError> {
        let before = std::mem::take(&mut self.before);
        if !self.next_line()? {
            return Ok(None);
        }
        let inside = content(&self.buffer);
        let (stated, json) = match inside {
            Ok(inside) if self.is_chained => match inside.split_at_checked(9) {
                Some((stated, json)) => (Some(&stated[..8]), Ok(json)),
                None => (None, Err(CorruptionKind::NoChecksum)),
            },
            inside => (None, inside),
        };
        let follows = match stated {
            Some(stated) if stated != before.as_bytes() => Err(CorruptionKind::OutOfPlace),
            _ => Ok(()),
        };
        let records = self.parse(json)?;
        self.lines += 1;
        Ok(Some(JournalLine { records, follows }))
    }

    /// Returns the damage if the journal ends before the flushed position.
    fn missing(&self) -> Option<CorruptionKind> {
        let Some(flushed) = &self.flushed else {
            return self.is_open.then_some(CorruptionKind::EndUnknown);
        };
        (self.lines < flushed.lines).then_some(CorruptionKind::Truncated {
            flushed: flushed.lines,
            found: self.lines,
        })
    }

    /// Creates the error for the line that was read last.
    pub(crate) fn damaged(&self, damage: impl Into<CorruptionKind>) -> StateError {
        StateError::JournalDamaged {
            path: self.path.clone(),
            line: self.number,
            damage: damage.into(),
            about: addresses_in(&self.buffer),
        }
    }

    /// Reads the next line; false if there is none.
    fn next_line(&mut self) -> Result<bool, StateError> {
        self.buffer.clear();
        self.number += 1;
        let is_too_long = read_line(&mut self.file, LONGEST_LINE, &mut self.buffer)
            .map_err(|cause| unreadable(&self.path, cause))?;
        if is_too_long {
            self.buffer.truncate(KEPT_OF_LONG);
            self.buffer.shrink_to_fit();
            self.before = checksum_of(&self.buffer);
            return Err(self.damaged(CorruptionKind::TooLong(LONGEST_LINE)));
        }
        let whole = self.buffer.pop_if(|last| *last == b'\n').is_some();
        self.before = checksum_of(&self.buffer);
        if !whole && content(&self.buffer).is_err() {
            // The end, or a last line that a crash tore: its records never counted as written.
            if !self.buffer.is_empty() {
                tracing::info!(path = %self.path.display(), line = self.number, "torn line dropped");
            }
            return Ok(false);
        }
        Ok(true)
    }

    fn parse<T: DeserializeOwned>(
        &self,
        json: Result<&[u8], CorruptionKind>,
    ) -> Result<T, StateError> {
        json.and_then(|json| serde_json::from_slice(json).map_err(CorruptionKind::from))
            .map_err(|damage| self.damaged(damage))
    }
}

/// Returns a buffer that need not grow for any line: while it does, it would be in memory twice.
/// What is not used of it takes none.
fn room_for_line(file: &File) -> Vec<u8> {
    let length = file.metadata().map_or(0, |about| about.len());
    let length = usize::try_from(length.min(LONGEST_LINE)).unwrap_or_default();
    let mut buffer = Vec::new();
    // Where there is not so much, the line may still be short.
    let _ = buffer.try_reserve_exact(length);
    buffer
}

/// Returns the addresses in a line that cannot be read as a whole.
fn addresses_in(line: &[u8]) -> Vec<Address> {
    const NAME: &str = "\"address\":\"";
    let text = String::from_utf8_lossy(line);
    let named = text.split(NAME).skip(1);
    // Instance keys are quoted, and the quotes are escaped in a string.
    let strings = named.filter_map(|rest| {
        let mut ends = rest.match_indices('"').map(|(at, _)| at);
        let end = ends.find(|at| !rest[..*at].ends_with('\\'))?;
        serde_json::from_str::<String>(&format!("\"{}\"", &rest[..end])).ok()
    });
    let found: BTreeSet<Address> = strings.filter_map(|it| it.parse().ok()).collect();
    found.into_iter().collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
