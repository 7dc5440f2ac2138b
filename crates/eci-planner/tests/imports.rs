//! Resources that are there already and that the state takes over.
#![allow(clippy::unwrap_used)]

use eci_core::{Address, DigestKey, Lineage, Map, OperationTag, Value, codes};
use eci_planner::{
    Action, Attachable, Observation, Observations, OwnerMark, Plan, PlannerOptions, plan,
};
use eci_state::{IntentId, IntentKind, Record, ResourceState, Snapshot};

const MANIFEST: &str = r#"
[volume.conf]
type = "ConfigFileVolume"
default_mode = "0600"
files = [{ path = "a.conf", content = "one", mode = "0640" }]

[volume.data]
type = "ZosVolume"
bucket = "b"
url = "https://zos.example"
access_key = "ak"
secret_key = "hunter2"

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
volumes = ["data"]
host_aliases = [{ ip = "127.0.0.1", hostnames = ["me"] }]
[[container_group.web.containers]]
name = "app"
image = "app:1"
volume_mounts = [{ volume = "conf", mount_path = "/etc/conf" }]

[[import]]
to = "container_group.web"
id = "eci-3rr2p3bikgw7phf1lm0cn39y0y"
"#;

/// The group as the cloud reports it: without modes, credentials and the like.
fn reported(content: &str) -> Map {
    let file = Value::from([("path", "a.conf"), ("content", content)]);
    let conf = Value::from([
        ("name", Value::from("conf")),
        ("type", Value::from("ConfigFileVolume")),
        ("files", Value::list(vec![file])),
    ]);
    let data = Value::from([
        ("name", "data"),
        ("type", "ZosVolume"),
        ("bucket", "b"),
        ("url", "https://zos.example"),
    ]);
    let mount = Value::from([("volume", "conf"), ("mount_path", "/etc/conf")]);
    let container = Value::from([
        ("name", Value::from("app")),
        ("image", Value::from("app:1")),
        ("image_pull_policy", Value::from("Always")),
        ("volume_mounts", Value::list(vec![mount])),
    ]);
    let entries = [
        ("name", Value::from("web")),
        ("vpc_id", Value::from("vpc-1")),
        ("vswitch_id", Value::from("subnet-1")),
        ("security_group_id", Value::from("sg-1")),
        ("restart_policy", Value::from("Always")),
        ("cpu", Value::from(2)),
        ("volumes", Value::list(vec![data, conf])),
        ("containers", Value::list(vec![container])),
        ("id", Value::from("eci-3rr2p3bikgw7phf1lm0cn39y0y")),
        ("status", Value::from("Running")),
    ];
    entries
        .into_iter()
        .map(|(name, value)| (name.into(), value))
        .collect()
}

fn web() -> Address {
    "container_group.web".parse().unwrap()
}

fn planned(manifest: &str, reported: Option<Map>, options: &PlannerOptions) -> (Plan, Snapshot) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
    let configuration = eci_config::load(directory.path(), &Default::default()).unwrap();
    let snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]));
    let mut observed = Observations::empty();
    let observation = reported.map_or(Observation::Missing, |reported| {
        Observation::Present(reported.into())
    });
    observed.insert(web(), observation);
    let plan = plan(&configuration, &snapshot, &observed, options).unwrap();
    (plan, snapshot)
}

#[test]
fn a_group_that_starts_is_imported_with_an_automatic_eip_only_once_it_runs() {
    let automatic = "[eip.front]\nauto = true\n".to_owned()
        + &MANIFEST.replace("az_name", "eip = \"front\"\naz_name");
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.eci.toml"), automatic).unwrap();
    let configuration = eci_config::load(directory.path(), &Default::default()).unwrap();
    let snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]));
    let planned = |status: &str| {
        let mut reported = reported("one");
        reported.insert("status".into(), Value::from(status));
        let mut observed = Observations::empty();
        observed.insert(web(), Observation::Present(reported.into()));
        plan(
            &configuration,
            &snapshot,
            &observed,
            &PlannerOptions::default(),
        )
    };
    for status in ["Pending", "Scheduling"] {
        let refused = planned(status).unwrap_err();
        assert_eq!(refused.0[0].code.number, "E0903", "{refused}");
        let message = refused.to_string();
        assert!(
            message.contains("the container group is starting"),
            "{message}"
        );
    }
    let running = planned("Running").unwrap();
    let step = running.steps().iter().find(|step| step.address == web());
    let changes = step.unwrap().changes.iter();
    let paths: Vec<String> = changes.map(|change| change.path.to_string()).collect();
    assert!(paths.iter().any(|path| path == "eip"), "{paths:?}");
}

fn actions(plan: &Plan) -> Vec<(String, Action)> {
    let steps = plan.steps().iter();
    steps
        .map(|step| (step.address.to_string(), step.action))
        .collect()
}

#[test]
fn a_group_is_adopted_with_what_lives_in_it_and_the_next_plan_is_empty() {
    let (first, mut snapshot) =
        planned(MANIFEST, Some(reported("one")), &PlannerOptions::default());
    let import = |address: &str| (address.to_owned(), Action::Import);
    assert_eq!(
        actions(&first),
        [
            import("volume.conf"),
            import("volume.data"),
            // It gets the operation tag of this state.
            ("container_group.web".to_owned(), Action::Update)
        ]
    );
    assert_eq!(first.summary().import, 3);
    assert!(first.drift().is_empty());
    for step in first.steps() {
        let mut state = step.state.as_deref().cloned().unwrap();
        assert!(!format!("{state:?}").contains("hunter2"));
        // The run sets the tag, and sends what the cloud does not report.
        state.tag_pending = false;
        let key = &snapshot.digest_key;
        let desired = step
            .desired
            .as_deref()
            .map(|it| key.redact_all(&it.clone().into()));
        state.applied = desired.unwrap();
        snapshot.resources.insert(step.address.clone(), state);
    }
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.eci.toml"), MANIFEST).unwrap();
    let configuration = eci_config::load(directory.path(), &Default::default()).unwrap();
    let mut observed = Observations::empty();
    observed.insert(web(), Observation::Present(reported("one").into()));
    let second = plan(
        &configuration,
        &snapshot,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    assert!(second.is_empty(), "{:?}", actions(&second));
    assert!(second.drift().is_empty() && second.refreshed().is_empty());
}

#[test]
fn what_differs_from_the_manifest_is_changed_once_it_is_adopted() {
    let (plan, _) = planned(MANIFEST, Some(reported("two")), &PlannerOptions::default());
    let group = plan
        .steps()
        .iter()
        .find(|step| step.address == web())
        .unwrap();
    assert_eq!(group.action, Action::Update);
    assert!(group.import.is_some());
    assert!(!actions(&plan).contains(&("volume.conf".to_owned(), Action::Import)));
    assert_eq!((plan.summary().import, plan.summary().update), (1, 1));
}

#[test]
fn resources_used_by_other_groups_are_created_with_them() {
    let other = MANIFEST.split("[container_group.web]").nth(1).unwrap();
    let other = other.split("[[import]]").next().unwrap();
    let other = other.replace("container_group.web", "container_group.other");
    let both = format!("{MANIFEST}\n[container_group.other]{other}");
    let (plan, _) = planned(&both, Some(reported("one")), &PlannerOptions::default());
    let actions = actions(&plan);
    assert!(actions.contains(&("volume.conf".to_owned(), Action::Create)));
    assert!(actions.contains(&("container_group.web".to_owned(), Action::Update)));
}

#[test]
fn only_groups_can_be_replaced_on_request() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.eci.toml"), MANIFEST).unwrap();
    let configuration = eci_config::load(directory.path(), &Default::default()).unwrap();
    let snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]));
    let options = PlannerOptions::default().with_replace(vec!["volume.conf".parse().unwrap()]);
    let mut observed = Observations::empty();
    observed.insert(web(), Observation::Present(reported("one").into()));
    let problems = plan(&configuration, &snapshot, &observed, &options).unwrap_err();
    assert_eq!(problems.0[0].code, codes::NO_REPLACEMENT);
}

/// A plan next to an order of unknown outcome records of other resources what was observed.
#[test]
fn resources_of_another_state_are_refused_next_to_an_order_of_unknown_outcome() {
    let manifest = format!("{MANIFEST}\n[eip.front]\n");
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
    let configuration = eci_config::load(directory.path(), &Default::default()).unwrap();
    let mut snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]));
    let front: Address = "eip.front".parse().unwrap();
    let mut observed = Observations::empty();
    observed.insert(web(), Observation::Present(reported("one").into()));
    let options = PlannerOptions::default();
    let first = plan(&configuration, &snapshot, &observed, &options).unwrap();
    let ordered = first.steps().iter().find(|step| step.address == front);
    let requested = ResourceState {
        applied: ordered.unwrap().desired.clone().unwrap(),
        ..ResourceState::default()
    };
    let intent = Record::Intent {
        intent: IntentId::new(1),
        address: front,
        kind: IntentKind::Create {
            operation: OperationTag::from_recorded("l.1"),
            planned: Box::new(requested),
            listed: Vec::new(),
        },
        time: "2026-01-01T00:00:00Z".to_owned(),
        token: None,
    };
    snapshot.apply(&intent).unwrap();
    assert!(plan(&configuration, &snapshot, &observed, &options).is_ok());
    observed.insert_mark(web(), OwnerMark::new("theirs.1"));
    let refused = plan(&configuration, &snapshot, &observed, &options);
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("the state with lineage theirs"),
        "{refused}"
    );
}

/// The EIP of a group is reported by the EIP and not by the group: the declared one is not assumed.
#[test]
fn the_eip_that_an_imported_group_has_is_compared_with_the_manifest() {
    let with = |eip: &str| {
        let uses = "volumes = [\"data\"]\neip = \"front\"";
        let manifest = MANIFEST.replace("volumes = [\"data\"]", uses);
        format!("{manifest}[eip.front]\n{eip}\n")
    };
    let (existing, automatic) = (with("id = \"eip-1\""), with("auto = true"));
    let none = MANIFEST.to_owned();
    for (manifest, has, address, changes) in [
        (&existing, Some("eip-1"), Some("198.18.0.1"), false),
        (&existing, Some("eip-2"), Some("198.18.0.2"), true),
        (&existing, None, None, true),
        // It has one, and it is unknown which.
        (&existing, None, Some("198.18.0.1"), false),
        (&automatic, None, None, true),
        (&automatic, None, Some("198.18.0.1"), false),
        // Whether it is automatic is reported nowhere.
        (&automatic, Some("eip-1"), Some("198.18.0.1"), false),
        (&none, Some("eip-1"), Some("198.18.0.1"), true),
        (&none, None, None, false),
    ] {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
        let configuration = eci_config::load(directory.path(), &Default::default()).unwrap();
        let snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]));
        let mut reported = reported("one");
        reported.extend(address.map(|address| ("internet_ip".into(), Value::from(address))));
        let group = reported[&"id".into()].as_str().map(str::to_owned);
        let mut observed = Observations::empty();
        observed.insert(web(), Observation::Present(reported.into()));
        if let Some(has) = has {
            observed.hold(Attachable::Eip(has.to_owned()), group);
        }
        let plan = plan(
            &configuration,
            &snapshot,
            &observed,
            &PlannerOptions::default(),
        )
        .unwrap();
        let step = plan.steps().iter().find(|step| step.address == web());
        let mut changed = step.unwrap().changes.iter();
        let is_changed = changed.any(|change| change.path.attribute() == Some("eip"));
        assert_eq!(is_changed, changes, "{has:?} {address:?} {manifest}");
    }
}

/// It is unknown whether an attribute that the cloud does not report is as declared.
#[test]
fn an_import_sends_what_the_cloud_does_not_report_and_names_what_cannot_be_sent() {
    let (plan, _) = planned(MANIFEST, Some(reported("one")), &PlannerOptions::default());
    let group = plan.steps().iter().find(|step| step.address == web());
    let changes = group.unwrap().changes.iter().map(|it| it.path.to_string());
    assert_eq!(
        changes.collect::<Vec<_>>(),
        [
            "volumes[\"data\"].credential",
            "volumes[\"conf\"].default_mode",
            "volumes[\"conf\"].files[\"a.conf\"].mode",
            "tags[\"eci:operation\"]",
        ]
    );
    let named = plan
        .warnings()
        .0
        .iter()
        .find(|it| it.code == codes::ASSUMED);
    assert_eq!(
        named.unwrap().message.en(),
        "the cloud does not report `az_name` and `host_aliases`; eci assumes the declared values \
         for container_group.web"
    );
    let without = MANIFEST.replace("host_aliases", "dns_config = { searches = [\"a\"] }\n#");
    let (plan, _) = planned(&without, Some(reported("one")), &PlannerOptions::default());
    let group = plan.steps().iter().find(|step| step.address == web());
    let mut changes = group.unwrap().changes.iter().map(|it| it.path.to_string());
    assert!(changes.any(|path| path == "dns_config"));
}

/// What is ignored is neither sent nor assumed.
#[test]
fn an_import_does_not_change_what_is_ignored_and_not_reported() {
    let ignoring = MANIFEST.replace(
        "host_aliases",
        "dns_config = { searches = [\"a\"] }\nlifecycle = { ignore_changes = [\"dns_config\"] }\n#",
    );
    let (plan, _) = planned(&ignoring, Some(reported("one")), &PlannerOptions::default());
    let group = plan.steps().iter().find(|step| step.address == web());
    let mut changes = group.unwrap().changes.iter().map(|it| it.path.to_string());
    assert!(!changes.any(|path| path.starts_with("dns_config")));
}

/// What an imported group has, and what its manifest declares: which change follows.
#[test]
fn the_eip_of_an_imported_group_is_what_the_cloud_reports() {
    let automatic = "[eip.front]\nauto = true\nbandwidth = 50\n";
    let existing = "[eip.front]\nid = \"eip-1\"\n";
    let none = "";
    // The EIP at the address of the group, and its bandwidth.
    let free = None;
    let theirs = Some(("eip-1", 5));
    let other = Some(("eip-2", 50));
    for (declared, has, changes) in [
        (none, free, vec![]),
        (none, other, vec!["eip"]),
        (automatic, free, vec!["eip"]),
        (automatic, theirs, vec!["eip.bandwidth"]),
        (automatic, other, vec![]),
        (existing, free, vec!["eip"]),
        (existing, theirs, vec![]),
        (existing, other, vec!["eip.id"]),
    ] {
        let uses = match declared {
            "" => "",
            _ => "az_name = \"zone-1\"\neip = \"front\"",
        };
        let manifest =
            MANIFEST.replacen("az_name = \"zone-1\"", uses, usize::from(!uses.is_empty()));
        let manifest = format!("{declared}{manifest}");
        let mut group = reported("one");
        let mut observed = Observations::empty();
        if let Some((id, bandwidth)) = has {
            group.insert("internet_ip".into(), Value::from("198.18.0.7"));
            let holder = group.get("id").unwrap().as_str().map(str::to_owned);
            observed.hold(Attachable::Eip(id.to_owned()), holder);
            observed.insert_eip_bandwidth(id, bandwidth);
        }
        observed.insert(web(), Observation::Present(group.into()));
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
        let configuration = eci_config::load(directory.path(), &Default::default()).unwrap();
        let snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([7; 32]));
        let plan = plan(
            &configuration,
            &snapshot,
            &observed,
            &PlannerOptions::default(),
        )
        .unwrap();
        let group = plan.steps().iter().find(|step| step.address == web());
        let paths = group.unwrap().changes.iter().map(|it| it.path.to_string());
        let paths: Vec<String> = paths.filter(|path| path.starts_with("eip")).collect();
        assert_eq!(paths, changes, "{declared} {has:?}");
        // What is a resource is not automatic.
        if declared == automatic
            && let Some((id, _)) = has
        {
            let owned = Map::from_iter([("id".into(), Value::from(id))]);
            let owned = Observation::Present(owned.into());
            observed.insert("eip.other".parse().unwrap(), owned);
            let plan = eci_planner::plan(
                &configuration,
                &snapshot,
                &observed,
                &PlannerOptions::default(),
            )
            .unwrap();
            let group = plan.steps().iter().find(|step| step.address == web());
            let mut paths = group.unwrap().changes.iter().map(|it| it.path.to_string());
            assert!(paths.any(|path| path == "eip.auto"), "{has:?}");
        }
        assert!(plan.drift().is_empty());
        let front = plan
            .steps()
            .iter()
            .find(|step| step.address.to_string() == "eip.front");
        let expected = if changes.is_empty() {
            Action::Import
        } else {
            Action::Create
        };
        assert!(
            front.is_none_or(|step| step.action == expected),
            "{declared} {has:?}"
        );
    }
}
