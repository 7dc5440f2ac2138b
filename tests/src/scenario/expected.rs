//! Expected results of a step, in files that are reviewed as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use similar::TextDiff;

/// The texts of a scenario, by the names of their files.
pub type Texts = BTreeMap<String, String>;

/// Compares what came out with what is expected; one text for all that differs.
///
/// # Errors
///
/// If a file differs.
///
/// # Panics
///
/// If a file cannot be read.
pub fn compare(folder: &Path, actual: &Texts) -> Result<(), String> {
    compare_those(folder, actual, |_| true)
}

/// Compares the files of these names.
///
/// # Errors
///
/// If a file differs.
///
/// # Panics
///
/// If a file cannot be read.
pub fn compare_those(
    folder: &Path,
    actual: &Texts,
    is_compared: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let expected = read(folder);
    let names = expected.keys().chain(actual.keys());
    let names: BTreeSet<&String> = names.filter(|name| is_compared(name)).collect();
    let mut differences = String::new();
    for name in names {
        let text = |texts: &Texts| texts.get(name).cloned().unwrap_or_default();
        let (expected, actual) = (text(&expected), text(actual));
        if expected != actual {
            let diff = TextDiff::from_lines(&expected, &actual);
            let diff = diff
                .unified_diff()
                .context_radius(4)
                .header(&format!("expected {name}"), &format!("actual {name}"))
                .to_string();
            differences += &diff;
        }
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{differences}\nIf this is right, UPDATE=1 writes it down as expected.\n"
        ))
    }
}

/// Writes down what came out, and nothing else stays.
///
/// # Panics
///
/// If a file cannot be written.
pub fn write(folder: &Path, actual: &Texts) {
    fs::create_dir_all(folder).unwrap();
    for name in read(folder)
        .keys()
        .filter(|name| !actual.contains_key(*name))
    {
        fs::remove_file(folder.join(name)).unwrap();
    }
    for (name, text) in actual {
        fs::write(folder.join(name), text).unwrap();
    }
}

fn read(folder: &Path) -> Texts {
    let Ok(entries) = fs::read_dir(folder) else {
        return Texts::new();
    };
    entries
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_was_written_is_as_expected_and_everything_else_is_not() {
        let folder = TempDir::new().unwrap();
        let texts = |text: &str| Texts::from([("1.plan.txt".to_owned(), text.to_owned())]);
        write(folder.path(), &texts("a\nb\n"));
        assert_eq!(compare(folder.path(), &texts("a\nb\n")), Ok(()));
        let difference = compare(folder.path(), &texts("a\nc\n")).unwrap_err();
        assert!(difference.contains("-b\n+c\n"), "{difference}");
        let missing = compare(folder.path(), &Texts::new()).unwrap_err();
        assert!(missing.contains("-a\n"), "{missing}");
        write(folder.path(), &Texts::new());
        assert_eq!(compare(folder.path(), &Texts::new()), Ok(()));
    }
}
