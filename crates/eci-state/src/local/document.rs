//! A snapshot as text: readable JSON with its format in front and a checksum behind.
//!
//! The format comes first and is read first, so that a newer one is told from a damaged one.
//! The checksum comes last, so that a large snapshot is written as it is formed.

use std::io::{self, Write};
use std::path::Path;

use crc32fast::Hasher;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::files::not_writable;
use crate::error::{Damage, StateError};
use crate::snapshot::{FORMAT, OLDEST_FORMAT, Snapshot};

impl Snapshot {
    /// The snapshot as the text in which it is stored.
    pub fn to_document(&self) -> Result<String, StateError> {
        let mut text = Vec::new();
        // Memory takes whatever is written to it: no error will name this place.
        write(self, &mut text, Path::new("memory"))?;
        // JSON is UTF-8, and nothing else was written.
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Reads what [`Snapshot::to_document`] wrote. The path is that of the text, for errors.
    pub fn from_document(text: &[u8], path: &Path) -> Result<Snapshot, StateError> {
        let damaged = |damage| StateError::Damaged {
            path: path.to_owned(),
            damage,
            backups: path.with_file_name("backups"),
        };
        // A newer document may have another shape and the format in front all the same.
        let document = serde_json::from_slice::<Document<'_>>(text);
        let format = match &document {
            Ok(document) => Ok(document.format),
            Err(_) => serde_json::from_slice(text).map(|head: Head| head.format),
        };
        match format {
            Ok(found) if found > FORMAT => Err(StateError::NewerFormat {
                path: path.to_owned(),
                found,
                known: FORMAT,
            }),
            Ok(found) if found < OLDEST_FORMAT => Err(damaged(Damage::NoSuchFormat(found))),
            _ => document
                .map_err(Damage::from)
                .and_then(read)
                .map_err(damaged),
        }
    }
}

/// What every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    format: u32,
    #[serde(borrow)]
    state: &'a RawValue,
    checksum: String,
}

fn read(document: Document<'_>) -> Result<Snapshot, Damage> {
    let state = document.state.get();
    let actual = checksum(crc32fast::hash(state.as_bytes()));
    if actual != document.checksum {
        return Err(Damage::Checksum {
            stated: document.checksum,
            actual,
        });
    }
    let mut snapshot: Snapshot = serde_json::from_str(state)?;
    snapshot.format = document.format;
    Ok(snapshot)
}

/// Writes the document. The path is that of the writer, for errors.
pub(crate) fn write(
    snapshot: &Snapshot,
    out: &mut impl Write,
    path: &Path,
) -> Result<(), StateError> {
    let failed = |cause| not_writable(path, cause);
    write!(out, "{{\n  \"format\": {FORMAT},\n  \"state\": ").map_err(failed)?;
    let mut inner = Inner {
        out,
        hasher: Hasher::new(),
    };
    serde_json::to_writer_pretty(&mut inner, snapshot).map_err(|cause| match cause.is_io() {
        true => failed(cause.into()),
        false => StateError::Unstorable {
            what: "the snapshot".to_owned(),
            cause,
        },
    })?;
    let checksum = checksum(inner.hasher.finalize());
    write!(out, ",\n  \"checksum\": \"{checksum}\"\n}}\n").map_err(failed)
}

fn checksum(crc: u32) -> String {
    format!("crc32:{crc:08x}")
}

/// Indents what is written by one more step, and sums it up.
struct Inner<'a, W> {
    out: &'a mut W,
    hasher: Hasher,
}

impl<W: Write> Inner<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.out.write_all(bytes)
    }
}

impl<W: Write> Write for Inner<'_, W> {
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
