//! Reads a table with known keys.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use eci_core::diagnostic::{Source, Span};
use eci_core::schema::{Object, with_article};
use eci_core::secret_names::{holds_password, names_secret};
use eci_core::suggest::nearest;
use eci_core::{Diagnostic, Diagnostics, Number, Value, codes, duration};
use eci_lang::{as_number, as_text, as_truth};
use eci_text::{List, Text, text};

use super::context::Context;
use super::environment_variable::{is_variable_name, use_variable};
use super::node::evaluate_node;
use crate::parse::{Data, Entry, Node, near_key};

/// A key and the node of its value.
#[derive(Clone, Copy)]
struct KeyNode<'n> {
    key: &'n str,
    node: &'n Node,
}

/// Reads a table with known keys; what does not fit is reported and is treated as absent.
pub(crate) struct TableReader<'a> {
    context: Context<'a>,
    source: &'a Arc<Source>,
    node: &'a Node,
    pub(crate) diagnostics: &'a mut Diagnostics,
}

impl<'a> TableReader<'a> {
    /// Creates a reader of a table with any keys.
    ///
    /// A node that is not a table reads as an empty one.
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

    /// Returns the reader after it has reported a node that is not a table, and every key that
    /// the description does not have.
    pub(crate) fn checked(mut self, object: &Object) -> TableReader<'a> {
        self.check_keys(object, &[]);
        self
    }

    /// Reports a node that is not a table, and every key that is neither known nor reported
    /// already.
    pub(crate) fn check_keys(&mut self, object: &Object, reported: &[&str]) {
        let title = title_of(object);
        let Some(entries) = self.node.entries() else {
            let message = text!(
                en: "expected {title}, found {found}",
                zh: "应为 {title}，实际为{found}",
                title = title,
                found = self.node.type_name(),
            );
            let help = text!(en: "write {title}", zh: "写成 {title}", title = title);
            return self.mismatch(self.node, message, help);
        };
        let known = || object.fields.iter().map(|field| field.name);
        let is_expected = |key: &str| object.knows(key) || reported.contains(&key);
        for entry in entries.iter().filter(|entry| !is_expected(&entry.key)) {
            let place = Span::new(self.source, entry.key_range.clone());
            let message = text!(
                en: "unsupported key `{key}` in {title}",
                zh: "{title}不支持键 `{key}`",
                key = entry.key,
                title = title,
            );
            let diagnostic = Diagnostic::new(codes::UNKNOWN_KEY, message).at(place);
            let meant = meant_variable(entry, object);
            let text = entry.node.literal_text();
            if meant.is_some() || names_secret(&entry.key) || text.is_some_and(holds_password) {
                self.hide(&entry.node);
            }
            if let Some(meant) = meant {
                self.diagnostics.push(diagnostic.help(use_variable(meant)));
                continue;
            }
            let otherwise = || {
                text!(
                    en: "supported keys: {keys}",
                    zh: "支持的键：{keys}",
                    keys = List::and(known().map(|name| format!("`{name}`"))),
                )
            };
            self.diagnostics
                .push(near_key(diagnostic, entry, object, otherwise));
        }
    }

    /// Keeps a value from being shown; the quotes of a string stay.
    pub(crate) fn hide(&self, node: &Node) {
        let Range { start, end } = node.range;
        let text = self.source.text.get(start..end).unwrap_or_default();
        let quotes = usize::from(text.len() > 1 && text.starts_with(['"', '\'']));
        self.source.hide(start + quotes..end - quotes);
    }

    /// Charges work for a node; whether the budget was sufficient.
    pub(crate) fn charge(&self, work: usize, node: &Node) -> bool {
        let budget = self.context.environment.files.budget();
        budget.charge(work, || self.place(node))
    }

    /// Returns the node of a key.
    pub(crate) fn node(&self, key: &str) -> Option<&'a Node> {
        self.node.get(key)
    }

    /// Returns the place of a node.
    pub(crate) fn place(&self, node: &Node) -> Span {
        Span::new(self.source, node.range.clone())
    }

    /// Returns the place of a key.
    pub(crate) fn place_of_key(&self, entry: &Entry) -> Span {
        Span::new(self.source, entry.key_range.clone())
    }

    /// Reads the value of a key, with no mark in it; `None` if it is null, unknown or not given.
    /// One that is sensitive is refused: these values are shown, in messages and in plans.
    pub(crate) fn value(&mut self, key: &str) -> Option<(Value, &'a Node)> {
        let node = self.node.get(key)?;
        let value = evaluate_node(&self.context, node, self.diagnostics);
        if value.has_sensitive() {
            let message = text!(
                en: "the value of `{key}` is sensitive, but settings are displayed",
                zh: "`{key}` 的值是敏感值，但会显示在输出中",
                key = key,
            );
            let place = self.place(sensitive_part(node, &value));
            self.diagnostics.push(
                Diagnostic::new(codes::SENSITIVE_SETTING, message)
                    .at(place)
                    .help(text!(
                        en: "use `nonsensitive(…)` if the value is not a secret",
                        zh: "如果该值不是机密信息，使用 `nonsensitive(…)`",
                    )),
            );
            return None;
        }
        match value {
            Value::Null | Value::Unknown => None,
            value => Some((value, node)),
        }
    }

    /// Reads a text.
    pub(crate) fn text(&mut self, key: &str) -> Option<String> {
        let (value, node) = self.value(key)?;
        let text = as_text(&value).map(|text| text.to_string());
        self.or_expected(text, KeyNode { key, node }, &STRING, &value)
    }

    /// Reads a text that people read; `None` also if it is sensitive.
    pub(crate) fn shown_text(&mut self, key: &str) -> Option<String> {
        let node = self.node.get(key)?;
        let value = evaluate_node(&self.context, node, self.diagnostics);
        as_text(&value).map(|text| text.to_string())
    }

    /// Reads a boolean.
    pub(crate) fn truth(&mut self, key: &str) -> Option<bool> {
        let (value, node) = self.value(key)?;
        self.or_expected(as_truth(&value), KeyNode { key, node }, &BOOLEAN, &value)
    }

    /// Reads a boolean that may come from a sensitive value, of which nothing more is revealed.
    pub(crate) fn condition(&mut self, key: &str) -> Option<bool> {
        let node = self.node.get(key)?;
        let value = evaluate_node(&self.context, node, self.diagnostics);
        match value.reveal().0 {
            Value::Null | Value::Unknown | Value::Digest(_) => None,
            bare => self.or_expected(as_truth(bare), KeyNode { key, node }, &BOOLEAN, &value),
        }
    }

    /// Reads a number that passes a test, which `what` describes.
    pub(crate) fn number(
        &mut self,
        key: &str,
        what: &Text,
        fits: impl Fn(Number) -> bool,
    ) -> Option<Number> {
        let (value, node) = self.value(key)?;
        let number = as_number(&value).filter(|number| fits(*number));
        self.or_expected(number, KeyNode { key, node }, what, &value)
    }

    /// Reads a duration, for example `"1h30m"`.
    pub(crate) fn duration(&mut self, key: &str) -> Option<Duration> {
        let (value, node) = self.value(key)?;
        let duration = value.as_str().and_then(duration::in_manifest);
        self.or_expected(duration, KeyNode { key, node }, &DURATION, &value)
    }

    /// Reads a list of strings, each with its node.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<(Arc<str>, &'a Node)> {
        let Some((value, node)) = self.value(key) else {
            return Vec::new();
        };
        let Value::List(items) = &value else {
            self.expected(KeyNode { key, node }, &STRINGS, &value.type_name());
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
                None => self.expected(KeyNode { key, node }, &STRINGS, &item.type_name()),
            }
        }
        texts
    }

    /// Reads a table of texts with free keys.
    pub(crate) fn text_table(&mut self, key: &str) -> BTreeMap<String, String> {
        let Some((value, node)) = self.value(key) else {
            return BTreeMap::new();
        };
        let Value::Map(entries) = &value else {
            self.expected(KeyNode { key, node }, &STRING_MAP, &value.type_name());
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
                None => self.expected(KeyNode { key, node: place }, &STRING, &value.type_name()),
            }
        }
        texts
    }

    fn or_expected<T>(
        &mut self,
        read: Option<T>,
        at: KeyNode<'_>,
        what: &Text,
        found: &Value,
    ) -> Option<T> {
        if read.is_none() {
            let is_short = match found {
                Value::Number(_) | Value::Bool(_) => true,
                Value::String(text) => text.chars().count() < 60,
                _ => false,
            };
            let found = if is_short {
                // In Chinese it comes after a Han character.
                text!(en: "{found}", zh: " {found}", found = format!("{found:?}"))
            } else if matches!(found, Value::Sensitive(_) | Value::Digest(_)) {
                Text::fixed("a sensitive value", "敏感值")
            } else {
                found.type_name()
            };
            self.expected(at, what, &found);
        }
        read
    }

    fn expected(&mut self, at: KeyNode<'_>, what: &Text, found: &Text) {
        let message = text!(
            en: "`{key}` must be {what}, found {found}",
            zh: "`{key}` 必须是{what}，实际为{found}",
            key = at.key,
            what = what,
            found = found,
        );
        let help = if *what == BOOLEAN {
            text!(en: "write `true` or `false`", zh: "写成 `true` 或 `false`")
        } else {
            text!(en: "write {what}", zh: "写成{what}", what = what)
        };
        self.mismatch(at.node, message, help);
    }

    fn mismatch(&mut self, node: &Node, message: Text, help: Text) {
        let place = self.place(node);
        let diagnostic = Diagnostic::new(codes::TYPE_MISMATCH, message);
        self.diagnostics.push(diagnostic.at(place).help(help));
    }
}

const STRING: Text = Text::fixed("a string", "字符串");
const STRINGS: Text = Text::fixed("a list of strings", "字符串列表");
const STRING_MAP: Text = Text::fixed("a map of strings", "由字符串组成的映射");
const BOOLEAN: Text = Text::fixed("a boolean", "布尔值");
const DURATION: Text = Text::fixed(
    "a duration, for example \"20m\" or \"1h30m\"",
    "时长（例如 \"20m\" 或 \"1h30m\"）",
);

/// Returns the key for the name of an environment variable that an unsupported key probably means, if its
/// value may be what the variable should contain.
fn meant_variable(entry: &Entry, object: &Object) -> Option<&'static str> {
    let mut known = object.fields.iter().map(|field| field.name);
    let lower = entry.key.to_lowercase();
    let meant = known
        .clone()
        .find(|name| name.strip_suffix("_env") == Some(&lower))
        .or_else(|| {
            let near = nearest(&entry.key, known.clone())?;
            known.find(|name| *name == near && name.ends_with("_env"))
        })?;
    // The name of a variable under a misspelled key.
    let is_name = |text: &str| is_variable_name(text) && text.to_uppercase() == text;
    let is_typo = lower.ends_with("env") && entry.node.literal_text().is_some_and(is_name);
    (!is_typo).then_some(meant)
}

/// Returns an object as messages name it: "a `lifecycle` table".
fn title_of(object: &Object) -> Text {
    let starts_with_vowel = with_article(object.name).starts_with("an ");
    if starts_with_vowel {
        text!(en: "an `{name}` table", zh: "`{name}` 表", name = object.name)
    } else {
        text!(en: "a `{name}` table", zh: "`{name}` 表", name = object.name)
    }
}

/// Returns the smallest node that makes a value sensitive.
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
