//! Names in a file, and where they are used.

use std::ops::Range;

use eci_core::Kind;
use eci_core::schema::Type;
use eci_core::tables::{self, Form, ManifestShape};
use eci_format::FileKind;
use eci_text::FixedText;

use crate::expression::look_through;
use crate::outline::{Data, Item, Key, Outline, OutlineEntry};

/// A named item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) space: Space,
    pub(crate) text: String,
}

/// The kind of a named item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Space {
    Resource(Kind),
    Variable,
    Local,
    Module,
    Output,
}

impl Space {
    /// Returns the table that declares it.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Space::Resource(kind) => kind.name(),
            Space::Variable => "variable",
            Space::Local => "locals",
            Space::Module => "module",
            Space::Output => "output",
        }
    }

    /// Returns the word that people use for it.
    pub(crate) fn noun(self) -> FixedText {
        match self {
            Space::Resource(kind) => FixedText::new(kind.name(), kind.name()),
            Space::Variable => FixedText::new("variable", "变量"),
            Space::Local => FixedText::new("local", "局部值"),
            Space::Module => FixedText::new("module", "模块"),
            Space::Output => FixedText::new("output", "输出"),
        }
    }

    fn of_table(table: &str) -> Option<Space> {
        Some(match tables::table(table)?.form {
            Form::Resource(kind) => Space::Resource(kind),
            Form::Values => Space::Local,
            Form::Labeled(_) if table == "variable" => Space::Variable,
            Form::Labeled(_) if table == "module" => Space::Module,
            Form::Labeled(_) if table == "output" => Space::Output,
            _ => return None,
        })
    }

    /// Returns the kind of item that references with this first word name.
    pub(crate) fn of_root(word: &str) -> Option<Space> {
        match word {
            "var" => Some(Space::Variable),
            "local" => Some(Space::Local),
            "module" => Some(Space::Module),
            _ => Kind::from_name(word).map(Space::Resource),
        }
    }
}

/// An occurrence of a name.
#[derive(Clone, Debug)]
pub(crate) struct NameOccurrence {
    pub(crate) name: Name,
    pub(crate) range: Range<usize>,
    pub(crate) role: Role,
}

/// The role of a name at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// `[eip.web]`
    Declares,
    /// `[[container_group.web.containers]]`
    Extends,
    /// `'${eip.web.id}'`, `eip = "web"`
    Uses,
    /// `from` and `to` of `[[moved]]`, `from` of `[[removed]]`: a name of some time.
    Recalls,
}

/// Returns every mention in a file, in its order.
pub(crate) fn mentions(text: &str, outline: &Outline, kind: FileKind) -> Vec<NameOccurrence> {
    let mut finder = Finder {
        text,
        found: Vec::new(),
    };
    for section in &outline.sections {
        let path: Vec<&Key> = section.path().iter().collect();
        match kind {
            FileKind::Variables => finder.values(&path, &section.entries),
            FileKind::Manifest => {
                let is_own = section.header.as_ref().is_some_and(|it| !it.is_repeated);
                finder.header(&path, is_own);
                finder.entries(&path, &section.entries);
            }
        }
    }
    finder.found.sort_by_key(|mention| mention.range.start);
    finder.found
}

struct Finder<'t> {
    text: &'t str,
    found: Vec<NameOccurrence>,
}

impl Finder<'_> {
    /// Collects the variables of a variable file.
    fn values(&mut self, path: &[&Key], entries: &[OutlineEntry]) {
        let firsts = entries.iter().filter_map(|entry| entry.keys.first());
        let keys: Vec<&Key> = match path.first() {
            Some(first) => vec![*first],
            None => firsts.collect(),
        };
        for key in keys {
            self.push(Space::Variable, &key.text, key.range.clone(), Role::Uses);
        }
    }

    fn header(&mut self, path: &[&Key], is_own: bool) {
        let [table, label, rest @ ..] = path else {
            return;
        };
        if let Some(space) = Space::of_table(&table.text) {
            let role = if is_own && rest.is_empty() {
                Role::Declares
            } else {
                Role::Extends
            };
            self.push(space, &label.text, label.range.clone(), role);
        }
    }

    fn entries(&mut self, above: &[&Key], entries: &[OutlineEntry]) {
        for entry in entries {
            let path: Vec<&Key> = above.iter().copied().chain(&entry.keys).collect();
            if above.len() < 2
                && let [table, label, rest @ ..] = &*path
                && let Some(space) = Space::of_table(&table.text)
            {
                let role = if rest.is_empty() {
                    Role::Declares
                } else {
                    Role::Extends
                };
                self.push(space, &label.text, label.range.clone(), role);
            }
            let variant = variant_of(self.text, entries);
            let shape = shape_of(path.iter().map(|key| &*key.text), variant);
            if let Some(item) = &entry.item {
                self.item(&path, item, shape);
            }
        }
    }

    fn item(&mut self, path: &[&Key], item: &Item, shape: ManifestShape) {
        match &item.data {
            Data::Bare => {}
            Data::List(items) => {
                for item in items {
                    self.item(path, item, shape);
                }
            }
            Data::Table(entries) => self.entries(path, entries),
            Data::Text(quoted) => {
                let inner = self.text.get(quoted.inner.clone()).unwrap_or_default();
                let found = look_through(inner, quoted.is_basic);
                let start = quoted.inner.start;
                for path in &found.paths {
                    if let ([root, member, ..], false) = (&*path.words, path.is_call)
                        && let Some(space) = Space::of_root(&root.text)
                    {
                        let range = start + member.range.start..start + member.range.end;
                        self.push(space, &member.text, range, Role::Uses);
                    }
                }
                if !inner.contains("${") {
                    self.plain(path, inner, start, shape);
                }
            }
        }
    }

    /// Collects a label or an address in a string without expressions.
    fn plain(&mut self, path: &[&Key], inner: &str, start: usize, shape: ManifestShape) {
        for ty in shape.ty().into_iter().flat_map(scalars) {
            match ty {
                Type::Ref(kind, _) => {
                    let space = Space::Resource(*kind);
                    self.push(space, inner, start..start + inner.len(), Role::Uses);
                }
                Type::Address => self.address(path, inner, start),
                _ => {}
            }
        }
    }

    /// Collects an address: of a resource in a module, only the first module call is in this
    /// directory.
    fn address(&mut self, path: &[&Key], inner: &str, start: usize) {
        let Some((first, rest)) = inner.split_once('.') else {
            return;
        };
        let Some(space @ (Space::Resource(_) | Space::Module)) = Space::of_root(first) else {
            return;
        };
        let label = rest.split(['[', '.']).next().unwrap_or_default();
        let from = start + inner.len() - rest.len();
        let table = path.first().map(|key| &*key.text);
        let role = match table {
            Some("moved" | "removed") => Role::Recalls,
            _ => Role::Uses,
        };
        self.push(space, label, from..from + label.len(), role);
    }

    fn push(&mut self, space: Space, text: &str, range: Range<usize>, role: Role) {
        if !text.is_empty() {
            let name = Name {
                space,
                text: text.to_owned(),
            };
            self.found.push(NameOccurrence { name, range, role });
        }
    }
}

/// Returns the types that one word of a value may have.
pub(crate) fn scalars(ty: &'static Type) -> Vec<&'static Type> {
    match ty {
        Type::List(items) => scalars(items),
        Type::Either(types) => types.iter().flat_map(scalars).collect(),
        other => vec![other],
    }
}

/// Returns the possible content below these keys; `variant` is the `type` of the last table.
pub(crate) fn shape_of<'k>(
    keys: impl Iterator<Item = &'k str>,
    variant: Option<&str>,
) -> ManifestShape {
    keys.fold(ManifestShape::root(), |shape, key| {
        shape.child(key, variant)
    })
}

/// Returns the `type` that a table gives itself.
pub(crate) fn variant_of<'t>(text: &'t str, entries: &[OutlineEntry]) -> Option<&'t str> {
    let given = entries.iter().find(|entry| match &*entry.keys {
        [key] => key.text == "type",
        _ => false,
    })?;
    match &given.item.as_ref()?.data {
        Data::Text(quoted) => text.get(quoted.inner.clone()),
        _ => None,
    }
}
