//! Files that are replaced as a whole: after a crash, each is the old one or the new one.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::StateError;
use crate::local::files::{Draft, OpenMode, replace_if};
use crate::local::operations::{self, StateFile};

pub use crate::local::operations::sync_directory;

/// Replaces the content of a file, which keeps its permissions.
///
/// A reader of the file always finds the old or the new content.
///
/// # Errors
/// If it does not exist, is not a file, or cannot be written: then it is unchanged.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let Target { path, metadata } = Target::of(path)?;
    let permissions = metadata.ok_or(io::ErrorKind::NotFound)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    write(&path, content, Some(permissions))
}

/// Replaces or creates a file that only its owner may read, whatever the permissions of the old one.
///
/// # Errors
/// If the path is that of a directory or a device, or cannot be written: then it is unchanged.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    write(&Target::of(path)?.path, content, None)
}

/// Creates a file.
///
/// # Errors
/// If it exists, or cannot be written.
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Creates a file that only its owner may read: it appears with its whole content.
///
/// # Errors
/// If it exists, or cannot be written.
pub fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = draft_of(path);
    let mut file = StateFile::open(&draft, OpenMode::Empty)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    // A second name never replaces a file, as renaming does.
    let linked = written.map(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked? {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => create(path, content),
        linked => linked,
    }
}

/// Checks that [`replace_private`] can replace or create a file, and leaves nothing behind.
///
/// # Errors
/// If the path is that of a directory or a device, or its directory is not writable.
pub fn check_writable(path: &Path) -> io::Result<()> {
    let draft = draft_of(&Target::of(path)?.path);
    File::create_new(&draft)?;
    fs::remove_file(draft)
}

/// The file behind all links.
struct Target {
    path: PathBuf,
    /// None if the file does not exist.
    metadata: Option<fs::Metadata>,
}

impl Target {
    /// Returns the file to which a path leads.
    ///
    /// A device, a pipe or a directory is refused: a file in its place would delete it.
    fn of(path: &Path) -> io::Result<Target> {
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => {
                Err(io::Error::other("it exists and is not a file"))
            }
            Ok(metadata) => Ok(Target {
                path: fs::canonicalize(path)?,
                metadata: Some(metadata),
            }),
            // A link to nothing stays one.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound && fs::read_link(path).is_ok() =>
            {
                Err(io::Error::other("it is a link to what is not there"))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Target {
                path: path.to_owned(),
                metadata: None,
            }),
            Err(error) => Err(error),
        }
    }
}

/// Writes a draft in the same directory, which only its owner may read, and gives it the name of the file.
fn write(path: &Path, content: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let draft = draft_of(path);
    let failed = |cause| StateError::NotWritable {
        path: path.to_owned(),
        cause,
    };
    let written = replace_if(
        Draft {
            path,
            draft: &draft,
        },
        || Ok(()),
        |file| {
            file.write_all(content).map_err(failed)?;
            match &permissions {
                Some(permissions) => file.get_ref().set_permissions(permissions.clone()),
                None => Ok(()),
            }
            .map_err(failed)
        },
    );
    match written {
        Ok(_) => sync_directory(directory_of(path)),
        Err(error) => {
            // Nothing but the draft is lost, which may not exist.
            let _ = operations::remove(&draft);
            Err(match error {
                StateError::NotWritable { cause, .. } => cause,
                error => io::Error::other(error),
            })
        }
    }
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Returns an unused name in the same directory, without the extension of a manifest.
fn draft_of(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let process = std::process::id();
    path.with_file_name(format!(".{name}.{process}-{count}~"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_error_does_not_name_the_temporary_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("missing/web.eciplan");
        let errors = [replace_private(&path, b"text"), check_writable(&path)];
        for error in errors.map(Result::unwrap_err) {
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
            assert!(!error.to_string().contains("web.eciplan"), "{error}");
        }
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_no_temporary_file_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("web.eci.toml");
        fs::write(&path, "before").unwrap();
        replace(&path, b"after").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("web.eci.toml");
        let link = directory.path().join("link.eci.toml");
        fs::write(&path, "before").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("web.eci.toml", &link).unwrap();
        replace(&link, b"after").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "after");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_readable_by_its_owner_only_also_over_an_older_one_and_behind_a_link() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("web.eciplan");
        let link = directory.path().join("link.eciplan");
        let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        replace_private(&path, b"first").unwrap();
        assert_eq!(mode(), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink("web.eciplan", &link).unwrap();
        replace_private(&link, b"second").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(mode(), 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_a_file_is_left_unchanged() {
        let directory = tempfile::tempdir().unwrap();
        let in_it = |name: &str| directory.path().join(name);
        fs::create_dir(in_it("directory")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(in_it("socket")).unwrap();
        std::os::unix::fs::symlink("socket", in_it("link")).unwrap();
        std::os::unix::fs::symlink("nothing", in_it("dangling")).unwrap();
        for name in ["directory", "socket", "link", "dangling"] {
            let kind = || fs::symlink_metadata(in_it(name)).unwrap().file_type();
            let before = kind();
            replace_private(&in_it(name), b"text").unwrap_err();
            check_writable(&in_it(name)).unwrap_err();
            replace(&in_it(name), b"text").unwrap_err();
            assert_eq!(kind(), before, "{name}");
        }
        drop(socket);
        check_writable(&in_it("new")).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 4);
    }

    #[test]
    fn of_files_that_are_created_at_once_one_is_created() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("id");
        let create = |number: usize| {
            let content = number.to_string().repeat(1000);
            create_private(&path, content.as_bytes()).is_ok()
        };
        let created = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|number| scope.spawn(move || create(number)))
                .collect();
            let created = threads.into_iter().map(|thread| thread.join().unwrap());
            created.filter(|created| *created).count()
        });
        assert_eq!(created, 1);
        assert_eq!(fs::read(&path).unwrap().len(), 1000);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        create(&path, b"first").unwrap();
        let error = create(&path, b"second").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    }
}
