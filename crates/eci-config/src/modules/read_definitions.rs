//! The directories of a configuration, each read once, whoever calls it.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::diagnostic::{Source, Span};
use eci_core::{Diagnostic, Diagnostics, codes};
use eci_lang::Budget;

use super::call;
use super::definition::{CallDefinition, DEEPEST, Definition, Definitions};
use crate::environment::seen_from_root;
use crate::lints::secrets::default_written_out;
use crate::parse::{Block, Declarations, DirectoryError, Overlay, gather, read_directory};

/// Reads the manifests of a directory and of all modules behind it, with texts in the place of
/// some files.
pub(crate) fn read_definitions(
    directory: &Path,
    overlay: &Overlay,
    budget: &Budget,
    diagnostics: &mut Diagnostics,
) -> Result<Definitions, Diagnostics> {
    let mut reading = Reading {
        root: directory,
        overlay,
        budget,
        known: HashMap::new(),
        open: Vec::new(),
        directories: Vec::new(),
        sources: Vec::new(),
        broken: BTreeSet::new(),
        diagnostics,
    };
    let canonical = directory.canonicalize();
    let canonical = canonical.unwrap_or_else(|_| directory.to_owned());
    let root = reading
        .read(".".into(), directory, canonical)
        .map_err(|error| error.into_diagnostics(directory))?;
    Ok(Definitions {
        root,
        directories: reading.directories,
        sources: reading.sources,
        broken: reading.broken,
    })
}

struct Reading<'a> {
    root: &'a Path,
    /// What stands in the place of files.
    overlay: &'a Overlay,
    budget: &'a Budget,
    /// The directories that were read, by where they are with no link on the way.
    known: HashMap<PathBuf, Arc<Definition>>,
    /// Those that are being read, each with the call that led to the next.
    open: Vec<Open>,
    directories: Vec<Arc<str>>,
    sources: Vec<Arc<Source>>,
    broken: BTreeSet<String>,
    diagnostics: &'a mut Diagnostics,
}

struct Open {
    canonical: PathBuf,
    directory: Arc<str>,
    /// The call that is being followed.
    call: Option<Span>,
}

impl Reading<'_> {
    fn read(
        &mut self,
        directory: Arc<str>,
        path: &Path,
        canonical: PathBuf,
    ) -> Result<Arc<Definition>, DirectoryError> {
        let is_root = self.open.is_empty();
        let prefix = match is_root {
            true => String::new(),
            false => format!("{directory}/"),
        };
        let manifests = read_directory(path, &prefix, self.overlay, self.diagnostics)?;
        for manifest in &manifests {
            self.sources.push(manifest.source.clone());
            if manifest.broken {
                self.broken.insert(manifest.source.name.clone());
            }
        }
        let declarations = gather(manifests, self.diagnostics);
        let variables = declarations.variables.iter();
        variables.for_each(|block| default_written_out(block, self.diagnostics));
        if !is_root {
            self.directories.push(directory.clone());
            self.refuse_in_module(&declarations);
        }
        self.open.push(Open {
            canonical: canonical.clone(),
            directory: directory.clone(),
            call: None,
        });
        let mut calls = Vec::with_capacity(declarations.calls.len());
        for block in &declarations.calls {
            let definition = self.follow(&directory, block);
            if let Some(called) = &definition {
                call::check(block, called, self.budget, self.diagnostics);
            }
            calls.push(CallDefinition {
                block: block.clone(),
                definition,
            });
        }
        self.open.pop();
        let definition = Arc::new(Definition::new(directory, declarations, calls));
        self.known.insert(canonical, definition.clone());
        Ok(definition)
    }

    /// What only the directory that is planned can say.
    fn refuse_in_module(&mut self, declarations: &Declarations) {
        let provider = declarations.provider.iter().map(|block| {
            let help =
                "remove it: a module uses the provider of the configuration, its tags included";
            (block, "provider", help)
        });
        let backend = declarations.backend.iter().map(|block| {
            let help = "remove it: the state is that of the configuration";
            (block, "backend", help)
        });
        let imports = declarations.changes.imports.iter().map(|block| {
            let help = "write it in the directory that is planned, with the whole address";
            (block, "import", help)
        });
        for (block, table, help) in provider.chain(backend).chain(imports) {
            let message = format!("a module cannot have `{table}`");
            self.diagnostics.push(
                Diagnostic::new(codes::IN_MODULE, message)
                    .primary(block.place(), "")
                    .help(help),
            );
        }
    }

    fn follow(&mut self, from: &str, block: &Arc<Block>) -> Option<Arc<Definition>> {
        let (source, place) = call::source(block, self.diagnostics)?;
        let Some(directory) = seen_from_root(from, &source) else {
            self.error(
                format!("{source:?} is no relative path"),
                place,
                "write the way to the directory from this one, such as \"../modules/web\"",
            );
            return None;
        };
        let path = self.root.join(&directory);
        let canonical = match path.canonicalize() {
            Ok(canonical) => canonical,
            Err(error) => {
                self.unreadable(from, &directory, &error, place);
                return None;
            }
        };
        if let Some(known) = self.known.get(&canonical) {
            return Some(known.clone());
        }
        if let Some(at) = self
            .open
            .iter()
            .position(|open| open.canonical == canonical)
        {
            self.cycle(at, place);
            return None;
        }
        if self.open.len() > DEEPEST {
            self.error(
                format!("modules call each other more than {DEEPEST} deep"),
                place,
                "call some of them side by side",
            );
            return None;
        }
        if let Some(open) = self.open.last_mut() {
            open.call = Some(place.clone());
        }
        match self.read(directory.as_str().into(), &path, canonical) {
            Ok(definition) => Some(definition),
            Err(DirectoryError::Empty) => {
                self.error(
                    format!("no manifest (*.eci.toml) found in {directory}"),
                    place,
                    "name the directory that holds the module's manifests",
                );
                None
            }
            Err(DirectoryError::Unreadable(error)) => {
                self.unreadable(from, &directory, &error, place);
                None
            }
        }
    }

    fn unreadable(&mut self, from: &str, directory: &str, error: &io::Error, place: Span) {
        match error.kind() {
            io::ErrorKind::NotFound => self.error(
                format!("there is no directory {directory}"),
                place,
                match from {
                    "." => "the path begins at the directory of this manifest",
                    _ => "the path begins at the directory of the module that calls",
                },
            ),
            _ => self.error(
                format!("cannot read {directory}: {error}"),
                place,
                "check that it is a directory, and its permissions",
            ),
        }
    }

    fn cycle(&mut self, at: usize, place: Span) {
        let circle = &self.open[at..];
        let names: Vec<&str> = (circle.iter().chain(circle.first()))
            .map(|open| &*open.directory)
            .collect();
        let message = match circle.len() {
            1 => format!("the module {} calls itself", names[0]),
            _ => format!("modules call each other in a circle: {}", names.join(" → ")),
        };
        let mut error = Diagnostic::new(codes::MODULE_CYCLE, message)
            .primary(place, "")
            .help("remove one of these calls");
        for open in &circle[..circle.len() - 1] {
            if let Some(call) = &open.call {
                error = error.secondary(call.clone(), format!("{} calls the next", open.directory));
            }
        }
        self.diagnostics.push(error);
    }

    fn error(&mut self, message: String, place: Span, help: &str) {
        let error = Diagnostic::new(codes::MODULE_SOURCE, message);
        self.diagnostics.push(error.primary(place, "").help(help));
    }
}
