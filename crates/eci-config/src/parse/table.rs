//! Reads a table with known keys.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use eci_core::diagnostic::{Source, Span};
use eci_core::schema::{Object, with_article};
use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Diagnostics, Number, Value, codes, duration};
use eci_lang::{as_number, as_text, as_truth};

use super::node::{Data, Entry, Node};
use crate::context::Context;
use crate::evaluate::evaluate_node;

/// Reads a table with known keys; what does not fit is reported and counts as not given.
pub(crate) struct TableReader<'a> {
    context: Context<'a>,
    source: &'a Arc<Source>,
    node: &'a Node,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl<'a> TableReader<'a> {
    /// Begins to read a table. A node that is no table is reported and reads as an empty one,
    /// and so is every key that its description does not have.
    pub(crate) fn new(
        context: Context<'a>,
        source: &'a Arc<Source>,
        node: &'a Node,
        object: &Object,
        diagnostics: &'a mut Diagnostics,
    ) -> TableReader<'a> {
        let mut reader = TableReader::open(context, source, node, diagnostics);
        reader.check_keys(&with_article(object.name), object, &[]);
        reader
    }

    /// Begins to read a table in which any key may stand.
    pub(crate) fn open(
        context: Context<'a>,
        source: &'a Arc<Source>,
        node: &'a Node,
        diagnostics: &'a mut Diagnostics,
    ) -> TableReader<'a> {
        TableReader {
            context,
            source,
            node,
            diagnostics,
        }
    }

    /// Reports a node that is no table, and every key that is neither known nor reported
    /// already.
    pub(crate) fn check_keys(&mut self, what: &str, object: &Object, reported: &[&str]) {
        let Some(entries) = self.node.entries() else {
            return self.expected(self.node, &format!("{what} table"), self.node.type_name());
        };
        let known = || object.fields.iter().map(|field| field.name);
        let is_expected = |key: &str| object.knows(key) || reported.contains(&key);
        for entry in entries.iter().filter(|entry| !is_expected(&entry.key)) {
            let place = Span::new(self.source, entry.key_range.clone());
            let message = format!("unsupported key `{}` in {what} table", entry.key);
            let diagnostic = Diagnostic::new(codes::UNKNOWN_KEY, message);
            let otherwise = || format!("its keys are {}", known().collect::<Vec<_>>().join(", "));
            self.diagnostics.push(diagnostic.primary(place, "").near(
                &entry.key,
                nearest(&entry.key, known()),
                otherwise,
            ));
        }
    }

    /// Takes work for what is done with a node; whether it was left.
    pub(crate) fn charge(&self, work: usize, node: &Node) -> bool {
        let budget = self.context.environment.files.budget();
        budget.charge(work, || self.place(node))
    }

    /// The node of a key.
    pub(crate) fn node(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key)
    }

    /// The place of a node.
    pub(crate) fn place(&self, node: &Node) -> Span {
        Span::new(self.source, node.range.clone())
    }

    /// The place of a key.
    pub(crate) fn place_of_key(&self, entry: &Entry) -> Span {
        Span::new(self.source, entry.key_range.clone())
    }

    /// The value of a key, with no mark in it; `None` if it is null, unknown or not given. One
    /// that is sensitive is refused: what is read here is shown, in messages and in plans.
    pub(crate) fn value(&mut self, key: &str) -> Option<(Value, &'a Node)> {
        let node = self.node.get(key)?;
        let value = evaluate_node(&self.context, node, self.diagnostics);
        if value.has_sensitive() {
            let message =
                format!("the value of `{key}` is sensitive, but what is set here is shown");
            let place = self.place(sensitive_part(node, &value));
            self.diagnostics.push(
                Diagnostic::new(codes::SENSITIVE_SETTING, message)
                    .primary(place, "")
                    .help("use nonsensitive(…) where it is no secret"),
            );
            return None;
        }
        match value {
            Value::Null | Value::Unknown => None,
            value => Some((value, node)),
        }
    }

    /// A text.
    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let (value, node) = self.value(key)?;
        let text = as_text(&value).map(|text| text.to_string());
        self.or_expected(text, node, "a string", &value)
    }

    /// A text that people read; `None` also if it is sensitive.
    pub(crate) fn shown_text(&mut self, key: &str) -> Option<String> {
        let node = self.node.get(key)?;
        let value = evaluate_node(&self.context, node, self.diagnostics);
        as_text(&value).map(|text| text.to_string())
    }

    /// A truth value.
    pub(crate) fn truth(&mut self, key: &str) -> Option<bool> {
        let (value, node) = self.value(key)?;
        self.or_expected(as_truth(&value), node, "true or false", &value)
    }

    /// A truth value that may come from something sensitive, of which no more than this is told.
    pub(crate) fn condition(&mut self, key: &str) -> Option<bool> {
        let node = self.node.get(key)?;
        let value = evaluate_node(&self.context, node, self.diagnostics);
        match value.reveal().0 {
            Value::Null | Value::Unknown | Value::Digest(_) => None,
            bare => self.or_expected(as_truth(bare), node, "true or false", &value),
        }
    }

    /// A number that passes a test; `what` says which do.
    pub(crate) fn number(
        &mut self,
        key: &str,
        what: &str,
        fits: impl Fn(Number) -> bool,
    ) -> Option<Number> {
        let (value, node) = self.value(key)?;
        let number = as_number(&value).filter(|number| fits(*number));
        self.or_expected(number, node, what, &value)
    }

    /// A duration such as `"1h30m"`.
    pub(crate) fn duration(&mut self, key: &str) -> Option<Duration> {
        let (value, node) = self.value(key)?;
        let duration = value.as_str().and_then(duration::in_manifest);
        self.or_expected(
            duration,
            node,
            "a duration such as \"20m\" or \"1h30m\"",
            &value,
        )
    }

    /// A list of texts, each with the node it stands in.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<(Arc<str>, &'a Node)> {
        let Some((value, node)) = self.value(key) else {
            return Vec::new();
        };
        let Value::List(items) = &value else {
            self.expected(node, "a list of strings", value.type_name());
            return Vec::new();
        };
        let mut texts = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let node = match &node.data {
                Data::List(nodes) => nodes.get(at).unwrap_or(node),
                _ => node,
            };
            match item.as_str() {
                Some(text) => texts.push((Arc::from(text), node)),
                None if item.is_unknown() => {}
                None => self.expected(node, "a string", item.type_name()),
            }
        }
        texts
    }

    /// A table of texts with free keys.
    pub(crate) fn text_table(&mut self, key: &str) -> BTreeMap<String, String> {
        let Some((value, node)) = self.value(key) else {
            return BTreeMap::new();
        };
        let Value::Map(entries) = &value else {
            self.expected(node, "a table of strings", value.type_name());
            return BTreeMap::new();
        };
        let mut texts = BTreeMap::new();
        for (key, value) in entries.iter() {
            let place = node.get(key).unwrap_or(node);
            match as_text(value) {
                Some(text) => {
                    texts.insert(key.to_string(), text.to_string());
                }
                None if value.is_unknown() => {}
                None => self.expected(place, "a string", value.type_name()),
            }
        }
        texts
    }

    fn or_expected<T>(
        &mut self,
        read: Option<T>,
        node: &Node,
        what: &str,
        found: &Value,
    ) -> Option<T> {
        if read.is_none() {
            let found = match found {
                Value::Number(_) | Value::Bool(_) => format!("{found:?}"),
                Value::String(text) if text.chars().count() < 60 => format!("{found:?}"),
                Value::Sensitive(_) | Value::Digest(_) => "a sensitive value".to_owned(),
                other => other.type_name().to_owned(),
            };
            self.expected(node, what, &found);
        }
        read
    }

    fn expected(&mut self, node: &Node, what: &str, found: &str) {
        let diagnostic = Diagnostic::new(
            codes::TYPE_MISMATCH,
            format!("expected {what}, found {found}"),
        );
        let place = self.place(node);
        let diagnostic = diagnostic.help(format!("write {what}"));
        self.diagnostics.push(diagnostic.primary(place, ""));
    }
}

/// Where it is written that a value is sensitive, as far as its parts are written apart.
fn sensitive_part<'n>(node: &'n Node, value: &Value) -> &'n Node {
    let part = match (&node.data, value) {
        (Data::List(nodes), Value::List(items)) => {
            let mut parts = nodes.iter().zip(items.iter());
            parts.find(|(_, item)| item.has_sensitive())
        }
        (Data::Table(nodes), Value::Map(entries)) => {
            let mut parts = nodes.iter().filter_map(|entry| {
                let value = entries.get(&entry.key)?;
                Some((&entry.node, value))
            });
            parts.find(|(_, value)| value.has_sensitive())
        }
        _ => None,
    };
    part.map_or(node, |(node, value)| sensitive_part(node, value))
}
