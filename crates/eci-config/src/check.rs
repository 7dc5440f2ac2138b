//! The first evaluation: of every resource, each after those it refers to, with nothing known
//! of the cloud. It finds what is wrong before anything is planned.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use eci_core::parallel::in_parts;
use eci_core::schema::{Availability, Field};
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, Path, Value, codes};
use eci_lang::within;
use eci_text::{Text, text};

use crate::lints::advise;
use crate::resource::Resource;
use crate::scope::Scope;

/// The number of resources from which a thread is worth its cost.
const LEAST: usize = 200;

/// The resources of a configuration, and the position of each by its address.
#[derive(Clone, Copy)]
struct Resources<'a> {
    all: &'a [Arc<Resource>],
    index: &'a HashMap<Address, usize>,
}

/// The values of all referenced resources, as far as they follow from the configuration alone.
#[derive(Debug, Default)]
pub(crate) struct Preview {
    tables: HashMap<Address, Value>,
}

impl Scope for Preview {
    fn resource(&self, address: &Address) -> Option<Value> {
        self.tables.get(address).cloned()
    }
}

impl Preview {
    /// Evaluates all resources, reports errors in them and remembers those that
    /// others, or tables other than resources, refer to. Resources on a cycle are unknown to each
    /// other: the planner reports the cycle.
    pub(crate) fn of(
        resources: &[Arc<Resource>],
        index: &HashMap<Address, usize>,
        needed_elsewhere: impl IntoIterator<Item = Address>,
        diagnostics: &mut Diagnostics,
    ) -> Preview {
        let mut preview = Preview::default();
        let resources_by_address = Resources {
            all: resources,
            index,
        };
        let mut needed: HashSet<Address> = needed_elsewhere.into_iter().collect();
        for resource in resources {
            needed.extend(resource.value_dependencies().cloned());
        }
        for level in levels(resources, index) {
            let evaluated = |part: &[usize]| {
                let mut own = Diagnostics::default();
                let mut tables = Vec::new();
                let computed = ComputedFields::new();
                for at in part {
                    let resource = &resources[*at];
                    let attributes = preview.checked(resource, resources_by_address, &mut own);
                    if needed.contains(&resource.address) {
                        let table = computed.with_unknowns(resource.address.kind(), &attributes);
                        tables.push((resource.address.clone(), table));
                    }
                }
                (own, tables)
            };
            let parts = in_parts(&level, LEAST, |part| match resources.first() {
                Some(resource) => within(resource.budget(), || evaluated(part)),
                None => evaluated(part),
            });
            for (mut own, tables) in parts {
                diagnostics.0.append(&mut own.0);
                preview.tables.extend(tables);
            }
        }
        preview
    }

    /// Returns the attributes of a resource, and reports the errors in them.
    fn checked(
        &self,
        resource: &Resource,
        all: Resources<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Arc<Map> {
        let mut own = Diagnostics::default();
        let attributes = resource.evaluate_into(self, &mut own);
        if resource.budget().is_exhausted() {
            // What was not evaluated seems to lack much.
            return attributes;
        }
        if resource.address.kind().properties().holds_attachments {
            let group = EvaluatedGroup {
                resource,
                attributes: &attributes,
            };
            check_zones(group, all, self, &mut own);
        }
        if !own.has_errors() {
            advise(resource, &attributes, &mut own);
        }
        resource.budget().charge_found(&own.0);
        diagnostics.0.append(&mut own.0);
        attributes
    }
}

/// The attributes of each resource type that only the cloud sets.
///
/// Their names are allocated once, and shared by all resources of one part of the work.
struct ComputedFields(HashMap<Kind, Vec<(Arc<str>, &'static Field)>>);

impl ComputedFields {
    fn new() -> ComputedFields {
        let computed_later = |kind: Kind| {
            let is_computed_later = move |field: &&Field| match field.presence {
                Availability::Computed | Availability::OptionalComputed => true,
                _ => kind.properties().assigned.contains(&field.name),
            };
            let fields = kind.schema().fields.iter().filter(is_computed_later);
            (
                kind,
                fields.map(|field| (field.name.into(), field)).collect(),
            )
        };
        ComputedFields(Kind::ALL.into_iter().map(computed_later).collect())
    }

    /// Returns the attributes together with those that only the cloud sets, which are unknown.
    fn with_unknowns(&self, kind: Kind, attributes: &Map) -> Value {
        let fields = self.0.get(&kind).map_or(&[][..], Vec::as_slice);
        let mut attributes = attributes.clone();
        attributes.reserve(fields.len());
        for (name, field) in fields {
            if field.applies_to(&attributes) {
                attributes.entry(name.clone()).or_insert(Value::Unknown);
            }
        }
        Value::map(attributes)
    }
}

/// Returns the resources in levels: those that refer to no other, then those that refer to nothing
/// but these, and so on; those on cycles last, one by one.
fn levels(resources: &[Arc<Resource>], index: &HashMap<Address, usize>) -> Vec<Vec<usize>> {
    let mut missing: Vec<usize> = vec![0; resources.len()];
    let mut dependents: Vec<Vec<usize>> = vec![Vec::new(); resources.len()];
    for (at, resource) in resources.iter().enumerate() {
        for reference in resource.references.iter().filter_map(|it| index.get(it)) {
            missing[at] += 1;
            dependents[*reference].push(at);
        }
    }
    let all = 0..resources.len();
    let mut level: Vec<usize> = all.clone().filter(|at| missing[*at] == 0).collect();
    let mut levels = Vec::new();
    while !level.is_empty() {
        let mut next = Vec::new();
        for dependent in level.iter().flat_map(|done| &dependents[*done]) {
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                next.push(*dependent);
            }
        }
        levels.push(std::mem::replace(&mut level, next));
    }
    levels.extend(all.filter(|at| missing[*at] > 0).map(|at| vec![at]));
    levels
}

/// An object that only one container group can use at a time.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ExclusiveObject<'a> {
    /// A disk that exists, by its id.
    Disk(&'a str),
    /// An EIP that exists, by its id.
    Eip(&'a str),
    /// A resource of the configuration.
    Resource(&'a Address),
}

const FIRST_USED: Text = Text::fixed("first used here", "在此处首次使用");

const USED_AGAIN: Text = Text::fixed("used again here", "在此处再次使用");

/// A link of a container group to an object that serves one group at a time.
#[derive(Clone, Copy)]
struct Usage<'a> {
    group: &'a Resource,
    linked: &'a Address,
}

/// Returns the error of two links to the same object in the cloud.
fn used_twice(object: ExclusiveObject<'_>, first: Usage<'_>, second: Usage<'_>) -> Diagnostic {
    let (what, attribute) = match object {
        ExclusiveObject::Disk(id) => (
            text!(en: "disk {id}", zh: "云硬盘 {id}", id = id),
            "volumes",
        ),
        ExclusiveObject::Eip(id) => (text!(en: "EIP {id}", zh: "弹性 IP {id}", id = id), "eip"),
        ExclusiveObject::Resource(address) => {
            // In Chinese it comes after a Han character.
            let address = address.to_string();
            (
                text!(en: "{address}", zh: " {address}", address = address),
                "volumes",
            )
        }
    };
    let is_within_one = first.group.address == second.group.address;
    let message = if is_within_one {
        text!(
            en: "{one} and {other} in {group} both use {what}",
            zh: "{group} 中的 {one} 和 {other} 都使用了{what}",
            one = first.linked.to_string(),
            other = second.linked.to_string(),
            group = second.group.address.to_string(),
            what = what,
        )
    } else {
        text!(
            en: "{what} can be used by only one container group at a time, but both {first} ({one}) and {second} ({other}) use it",
            zh: "{first}（{one}）和 {second}（{other}）都使用了{what}，但该资源同一时间只能由一个容器组使用",
            what = what,
            first = first.group.address.to_string(),
            one = first.linked.to_string(),
            second = second.group.address.to_string(),
            other = second.linked.to_string(),
        )
    };
    let path = Path::root().name(attribute);
    let mut diagnostic = Diagnostic::new(codes::NOT_SHAREABLE, message)
        .primary(second.group.span_of(&path), USED_AGAIN)
        .help(text!(
            en: "set another ID in one of them, or use it in only one container group",
            zh: "为其中之一设置其他 ID，或仅在一个容器组中使用",
        ));
    if !is_within_one {
        diagnostic = diagnostic.secondary(first.group.span_of(&path), FIRST_USED);
    }
    diagnostic
}

/// A container group and its attributes in normal form.
#[derive(Clone, Copy)]
struct EvaluatedGroup<'a> {
    resource: &'a Resource,
    attributes: &'a Map,
}

/// Reports managed disks that are in another zone than the group that mounts them.
fn check_zones(
    group: EvaluatedGroup<'_>,
    resources: Resources<'_>,
    preview: &Preview,
    diagnostics: &mut Diagnostics,
) {
    let Some(zone) = group.attributes.get("az_name").and_then(Value::as_str) else {
        return;
    };
    for volume in group
        .resource
        .links
        .iter()
        .filter(|link| link.kind().properties().holds_data())
    {
        let disk = preview
            .tables
            .get(volume)
            .and_then(|table| table.get("disk"));
        let Some(other) = disk.and_then(|disk| disk.get("az_name")?.as_str()) else {
            continue;
        };
        if other == zone {
            continue;
        }
        let message = text!(
            en: "{volume} is in zone {other}, but {group}, which mounts it, is in zone {zone}",
            zh: "{volume} 在可用区 {other}，而挂载该云硬盘的 {group} 在可用区 {zone}",
            volume = volume.to_string(),
            other = other,
            group = group.resource.address.to_string(),
            zone = zone,
        );
        let mut diagnostic = Diagnostic::new(codes::ZONE, message)
            .primary(
                group.resource.span_of(&Path::root().name("az_name")),
                text!(en: "zone of the container group", zh: "容器组的可用区"),
            )
            .help(text!(
                en: "use one zone for both: a disk can be mounted only in its own zone",
                zh: "两者使用同一可用区：云硬盘只能在其所在的可用区中挂载",
            ));
        if let Some(declared) = resources.index.get(volume) {
            let path = Path::root().name("disk").name("az_name");
            diagnostic = diagnostic.secondary(
                resources.all[*declared].span_of(&path),
                text!(en: "zone of the disk", zh: "云硬盘的可用区"),
            );
        }
        diagnostics.push(diagnostic);
    }
}

/// Reports disks and EIPs that two container groups use, although only one of them can.
pub(crate) fn check_shared(
    resources: &[Arc<Resource>],
    index: &HashMap<Address, usize>,
    preview: &Preview,
    diagnostics: &mut Diagnostics,
) {
    let mut users: HashMap<ExclusiveObject<'_>, Usage<'_>> = HashMap::new();
    for resource in resources {
        for link in &resource.links {
            let table = preview.tables.get(link);
            let text = |key: &str| table.and_then(|table| table.get(key)?.as_str());
            let named = match link.kind() {
                Kind::Volume if text("type") != Some("DiskVolume") => continue,
                Kind::Volume => text("volume_handle").map(ExclusiveObject::Disk),
                _ => text("id").map(ExclusiveObject::Eip),
            };
            let object = named.unwrap_or(ExclusiveObject::Resource(link));
            let usage = Usage {
                group: resource,
                linked: link,
            };
            let Some(earlier) = users.insert(object, usage) else {
                continue;
            };
            if earlier.linked != link {
                diagnostics.push(used_twice(object, earlier, usage));
                continue;
            }
            let first = earlier.group;
            let attribute = link.kind().properties().attached_as;
            let path = Path::root().name(attribute.unwrap_or_default());
            let message = text!(
                en: "{link} can be used by only one container group at a time, but both {first} and {second} use it",
                zh: "{first} 和 {second} 都使用了 {link}，但该资源同一时间只能由一个容器组使用",
                link = link.to_string(),
                first = first.address.to_string(),
                second = resource.address.to_string(),
            );
            let mut diagnostic = Diagnostic::new(codes::NOT_SHAREABLE, message)
                .primary(resource.span_of(&path), USED_AGAIN)
                .secondary(first.span_of(&path), FIRST_USED)
                .help(text!(
                    en: "declare another resource for {second}; the first use is at {place}",
                    zh: "为 {second} 声明另一个资源；首次使用位于 {place}",
                    second = resource.address.to_string(),
                    place = first.place.to_string(),
                ));
            if let Some(declared) = index.get(link) {
                diagnostic = diagnostic.secondary(
                    resources[*declared].place.clone(),
                    text!(en: "declared here", zh: "在此处声明"),
                );
            }
            diagnostics.push(diagnostic);
        }
    }
}
