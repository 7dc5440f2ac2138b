//! Mounts and volumes of a container group that is composed of its manifest and of what
//! `ignore_changes` keeps.
//!
//! A mount names a volume of its group. The manifest has both or neither, but either may be kept
//! without the other, and the cloud refuses a group with a mount of a volume that it does not have.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_config::Resource;
use eci_core::value::shared_name;
use eci_core::{Diagnostic, Map, Path, Value, codes, truncate};
use eci_text::{Text, text};

use super::digests::Digests;

const VOLUMES: &str = "volumes";
const LISTS: [&str; 2] = ["containers", "init_containers"];

/// A mount of a volume that its group does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnattachedMount {
    path: Path,
    volume: String,
}

/// Gives a composed group the volumes of its mounts that `kept` has, so that a mount that is kept
/// keeps its volume.
pub(crate) fn keep_volumes(composed: &mut Arc<Map>, kept: &Map, digests: Digests) {
    let unattached = unattached(composed).into_iter();
    let missing: BTreeSet<String> = unattached.map(|mount| mount.volume).collect();
    if missing.is_empty() {
        return;
    }
    let can_keep = |volume: &&Value| {
        let is_missing = name(volume).is_some_and(|name| missing.contains(name));
        let is_lost = digests == Digests::Replaced && volume.has_digest();
        is_missing && !is_lost && !volume.has_unknown()
    };
    let mut volumes = items(composed, VOLUMES).to_vec();
    let before = volumes.len();
    volumes.extend(items(kept, VOLUMES).iter().filter(can_keep).cloned());
    if volumes.len() > before {
        Arc::make_mut(composed).insert(shared_name(VOLUMES), Value::list(volumes));
    }
}

/// Returns the mounts of volumes that a group of these attributes does not have.
pub(crate) fn unattached(group: &Map) -> Vec<UnattachedMount> {
    let is_open = |name: &str| group.get(name).is_some_and(Value::is_unknown);
    if is_open(VOLUMES) {
        return Vec::new();
    }
    let volumes = items(group, VOLUMES);
    let names: BTreeSet<Option<&str>> = volumes.iter().map(name).collect();
    let mut unattached = Vec::new();
    for list in LISTS {
        for container in items(group, list) {
            let path = Path::root().name(list);
            let path = name(container).map_or(path.clone(), |name| path.key(name));
            let mounts = container.get("volume_mounts").and_then(Value::as_list);
            for mount in mounts.unwrap_or_default() {
                let volume = text(mount, "volume");
                if let Some(volume) = volume.filter(|volume| !names.contains(&Some(volume))) {
                    let path = path.name("volume_mounts");
                    let place = text(mount, "mount_path");
                    unattached.push(UnattachedMount {
                        path: place.map_or(path.clone(), |place| path.key(place)),
                        volume: volume.to_owned(),
                    });
                }
            }
        }
    }
    unattached
}

/// Returns the diagnostic for a mount of a volume that the composed group would not have.
pub(crate) fn refused(resource: &Resource, mount: &UnattachedMount) -> Diagnostic {
    let UnattachedMount { path, volume } = mount;
    let address = &resource.address;
    let volume = truncate(volume);
    let message = text!(
        en: "cannot mount volume `{volume}` at `{path}` in {address}: `ignore_changes` keeps only one of the two, and the container group would not have the volume",
        zh: "{address} 的 `{path}` 无法挂载存储卷 `{volume}`：`ignore_changes` 仅保留两者之一，容器组中没有该存储卷",
        volume = volume,
        path = path,
        address = address
    );
    let ignored = Path::root().name("lifecycle").name("ignore_changes");
    Diagnostic::new(codes::IGNORED_VOLUME, message)
        .primary(resource.span_of(path), Text::default())
        .secondary(
            resource.span_of(&ignored),
            text!(en: "ignored here", zh: "在此处忽略"),
        )
        .help(text!(
            en: "ignore both the volume mount and the volume, or neither",
            zh: "同时忽略卷挂载和存储卷，或两者都不忽略"
        ))
}

fn items<'a>(group: &'a Map, list: &str) -> &'a [Value] {
    group.get(list).and_then(Value::as_list).unwrap_or_default()
}

fn name(item: &Value) -> Option<&str> {
    text(item, "name")
}

fn text<'a>(item: &'a Value, key: &str) -> Option<&'a str> {
    item.get(key)?.as_str()
}
