//! Checks after each run, and at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use eci_core::OperationTag;
use eci_sandbox::{AuditEntry, ChangeKind};
use serde_json::Value;

use super::Violation;
use super::manifest::{ExpectedAttachment, ExpectedGroup, Text};
use super::world::{CloudContent, World};
use crate::crash_testing::check::unknown;

/// Checks whether everything that is there is known, and nothing was created twice.
pub(super) async fn nothing_is_lost(world: &mut World) -> Result<(), Violation> {
    let there = world.there().await;
    let ledger = world.sandbox().audit_log();
    let state = world.state()?;
    let lost = unknown(&there.groups, &ledger, &state);
    if !lost.is_empty() {
        return Err(world.violation(format!(
            "there are {lost:?}, and neither the state nor a pending operation knows them"
        )));
    }
    match twice(&ledger) {
        Some(tag) => Err(world.violation(format!("two were created by the operation {tag}"))),
        None => Ok(()),
    }
}

/// Returns the operation by which two objects were created.
fn twice(ledger: &[AuditEntry]) -> Option<String> {
    let mut unique = BTreeSet::new();
    let created = ledger
        .iter()
        .filter(|entry| entry.change == ChangeKind::Create);
    let mut tags = created.filter_map(|entry| entry.tags.get(OperationTag::KEY));
    tags.find(|tag| !unique.insert(tag.as_str())).cloned()
}

/// Checks whether no secret is in what was shown since the last time, nor in any file of the state.
pub(super) fn nothing_is_disclosed(world: &mut World) -> Result<(), Violation> {
    let output = std::mem::take(&mut world.output);
    for secret in &world.desired.secrets {
        let text = secret.text();
        let was_plain = world.desired.published.contains(&text);
        if !secret.is_sensitive || was_plain && !world.hidden.contains(&text) {
            continue;
        }
        if let Some(line) = output.iter().find(|line| discloses(line.as_bytes(), &text)) {
            let what = format!("the secret {text} was shown: {}", around(line, &text));
            return Err(world.violation(what));
        }
        // What was plain may be in a file that was written then.
        if was_plain {
            continue;
        }
        for (path, content) in files(&world.state_directory()) {
            if discloses(&content, &text) {
                let content = String::from_utf8_lossy(&content);
                let what = format!(
                    "the secret {text} is in {path}: {}",
                    around(&content, &text)
                );
                return Err(world.violation(what));
            }
        }
    }
    Ok(())
}

/// Returns whether a secret is in a text, in clear or in base64, which everybody can read.
pub(crate) fn discloses(text: &[u8], secret: &str) -> bool {
    let text = String::from_utf8_lossy(text);
    text.contains(secret) || encodings(secret).iter().any(|it| text.contains(it))
}

/// Returns the forms of a secret within base64, by its offset: without the first and the last
/// digits, in which its neighbors have a part.
fn encodings(secret: &str) -> [String; 3] {
    [0, 1, 2].map(|offset| {
        let mut bytes = vec![0; offset];
        bytes.extend(secret.as_bytes());
        let encoded = STANDARD_NO_PAD.encode(&bytes);
        let first = (offset * 8).div_ceil(6);
        let last = bytes.len() * 8 / 6;
        encoded[first..last].to_owned()
    })
}

/// Returns the text around a secret, at least in clear.
fn around(text: &str, secret: &str) -> String {
    let at = text.find(secret).unwrap_or_default();
    let begin = text.floor_char_boundary(at.saturating_sub(800));
    text[begin..text.ceil_char_boundary(at + 200)].to_owned()
}

fn files(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if let Ok(content) = std::fs::read(&path) {
            found.push((path.display().to_string(), content));
        }
    }
    found
}

/// Checks whether the cloud has exactly what is desired, and the state knows exactly that.
pub(super) async fn all_is_as_desired(world: &mut World) -> Result<(), Violation> {
    let there = world.there().await;
    let state = world.state()?;
    if !state.open_intents.is_empty() {
        let open = format!(
            "operations are open after a complete run: {:?}",
            state.open_intents
        );
        return Err(world.violation(open));
    }
    let mut known: BTreeSet<String> = state
        .resources
        .values()
        .filter_map(|state| state.id.clone())
        .collect();
    // Existing EIPs are not this project's.
    known.retain(|id| !id.starts_with("eip-front") && !id.starts_with("eip-back"));
    same(world, "ids in the state", &known, &ids(&there))?;
    let names: BTreeMap<&str, &str> = there
        .groups
        .iter()
        .map(|group| {
            (
                text(group, "containerGroupId"),
                text(group, "containerGroupName"),
            )
        })
        .collect();
    let holder = |id: &Value| {
        let id = id.as_str().unwrap_or_default();
        names.get(id).copied().unwrap_or(id).to_owned()
    };
    let mut eips: Vec<ExpectedAttachment> = there
        .eips
        .iter()
        .map(|eip| ExpectedAttachment {
            name: text(&eip.raw, "name").to_owned(),
            size: eip.raw["bandwidth"].as_i64().unwrap_or_default(),
            sort: text(&eip.raw, "lineType").to_owned(),
            holder: holder(&eip.raw["associationID"]),
        })
        .collect();
    eips.sort();
    same(world, "EIPs", &eips, &world.desired.expected_eips())?;
    let mut disks: Vec<ExpectedAttachment> = there
        .disks
        .iter()
        .map(|disk| ExpectedAttachment {
            name: text(&disk.raw, "diskName").to_owned(),
            size: disk.raw["diskSize"].as_i64().unwrap_or_default(),
            sort: text(&disk.raw, "diskType").to_owned(),
            holder: holder(&disk.raw["instanceID"]),
        })
        .collect();
    disks.sort();
    same(world, "disks", &disks, &world.desired.expected_disks())?;
    let expected = world.desired.expected_groups();
    let mut found: Vec<&str> = names.values().copied().collect();
    found.sort_unstable();
    let desired: Vec<&str> = expected.keys().map(String::as_str).collect();
    same(world, "groups", &found, &desired)?;
    for (name, group) in &expected {
        let mut groups = there.groups.iter();
        let report = groups.find(|it| text(it, "containerGroupName") == name);
        let found = FoundGroup {
            name,
            report: report.unwrap_or(&Value::Null),
        };
        group_is(world, found, group, &there)?;
    }
    Ok(())
}

fn ids(there: &CloudContent) -> BTreeSet<String> {
    let groups = there.groups.iter();
    let groups = groups.map(|group| text(group, "containerGroupId").to_owned());
    let eips = there.eips.iter().map(|eip| eip.id.to_string());
    let disks = there.disks.iter().map(|disk| disk.id.to_string());
    groups.chain(eips).chain(disks).collect()
}

/// A group as the cloud reports it.
struct FoundGroup<'a> {
    name: &'a str,
    report: &'a Value,
}

fn group_is(
    world: &World,
    found: FoundGroup<'_>,
    expected: &ExpectedGroup,
    there: &CloudContent,
) -> Result<(), Violation> {
    let FoundGroup { name, report } = found;
    let container = &report["containers"][0];
    let about = |what: &str| format!("{what} of {name}");
    let image = text(container, "image");
    same(world, &about("the image"), &image, &&*expected.image)?;
    let subnet = text(report, "vSwitchId");
    same(world, &about("the subnet"), &subnet, &&*expected.subnet)?;
    let args: Vec<&str> = list(&container["args"]).filter_map(Value::as_str).collect();
    let desired: Vec<&str> = expected.args.iter().map(String::as_str).collect();
    same(world, &about("the arguments"), &args, &desired)?;
    let env = pairs(&container["environmentVar"]);
    let desired: BTreeMap<String, String> = expected
        .env
        .iter()
        .map(|(key, text)| (key.clone(), meant(text, there)))
        .collect();
    same(world, &about("the environment"), &env, &desired)?;
    if let Some(desired) = &expected.tags {
        let mut tags = pairs(&report["tags"]);
        tags.retain(|key, _| key != OperationTag::KEY);
        same(world, &about("the tags"), &tags, desired)?;
    }
    Ok(())
}

/// Returns a text with the actual addresses.
fn meant(expected: &Text, there: &CloudContent) -> String {
    match expected {
        Text::Is(text) => text.clone(),
        Text::AddressOfGroup(name) => {
            let mut groups = there.groups.iter();
            let group = groups.find(|it| text(it, "containerGroupName") == name);
            group.map_or(String::new(), |it| text(it, "intranetIp").to_owned())
        }
        Text::AddressOfEip(name) => {
            let eip = there.eips.iter().find(|it| text(&it.raw, "name") == name);
            eip.map_or(String::new(), |it| text(&it.raw, "eipAddress").to_owned())
        }
    }
}

/// Checks whether nothing is left, neither in the cloud nor in the state.
pub(super) async fn nothing_is_left(world: &mut World) -> Result<(), Violation> {
    let there = ids(&world.there().await);
    same(world, "what is left in the cloud", &there, &BTreeSet::new())?;
    let state = world.state()?;
    let known: Vec<String> = state.resources.keys().map(ToString::to_string).collect();
    same(world, "what is left in the state", &known, &Vec::new())?;
    same(world, "what is open", &state.open_intents.len(), &0)
}

fn same<T: PartialEq + std::fmt::Debug>(
    world: &World,
    what: &str,
    found: &T,
    expected: &T,
) -> Result<(), Violation> {
    if found == expected {
        return Ok(());
    }
    Err(world.violation(format!(
        "{what}: there is {found:?}, desired is {expected:?}"
    )))
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn pairs(value: &Value) -> BTreeMap<String, String> {
    let pair = |it: &Value| (text(it, "key").to_owned(), text(it, "value").to_owned());
    list(value).map(pair).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_clear_and_in_base64_wherever_it_begins() {
        for front in ["", "a", "ab", "abc"] {
            let text = format!("{front}zq0secret1qz and more");
            assert!(discloses(text.as_bytes(), "zq0secret1qz"), "{front}");
            let encoded = STANDARD_NO_PAD.encode(&text);
            assert!(discloses(encoded.as_bytes(), "zq0secret1qz"), "{front}");
            assert!(!discloses(encoded.as_bytes(), "zq0secret2qz"), "{front}");
        }
    }
}
