//! What a state made and does not know.

use eci_core::Value;
use eci_executor::orphans::{DeleteFailure, Orphan};
use eci_planner::attachment;
use eci_provider::RemoteId;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::columns::{Cell, columns};
use super::running::{NOTHING, span};
use super::style::{Style, visible};

/// A table of them.
pub fn text(orphans: &[Orphan], now: Timestamp, style: Style) -> String {
    let rows: Vec<[Cell; 7]> = orphans.iter().map(|orphan| row(orphan, now)).collect();
    let heads = ["ID", "KIND", "NAME", "STATUS", "AGE", "ATTACHED", "OWNER"];
    columns(heads, &rows, style)
}

fn row(orphan: &Orphan, now: Timestamp) -> [Cell; 7] {
    let age = |made: Timestamp| span((now.as_second() - made.as_second()).max(0));
    let age = orphan.created().map_or_else(|| NOTHING.to_owned(), age);
    [
        orphan.id.as_str().into(),
        orphan.id.noun().into(),
        visible(orphan.name()).into(),
        visible(&orphan.look.status).into(),
        age.into(),
        attached(orphan).into(),
        visible(&orphan.operation).into(),
    ]
}

/// What an EIP or a disk is attached to, and which disks a group has mounted.
fn attachments(orphan: &Orphan) -> Vec<String> {
    let disks = attachment::disks(&orphan.look.attributes).into_iter();
    let disks = disks.filter(|disk| !disk.is_empty()).map(str::to_owned);
    let mounted = disks.filter(|_| matches!(orphan.id, RemoteId::Group(_)));
    orphan
        .look
        .attached_to()
        .into_iter()
        .chain(mounted)
        .collect()
}

fn attached(orphan: &Orphan) -> String {
    match attachments(orphan) {
        none if none.is_empty() => NOTHING.to_owned(),
        some => visible(&some.join(", ")),
    }
}

/// Returns the subject and verb of a sentence about this many disks: `2 disks are`.
pub fn disks(count: usize) -> String {
    match count {
        1 => "1 disk is".to_owned(),
        several => format!("{several} disks are"),
    }
}

/// What nobody gets back once they are deleted, if there is such.
pub fn lost(orphans: &[Orphan]) -> Option<String> {
    let disks = orphans
        .iter()
        .filter(|orphan| matches!(orphan.id, RemoteId::Disk(_)))
        .map(|orphan| {
            let disk = orphan.look.attributes.get("disk");
            let size = disk.and_then(|disk| disk.get("size")?.as_number()?.as_i64());
            let size = size.map_or(String::new(), |size| format!(" ({size} GB)"));
            format!("{}{size}", visible(orphan.name()))
        });
    let addresses = orphans
        .iter()
        .filter(|orphan| matches!(orphan.id, RemoteId::Eip(_)))
        .map(|orphan| {
            let address = orphan
                .look
                .attributes
                .get("address")
                .and_then(Value::as_str);
            visible(address.unwrap_or_else(|| orphan.name()))
        });
    let (disks, addresses): (Vec<_>, Vec<_>) = (disks.collect(), addresses.collect());
    let mut lines = Vec::new();
    if !disks.is_empty() {
        lines.push(format!(
            "All data on these disks is lost, with their snapshots: {}.",
            disks.join(", ")
        ));
    }
    if !addresses.is_empty() {
        lines.push(format!(
            "These public addresses are given back, and can hardly be had again: {}.",
            addresses.join(", ")
        ));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Why one was not deleted.
pub fn left(orphan: &Orphan, why: &DeleteFailure) -> String {
    let id = &orphan.id;
    match why {
        DeleteFailure::StillThere => {
            format!("{id} was asked to go and is still there; look again later with `eci orphans`.")
        }
        DeleteFailure::InUse(user) => {
            format!("{id} is left: {user} has it, which is no orphan. Take it from that first.")
        }
        DeleteFailure::NotOrdered(word) => format!(
            "{id} is left: the order to release it failed ({}). Check it in the CTyun console.",
            visible(word)
        ),
        DeleteFailure::TakenOver => format!(
            "{id} is left: another state has taken it over since it was listed. Run `eci orphans` \
             again."
        ),
        other => format!("{id} is left: {other:?}"),
    }
}

/// The same for programs.
pub fn json(orphans: &[Orphan]) -> Json {
    orphans.iter().map(one).collect()
}

/// What came of their deletion.
pub fn deleted_json(gone: &[Orphan], left: &[Orphan]) -> Json {
    json!({ "deleted": json(gone), "still_there": json(left) })
}

fn one(orphan: &Orphan) -> Json {
    json!({
        "id": orphan.id.as_str(),
        "kind": orphan.id.kind().name(),
        "name": orphan.name(),
        "status": orphan.look.status,
        "created": orphan.created().map(|made| made.to_string()),
        "attachments": attachments(orphan),
        "operation": orphan.operation,
    })
}

/// So many of them, in words.
pub fn count(orphans: usize) -> String {
    match orphans {
        1 => "1 orphan".to_owned(),
        several => format!("{several} orphans"),
    }
}
