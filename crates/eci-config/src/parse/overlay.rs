//! Texts that replace files, for example documents that an editor has not saved.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Texts that replace files.
///
/// A manifest that is here and not on the disk is read as well.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    texts: BTreeMap<PathBuf, Arc<str>>,
}

impl Overlay {
    /// Puts a text in the place of a file.
    pub fn insert(&mut self, path: &Path, text: impl Into<Arc<str>>) {
        self.texts.insert(plain_path(path), text.into());
    }

    /// Returns the text that replaces a file.
    pub fn text(&self, path: &Path) -> Option<&str> {
        if self.texts.is_empty() {
            return None;
        }
        self.texts.get(&plain_path(path)).map(|text| &**text)
    }

    /// Returns the files directly in a directory that have a text here, in name order, each with
    /// the directory as it is given in front.
    pub(crate) fn files_in(&self, directory: &Path) -> impl Iterator<Item = PathBuf> {
        let place = plain_path(directory);
        let inside = move |path: &&PathBuf| path.parent() == Some(&*place);
        let names = self.texts.keys().filter(inside);
        names.filter_map(|path| Some(directory.join(path.file_name()?)))
    }
}

/// Returns a path without `.`, and without `..` where the preceding step is in the path: one place
/// has one such path, unless links lead to it.
pub fn plain_path(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_however_its_path_is_written() {
        let mut overlay = Overlay::default();
        overlay.insert(Path::new("/envs/dev/../web.eci.toml"), "a = 1");
        assert_eq!(
            overlay.text(Path::new("/envs/./web.eci.toml")),
            Some("a = 1")
        );
        assert_eq!(overlay.text(Path::new("/envs/db.eci.toml")), None);
        let found: Vec<PathBuf> = overlay.files_in(Path::new("/envs/dev/..")).collect();
        assert_eq!(found, [PathBuf::from("/envs/dev/../web.eci.toml")]);
    }
}
