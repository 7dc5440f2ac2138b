//! Orders of unknown outcome: what reads show of them, what the plan shows, and what a run then
//! calls.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use eci_executor::StopHandle;
use eci_planner::{Action, Mode, Plan, PlannerOptions};
use eci_state::{IntentKind, Record, ResourceState, Store as _};

use harness::Scene;
use model::CreateOutcome;

/// The outcome of the order of a run that is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    NeverSent,
    /// The order takes effect, and no answer ever comes.
    TookEffect,
}

const ORDERS: [Order; 2] = [Order::NeverSent, Order::TookEffect];

/// A resource that is ordered.
#[derive(Clone, Copy, Debug)]
struct OrderedKind {
    name: &'static str,
    manifest: &'static str,
    /// Other forms of the manifest: updated in place, and replaced.
    updated: &'static str,
    replaced: &'static str,
    removed: &'static str,
    create: &'static str,
    delete: &'static str,
}

const EIP: OrderedKind = OrderedKind {
    name: "front",
    manifest: "[eip.front]\nbandwidth = 5\n",
    updated: "[eip.front]\nbandwidth = 7\n",
    replaced: "[eip.front]\nbandwidth = 5\nline_type = \"bgp\"\n",
    removed: "[[removed]]\nfrom = \"eip.front\"\n",
    create: "eip/create",
    delete: "eip/delete",
};

macro_rules! disk {
    ($attributes:literal) => {
        concat!(
            "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n",
            "lifecycle = { prevent_destroy = false }\ndisk = { ",
            $attributes,
            " }\n"
        )
    };
}

const DISK: OrderedKind = OrderedKind {
    name: "data",
    manifest: disk!("size = 40, kind = \"SATA\""),
    updated: disk!("size = 60, kind = \"SATA\""),
    replaced: disk!("size = 40, kind = \"SSD\""),
    removed: "[[removed]]\nfrom = \"volume.data\"\ndestroy = false\n",
    create: "ebs/new-ebs",
    delete: "ebs/refund-ebs",
};

/// A run is killed about when it orders.
async fn killed(scene: &mut Scene, kind: OrderedKind, order: Order, manifest: &str) {
    let create_outcome = match order {
        Order::NeverSent => CreateOutcome::CutBefore,
        Order::TookEffect => CreateOutcome::CutAfter,
    };
    for _ in 0..40 {
        scene.cloud.set_outcome(kind.name, create_outcome);
    }
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let (cloud, before) = (scene.cloud.clone(), scene.cloud.log().len());
    let timer = tokio::spawn(async move {
        let is_sent = |log: &[String]| log.iter().any(|call| call.starts_with(kind.create));
        while !is_sent(&cloud.log()[before..]) {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        stop.request_stop();
        stop.request_stop();
        stop
    });
    let _ = scene
        .run(manifest, PlannerOptions::default(), stopped)
        .await;
    timer.abort();
    scene.cloud.heal(kind.name);
    // Whatever was placed is complete by now.
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    let snapshot = scene.disk.snapshot();
    let open = snapshot.open_intents.iter();
    let creates = open.filter(|open| matches!(open.kind, IntentKind::Create { .. }));
    let orders: Vec<_> = creates.map(|open| open.order.clone()).collect();
    assert_eq!(orders, [None], "{kind:?} {order:?}");
}

/// Returns the number of each call that a plan shows.
fn shown(plan: &Plan) -> (usize, usize) {
    let count = |actions: [Action; 2]| {
        let steps = plan.steps().iter();
        steps.filter(|step| actions.contains(&step.action)).count()
    };
    (
        count([Action::Create, Action::Replace]),
        count([Action::Delete, Action::Replace]),
    )
}

/// Recovers, plans and applies; returns the actions of the plan once it is proved that the calls
/// are those that it shows, and that the next plan is empty.
async fn finished(
    scene: &mut Scene,
    kind: OrderedKind,
    manifest: &str,
    options: PlannerOptions,
) -> Vec<Action> {
    scene.recover().await;
    let before = scene.cloud.log().len();
    let plan = scene.plan_with(manifest, &options).await;
    let actions = plan.steps().iter().map(|step| step.action).collect();
    let shown = shown(&plan);
    let outcome = scene.apply_plan(plan).await.unwrap();
    assert!(outcome.is_complete(), "{outcome:?}");
    let log = scene.cloud.log();
    let count = |call: &str| {
        log[before..]
            .iter()
            .filter(|it| it.starts_with(call))
            .count()
    };
    let calls = (count(kind.create), count(kind.delete));
    assert_eq!(calls, shown, "{kind:?} {:?}", &log[before..]);
    assert!(scene.disk.snapshot().open_intents.is_empty());
    assert!(scene.plan_with(manifest, &options).await.is_idle());
    actions
}

fn destroy() -> PlannerOptions {
    PlannerOptions::default().with_mode(Mode::Destroy)
}

/// Whatever happens to the manifest, the calls are those that the plan shows.
#[tokio::test(start_paused = true)]
async fn a_plan_shows_each_call_that_follows_from_an_order_of_unknown_outcome() {
    use Action::{Create, Delete, Forget, NoOp, Replace, Update};
    for kind in [EIP, DISK] {
        // The plan where it was never sent, and where it took effect.
        let cases = [
            (
                kind.manifest,
                PlannerOptions::default(),
                vec![Create],
                vec![NoOp],
            ),
            (
                kind.updated,
                PlannerOptions::default(),
                vec![Create],
                vec![Update],
            ),
            (
                kind.replaced,
                PlannerOptions::default(),
                vec![Create],
                vec![Replace],
            ),
            (
                kind.removed,
                PlannerOptions::default(),
                vec![],
                vec![Forget],
            ),
            (kind.manifest, destroy(), vec![], vec![Delete]),
        ];
        for (manifest, options, never_sent, took_effect) in cases {
            for order in ORDERS {
                let mut scene = Scene::new();
                killed(&mut scene, kind, order, kind.manifest).await;
                let actions = finished(&mut scene, kind, manifest, options.clone()).await;
                let expected = match order {
                    Order::NeverSent => &never_sent,
                    Order::TookEffect => &took_effect,
                };
                assert_eq!(actions, *expected, "{kind:?} {order:?} {manifest}");
                let stays = usize::from(options.mode == Mode::Apply);
                let exists = match (order, manifest == kind.removed) {
                    (Order::NeverSent, true) => 0,
                    _ => stays,
                };
                assert_eq!(scene.cloud.objects().len(), exists, "{kind:?} {order:?}");
            }
        }
    }
}

/// Sent again under the same token, it orders nothing twice, even where reads are out of date.
#[tokio::test(start_paused = true)]
async fn what_is_still_desired_is_sent_again_under_its_token() {
    for kind in [EIP, DISK] {
        let mut scene = Scene::new();
        killed(&mut scene, kind, Order::NeverSent, kind.manifest).await;
        let IntentKind::Create { operation, .. } =
            scene.disk.snapshot().open_intents[0].kind.clone()
        else {
            panic!("no create is open");
        };
        finished(&mut scene, kind, kind.manifest, PlannerOptions::default()).await;
        let resources = &scene.disk.snapshot().resources;
        let created = resources.values().next().unwrap();
        assert_eq!(created.operation.as_ref(), Some(&operation));
    }
}

/// A replacement is taken back before the new one was ordered.
#[tokio::test(start_paused = true)]
async fn a_replacement_whose_order_was_never_sent_is_reverted() {
    use Action::{Create, Delete, NoOp, Replace};
    for order in ORDERS {
        // The old EIP is still there.
        let mut scene = Scene::new();
        scene.apply(EIP.manifest).await;
        killed(&mut scene, EIP, order, EIP.replaced).await;
        let actions = finished(&mut scene, EIP, EIP.manifest, PlannerOptions::default()).await;
        match order {
            Order::NeverSent => assert_eq!(actions, [NoOp]),
            // What the cloud chooses is not given any more, and stays.
            Order::TookEffect => assert_eq!(actions, [NoOp, Delete]),
        }
        assert_eq!(scene.cloud.objects(), ["eip front 5"]);
        // The old disk is not.
        let mut scene = Scene::new();
        scene.apply(DISK.manifest).await;
        killed(&mut scene, DISK, order, DISK.replaced).await;
        let actions = finished(&mut scene, DISK, DISK.manifest, PlannerOptions::default()).await;
        match order {
            Order::NeverSent => assert_eq!(actions, [Create]),
            Order::TookEffect => assert_eq!(actions, [Replace]),
        }
        assert_eq!(scene.cloud.objects(), ["disk data 40"]);
    }
}

/// A replacement goes on with its own order.
#[tokio::test(start_paused = true)]
async fn a_replacement_continues_whatever_the_outcome_of_its_order() {
    for kind in [EIP, DISK] {
        for order in ORDERS {
            let mut scene = Scene::new();
            scene.apply(kind.manifest).await;
            killed(&mut scene, kind, order, kind.replaced).await;
            finished(&mut scene, kind, kind.replaced, PlannerOptions::default()).await;
            assert_eq!(scene.cloud.objects().len(), 1, "{kind:?} {order:?}");
        }
    }
}

/// Reads cannot determine which of two equal creates created the only EIP.
#[tokio::test(start_paused = true)]
async fn an_eip_that_either_of_two_creates_may_have_created_is_named() {
    let two =
        "[eip.one]\nname = \"front\"\nbandwidth = 5\n[eip.two]\nname = \"front\"\nbandwidth = 5\n";
    let mut scene = Scene::new();
    for _ in 0..40 {
        scene.cloud.set_outcome("front", CreateOutcome::CutAfter);
    }
    let stop = StopHandle::new();
    let stopped = stop.clone();
    let timer = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        stop.request_stop();
        stop.request_stop();
        stop
    });
    let _ = scene.run(two, PlannerOptions::default(), stopped).await;
    timer.abort();
    scene.cloud.heal("front");
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    let error = scene.try_recover().await.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot determine which object an earlier run created for "),
        "{error}"
    );
    assert_eq!(scene.disk.snapshot().open_intents.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_the_state_records_at_another_address_is_not_recorded_again() {
    for (manifest, address, pending) in [
        (
            harness::group("web"),
            "container_group.web",
            "container_group.old",
        ),
        (DISK.manifest.to_owned(), "volume.data", "volume.old"),
    ] {
        let mut scene = Scene::new();
        assert!(scene.apply(&manifest).await.is_complete());
        let state = scene.disk.snapshot().resources[&address.parse().unwrap()].clone();
        let operation = state.operation.clone().unwrap();
        let planned = Box::new(ResourceState { id: None, ..state });
        let record = Record::Intent {
            intent: scene.disk.next_intent(),
            address: pending.parse().unwrap(),
            kind: IntentKind::Create {
                operation,
                planned,
                listed: Vec::new(),
            },
            time: (model::effects().clock)().to_string(),
            token: None,
        };
        scene.disk.append(&[record]).unwrap();
        scene.recover().await;
        assert!(scene.disk.snapshot().open_intents.is_empty(), "{address}");
        let recorded = scene.disk.snapshot().resources.keys();
        let recorded: Vec<String> = recorded.map(ToString::to_string).collect();
        assert_eq!(recorded, [address]);
    }
}
