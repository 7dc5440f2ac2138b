//! Secrets of which only digests are recorded, where another object still has them.

use eci_core::kinds::VOLUME;
use eci_core::schema::missing_secret_paths;
use eci_core::{Map, Value};

use crate::attachment::without_volumes;
use crate::current::current_attributes;
use crate::step::Step;

/// The sources that may have in clear what a record has digests of.
#[derive(Clone, Copy, Debug)]
pub struct Secrets<'a> {
    /// The report of the cloud.
    pub reported: &'a Map,
    /// The desired attributes.
    pub desired: &'a Map,
}

/// Returns recorded attributes of a container group with secrets in place of their digests.
///
/// A volume of which a secret is known nowhere is left out, and its mounts.
pub fn revealed(recorded: &Map, secrets: Secrets<'_>) -> Map {
    let mut left = open(recorded, secrets);
    without_volumes(&mut left, |volume| {
        volume.has_digest() || lacks_secret(volume)
    });
    left
}

/// Returns the names of the volumes of a group that are left out of an update which has to send
/// what is recorded: see [`revealed`].
pub(crate) fn lost_volumes(step: &Step) -> Vec<String> {
    let Some(state) = step.state.as_deref() else {
        return Vec::new();
    };
    let nothing = Map::new();
    // What was reported will be reported again.
    let reported = readable(&Value::map(Map::clone(&state.observed)));
    let secrets = Secrets {
        reported: reported.as_map().unwrap_or(&nothing),
        desired: step.desired.as_deref().unwrap_or(&nothing),
    };
    let kind = step.address.kind();
    let now = current_attributes(kind, &state.applied, secrets.reported);
    let open = open(&now, secrets);
    let volumes = open.get("volumes").and_then(Value::as_list);
    let lost = volumes.into_iter().flatten();
    let lost = lost.filter(|it| it.has_digest() || lacks_secret(it));
    let names = lost.filter_map(|volume| volume.get("name")?.as_str());
    names.map(str::to_owned).collect()
}

/// Returns whether only the one who added a volume knows a secret that it must have.
fn lacks_secret(volume: &Value) -> bool {
    let entries = volume.as_map();
    entries.is_some_and(|entries| !missing_secret_paths(&VOLUME, entries).is_empty())
}

fn open(recorded: &Map, secrets: Secrets<'_>) -> Map {
    let entries = recorded.iter().map(|(name, value)| {
        let sources = [secrets.reported.get(name), secrets.desired.get(name)];
        (name.clone(), reveal(value, sources))
    });
    entries.collect()
}

/// Puts the first source that is known in the place of each digest.
fn reveal(value: &Value, sources: [Option<&Value>; 2]) -> Value {
    match value {
        Value::Digest(_) => {
            let mut sources = sources.into_iter().flatten();
            let is_known = |source: &&Value| !source.has_digest() && !source.has_unknown();
            let known = sources.find(is_known);
            known.map_or_else(|| value.clone(), |known| known.clone().into_sensitive())
        }
        Value::Sensitive(_) => value.clone(),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(name, value)| {
                let sources = sources.map(|source| source?.get(name));
                (name.clone(), reveal(value, sources))
            });
            Value::map(entries.collect())
        }
        Value::List(items) => {
            let items = items.iter().enumerate().map(|(at, item)| {
                let sources = sources.map(|source| {
                    let others = source?.as_list()?;
                    let by_place = || others.get(at).filter(|_| others.len() == items.len());
                    twin(item, others).or_else(by_place)
                });
                reveal(item, sources)
            });
            Value::list(items.collect())
        }
        _ => value.clone(),
    }
}

/// Returns the element of a list that has the same name or path.
fn twin<'a>(item: &Value, others: &'a [Value]) -> Option<&'a Value> {
    let (key, identity) = ["name", "path"]
        .into_iter()
        .find_map(|key| Some((key, item.get(key)?)))?;
    others.iter().find(|other| other.get(key) == Some(identity))
}

/// Returns a value with a readable placeholder for each digest.
fn readable(value: &Value) -> Value {
    match value {
        Value::Digest(_) => Value::from("").into_sensitive(),
        Value::Map(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(name, value)| (name.clone(), readable(value)));
            Value::map(entries.collect())
        }
        Value::List(items) => Value::list(items.iter().map(readable).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn group(token: Value, credential: Option<Value>) -> Map {
        let env = Value::from([("TOKEN", token)]);
        let mounts = Value::list(vec![Value::from([("volume", "bucket")])]);
        let container = Value::from([
            ("name", Value::from("main")),
            ("env", env),
            ("volume_mounts", mounts),
        ]);
        let mut bucket = Map::from_iter([("name".into(), Value::from("bucket"))]);
        bucket.extend(credential.map(|it| ("credential".into(), it)));
        Map::from_iter([
            ("containers".into(), Value::list(vec![container])),
            ("volumes".into(), Value::list(vec![Value::map(bucket)])),
        ])
    }

    fn digest() -> Value {
        Value::Digest("hmac-sha256:x".into())
    }

    #[test]
    fn secrets_are_taken_from_the_report_or_the_manifest_and_what_neither_has_is_left_out() {
        let recorded = group(digest(), Some(digest()));
        let reported = group(Value::from("hush"), None);
        let secret = |text: &str| Value::from(text).into_sensitive();
        let declared = group(secret("other"), Some(secret("key")));
        let left = |desired: &Map| {
            let reported = &reported;
            revealed(&recorded, Secrets { reported, desired })
        };
        let container = |group: &Map| group[&"containers".into()].as_list().unwrap()[0].clone();
        let token = |group: &Map| container(group).get("env").unwrap().get("TOKEN").cloned();

        let whole = left(&declared);
        assert_eq!(token(&whole), Some(secret("hush")));
        let volume = &whole[&"volumes".into()].as_list().unwrap()[0];
        assert_eq!(volume.get("credential"), Some(&secret("key")));
        assert!(container(&whole).get("volume_mounts").is_some());

        let part = left(&group(digest(), Some(digest())));
        assert_eq!(token(&part), Some(secret("hush")));
        assert_eq!(part.get("volumes"), None);
        assert_eq!(container(&part).get("volume_mounts"), None);
    }
}
