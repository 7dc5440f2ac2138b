//! Declarations and references of a name.

use std::path::{Path, PathBuf};

use async_lsp::lsp_types::{Location, Range, Url};

use crate::cursor::{Cursor, cursor, of_module};
use crate::names::{Role, shape_of};
use crate::workspace::{Directory, File, Place};

/// Returns the declaration of the item at a place.
pub(crate) fn definition(place: Place<'_>) -> Option<Location> {
    if let Some(mention) = place.file.mention_at(place.offset) {
        let (file, declared) = place.directory.declaration(&mention.name)?;
        return location(file, file.text.range(&declared.range));
    }
    if let Some((module, name, _)) = of_module(place) {
        let (file, declared) = module.declaration(&name)?;
        return location(file, file.text.range(&declared.range));
    }
    let path = file_at(place)?;
    Some(Location::new(
        Url::from_file_path(path).ok()?,
        Range::default(),
    ))
}

/// Returns every reference to the item at a place; with `declaration` also its declarations.
pub(crate) fn references(place: Place<'_>, declaration: bool) -> Vec<Location> {
    let Some(mention) = place.file.mention_at(place.offset) else {
        return Vec::new();
    };
    let is_requested = |role| match role {
        Role::Uses | Role::Extends => true,
        Role::Declares => declaration,
        Role::Recalls => false,
    };
    let mentions = place.directory.mentions();
    let uses = mentions.filter(|(_, it)| it.name == mention.name && is_requested(it.role));
    let locations = uses.filter_map(|(file, it)| location(file, file.text.range(&it.range)));
    locations.collect()
}

/// Returns the places in the same file, for an editor to mark.
pub(crate) fn highlights(place: Place<'_>) -> Vec<Range> {
    let Some(mention) = place.file.mention_at(place.offset) else {
        return Vec::new();
    };
    let mentions = place.file.mentions.iter();
    let same = mentions.filter(|it| it.name == mention.name && it.role != Role::Recalls);
    same.map(|it| place.file.text.range(&it.range)).collect()
}

pub(crate) fn location(file: &File, range: Range) -> Option<Location> {
    Some(Location::new(Url::from_file_path(&file.path).ok()?, range))
}

/// Returns the file that a string at a place names: the source of a file or of a module.
fn file_at(place: Place<'_>) -> Option<PathBuf> {
    let Cursor::Text { keys, text, .. } = cursor(place.file, place.offset)? else {
        return None;
    };
    let names: Vec<&str> = keys.iter().map(|key| &*key.text).collect();
    shape_of(names.iter().copied(), None).field()?;
    match &*names {
        ["module", _, "source"] => first_manifest(place.directory, text),
        [.., "source"] => {
            let file = eci_config::plain_path(&place.directory.path.join(text));
            file.is_file().then_some(file)
        }
        _ => None,
    }
}

fn first_manifest(directory: &Directory, source: &str) -> Option<PathBuf> {
    let module = eci_config::plain_path(&directory.path.join(source));
    let entries = std::fs::read_dir(module).ok()?.flatten();
    let paths = entries.map(|entry| entry.path());
    let is_manifest = |path: &PathBuf| name_of(path).ends_with(eci_format::MANIFEST_ENDING);
    paths.filter(is_manifest).min()
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
