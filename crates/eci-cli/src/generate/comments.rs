//! Comments of generated manifests: what the cloud does not report.

use eci_core::kinds::{CONTAINER_GROUP, VOLUME};
use eci_core::schema::{Availability, Field, Object};
use eci_core::{Map, Value};
use eci_text::{Lang, List, Text, text};

/// Returns the comment before a container group.
pub(super) fn about(id: &str, attributes: &Map, eip: Option<&str>, lang: Lang) -> String {
    let silent = silent(&CONTAINER_GROUP, attributes, &["az_name", "eip"]);
    let mut lines = vec![
        text!(
            en: "Generated for {id}, which `eci apply` imports.",
            zh: "根据 {id} 生成，由 `eci apply` 导入。",
            id = id,
        ),
        text!(
            en: "The cloud does not report these attributes of a container group; add those that were set \
                 when it was created, or a replacement is created without them: {attributes}.",
            zh: "云端不返回容器组的以下属性；应补充创建时设置的属性，否则替换后的容器组没有这些属性：{attributes}。",
            attributes = List::and(silent),
        ),
        text!(
            en: "The cloud does not report the zone either: `az_name` is the value of `--az-name`.",
            zh: "云端也不返回可用区：`az_name` 是 `--az-name` 的值。",
        ),
    ];
    let address = attributes.get("internet_ip").and_then(Value::as_str);
    if let Some(eip) = eip {
        lines.push(text!(
            en: "The cloud does not report whether its EIP was created together with it and is released \
                 together with it. If so, replace all keys of [eip.{eip}] with `auto = true`, and remove \
                 its `[[import]]` table.",
            zh: "云端不返回其弹性 IP 是否随容器组自动创建并随之释放。如果是，将 [eip.{eip}] 的所有键替换为 `auto = true`，并删除其 `[[import]]`。",
            eip = eip,
        ));
        lines.push(ASSUMED_BILLING);
    } else if let Some(address) = address {
        lines.push(text!(
            en: "Its public IP address is {address}, but the cloud does not report the EIP behind it. To bind \
                 that EIP again after a replacement, declare it as [eip.NAME] with its `id`, and set \
                 `eip` to \"NAME\".",
            zh: "其公网 IP 地址为 {address}，但云端不返回对应的弹性 IP。如需在替换后重新绑定该弹性 IP，将其声明为 [eip.NAME] 并设置其 `id`，再将 `eip` 设置为 \"NAME\"。",
            address = address,
        ));
    }
    let volumes = attributes.get("volumes").and_then(Value::as_list);
    let volumes = volumes.unwrap_or_default().iter();
    lines.extend(volumes.filter_map(Value::as_map).filter_map(about_volume));
    comments(&lines, lang)
}

/// Returns what the cloud does not report about a volume of a container group.
fn about_volume(volume: &Map) -> Option<Text> {
    let silent = silent(&VOLUME, volume, &["credential"]);
    let silent = silent.into_iter().map(Text::verbatim);
    let has_files = volume.contains_key("files") || volume.contains_key("items");
    let modes = has_files.then_some(text!(en: "the modes of its files", zh: "各文件的权限"));
    let all: Vec<Text> = silent.chain(modes).collect();
    if all.is_empty() {
        return None;
    }
    let name = volume.get("name").and_then(Value::as_str);
    Some(text!(
        en: "Not reported for volume {name}: {attributes}.",
        zh: "存储卷 {name} 未返回：{attributes}。",
        name = name.unwrap_or_default(),
        attributes = List::and(all),
    ))
}

/// Holds for every EIP.
const ASSUMED_BILLING: Text = Text::fixed(
    "The billing of an EIP is derived from what the cloud reports. The term of a renewed EIP is the \
     longest one that can be ordered.",
    "弹性 IP 的计费方式根据云端返回的信息推断。已续订的弹性 IP 的订购时长是可订购的最长时长。",
);

/// Returns the comment before EIPs that no container group has.
pub(super) fn about_eips(lang: Lang) -> String {
    let lines = [
        text!(
            en: "EIPs that are not bound to a container group. `eci apply` imports them.",
            zh: "未绑定到容器组的弹性 IP，由 `eci apply` 导入。",
        ),
        ASSUMED_BILLING,
    ];
    comments(&lines, lang)
}

/// Returns the comment before disks that no container group mounts.
pub(super) fn about_disks(lang: Lang) -> String {
    let lines = [
        text!(
            en: "Disks that no container group mounts. `eci apply` imports them.",
            zh: "没有容器组挂载的云硬盘，由 `eci apply` 导入。",
        ),
        text!(
            en: "The cloud does not report the file system of a disk: `fs_type` is assumed, and must be \
                 correct for the container group that mounts the disk. It does not report the description \
                 either, nor the image or disk backup that a disk was created from: add those that were \
                 set when it was created, or a replacement is created without them.",
            zh: "云端不返回云硬盘的文件系统：`fs_type` 是假定值，对于挂载该云硬盘的容器组必须正确。云端也不返回描述以及创建云硬盘所用的镜像或云硬盘备份：应补充创建时的设置，否则替换后的云硬盘没有这些设置。",
        ),
    ];
    comments(&lines, lang)
}

/// Returns the comment before imports.
pub(super) fn about_imports(lang: Lang) -> String {
    let line = text!(
        en: "`eci plan` shows the import, and `eci apply` performs it. Then this file can be deleted.",
        zh: "`eci plan` 显示导入计划，`eci apply` 进行导入。之后可以删除此文件。",
    );
    comments(&[line], lang)
}

/// Returns the required attributes that are secrets and that the cloud does not report.
pub(super) fn missing_secrets(object: &'static Object, attributes: &Map) -> Vec<&'static str> {
    let fields = object.fields.iter().filter(|field| {
        field.sensitive
            && field.presence == Availability::Required
            && field.applies_to(attributes)
            && !attributes.contains_key(field.name)
    });
    fields.map(|field| field.name).collect()
}

/// Returns the attributes that are sent and never reported.
fn silent(object: &'static Object, attributes: &Map, but: &[&str]) -> Vec<&'static str> {
    let is_silent = |field: &&Field| {
        field.request_path.is_some()
            && field.response_path.is_none()
            && field.applies_to(attributes)
            && !but.contains(&field.name)
    };
    let fields = object.fields.iter().filter(is_silent);
    fields.map(|field| field.name).collect()
}

/// The columns of a line of a comment, without its sign.
const COLUMNS: usize = 94;

/// Returns comments of lines that are not too long.
///
/// A line break in what the cloud reports does not end one.
fn comments(texts: &[Text], lang: Lang) -> String {
    let lines = texts.iter().flat_map(|text| {
        let text = eci_text::line(text.get(lang));
        eci_render::wrap(&text, COLUMNS)
    });
    lines
        .map(|line| format!("# {}\n", line.trim_end()))
        .collect()
}
