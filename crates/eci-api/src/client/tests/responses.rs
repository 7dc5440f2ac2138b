//! Tests of answers.

use std::net::TcpListener;
use std::time::Instant;

use super::server::{Server, ServerAction};
use super::*;
use crate::api::Api as _;
use crate::types::{ContainerGroupCreated, ContainerGroupId, CreateContainerGroup, DeleteMode};
use crate::{CallError, CallErrorKind, CallOutcome, StatusReason};

const CREATED: &str = r#"{"statusCode":200,"returnObj":{"containerGroupId":"eci-1"}}"#;

async fn create_at(config: ClientConfig) -> Result<ContainerGroupCreated, CallError> {
    let body = include_str!("../../../tests/data/create-request.json");
    let request: CreateContainerGroup = serde_json::from_str(body).unwrap();
    let client = Client::new(config).unwrap();
    client.create_container_group(&request).await
}

/// Sends a create to a server with this behavior.
async fn create(action: ServerAction) -> Result<ContainerGroupCreated, CallError> {
    let server = Server::that([action]);
    let result = create_at(config(&server.endpoint)).await;
    assert_eq!(
        server.requests().len(),
        1,
        "a create is sent once, whatever comes back"
    );
    result
}

/// Sends a create that fails, and checks the parts that all its errors have.
async fn failed(action: ServerAction) -> CallError {
    let error = create(action).await.unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("createContainerGroup of `cg-test` "),
        "{message}"
    );
    let id = error.request_id().unwrap();
    assert!(id.len() == 36 && message.contains(id), "{message}");
    assert!(
        !message.contains(SECRET_KEY) && !format!("{error:?}").contains(SECRET_KEY),
        "{message}"
    );
    error
}

fn cut(body: &str, promised: usize) -> ServerAction {
    ServerAction::Cut(format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {promised}\r\n\r\n{body}"
    ))
}

fn chunked(body: &str) -> ServerAction {
    let length = body.len();
    ServerAction::Answer(format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
    ))
}

#[tokio::test]
async fn a_status_code_is_a_number_or_text() {
    assert!(create(ServerAction::ok(CREATED)).await.is_ok());
    assert!(create(chunked(CREATED)).await.is_ok());
    let text = CREATED.replace("200", "\"200\"");
    assert!(create(ServerAction::ok(&text)).await.is_ok());
}

#[tokio::test]
async fn a_failure_with_http_200_is_a_failure() {
    let body = r#"{"statusCode":"422","error":"ECI.Openapi.StatusReasonInvalid",
        "message":"containerGroupName is not valid","description":"参数不合法","returnObj":{}}"#;
    let error = failed(ServerAction::ok(body)).await;
    assert_eq!(error.http_status(), Some(200));
    assert_eq!(error.reason(), Some(&StatusReason::Invalid));
    assert_eq!(error.outcome(), CallOutcome::NotDone);
    let message = error.to_string();
    let words = "failed: 422 Invalid: containerGroupName is not valid (参数不合法); request ID ";
    assert!(message.contains(words), "{message}");
}

#[tokio::test]
async fn a_breakdown_of_the_cloud_leaves_a_create_in_doubt() {
    let body = r#"{"statusCode":500,"errorCode":"ECI.Openapi.StatusReasonInternalError",
        "message":"Internal error occurred"}"#;
    let error = failed(ServerAction::status("500 Internal Server Error", &[], body)).await;
    assert_eq!(error.reason(), Some(&StatusReason::InternalError));
    assert_eq!(error.outcome(), CallOutcome::Unknown);
    assert!(error.is_transient() && !error.is_retryable());
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back() {
    let body = r#"{"statusCode":429,"error":"ECI.Openapi.StatusReasonTooManyRequests"}"#;
    let action = ServerAction::status("429 Too Many Requests", &["Retry-After: 7"], body);
    let error = failed(action).await;
    assert_eq!(error.reason(), Some(&StatusReason::TooManyRequests));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert!(error.is_retryable(), "nothing was done");
    assert!(error.help().unwrap().en().contains("7 seconds"));
}

#[tokio::test]
async fn wrong_credentials_say_which_were_tried() {
    let body = r#"{"statusCode":401,"error":"ECI.Openapi.StatusReasonUnauthorized"}"#;
    let error = failed(ServerAction::status("401 Unauthorized", &[], body)).await;
    let help = error.help().unwrap();
    assert!(help.en().contains(ACCESS_KEY), "{help}");
    assert!(help.en().contains("CTYUN_SK"), "{help}");
}

#[tokio::test]
async fn a_success_without_its_object_is_none_where_the_object_is_needed() {
    for body in [
        r#"{"statusCode":200}"#,
        r#"{"statusCode":200,"returnObj":null}"#,
    ] {
        let error = failed(ServerAction::ok(body)).await;
        assert_eq!(error.kind(), &CallErrorKind::MissingObject);
        assert_eq!(error.outcome(), CallOutcome::Unknown);
        let server = Server::that([ServerAction::ok(body)]);
        let client = Client::new(config(&server.endpoint)).unwrap();
        let id = ContainerGroupId::new("eci-1").unwrap();
        assert!(
            client
                .delete_container_group(&id, DeleteMode::Graceful)
                .await
                .is_ok()
        );
        assert!(client.restart_container_group(&id).await.is_ok());
        let error = client.describe_container_group(&id).await.unwrap_err();
        assert_eq!(error.kind(), &CallErrorKind::MissingObject);
        assert_eq!(error.resource(), Some("eci-1"));
    }
}

#[tokio::test]
async fn a_list_without_its_object_is_empty() {
    for body in [
        r#"{"statusCode":200}"#,
        r#"{"statusCode":200,"returnObj":{"requestId":"r"}}"#,
    ] {
        let server = Server::that([ServerAction::ok(body)]);
        let client = Client::new(config(&server.endpoint)).unwrap();
        let listed = client.list_container_groups(&Default::default()).await;
        assert_eq!(listed.unwrap(), []);
        let ids = Default::default();
        let events = client.describe_container_group_event(&ids).await;
        assert_eq!(events.unwrap().data, []);
    }
}

#[tokio::test]
async fn an_object_without_the_new_groups_id_is_unreadable() {
    for object in [
        r#"{"requestId":"r"}"#,
        r#"{"containerGroupId":""}"#,
        "7",
        "[]",
    ] {
        let body = format!(r#"{{"statusCode":200,"returnObj":{object}}}"#);
        let error = failed(ServerAction::ok(&body)).await;
        assert!(
            matches!(error.kind(), CallErrorKind::Unreadable { .. }),
            "{error}"
        );
        assert_eq!(error.outcome(), CallOutcome::Unknown);
    }
}

#[tokio::test]
async fn a_gateways_page_is_not_an_answer() {
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    let action = ServerAction::status("502 Bad Gateway", &["Content-Type: text/html"], page);
    let error = failed(action).await;
    assert_eq!(error.http_status(), Some(502));
    assert_eq!(error.outcome(), CallOutcome::Unknown);
    let message = error.to_string();
    assert!(
        message.contains("text/html") && message.contains("502 Bad Gateway"),
        "{message}"
    );
    assert!(
        message.contains("; the outcome is unknown; request ID "),
        "{message}"
    );
}

#[tokio::test]
async fn an_empty_body_is_not_an_answer() {
    let error = failed(ServerAction::ok("")).await;
    assert!(
        matches!(error.kind(), CallErrorKind::UnexpectedResponse { beginning, .. } if beginning.is_empty())
    );
    assert_eq!(error.outcome(), CallOutcome::Unknown);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::that([ServerAction::ok(CREATED)]);
    let location = format!("Location: {}/", other.endpoint);
    let error = failed(ServerAction::status(
        "307 Temporary Redirect",
        &[&location],
        "",
    ))
    .await;
    assert_eq!(error.http_status(), Some(307));
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_connection_cut_before_or_within_the_answer_leaves_a_doubt() {
    let half = &CREATED[..30];
    for action in [
        ServerAction::Cut(String::new()),
        ServerAction::Cut("HTTP/1.1 200".to_owned()),
        cut("", 100),
        cut(half, CREATED.len()),
        // An answer that was cut by someone in between, who then put the length right.
        ServerAction::ok(half),
    ] {
        let error = failed(action.clone()).await;
        assert!(
            matches!(error.kind(), CallErrorKind::ConnectionClosed { .. }),
            "{action:?}: {error}"
        );
        assert_eq!(error.outcome(), CallOutcome::Unknown, "{action:?}");
    }
}

#[tokio::test]
async fn an_answer_after_the_timeout_leaves_the_outcome_unknown() {
    let late = ServerAction::Answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_owned());
    for action in [ServerAction::Hang, late] {
        let server = Server::that([action]);
        let limit = Duration::from_millis(300);
        let begin = Instant::now();
        let config = ClientConfig {
            timeout: limit,
            ..config(&server.endpoint)
        };
        let error = create_at(config).await.unwrap_err();
        assert_eq!(error.kind(), &CallErrorKind::TimedOut { limit });
        assert_eq!(error.outcome(), CallOutcome::Unknown);
        assert!((limit..Duration::from_secs(3)).contains(&begin.elapsed()));
    }
}

#[tokio::test]
async fn an_answer_that_comes_in_crumbs_has_one_deadline_as_a_whole() {
    // Data arrives without end: in the headers, in a body of any length, and in one of an announced
    // length.
    let head = "HTTP/1.1 200 OK\r\n";
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    let whole = format!("{head}Content-Length: 1900\r\n\r\n");
    for (first, again) in [(head, "X: y\r\n"), (&chunked, "1\r\n \r\n"), (&whole, " ")] {
        let server = Server::that([ServerAction::Dribble(first.to_owned(), again.to_owned())]);
        let limit = Duration::from_millis(400);
        let begin = Instant::now();
        let config = ClientConfig {
            timeout: limit,
            ..config(&server.endpoint)
        };
        let error = create_at(config).await.unwrap_err();
        assert_eq!(
            error.kind(),
            &CallErrorKind::TimedOut { limit },
            "{again:?}"
        );
        assert_eq!(error.outcome(), CallOutcome::Unknown);
        assert!((limit..Duration::from_secs(3)).contains(&begin.elapsed()));
    }
}

#[tokio::test]
async fn a_call_without_a_server_has_no_effect() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = create_at(config(&endpoint)).await.unwrap_err();
    assert!(
        matches!(error.kind(), CallErrorKind::Unreachable { .. }),
        "{error}"
    );
    assert!(error.to_string().contains(&endpoint) && error.to_string().contains("refused"));
    assert_eq!(error.outcome(), CallOutcome::NotDone);
    assert!(error.is_retryable());
    assert!(error.help().unwrap().en().contains("CTYUN_ECI_ENDPOINT"));
}

#[tokio::test]
async fn where_tls_is_not_spoken_nothing_is_done() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 64]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let error = create_at(config(endpoint)).await.unwrap_err();
    assert!(
        matches!(error.kind(), CallErrorKind::TlsFailed { .. }),
        "{error:?}"
    );
    assert_eq!(error.outcome(), CallOutcome::NotDone);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn an_answer_larger_than_allowed_is_not_read() {
    // Announced, and found out while reading.
    let large = format!(r#"{{"statusCode":200,"returnObj":"{}"}}"#, "x".repeat(2000));
    for action in [ServerAction::ok(&large), chunked(&large)] {
        let error = failed(action).await;
        assert_eq!(error.kind(), &CallErrorKind::TooLarge { limit: 2000 });
        assert_eq!(error.outcome(), CallOutcome::Unknown);
    }
    let padding = " ".repeat(2000 - CREATED.len());
    assert!(
        create(ServerAction::ok(&format!("{CREATED}{padding}")))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_connection_that_the_cloud_closed_is_opened_again() {
    let server = Server::that([cut(CREATED, CREATED.len()), ServerAction::ok(CREATED)]);
    let client = Client::new(config(&server.endpoint)).unwrap();
    let id = ContainerGroupId::new("eci-1").unwrap();
    assert!(client.describe_container_group(&id).await.is_ok());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(client.describe_container_group(&id).await.is_ok());
}
