//! Gives a label, a variable or a local another name, in every file that mentions it.
//!
//! A renamed resource, or a renamed module with what it contains, gets a `[[moved]]` table, so
//! that the next plan has nothing to change: the state keeps the name that a resource has in the
//! cloud.

use std::collections::HashMap;

use async_lsp::lsp_types::{Range, TextEdit, Url, WorkspaceEdit};
use eci_core::address::is_label;
use eci_text::{FixedText, In, Lang, messages};

use crate::names::{Name, NameOccurrence, Role, Space};
use crate::workspace::{File, Place};

/// The reason why a name cannot be changed.
///
/// An editor shows one message, so the remedy is part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenameError {
    /// There is nothing with a name at the place.
    NoName,
    /// Others that cannot be found here may use it.
    Output(String),
    /// Nothing declares it.
    Undeclared {
        /// The word for it.
        noun: FixedText,
        /// The name.
        name: String,
    },
    /// The new name is invalid.
    NotALabel(String),
    /// The name is taken.
    Taken {
        /// The word for it.
        noun: FixedText,
        /// The name.
        name: String,
        /// `file:line`
        place: String,
    },
}

messages! { RenameError:
    RenameError::NoName =>
        en("no name to change here; place the cursor on the name of a resource, variable, local or module"),
        zh("此处没有可更改的名称；将光标置于资源、变量、局部值或模块的名称上");
    RenameError::Output(name) =>
        en("other configurations may use output `{name}`; change it in its header and wherever it is used"),
        zh("其他配置可能使用输出 `{name}`；在其表头和所有使用处修改");
    RenameError::Undeclared { noun, name } =>
        en("undeclared {noun} `{name}`; declare it before renaming it"),
        zh("{} `{name}` 未声明；先声明再重命名", In(noun, Lang::Zh));
    RenameError::NotALabel(name) =>
        en("invalid name `{name}`; a name starts with an ASCII letter or `_`, followed by ASCII letters, \
            digits, `_` or `-`"),
        zh("名称 `{name}` 无效；名称以 ASCII 字母或 `_` 开头，后跟 ASCII 字母、数字、`_` 或 `-`");
    RenameError::Taken { noun, name, place } =>
        en("{noun} `{name}` already exists at {place}; choose another name"),
        zh("{} `{name}` 已存在，位于 {place}；使用其他名称", In(noun, Lang::Zh));
}

/// Returns the name at a place, which can be changed.
pub(crate) fn prepare(place: Place<'_>) -> Result<(Range, String), RenameError> {
    let mention = renamed(place)?;
    let range = place.file.text.range(&mention.range);
    Ok((range, mention.name.text.clone()))
}

fn renamed(place: Place<'_>) -> Result<&NameOccurrence, RenameError> {
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

/// Returns the changes that rename the item at a place.
pub(crate) fn rename(place: Place<'_>, to: &str) -> Result<WorkspaceEdit, RenameError> {
    let mention = renamed(place)?;
    let name = &mention.name;
    if !is_label(to) {
        return Err(RenameError::NotALabel(to.to_owned()));
    }
    let renamed = Name {
        space: name.space,
        text: to.to_owned(),
    };
    if renamed == *name {
        return Ok(WorkspaceEdit::default());
    }
    if let Some((file, taken)) = place.directory.declaration(&renamed) {
        let line = file.text.position(taken.range.start).line + 1;
        let file_name = file.path.file_name().unwrap_or_default().to_string_lossy();
        return Err(RenameError::Taken {
            noun: renamed.space.noun(),
            name: renamed.text,
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
    if let (Space::Resource(_) | Space::Module, Some((file, _))) =
        (name.space, place.directory.declaration(name))
    {
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

/// Returns a `moved` table for the end of the file: without a key, so that it applies to every
/// instance of a `for_each`.
fn moved(file: &File, from: &Name, to: &str) -> TextEdit {
    let text = file.text.as_str();
    let end = file.text.whole().end;
    let break_before = if text.is_empty() || text.ends_with('\n') {
        "\n"
    } else {
        "\n\n"
    };
    let (kind, from) = (from.space.table(), &from.text);
    let table =
        format!("{break_before}[[moved]]\nfrom = \"{kind}.{from}\"\nto = \"{kind}.{to}\"\n");
    let table = if text.contains("\r\n") {
        table.replace('\n', "\r\n")
    } else {
        table
    };
    TextEdit::new(Range::new(end, end), table)
}
