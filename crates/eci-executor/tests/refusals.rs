//! Creates that are refused: nothing is created twice because an error was believed.
#![allow(clippy::unwrap_used)]

mod harness;
mod model;
mod services;

use std::sync::LazyLock;

use eci_executor::{ApplyOutcome, TaskError};
use eci_state::Store as _;

use harness::{EIP_AND_DISK, Scene, group};
use model::CreateOutcome;

static GROUPS: LazyLock<String> = LazyLock::new(|| {
    let after = "depends_on = [\"container_group.a\"]\n";
    group("a") + &group("b") + after
});

/// The reasons and codes that a create can be refused with.
const REFUSALS: [(&str, i64); 13] = [
    ("BadRequest", 400),
    ("Unauthorized", 401),
    ("PaymentRequired", 402),
    ("Forbidden", 403),
    ("NotFound", 404),
    ("MethodNotAllowed", 405),
    ("RequestTimeout", 408),
    ("Conflict", 409),
    ("Invalid", 422),
    ("TooEarly", 425),
    ("TooManyRequests", 429),
    ("QuotaExceed", 429),
    ("ClientClosed", 499),
];

fn creates(scene: &Scene, name: &str) -> usize {
    let call = format!("create {name}");
    scene.cloud.log().iter().filter(|it| **it == call).count()
}

fn problem(outcome: &ApplyOutcome) -> &TaskError {
    let [failure] = &outcome.failed[..] else {
        panic!("{outcome:?}");
    };
    &failure.problem
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_done_and_refused_is_found_before_the_run_ends() {
    for (reason, code) in REFUSALS {
        let mut scene = Scene::new();
        scene
            .cloud
            .set_outcome("a", CreateOutcome::DoneAndRefused(reason, code));
        let outcome = scene.apply(&GROUPS).await;
        assert!(outcome.is_complete(), "{reason}: {outcome:?}");
        assert_eq!(
            (creates(&scene, "a"), creates(&scene, "b")),
            (1, 1),
            "{reason}"
        );
        assert_eq!(scene.cloud.names(), ["a", "b"], "{reason}");
        assert!(scene.apply(&GROUPS).await.changed.is_empty(), "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_create_without_effect_is_reported_after_a_lookup() {
    let mut scene = Scene::new();
    scene
        .cloud
        .set_outcome("a", CreateOutcome::RefusedFor("OutOfRange", 400));
    let outcome = scene.apply(&GROUPS).await;
    let TaskError::ValueRefused(refused) = problem(&outcome) else {
        panic!("{outcome:?}");
    };
    assert_eq!(refused.attribute.to_string(), "containers[0].image");
    assert_eq!(refused.place.as_ref().unwrap().position().0, 7);
    let help = problem(&outcome).help().unwrap();
    assert_eq!(help.en(), "correct `containers[0].image` (main.eci.toml:7)");
    assert_eq!((outcome.skipped.len(), creates(&scene, "a")), (1, 1));
    assert!(scene.disk.snapshot().open_intents.is_empty());
    assert_eq!(
        scene
            .listener
            .0
            .lock()
            .unwrap()
            .iter()
            .filter(|it| it.contains("refused, to be verified"))
            .count(),
        1
    );
    let outcome = scene.apply(&GROUPS).await;
    assert!(outcome.is_complete(), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_create_that_cannot_be_looked_up_stays_open() {
    let mut scene = Scene::new();
    scene
        .cloud
        .set_outcome("a", CreateOutcome::DoneAndRefused("Forbidden", 403));
    scene.cloud.blind(true);
    let outcome = scene.apply(&GROUPS).await;
    assert!(
        matches!(problem(&outcome), TaskError::Unknown { .. }),
        "{outcome:?}"
    );
    assert_eq!(scene.disk.snapshot().open_intents.len(), 1);
    scene.cloud.blind(false);
    scene.recover().await;
    let outcome = scene.apply(&GROUPS).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.names(), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_placed_and_refused_is_found_before_the_run_ends() {
    for code in [
        "Openapi.Eip.Strange",
        "Openapi.Parameter.Error",
        "CTIAM_0005",
        "ebs.quota.exceeded",
    ] {
        let mut scene = Scene::new();
        scene
            .cloud
            .set_outcome("front", CreateOutcome::DoneAndRefused(code, 900));
        scene
            .cloud
            .set_outcome("data", CreateOutcome::DoneAndRefused(code, 900));
        let outcome = scene.apply(EIP_AND_DISK).await;
        assert!(outcome.is_complete(), "{code}: {outcome:?}");
        assert_eq!(
            scene.cloud.objects(),
            ["eip front 5", "disk data 40"],
            "{code}"
        );
        assert!(scene.apply(EIP_AND_DISK).await.changed.is_empty(), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_order_is_not_placed_by_its_look_up() {
    let mut scene = Scene::new();
    for name in ["front", "data"] {
        scene
            .cloud
            .set_outcome(name, CreateOutcome::RefusedFor("Openapi.Eip.Strange", 900));
        scene
            .cloud
            .set_outcome(name, CreateOutcome::RefusedFor("Openapi.Eip.Strange", 900));
    }
    let outcome = scene.apply(EIP_AND_DISK).await;
    assert_eq!(outcome.failed.len(), 2, "{outcome:?}");
    assert_eq!(scene.cloud.objects(), [""; 0]);
    assert!(scene.disk.snapshot().open_intents.is_empty());
}

/// The disk has no label of eci, which is conclusive: nothing is ordered again.
#[tokio::test(start_paused = true)]
async fn a_disk_of_others_with_the_name_of_a_refused_one_ends_its_look_up() {
    let mut scene = Scene::new();
    scene.cloud.add_disk("data");
    let outcome = scene.apply(EIP_AND_DISK).await;
    assert!(
        matches!(problem(&outcome), TaskError::Call(_)),
        "{outcome:?}"
    );
    let calls = scene.cloud.log();
    let orders = calls.iter().filter(|it| it.starts_with("ebs/new-ebs"));
    assert_eq!(orders.count(), 1, "{calls:?}");
    assert!(scene.disk.snapshot().open_intents.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_exhausted_stops_further_creates_of_its_kind() {
    let mut manifest = EIP_AND_DISK.to_owned();
    for number in 0..30 {
        let group = GROUPS.split("[container_group.b]").next().unwrap();
        manifest.push_str(&group.replace("group.a", &format!("group.g{number:02}")));
    }
    for (reason, code, words) in [
        ("QuotaExceed", 429, "request a higher quota"),
        ("PaymentRequired", 402, "top up the account"),
    ] {
        let mut scene = Scene::new();
        for number in 0..30 {
            let name = format!("g{number:02}");
            scene
                .cloud
                .set_outcome(&name, CreateOutcome::RefusedFor(reason, code));
        }
        let outcome = scene.apply(&manifest).await;
        let requests = scene
            .cloud
            .log()
            .iter()
            .filter(|it| it.starts_with("create "))
            .count();
        assert!((1..=10).contains(&requests), "{requests}");
        let left = outcome
            .failed
            .iter()
            .filter(|it| matches!(it.problem, TaskError::NotAttempted { .. }));
        assert_eq!(left.count(), 30 - requests);
        for failure in &outcome.failed {
            let help = failure.problem.help().unwrap();
            assert!(help.en().contains(words), "{help}");
        }
        // Other kinds go on.
        assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_lookup_is_refused_as_well_stays_pending() {
    let mut scene = Scene::new();
    for name in ["front", "data"] {
        for _ in 0..2 {
            scene.cloud.set_outcome(
                name,
                CreateOutcome::DoneAndRefused("ECI.Openapi.StatusReasonForbidden", 900),
            );
        }
    }
    let outcome = scene.apply(EIP_AND_DISK).await;
    assert_eq!(outcome.failed.len(), 2, "{outcome:?}");
    assert_eq!(scene.disk.snapshot().open_intents.len(), 2);
    scene.recover().await;
    let outcome = scene.apply(EIP_AND_DISK).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
    assert!(scene.apply(EIP_AND_DISK).await.changed.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_failed_order_of_an_earlier_run_is_placed_again() {
    let mut scene = Scene::new();
    // The run ends without an answer, and the order fails meanwhile.
    for _ in 0..400 {
        scene.cloud.set_outcome("data", CreateOutcome::CutBefore);
    }
    let outcome = scene.apply(EIP_AND_DISK).await;
    assert!(matches!(problem(&outcome), TaskError::Unknown { .. }));
    scene.cloud.heal("data");
    scene.cloud.set_outcome(
        "data",
        CreateOutcome::RefusedFor("Ebs.Order.ProcFailed", 900),
    );
    scene.recover().await;
    let outcome = scene.apply(EIP_AND_DISK).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.objects(), ["eip front 5", "disk data 40"]);
    assert!(scene.disk.snapshot().open_intents.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_was_done_and_refused_counts_as_done() {
    let mut scene = Scene::new();
    assert!(scene.apply(&GROUPS).await.is_complete());
    scene
        .cloud
        .set_outcome("a", CreateOutcome::DoneAndRefused("Forbidden", 403));
    let outcome = scene.apply("").await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(scene.cloud.names(), [""; 0]);
    assert!(scene.state().is_empty());
}
