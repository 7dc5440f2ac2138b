use eci_core::kinds::CONTAINER_GROUP;

use super::*;

fn container(name: &str, image: &str) -> Value {
    Value::from([("name", Value::from(name)), ("image", Value::from(image))])
}

fn group(containers: Vec<Value>) -> Map {
    Map::from_iter([("containers".into(), Value::list(containers))])
}

fn changed(before: &Map, after: &Map, scope: DiffScope) -> Vec<String> {
    let changes = diff(
        &CONTAINER_GROUP,
        &DigestKey::new([7; 32]),
        Sides { before, after },
        scope,
    );
    changes
        .iter()
        .map(|change| change.path.to_string())
        .collect()
}

#[test]
fn a_container_inserted_at_the_front_is_one_addition() {
    let before = group(vec![container("a", "x:1")]);
    let after = group(vec![container("b", "y:1"), container("a", "x:1")]);
    assert_eq!(
        changed(&before, &after, DiffScope::Given),
        [r#"containers["b"]"#]
    );
}

#[test]
fn the_first_and_the_last_entry_of_a_table_are_reported() {
    let tags = Value::from([("a", Value::from("1"))]);
    let with = Map::from_iter([("tags".into(), tags)]);
    for (before, after) in [(&with, &Map::new()), (&Map::new(), &with)] {
        assert_eq!(changed(before, after, DiffScope::Given), ["tags.a"]);
    }
}

#[test]
fn a_change_deep_inside_is_named_and_means_what_its_attribute_means() {
    let before = group(vec![container("a", "x:1")]);
    let after = group(vec![container("a", "x:2")]);
    let changes = diff(
        &CONTAINER_GROUP,
        &DigestKey::new([7; 32]),
        Sides {
            before: &before,
            after: &after,
        },
        DiffScope::Given,
    );
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].path.to_string(), r#"containers["a"].image"#);
    assert_eq!(changes[0].change, Change::InPlace);
}

#[test]
fn an_unknown_value_counts_as_a_change() {
    let unknown = Map::from_iter([("vpc_id".into(), Value::Unknown)]);
    assert_eq!(changed(&unknown, &unknown, DiffScope::Given), ["vpc_id"]);
}

#[test]
fn what_the_cloud_may_choose_stays_when_it_is_no_longer_given() {
    let before = Map::from_iter([("cpu".into(), Value::from(2))]);
    assert_eq!(changed(&before, &Map::new(), DiffScope::Given), [""; 0]);
}

#[test]
fn a_report_that_omits_what_is_empty_is_not_drift() {
    let container = |extra: Vec<(&'static str, Value)>| {
        let mut entries = Map::from_iter([
            ("name".into(), Value::from("a")),
            ("image".into(), Value::from("x:1")),
        ]);
        entries.extend(extra.into_iter().map(|(name, value)| (name.into(), value)));
        group(vec![Value::map(entries)])
    };
    let port = |name: Vec<(&'static str, Value)>| {
        let port = [("port", Value::from(80)), ("protocol", Value::from("TCP"))];
        let entries = port.into_iter().chain(name);
        let entries = entries.map(|(name, value)| (name.into(), value));
        Value::list(vec![Value::map(entries.collect())])
    };
    let applied = container(vec![
        ("gpu", Value::from(0)),
        ("working_dir", Value::from("")),
        ("ports", port(vec![("name", Value::from(""))])),
    ]);
    let reported = container(vec![("ports", port(vec![]))]);
    assert_eq!(changed(&applied, &reported, DiffScope::Reported), [""; 0]);
    assert_eq!(changed(&reported, &applied, DiffScope::Reported), [""; 0]);
    let other = container(vec![("gpu", Value::from(1)), ("ports", port(vec![]))]);
    assert_eq!(
        changed(&other, &reported, DiffScope::Reported),
        [r#"containers["a"].gpu"#]
    );
    // A variable that is empty is not one that is missing.
    let with = container(vec![("env", Value::from([("A", Value::from(""))]))]);
    assert_eq!(
        changed(&with, &container(vec![]), DiffScope::Reported),
        [r#"containers["a"].env.A"#]
    );
}

#[test]
fn what_the_cloud_omits_or_chose_is_not_drift() {
    let applied = Map::from_iter([("az_name".into(), Value::from("zone-1"))]);
    let reported = Map::from_iter([("cpu".into(), Value::from(2))]);
    assert_eq!(changed(&applied, &reported, DiffScope::Reported), [""; 0]);
    assert_eq!(
        changed(&applied, &reported, DiffScope::Given),
        ["az_name", "cpu"]
    );
}
