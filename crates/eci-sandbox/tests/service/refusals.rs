//! Calls that are not believed, not understood or not allowed.

use eci_sandbox::{Config, OpenError, SimulatedCloud};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{CREATE, Client, DESCRIBE_MANY, REGION, group, start, still};

#[tokio::test]
async fn who_cannot_prove_who_they_are_is_not_served() {
    let (running, client) = still().await;
    let change = |change: fn(&mut Client)| {
        let mut client = client.clone();
        change(&mut client);
        client
    };
    for (client, message) in [
        (
            change(|client| client.secret_key = "wrong".to_owned()),
            "the signature does not agree",
        ),
        (
            change(|client| client.access_key = "nobody".to_owned()),
            "\"nobody\" is not known",
        ),
        (
            change(|client| client.off_by = SignedDuration::from_mins(-16)),
            "more than 15 minutes off",
        ),
    ] {
        let answer = client.post(CREATE, group("web")).await;
        assert_eq!(answer.http_status, 401);
        assert_eq!(answer.body["statusCode"], 401);
        let (reason, text) = answer.refused();
        assert_eq!(reason, "Unauthorized");
        assert!(text.contains(message), "{text}");
    }
    let utc = change(|client| client.off_by = SignedDuration::from_hours(-8));
    utc.create(group("web")).await;
    assert_eq!(running.sandbox().audit_log().len(), 1);
    running.stop().await;
}

#[tokio::test]
async fn a_region_must_be_named_and_known() {
    let (running, mut client) = still().await;
    client.region = None;
    let answer = client.post(DESCRIBE_MANY, json!({})).await;
    assert_eq!(
        answer.refused(),
        ("BadRequest", "the header regionId is required")
    );
    client.region = Some("atlantis".to_owned());
    let answer = client.post(DESCRIBE_MANY, json!({})).await;
    let (reason, text) = answer.refused();
    assert_eq!(reason, "Invalid");
    assert!(
        text.contains("\"atlantis\"") && text.contains(REGION),
        "{text}"
    );
    running.stop().await;
}

#[tokio::test]
async fn accounts_and_regions_are_isolated() {
    let pair = |name: &str| (name.to_owned(), name.to_owned());
    let (running, mut client) = start(Config {
        accounts: vec![pair("one"), pair("two")],
        regions: vec!["north".to_owned(), "south".to_owned()],
        ..Config::default()
    })
    .await;
    let mut enter = |account: &str, region: &str| {
        (client.access_key, client.secret_key) = pair(account);
        client.region = Some(region.to_owned());
        client.clone()
    };
    let owner = enter("one", "north");
    let id = owner.create(group("web")).await;
    for stranger in [enter("two", "north"), enter("one", "south")] {
        assert_eq!(stranger.describe(&id).await.refused().0, "NotFound");
        assert_eq!(stranger.delete(&id).await.refused().0, "NotFound");
        let listed = stranger.post(DESCRIBE_MANY, json!({})).await.returned();
        assert_eq!(listed["totalCount"], 0);
    }
    assert!(owner.describe(&id).await.returned().is_object());
    running.stop().await;
}

#[tokio::test]
async fn bodies_that_are_wrong_are_refused_with_the_field() {
    let (running, client) = still().await;
    let mut unknown = group("web");
    unknown["containers"][0]["imagge"] = json!("x");
    let mut invalid = group("web");
    invalid["restartPolicy"] = json!("Sometimes");
    for (body, reason, message) in [
        (unknown, "BadRequest", "unknown field containers[0].imagge"),
        (invalid, "Invalid", "restartPolicy must be one of"),
        (Value::Null, "BadRequest", "is required"),
        (json!([1]), "BadRequest", "must be a JSON object"),
        (json!("{"), "BadRequest", "must be a JSON object"),
    ] {
        let answer = client.post(CREATE, body).await;
        assert_eq!(answer.http_status, 200, "the envelope decides");
        assert!(answer.body["returnObj"].is_null());
        assert_eq!(answer.body["errorCode"], answer.body["error"]);
        let text = answer.refused();
        assert_eq!(text.0, reason);
        assert!(text.1.contains(message), "{}", text.1);
    }
    assert!(running.sandbox().audit_log().is_empty());
    running.stop().await;
}

#[tokio::test]
async fn unknown_calls_are_distinguished() {
    let (running, client) = still().await;
    let nowhere = client.get("containers/makeContainerGroup").await;
    assert_eq!(nowhere.refused().0, "NotFound");
    let method = client.get(CREATE).await;
    assert_eq!(method.http_status, 405);
    assert_eq!(method.refused().0, "MethodNotAllowed");
    let path = "containers/deleteContainerGroup/eci-1?force=perhaps";
    let answer = client.call(Method::DELETE, path, Value::Null).await;
    assert!(answer.refused().1.contains("true or false"), "{answer:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let (running, client) = still().await;
    let long = "x".repeat((8 << 20) + 1);
    let answer = client.post(CREATE, json!(long)).await;
    assert_eq!(answer.http_status, 413);
    assert_eq!(answer.refused().0, "RequestEntityTooLarge");
    running.stop().await;
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    for config in [
        Config {
            accounts: Vec::new(),
            ..Config::default()
        },
        Config {
            regions: Vec::new(),
            ..Config::default()
        },
        Config {
            rate_limit: Some(0.0),
            ..Config::default()
        },
    ] {
        let refused = SimulatedCloud::open(config).unwrap_err();
        assert!(matches!(refused, OpenError::NotValid { .. }), "{refused}");
    }
}
