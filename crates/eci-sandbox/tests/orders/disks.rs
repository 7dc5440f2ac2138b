//! Disks: ordered, read, changed, attached and released.

use eci_api::DiskApi as _;
use eci_api::OrderApi as _;
use eci_api::types::{
    ClientToken, CreateDisk, CycleType, DiskAttributes, DiskFilter, DiskLabel, DiskStatus,
    JobStatus, OrderOutcome, OrderState, SnapshotPolicy,
};
use eci_sandbox::{ApiBehavior, Config, ObjectKind};

use crate::stage::{LONG, Stage, code, still, token};

#[tokio::test]
async fn a_disk_is_in_progress_and_then_there_with_what_it_was_ordered_with() {
    let stage = Stage::still().await;
    let request = CreateDisk {
        az_name: Some("az1".to_owned()),
        labels: vec![DiskLabel {
            key: "eci:operation".to_owned(),
            value: "op-1".to_owned(),
        }],
        ..CreateDisk::new("data", "SATA", 40)
    };
    let placed = stage
        .client
        .create_disk(&token("t1"), &request)
        .await
        .unwrap();
    let OrderOutcome::InProgress { order } = placed else {
        panic!("{placed:?}");
    };
    let making = stage.client.describe_disk_by_name("data").await.unwrap();
    assert_eq!(making.status, DiskStatus::Creating);
    stage.pass(LONG);
    let placed = stage
        .client
        .create_disk(&token("t1"), &request)
        .await
        .unwrap();
    let OrderOutcome::Done { created, .. } = placed else {
        panic!("{placed:?}");
    };
    assert_eq!(
        stage.order(&order).await,
        OrderState::Done(vec![created.to_string()])
    );
    let disk = stage.see_disk(&created).await;
    assert_eq!(
        (&disk.status, disk.size),
        (&DiskStatus::Available, Some(40))
    );
    assert_eq!((disk.on_demand, disk.is_in_use()), (true, false));
    assert_eq!(disk.az_name.as_deref(), Some("az1"));
    assert_eq!(disk.labels, request.labels);
    assert_eq!(disk.raw["deleteSnapWithEbs"], "false");
    for absent in [
        "instanceID",
        "attachments",
        "cycleType",
        "expireTime",
        "kmsUUID",
    ] {
        assert!(disk.raw.get(absent).is_none(), "{absent}");
    }
    let filter = DiskFilter::default();
    let listed = stage.client.list_all_disks(&filter).await.unwrap();
    assert_eq!((listed.len(), &listed[0].labels), (1, &Vec::new()));
    stage.stop().await;
}

#[tokio::test]
async fn a_subscribed_disk_reports_only_its_cycle_and_expires() {
    let stage = Stage::still().await;
    let id = stage
        .disk_of(&CreateDisk {
            on_demand: Some(false),
            cycle_type: Some(CycleType::Month),
            cycle_count: Some(2),
            ..CreateDisk::new("data", "XSSD-1", 40)
        })
        .await;
    let disk = stage.see_disk(&id).await;
    assert!(disk.raw.get("onDemand").is_none() && disk.expire_time.is_some());
    assert_eq!(
        (&disk.raw["cycleType"], &disk.raw["cycleCount"]),
        (&"month".into(), &2.into())
    );
    assert_eq!(disk.provisioned_iops, Some(0));
    let listed = stage
        .client
        .list_all_disks(&DiskFilter::default())
        .await
        .unwrap();
    assert!(listed[0].raw.get("cycleType").is_none());
    assert_eq!(listed[0].raw["onDemand"], false);
    stage.client.set_disk_iops(&id, 10_000).await.unwrap();
    assert_eq!(stage.see_disk(&id).await.provisioned_iops, Some(10_000));
    let beyond = stage
        .client
        .set_disk_iops(&id, 1_000_000)
        .await
        .unwrap_err();
    assert_eq!(code(&beyond), "Ebs.Param.Invalid");
    stage.pass(LONG * 6 * 60 * 24 * 63);
    assert_eq!(stage.see_disk(&id).await.status, DiskStatus::Expired);
    stage.stop().await;
}

#[tokio::test]
async fn a_disk_cannot_be_shrunk_and_has_one_operation_at_a_time() {
    let stage = Stage::still().await;
    let id = stage.disk("data").await;
    let client = &stage.client;
    for size in [40, 39] {
        let error = client
            .resize_disk(&token("small"), &id, size)
            .await
            .unwrap_err();
        assert_eq!(code(&error), "Ebs.Param.Invalid");
    }
    let placed = client.resize_disk(&token("grow"), &id, 50).await.unwrap();
    assert!(
        matches!(placed, OrderOutcome::InProgress { .. }),
        "{placed:?}"
    );
    let during = stage.see_disk(&id).await;
    assert_eq!(
        (during.status, during.size),
        (DiskStatus::Extending, Some(40))
    );
    let rename = DiskAttributes {
        disk_name: Some("other".to_owned()),
        ..DiskAttributes::default()
    };
    for busy in [
        client
            .resize_disk(&token("g2"), &id, 60)
            .await
            .map(|_| ())
            .unwrap_err(),
        client
            .refund_disk(&token("d"), &id, None)
            .await
            .map(|_| ())
            .unwrap_err(),
        client
            .attach_disk(&id, "ins-1")
            .await
            .map(|_| ())
            .unwrap_err(),
        client.update_disk(&id, &rename).await.unwrap_err(),
    ] {
        assert_eq!(code(&busy), "Ebs.EbsInfo.StatusInvalid");
    }
    stage.pass(LONG);
    let placed = client.resize_disk(&token("grow"), &id, 50).await.unwrap();
    assert!(matches!(placed, OrderOutcome::Done { .. }), "{placed:?}");
    client.update_disk(&id, &rename).await.unwrap();
    client
        .set_disk_delete_policy(&id, SnapshotPolicy::Delete)
        .await
        .unwrap();
    let after = stage.see_disk(&id).await;
    assert_eq!((after.size, &*after.name), (Some(50), "other"));
    assert_eq!(after.delete_snap_with_ebs, Some(true));
    stage.stop().await;
}

#[tokio::test]
async fn a_disk_is_attached_by_a_job_and_not_released_while_it_is() {
    let stage = Stage::still().await;
    let id = stage.disk("data").await;
    let client = &stage.client;
    let job = client.attach_disk(&id, "ins-1").await.unwrap().id;
    let described = client.describe_job(&job).await.unwrap();
    assert_eq!(described.status, JobStatus::Executing);
    assert_eq!(stage.see_disk(&id).await.status, DiskStatus::Attaching);
    stage.pass(LONG);
    let described = client.describe_job(&job).await.unwrap();
    assert_eq!(
        (described.status, described.resource_id),
        (JobStatus::Success, Some(id.to_string()))
    );
    let disk = stage.see_disk(&id).await;
    assert_eq!((&disk.status, disk.is_in_use()), (&DiskStatus::InUse, true));
    assert_eq!(disk.attachments[0].device.as_deref(), Some("/dev/vdb"));
    for refused in [
        client
            .attach_disk(&id, "ins-2")
            .await
            .map(|_| ())
            .unwrap_err(),
        client
            .refund_disk(&token("d"), &id, None)
            .await
            .map(|_| ())
            .unwrap_err(),
    ] {
        assert_eq!(code(&refused), "Ebs.EbsInfo.Attached");
    }
    let other = client.detach_disk(&id, Some("ins-2")).await.unwrap_err();
    assert_eq!(code(&other), "Ebs.EbsInfo.NotAttached");
    client.detach_disk(&id, None).await.unwrap();
    assert_eq!(stage.see_disk(&id).await.status, DiskStatus::Detaching);
    stage.pass(LONG);
    client
        .refund_disk(&token("d"), &id, Some(SnapshotPolicy::Delete))
        .await
        .unwrap();
    assert_eq!(stage.see_disk(&id).await.status, DiskStatus::Deleting);
    stage.pass(LONG);
    assert!(client.describe_disk(&id).await.unwrap_err().is_not_found());
    let again = client
        .refund_disk(&token("d"), &id, Some(SnapshotPolicy::Delete))
        .await
        .unwrap();
    assert!(matches!(again, OrderOutcome::Done { .. }), "{again:?}");
    let fresh = client
        .refund_disk(&token("d2"), &id, None)
        .await
        .unwrap_err();
    assert!(fresh.is_not_found(), "{fresh}");
    stage.stop().await;
}

#[tokio::test]
async fn both_vocabularies_and_both_answers_for_a_missing_disk_are_understood() {
    let stage = Stage::new(Config {
        behavior: ApiBehavior {
            older_disk_words: true,
            deleted_disks_are_damaged: true,
            disk_orders_at_once: true,
            ..ApiBehavior::default()
        },
        ..still()
    })
    .await;
    let request = CreateDisk::new("data", "SATA", 40);
    let placed = stage
        .client
        .create_disk(&token("t1"), &request)
        .await
        .unwrap();
    let OrderOutcome::Done { created, .. } = placed else {
        panic!("it is complete at once: {placed:?}");
    };
    let disk = stage.see_disk(&created).await;
    assert_eq!(
        (disk.raw["diskStatus"].as_str(), disk.status),
        (Some("unattached"), DiskStatus::Available)
    );
    stage
        .client
        .refund_disk(&token("d"), &created, None)
        .await
        .unwrap();
    let error = stage.client.describe_disk(&created).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
    assert_eq!(code(&error), "Ebs.EbsInfo.DataDamaged");
    stage.stop().await;
}

#[tokio::test]
async fn lists_have_pages_and_filters_and_names_are_had_once() {
    let stage = Stage::still().await;
    for name in ["one", "two", "three"] {
        stage.disk(name).await;
    }
    let list = async |filter: DiskFilter| {
        let disks = stage.client.list_all_disks(&filter).await.unwrap();
        disks.len()
    };
    let pages = DiskFilter {
        page_size: Some(2),
        ..DiskFilter::default()
    };
    assert_eq!(list(pages).await, 3);
    let fuzzy = DiskFilter {
        query_content: Some("t".to_owned()),
        disk_status: Some(DiskStatus::Available),
        ..DiskFilter::default()
    };
    assert!(list(fuzzy).await >= 2);
    let solid = DiskFilter {
        disk_type: Some("SSD".to_owned()),
        ..DiskFilter::default()
    };
    assert_eq!(list(solid).await, 0);
    let twice = CreateDisk::new("one", "SATA", 40);
    let error = stage
        .client
        .create_disk(&token("t"), &twice)
        .await
        .unwrap_err();
    assert_eq!(code(&error), "Ebs.EbsInfo.NameExists");
    stage.stop().await;
}

#[tokio::test]
async fn what_cannot_be_ordered_is_refused_with_what_would_be_right() {
    let stage = Stage::still().await;
    let disk = |kind: &str, mode: &str, size| CreateDisk {
        disk_mode: mode.to_owned(),
        ..CreateDisk::new("data", kind, size)
    };
    let encrypted = CreateDisk {
        is_encrypt: Some(true),
        ..disk("XSSD-0", "VBD", 40)
    };
    let labeled = CreateDisk {
        labels: vec![DiskLabel {
            key: "k".repeat(33),
            value: String::new(),
        }],
        ..disk("SATA", "VBD", 40)
    };
    let unpaid = CreateDisk {
        on_demand: Some(false),
        ..disk("SATA", "VBD", 40)
    };
    for (request, described) in [
        (disk("SATA", "VBD", 9), "diskSize must be 10 to 32768"),
        (disk("XSSD-2", "VBD", 511), "diskSize must be 512 to 65536"),
        (disk("TAPE", "VBD", 40), "diskType must be one of"),
        (
            disk("SATA", "FCSAN", 40),
            "FCSAN goes with diskType SAS only",
        ),
        (disk("XSSD-1", "ISCSI", 40), "VBD only"),
        (encrypted, "isEncrypt does not go with"),
        (labeled, "labels must be"),
        (unpaid, "cycleType is required"),
    ] {
        let token = ClientToken::random();
        let error = stage
            .client
            .create_disk(&token, &request)
            .await
            .unwrap_err();
        assert_eq!(code(&error), "Ebs.Param.Invalid");
        assert!(error.to_string().contains(described), "{error}");
    }
    assert_eq!(stage.created(ObjectKind::Disk), 0);
    stage.stop().await;
}
