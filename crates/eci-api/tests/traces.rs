//! The traces of a call.
//!
//! In a separate process: tests running in parallel would switch off the subscriber.

#![allow(clippy::unwrap_used)]

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use eci_api::types::{ContainerGroupId, UpdateContainerGroup};
use eci_api::{Api as _, Client, ClientConfig, Credentials, Endpoints};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use server::{Server, ServerAction};

// The client's own tests use the rest of it.
#[allow(dead_code)]
#[path = "../src/client/tests/server.rs"]
mod server;

const SECRET_KEY: &str = "hunter2";

/// Writes down every event of this crate.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Notes {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("eci_api")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        let mut notes = self.0.lock().unwrap();
        event.record(&mut Line(&mut notes));
        notes.push('\n');
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_is_traced_without_its_body_and_without_secrets() {
    let server = Server::that([
        ServerAction::ok(r#"{"statusCode":200,"returnObj":{"requestId":"answer-body"}}"#),
        ServerAction::status("502 Bad Gateway", &[], "<html>answer-body</html>"),
    ]);
    let client = Client::new(ClientConfig {
        endpoints: Endpoints::all_at(&server.endpoint),
        ..ClientConfig::new(Credentials::new("AKEXAMPLE", SECRET_KEY), "region")
    })
    .unwrap();
    let id = ContainerGroupId::new("eci-1").unwrap();
    let update: UpdateContainerGroup = serde_json::from_value(serde_json::json!({
        "tags": [{ "key": "request-body", "value": "request-body" }],
    }))
    .unwrap();
    let notes = Notes::default();
    let guard = tracing::subscriber::set_default(notes.clone());
    client.update_container_group(&id, &update).await.unwrap();
    client
        .update_container_group(&id, &update)
        .await
        .unwrap_err();
    drop(guard);
    let notes = notes.0.lock().unwrap().clone();
    let lines: Vec<&str> = notes.lines().collect();
    assert_eq!(lines.len(), 2, "{notes}");
    for ((line, status), request) in lines.iter().zip([200, 502]).zip(server.requests()) {
        let request_id = &request.headers["ctyun-eop-request-id"];
        assert!(
            line.contains("operation=\"updateContainerGroup\""),
            "{line}"
        );
        assert!(line.contains("resource=\"eci-1\""), "{line}");
        assert!(line.contains(request_id), "{line}");
        assert!(line.contains(&format!("status={status} ")), "{line}");
        for hidden in ["request-body", "answer-body", SECRET_KEY, "Signature"] {
            assert!(!line.contains(hidden), "{line}");
        }
    }
}
