//! `for_each`: one instance a key.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::{Diagnostic, Diagnostics, Value, codes};

use crate::environment::Environment;
use crate::expression::{Context, Each, Roots, evaluate_node, references_of};
use crate::manifest::{Block, Node};
use crate::scope::{NothingKnown, Scope};

/// Where the `each` of an instance comes from.
#[derive(Clone, Debug)]
pub(super) enum EachSource {
    /// From variables and locals: the same at any time.
    Known(Each),
    /// From other resources: the value is computed for each scope anew.
    Computed(Arc<str>),
}

impl EachSource {
    pub(super) fn key(&self) -> &Arc<str> {
        match self {
            EachSource::Known(each) => &each.key,
            EachSource::Computed(key) => key,
        }
    }

    /// `each` as it is in a scope.
    pub(super) fn value(
        &self,
        block: &Block,
        environment: &Environment,
        scope: &dyn Scope,
    ) -> Each {
        let key = match self {
            EachSource::Known(each) => return each.clone(),
            EachSource::Computed(key) => key.clone(),
        };
        let context = Context {
            environment,
            scope,
            each: None,
            roots: Roots::All,
        };
        // What is wrong with it is reported once, for the table.
        let mut reported = Diagnostics::default();
        let value = match block.node.get(KEY) {
            Some(node) => match node.get(&key) {
                Some(entry) => evaluate_node(&context, entry, &mut reported),
                None => {
                    let all = evaluate_node(&context, node, &mut reported);
                    let entry = all.get(&key).cloned();
                    match (entry, all.as_list()) {
                        (Some(value), _) => value,
                        (None, Some(_)) => Value::String(key.clone()),
                        (None, None) => Value::Unknown,
                    }
                }
            },
            None => Value::Unknown,
        };
        Each { key, value }
    }
}

pub(super) const KEY: &str = "for_each";

/// The instances of a table with `for_each`; `None` if its keys are not known, which is then
/// reported.
pub(super) fn instances(
    environment: &Environment,
    block: &Block,
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<EachSource>> {
    let context = Context {
        environment,
        scope: &NothingKnown,
        each: None,
        roots: Roots::All,
    };
    let mut own = Diagnostics::default();
    let mut references = Vec::new();
    node.templates(&mut |template| {
        references_of(template, &context, &mut references, &mut own);
    });
    let computed = !environment.resources_behind(references).is_empty();
    let value = evaluate_node(&context, node, &mut own);
    let failed = own.has_errors();
    diagnostics.0.append(&mut own.0);
    if failed || (value.is_unknown() && environment.is_incomplete) {
        return None;
    }
    match pairs(&value) {
        Ok(pairs) => Some(
            pairs
                .into_iter()
                .map(|(key, value)| match computed {
                    true => EachSource::Computed(key),
                    false => EachSource::Known(Each { key, value }),
                })
                .collect(),
        ),
        Err((message, help)) => {
            let diagnostic = Diagnostic::new(codes::FOR_EACH, message);
            diagnostics.push(diagnostic.at(block.at(&node.range), "").help(help));
            None
        }
    }
}

type Fault = (String, &'static str);

fn pairs(value: &Value) -> Result<Vec<(Arc<str>, Value)>, Fault> {
    let what = "give a table, or a list of distinct strings";
    match value {
        Value::Map(entries) => Ok(entries
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()),
        Value::List(items) => {
            let mut seen = BTreeSet::new();
            let mut pairs = Vec::with_capacity(items.len());
            for item in items.iter() {
                let key = match item {
                    Value::String(text) => text.clone(),
                    Value::Unknown => return Err(unknown()),
                    Value::Sensitive(_) => return Err(sensitive()),
                    other => {
                        let found = other.type_name();
                        return Err((
                            format!("a key of `for_each` must be a string, found {found}"),
                            what,
                        ));
                    }
                };
                if !seen.insert(key.clone()) {
                    return Err((
                        format!("`for_each` has the key {key:?} twice"),
                        "keep one of them, such as with toset(…)",
                    ));
                }
                pairs.push((key.clone(), Value::String(key)));
            }
            Ok(pairs)
        }
        Value::Unknown => Err(unknown()),
        Value::Sensitive(_) | Value::Digest(_) => Err(sensitive()),
        other => Err((
            format!(
                "`for_each` must be a table or a list of strings, found {}",
                other.type_name()
            ),
            what,
        )),
    }
}

fn unknown() -> Fault {
    (
        "the keys of `for_each` are known only after apply".to_owned(),
        "compute the keys from variables and locals alone; only values may come from resources",
    )
}

fn sensitive() -> Fault {
    (
        "the keys of `for_each` are sensitive, but addresses are shown".to_owned(),
        "use nonsensitive(…) where they are no secret",
    )
}
