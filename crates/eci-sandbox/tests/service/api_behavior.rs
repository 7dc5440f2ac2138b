//! Unexpected behaviors of the cloud, each of them on and off.

use eci_sandbox::{ApiBehavior, Config, Speed};
use serde_json::{Value, json};

use crate::client::{Client, DESCRIBE_MANY, group, group_with, start_as_is};

const NEW_EIP: &str = "/v4/eip/create";
const LIST_EIPS: &str = "/v4/eip/new-list";

/// A sandbox with these behaviors.
async fn with(behavior: &[&str]) -> (eci_sandbox::SandboxServer, Client) {
    let mut config = Config {
        speed: Speed::Instant,
        ..Config::default()
    };
    config.behavior.set(behavior.iter().copied()).unwrap();
    start_as_is(config).await
}

/// The groups of the region.
async fn listed(client: &Client, body: Value) -> Value {
    client.post(DESCRIBE_MANY, body).await.returned()
}

#[tokio::test]
async fn empty_fields_are_omitted_and_lists_without_elements_too() {
    let (_running, client) = with(&["empty_fields_omitted=true"]).await;
    let answer = client.post(DESCRIBE_MANY, json!({})).await;
    let answered = json!({"statusCode": 200, "returnObj": {"requestId": answer.request()}});
    assert_eq!(answer.body, answered);

    let tags = json!({"tags": [{"key": "empty", "value": ""}]});
    let id = client.create(group_with("web", tags)).await;
    let answered = client.describe(&id).await.returned();
    assert_eq!(answered["tags"], json!([{"key": "empty"}]));
    for absent in ["ipv6Address", "internetIp", "volumes"] {
        assert_eq!(answered.get(absent), None, "{answered:#}");
    }
    let container = &answered["containers"][0];
    assert_eq!(container["ready"], true);
    assert_eq!(container.get("restartCount"), None, "{container:#}");

    let (_running, client) = with(&["empty_fields_omitted=false"]).await;
    let answer = client.post(DESCRIBE_MANY, json!({})).await;
    assert_eq!(answer.body["message"], "success");
    assert_eq!(answer.returned()["containerGroups"], json!([]));
}

#[tokio::test]
async fn times_are_in_beijing_time_or_in_utc() {
    for (setting, zone) in [
        ("beijing_times=true", "+08:00"),
        ("beijing_times=false", "Z"),
    ] {
        let (_running, client) = with(&[setting]).await;
        let id = client.create(group("web")).await;
        let answered = client.describe(&id).await.returned();
        let times = [
            &answered["creationTime"],
            &answered["events"][0]["firstTimestamp"],
            &answered["containers"][0]["currentState"]["startTime"],
        ];
        for time in times {
            let time = time.as_str().unwrap();
            assert!(time.ends_with(zone), "{time}");
            let time: jiff::Timestamp = time.parse().unwrap();
            let age = jiff::Timestamp::now().duration_since(time);
            assert!(age.as_secs().abs() < 600, "{time}");
        }
    }
}

#[tokio::test]
async fn pages_are_not_larger_than_the_limit_for_any_request() {
    let (_running, client) = with(&["largest_page=2"]).await;
    for number in 0..5 {
        client.create(group(&format!("web-{number}"))).await;
    }
    let mut sizes = Vec::new();
    let mut token = json!("");
    while !token.is_null() {
        let page = listed(&client, json!({"limit": 100, "nextToken": token})).await;
        assert_eq!(page["totalCount"], 5);
        sizes.push(page["containerGroups"].as_array().unwrap().len());
        token = page["nextToken"].clone();
    }
    assert_eq!(sizes, [2, 2, 1]);

    for number in 0..3 {
        let name = format!("ip-{number}");
        client
            .post(NEW_EIP, eip(json!({"clientToken": name, "name": name})))
            .await;
    }
    let ask = |page| eip(json!({"clientToken": "list", "pageNo": page, "pageSize": 50}));
    for (page, size) in [(1, 2), (2, 1)] {
        let answered = client.post(LIST_EIPS, ask(page)).await.body["returnObj"].clone();
        assert_eq!(
            answered["eips"].as_array().unwrap().len(),
            size,
            "{answered:#}"
        );
        assert_eq!(
            (&answered["totalCount"], &answered["totalPage"]),
            (&json!(3), &json!(2))
        );
    }
}

/// The fields of a call about EIPs.
fn eip(fields: Value) -> Value {
    let mut body = json!({
        "regionID": crate::client::REGION,
        "cycleType": "on_demand",
        "demandBillingType": "bandwidth",
    });
    let more = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

#[tokio::test]
async fn a_limit_of_zero_is_the_usual_size_or_refused() {
    let (_running, client) = with(&["zero_limit_accepted=true"]).await;
    client.create(group("web")).await;
    let page = listed(&client, json!({"limit": 0})).await;
    assert_eq!(page["totalCount"], 1);

    let (_running, client) = with(&["zero_limit_accepted=false"]).await;
    let answer = client.post(DESCRIBE_MANY, json!({"limit": 0})).await;
    assert_eq!(answer.refused().0, "Invalid");
}

#[tokio::test]
async fn the_region_may_be_repeated_in_a_body_or_is_refused_there() {
    let region = crate::client::REGION;
    let (_running, client) = with(&["region_in_body_accepted=true"]).await;
    client
        .create(group_with("web", json!({"regionId": region})))
        .await;
    let other = json!({"regionId": "81f7728662dd11ec810800155d307d5b"});
    let answer = client.post(DESCRIBE_MANY, other).await;
    assert_eq!(answer.refused().0, "BadRequest");

    let (_running, client) = with(&["region_in_body_accepted=false"]).await;
    let answer = client
        .post(DESCRIBE_MANY, json!({"regionId": region}))
        .await;
    assert_eq!(answer.refused(), ("BadRequest", "unknown field regionId"));
}

#[tokio::test]
async fn answers_and_refusals_name_their_request_in_a_header_or_do_not() {
    let (_running, client) = with(&["request_id_header=true"]).await;
    let answer = client.post(DESCRIBE_MANY, json!({})).await;
    assert_eq!(answer.request_id.as_deref(), Some(answer.request()));
    let refused = client.post(DESCRIBE_MANY, json!({"strange": 1})).await;
    assert!(refused.request_id.is_some(), "{refused:?}");

    let (_running, client) = with(&["request_id_header=false"]).await;
    let answer = client.post(DESCRIBE_MANY, json!({})).await;
    assert_eq!(answer.request_id, None);
}

#[tokio::test]
async fn a_page_without_room_is_refused() {
    let behavior = ApiBehavior {
        largest_page: 0,
        ..ApiBehavior::default()
    };
    let config = Config {
        behavior,
        ..Config::default()
    };
    let refused = eci_sandbox::SimulatedCloud::open(config).unwrap_err();
    assert!(refused.to_string().contains("largest_page"), "{refused}");
}
