//! The directories of a configuration, each read once for all calls.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::diagnostic::{Source, Span};
use eci_core::{Diagnostic, Diagnostics, codes};
use eci_lang::Budget;
use eci_text::{Text, text};

use super::call;
use crate::environment::relative_to_root;
use crate::parse::{
    Block, CallDefinition, Declarations, Definition, Definitions, DirectoryError, Overlay, gather,
    read_directory,
};
use crate::secrets;

/// The maximum depth of module calls.
///
/// Modules are read, and their instances created, by recursion; no configuration that a person
/// can follow comes near this depth.
pub(super) const DEEPEST: usize = 20;

/// Reads the manifests of a directory and of all modules behind it, with texts in the place of
/// some files.
pub(crate) fn read_definitions(
    directory: &Path,
    overlay: &Overlay,
    budget: &Budget,
    diagnostics: &mut Diagnostics,
) -> Result<Definitions, Diagnostics> {
    let mut reading = DefinitionReader {
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

struct DefinitionReader<'a> {
    root: &'a Path,
    /// Texts in the place of files.
    overlay: &'a Overlay,
    budget: &'a Budget,
    /// The directories that were read, by where they are with no link on the way.
    known: HashMap<PathBuf, Arc<Definition>>,
    /// The directories that are being read, each with the call that led to the next.
    open: Vec<OpenCall>,
    directories: Vec<Arc<str>>,
    sources: Vec<Arc<Source>>,
    broken: BTreeSet<String>,
    diagnostics: &'a mut Diagnostics,
}

struct OpenCall {
    canonical: PathBuf,
    directory: Arc<str>,
    /// The call that is being followed.
    call: Option<Span>,
}

impl DefinitionReader<'_> {
    fn read(
        &mut self,
        directory: Arc<str>,
        path: &Path,
        canonical: PathBuf,
    ) -> Result<Arc<Definition>, DirectoryError> {
        let is_root = self.open.is_empty();
        let prefix = if is_root {
            String::new()
        } else {
            format!("{directory}/")
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
        variables.for_each(|block| secrets::in_default(block, self.diagnostics));
        if !is_root {
            self.directories.push(directory.clone());
            self.refuse_in_module(&declarations);
        }
        self.open.push(OpenCall {
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

    /// Reports tables that are allowed only in the root module.
    fn refuse_in_module(&mut self, declarations: &Declarations) {
        let provider = declarations.provider.iter().map(|block| {
            let help = text!(
                en: "remove it: modules use the provider of the root module, including its tags",
                zh: "删除该表：模块使用根模块的 Provider，包括其标签",
            );
            (block, "provider", help)
        });
        let backend = declarations.backend.iter().map(|block| {
            let help = text!(
                en: "remove it: modules use the state of the root module",
                zh: "删除该表：模块使用根模块的状态",
            );
            (block, "backend", help)
        });
        let imports = declarations.changes.imports.iter().map(|block| {
            let help = text!(
                en: "move it to the root module, with the full address",
                zh: "移到根模块中，使用完整的资源地址",
            );
            (block, "import", help)
        });
        let encryption = declarations.encryption.iter().map(|block| {
            let help = text!(
                en: "remove it: modules use the state of the root module",
                zh: "删除该表：模块使用根模块的状态",
            );
            (&**block, "encryption", help)
        });
        let states = declarations.states.iter().map(|block| {
            let help = text!(
                en: "move it to the root module, and pass the output in an input of the module",
                zh: "移到根模块中，并通过模块的输入传入输出值",
            );
            (&**block, "state", help)
        });
        let tables = provider.chain(backend).chain(encryption);
        let tables = tables.chain(states).chain(imports);
        for (block, table, help) in tables {
            let message = text!(
                en: "`{table}` is allowed only in the root module",
                zh: "`{table}` 只能用在根模块中",
                table = table,
            );
            self.diagnostics.push(
                Diagnostic::new(codes::IN_MODULE, message)
                    .at(block.place())
                    .help(help),
            );
        }
    }

    fn follow(&mut self, from: &str, block: &Arc<Block>) -> Option<Arc<Definition>> {
        let (source, place) = call::source(block, self.diagnostics)?;
        let Some(directory) = relative_to_root(from, &source) else {
            self.error(
text!(
 en: "`source` must be a relative path, found {found}",
 zh: "`source` 必须是相对路径，实际为 {found}",
 found = format!("{source:?}"),
),
place,
text!(
 en: "write the path relative to the directory of the manifest, for example \"../modules/web\"",
 zh: "写成相对于清单所在目录的路径，例如 \"../modules/web\"",
),
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
                text!(
                 en: "module calls are nested more than {most} levels deep",
                 zh: "模块调用嵌套超过 {most} 层",
                 most = DEEPEST,
                ),
                place,
                text!(
                 en: "reduce the nesting of module calls",
                 zh: "减少模块调用的嵌套层数",
                ),
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
                    text!(
                     en: "no manifest (*.eci.toml) found in `{directory}`",
                     zh: "在 `{directory}` 中未找到清单（*.eci.toml）",
                     directory = directory,
                    ),
                    place,
                    text!(
                     en: "set `source` to the directory of the manifests of the module",
                     zh: "将 `source` 设置为模块清单所在的目录",
                    ),
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
                text!(
                 en: "directory `{directory}` not found",
                 zh: "未找到目录 `{directory}`",
                 directory = directory,
                ),
                place,
                match from {
                    "." => text!(
                        en: "the path is relative to the directory of the manifest",
                        zh: "路径相对于清单所在的目录",
                    ),
                    _ => text!(
                        en: "the path is relative to the directory of the calling module",
                        zh: "路径相对于调用方模块的目录",
                    ),
                },
            ),
            _ => self.error(
                text!(
                 en: "failed to read `{directory}`: {error}",
                 zh: "读取 `{directory}` 失败：{error}",
                 directory = directory,
                 error = error,
                ),
                place,
                text!(
                 en: "check that it is a directory, and check its permissions",
                 zh: "检查其是否为目录，并检查权限",
                ),
            ),
        }
    }

    fn cycle(&mut self, at: usize, place: Span) {
        let circle = &self.open[at..];
        let names: Vec<&str> = (circle.iter().chain(circle.first()))
            .map(|open| &*open.directory)
            .collect();
        let message = match circle {
            [_] if names[0] == "." => {
                Text::fixed("the root module calls itself", "根模块调用了自身")
            }
            [_] => text!(
                en: "module `{name}` calls itself",
                zh: "模块 `{name}` 调用了自身",
                name = names[0],
            ),
            _ => text!(
                en: "module call cycle: {names}",
                zh: "循环的模块调用：{names}",
                names = names.join(" → "),
            ),
        };
        let mut error = Diagnostic::new(codes::MODULE_CYCLE, message)
            .at(place)
            .help(text!(en: "remove one of these calls", zh: "删除其中一处调用"));
        for open in &circle[..circle.len() - 1] {
            if let Some(call) = &open.call {
                error = error.secondary(
                    call.clone(),
                    text!(
                        en: "called by `{directory}` here",
                        zh: "`{directory}` 在此处调用",
                        directory = open.directory,
                    ),
                );
            }
        }
        self.diagnostics.push(error);
    }

    fn error(&mut self, message: Text, place: Span, help: Text) {
        let error = Diagnostic::new(codes::MODULE_SOURCE, message);
        self.diagnostics.push(error.at(place).help(help));
    }
}
