//! Many groups: pages, filters, statuses and events.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, DESCRIBE_MANY, group, group_with, still};

async fn names(client: &Client, body: Value) -> Vec<String> {
    let returned = client.post(DESCRIBE_MANY, body).await.returned();
    named(&returned)
}

fn named(returned: &Value) -> Vec<String> {
    let groups = returned["containerGroups"].as_array().unwrap();
    groups
        .iter()
        .map(|group| group["containerGroupName"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn pages_lead_through_all_groups_in_the_order_of_creation() {
    let (running, client) = still().await;
    for number in 0..45 {
        client.create(group(&format!("g{number}"))).await;
    }
    let mut found = Vec::new();
    let mut body = json!({});
    let mut lengths = Vec::new();
    loop {
        let returned = client.post(DESCRIBE_MANY, body.clone()).await.returned();
        assert_eq!(returned["totalCount"], 45);
        let page = named(&returned);
        lengths.push(page.len());
        found.extend(page);
        match &returned["nextToken"] {
            Value::Null => break,
            token => body["nextToken"] = token.clone(),
        }
    }
    assert_eq!(lengths, [20, 20, 5]);
    let expected: Vec<String> = (0..45).map(|number| format!("g{number}")).collect();
    assert_eq!(found, expected);
    assert_eq!(names(&client, json!({"limit": 100})).await.len(), 45);
    for (body, message) in [
        (json!({"limit": 101}), "limit must be 1 to 100"),
        (json!({"nextToken": "7"}), "none that an earlier page gave"),
        (json!({"vSwitchId": "s"}), "unknown field vSwitchId"),
    ] {
        let answer = client.post(DESCRIBE_MANY, body).await;
        assert!(answer.refused().1.contains(message), "{answer:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn groups_are_found_by_every_filter() {
    let (running, client) = still().await;
    let tags = |app: &str, tier: &str| json!({"tags": [{"key": "app", "value": app}, {"key": "tier", "value": tier}]});
    let one = client.create(group_with("one", tags("shop", "web"))).await;
    let two = client.create(group_with("two", tags("shop", "db"))).await;
    running.sandbox().advance(Duration::from_secs(10));
    client
        .create(group_with("three", json!({"epId": "p-1"})))
        .await;
    let both = format!("{one},{two},eci-none");
    for (body, found) in [
        (json!({"containerGroupName": "two"}), vec!["two"]),
        (json!({"containerGroupIds": one}), vec!["one"]),
        (json!({"containerGroupIds": both}), vec!["one", "two"]),
        (
            json!({"tags": [{"key": "app", "value": "shop"}]}),
            vec!["one", "two"],
        ),
        (tags("shop", "db"), vec!["two"]),
        (json!({"tags": [{"key": "app", "value": "blog"}]}), vec![]),
        (json!({"tags": [{"key": "tier"}]}), vec!["one", "two"]),
        (json!({"status": "Running"}), vec!["one", "two"]),
        (json!({"status": "Scheduling"}), vec!["three"]),
        (json!({"epId": "p-1"}), vec!["three"]),
        (json!({"epId": "p-1", "status": "Running"}), vec![]),
    ] {
        assert_eq!(names(&client, body.clone()).await, found, "{body}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_listed_group_is_reported_as_a_described_one() {
    let (running, client) = still().await;
    let body: Value = serde_json::from_str(include_str!("../data/every-field.json")).unwrap();
    let id = client.create(body).await;
    running.sandbox().advance(Duration::from_secs(60));
    let listed = client.post(DESCRIBE_MANY, json!({})).await.returned();
    let mut alone = client.describe(&id).await.returned();
    alone.as_object_mut().unwrap().remove("requestId").unwrap();
    assert_eq!(listed["containerGroups"], json!([alone]));
    running.stop().await;
}

#[tokio::test]
async fn statuses_and_events_of_several_groups_are_returned() {
    let (running, client) = still().await;
    let one = client.create(group("one")).await;
    running.sandbox().advance(Duration::from_secs(10));
    let two = client.create(group("two")).await;
    let ids = json!({"containerGroupIds": format!("{one},{two}")});
    let path = "containers/describeContainerGroupStatus";
    let returned = client.post(path, ids.clone()).await.returned();
    assert_eq!(
        returned["data"],
        json!([
            {"containerGroupId": one, "name": "one", "status": "Running"},
            {"containerGroupId": two, "name": "two", "status": "Scheduling"},
        ])
    );
    let path = "containers/describeContainerGroupEvent";
    let returned = client.post(path, ids).await.returned();
    assert_eq!(returned["data"][0]["containerGroupId"], one.as_str());
    let events = returned["data"][0]["events"].as_array().unwrap();
    let reasons: Vec<&str> = events
        .iter()
        .map(|event| event["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        ["Scheduled", "Pulling", "Pulled", "Created", "Started"]
    );
    assert_eq!(returned["data"][1]["events"], json!([]));
    let first = client.post(path, json!({"limit": 1})).await.returned();
    assert_eq!(first["data"].as_array().unwrap().len(), 1);
    let rest = json!({"limit": 1, "nextToken": first["nextToken"]});
    let second = client.post(path, rest).await.returned();
    assert_eq!(second["data"][0]["name"], "two");
    running.stop().await;
}
