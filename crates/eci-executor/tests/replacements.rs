//! Replacements in both orders, moves and imports, against a model of the cloud.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::collections::BTreeSet;

use eci_executor::StopHandle;
use eci_planner::{Mode, PlannerOptions, Task, TaskKind};
use eci_state::{Record, Store as _};

use harness::{Scene, group, group_with_env};
use model::CreateOutcome;

/// A group with an existing EIP, replaced before the old one is deleted; another one depends on it.
const FRONT: &str = r#"
[eip.front]
id = "eip-1"

[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
eip = "front"
containers = [{ name = "main", image = "app:1" }]
lifecycle = { create_before_destroy = true }

[container_group.other]
vpc_id = "vpc-9"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{ name = "main", image = "app:1", env = { WEB = '${container_group.web.intranet_ip}' } }]
"#;

fn elsewhere() -> String {
    FRONT.replace("vpc-1", "vpc-2")
}

#[tokio::test(start_paused = true)]
async fn the_new_group_is_created_first_and_the_eip_changes_hands_before_the_old_one_is_deleted() {
    let mut scene = Scene::new();
    assert!(scene.apply(FRONT).await.is_complete());
    assert_eq!(scene.cloud.log(), ["create web", "create other"]);
    let outcome = scene.apply(&elsewhere()).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(
        (outcome.changed["replace"], outcome.changed["update"]),
        (1, 1)
    );
    assert_eq!(
        scene.cloud.log()[2..],
        [
            "create web",
            "update eci-1",
            "update eci-3",
            "update eci-2",
            "delete eci-1"
        ]
    );
    assert_eq!(scene.cloud.early(), [""; 0]);
    assert!(scene.disk.snapshot().open_intents.is_empty());
    let web = &scene.disk.snapshot().resources[&"container_group.web".parse().unwrap()];
    assert_eq!(web.id.as_deref(), Some("eci-3"));
    assert_eq!(
        web.applied[&"eip".into()].get("id").unwrap().as_str(),
        Some("eip-1")
    );
    assert!(scene.apply(&elsewhere()).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_new_one_that_fails_leaves_the_old_one_in_its_place() {
    let mut scene = Scene::new();
    scene.apply(FRONT).await;
    scene.cloud.set_outcome("web", CreateOutcome::Refused);
    let outcome = scene.apply(&elsewhere()).await;
    assert_eq!(outcome.failed.len(), 1);
    assert_eq!(scene.cloud.names().len(), 2);
    let web = &scene.disk.snapshot().resources[&"container_group.web".parse().unwrap()];
    assert_eq!(web.id.as_deref(), Some("eci-1"));
    assert!(scene.apply(&elsewhere()).await.is_complete());
    assert_eq!(scene.cloud.names().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deposed_object_is_never_lost_when_the_run_ends_in_between() {
    for full_from in 2..14 {
        let mut scene = Scene::new();
        scene.apply(FRONT).await;
        scene.disk.fill_after(full_from);
        let manifest = elsewhere();
        let run = scene.run(&manifest, PlannerOptions::default(), StopHandle::new());
        let ended = run.await;
        scene.disk.full_from = None;
        scene.recover().await;
        let outcome = scene.apply(&elsewhere()).await;
        assert!(outcome.is_complete(), "{full_from}: {outcome:?}, {ended:?}");
        scene.recover().await;
        let mut names = scene.cloud.names();
        names.sort();
        assert_eq!(
            names,
            ["other", "web"],
            "{full_from}: {:?}",
            scene.cloud.log()
        );
        assert!(scene.disk.snapshot().open_intents.is_empty(), "{full_from}");
        assert!(
            scene.apply(&elsewhere()).await.changed.is_empty(),
            "{full_from}"
        );
    }
}

/// Whichever run deletes the old one, what reads its address has the new one's by then.
#[tokio::test(start_paused = true)]
async fn an_old_object_is_deleted_after_the_update_of_what_reads_its_address() {
    let other = group_with_env("other", "WEB = '${container_group.web.intranet_ip}'");
    let first = group("web") + "lifecycle = { create_before_destroy = true }\n" + &other;
    let next = first.replacen("subnet-1", "subnet-2", 1);
    let mut later = 0;
    for full_from in 2..14 {
        let mut scene = Scene::new();
        scene.apply(&first).await;
        scene.disk.fill_after(full_from);
        let _ = scene
            .run(&next, PlannerOptions::default(), StopHandle::new())
            .await;
        scene.disk.full_from = None;
        scene.recover().await;
        let plan = scene.plan(&next).await;
        let task = |kind: TaskKind, id: &str| {
            let is_it = |task: &Task| {
                let step = &plan.steps()[task.step];
                task.kind == kind && step.id.as_deref() == Some(id)
            };
            plan.tasks().iter().position(is_it)
        };
        let (updates, deletes) = (
            task(TaskKind::Update, "eci-2"),
            task(TaskKind::Delete, "eci-1"),
        );
        if let (Some(updates), Some(deletes)) = (updates, deletes) {
            later += 1;
            let dependencies = &plan.tasks()[deletes].depends_on;
            assert!(
                dependencies.contains(&updates),
                "{full_from}: {dependencies:?}"
            );
        }
        assert!(scene.apply(&next).await.is_complete(), "{full_from}");
        assert_eq!(scene.cloud.names().len(), 2);
    }
    assert!(later > 1, "{later}");
}

/// The run dies while it waits for the new one, which never becomes ready.
#[tokio::test(start_paused = true)]
async fn an_old_one_serves_until_a_new_one_is_ready_whichever_run_makes_it() {
    for full_from in 2..14 {
        let mut scene = Scene::new();
        scene.apply(FRONT).await;
        scene.cloud.set_outcome("web", CreateOutcome::NeverReady);
        scene.disk.fill_after(full_from);
        let manifest = elsewhere();
        let run = scene.run(&manifest, PlannerOptions::default(), StopHandle::new());
        let _ = run.await;
        scene.disk.full_from = None;
        scene.recover().await;
        let deleted = |scene: &Scene| scene.cloud.log().contains(&"delete eci-1".to_owned());
        assert!(!deleted(&scene), "{full_from}: {:?}", scene.cloud.log());
        scene.cloud.heal("web");
        for _ in 0..3 {
            scene.apply(&manifest).await;
            scene.recover().await;
        }
        assert!(deleted(&scene), "{full_from}: {:?}", scene.cloud.log());
        let mut names = scene.cloud.names();
        names.sort();
        assert_eq!(names, ["other", "web"], "{full_from}");
        assert!(scene.disk.snapshot().open_intents.is_empty(), "{full_from}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_order_carries_over_to_dependencies() {
    let chain = FRONT
        .replace("eip = \"front\"\n", "")
        .replace("lifecycle = { create_before_destroy = true }", "")
        + "lifecycle = { create_before_destroy = true }\n";
    let mut scene = Scene::new();
    scene.apply(&chain).await;
    let moved = chain.replace("vpc-1", "vpc-2").replace("vpc-9", "vpc-3");
    assert!(scene.apply(&moved).await.is_complete());
    let log = scene.cloud.log();
    assert_eq!(log[2..4], ["create web", "create other"], "{log:?}");
    assert_eq!(log[4..], ["delete eci-2", "delete eci-1"], "{log:?}");
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_moves_is_the_same_under_another_address() {
    let mut scene = Scene::new();
    scene.apply(FRONT).await;
    let moved = FRONT
        .replace("container_group.web", "container_group.site")
        .replace("vpc_id = \"vpc-1\"", "name = \"web\"\nvpc_id = \"vpc-1\"")
        + "[[moved]]\nfrom = \"container_group.web\"\nto = \"container_group.site\"\n";
    let outcome = scene.apply(&moved).await;
    assert_eq!(outcome.changed.get("move"), Some(&1), "{outcome:?}");
    assert_eq!(scene.cloud.log().len(), 2);
    let state = scene.state();
    assert_eq!(
        state,
        ["eip.front", "container_group.other", "container_group.site"]
    );
    let other = &scene.disk.snapshot().resources[&"container_group.other".parse().unwrap()];
    assert_eq!(
        other.dependencies,
        ["container_group.site".parse().unwrap()]
    );
    assert!(scene.apply(&moved).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_removed_group_leaves_the_state_and_an_imported_one_is_recorded() {
    let mut scene = Scene::new();
    scene.apply(FRONT).await;
    let without = "[[removed]]\nfrom = \"container_group.other\"\n".to_owned()
        + &FRONT[..FRONT.find("[container_group.other]").unwrap()];
    let outcome = scene.apply(&without).await;
    assert_eq!(outcome.changed.get("forget"), Some(&1), "{outcome:?}");
    assert_eq!(scene.cloud.names().len(), 2);
    let again = FRONT.to_owned() + "[[import]]\nto = \"container_group.other\"\nid = \"eci-2\"\n";
    let outcome = scene.apply(&again).await;
    assert_eq!(outcome.changed.get("import"), Some(&1), "{outcome:?}");
    assert_eq!(scene.cloud.log().len(), 2);
    assert!(scene.apply(&again).await.changed.is_empty());
    let options = PlannerOptions::default().with_mode(Mode::Destroy);
    scene.run(&again, options, StopHandle::new()).await.unwrap();
    assert_eq!(scene.cloud.names(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_deletes_first_has_the_eip_at_once() {
    let eip = |of: &Scene| {
        let web = &of.disk.snapshot().resources[&"container_group.web".parse().unwrap()];
        web.applied[&"eip".into()].clone()
    };
    for form in ["id = \"eip-1\"", "auto = true"] {
        let plain = FRONT
            .replace("lifecycle = { create_before_destroy = true }", "")
            .replace("id = \"eip-1\"", form);
        let mut scene = Scene::new();
        scene.apply(&plain).await;
        let before = eip(&scene);
        let moved = plain.replace("vpc-1", "vpc-2");
        assert!(scene.apply(&moved).await.is_complete());
        assert_eq!(eip(&scene), before, "{form}");
        assert!(scene.apply(&moved).await.changed.is_empty(), "{form}");
    }
}

/// Two replacements that never became ready, and then one that does, or the end of all.
///
/// The EIP is with the group that serves meanwhile: its replacement is created without it and gets
/// it in the same run, whether it is created before or after the failed one is deleted.
#[tokio::test(start_paused = true)]
async fn a_temporary_group_is_deleted_in_the_run_that_makes_it_redundant() {
    let deletes_first = elsewhere().replace("create_before_destroy = true", "ignore_changes = []");
    for (mode, manifest) in [
        (Mode::Apply, elsewhere()),
        (Mode::Apply, deletes_first),
        (Mode::Destroy, elsewhere()),
    ] {
        let mut scene = Scene::new();
        scene.apply(FRONT).await;
        for image in ["app:2", "app:3"] {
            scene.cloud.set_outcome("web", CreateOutcome::NeverReady);
            let failing = elsewhere().replacen("app:1", image, 1);
            scene.recover().await;
            assert_eq!(scene.apply(&failing).await.failed.len(), 1);
        }
        scene.recover().await;
        let deleted = "delete eci-1".to_owned();
        assert!(!scene.cloud.log().contains(&deleted));
        let options = PlannerOptions::default().with_mode(mode);
        let outcome = scene.run(&manifest, options, StopHandle::new()).await;
        let outcome = outcome.unwrap();
        assert!(outcome.is_complete());
        let mut names = scene.cloud.names();
        names.sort();
        match mode {
            Mode::Destroy => assert_eq!(names, [""; 0]),
            _ => {
                assert_eq!(names, ["other", "web"]);
                assert_eq!(outcome.changed.get("replace"), Some(&1), "{outcome:?}");
                let plan = scene.plan(&manifest).await;
                assert!(plan.is_idle(), "{:?}", plan.steps());
            }
        }
        assert!(scene.disk.snapshot().open_intents.is_empty());
    }
}

/// `web` is `site` from now on, in the same group.
fn renamed(manifest: &str) -> String {
    manifest
        .replace("container_group.web", "container_group.site")
        .replacen("vpc_id", "name = \"web\"\nvpc_id", 1)
        + "[[moved]]\nfrom = \"container_group.web\"\nto = \"container_group.site\"\n"
}

#[tokio::test(start_paused = true)]
async fn a_group_in_service_that_moves_stays_until_its_replacement_is_ready() {
    for create_outcome in [CreateOutcome::NeverReady, CreateOutcome::Refused] {
        let mut scene = Scene::new();
        scene.apply(FRONT).await;
        scene.cloud.set_outcome("web", CreateOutcome::NeverReady);
        assert_eq!(scene.apply(&elsewhere()).await.failed.len(), 1);
        scene.recover().await;
        // The delete of the group in service is pending, under the address that moves.
        assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
        let moved = renamed(&elsewhere());
        scene.cloud.set_outcome("web", create_outcome);
        assert_eq!(scene.apply(&moved).await.failed.len(), 1);
        scene.recover().await;
        let deleted = |scene: &Scene| scene.cloud.log().contains(&"delete eci-1".to_owned());
        assert!(!deleted(&scene), "{:?}", scene.cloud.log());
        let site = "container_group.site".parse().unwrap();
        let open = &scene.disk.snapshot().open_intents;
        assert!(open.iter().all(|open| open.address == site), "{open:?}");
        scene.cloud.heal("web");
        for _ in 0..3 {
            scene.apply(&moved).await;
            scene.recover().await;
        }
        assert!(deleted(&scene), "{:?}", scene.cloud.log());
        let mut names = scene.cloud.names();
        names.sort();
        assert_eq!(names, ["other", "web"]);
        assert!(scene.disk.snapshot().open_intents.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_import_of_what_moves_to_its_address_creates_nothing() {
    let mut scene = Scene::new();
    scene.apply(FRONT).await;
    let import = "[[import]]\nto = \"container_group.site\"\nid = \"eci-1\"\n";
    let both = renamed(FRONT) + import;
    let outcome = scene.apply(&both).await;
    assert_eq!(outcome.changed.get("move"), Some(&1), "{outcome:?}");
    assert_eq!(scene.cloud.log().len(), 2, "{:?}", scene.cloud.log());
    assert!(scene.apply(&both).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refresh_records_moves() {
    let mut scene = Scene::new();
    scene.apply(FRONT).await;
    let refresh = PlannerOptions::default().with_mode(Mode::RefreshOnly);
    let moved = renamed(FRONT).replace("app:1", "app:2");
    let run = scene.run(&moved, refresh, StopHandle::new());
    assert!(run.await.unwrap().is_complete());
    assert!(scene.state().contains(&"container_group.site".to_owned()));
    assert_eq!(scene.cloud.log().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_was_replaced_is_left_to_a_state_that_has_taken_it_over() {
    let plain = FRONT.replace("eip = \"front\"\n", "");
    let elsewhere = plain.replacen("vpc-1", "vpc-2", 1);
    let mut left = 0;
    for full_from in 2..9 {
        let mut scene = Scene::new();
        scene.apply(&plain).await;
        scene.disk.fill_after(full_from);
        let run = scene.run(&elsewhere, PlannerOptions::default(), StopHandle::new());
        let _ = run.await;
        scene.disk.full_from = None;
        scene.recover().await;
        let plan = scene.plan(&elsewhere).await;
        if !plan.steps().iter().any(|step| step.is_of_predecessor()) {
            continue;
        }
        left += 1;
        scene.cloud.take_over("eci-1", "another-state.op1");
        scene.recover().await;
        let outcome = scene.apply(&elsewhere).await;
        assert!(outcome.is_complete(), "{full_from}: {outcome:?}");
        let log = scene.cloud.log();
        assert!(
            !log.contains(&"delete eci-1".to_owned()),
            "{full_from}: {log:?}"
        );
        assert!(scene.disk.snapshot().open_intents.is_empty(), "{full_from}");
        assert!(scene.plan(&elsewhere).await.is_idle(), "{full_from}");
    }
    assert!(left > 0);
}

/// The run ends once the new one is there, before the old one is deleted.
#[tokio::test(start_paused = true)]
async fn what_was_replaced_is_deleted_by_a_step_of_the_plan() {
    let plain = FRONT.replace("eip = \"front\"\n", "");
    let elsewhere = plain.replacen("vpc-1", "vpc-2", 1);
    let mut shown = 0;
    for full_from in 2..9 {
        let mut scene = Scene::new();
        scene.apply(&plain).await;
        scene.disk.fill_after(full_from);
        let run = scene.run(&elsewhere, PlannerOptions::default(), StopHandle::new());
        let _ = run.await;
        scene.disk.full_from = None;
        scene.recover().await;
        let calls = scene.cloud.log().len();
        let plan = scene.plan(&elsewhere).await;
        assert_eq!(scene.cloud.log().len(), calls);
        let steps = plan.steps().iter();
        let deletes: Vec<_> = steps.filter(|step| step.is_of_predecessor()).collect();
        assert_eq!(
            deletes.len(),
            scene.disk.snapshot().open_intents.len(),
            "{full_from}"
        );
        for step in deletes {
            assert_eq!(step.id.as_deref(), Some("eci-1"));
            shown += 1;
        }
        let outcome = scene.apply(&elsewhere).await;
        assert!(outcome.is_complete(), "{full_from}: {outcome:?}");
        assert!(scene.disk.snapshot().open_intents.is_empty(), "{full_from}");
        assert!(scene.plan(&elsewhere).await.is_idle(), "{full_from}");
        let mut names = scene.cloud.names();
        names.sort();
        assert_eq!(names, ["other", "web"], "{full_from}");
    }
    assert!(shown > 0);
}

/// What was imported is in the state or among what is to be deleted, whenever the run ends, and what
/// was deleted for its successor is not imported again.
#[tokio::test(start_paused = true)]
async fn a_group_that_is_imported_and_replaced_is_not_lost_when_the_run_ends() {
    let created_first = group("web") + "lifecycle = { create_before_destroy = true }\n";
    for (first, records) in [created_first, group("web")]
        .iter()
        .flat_map(|first| (1..12).map(move |records| (first, records)))
    {
        let mut scene = Scene::new();
        let next = imported_elsewhere(&mut scene, first).await;
        scene.disk.fill_after(records);
        let run = scene.run(&next, PlannerOptions::default(), StopHandle::new());
        let _ = run.await;
        scene.disk.full_from = None;
        for _ in 0..2 {
            scene.recover().await;
            let refresh = PlannerOptions::default().with_mode(Mode::RefreshOnly);
            let refreshed = scene.run(&next, refresh, StopHandle::new()).await.unwrap();
            assert!(refreshed.is_complete(), "{records}: {refreshed:?}");
            let plan = scene.plan(&next).await;
            let steps = plan.steps().iter().filter(|step| step.id.is_some());
            let ids: Vec<_> = steps.map(|step| step.id.clone()).collect();
            let different: BTreeSet<_> = ids.iter().collect();
            assert_eq!(different.len(), ids.len(), "{records}: {ids:?}");
            let outcome = scene.apply(&next).await;
            assert!(outcome.is_complete(), "{records}: {outcome:?}");
        }
        assert_eq!(scene.cloud.names(), ["web"], "{records}");
        assert!(scene.disk.snapshot().open_intents.is_empty(), "{records}");
    }
}

/// A create that fails leaves nothing to import.
#[tokio::test(start_paused = true)]
async fn a_group_that_is_imported_and_deleted_is_created_by_the_next_run() {
    let mut scene = Scene::new();
    let next = imported_elsewhere(&mut scene, &group("web")).await;
    scene.cloud.set_outcome("web", CreateOutcome::Refused);
    let outcome = scene.apply(&next).await;
    assert!(!outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.names(), [""; 0]);
    let outcome = scene.apply(&next).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.names(), ["web"]);
}

/// Applies a group, removes it from the state, and returns the manifest that imports it and moves it
/// to another subnet.
async fn imported_elsewhere(scene: &mut Scene, first: &str) -> String {
    let address: eci_core::Address = "container_group.web".parse().unwrap();
    assert!(scene.apply(first).await.is_complete());
    let id = scene.disk.snapshot().resources[&address].id.clone();
    let removed = Record::Removed {
        address: address.clone(),
        time: "2026-01-01T00:00:00Z".to_owned(),
    };
    scene.disk.append(&[removed]).unwrap();
    let id = id.unwrap();
    let import = format!("[[import]]\nto = \"{address}\"\nid = \"{id}\"\n");
    first.replace("subnet-1", "subnet-2") + &import
}
