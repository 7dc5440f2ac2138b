//! Stored documents that are too large to be held in memory together with their decoded values:
//! `{"format": 3, "state": …, "checksum": "…"}`. The parts of one are found at its ends, and its value
//! is read as a stream, once for the checksum and once for what it says.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};

use crate::regular::{self, LARGEST_STATE};

/// Up to this size, in bytes, a document is read as a whole, which is faster.
pub const LARGEST_WHOLE: u64 = 64 << 20;

/// A stored document, as it is read from a file.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoredDocument {
    /// All of a small one.
    Whole(Vec<u8>),
    /// A large one in the form in which it was written.
    Large(LargeDocument),
    /// A large one in any other form, of which only the format was read, where it is in front: the rest
    /// could be a string of any length.
    OtherForm(Option<u32>),
}

/// A large document, whose value is read as a stream.
#[derive(Debug)]
pub struct LargeDocument {
    /// The file.
    pub file: File,
    /// Its parts.
    pub envelope: Envelope,
}

impl StoredDocument {
    /// Reads the document in a file, whose value has this key: one of more bytes than `largest_whole`,
    /// usually [`LARGEST_WHOLE`], is left to be read as a stream.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn read(mut file: File, key: &str, largest_whole: u64) -> io::Result<StoredDocument> {
        if file.metadata()?.len() <= largest_whole {
            file.rewind()?;
            let text = regular::read_open(file, LARGEST_STATE)?;
            return Ok(StoredDocument::Whole(text));
        }
        match Envelope::find(&mut file, key)? {
            Some(envelope) => Ok(StoredDocument::Large(LargeDocument { file, envelope })),
            None => Envelope::format_of(&mut file).map(StoredDocument::OtherForm),
        }
    }
}

/// The number of bytes that are read at either end of a document.
const END: u64 = 256;

/// The positions of the parts of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The format that it states.
    pub format: u32,
    /// The checksum of the value that it states.
    pub checksum: String,
    start: u64,
    length: u64,
}

impl Envelope {
    /// Finds the parts of a document whose value has this key; none where the document has any other
    /// shape.
    ///
    /// # Errors
    /// If it cannot be read.
    fn find(file: &mut (impl Read + Seek), key: &str) -> io::Result<Option<Envelope>> {
        let size = file.seek(SeekFrom::End(0))?;
        let mut end = |from: u64| {
            let mut bytes = Vec::new();
            file.seek(SeekFrom::Start(from))?;
            file.take(END).read_to_end(&mut bytes)?;
            io::Result::Ok(bytes)
        };
        let (head, tail) = (end(0)?, end(size.saturating_sub(END))?);
        let (Some((format, start)), Some((checksum, behind))) =
            (head_of(&head, key), tail_of(&tail))
        else {
            return Ok(None);
        };
        let length = size.checked_sub(start + behind);
        Ok(length.map(|length| Envelope {
            format,
            checksum,
            start,
            length,
        }))
    }

    /// Returns the format that a document has in front, whatever follows: a newer one may have another
    /// shape.
    ///
    /// # Errors
    /// If it cannot be read.
    fn format_of(file: &mut (impl Read + Seek)) -> io::Result<Option<u32>> {
        file.rewind()?;
        let mut head = Vec::new();
        file.take(END).read_to_end(&mut head)?;
        Ok(format_in(&head).map(|(format, _)| format))
    }

    /// Returns a reader of the value, as it is stored.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn value<'a>(&self, file: &'a mut File) -> io::Result<BufReader<Take<&'a mut File>>> {
        file.seek(SeekFrom::Start(self.start))?;
        Ok(BufReader::with_capacity(1 << 16, file.take(self.length)))
    }

    /// Gives the bytes of the value to a function, from the first to the last.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn each_part(&self, file: &mut File, mut part: impl FnMut(&[u8])) -> io::Result<()> {
        let mut value = self.value(file)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            match value.read(&mut buffer)? {
                0 => return Ok(()),
                length => part(&buffer[..length]),
            }
        }
    }
}

/// Returns the format, and the number of bytes before the value.
fn head_of(head: &[u8], key: &str) -> Option<(u32, u64)> {
    let (format, rest) = format_in(head)?;
    let rest = after(rest, format!("\"{key}\"").as_bytes())?;
    let rest = after(rest, b":")?.trim_ascii_start();
    // A parser would hold a string or any other value completely before it refuses it.
    rest.starts_with(b"{")
        .then(|| (format, length(head) - length(rest)))
}

/// Returns the format, and the bytes after it.
fn format_in(head: &[u8]) -> Option<(u32, &[u8])> {
    let rest = after(head, b"{")?;
    let rest = after(rest, b"\"format\"")?;
    let rest = after(rest, b":")?.trim_ascii_start();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let format = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    Some((format, after(&rest[digits..], b",")?))
}

/// Returns the checksum, and the number of bytes after the value.
fn tail_of(tail: &[u8]) -> Option<(String, u64)> {
    let rest = before(tail, b"}")?;
    let rest = before(rest, b"\"")?;
    let quote = rest.iter().rposition(|byte| *byte == b'"')?;
    let checksum = std::str::from_utf8(&rest[quote + 1..]).ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b':';
    let is_plain = checksum.bytes().all(is_plain);
    let rest = before(&rest[..quote], b":")?;
    let rest = before(rest, b"\"checksum\"")?;
    let rest = before(rest, b",")?.trim_ascii_end();
    is_plain.then(|| (checksum.to_owned(), length(tail) - length(rest)))
}

/// Returns the bytes after a word, which may have space before it.
fn after<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    text.trim_ascii_start().strip_prefix(word)
}

/// Returns the bytes before a word, which may have space after it.
fn before<'a>(text: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    text.trim_ascii_end().strip_suffix(word)
}

fn length(bytes: &[u8]) -> u64 {
    bytes.len().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn found(text: &str) -> Option<(u32, String, String)> {
        let envelope = Envelope::find(&mut Cursor::new(text), "state").unwrap()?;
        let start = usize::try_from(envelope.start).unwrap();
        let end = start + usize::try_from(envelope.length).unwrap();
        Some((
            envelope.format,
            envelope.checksum,
            text[start..end].to_owned(),
        ))
    }

    #[test]
    fn the_parts_are_found_however_they_are_spaced() {
        let long = format!("{{\"a\": \"{}\"}}", "x".repeat(1000));
        for value in ["{}", "{\"a\": 1}", &long] {
            let tight = format!("{{\"format\":3,\"state\":{value},\"checksum\":\"crc32:0a\"}}");
            let wide = format!(
                "\n{{\n  \"format\" : 3 ,\n  \"state\" :  {value} ,\n\t\"checksum\" : \"crc32:0a\"\n}}\n"
            );
            let expected = Some((3, "crc32:0a".to_owned(), value.to_owned()));
            assert_eq!(found(&tight), expected);
            assert_eq!(found(&wide), expected);
        }
    }

    #[test]
    fn any_other_shape_is_none() {
        for text in [
            "",
            "{}",
            "{\"format\":3,\"plan\":{},\"checksum\":\"a\"}",
            "{\"state\":{},\"format\":3,\"checksum\":\"a\"}",
            "{\"format\":3,\"state\":{}}",
            "{\"format\":x,\"state\":{},\"checksum\":\"a\"}",
            "{\"format\":3,\"state\":{},\"checksum\":\"a\\\"b\"}",
            "{\"format\":3,\"state\":{},\"checksum\":\"a\"} 1",
            "{\"format\":3,\"state\":\"checksum\":\"a\"}",
            "{\"format\":3,\"state\":\"long\",\"checksum\":\"a\"}",
            "{\"format\":3,\"state\":[{}],\"checksum\":\"a\"}",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
