//! Groups from their creation to their end.

use std::time::Duration;

use eci_sandbox::{Actor, ChangeKind, Config, OutOfBandChange, Speed};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{CREATE, group, group_with, start, still};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_group_passes_all_statuses_from_create_to_delete() {
    let (running, client) = still().await;
    let sandbox = running.sandbox();
    let mut body = group("web");
    body["containers"][0]["readinessProbe"] =
        json!({"tcpSocket": {"port": 80}, "initialDelaySeconds": 10});
    let created = client.post(CREATE, body).await.returned();
    let id = created["containerGroupId"].as_str().unwrap();
    assert!(id.starts_with("eci-") && id.len() == 30, "{id}");
    assert_eq!(created["requestId"], "5f2a1c1e-0c53-4cc0-9a0e-4b0d2b7f6f01");
    assert_eq!(created["masterOrderId"].as_str().unwrap().len(), 32);

    assert_eq!(client.status(id).await, "Scheduling");
    sandbox.advance(seconds(1));
    assert_eq!(client.status(id).await, "Pending");
    sandbox.advance(seconds(2));
    let described = client.describe(id).await.returned();
    assert_eq!(described["status"], "Running");
    assert_eq!(described["containers"][0]["ready"], false);
    sandbox.advance(seconds(10));
    let described = client.describe(id).await.returned();
    assert_eq!(described["containers"][0]["ready"], true);

    client.delete(id).await.returned();
    assert_eq!(client.status(id).await, "Terminating");
    sandbox.advance(seconds(2));
    assert_eq!(client.describe(id).await.refused().0, "NotFound");
    assert_eq!(client.delete(id).await.refused().0, "NotFound");

    let kinds: Vec<ChangeKind> = sandbox
        .audit_log()
        .iter()
        .map(|entry| entry.change)
        .collect();
    assert_eq!(kinds, [ChangeKind::Create, ChangeKind::Delete]);
    running.stop().await;
}

#[tokio::test]
async fn at_instant_speed_every_change_is_complete_in_the_answer() {
    let (running, client) = start(Config {
        speed: Speed::Instant,
        ..Config::default()
    })
    .await;
    let mut body = group("web");
    body["containers"][0]["readinessProbe"] =
        json!({"tcpSocket": {"port": 80}, "initialDelaySeconds": 3600});
    let id = client.create(body).await;
    let described = client.describe(&id).await.returned();
    assert_eq!(described["status"], "Running");
    assert_eq!(described["containers"][0]["ready"], true);
    client
        .put(
            &format!("containers/updateContainerGroup/{id}"),
            json!({"containers": [{"name": "web", "image": "nginx:1.28"}]}),
        )
        .await
        .returned();
    assert_eq!(client.status(&id).await, "Running");
    client.delete(&id).await.returned();
    assert_eq!(client.describe(&id).await.refused().0, "NotFound");
    running.stop().await;
}

#[tokio::test]
async fn a_forced_delete_takes_no_time() {
    let (running, client) = still().await;
    let id = client.create(group("web")).await;
    let path = format!("containers/deleteContainerGroup/{id}?force=true");
    client
        .call(Method::DELETE, &path, Value::Null)
        .await
        .returned();
    assert_eq!(client.describe(&id).await.refused().0, "NotFound");
    running.stop().await;
}

#[tokio::test]
async fn an_update_replaces_the_fields_in_it_and_restarts_what_changed() {
    let (running, client) = still().await;
    let id = client
        .create(group_with(
            "web",
            json!({
                "tags": [{"key": "app", "value": "old"}],
                "containers": [
                    {"name": "web", "image": "nginx:1.27"},
                    {"name": "side", "image": "sidecar:1"},
                ],
            }),
        ))
        .await;
    running.sandbox().advance(seconds(10));
    let path = format!("containers/updateContainerGroup/{id}");
    let body = json!({
        "tags": [{"key": "app", "value": "new"}],
        "containers": [
            {"name": "web", "image": "nginx:1.28"},
            {"name": "side", "image": "sidecar:1"},
        ],
    });
    let returned = client.put(&path, body).await.returned();
    assert_eq!(returned["containerGroupId"], id.as_str());
    assert_eq!(client.status(&id).await, "Updating");
    let meanwhile = client.put(&path, json!({"tags": []})).await;
    assert_eq!(meanwhile.refused().0, "Conflict");
    running.sandbox().advance(seconds(5));
    let described = client.describe(&id).await.returned();
    assert_eq!(described["status"], "Running");
    assert_eq!(described["tags"], json!([{"key": "app", "value": "new"}]));
    assert_eq!(described["containers"][0]["image"], "nginx:1.28");
    assert_eq!(described["containers"][0]["restartCount"], 1);
    assert_eq!(described["containers"][1]["restartCount"], 0);
    let fixed = client.put(&path, json!({"vpcId": "vpc-2"})).await;
    assert_eq!(
        fixed.refused(),
        ("Invalid", "vpcId cannot be updated in place")
    );
    running.stop().await;
}

#[tokio::test]
async fn a_restarted_group_runs_again() {
    let (running, client) = still().await;
    let id = client.create(group("web")).await;
    running.sandbox().advance(seconds(10));
    let path = format!("containers/restartContainerGroup/{id}");
    client.put(&path, Value::Null).await.returned();
    assert_eq!(client.status(&id).await, "Restarting");
    running.sandbox().advance(seconds(5));
    let described = client.describe(&id).await.returned();
    assert_eq!(described["status"], "Running");
    assert_eq!(described["containers"][0]["restartCount"], 1);
    running.stop().await;
}

#[tokio::test]
async fn omitted_sizes_are_rounded_up_to_a_sold_size() {
    let (running, client) = still().await;
    for (name, fields, cpu, memory) in [
        ("none", json!({}), 2.0, 4.0),
        (
            "sum",
            json!({"containers": [
                {"name": "a", "image": "a", "cpu": 1, "memory": 1.5},
                {"name": "b", "image": "b", "cpu": 0.5, "memory": 3},
            ]}),
            2.0,
            8.0,
        ),
        ("given", json!({"cpu": 0.75, "memory": 3.5}), 0.75, 3.5),
    ] {
        let id = client.create(group_with(name, fields)).await;
        let described = client.describe(&id).await.returned();
        assert_eq!(described["cpu"].as_f64(), Some(cpu), "{name}");
        assert_eq!(described["memory"].as_f64(), Some(memory), "{name}");
    }
    running.stop().await;
}

#[tokio::test]
async fn out_of_band_changes_are_marked_in_the_audit_log() {
    let (running, client) = still().await;
    let sandbox = running.sandbox();
    let id = client.create(group("web")).await;
    sandbox.advance(seconds(10));
    let tags = vec![("owner".to_owned(), "ops".to_owned())];
    sandbox
        .apply_out_of_band(&id, OutOfBandChange::SetTags(tags))
        .unwrap();
    sandbox
        .apply_out_of_band(&id, OutOfBandChange::Fail)
        .unwrap();
    let described = client.describe(&id).await.returned();
    assert_eq!(described["status"], "Failed");
    assert_eq!(described["tags"], json!([{"key": "owner", "value": "ops"}]));
    sandbox
        .apply_out_of_band(&id, OutOfBandChange::Delete)
        .unwrap();
    assert_eq!(client.describe(&id).await.refused().0, "NotFound");
    let refused = sandbox
        .apply_out_of_band(&id, OutOfBandChange::Fail)
        .unwrap_err();
    assert!(refused.to_string().contains(&id), "{refused}");
    let doers: Vec<Actor> = sandbox
        .audit_log()
        .iter()
        .map(|entry| entry.actor)
        .collect();
    assert_eq!(
        doers,
        [
            Actor::Client,
            Actor::OutOfBand,
            Actor::OutOfBand,
            Actor::OutOfBand
        ]
    );
    running.stop().await;
}

#[tokio::test]
async fn every_field_of_a_create_is_recorded_as_it_came_in() {
    let (running, client) = still().await;
    let body: Value = serde_json::from_str(include_str!("../data/every-field.json")).unwrap();
    client.create(body.clone()).await;
    client
        .post("containers/describeContainerGroups", json!({}))
        .await;
    let recorded = running.sandbox().requests(Some("createContainerGroup"));
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].body, body);
    assert!(recorded[0].path.ends_with("/createContainerGroup"));
    // Calls that change nothing are counted, but not recorded.
    assert_eq!(running.sandbox().requests(None).len(), 1);
    assert_eq!(running.sandbox().counts()["describeContainerGroups"], 1);
    running.stop().await;
}
