//! Files that are there as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Replaces the content of a file, which keeps its permissions.
///
/// A reader of the file always finds the old or the new content.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let (path, there) = target(path)?;
    let permissions = there.ok_or(io::ErrorKind::NotFound)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    let new = create_temporary(&path, text.as_bytes())?;
    new.as_file().set_permissions(permissions)?;
    new.persist(&path)?;
    Ok(())
}

/// Puts a text that only its owner may read in the place of a file, or where none is yet.
///
/// What was there before does not lend it its permissions.
pub(crate) fn replace_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let (path, _) = target(path)?;
    create_temporary(&path, text)?.persist(&path)?;
    Ok(())
}

/// Checks that a file can be put there: nothing is there, or a file, perhaps behind a link, and its
/// directory is writable. Nothing is left behind.
pub(crate) fn can_be_put(path: &Path) -> io::Result<()> {
    let (path, _) = target(path)?;
    create_temporary(&path, b"").map(drop)
}

/// Returns the path behind all links, and the metadata of the file there.
///
/// A device, a pipe or a directory is refused: a file in its place would delete it.
fn target(path: &Path) -> io::Result<(PathBuf, Option<fs::Metadata>)> {
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => Err(io::Error::other("it exists and is not a file")),
        Ok(there) => Ok((fs::canonicalize(path)?, Some(there))),
        // A link to nothing stays one.
        Err(error) if error.kind() == io::ErrorKind::NotFound && fs::read_link(path).is_ok() => {
            Err(io::Error::other("it is a link to what is not there"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((path.to_owned(), None)),
        Err(error) => Err(error),
    }
}

/// Writes a file that must not be there yet.
pub(crate) fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Writes a new file in the same directory, which only its owner may read and whose extension is not
/// that of a manifest. It is removed unless it is moved to its place.
fn create_temporary(path: &Path, text: &[u8]) -> io::Result<NamedTempFile> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let directory = path.parent().unwrap_or(Path::new(""));
    let mut file = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix("~")
        .tempfile_in(directory)
        .map_err(without_path)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Returns the common errors of the operating system without the name of the temporary file: the message
/// about it has the name that the user knows.
fn without_path(error: io::Error) -> io::Error {
    match error.kind() {
        kind @ (io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::InvalidFilename) => kind.into(),
        _ => error,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_error_does_not_name_the_temporary_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("missing/web.eciplan");
        let errors = [replace_private(&path, b"text"), can_be_put(&path)];
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
        replace(&path, "after").unwrap();
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
        replace(&link, "after").unwrap();
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
            can_be_put(&in_it(name)).unwrap_err();
            replace(&in_it(name), "text").unwrap_err();
            assert_eq!(kind(), before, "{name}");
        }
        drop(socket);
        can_be_put(&in_it("new")).unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 4);
    }

    #[test]
    fn what_is_there_is_not_written_over() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("x");
        create(&path, "first").unwrap();
        let error = create(&path, "second").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    }
}
