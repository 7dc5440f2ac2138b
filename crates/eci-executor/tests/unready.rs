//! Groups that the cloud reports without an address yet, for whatever reason: it is never read as
//! null.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::sync::LazyLock;
use std::time::Duration;

use eci_core::Value;
use eci_executor::StopHandle;
use eci_planner::{Mode, PlannerOptions};
use eci_state::{Record, Store as _};

use harness::{Scene, group, group_with_env};
use model::CreateOutcome;

/// A group, another one that reads its address, and outputs that do.
static READ: LazyLock<String> = LazyLock::new(|| {
    let env =
        "A = '${container_group.a.intranet_ip}', URL = 'http://${container_group.a.intranet_ip}'";
    let outputs = r#"
[output.address]
value = '${container_group.a.intranet_ip}'

[output.url]
value = 'http://${container_group.a.intranet_ip}:80'
"#;
    group("a") + &group_with_env("b", env) + outputs
});

/// The events that led to a group without an address.
#[derive(Clone, Copy, Debug)]
enum History {
    Imported,
    Interrupted,
    Untainted,
    WasReady,
}

const HISTORIES: [History; 4] = [
    History::Imported,
    History::Interrupted,
    History::Untainted,
    History::WasReady,
];

impl History {
    async fn scene(self) -> (Scene, String) {
        let mut scene = Scene::new();
        match self {
            History::Imported => {
                scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
                interrupt(&mut scene).await;
                scene.cloud.unmark("eci-1");
                let scene = Scene::on(scene.cloud.clone());
                let import = "[[import]]\nto = \"container_group.a\"\nid = \"eci-1\"\n";
                return (scene, READ.to_owned() + import);
            }
            History::Interrupted => {
                scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
                interrupt(&mut scene).await;
                scene.recover().await;
            }
            History::Untainted => {
                scene.cloud.set_outcome("a", CreateOutcome::NoAddress);
                assert!(!scene.apply(&READ).await.is_complete());
                let address = "container_group.a".parse().unwrap();
                let mut state = scene.disk.snapshot().resources[&address].clone();
                assert!(state.tainted);
                state.tainted = false;
                let state = Box::new(state);
                scene
                    .disk
                    .append(&[Record::ResourceUpdated { address, state }])
                    .unwrap();
            }
            History::WasReady => {
                assert!(scene.apply(&READ).await.is_complete());
                scene.cloud.unready("eci-1");
            }
        }
        (scene, READ.to_owned())
    }
}

/// The first run is stopped while it waits for a.
async fn interrupt(scene: &mut Scene) {
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let twice = async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        stop.request_stop();
        tokio::time::sleep(Duration::from_millis(1)).await;
        stop.request_stop()
    };
    let run = scene.run(&READ, PlannerOptions::default(), stopped);
    let (outcome, _) = tokio::join!(run, twice);
    outcome.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_plan_shows_an_unassigned_address_as_unknown() {
    for history in HISTORIES {
        let (scene, manifest) = history.scene().await;
        let plan = scene.plan(&manifest).await;
        let b = "container_group.b".parse().unwrap();
        let mut steps = plan.steps().iter();
        let b = steps.find(|step| step.address == b).unwrap();
        let desired = b.desired.as_deref().unwrap();
        let env = desired[&"containers".into()].as_list().unwrap()[0].get("env");
        for name in ["A", "URL"] {
            let value = env.and_then(|env| env.get(name));
            assert_eq!(value, Some(&Value::Unknown), "{history:?} {name}");
        }
        for output in plan.outputs() {
            assert_eq!(output.after, Value::Unknown, "{history:?} {}", output.name);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refresh_keeps_outputs_whose_address_is_unassigned() {
    for history in HISTORIES {
        let (mut scene, manifest) = history.scene().await;
        let before = scene.disk.snapshot().outputs.clone();
        let options = PlannerOptions::default().with_mode(Mode::RefreshOnly);
        let outcome = scene.run(&manifest, options, StopHandle::new()).await;
        let outcome = outcome.unwrap();
        assert!(outcome.is_complete(), "{history:?}: {outcome:?}");
        assert_eq!(scene.disk.snapshot().outputs, before, "{history:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_apply_waits_for_an_unassigned_address() {
    for history in HISTORIES {
        let (mut scene, manifest) = history.scene().await;
        let cloud = scene.cloud.clone();
        let pulled = tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            cloud.pull();
        });
        let outcome = scene.apply(&manifest).await;
        pulled.await.unwrap();
        assert!(outcome.is_complete(), "{history:?}: {outcome:?}");
        let snapshot = scene.disk.snapshot();
        let b = &snapshot.resources[&"container_group.b".parse().unwrap()];
        let env = b.applied[&"containers".into()].as_list().unwrap()[0].get("env");
        let expected = Value::from([("A", "10.0.0.1"), ("URL", "http://10.0.0.1")]);
        assert_eq!(env, Some(&expected), "{history:?}");
        let output = |name: &str| snapshot.outputs[name].value.as_str();
        assert_eq!(output("address"), Some("10.0.0.1"), "{history:?}");
        assert_eq!(output("url"), Some("http://10.0.0.1:80"), "{history:?}");
        let again = scene.apply(&manifest).await;
        assert!(again.changed.is_empty(), "{history:?}: {again:?}");
    }
}
