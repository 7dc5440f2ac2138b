//! `ignore_changes`: what stays as it is, whatever the manifest says of it.

mod digests;
mod keep;
pub(crate) mod mounts;

use std::sync::Arc;

use eci_config::IgnoreChanges;
use eci_core::kinds::GROUP_EIP;
use eci_core::path::{Identity, PathPattern, PathStep, PatternStep, identity_of};
use eci_core::schema::{Link, Object, Type};
use eci_core::{DigestKey, Kind, Map, Path, Value};

pub(crate) use digests::Digests;

use crate::current::{ChosenAttributes, Merge};
use crate::diff::{AttributeChange, DiffScope, Sides, diff};
use keep::KeptMerge;
use mounts::keep_volumes;

/// The ignored parts of one resource, with their indices resolved.
pub(crate) struct IgnoredParts {
    patterns: Vec<PathPattern>,
}

impl IgnoredParts {
    /// Resolves the paths of `ignore_changes`, in the manifest's order of lists.
    pub(crate) fn new(
        object: &'static Object,
        ignore: &IgnoreChanges,
        desired: &Map,
    ) -> IgnoredParts {
        let patterns = match ignore {
            IgnoreChanges::All => vec![PathPattern(Vec::new())],
            IgnoreChanges::Paths(patterns) => {
                let patterns = patterns.iter();
                patterns
                    .map(|pattern| PathPattern(in_table(object, &pattern.0, desired)))
                    .collect()
            }
        };
        IgnoredParts { patterns }
    }

    /// Returns the parts that these changes touch.
    pub(crate) fn of_changes(changes: &[AttributeChange]) -> IgnoredParts {
        let patterns = changes.iter().map(|change| {
            let steps = change.path.0.iter().map(|step| match step {
                PathStep::Name(name) => PatternStep::Name(name.clone()),
                PathStep::Key(key) => PatternStep::Key(key.clone()),
                PathStep::Index(index) => PatternStep::Index(*index),
                // Whichever it is.
                PathStep::Secret => PatternStep::Any,
            });
            PathPattern(steps.collect())
        });
        IgnoredParts {
            patterns: patterns.collect(),
        }
    }

    /// Returns whether nothing is ignored.
    pub(crate) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Returns whether all of what a path names is ignored.
    pub(crate) fn covers(&self, path: &Path) -> bool {
        self.patterns.iter().any(|pattern| pattern.covers(path))
    }

    /// Returns whether this drift is ignored: it is covered, or parts of it are and nothing is to be
    /// done about the rest.
    pub(crate) fn is_ignored(&self, drift: &AttributeChange, changes: &[AttributeChange]) -> bool {
        let within = || {
            let mut patterns = self.patterns.iter();
            let is_changed = changes.iter().any(|change| change.path == drift.path);
            !is_changed && patterns.any(|pattern| pattern.overlaps(&drift.path))
        };
        self.covers(&drift.path) || within()
    }

    /// Gives what is desired the values of `kept` wherever changes are ignored.
    ///
    /// The cloud takes an attribute as a whole, so what is ignored in one is sent along when the
    /// rest of it changes.
    pub(crate) fn keep(
        &self,
        object: &'static Object,
        key: &DigestKey,
        desired: &mut Arc<Map>,
        kept: KeptValues<'_>,
    ) {
        if self.is_empty() {
            return;
        }
        let KeptValues {
            values: kept,
            digests,
        } = kept;
        let patterns: Vec<&[PatternStep]> = self.patterns.iter().map(|it| &it.0[..]).collect();
        let keep = KeptMerge { key, digests };
        let merged = if patterns.iter().any(|pattern| pattern.is_empty()) {
            keep.all(object, desired, kept)
        } else {
            keep.table(object, desired, kept, &patterns)
        };
        *desired = Arc::new(merged);
    }
}

/// The values that replace desired ones where changes are ignored.
#[derive(Clone, Copy)]
pub(crate) struct KeptValues<'a> {
    pub(crate) values: &'a Map,
    pub(crate) digests: Digests,
}

/// The `ignore_changes` of a resource.
#[derive(Clone, Copy, Debug)]
pub struct IgnoreRules<'a> {
    /// The kind of the resource.
    pub kind: Kind,
    /// The key of the digests in its record.
    pub key: &'a DigestKey,
    /// The attributes whose changes are ignored.
    pub changes: &'a IgnoreChanges,
}

impl IgnoreRules<'_> {
    /// Gives what is desired the values of `kept` wherever changes are ignored, digests included.
    ///
    /// What is unknown cannot be kept.
    pub fn keep(&self, desired: &mut Arc<Map>, kept: &Map) {
        let object = self.kind.schema();
        let ignored = IgnoredParts::new(object, self.changes, desired);
        let values = KeptValues {
            values: kept,
            digests: Digests::Kept,
        };
        ignored.keep(object, self.key, desired, values);
        if !ignored.is_empty() {
            keep_volumes(desired, kept, Digests::Kept);
        }
    }

    /// Gives what is desired the values that the cloud reports now wherever changes are ignored, those
    /// that it chose included.
    pub fn keep_reported(&self, desired: &mut Arc<Map>, now: KnownAttributes<'_>) {
        self.keep(desired, &self.current(now));
    }

    /// Returns the first ignored attribute that differs from what is expected by a plan that sends
    /// all of the resource.
    pub fn changed_meanwhile(
        &self,
        expected: PlannedAttributes<'_>,
        now: KnownAttributes<'_>,
    ) -> Option<Path> {
        let IgnoreRules { kind, key, changes } = *self;
        let ignore = changes;
        let object = kind.schema();
        let PlannedAttributes { planned, changes } = expected;
        let changes = IgnoredParts::of_changes(changes);
        let is_planned = |path: &Path| changes.patterns.iter().any(|it| it.overlaps(path));
        let ignored = IgnoredParts::new(object, ignore, planned);
        // The EIP of a group is reported as the address that it has.
        let eip = Path::root().name(GROUP_EIP);
        let is_group = kind.properties().holds_attachments;
        let is_kept = is_group && ignored.covers(&eip) && !is_planned(&eip);
        let address = now.reported.get("internet_ip");
        let has_eip = address.is_some_and(|address| *address != Value::Null);
        if is_kept && has_eip != planned.contains_key(GROUP_EIP) {
            return Some(eip);
        }
        let now = self.current(now);
        let mut kept = Arc::clone(planned);
        let values = KeptValues {
            values: &now,
            digests: Digests::Replaced,
        };
        ignored.keep(object, key, &mut kept, values);
        keep_volumes(&mut kept, &now, Digests::Replaced);
        let differing = diff(
            object,
            key,
            Sides {
                before: planned,
                after: &kept,
            },
            DiffScope::Given,
        );
        let mut differing = differing.into_iter().map(|change| change.path);
        let is_eip = |path: &Path| is_group && path.attribute() == Some(GROUP_EIP);
        differing.find(|path| !is_planned(path) && !is_eip(path))
    }

    fn current(&self, now: KnownAttributes<'_>) -> Map {
        let merge = Merge {
            scope: DiffScope::of_kind(self.kind),
            chosen: ChosenAttributes::Included,
        };
        merge.table(self.kind.schema(), now.applied, now.reported)
    }
}

/// The inputs of a plan for one resource.
#[derive(Clone, Copy, Debug)]
pub struct PlannedAttributes<'a> {
    /// The attributes to be sent, including those that are ignored.
    pub planned: &'a Arc<Map>,
    /// The planned changes of the resource, some of which may be ignored.
    pub changes: &'a [AttributeChange],
}

/// The known attributes of a resource.
#[derive(Clone, Copy, Debug)]
pub struct KnownAttributes<'a> {
    /// The attributes that were applied to it.
    pub applied: &'a Map,
    /// The attributes that the cloud reports.
    pub reported: &'a Map,
}

/// Returns the steps of a pattern with names in the place of indices.
fn in_table(object: &'static Object, steps: &[PatternStep], desired: &Map) -> Vec<PatternStep> {
    let Some((first, rest)) = steps.split_first() else {
        return Vec::new();
    };
    let mut resolved = vec![first.clone()];
    let name = first.name().map_or("", |name| name);
    resolved.extend(match (object.field(name, desired), desired.get(name)) {
        (Some(field), Some(value)) => in_value(&field.ty, rest, value),
        _ => rest.to_vec(),
    });
    resolved
}

fn in_value(ty: &'static Type, steps: &[PatternStep], desired: &Value) -> Vec<PatternStep> {
    let Some((first, rest)) = steps.split_first() else {
        return Vec::new();
    };
    let (object, keys): (_, &[&str]) = match ty {
        Type::Object(object) => {
            let entries = desired.as_map().cloned().unwrap_or_default();
            return in_table(object, steps, &entries);
        }
        Type::Ref(kind, Link::Attributes) => {
            let entries = desired.as_map().cloned().unwrap_or_default();
            return in_table(kind.schema(), steps, &entries);
        }
        Type::Objects(object, keys) => (*object, *keys),
        Type::List(Type::Ref(kind, Link::Attributes)) => (kind.schema(), &["name"]),
        _ => return steps.to_vec(),
    };
    let items = desired.as_list().unwrap_or_default();
    let identity = |item: &Value| identity_of(item, keys);
    let item = match first {
        PatternStep::Index(at) => items.get(*at),
        step => items.iter().find(|item| {
            identity(item).as_ref().map(Identity::expose) == step.name().map(|name| &**name)
        }),
    };
    let mut resolved = vec![match (first, item.and_then(identity)) {
        (PatternStep::Index(_), Some(identity)) => PatternStep::Key(identity.expose().into()),
        _ => first.clone(),
    }];
    resolved.extend(match item.and_then(Value::as_map) {
        Some(entries) => in_table(object, rest, entries),
        None => rest.to_vec(),
    });
    resolved
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn group(image: &str, level: &str, owner: Option<&str>) -> Map {
        let env = Value::from([("LEVEL", Value::from(level))]);
        let container = Value::from([
            ("name", Value::from("main")),
            ("image", Value::from(image)),
            ("env", env),
        ]);
        let mut group = Map::from_iter([("containers".into(), Value::list(vec![container]))]);
        if let Some(owner) = owner {
            let tags = Value::from([("owner", Value::from(owner))]);
            group.insert("tags".into(), tags);
        }
        group
    }

    fn kept(ignore: &[&str], desired: Map, kept: &Map) -> Map {
        let paths = ignore.iter().map(|path| path.parse().unwrap()).collect();
        let mut desired = Arc::new(desired);
        let ignore = IgnoreChanges::Paths(paths);
        let key = DigestKey::new([7; 32]);
        let rules = IgnoreRules {
            kind: Kind::ContainerGroup,
            key: &key,
            changes: &ignore,
        };
        rules.keep(&mut desired, kept);
        Arc::unwrap_or_clone(desired)
    }

    #[test]
    fn a_nested_ignored_attribute_stays_and_its_neighbors_change() {
        let before = group("a:1", "info", None);
        let declared = group("a:2", "debug", None);
        let image = [r#"containers["main"].image"#];
        assert_eq!(kept(&image, declared, &before), group("a:1", "debug", None));
    }

    #[test]
    fn an_ignored_entry_stays_away_or_comes_back() {
        let (with, without) = (group("a", "x", Some("me")), group("a", "x", None));
        let owner = ["tags.owner"];
        assert_eq!(kept(&owner, without.clone(), &with), with);
        assert_eq!(kept(&owner, with.clone(), &without), without);
        assert_eq!(kept(&[], with.clone(), &without), with);
    }

    #[test]
    fn an_ignored_element_stays_away_or_comes_back_where_the_list_has_no_other() {
        let without = group("a", "x", None);
        let mut with = without.clone();
        let volume = Value::from([
            ("name", Value::from("v")),
            ("type", "EmptyDirVolume".into()),
        ]);
        with.insert("volumes".into(), Value::list(vec![volume]));
        let volume = [r#"volumes["v"]"#];
        assert_eq!(kept(&volume, without.clone(), &with), with);
        assert_eq!(kept(&volume, with.clone(), &without), without);
        let another = [r#"volumes["w"]"#];
        assert_eq!(kept(&another, without.clone(), &with), without);
        assert_eq!(kept(&another, with.clone(), &without), with);
    }

    #[test]
    fn elements_of_an_ignored_list_stay_as_they_are() {
        let before = group("a:1", "info", None);
        let mut declared = group("b:1", "info", None);
        let other = Value::from([("name", Value::from("other")), ("image", Value::from("b"))]);
        declared.insert("containers".into(), Value::list(vec![other]));
        assert_eq!(kept(&["containers"], declared, &before), before);
    }

    #[test]
    fn a_secret_known_only_by_its_digest_keeps_its_record_unless_all_is_sent() {
        let mut before = group("a", "info", None);
        let secret = Value::from([("owner", Value::Digest("hmac-sha256:x".into()))]);
        before.insert("tags".into(), secret);
        let declared = group("a", "info", Some("me"));
        assert_eq!(kept(&["tags.owner"], declared.clone(), &before), before);

        let ignore = IgnoreChanges::Paths(vec!["tags.owner".parse().unwrap()]);
        let object = Kind::ContainerGroup.schema();
        let mut desired = Arc::new(declared.clone());
        let key = DigestKey::new([7; 32]);
        let ignored = IgnoredParts::new(object, &ignore, &desired);
        let values = KeptValues {
            values: &before,
            digests: Digests::Replaced,
        };
        ignored.keep(object, &key, &mut desired, values);
        assert_eq!(*desired, declared);
    }

    #[test]
    fn an_entry_of_a_table_that_is_sensitive_as_a_whole_is_kept_by_itself() {
        let secret = |owner: Value| {
            let mut group = group("a", "info", None);
            let tags = Value::from([("owner", owner), ("app", "web".into())]);
            group.insert("tags".into(), tags.into_sensitive());
            group
        };
        let (before, declared) = (secret("us".into()), secret("them".into()));
        assert_eq!(kept(&["tags.owner"], declared.clone(), &before), before);
        let digest = secret(Value::Digest("hmac-sha256:x".into()));
        let parts = kept(&["tags.owner"], declared, &digest);
        let tags = parts[&"tags".into()].as_map().unwrap();
        assert!(tags.values().all(Value::has_sensitive) && tags[&"owner".into()].has_digest());
    }

    #[test]
    fn every_spelling_of_a_path_keeps_the_same() {
        let before = group("a:1", "info", None);
        let declared = group("a:2", "debug", None);
        for path in [
            "containers[0].image",
            "containers[*].image",
            "containers['main'].image",
        ] {
            let kept = kept(&[path], declared.clone(), &before);
            assert_eq!(kept, group("a:1", "debug", None), "{path}");
        }
    }
}
