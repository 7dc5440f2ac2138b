//! Tests of requests.

use serde_json::{Value, json};

use super::server::{Request, Server, ServerAction};
use super::*;
use crate::api::{Api as _, MOST_STALE_PAGES};
use crate::sign::SignatureInput;
use crate::types::{
    Container, ContainerGroupFilter, ContainerGroupId, CreateContainerGroup, DeleteMode,
    ExecContainerCommand, GroupIds, GroupNetwork, InitContainer, LogExcerpt, PriceQuery,
    RestartPolicy, Status, Tag, UpdateContainerGroup,
};
use crate::{CallErrorKind, CallOutcome};

const CREATED: &str = include_str!("../../../tests/data/create-response.json");
const EXAMPLE: &str = include_str!("../../../tests/data/create-request.json");

fn id(text: &str) -> ContainerGroupId {
    ContainerGroupId::new(text).unwrap()
}

fn example() -> CreateContainerGroup {
    serde_json::from_str(EXAMPLE).unwrap()
}

/// Starts a server that answers with this object, and a client of it.
fn answering(object: &Value) -> (Server, Client) {
    let envelope = json!({ "statusCode": 200, "returnObj": object });
    let server = Server::that([ServerAction::ok(&envelope.to_string())]);
    let client = Client::new(config(&server.endpoint)).unwrap();
    (server, client)
}

fn only(server: &Server) -> Request {
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    requests[0].clone()
}

#[tokio::test]
async fn the_pages_example_is_sent_and_its_answer_understood() {
    let server = Server::that([ServerAction::ok(CREATED)]);
    let client = Client::new(config(&server.endpoint)).unwrap();
    let created = client.create_container_group(&example()).await.unwrap();
    assert_eq!(
        created.container_group_id.as_str(),
        "eci-3rr2p3bikgw7phf1lm0cn39y0y"
    );
    assert_eq!(
        created.request_id.as_deref(),
        Some("a4f0f36e-7e75-4045-a73a-a2507b26")
    );
    assert_eq!(
        created.master_order_id.as_deref(),
        Some("5637ae2a19234e3593ca717c66513474")
    );
    let request = only(&server);
    assert_eq!(
        (request.method.as_str(), request.target.as_str()),
        ("POST", "/eci/api/v1/containers/createContainerGroup")
    );
    let sent: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(EXAMPLE).unwrap());
}

#[test]
fn a_new_request_has_only_the_required_fields() {
    let network = GroupNetwork {
        az_name: "az1".to_owned(),
        vpc_id: "vpc-1".to_owned(),
        vswitch_id: "subnet-1".to_owned(),
        security_group_id: "sg-1".to_owned(),
    };
    let containers = vec![Container::new("main", "nginx:1.27")];
    let mut request =
        CreateContainerGroup::new("web", network, RestartPolicy::OnFailure, containers);
    request.init_containers = Some(vec![InitContainer::new("first", "busybox:1.36")]);
    let expected = json!({
        "containerGroupName": "web",
        "azInfo": [{ "azName": "az1" }],
        "vpcId": "vpc-1",
        "vSwitchId": "subnet-1",
        "securityGroupId": "sg-1",
        "containers": [{ "name": "main", "image": "nginx:1.27" }],
        "initContainers": [{ "name": "first", "image": "busybox:1.36" }],
        "restartPolicy": "OnFailure",
    });
    assert_eq!(request.body(FieldNames::Documented).unwrap(), expected);
}

#[tokio::test]
async fn the_chosen_spelling_is_sent() {
    let mut request = example();
    request.host_name = Some("box".to_owned());
    for (field_names, spelling) in [
        (FieldNames::Documented, "hostName"),
        (FieldNames::Sdk, "hostname"),
    ] {
        let server = Server::that([ServerAction::ok(CREATED)]);
        let client = Client::new(ClientConfig {
            field_names,
            ..config(&server.endpoint)
        })
        .unwrap();
        client.create_container_group(&request).await.unwrap();
        let sent: Value = serde_json::from_str(&only(&server).body).unwrap();
        assert_eq!(sent[spelling], "box");
        assert_eq!(sent.as_object().unwrap().len(), 14);
    }
}

#[tokio::test]
async fn every_call_is_signed_dated_and_for_the_region() {
    let (server, client) = answering(&json!({ "content": "" }));
    let excerpt = LogExcerpt {
        container_name: Some("a b+c".to_owned()),
        tail: Some(10),
        ..LogExcerpt::default()
    };
    client
        .describe_container_log(&id("eci-1"), &excerpt)
        .await
        .unwrap();
    client
        .delete_container_group(&id("eci-1"), DeleteMode::Forced)
        .await
        .unwrap();
    let update = UpdateContainerGroup {
        tags: Some(vec![Tag::new("应用", "网")]),
        ..UpdateContainerGroup::default()
    };
    client
        .update_container_group(&id("eci-1"), &update)
        .await
        .unwrap();
    let queries = [
        vec![("containerName", "a b+c"), ("tail", "10")],
        vec![("force", "true")],
        vec![],
    ];
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY);
    let requests = server.requests();
    for (request, query) in requests.iter().zip(queries) {
        let header = |name: &str| request.headers[name].as_str();
        assert_eq!(header("regionid"), REGION);
        assert_eq!(header("eop-date"), "20260301T000000Z");
        assert_eq!(header("content-type"), "application/json");
        assert_eq!(
            header("user-agent"),
            concat!("eci/", env!("CARGO_PKG_VERSION"))
        );
        let query: Vec<(String, String)> = query
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let authorization = credentials.authorization(&SignatureInput {
            request_id: header("ctyun-eop-request-id"),
            date: header("eop-date"),
            query: &query,
            body: request.body.as_bytes(),
        });
        assert_eq!(header("eop-authorization"), authorization);
        assert!(!format!("{request:?}").contains(SECRET_KEY));
    }
    let mut ids: Vec<&str> = requests
        .iter()
        .map(|one| one.headers["ctyun-eop-request-id"].as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3, "each call has a different ID");
    assert!(
        requests[0]
            .target
            .ends_with("/eci-1?containerName=a%20b%2Bc&tail=10")
    );
}

#[tokio::test]
async fn each_call_has_the_vendors_method_path_and_body() {
    let group = json!({
        "containerGroupId": "eci-1", "status": "Hibernating", "containerGroups": [], "data": [],
    });
    let (server, client) = answering(&group);
    let one = id("eci-1");
    let ids = GroupIds::new([id("eci-1"), id("eci-2")]);
    let filter = ContainerGroupFilter {
        container_group_name: Some("web".to_owned()),
        container_group_ids: ids.container_group_ids.clone(),
        tags: vec![Tag::new("a", "b")],
        status: Some(Status::Running),
        ep_id: Some("0".to_owned()),
        limit: Some(5),
        next_token: Some("t".to_owned()),
    };
    let read = client.describe_container_group(&one).await.unwrap();
    assert_eq!(read.status, Status::Other("Hibernating".to_owned()));
    assert_eq!(read.raw, group);
    client.describe_container_groups(&filter).await.unwrap();
    client.restart_container_group(&one).await.unwrap();
    client
        .delete_container_group(&one, DeleteMode::Graceful)
        .await
        .unwrap();
    client.describe_container_group_status(&ids).await.unwrap();
    client.describe_container_group_event(&ids).await.unwrap();
    let price = PriceQuery {
        cpu: Some(1.into()),
        ..PriceQuery::default()
    };
    client.describe_container_group_price(&price).await.unwrap();
    let command = ExecContainerCommand {
        container_group_id: one.clone(),
        container_name: "nginx".to_owned(),
        command: vec!["ls".to_owned()],
        stdin: None,
        tty: Some(false),
        sync: Some(true),
    };
    client.exec_container_command(&command).await.unwrap();
    client
        .describe_container_log(&one, &LogExcerpt::default())
        .await
        .unwrap();
    let both = json!({ "containerGroupIds": "eci-1,eci-2" });
    let expected = [
        (
            "GET",
            "containers/describeContainerGroup/eci-1",
            Value::Null,
        ),
        (
            "POST",
            "containers/describeContainerGroups",
            json!({
                "containerGroupName": "web", "containerGroupIds": "eci-1,eci-2",
                "tags": [{ "key": "a", "value": "b" }], "status": "Running", "epId": "0",
                "limit": 5, "nextToken": "t",
            }),
        ),
        ("PUT", "containers/restartContainerGroup/eci-1", Value::Null),
        (
            "DELETE",
            "containers/deleteContainerGroup/eci-1?force=false",
            Value::Null,
        ),
        (
            "POST",
            "containers/describeContainerGroupStatus",
            both.clone(),
        ),
        ("POST", "containers/describeContainerGroupEvent", both),
        (
            "POST",
            "containers/describeContainerGroupPrice",
            json!({ "cpu": 1 }),
        ),
        (
            "POST",
            "containers/execContainerCommand",
            json!({
                "containerGroupId": "eci-1", "containerName": "nginx", "command": ["ls"],
                "tty": false, "sync": true,
            }),
        ),
        ("GET", "logs/describeContainerLog/eci-1", Value::Null),
    ];
    let requests = server.requests();
    assert_eq!(requests.len(), expected.len());
    for (request, (method, path, body)) in requests.iter().zip(expected) {
        assert_eq!(request.method, method, "{path}");
        assert_eq!(request.target, format!("/eci/api/v1/{path}"));
        let sent = match request.body.as_str() {
            "" => Value::Null,
            body => serde_json::from_str(body).unwrap(),
        };
        assert_eq!(sent, body, "{path}");
        assert_eq!(request.connection, 0, "connections are used again");
    }
}

#[tokio::test]
async fn an_endpoint_may_have_a_path() {
    let server = Server::that([ServerAction::ok(r#"{"statusCode":200}"#)]);
    let client = Client::new(config(format!("{}/behind/", server.endpoint))).unwrap();
    client.restart_container_group(&id("eci-1")).await.unwrap();
    let path = "/behind/eci/api/v1/containers/restartContainerGroup/eci-1";
    assert_eq!(only(&server).target, path);
}

fn page(groups: &[&str], token: &str) -> ServerAction {
    let groups: Vec<Value> = groups
        .iter()
        .map(|id| json!({ "containerGroupId": id }))
        .collect();
    let object = json!({ "containerGroups": groups, "nextToken": token });
    ServerAction::ok(&json!({ "statusCode": "200", "returnObj": object }).to_string())
}

#[tokio::test]
async fn all_pages_are_read_with_the_same_filter() {
    let server = Server::that([
        page(&["eci-1", "eci-2"], "a"),
        page(&[], "b"),
        page(&["eci-3"], ""),
    ]);
    let client = Client::new(config(&server.endpoint)).unwrap();
    let filter = ContainerGroupFilter {
        tags: vec![Tag::new("a", "b")],
        ..ContainerGroupFilter::default()
    };
    let groups = client.list_container_groups(&filter).await.unwrap();
    let ids: Vec<&str> = groups
        .iter()
        .map(|group| group.container_group_id.as_str())
        .collect();
    assert_eq!(ids, ["eci-1", "eci-2", "eci-3"]);
    let tags = json!([{ "key": "a", "value": "b" }]);
    let sent: Vec<Value> = server
        .requests()
        .iter()
        .map(|request| serde_json::from_str(&request.body).unwrap())
        .collect();
    assert_eq!(
        sent,
        [
            json!({ "tags": tags, "limit": 20 }),
            json!({ "tags": tags, "limit": 20, "nextToken": "a" }),
            json!({ "tags": tags, "limit": 20, "nextToken": "b" }),
        ]
    );
}

#[tokio::test]
async fn a_cycle_of_pages_is_not_followed_for_ever() {
    let server = Server::that([page(&[], "a"), page(&[], "b"), page(&[], "a")]);
    let client = Client::new(config(&server.endpoint)).unwrap();
    let filter = ContainerGroupFilter::default();
    let error = client.list_container_groups(&filter).await.unwrap_err();
    assert!(
        matches!(error.kind(), CallErrorKind::Endless { .. }),
        "{error}"
    );
    assert_eq!(error.outcome(), CallOutcome::NotDone);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn pages_with_nothing_new_are_not_followed_for_ever() {
    // Each with a token that was not returned before, and empty or with elements returned before.
    for groups in [&[][..], &["eci-1"]] {
        let endless = (0..200).map(|number| page(groups, &format!("t{number}")));
        let server = Server::that(endless);
        let client = Client::new(config(&server.endpoint)).unwrap();
        let filter = ContainerGroupFilter::default();
        let error = client.list_container_groups(&filter).await.unwrap_err();
        let message = error.to_string();
        assert!(
            message.starts_with("describeContainerGroups returned a list that does not end: "),
            "{message}"
        );
        assert!(
            message.contains("consecutive pages had no new elements"),
            "{message}"
        );
        assert!(server.requests().len() <= MOST_STALE_PAGES + 2);
        assert!(!error.is_transient() && error.help().is_some());
    }
}
