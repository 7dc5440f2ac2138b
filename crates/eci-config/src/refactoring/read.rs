//! Reads `[[moved]]`, `[[removed]]` and `[[import]]`. Whether they fit the resources that are
//! declared and the state is for the planner to say, which knows both.

use std::collections::HashMap;
use std::hash::Hash;

use eci_core::diagnostic::Span;
use eci_core::schema::{Object, with_article};
use eci_core::tables::{IMPORT, MOVED, REMOVED};
use eci_core::{Address, Code, Diagnostic, Diagnostics, Kind, Subject, Value, codes};
use eci_lang::Roots;

use super::{Changes, Import, Moved, Removed, Within, check_id};
use crate::context::Context;
use crate::environment::Environment;
use crate::evaluate::evaluate_node;
use crate::parse::{Block, ChangeBlocks, Data, Node, TableReader};

/// Reads all of them, of every module; those that are wrong are reported and left out. What
/// the root says comes first.
pub(crate) fn read_changes<'a>(
    environment: &Environment,
    modules: impl IntoIterator<Item = (Within, &'a ChangeBlocks)>,
    diagnostics: &mut Diagnostics,
) -> Changes {
    let mut reading = Reading {
        environment,
        within: Within::default(),
        diagnostics,
    };
    let mut left = HashMap::new();
    let mut imported = Imported::default();
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

/// Where each address, and each id, was imported first.
#[derive(Default)]
struct Imported {
    addresses: HashMap<Address, Span>,
    ids: HashMap<String, Span>,
}

struct Reading<'a> {
    environment: &'a Environment,
    /// The module whose tables are read.
    within: Within,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Reading<'a> {
    fn moved(&mut self, block: &Block, left: &mut HashMap<Subject, Span>) -> Option<Moved> {
        self.check_keys(block, &MOVED);
        let from = self.subject(block, "from", "the old address");
        let to = self.subject(block, "to", "the new address");
        let ((from, from_place), (to, to_place)) = (from?, to?);
        if let (Subject::Resource(from), Subject::Resource(to)) = (&from, &to)
            && from.kind() != to.kind()
        {
            let kind = with_article(from.kind().name());
            self.error(
                codes::MOVED,
                format!("{from} cannot become {to}, which is of another kind"),
                to_place,
                format!("name {kind} in both, or let {from} go with [[removed]]"),
            );
            return None;
        }
        if matches!(from, Subject::Module(_)) != matches!(to, Subject::Module(_)) {
            let help = "name a module in both, or a resource in both";
            let message = format!("{from} cannot become {to}: one is a module, the other none");
            self.error(codes::MOVED, message, to_place, help);
            return None;
        }
        if from == to {
            let message = format!("{from} moves to where it is");
            self.error(codes::MOVED, message, to_place, "remove this table");
            return None;
        }
        let from = self.within.whole(&from);
        let again = || format!("{from} is moved or removed twice");
        self.is_first(left, &from, from_place, again)
            .then(|| Moved {
                from: from.clone(),
                to: self.within.whole(&to),
                place: block.place(),
                within: self.within.clone(),
            })
    }

    fn removed(&mut self, block: &Block, left: &mut HashMap<Subject, Span>) -> Option<Removed> {
        self.check_keys(block, &REMOVED);
        let from = self.subject(
            block,
            "from",
            "the address of the removed resource or module",
        );
        let help = "write destroy = true to have it deleted; otherwise the cloud keeps it";
        let destroy = self.flag(block, "destroy", help);
        let (from, from_place) = from?;
        let from = self.within.whole(&from);
        let again = || format!("{from} is moved or removed twice");
        self.is_first(left, &from, from_place, again)
            .then(|| Removed {
                from: from.clone(),
                destroy,
                place: block.place(),
                within: self.within.clone(),
            })
    }

    fn import(&mut self, block: &Block, imported: &mut Imported) -> Option<Import> {
        self.check_keys(block, &IMPORT);
        let to = self.subject(block, "to", "the address to import it under");
        let to = match to {
            Some((Subject::Resource(to), place)) => Some((to, place)),
            Some((module, place)) => {
                let message = format!("{module} is a module, and cannot be imported as a whole");
                let help = "name a resource in it";
                self.error(codes::IMPORT, message, place, help);
                return None;
            }
            None => None,
        };
        let kind = to.as_ref().map(|(to, _)| to.kind());
        let id = self.id(block, kind);
        let help = "write take_over = true to take over what another state created";
        let take_over = self.flag(block, "take_over", help);
        let ((to, to_place), (id, id_place)) = (to?, id?);
        let is_first = self.is_first(&mut imported.addresses, &to, to_place, || {
            format!("{to} is imported twice")
        });
        let again = || format!("{id} is imported under two addresses");
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
        TableReader::new(context, &block.source, node, object, self.diagnostics);
    }

    fn context(&self) -> Context<'a> {
        Context {
            roots: Roots::NoResources("an import"),
            ..Context::plain(self.environment)
        }
    }

    /// An address with its place; it is written out, so that what happens to a state does not
    /// depend on variables.
    fn subject(&mut self, block: &Block, key: &str, what: &str) -> Option<(Subject, Span)> {
        let node = self.needed(block, key, what)?;
        let place = block.at(&node.range);
        let help = "write it out, such as \"container_group.web\"";
        let Some(text) = node.literal_text() else {
            let message = match &node.data {
                // A template that could not be read was reported.
                Data::Literal(Value::Unknown) => return None,
                Data::Template(_) => format!("`{key}` is an address and cannot be computed"),
                _ => format!("expected an address, found {}", node.type_name()),
            };
            self.error(codes::TYPE_MISMATCH, message, place, help);
            return None;
        };
        match text.parse::<Subject>() {
            Ok(subject) => Some((subject, place)),
            Err(error) => {
                let diagnostic = Diagnostic::new(codes::ADDRESS, error.to_string());
                self.diagnostics.push(diagnostic.primary(place, ""));
                None
            }
        }
    }

    /// A flag that is false where it is not given; it is written out, as addresses are.
    fn flag(&mut self, block: &Block, key: &str, help: &str) -> bool {
        let Some(node) = block.node.get(key) else {
            return false;
        };
        match &node.data {
            Data::Literal(Value::Bool(flag)) => *flag,
            Data::Literal(Value::Unknown) => false,
            _ => {
                self.error(
                    codes::TYPE_MISMATCH,
                    format!("expected true or false, found {}", node.type_name()),
                    block.at(&node.range),
                    help,
                );
                false
            }
        }
    }

    /// The id to import with its place: text, computed from variables and locals at most.
    fn id(&mut self, block: &Block, kind: Option<Kind>) -> Option<(String, Span)> {
        let node = self.needed(block, "id", "the ID in the cloud")?;
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
                        self.error(codes::ID, wrong.to_string(), place, wrong.help());
                        None
                    }
                };
            }
            // What is missing, or could not be read, was reported.
            Value::Unknown if self.environment.is_incomplete => return None,
            Value::Unknown if matches!(node.data, Data::Literal(_)) => return None,
            Value::Unknown => (
                codes::ID,
                "which id to import is known only after apply".to_owned(),
                "write it out, or compute it from variables alone",
            ),
            Value::Sensitive(_) | Value::Digest(_) => (
                codes::ID,
                "the id to import is sensitive, but ids are shown".to_owned(),
                "use nonsensitive(…) where it is no secret",
            ),
            other => (
                codes::TYPE_MISMATCH,
                format!("expected an id, found {}", other.type_name()),
                "write it as a string",
            ),
        };
        self.error(code, message, place, help);
        None
    }

    fn needed<'b>(&mut self, block: &'b Block, key: &str, what: &str) -> Option<&'b Node> {
        let node = block.node.get(key);
        if node.is_none() {
            let message = format!("missing required key `{key}` in this {} table", block.name);
            let help = format!("`{key}` is {what}");
            self.error(codes::MISSING_KEY, message, block.place(), help);
        }
        node
    }

    /// Whether something is told for the first time; otherwise shows both places.
    fn is_first<K: Clone + Eq + Hash>(
        &mut self,
        seen: &mut HashMap<K, Span>,
        key: &K,
        place: Span,
        message: impl FnOnce() -> String,
    ) -> bool {
        let Some(first) = seen.get(key) else {
            seen.insert(key.clone(), place);
            return true;
        };
        self.diagnostics.push(
            Diagnostic::new(codes::DUPLICATE, message())
                .primary(place, "a second time here")
                .secondary(first.clone(), "first here")
                .help(format!("keep one of them; the first is at {first}")),
        );
        false
    }

    fn error(
        &mut self,
        code: &'static Code,
        message: String,
        at: Span,
        help: impl Into<eci_text::Text>,
    ) {
        let diagnostic = Diagnostic::new(code, message);
        self.diagnostics.push(diagnostic.primary(at, "").help(help));
    }
}
