//! Failures on demand, as a client meets them.

use std::time::{Duration, Instant};

use eci_sandbox::{Config, Fault, Faults, Rule, SandboxServer, SimulatedCloud, Speed};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{CREATE, Client, DESCRIBE_MANY, group, start, still};

fn order(running: &SandboxServer, rules: Vec<Rule>) {
    running.sandbox().set_faults(Faults { rules }).unwrap();
}

/// A rule for every create.
fn on_create(fault: Fault) -> Vec<Rule> {
    vec![Rule::new("createContainerGroup", fault)]
}

/// Returns the number of times that a group was really created.
fn created(running: &SandboxServer) -> usize {
    running.sandbox().audit_log().len()
}

/// A create whose answer never comes, and how that shows.
async fn lost(client: &Client) -> reqwest::Error {
    let body = group("web").to_string();
    client.send(Method::POST, CREATE, body).await.unwrap_err()
}

#[tokio::test]
async fn too_many_requests_says_when_to_come_again() {
    let (running, client) = still().await;
    let mut rule = Rule::new("createContainerGroup", Fault::TooManyRequests).nth(2);
    rule.retry_after = Some(7);
    order(&running, vec![rule]);
    client.create(group("one")).await;
    let answer = client.post(CREATE, group("two")).await;
    assert_eq!(answer.http_status, 429);
    assert_eq!(answer.retry_after.as_deref(), Some("7"));
    assert_eq!(answer.refused().0, "TooManyRequests");
    assert_eq!(created(&running), 1);
    client.create(group("two")).await;
    running.stop().await;
}

#[tokio::test]
async fn an_error_comes_before_or_after_the_change() {
    for (fault, done) in [(Fault::ErrorBefore, 0), (Fault::ErrorAfter, 1)] {
        let (running, client) = still().await;
        order(&running, on_create(fault));
        let answer = client.post(CREATE, group("web")).await;
        assert_eq!(answer.http_status, 500);
        assert_eq!(answer.refused().0, "InternalError");
        assert_eq!(created(&running), done, "{fault:?}");
        running.stop().await;
    }
}

#[tokio::test]
async fn the_connection_is_cut_before_or_after_the_change() {
    for (fault, done) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        let (running, client) = still().await;
        order(&running, on_create(fault));
        let error = lost(&client).await;
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
        assert_eq!(created(&running), done, "{fault:?}");
        // It is not cut for others.
        client.post(DESCRIBE_MANY, json!({})).await.returned();
        running.stop().await;
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_ends_without_a_single_byte() {
    let (running, _) = still().await;
    order(&running, on_create(Fault::CutBefore));
    let address = running.endpoint().replace("http://", "");
    let read = tokio::task::spawn_blocking(move || {
        use std::io::{Read as _, Write as _};
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let request = format!(
            "POST /eci/api/v1/{CREATE} HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 2\r\n\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map(|_| answer)
    })
    .await
    .unwrap();
    assert_eq!(read.unwrap(), b"");
    running.stop().await;
}

#[tokio::test]
async fn a_call_that_hangs_is_never_answered() {
    for (fault, done) in [(Fault::Hang, 0), (Fault::HangAfter, 1)] {
        let (running, client) = still().await;
        order(&running, on_create(fault));
        let waited = tokio::time::timeout(Duration::from_millis(200), lost(&client)).await;
        assert!(waited.is_err(), "{fault:?} was answered: {waited:?}");
        assert_eq!(created(&running), done, "{fault:?}");
        running.stop().await;
    }
}

#[tokio::test]
async fn stopping_cuts_the_calls_that_hang() {
    let (running, client) = still().await;
    order(&running, on_create(Fault::Hang));
    let hanging = tokio::spawn(async move { lost(&client).await });
    while running.sandbox().counts().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::timeout(Duration::from_secs(5), running.stop())
        .await
        .unwrap();
    assert!(!hanging.await.unwrap().is_timeout());
}

#[tokio::test]
async fn a_gateways_page_comes_in_place_of_an_envelope() {
    let (running, client) = still().await;
    order(&running, on_create(Fault::Html));
    let body = group("web").to_string();
    let answer = client.send(Method::POST, CREATE, body).await.unwrap();
    assert_eq!(answer.status().as_u16(), 502);
    assert_eq!(answer.headers()["content-type"], "text/html");
    let page = answer.bytes().await.unwrap();
    assert!(page.starts_with(b"<html>"));
    assert_eq!(created(&running), 0);
    running.stop().await;
}

#[tokio::test]
async fn a_stale_answer_describes_groups_as_they_were_before_their_latest_change() {
    let (running, client) = start(Config {
        speed: Speed::Instant,
        ..Config::default()
    })
    .await;
    let id = client.create(group("web")).await;
    let path = format!("containers/updateContainerGroup/{id}");
    for owner in ["one", "two"] {
        let tags = json!({"tags": [{"key": "owner", "value": owner}]});
        client.put(&path, tags).await.returned();
    }
    order(&running, vec![Rule::new("*", Fault::Stale).times(2)]);
    for owner in ["one", "two"] {
        let one = client.describe(&id).await.returned();
        assert_eq!(one["tags"][0]["value"], owner, "{one}");
        let many = client.post(DESCRIBE_MANY, json!({})).await.returned();
        let many = &many["containerGroups"][0];
        assert_eq!(many["tags"][0]["value"], owner, "{many}");
    }
    running.stop().await;
}

#[tokio::test]
async fn latency_holds_up_a_call() {
    let (running, client) = still().await;
    let rules = "[[rule]]\noperation = \"createContainerGroup\"\nlatency = \"80ms\"";
    running
        .sandbox()
        .set_faults(rules.parse().unwrap())
        .unwrap();
    let start = Instant::now();
    client.create(group("web")).await;
    assert!(start.elapsed() >= Duration::from_millis(80));
    running.stop().await;
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_and_the_old_ones_stay() {
    let (running, client) = still().await;
    order(&running, on_create(Fault::ErrorBefore));
    let rules = vec![Rule::new("makeContainerGroup", Fault::Hang)];
    let refused = running.sandbox().set_faults(Faults { rules }).unwrap_err();
    assert!(
        refused.to_string().contains("makeContainerGroup"),
        "{refused}"
    );
    assert_eq!(client.post(CREATE, group("web")).await.http_status, 500);
    running.stop().await;
}

#[tokio::test]
async fn calls_beyond_the_rate_are_refused() {
    let (running, client) = start(Config {
        rate_limit: Some(2.0),
        speed: Speed::Instant,
        ..Config::default()
    })
    .await;
    let mut refusals = 0;
    for number in 0..6 {
        let answer = client.post(CREATE, group(&format!("g{number}"))).await;
        if answer.body["statusCode"] == 429 {
            assert_eq!(answer.http_status, 429);
            assert_eq!(answer.retry_after.as_deref(), Some("1"));
            refusals += 1;
        }
    }
    assert!(refusals > 0);
    assert_eq!(created(&running), 6 - refusals);
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_is_dropped_listens_no_more() {
    let sandbox = SimulatedCloud::open(Config::default()).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::time::timeout(Duration::from_millis(50), sandbox.serve(listener));
    assert!(
        serving.await.is_err(),
        "it should serve until it is dropped"
    );
    let deadline = Instant::now() + Duration::from_secs(5);
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        assert!(Instant::now() < deadline, "it still listens");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_call_is_refused_with_any_status_although_it_was_done() {
    let codes = [400, 401, 403, 404, 405, 408, 422, 425, 429, 499, 500, 503];
    for code in codes {
        let (running, client) = still().await;
        order(
            &running,
            vec![Rule::refused_after("createContainerGroup", code)],
        );
        let answer = client.post(CREATE, group("web")).await;
        assert_eq!(answer.body["statusCode"], code, "{answer:?}");
        assert_eq!(created(&running), 1, "{code}");
        running.stop().await;
    }
}

#[tokio::test]
async fn a_call_refused_before_is_not_done_and_names_its_reason() {
    for (code, reason) in [
        (402, "PaymentRequired"),
        (403, "Forbidden"),
        (429, "QuotaExceed"),
    ] {
        let (running, client) = still().await;
        order(
            &running,
            vec![Rule::refused_before("createContainerGroup", code)],
        );
        let answer = client.post(CREATE, group("web")).await;
        assert_eq!(answer.body["statusCode"], code, "{answer:?}");
        let error = answer.body["errorCode"].as_str().unwrap();
        assert!(error.ends_with(reason), "{answer:?}");
        assert_eq!(created(&running), 0, "{code}");
        running.stop().await;
    }
}

#[tokio::test]
async fn a_duplicated_call_is_done_twice_and_answered_by_the_second() {
    let (running, client) = still().await;
    order(&running, on_create(Fault::Duplicated));
    let id = client.create(group("web")).await;
    let audit_log = running.sandbox().audit_log();
    assert_eq!(audit_log.len(), 2);
    assert_eq!((&*audit_log[0].name, &audit_log[1].id), ("web", &id));
    running.stop().await;
}

/// Returns the names in a list, and the count that it reports.
async fn listed(client: &Client) -> (Vec<String>, u64) {
    let answered = client.post(DESCRIBE_MANY, json!({})).await.returned();
    let groups = answered["containerGroups"].as_array();
    let name = |group: &Value| group["containerGroupName"].as_str().unwrap().to_owned();
    let names = groups.into_iter().flatten().map(name).collect();
    (names, answered["totalCount"].as_u64().unwrap_or_default())
}

#[tokio::test]
async fn a_row_is_missing_in_a_list_and_not_in_its_count() {
    let (running, client) = still().await;
    for name in ["one", "two"] {
        client.create(group(name)).await;
    }
    order(&running, vec![Rule::new("*", Fault::MissingRow).times(2)]);
    let mut all = Vec::new();
    for _ in 0..2 {
        let (names, count) = listed(&client).await;
        assert_eq!((names.len(), count), (1, 2));
        all.extend(names);
    }
    all.sort();
    assert_eq!(all, ["one", "two"], "another one is missing each time");
    assert_eq!(listed(&client).await.0.len(), 2);
    running.stop().await;
}

#[tokio::test]
async fn a_list_is_that_of_some_time_ago_and_a_read_of_one_is_not() {
    let (running, client) = still().await;
    let sandbox = running.sandbox();
    let deleted = client.create(group("deleted")).await;
    sandbox.advance(Duration::from_secs(60));
    let rule = Rule::new("describeContainerGroups", Fault::StaleList);
    order(&running, vec![rule.takes(Duration::from_secs(30))]);
    sandbox.advance(Duration::from_secs(60));
    let created = client.create(group("created")).await;
    client.delete(&deleted).await;
    sandbox.advance(Duration::from_secs(20));
    assert_eq!(listed(&client).await, (vec!["deleted".to_owned()], 1));
    assert_eq!(client.describe(&created).await.body["statusCode"], 200);
    sandbox.advance(Duration::from_secs(60));
    assert_eq!(listed(&client).await, (vec!["created".to_owned()], 1));
    running.stop().await;
}

#[tokio::test]
async fn lists_of_eips_lie_as_well() {
    let (running, client) = still().await;
    let region = json!({"regionID": crate::client::REGION, "clientToken": "list"});
    let eips = async || {
        let answered = client.post("/v4/eip/new-list", region.clone()).await.body;
        let answered = &answered["returnObj"];
        let count = answered["totalCount"].as_u64().unwrap();
        (answered["eips"].as_array().unwrap().len(), count)
    };
    let stale = Rule::new("eip/new-list", Fault::StaleList).nth(1);
    let missing = Rule::new("eip/new-list", Fault::MissingRow).nth(2);
    order(&running, vec![stale, missing]);
    let eip = json!({
        "regionID": crate::client::REGION, "clientToken": "make", "name": "front",
        "cycleType": "on_demand", "demandBillingType": "bandwidth",
    });
    client.post("/v4/eip/create", eip).await;
    running.sandbox().advance(Duration::from_secs(10));
    assert_eq!(eips().await, (0, 0));
    assert_eq!(eips().await, (0, 1));
    assert_eq!(eips().await, (1, 1));
    running.stop().await;
}
