//! Reads `[[moved]]`, `[[removed]]` and `[[import]]`.
//!
//! Whether they fit the resources that are declared and the state is for the planner to say, which
//! knows both.

use std::collections::HashMap;
use std::hash::Hash;

use eci_core::diagnostic::Span;
use eci_core::schema::Object;
use eci_core::tables::{IMPORT, MOVED, REMOVED};
use eci_core::{Address, Code, Diagnostic, Diagnostics, Kind, Subject, Value, codes};
use eci_lang::Roots;
use eci_text::{Text, text};

use super::{Changes, EnclosingModules, Import, MovedBlock, RemovedBlock, check_id};
use crate::environment::Environment;
use crate::evaluation::{Context, TableReader, evaluate_node};
use crate::parse::{Block, ChangeBlocks, Data, Node};

/// Reads all of them, of every module; those that are wrong are reported and left out.
///
/// What the root says comes first.
pub(crate) fn read_changes<'a>(
    environment: &Environment,
    modules: impl IntoIterator<Item = (EnclosingModules, &'a ChangeBlocks)>,
    diagnostics: &mut Diagnostics,
) -> Changes {
    let mut reading = ChangeReader {
        environment,
        within: EnclosingModules::default(),
        diagnostics,
    };
    let mut left = HashMap::new();
    let mut imported = ImportPlaces::default();
    let mut changes = Changes::default();
    for (within, blocks) in modules {
        let is_root = within.0.is_empty();
        reading.within = within;
        let moved = blocks.moved.iter();
        (changes.moved).extend(moved.filter_map(|block| reading.moved(block, &mut left)));
        let removed = blocks.removed.iter();
        (changes.removed).extend(removed.filter_map(|block| reading.removed(block, &mut left)));
        // Those of modules were reported.
        let imports = blocks.imports.iter().filter(|_| is_root);
        (changes.imports).extend(imports.filter_map(|block| reading.import(block, &mut imported)));
    }
    changes
}

/// The places where each address and each ID was first imported.
#[derive(Default)]
struct ImportPlaces {
    addresses: HashMap<Address, Span>,
    ids: HashMap<String, Span>,
}

struct ChangeReader<'a> {
    environment: &'a Environment,
    /// The module whose tables are read.
    within: EnclosingModules,
    diagnostics: &'a mut Diagnostics,
}

static IMPORT_TABLE: Text = Text::fixed("`[[import]]`", "表 `[[import]]` 的设置");

impl<'a> ChangeReader<'a> {
    fn moved(&mut self, block: &Block, left: &mut HashMap<Subject, Span>) -> Option<MovedBlock> {
        self.check_keys(block, &MOVED);
        let from = self.subject(
            block,
            "from",
            &text!(en: "the old address", zh: "旧的资源地址"),
        );
        let to = self.subject(
            block,
            "to",
            &text!(en: "the new address", zh: "新的资源地址"),
        );
        let ((from, from_place), (to, to_place)) = (from?, to?);
        if let (Subject::Resource(from), Subject::Resource(to)) = (&from, &to)
            && from.kind() != to.kind()
        {
            let message = text!(
                en: "cannot move {from} to {to}: the resource types differ",
                zh: "无法将 {from} 移动到 {to}：资源类型不同",
                from = from.to_string(),
                to = to.to_string(),
            );
            let help = text!(
                en: "use the resource type `{ty}` in both, or remove {from} from the state with `[[removed]]`",
                zh: "两处使用相同的资源类型 `{ty}`，或用 `[[removed]]` 将 {from} 从状态中移除",
                ty = from.kind().name(),
                from = from.to_string(),
            );
            self.error(codes::MOVED, message, to_place, help);
            return None;
        }
        if matches!(from, Subject::Module(_)) != matches!(to, Subject::Module(_)) {
            let help = text!(
                en: "use a module address in both, or a resource address in both",
                zh: "两处都使用模块地址，或都使用资源地址",
            );
            let message = text!(
                en: "cannot move {from} to {to}: only one of them is a module",
                zh: "无法将 {from} 移动到 {to}：其中只有一个是模块",
                from = from.to_string(),
                to = to.to_string(),
            );
            self.error(codes::MOVED, message, to_place, help);
            return None;
        }
        if from == to {
            let message = text!(
                en: "`from` and `to` are the same address: {from}",
                zh: "`from` 和 `to` 是同一地址：{from}",
                from = from.to_string(),
            );
            let help = text!(
                en: "remove the `[[moved]]` table, or correct one of the addresses",
                zh: "删除该 `[[moved]]`，或修正其中一个地址",
            );
            self.error(codes::MOVED, message, to_place, help);
            return None;
        }
        let from = self.within.whole(&from);
        let again = || {
            text!(
                en: "duplicate `[[moved]]` or `[[removed]]` of {from}",
                zh: "{from} 的 `[[moved]]` 或 `[[removed]]` 重复",
                from = from.to_string(),
            )
        };
        self.is_first(left, &from, from_place, again)
            .then(|| MovedBlock {
                from: from.clone(),
                to: self.within.whole(&to),
                place: block.place(),
                within: self.within.clone(),
            })
    }

    fn removed(
        &mut self,
        block: &Block,
        left: &mut HashMap<Subject, Span>,
    ) -> Option<RemovedBlock> {
        self.check_keys(block, &REMOVED);
        let from = self.subject(
            block,
            "from",
            &text!(
             en: "the address of the removed resource or module",
             zh: "已移除的资源或模块的地址",
            ),
        );
        let help = text!(
            en: "set `destroy = true` to delete it; otherwise it is kept in the cloud",
            zh: "设置 `destroy = true` 将其删除，否则在云端保留",
        );
        let destroy = self.flag(block, "destroy", help);
        let (from, from_place) = from?;
        let from = self.within.whole(&from);
        let again = || {
            text!(
                en: "duplicate `[[moved]]` or `[[removed]]` of {from}",
                zh: "{from} 的 `[[moved]]` 或 `[[removed]]` 重复",
                from = from.to_string(),
            )
        };
        self.is_first(left, &from, from_place, again)
            .then(|| RemovedBlock {
                from: from.clone(),
                destroy,
                place: block.place(),
                within: self.within.clone(),
            })
    }

    fn import(&mut self, block: &Block, imported: &mut ImportPlaces) -> Option<Import> {
        self.check_keys(block, &IMPORT);
        let to = self.subject(
            block,
            "to",
            &text!(en: "the address to import to", zh: "导入到的资源地址"),
        );
        let to = match to {
            Some((Subject::Resource(to), place)) => Some((to, place)),
            Some((module, place)) => {
                let message = text!(
                    en: "cannot import the module {module} as a whole",
                    zh: "无法整体导入模块 {module}",
                    module = module.to_string(),
                );
                let help = text!(
                    en: "use the address of a resource in it",
                    zh: "使用其中某个资源的地址",
                );
                self.error(codes::IMPORT, message, place, help);
                return None;
            }
            None => None,
        };
        let kind = to.as_ref().map(|(to, _)| to.kind());
        let id = self.id(block, kind);
        let help = text!(
            en: "set `take_over = true` to import a resource that another state manages",
            zh: "设置 `take_over = true`，导入由其他状态管理的资源",
        );
        let take_over = self.flag(block, "take_over", help);
        let ((to, to_place), (id, id_place)) = (to?, id?);
        let is_first = self.is_first(&mut imported.addresses, &to, to_place, || {
            text!(
             en: "duplicate import to {to}",
             zh: "重复导入到 {to}",
             to = to.to_string(),
            )
        });
        let again = || {
            text!(
                en: "{id} is imported to two addresses",
                zh: "{id} 导入到了两个地址",
                id = id,
            )
        };
        let is_new = self.is_first(&mut imported.ids, &id, id_place, again);
        (is_first && is_new).then(|| Import {
            to,
            id: id.clone(),
            take_over,
            place: block.place(),
        })
    }

    fn check_keys(&mut self, block: &Block, object: &Object) {
        let context = self.context();
        let node = &block.node;
        TableReader::open(context, &block.source, node, self.diagnostics).checked(object);
    }

    fn context(&self) -> Context<'a> {
        Context {
            roots: Roots::NoResources(&IMPORT_TABLE),
            ..Context::plain(self.environment)
        }
    }

    /// Reads an address with its place; it must be a literal, so that changes of a state do not
    /// depend on variables.
    fn subject(&mut self, block: &Block, key: &str, what: &Text) -> Option<(Subject, Span)> {
        let node = self.needed(block, key, what)?;
        let place = block.at(&node.range);
        let help = text!(
            en: "write a literal address, for example \"container_group.web\"",
            zh: "写成字面量地址，例如 \"container_group.web\"",
        );
        let Some(text) = node.literal_text() else {
            let message = match &node.data {
                // A template that could not be read was reported.
                Data::Literal(Value::Unknown) => return None,
                _ => text!(
                    en: "`{key}` must be a literal address, found {found}",
                    zh: "`{key}` 必须是字面量地址，实际为{found}",
                    key = key,
                    found = node.type_name(),
                ),
            };
            self.error(codes::TYPE_MISMATCH, message, place, help);
            return None;
        };
        match text.parse::<Subject>() {
            Ok(subject) => Some((subject, place)),
            Err(error) => {
                let message = Text::of(&error);
                let mut diagnostic = Diagnostic::new(codes::ADDRESS, message).at(place);
                if let Some(help) = error.help() {
                    diagnostic = diagnostic.help(help);
                }
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// Reads a flag that is false where it is not given; it must be a literal, as addresses are.
    fn flag(&mut self, block: &Block, key: &str, help: Text) -> bool {
        let Some(node) = block.node.get(key) else {
            return false;
        };
        match &node.data {
            Data::Literal(Value::Bool(flag)) => *flag,
            Data::Literal(Value::Unknown) => false,
            _ => {
                self.error(
                    codes::TYPE_MISMATCH,
                    text!(
                     en: "`{key}` must be a literal boolean, found {found}",
                     zh: "`{key}` 必须是字面量布尔值，实际为{found}",
                     key = key,
                     found = node.type_name(),
                    ),
                    block.at(&node.range),
                    help,
                );
                false
            }
        }
    }

    /// Reads the ID to import with its place: text, computed from variables and locals at most.
    fn id(&mut self, block: &Block, kind: Option<Kind>) -> Option<(String, Span)> {
        let node = self.needed(
            block,
            "id",
            &text!(en: "the ID in the cloud", zh: "云端的 ID"),
        )?;
        let place = block.at(&node.range);
        let mut own = Diagnostics::default();
        let value = evaluate_node(&self.context(), node, &mut own);
        if own.has_errors() {
            self.diagnostics.0.append(&mut own.0);
            return None;
        }
        let (code, message, help) = match &value {
            Value::String(id) => {
                // Of what it is to be the id was not understood, and that was reported.
                return match check_id(kind?, id) {
                    Ok(()) => Some((id.to_string(), place)),
                    Err(wrong) => {
                        let message = Text::of(&wrong);
                        self.error(codes::ID, message, place, wrong.help());
                        None
                    }
                };
            }
            // What is missing, or could not be read, was reported.
            Value::Unknown if self.environment.is_incomplete => return None,
            Value::Unknown if matches!(node.data, Data::Literal(_)) => return None,
            Value::Unknown => (
                codes::ID,
                text!(
                 en: "the ID to import is known only after apply",
                 zh: "要导入的 ID 应用后才可知",
                ),
                text!(
                 en: "write a literal ID, or compute it from variables only",
                 zh: "写成字面量，或仅由变量计算",
                ),
            ),
            Value::Sensitive(_) | Value::Digest(_) => (
                codes::ID,
                text!(
                 en: "the ID to import is sensitive, but IDs are displayed",
                 zh: "要导入的 ID 是敏感值，但 ID 会显示",
                ),
                text!(
                 en: "use `nonsensitive(…)` if the ID is not a secret",
                 zh: "如果该 ID 不是机密信息，使用 `nonsensitive(…)`",
                ),
            ),
            other => (
                codes::TYPE_MISMATCH,
                text!(
                 en: "`id` must be a string, found {found}",
                 zh: "`id` 必须是字符串，实际为{found}",
                 found = other.type_name(),
                ),
                text!(
                 en: "quote the ID",
                 zh: "为 ID 加引号",
                ),
            ),
        };
        self.error(code, message, place, help);
        None
    }

    fn needed<'b>(&mut self, block: &'b Block, key: &str, what: &Text) -> Option<&'b Node> {
        let node = block.node.get(key);
        if node.is_none() {
            let message = text!(
                en: "missing required key `{key}` in `[[{table}]]`",
                zh: "`[[{table}]]` 缺少必填键 `{key}`",
                key = key,
                table = block.name,
            );
            let help = text!(
                en: "add `{key}`: {what}",
                zh: "添加 `{key}`：{what}",
                key = key,
                what = what,
            );
            self.error(codes::MISSING_KEY, message, block.place(), help);
        }
        node
    }

    /// Returns whether a key is declared for the first time; otherwise reports both places.
    fn is_first<K: Clone + Eq + Hash>(
        &mut self,
        first_places: &mut HashMap<K, Span>,
        key: &K,
        place: Span,
        message: impl FnOnce() -> Text,
    ) -> bool {
        let Some(first) = first_places.get(key) else {
            first_places.insert(key.clone(), place);
            return true;
        };
        self.diagnostics.push(
            Diagnostic::new(codes::DUPLICATE, message())
                .primary(
                    place,
                    text!(en: "declared again here", zh: "在此处重复声明"),
                )
                .secondary(
                    first.clone(),
                    text!(en: "first declared here", zh: "在此处首次声明"),
                )
                .help(text!(
                    en: "remove one of them; the first is at {place}",
                    zh: "删除其中之一；第一处位于 {place}",
                    place = first.to_string(),
                )),
        );
        false
    }

    fn error(&mut self, code: &'static Code, message: Text, at: Span, help: Text) {
        let diagnostic = Diagnostic::new(code, message);
        self.diagnostics.push(diagnostic.at(at).help(help));
    }
}
