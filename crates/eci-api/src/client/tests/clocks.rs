//! Clocks that differ.

use super::server::{Server, ServerAction};
use super::*;
use crate::StatusReason;
use crate::api::{Api as _, RegionApi as _};
use crate::types::CreateContainerGroup;

/// Twenty minutes after this machine's time.
const LATER: &str = "Date: Sat, 28 Feb 2026 16:20:00 GMT";

const UNAUTHORIZED: &str = r#"{"statusCode":401,"error":"ECI.Openapi.StatusReasonUnauthorized"}"#;
const REGION_ANSWER: &str = r#"{"statusCode":200,"returnObj":{"requestId":"r"}}"#;

#[tokio::test]
async fn signatures_and_windows_go_by_the_clouds_clock() {
    let server = Server::that([ServerAction::status("200 OK", &[LATER], REGION_ANSWER)]);
    let client = Client::new(config(&server.endpoint)).unwrap();
    assert_eq!(client.now().to_string(), "2026-02-28T16:00:00Z");
    client.describe_region().await.unwrap();
    // This machine's time was accepted, and so the cloud's cannot be that far from it.
    assert_eq!(client.now().to_string(), "2026-02-28T16:00:00Z");
    client.describe_region().await.unwrap();
    assert_eq!(client.now().to_string(), "2026-02-28T16:20:00Z");
    let dates: Vec<String> = server
        .requests()
        .into_iter()
        .map(|request| request.headers["eop-date"].clone())
        .collect();
    assert_eq!(dates, ["20260301T000000Z", "20260301T002000Z"]);
}

#[tokio::test]
async fn a_read_refused_for_its_date_is_retried_with_the_right_one() {
    let actions = [
        ServerAction::status("401 Unauthorized", &[LATER], UNAUTHORIZED),
        ServerAction::status("200 OK", &[LATER], REGION_ANSWER),
    ];
    let server = Server::that(actions.clone());
    let client = Client::new(config(&server.endpoint)).unwrap();
    client.describe_region().await.unwrap();
    let requests = server.requests();
    let id = |at: usize| requests[at].headers["ctyun-eop-request-id"].clone();
    assert!(requests.len() == 2 && id(0) != id(1));

    // With a clock that is right, it is the key that is wrong.
    let at_fault = [ServerAction::status("401 Unauthorized", &[], UNAUTHORIZED)];
    let server = Server::that(at_fault);
    let client = Client::new(config(&server.endpoint)).unwrap();
    let error = client.describe_region().await.unwrap_err();
    assert_eq!(error.reason(), Some(&StatusReason::Unauthorized));
    assert_eq!(server.requests().len(), 1);

    // A create may have been done all the same.
    let server = Server::that(actions);
    let client = Client::new(config(&server.endpoint)).unwrap();
    let body = include_str!("../../../tests/data/create-request.json");
    let request: CreateContainerGroup = serde_json::from_str(body).unwrap();
    client.create_container_group(&request).await.unwrap_err();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_date_that_the_cloud_refuses_is_a_proxys_and_ignored() {
    let read = || ServerAction::status("200 OK", &[LATER], REGION_ANSWER);
    let actions = [
        read(),
        // A create has the time that was accepted.
        ServerAction::status("500 Internal Server Error", &[LATER], "{}"),
        ServerAction::status("401 Unauthorized", &[LATER], UNAUTHORIZED),
        read(),
        read(),
    ];
    let server = Server::that(actions);
    let client = Client::new(config(&server.endpoint)).unwrap();
    client.describe_region().await.unwrap();
    let body = include_str!("../../../tests/data/create-request.json");
    let request: CreateContainerGroup = serde_json::from_str(body).unwrap();
    client.create_container_group(&request).await.unwrap_err();
    client.describe_region().await.unwrap();
    client.describe_region().await.unwrap();
    let requests = server.requests();
    let dates = requests
        .iter()
        .map(|request| &request.headers["eop-date"][9..13]);
    let dates: Vec<&str> = dates.collect();
    assert_eq!(dates, ["0000", "0000", "0020", "0000", "0000"]);
    assert_eq!(client.now().to_string(), "2026-02-28T16:00:00Z");
    assert!(!client.knows_time());
}

#[tokio::test]
async fn dates_that_run_away_end_with_this_machines_clock() {
    let unauthorized = |date: &str| ServerAction::status("401 Unauthorized", &[date], UNAUTHORIZED);
    let read = |date: &str| ServerAction::status("200 OK", &[date], REGION_ANSWER);
    let (earlier, later) = (
        "Date: Sat, 28 Feb 2026 15:00:00 GMT",
        "Date: Sat, 28 Feb 2026 17:00:00 GMT",
    );
    let actions = [
        read(later),
        unauthorized(earlier),
        unauthorized(later),
        read(later),
        read(earlier),
    ];
    let server = Server::that(actions);
    let client = Client::new(config(&server.endpoint)).unwrap();
    for _ in 0..3 {
        client.describe_region().await.unwrap();
        assert_eq!(client.now().to_string(), "2026-02-28T16:00:00Z");
    }
    let requests = server.requests();
    let dates = requests
        .iter()
        .map(|request| &request.headers["eop-date"][9..13]);
    let dates: Vec<&str> = dates.collect();
    assert_eq!(dates, ["0000", "0100", "2300", "0000", "0000"]);

    // With a wrong key, each of them is tried once.
    let actions = [unauthorized(later), unauthorized(earlier)];
    let server = Server::that(actions.clone().into_iter().chain(actions));
    let client = Client::new(config(&server.endpoint)).unwrap();
    client.describe_region().await.unwrap_err();
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_foreign_response_does_not_set_the_clock() {
    let page = ServerAction::status("502 Bad Gateway", &[LATER], "<html></html>");
    let server = Server::that([page]);
    let client = Client::new(config(&server.endpoint)).unwrap();
    client.describe_region().await.unwrap_err();
    assert_eq!(client.now().to_string(), "2026-02-28T16:00:00Z");
}
