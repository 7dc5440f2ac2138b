//! Several states of one configuration, each with a name.
//!
//! | place | content |
//! |---|---|
//! | the directory of the state | the state of the workspace `default` |
//! | `workspaces/NAME/` in it | the state of another one: a directory as [`crate::local`] has it |
//! | `workspace` in it | the name of the one that was selected |

mod messages;

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fs, io};

use eci_core::address::is_label;
use eci_core::regular;

use crate::error::StateError;
use crate::holder::Holder;
use crate::local::LocalStore;
use crate::local::files::{flush_directory, make_directory, not_writable, replace, unreadable};
use crate::store::Store as _;

/// The name of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkspaceName(String);

/// The most bytes of the file that names the selected one.
const LARGEST_SELECTION: u64 = 64 << 10;

/// The workspace that always exists.
const DEFAULT: &str = "default";

impl WorkspaceName {
    /// Returns the default workspace, which always exists.
    pub fn default_one() -> WorkspaceName {
        WorkspaceName(DEFAULT.to_owned())
    }

    /// Returns whether it is the default workspace.
    pub fn is_default(&self) -> bool {
        self.0 == DEFAULT
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkspaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WorkspaceName {
    type Err = WorkspaceError;

    fn from_str(text: &str) -> Result<WorkspaceName, WorkspaceError> {
        if is_label(text) {
            Ok(WorkspaceName(text.to_owned()))
        } else {
            Err(WorkspaceError::NoName {
                text: text.to_owned(),
            })
        }
    }
}

/// An error of using, creating or deleting a workspace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkspaceError {
    /// The text cannot be a name.
    NoName {
        /// The given text.
        text: String,
    },
    /// The file that names the selected one does not.
    Selection {
        /// The file.
        path: PathBuf,
        /// The text in the file.
        text: String,
    },
    /// There is none of that name.
    Unknown {
        /// The given name.
        name: WorkspaceName,
        /// Those that there are.
        known: Vec<WorkspaceName>,
    },
    /// There is one of that name already.
    Exists {
        /// The given name.
        name: WorkspaceName,
    },
    /// The one that is always there.
    Default,
    /// The state has resources.
    NotEmpty {
        /// The workspace.
        name: WorkspaceName,
        /// The number of resources.
        resources: usize,
        /// The number of operations with an unknown outcome.
        open: usize,
    },
    /// The store has only one state.
    Unsupported {
        /// The address of the state.
        location: String,
    },
    /// The state itself has an error.
    ///
    /// Not a source: the message is that of the state.
    State(StateError),
}

impl From<StateError> for WorkspaceError {
    fn from(error: StateError) -> WorkspaceError {
        WorkspaceError::State(error)
    }
}

/// The workspaces of a configuration.
#[derive(Clone, Debug)]
pub struct Workspaces {
    base: PathBuf,
}

impl Workspaces {
    /// Creates a view of the workspaces below the directory of the state.
    pub fn new(base: impl Into<PathBuf>) -> Workspaces {
        Workspaces { base: base.into() }
    }

    /// Returns the directory of the state of a workspace, which need not exist.
    pub fn directory(&self, name: &WorkspaceName) -> PathBuf {
        if name.is_default() {
            self.base.clone()
        } else {
            self.all().join(name.as_str())
        }
    }

    /// Returns all workspaces by name, the default one first.
    ///
    /// # Errors
    /// If the directory cannot be listed.
    pub fn list(&self) -> Result<Vec<WorkspaceName>, StateError> {
        let all = self.all();
        let mut found = vec![WorkspaceName::default_one()];
        let entries = match fs::read_dir(&all) {
            Ok(entries) => entries,
            Err(cause) if is_missing(&cause) => return Ok(found),
            Err(cause) => return Err(unreadable(&all, cause)),
        };
        for entry in entries {
            let entry = entry.map_err(|cause| unreadable(&all, cause))?;
            let name = entry.file_name().into_string().ok();
            let name = name.and_then(|name| name.parse::<WorkspaceName>().ok());
            if let Some(name) = name.filter(|name| !name.is_default())
                && entry.path().is_dir()
            {
                found.push(name);
            }
        }
        found[1..].sort();
        Ok(found)
    }

    /// Makes sure that there is one of that name.
    ///
    /// # Errors
    /// If there is none.
    pub fn find(&self, name: &WorkspaceName) -> Result<(), WorkspaceError> {
        if self.exists(name) {
            Ok(())
        } else {
            Err(WorkspaceError::Unknown {
                name: name.clone(),
                known: self.list()?,
            })
        }
    }

    /// Returns the workspace that was selected last; the default one if none was.
    ///
    /// # Errors
    /// If that cannot be read, or is not a name.
    pub fn selected(&self) -> Result<WorkspaceName, WorkspaceError> {
        let path = self.selection();
        let text = match regular::read(&path, LARGEST_SELECTION) {
            Ok(text) => String::from_utf8_lossy(&text).into_owned(),
            Err(cause) if is_missing(&cause) => return Ok(WorkspaceName::default_one()),
            Err(cause) => return Err(unreadable(&path, cause).into()),
        };
        let name = text.trim().parse();
        name.map_err(|_| WorkspaceError::Selection { path, text })
    }

    /// Returns whether a selection is recorded.
    pub fn has_selection(&self) -> bool {
        self.selection().exists()
    }

    /// Selects one, which must be there.
    ///
    /// # Errors
    /// If there is none of that name, or the choice cannot be written.
    pub fn select(&self, name: &WorkspaceName) -> Result<(), WorkspaceError> {
        self.find(name)?;
        self.record(name)
    }

    /// Records a selection.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn record(&self, name: &WorkspaceName) -> Result<(), WorkspaceError> {
        let path = self.selection();
        if name.is_default() && !path.exists() {
            return Ok(());
        }
        make_directory(&self.base)?;
        replace(&path, |file| {
            use io::Write as _;
            writeln!(file, "{name}").map_err(|cause| not_writable(&path, cause))
        })?;
        Ok(flush_directory(&self.base)?)
    }

    /// Creates one, with an empty state.
    ///
    /// # Errors
    /// If there is one of that name, or its state cannot be written.
    pub fn create(&self, name: &WorkspaceName, holder: Holder) -> Result<(), WorkspaceError> {
        if self.exists(name) {
            return Err(WorkspaceError::Exists { name: name.clone() });
        }
        LocalStore::open(&self.directory(name), holder)?.compact()?;
        Ok(self.flush()?)
    }

    /// Returns once the workspaces are on disk.
    ///
    /// # Errors
    /// If they cannot be flushed.
    pub fn flush(&self) -> Result<(), StateError> {
        flush_directory(&self.all())
    }

    /// Removes the directory of a workspace, and calls `release` to release its lock in between.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(
        &self,
        name: &WorkspaceName,
        release: impl FnOnce(),
    ) -> Result<(), WorkspaceError> {
        let directory = self.directory(name);
        // Hidden at once: a partly removed workspace is not a workspace any more.
        let removed = self.all().join(format!(".{name}.{}", std::process::id()));
        fs::rename(&directory, &removed).map_err(|cause| not_writable(&directory, cause))?;
        release();
        fs::remove_dir_all(&removed).map_err(|cause| not_writable(&removed, cause))?;
        Ok(self.flush()?)
    }

    fn exists(&self, name: &WorkspaceName) -> bool {
        name.is_default() || self.directory(name).is_dir()
    }

    fn all(&self) -> PathBuf {
        self.base.join("workspaces")
    }

    fn selection(&self) -> PathBuf {
        self.base.join("workspace")
    }

    /// Returns the directory of the state.
    pub fn base(&self) -> &Path {
        &self.base
    }
}

/// Returns whether a file is missing, including that a file is where its directory should be:
/// the error of opening the state explains that better.
fn is_missing(cause: &io::Error) -> bool {
    matches!(
        cause.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{Address, Kind};

    use super::*;
    use crate::record::Record;
    use crate::resource::ResourceState;

    fn workspaces() -> (tempfile::TempDir, Workspaces) {
        let directory = tempfile::tempdir().unwrap();
        let workspaces = Workspaces::new(directory.path().join("state"));
        (directory, workspaces)
    }

    fn name(text: &str) -> WorkspaceName {
        text.parse().unwrap()
    }

    #[test]
    fn a_damaged_selection_names_its_file_and_the_remedy() {
        for content in [&b""[..], b"no name\n", b"\xff\xfe"] {
            let (_directory, workspaces) = workspaces();
            fs::create_dir_all(workspaces.base()).unwrap();
            let path = workspaces.selection();
            fs::write(&path, content).unwrap();
            let error = workspaces.selected().unwrap_err();
            let (message, help) = (error.to_string(), error.help().unwrap());
            assert!(message.contains(&path.display().to_string()), "{message}");
            assert!(help.en().contains("`eci workspace select NAME`"), "{help}");
            let default = WorkspaceName::default_one();
            workspaces.select(&default).unwrap();
            assert_eq!(workspaces.selected().unwrap(), default);
        }
    }

    fn holder() -> Holder {
        Holder::current_process("eci workspace")
    }

    fn fill(directory: &Path) {
        let mut store = LocalStore::open(directory, holder()).unwrap();
        let state = ResourceState {
            id: Some("eip-1".into()),
            ..ResourceState::default()
        };
        let address = Address::new(Kind::Eip, "web");
        let record = Record::ResourceUpdated {
            address,
            state: Box::new(state),
        };
        store.append(&[record]).unwrap();
        store.compact().unwrap();
    }

    #[test]
    fn without_any_there_is_the_default_one() {
        let (_directory, workspaces) = workspaces();
        assert_eq!(workspaces.list().unwrap(), [name("default")]);
        assert!(workspaces.selected().unwrap().is_default());
        assert_eq!(workspaces.directory(&name("default")), workspaces.base());
        workspaces.select(&name("default")).unwrap();
        assert!(!workspaces.base().exists(), "nothing is written for that");
    }

    #[test]
    fn each_has_a_separate_state() {
        let (_directory, workspaces) = workspaces();
        for created in ["staging", "dev"] {
            workspaces.create(&name(created), holder()).unwrap();
        }
        let names = [name("default"), name("dev"), name("staging")];
        assert_eq!(workspaces.list().unwrap(), names);
        fill(&workspaces.directory(&name("dev")));
        let read = |it: &str| LocalStore::read(&workspaces.directory(&name(it))).unwrap();
        assert_eq!(read("dev").resources.len(), 1);
        assert!(read("staging").resources.is_empty());
        assert!(read("default").resources.is_empty());
        assert_ne!(read("dev").lineage, read("staging").lineage);
        let again = workspaces.create(&name("dev"), holder()).unwrap_err();
        assert!(again.help().unwrap().en().contains("select dev"), "{again}");
    }

    #[test]
    fn the_one_that_is_selected_stays_so() {
        let (_directory, workspaces) = workspaces();
        let select = |it: &str| workspaces.select(&name(it)).unwrap_err().help().unwrap();
        let help = select("dev");
        assert!(help.en().contains("eci workspace new dev"), "{help}");
        workspaces.create(&name("dev"), holder()).unwrap();
        workspaces.select(&name("dev")).unwrap();
        assert_eq!(workspaces.selected().unwrap(), name("dev"));
        let help = select("dvv");
        assert!(help.en().contains("did you mean `dev`?"), "{help}");
        workspaces.select(&name("default")).unwrap();
        assert!(workspaces.selected().unwrap().is_default());
    }

    #[test]
    fn what_leads_elsewhere_is_not_a_name() {
        for text in ["", "..", "a/b", "a b", "1st", ".hidden", "ä"] {
            assert!(text.parse::<WorkspaceName>().is_err(), "{text:?}");
        }
    }
}
