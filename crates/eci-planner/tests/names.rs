//! Default names: distinct, and kept once they are created.
#![allow(clippy::unwrap_used)]

mod scene;

use eci_core::{Diagnostics, Value};
use eci_planner::{Action, Observation, Observations, Plan, PlannerOptions, plan};
use eci_state::Snapshot;

use scene::{actions, address, configuration, done, empty};

const DISK: &str = "type = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                    disk = { size = 40, kind = \"SATA\", az_name = \"z\" }\n";

fn group(label: &str, more: &str) -> String {
    format!(
        "[container_group.{label}]\nvpc_id = \"v\"\nvswitch_id = \"s\"\nsecurity_group_id = \"g\"\n\
         az_name = \"z\"\ncontainers = [{{ name = \"a\", image = \"a:1\" }}]\n{more}"
    )
}

fn planned(manifest: &str, state: &Snapshot) -> Result<Plan, Diagnostics> {
    plan(
        &configuration(manifest),
        state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
}

fn state(manifest: &str) -> Snapshot {
    done(&planned(manifest, &empty()).unwrap(), &empty())
}

fn names(plan: &Plan) -> Vec<String> {
    let names = plan.steps().iter().filter_map(|step| {
        let name = step.desired.as_deref()?.get("name").and_then(Value::as_str);
        name.map(str::to_owned)
    });
    names.collect()
}

#[test]
fn a_rename_and_a_move_to_a_key_keep_default_names() {
    let before =
        group("old", "") + &format!("[volume.data]\n{DISK}") + "[eip.front]\nbandwidth = 5\n";
    let state = state(&before);
    let after = group("new", "for_each = [\"k\"]\n")
        + &format!("[volume.store]\n{DISK}")
        + "[eip.public]\nbandwidth = 5\n"
        + "[[moved]]\nfrom = \"container_group.old\"\nto = 'container_group.new[\"k\"]'\n\
           [[moved]]\nfrom = \"volume.data\"\nto = \"volume.store\"\n\
           [[moved]]\nfrom = \"eip.front\"\nto = \"eip.public\"\n";
    let plan = planned(&after, &state).unwrap();
    assert!(
        actions(&plan)
            .iter()
            .all(|(_, action)| *action == Action::Move),
        "{:?}",
        actions(&plan)
    );
    assert_eq!(actions(&plan).len(), 3);
    // It stays so once the move is recorded, and the same for what is replaced.
    let moved = done(&plan, &state);
    assert!(planned(&after, &moved).unwrap().is_empty());
    let replaced = planned(&after.replace("vpc_id = \"v\"", "vpc_id = \"w\""), &moved).unwrap();
    assert!(
        names(&replaced).contains(&"old".to_owned()),
        "{:?}",
        names(&replaced)
    );
}

#[test]
fn a_name_that_the_manifest_gives_is_the_one() {
    let state = state(&group("web", ""));
    let plan = planned(&group("web", "name = \"other\"\n"), &state).unwrap();
    assert_eq!(actions(&plan)[0].1, Action::Replace);
    assert_eq!(names(&plan), ["other"]);
}

#[test]
fn keys_that_differ_give_names_that_differ() {
    let manifest = group(
        "web",
        "for_each = [\"a.b\", \"a-b\", \"A\", \"a\", \"A-B\", \"-a\", \"\u{4f60}\", \"a_b\"]\n",
    );
    let plan = planned(&manifest, &empty()).unwrap();
    let mut found = names(&plan);
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 8, "{found:?}");
    // What can be written as it is has no digest.
    assert!(found.contains(&"web-a-b".to_owned()) && found.contains(&"web-a".to_owned()));
}

#[test]
fn equal_names_of_earlier_versions_are_kept() {
    let manifest = group("web", "for_each = [\"a.b\", \"a-b\"]\n");
    let mut state = state(&manifest);
    for key in ["a.b", "a-b"] {
        let address = address(&format!("container_group.web[\"{key}\"]"));
        let resource = state.resources.get_mut(&address).unwrap();
        for map in [&mut resource.applied, &mut resource.observed] {
            std::sync::Arc::make_mut(map).insert("name".into(), Value::from("web-a-b"));
        }
    }
    assert!(planned(&manifest, &state).unwrap().is_empty());
    let replaced = manifest.replace("vpc_id = \"v\"", "vpc_id = \"w\"");
    assert!(planned(&replaced, &state).is_ok());
    // A new one does not join them.
    let third = manifest + &group("web_a", "for_each = [\"b\"]\n");
    let refused = planned(&third, &state).unwrap_err().to_string();
    assert!(refused.contains("have the same name"), "{refused}");
}

#[test]
fn two_resources_of_one_default_name_are_refused_with_both_places() {
    let labels = group("web_1", "") + &group("web-1", "");
    let refused = planned(&labels, &empty()).unwrap_err();
    let diagnostic = &refused.0[0];
    assert_eq!(diagnostic.code.number, "E0810");
    assert!(diagnostic.primary.is_some() && diagnostic.secondary.len() == 1);
    assert!(
        diagnostic
            .help
            .iter()
            .any(|help| help.en().contains("`name = ")),
        "{refused}"
    );
    let named = group("web_1", "") + &group("web-1", "name = \"web-one\"\n");
    assert!(planned(&named, &empty()).is_ok());
    // Groups may share a name that both were given; disks may not.
    let given = group("a", "name = \"xy\"\n") + &group("b", "name = \"xy\"\n");
    assert!(planned(&given, &empty()).is_ok());
    let disks = format!("[volume.a]\nname = \"xy\"\n{DISK}[volume.b]\nname = \"xy\"\n{DISK}");
    let refused = planned(&disks, &empty()).unwrap_err().to_string();
    assert!(
        refused.contains("volume.a and volume.b have the same name `xy`"),
        "{refused}"
    );
}

#[test]
fn what_is_imported_keeps_the_name_that_it_has() {
    let first = state(&group("web", ""));
    let web = address("container_group.web");
    let mut reported = eci_core::Map::clone(&first.resources[&web].observed);
    reported.insert("name".into(), Value::from("legacy"));
    let mut observed = Observations::empty();
    observed.insert(web, Observation::Present(reported.into()));
    let manifest = group("web", "")
        + "[[import]]\nto = \"container_group.web\"\nid = \"eci-3rr2p3bikgw7phf1\"\n";
    let plan = plan(
        &configuration(&manifest),
        &empty(),
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert_ne!(
        actions(&plan)[0].1,
        Action::Replace,
        "{:?}",
        plan.steps()[0].changes
    );
    assert_eq!(names(&plan), ["legacy"]);
}

/// An instance gets another key, and later there is a new one under its old key.
#[test]
fn the_advice_to_instances_of_one_table_works() {
    let keys = |keys: &str, more: &str| group("web", &format!("for_each = {keys}\n{more}"));
    let before = state(&keys("[\"a\"]", ""));
    let moved = "[[moved]]\nfrom = 'container_group.web[\"a\"]'\n\
                 to = 'container_group.web[\"b\"]'\n";
    let renamed = planned(&(keys("[\"b\"]", "") + moved), &before).unwrap();
    let before = done(&renamed, &before);
    let after = |more: &str| keys("[\"a\", \"b\"]", more);
    let refused = planned(&after(""), &before).unwrap_err();
    let name = advised(&refused, "`name = ");
    assert!(planned(&after(&format!("name = {name}\n")), &before).is_ok());
}

#[test]
fn the_advice_to_instances_of_one_module_works() {
    let call = |keys: &str, inputs: &str| {
        format!("[module.m]\nsource = \"./m\"\nfor_each = {keys}\n[module.m.inputs]\n{inputs}")
    };
    let load = |root: &str, module: &str| {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("m")).unwrap();
        std::fs::write(directory.path().join("main.eci.toml"), root).unwrap();
        std::fs::write(directory.path().join("m/m.eci.toml"), module).unwrap();
        eci_config::load(directory.path(), &Default::default()).unwrap()
    };
    let first = load(&call("[\"a\"]", ""), &group("s", ""));
    let first = plan(
        &first,
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let before = done(&first, &empty());
    let moved = "[[moved]]\nfrom = 'module.m[\"a\"]'\nto = 'module.m[\"b\"]'\n";
    let renamed = load(&(call("[\"b\"]", "") + moved), &group("s", ""));
    let renamed = plan(
        &renamed,
        &before,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let before = done(&renamed, &before);
    let after = |inputs: &str, module: &str| {
        let configuration = load(&call("[\"a\", \"b\"]", inputs), module);
        plan(
            &configuration,
            &before,
            &Observations::empty(),
            &PlannerOptions::default(),
        )
    };
    let refused = after("", &group("s", "")).unwrap_err();
    let input = advised(&refused, "`key = ");
    let name = advised(&refused, "`name = ");
    let module = group("s", &format!("name = {name}\n")) + "[variable.key]\n";
    assert!(after(&format!("key = {input}\n"), &module).is_ok());
}

/// Returns the part of the advice on two resources of one name that follows some words.
fn advised(refused: &Diagnostics, words: &str) -> String {
    let [diagnostic] = &refused.0[..] else {
        panic!("{refused}");
    };
    assert_eq!(diagnostic.code.number, "E0810");
    let help = diagnostic.help.clone().unwrap();
    let (_, rest) = help.en().split_once(words).unwrap();
    rest.split_once('`').unwrap().0.to_owned()
}
