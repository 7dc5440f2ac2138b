//! A snapshot as text: readable JSON with its format in front and a checksum behind.
//!
//! The format comes first and is read first, so that a newer one is distinguished from a damaged one.
//! The checksum comes last, so that a large snapshot is written as it is formed.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::Path;

use crc32fast::Hasher;
use eci_core::envelope::{LARGEST_WHOLE, LargeDocument, StoredDocument};
use eci_text::text;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::files::{self, OpenFile, not_writable, unreadable};
use crate::error::{CorruptionKind, StateError};
use crate::snapshot::{FORMAT, OLDEST_FORMAT, Snapshot};

/// The key of the snapshot in its document.
const KEY: &str = "state";

impl Snapshot {
    /// Returns the snapshot as the text in which it is stored.
    ///
    /// # Errors
    /// If anything in it may not be stored.
    pub fn to_document(&self) -> Result<String, StateError> {
        let mut text = Vec::new();
        // Memory takes whatever is written to it: no error will name this place.
        write(self, &mut text, Path::new("memory"))?;
        // JSON is UTF-8, and nothing else was written.
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Reads what [`Snapshot::to_document`] wrote.
    ///
    /// The path is that of the text, for errors.
    ///
    /// # Errors
    /// If the document is damaged, or of a newer version.
    pub fn from_document(text: &[u8], path: &Path) -> Result<Snapshot, StateError> {
        // A newer document may have another shape and the format in front all the same.
        let document = serde_json::from_slice::<SnapshotDocument<'_>>(text);
        let format = match &document {
            Ok(document) => Ok(document.format),
            Err(_) => serde_json::from_slice(text).map(|head: SnapshotHead| head.format),
        };
        if let Ok(format) = format {
            is_known(format, path)?;
        }
        document
            .map_err(CorruptionKind::from)
            .and_then(read)
            .map_err(|damage| damaged(damage, path))
    }

    /// Reads the document in a file: a large one as a stream, so that it is not in memory in addition to
    /// the values read from it.
    ///
    /// # Errors
    /// As [`Snapshot::from_document`], and if the file cannot be read.
    pub fn from_file(file: File, path: &Path) -> Result<Snapshot, StateError> {
        let document = StoredDocument::read(file, KEY, LARGEST_WHOLE);
        Snapshot::from_stored(document.map_err(|cause| unreadable(path, cause))?, path)
    }

    fn from_stored(document: StoredDocument, path: &Path) -> Result<Snapshot, StateError> {
        let format = match document {
            StoredDocument::Whole(text) => return Snapshot::from_document(&text, path),
            StoredDocument::Large(document) => return streamed(document, path),
            StoredDocument::OtherForm(format) => format,
            _ => None,
        };
        // A newer document may have another shape.
        if let Some(format) = format {
            is_known(format, path)?;
        }
        Err(damaged(CorruptionKind::OtherForm, path))
    }
}

/// Reads the snapshot in a file, with the metadata of the file; `None` if the file does not exist.
pub(crate) fn snapshot_at(path: &Path) -> Result<Option<(Snapshot, Metadata)>, StateError> {
    let Some(OpenFile { file, about }) = files::open(path)? else {
        return Ok(None);
    };
    Ok(Some((Snapshot::from_file(file, path)?, about)))
}

/// Refuses a format that this version does not know.
fn is_known(format: u32, path: &Path) -> Result<(), StateError> {
    match format {
        found if found > FORMAT => Err(StateError::NewerFormat {
            path: path.to_owned(),
            found,
            known: FORMAT,
        }),
        found if found < OLDEST_FORMAT => Err(damaged(CorruptionKind::NoSuchFormat(found), path)),
        _ => Ok(()),
    }
}

fn damaged(damage: CorruptionKind, path: &Path) -> StateError {
    StateError::Damaged {
        path: path.to_owned(),
        damage,
        backups: path.with_file_name("backups"),
    }
}

/// Reads the snapshot in a large document.
fn streamed(document: LargeDocument, path: &Path) -> Result<Snapshot, StateError> {
    let LargeDocument { mut file, envelope } = document;
    let failed = |cause| unreadable(path, cause);
    is_known(envelope.format, path)?;
    let mut hasher = Hasher::new();
    envelope
        .each_part(&mut file, |part| hasher.update(part))
        .map_err(failed)?;
    agrees(envelope.checksum.clone(), hasher.finalize()).map_err(|damage| damaged(damage, path))?;
    let value = envelope.value(&mut file).map_err(failed)?;
    let mut snapshot: Snapshot =
        serde_json::from_reader(value).map_err(|error| not_read(error, path))?;
    snapshot.format = envelope.format;
    Ok(snapshot)
}

fn not_read(error: serde_json::Error, path: &Path) -> StateError {
    if error.is_io() {
        unreadable(path, error.into())
    } else {
        damaged(error.into(), path)
    }
}

/// Compares the checksum that a document states with the one that it has.
fn agrees(stated: String, crc: u32) -> Result<(), CorruptionKind> {
    let actual = checksum(crc);
    if actual == stated {
        Ok(())
    } else {
        Err(CorruptionKind::Checksum { stated, actual })
    }
}

/// The members that every format has.
#[derive(Deserialize)]
struct SnapshotHead {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotDocument<'a> {
    format: u32,
    #[serde(borrow)]
    state: &'a RawValue,
    checksum: String,
}

fn read(document: SnapshotDocument<'_>) -> Result<Snapshot, CorruptionKind> {
    let state = document.state.get();
    agrees(document.checksum, crc32fast::hash(state.as_bytes()))?;
    let mut snapshot: Snapshot = serde_json::from_str(state)?;
    snapshot.format = document.format;
    Ok(snapshot)
}

/// Writes the document.
///
/// The path is that of the writer, for errors.
pub(crate) fn write(
    snapshot: &Snapshot,
    out: &mut impl Write,
    path: &Path,
) -> Result<(), StateError> {
    let failed = |cause| not_writable(path, cause);
    write!(out, "{{\n  \"format\": {FORMAT},\n  \"state\": ").map_err(failed)?;
    let mut inner = IndentedWriter {
        out,
        hasher: Hasher::new(),
    };
    serde_json::to_writer_pretty(&mut inner, snapshot).map_err(|cause| {
        if cause.is_io() {
            failed(cause.into())
        } else {
            StateError::NotSerializable {
                what: text!(en: "the state snapshot", zh: "状态快照"),
                cause,
            }
        }
    })?;
    let checksum = checksum(inner.hasher.finalize());
    write!(out, ",\n  \"checksum\": \"{checksum}\"\n}}\n").map_err(failed)
}

fn checksum(crc: u32) -> String {
    format!("crc32:{crc:08x}")
}

/// Indents what is written by one more step, and sums it up.
struct IndentedWriter<'a, W> {
    out: &'a mut W,
    hasher: Hasher,
}

impl<W: Write> IndentedWriter<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }
}

impl<W: Write> Write for IndentedWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A line break in JSON is never part of a string.
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.put(part)?;
            if part.ends_with(b"\n") {
                self.put(b"  ")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The result of reading a stream equals that of reading a whole document, and damage is
    /// refused either way.
    #[test]
    fn a_document_says_the_same_as_a_stream() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        let read = |text: &[u8]| {
            std::fs::write(&path, text).unwrap();
            let open = || File::open(&path).unwrap();
            let [whole, streamed] = [u64::MAX, 0].map(|most| {
                Snapshot::from_stored(StoredDocument::read(open(), KEY, most).unwrap(), &path)
            });
            assert_eq!(whole.is_ok(), streamed.is_ok(), "{whole:?} {streamed:?}");
            let (Ok(whole), Ok(streamed)) = (whole, streamed) else {
                return false;
            };
            assert_eq!(whole, streamed);
            assert_eq!(whole.format, streamed.format);
            true
        };
        let document = Snapshot::new_random().unwrap().to_document().unwrap();
        assert!(read(document.as_bytes()));
        assert!(!read(b""));
        let newer = document.replacen("\"format\": 5", "\"format\": 6", 1);
        assert!(!read(newer.as_bytes()));
        let mut refused = 0;
        for at in 0..document.len() {
            refused += usize::from(!read(&document.as_bytes()[..at]));
            let mut flipped = document.clone().into_bytes();
            flipped[at] ^= 4;
            refused += usize::from(!read(&flipped));
        }
        assert!(refused > document.len(), "{refused}");
    }

    /// Text that a parser would hold in memory, and quote, where it expects another value.
    /// None of it is read: the file has a hole larger than any memory.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_large_and_has_another_form_is_refused_unread() {
        use std::io::Seek as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state.json");
        for (head, tail) in [
            ("\"", "\""),
            ("1", "1"),
            ("[", "]"),
            ("{\"", "\":1}"),
            ("{\"format\":3,\"checksum\":\"", "\",\"state\":{}}"),
            ("{\"format\":3,\"state\":\"", "\",\"checksum\":\"00\"}"),
            ("{\"format\":3,\"state\":[", "],\"checksum\":\"00\"}"),
            ("{\"format\":9,\"other\":\"", "\"}"),
        ] {
            let mut file = File::create(&path).unwrap();
            file.write_all(head.as_bytes()).unwrap();
            file.seek(io::SeekFrom::Start(1 << 40)).unwrap();
            file.write_all(tail.as_bytes()).unwrap();
            let error = Snapshot::from_file(File::open(&path).unwrap(), &path).unwrap_err();
            let message = error.to_string();
            let expected = if head.contains('9') {
                "has format 9"
            } else {
                "not in the format of a state"
            };
            assert!(message.contains(expected), "{head}: {message}");
            assert!(message.len() < 1000);
        }
    }
}
