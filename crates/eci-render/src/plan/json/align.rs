//! The two sides of a change, so that they differ only at the changes.
//!
//! The planned side has the configured attributes, the current one also those that the cloud chose; secrets are in
//! clear on one side and digests on the other. Where a plan changes nothing, both sides get the
//! current values.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::path::{Identity, PathStep, identity_of};
use eci_core::schema::{Availability, Field, Link, Object, Type};
use eci_core::value::SENSITIVE;
use eci_core::{Kind, Map, Path, Value};
use eci_planner::diff::AttributeChange;
use eci_text::FixedText;
use serde_json::{Value as Json, json};

use crate::document::{is_block, with_blocks};

/// A resource before and after; none where it is not there.
#[derive(Clone, Debug)]
pub(super) struct AlignedSides {
    pub(super) before: Option<Arc<Map>>,
    pub(super) after: Option<Arc<Map>>,
}

/// The treatment of attributes that the cloud chose because the manifest gave none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChosenValues {
    /// Values that stay.
    Kept,
    /// The cloud chooses again.
    Again,
}

/// Makes both sides the same wherever no change lies, in the form that documents have.
pub(super) fn align(
    kind: Kind,
    sides: AlignedSides,
    changes: &[AttributeChange],
    chosen: ChosenValues,
) -> AlignedSides {
    let (Some(before), Some(after)) = (&sides.before, &sides.after) else {
        return sides.with_blocks(kind);
    };
    let paths = changes.iter().map(|change| &*change.path.0);
    let paths: Vec<_> = paths.collect();
    let pair = Pair {
        before: &**before,
        after: &**after,
    };
    let aligned = TableAlignment { chosen }.tables(kind.schema(), pair, &paths);
    let sides = AlignedSides {
        before: Some(Arc::new(aligned.before)),
        after: Some(Arc::new(aligned.after)),
    };
    sides.with_blocks(kind)
}

impl AlignedSides {
    fn with_blocks(self, kind: Kind) -> AlignedSides {
        let blocks = |side: Option<Arc<Map>>| side.map(|side| with_blocks(kind, side));
        AlignedSides {
            before: blocks(self.before),
            after: blocks(self.after),
        }
    }
}

/// Two of a kind.
#[derive(Clone, Copy, Debug, Default)]
struct Pair<T> {
    before: T,
    after: T,
}

/// The steps that remain to each change below a value.
type Changes<'a> = [&'a [PathStep]];

/// The alignment of the two sides of a change.
#[derive(Clone, Copy)]
struct TableAlignment {
    chosen: ChosenValues,
}

impl TableAlignment {
    fn tables(
        self,
        object: &'static Object,
        tables: Pair<&Map>,
        changes: &Changes<'_>,
    ) -> Pair<Map> {
        let mut aligned = Pair::<Map>::default();
        let names = tables.before.keys().chain(tables.after.keys());
        let names: BTreeSet<&Arc<str>> = names.collect();
        for name in names {
            let below = below(
                changes,
                |step| matches!(step, PathStep::Name(it) if it == name),
            );
            let field = object.field(name, tables.after);
            let field = field.or_else(|| object.field(name, tables.before));
            let values = Pair {
                before: tables.before.get(name),
                after: tables.after.get(name),
            };
            let values = self.field(field, values, &below);
            if let Some(value) = values.before {
                aligned.before.insert(name.clone(), value);
            }
            if let Some(value) = values.after {
                aligned.after.insert(name.clone(), value);
            }
        }
        aligned
    }

    fn field(
        self,
        field: Option<&'static Field>,
        values: Pair<Option<&Value>>,
        changes: &Changes<'_>,
    ) -> Pair<Option<Value>> {
        let as_it_is = Pair {
            before: values.before.cloned(),
            after: values.after.cloned(),
        };
        let ty = field.map_or(&Type::Any, |field| &field.ty);
        match (values.before, values.after) {
            (Some(before), Some(after)) => {
                let aligned = self.values(ty, Pair { before, after }, changes);
                Pair {
                    before: Some(aligned.before),
                    after: Some(aligned.after),
                }
            }
            _ if !changes.is_empty() => as_it_is,
            (Some(_), None)
                if self.chosen == ChosenValues::Again && field.is_some_and(is_chosen) =>
            {
                Pair {
                    after: Some(Value::Unknown),
                    ..as_it_is
                }
            }
            (Some(_), None) => Pair {
                after: as_it_is.before.clone(),
                ..as_it_is
            },
            // A default, which the cloud does not report.
            (None, Some(after)) if !after.has_unknown() => Pair {
                before: as_it_is.after.clone(),
                ..as_it_is
            },
            _ => as_it_is,
        }
    }

    fn values(self, ty: &Type, values: Pair<&Value>, changes: &Changes<'_>) -> Pair<Value> {
        let as_it_is = || Pair {
            before: values.before.clone(),
            after: values.after.clone(),
        };
        if values.after.is_unknown() || changes.iter().any(|steps| steps.is_empty()) {
            return as_it_is();
        }
        match (values.before, values.after) {
            (Value::Map(before), Value::Map(after)) => {
                let pair = Pair {
                    before: &**before,
                    after: &**after,
                };
                let aligned = self.tables(table(ty).unwrap_or(&FREE), pair, changes);
                return Pair {
                    before: Value::map(aligned.before),
                    after: Value::map(aligned.after),
                };
            }
            (Value::List(before), Value::List(after)) => {
                let pair = Pair {
                    before: &***before,
                    after: &***after,
                };
                let aligned = elements(ty).and_then(|of| self.lists(of, pair, changes));
                if let Some(aligned) = aligned {
                    return aligned;
                }
            }
            _ => {}
        }
        if changes.is_empty() && !values.after.has_unknown() {
            Pair {
                before: values.before.clone(),
                after: values.before.clone(),
            }
        } else {
            as_it_is()
        }
    }

    /// Tables that are distinguished by some of their fields; none where those do not identify them.
    fn lists(
        self,
        of: Elements,
        lists: Pair<&[Value]>,
        changes: &Changes<'_>,
    ) -> Option<Pair<Value>> {
        let identities = |items: &[Value]| -> Option<Vec<Identity>> {
            items
                .iter()
                .map(|item| identity_of(item, of.keys))
                .collect()
        };
        let was = identities(lists.before)?;
        let is = identities(lists.after)?;
        let mut aligned = Pair {
            before: lists.before.to_vec(),
            after: lists.after.to_vec(),
        };
        for (at, identity) in is.iter().enumerate() {
            let Some(twin) = was.iter().position(|it| it == identity) else {
                continue;
            };
            let below = below(changes, |step| *step == identity.step());
            let pair = Pair {
                before: &lists.before[twin],
                after: &lists.after[at],
            };
            let pair = self.values(&Type::Object(of.object), pair, &below);
            aligned.before[twin] = pair.before;
            aligned.after[at] = pair.after;
        }
        // Their order does not count.
        let same = was.iter().collect::<BTreeSet<_>>() == is.iter().collect::<BTreeSet<_>>();
        if same && was.len() == is.len() {
            let order = was
                .iter()
                .filter_map(|it| is.iter().position(|other| other == it));
            aligned.after = order.map(|at| aligned.after[at].clone()).collect();
        }
        Some(Pair {
            before: Value::list(aligned.before),
            after: Value::list(aligned.after),
        })
    }
}

/// A table with free keys.
static FREE: Object = Object::new("map", FixedText::new("A map.", "映射。"), &[]);

/// Returns whether the cloud chooses the value of an attribute.
fn is_chosen(field: &'static Field) -> bool {
    matches!(
        field.presence,
        Availability::Computed | Availability::OptionalComputed
    )
}

/// Returns the rest of the changes whose first step is that one.
fn below<'a>(changes: &Changes<'a>, is_first: impl Fn(&PathStep) -> bool) -> Vec<&'a [PathStep]> {
    let split = changes.iter().filter_map(|steps| steps.split_first());
    split
        .filter(|(first, _)| is_first(first))
        .map(|(_, rest)| rest)
        .collect()
}

/// The elements of a list of tables.
#[derive(Clone, Copy)]
struct Elements {
    object: &'static Object,
    /// The fields that identify them.
    keys: &'static [&'static str],
}

fn elements(ty: &Type) -> Option<Elements> {
    match ty {
        Type::Objects(object, keys) => Some(Elements { object, keys }),
        Type::List(Type::Ref(kind, Link::Attributes)) => Some(Elements {
            object: kind.schema(),
            keys: &["name"],
        }),
        _ => None,
    }
}

fn table(ty: &Type) -> Option<&'static Object> {
    match ty {
        Type::Object(object) => Some(object),
        Type::Ref(kind, Link::Attributes) => Some(kind.schema()),
        _ => None,
    }
}

/// Returns the steps of a path, with the index of an element in its list where the path has its
/// key: its index after the change, or before where it is removed.
pub(super) fn indexed(kind: Kind, path: &Path, sides: &AlignedSides) -> Json {
    let value = |map: &Option<Arc<Map>>| map.clone().map(Value::Map);
    let (after, before) = (value(&sides.after), value(&sides.before));
    let mut at = [after.as_ref(), before.as_ref()];
    let mut ty = Type::Object(kind.schema());
    let mut steps = Vec::with_capacity(path.0.len());
    for step in &path.0 {
        if is_block(&ty) {
            at = at.map(|block| block?.as_list()?.first());
            steps.push(json!(0));
        }
        let (next, next_ty) = match step {
            PathStep::Name(name) => {
                let field = table(&ty).and_then(|object| {
                    let mut tables = at.iter().flatten().filter_map(|value| value.as_map());
                    tables.find_map(|entries| object.field(name, entries))
                });
                at = at.map(|value| value?.get(name));
                (json!(&**name), field.map(|field| field.ty))
            }
            PathStep::Index(index) => {
                at = at.map(|value| value?.as_list()?.get(*index));
                (json!(index), None)
            }
            PathStep::Secret => (json!(SENSITIVE), None),
            PathStep::Key(key) => {
                let of = elements(&ty);
                let keys = of.map(|of| of.keys).unwrap_or_default();
                let places = at.map(|list| {
                    let mut items = list?.as_list()?.iter();
                    items.position(|item| {
                        let identity = identity_of(item, keys);
                        identity.is_some_and(|it| it.expose() == &**key)
                    })
                });
                let place = places[0].or(places[1]);
                at = [0, 1].map(|side| at[side]?.as_list()?.get(places[side]?));
                let next = place.map_or_else(|| json!(&**key), |place| json!(place));
                (next, of.map(|of| Type::Object(of.object)))
            }
        };
        steps.push(next);
        ty = next_ty.unwrap_or(Type::Any);
    }
    Json::Array(steps)
}

#[cfg(test)]
mod tests {
    use eci_core::schema::Change;

    use super::*;

    fn container(entries: &[(&str, Value)]) -> Value {
        let entries = entries.iter().cloned();
        Value::map(entries.map(|(key, value)| (key.into(), value)).collect())
    }

    fn group(containers: Vec<Value>) -> Option<Arc<Map>> {
        let containers = ("containers".into(), Value::list(containers));
        Some(Arc::new(Map::from_iter([containers])))
    }

    fn image_of(name: &str) -> Path {
        Path::root().name("containers").key(name).name("image")
    }

    fn changed(path: Path) -> AttributeChange {
        AttributeChange {
            path,
            before: Value::Null,
            after: Value::Null,
            change: Change::Replace,
        }
    }

    /// Returns two sides of which the second has the values that the cloud chose, at another index.
    fn sides() -> AlignedSides {
        AlignedSides {
            before: group(vec![
                container(&[
                    ("name", "app".into()),
                    ("image", "x:1".into()),
                    ("image_pull_policy", "Always".into()),
                ]),
                container(&[("name", "log".into()), ("image", "y:1".into())]),
            ]),
            after: group(vec![
                container(&[("name", "log".into()), ("image", "y:2".into())]),
                container(&[("name", "app".into()), ("image", "x:1".into())]),
            ]),
        }
    }

    fn first(group: &Option<Arc<Map>>) -> Value {
        let containers = group.as_ref().and_then(|group| group.get("containers"));
        let containers = containers.and_then(Value::as_list);
        containers.unwrap_or_default()[0].clone()
    }

    #[test]
    fn both_sides_differ_at_changes_only() {
        let aligned = align(
            Kind::ContainerGroup,
            sides(),
            &[changed(image_of("log"))],
            ChosenValues::Kept,
        );
        assert_eq!(aligned.before, sides().before);
        let expected = group(vec![
            first(&sides().before),
            container(&[("name", "log".into()), ("image", "y:2".into())]),
        ]);
        assert_eq!(aligned.after, expected);
    }

    #[test]
    fn attributes_that_the_cloud_chooses_again_are_unknown() {
        let changes = [changed(image_of("log"))];
        let aligned = align(Kind::ContainerGroup, sides(), &changes, ChosenValues::Again);
        let app = first(&aligned.after);
        assert_eq!(app.get("image_pull_policy"), Some(&Value::Unknown));
        assert_eq!(app.get("image"), Some(&Value::from("x:1")));
    }

    #[test]
    fn a_path_has_the_place_of_an_element() {
        let index = |path: &Path| indexed(Kind::ContainerGroup, path, &sides());
        assert_eq!(index(&image_of("log")), json!(["containers", 0, "image"]));
        let removed = AlignedSides {
            after: group(Vec::new()),
            ..sides()
        };
        let path = image_of("log");
        let index = indexed(Kind::ContainerGroup, &path, &removed);
        assert_eq!(index, json!(["containers", 1, "image"]));
    }
}
