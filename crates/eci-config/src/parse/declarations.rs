//! What the manifests of a directory declare, gathered over all of them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use eci_core::address::is_label;
use eci_core::diagnostic::{Source, Span};
use eci_core::suggest::nearest;
use eci_core::tables::TABLES;
use eci_core::{Diagnostic, Diagnostics, Kind, codes};

use super::node::{Data, Entry, Node};
use super::read::Manifest;

/// One table of a manifest with its name: `[eip.web]`, `[provider]`.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) source: Arc<Source>,
    pub(crate) name: Arc<str>,
    pub(crate) node: Node,
}

impl Block {
    /// Its header.
    pub(crate) fn place(&self) -> Span {
        self.at(&self.node.range)
    }

    /// A place in the same file.
    pub(crate) fn at(&self, range: &Range<usize>) -> Span {
        Span::new(&self.source, range.clone())
    }
}

/// All that the manifests declare, in the order of files and tables.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) provider: Option<Block>,
    pub(crate) backend: Option<Block>,
    pub(crate) variables: Vec<Arc<Block>>,
    pub(crate) locals: Vec<Arc<Block>>,
    pub(crate) outputs: Vec<Arc<Block>>,
    pub(crate) resources: Vec<(Kind, Arc<Block>)>,
    /// `[module.NAME]`: calls of other directories.
    pub(crate) calls: Vec<Arc<Block>>,
    pub(crate) changes: ChangeBlocks,
}

/// The tables that may stand any number of times and have no names of their own.
#[derive(Debug, Default)]
pub(crate) struct ChangeBlocks {
    pub(crate) moved: Vec<Block>,
    pub(crate) removed: Vec<Block>,
    pub(crate) imports: Vec<Block>,
}

/// Gathers what the manifests declare; a name that is given twice is an error.
pub(crate) fn gather(manifests: Vec<Manifest>, diagnostics: &mut Diagnostics) -> Declarations {
    let mut gathering = Gathering {
        declarations: Declarations::default(),
        seen: HashMap::new(),
        diagnostics,
    };
    for manifest in manifests {
        if let Data::Table(entries) = manifest.root.data {
            for entry in entries {
                gathering.table(&manifest.source, entry);
            }
        }
    }
    gathering.declarations
}

struct Gathering<'a> {
    declarations: Declarations,
    /// Where each name was given first, by its table and itself.
    seen: HashMap<(Arc<str>, Arc<str>), Span>,
    diagnostics: &'a mut Diagnostics,
}

impl Gathering<'_> {
    fn table(&mut self, source: &Arc<Source>, entry: Entry) {
        let place = Span::new(source, entry.key_range.clone());
        match &*entry.key {
            "provider" => {
                if let Some(block) = self.single(source, entry) {
                    self.declarations.provider.get_or_insert(block);
                }
            }
            "backend" => self.backend(source, entry),
            "variable" => {
                let blocks = self.labelled(source, entry, true);
                (self.declarations.variables).extend(blocks.into_iter().map(Arc::new));
            }
            "locals" => {
                let blocks = self.labelled(source, entry, false);
                (self.declarations.locals).extend(blocks.into_iter().map(Arc::new));
            }
            "output" => {
                let blocks = self.labelled(source, entry, true);
                (self.declarations.outputs).extend(blocks.into_iter().map(Arc::new));
            }
            "moved" => {
                let blocks = self.repeated(source, entry);
                self.declarations.changes.moved.extend(blocks);
            }
            "removed" => {
                let blocks = self.repeated(source, entry);
                self.declarations.changes.removed.extend(blocks);
            }
            "import" => {
                let blocks = self.repeated(source, entry);
                self.declarations.changes.imports.extend(blocks);
            }
            "module" => {
                let blocks = self.labelled(source, entry, true);
                (self.declarations.calls).extend(blocks.into_iter().map(Arc::new));
            }
            other => match Kind::from_name(other) {
                Some(kind) => {
                    let blocks = self.labelled(source, entry, true);
                    let resources = blocks.into_iter().map(|block| (kind, Arc::new(block)));
                    self.declarations.resources.extend(resources);
                }
                None => self.unknown_table(&entry.key, place),
            },
        }
    }

    fn unknown_table(&mut self, key: &str, place: Span) {
        let known = || TABLES.iter().map(|table| table.name);
        self.diagnostics.push(
            Diagnostic::new(codes::UNKNOWN_TABLE, format!("a manifest has no `{key}`"))
                .primary(place, "")
                .near(key, nearest(key, known()), || {
                    if matches!(key, "resource" | "data") {
                        return "write [KIND.LABEL] alone, such as [eip.web]".to_owned();
                    }
                    format!("the tables are {}", known().collect::<Vec<_>>().join(", "))
                }),
        );
    }

    /// A table that is given once in all.
    fn single(&mut self, source: &Arc<Source>, entry: Entry) -> Option<Block> {
        let block = self.block(source, entry, "")?;
        self.is_first(&"".into(), &block).then_some(block)
    }

    /// `[TABLE.NAME]` for each name in it.
    fn labelled(&mut self, source: &Arc<Source>, entry: Entry, tables: bool) -> Vec<Block> {
        let table = entry.key.clone();
        let Some(Block { node, .. }) = self.block(source, entry, "") else {
            return Vec::new();
        };
        let Data::Table(entries) = node.data else {
            return Vec::new();
        };
        let mut blocks = Vec::with_capacity(entries.len());
        for entry in entries {
            let label_place = Span::new(source, entry.key_range.clone());
            if !is_label(&entry.key) {
                self.diagnostics.push(
                    Diagnostic::new(codes::NAME, format!("`{}` cannot be a name", entry.key))
                        .primary(label_place, "")
                        .help("a name starts with an ASCII letter or `_`, followed by ASCII letters, digits, `_` or `-`"),
                );
                // What it declares is checked all the same, so that all errors are reported at once.
            }
            let block = if tables {
                self.block(source, entry, &format!("{table}."))
            } else {
                Some(Block {
                    source: source.clone(),
                    name: entry.key,
                    node: entry.node,
                })
            };
            if let Some(block) = block
                && self.is_first(&table, &block)
            {
                blocks.push(block);
            }
        }
        blocks
    }

    /// `[[TABLE]]`, as often as it stands.
    fn repeated(&mut self, source: &Arc<Source>, entry: Entry) -> Vec<Block> {
        let name = entry.key;
        let mut report = |range: Range<usize>, found: &str| {
            let message = format!("`{name}` must be a list of tables, found {found}");
            self.diagnostics.push(
                Diagnostic::new(codes::TYPE_MISMATCH, message)
                    .primary(Span::new(source, range), "")
                    .help(format!(
                        "write [[{name}]] in double brackets, and its keys below it"
                    )),
            );
        };
        let found = entry.node.type_name();
        let Data::List(items) = entry.node.data else {
            report(entry.key_range, found);
            return Vec::new();
        };
        let mut blocks = Vec::with_capacity(items.len());
        for node in items {
            match node.entries() {
                Some(_) => blocks.push(Block {
                    source: source.clone(),
                    name: name.clone(),
                    node,
                }),
                None => report(node.range.clone(), node.type_name()),
            }
        }
        blocks
    }

    fn backend(&mut self, source: &Arc<Source>, entry: Entry) {
        for block in self.labelled(source, entry, true) {
            if &*block.name == "local" {
                self.declarations.backend.get_or_insert(block);
                continue;
            }
            let diagnostic = match nearest(&block.name, ["local"]) {
                Some(near) => Diagnostic::new(
                    codes::UNKNOWN_BACKEND,
                    format!("there is no backend `{}`", block.name),
                )
                .help(format!("did you mean `{near}`?")),
                None => Diagnostic::new(
                    codes::NOT_YET,
                    format!("the backend `{}` is not supported yet", block.name),
                )
                .help("use [backend.local]"),
            };
            self.diagnostics.push(diagnostic.primary(block.place(), ""));
        }
    }

    fn block(&mut self, source: &Arc<Source>, entry: Entry, prefix: &str) -> Option<Block> {
        let block = Block {
            source: source.clone(),
            name: entry.key,
            node: entry.node,
        };
        if block.node.entries().is_some() {
            return Some(block);
        }
        let name = format!("{prefix}{}", block.name);
        let message = format!("`{name}` must be a table, found {}", block.node.type_name());
        let help = match block.node.data {
            Data::List(_) => format!("write [{name}] in single brackets"),
            _ => format!("write [{name}] and its keys below it"),
        };
        self.diagnostics.push(
            Diagnostic::new(codes::TYPE_MISMATCH, message)
                .primary(Span::new(source, entry.key_range), "")
                .help(help),
        );
        None
    }

    fn is_first(&mut self, table: &Arc<str>, block: &Block) -> bool {
        let place = block.place();
        let key = (table.clone(), block.name.clone());
        match self.seen.get(&key) {
            None => {
                self.seen.insert(key, place);
                true
            }
            Some(first) => {
                let name = match &**table {
                    "" => block.name.to_string(),
                    table => format!("{table}.{}", block.name),
                };
                self.diagnostics.push(
                    Diagnostic::new(codes::DUPLICATE, format!("`{name}` is declared twice"))
                        .primary(place, "a second time here")
                        .secondary(first.clone(), "first here")
                        .help(format!("rename or remove one; the first is at {first}")),
                );
                false
            }
        }
    }
}
