//! `eci fmt`

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::Diagnostics;
use eci_core::diagnostic::Source;
use eci_core::regular::{self, LARGEST_TEXT};
use eci_format::{FileKind, FormatError, MANIFEST_ENDING, VARIABLES_ENDING, format};
use eci_text::Text;

use crate::arguments::FmtArgs;
use crate::atomic_file;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{exactly, print_stderr, print_stdout};

/// Lays out files.
pub(crate) fn fmt(context: &Context, asked: &FmtArgs) -> Result<ExitStatus, CommandError> {
    if asked.files.iter().any(|path| is_stdin(path)) {
        return piped(context, asked);
    }
    let mut work = Work::new(context, asked);
    for path in files(context, asked)? {
        work.file(&path)?;
    }
    work.end()
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Lays out standard input, which is a manifest.
fn piped(context: &Context, asked: &FmtArgs) -> Result<ExitStatus, CommandError> {
    if asked.files.len() > 1 {
        return Err(CommandError::new(
            "`-` stands for standard input and goes with no other file",
            "lay out the files with a command of their own",
        ));
    }
    let mut text = String::new();
    // One byte more shows that there is more.
    let mut input = std::io::stdin().lock().take(LARGEST_TEXT + 1);
    input.read_to_string(&mut text).map_err(|error| {
        CommandError::new(
            format!("cannot read standard input: {error}"),
            "give it one manifest, as UTF-8",
        )
    })?;
    if input.limit() == 0 {
        return Err(CommandError::new(
            format!("standard input has more than {} MiB", LARGEST_TEXT >> 20),
            "give it one manifest",
        ));
    }
    let source = Arc::new(Source::new("-", text));
    let laid_out = match format(&source, FileKind::Manifest) {
        Ok(laid_out) => laid_out,
        Err(FormatError::NotToml(diagnostic)) => return Err(Diagnostics::from(*diagnostic).into()),
        Err(error) => return Err(CommandError::plain(error)),
    };
    let changes = laid_out != source.text;
    match (asked.diff, asked.check) {
        (true, _) => print_stdout(&eci_render::file_diff(
            "-",
            &source.text,
            &laid_out,
            context.out,
        ))?,
        (false, true) if changes => print_stdout("-\n")?,
        (false, true) => {}
        (false, false) => exactly(&laid_out)?,
    }
    Ok(match asked.check && changes {
        true => ExitStatus::Failed,
        false => ExitStatus::Done,
    })
}

/// The files that are meant, each once, in the order in which they are named.
fn files(context: &Context, asked: &FmtArgs) -> Result<Vec<PathBuf>, CommandError> {
    let named = match asked.files.is_empty() {
        true => vec![PathBuf::new()],
        false => asked.files.clone(),
    };
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for path in named {
        let path = context.path(&path)?;
        let found = match path.is_dir() {
            true => files_in(&path)?,
            false => vec![path],
        };
        files.extend(found.into_iter().filter(|path| seen.insert(path.clone())));
    }
    Ok(files)
}

/// The manifests and files of variables directly in a directory, in name order.
fn files_in(directory: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let unreadable = |error: std::io::Error| {
        CommandError::new(
            format!("cannot list {}: {error}", directory.display()),
            "check its permissions",
        )
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if kind_of(&path).is_some() && path.is_file() {
            files.push(eci_engine::strip_current_dir(&path));
        }
    }
    if files.is_empty() {
        return Err(CommandError::new(
            format!(
                "no manifest (*{MANIFEST_ENDING}) and no variable file (*{VARIABLES_ENDING}) found in {}",
                directory.display()
            ),
            "name files or another directory, or write a first manifest with `eci init`",
        ));
    }
    files.sort();
    Ok(files)
}

fn kind_of(path: &Path) -> Option<FileKind> {
    FileKind::of(&path.file_name()?.to_string_lossy())
}

/// What was done so far.
struct Work<'a> {
    context: &'a Context,
    asked: &'a FmtArgs,
    changed: usize,
    kept: usize,
    wrong: Diagnostics,
    failed: usize,
}

impl<'a> Work<'a> {
    fn new(context: &'a Context, asked: &'a FmtArgs) -> Work<'a> {
        Work {
            context,
            asked,
            changed: 0,
            kept: 0,
            wrong: Diagnostics::default(),
            failed: 0,
        }
    }

    /// Lays out one file. What is wrong with it does not keep the others from being laid out.
    fn file(&mut self, path: &Path) -> Result<(), CommandError> {
        let Some(kind) = kind_of(path) else {
            self.fail(&format!(
                "{} is neither a manifest (*{MANIFEST_ENDING}) nor a variable file (*{VARIABLES_ENDING}); rename it, or leave it out",
                path.display()
            ));
            return Ok(());
        };
        let text = match read(path) {
            Ok(text) => text,
            Err(problem) => {
                self.fail(&problem);
                return Ok(());
            }
        };
        let source = Arc::new(Source::new(path.display().to_string(), text));
        match format(&source, kind) {
            Err(FormatError::NotToml(diagnostic)) => self.wrong.push(*diagnostic),
            Err(error) => self.fail(&error.to_string()),
            Ok(laid_out) if laid_out == source.text => self.kept += 1,
            Ok(laid_out) => self.change(path, &source, &laid_out)?,
        }
        Ok(())
    }

    fn change(&mut self, path: &Path, source: &Source, laid_out: &str) -> Result<(), CommandError> {
        if !self.asked.check
            && let Err(error) = atomic_file::replace(path, laid_out)
        {
            self.fail(&format!(
                "cannot write {}: {error}; it is left as it was",
                path.display()
            ));
            return Ok(());
        }
        self.changed += 1;
        match self.asked.diff {
            true => {
                let style = self.context.out;
                print_stdout(&eci_render::file_diff(
                    &source.name,
                    &source.text,
                    laid_out,
                    style,
                ))?;
            }
            false => print_stdout(&format!("{}\n", eci_text::line(&source.name)))?,
        }
        Ok(())
    }

    fn fail(&mut self, problem: &str) {
        self.failed += 1;
        print_stderr(&eci_render::error(
            &Text::verbatim(problem.to_owned()).into(),
            None,
            self.context.err,
        ));
    }

    fn end(self) -> Result<ExitStatus, CommandError> {
        if self.wrong.has_errors() {
            print_stderr(&eci_render::diagnostics(&self.wrong, self.context.err));
        }
        let untouched = self.failed + self.wrong.0.len();
        let counts = [
            (
                self.changed,
                if self.asked.check {
                    "to format"
                } else {
                    "formatted"
                },
            ),
            (self.kept, "already formatted"),
            (untouched, "skipped"),
        ];
        let parts: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| {
                format!(
                    "{count} {}{what}",
                    if count == 1 { "file " } else { "files " }
                )
            })
            .collect();
        self.context.note(&format!("{}.", parts.join(", ")));
        Ok(
            match untouched > 0 || (self.asked.check && self.changed > 0) {
                true => ExitStatus::Failed,
                false => ExitStatus::Done,
            },
        )
    }
}

fn read(path: &Path) -> Result<String, String> {
    let bytes = regular::read(path, LARGEST_TEXT).map_err(|error| {
        format!(
            "cannot read {}: {error}; check the path and its permissions",
            path.display()
        )
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!(
            "{} is not UTF-8 at byte {at}; save it as UTF-8",
            path.display()
        )
    })
}
