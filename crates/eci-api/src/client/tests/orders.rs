//! Elastic IPs, disks and their orders: what is sent, and how answers are understood.

use serde_json::{Value, json};

use super::server::{Server, ServerAction};
use super::*;
use crate::api::{DiskApi as _, EipApi as _, OrderApi as _};
use crate::types::{
    Association, AssociationType, ClientToken, CreateDisk, CreateEip, DiskAttributes, DiskFilter,
    DiskId, EipFilter, EipId, JobId, JobStatus, OrderId, OrderOutcome, OrderState, OrderStatus,
    SnapshotPolicy,
};
use crate::{CallError, CallErrorKind, CallOutcome, Operation, StatusReason};

fn token() -> ClientToken {
    ClientToken::new("token-1").unwrap()
}

fn eip() -> EipId {
    EipId::new("eip-5sdasd2gfh").unwrap()
}

fn disk() -> DiskId {
    DiskId::new("0ae97ef5-6ee5-44af-9d05-1a509b1c3e15").unwrap()
}

fn success(object: Value) -> ServerAction {
    let body = json!({
        "statusCode": 800, "errorCode": "SUCCESS", "message": "success", "returnObj": object,
    });
    ServerAction::ok(&body.to_string())
}

fn failure(code: &str, object: Value) -> ServerAction {
    let body = json!({
        "statusCode": "900", "errorCode": code, "error": code, "message": "english",
        "description": "中文", "returnObj": object,
    });
    ServerAction::ok(&body.to_string())
}

fn answering(actions: impl IntoIterator<Item = ServerAction>) -> (Server, Client) {
    let server = Server::that(actions);
    let client = Client::new(config(&server.endpoint)).unwrap();
    (server, client)
}

/// Returns method, target and body of each request.
fn sent(server: &Server) -> Vec<(String, String, Value)> {
    let requests = server.requests().into_iter().map(|request| {
        assert!(!request.headers.contains_key("regionid"));
        let body = match request.body.as_str() {
            "" => Value::Null,
            body => serde_json::from_str(body).unwrap(),
        };
        (request.method, request.target, body)
    });
    requests.collect()
}

#[track_caller]
fn compare(server: &Server, expected: &[(&str, &str, Value)]) {
    let sent = sent(server);
    assert_eq!(sent.len(), expected.len());
    for ((method, target, body), (verb, path, fields)) in sent.iter().zip(expected) {
        assert_eq!((&**method, &**target), (*verb, *path));
        assert_eq!(body, fields, "{path}");
    }
}

#[tokio::test]
async fn each_call_of_an_eip_has_the_vendors_path_and_fields() {
    let (server, client) = answering([success(json!({
        "masterOrderID": "o1", "ID": "eip-1", "eips": [], "totalPrice": 1,
    }))]);
    let (token, eip) = (token(), eip());
    let create = CreateEip::on_demand("web", 5);
    let chosen = CreateEip {
        ip_address: Some("198.18.0.7".to_owned()),
        ..create.clone()
    };
    client.create_eip(&token, &create).await.unwrap();
    client.create_eip(&token, &chosen).await.unwrap();
    client.describe_eip(&eip).await.unwrap();
    client
        .list_eips(&token, &EipFilter::default())
        .await
        .unwrap();
    client.rename_eip(&token, &eip, "other").await.unwrap();
    client.change_eip_bandwidth(&token, &eip, 7).await.unwrap();
    let machine = Association::new(AssociationType::Machine, "ins-1");
    client.bind_eip(&token, &eip, machine).await.unwrap();
    client.unbind_eip(&token, &eip).await.unwrap();
    let eips = [eip.clone()];
    let shared = "bandwidth-1";
    client.join_bandwidth(&token, shared, &eips).await.unwrap();
    client.leave_bandwidth(&token, shared, &eips).await.unwrap();
    client.delete_eip(&token, &eip).await.unwrap();
    client.eip_create_price(&token, &create).await.unwrap();
    let with = |fields: Value| {
        let mut body = json!({ "clientToken": "token-1", "regionID": REGION });
        let fields = fields.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(fields);
        body
    };
    let ordered = json!({
        "name": "web", "cycleType": "on_demand", "demandBillingType": "bandwidth",
        "bandwidth": 5,
    });
    let mut at_an_address = ordered.clone();
    at_an_address["ipAddress"] = json!("198.18.0.7");
    let of = |fields: Value| {
        let mut body = with(fields);
        body["eipID"] = json!("eip-5sdasd2gfh");
        body
    };
    let show = format!("/v4/eip/show?eipID=eip-5sdasd2gfh&regionID={REGION}");
    compare(
        &server,
        &[
            ("POST", "/v4/eip/create", with(ordered.clone())),
            ("POST", "/v4/eip/create-with-ipaddress", with(at_an_address)),
            ("GET", &show, Value::Null),
            ("POST", "/v4/eip/new-list", with(json!({}))),
            (
                "POST",
                "/v4/eip/change-name",
                of(json!({ "name": "other" })),
            ),
            ("POST", "/v4/eip/modify-spec", of(json!({ "bandwidth": 7 }))),
            (
                "POST",
                "/v4/eip/associate",
                of(json!({ "associationID": "ins-1", "associationType": 1 })),
            ),
            ("POST", "/v4/eip/disassociate", of(json!({}))),
            (
                "POST",
                "/v4/bandwidth/associate-eip",
                with(json!({ "bandwidthID": "bandwidth-1", "eipIDs": ["eip-5sdasd2gfh"] })),
            ),
            (
                "POST",
                "/v4/bandwidth/disassociate-eip",
                with(json!({ "bandwidthID": "bandwidth-1", "eipIDs": ["eip-5sdasd2gfh"] })),
            ),
            ("POST", "/v4/eip/delete", of(json!({}))),
            ("POST", "/v4/eip/query-create-price", with(ordered)),
        ],
    );
}

#[tokio::test]
async fn each_call_of_a_disk_has_the_vendors_path_and_fields() {
    let (server, client) = answering([success(json!({
        "masterOrderID": "o1", "diskID": "d1", "diskList": [], "diskRequestID": "j1",
    }))]);
    let (token, disk) = (token(), disk());
    let create = CreateDisk::new("data", "SATA", 40);
    let rename = DiskAttributes {
        disk_name: Some("other".to_owned()),
        ..DiskAttributes::default()
    };
    let filter = DiskFilter {
        page_no: Some(2),
        query_content: Some("data".to_owned()),
        ..DiskFilter::default()
    };
    client.create_disk(&token, &create).await.unwrap();
    client.describe_disk(&disk).await.unwrap();
    client.describe_disk_by_name("data").await.unwrap();
    client.list_disks(&filter).await.unwrap();
    client.update_disk(&disk, &rename).await.unwrap();
    client.resize_disk(&token, &disk, 50).await.unwrap();
    client.set_disk_iops(&disk, 100).await.unwrap();
    client
        .set_disk_delete_policy(&disk, SnapshotPolicy::Delete)
        .await
        .unwrap();
    client.attach_disk(&disk, "ins-1").await.unwrap();
    client.detach_disk(&disk, None).await.unwrap();
    client.refund_disk(&token, &disk, None).await.unwrap();
    client
        .refund_disk(&token, &disk, Some(SnapshotPolicy::Delete))
        .await
        .unwrap();
    let id = disk.as_str();
    let of = |fields: Value| {
        let mut body = json!({ "diskID": id, "regionID": REGION });
        let fields = fields.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(fields);
        body
    };
    let one = format!("/v4/ebs/info-ebs?diskID={id}&regionID={REGION}");
    let named = format!("/v4/ebs/info-by-name-ebs?diskName=data&regionID={REGION}");
    let list = format!("/v4/ebs/list-ebs?pageNo=2&queryContent=data&regionID={REGION}");
    let new = json!({
        "clientToken": "token-1", "regionID": REGION, "diskName": "data", "diskType": "SATA",
        "diskMode": "VBD", "diskSize": 40,
    });
    let snapshots = json!({ "clientToken": "token-1", "deleteSnapWithEbs": true });
    compare(
        &server,
        &[
            ("POST", "/v4/ebs/new-ebs", new),
            ("GET", &one, Value::Null),
            ("GET", &named, Value::Null),
            ("GET", &list, Value::Null),
            (
                "POST",
                "/v4/ebs/update-attr-ebs",
                of(json!({ "diskName": "other" })),
            ),
            (
                "POST",
                "/v4/ebs/resize-ebs",
                of(json!({ "clientToken": "token-1", "diskSize": 50 })),
            ),
            (
                "POST",
                "/v4/ebs/update-iops-ebs",
                of(json!({ "provisionedIops": 100 })),
            ),
            (
                "POST",
                "/v4/ebs/set-delete-policy-ebs",
                of(json!({ "deleteSnapWithEbs": true })),
            ),
            (
                "POST",
                "/v4/ebs/attach-ebs",
                of(json!({ "instanceID": "ins-1" })),
            ),
            ("POST", "/v4/ebs/detach-ebs", of(json!({}))),
            (
                "POST",
                "/v4/ebs/refund-ebs",
                of(json!({ "clientToken": "token-1" })),
            ),
            ("POST", "/v4/ebs/refund-ebs", of(snapshots)),
        ],
    );
}

#[tokio::test]
async fn each_service_is_called_at_its_own_endpoint() {
    let servers = [(); 4].map(|()| Server::that([success(json!({ "orderStatus": "14" }))]));
    let [eci, eips, ebs, ecs] = &servers;
    let client = Client::new(ClientConfig {
        endpoints: Endpoints {
            eci: eci.endpoint.clone(),
            eip: format!("{}/", eips.endpoint),
            ebs: ebs.endpoint.clone(),
            ecs: ecs.endpoint.clone(),
        },
        ..config("")
    })
    .unwrap();
    client.unbind_eip(&token(), &eip()).await.unwrap();
    client.set_disk_iops(&disk(), 0).await.unwrap();
    let order = OrderId::new("o1").unwrap();
    client.order_state(&order).await.unwrap();
    let counts = servers.each_ref().map(|server| server.requests().len());
    assert_eq!(counts, [0, 1, 1, 1]);
}

#[tokio::test]
async fn a_create_is_followed_by_repeating_it() {
    let starting = json!({
        "masterOrderID": "o1", "masterResourceStatus": "starting", "eipID": null,
    });
    let started = json!([{
        "masterOrderID": "o1", "masterResourceStatus": "started", "eipID": "eip-5sdasd2gfh",
    }]);
    let (_, client) = answering([
        success(starting),
        failure("Openapi.Order.Inprogress", json!({ "masterOrderID": "o1" })),
        success(started),
    ]);
    let create = CreateEip::on_demand("web", 5);
    let order = OrderId::new("o1").unwrap();
    for _ in 0..2 {
        let placed = client.create_eip(&token(), &create).await.unwrap();
        assert_eq!(
            placed,
            OrderOutcome::InProgress {
                order: order.clone()
            }
        );
    }
    let placed = client.create_eip(&token(), &create).await.unwrap();
    assert_eq!(placed.order(), Some(&order));
    assert!(
        matches!(placed, OrderOutcome::Done { created, .. } if created == eip()),
        "done"
    );
}

#[tokio::test]
async fn a_disks_order_is_in_progress_with_nine_hundred_and_done_with_a_list() {
    let waiting = json!({ "masterOrderID": "o1", "masterOrderNO": "n", "regionID": REGION });
    let done = json!({
        "masterOrderID": "o1", "masterResourceStatus": "started",
        "resources": [{ "diskID": disk(), "itemValue": 40 }],
    });
    let (_, client) = answering([
        failure("ebs.order.inProgress", waiting),
        success(done.clone()),
        success(done),
    ]);
    let create = CreateDisk::new("data", "SATA", 40);
    let placed = client.create_disk(&token(), &create).await.unwrap();
    assert!(
        matches!(placed, OrderOutcome::InProgress { .. }),
        "{placed:?}"
    );
    let placed = client.create_disk(&token(), &create).await.unwrap();
    assert!(
        matches!(&placed, OrderOutcome::Done { created, .. } if *created == disk()),
        "{placed:?}"
    );
    let refunded = client.refund_disk(&token(), &disk(), None).await.unwrap();
    assert!(
        matches!(refunded, OrderOutcome::Done { created: (), .. }),
        "{refunded:?}"
    );
}

#[tokio::test]
async fn an_order_is_queried_at_the_second_path_where_a_gateway_does_not_know_the_first() {
    let missing = ServerAction::status(
        "404 Not Found",
        &[],
        r#"{"statusCode":404,"message":"no route"}"#,
    );
    let done = json!({ "orderStatus": "3", "resourceUUID": ["eip-1"] });
    let (server, client) = answering([missing, success(done)]);
    let order = OrderId::new("o1").unwrap();
    let state = client.order_state(&order).await.unwrap();
    assert_eq!(state, OrderState::Done(vec!["eip-1".to_owned()]));
    let targets: Vec<String> = sent(&server)
        .into_iter()
        .map(|(_, target, _)| target)
        .collect();
    assert_eq!(
        targets,
        [
            "/v4/ecs/order/query-uuid?masterOrderID=o1",
            "/v4/order/query-uuid?masterOrderId=o1",
        ]
    );
}

#[tokio::test]
async fn a_failed_order_and_a_job_are_reported() {
    let (_, client) = answering([
        success(json!({ "orderStatus": "5", "instanceIDList": [] })),
        success(json!({ "jobID": "j1", "status": 0, "jobStatus": "executing" })),
    ]);
    let state = client
        .order_state(&OrderId::new("o1").unwrap())
        .await
        .unwrap();
    assert_eq!(state, OrderState::Failed(OrderStatus::Failed));
    let job = client
        .describe_job(&JobId::new("j1").unwrap())
        .await
        .unwrap();
    assert_eq!(job.status, JobStatus::Executing);
}

#[tokio::test]
async fn a_missing_object_is_distinguished_from_a_refused_query() {
    let gateway = ServerAction::status(
        "401 Unauthorized",
        &["x-trace-id: t-1"],
        r#"{"statusCode":"CTAPI_10001","message":"signature verification failed"}"#,
    );
    let (_, client) = answering([
        failure("ebs.ebsInfo.notExists", Value::Null),
        failure("ebs.order.procFailed", Value::Null),
        gateway,
    ]);
    let mut errors: Vec<CallError> = Vec::new();
    for _ in 0..3 {
        errors.push(client.describe_disk(&disk()).await.unwrap_err());
    }
    assert!(errors[0].is_not_found());
    assert!(!errors[1].is_not_found() && !errors[1].is_transient());
    assert_eq!(errors[2].reason(), Some(&StatusReason::Unauthorized));
    let message = errors[1].to_string();
    assert!(
        message.contains("ebs/info-ebs") && message.contains("english (中文)"),
        "{message}"
    );
}

#[tokio::test]
async fn a_service_that_decides_against_an_order_has_not_placed_it() {
    let (_, client) = answering([
        failure("Openapi.Eip.SomeQuota", Value::Null),
        failure("Openapi.Eip.AccessFailed", Value::Null),
        failure("", Value::Null),
        success(Value::Null),
    ]);
    let create = CreateEip::on_demand("web", 5);
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        let error = client.create_eip(&token(), &create).await.unwrap_err();
        outcomes.push((error.outcome(), error.operation()));
    }
    let unknown = (CallOutcome::Unknown, Operation::CreateEip);
    let expected = [
        (CallOutcome::NotDone, Operation::CreateEip),
        unknown,
        unknown,
        unknown,
    ];
    assert_eq!(outcomes, expected);
}

#[tokio::test]
async fn all_pages_are_read_each_with_its_own_token() {
    let page = |ids: &[&str]| {
        let eips: Vec<Value> = ids.iter().map(|id| json!({ "ID": id })).collect();
        success(json!({ "eips": eips, "totalPage": 2, "totalCount": 3 }))
    };
    let (server, client) = answering([page(&["eip-3", "eip-1"]), page(&["eip-2", "eip-1"])]);
    let eips = client.list_all_eips(&EipFilter::default()).await.unwrap();
    let ids: Vec<&str> = eips.iter().map(|eip| eip.id.as_str()).collect();
    assert_eq!(ids, ["eip-1", "eip-2", "eip-3"]);
    let bodies: Vec<Value> = sent(&server).into_iter().map(|(_, _, body)| body).collect();
    assert_eq!(
        (&bodies[0]["pageNo"], &bodies[1]["pageNo"]),
        (&json!(1), &json!(2))
    );
    assert_ne!(bodies[0]["clientToken"], bodies[1]["clientToken"]);
}

#[tokio::test]
async fn pages_end_where_they_are_empty() {
    let disks = json!({ "diskList": [{ "diskID": "d1" }] });
    let (server, client) = answering([
        success(disks.clone()),
        success(json!({ "diskList": [] })),
        success(disks),
        success(json!({})),
        success(json!({ "totalCount": 2 })),
    ]);
    let read = client.list_all_disks(&DiskFilter::default()).await.unwrap();
    assert_eq!((read.len(), server.requests().len()), (1, 2));
    let read = client.list_all_disks(&DiskFilter::default()).await.unwrap();
    assert_eq!((read.len(), server.requests().len()), (1, 4));
    let error = client.list_all_disks(&DiskFilter::default()).await;
    let error = error.unwrap_err();
    assert!(
        matches!(error.kind(), CallErrorKind::Incomplete { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn pages_that_never_end_are_not_followed_for_ever() {
    // Every page is the same one, which announces more pages.
    let eips = json!({ "eips": [{ "ID": "eip-1" }], "totalPage": i64::MAX });
    let disks = json!({ "diskList": [{ "diskID": "d1" }] });
    let (_, client) = answering([success(eips)]);
    let error = client.list_all_eips(&EipFilter::default()).await;
    let eips = error.unwrap_err();
    let (_, client) = answering([success(disks)]);
    let error = client.list_all_disks(&DiskFilter::default()).await;
    let disks = error.unwrap_err();
    for (error, call) in [(eips, Operation::ListEips), (disks, Operation::ListDisks)] {
        let message = error.to_string();
        let begin = format!("{call} returned a list that does not end: ");
        assert!(message.starts_with(&begin), "{message}");
        assert!(matches!(error.kind(), CallErrorKind::Endless { .. }));
    }
}
