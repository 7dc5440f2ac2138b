//! The files that a pipeline keeps.

use std::fs;
use std::path::{Path, PathBuf};

use eci_text::text;

use super::revisions::Revisions;
use crate::error::CommandError;

/// The directory of artifacts.
#[derive(Debug)]
pub(super) struct Artifacts {
    root: PathBuf,
}

impl Artifacts {
    pub(super) fn new(root: PathBuf) -> Artifacts {
        Artifacts { root }
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
        let written = fs::create_dir_all(folder)
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

/// Returns whether a revision can be the name of a file.
fn is_hash(revision: &str) -> bool {
    !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
