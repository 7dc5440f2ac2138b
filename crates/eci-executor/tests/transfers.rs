//! EIPs and disks that pass from one container group to another, against a model of the cloud.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::collections::BTreeMap;

use eci_core::{Address, Value};
use eci_executor::StopHandle;
use eci_planner::{Mode, PlannerOptions};
use eci_state::{ResourceState, Store as _};

use harness::Scene;
use model::CreateOutcome;

/// Two groups, each with an EIP and a disk; the one named `second` has those of the other.
fn pair(first: &str, second: &str) -> String {
    let group = |label: &str, of: &str| {
        format!(
            "[container_group.{label}]\nvpc_id = \"v\"\nvswitch_id = \"s\"\n\
             security_group_id = \"g\"\naz_name = \"z\"\neip = \"e{of}\"\n\
             [[container_group.{label}.containers]]\nname = \"main\"\nimage = \"i\"\n\
             volume_mounts = [{{ volume = \"d{of}\", mount_path = \"/data\" }}]\n\
             [eip.e{of}]\n[volume.d{of}]\ntype = \"DiskVolume\"\n\
             fs_type = \"ext4\"\nvolume_handle = \"disk-{of}\"\n"
        )
    };
    group("app", first) + &group("web", second)
}

/// Returns the group that has each object: `disk-1`, and EIPs by their resources.
fn bound(scene: &Scene) -> BTreeMap<String, String> {
    let resources = &scene.disk.snapshot().resources;
    let label = |id: String| {
        let is_it = |(_, state): &(&Address, &ResourceState)| state.id.as_ref() == Some(&id);
        let eip = resources.iter().find(is_it);
        eip.map_or(id.clone(), |(address, _)| address.label().to_string())
    };
    let bound = scene.cloud.bound().into_iter();
    bound.map(|(id, group)| (label(id), group)).collect()
}

fn expected(app: &str, web: &str) -> BTreeMap<String, String> {
    let of = |group: &str, of: &str| {
        [format!("e{of}"), format!("disk-{of}")].map(|it| (it, group.to_owned()))
    };
    of("app", app).into_iter().chain(of("web", web)).collect()
}

async fn swapped() -> Scene {
    let mut scene = Scene::new();
    assert!(scene.apply(&pair("1", "2")).await.is_complete());
    assert_eq!(bound(&scene), expected("1", "2"));
    scene
}

#[tokio::test(start_paused = true)]
async fn two_groups_swap_what_they_have() {
    let mut scene = swapped().await;
    let outcome = scene.apply(&pair("2", "1")).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failed);
    assert_eq!(outcome.changed["update"], 2);
    assert_eq!(bound(&scene), expected("2", "1"));
    assert_eq!(
        scene.cloud.log()[4..],
        ["update eci-3", "update eci-4", "update eci-3"]
    );
    assert_eq!(scene.cloud.early(), [""; 0]);
    assert!(scene.apply(&pair("2", "1")).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_swap_continues_wherever_the_run_before_it_ended() {
    for full_from in 1..12 {
        for then in [pair("2", "1"), pair("1", "2")] {
            let mut scene = swapped().await;
            scene.disk.fill_after(full_from);
            let there = pair("2", "1");
            let run = scene.run(&there, PlannerOptions::default(), StopHandle::new());
            let _ = run.await;
            scene.disk.full_from = None;
            scene.recover().await;
            let outcome = scene.apply(&then).await;
            assert!(outcome.is_complete(), "{full_from}: {:?}", outcome.failed);
            let bindings = if then == there {
                expected("2", "1")
            } else {
                expected("1", "2")
            };
            assert_eq!(bound(&scene), bindings, "{full_from}");
            assert!(scene.disk.snapshot().open_intents.is_empty(), "{full_from}");
            assert!(scene.apply(&then).await.changed.is_empty(), "{full_from}");
        }
    }
}

/// It is unknown whether the call was done: it is neither done nor not done, and the next run
/// determines it.
#[tokio::test(start_paused = true)]
async fn a_detachment_without_an_answer_stays_open() {
    for create_outcome in [CreateOutcome::CutBefore, CreateOutcome::CutAfter] {
        for then in [("2", "1"), ("1", "2")] {
            let mut scene = swapped().await;
            for _ in 0..20 {
                scene.cloud.set_outcome("eci-3", create_outcome);
            }
            let outcome = scene.apply(&pair("2", "1")).await;
            assert_eq!(outcome.failed.len(), 1, "{:?}", outcome.failed);
            assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
            scene.cloud.heal("eci-3");
            scene.recover().await;
            let outcome = scene.apply(&pair(then.0, then.1)).await;
            assert!(outcome.is_complete(), "{:?}", outcome.failed);
            assert_eq!(bound(&scene), expected(then.0, then.1));
            let again = scene.apply(&pair(then.0, then.1)).await;
            assert!(again.changed.is_empty(), "{again:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_detachment_leaves_both_groups_as_they_are() {
    let mut scene = swapped().await;
    for _ in 0..20 {
        scene.cloud.set_outcome("eci-3", CreateOutcome::Refused);
    }
    let outcome = scene.apply(&pair("2", "1")).await;
    assert!(!outcome.is_complete());
    assert_eq!(bound(&scene), expected("1", "2"));
    assert!(scene.disk.snapshot().open_intents.is_empty());
    scene.cloud.heal("eci-3");
    assert!(scene.apply(&pair("2", "1")).await.is_complete());
    assert_eq!(bound(&scene), expected("2", "1"));
}

#[tokio::test(start_paused = true)]
async fn an_eip_that_somebody_unbinds_or_passes_on_comes_back() {
    for passed_on in [false, true] {
        let mut scene = swapped().await;
        let bound = scene.cloud.bound();
        let eip = bound
            .iter()
            .find(|(id, group)| id.starts_with("eip") && *group == "app");
        let (eip, _) = eip.unwrap();
        scene.cloud.rebind("app", None);
        if passed_on {
            scene.cloud.rebind("web", Some(eip));
        }
        let outcome = scene.apply(&pair("1", "2")).await;
        assert!(outcome.is_complete(), "{:?}", outcome.failed);
        assert_eq!(scene.cloud.bound(), bound, "{passed_on}");
        assert!(scene.apply(&pair("1", "2")).await.changed.is_empty());
    }
}

/// The group that was given it has to detach it before its dependency is changed.
#[tokio::test(start_paused = true)]
async fn what_else_somebody_changed_of_a_group_that_gives_up_an_eip_is_undone_as_well() {
    let mut scene = Scene::new();
    let containers = "[[container_group.web.containers]]\n";
    let env = "env = { PEER = '${container_group.app.intranet_ip}' }\n";
    let manifest = pair("1", "2").replacen("eip = \"e2\"\n", "", 1);
    let manifest = manifest.replacen(containers, &format!("{containers}{env}"), 1);
    assert!(scene.apply(&manifest).await.is_complete());
    let bound = scene.cloud.bound();
    let (eip, _) = bound.iter().find(|(id, _)| id.starts_with("eip")).unwrap();
    scene.cloud.rebind("app", None);
    scene.cloud.rebind("web", Some(eip));
    let edit = |group: &mut serde_json::Value| group["restartPolicy"] = "Never".into();
    scene.cloud.edit("web", edit);
    let outcome = scene.apply(&manifest).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failed);
    assert_eq!(scene.cloud.bound(), bound);
    let again = scene.apply(&manifest).await;
    assert!(again.changed.is_empty(), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn an_existing_eip_that_somebody_unbinds_is_bound_again() {
    let mut scene = Scene::new();
    scene.cloud.add_eip("eip-old");
    let manifest = pair("1", "2").replacen("[eip.e1]\n", "[eip.e1]\nid = \"eip-old\"\n", 1);
    assert!(scene.apply(&manifest).await.is_complete());
    assert!(scene.apply(&manifest).await.changed.is_empty());
    let before = scene.cloud.bound();
    scene.cloud.rebind("app", None);
    assert_ne!(scene.cloud.bound(), before);
    assert!(scene.apply(&manifest).await.is_complete());
    assert_eq!(scene.cloud.bound(), before);
    assert!(scene.apply(&manifest).await.changed.is_empty());
}

/// No manifest declares the EIP: its ID is found by the address that the group reports.
#[tokio::test(start_paused = true)]
async fn an_eip_that_somebody_binds_to_a_group_without_one_is_detached() {
    let mut scene = Scene::new();
    let manifest = pair("1", "2").replacen("eip = \"e1\"\n", "", 1);
    assert!(scene.apply(&manifest).await.is_complete());
    let before = scene.cloud.bound();
    scene.cloud.add_eip("eip-theirs");
    scene.cloud.rebind("app", Some("eip-theirs"));
    let refresh = PlannerOptions::default().with_mode(Mode::RefreshOnly);
    for refreshed in [false, true] {
        if refreshed {
            let run = scene.run(&manifest, refresh.clone(), StopHandle::new());
            assert!(run.await.unwrap().is_complete());
        }
        let plan = scene.plan(&manifest).await;
        let [drift] = plan.drift() else {
            panic!("{refreshed}: {:?}", plan.drift());
        };
        let bound = Value::from([("id", "eip-theirs")]);
        assert_eq!(drift.changes[0].after, bound, "{refreshed}");
    }
    let outcome = scene.apply(&manifest).await;
    assert_eq!(outcome.changed.get("update"), Some(&1), "{outcome:?}");
    assert_eq!(scene.cloud.bound(), before);
    assert!(scene.apply(&manifest).await.changed.is_empty());
}
