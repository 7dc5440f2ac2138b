//! The documents that an editor shows, and the directories that they are in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_config::Overlay;
use eci_core::regular;
use eci_format::FileKind;
use eci_text::Lang;

use crate::names::{Name, NameOccurrence, Role, mentions};
use crate::outline::{Outline, outline};
use crate::text::Text;

/// A file larger than this is left to the check of the whole configuration.
const LARGEST: u64 = 16 << 20;

/// One file, taken apart.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) kind: FileKind,
    pub(crate) text: Text,
    pub(crate) outline: Outline,
    pub(crate) mentions: Vec<NameOccurrence>,
}

impl File {
    /// Creates a file of that path with that text; `None` if its name says that it is neither a
    /// manifest nor holds values of variables.
    pub(crate) fn new(path: &Path, text: Text) -> Option<File> {
        let kind = FileKind::of(&path.file_name()?.to_string_lossy())?;
        let outline = outline(text.as_str());
        let mentions = mentions(text.as_str(), &outline, kind);
        Some(File {
            path: path.to_owned(),
            kind,
            text,
            outline,
            mentions,
        })
    }

    /// Returns the mention that a byte is in or just behind.
    pub(crate) fn mention_at(&self, offset: usize) -> Option<&NameOccurrence> {
        let touches = |mention: &&NameOccurrence| {
            mention.range.start <= offset && offset <= mention.range.end
        };
        self.mentions.iter().find(touches)
    }
}

/// The files of one directory: what is open as the editor shows it, the rest from the disk.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) path: PathBuf,
    pub(crate) files: Vec<Arc<File>>,
}

impl Directory {
    /// Returns every mention of all files.
    pub(crate) fn mentions(&self) -> impl Iterator<Item = (&Arc<File>, &NameOccurrence)> {
        let of = |file| std::iter::repeat(file);
        self.files
            .iter()
            .flat_map(move |file| of(file).zip(&file.mentions))
    }

    /// Returns the declaration of a name: its own table, or the first that is part of it.
    pub(crate) fn declaration(&self, name: &Name) -> Option<(&Arc<File>, &NameOccurrence)> {
        let of_name = || self.mentions().filter(|(_, mention)| mention.name == *name);
        let mut own = of_name().filter(|(_, mention)| mention.role == Role::Declares);
        let mut parts = of_name().filter(|(_, mention)| mention.role == Role::Extends);
        own.next().or_else(|| parts.next())
    }

    /// Returns every name that is declared, each once.
    pub(crate) fn declared(&self) -> BTreeSet<&Name> {
        let declares = |role| matches!(role, Role::Declares | Role::Extends);
        let declaring = self
            .mentions()
            .filter(|(_, mention)| declares(mention.role));
        declaring.map(|(_, mention)| &mention.name).collect()
    }
}

/// The documents that an editor shows.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    /// The directories that the editor was opened with.
    pub(crate) roots: Vec<PathBuf>,
    open: BTreeMap<PathBuf, Arc<File>>,
}

impl Workspace {
    /// Adds an opened or changed document.
    pub(crate) fn open(&mut self, path: &Path, text: Text) {
        if let Some(file) = File::new(path, text) {
            self.open.insert(path.to_owned(), Arc::new(file));
        }
    }

    /// Removes a closed document.
    pub(crate) fn close(&mut self, path: &Path) {
        self.open.remove(path);
    }

    /// Returns the document of that path, if it is shown.
    pub(crate) fn file(&self, path: &Path) -> Option<&Arc<File>> {
        self.open.get(path)
    }

    /// Returns the directories of all documents, in name order.
    pub(crate) fn directories(&self) -> Vec<PathBuf> {
        let parents = self.open.keys().filter_map(|path| path.parent());
        let mut directories: Vec<PathBuf> = parents.map(Path::to_owned).collect();
        directories.dedup();
        directories
    }

    /// Returns the texts of all documents, in the place of their files.
    pub(crate) fn overlay(&self) -> Overlay {
        let mut overlay = Overlay::default();
        for (path, file) in &self.open {
            overlay.insert(path, file.text.as_str());
        }
        overlay
    }

    /// Returns the files of a directory.
    pub(crate) fn directory(&self, path: &Path) -> Directory {
        let mut files: BTreeMap<PathBuf, Arc<File>> = BTreeMap::new();
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            if let Some(file) = read(&path) {
                files.insert(path, Arc::new(file));
            }
        }
        for (open, file) in &self.open {
            if open.parent() == Some(path) {
                files.insert(open.clone(), file.clone());
            }
        }
        Directory {
            path: path.to_owned(),
            files: files.into_values().collect(),
        }
    }
}

/// Returns a file from the disk, if it is one of a configuration and can be read.
fn read(path: &Path) -> Option<File> {
    FileKind::of(&path.file_name()?.to_string_lossy())?;
    let text = regular::read_to_string(path, LARGEST).ok()?;
    File::new(path, Text::new(text))
}

/// A place that an editor asks about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) workspace: &'a Workspace,
    pub(crate) directory: &'a Directory,
    pub(crate) file: &'a File,
    pub(crate) offset: usize,
    /// The language of the answer.
    pub(crate) lang: Lang,
}
