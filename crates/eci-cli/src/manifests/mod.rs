//! Manifests for what is in the cloud already: attributes in, TOML out.
//!
//! * `labels`: what tables are called;
//! * `layout`: how attributes stand in a table;
//! * `notes`: what is to be said about what the cloud keeps silent about.
//!
//! What is written and adopted plans empty: it gives what the cloud reports, and nothing else
//! but what a manifest must give.

mod labels;
mod layout;
mod notes;

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_core::diagnostic::Source;
use eci_core::kinds::CONTAINER_GROUP;
use eci_core::{Kind, Map, Value};
use eci_format::FileKind;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use labels::Labels;
use layout::{Layout, fill};

/// A group as the cloud reports it.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The cloud's id.
    pub(crate) id: String,
    /// Its attributes in normal form.
    pub(crate) attributes: Map,
}

/// What all groups have and the cloud does not report with any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    /// The region, if it is known.
    pub(crate) region: Option<&'a str>,
    /// The zone.
    pub(crate) az_name: &'a str,
}

/// A manifest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Manifest {
    /// Its file.
    pub(crate) name: String,
    /// What it says.
    pub(crate) text: String,
}

/// The files beside those of groups.
const PROVIDER: &str = "provider";
const IMPORTS: &str = "imports";

/// One manifest a group, one with the imports, and one with the region.
pub(crate) fn manifests(groups: &[Group], surroundings: Surroundings<'_>) -> Vec<Manifest> {
    let mut writer = Writer::new(surroundings);
    let mut all: Vec<Manifest> = groups.iter().map(|group| writer.group(group)).collect();
    all.extend(surroundings.region.map(provider));
    all.push(manifest(IMPORTS, IMPORTS_NOTE, writer.imports()));
    all
}

const IMPORTS_NOTE: &str = "\
# `eci plan` shows what is adopted, `eci apply` adopts it; then this file has done its work.
";

struct Writer<'a> {
    surroundings: Surroundings<'a>,
    groups: Labels,
    volumes: Labels,
    /// The labels of the volumes that are written already: groups may share them.
    written: Vec<(Map, String)>,
    imports: ArrayOfTables,
}

impl<'a> Writer<'a> {
    fn new(surroundings: Surroundings<'a>) -> Writer<'a> {
        Writer {
            surroundings,
            groups: Labels::without([PROVIDER, IMPORTS]),
            volumes: Labels::default(),
            written: Vec::new(),
            imports: ArrayOfTables::new(),
        }
    }

    fn group(&mut self, group: &Group) -> Manifest {
        let name = name_of(&group.attributes);
        let label = self.groups.label(name);
        let mut attributes = group.attributes.clone();
        if labels::default_name(&label) == name {
            attributes.remove("name");
        }
        attributes.insert("az_name".into(), Value::from(self.surroundings.az_name));
        let mut document = Table::new();
        let mut variables = Table::new();
        let mut volumes = Table::new();
        let names = self.volumes(&mut attributes, (&mut volumes, &mut variables));
        for (kind, mut table) in [("variable", variables), (Kind::Volume.name(), volumes)] {
            if !table.is_empty() {
                table.set_implicit(true);
                document.insert(kind, Item::Table(table));
            }
        }
        let mut table = Table::new();
        fill(
            &mut table,
            &CONTAINER_GROUP,
            &attributes,
            Layout::new(&names),
        );
        let mut groups = Table::new();
        groups.set_implicit(true);
        groups.insert(&label, Item::Table(table));
        document.insert(Kind::ContainerGroup.name(), Item::Table(groups));
        self.import(&label, &group.id);
        let note = notes::about(&group.id, &group.attributes);
        manifest(&label, &note, document)
    }

    /// Writes the volumes of a group that no other has, and leaves in its attributes those
    /// labels that no mount names. Gives the labels by the volumes' names.
    fn volumes(
        &mut self,
        attributes: &mut Map,
        (tables, variables): (&mut Table, &mut Table),
    ) -> BTreeMap<Arc<str>, String> {
        let mut names = BTreeMap::new();
        let mut unmounted = Vec::new();
        let volumes = attributes.remove("volumes").unwrap_or_default();
        for volume in volumes.as_list().unwrap_or_default() {
            let Some(volume) = volume.as_map() else {
                continue;
            };
            let name = name_of(volume);
            let known = self.written.iter().find(|(known, _)| known == volume);
            let label = match known {
                Some((_, label)) => label.clone(),
                None => {
                    let label = self.volumes.label(name);
                    tables.insert(&label, Item::Table(volume_table(volume, &label, variables)));
                    self.written.push((volume.clone(), label.clone()));
                    label
                }
            };
            if !is_mounted(attributes, name) {
                unmounted.push(Value::from(label.as_str()));
            }
            names.insert(name.into(), label);
        }
        if !unmounted.is_empty() {
            attributes.insert("volumes".into(), Value::list(unmounted));
        }
        names
    }

    fn import(&mut self, label: &str, id: &str) {
        let mut import = Table::new();
        import.insert("to", value(format!("{}.{label}", Kind::ContainerGroup)));
        import.insert("id", value(id));
        self.imports.push(import);
    }

    fn imports(self) -> Table {
        let mut document = Table::new();
        document.insert("import", Item::ArrayOfTables(self.imports));
        document
    }
}

/// The table of a volume. What it must give and the cloud keeps to itself, a variable gives.
fn volume_table(volume: &Map, label: &str, variables: &mut Table) -> Table {
    let mut attributes = volume.clone();
    if labels::default_name(label) == name_of(volume) {
        attributes.remove("name");
    }
    let mut table = Table::new();
    fill(
        &mut table,
        Kind::Volume.schema(),
        &attributes,
        Layout::new(&BTreeMap::new()),
    );
    for secret in notes::missing_secrets(Kind::Volume.schema(), volume) {
        let name = format!("{label}_{secret}");
        table.insert(secret, value(format!("${{var.{name}}}")));
        let mut variable = Table::new();
        variable.insert("type", value("string"));
        variable.insert("sensitive", value(true));
        variables.insert(&name, Item::Table(variable));
    }
    table
}

fn name_of(attributes: &Map) -> &str {
    let name = attributes.get("name").and_then(Value::as_str);
    name.unwrap_or_default()
}

fn is_mounted(group: &Map, volume: &str) -> bool {
    let lists = [group.get("containers"), group.get("init_containers")];
    let containers = lists.into_iter().flatten().filter_map(Value::as_list);
    let mounts = containers
        .flatten()
        .filter_map(|container| container.get("volume_mounts")?.as_list());
    mounts
        .flatten()
        .any(|mount| mount.get("volume").and_then(Value::as_str) == Some(volume))
}

fn provider(region: &str) -> Manifest {
    let mut provider = Table::new();
    provider.insert("region_id", value(region));
    let mut document = Table::new();
    document.insert("provider", Item::Table(provider));
    manifest(PROVIDER, "", document)
}

fn manifest(name: &str, note: &str, table: Table) -> Manifest {
    let document = DocumentMut::from(table);
    let text = document.to_string();
    let gap = if note.is_empty() { "" } else { "\n" };
    let name = format!("{name}{}", eci_format::MANIFEST_ENDING);
    let text = format!("{note}{gap}{}", text.trim_start());
    let source = Arc::new(Source::new(&*name, text));
    // What is written is TOML; if it were not, reading it back would tell.
    let laid_out = eci_format::format(&source, FileKind::Manifest);
    Manifest {
        name,
        text: laid_out.unwrap_or_else(|_| source.text.clone()),
    }
}

#[cfg(test)]
mod tests;
