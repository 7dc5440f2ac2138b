//! Elastic IPs and disks that groups have.

use eci_api::types::{
    Association, AssociationType, CreateDisk, DeleteMode, DiskId, DiskStatus, EipFilter, EipStatus,
    OrderState, ResizeContainerGroupVolume, UpdateContainerGroup,
};
use eci_api::{Api as _, DiskApi as _, EipApi as _, StatusReason};
use eci_sandbox::{ChangeKind, Config, ObjectKind, Speed};
use serde_json::json;

use crate::stage::{LONG, Stage, client, code, group, token, with_disk, with_eip};

#[tokio::test]
async fn a_group_that_names_an_eip_binds_it_and_frees_it_when_it_goes() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let web = stage.make("web", with_eip(&id)).await;
    assert_eq!(stage.see_eip(&id).await.status, EipStatus::Binding);
    stage.pass(LONG);
    let eip = stage.see_eip(&id).await;
    assert_eq!(
        (eip.bound_to(), &eip.status),
        (Some(web.as_str()), &EipStatus::Active)
    );
    let described = stage.client.describe_container_group(&web).await.unwrap();
    assert_eq!(described.raw["internetIp"].as_str(), eip.address.as_deref());

    let other = group("other", with_eip(&id));
    let refused = stage
        .client
        .create_container_group(&other)
        .await
        .unwrap_err();
    assert_eq!(refused.reason(), Some(&StatusReason::Conflict));
    let refused = stage.client.delete_eip(&token("d"), &id).await.unwrap_err();
    assert_eq!(code(&refused), "Openapi.Eip.Bound");
    let refused = stage.client.unbind_eip(&token("u"), &id).await.unwrap_err();
    assert!(refused.to_string().contains(web.as_str()), "{refused}");

    stage
        .client
        .delete_container_group(&web, DeleteMode::Graceful)
        .await
        .unwrap();
    assert_eq!(stage.see_eip(&id).await.status, EipStatus::Active);
    stage.pass(LONG);
    let free = stage.see_eip(&id).await;
    assert_eq!((free.bound_to(), &free.status), (None, &EipStatus::Down));
    stage.client.delete_eip(&token("d"), &id).await.unwrap();
    stage.stop().await;
}

#[tokio::test]
async fn an_eip_that_is_changed_when_its_group_goes_has_the_new_bandwidth() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let web = stage.make("web", with_eip(&id)).await;
    stage.pass(LONG);
    let client = &stage.client;
    client
        .change_eip_bandwidth(&token("c"), &id, 9)
        .await
        .unwrap();
    client
        .delete_container_group(&web, DeleteMode::Forced)
        .await
        .unwrap();
    stage.pass(LONG);
    let eip = stage.see_eip(&id).await;
    assert_eq!((eip.bound_to(), eip.bandwidth), (None, Some(9)));
    stage.stop().await;
}

#[tokio::test]
async fn an_eip_changes_hands_by_two_updates() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let old = stage.make("old", with_eip(&id)).await;
    let new = stage.make("new", json!({})).await;
    stage.pass(LONG);
    let with = |eip: serde_json::Value| -> UpdateContainerGroup {
        serde_json::from_value(json!({ "eip": eip })).unwrap()
    };
    let client = &stage.client;
    client
        .update_container_group(&old, &with(json!({})))
        .await
        .unwrap();
    let take = with(json!({ "eipInstanceId": id }));
    let early = client
        .update_container_group(&new, &take)
        .await
        .unwrap_err();
    assert_eq!(early.reason(), Some(&StatusReason::Conflict));
    stage.pass(LONG);
    client.update_container_group(&new, &take).await.unwrap();
    stage.pass(LONG);
    assert_eq!(stage.see_eip(&id).await.bound_to(), Some(new.as_str()));
    client.update_container_group(&new, &take).await.unwrap();
    assert_eq!(stage.see_eip(&id).await.status, EipStatus::Active);
    stage.stop().await;
}

#[tokio::test]
async fn a_group_gets_no_eip_that_is_bound_elsewhere_or_not_there() {
    let stage = Stage::still().await;
    let id = stage.eip("web").await;
    let machine = Association::new(AssociationType::Machine, "ins-1");
    stage
        .client
        .bind_eip(&token("b"), &id, machine)
        .await
        .unwrap();
    stage.pass(LONG);
    let web = group("web", with_eip(&id));
    let bound = stage.client.create_container_group(&web).await.unwrap_err();
    assert!(bound.to_string().contains("ins-1"), "{bound}");
    let far = client(&stage.running, "81f7728662dd11ec810800155d307d5b");
    let elsewhere = far.create_container_group(&web).await.unwrap_err();
    assert_eq!(elsewhere.reason(), Some(&StatusReason::Invalid));
    stage.client.unbind_eip(&token("u"), &id).await.unwrap();
    stage.pass(LONG);
    stage.client.delete_eip(&token("d"), &id).await.unwrap();
    stage.pass(LONG);
    let error = stage.client.create_container_group(&web).await.unwrap_err();
    assert_eq!(error.reason(), Some(&StatusReason::Invalid));
    // What was never created here is somebody else's, and as good as any.
    let known = with_eip(&"eip-1".parse().unwrap());
    stage.make("web", known.clone()).await;
    let twice = stage
        .client
        .create_container_group(&group("two", known))
        .await;
    assert_eq!(twice.unwrap_err().reason(), Some(&StatusReason::Conflict));
    drop(far);
    stage.stop().await;
}

#[tokio::test]
async fn an_automatic_eip_is_deleted_with_its_group() {
    let stage = Stage::still().await;
    let eip = json!({ "eip": { "autoCreateEip": true, "eipBandwidth": 7 } });
    let web = stage.make("web", eip).await;
    stage.pass(LONG);
    let filter = EipFilter::default();
    let eips = stage.client.list_all_eips(&filter).await.unwrap();
    assert_eq!((eips.len(), eips[0].bandwidth), (1, Some(7)));
    assert_eq!(eips[0].bound_to(), Some(web.as_str()));
    let described = stage.client.describe_container_group(&web).await.unwrap();
    assert_eq!(
        described.raw["internetIp"].as_str(),
        eips[0].address.as_deref()
    );
    stage
        .client
        .delete_container_group(&web, DeleteMode::Forced)
        .await
        .unwrap();
    stage.pass(LONG);
    assert!(
        stage
            .client
            .list_all_eips(&filter)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(stage.created(ObjectKind::Eip), 0, "it was not ordered");
    stage.stop().await;
}

#[tokio::test]
async fn a_group_that_mounts_a_disk_has_it_to_itself() {
    let stage = Stage::still().await;
    let id = stage.disk("data").await;
    let db = stage.make("db", with_disk(&id)).await;
    assert_eq!(stage.see_disk(&id).await.status, DiskStatus::Attaching);
    stage.pass(LONG);
    let disk = stage.see_disk(&id).await;
    assert_eq!(disk.status, DiskStatus::InUse);
    assert_eq!(disk.instance_id.as_deref(), Some(db.as_str()));
    let second = group("second", with_disk(&id));
    let refused = stage
        .client
        .create_container_group(&second)
        .await
        .unwrap_err();
    assert_eq!(refused.reason(), Some(&StatusReason::Conflict));
    let refused = stage
        .client
        .refund_disk(&token("d"), &id, None)
        .await
        .unwrap_err();
    assert_eq!(code(&refused), "Ebs.EbsInfo.Attached");
    let refused = stage.client.detach_disk(&id, None).await.unwrap_err();
    assert_eq!(code(&refused), "Ebs.EbsInfo.Attached");
    stage
        .client
        .delete_container_group(&db, DeleteMode::Graceful)
        .await
        .unwrap();
    stage.pass(LONG);
    stage.pass(LONG);
    assert_eq!(stage.see_disk(&id).await.status, DiskStatus::Available);
    stage.make("second", with_disk(&id)).await;
    stage.stop().await;
}

#[tokio::test]
async fn a_disk_in_another_zone_than_its_group_is_refused() {
    let stage = Stage::still().await;
    let in_zone = |zone: &str| CreateDisk {
        az_name: Some(zone.to_owned()),
        ..CreateDisk::new(format!("data-{zone}"), "SATA", 40)
    };
    let far = stage.disk_of(&in_zone("az2")).await;
    let near = stage.disk_of(&in_zone("az1")).await;
    let db = group("db", with_disk(&far));
    let refused = stage.client.create_container_group(&db).await.unwrap_err();
    assert_eq!(refused.reason(), Some(&StatusReason::Invalid));
    assert!(refused.to_string().contains("az2"), "{refused}");
    stage.make("db", with_disk(&near)).await;
    stage.stop().await;
}

#[tokio::test]
async fn a_mounted_disk_is_grown_through_its_group() {
    let stage = Stage::still().await;
    let id = stage.disk("data").await;
    let db = stage.make("db", with_disk(&id)).await;
    stage.pass(LONG);
    let resize = |disk: &DiskId, size| ResizeContainerGroupVolume {
        container_group_id: db.clone(),
        volume_name: "data".to_owned(),
        volume_handle: disk.clone(),
        new_size: size,
    };
    let client = &stage.client;
    let small = client.resize_container_group_volume(&resize(&id, 40)).await;
    assert_eq!(small.unwrap_err().reason(), Some(&StatusReason::Invalid));
    client
        .resize_container_group_volume(&resize(&id, 60))
        .await
        .unwrap();
    let during = stage.see_disk(&id).await;
    assert_eq!(
        (during.status, during.size),
        (DiskStatus::Extending, Some(40))
    );
    let busy = client.resize_container_group_volume(&resize(&id, 70)).await;
    assert_eq!(busy.unwrap_err().reason(), Some(&StatusReason::Conflict));
    stage.pass(LONG);
    let after = stage.see_disk(&id).await;
    assert_eq!((after.status, after.size), (DiskStatus::InUse, Some(60)));
    let audit_log = stage.running.sandbox().audit_log();
    assert_eq!(
        audit_log
            .iter()
            .filter(|entry| entry.change == ChangeKind::Resize)
            .count(),
        1
    );
    // A disk that was not created here is grown as well.
    let known: DiskId = "disk-1".parse().unwrap();
    let other = stage.make("other", with_disk(&known)).await;
    let mut request = resize(&known, 60);
    request.container_group_id = other;
    client
        .resize_container_group_volume(&request)
        .await
        .unwrap();
    stage.stop().await;
}

#[tokio::test]
async fn without_delays_orders_are_complete_in_the_answer() {
    let stage = Stage::new(Config {
        speed: Speed::Instant,
        ..Config::default()
    })
    .await;
    let (eip, disk) = (stage.eip("web").await, stage.disk("data").await);
    let mut fields = with_eip(&eip);
    fields["volumes"] = with_disk(&disk)["volumes"].clone();
    let web = stage.make("web", fields).await;
    assert_eq!(stage.see_eip(&eip).await.status, EipStatus::Active);
    assert_eq!(stage.see_disk(&disk).await.status, DiskStatus::InUse);
    stage
        .client
        .delete_container_group(&web, DeleteMode::Graceful)
        .await
        .unwrap();
    assert_eq!(stage.see_eip(&eip).await.status, EipStatus::Down);
    let placed = stage
        .client
        .refund_disk(&token("d"), &disk, None)
        .await
        .unwrap();
    let order = placed.order().cloned().unwrap();
    assert!(matches!(stage.order(&order).await, OrderState::Done(_)));
    assert!(
        stage
            .client
            .describe_disk(&disk)
            .await
            .unwrap_err()
            .is_not_found()
    );
    stage.stop().await;
}
