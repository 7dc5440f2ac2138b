//! The forms of answers about elastic IPs, disks and orders, as they are on the wire.

use serde_json::{Value, json};

use crate::client::{Answer, Client, REGION, still};

const NEW_EIP: &str = "/v4/eip/create";
const NEW_DISK: &str = "/v4/ebs/new-ebs";

fn eip(token: &str) -> Value {
    json!({
        "clientToken": token, "regionID": REGION, "name": "web", "cycleType": "on_demand",
        "demandBillingType": "bandwidth", "bandwidth": 5,
    })
}

fn disk(name: &str) -> Value {
    json!({
        "regionID": REGION, "diskName": name, "diskType": "SATA", "diskMode": "VBD",
        "diskSize": 40,
    })
}

/// The codes and the message of a refusal.
fn denied(answer: &Answer) -> (&str, &str, &str) {
    assert_eq!(
        (answer.http_status, &answer.body["statusCode"]),
        (200, &json!(900))
    );
    let word = |name: &str| answer.body[name].as_str().unwrap();
    (word("errorCode"), word("error"), word("message"))
}

#[tokio::test]
async fn an_order_of_an_eip_is_a_success_and_one_of_a_disk_is_in_progress() {
    let (running, client) = still().await;
    let answered = client.post(NEW_EIP, eip("t1")).await.body;
    assert_eq!(
        (&answered["statusCode"], &answered["errorCode"]),
        (&json!(800), &json!("SUCCESS"))
    );
    let order = &answered["returnObj"];
    assert_eq!(order["masterResourceStatus"], "starting");
    assert_eq!(
        (&order["eipID"], &order["regionID"]),
        (&Value::Null, &json!(REGION))
    );
    let answer = client.post(NEW_DISK, disk("data")).await;
    assert_eq!(denied(&answer).0, "ebs.order.inProgress");
    assert_eq!(denied(&answer).1, "Ebs.Order.InProgress");
    let order = &answer.body["returnObj"];
    assert!(order["masterOrderID"].is_string() && order.get("resources").is_none());
    assert!(
        answer.body.get("details").is_none(),
        "the code is published"
    );
    running.stop().await;
}

#[tokio::test]
async fn both_queries_for_an_order_return_the_same_under_their_own_names() {
    let (running, client) = still().await;
    let answered = client.post(NEW_EIP, eip("t1")).await.body;
    let order = answered["returnObj"]["masterOrderID"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = format!("/v4/ecs/order/query-uuid?masterOrderID={order}");
    let second = format!("/v4/order/query-uuid?masterOrderId={order}");
    let going = client.get(&first).await.body;
    assert_eq!(
        going["returnObj"],
        json!({ "orderStatus": "14", "instanceIDList": [] })
    );
    running.sandbox().advance(std::time::Duration::from_secs(5));
    let done = client.get(&first).await.body["returnObj"].clone();
    let other = client.get(&second).await.body["returnObj"].clone();
    assert_eq!(
        (&done["orderStatus"], &other["orderStatus"]),
        (&json!("3"), &json!("3"))
    );
    assert_eq!(done["instanceIDList"], other["resourceUUID"]);
    assert_eq!(other["resourceType"], "EIP");
    let unknown = client.get("/v4/order/query-uuid?masterOrderId=none").await;
    assert_eq!(denied(&unknown).0, "Ecs.Order.NotFound");
    assert!(unknown.body["details"].is_string(), "the code is assumed");
    let misspelled = client
        .get(&second.replace("masterOrderId", "masterOrderID"))
        .await;
    assert!(denied(&misspelled).2.contains("masterOrderId is required"));
    running.stop().await;
}

#[tokio::test]
async fn counts_of_the_old_list_are_next_to_the_object() {
    let (running, client) = still().await;
    client.post(NEW_EIP, eip("t1")).await;
    running.sandbox().advance(std::time::Duration::from_secs(5));
    let body = json!({ "clientToken": "l", "regionID": REGION });
    let old = client.post("/v4/eip/list", body.clone()).await.body;
    assert_eq!(old["totalCount"], 1);
    assert!(old["returnObj"].get("totalCount").is_none());
    let new = client.post("/v4/eip/new-list", body).await.body;
    assert_eq!(
        (&new["returnObj"]["totalPage"], new.get("totalCount")),
        (&json!(1), None)
    );
    assert_eq!(new["returnObj"]["eips"], old["returnObj"]["eips"]);
    running.stop().await;
}

#[tokio::test]
async fn a_token_is_demanded_for_eips_and_may_be_left_out_for_disks() {
    let (running, client) = still().await;
    for token in ["", &"x".repeat(65)] {
        let answer = client.post(NEW_EIP, eip(token)).await;
        let (code, _, message) = denied(&answer);
        assert_eq!(code, "Openapi.Parameter.Error");
        assert!(message.contains("clientToken"), "{message}");
    }
    let list = client
        .post("/v4/eip/new-list", json!({ "regionID": REGION }))
        .await;
    assert!(denied(&list).2.contains("clientToken is required"));
    client.post(NEW_DISK, disk("one")).await;
    client.post(NEW_DISK, disk("two")).await;
    assert_eq!(
        running.sandbox().audit_log().len(),
        2,
        "each is a separate order"
    );
    running.stop().await;
}

#[tokio::test]
async fn the_region_is_a_field_and_fields_that_are_not_known_are_ignored() {
    let (running, mut client) = still().await;
    client.region = None;
    let mut body = eip("t1");
    body["color"] = json!("red");
    assert_eq!(client.post(NEW_EIP, body).await.body["statusCode"], 800);
    for (region, answered) in [(Value::Null, "required"), (json!("nowhere"), "known are")] {
        let mut body = eip("t2");
        body["regionID"] = region;
        let answer = client.post(NEW_EIP, body).await;
        assert!(denied(&answer).2.contains(answered));
    }
    let wrong = client.get("/v4/ebs/info-ebs?diskID=d").await;
    assert!(denied(&wrong).2.contains("regionID is required"));
    running.stop().await;
}

#[tokio::test]
async fn who_is_not_believed_hears_a_gateway() {
    let (running, mut client) = still().await;
    client.secret_key = "wrong".to_owned();
    let answer = client.post(NEW_EIP, eip("t1")).await;
    assert_eq!(
        (answer.http_status, &answer.body["statusCode"]),
        (401, &json!(401))
    );
    let message = answer.body["message"].as_str().unwrap();
    assert!(
        message.starts_with("signature verification failed"),
        "{message}"
    );
    let client = Client::of(&running);
    assert_eq!(client.get(NEW_EIP).await.http_status, 405);
    running.stop().await;
}

#[tokio::test]
async fn disks_are_listed_page_by_page_with_a_token_too() {
    let (running, client) = still().await;
    for name in ["one", "two", "three"] {
        client.post(NEW_DISK, disk(name)).await;
    }
    let page = async |token: &str| {
        let path = format!("/v4/ebs/list-ebs?maxResults=2{token}&regionID={REGION}");
        client.get(&path).await.body["returnObj"].clone()
    };
    let names = |page: &Value| -> Vec<String> {
        let disks = page["diskList"].as_array().unwrap().iter();
        disks
            .map(|disk| disk["diskName"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = page("").await;
    assert_eq!(names(&first), ["three", "two"]);
    let token = first["nextToken"].as_str().unwrap();
    let second = page(&format!("&nextToken={token}")).await;
    assert_eq!(names(&second), ["one"]);
    assert!(second.get("nextToken").is_none());
    running.stop().await;
}
