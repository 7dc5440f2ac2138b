//! The files that a pipeline keeps.

use std::path::{Path, PathBuf};
use std::{fs, io};

use eci_engine::strip_current_dir;
use eci_text::text;

use super::revisions::Revisions;
use crate::error::CommandError;

/// The directory of artifacts.
#[derive(Debug)]
pub(super) struct Artifacts {
    root: PathBuf,
    /// Path of that directory, without links above it.
    real: PathBuf,
    /// The working copy, in which a link may be that of a stranger.
    working_copy: PathBuf,
}

impl Artifacts {
    /// Creates the directory of artifacts of a command in a directory of a working copy; a relative path begins
    /// there.
    pub(super) fn new(path: &Path, directory: &Path, working_copy: PathBuf) -> Artifacts {
        let root = directory.join(path);
        let real = match directory.canonicalize() {
            Ok(directory) => directory.join(path),
            Err(_) => root.clone(),
        };
        Artifacts {
            root: strip_current_dir(&root),
            real,
            working_copy,
        }
    }

    /// Writes a file for people, for a directory of the repository.
    pub(super) fn write(&self, place: &str, name: &str, text: &str) -> Result<(), CommandError> {
        self.write_private(&self.root.join(place).join(name), text)
    }

    /// Writes a saved plan for a commit and its files.
    pub(super) fn save(
        &self,
        place: &str,
        revisions: &Revisions,
        document: &str,
    ) -> Result<(), CommandError> {
        let names = [Some(&revisions.commit), revisions.tree.as_ref()];
        names
            .into_iter()
            .flatten()
            .try_for_each(|name| self.write_private(&self.plan(place, name), document))
    }

    /// Returns the saved plan for one of several commits or trees.
    pub(super) fn find(&self, place: &str, revisions: &[String]) -> Option<Vec<u8>> {
        let mut revisions = revisions.iter().filter(|it| is_hash(it));
        revisions.find_map(|revision| fs::read(self.plan(place, revision)).ok())
    }

    /// Returns the paths of the saved plans for several commits or trees, below the directory of artifacts.
    pub(super) fn names(place: &str, revisions: &[String]) -> Vec<String> {
        let revisions = revisions.iter().filter(|it| is_hash(it));
        revisions
            .map(|it| format!("{place}/{it}.eciplan"))
            .collect()
    }

    fn plan(&self, place: &str, revision: &str) -> PathBuf {
        self.root.join(place).join(format!("{revision}.eciplan"))
    }

    fn write_private(&self, path: &Path, text: &str) -> Result<(), CommandError> {
        let folder = path.parent().unwrap_or(&self.root);
        let written = self
            .refuse_links(path)
            .and_then(|()| fs::create_dir_all(folder))
            .and_then(|()| eci_state::atomic_file::replace_private(path, text.as_bytes()));
        written.map_err(|error| {
            CommandError::unwritable(
                path,
                &error,
                text!(
                    en: "select a writable directory with `--artifacts DIR`",
                    zh: "使用 `--artifacts DIR` 指定可写的目录",
                ),
            )
        })
    }
}

impl Artifacts {
    /// Refuses a path through a link of the working copy: it could lead to any file of the machine.
    fn refuse_links(&self, path: &Path) -> io::Result<()> {
        let is_link = |path: &&Path| fs::symlink_metadata(path).is_ok_and(|it| it.is_symlink());
        let real = match path.strip_prefix(&self.root) {
            Ok(name) => self.real.join(name),
            Err(_) => path.to_owned(),
        };
        let within = real
            .ancestors()
            .take_while(|it| *it != self.working_copy && it.starts_with(&self.working_copy));
        match within.filter(is_link).last() {
            Some(link) => Err(io::Error::other(format!("{} is a link", link.display()))),
            None => Ok(()),
        }
    }
}

/// Returns whether a revision can be the name of a file.
fn is_hash(revision: &str) -> bool {
    !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
