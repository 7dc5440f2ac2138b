//! The walk along a path of `ignore_changes`, through the description of the resource and its manifest.

use eci_core::path::{PathPattern, PatternStep};
use eci_core::schema::{Link, Object, Type};
use eci_core::suggest::nearest;
use eci_lang::spend;
use eci_text::{List, Noun, Text, text};

use crate::parse::{Data, Node};

const ELEMENT: Noun = Noun {
    one: "element",
    many: "elements",
    zh: "元素",
    measure: "个",
};

/// The maximum number of elements that are named if none is similar.
const MOST_NAMED: usize = 20;

/// An error about a path.
pub(super) struct PathProblem {
    pub(super) message: Text,
    /// The steps that were probably meant.
    pub(super) steps: Option<Vec<PatternStep>>,
    pub(super) help: Option<Text>,
}

impl PathProblem {
    fn new(message: Text, steps: Option<Vec<PatternStep>>) -> PathProblem {
        PathProblem {
            message,
            steps,
            help: None,
        }
    }
}

pub(super) fn check(
    object: &'static Object,
    table: &Node,
    pattern: &PathPattern,
) -> Result<(), PathProblem> {
    let walk = Walk { steps: &pattern.0 };
    walk.object(object, 0, ManifestValue::Here(table))
}

/// The content of a manifest at one place.
#[derive(Clone, Copy)]
enum ManifestValue<'a> {
    /// A node.
    Here(&'a Node),
    /// No node: the manifest does not set it.
    Absent,
    /// A value that is computed, or written elsewhere.
    Open,
}

impl<'a> ManifestValue<'a> {
    fn get(self, name: &str) -> ManifestValue<'a> {
        match self {
            ManifestValue::Here(node) if node.entries().is_some() => node
                .get(name)
                .map_or(ManifestValue::Absent, ManifestValue::Here),
            ManifestValue::Absent => ManifestValue::Absent,
            ManifestValue::Here(_) | ManifestValue::Open => ManifestValue::Open,
        }
    }

    /// Returns the elements of a list, as far as it is a literal.
    fn items(self) -> Option<&'a [Node]> {
        match self {
            ManifestValue::Here(node) => match &node.data {
                Data::List(items) => Some(items),
                _ => None,
            },
            ManifestValue::Absent => Some(&[]),
            ManifestValue::Open => None,
        }
    }
}

/// The walk along a pattern.
struct Walk<'a> {
    steps: &'a [PatternStep],
}

/// The elements of a list of tables: their description, and the keys that identify one of them.
#[derive(Clone, Copy)]
struct ListElements {
    object: &'static Object,
    keys: &'static [&'static str],
}

impl<'a> Walk<'a> {
    /// Returns the steps with one of them replaced.
    fn with(&self, at: usize, step: PatternStep) -> Option<Vec<PatternStep>> {
        let mut steps = self.steps.to_vec();
        steps[at] = step;
        Some(steps)
    }

    fn object(
        &self,
        object: &'static Object,
        at: usize,
        node: ManifestValue<'a>,
    ) -> Result<(), PathProblem> {
        let Some(step) = self.steps.get(at) else {
            return Ok(());
        };
        let Some(name) = step.name() else {
            let mut steps = self.steps.to_vec();
            steps.remove(at);
            let message = text!(
                en: "`{object}` is a table, not a list",
                zh: "`{object}` 是表，不是列表",
                object = object.name,
            );
            return Err(PathProblem::new(message, Some(steps)));
        };
        let fields = object.fields.iter().filter(|field| field.name == &**name);
        let mut joined = fields.clone().filter_map(|field| field.joined_into);
        if let Some(whole) = joined.next() {
            return Err(PathProblem::new(
                text!(
                 en: "`{name}` is a part of `{whole}`, which can be ignored only as a whole",
                 zh: "`{name}` 是 `{whole}` 的一部分，后者只能整体忽略",
                 name = name,
                 whole = whole,
                ),
                self.with(at, PatternStep::Name(whole.into())),
            ));
        }
        let mut wrong = None;
        for field in fields.clone().filter(|field| field.is_writable()) {
            match self.value(&field.ty, at + 1, node.get(name)) {
                Ok(()) => return Ok(()),
                Err(other) => wrong = Some(other),
            }
        }
        if let Some(wrong) = wrong {
            return Err(wrong);
        }
        if fields.clone().next().is_some() {
            return Err(PathProblem {
                help: Some(text!(
                    en: "remove it: read-only attributes never cause changes",
                    zh: "删除该路径：只读属性不会引起变更",
                )),
                ..PathProblem::new(
                    text!(
                        en: "`{name}` is a read-only attribute",
                        zh: "`{name}` 是只读属性",
                        name = name,
                    ),
                    None,
                )
            });
        }
        let known = object.fields.iter().filter(|field| field.is_writable());
        let near = nearest(name, known.map(|field| field.name));
        Err(PathProblem::new(
            text!(
             en: "`{object}` has no attribute `{name}`",
             zh: "`{object}` 没有属性 `{name}`",
             object = object.name,
             name = name,
            ),
            near.and_then(|near| self.with(at, PatternStep::Name(near.into()))),
        ))
    }

    fn value(
        &self,
        ty: &'static Type,
        at: usize,
        node: ManifestValue<'a>,
    ) -> Result<(), PathProblem> {
        let Some(step) = self.steps.get(at) else {
            return Ok(());
        };
        match ty {
            Type::Object(object) => self.object(object, at, node),
            // The attributes of the linked resource are not written here.
            Type::Ref(kind, Link::Attributes) => {
                self.object(kind.schema(), at, ManifestValue::Open)
            }
            Type::Objects(object, keys) => {
                self.element(object, at)?;
                let list = ListElements { object, keys };
                let elements = self.existing(list, at, node)?;
                self.identity(list, at)?;
                // One of them is enough.
                let mut wrong = None;
                for element in elements {
                    match self.object(object, at + 1, element) {
                        Ok(()) => return Ok(()),
                        Err(other) => wrong = Some(other),
                    }
                }
                wrong.map_or(Ok(()), Err)
            }
            Type::List(Type::Ref(kind, Link::Attributes)) => {
                let object = kind.schema();
                self.element(object, at)?;
                self.existing(ListElements { object, keys: &[] }, at, node)?;
                let keys = &["name"];
                self.identity(ListElements { object, keys }, at)?;
                self.object(object, at + 1, ManifestValue::Open)
            }
            Type::List(items) => match step {
                PatternStep::Index(_) | PatternStep::Any => {
                    self.value(items, at + 1, ManifestValue::Open)
                }
                PatternStep::Name(name) | PatternStep::Key(name) => Err(PathProblem::new(
                    text!(
                     en: "elements of `{path}` have no attribute `{name}`",
                     zh: "`{path}` 的元素没有属性 `{name}`",
                     path = self.to(at).to_string(),
                     name = name,
                    ),
                    Some(self.steps[..at].to_vec()),
                )),
            },
            Type::Table(..) => self.entry(at),
            _ => Err(PathProblem::new(
                text!(
                 en: "`{path}` has no attributes or elements",
                 zh: "`{path}` 没有属性和元素",
                 path = self.to(at).to_string(),
                ),
                Some(self.steps[..at].to_vec()),
            )),
        }
    }

    /// Returns the path up to a step.
    fn to(&self, at: usize) -> PathPattern {
        PathPattern(self.steps[..at].to_vec())
    }

    /// Checks an entry of a table with free keys: a key may have dots in it, which a path without
    /// quotes takes apart.
    fn entry(&self, at: usize) -> Result<(), PathProblem> {
        let is_index = matches!(self.steps[at], PatternStep::Index(_));
        if self.steps.len() == at + 1 && !is_index {
            return Ok(());
        }
        let parts = self.steps[at..].iter().map(|step| match step {
            PatternStep::Index(index) => Some(index.to_string()),
            step => step.name().map(ToString::to_string),
        });
        let key: Option<Vec<String>> = parts.collect();
        let steps = key.map(|parts| {
            let mut steps = self.steps[..at].to_vec();
            steps.push(PatternStep::Key(parts.join(".").into()));
            steps
        });
        let message = if is_index {
            text!(
                en: "`{path}` is a map, not a list",
                zh: "`{path}` 是映射，不是列表",
                path = self.to(at).to_string(),
            )
        } else {
            text!(
                en: "`{path}` has no attributes or elements",
                zh: "`{path}` 没有属性和元素",
                path = self.to(at + 1).to_string(),
            )
        };
        Err(PathProblem::new(message, steps))
    }

    /// Refuses keys that identify the elements of a list: with another value it is another element.
    fn identity(&self, list: ListElements, at: usize) -> Result<(), PathProblem> {
        let ListElements { object, keys } = list;
        let name = self.steps.get(at + 1).and_then(PatternStep::name);
        match name.filter(|name| keys.contains(&&***name)) {
            None => Ok(()),
            Some(name) => Err(PathProblem::new(
                text!(
                 en: "`{name}` identifies a `{object}`, so its changes cannot be ignored",
                 zh: "`{name}` 用于标识 `{object}`，其变更无法忽略",
                 name = name,
                 object = object.name,
                ),
                Some(self.steps[..at].to_vec()),
            )),
        }
    }

    /// Checks that a step can name an element of a list of tables.
    fn element(&self, object: &'static Object, at: usize) -> Result<(), PathProblem> {
        let PatternStep::Name(name) = &self.steps[at] else {
            return Ok(());
        };
        let mut fields = object.fields.iter();
        let steps = if fields.any(|field| field.name == &**name) {
            let mut steps = self.steps.to_vec();
            steps.insert(at, PatternStep::Any);
            Some(steps)
        } else {
            self.with(at, PatternStep::Key(name.clone()))
        };
        let message = text!(
            en: "`{path}` is a list, which has no attribute `{name}`",
            zh: "`{path}` 是列表，没有属性 `{name}`",
            path = self.to(at).to_string(),
            name = name,
        );
        Err(PathProblem::new(message, steps))
    }

    /// Returns the elements that a step names, one or more.
    ///
    /// A path that ends there may name one that does not exist; but a part of an element that does
    /// not exist is nothing.
    fn existing(
        &self,
        list: ListElements,
        at: usize,
        node: ManifestValue<'a>,
    ) -> Result<Vec<ManifestValue<'a>>, PathProblem> {
        let ListElements { object, keys } = list;
        let is_whole = self.steps.len() == at + 1;
        let items = node.items().filter(|_| !is_whole);
        // All elements are compared with each path.
        let is_left = |items: &&[Node]| spend(items.len() / 2);
        let Some(items) = items.filter(is_left) else {
            return Ok(vec![ManifestValue::Open]);
        };
        match &self.steps[at] {
            PatternStep::Index(index) => match items.get(*index) {
                Some(item) => Ok(vec![ManifestValue::Here(item)]),
                None => Err(self.beyond(at, items.len())),
            },
            PatternStep::Key(key) => {
                let [name] = keys else {
                    return Ok(vec![ManifestValue::Open]);
                };
                let names = items.iter().map(|item| item.get(name)?.literal_text());
                // One whose name is computed may be it.
                let Some(names) = names.collect::<Option<Vec<&str>>>() else {
                    return Ok(vec![ManifestValue::Open]);
                };
                if let Some(at) = names.iter().position(|name| *name == &**key) {
                    return Ok(vec![ManifestValue::Here(&items[at])]);
                }
                let near = nearest(key, names.iter().copied());
                let meant = near.or_else(|| (names.len() == 1).then(|| names[0]));
                let path = self.to(at).to_string();
                let help = match names.len() {
                    0 => text!(
                        en: "`{path}` has no elements",
                        zh: "`{path}` 没有元素",
                        path = path,
                    ),
                    count if count > MOST_NAMED => text!(
                        en: "`{path}` has {count} elements, including {names}",
                        zh: "`{path}` 有 {count} 个元素，包括 {names}",
                        path = path,
                        count = count,
                        names = List::and(names[..MOST_NAMED].iter().map(|it| format!("`{it}`"))),
                    ),
                    _ => text!(
                        en: "elements of `{path}`: {names}",
                        zh: "`{path}` 的元素：{names}",
                        path = path,
                        names = List::and(names.iter().map(|it| format!("`{it}`"))),
                    ),
                };
                Err(PathProblem {
                    help: Some(help),
                    ..PathProblem::new(
                        text!(
                            en: "`{path}` has no `{object}` {key}",
                            zh: "`{path}` 中没有名为 {key} 的 `{object}`",
                            path = path,
                            object = object.name,
                            key = format!("{key:?}"),
                        ),
                        meant.and_then(|name| self.with(at, PatternStep::Key(name.into()))),
                    )
                })
            }
            // Elements come and go.
            _ if items.is_empty() => Ok(vec![ManifestValue::Open]),
            _ => Ok(items.iter().map(ManifestValue::Here).collect()),
        }
    }

    /// Describes an index beyond the elements of a list.
    fn beyond(&self, at: usize, count: usize) -> PathProblem {
        let path = self.to(at).to_string();
        let message = text!(
            en: "`{index}` is out of range: `{path}` has {elements}",
            zh: "`{index}` 超出范围：`{path}` 有 {elements}",
            index = self.to(at + 1).to_string(),
            path = path,
            elements = ELEMENT.count(count),
        );
        let last = count.checked_sub(1);
        let steps = last.and_then(|last| self.with(at, PatternStep::Index(last)));
        let help = text!(
            en: "remove it, or write `{path}` to ignore the whole list",
            zh: "删除该路径，或写成 `{path}` 以忽略整个列表",
            path = path,
        );
        PathProblem {
            help: Some(help),
            ..PathProblem::new(message, steps)
        }
    }
}
