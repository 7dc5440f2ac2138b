//! The journal: a line for each append, behind the heading that says what it extends.
//!
//! A line is a checksum, a space and JSON. The records of one append stand in one line, so
//! that a crash leaves all of them or none.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use eci_core::{Lineage, Serial};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::files::{self, not_writable, unreadable};
use super::hold::FileId;
use super::operations::StateFile;
use crate::crash;
use crate::error::{Damage, StateError};
use crate::record::Record;
use crate::snapshot::{FORMAT, Snapshot};

/// The first line: which snapshot the journal extends.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Heading {
    format: u32,
    pub(crate) lineage: Lineage,
    pub(crate) serial: Serial,
}

/// What every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// A journal that is written.
#[derive(Debug)]
pub(crate) struct Journal {
    file: StateFile,
    path: PathBuf,
    /// Up to where lines are whole.
    length: u64,
    unflushed: bool,
    trouble: Option<Trouble>,
}

/// Why the journal does not do any more what it promises.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    /// A line stands in it half: nothing may come behind it.
    HalfLine,
    /// The disk lost what it was given: no later flush can be believed.
    LostOnFlush,
}

impl Trouble {
    fn error(self) -> io::Error {
        io::Error::other(match self {
            Trouble::HalfLine => "an earlier record was written in part, and nothing may follow it",
            Trouble::LostOnFlush => "an earlier record may not have reached the disk",
        })
    }
}

impl Journal {
    /// Begins a journal that extends the snapshot, in place of the one that is there.
    pub(crate) fn begin(path: &Path, snapshot: &Snapshot) -> Result<Journal, StateError> {
        let heading = Heading {
            format: FORMAT,
            lineage: snapshot.lineage.clone(),
            serial: snapshot.serial,
        };
        let heading = line(&heading).map_err(|cause| StateError::Unstorable {
            what: "the heading of the journal".to_owned(),
            cause,
        })?;
        let file = files::replace(path, |file| {
            file.write_all(&heading)
                .map_err(|cause| not_writable(path, cause))
        })?;
        if let Some(directory) = path.parent() {
            files::flush_directory(directory)?;
        }
        Ok(Journal {
            file,
            path: path.to_owned(),
            length: heading.len() as u64,
            unflushed: false,
            trouble: None,
        })
    }

    /// Which file it is.
    pub(crate) fn id(&self) -> Result<FileId, StateError> {
        let about = self.file.metadata();
        about
            .map(|about| FileId::of(&about))
            .map_err(|cause| unreadable(&self.path, cause))
    }

    /// Adds a line, all of it or nothing.
    pub(crate) fn append(&mut self, line: &[u8]) -> Result<(), StateError> {
        if let Some(trouble @ Trouble::HalfLine) = self.trouble {
            return Err(not_writable(&self.path, trouble.error()));
        }
        if crash::reached("record-torn") {
            // The process is about to die; a half line is what it leaves.
            let _ = self.file.write_all(&line[..line.len() / 2]);
            crash::die();
        }
        if let Err(cause) = self.file.write_all(line) {
            self.take_back();
            return Err(not_writable(&self.path, cause));
        }
        self.length += line.len() as u64;
        self.unflushed = true;
        Ok(())
    }

    /// Cuts off what was written of a line that could not be written whole.
    fn take_back(&mut self) {
        use std::io::{Seek as _, SeekFrom};
        let cut = self.file.set_len(self.length);
        let back = cut.and_then(|()| self.file.seek(SeekFrom::Start(self.length)));
        if back.is_err() {
            self.trouble = Some(Trouble::HalfLine);
        }
    }

    pub(crate) fn flush(&mut self) -> Result<(), StateError> {
        if let Some(trouble) = self.trouble {
            return Err(not_writable(&self.path, trouble.error()));
        }
        if self.unflushed {
            self.file.sync_data().map_err(|cause| {
                self.trouble = Some(Trouble::LostOnFlush);
                not_writable(&self.path, cause)
            })?;
            self.unflushed = false;
        }
        Ok(())
    }
}

/// A line of the journal.
pub(crate) fn line(content: &(impl Serialize + ?Sized)) -> serde_json::Result<Vec<u8>> {
    let mut line = b"00000000 ".to_vec();
    serde_json::to_writer(&mut line, content)?;
    let crc = format!("{:08x}", crc32fast::hash(&line[9..]));
    line[..8].copy_from_slice(crc.as_bytes());
    line.push(b'\n');
    Ok(line)
}

/// The JSON of a line without its end.
fn content(line: &[u8]) -> Result<&[u8], Damage> {
    let (stated, json) = match line.split_at_checked(9) {
        Some((front, json)) if front[8] == b' ' => (&front[..8], json),
        _ => return Err(Damage::NoChecksum),
    };
    let actual = format!("{:08x}", crc32fast::hash(json));
    match actual.as_bytes() == stated {
        true => Ok(json),
        false => Err(Damage::Checksum {
            stated: String::from_utf8_lossy(stated).into_owned(),
            actual,
        }),
    }
}

/// A journal that is read.
pub(crate) struct Reader {
    file: BufReader<File>,
    path: PathBuf,
    number: usize,
    buffer: Vec<u8>,
}

impl Reader {
    /// Opens a journal, if there is one.
    pub(crate) fn open(path: &Path) -> Result<Option<Reader>, StateError> {
        match File::open(path) {
            Ok(file) => Ok(Some(Reader {
                file: BufReader::with_capacity(1 << 16, file),
                path: path.to_owned(),
                number: 0,
                buffer: Vec::new(),
            })),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(unreadable(path, cause)),
        }
    }

    /// What the journal extends; `None` if a crash left not even that.
    pub(crate) fn heading(&mut self) -> Result<Option<Heading>, StateError> {
        let Some(head) = self.next_line::<Head>()? else {
            return Ok(None);
        };
        if head.format > FORMAT {
            return Err(StateError::NewerFormat {
                path: self.path.clone(),
                found: head.format,
                known: FORMAT,
            });
        }
        self.parse().map(Some)
    }

    /// The records of the next append.
    pub(crate) fn records(&mut self) -> Result<Option<Vec<Record>>, StateError> {
        self.next_line()
    }

    /// The error for the line that was read last.
    pub(crate) fn damaged(&self, damage: impl Into<Damage>) -> StateError {
        StateError::JournalDamaged {
            path: self.path.clone(),
            line: self.number,
            damage: damage.into(),
        }
    }

    fn next_line<T: DeserializeOwned>(&mut self) -> Result<Option<T>, StateError> {
        self.buffer.clear();
        self.number += 1;
        self.file
            .read_until(b'\n', &mut self.buffer)
            .map_err(|cause| unreadable(&self.path, cause))?;
        let whole = self.buffer.pop_if(|last| *last == b'\n').is_some();
        if !whole && content(&self.buffer).is_err() {
            // The end, or a last line that a crash tore: what it told never counted as told.
            if !self.buffer.is_empty() {
                tracing::info!(path = %self.path.display(), line = self.number, "torn line dropped");
            }
            return Ok(None);
        }
        self.parse().map(Some)
    }

    fn parse<T: DeserializeOwned>(&self) -> Result<T, StateError> {
        content(&self.buffer)
            .and_then(|json| serde_json::from_slice(json).map_err(Damage::from))
            .map_err(|damage| self.damaged(damage))
    }
}

/// What can be read of a journal, damaged or not.
pub(crate) struct Scraps {
    pub(crate) heading: Option<Heading>,
    /// The records of each line behind the heading.
    pub(crate) lines: Vec<Vec<Record>>,
    /// The lines that are not what was written, by number.
    pub(crate) damaged: Vec<(usize, Damage)>,
}

impl Scraps {
    pub(crate) fn records(&self) -> impl Iterator<Item = &Record> {
        self.lines.iter().flatten()
    }
}

/// Reads every line of a journal that can be read, if there is one.
pub(crate) fn scraps(path: &Path) -> Result<Option<Scraps>, StateError> {
    let Some(mut reader) = Reader::open(path)? else {
        return Ok(None);
    };
    let mut damaged = Vec::new();
    let heading = match reader.heading() {
        Err(StateError::JournalDamaged { line, damage, .. }) => {
            damaged.push((line, damage));
            None
        }
        // Without a heading there is nothing behind it either.
        heading => match heading? {
            Some(heading) => Some(heading),
            None => return Ok(None),
        },
    };
    let mut lines = Vec::new();
    loop {
        match reader.records() {
            Ok(Some(records)) => lines.push(records),
            Ok(None) => break,
            Err(StateError::JournalDamaged { line, damage, .. }) => damaged.push((line, damage)),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(Scraps {
        heading,
        lines,
        damaged,
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_checksum_and_json() {
        let line = line(&["a"]).unwrap();
        assert_eq!(line, b"78a7a40c [\"a\"]\n");
        assert_eq!(content(&line[..line.len() - 1]).unwrap(), b"[\"a\"]");
    }

    #[test]
    fn what_is_no_line_is_told() {
        for text in ["", "abc", "78a7a40c", "78a7a40c_[\"a\"]"] {
            let damage = content(text.as_bytes()).unwrap_err();
            assert!(matches!(damage, Damage::NoChecksum), "{text:?}: {damage}");
        }
        let damage = content(b"78A7A40C [\"a\"]").unwrap_err().to_string();
        assert_eq!(
            damage,
            "its content has the checksum 78a7a40c, and it says 78A7A40C"
        );
    }

    /// A journal on a device that behaves like a disk in trouble.
    #[cfg(target_os = "linux")]
    fn journal_on(device: &str) -> Journal {
        Journal {
            file: StateFile::open(Path::new(device), files::Mode::Keep).unwrap(),
            path: device.into(),
            length: 0,
            unflushed: false,
            trouble: None,
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_follows_half_a_line() {
        // The device is always full, and what was written to it cannot be cut off.
        let mut journal = journal_on("/dev/full");
        let error = journal.append(b"one\n").unwrap_err().to_string();
        assert!(error.contains("make room on its disk"), "{error}");
        let error = journal.append(b"two\n").unwrap_err().to_string();
        assert!(error.contains("nothing may follow it"), "{error}");
        assert!(journal.flush().is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn after_a_failed_flush_none_is_believed() {
        // The device takes everything and cannot be flushed.
        let mut journal = journal_on("/dev/null");
        journal.append(b"one\n").unwrap();
        journal.flush().unwrap_err();
        journal.append(b"two\n").unwrap();
        let error = journal.flush().unwrap_err().to_string();
        assert!(error.contains("may not have reached the disk"), "{error}");
    }

    #[test]
    fn a_line_that_could_not_be_written_is_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal.jsonl");
        let mut journal = Journal::begin(&path, &Snapshot::fresh().unwrap()).unwrap();
        journal.append(b"one\n").unwrap();
        let whole = std::fs::read(&path).unwrap();
        journal.file.write_all(b"tw").unwrap();
        journal.take_back();
        journal.append(b"three\n").unwrap();
        journal.flush().unwrap();
        assert_eq!(
            std::fs::read(&path).unwrap(),
            [&whole[..], b"three\n"].concat()
        );
    }
}
