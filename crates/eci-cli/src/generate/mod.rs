//! Manifests for what is in the cloud already: attributes in, TOML out.
//!
//! * `labels`: what tables are called;
//! * `layout`: the layout of attributes in a table;
//! * `comments`: what the cloud does not report;
//! * `eips_and_disks`: standalone EIPs and managed disks.
//!
//! What is written and adopted plans empty: it gives what the cloud reports, and nothing else
//! but what a manifest must give.

mod comments;
mod eips_and_disks;
mod labels;
mod layout;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use eci_core::diagnostic::Source;
use eci_core::kinds::CONTAINER_GROUP;
use eci_core::{Kind, Map, Value};
use eci_format::FileKind;
use eci_text::Lang;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use labels::Labels;
use layout::{ManifestLayout, fill};

/// A group as the cloud reports it.
#[derive(Clone, Debug)]
pub(crate) struct ReportedGroup {
    /// The cloud's id.
    pub(crate) id: String,
    /// Its attributes in normal form.
    pub(crate) attributes: Map,
}

/// A standalone EIP or a managed disk as the cloud reports it.
#[derive(Clone, Debug)]
pub(crate) struct RemoteItem {
    /// The cloud's id.
    pub(crate) id: String,
    /// Its attributes in normal form, and its billing terms.
    pub(crate) attributes: Map,
    /// The object that it is attached to, if any.
    pub(crate) user: Option<String>,
}

/// The objects for which manifests are written, each list in the order of the manifests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// Container groups.
    pub(crate) groups: Vec<ReportedGroup>,
    /// EIPs: free ones, and those of the groups.
    pub(crate) eips: Vec<RemoteItem>,
    /// Disks: free ones, and those that the groups mount.
    pub(crate) disks: Vec<RemoteItem>,
}

impl Account {
    /// Returns whether nothing is to be written.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.eips.is_empty() && self.disks.is_empty()
    }
}

/// The settings that all groups share and that the cloud does not report with any of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GenerateInput<'a> {
    /// The region, if it is known.
    pub(crate) region: Option<&'a str>,
    /// The zone of the groups.
    pub(crate) az_name: Option<&'a str>,
    /// The language of the comments.
    pub(crate) lang: Lang,
}

/// A manifest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Manifest {
    /// Its file.
    pub(crate) name: String,
    /// The content of the file.
    pub(crate) text: String,
}

/// The files in addition to those of groups.
const PROVIDER: &str = "provider";
const IMPORTS: &str = "imports";
const EIPS: &str = "eips";
const DISKS: &str = "disks";

/// Writes one manifest for each group, with its EIP and its volumes; one for the EIPs and one for
/// the disks that no group has; one with the imports, and one with the region.
pub(crate) fn manifests(account: &Account, surroundings: GenerateInput<'_>) -> Vec<Manifest> {
    let mut writer = ManifestWriter::new(account, surroundings);
    let groups = account.groups.iter();
    let mut all: Vec<Manifest> = groups.map(|group| writer.group(group)).collect();
    all.extend(writer.free_eips());
    all.extend(writer.free_disks());
    all.extend(surroundings.region.map(provider));
    let comment = comments::about_imports(surroundings.lang);
    all.push(manifest(IMPORTS, &comment, writer.imports()));
    all
}

struct ManifestWriter<'a> {
    account: &'a Account,
    surroundings: GenerateInput<'a>,
    group_names: NameCounts<'a>,
    eip_names: NameCounts<'a>,
    groups: Labels,
    volumes: Labels,
    eips: Labels,
    /// The labels of the volumes that are written already: groups may share them.
    written: Vec<(Map, String)>,
    /// The EIPs and disks that are written already, by their ids.
    done: HashSet<&'a str>,
    imports: ArrayOfTables,
}

/// The tables that a manifest gets, by kind.
#[derive(Default)]
struct Tables {
    variables: Table,
    eips: Table,
    volumes: Table,
    groups: Table,
}

impl Tables {
    fn document(self) -> Table {
        let mut document = Table::new();
        for (kind, mut table) in [
            ("variable", self.variables),
            (Kind::Eip.name(), self.eips),
            (Kind::Volume.name(), self.volumes),
            (Kind::ContainerGroup.name(), self.groups),
        ] {
            if !table.is_empty() {
                table.set_implicit(true);
                document.insert(kind, Item::Table(table));
            }
        }
        document
    }
}

impl<'a> ManifestWriter<'a> {
    fn new(account: &'a Account, surroundings: GenerateInput<'a>) -> ManifestWriter<'a> {
        ManifestWriter {
            account,
            surroundings,
            group_names: NameCounts::of(account.groups.iter().map(|it| &it.attributes)),
            eip_names: NameCounts::of(account.eips.iter().map(|it| &it.attributes)),
            groups: Labels::without([PROVIDER, IMPORTS, EIPS, DISKS]),
            volumes: Labels::default(),
            eips: Labels::default(),
            written: Vec::new(),
            done: HashSet::new(),
            imports: ArrayOfTables::new(),
        }
    }

    fn group(&mut self, group: &ReportedGroup) -> Manifest {
        let name = name_of(&group.attributes);
        let label = self.groups.label(name);
        let mut attributes = group.attributes.clone();
        if labels::default_name(&label) == name && !self.group_names.is_shared(name) {
            attributes.remove("name");
        }
        if let Some(zone) = self.surroundings.az_name {
            attributes.insert("az_name".into(), Value::from(zone));
        }
        let mut tables = Tables::default();
        let eip = self.eip_of(&group.id, &mut tables.eips);
        if let Some(eip) = &eip {
            attributes.insert("eip".into(), Value::from(eip.as_str()));
        }
        let names = self.volumes(&mut attributes, &mut tables);
        let mut table = Table::new();
        fill(
            &mut table,
            &CONTAINER_GROUP,
            &attributes,
            ManifestLayout::new(&names),
        );
        tables.groups.insert(&label, Item::Table(table));
        self.import(Kind::ContainerGroup, &label, &group.id);
        let lang = self.surroundings.lang;
        let note = comments::about(&group.id, &group.attributes, eip.as_deref(), lang);
        manifest(&label, &note, tables.document())
    }

    /// Writes the volumes of a group that no other has, and leaves in its attributes those
    /// labels that no mount names. Gives the labels by the volumes' names.
    fn volumes(&mut self, attributes: &mut Map, tables: &mut Tables) -> BTreeMap<Arc<str>, String> {
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
                    let whole = self.with_disk(volume, &label);
                    let table = volume_table(&whole, &label, &mut tables.variables);
                    tables.volumes.insert(&label, Item::Table(table));
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

    fn import(&mut self, kind: Kind, label: &str, id: &str) {
        let mut import = Table::new();
        import.insert("to", value(format!("{kind}.{label}")));
        import.insert("id", value(id));
        self.imports.push(import);
    }

    fn imports(self) -> Table {
        let mut document = Table::new();
        document.insert("import", Item::ArrayOfTables(self.imports));
        document
    }
}

/// Writes the table of a volume.
///
/// A variable gives the required values that the cloud does not report.
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
        ManifestLayout::new(&BTreeMap::new()),
    );
    for secret in comments::missing_secrets(Kind::Volume.schema(), volume) {
        let name = format!("{label}_{secret}");
        table.insert(secret, value(format!("${{var.{name}}}")));
        let mut variable = Table::new();
        variable.insert("type", value("string"));
        variable.insert("sensitive", value(true));
        variables.insert(&name, Item::Table(variable));
    }
    table
}

/// The number of resources of one kind with each name.
struct NameCounts<'a>(HashMap<&'a str, usize>);

impl<'a> NameCounts<'a> {
    /// Counts the names of these.
    fn of(attributes: impl Iterator<Item = &'a Map>) -> NameCounts<'a> {
        let mut counts = HashMap::new();
        for name in attributes.map(name_of) {
            *counts.entry(name).or_default() += 1;
        }
        NameCounts(counts)
    }

    /// Returns whether several have a name.
    ///
    /// Such a name is written: a default one is distinct.
    fn is_shared(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|count| *count > 1)
    }
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
    // The text is TOML; if it were not, reading it back would fail.
    let formatted = eci_format::format(&source, FileKind::Manifest);
    Manifest {
        name,
        text: formatted.unwrap_or_else(|_| source.text.clone()),
    }
}

#[cfg(test)]
mod tests;
