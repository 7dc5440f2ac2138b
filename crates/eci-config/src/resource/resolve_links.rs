//! Puts linked resources in the place of their labels.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use eci_core::kinds::is_standalone;
use eci_core::path::PathCursor;
use eci_core::{Address, Diagnostic, Kind, Map, Value, codes};
use eci_text::text;

use super::attributes::Evaluation;
use super::label::{BadLabel, resolve, unknown};

/// The volumes of a group, in their order.
#[derive(Default)]
struct Volumes {
    order: Vec<Address>,
    /// The volumes as a set, to find one that is already listed.
    known: HashSet<Address>,
    /// By name, to find two of the same.
    names: BTreeMap<Arc<str>, Address>,
    /// Whether some are unknown.
    unknown: bool,
}

impl Evaluation<'_> {
    /// Links a container group: its EIP and volumes become tables of attributes, and the
    /// volumes of mounts become names. A volume that a container mounts need not be listed.
    pub(super) fn link(&mut self, attributes: &mut Map) {
        let path = PathCursor::Root.name("eip");
        if let Some(eip) = attributes.get_mut("eip") {
            *eip = match self.resolve(Kind::Eip, eip, &path) {
                Some(address) => self.attributes_of(&address),
                None => Value::Unknown,
            };
        }
        let mut volumes = Volumes::default();
        self.list_volumes(attributes.get("volumes"), &mut volumes);
        for containers in ["containers", "init_containers"] {
            let path = PathCursor::Root.name(containers);
            if let Some(value) = attributes.get_mut(containers) {
                each_table(value, |at, container| {
                    self.link_mounts(container, &path.index(at), &mut volumes);
                });
            }
        }
        if volumes.unknown {
            attributes.insert("volumes".into(), Value::Unknown);
        } else if !volumes.order.is_empty() {
            let tables = volumes
                .order
                .iter()
                .map(|address| self.attributes_of(address));
            attributes.insert("volumes".into(), Value::list(tables.collect()));
        }
    }

    fn list_volumes(&mut self, listed: Option<&Value>, volumes: &mut Volumes) {
        let path = PathCursor::Root.name("volumes");
        match listed.map(|listed| listed.reveal().0) {
            None => {}
            Some(Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    let path = path.index(at);
                    let Some(address) = self.resolve(Kind::Volume, item, &path) else {
                        volumes.unknown = true;
                        continue;
                    };
                    if volumes.known.contains(&address) {
                        let message = text!(
                            en: "duplicate volume {address}",
                            zh: "存储卷 {address} 重复",
                            address = address.to_string(),
                        );
                        let help = text!(en: "list it once", zh: "只列出一次");
                        self.error(codes::DUPLICATE, message, &path.path(), help);
                    } else {
                        self.add_volume(address, &path, volumes);
                    }
                }
            }
            Some(_) => {
                self.unknown_label(Kind::Volume, &path);
                volumes.unknown = true;
            }
        }
    }

    fn link_mounts(&mut self, container: &mut Map, path: &PathCursor<'_>, volumes: &mut Volumes) {
        let path = path.name("volume_mounts");
        let Some(mounts) = container.get_mut("volume_mounts") else {
            return;
        };
        if mounts.is_unknown() {
            self.unknown_label(Kind::Volume, &path);
            volumes.unknown = true;
        }
        each_table(mounts, |at, mount| {
            let path = path.index(at);
            let path = path.name("volume");
            // A mount without a volume was reported.
            let Some(volume) = mount.get_mut("volume") else {
                return;
            };
            *volume = match self.resolve(Kind::Volume, volume, &path) {
                Some(address) => {
                    let name = self.name_of(&address);
                    self.add_volume(address, &path, volumes);
                    name
                }
                None => {
                    volumes.unknown = true;
                    Value::Unknown
                }
            };
        });
    }

    fn add_volume(&mut self, address: Address, path: &PathCursor<'_>, volumes: &mut Volumes) {
        if !volumes.known.insert(address.clone()) {
            return;
        }
        if let Value::String(name) = self.name_of(&address) {
            match volumes.names.get(&name) {
                Some(other) => {
                    let message = text!(
                        en: "duplicate volume name {name}: {address} and {other}",
                        zh: "存储卷名称 {name} 重复：{address} 和 {other}",
                        name = format!("{name:?}"),
                        address = address.to_string(),
                        other = other.to_string(),
                    );
                    let help = text!(
                        en: "set another `name` in one of them",
                        zh: "为其中之一设置其他 `name`",
                    );
                    self.error(codes::DUPLICATE, message, &path.path(), help);
                }
                None => {
                    volumes.names.insert(name, address.clone());
                }
            }
        }
        volumes.order.push(address);
    }

    /// Returns the resource that a label names; `None` if it names none, which is then reported.
    fn resolve(&mut self, kind: Kind, label: &Value, path: &PathCursor<'_>) -> Option<Address> {
        let Some(text) = label.as_str() else {
            self.unknown_label(kind, path);
            return None;
        };
        match resolve(&self.context, kind, text) {
            Ok(address) => Some(address),
            Err(bad) => {
                self.bad_label(bad, path);
                None
            }
        }
    }

    fn bad_label(&mut self, bad: BadLabel, path: &PathCursor<'_>) {
        let place = self.resource.span_of(&path.path());
        let diagnostic = Diagnostic::new(codes::RESOURCE_NAME, bad.message.clone()).at(place);
        self.diagnostics.push(bad.with_remedy(diagnostic));
    }

    fn unknown_label(&mut self, kind: Kind, path: &PathCursor<'_>) {
        // A label whose error was reported is unknown too.
        if !self.diagnostics.has_errors() && !self.context.environment.is_incomplete {
            let bad = unknown(kind);
            self.bad_label(bad, path);
        }
    }

    /// Returns the part of a linked resource that is sent with its group: the attributes that its
    /// manifest sets, or the ID of a resource that exists on its own.
    fn attributes_of(&self, address: &Address) -> Value {
        let Some(Value::Map(entries)) = self.context.scope.resource(address) else {
            return Value::Unknown;
        };
        let kind = address.kind();
        let managed = is_standalone(kind, &entries);
        let id = || entries.get("id").cloned().unwrap_or(Value::Unknown);
        if managed && kind.properties().is_public_ip {
            return Value::from([("id", id())]);
        }
        let schema = address.kind().schema();
        let own = entries.iter().filter(|(name, _)| {
            schema
                .field(name, &entries)
                .is_some_and(|field| field.is_writable())
        });
        let mut own: Map = own
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if managed {
            own.remove("disk");
            own.insert("volume_handle".into(), id());
        }
        Value::map(own)
    }

    fn name_of(&self, address: &Address) -> Value {
        let table = self.context.scope.resource(address);
        table
            .and_then(|table| table.get("name").cloned())
            .unwrap_or(Value::Unknown)
    }
}

/// Changes each table of a list in place, also where the list is sensitive as a whole.
fn each_table(list: &mut Value, mut change: impl FnMut(usize, &mut Map)) {
    match list {
        Value::List(items) => {
            for (at, item) in Arc::make_mut(items).iter_mut().enumerate() {
                in_table(item, |table| change(at, table));
            }
        }
        Value::Sensitive(inner) => {
            let mut bare = inner.expose().clone();
            if let Value::List(_) = bare {
                each_table(&mut bare, change);
            }
            *list = bare.into_sensitive();
        }
        _ => {}
    }
}

fn in_table(value: &mut Value, change: impl FnOnce(&mut Map)) {
    match value {
        Value::Map(entries) => change(Arc::make_mut(entries)),
        Value::Sensitive(inner) => {
            let mut bare = inner.expose().clone();
            if let Value::Map(entries) = &mut bare {
                change(Arc::make_mut(entries));
            }
            *value = bare.into_sensitive();
        }
        _ => {}
    }
}
