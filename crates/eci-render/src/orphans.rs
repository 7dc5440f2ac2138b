//! Orphaned resources: those that a state created and does not record.

use eci_core::Value;
use eci_executor::orphans::{DeleteFailure, Orphan};
use eci_planner::attachment;
use eci_text::{Lang, List, Text, say, text};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::columns::{Cell, columns};
use super::running::{NOTHING, span};
use super::style::{Style, visible};

/// Returns orphaned resources as a table.
pub fn text(orphans: &[Orphan], now: Timestamp, style: Style) -> String {
    let lang = style.lang();
    let rows = orphans.iter().map(|orphan| row(orphan, now, lang));
    let rows: Vec<[Cell; 7]> = rows.collect();
    let heads = lang.pick(
        [
            "ID",
            "TYPE",
            "NAME",
            "STATUS",
            "AGE",
            "ATTACHED TO",
            "OPERATION TAG",
        ],
        [
            "ID",
            "类型",
            "名称",
            "运行状态",
            "存续时间",
            "挂载对象",
            "操作标签",
        ],
    );
    columns(heads, &rows, style)
}

fn row(orphan: &Orphan, now: Timestamp, lang: Lang) -> [Cell; 7] {
    let age = |created: Timestamp| span((now.as_second() - created.as_second()).max(0));
    let age = orphan.created().map_or_else(|| NOTHING.to_owned(), age);
    [
        orphan.id.as_str().into(),
        orphan
            .id
            .kind()
            .properties()
            .nouns
            .in_all()
            .get(lang)
            .into(),
        visible(orphan.name()).into(),
        visible(&orphan.remote.status).into(),
        age.into(),
        attached(orphan).into(),
        visible(&orphan.operation).into(),
    ]
}

/// Returns the object that an EIP or a disk is attached to, and the mounted disks of a container group.
fn attachments(orphan: &Orphan) -> Vec<String> {
    let disks = attachment::disks(&orphan.remote.attributes).into_iter();
    let disks = disks.filter(|disk| !disk.is_empty()).map(str::to_owned);
    let mounted = disks.filter(|_| orphan.id.kind().properties().holds_attachments);
    orphan
        .remote
        .attached_to()
        .into_iter()
        .chain(mounted)
        .collect()
}

fn attached(orphan: &Orphan) -> String {
    let attachments = attachments(orphan);
    if attachments.is_empty() {
        NOTHING.to_owned()
    } else {
        visible(&attachments.join(", "))
    }
}

/// Returns what cannot be recovered once orphaned resources are deleted, if there is such.
pub fn lost(orphans: &[Orphan], lang: Lang) -> Option<String> {
    let disks: Vec<String> = orphans
        .iter()
        .filter(|orphan| orphan.id.kind().properties().holds_data())
        .map(|orphan| disk(orphan, lang))
        .collect();
    let addresses: Vec<String> = orphans
        .iter()
        .filter(|orphan| orphan.id.kind().properties().is_public_ip)
        .map(|orphan| {
            let address = orphan
                .remote
                .attributes
                .get("address")
                .and_then(Value::as_str);
            visible(address.unwrap_or_else(|| orphan.name()))
        })
        .collect();
    let mut lines = Vec::new();
    if !disks.is_empty() {
        lines.push(say!(
            lang,
            en: "All data on these disks is lost, with their snapshots: {disks}.",
            zh: "以下云硬盘上的全部数据及其快照将丢失：{disks}。",
            disks = List::and(disks),
        ));
    }
    if !addresses.is_empty() {
        lines.push(say!(
            lang,
            en: "These EIPs are released and probably cannot be obtained again: {addresses}.",
            zh: "以下弹性 IP 将释放，之后难以再次获得：{addresses}。",
            addresses = List::and(addresses),
        ));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn disk(orphan: &Orphan, lang: Lang) -> String {
    let name = visible(orphan.name());
    let disk = orphan.remote.attributes.get("disk");
    match disk.and_then(|disk| disk.get("size")?.as_number()?.as_i64()) {
        Some(size) => say!(
            lang,
            en: "{name} ({size} GB)",
            zh: "{name}（{size} GB）",
            name = name,
            size = size,
        ),
        None => name,
    }
}

/// Returns why an orphaned resource was not deleted.
pub fn left(orphan: &Orphan, why: &DeleteFailure) -> Text {
    let id = orphan.id.to_string();
    match why {
        DeleteFailure::StillThere => text!(
            en: "{id} still exists after its delete. Run `eci orphans` again later.",
            zh: "{id} 在删除后仍然存在。稍后再次执行 `eci orphans`。",
            id = id,
        ),
        DeleteFailure::InUse(user) => text!(
            en: "{id} was not deleted, because {user} uses it, which is not orphaned. Detach it first.",
            zh: "{id} 未删除：{user} 正在使用该资源，而 {user} 不是孤立资源。先将该资源卸载。",
            id = id,
            user = user,
        ),
        DeleteFailure::NotOrdered(word) => text!(
            en: "{id} was not deleted, because the order to release it failed ({word}). Check the order in \
                 the CTyun console.",
            zh: "{id} 未删除：释放订单失败（{word}）。在天翼云控制台检查该订单。",
            id = id,
            word = visible(word),
        ),
        DeleteFailure::TakenOver => text!(
            en: "{id} was not deleted, because another state has taken it over since it was listed. Run `eci \
                 orphans` again.",
            zh: "{id} 未删除：列出之后，另一个状态已接管该资源。再次执行 `eci orphans`。",
            id = id,
        ),
        _ => text!(en: "{id} was not deleted.", zh: "{id} 未删除。", id = id),
    }
}

/// Returns orphaned resources for programs.
pub fn json(orphans: &[Orphan]) -> Json {
    orphans.iter().map(one).collect()
}

/// Returns the outcome of their deletion for programs.
pub fn deleted_json(deleted: &[Orphan], left: &[Orphan]) -> Json {
    json!({ "deleted": json(deleted), "not_deleted": json(left) })
}

fn one(orphan: &Orphan) -> Json {
    json!({
        "id": orphan.id.as_str(),
        "kind": orphan.id.kind().name(),
        "name": orphan.name(),
        "status": orphan.remote.status,
        "created": orphan.created().map(|time| time.to_string()),
        "attachments": attachments(orphan),
        "operation": orphan.operation,
    })
}
