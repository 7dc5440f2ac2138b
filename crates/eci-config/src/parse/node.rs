//! Manifest values that remember their places.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use eci_core::diagnostic::{Source, Span};
use eci_core::path::{Path, PathStep};
use eci_core::schema::{Object, Type};
use eci_core::suggest::{nearest, use_with_type};
use eci_core::value::NumberError;
use eci_core::{Diagnostic, Diagnostics, Map, Number, Value, codes};
use eci_lang::{Template, Tree};
use eci_text::{Text, text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Suggests the key that was probably meant in a described table, or sets another help if there is none.
///
/// The edit is left out where the value cannot be one of that key.
pub(crate) fn near_key(
    diagnostic: Diagnostic,
    entry: &Entry,
    object: &Object,
    otherwise: impl FnOnce() -> Text,
) -> Diagnostic {
    let known = object.fields.iter().map(|field| field.name);
    let Some(near) = nearest(&entry.key, known) else {
        return diagnostic.help(otherwise());
    };
    let mut fields = object.fields.iter().filter(|field| field.name == near);
    match fields.find(|field| !entry.node.has_form_of(&field.ty)) {
        Some(field) => diagnostic.help(use_with_type(near, &field.ty.describe())),
        None => diagnostic.did_you_mean(&entry.key, near),
    }
}

/// A value of a manifest that is not evaluated.
#[derive(Debug)]
pub(crate) struct Node {
    /// The bytes it is written in; for a separate table, its header.
    pub(crate) range: Range<usize>,
    pub(crate) data: Data,
    /// The places of the entries by their keys, in a table with many of them.
    index: OnceLock<HashMap<Arc<str>, usize>>,
}

/// A table with more entries is searched with an index.
const FEW: usize = 64;

/// The content of a node.
#[derive(Debug)]
pub(crate) enum Data {
    /// A scalar without templates.
    Literal(Value),
    /// A string with `${…}` or `%{…}` in it.
    Template(Box<Template>),
    List(Vec<Node>),
    /// Entries in the order of the file.
    Table(Vec<Entry>),
}

/// A key of a table and its value.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Arc<str>,
    pub(crate) key_range: Range<usize>,
    pub(crate) node: Node,
}

impl Node {
    /// Returns the entries, if this is a table.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.data {
            Data::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// Returns whether it may have a value of this type: a list cannot be a single value, for example.
    pub(crate) fn has_form_of(&self, ty: &Type) -> bool {
        match &self.data {
            Data::Literal(value) => ty.has_form_of(value),
            Data::Template(_) => true,
            Data::List(_) => ty.has_form_of(&Value::list(Vec::new())),
            Data::Table(_) => ty.has_form_of(&Value::map(Map::new())),
        }
    }

    /// Creates a node that is written in these bytes.
    pub(crate) fn new(range: Range<usize>, data: Data) -> Node {
        let index = OnceLock::new();
        Node { range, data, index }
    }

    /// Returns the number of values that are written in it, itself included; a long text counts
    /// for several.
    pub(crate) fn weight(&self) -> usize {
        const TEXT: usize = 64;
        1 + match &self.data {
            Data::Literal(Value::String(text)) => text.len() / TEXT,
            Data::Literal(_) => 0,
            Data::Template(template) => template.origin.length() / TEXT,
            Data::List(items) => items.iter().map(Node::weight).sum(),
            Data::Table(entries) => {
                let weights = entries
                    .iter()
                    .map(|it| it.key.len() / TEXT + it.node.weight());
                weights.sum()
            }
        }
    }

    /// Returns the entry of that name, if this is a table that has it.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        let entries = self.entries()?;
        if entries.len() <= FEW {
            return entries.iter().find(|entry| &*entry.key == key);
        }
        let index = self.index.get_or_init(|| {
            let places = entries.iter().enumerate();
            places.map(|(at, entry)| (entry.key.clone(), at)).collect()
        });
        entries.get(*index.get(key)?)
    }

    /// Returns the value of that name, if this is a table that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        Some(&self.entry(key)?.node)
    }

    /// Returns the text, if this is a string without templates.
    pub(crate) fn literal_text(&self) -> Option<&str> {
        match &self.data {
            Data::Literal(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Returns the value of a node without templates; a part with a template is unknown.
    pub(crate) fn literal(&self) -> Value {
        match &self.data {
            Data::Literal(value) => value.clone(),
            Data::Template(_) => Value::Unknown,
            Data::List(items) => Value::list(items.iter().map(Node::literal).collect()),
            Data::Table(entries) => Value::map(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.literal()))
                    .collect::<Map>(),
            ),
        }
    }

    /// Keeps every value in it from being shown.
    pub(crate) fn hide_in(&self, source: &Source) {
        match &self.data {
            Data::Table(entries) => {
                source.hide(self.range.clone());
                entries.iter().for_each(|entry| entry.node.hide_in(source));
            }
            _ => source.hide(self.range.clone()),
        }
    }

    /// Returns the part of that path, or the deepest one on the way that is written.
    pub(crate) fn part(&self, path: &Path) -> &Node {
        let mut node = self;
        for step in &path.0 {
            let next = match (step, &node.data) {
                (PathStep::Index(at), Data::List(items)) => items.get(*at),
                (PathStep::Name(name) | PathStep::Key(name), Data::Table(_)) => node.get(name),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node
    }

    /// Returns the name of its type, for messages.
    pub(crate) fn type_name(&self) -> Text {
        match &self.data {
            Data::Literal(value) => value.type_name(),
            Data::Template(_) => Text::fixed("an expression", "表达式"),
            Data::List(_) => Text::fixed("a list", "列表"),
            Data::Table(_) => Text::fixed("a table", "表"),
        }
    }

    /// Visits every template in it, at any depth.
    pub(crate) fn templates<'a>(&'a self, visit: &mut dyn FnMut(&'a Template)) {
        match &self.data {
            Data::Literal(_) => {}
            Data::Template(template) => visit(template),
            Data::List(items) => items.iter().for_each(|item| item.templates(visit)),
            Data::Table(entries) => {
                for entry in entries {
                    entry.node.templates(visit);
                }
            }
        }
    }
}

/// Builds nodes from the output of the TOML parser.
///
/// Names of keys and expressions that a file repeats are stored once.
pub(super) struct Builder<'a> {
    source: &'a Arc<Source>,
    diagnostics: &'a mut Diagnostics,
    /// Whether strings are nothing but their text.
    literal: bool,
    keys: HashSet<Arc<str>>,
    trees: HashMap<Box<str>, Arc<Tree>>,
}

impl<'a> Builder<'a> {
    /// Creates a builder for a file whose strings may contain expressions.
    pub(super) fn new(source: &'a Arc<Source>, diagnostics: &'a mut Diagnostics) -> Builder<'a> {
        Builder {
            source,
            diagnostics,
            literal: false,
            keys: HashSet::new(),
            trees: HashMap::new(),
        }
    }

    /// Creates a builder for a file whose strings are plain text.
    pub(super) fn literal(
        source: &'a Arc<Source>,
        diagnostics: &'a mut Diagnostics,
    ) -> Builder<'a> {
        Builder {
            literal: true,
            ..Builder::new(source, diagnostics)
        }
    }

    pub(super) fn table(&mut self, table: &DeTable<'_>) -> Data {
        // Collecting would keep room for four, and most tables are smaller.
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table {
            entries.push(Entry {
                key: self.key(key.get_ref()),
                key_range: key.span(),
                node: self.node(value),
            });
        }
        entries.sort_by_key(|entry| entry.key_range.start);
        Data::Table(entries)
    }

    fn key(&mut self, name: &str) -> Arc<str> {
        if let Some(key) = self.keys.get(name) {
            return key.clone();
        }
        let key: Arc<str> = Arc::from(name);
        self.keys.insert(key.clone());
        key
    }

    fn node(&mut self, value: &Spanned<DeValue<'_>>) -> Node {
        let range = value.span();
        let data = match value.get_ref() {
            DeValue::String(text) => self.string(text, &range),
            DeValue::Integer(integer) => {
                match i64::from_str_radix(integer.as_str(), integer.radix()) {
                    Ok(number) => Data::Literal(Value::from(number)),
                    Err(_) => self.bad_number(
                        &range,
                        text!(en: "integer exceeds 64 bits", zh: "整数超出 64 位"),
                        None,
                    ),
                }
            }
            DeValue::Float(float) => match Number::read(float.as_str()) {
                Ok(number) => Data::Literal(Value::Number(number)),
                Err(NumberError::NotANumber) => self.bad_number(
                    &range,
                    text!(en: "number must be finite", zh: "数值必须是有限数"),
                    None,
                ),
                Err(error) => {
                    let message = Text::of(&error);
                    self.bad_number(&range, message, error.help())
                }
            },
            DeValue::Boolean(truth) => Data::Literal(Value::Bool(*truth)),
            DeValue::Datetime(date) => Data::Literal(Value::from(date.to_string())),
            DeValue::Array(items) => Data::List(items.iter().map(|item| self.node(item)).collect()),
            DeValue::Table(entries) => self.table(entries),
        };
        Node::new(range, data)
    }

    fn string(&mut self, text: &str, range: &Range<usize>) -> Data {
        if self.literal || !Template::is_needed(text) {
            return Data::Literal(Value::from(text));
        }
        if let Some(tree) = self.trees.get(text) {
            let template = Template::of(tree.clone(), text, self.source, range);
            return Data::Template(Box::new(template));
        }
        match Template::parse(text, self.source, range) {
            Ok(template) => {
                self.trees.insert(text.into(), template.tree.clone());
                Data::Template(Box::new(template))
            }
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                Data::Literal(Value::Unknown)
            }
        }
    }

    fn bad_number(&mut self, range: &Range<usize>, message: Text, help: Option<Text>) -> Data {
        let place = Span::new(self.source, range.clone());
        let diagnostic = Diagnostic::new(codes::BAD_NUMBER, message).at(place);
        self.diagnostics.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
        Data::Literal(Value::Unknown)
    }
}
