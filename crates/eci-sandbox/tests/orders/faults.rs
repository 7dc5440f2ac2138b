//! Calls that fail and orders that go badly.

use std::time::Duration;

use eci_api::types::{CreateDisk, CreateEip, EipFilter, OrderOutcome, OrderState, OrderStatus};
use eci_api::{CallOutcome, DiskApi as _, EipApi as _, StatusReason};
use eci_sandbox::{Fault, ObjectKind, Rule};

use crate::stage::{LONG, Stage, code, token};

fn eip() -> CreateEip {
    CreateEip::on_demand("web", 5)
}

fn disk() -> CreateDisk {
    CreateDisk::new("data", "SATA", 40)
}

#[tokio::test]
async fn an_answer_that_is_lost_is_had_again_with_the_token() {
    for fault in [Fault::CutAfter, Fault::ErrorAfter] {
        let stage = Stage::still().await;
        stage.fail([
            Rule::new("eip/create", fault).times(1),
            Rule::new("ebs/new-ebs", fault).times(1),
        ]);
        let lost = stage
            .client
            .create_eip(&token("e"), &eip())
            .await
            .unwrap_err();
        assert_eq!(lost.outcome(), CallOutcome::Unknown, "{lost}");
        let lost = stage
            .client
            .create_disk(&token("d"), &disk())
            .await
            .unwrap_err();
        assert_eq!(lost.outcome(), CallOutcome::Unknown, "{lost}");
        stage.pass(LONG);
        let placed = stage.client.create_eip(&token("e"), &eip()).await.unwrap();
        assert!(matches!(placed, OrderOutcome::Done { .. }), "{placed:?}");
        let placed = stage
            .client
            .create_disk(&token("d"), &disk())
            .await
            .unwrap();
        assert!(matches!(placed, OrderOutcome::Done { .. }), "{placed:?}");
        assert_eq!(
            (
                stage.created(ObjectKind::Eip),
                stage.created(ObjectKind::Disk)
            ),
            (1, 1)
        );
        stage.stop().await;
    }
}

#[tokio::test]
async fn too_many_calls_and_breakdowns_have_the_form_of_these_services() {
    let stage = Stage::still().await;
    stage.fault("eip/create", Fault::TooManyRequests);
    let crowded = stage
        .client
        .create_eip(&token("e"), &eip())
        .await
        .unwrap_err();
    assert_eq!(crowded.reason(), Some(&StatusReason::TooManyRequests));
    assert_eq!(crowded.retry_after(), Some(Duration::from_secs(1)));
    assert!(crowded.is_retryable());
    stage.fault("ebs/new-ebs", Fault::ErrorBefore);
    let broken = stage
        .client
        .create_disk(&token("d"), &disk())
        .await
        .unwrap_err();
    assert_eq!(broken.reason(), Some(&StatusReason::InternalError));
    assert_eq!(
        (broken.http_status(), broken.outcome()),
        (Some(500), CallOutcome::Unknown)
    );
    stage.fault("ebs/new-ebs", Fault::Html);
    let gateway = stage
        .client
        .create_disk(&token("d"), &disk())
        .await
        .unwrap_err();
    assert!(
        gateway.refusal().is_none() && gateway.is_transient(),
        "{gateway}"
    );
    assert_eq!(
        (
            stage.created(ObjectKind::Eip),
            stage.created(ObjectKind::Disk)
        ),
        (0, 0)
    );
    stage.stop().await;
}

#[tokio::test]
async fn a_slow_order_takes_longer() {
    let stage = Stage::still().await;
    stage.fail([Rule::new("eip/create", Fault::SlowOrder).takes(LONG * 2)]);
    let placed = stage.client.create_eip(&token("e"), &eip()).await.unwrap();
    stage.pass(LONG);
    let again = stage.client.create_eip(&token("e"), &eip()).await.unwrap();
    assert_eq!(again, placed);
    stage.pass(LONG * 2);
    let done = stage.client.create_eip(&token("e"), &eip()).await.unwrap();
    assert!(matches!(done, OrderOutcome::Done { .. }), "{done:?}");
    stage.stop().await;
}

#[tokio::test]
async fn an_order_that_fails_makes_nothing_and_says_so() {
    let stage = Stage::still().await;
    stage.fail([Rule::new("*", Fault::FailedOrder)]);
    let placed = stage.client.create_eip(&token("e"), &eip()).await.unwrap();
    let order = placed.order().cloned().unwrap();
    stage
        .client
        .create_disk(&token("d"), &disk())
        .await
        .unwrap();
    stage.pass(LONG);
    assert_eq!(
        stage.order(&order).await,
        OrderState::Failed(OrderStatus::Failed)
    );
    let placed = stage.client.create_eip(&token("e"), &eip()).await.unwrap();
    assert!(
        matches!(&placed, OrderOutcome::Failed { word, .. } if word == "failed"),
        "{placed:?}"
    );
    let failed = stage
        .client
        .create_disk(&token("d"), &disk())
        .await
        .unwrap_err();
    assert_eq!(code(&failed), "Ebs.Order.ProcFailed");
    assert!(failed.to_string().contains("资源售罄"), "{failed}");
    assert_eq!(failed.outcome(), CallOutcome::NotDone);
    assert_eq!(
        (
            stage.created(ObjectKind::Eip),
            stage.created(ObjectKind::Disk)
        ),
        (0, 0)
    );
    assert!(
        stage
            .client
            .list_all_eips(&EipFilter::default())
            .await
            .unwrap()
            .is_empty()
    );
    stage.stop().await;
}

#[tokio::test]
async fn a_change_that_fails_leaves_all_as_it_was() {
    let stage = Stage::still().await;
    let (eip, disk) = (stage.eip("web").await, stage.disk("data").await);
    stage.fail([Rule::new("*", Fault::FailedOrder)]);
    let audit_log = stage.running.sandbox().audit_log().len();
    stage
        .client
        .change_eip_bandwidth(&token("c"), &eip, 9)
        .await
        .unwrap();
    stage
        .client
        .resize_disk(&token("r"), &disk, 50)
        .await
        .unwrap();
    stage.pass(LONG);
    stage.client.delete_eip(&token("de"), &eip).await.unwrap();
    stage
        .client
        .refund_disk(&token("dd"), &disk, None)
        .await
        .unwrap();
    stage.pass(LONG);
    assert_eq!(stage.see_eip(&eip).await.bandwidth, Some(5));
    assert_eq!(stage.see_disk(&disk).await.size, Some(40));
    assert_eq!(stage.running.sandbox().audit_log().len(), audit_log);
    stage.stop().await;
}

#[tokio::test]
async fn a_complete_order_may_omit_its_object_once() {
    let stage = Stage::still().await;
    stage.fault("ebs/new-ebs", Fault::EmptyOrder);
    let placed = stage
        .client
        .create_disk(&token("d"), &disk())
        .await
        .unwrap();
    let order = placed.order().cloned().unwrap();
    stage.pass(LONG);
    assert_eq!(stage.order(&order).await, OrderState::Done(Vec::new()));
    let OrderState::Done(ids) = stage.order(&order).await else {
        panic!("it is complete");
    };
    assert_eq!(ids.len(), 1);
    stage.stop().await;
}

#[tokio::test]
async fn an_ordered_object_may_not_be_visible_at_once() {
    let stage = Stage::still().await;
    stage.fail([Rule::new("*", Fault::UnseenOrder).takes(LONG * 2)]);
    stage.client.create_eip(&token("e"), &eip()).await.unwrap();
    stage
        .client
        .create_disk(&token("d"), &disk())
        .await
        .unwrap();
    stage.pass(LONG);
    let placed = stage.client.create_eip(&token("e"), &eip()).await.unwrap();
    let OrderOutcome::Done { created: eip, .. } = placed else {
        panic!("{placed:?}");
    };
    let placed = stage
        .client
        .create_disk(&token("d"), &disk())
        .await
        .unwrap();
    let OrderOutcome::Done { created: disk, .. } = placed else {
        panic!("{placed:?}");
    };
    assert!(
        stage
            .client
            .describe_eip(&eip)
            .await
            .unwrap_err()
            .is_not_found()
    );
    assert!(
        stage
            .client
            .describe_disk(&disk)
            .await
            .unwrap_err()
            .is_not_found()
    );
    stage.pass(LONG * 2);
    stage.see_eip(&eip).await;
    stage.see_disk(&disk).await;
    stage.stop().await;
}

#[tokio::test]
async fn an_order_in_progress_is_not_a_failure() {
    let stage = Stage::still().await;
    stage.fault("eip/create", Fault::OrderInProgress);
    let placed = stage.client.create_eip(&token("e"), &eip()).await.unwrap();
    assert!(
        matches!(placed, OrderOutcome::InProgress { .. }),
        "{placed:?}"
    );
    let requests = stage.running.sandbox().requests(Some("eip/create"));
    assert_eq!(requests[0].body["clientToken"], "e");
    assert_eq!(stage.running.sandbox().counts()["eip/create"], 1);
    stage.stop().await;
}
