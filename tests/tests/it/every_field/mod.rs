//! Every field of the API reference, from a manifest to an empty plan.
//!
//! Each row of the table becomes a separate group in one configuration. The expected value of a row
//! is compared with the request that the sandbox recorded and with the sandbox's report, and the
//! plan afterwards has to be empty. The set of fields is compared as well, with the API reference,
//! with the types that are sent, and with the descriptions of the manifests' fields.

#![allow(clippy::unwrap_used)]

mod client_only;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use client_only::{CLIENT_ONLY, SPELLINGS};
use eci_api::types::CreateContainerGroup;
use eci_core::kinds::{CONTAINER_GROUP, EIP, VOLUME};
use eci_core::schema::{FactSource, Link, Object, Type};
use eci_core::{Kind, OperationTag};
use eci_tests::{Cloud, Project, model, vendor_page, wire};
use rows::{Row, rows};
use serde_json::Value as Json;
use toml::{Table, Value, toml};

fn covered() -> BTreeSet<String> {
    rows().iter().map(|row| row.place.to_owned()).collect()
}

/// Checks that nothing is in one set and not in the other, both ways.
#[track_caller]
fn assert_same(what: [&str; 2], one: &BTreeSet<String>, other: &BTreeSet<String>) {
    let only = |set: &BTreeSet<String>, other| set.difference(other).cloned().collect::<Vec<_>>();
    let (only_one, only_other) = (only(one, other), only(other, one));
    assert!(
        only_one.is_empty() && only_other.is_empty(),
        "only in {}: {only_one:#?}\nonly in {}: {only_other:#?}",
        what[0],
        what[1],
    );
}

#[test]
fn the_table_has_each_field_once() {
    assert_eq!(covered().len(), rows().len());
}

#[test]
fn the_table_has_the_fields_of_the_vendors_page_and_no_others() {
    let page = vendor_page::places(vendor_page::PAGE);
    assert_same(["the table", "the page"], &covered(), &page);
}

#[test]
fn a_field_of_the_api_model_is_in_the_table_or_known_to_be_the_clients_alone() {
    let model = model::fields::<CreateContainerGroup>();
    let client_only = CLIENT_ONLY.map(|(place, _)| place.to_owned());
    let mut known = covered();
    for place in client_only {
        assert!(known.insert(place.clone()), "{place} is on the page");
    }
    assert_same(["the table", "the API model"], &known, &model.places);
    let spellings = SPELLINGS.map(|(spelling, of)| (spelling.to_owned(), of.to_owned()));
    assert_eq!(model.spellings, BTreeMap::from(spellings));
}

#[test]
fn a_described_field_of_manifests_is_in_the_table_and_the_other_way_round() {
    let mut described = BTreeSet::new();
    collect(&CONTAINER_GROUP, "", &mut described);
    assert_same(["the table", "the descriptions"], &covered(), &described);
}

/// The places that the fields of an object are sent to.
fn collect(object: &Object, above: &str, places: &mut BTreeSet<String>) {
    for field in object.fields {
        let Some(wire) = field.request_path.filter(|wire| !wire.is_empty()) else {
            continue;
        };
        assert_eq!(
            field.source,
            FactSource::Page,
            "{}.{}",
            object.name,
            field.name
        );
        let place = format!("{above}{}", wire.replace(".0.", "[]."));
        match field.ty {
            Type::Object(inner) => collect(inner, &format!("{place}."), places),
            Type::Objects(inner, _) => collect(inner, &format!("{place}[]."), places),
            Type::Table(_, names) => {
                places.extend(names.map(|name| format!("{place}[].{name}")));
            }
            Type::Ref(Kind::Eip, Link::Attributes) => collect(&EIP, &format!("{place}."), places),
            Type::List(Type::Ref(Kind::Volume, Link::Attributes)) => {
                collect(&VOLUME, &format!("{place}[]."), places);
            }
            _ => {
                places.insert(place);
            }
        }
    }
}

#[test]
fn each_field_is_sent_accepted_reported_and_planned_to_nothing() {
    let rows = rows();
    let project = Project::new(&manifest(&rows));
    let cloud = Cloud::start();
    let apply = project.apply(&cloud).args(["--parallelism", "30"]);
    apply.run().exits(0);

    let bodies = by_name(cloud.bodies("createContainerGroup"));
    let reports = by_name(cloud.groups());
    assert_eq!((bodies.len(), reports.len()), (rows.len(), rows.len()));
    let mut wrong = Vec::new();
    for row in &rows {
        let name = name_of(row);
        let sent = wire::values(&bodies[&name], row.place);
        if sent != [&row.sent] {
            wrong.push(format!(
                "{}: {sent:?} was sent, not {}",
                row.place, row.sent
            ));
        }
        let (place, expected) = match &row.reported {
            Some(reported) => (reported.place, vec![&reported.value]),
            None => (row.place, Vec::new()),
        };
        let reported = wire::values(&reports[&name], place);
        if reported != expected {
            wrong.push(format!(
                "{place}: {reported:?} was reported, not {expected:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    project.assert_no_changes(&cloud);
}

/// Groups or bodies by the name of their group, without our own tag.
fn by_name(groups: Vec<Json>) -> BTreeMap<String, Json> {
    let named = groups.into_iter().map(|mut group| {
        if let Some(tags) = group["tags"].as_array_mut() {
            tags.retain(|tag| tag["key"] != OperationTag::KEY);
        }
        (
            group["containerGroupName"].as_str().unwrap().to_owned(),
            group,
        )
    });
    named.collect()
}

/// The label of a row's tables.
fn label(row: &Row) -> String {
    row.place.replace("[]", "").replace('.', "-").to_lowercase()
}

/// The name of a row's group: its label, but where the row is about the name.
fn name_of(row: &Row) -> String {
    match row.place {
        "containerGroupName" => row.sent.as_str().unwrap().to_owned(),
        _ => label(row),
    }
}

/// One configuration with a group for each row.
fn manifest(rows: &[Row]) -> String {
    let mut all = toml! {
        provider = { region_id = "bb9fdb42056f11eda1610242ac110002" }
    };
    for row in rows {
        let label = label(row);
        for (kind, resource) in resources(row) {
            table(&mut all, kind).insert(label.clone(), Value::Table(resource));
        }
    }
    toml::to_string(&all).unwrap()
}

/// The resources of a row: the least group with what the row says over it, and the volume or
/// the EIP of the row, which its group then has.
fn resources(row: &Row) -> BTreeMap<&'static str, Table> {
    let label = label(row);
    let given: Table = toml::from_str(&row.manifest.replace("LABEL", &label))
        .unwrap_or_else(|error| panic!("{}: {error}", row.place));
    let mut group = toml! {
        vpc_id = "vpc-1"
        vswitch_id = "subnet-1"
        security_group_id = "sg-1"
        az_name = "az1"
        containers = [{ name = "main", image = "nginx:1.27" }]
    };
    if row.place.starts_with("initContainers") {
        group.extend(toml! { init_containers = [{ name = "first", image = "busybox:1.36" }] });
    }
    let mut resources = BTreeMap::new();
    for (kind, given) in given {
        let Value::Table(given) = given else {
            panic!("{}: {kind} is not a table", row.place);
        };
        match kind.as_str() {
            "group" => lay_over(&mut group, given),
            "eip" => {
                group.insert("eip".to_owned(), label.clone().into());
                resources.insert("eip", given);
            }
            "volume" => {
                // A mounted volume may be left out of the list.
                if row.place.starts_with("volumes") {
                    group.insert("volumes".to_owned(), vec![label.clone()].into());
                }
                resources.insert("volume", given);
            }
            other => panic!("{}: {other} not found", row.place),
        }
    }
    resources.insert("container_group", group);
    resources
}

fn table<'a>(tables: &'a mut Table, name: &str) -> &'a mut Table {
    let entry = tables.entry(name).or_insert_with(|| Table::new().into());
    entry.as_table_mut().unwrap()
}

/// Lays tables over tables and lists over lists, item by item.
fn lay_over(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (Some(Value::Array(below)), Value::Array(above)) => {
                for (below, above) in below.iter_mut().zip(above) {
                    if let (Value::Table(below), Value::Table(above)) = (below, above) {
                        lay_over(below, above);
                    }
                }
            }
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}
