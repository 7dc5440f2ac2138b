//! Secrets in what the cloud reports and in what was recorded before.
//!
//! The cloud knows no secrets: an environment value that the manifest took from a sensitive
//! variable comes back as plain text. It is marked again here, wherever a record says that the
//! attribute is sensitive, and where no record has it but its name suggests a secret.

use std::sync::Arc;

use eci_core::path::{Identity, PathStep, public_identity};
use eci_core::schema::{Link, Object, Type};
use eci_core::{DigestKey, Kind, Map, Path, Value};
use eci_state::ResourceState;

use crate::probable_secrets::mark_probable_secrets;

/// Redacts an observation for storage.
///
/// A digest replaces each value for which the record of the resource has a secret, or had one
/// before: in the last-applied values, in earlier observations, or in a change whose outcome is
/// unknown.
pub fn redact_observed(
    kind: Kind,
    state: &ResourceState,
    reported: &Arc<Map>,
    key: &DigestKey,
) -> Arc<Map> {
    Marks::of_record(kind.schema(), key, state).seal(reported)
}

/// Marks in an observation what the resource's record says to be sensitive: it stays in clear, to
/// be found in other texts of the cloud.
pub fn marked(kind: Kind, state: &ResourceState, reported: &Arc<Map>, key: &DigestKey) -> Arc<Map> {
    Marks::of_record(kind.schema(), key, state).mark(reported)
}

/// The records that say which parts of a resource are sensitive.
pub(crate) struct Marks<'a> {
    pub(crate) object: &'static Object,
    pub(crate) key: &'a DigestKey,
    /// The authoritative records: a value that they have in clear is not a secret.
    pub(crate) current: Vec<&'a Map>,
    /// The one of them that says what is public: the same value in the same place is not marked, even
    /// if an earlier record calls it sensitive.
    pub(crate) public: &'a Map,
    /// Earlier records.
    pub(crate) earlier: Vec<&'a Map>,
    /// Paths that were sensitive before.
    pub(crate) paths: Vec<&'a [PathStep]>,
    /// Whether a value that is in no record is treated as a secret where there are secrets next to
    /// it: the cloud may report one under another name.
    pub(crate) cautious: bool,
}

/// The recorded values at one place.
#[derive(Default)]
struct RecordedValues<'a, T: ?Sized> {
    current: Vec<&'a T>,
    public: Option<&'a T>,
    earlier: Vec<&'a T>,
    paths: Vec<&'a [PathStep]>,
}

impl<'a> Marks<'a> {
    /// Returns the marks of an observation by the record of the resource.
    pub(crate) fn of_record(
        object: &'static Object,
        key: &'a DigestKey,
        state: &'a ResourceState,
    ) -> Marks<'a> {
        Marks {
            object,
            key,
            current: vec![&state.applied],
            public: &state.applied,
            earlier: vec![&state.observed],
            paths: paths_of(state),
            cautious: true,
        }
    }

    /// Returns the marks of what is about to be recorded: what `desired` has in clear is public from
    /// then on.
    pub(crate) fn to_record(
        object: &'static Object,
        key: &'a DigestKey,
        desired: &'a Map,
        state: &'a ResourceState,
    ) -> Marks<'a> {
        Marks {
            current: vec![desired],
            public: desired,
            earlier: vec![&state.applied, &state.observed],
            ..Marks::of_record(object, key, state)
        }
    }

    /// Returns the marks of what is shown: what a record has as a secret stays hidden, and so does what
    /// `desired` marks now.
    pub(crate) fn to_show(
        object: &'static Object,
        key: &'a DigestKey,
        desired: &'a Map,
        state: &'a ResourceState,
    ) -> Marks<'a> {
        Marks {
            current: vec![&state.applied, desired],
            ..Marks::of_record(object, key, state)
        }
    }

    /// Returns the marks that one record gives to another one.
    pub(crate) fn of_one(
        object: &'static Object,
        key: &'a DigestKey,
        record: &'a Map,
        public: &'a Map,
    ) -> Marks<'a> {
        Marks {
            object,
            key,
            current: vec![record],
            public,
            earlier: Vec::new(),
            paths: Vec::new(),
            cautious: false,
        }
    }

    /// Returns whether there is nothing that could be marked.
    fn is_empty(&self) -> bool {
        let mut records = self.current.iter().chain(&self.earlier);
        self.paths.is_empty() && !records.any(|record| record.values().any(Value::has_sensitive))
    }

    /// Marks what is sensitive.
    pub(crate) fn mark(&self, target: &Arc<Map>) -> Arc<Map> {
        let marked = self.mark_recorded(target);
        // What one record marks in another one is all that is to be hidden there.
        if !self.cautious {
            return marked;
        }
        mark_probable_secrets(self.object, &self.current, marked)
    }

    /// Marks what a record says to be sensitive.
    fn mark_recorded(&self, target: &Arc<Map>) -> Arc<Map> {
        if self.is_empty() {
            return Arc::clone(target);
        }
        let known = RecordedValues {
            current: self.current.clone(),
            public: Some(self.public),
            earlier: self.earlier.clone(),
            paths: self.paths.clone(),
        };
        Arc::new(self.table(self.object, &known, target))
    }

    /// Puts a digest in the place of what is sensitive.
    pub(crate) fn seal(&self, target: &Arc<Map>) -> Arc<Map> {
        self.key.redact_all(&self.mark(target))
    }

    fn table(&self, object: &'static Object, known: &RecordedValues<'_, Map>, target: &Map) -> Map {
        let marked = target.iter().map(|(name, value)| {
            let known = known.entry(name);
            let marked = match object.field(name, target) {
                Some(field) => self.value(&field.ty, &known, value),
                None if known.is_secret() => value.clone().into_sensitive(),
                None => value.clone(),
            };
            (name.clone(), marked)
        });
        marked.collect()
    }

    fn value(&self, ty: &'static Type, known: &RecordedValues<'_, Value>, target: &Value) -> Value {
        if known.is_nowhere_secret() || known.is_public(target) {
            return target.clone();
        }
        if known.is_secret() {
            return target.clone().into_sensitive();
        }
        match (ty, target) {
            (_, Value::Sensitive(_) | Value::Digest(_)) => target.clone(),
            (Type::Object(object), Value::Map(entries)) => {
                Value::map(self.table(object, &known.maps(), entries))
            }
            (Type::Ref(kind, Link::Attributes), Value::Map(entries)) => {
                Value::map(self.table(kind.schema(), &known.maps(), entries))
            }
            (Type::Table(..), Value::Map(entries)) => Value::map(self.entries(known, entries)),
            (Type::Objects(object, keys), Value::List(items)) => {
                self.elements(object, keys, known, items)
            }
            (Type::List(Type::Ref(kind, Link::Attributes)), Value::List(items)) => {
                self.elements(kind.schema(), &["name"], known, items)
            }
            (Type::List(_), Value::List(items)) => self.items(known, items),
            _ => target.clone().into_sensitive(),
        }
    }

    /// Returns a key that is new may hold what another key held before.
    fn entries(&self, known: &RecordedValues<'_, Value>, entries: &Map) -> Map {
        let secrets = self.secrets(known);
        let maps = known.maps();
        let marked = entries.iter().map(|(key, value)| {
            let known = maps.entry(key);
            let is_public = known.is_public(value);
            let is_new = self.cautious && known.is_absent();
            let secret = known.is_somewhere_secret() || is_new || self.is_one_of(value, &secrets);
            (key.clone(), mark(value, secret && !is_public))
        });
        marked.collect()
    }

    /// Masks the elements of a list: a value that was not requested in clear may be a secret that
    /// moved.
    fn items(&self, known: &RecordedValues<'_, Value>, items: &[Value]) -> Value {
        let secrets = self.secrets(known);
        let lists: Vec<&[Value]> = known.all().filter_map(|value| value.as_list()).collect();
        let marked = items.iter().enumerate().map(|(at, item)| {
            let mut here = lists.iter().filter_map(|list| list.get(at));
            let secret = here.any(Value::has_sensitive)
                || !lists.iter().any(|list| list.contains(item))
                || self.is_one_of(item, &secrets);
            mark(item, secret)
        });
        Value::list(marked.collect())
    }

    fn elements(
        &self,
        object: &'static Object,
        keys: &[&str],
        known: &RecordedValues<'_, Value>,
        items: &[Value],
    ) -> Value {
        let elements = known.all().filter_map(|value| value.as_list());
        let secret: Vec<&Value> = elements
            .flatten()
            .filter(|item| item.has_sensitive())
            .collect();
        // It is unknown which one that is.
        if secret
            .iter()
            .any(|item| public_identity(item, keys).is_none())
        {
            return Value::list(items.to_vec()).into_sensitive();
        }
        // One that is new may be an old one under another name.
        let hides_new = self.cautious && !(secret.is_empty() && known.paths.is_empty());
        let marked = items.iter().map(|item| {
            let Some(identity) = public_identity(item, keys) else {
                return item.clone().into_sensitive();
            };
            let twins = known.element(keys, &identity);
            match item {
                _ if twins.is_secret() => item.clone().into_sensitive(),
                Value::Map(entries) if twins.is_absent() && hides_new => {
                    Value::map(named_alone(keys, entries))
                }
                Value::Map(entries) => Value::map(self.table(object, &twins.maps(), entries)),
                other => other.clone(),
            }
        });
        Value::list(marked.collect())
    }

    /// Returns adjacent secrets as digests.
    fn secrets(&self, known: &RecordedValues<'_, Value>) -> Vec<Value> {
        let mut secrets = Vec::new();
        for value in known.all() {
            let parts: Vec<&Value> = match value {
                Value::Map(entries) => entries.values().collect(),
                Value::List(items) => items.iter().collect(),
                _ => continue,
            };
            let marked = parts.into_iter().filter(|part| part.has_sensitive());
            secrets.extend(marked.map(|part| self.key.redact(part)));
        }
        secrets
    }

    fn is_one_of(&self, value: &Value, secrets: &[Value]) -> bool {
        !secrets.is_empty() && secrets.contains(&self.key.redact(&value.clone().into_sensitive()))
    }
}

/// Returns the paths that were sensitive before.
fn paths_of(state: &ResourceState) -> Vec<&[PathStep]> {
    let paths = state.sensitive.iter();
    paths.map(|Path(steps)| &steps[..]).collect()
}

impl<'a, T> RecordedValues<'a, T> {
    fn all(&self) -> impl Iterator<Item = &'a T> {
        self.current.iter().chain(&self.earlier).copied()
    }

    /// Returns the recorded values at a place further down.
    fn below<U: ?Sized>(
        &self,
        part: impl Fn(&'a T) -> Option<&'a U>,
        is_there: impl Fn(&PathStep) -> bool,
    ) -> RecordedValues<'a, U> {
        let paths = self.paths.iter();
        let paths = paths.filter_map(|path| path.split_first());
        let paths = paths.filter(|(first, _)| is_there(first));
        RecordedValues {
            current: self.current.iter().filter_map(|it| part(it)).collect(),
            public: self.public.and_then(&part),
            earlier: self.earlier.iter().filter_map(|it| part(it)).collect(),
            paths: paths.map(|(_, rest)| rest).collect(),
        }
    }
}

impl<'a> RecordedValues<'a, Map> {
    fn entry(&self, name: &str) -> RecordedValues<'a, Value> {
        self.below(
            |map| map.get(name),
            |step| matches!(step, PathStep::Name(other) if &**other == name),
        )
    }
}

impl<'a> RecordedValues<'a, Value> {
    fn maps(&self) -> RecordedValues<'a, Map> {
        RecordedValues {
            current: self.current.iter().filter_map(|it| it.as_map()).collect(),
            public: self.public.and_then(Value::as_map),
            earlier: self.earlier.iter().filter_map(|it| it.as_map()).collect(),
            paths: self.paths.clone(),
        }
    }

    fn element(&self, keys: &[&str], identity: &Identity) -> RecordedValues<'a, Value> {
        self.below(
            |value| {
                let mut items = value.as_list()?.iter();
                items.find(|item| public_identity(item, keys).as_ref() == Some(identity))
            },
            |step| *step == identity.step(),
        )
    }

    /// Returns whether no record has anything here.
    fn is_absent(&self) -> bool {
        self.current.is_empty() && self.earlier.is_empty()
    }

    fn is_nowhere_secret(&self) -> bool {
        self.paths.is_empty() && !self.all().any(Value::has_sensitive)
    }

    fn is_somewhere_secret(&self) -> bool {
        !self.is_nowhere_secret()
    }

    /// Returns whether a record calls all of it a secret.
    fn is_secret(&self) -> bool {
        let whole = |value: &Value| matches!(value, Value::Sensitive(_) | Value::Digest(_));
        self.all().any(whole) || self.paths.iter().any(|rest| rest.is_empty())
    }

    /// Returns whether it is recorded in clear by now, and no current record marks it.
    fn is_public(&self, target: &Value) -> bool {
        let marked = self.current.iter().any(|value| value.has_sensitive());
        !marked && self.public == Some(target)
    }
}

/// Hides everything of an element except what identifies it: that value is not a secret of another
/// element, and a record without any identity would hide the others for good.
fn named_alone(keys: &[&str], entries: &Map) -> Map {
    let marked = entries.iter();
    marked
        .map(|(name, value)| (name.clone(), mark(value, !keys.contains(&&**name))))
        .collect()
}

fn mark(value: &Value, secret: bool) -> Value {
    if secret {
        value.clone().into_sensitive()
    } else {
        value.clone()
    }
}

#[cfg(test)]
mod tests {
    use eci_core::kinds::CONTAINER_GROUP;

    use super::*;

    fn group(name: &str, env: [(&str, Value); 2]) -> Map {
        let container = Value::from([("name", Value::from(name)), ("env", Value::from(env))]);
        Map::from_iter([("containers".into(), Value::list(vec![container]))])
    }

    fn applied() -> ResourceState {
        let secret = Value::Digest("hmac-sha256:x".into());
        ResourceState {
            applied: group("app", [("TOKEN", secret), ("LEVEL", Value::from("info"))]).into(),
            ..ResourceState::default()
        }
    }

    fn marked(state: &ResourceState, reported: Map) -> String {
        let key = DigestKey::new([7; 32]);
        let marks = Marks::of_record(&CONTAINER_GROUP, &key, state);
        format!("{:?}", marks.mark(&reported.into()))
    }

    #[test]
    fn a_secret_that_comes_back_is_marked_and_the_rest_is_not() {
        let reported = group("app", [("TOKEN", "hush".into()), ("LEVEL", "info".into())]);
        let shown = marked(&applied(), reported);
        assert!(!shown.contains("hush") && shown.contains("info"), "{shown}");
    }

    #[test]
    fn list_elements_requested_in_clear_stay_clear() {
        let group = |last: Value| {
            let command = Value::list(vec!["serve".into(), last]);
            let container = Value::from([("name", Value::from("app")), ("command", command)]);
            Map::from_iter([("containers".into(), Value::list(vec![container]))])
        };
        let state = ResourceState {
            applied: group(Value::Digest("hmac-sha256:x".into())).into(),
            ..ResourceState::default()
        };
        let expected = group(Value::from("hush").into_sensitive());
        assert_eq!(
            marked(&state, group("hush".into())),
            format!("{expected:?}")
        );
    }

    #[test]
    fn a_secret_under_a_new_name_is_marked() {
        let renamed = group("app", [("OTHER", "hush".into()), ("LEVEL", "info".into())]);
        let moved = group("app2", [("TOKEN", "hush".into()), ("LEVEL", "info".into())]);
        for reported in [renamed, moved] {
            let shown = marked(&applied(), reported);
            assert!(!shown.contains("hush"), "{shown}");
        }
    }

    #[test]
    fn what_was_sensitive_before_stays_hidden_unless_it_is_public_now() {
        let path = Path::root().name("containers").key("app").name("env");
        let state = ResourceState {
            applied: group("app", [("TOKEN", "open".into()), ("LEVEL", "info".into())]).into(),
            sensitive: [path.name("TOKEN")].into(),
            ..ResourceState::default()
        };
        let reported =
            |token: &str| group("app", [("TOKEN", token.into()), ("LEVEL", "info".into())]);
        let stale = marked(&state, reported("hush"));
        assert!(!stale.contains("hush") && stale.contains("info"), "{stale}");
        assert!(marked(&state, reported("open")).contains("open"));
    }
}
