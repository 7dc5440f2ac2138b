//! Elastic IPs, disks and orders outlive the sandbox's process.

use eci_api::types::{
    CreateEip, DeleteMode, DiskStatus, EipStatus, OrderOutcome, OrderState, OrderStatus,
};
use eci_api::{Api as _, EipApi as _};
use eci_sandbox::{Config, ObjectKind};

use crate::stage::{LONG, Stage, still, token, with_disk, with_eip};

#[tokio::test]
async fn a_second_run_goes_on_where_the_first_was_left() {
    let directory = tempfile::tempdir().unwrap();
    let config = || Config {
        data: Some(directory.path().to_owned()),
        ..still()
    };
    let stage = Stage::new(config()).await;
    let (eip, disk) = (stage.eip("web").await, stage.disk("data").await);
    let mut fields = with_eip(&eip);
    fields["volumes"] = with_disk(&disk)["volumes"].clone();
    let web = stage.make("web", fields).await;
    let request = CreateEip::on_demand("late", 5);
    let placed = stage
        .client
        .create_eip(&token("late"), &request)
        .await
        .unwrap();
    let order = placed.order().cloned().unwrap();
    let address = stage.see_eip(&eip).await.address;
    let audit_log = stage.running.sandbox().audit_log();
    stage.stop().await;

    let stage = Stage::new(config()).await;
    assert_eq!(stage.running.sandbox().audit_log(), audit_log);
    assert_eq!(stage.see_eip(&eip).await.address, address);
    assert_eq!(stage.see_eip(&eip).await.status, EipStatus::Binding);
    assert_eq!(
        stage.order(&order).await,
        OrderState::Going(OrderStatus::Provisioning)
    );
    stage.pass(LONG);
    let again = stage
        .client
        .create_eip(&token("late"), &request)
        .await
        .unwrap();
    assert!(matches!(again, OrderOutcome::Done { .. }), "{again:?}");
    assert_eq!(
        (
            stage.created(ObjectKind::Eip),
            stage.created(ObjectKind::Disk)
        ),
        (2, 1)
    );
    assert_eq!(stage.see_disk(&disk).await.status, DiskStatus::InUse);
    stage
        .client
        .delete_container_group(&web, DeleteMode::Forced)
        .await
        .unwrap();
    stage.stop().await;

    let stage = Stage::new(config()).await;
    stage.pass(LONG);
    assert_eq!(stage.see_eip(&eip).await.status, EipStatus::Down);
    assert_eq!(stage.see_disk(&disk).await.status, DiskStatus::Available);
    stage.client.delete_eip(&token("d"), &eip).await.unwrap();
    stage.pass(LONG);
    stage.stop().await;

    let stage = Stage::new(config()).await;
    assert!(
        stage
            .client
            .describe_eip(&eip)
            .await
            .unwrap_err()
            .is_not_found()
    );
    let kinds: Vec<ObjectKind> = stage
        .running
        .sandbox()
        .audit_log()
        .iter()
        .map(|it| it.kind)
        .collect();
    assert!(kinds.contains(&ObjectKind::ContainerGroup) && kinds.contains(&ObjectKind::Disk));
    stage.stop().await;
}
