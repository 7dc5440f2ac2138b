//! The declarations of a directory, gathered from all its manifests.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use eci_core::address::is_label;
use eci_core::diagnostic::{Source, Span};
use eci_core::suggest::{did_you_mean, nearest};
use eci_core::tables::{BACKEND, TABLES};
use eci_core::{Diagnostic, Diagnostics, Kind, codes};
use eci_text::{List, Text, text};

use super::node::{Data, Entry, Node};
use super::read::Manifest;

/// Returns the help for the name of a store that another backend reaches.
fn store_help(name: &str) -> Option<Text> {
    let dialect = match &*name.to_lowercase() {
        "oss" | "aliyun" | "alicloud" => "oss",
        "cos" | "tencent" | "tencentcloud" => "cos",
        "zos" | "ctyun" | "ceph" | "minio" => {
            return Some(text!(
                en: "use `[backend.s3]` with `endpoint`, the address of the object store",
                zh: "使用 `[backend.s3]`，并将 `endpoint` 设为对象存储的地址",
            ));
        }
        "pg" => return Some(did_you_mean("postgres")),
        "gitlab" => return Some(did_you_mean("http")),
        _ => return None,
    };
    Some(text!(
        en: "use `[backend.s3]` with `dialect = \"{dialect}\"`",
        zh: "使用 `[backend.s3]`，并设置 `dialect = \"{dialect}\"`",
        dialect = dialect,
    ))
}

/// A table of a manifest with its name: `[eip.web]`, `[provider]`.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) source: Arc<Source>,
    pub(crate) name: Arc<str>,
    pub(crate) node: Node,
}

impl Block {
    /// Returns the place of its header.
    pub(crate) fn place(&self) -> Span {
        self.at(&self.node.range)
    }

    /// Returns a place in the same file.
    pub(crate) fn at(&self, range: &Range<usize>) -> Span {
        Span::new(&self.source, range.clone())
    }
}

/// The table of a resource, and the kind that its header names.
#[derive(Clone, Debug)]
pub(crate) struct ResourceBlock {
    pub(crate) kind: Kind,
    pub(crate) block: Arc<Block>,
}

/// The declarations of a directory, in the order of files and tables.
#[derive(Debug, Default)]
pub(crate) struct Declarations {
    pub(crate) provider: Option<Block>,
    pub(crate) backend: Option<Block>,
    pub(crate) encryption: Option<Arc<Block>>,
    /// `[state.NAME]`: the states of other configurations.
    pub(crate) states: Vec<Arc<Block>>,
    pub(crate) variables: Vec<Arc<Block>>,
    pub(crate) locals: Vec<Arc<Block>>,
    pub(crate) outputs: Vec<Arc<Block>>,
    pub(crate) resources: Vec<ResourceBlock>,
    /// `[module.NAME]`: calls of other directories.
    pub(crate) calls: Vec<Arc<Block>>,
    pub(crate) changes: ChangeBlocks,
}

/// The tables that may be repeated and have no names.
#[derive(Debug, Default)]
pub(crate) struct ChangeBlocks {
    pub(crate) moved: Vec<Block>,
    pub(crate) removed: Vec<Block>,
    pub(crate) imports: Vec<Block>,
}

/// Gathers what the manifests declare; a name that is given twice is an error.
pub(crate) fn gather(manifests: Vec<Manifest>, diagnostics: &mut Diagnostics) -> Declarations {
    let mut gathering = Gatherer {
        declarations: Declarations::default(),
        first_places: HashMap::new(),
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

/// The content of a table with a name for each entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LabeledContent {
    /// Tables: `[variable.NAME]`.
    Tables,
    /// Values: a key in `[locals]`.
    Values,
}

struct Gatherer<'a> {
    declarations: Declarations,
    /// The place of the first declaration of each name, by its table and name.
    first_places: HashMap<(Arc<str>, Arc<str>), Span>,
    diagnostics: &'a mut Diagnostics,
}

impl Gatherer<'_> {
    fn table(&mut self, source: &Arc<Source>, entry: Entry) {
        let place = Span::new(source, entry.key_range.clone());
        match &*entry.key {
            "provider" => {
                if let Some(block) = self.single(source, entry) {
                    self.declarations.provider.get_or_insert(block);
                }
            }
            "backend" => self.backend(source, entry),
            "encryption" => {
                if let Some(block) = self.single(source, entry) {
                    self.declarations.encryption.get_or_insert(Arc::new(block));
                }
            }
            "state" => {
                let blocks = self.labeled(source, entry, LabeledContent::Tables);
                (self.declarations.states).extend(blocks.into_iter().map(Arc::new));
            }
            "variable" => {
                let blocks = self.labeled(source, entry, LabeledContent::Tables);
                (self.declarations.variables).extend(blocks.into_iter().map(Arc::new));
            }
            "locals" => {
                let blocks = self.labeled(source, entry, LabeledContent::Values);
                (self.declarations.locals).extend(blocks.into_iter().map(Arc::new));
            }
            "output" => {
                let blocks = self.labeled(source, entry, LabeledContent::Tables);
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
                let blocks = self.labeled(source, entry, LabeledContent::Tables);
                (self.declarations.calls).extend(blocks.into_iter().map(Arc::new));
            }
            other => match Kind::from_name(other) {
                Some(kind) => {
                    let blocks = self.labeled(source, entry, LabeledContent::Tables);
                    let resources = blocks.into_iter().map(|block| ResourceBlock {
                        kind,
                        block: Arc::new(block),
                    });
                    self.declarations.resources.extend(resources);
                }
                None => self.unknown_table(&entry.key, place),
            },
        }
    }

    fn unknown_table(&mut self, key: &str, place: Span) {
        let known = || TABLES.iter().map(|table| table.name);
        self.diagnostics.push(
            Diagnostic::new(
                codes::UNKNOWN_TABLE,
                text!(
                    en: "unsupported table `{key}` in a manifest",
                    zh: "清单不支持表 `{key}`",
                    key = key,
                ),
            )
            .at(place)
            .near(key, nearest(key, known()), || {
                if key == "data" {
                    return text!(
                        en: "data sources are not supported; write the ID of an existing resource as a string, or declare another state as `[state.NAME]` and write `state.NAME.OUTPUT` for its output",
                        zh: "不支持数据源；将已有资源的 ID 写成字符串，或将其他状态声明为 `[state.NAME]`，其输出写作 `state.NAME.OUTPUT`",
                    );
                }
                if key == "resource" {
                    return text!(
                        en: "write the resource type and the name only, for example `[eip.web]`",
                        zh: "只写资源类型和名称，例如 `[eip.web]`",
                    );
                }
                text!(
                    en: "supported tables: {tables}",
                    zh: "支持的表：{tables}",
                    tables = List::and(known().map(|name| format!("`{name}`"))),
                )
            }),
        );
    }

    /// Reads a table that may be given only once.
    fn single(&mut self, source: &Arc<Source>, entry: Entry) -> Option<Block> {
        let block = self.block(source, entry, "")?;
        self.is_first(&"".into(), &block).then_some(block)
    }

    /// Reads `[TABLE.NAME]` for each name in it.
    fn labeled(
        &mut self,
        source: &Arc<Source>,
        entry: Entry,
        content: LabeledContent,
    ) -> Vec<Block> {
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
                    Diagnostic::new(
                        codes::NAME,
                        text!(en: "invalid name `{name}`", zh: "名称 `{name}` 无效", name = entry.key),
                    )
                    .at(label_place)
                    .help(text!(
                        en: "start with an ASCII letter or `_`, followed by ASCII letters, digits, `_`, or `-`",
                        zh: "以 ASCII 字母或 `_` 开头，后跟 ASCII 字母、数字、`_` 或 `-`",
                    )),
                );
                // What it declares is checked all the same, so that all errors are reported at once.
            }
            let block = match content {
                LabeledContent::Tables => self.block(source, entry, &format!("{table}.")),
                LabeledContent::Values => Some(Block {
                    source: source.clone(),
                    name: entry.key,
                    node: entry.node,
                }),
            };
            if let Some(block) = block
                && self.is_first(&table, &block)
            {
                blocks.push(block);
            }
        }
        blocks
    }

    /// Reads all `[[TABLE]]` of one name.
    fn repeated(&mut self, source: &Arc<Source>, entry: Entry) -> Vec<Block> {
        let name = entry.key;
        let mut report = |range: Range<usize>, found: Text| {
            let message = text!(
                en: "`{name}` must be a list of tables, found {found}",
                zh: "`{name}` 必须是表的列表，实际为{found}",
                name = name,
                found = found,
            );
            self.diagnostics.push(
                Diagnostic::new(codes::TYPE_MISMATCH, message)
                    .at(Span::new(source, range))
                    .help(text!(
                        en: "write the header in double brackets, `[[{name}]]`, with the keys below it",
                        zh: "表头使用双方括号 `[[{name}]]`，键写在下方",
                        name = name,
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
        for block in self.labeled(source, entry, LabeledContent::Tables) {
            if BACKEND.knows(&block.name) {
                self.only_backend(block);
                continue;
            }
            let known = BACKEND.fields.iter().map(|field| field.name);
            let near = nearest(&block.name, known).map(did_you_mean);
            let diagnostic = match store_help(&block.name).or(near) {
                Some(help) => Diagnostic::new(
                    codes::UNKNOWN_BACKEND,
                    text!(
                        en: "unknown backend `{name}`",
                        zh: "未知后端 `{name}`",
                        name = block.name,
                    ),
                )
                .help(help),
                None => Diagnostic::new(
                    codes::NOT_SUPPORTED,
                    text!(
                        en: "backend `{name}` is not supported yet",
                        zh: "暂不支持后端 `{name}`",
                        name = block.name,
                    ),
                )
                .help(text!(
                    en: "use `[backend.local]`, `[backend.s3]`, `[backend.postgres]` or `[backend.http]`",
                    zh: "使用 `[backend.local]`、`[backend.s3]`、`[backend.postgres]` 或 `[backend.http]`",
                )),
            };
            self.diagnostics.push(diagnostic.at(block.place()));
        }
    }

    /// Takes the backend, and reports every further one.
    fn only_backend(&mut self, block: Block) {
        let Some(first) = &self.declarations.backend else {
            self.declarations.backend = Some(block);
            return;
        };
        let message = text!(
            en: "duplicate backend `{name}`",
            zh: "后端 `{name}` 重复",
            name = block.name,
        );
        self.diagnostics.push(
            Diagnostic::new(codes::DUPLICATE, message)
                .at(block.place())
                .secondary(
                    first.place(),
                    text!(en: "first declared here", zh: "在此处首次声明"),
                )
                .help(text!(
                    en: "keep one: a configuration has one state",
                    zh: "只保留一个：一个配置只有一个状态",
                )),
        );
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
        let message = text!(
            en: "`{name}` must be a table, found {found}",
            zh: "`{name}` 必须是表，实际为{found}",
            name = name,
            found = block.node.type_name(),
        );
        let help = match block.node.data {
            Data::List(_) => text!(
                en: "write the header in single brackets: `[{name}]`",
                zh: "表头使用单方括号：`[{name}]`",
                name = name,
            ),
            _ => text!(
                en: "write `[{name}]` with its keys below it",
                zh: "写成 `[{name}]`，键写在下方",
                name = name,
            ),
        };
        self.diagnostics.push(
            Diagnostic::new(codes::TYPE_MISMATCH, message)
                .at(Span::new(source, entry.key_range))
                .help(help),
        );
        None
    }

    fn is_first(&mut self, table: &Arc<str>, block: &Block) -> bool {
        let place = block.place();
        let key = (table.clone(), block.name.clone());
        match self.first_places.get(&key) {
            None => {
                self.first_places.insert(key, place);
                true
            }
            Some(first) => {
                let name = match &**table {
                    "" => block.name.to_string(),
                    table => format!("{table}.{}", block.name),
                };
                self.diagnostics.push(
                    Diagnostic::new(
                        codes::DUPLICATE,
                        text!(
                            en: "duplicate declaration of `{name}`",
                            zh: "`{name}` 重复声明",
                            name = name,
                        ),
                    )
                    .primary(
                        place,
                        text!(en: "declared again here", zh: "在此处重复声明"),
                    )
                    .secondary(
                        first.clone(),
                        text!(en: "first declared here", zh: "在此处首次声明"),
                    )
                    .help(text!(
                        en: "rename or remove one of them; the first declaration is at {place}",
                        zh: "重命名或删除其中之一；首次声明位于 {place}",
                        place = first.to_string(),
                    )),
                );
                false
            }
        }
    }
}
