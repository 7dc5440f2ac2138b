//! Changes whose outcome is unknown, and manifests that are reverted after them.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use eci_executor::StopHandle;
use eci_planner::{PlannerOptions, Reason};
use eci_state::Store as _;

use harness::Scene;
use model::CreateOutcome;

const WEB: &str = r#"
[container_group.web]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
tags = { team = "a" }
dns_config = { nameservers = ["10.0.0.53"] }
containers = [{ name = "main", image = "app:1", env = { LEVEL = "info" } }]
"#;

/// The process ends once the change has succeeded, and before that is recorded.
async fn lost(scene: &mut Scene, manifest: &str) {
    scene.disk.fill_after(3);
    let run = scene.run(manifest, PlannerOptions::default(), StopHandle::new());
    assert!(run.await.is_err());
    scene.disk.full_from = None;
    assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
}

/// What the cloud does not report: it may be what it was, or not.
#[tokio::test(start_paused = true)]
async fn a_change_of_unknown_outcome_is_taken_back_when_its_manifest_is_reverted() {
    let dns = |server: &str| WEB.replace("10.0.0.53", server);
    let without = WEB.replace("dns_config = { nameservers = [\"10.0.0.53\"] }\n", "");
    let cases = [
        (WEB.to_owned(), dns("10.0.0.99")),
        (WEB.to_owned(), without.clone()),
        (without, WEB.to_owned()),
    ];
    for (before, changed) in cases {
        let mut scene = Scene::new();
        scene.apply(&before).await;
        let dns = scene.cloud.report("eci-1")["dnsConfig"].clone();
        lost(&mut scene, &changed).await;
        assert_ne!(scene.cloud.report("eci-1")["dnsConfig"], dns);
        scene.recover().await;
        let outcome = scene.apply(&before).await;
        assert_eq!(outcome.changed.get("update"), Some(&1), "{outcome:?}");
        let now = &scene.cloud.report("eci-1")["dnsConfig"];
        let servers = |report: &serde_json::Value| report["nameServers"].clone();
        assert_eq!(servers(now), servers(&dns), "{now}");
        // Once.
        assert!(scene.apply(&before).await.changed.is_empty());
        assert_eq!(scene.cloud.log().len(), 3);
        assert!(scene.disk.snapshot().open_intents.is_empty());
    }
}

fn disk(name: &str, description: &str) -> String {
    let described = match description {
        "" => String::new(),
        text => format!(", description = \"{text}\""),
    };
    format!(
        "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
         disk = {{ size = 40, kind = \"SATA\", name = \"{name}\"{described} }}\n"
    )
}

/// A disk holds data: what was sent to it in place is sent again in place, and no more than that.
#[tokio::test(start_paused = true)]
async fn a_lost_change_of_what_a_disk_does_not_report_never_replaces_it() {
    let cases = [
        (("d1", "a"), ("d1", "b"), ("d1", "a")),
        (("d1", "a"), ("d1", "b"), ("d1", "")),
        (("d1", ""), ("d1", "b"), ("d1", "")),
        (("d1", "a"), ("d1", ""), ("d1", "a")),
        (("d1", "a"), ("d2", "b"), ("d1", "a")),
        (("d1", "a"), ("d2", "b"), ("d3", "a")),
        (("d1", "a"), ("d2", "b"), ("d3", "")),
    ];
    // The process ends before the call, or after it.
    for (at, (before, changed, after)) in cases.iter().flat_map(|case| [(2, case), (3, case)]) {
        let context = format!("{before:?} {changed:?} {after:?}, the record {at}");
        let mut scene = Scene::new();
        scene.apply(&disk(before.0, before.1)).await;
        scene.disk.fill_after(at);
        let changed = disk(changed.0, changed.1);
        let run = scene.run(&changed, PlannerOptions::default(), StopHandle::new());
        assert!(run.await.is_err());
        scene.disk.full_from = None;
        scene.recover().await;
        let reverted = disk(after.0, after.1);
        let outcome = scene.apply(&reverted).await;
        assert!(outcome.is_complete(), "{context}: {outcome:?}");
        let (name, description) = scene.cloud.disk();
        assert_eq!((&*name, &*description), *after, "{context}");
        let calls = scene.cloud.log();
        let orders = calls.iter().filter(|call| !call.contains("update-attr"));
        assert_eq!(orders.count(), 1, "{context}: {calls:?}");
        assert!(scene.plan(&reverted).await.is_idle(), "{context}");
        assert!(scene.disk.snapshot().open_intents.is_empty());
    }
}

/// Somebody sets the tag.
fn retag(scene: &Scene, team: &str) {
    scene.cloud.edit("web", |web| {
        let mut tags = web["tags"].as_array_mut().unwrap().iter_mut();
        let tag = tags.find(|tag| tag["key"] == "team").unwrap();
        tag["value"] = team.into();
    });
}

/// What the cloud reports is observed: nothing is sent where it is as it should be.
#[tokio::test(start_paused = true)]
async fn what_the_cloud_reports_of_a_change_of_unknown_outcome_decides() {
    let mut scene = Scene::new();
    scene.apply(WEB).await;
    let changed = WEB.replace("team = \"a\"", "team = \"b\"");
    lost(&mut scene, &changed).await;
    scene.recover().await;
    // Only this run has done it.
    for manifest in [WEB, &changed] {
        assert_eq!(scene.plan(manifest).await.drift(), []);
    }
    let plan = scene.plan(WEB).await;
    assert_eq!(plan.steps()[0].reason, Some(Reason::Uncertain));
    // It was done, and is undone.
    let outcome = scene.apply(WEB).await;
    assert_eq!(outcome.changed.get("update"), Some(&1), "{outcome:?}");
    // What somebody does after that is drift.
    retag(&scene, "z");
    assert_eq!(scene.plan(WEB).await.drift().len(), 1);
    let mut scene = Scene::new();
    scene.apply(WEB).await;
    // It was not done.
    (0..100).for_each(|_| scene.cloud.set_outcome("eci-1", CreateOutcome::CutBefore));
    assert!(!scene.apply(&changed).await.is_complete());
    scene.cloud.heal("eci-1");
    assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
    scene.recover().await;
    assert!(scene.apply(WEB).await.changed.is_empty());
    retag(&scene, "b");
    assert_eq!(scene.plan(WEB).await.drift().len(), 1);
}
