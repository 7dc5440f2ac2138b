//! Damage of a snapshot or of a line of the journal.

use eci_core::truncate;
use eci_text::{In, Lang, Noun, Text, messages};
use thiserror::Error;

use crate::integrity_error::IntegrityError;

/// Lines of a journal.
pub(crate) const LINE: Noun = Noun {
    one: "line",
    many: "lines",
    zh: "行",
    measure: "",
};

/// A kind of damage of a snapshot or of a line of the journal.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CorruptionKind {
    /// Its checksum differs.
    Checksum {
        /// The checksum in the file.
        stated: String,
        /// The checksum of the content.
        actual: String,
    },
    /// A format number that no version has written.
    NoSuchFormat(u32),
    /// A syntax error.
    Syntax(ParseError),
    /// A large document in another form than that of a snapshot.
    OtherForm,
    /// A line without the form of one.
    NoChecksum,
    /// A line with more bytes than any line is written with.
    TooLong(u64),
    /// The line before it is not the one that it was written behind.
    OutOfPlace,
    /// Lines that were flushed are missing at the end.
    Truncated {
        /// The least number of lines that were written.
        flushed: u64,
        /// The number of lines that were found.
        found: u64,
    },
    /// The number of lines is unknown.
    EndUnknown,
    /// A contradiction to the records before it.
    Integrity(#[from] IntegrityError),
}

impl From<serde_json::Error> for CorruptionKind {
    fn from(error: serde_json::Error) -> CorruptionKind {
        CorruptionKind::Syntax(ParseError::from(error))
    }
}

/// A reason why a text cannot be parsed.
///
/// A parser quotes what it finds instead, however long that is: of this, an excerpt is kept.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct ParseError(Text);

messages! { ParseError:
    ParseError(text) => en("{text}"), zh("{}", text.get(Lang::Zh));
}

impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> ParseError {
        ParseError(Text::of(&error).map(|text| truncate(text).into()))
    }
}

messages! { CorruptionKind:
    CorruptionKind::Checksum { stated, actual } =>
        en("expected checksum {}, found {actual}", truncate(stated)),
        zh("校验和应为 {}，实际为 {actual}", truncate(stated));
    CorruptionKind::NoSuchFormat(format) =>
        en("unknown format {format}"),
        zh("未知的格式版本 {format}");
    CorruptionKind::Syntax(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    CorruptionKind::OtherForm =>
        en("not in the format of a state: expected format, state, and checksum, in this order"),
        zh("不是状态文件的格式：应依次为格式版本、状态和校验和");
    CorruptionKind::NoChecksum =>
        en("the checksum at its start is missing"),
        zh("开头缺少校验和");
    CorruptionKind::TooLong(bytes) =>
        en("the line is longer than {} MiB", bytes >> 20),
        zh("该行超过 {} MiB", bytes >> 20);
    CorruptionKind::OutOfPlace =>
        en("the line does not follow the line before it: a line is missing or out of place"),
        zh("该行与前一行不连续：有行丢失或错位");
    CorruptionKind::Truncated { flushed, found } =>
        en("{} had been written, and {found} are left", LINE.count(*flushed as usize)),
        zh("曾写入 {}，现剩余 {}",
            In(&LINE.count(*flushed as usize), Lang::Zh), In(&LINE.count(*found as usize), Lang::Zh));
    CorruptionKind::EndUnknown =>
        en("the file `flushed`, which records the number of lines, is missing, empty, or belongs to another journal"),
        zh("记录行数的文件 `flushed` 缺失、为空或属于其他预写日志");
    CorruptionKind::Integrity(error) =>
        en("{}", truncate(error)),
        zh("{}", truncate(In(error, Lang::Zh)));
}
