//! The manifests of a directory.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::diagnostic::Source;
use eci_core::parallel::each;
use eci_core::regular::{self, LARGEST_TEXT};
use eci_core::secret_names::names_secret;
use eci_core::{Diagnostic, Diagnostics, Kind, codes};
use eci_text::text;
use toml::Spanned;
use toml::de::DeTable;

use super::node::{Builder, Node};
use super::overlay::Overlay;
use super::syntax_hints::SyntaxHints;

/// The ending of the names of manifests.
const ENDING: &str = ".eci.toml";

/// The number of files from which a thread is worth its cost: reading one takes forty times its
/// size of memory.
const LEAST: usize = 2;

/// The number of other files that are searched for a manifest with the wrong name.
const MOST_OTHERS: usize = 100;

/// A parsed manifest.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) source: Arc<Source>,
    /// The table of the whole file.
    pub(crate) root: Node,
    /// Whether it is invalid TOML: then only a part of it was understood.
    pub(crate) broken: bool,
}

/// An error about a directory without readable manifests.
#[derive(Debug)]
pub(crate) enum DirectoryError {
    /// A directory without manifests.
    Empty,
    /// A directory that cannot be read.
    Unreadable(io::Error),
}

impl DirectoryError {
    /// Returns the error for the configuration directory.
    pub(crate) fn into_diagnostics(self, directory: &Path) -> Diagnostics {
        match self {
            DirectoryError::Empty => no_manifests(directory).into(),
            DirectoryError::Unreadable(error) => unreadable(directory, &error).into(),
        }
    }
}

/// Returns the error for a directory without manifests.
fn no_manifests(directory: &Path) -> Diagnostic {
    match misnamed(directory) {
        Some(MisnamedFile { found, meant }) => Diagnostic::new(
            codes::NO_MANIFESTS,
            text!(
                en: "no manifest found in `{directory}`: `{found}` is not read, because its name does not end with `{ending}`",
                zh: "在 `{directory}` 中未找到清单：`{found}` 的名称未以 `{ending}` 结尾，因此不会读取",
                ending = ENDING,
                directory = directory.display(),
                found = found,
            ),
        )
        .help(text!(
            en: "rename `{found}` to `{meant}`",
            zh: "将 `{found}` 重命名为 `{meant}`",
            found = found,
            meant = meant,
        )),
        None => Diagnostic::new(
            codes::NO_MANIFESTS,
            text!(
                en: "no manifest (*{ending}) found in `{directory}`",
                zh: "在 `{directory}` 中未找到清单（*{ending}）",
                ending = ENDING,
                directory = directory.display(),
            ),
        )
        .help(text!(
            en: "use `-C` to select another directory, or run `eci init` to create a first manifest",
            zh: "使用 `-C` 指定其他目录，或执行 `eci init` 创建第一个清单",
        )),
    }
}

/// A file with the content of a manifest under the name of another one.
struct MisnamedFile {
    found: String,
    meant: String,
}

/// Returns the first file whose tables are those of a manifest and whose name is not.
fn misnamed(directory: &Path) -> Option<MisnamedFile> {
    let entries = std::fs::read_dir(directory).ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    paths.sort();
    paths.truncate(MOST_OTHERS);
    paths.into_iter().find_map(|path| {
        let found = path.file_name()?.to_str()?;
        let stem = found.strip_suffix(".toml").or(found.strip_suffix(".eci"))?;
        if stem.ends_with(".vars") || stem.starts_with('.') {
            return None;
        }
        let text = String::from_utf8(read_whole(&path).ok()?).ok()?;
        if !text.lines().any(is_header_of_manifest) {
            return None;
        }
        let stem = if stem == "eci" { "main" } else { stem };
        Some(MisnamedFile {
            found: found.to_owned(),
            meant: format!("{stem}{ENDING}"),
        })
    })
}

/// Returns whether a line is the header of a table that only manifests have.
fn is_header_of_manifest(line: &str) -> bool {
    let header = line.trim_start().trim_start_matches('[');
    let table = header.split(['.', ']']).next().unwrap_or_default().trim();
    let is_resource = Kind::ALL.iter().any(|kind| kind.name() == table);
    header.len() < line.trim_start().len()
        && (is_resource || ["provider", "variable", "locals", "output"].contains(&table))
}

/// Reads every manifest directly in a directory, in name order.
///
/// `prefix` is prepended to the names of the files where they are shown. The text of an overlay
/// replaces that of its file.
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

/// Reads one manifest.
pub(crate) fn read_file(
    path: &Path,
    prefix: &str,
    overlay: &Overlay,
    diagnostics: &mut Diagnostics,
) -> Option<Manifest> {
    let name = path.file_name().map_or_else(String::new, |name| {
        format!("{prefix}{}", name.to_string_lossy())
    });
    if let Some(text) = overlay.text(path) {
        return Some(parse(Source::new(name, text).at_path(path), diagnostics));
    }
    match read_whole(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Some(parse(Source::new(name, text).at_path(path), diagnostics)),
            Err(error) => diagnostics.push(
                Diagnostic::new(
                    codes::ENCODING,
                    text!(
                        en: "`{name}` is not valid UTF-8 at byte {at}",
                        zh: "`{name}` 的第 {at} 字节不是有效的 UTF-8",
                        name = name,
                        at = error.utf8_error().valid_up_to(),
                    ),
                )
                .help(text!(
                    en: "save the file as UTF-8",
                    zh: "将文件保存为 UTF-8",
                )),
            ),
        },
        Err(error) => diagnostics.push(unreadable(path, &error)),
    }
    None
}

/// Reads a file, unless it is not a regular file or too large.
///
/// A read of a pipe, for example, may never end.
pub(crate) fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    regular::read(path, LARGEST_TEXT)
}

fn list(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        // A broken link is reported where it is read: what it held is not to be deleted.
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
        text!(
         en: "failed to read `{path}`: {error}",
         zh: "读取 `{path}` 失败：{error}",
         path = path.display(),
         error = error,
        ),
    );
    match error.kind() {
        io::ErrorKind::NotFound if is_manifest(path) => diagnostic.help(text!(
            en: "if the file is a broken symbolic link, fix or remove it",
            zh: "如果该文件是失效的符号链接，修复或删除该链接",
        )),
        io::ErrorKind::NotFound => diagnostic.help(text!(
         en: "use `-C` to select an existing directory",
         zh: "使用 `-C` 指定已有的目录",
        )),
        io::ErrorKind::FileTooLarge => diagnostic.help(text!(
         en: "split the file into several manifests",
         zh: "将文件拆分为多个清单",
        )),
        _ => diagnostic.help(text!(en: "check its permissions", zh: "检查其权限")),
    }
}

/// Parses one manifest; what is wrong with it is reported, and what was understood is kept.
pub(super) fn parse(source: Source, diagnostics: &mut Diagnostics) -> Manifest {
    let source = Arc::new(source);
    let before = diagnostics.0.len();
    let table = syntax_errors(&source, SyntaxHints::new(&source), diagnostics);
    let broken = diagnostics.0.len() > before;
    if broken {
        hide_secrets(&source);
    }
    let data = Builder::new(&source, diagnostics).table(table.get_ref());
    let root = Node::new(0..0, data);
    Manifest {
        broken,
        source,
        root,
    }
}

/// Parses a text as TOML.
///
/// What is wrong is reported with its hints, and what was understood is returned.
pub(super) fn syntax_errors<'s>(
    source: &'s Source,
    mut hints: SyntaxHints<'_>,
    diagnostics: &mut Diagnostics,
) -> Spanned<DeTable<'s>> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    for error in &errors {
        let end = source.text.len();
        let range = error.span().unwrap_or(end..end);
        diagnostics
            .0
            .extend(hints.diagnostic(range, error.message()));
    }
    table
}

/// Keeps text that looks like a secret in an invalid TOML file from being shown, since
/// the places of its values are unknown.
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
