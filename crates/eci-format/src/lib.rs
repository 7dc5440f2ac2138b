//! The canonical layout of manifests (`*.eci.toml`) and of variable files (`*.vars.toml`).
//!
//! ```
//! use std::sync::Arc;
//! use eci_core::diagnostic::Source;
//!
//! let source = Arc::new(Source::new("web.eci.toml", "[eip.web]\nbandwidth=5 # Mbps\nauto=true\n"));
//! let formatted = eci_format::format(&source, eci_format::FileKind::Manifest)?;
//! assert_eq!(formatted, "[eip.web]\nauto = true\nbandwidth = 5 # Mbps\n");
//! # Ok::<(), eci_format::FormatError>(())
//! ```
//!
//! What a layout is:
//!
//! * tables stay in the order in which they are written, one blank line between two;
//! * keys are in the order of their descriptions ([`eci_core::tables::ManifestShape::keys`]), and those
//!   that have none, for example tags, after them as they are written; a comment stays with the key
//!   that follows it or on whose line it is;
//! * no indentation, one space around `=`, at most one blank line in a row;
//! * a list is in one line if it fits in 100 columns, and otherwise one element a line; one that is
//!   broken over lines and ends in a comma stays so;
//! * strings that hold an expression are in single quotes and others in double quotes, where that
//!   requires no escapes; numbers, dates and strings of several lines stay as they are;
//! * line ends stay those of the file if they are all the same; the file ends in one.
//!
//! The layout of a layout is itself, and what a file says, comments included, does not change:
//! that is checked of each result before it is given out ([`format()`]).
//!
//! The modules: `section` takes a document apart into tables, `entry` a table into its keys,
//! `order` sorts these, `value` and `text` write their values, `comment` reads and writes comments
//! and blank lines; `equivalence` compares the output with the input.

mod comment;
mod descent;
mod entry;
mod equivalence;
mod line_ending;
mod order;
mod section;
mod text;
mod value;

use std::sync::Arc;

use eci_core::diagnostic::{Source, Span};
use eci_core::tables::ManifestShape;
use eci_core::{Diagnostic, codes};
use eci_text::{Lang, Text, messages, text};
use toml_edit::DocumentMut;

use line_ending::LineEnding;
pub use value::LONGEST;

/// The ending of the name of every manifest.
pub const MANIFEST_ENDING: &str = ".eci.toml";

/// The ending of the name of every variable file.
pub const VARIABLES_ENDING: &str = ".vars.toml";

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A manifest.
    Manifest,
    /// Values of variables, whose keys have no order of their own.
    Variables,
}

impl FileKind {
    /// Returns the kind of a file of that name; `None` if it is neither.
    pub fn of(name: &str) -> Option<FileKind> {
        if name.ends_with(MANIFEST_ENDING) {
            Some(FileKind::Manifest)
        } else if name.ends_with(VARIABLES_ENDING) {
            Some(FileKind::Variables)
        } else {
            None
        }
    }
}

/// A reason why a file cannot be formatted.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The file is not valid TOML.
    NotToml(Box<Diagnostic>),
    /// The formatted file would have another meaning.
    Unfaithful {
        /// The file.
        name: String,
    },
}

messages! { FormatError:
    FormatError::NotToml(diagnostic) =>
        en("{diagnostic}"),
        zh("{}", diagnostic.message.get(Lang::Zh));
    FormatError::Unfaithful { name } =>
        en("internal error: formatting would change the meaning of {name}, so it was not changed"),
        zh("内部错误：格式化会改变 {name} 的含义，因此未修改");
}

impl FormatError {
    /// Returns the remedy, if the error does not have its own place and help.
    pub fn help(&self) -> Option<Text> {
        match self {
            FormatError::NotToml(_) => None,
            FormatError::Unfaithful { .. } => Some(text!(
                en: "this is a bug in eci; please report it with the file",
                zh: "这是 eci 的缺陷，请反馈并附上该文件",
            )),
        }
    }
}

/// Returns the canonical layout of a file.
///
/// # Errors
///
/// The first TOML error, with its place.
pub fn format(source: &Arc<Source>, kind: FileKind) -> Result<String, FormatError> {
    let ending = LineEnding::of(&source.text);
    let text = ending.remove(&source.text);
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let range = error.span().unwrap_or(text.len()..text.len());
        let place = Span::new(source, ending.widen(&source.text, range));
        let message = text!(
            en: "invalid TOML: {problem}",
            zh: "TOML 无效：{problem}",
            problem = error.message(),
        );
        let diagnostic = Diagnostic::new(codes::TOML, message);
        FormatError::NotToml(Box::new(diagnostic.primary(place, Text::default())))
    })?;
    let root = match kind {
        FileKind::Manifest => ManifestShape::root(),
        FileKind::Variables => ManifestShape::Anything,
    };
    let formatted = section::write(&document, root);
    if equivalence::says_the_same(&text, &formatted) {
        Ok(ending.restore(formatted))
    } else {
        Err(FormatError::Unfaithful {
            name: source.name.clone(),
        })
    }
}
