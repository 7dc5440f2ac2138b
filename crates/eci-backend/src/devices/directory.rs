//! A device in a directory: one file per object.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use eci_state::DeviceError;
use eci_state::atomic_file::sync_directory;
use uuid::Uuid;

use crate::device::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};
use crate::files::create_folder;
use eci_text::{Text, text};
use jiff::Timestamp;

/// The folder of the states of workspaces.
const WORKSPACES: &str = "workspaces";

/// A device in a directory, which may be on a file system that several machines share.
///
/// An object is written to a file of another name, flushed, and linked to its own name: a link fails
/// if the name exists, also on network file systems.
#[derive(Clone, Debug)]
pub struct DirectoryDevice {
    directory: PathBuf,
}

impl DirectoryDevice {
    /// Creates a device in a directory, which is created with the first object.
    pub fn new(directory: impl Into<PathBuf>) -> DirectoryDevice {
        DirectoryDevice {
            directory: directory.into(),
        }
    }

    fn path(&self, id: ObjectId) -> PathBuf {
        self.directory.join(id.to_string())
    }

    fn create_now(&self, id: ObjectId, bytes: &[u8]) -> io::Result<Creation> {
        let path = self.path(id);
        if path.exists() {
            return Ok(Creation::Exists);
        }
        let folder = self.directory.join(id.series.name());
        create_folder(&folder)?;
        let draft = folder.join(format!(".draft-{}", Uuid::new_v4()));
        let created = write_flushed(&draft, bytes).and_then(|()| fs::hard_link(&draft, &path));
        let removed = fs::remove_file(&draft);
        match created {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Creation::Exists),
            Err(error) => Err(error),
            Ok(()) => {
                removed?;
                sync_directory(&folder)?;
                Ok(Creation::Created)
            }
        }
    }

    fn get_now(&self, id: ObjectId) -> io::Result<Option<StoredObject>> {
        let path = self.path(id);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => Bytes::from(read?),
        };
        let created = modified(&path)?;
        Ok(Some(StoredObject { bytes, created }))
    }

    fn list_now(&self, series: Series, from: u64) -> io::Result<Vec<u64>> {
        let entries = match fs::read_dir(self.directory.join(series.name())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            numbers.extend(name.to_str().and_then(ObjectId::number_of));
        }
        numbers.retain(|number| *number >= from);
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn now_there(&self) -> io::Result<Timestamp> {
        create_folder(&self.directory)?;
        let probe = self.directory.join(format!(".clock-{}", Uuid::new_v4()));
        File::create_new(&probe)?;
        let now = modified(&probe);
        fs::remove_file(&probe)?;
        now
    }

    fn workspaces_now(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.directory.join(WORKSPACES)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut names = Vec::new();
        for entry in entries {
            names.extend(entry?.file_name().into_string());
        }
        Ok(names)
    }

    fn delete_now(&self, id: ObjectId) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

/// Returns the time of a file, by the clock of the machine that serves the file system.
fn modified(path: &Path) -> io::Result<Timestamp> {
    let modified = fs::metadata(path)?.modified()?;
    Timestamp::try_from(modified).map_err(io::Error::other)
}

/// Writes a file that only its owner may read.
fn write_flushed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn failed(error: &io::Error) -> DeviceError {
    let cause = Text::of(error);
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => DeviceError::denied(
            cause,
            text!(
                en: "make the directory readable and writable",
                zh: "将该目录设为可读写",
            ),
        ),
        io::ErrorKind::Interrupted
        | io::ErrorKind::TimedOut
        | io::ErrorKind::StaleNetworkFileHandle => DeviceError::Unavailable { cause },
        _ => DeviceError::Refused { cause },
    }
}

/// Files are read and written on the thread of the store, which does nothing else.
impl LogDevice for DirectoryDevice {
    fn location(&self) -> String {
        self.directory.display().to_string()
    }

    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        Box::pin(async move { self.now_there().map_err(|error| failed(&error)) })
    }

    fn create(&self, id: ObjectId, bytes: Bytes) -> DeviceFuture<'_, Creation> {
        Box::pin(async move { self.create_now(id, &bytes).map_err(|error| failed(&error)) })
    }

    fn get(&self, id: ObjectId) -> DeviceFuture<'_, Option<StoredObject>> {
        Box::pin(async move { self.get_now(id).map_err(|error| failed(&error)) })
    }

    fn list(&self, series: Series, from: u64) -> DeviceFuture<'_, Vec<u64>> {
        Box::pin(async move { self.list_now(series, from).map_err(|error| failed(&error)) })
    }

    fn workspace(&self, name: &str) -> Option<Arc<dyn LogDevice>> {
        let directory = self.directory.join(WORKSPACES).join(name);
        Some(Arc::new(DirectoryDevice::new(directory)))
    }

    fn workspaces(&self) -> DeviceFuture<'_, Vec<String>> {
        Box::pin(async move { self.workspaces_now().map_err(|error| failed(&error)) })
    }

    fn delete(&self, id: ObjectId) -> DeviceFuture<'_, ()> {
        Box::pin(async move { self.delete_now(id).map_err(|error| failed(&error)) })
    }
}
