//! One attribute that changes, in a plan.

use eci_core::path::PathStep;
use eci_core::schema::{Link, Object, Type};
use eci_core::{Map, Path, Value};
use eci_text::say;
use similar::ChangeTag;

use crate::Style;
use crate::layout::layout;
use crate::line_diff::LineDiff;
use crate::nouns::MORE_LINE;
use crate::style::{TextRole, width, without_color};
use crate::value::{ValueSpace, entries, has_lines, inline, lines};

/// The maximum number of lines of one difference.
const MOST_LINES: usize = 120;
/// The number of lines around a difference.
const CONTEXT: usize = 2;

/// An attribute before and after a change.
pub(crate) struct ValueView<'a> {
    pub(crate) name: &'a str,
    pub(crate) before: &'a Value,
    pub(crate) after: &'a Value,
    pub(crate) ty: Option<Type>,
    /// A comment after the value.
    pub(crate) note: Option<&'a str>,
}

impl ValueView<'_> {
    /// Returns the lines of the change, in `room` columns.
    pub(crate) fn lines(&self, room: usize, style: Style) -> Vec<String> {
        show(self, room, style)
    }
}

/// Returns the type of an attribute of an object.
pub(crate) fn type_of_attribute(object: &'static Object, name: &str) -> Option<Type> {
    object.field(name, &Map::new()).map(|field| field.ty)
}

/// Returns the lines of a change, in `room` columns.
pub(crate) fn show(shown: &ValueView<'_>, room: usize, style: Style) -> Vec<String> {
    let ValueView {
        name,
        before,
        after,
        ty,
        note,
    } = *shown;
    let lang = style.lang();
    let (sign, part) = sign(before, after);
    let note = match note {
        Some(note) => style.paint(TextRole::Faint, &format!("   # {note}")),
        None => String::new(),
    };
    let head = style.paint(part, sign);
    if let (Value::Null, value) | (value, Value::Null) = (before, after) {
        let taken = 2 + width(&without_color(&note));
        let room = ValueSpace::new(room.saturating_sub(taken), style.lang());
        let entries = entries(name, value, ty, room);
        return signed(&layout(&entries), &head, &note);
    }
    let (old, new) = (inline(before, ty, lang), inline(after, ty, lang));
    // It is sent again as it is.
    if before == after {
        return vec![format!("{head} {name} = {new}{note}")];
    }
    if is_secret(before) && is_secret(after) {
        let changed = style.paint(TextRole::Faint, lang.pick("   # changed", "   # 已变更"));
        return vec![format!("{head} {name} = {new}{changed}{note}")];
    }
    let simple = !has_lines(before) && !has_lines(after);
    let columns = width(name) + width(&old) + width(&new) + 8 + width(&without_color(&note));
    if simple && old != new && columns <= room {
        let old = style.paint(TextRole::Delete, &old);
        let new = style.paint(TextRole::Create, &new);
        return vec![format!("{head} {name} = {old} → {new}{note}")];
    }
    if simple && old != new && is_leaf(before) && is_leaf(after) {
        let aligned = width(name) + 3;
        let old_columns = aligned + 2 + width(&old) + width(&without_color(&note));
        let is_old_inline = old_columns <= room;
        let indent = if is_old_inline && aligned + 2 + width(&new) <= room {
            " ".repeat(aligned)
        } else {
            " ".repeat(4)
        };
        let old = style.paint(TextRole::Delete, &old);
        let new = style.paint(TextRole::Create, &new);
        let new = format!("{indent}→ {new}");
        return if is_old_inline {
            vec![format!("{head} {name} = {old}{note}"), new]
        } else {
            vec![
                format!("{head} {name}{note}"),
                format!("{indent}= {old}"),
                new,
            ]
        };
    }
    let mut all = vec![format!("{head} {name}{note}")];
    let sides = Sides { before, after, ty };
    all.extend(differences(&sides, room.saturating_sub(4), style));
    all
}

/// Returns the sign of a created, deleted or changed attribute, and its color.
fn sign(before: &Value, after: &Value) -> (&'static str, TextRole) {
    match (before, after) {
        (Value::Null, _) => ("+", TextRole::Create),
        (_, Value::Null) => ("-", TextRole::Delete),
        _ => ("~", TextRole::Update),
    }
}

fn signed(lines: &[String], head: &str, note: &str) -> Vec<String> {
    let lines = lines.iter().enumerate().map(|(at, line)| match at {
        0 => format!("{head} {line}{note}"),
        // Further elements of a list are on separate lines.
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

/// The values before and after a change, with their type.
struct Sides<'a> {
    before: &'a Value,
    after: &'a Value,
    ty: Option<Type>,
}

/// Returns the lines that differ, with some around them.
fn differences(sides: &Sides<'_>, room: usize, style: Style) -> Vec<String> {
    let Sides { before, after, ty } = *sides;
    let room = ValueSpace::new(room, style.lang());
    let text = |value, room| -> String {
        let lines = lines(value, ty, room).into_iter();
        lines.map(|line| line + "\n").collect()
    };
    let (old, new) = (text(before, room), text(after, room));
    if old == new {
        let why = if before.has_sensitive() || after.has_sensitive() {
            say!(
                style.lang(),
                en: "    (a sensitive value in it changes)",
                zh: "    （其中的敏感值有变更）",
            )
        } else {
            say!(style.lang(), en: "    (line endings change)", zh: "    （换行符有变更）")
        };
        return vec![style.paint(TextRole::Faint, &why)];
    }
    // A line whose `=` only moved because of its neighbors is not a change.
    let compared = room.unaligned();
    let (compared_old, compared_new) = (text(before, compared), text(after, compared));
    let diff = LineDiff::new(&compared_old, &compared_new).shown_as(&old, &new);
    let mut all = Vec::new();
    for (at, hunk) in diff.hunks(CONTEXT).iter().enumerate() {
        if at > 0 {
            all.push(style.paint(TextRole::Faint, "    ⋮"));
        }
        for (tag, line) in diff.lines(hunk) {
            let line = line.trim_end_matches('\n');
            let (sign, part) = match tag {
                ChangeTag::Delete => ("-", Some(TextRole::Delete)),
                ChangeTag::Insert => ("+", Some(TextRole::Create)),
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
        let rest = say!(
            style.lang(),
            en: "    … {lines}",
            zh: "    … 其余 {lines}",
            lines = MORE_LINE.count(rest),
        );
        all.push(style.paint(TextRole::Faint, &rest));
    }
    all
}

/// Returns the type of the attribute at a path.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_whose_sign_only_moved_is_not_a_change() {
        let long = "x".repeat(60);
        let before = Value::from([("a", Value::from(&*long)), ("b", Value::from(1))]);
        let after = Value::from([
            ("a", Value::from(&*long)),
            ("b", Value::from(1)),
            ("much_longer", Value::from(2)),
        ]);
        let view = ValueView {
            name: "tags",
            before: &before,
            after: &after,
            ty: None,
            note: None,
        };
        let lines = view.lines(80, Style::plain());
        assert_eq!(
            lines[1..],
            [
                format!("      a           = \"{long}\""),
                "      b           = 1".to_owned(),
                "    + much_longer = 2".to_owned(),
            ]
        );
    }
}
