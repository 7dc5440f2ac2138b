//! The manifests of a directory.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::diagnostic::Source;
use eci_core::parallel::each;
use eci_core::{Diagnostic, Diagnostics, codes};
use toml::de::DeTable;

use super::node::{Builder, Node};
use super::overlay::Overlay;
use super::syntax_hints::SyntaxHints;
use crate::environment::read_whole;
use crate::secret_names::names_secret;

/// How the name of every manifest ends.
const ENDING: &str = ".eci.toml";

/// So many files are worth a thread: while one is read, it takes forty times its size of memory.
const LEAST: usize = 2;

/// One manifest.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) source: Arc<Source>,
    /// The table of the whole file.
    pub(crate) root: Node,
    /// Whether it is no valid TOML: then only a part of it was understood.
    pub(crate) broken: bool,
}

/// Why a directory has no manifests to read.
#[derive(Debug)]
pub(crate) enum DirectoryError {
    /// There is none in it.
    Empty,
    /// It cannot be looked into.
    Unreadable(io::Error),
}

impl DirectoryError {
    /// What is wrong with the directory of a configuration.
    pub(crate) fn into_diagnostics(self, directory: &Path) -> Diagnostics {
        match self {
            DirectoryError::Empty => Diagnostic::new(
                codes::NO_MANIFESTS,
                format!("no manifest (*{ENDING}) found in {}", directory.display()),
            )
            .help("name another directory with -C, or write a first manifest with `eci init`")
            .into(),
            DirectoryError::Unreadable(error) => unreadable(directory, &error).into(),
        }
    }
}

/// Reads every manifest directly in a directory, in name order. `prefix` stands before the
/// names of the files where they are shown. Of those that an overlay has, its text is read.
pub(crate) fn read_directory(
    directory: &Path,
    prefix: &str,
    overlay: &Overlay,
    diagnostics: &mut Diagnostics,
) -> Result<Vec<Manifest>, DirectoryError> {
    let mut paths = list(directory).map_err(DirectoryError::Unreadable)?;
    let unsaved = overlay.files_in(directory);
    paths.extend(unsaved.filter(|path| is_manifest(path)));
    paths.sort();
    paths.dedup();
    if paths.is_empty() {
        return Err(DirectoryError::Empty);
    }
    let mut manifests = Vec::with_capacity(paths.len());
    let read = each(&paths, LEAST, |path| {
        let mut own = Diagnostics::default();
        (read_file(path, prefix, overlay, &mut own), own)
    });
    for (manifest, own) in read {
        manifests.extend(manifest);
        diagnostics.0.extend(own.0);
    }
    Ok(manifests)
}

fn read_file(
    path: &Path,
    prefix: &str,
    overlay: &Overlay,
    diagnostics: &mut Diagnostics,
) -> Option<Manifest> {
    let name = path.file_name().map_or_else(String::new, |name| {
        format!("{prefix}{}", name.to_string_lossy())
    });
    if let Some(text) = overlay.text(path) {
        return Some(parse(Source::new(name, text), diagnostics));
    }
    match read_whole(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Some(parse(Source::new(name, text), diagnostics)),
            Err(error) => diagnostics.push(
                Diagnostic::new(
                    codes::ENCODING,
                    format!(
                        "{name} is not UTF-8 at byte {}",
                        error.utf8_error().valid_up_to()
                    ),
                )
                .help("save it as UTF-8"),
            ),
        },
        Err(error) => diagnostics.push(unreadable(path, &error)),
    }
    None
}

fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        // A link that leads nowhere is told where it is read: what it held is not to be deleted.
        if is_manifest(&path) && !path.is_dir() {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn is_manifest(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().ends_with(ENDING))
}

fn unreadable(path: &Path, error: &io::Error) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        codes::UNREADABLE,
        format!("cannot read {}: {error}", path.display()),
    );
    match error.kind() {
        io::ErrorKind::NotFound if is_manifest(path) => {
            diagnostic.help("it may be a link that leads nowhere; mend or remove it")
        }
        io::ErrorKind::NotFound => diagnostic.help("name an existing directory with -C"),
        io::ErrorKind::FileTooLarge => diagnostic.help("divide it among several manifests"),
        _ => diagnostic.help("check its permissions"),
    }
}

/// Parses one manifest; what is wrong with it is reported, and what was understood is kept.
pub(super) fn parse(source: Source, diagnostics: &mut Diagnostics) -> Manifest {
    let source = Arc::new(source);
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    if !errors.is_empty() {
        hide_secrets(&source);
    }
    let mut mistakes = SyntaxHints::new(&source);
    for error in &errors {
        let end = source.text.len();
        let range = error.span().unwrap_or(end..end);
        diagnostics.0.extend(mistakes.tell(range, error.message()));
    }
    let data = Builder::new(&source, diagnostics).table(table.get_ref());
    let root = Node::new(0..0, data);
    Manifest {
        broken: !errors.is_empty(),
        source,
        root,
    }
}

/// Keeps from being shown what looks like a secret in a file that is no TOML, so that nothing
/// else can tell where its values are.
fn hide_secrets(source: &Source) {
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let mut hidden_to = 0;
        for (at, _) in line.match_indices('=') {
            // What is hidden already may have very many of them in it.
            if at < hidden_to {
                continue;
            }
            let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
            let before = line[..at].trim_end().trim_end_matches(['"', '\'']);
            let key = before.rsplit(|c| !word(c)).next().unwrap_or_default();
            if !names_secret(key) {
                continue;
            }
            let value = &line[at + 1..];
            let end = value.find([',', '}', '\n']).unwrap_or(value.len());
            let blanks = value.len() - value.trim_start().len();
            hidden_to = at + 1 + end;
            source.hide(start + at + 1 + blanks.min(end)..start + at + 1 + end);
        }
        start += line.len();
    }
}
