//! The objects of the cloud and of the state, in terms that are the same in every world.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use eci_core::OperationTag;
use eci_sandbox::ChangeKind;
use eci_state::LocalStore;
use serde_json::{Value, json};

use crate::Cloud;
use crate::crash_testing::Violation;

/// The objects in the cloud and in the state: one line for each. IDs and addresses, which vary, are
/// replaced by the names of their owners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Picture(BTreeSet<String>);

/// The fields of a reported group that are desired, and not chosen by the cloud.
const GROUP_FIELDS: [&str; 5] = [
    "containerGroupName",
    "vSwitchId",
    "restartPolicy",
    "cpu",
    "volumes",
];

/// The fields of a reported container that are desired.
const CONTAINER_FIELDS: [&str; 5] = ["name", "image", "args", "environmentVar", "volumeMount"];

impl Picture {
    /// Returns the picture of a cloud and of the state in a project; of the changes, all since the
    /// audit log had `since` entries.
    pub(super) fn taken(cloud: &Cloud, project: &Path, since: usize) -> Result<Picture, Violation> {
        let (groups, eips, disks) = (cloud.groups(), cloud.eips(), cloud.disks());
        let state = LocalStore::read(&project.join("state"))?;
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let mut name = |value: &Value, what: &str, of: &Value| {
            if let Some(value) = value.as_str().filter(|value| !value.is_empty()) {
                let of = of.as_str().unwrap_or_default();
                names.insert(value.to_owned(), format!("<{what} of {of}>"));
            }
        };
        for eip in &eips {
            name(&eip.raw["ID"], "EIP id", &eip.raw["name"]);
            name(&eip.raw["eipAddress"], "address", &eip.raw["name"]);
        }
        for disk in &disks {
            name(&disk.raw["diskID"], "disk id", &disk.raw["diskName"]);
        }
        for group in &groups {
            let label = &group["containerGroupName"];
            name(&group["containerGroupId"], "group id", label);
            name(&group["intranetIp"], "intranet address", label);
        }
        let mut lines = BTreeSet::new();
        let mut add = |what: &str, value: Value| {
            let line = format!("{what}: {}", named(&value, &names));
            lines.insert(line);
        };
        for group in &groups {
            let mut fields = selected(group, &GROUP_FIELDS);
            let containers = group["containers"].as_array().into_iter().flatten();
            let containers = containers.map(|it| selected(it, &CONTAINER_FIELDS));
            fields["containers"] = containers.collect();
            let tags = group["tags"].as_array().into_iter().flatten();
            let tags = tags.filter(|tag| tag["key"] != OperationTag::KEY);
            fields["tags"] = tags.cloned().collect();
            add("group", fields);
        }
        for eip in &eips {
            let fields = ["name", "bandwidth", "lineType", "associationID"];
            add("EIP", selected(&eip.raw, &fields));
        }
        for disk in &disks {
            let fields = ["diskName", "diskSize", "diskType", "instanceID"];
            add("disk", selected(&disk.raw, &fields));
        }
        for (address, resource) in &state.resources {
            add("known", json!([address.to_string(), resource.id]));
        }
        for (label, output) in &state.outputs {
            // What is stored can be written.
            let value = serde_json::to_value(&output.value).unwrap();
            // A digest is another one in each state.
            let value = if output.sensitive { Value::Null } else { value };
            add("output", json!([label, value]));
        }
        add("pending operations", json!(state.open_intents.len()));
        let mut done: BTreeMap<String, usize> = BTreeMap::new();
        for entry in &cloud.sandbox().audit_log()[since..] {
            if matches!(
                entry.change,
                ChangeKind::Create | ChangeKind::Delete | ChangeKind::Resize
            ) {
                let what = format!("{:?} of {:?} {}", entry.change, entry.kind, entry.name);
                *done.entry(what).or_default() += 1;
            }
        }
        for (what, times) in done {
            add("done", json!([what, times]));
        }
        Ok(Picture(lines))
    }

    /// Returns the lines that are in it and not in another one.
    pub(super) fn without(&self, other: &Picture) -> Vec<String> {
        self.0.difference(&other.0).cloned().collect()
    }
}

fn selected(value: &Value, names: &[&str]) -> Value {
    let selected = names
        .iter()
        .map(|name| ((*name).to_owned(), value[*name].clone()));
    Value::Object(selected.collect())
}

/// Returns a value with names in the place of ids and addresses.
fn named(value: &Value, names: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => json!(names.get(text).unwrap_or(text)),
        Value::Array(items) => items.iter().map(|item| named(item, names)).collect(),
        Value::Object(fields) => {
            let named = |(name, value): (&String, &Value)| (name.clone(), named(value, names));
            Value::Object(fields.iter().map(named).collect())
        }
        other => other.clone(),
    }
}
