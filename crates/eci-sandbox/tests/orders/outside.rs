//! What others do to elastic IPs and disks.

use eci_api::types::{DiskStatus, EipStatus};
use eci_api::{DiskApi as _, EipApi as _};
use eci_sandbox::{Doer, Outside, OutsideError};
use serde_json::json;

use crate::stage::{LONG, Stage, with_eip};

#[tokio::test]
async fn others_rename_change_freeze_and_delete() {
    let stage = Stage::still().await;
    let (eip, disk) = (stage.eip("web").await, stage.disk("data").await);
    let web = stage.make("web", with_eip(&eip)).await;
    stage.pass(LONG);
    let sandbox = stage.running.sandbox();
    let before = sandbox.ledger().len();
    for change in [
        Outside::Rename("other".to_owned()),
        Outside::SetBandwidth(7),
    ] {
        sandbox.outside(eip.as_str(), change).unwrap();
    }
    let seen = stage.see_eip(&eip).await;
    assert_eq!((&*seen.name, seen.bandwidth), ("other", Some(7)));
    sandbox
        .outside(disk.as_str(), Outside::SetSize(80))
        .unwrap();
    sandbox
        .outside(disk.as_str(), Outside::Freeze(true))
        .unwrap();
    let seen = stage.see_disk(&disk).await;
    assert_eq!((seen.size, seen.status), (Some(80), DiskStatus::Freezing));
    sandbox
        .outside(eip.as_str(), Outside::Freeze(true))
        .unwrap();
    assert_eq!(stage.see_eip(&eip).await.status, EipStatus::Freezing);
    for id in [eip.as_str(), disk.as_str()] {
        sandbox.outside(id, Outside::Delete).unwrap();
    }
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
    let ledger = sandbox.ledger();
    let since = &ledger[before..];
    assert_eq!(since.len(), 7);
    assert!(since.iter().all(|entry| entry.by == Doer::Outsider));
    let gone = sandbox.outside(eip.as_str(), Outside::Delete).unwrap_err();
    assert!(matches!(gone, OutsideError::NotThere { .. }), "{gone}");
    let group = sandbox
        .outside(web.as_str(), Outside::SetSize(1))
        .unwrap_err();
    assert!(matches!(group, OutsideError::NotForKind { .. }), "{group}");
    stage.make("another", json!({})).await;
    stage.stop().await;
}
