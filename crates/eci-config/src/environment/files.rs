//! Files next to the manifests, read while loading and remembered after.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eci_lang::{Budget, Content, FileError};
use eci_text::Text;

use super::walk;
use crate::parse::read_whole;

/// The files that manifests name.
///
/// Each is read once; none is read after [`Files::seal`], so that an evaluation depends on nothing
/// but what was loaded.
#[derive(Debug)]
pub(crate) struct Files {
    /// The directory of the manifests, then those of the modules.
    directories: Vec<ReadableDirectory>,
    read: Mutex<BTreeMap<String, Result<Content, FileError>>>,
    listed: Mutex<BTreeMap<String, Listing>>,
    sealed: AtomicBool,
    /// The evaluation budget; kept with the files, because all modules share them.
    budget: Arc<Budget>,
}

/// The paths of the files below a directory.
type Listing = Result<Arc<[Arc<str>]>, FileError>;

/// A directory whose files may be read.
#[derive(Debug)]
struct ReadableDirectory {
    /// Its parts relative to the directory of the manifests; none for that itself.
    parts: Vec<String>,
    /// The canonical path.
    place: PathBuf,
}

impl Files {
    /// Creates the files of a directory.
    pub(crate) fn new(directory: &Path) -> Files {
        Files::with_modules(directory, [])
    }

    /// Creates the files of a directory and of the directories of its modules, each given relative
    /// to the first.
    pub(crate) fn with_modules<'a>(
        directory: &Path,
        modules: impl IntoIterator<Item = &'a str>,
    ) -> Files {
        let resolved = |relative: &str| ReadableDirectory {
            parts: parts(relative).unwrap_or_default(),
            place: {
                let place = directory.join(relative);
                // A directory that cannot be resolved has no readable file either.
                place.canonicalize().unwrap_or(place)
            },
        };
        Files {
            directories: std::iter::once(".").chain(modules).map(resolved).collect(),
            read: Mutex::default(),
            listed: Mutex::default(),
            sealed: AtomicBool::new(false),
            budget: Arc::default(),
        }
    }

    /// Returns the directory of the manifests.
    pub(crate) fn root(&self) -> &Path {
        self.directories
            .first()
            .map_or(Path::new("."), |it| &it.place)
    }

    /// Returns the files with a budget that may be spent in part.
    #[must_use]
    pub(crate) fn with_budget(self, budget: &Arc<Budget>) -> Files {
        Files {
            budget: Arc::clone(budget),
            ..self
        }
    }

    /// Returns the budget of the configuration.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Seals the files: from now on only those that were read exist.
    pub(crate) fn seal(&self) {
        self.sealed.store(true, Ordering::Relaxed);
    }

    /// Reads files again, for a person who asks.
    pub(crate) fn unseal(&self) {
        self.sealed.store(false, Ordering::Relaxed);
    }

    /// Returns the content of a file; its path is relative to the configuration directory.
    pub(crate) fn content(&self, path: &str) -> Result<Content, FileError> {
        if let Some(known) = self.read().get(path) {
            return known.clone();
        }
        if self.sealed.load(Ordering::Relaxed) {
            return Err(FileError::Late { path: path.into() });
        }
        let content = self.find(path);
        self.read().insert(path.to_owned(), content.clone());
        content
    }

    /// Lists the paths of all files below a directory, relative to it, in order.
    pub(crate) fn list(&self, path: &str) -> Listing {
        if is_git_data(Path::new(path)) {
            return Err(FileError::GitData { path: path.into() });
        }
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        // One directory has many names: `.`, `./.` and so on.
        let key = match self.parts(path) {
            // Behind a link, the path does not show where `..` leads.
            Ok(parts) if !path.contains("..") => parts.join("/"),
            _ => path.to_owned(),
        };
        if let Some(known) = listed.get(&key) {
            return known.clone();
        }
        if self.sealed.load(Ordering::Relaxed) {
            return Err(FileError::Late { path: path.into() });
        }
        // There is always the first.
        let root = &self.directories[0].place;
        let found = (self.parts(path))
            .and_then(|_| walk::below(root, path, &|place| self.is_readable(place)));
        listed.insert(key, found.clone());
        found
    }

    /// Returns every file that was read, in the order of paths.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(&str, &[u8])) {
        for (path, content) in self.read().iter() {
            match content {
                Ok(Content::Text(text)) => visit(path, text.as_bytes()),
                Ok(Content::Bytes(bytes)) => visit(path, bytes),
                Err(_) => {}
            }
        }
    }

    fn find(&self, path: &str) -> Result<Content, FileError> {
        let parts = self.parts(path)?;
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => FileError::Missing {
                path: path.into(),
                module: self.module_with(&parts),
            },
            _ => FileError::Unreadable {
                path: path.into(),
                cause: Text::of(&error),
            },
        };
        // There is always the first.
        let here = self.directories[0].place.join(path);
        let resolved = here.canonicalize().map_err(unreadable)?;
        if !self.is_inside(&resolved) {
            return Err(FileError::Outside { path: path.into() });
        }
        if self.is_git_data(&resolved) {
            return Err(FileError::GitData { path: path.into() });
        }
        let bytes = read_whole(&resolved).map_err(unreadable)?;
        Ok(match String::from_utf8(bytes) {
            Ok(text) => Content::Text(text.into()),
            Err(error) => Content::Bytes(error.into_bytes().into()),
        })
    }

    /// Splits a path that, as it is written, does not lead out of all directories.
    fn parts(&self, path: &str) -> Result<Vec<String>, FileError> {
        let holds = |parts: &Vec<String>| {
            let leaves = parts.first().is_some_and(|first| first == "..");
            let mut modules = self.directories[1..].iter();
            !leaves || modules.any(|module| parts.starts_with(&module.parts))
        };
        let parts = parts(path).filter(holds);
        parts.ok_or_else(|| FileError::Outside { path: path.into() })
    }

    /// Returns whether a place, with no link on the way, is in one of the directories.
    fn is_inside(&self, place: &Path) -> bool {
        let mut directories = self.directories.iter();
        directories.any(|directory| place.starts_with(&directory.place))
    }

    fn is_readable(&self, place: &Path) -> bool {
        self.is_inside(place) && !self.is_git_data(place)
    }

    /// Returns whether a place is in the data of git: there, `config` may have the token of a checkout.
    /// Folders around a directory of manifests do not count.
    fn is_git_data(&self, place: &Path) -> bool {
        let mut directories = self.directories.iter();
        directories.any(|directory| {
            let below = place.strip_prefix(&directory.place);
            below.is_ok_and(is_git_data)
        })
    }

    /// Returns the module that has this file in its own directory.
    fn module_with(&self, path: &[String]) -> Option<String> {
        let path: PathBuf = path.iter().collect();
        let mut modules = self.directories[1..].iter();
        let module = modules.find(|module| module.place.join(&path).is_file())?;
        Some(module.parts.join("/"))
    }

    fn read(&self) -> MutexGuard<'_, BTreeMap<String, Result<Content, FileError>>> {
        // What another thread was inserting when it panicked is there whole or not at all.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns whether a path leads through `.git`.
///
/// Some file systems do not distinguish its case.
fn is_git_data(path: &Path) -> bool {
    let mut parts = path.components();
    parts.any(|part| part.as_os_str().eq_ignore_ascii_case(".git"))
}

/// Splits a relative path, and joins each `..` with the part that it leaves; `None` for an absolute
/// path.
fn parts(path: &str) -> Option<Vec<String>> {
    let mut parts: Vec<String> = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::ParentDir => match parts.last() {
                Some(last) if last != ".." => {
                    parts.pop();
                }
                _ => parts.push("..".to_owned()),
            },
            Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts)
}

/// Returns a path relative to the directory of the manifests, in its shortest form: `path`, which is
/// relative to `directory`. `None` if it is absolute.
pub(crate) fn relative_to_root(directory: &str, path: &str) -> Option<String> {
    Path::new(path).is_relative().then_some(())?;
    let parts = parts(&format!("{directory}/{path}"))?;
    Some(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("in")).unwrap();
        std::fs::write(directory.path().join("in/a.conf"), "a").unwrap();
        std::fs::write(directory.path().join("in/bytes"), [0xff, 0x00]).unwrap();
        std::fs::write(directory.path().join("secret"), "s").unwrap();
        directory
    }

    fn text(files: &Files, path: &str) -> Result<Arc<str>, FileError> {
        files.content(path)?.into_text(path)
    }

    #[test]
    fn nothing_outside_of_the_directory_is_read() {
        let directory = directory();
        let inside = directory.path().join("in");
        let files = Files::new(&inside);
        let absolute = directory.path().join("secret");
        for path in ["../secret", "x/../../secret", absolute.to_str().unwrap()] {
            let error = files.content(path).unwrap_err();
            assert!(
                matches!(error, FileError::Outside { .. }),
                "{path}: {error}"
            );
        }
        assert_eq!(&*text(&files, "./a.conf").unwrap(), "a");
    }

    #[test]
    fn the_files_of_a_module_are_read_wherever_it_is() {
        let directory = directory();
        let envs = directory.path().join("envs");
        std::fs::create_dir(&envs).unwrap();
        std::fs::write(directory.path().join("in/only.conf"), "o").unwrap();
        let files = Files::with_modules(&envs, ["../in"]);
        assert_eq!(&*text(&files, "../in/a.conf").unwrap(), "a");
        for path in ["../secret", "../in/../secret", "../inner"] {
            let error = files.content(path).unwrap_err();
            assert!(
                matches!(error, FileError::Outside { .. }),
                "{path}: {error}"
            );
        }
        let help = files.content("only.conf").unwrap_err().help();
        assert!(help.en().contains("`${path.module}/only.conf`"), "{help}");
    }

    #[test]
    fn paths_are_relative_to_the_root() {
        let relative = |directory, path| relative_to_root(directory, path).unwrap_or_default();
        assert_eq!(relative(".", "./modules/web"), "modules/web");
        assert_eq!(relative("modules/web", "../db"), "modules/db");
        assert_eq!(relative("../../modules/web", "../db/"), "../../modules/db");
        assert_eq!(relative("../m", "../../x"), "../../x");
        assert_eq!(relative("modules/web", "../.."), ".");
        assert_eq!(relative_to_root(".", "/etc"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_does_not_lead_outside() {
        let directory = directory();
        let inside = directory.path().join("in");
        std::os::unix::fs::symlink("../secret", inside.join("link")).unwrap();
        let error = Files::new(&inside).content("link").unwrap_err();
        assert!(matches!(error, FileError::Outside { .. }), "{error}");
    }

    #[test]
    fn the_data_of_git_is_neither_read_nor_listed() {
        let directory = directory();
        std::fs::create_dir_all(directory.path().join("in/.git")).unwrap();
        std::fs::write(directory.path().join("in/.git/config"), "token").unwrap();
        let files = Files::new(&directory.path().join("in"));
        for path in [".git/config", "./x/../.git/config", ".git"] {
            let error = files.content(path).unwrap_err();
            let is_missing = matches!(error, FileError::Missing { .. });
            assert!(
                is_missing || matches!(error, FileError::GitData { .. }),
                "{path}: {error}"
            );
        }
        let error = files.content(".git/config").unwrap_err();
        assert!(matches!(error, FileError::GitData { .. }), "{error}");
        assert_eq!(files.list(".").unwrap().len(), 2);
        let error = files.list(".git").unwrap_err();
        assert!(matches!(error, FileError::GitData { .. }), "{error}");

        // A worktree may be below such a folder.
        let files = Files::new(&directory.path().join("in/.git"));
        assert_eq!(&*text(&files, "config").unwrap(), "token");
    }

    #[test]
    fn a_sealed_set_of_files_reads_nothing_more() {
        let directory = directory();
        let files = Files::new(&directory.path().join("in"));
        text(&files, "a.conf").unwrap();
        files.seal();
        std::fs::write(directory.path().join("in/a.conf"), "changed").unwrap();
        assert_eq!(&*text(&files, "a.conf").unwrap(), "a");
        assert!(matches!(text(&files, "bytes"), Err(FileError::Late { .. })));
    }

    #[test]
    fn files_that_are_not_text_are_distinguished_from_missing_files() {
        let directory = directory();
        let files = Files::new(&directory.path().join("in"));
        assert!(matches!(
            text(&files, "bytes"),
            Err(FileError::NotText { .. })
        ));
        assert!(matches!(
            text(&files, "none"),
            Err(FileError::Missing { .. })
        ));
        assert!(matches!(files.content("bytes"), Ok(Content::Bytes(_))));
    }
}
