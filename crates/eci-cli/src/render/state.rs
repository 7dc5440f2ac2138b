//! What the state has.

use eci_core::{Address, Map};
use eci_planner::completed;
use eci_state::{ResourceState, Snapshot};
use serde_json::{Value as Json, json};

use super::style::{Part, Style};
use super::{document, outputs, value};

/// The addresses, one a line.
pub fn list(snapshot: &Snapshot) -> String {
    let addresses = snapshot.resources.keys();
    addresses.map(|address| format!("{address}\n")).collect()
}

/// Every resource and the outputs.
pub fn text(snapshot: &Snapshot, style: Style) -> String {
    if snapshot.resources.is_empty() && snapshot.outputs.is_empty() {
        return "The state is empty: nothing was created yet.\n".to_owned();
    }
    let resources = snapshot.resources.iter();
    let mut blocks: Vec<String> = resources
        .map(|(address, state)| show_text(address, state, style))
        .collect();
    if !snapshot.outputs.is_empty() {
        let outputs = outputs::text(&snapshot.outputs, style);
        blocks.push(format!(
            "{}\n{outputs}",
            style.paint(Part::Strong, "Outputs:")
        ));
    }
    blocks.join("\n")
}

/// One resource: what it was asked to be, and what the cloud added to that.
pub fn show_text(address: &Address, state: &ResourceState, style: Style) -> String {
    let mut text = style.paint(Part::Strong, &address.to_string());
    if state.tainted {
        let note = "  (never became ready; the next run replaces it)";
        text.push_str(&style.paint(Part::Warning, note));
    }
    text.push('\n');
    let attributes = attributes(address, state);
    let schema = address.kind().schema();
    for line in value::table(&attributes, Some(schema), style.width().saturating_sub(4)) {
        text.push_str(&format!("    {line}\n"));
    }
    text
}

/// One resource for programs.
pub fn show_json(address: &Address, state: &ResourceState) -> Json {
    let mut fields = document::identity(address);
    let attributes = eci_core::Value::map(attributes(address, state));
    fields.insert("id".into(), json!(state.id));
    fields.insert("values".into(), document::plain(&attributes));
    fields.insert("sensitive_values".into(), document::sensitive(&attributes));
    let needs: Vec<String> = state.dependencies.iter().map(ToString::to_string).collect();
    fields.insert("depends_on".into(), json!(needs));
    fields.insert("tainted".into(), json!(state.tainted));
    Json::Object(fields)
}

/// The whole state, in the form of Terraform's `show -json`.
pub fn json(snapshot: &Snapshot) -> Json {
    let resources: Vec<(&Address, Map)> = snapshot
        .resources
        .iter()
        .map(|(address, state)| (address, attributes(address, state)))
        .collect();
    let tree = document::module_tree(resources.iter().map(|(address, map)| (*address, map)));
    json!({
        "format_version": "1.0",
        "lineage": snapshot.lineage.as_str(),
        "serial": snapshot.serial.0,
        "values": {
            "outputs": outputs::json(&snapshot.outputs),
            "root_module": tree,
        },
    })
}

fn attributes(address: &Address, state: &ResourceState) -> Map {
    completed(address.kind(), &state.applied, &state.observed)
}
