//! Container groups of which `ignore_changes` keeps mounts or volumes.
#![allow(clippy::unwrap_used)]

mod scene;

use std::sync::Arc;

use eci_core::{Diagnostics, Map, Value};
use eci_planner::attachment::disks;
use eci_planner::{
    Action, Attachable, Observation, Observations, Plan, PlannerOptions, TaskKind, plan,
};
use scene::{actions, address, configuration, done, empty};

const CONF: &str =
    "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", content = \"x\" }]\n";
const MOUNT: &str = r#"volume_mounts = [{ volume = "conf", mount_path = "/conf" }]"#;

fn group(label: &str, ignored: &str, containers: &str) -> String {
    let lifecycle = match ignored {
        "" => String::new(),
        _ => format!("lifecycle = {{ ignore_changes = {ignored} }}\n"),
    };
    format!(
        "[container_group.{label}]\nvpc_id = \"v\"\nvswitch_id = \"subnet-1\"\n\
         security_group_id = \"g\"\naz_name = \"z\"\n{lifecycle}{containers}\n"
    )
}

fn container(mount: &str) -> String {
    format!("containers = [{{ name = \"main\", image = \"i:1\", {mount} }}]")
}

fn between(before: &str, after: &str) -> Result<Plan, Diagnostics> {
    let first = plan(
        &configuration(before),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    plan(
        &configuration(after),
        &state,
        &Observations::empty(),
        &PlannerOptions::default(),
    )
}

fn in_another_subnet(manifest: &str) -> String {
    manifest.replace("subnet-1", "subnet-2")
}

/// The names of the volumes that a group is to have.
fn volumes(plan: &Plan, label: &str) -> Vec<String> {
    let group = address(&format!("container_group.{label}"));
    let mut steps = plan.steps().iter();
    let step = steps.find(|step| step.address == group).unwrap();
    let volumes = step.desired.as_ref().unwrap().get("volumes");
    let volumes = volumes.and_then(Value::as_list).unwrap_or_default();
    let names = volumes.iter().filter_map(|volume| volume.get("name"));
    names
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_mount_that_is_kept_keeps_its_volume() {
    let before = CONF.to_owned() + &group("web", "", &container(MOUNT));
    let init = |mount: &str| {
        let init = format!("init_containers = [{{ name = \"init\", image = \"i:1\", {mount} }}]");
        format!("{init}\n{}", container(""))
    };
    let before_init = CONF.to_owned() + &group("web", "", &init(MOUNT));
    for (before, after, ignored) in [
        (&before, container(""), "[\"containers[*].volume_mounts\"]"),
        (
            &before,
            container(""),
            "['containers[\"main\"].volume_mounts']",
        ),
        (&before, container(""), "[\"containers[0].volume_mounts\"]"),
        (&before, container(""), "[\"containers\"]"),
        (&before, container(""), "\"all\""),
        (&before_init, init(""), "[\"init_containers\"]"),
    ] {
        let after = group("web", ignored, &after);
        let plan = between(before, &after).unwrap();
        assert_eq!(volumes(&plan, "web"), ["conf"], "{ignored}");
        assert_eq!(
            actions(&plan),
            [("volume.conf".to_owned(), Action::Delete)],
            "{ignored}"
        );
        if ignored != "\"all\"" {
            let plan = between(before, &in_another_subnet(&after)).unwrap();
            assert_eq!(volumes(&plan, "web"), ["conf"], "{ignored}");
        }
    }
}

#[test]
fn a_mount_of_a_volume_that_is_ignored_is_refused_with_both_places() {
    let rest = CONF.replace("conf", "rest");
    let mount = MOUNT.replace("conf", "rest");
    let both = mount.replace("}]", r#"}, { volume = "conf", mount_path = "/conf" }]"#);
    let before = rest.clone() + &group("web", "", &container(&mount));
    for ignored in ["[\"volumes\"]", "['volumes[\"conf\"]']"] {
        let after = rest.clone() + CONF + &group("web", ignored, &container(&both));
        for after in [in_another_subnet(&after), after] {
            let refused = between(&before, &after).unwrap_err();
            let [refused] = &refused.0[..] else {
                panic!("{refused}");
            };
            assert_eq!(refused.code.number, "E0811");
            assert!(refused.primary.is_some() && refused.secondary.len() == 1);
        }
    }
}

#[test]
fn a_secret_volume_of_a_mount_that_is_kept_stops_a_replacement_before_anything_is_deleted() {
    let secret = CONF.replace("\"x\"", "'${sensitive(\"x\")}'");
    let before = secret + &group("web", "", &container(MOUNT));
    let after = group("web", "[\"containers[*].volume_mounts\"]", &container(""));
    let refused = between(&before, &in_another_subnet(&after)).unwrap_err();
    assert_eq!(refused.0[0].code.number, "E0811", "{refused}");
    // In place, nothing of it is sent.
    assert_eq!(volumes(&between(&before, &after).unwrap(), "web"), ["conf"]);
}

#[test]
fn a_disk_of_a_mount_that_is_kept_passes_to_no_other_group() {
    let disk =
        "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\nvolume_handle = \"disk-1\"\n";
    let mount = MOUNT.replace("conf", "data");
    let before = disk.to_owned() + &group("web", "", &container(&mount));
    let kept = group("web", "[\"containers[*].volume_mounts\"]", &container(""));
    let after = disk.to_owned() + &kept + &group("other", "", &container(&mount));
    let refused = between(&before, &after).unwrap_err().to_string();
    assert!(
        refused.contains("container_group.web uses it and keeps it"),
        "{refused}"
    );
    let plan = between(&before, &(disk.to_owned() + &kept)).unwrap();
    let mut steps = plan.steps().iter();
    let web = steps.find(|step| step.address == address("container_group.web"));
    assert_eq!(disks(web.unwrap().desired.as_ref().unwrap()), ["disk-1"]);
}

#[test]
fn a_replacement_that_is_created_first_gets_an_ignored_eip_that_somebody_bound_only_once_it_is_free()
 {
    let ignored = "[\"eip\"], create_before_destroy = true";
    let manifest = group("web", ignored, &container(""));
    let first = plan(
        &configuration(&manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let web = &state.resources[&address("container_group.web")];
    let mut observed = Observations::empty();
    let reported = Observation::Present(web.observed.clone());
    observed.insert(address("container_group.web"), reported);
    observed.hold(Attachable::Eip("eip-1".to_owned()), web.id.clone());
    let manifest = in_another_subnet(&manifest);
    let plan = plan(
        &configuration(&manifest),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap();
    let kinds: Vec<TaskKind> = plan.tasks().iter().map(|task| task.kind).collect();
    assert!(
        kinds.contains(&TaskKind::Unbind) && kinds.contains(&TaskKind::Bind),
        "{kinds:?}"
    );
}

#[test]
fn a_replacement_that_is_created_first_is_refused_an_ignored_disk_that_somebody_mounted() {
    let ignored = "[\"volumes\", \"containers\"], create_before_destroy = true";
    let manifest = group("web", ignored, &container(""));
    let first = plan(
        &configuration(&manifest),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let web = &state.resources[&address("container_group.web")];
    let mut reported = Map::clone(&web.observed);
    let text = |name: &'static str, value: &'static str| (name, Value::from(value));
    let disk = Value::from([
        text("name", "theirs"),
        text("type", "DiskVolume"),
        text("fs_type", "ext4"),
        text("volume_handle", "disk-1"),
    ]);
    reported.insert("volumes".into(), Value::list(vec![disk]));
    let mut observed = Observations::empty();
    observed.insert(
        address("container_group.web"),
        Observation::Present(Arc::new(reported)),
    );
    let manifest = in_another_subnet(&manifest);
    let refused = plan(
        &configuration(&manifest),
        &state,
        &observed,
        &PlannerOptions::default(),
    )
    .unwrap_err();
    assert_eq!(refused.0[0].code.number, "E0804", "{refused}");
}

#[test]
fn an_ignored_bucket_whose_secret_is_unknown_stops_what_would_send_it() {
    let rest = CONF.replace("conf", "rest");
    let manifest = |ignored: &str, mount: &str| group("web", ignored, &container(mount));
    let ignored = r#"['volumes["zz"]', 'containers[*].volume_mounts["/zz"]']"#;
    let before = manifest(ignored, "");
    let first = plan(
        &configuration(&before),
        &empty(),
        &Observations::empty(),
        &PlannerOptions::default(),
    )
    .unwrap();
    let state = done(&first, &empty());
    let web = address("container_group.web");
    let mut reported = Map::clone(&state.resources[&web].observed);
    let text = |name: &'static str, value: &'static str| (name, Value::from(value));
    let bucket = Value::from([
        text("name", "zz"),
        text("type", "ZosVolume"),
        text("bucket", "b"),
        text("url", "http://zos.example"),
    ]);
    reported.insert("volumes".into(), Value::list(vec![bucket]));
    let mut observed = Observations::empty();
    observed.insert(web, Observation::Present(Arc::new(reported)));
    let planned = |after: &str| {
        plan(
            &configuration(after),
            &state,
            &observed,
            &PlannerOptions::default(),
        )
    };

    let mounted = rest + &manifest(ignored, &MOUNT.replace("conf", "rest"));
    for after in [in_another_subnet(&before), mounted] {
        let refused = planned(&after).unwrap_err();
        assert_eq!(refused.0[0].code.number, "E1103", "{refused}");
        let message = refused.to_string();
        assert!(message.contains(r#"volumes["zz"].credential"#), "{message}");
    }
    // Neither sends volumes.
    assert_eq!(actions(&planned(&before).unwrap()), []);
    let another_image = before.replace("i:1", "i:2");
    assert_eq!(volumes(&planned(&another_image).unwrap(), "web"), ["zz"]);
}
