//! The block of one resource in a plan.

use std::collections::BTreeSet;

use eci_core::path::PathStep;
use eci_core::schema::Change;
use eci_core::{Path, Value};
use eci_planner::diff::AttributeChange;
use eci_planner::{Action, Attachable, Detachment, Step};
use eci_text::{Lang, List, Text, say, text};

use super::change::{ValueView, show, type_of};
use super::links::Links;
use super::reason::sentence;
use crate::Style;
use crate::style::{TextRole, width};
use crate::value::{ValueSpace, table};

/// The indent of attributes.
const INDENT: &str = "      ";
/// The largest column of places in manifests.
const WIDEST: usize = 100;

/// Returns the sign of a step, and its color.
pub(crate) fn sign(step: &Step) -> (&'static str, TextRole) {
    sign_of(step.action, step.create_before_destroy)
}

pub(super) fn sign_of(action: Action, create_before_destroy: bool) -> (&'static str, TextRole) {
    match action {
        Action::NoOp => (" ", TextRole::Faint),
        Action::Create => ("+", TextRole::Create),
        Action::Update => ("~", TextRole::Update),
        Action::Delete => ("-", TextRole::Delete),
        Action::Replace if create_before_destroy => ("+/-", TextRole::Replace),
        Action::Replace => ("-/+", TextRole::Replace),
        Action::Import => ("<-", TextRole::Record),
        Action::Move => ("->", TextRole::Record),
        Action::Forget => (".", TextRole::Record),
    }
}

/// Returns the block of a step that is not a no-op.
pub(crate) fn block(step: &Step, links: &Links<'_>, style: Style) -> String {
    let room = style.width().saturating_sub(INDENT.len());
    let room_of_values = ValueSpace::new(room, style.lang());
    let attributes = match step.action {
        Action::NoOp => Vec::new(),
        Action::Create => created(step, links, room_of_values),
        Action::Delete | Action::Import | Action::Forget => match &step.id {
            Some(id) => vec![format!("id = {id:?}")],
            None => Vec::new(),
        },
        Action::Move => Vec::new(),
        Action::Update | Action::Replace => changed(step, links, room, style),
    };
    let mut text = head(step, style);
    for line in attributes.into_iter().chain(interruption(step, style)) {
        let line = line.trim_end();
        if !line.is_empty() {
            text.push_str(INDENT);
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

/// Returns what the container group does not have for a time, and why.
fn interruption(step: &Step, style: Style) -> Vec<String> {
    let until = match step.action {
        Action::Update => text!(en: "until it is updated", zh: "更新完成前"),
        Action::Replace if step.create_before_destroy => {
            text!(en: "until the replacement is created", zh: "新容器组创建前")
        }
        Action::Replace => text!(en: "until it is replaced", zh: "替换完成前"),
        _ => text!(en: "until it is deleted", zh: "删除前"),
    };
    let lang = style.lang();
    let mut sentences = Vec::new();
    let mut volumes = BTreeSet::new();
    for detachment in &step.detaches {
        sentences.push(detached(detachment, &until, lang));
        volumes.extend(detachment.volumes.iter().map(eci_core::truncate));
    }
    if !volumes.is_empty() {
        sentences.push(say!(
            lang,
            en: "without volume {names} {until}: its secret is neither reported by the cloud nor \
                 declared, so it cannot be sent again",
            zh: "{until}没有存储卷 {names}：其机密信息既未由云端返回，也未声明，无法再次发送",
            names = List::and(volumes),
            until = until,
        ));
    }
    let mut lines = Vec::new();
    for sentence in sentences {
        let wrapped = style.wrapped(&sentence, INDENT.len() + 2);
        for (at, line) in wrapped.iter().enumerate() {
            let sign = if at == 0 { "!" } else { " " };
            lines.push(style.paint(TextRole::Warning, &format!("{sign} {line}")));
        }
    }
    lines
}

/// Returns the sentence about an EIP or a disk that is taken from a container group ahead of time.
fn detached(detachment: &Detachment, until: &Text, lang: Lang) -> String {
    let id = detachment.object.id();
    let id = match &detachment.resource {
        Some(resource) => say!(
            lang,
            en: "{id} ({resource})",
            zh: "{id}（{resource}）",
            id = id,
            resource = resource.to_string(),
        ),
        None => id.to_owned(),
    };
    let taker = detachment.taker.to_string();
    match &detachment.object {
        Attachable::Eip(_) => say!(
            lang,
            en: "without EIP {id} {until}: it is unbound first, for {taker}",
            zh: "{until}没有弹性 IP {id}：该弹性 IP 将先解绑，供 {taker} 使用",
            id = id,
            until = until,
            taker = taker,
        ),
        Attachable::Disk(_) => say!(
            lang,
            en: "without disk {id} {until}: it is detached first, for {taker}, and containers that \
                 mount it restart",
            zh: "{until}没有云硬盘 {id}：该云硬盘将先卸载，供 {taker} 使用，挂载该云硬盘的容器将重启",
            id = id,
            until = until,
            taker = taker,
        ),
    }
}

/// Returns the sentence about a step and its line, one of them with the location in the manifests.
fn head(step: &Step, style: Style) -> String {
    let columns = style.width().min(WIDEST);
    let place = step
        .place
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let (sign, part) = sign(step);
    let address = step.address.to_string();
    let first = format!("{sign:>3} {address}");
    let sentence = style.wrapped(&sentence(step, style.lang()), 6);
    let fits = sentence.len() == 1 && width(&sentence[0]) + 4 + 2 + width(&place) <= columns;
    let place_after = |taken: usize| {
        let gap = columns.saturating_sub(taken + width(&place)).max(2);
        if place.is_empty() {
            String::new()
        } else {
            format!(
                "{}{}",
                " ".repeat(gap),
                style.paint(TextRole::Faint, &place)
            )
        }
    };
    let mut text = String::new();
    for (at, line) in sentence.iter().enumerate() {
        let indent = if at == 0 { "  # " } else { "  #   " };
        text.push_str(&style.paint(TextRole::Strong, &format!("{indent}{line}")));
        if fits {
            text.push_str(&place_after(4 + width(line)));
        }
        text.push('\n');
    }
    let sign = style.paint(part, sign);
    let pad = " ".repeat(width(&first) - width(first.trim_start()));
    text.push_str(&format!("{pad}{sign} {address}"));
    if !fits {
        text.push_str(&place_after(width(&first)));
    }
    text.push('\n');
    text
}

/// Returns the lines of the desired attributes, and of the ID.
fn created(step: &Step, links: &Links<'_>, room: ValueSpace) -> Vec<String> {
    let Some(desired) = &step.desired else {
        return Vec::new();
    };
    let mut shown = links.with_labels(step, desired);
    let planned = step
        .planned
        .as_deref()
        .and_then(|planned| planned.get("id"));
    if planned.is_some_and(Value::is_unknown) {
        shown.insert("id".into(), Value::Unknown);
    }
    table(&shown, Some(step.address.kind().schema()), room)
}

/// Returns the differences; those that belong to a resource with its own block are only named.
fn changed(step: &Step, links: &Links<'_>, room: usize, style: Style) -> Vec<String> {
    let mut all = Vec::new();
    let mut named = BTreeSet::new();
    if let (Some(id), Action::Update) = (&step.import, step.action) {
        all.push(format!("  id = {id:?}"));
    }
    if let (Action::Replace, Some(id)) = (step.action, &step.id) {
        let shown = ValueView {
            name: "id",
            before: &Value::from(&**id),
            after: &Value::Unknown,
            ty: None,
            note: None,
        };
        all.extend(show(&shown, room, style));
    }
    let schema = step.address.kind().schema();
    for change in &step.changes {
        let note = if forces(step, change) {
            Some(style.lang().pick("forces replacement", "导致替换"))
        } else if change.before == change.after && !change.after.has_unknown() {
            Some(style.lang().pick("sent again", "重新发送"))
        } else {
            None
        };
        if let Some(line) = linked(step, change, links, style) {
            if named.insert(line.clone()) {
                let note = note.map(|note| style.paint(TextRole::Faint, &format!("   # {note}")));
                all.push(line + &note.unwrap_or_default());
            }
            continue;
        }
        let shown = ValueView {
            name: &change.path.to_string(),
            before: &change.before,
            after: &change.after,
            ty: type_of(schema, &change.path),
            note,
        };
        all.extend(show(&shown, room, style));
    }
    all
}

fn forces(step: &Step, change: &AttributeChange) -> bool {
    step.action == Action::Replace && change.change == Change::Replace
}

/// Returns the one line of a change that the block of another resource shows, or that adds or
/// removes a volume as a whole.
fn linked(
    step: &Step,
    change: &AttributeChange,
    links: &Links<'_>,
    style: Style,
) -> Option<String> {
    if !step.address.kind().properties().holds_attachments {
        return None;
    }
    let length = match (change.path.attribute()?, change.path.0.get(1)) {
        ("eip", _) => 1,
        ("volumes", Some(PathStep::Key(_))) => 2,
        _ => return None,
    };
    let whole = change.path.0.len() == length;
    let other = links.behind(step, &change.path);
    let shown_there = other.is_some_and(|other| other.action.is_change());
    let whole_volume = whole && length == 2;
    if !shown_there && !whole_volume {
        return None;
    }
    let (sign, part) = match (whole, &change.before, &change.after) {
        (true, Value::Null, _) => ("+", TextRole::Create),
        (true, _, Value::Null) => ("-", TextRole::Delete),
        _ => ("~", TextRole::Update),
    };
    let path = Path(change.path.0[..length].to_vec());
    let see = match other.filter(|_| shown_there) {
        Some(other) => {
            let see = say!(
                style.lang(),
                en: "   (see {address})",
                zh: "（见 {address}）",
                address = other.address.to_string(),
            );
            style.paint(TextRole::Faint, &see)
        }
        None => String::new(),
    };
    Some(format!("{} {path}{see}", style.paint(part, sign)))
}
