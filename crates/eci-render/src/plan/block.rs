//! What is to be done with one resource.

use std::collections::BTreeSet;

use eci_core::path::Step as PathStep;
use eci_core::schema::Change;
use eci_core::{Path, Value};
use eci_planner::diff::AttributeChange;
use eci_planner::{Action, Reason, Step};

use super::change::{ValueView, show, type_of};
use super::links::Links;
use crate::Style;
use crate::style::{Part, width};
use crate::value::table;

/// The indent of attributes.
const INDENT: &str = "      ";
/// Places in manifests stand no further to the right than this.
const WIDEST: usize = 100;

/// The sign of what is done, and its colour.
pub(crate) fn sign(step: &Step) -> (&'static str, Part) {
    sign_of(step.action, step.create_before_destroy)
}

pub(super) fn sign_of(action: Action, create_first: bool) -> (&'static str, Part) {
    match action {
        Action::NoOp => (" ", Part::Faint),
        Action::Create => ("+", Part::Create),
        Action::Update => ("~", Part::Update),
        Action::Delete => ("-", Part::Delete),
        Action::Replace if create_first => ("+/-", Part::Replace),
        Action::Replace => ("-/+", Part::Replace),
        Action::Import => ("←", Part::Record),
        Action::Move => ("→", Part::Record),
        Action::Forget => (".", Part::Record),
    }
}

/// The block of a step that changes something.
pub(crate) fn block(step: &Step, links: &Links<'_>, style: Style) -> String {
    let room = style.width().saturating_sub(INDENT.len());
    let attributes = match step.action {
        Action::NoOp => Vec::new(),
        Action::Create => created(step, links, room),
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

/// What the group is without for a time, and why.
fn interruption(step: &Step, style: Style) -> Vec<String> {
    let until = match step.action {
        Action::Update => "until it is updated",
        Action::Replace if step.create_before_destroy => "until the new one is there",
        Action::Replace => "until it is replaced",
        _ => "until it is deleted",
    };
    let mut told = Vec::new();
    let mut volumes = BTreeSet::new();
    for detachment in &step.detaches {
        let object = match &detachment.resource {
            Some(resource) => format!("{} ({resource})", detachment.object),
            None => detachment.object.to_string(),
        };
        let restarts = match detachment.object.is_disk() {
            true => ", and containers that mount it restart",
            false => "",
        };
        told.push(format!(
            "without {object} {until}: it is detached first, for {}{restarts}",
            detachment.taker
        ));
        volumes.extend(detachment.volumes.iter().map(eci_core::truncate));
    }
    if !volumes.is_empty() {
        let names: Vec<String> = volumes.into_iter().collect();
        told.push(format!(
            "without volume {} {until}: a secret of it is neither reported nor declared, so that it \
             cannot be sent again",
            names.join(", ")
        ));
    }
    let mut lines = Vec::new();
    for told in told {
        for (at, line) in style.wrapped(&told, INDENT.len() + 2).iter().enumerate() {
            let sign = if at == 0 { "!" } else { " " };
            lines.push(style.paint(Part::Warning, &format!("{sign} {line}")));
        }
    }
    lines
}

/// The sentence about it and its line, one of them with its place in the manifests.
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
    let sentence = style.wrapped(&sentence(step), 6);
    let fits = sentence.len() == 1 && width(&sentence[0]) + 4 + 2 + width(&place) <= columns;
    let beside = |taken: usize| {
        let gap = columns.saturating_sub(taken + width(&place)).max(2);
        match place.is_empty() {
            true => String::new(),
            false => format!("{}{}", " ".repeat(gap), style.paint(Part::Faint, &place)),
        }
    };
    let mut text = String::new();
    for (at, line) in sentence.iter().enumerate() {
        let indent = if at == 0 { "  # " } else { "  #   " };
        text.push_str(&style.paint(Part::Strong, &format!("{indent}{line}")));
        if fits {
            text.push_str(&beside(4 + width(line)));
        }
        text.push('\n');
    }
    let sign = style.paint(part, sign);
    let pad = " ".repeat(width(&first) - width(first.trim_start()));
    text.push_str(&format!("{pad}{sign} {address}"));
    if !fits {
        text.push_str(&beside(width(&first)));
    }
    text.push('\n');
    text
}

fn sentence(step: &Step) -> String {
    let what = match (step.action, &step.reason) {
        (Action::NoOp, _) => "stays as it is",
        (Action::Create, Some(Reason::Missing)) => "will be re-created",
        (Action::Create, _) => "will be created",
        (Action::Update, Some(Reason::DeclaredExisting { .. })) => {
            "will no longer be managed and is kept in the cloud"
        }
        (Action::Update, _) => "will be updated in place",
        (Action::Replace, _) if step.create_before_destroy => {
            "must be replaced (create before destroy)"
        }
        (Action::Replace, _) => "must be replaced",
        (Action::Delete, _) => "will be deleted",
        (Action::Import, _) => "will be imported",
        (Action::Move, _) => "will be moved",
        (Action::Forget, Some(Reason::Missing)) => "will be removed from the state",
        (Action::Forget, _) => "will be removed from the state and kept in the cloud",
    };
    let mut what = what.to_owned();
    if let Some(from) = &step.moved_from {
        what = match step.action {
            Action::Move => format!("{what} from {from}"),
            _ => format!("is moved from {from} and {what}"),
        };
    }
    if step.import.is_some() && step.action != Action::Import {
        what = format!(
            "will be imported and {}",
            what.trim_start_matches("will be ")
        );
    }
    let why = step
        .reason
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    if let (true, Some(id)) = (step.is_of_predecessor(), &step.id) {
        return format!("{} ({id}) {what}: {why}", step.address);
    }
    match why.is_empty() {
        true => format!("{} {what}", step.address),
        false => format!("{} {what}: {why}", step.address),
    }
}

/// All that the manifest gives, and the id.
fn created(step: &Step, links: &Links<'_>, room: usize) -> Vec<String> {
    let Some(wanted) = &step.desired else {
        return Vec::new();
    };
    let mut shown = links.with_labels(step, wanted);
    let planned = step
        .planned
        .as_deref()
        .and_then(|planned| planned.get("id"));
    if planned.is_some_and(Value::is_unknown) {
        shown.insert("id".into(), Value::Unknown);
    }
    table(&shown, Some(step.address.kind().schema()), room)
}

/// What differs; what belongs to a resource with a block of its own is only named.
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
            Some("forces replacement")
        } else if change.before == change.after && !change.after.has_unknown() {
            Some("sent again")
        } else {
            None
        };
        if let Some(line) = linked(step, change, links, style) {
            if named.insert(line.clone()) {
                let note = note.map(|note| style.paint(Part::Faint, &format!("   # {note}")));
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

/// The one line of a change that the block of another resource shows, or that adds or takes
/// away a volume as a whole.
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
        (true, Value::Null, _) => ("+", Part::Create),
        (true, _, Value::Null) => ("-", Part::Delete),
        _ => ("~", Part::Update),
    };
    let path = Path(change.path.0[..length].to_vec());
    let see = match other.filter(|_| shown_there) {
        Some(other) => style.paint(Part::Faint, &format!("   (see {})", other.address)),
        None => String::new(),
    };
    Some(format!("{} {path}{see}", style.paint(part, sign)))
}
