//! The history of a state, and the difference between two of its versions.

use std::collections::BTreeSet;

use eci_core::{Address, Map, Serial, Value};
use eci_planner::actual;
use eci_state::{OutputState, ResourceState, Snapshot, Version};
use eci_text::{say, text};
use serde_json::{Value as Json, json};

use super::columns::{Cell, columns};
use super::document::{self, ValueWriter};
use super::plan::{ValueView, type_of_attribute};
use super::running::NOTHING;
use super::style::{Style, TextRole, visible};
use super::value::{ValueSpace, table};

/// The indent of attributes.
const INDENT: &str = "      ";

/// The most characters of a commit that a table shows.
const COMMIT: usize = 12;

/// Returns the versions of a state as a table, the newest first.
pub fn text(versions: &[Version], style: Style) -> String {
    let heads = style.lang().pick(
        [
            "SERIAL",
            "TIME",
            "USER",
            "HOST",
            "RESOURCES",
            "COMMIT",
            "COMMAND",
        ],
        ["序列号", "时间", "用户", "主机", "资源数", "提交", "命令"],
    );
    let rows: Vec<[Cell; 7]> = versions.iter().rev().map(row).collect();
    columns(heads, &rows, style)
}

fn row(version: &Version) -> [Cell; 7] {
    let or_nothing = |text: &Option<String>| match text {
        Some(text) => Cell::from(visible(text)),
        None => Cell::from(NOTHING),
    };
    let commit = version.provenance.commit.as_ref();
    let commit = commit.map(|commit| commit.chars().take(COMMIT).collect::<String>());
    [
        version.serial.to_string().into(),
        or_nothing(&known_time(version)),
        or_nothing(&version.provenance.user),
        or_nothing(&version.host),
        version.resources.to_string().into(),
        or_nothing(&commit),
        or_nothing(&version.command),
    ]
}

fn known_time(version: &Version) -> Option<String> {
    Some(version.time.clone()).filter(|time| !time.is_empty())
}

/// Returns the versions of a state for programs, the newest first.
pub fn json(versions: &[Version]) -> Json {
    let versions = versions.iter().rev().map(|version| {
        json!({
            "serial": version.serial,
            "lineage": version.lineage,
            "time": known_time(version),
            "user": version.provenance.user,
            "host": version.host,
            "resources": version.resources,
            "commit": version.provenance.commit,
            "pipeline": version.provenance.pipeline,
            "command": version.command,
        })
    });
    json!({ "format_version": "1.0", "versions": versions.collect::<Vec<_>>() })
}

/// Two versions of a state, in the order in which they are compared.
#[derive(Clone, Copy, Debug)]
pub struct Versions<'a> {
    /// The version before.
    pub before: &'a Snapshot,
    /// The version after.
    pub after: &'a Snapshot,
}

/// A resource that differs between two versions.
struct ResourceDifference<'a> {
    address: &'a Address,
    before: Option<&'a ResourceState>,
    after: Option<&'a ResourceState>,
}

/// An output that differs between two versions.
struct OutputDifference<'a> {
    name: &'a str,
    before: Option<&'a OutputState>,
    after: Option<&'a OutputState>,
}

impl ResourceDifference<'_> {
    fn is_different(&self) -> bool {
        let side = |state: Option<&ResourceState>| {
            state.map(|state| (shown(self.address, state), state.tainted))
        };
        side(self.before) != side(self.after)
    }
}

impl<'a> Versions<'a> {
    fn resources(self) -> Vec<ResourceDifference<'a>> {
        let Versions { before, after } = self;
        let addresses: BTreeSet<&Address> = before
            .resources
            .keys()
            .chain(after.resources.keys())
            .collect();
        let differences = addresses.into_iter().map(|address| ResourceDifference {
            address,
            before: before.resources.get(address),
            after: after.resources.get(address),
        });
        differences
            .filter(ResourceDifference::is_different)
            .collect()
    }

    fn outputs(self) -> Vec<OutputDifference<'a>> {
        let Versions { before, after } = self;
        let names: BTreeSet<&String> = before.outputs.keys().chain(after.outputs.keys()).collect();
        let differences = names.into_iter().map(|name| OutputDifference {
            name,
            before: before.outputs.get(name),
            after: after.outputs.get(name),
        });
        differences.filter(|it| it.before != it.after).collect()
    }
}

/// Returns the attributes of a resource, with its ID.
fn shown(address: &Address, state: &ResourceState) -> Map {
    let mut attributes = (*actual(address.kind(), state)).clone();
    if let Some(id) = &state.id {
        attributes.insert("id".into(), Value::from(id.as_str()));
    }
    attributes
}

/// Returns the differences between two versions for people.
pub fn diff_text(versions: Versions<'_>, style: Style) -> String {
    let mut blocks: Vec<String> = Vec::new();
    for difference in versions.resources() {
        blocks.push(block(&difference, style));
    }
    let outputs = versions.outputs();
    if !outputs.is_empty() {
        let mut text = style.paint(TextRole::Strong, style.lang().pick("Outputs:", "输出："));
        text.push('\n');
        for output in outputs {
            let view = ValueView {
                name: output.name,
                before: &value_of(output.before),
                after: &value_of(output.after),
                ty: None,
                note: None,
            };
            text.push_str(&indented(
                view.lines(style.width().saturating_sub(2), style),
                "  ",
            ));
        }
        blocks.push(text);
    }
    if blocks.is_empty() {
        return say!(
            style.lang(),
            en: "No differences between serial {before} and serial {after}.\n",
            zh: "序列号 {before} 与序列号 {after} 之间没有差异。\n",
            before = versions.before.serial.to_string(),
            after = versions.after.serial.to_string(),
        );
    }
    let heading = say!(
        style.lang(),
        en: "Differences from serial {before} to serial {after}:",
        zh: "序列号 {before} 到序列号 {after} 的差异：",
        before = versions.before.serial.to_string(),
        after = versions.after.serial.to_string(),
    );
    format!("{heading}\n\n{}", blocks.join("\n"))
}

fn value_of(output: Option<&OutputState>) -> Value {
    match output {
        None => Value::Null,
        // A digest differs where the value does.
        Some(output) if output.sensitive && !output.value.has_sensitive() => {
            Value::Digest("".into())
        }
        Some(output) => output.value.clone(),
    }
}

fn block(difference: &ResourceDifference<'_>, style: Style) -> String {
    let ResourceDifference {
        address,
        before,
        after,
    } = *difference;
    let schema = address.kind().schema();
    let room = style.width().saturating_sub(INDENT.len());
    let whole = |state: &ResourceState| {
        table(
            &shown(address, state),
            Some(schema),
            ValueSpace::new(room, style.lang()),
        )
    };
    let (sign, part, lines) = match (before, after) {
        (None, Some(state)) => ("+", TextRole::Create, whole(state)),
        (Some(state), None) => ("-", TextRole::Delete, whole(state)),
        (before, after) => {
            let attributes = |state: Option<&ResourceState>| {
                state.map(|state| shown(address, state)).unwrap_or_default()
            };
            let (old, new) = (attributes(before), attributes(after));
            let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
            let mut lines = Vec::new();
            for name in names {
                let value = |map: &Map| map.get(name).cloned().unwrap_or(Value::Null);
                let (before, after) = (value(&old), value(&new));
                if before == after {
                    continue;
                }
                let view = ValueView {
                    name,
                    before: &before,
                    after: &after,
                    ty: type_of_attribute(schema, name),
                    note: None,
                };
                lines.extend(view.lines(room, style));
            }
            let taint = |state: Option<&ResourceState>| state.is_some_and(|it| it.tainted);
            match (taint(before), taint(after)) {
                (false, true) => lines.push(say!(
                    style.lang(),
                    en: "tainted",
                    zh: "已标记为污点",
                )),
                (true, false) => lines.push(say!(
                    style.lang(),
                    en: "no longer tainted",
                    zh: "已清除污点",
                )),
                _ => {}
            }
            ("~", TextRole::Update, lines)
        }
    };
    let head = format!("  {} {address}\n", style.paint(part, sign));
    head + &indented(lines, INDENT)
}

fn indented(lines: Vec<String>, indent: &str) -> String {
    let lines = lines.into_iter().map(|line| {
        if line.is_empty() {
            "\n".to_owned()
        } else {
            format!("{indent}{line}\n")
        }
    });
    lines.collect()
}

/// Returns the differences between two versions for programs.
pub fn diff_json(versions: Versions<'_>) -> Json {
    let writer = ValueWriter::default();
    let side = |address: &Address, state: Option<&ResourceState>| match state {
        None => (Json::Null, json!(false)),
        Some(state) => {
            let attributes = Value::Map(shown(address, state).into());
            (writer.value(&attributes), document::sensitive(&attributes))
        }
    };
    let resources = versions.resources();
    let resources = resources.iter().map(|difference| {
        let mut fields = document::identity(difference.address);
        let (before, before_sensitive) = side(difference.address, difference.before);
        let (after, after_sensitive) = side(difference.address, difference.after);
        fields.insert("before".into(), before);
        fields.insert("after".into(), after);
        fields.insert("before_sensitive".into(), before_sensitive);
        fields.insert("after_sensitive".into(), after_sensitive);
        Json::Object(fields)
    });
    let output = |state: Option<&OutputState>| match state {
        None => Json::Null,
        Some(state) if state.sensitive => json!({ "sensitive": true, "value": null }),
        Some(state) => json!({ "sensitive": false, "value": writer.value(&state.value) }),
    };
    let outputs = versions.outputs();
    let outputs = outputs.iter().map(|it| {
        let change = json!({ "before": output(it.before), "after": output(it.after) });
        (it.name.to_owned(), change)
    });
    json!({
        "format_version": "1.0",
        "before": versions.before.serial,
        "after": versions.after.serial,
        "resources": resources.collect::<Vec<_>>(),
        "outputs": Json::Object(outputs.collect()),
    })
}

/// Returns the message about a serial that is not in the history of a state.
pub fn unknown_serial(serial: Serial, location: &str) -> eci_text::Text {
    text!(
        en: "serial {serial} not found in the history of `{location}`",
        zh: "在 `{location}` 的历史中未找到序列号 {serial}",
        serial = serial.to_string(),
        location = location,
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{DigestKey, Kind, Lineage};
    use eci_state::Holder;
    use eci_text::Lang;

    use super::*;

    fn snapshot(serial: u64) -> Snapshot {
        let mut snapshot = Snapshot::new(Lineage::new("lineage"), DigestKey::new([7; 32]));
        snapshot.serial = Serial(serial);
        snapshot
    }

    fn eip(bandwidth: i64, id: &str) -> ResourceState {
        ResourceState {
            id: Some(id.to_owned()),
            applied: Map::from_iter([
                ("name".into(), Value::from("front")),
                ("bandwidth".into(), Value::from(bandwidth)),
            ])
            .into(),
            ..ResourceState::default()
        }
    }

    fn versions() -> (Snapshot, Snapshot) {
        let (mut before, mut after) = (snapshot(3), snapshot(5));
        let address = |label: &str| Address::new(Kind::Eip, label);
        before.resources.insert(address("front"), eip(5, "eip-1"));
        before.resources.insert(address("old"), eip(5, "eip-2"));
        before.resources.insert(address("same"), eip(5, "eip-4"));
        after.resources.insert(address("front"), eip(10, "eip-1"));
        after.resources.insert(address("new"), eip(5, "eip-3"));
        after.resources.insert(address("same"), eip(5, "eip-4"));
        let output = |value: &str, sensitive| OutputState {
            value: if sensitive {
                Value::Digest(value.into())
            } else {
                Value::from(value)
            },
            sensitive,
        };
        before
            .outputs
            .insert("where".to_owned(), output("a", false));
        after.outputs.insert("where".to_owned(), output("b", false));
        before
            .outputs
            .insert("token".to_owned(), output("hmac-1", true));
        after
            .outputs
            .insert("token".to_owned(), output("hmac-2", true));
        (before, after)
    }

    #[test]
    fn versions_differ_in_resources_attributes_and_outputs() {
        let (before, after) = versions();
        let versions = Versions {
            before: &before,
            after: &after,
        };
        insta::assert_snapshot!("diff", diff_text(versions, Style::plain()));
        let chinese = Style::plain().with_lang(Lang::Zh);
        insta::assert_snapshot!("diff_zh", diff_text(versions, chinese));
        insta::assert_snapshot!("diff_json", format!("{:#}", diff_json(versions)));
        let equal = Versions {
            before: &before,
            after: &before,
        };
        let none = diff_text(equal, Style::plain());
        assert_eq!(none, "No differences between serial 3 and serial 3.\n");
    }

    #[test]
    fn a_history_begins_with_the_newest_version() {
        let mut holder = Holder::current_process("eci apply -auto-approve");
        holder.host = "build-7".to_owned();
        let mut written = Version::of(&snapshot(2), &holder, Default::default());
        written.time = "2026-01-02T00:00:00Z".to_owned();
        written.provenance.user = Some("alice".to_owned());
        written.provenance.commit = Some("0123456789abcdef".to_owned());
        let time = "2026-01-01T00:00:00Z".to_owned();
        let versions = [Version::unattributed(&snapshot(1), time), written];
        insta::assert_snapshot!("history", text(&versions, Style::plain()));
        insta::assert_snapshot!("history_json", format!("{:#}", json(&versions)));
    }
}
