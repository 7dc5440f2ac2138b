//! The item at a place.

use std::ops::Range;

use crate::expression::{Path, look_through};
use crate::names::{Name, Space, variant_of};
use crate::outline::{Data, Item, Key, OutlineEntry};
use crate::workspace::{Directory, File, Place};

/// The item at a place.
#[derive(Debug)]
pub(crate) enum Cursor<'f> {
    /// The last of these keys; `variant` is the `type` of the table that it is in.
    Key {
        keys: Vec<&'f Key>,
        variant: Option<&'f str>,
    },
    /// A word of an expression.
    Word {
        path: Path,
        /// The index of one of its words.
        word: usize,
        /// Its range in the file.
        range: Range<usize>,
    },
    /// A string below these keys, not a word of an expression in it.
    Text { keys: Vec<&'f Key>, text: &'f str },
}

/// Returns the item at a byte of a file.
pub(crate) fn cursor(file: &File, offset: usize) -> Option<Cursor<'_>> {
    let sections = file.outline.sections.iter();
    let section = sections
        .rev()
        .find(|section| section.range.start <= offset)?;
    let keys: Vec<&Key> = section.path().iter().collect();
    if let Some(at) = keys.iter().position(|key| touches(&key.range, offset)) {
        let keys = keys[..=at].to_vec();
        return Some(Cursor::Key {
            keys,
            variant: None,
        });
    }
    in_entries(file, offset, &keys, &section.entries)
}

pub(crate) fn touches(range: &Range<usize>, offset: usize) -> bool {
    range.start <= offset && offset <= range.end
}

fn in_entries<'f>(
    file: &'f File,
    offset: usize,
    above: &[&'f Key],
    entries: &'f [OutlineEntry],
) -> Option<Cursor<'f>> {
    let variant = variant_of(file.text.as_str(), entries);
    entries.iter().find_map(|entry| {
        let mut keys: Vec<&Key> = above.iter().copied().chain(&entry.keys).collect();
        let own = &keys[above.len()..];
        match own.iter().position(|key| touches(&key.range, offset)) {
            Some(at) => {
                keys.truncate(above.len() + at + 1);
                Some(Cursor::Key { keys, variant })
            }
            None => in_item(file, offset, &keys, entry.item.as_ref()?),
        }
    })
}

fn in_item<'f>(
    file: &'f File,
    offset: usize,
    keys: &[&'f Key],
    item: &'f Item,
) -> Option<Cursor<'f>> {
    if !touches(&item.range, offset) {
        return None;
    }
    match &item.data {
        Data::List(items) => items
            .iter()
            .find_map(|item| in_item(file, offset, keys, item)),
        Data::Table(entries) => in_entries(file, offset, keys, entries),
        Data::Bare => None,
        Data::Text(quoted) => {
            let range = quoted.inner.clone();
            let text = file.text.as_str().get(range.clone())?;
            let at = offset.saturating_sub(range.start);
            for path in look_through(text, quoted.is_basic).paths {
                if let Some(word) = path.words.iter().position(|it| touches(&it.range, at)) {
                    let found = &path.words[word].range;
                    let range = range.start + found.start..range.start + found.end;
                    return Some(Cursor::Word { path, word, range });
                }
            }
            let keys = keys.to_vec();
            Some(Cursor::Text { keys, text })
        }
    }
}

/// Returns the value at a path of a file.
pub(crate) fn entry<'f>(file: &'f File, path: &[&str]) -> Option<&'f Item> {
    file.outline.sections.iter().find_map(|section| {
        let above: Vec<&str> = section.path().iter().map(|key| &*key.text).collect();
        let rest = path.strip_prefix(&*above)?;
        in_table(&section.entries, rest)
    })
}

fn in_table<'f>(entries: &'f [OutlineEntry], path: &[&str]) -> Option<&'f Item> {
    entries.iter().find_map(|entry| {
        let keys: Vec<&str> = entry.keys.iter().map(|key| &*key.text).collect();
        let rest = path.strip_prefix(&*keys)?;
        let item = entry.item.as_ref()?;
        match (&item.data, rest) {
            (_, []) => Some(item),
            (Data::Table(inner), rest) => in_table(inner, rest),
            _ => None,
        }
    })
}

/// Returns the text of a string; `None` if it has expressions.
pub(crate) fn plain_text<'f>(file: &'f File, item: &Item) -> Option<&'f str> {
    match &item.data {
        Data::Text(quoted) => {
            let text = file.text.as_str().get(quoted.inner.clone())?;
            (!text.contains("${")).then_some(text)
        }
        _ => None,
    }
}

/// Returns the directory of a module that is called at a place.
pub(crate) fn module(place: Place<'_>, label: &str) -> Option<Directory> {
    let files = place.directory.files.iter();
    let mut sources =
        files.filter_map(|file| plain_text(file, entry(file, &["module", label, "source"])?));
    let path = eci_config::plain_path(&place.directory.path.join(sources.next()?));
    let directory = place.workspace.directory(&path);
    (!directory.files.is_empty()).then_some(directory)
}

/// Returns the item at a place that is declared in a module: an input of a call, or an output that
/// is read.
pub(crate) fn of_module(place: Place<'_>) -> Option<(Directory, Name, Range<usize>)> {
    let (label, space, text, range) = match cursor(place.file, place.offset)? {
        Cursor::Word { path, word, range } => match &*path.words {
            [root, label, output, ..] if word == 2 && root.text == "module" => {
                let text = output.text.clone();
                (label.text.clone(), Space::Output, text, range)
            }
            _ => return None,
        },
        Cursor::Key { keys, .. } => match &*keys {
            [table, label, inputs, input] if table.text == "module" && inputs.text == "inputs" => {
                let range = input.range.clone();
                (
                    label.text.clone(),
                    Space::Variable,
                    input.text.clone(),
                    range,
                )
            }
            _ => return None,
        },
        Cursor::Text { .. } => return None,
    };
    let directory = module(place, &label)?;
    Some((directory, Name { space, text }, range))
}
