//! The files below a directory.

use std::path::Path;
use std::sync::Arc;

use eci_lang::FileError;
use eci_text::Text;

/// The maximum number of files that are listed.
const MOST_FILES: usize = 10_000;

/// The maximum depth of nested directories.
const DEEPEST: usize = 32;

/// Lists the paths of all files below a directory, relative to it and with `/` between their parts,
/// in order. Links are followed to files that are inside, and to no directory.
pub(super) fn below(
    root: &Path,
    path: &str,
    is_inside: &dyn Fn(&Path) -> bool,
) -> Result<Arc<[Arc<str>]>, FileError> {
    let directory = match root.join(path).canonicalize() {
        Ok(directory) => directory,
        // There is nothing in what is not there.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Arc::new([])),
        Err(error) => return Err(unreadable(path, &error)),
    };
    if !is_inside(&directory) {
        return Err(FileError::Outside { path: path.into() });
    }
    let mut found = Vec::new();
    let mut count = 0;
    let mut open = vec![(directory, String::new(), 0)];
    while let Some((directory, prefix, depth)) = open.pop() {
        for entry in std::fs::read_dir(&directory).map_err(|error| unreadable(path, &error))? {
            let entry = entry.map_err(|error| unreadable(path, &error))?;
            count += 1;
            if count > MOST_FILES {
                return Err(FileError::TooMany {
                    path: path.into(),
                    most: MOST_FILES,
                });
            }
            // What no text can name, no manifest does.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // The data of git: large, and it may contain credentials.
            if name.eq_ignore_ascii_case(".git") {
                continue;
            }
            let whole = format!("{prefix}{name}");
            let kind = entry
                .file_type()
                .map_err(|error| unreadable(path, &error))?;
            if kind.is_dir() && depth < DEEPEST {
                open.push((entry.path(), format!("{whole}/"), depth + 1));
            } else if kind.is_file()
                || (kind.is_symlink() && leads_to_file(&entry.path(), is_inside))
            {
                found.push(Arc::from(whole));
            }
        }
    }
    found.sort();
    Ok(found.into())
}

fn leads_to_file(link: &Path, is_inside: &dyn Fn(&Path) -> bool) -> bool {
    link.canonicalize()
        .is_ok_and(|target| is_inside(&target) && target.is_file())
}

fn unreadable(path: &str, error: &std::io::Error) -> FileError {
    FileError::Unreadable {
        path: path.into(),
        cause: Text::of(error),
    }
}
