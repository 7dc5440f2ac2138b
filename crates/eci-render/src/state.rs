//! The state for people and programs.

use std::sync::Arc;

use eci_core::{Address, Map, Value, truncate};
use eci_planner::{Action, actual};
use eci_state::{IntentKind, ResourceState, Snapshot};
use eci_text::say;
use serde_json::{Value as Json, json};

use super::actions::action_words;
use super::document::{TERRAFORM, ValueWriter};
use super::style::{Style, TextRole};
use super::value::ValueSpace;
use super::{document, outputs, value};

/// Returns the addresses, one per line.
pub fn list(snapshot: &Snapshot) -> String {
    let addresses = snapshot.resources.keys();
    addresses.map(|address| format!("{address}\n")).collect()
}

/// Returns all resources and outputs for people.
pub fn text(snapshot: &Snapshot, style: Style) -> String {
    let resources = snapshot.resources.iter();
    let mut blocks: Vec<String> = resources
        .map(|(address, state)| show_text(address, state, style))
        .collect();
    if snapshot.resources.is_empty() && snapshot.outputs.is_empty() {
        blocks.push(say!(
            style.lang(),
            en: "The state is empty.\n",
            zh: "状态为空。\n",
        ));
    }
    if !snapshot.outputs.is_empty() {
        let outputs = outputs::text(&snapshot.outputs, style);
        blocks.push(format!(
            "{}\n{outputs}",
            style.paint(TextRole::Strong, style.lang().pick("Outputs:", "输出："))
        ));
    }
    if !snapshot.open_intents.is_empty() {
        blocks.push(pending(snapshot, style));
    }
    blocks.join("\n")
}

/// Returns the pending operations: the address, the kind of call, and its start.
fn pending(snapshot: &Snapshot, style: Style) -> String {
    let lang = style.lang();
    let head = lang.pick("Pending operations:", "未完成的操作：");
    let head = style.paint(TextRole::Warning, head);
    let lines = snapshot.open_intents.iter().map(|open| {
        let action = match &open.kind {
            IntentKind::Create { .. } => Action::Create,
            IntentKind::Update { .. } => Action::Update,
            IntentKind::Delete { .. } => Action::Delete,
        };
        say!(
            lang,
            en: "    {address}: {action} since {start}\n",
            zh: "    {address}：{action}，始于 {start}\n",
            address = open.address.to_string(),
            action = action_words(action).noun.get(lang),
            start = truncate(&open.started_at),
        )
    });
    format!("{head}\n{}", lines.collect::<String>())
}

/// Returns one resource for people: its last-applied attributes and those that the cloud added.
pub fn show_text(address: &Address, state: &ResourceState, style: Style) -> String {
    let mut text = style.paint(TextRole::Strong, &address.to_string());
    if state.tainted {
        let note = say!(
            style.lang(),
            en: "  (tainted: the next apply replaces it)",
            zh: "（已标记为污点，下次应用时将替换）",
        );
        text.push_str(&style.paint(TextRole::Warning, &note));
    } else if state.ready_by.is_some() {
        let note = say!(
            style.lang(),
            en: "  (not confirmed as ready: the next apply waits for it)",
            zh: "（未确认就绪，下次应用时将等待）",
        );
        text.push_str(&style.paint(TextRole::Warning, &note));
    }
    text.push('\n');
    let attributes = with_names(Arc::unwrap_or_clone(attributes(address, state)));
    let schema = address.kind().schema();
    let room = ValueSpace::new(style.width().saturating_sub(4), style.lang());
    for line in value::table(&attributes, Some(schema), room) {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

/// Returns one resource for programs.
pub fn show_json(address: &Address, state: &ResourceState) -> Json {
    let mut fields = document::identity(address);
    let attributes = Value::Map(attributes(address, state));
    fields.insert("id".into(), json!(state.id));
    fields.insert("values".into(), ValueWriter::default().value(&attributes));
    fields.insert("sensitive_values".into(), document::sensitive(&attributes));
    let dependencies: Vec<String> = state.dependencies.iter().map(ToString::to_string).collect();
    fields.insert("depends_on".into(), json!(dependencies));
    fields.insert("tainted".into(), json!(state.tainted));
    fields.insert("ready_by".into(), json!(state.ready_by));
    Json::Object(fields)
}

/// Returns the whole state for programs, in the form of Terraform's `show -json`.
pub fn json(snapshot: &Snapshot) -> Json {
    let writer = ValueWriter::default();
    let resources: Vec<(&Address, Arc<Map>, &ResourceState)> = snapshot
        .resources
        .iter()
        .map(|(address, state)| {
            let attributes = attributes(address, state);
            let attributes = document::with_blocks(address.kind(), attributes);
            (address, attributes, state)
        })
        .collect();
    let resources = resources.iter();
    let tree =
        writer.module_tree(resources.map(|(address, map, state)| (*address, &**map, Some(*state))));
    let outputs = snapshot.outputs.iter().map(|(name, output)| {
        let document = writer.output(&output.value, output.sensitive);
        (name.clone(), document)
    });
    json!({
        "format_version": "1.0",
        "terraform_version": TERRAFORM,
        "values": {
            "outputs": Json::Object(outputs.collect()),
            "root_module": tree,
        },
    })
}

/// Replaces the volumes of a container group by their names: they are shown at their own addresses.
fn with_names(mut attributes: Map) -> Map {
    let volumes = attributes.get("volumes").and_then(Value::as_list);
    let names = volumes.map(|volumes| {
        let names = volumes
            .iter()
            .map(|volume| volume.get("name").unwrap_or(volume).clone());
        Value::list(names.collect())
    });
    if let Some(names) = names {
        attributes.insert("volumes".into(), names);
    }
    attributes
}

fn attributes(address: &Address, state: &ResourceState) -> Arc<Map> {
    actual(address.kind(), state)
}

#[cfg(test)]
mod tests {
    use eci_core::{DigestKey, Kind, Lineage};
    use eci_state::{IntentId, OpenIntent, OutputState};

    use super::*;

    fn snapshot() -> Snapshot {
        let mut snapshot = Snapshot::new(Lineage::new("lineage"), DigestKey::new([7; 32]));
        let volume = Value::from([("name", "conf"), ("type", "EmptyDirVolume")]);
        let env = Value::from([("TOKEN", Value::Digest("hmac-sha256:abc".into()))]);
        let container = Value::from([("name", Value::from("nginx")), ("env", env)]);
        let applied = Map::from_iter([
            ("name".into(), Value::from("web")),
            ("volumes".into(), Value::list(vec![volume])),
            ("containers".into(), Value::list(vec![container])),
        ]);
        let observed = Map::from_iter([
            ("id".into(), Value::from("eci-1")),
            ("status".into(), Value::from("Running")),
            ("cpu".into(), Value::from(2)),
        ]);
        let state = ResourceState {
            id: Some("eci-1".into()),
            applied: Arc::new(applied),
            observed: Arc::new(observed),
            dependencies: vec![Address::new(Kind::Volume, "conf")],
            tainted: true,
            ..ResourceState::default()
        };
        let address = Address::new(Kind::ContainerGroup, "web").instance("a");
        snapshot.resources.insert(address, state);
        let output = OutputState {
            value: Value::from("198.18.0.1"),
            sensitive: false,
        };
        snapshot.outputs.insert("address".into(), output);
        snapshot
    }

    #[test]
    fn a_state_is_shown_with_what_the_cloud_chose_and_without_secrets() {
        insta::assert_snapshot!(text(&snapshot(), Style::plain()));
        insta::assert_snapshot!("the_same_for_programs", format!("{:#}", json(&snapshot())));
    }

    #[test]
    fn an_empty_state_says_so() {
        let empty = Snapshot::new(Lineage::new("lineage"), DigestKey::new([7; 32]));
        let shown = text(&empty, Style::plain());
        assert_eq!(shown, "The state is empty.\n");
        assert_eq!(list(&empty), "");
    }

    #[test]
    fn pending_operations_are_listed_with_their_start() {
        let mut snapshot = Snapshot::new(Lineage::new("lineage"), DigestKey::new([7; 32]));
        snapshot.open_intents.push(OpenIntent {
            intent: IntentId::new(1),
            address: Address::new(Kind::Eip, "front"),
            kind: IntentKind::Delete {
                id: "eip-1".to_owned(),
            },
            id: Some("eip-1".to_owned()),
            started_at: "2026-07-01T08:00:00Z".to_owned(),
            token: None,
            order: None,
            triggers: Vec::new(),
        });
        let shown = text(&snapshot, Style::plain());
        assert_eq!(
            shown,
            "The state is empty.\n\nPending operations:\n    eip.front: delete since 2026-07-01T08:00:00Z\n"
        );
    }

    #[test]
    fn one_resource_for_programs_names_its_dependencies() {
        let snapshot = snapshot();
        let shown: Vec<Json> = snapshot
            .resources
            .iter()
            .map(|(address, state)| show_json(address, state))
            .collect();
        assert_eq!(shown[0]["index"], "a");
        assert_eq!(shown[0]["depends_on"], json!(["volume.conf"]));
        assert_eq!(shown[0]["tainted"], true);
        assert!(!shown[0].to_string().contains("hmac"), "{}", shown[0]);
    }
}
