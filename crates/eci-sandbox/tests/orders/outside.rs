//! Changes of elastic IPs and disks by others.

use eci_api::types::{DiskStatus, EipStatus};
use eci_api::{DiskApi as _, EipApi as _};
use eci_sandbox::{Actor, OutOfBandChange, OutOfBandError};
use serde_json::json;

use crate::stage::{LONG, Stage, with_eip};

#[tokio::test]
async fn others_rename_change_freeze_and_delete() {
    let stage = Stage::still().await;
    let (eip, disk) = (stage.eip("web").await, stage.disk("data").await);
    let web = stage.make("web", with_eip(&eip)).await;
    stage.pass(LONG);
    let sandbox = stage.running.sandbox();
    let before = sandbox.audit_log().len();
    for change in [
        OutOfBandChange::Rename("other".to_owned()),
        OutOfBandChange::SetBandwidth(7),
    ] {
        sandbox.apply_out_of_band(eip.as_str(), change).unwrap();
    }
    let observed = stage.see_eip(&eip).await;
    assert_eq!((&*observed.name, observed.bandwidth), ("other", Some(7)));
    sandbox
        .apply_out_of_band(disk.as_str(), OutOfBandChange::SetSize(80))
        .unwrap();
    sandbox
        .apply_out_of_band(disk.as_str(), OutOfBandChange::Freeze(true))
        .unwrap();
    let observed = stage.see_disk(&disk).await;
    assert_eq!(
        (observed.size, observed.status),
        (Some(80), DiskStatus::Freezing)
    );
    sandbox
        .apply_out_of_band(eip.as_str(), OutOfBandChange::Freeze(true))
        .unwrap();
    assert_eq!(stage.see_eip(&eip).await.status, EipStatus::Freezing);
    for id in [eip.as_str(), disk.as_str()] {
        sandbox
            .apply_out_of_band(id, OutOfBandChange::Delete)
            .unwrap();
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
    let audit_log = sandbox.audit_log();
    let since = &audit_log[before..];
    assert_eq!(since.len(), 7);
    assert!(since.iter().all(|entry| entry.actor == Actor::OutOfBand));
    let error = sandbox
        .apply_out_of_band(eip.as_str(), OutOfBandChange::Delete)
        .unwrap_err();
    assert!(matches!(error, OutOfBandError::NotThere { .. }), "{error}");
    let group = sandbox
        .apply_out_of_band(web.as_str(), OutOfBandChange::SetSize(1))
        .unwrap_err();
    assert!(
        matches!(group, OutOfBandError::NotForKind { .. }),
        "{group}"
    );
    stage.make("another", json!({})).await;
    stage.stop().await;
}
