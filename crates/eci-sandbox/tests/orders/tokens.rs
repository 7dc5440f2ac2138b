//! Client tokens: the same call, however often, is one order.

use std::time::Duration;

use eci_api::types::{ClientToken, CreateDisk, CreateEip, OrderOutcome};
use eci_api::{DiskApi as _, EipApi as _, StatusReason};
use eci_sandbox::{Fault, ObjectKind, Rule};
use proptest::prelude::*;

use crate::stage::{LONG, Stage, code, token};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[tokio::test]
async fn a_token_with_another_call_is_refused() {
    let stage = Stage::still().await;
    let client = &stage.client;
    let id = stage.eip("web").await;
    client
        .create_eip(&token("t"), &CreateEip::on_demand("one", 5))
        .await
        .unwrap();
    let other = client
        .create_eip(&token("t"), &CreateEip::on_demand("two", 5))
        .await;
    assert_eq!(code(&other.unwrap_err()), "Openapi.Eip.ClientTokenReused");
    let other = client.delete_eip(&token("t"), &id).await.unwrap_err();
    assert_eq!(code(&other), "Openapi.Eip.ClientTokenReused");
    client
        .create_disk(&token("d"), &CreateDisk::new("one", "SATA", 40))
        .await
        .unwrap();
    let other = client
        .create_disk(&token("d"), &CreateDisk::new("one", "SATA", 41))
        .await;
    let other = other.unwrap_err();
    assert_eq!(code(&other), "Ebs.Order.ClientTokenReused");
    assert!(!matches!(
        other.reason(),
        Some(StatusReason::Conflict | StatusReason::NotFound)
    ));
    stage.stop().await;
}

#[tokio::test]
async fn a_token_is_known_for_a_day() {
    let stage = Stage::still().await;
    let request = CreateEip::on_demand("web", 5);
    stage
        .client
        .create_eip(&token("t"), &request)
        .await
        .unwrap();
    stage.pass(DAY - Duration::from_secs(1));
    stage
        .client
        .create_eip(&token("t"), &request)
        .await
        .unwrap();
    assert_eq!(stage.created(ObjectKind::Eip), 1);
    stage.pass(Duration::from_secs(1));
    stage
        .client
        .create_eip(&token("t"), &request)
        .await
        .unwrap();
    assert_eq!(stage.created(ObjectKind::Eip), 2);
    stage.stop().await;
}

/// An event between two repetitions of a call.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// Time passes, in seconds.
    Pass(u64),
    /// The call is created, and this happens to it.
    Call(Option<Fault>),
}

fn turn() -> impl Strategy<Value = Turn> {
    let faults = [
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::ErrorBefore,
        Fault::ErrorAfter,
        Fault::TooManyRequests,
        Fault::Html,
        Fault::SlowOrder,
        Fault::UnseenOrder,
        Fault::OrderInProgress,
    ];
    prop_oneof![
        (0_u64..30).prop_map(Turn::Pass),
        Just(Turn::Call(None)),
        prop::sample::select(faults.to_vec()).prop_map(|fault| Turn::Call(Some(fault))),
    ]
}

/// Sends the calls with these tokens, one for each turn, and returns how many objects of each kind
/// exist in the end.
async fn repeated(turns: &[Turn], token_of: impl Fn(usize) -> ClientToken) -> (usize, usize) {
    let stage = Stage::still().await;
    let (eip, disk) = (
        CreateEip::on_demand("web", 5),
        CreateDisk::new("data", "SATA", 40),
    );
    let turns = turns.iter().copied().chain([Turn::Call(None)]);
    for (at, turn) in turns.enumerate() {
        match turn {
            Turn::Pass(seconds) => stage.pass(Duration::from_secs(seconds)),
            Turn::Call(fault) => {
                stage.fail(fault.map(|fault| Rule::new("*", fault)));
                let token = token_of(at);
                // What it is answered does not matter: only what is there in the end.
                let _ = stage.client.create_eip(&token, &eip).await;
                let other = ClientToken::new(format!("{token}-disk")).unwrap();
                let _ = stage.client.create_disk(&other, &disk).await;
            }
        }
    }
    let created = (
        stage.created(ObjectKind::Eip),
        stage.created(ObjectKind::Disk),
    );
    stage.stop().await;
    created
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_repetitions_makes_one(turns in prop::collection::vec(turn(), 0..12)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let created = runtime.block_on(repeated(&turns, |_| token("the-same")));
        prop_assert_eq!(created, (1, 1));
    }
}

/// The property above would not hold for a client that makes up a token for each call.
#[tokio::test]
async fn a_token_for_each_repetition_makes_many() {
    let turns = [Turn::Call(Some(Fault::CutAfter)), Turn::Call(None)];
    let created = repeated(&turns, |at| token(&format!("t{at}"))).await;
    assert_eq!(created.0, 3);
}

#[tokio::test]
async fn two_calls_at_once_with_one_token_are_one_order() {
    let stage = Stage::still().await;
    let request = CreateEip::on_demand("web", 5);
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let (client, request) = (stage.client.clone(), request.clone());
            tokio::spawn(async move { client.create_eip(&token("t"), &request).await.unwrap() })
        })
        .collect();
    let mut orders = Vec::new();
    for call in calls {
        orders.push(call.await.unwrap().order().cloned().unwrap());
    }
    orders.dedup();
    assert_eq!((orders.len(), stage.created(ObjectKind::Eip)), (1, 1));
    stage.pass(LONG);
    let done = stage
        .client
        .create_eip(&token("t"), &request)
        .await
        .unwrap();
    assert!(matches!(done, OrderOutcome::Done { .. }), "{done:?}");
    stage.stop().await;
}
