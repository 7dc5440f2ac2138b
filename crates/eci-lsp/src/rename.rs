//! Gives a label, a variable or a local another name, in every file that mentions it.
//!
//! A resource has a life in the cloud, and so has what is in a module: that it goes by another
//! address is told by a `[[moved]]` table, and a resource's name in the cloud that was made of the
//! label is written out, so that the next plan has nothing to change. Names of what is in a module
//! are for its own manifests to write out, which other callers may share.

use std::collections::HashMap;

use async_lsp::lsp_types::{Range, TextEdit, Url, WorkspaceEdit};
use eci_core::Kind;
use eci_core::address::is_label;
use eci_format::FileKind;

use crate::cursor::entry;
use crate::names::{Mention, Name, Role, Space};
use crate::outline::{Data, Item};
use crate::workspace::{Directory, File, Place};

/// Why something cannot be renamed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenameError {
    /// There is nothing with a name at the place.
    #[error(
        "there is no name here that can be changed; place the cursor on the label of a resource, \
         or on the name of a variable, a local or a module"
    )]
    NoName,
    /// Others that cannot be found here may use it.
    #[error(
        "other configurations may read the output `{0}`; change it in its header and wherever it \
         is used"
    )]
    Output(String),
    /// Nothing declares it.
    #[error("no table declares the {noun} `{name}`; declare it before you rename it")]
    Undeclared {
        /// What a person calls it.
        noun: &'static str,
        /// The name.
        name: String,
    },
    /// It would be no name.
    #[error(
        "`{0}` cannot be a name; a name starts with an ASCII letter or `_`, followed by ASCII letters, \
         digits, `_` or `-`"
    )]
    NotALabel(String),
    /// Something else has it.
    #[error("there is a {noun} `{name}` already, at {place}; choose another name")]
    Taken {
        /// What a person calls it.
        noun: &'static str,
        /// The name.
        name: String,
        /// `file:line`
        place: String,
    },
}

/// The name at a place, which can be changed.
pub(crate) fn prepare(place: Place<'_>) -> Result<(Range, String), RenameError> {
    let mention = renamed(place)?;
    let range = place.file.text.range(&mention.range);
    Ok((range, mention.name.text.clone()))
}

fn renamed(place: Place<'_>) -> Result<&Mention, RenameError> {
    let mention = place
        .file
        .mention_at(place.offset)
        .ok_or(RenameError::NoName)?;
    let name = &mention.name;
    if mention.role == Role::Recalls {
        return Err(RenameError::NoName);
    }
    if name.space == Space::Output {
        return Err(RenameError::Output(name.text.clone()));
    }
    match place.directory.declaration(name) {
        Some(_) => Ok(mention),
        None => Err(RenameError::Undeclared {
            noun: name.space.noun(),
            name: name.text.clone(),
        }),
    }
}

/// The changes that give what stands at a place another name.
pub(crate) fn rename(place: Place<'_>, to: &str) -> Result<WorkspaceEdit, RenameError> {
    let mention = renamed(place)?;
    let name = &mention.name;
    if !is_label(to) {
        return Err(RenameError::NotALabel(to.to_owned()));
    }
    let wanted = Name {
        space: name.space,
        text: to.to_owned(),
    };
    if wanted == *name {
        return Ok(WorkspaceEdit::default());
    }
    if let Some((file, taken)) = place.directory.declaration(&wanted) {
        let line = file.text.position(taken.range.start).line + 1;
        let file_name = file.path.file_name().unwrap_or_default().to_string_lossy();
        return Err(RenameError::Taken {
            noun: wanted.space.noun(),
            name: wanted.text,
            place: format!("{file_name}:{line}"),
        });
    }
    let mut edits = Edits::default();
    for (file, it) in place.directory.mentions() {
        if it.name == *name && it.role != Role::Recalls {
            edits.push(
                file,
                TextEdit::new(file.text.range(&it.range), to.to_owned()),
            );
        }
    }
    if let (Space::Resource(_) | Space::Module, Some((file, declared))) =
        (name.space, place.directory.declaration(name))
    {
        if let Space::Resource(kind) = name.space
            && let Some(edit) = keep_name(place.directory, file, declared, kind)
        {
            edits.push(file, edit);
        }
        edits.push(file, moved(file, name, to));
    }
    Ok(WorkspaceEdit::new(edits.0))
}

#[derive(Default)]
struct Edits(HashMap<Url, Vec<TextEdit>>);

impl Edits {
    fn push(&mut self, file: &File, edit: TextEdit) {
        if let Ok(url) = Url::from_file_path(&file.path) {
            self.0.entry(url).or_default().push(edit);
        }
    }
}

/// A table at the end of the file that tells of the move: without a key, so that it holds for
/// every instance of a `for_each`.
fn moved(file: &File, from: &Name, to: &str) -> TextEdit {
    let text = file.text.as_str();
    let end = file.text.whole().end;
    let break_before = match text.is_empty() || text.ends_with('\n') {
        true => "\n",
        false => "\n\n",
    };
    let (kind, from) = (from.space.table(), &from.text);
    let table =
        format!("{break_before}[[moved]]\nfrom = \"{kind}.{from}\"\nto = \"{kind}.{to}\"\n");
    let table = match text.contains("\r\n") {
        true => table.replace('\n', "\r\n"),
        false => table,
    };
    TextEdit::new(Range::new(end, end), table)
}

/// A line that writes the name in the cloud out, where it was made of the label.
fn keep_name(
    directory: &Directory,
    file: &File,
    declared: &Mention,
    kind: Kind,
) -> Option<TextEdit> {
    let name = kind
        .schema()
        .fields
        .iter()
        .find(|field| field.name == "name")?;
    let label = &*declared.name.text;
    let path = [kind.name(), label, "name"];
    let is_made_of_label = name.made_of == Some(&[]);
    let is_given = || {
        directory
            .files
            .iter()
            .any(|file| entry(file, &path).is_some())
    };
    if !is_made_of_label || is_given() || file.kind != FileKind::Manifest {
        return None;
    }
    let sections = file.outline.sections.iter();
    let mut own = sections.filter_map(|section| section.header.as_ref());
    let header = own.find(|header| {
        header.keys.len() == 2 && header.keys.iter().any(|key| key.range == declared.range)
    })?;
    let each = directory.files.iter();
    let each =
        each.filter_map(|file| Some((file, entry(file, &[kind.name(), label, "for_each"])?)));
    let base = label.replace('_', "-");
    let value = match each.into_iter().next() {
        None => format!("\"{base}\""),
        Some((file, item)) if has_plain_keys(file, item) => format!("'{base}-${{each.key}}'"),
        // As the name is made of any key.
        Some(_) => {
            format!("'{base}-${{trim(replace(lower(each.key), \"/[^a-z0-9]/\", \"-\"), \"-\")}}'")
        }
    };
    let ending = match file.text.rest_of_line(header.range.end).len() {
        0 => header.range.end,
        length => header.range.end + length,
    };
    let at = file.text.position(ending);
    let break_before = match file.text.as_str().contains("\r\n") {
        true => "\r\n",
        false => "\n",
    };
    let line = format!("{break_before}name = {value}");
    Some(TextEdit::new(Range::new(at, at), line))
}

/// Whether every key of a `for_each` is written out and goes into a name as it is.
fn has_plain_keys(file: &File, item: &Item) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_plain =
        |key: &str| key.chars().all(allowed) && !key.starts_with('-') && !key.ends_with('-');
    match &item.data {
        Data::List(items) => items.iter().all(|item| match &item.data {
            Data::Text(quoted) => {
                let text = file.text.as_str().get(quoted.inner.clone());
                text.is_some_and(is_plain)
            }
            _ => false,
        }),
        Data::Table(entries) => entries.iter().all(|entry| match &*entry.keys {
            [key, ..] => is_plain(&key.text),
            [] => false,
        }),
        _ => false,
    }
}
