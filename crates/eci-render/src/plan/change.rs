//! One attribute that changes.

use eci_core::path::Step as PathStep;
use eci_core::schema::{Link, Object, Type};
use eci_core::{Map, Path, Value};
use similar::ChangeTag;

use crate::Style;
use crate::layout::layout;
use crate::line_diff::LineDiff;
use crate::style::{Part, width, without_color};
use crate::value::{entries, has_lines, inline, lines};

/// At most so many lines of one difference are shown.
const MOST_LINES: usize = 120;
/// So many lines stand around what differs.
const CONTEXT: usize = 2;

/// What an attribute was and will be.
pub(crate) struct ValueView<'a> {
    pub(crate) name: &'a str,
    pub(crate) before: &'a Value,
    pub(crate) after: &'a Value,
    pub(crate) ty: Option<Type>,
    /// What is to be said behind it.
    pub(crate) note: Option<&'a str>,
}

/// The lines of a change, in `room` columns.
pub(crate) fn show(shown: &ValueView<'_>, room: usize, style: Style) -> Vec<String> {
    let ValueView {
        name,
        before,
        after,
        ty,
        note,
    } = *shown;
    let (sign, part) = sign(before, after);
    let note = match note {
        Some(note) => style.paint(Part::Faint, &format!("   # {note}")),
        None => String::new(),
    };
    let head = style.paint(part, sign);
    if let (Value::Null, value) | (value, Value::Null) = (before, after) {
        let taken = 2 + width(&without_color(&note));
        let entries = entries(name, value, ty, room.saturating_sub(taken));
        return signed(&layout(&entries), &head, &note);
    }
    let (old, new) = (inline(before, ty), inline(after, ty));
    // It is sent again as it is.
    if before == after {
        return vec![format!("{head} {name} = {new}{note}")];
    }
    if is_secret(before) && is_secret(after) {
        let differs = style.paint(Part::Faint, "   # differs");
        return vec![format!("{head} {name} = {new}{differs}{note}")];
    }
    let simple = !has_lines(before) && !has_lines(after);
    let columns = width(name) + width(&old) + width(&new) + 8 + width(&without_color(&note));
    if simple && old != new && columns <= room {
        let old = style.paint(Part::Delete, &old);
        let new = style.paint(Part::Create, &new);
        return vec![format!("{head} {name} = {old} → {new}{note}")];
    }
    if simple && old != new && is_leaf(before) && is_leaf(after) {
        let beside = width(name) + 3;
        let indent = match beside + 2 + width(&new) <= room {
            true => " ".repeat(beside),
            false => " ".repeat(4),
        };
        let old = style.paint(Part::Delete, &old);
        let new = style.paint(Part::Create, &new);
        return vec![
            format!("{head} {name} = {old}{note}"),
            format!("{indent}→ {new}"),
        ];
    }
    let mut all = vec![format!("{head} {name}{note}")];
    all.extend(differences(
        before,
        after,
        ty,
        room.saturating_sub(4),
        style,
    ));
    all
}

/// Whether it is made, deleted or changed.
fn sign(before: &Value, after: &Value) -> (&'static str, Part) {
    match (before, after) {
        (Value::Null, _) => ("+", Part::Create),
        (_, Value::Null) => ("-", Part::Delete),
        _ => ("~", Part::Update),
    }
}

fn signed(lines: &[String], head: &str, note: &str) -> Vec<String> {
    let lines = lines.iter().enumerate().map(|(at, line)| match at {
        0 => format!("{head} {line}{note}"),
        // Further elements of a list stand by themselves.
        _ if !line.starts_with([' ', ']', '"']) => format!("{head} {line}"),
        _ => format!("  {line}"),
    });
    lines.collect()
}

fn is_secret(value: &Value) -> bool {
    matches!(value, Value::Sensitive(_) | Value::Digest(_))
}

fn is_leaf(value: &Value) -> bool {
    !matches!(value, Value::List(_) | Value::Map(_))
}

/// The lines that differ, with some around them.
fn differences(
    before: &Value,
    after: &Value,
    ty: Option<Type>,
    room: usize,
    style: Style,
) -> Vec<String> {
    let text = |value| lines(value, ty, room).into_iter().map(|line| line + "\n");
    let (old, new): (String, String) = (text(before).collect(), text(after).collect());
    if old == new {
        let why = match before.has_sensitive() || after.has_sensitive() {
            true => "    (a sensitive part differs)",
            false => "    (differs in what ends its lines)",
        };
        return vec![style.paint(Part::Faint, why)];
    }
    let diff = LineDiff::new(&old, &new);
    let mut all = Vec::new();
    for (at, hunk) in diff.hunks(CONTEXT).iter().enumerate() {
        if at > 0 {
            all.push(style.paint(Part::Faint, "    ⋮"));
        }
        for (tag, line) in diff.lines(hunk) {
            let line = line.trim_end_matches('\n');
            let (sign, part) = match tag {
                ChangeTag::Delete => ("-", Some(Part::Delete)),
                ChangeTag::Insert => ("+", Some(Part::Create)),
                ChangeTag::Equal => (" ", None),
            };
            let text = format!("{sign} {line}");
            let text = match part {
                Some(part) => style.paint(part, text.trim_end()),
                None => text.trim_end().to_owned(),
            };
            all.push(format!("    {text}").trim_end().to_owned());
        }
    }
    if all.len() > MOST_LINES {
        let rest = all.len() - MOST_LINES;
        all.truncate(MOST_LINES);
        all.push(style.paint(Part::Faint, &format!("    … {rest} more lines")));
    }
    all
}

/// The type of what a path leads to.
pub(crate) fn type_of(object: &'static Object, path: &Path) -> Option<Type> {
    let mut ty = Type::Object(object);
    for step in &path.0 {
        ty = match (ty, step) {
            (Type::Object(object), PathStep::Name(name)) => {
                object.field(name, &Map::new()).map(|field| field.ty)?
            }
            (Type::Ref(kind, Link::Attributes), PathStep::Name(name)) => kind
                .schema()
                .field(name, &Map::new())
                .map(|field| field.ty)?,
            (Type::Table(items, _), PathStep::Name(_)) | (Type::List(items), _) => *items,
            (Type::Objects(object, _), PathStep::Key(_) | PathStep::Index(_)) => {
                Type::Object(object)
            }
            _ => return None,
        };
    }
    Some(ty)
}
