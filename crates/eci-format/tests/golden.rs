//! Files and their formatted versions, to be read side by side.
//!
//! `UPDATE=1` rewrites the formatted versions.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::diagnostic::Source;
use eci_format::{FileKind, FormatError};

fn inputs() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".in.toml"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn every_file_is_formatted_as_expected() {
    assert!(inputs().len() >= 3);
    for path in inputs() {
        let text = std::fs::read_to_string(&path).unwrap();
        let (name, kind) = if path.to_string_lossy().ends_with("vars.in.toml") {
            ("x.vars.toml", FileKind::Variables)
        } else {
            ("x.eci.toml", FileKind::Manifest)
        };
        assert_eq!(FileKind::of(name), Some(kind));
        let format = |text: &str| eci_format::format(&Arc::new(Source::new(name, text)), kind);
        let formatted = format(&text).unwrap();
        let expected = path.to_string_lossy().replace(".in.toml", ".out.toml");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &formatted).unwrap();
        }
        let expected = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(
            formatted,
            expected,
            "{}: UPDATE=1 rewrites it",
            path.display()
        );
        let again = format(&formatted).unwrap();
        assert_eq!(again, formatted, "{}", path.display());
    }
}

#[test]
fn invalid_toml_is_reported_with_its_location() {
    let source = Arc::new(Source::new(
        "web.eci.toml",
        "\u{feff}[eip.web]\r\nauto = tru\r\n",
    ));
    let error = eci_format::format(&source, FileKind::Manifest).unwrap_err();
    let FormatError::NotToml(diagnostic) = error else {
        panic!("{error}");
    };
    let place = diagnostic.primary.as_ref().unwrap().place.clone();
    assert_eq!(place.position().0, 2, "{diagnostic}");
    assert_eq!(&source.text[place.range], "tru");
}
