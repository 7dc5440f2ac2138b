//! The behavior of containers, and the calls about them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, group, group_with, still};

/// A group with one container that is more than `web`.
fn with(policy: &str, fields: Value) -> Value {
    let mut body = group_with("one", json!({"restartPolicy": policy}));
    let container = body["containers"][0].as_object_mut().unwrap();
    container.extend(fields.as_object().unwrap().clone());
    body
}

fn reasons(described: &Value) -> Vec<&str> {
    let events = described["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["reason"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_missing_image_is_never_pulled() {
    let (running, client) = still().await;
    let id = client
        .create(with("Always", json!({"image": "nginx:missing"})))
        .await;
    running.sandbox().advance(Duration::from_secs(60));
    let described = client.describe(&id).await.returned();
    assert_eq!(described["status"], "Pending");
    assert_eq!(described["containers"][0]["ready"], false);
    let reported_reasons = reasons(&described);
    for reason in ["Failed", "ErrImagePull"] {
        assert!(reported_reasons.contains(&reason), "{reported_reasons:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_crashing_container_restarts_without_end() {
    let (running, client) = still().await;
    let id = client
        .create(with("Always", json!({"image": "app:crash"})))
        .await;
    let mut restarts = Vec::new();
    for _ in 0..3 {
        running.sandbox().advance(Duration::from_secs(600));
        let described = client.describe(&id).await.returned();
        assert!(reasons(&described).contains(&"BackOff"), "{described}");
        assert_eq!(described["containers"][0]["ready"], false);
        restarts.push(described["containers"][0]["restartCount"].as_u64().unwrap());
    }
    assert!(
        restarts.is_sorted_by(|one, next| one < next),
        "{restarts:?}"
    );
    running.stop().await;
}

#[tokio::test]
async fn a_command_of_exit_ends_with_its_code() {
    let (running, client) = still().await;
    for (code, status, time) in [
        ("0", "Succeeded", "succeededTime"),
        ("3", "Failed", "failedTime"),
    ] {
        let id = client
            .create(with("Never", json!({"command": ["exit", code]})))
            .await;
        running.sandbox().advance(Duration::from_secs(60));
        let described = client.describe(&id).await.returned();
        assert_eq!(described["status"], status);
        assert!(described[time].is_string(), "{described}");
        let state = &described["containers"][0]["currentState"];
        assert_eq!(state["state"], "Terminated");
        assert_eq!(state["exitCode"].to_string(), code);
        // It can still be read much later.
        running.sandbox().advance(Duration::from_secs(7200));
        assert_eq!(client.status(&id).await, status);
    }
    running.stop().await;
}

async fn log(client: &Client, id: &str, query: &str) -> Value {
    let path = format!("logs/describeContainerLog/{id}?{query}");
    client.get(&path).await.returned()["content"].clone()
}

#[tokio::test]
async fn logs_are_returned_in_full_or_in_part() {
    let (running, client) = still().await;
    let id = client
        .create(with(
            "Always",
            json!({"ports": [{"port": 80, "protocol": "TCP"}]}),
        ))
        .await;
    let path = format!("logs/describeContainerLog/{id}?containerName=web");
    let early = client.get(&path).await;
    assert!(early.refused().1.contains("waiting to start"), "{early:?}");
    running.sandbox().advance(Duration::from_secs(10));
    let whole = "web starting from nginx:1.27\nlistening on 0.0.0.0:80 (TCP)\nready to serve\n";
    assert_eq!(log(&client, &id, "containerName=web").await, whole);
    assert_eq!(
        log(&client, &id, "containerName=web&tail=1").await,
        "ready to serve\n"
    );
    assert_eq!(
        log(&client, &id, "containerName=web&limitBytes=3").await,
        "web"
    );
    assert_eq!(
        log(&client, &id, "containerName=web&sinceSeconds=1").await,
        ""
    );
    let timed = log(&client, &id, "containerName=web&tail=1&timestamps=true").await;
    assert!(
        timed.as_str().unwrap().ends_with("Z ready to serve\n"),
        "{timed}"
    );
    for (query, message) in [
        ("containerName=other", "names no container"),
        ("containerName=web&tail=x", "tail must be an integer"),
        ("containerName=web&previous=true", "no run before"),
    ] {
        let path = format!("logs/describeContainerLog/{id}?{query}");
        let answer = client.get(&path).await;
        assert!(answer.refused().1.contains(message), "{answer:?}");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_log_of_the_run_before_an_update_names_the_image_of_that_run() {
    let (running, client) = still().await;
    let id = client.create(with("Always", json!({}))).await;
    let path = format!("containers/updateContainerGroup/{id}");
    let update = |image: &str| json!({"containers": [{"name": "web", "image": image}]});
    let former = "web starting from nginx:1.27\nready to serve\nstopped by signal 15\n";
    // Neither image can be pulled, so the last run is that before the first update.
    for image in ["nginx:missing", "other:missing"] {
        running.sandbox().advance(Duration::from_secs(10));
        client.put(&path, update(image)).await.returned();
        running.sandbox().advance(Duration::from_secs(10));
        assert_eq!(log(&client, &id, "containerName=web").await, former);
    }
    client.put(&path, update("nginx:1.28")).await.returned();
    running.sandbox().advance(Duration::from_secs(10));
    let now = log(&client, &id, "containerName=web").await;
    assert_eq!(now, "web starting from nginx:1.28\nready to serve\n");
    let previous = log(&client, &id, "containerName=web&previous=true").await;
    assert_eq!(previous, former);
    running.stop().await;
}

#[tokio::test]
async fn a_command_is_run_where_a_container_runs() {
    let (running, client) = still().await;
    let id = client
        .create(with(
            "Always",
            json!({"environmentVar": [{"key": "COLOR", "value": "red"}]}),
        ))
        .await;
    let path = "containers/execContainerCommand";
    let mut body = json!({
        "containerGroupId": id, "containerName": "web",
        "command": ["printenv", "COLOR"], "sync": true,
    });
    assert_eq!(
        client.post(path, body.clone()).await.refused().0,
        "Conflict"
    );
    running.sandbox().advance(Duration::from_secs(10));
    let returned = client.post(path, body.clone()).await.returned();
    assert_eq!(returned["syncResponse"], "red\n");
    body["sync"] = json!(false);
    let refused = client.post(path, body).await;
    assert!(refused.refused().1.contains("sync"), "{refused:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_mounted_disk_grows_and_does_not_shrink() {
    let (running, client) = still().await;
    let id = client
        .create(group_with(
            "data",
            json!({"volumes": [{"type": "DiskVolume", "name": "data",
                "diskVolume": {"volumeHandle": "d-1", "fsType": "ext4"}}]}),
        ))
        .await;
    let path = "containers/resizeContainerGroupVolume";
    let grow = |size: i64| {
        json!({"containerGroupId": id, "volumeName": "data", "volumeHandle": "d-1",
            "newSize": size})
    };
    client.post(path, grow(100)).await.returned();
    let refused = client.post(path, grow(50)).await;
    assert!(refused.refused().1.contains("100 GB"), "{refused:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_size_has_a_price() {
    let (running, client) = still().await;
    let path = "containers/describeContainerGroupPrice";
    let returned = client
        .post(path, json!({"cpu": 2, "memory": 4, "azName": "az1"}))
        .await
        .returned();
    let price = &returned["priceInfo"]["price"];
    assert_eq!(price["tradePrice"], "0.5200");
    assert_eq!(price["currency"], "CNY");
    running.stop().await;
}

#[tokio::test]
async fn ports_are_reported_as_they_were_sent() {
    let (running, client) = still().await;
    let mut body = group("ports");
    let ports = json!([
        {"name": "http", "port": 80, "protocol": "TCP"},
        {"port": 53, "protocol": "UDP"},
    ]);
    body["containers"][0]["ports"] = ports.clone();
    let id = client.create(body).await;
    let described = client.describe(&id).await.returned();
    assert_eq!(described["containers"][0]["ports"], ports);
    running.stop().await;
}
