//! Container groups that a state made and does not know.

use eci_core::OperationTag;
use eci_provider::Seen;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::columns::{Cell, columns};
use super::running::{NOTHING, age, span};
use super::style::{Style, visible};

/// A table of them.
pub fn text(orphans: &[Seen], now: Timestamp, style: Style) -> String {
    let rows: Vec<[Cell; 5]> = orphans.iter().map(|orphan| row(orphan, now)).collect();
    columns(["ID", "NAME", "STATUS", "AGE", "OPERATION"], &rows, style)
}

fn row(orphan: &Seen, now: Timestamp) -> [Cell; 5] {
    let age = age(&orphan.group, now).map_or_else(|| NOTHING.to_owned(), span);
    [
        orphan.id.as_str().into(),
        visible(&orphan.group.container_group_name).into(),
        visible(&orphan.status.to_string()).into(),
        age.into(),
        visible(operation(orphan).unwrap_or(NOTHING)).into(),
    ]
}

fn operation(orphan: &Seen) -> Option<&str> {
    orphan.operation.as_ref().map(OperationTag::as_str)
}

/// The same for programs.
pub fn json(orphans: &[Seen]) -> Json {
    orphans.iter().map(one).collect()
}

/// What came of their deletion.
pub fn deleted_json(gone: &[Seen], left: &[Seen]) -> Json {
    json!({ "deleted": json(gone), "still_there": json(left) })
}

fn one(orphan: &Seen) -> Json {
    json!({
        "id": orphan.id,
        "name": orphan.group.container_group_name,
        "status": orphan.status.to_string(),
        "created": orphan.group.creation_time,
        "operation": operation(orphan),
    })
}

/// So many of them, in words.
pub fn count(orphans: usize) -> String {
    match orphans {
        1 => "1 orphan".to_owned(),
        several => format!("{several} orphans"),
    }
}
