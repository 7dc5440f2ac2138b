//! HTTP: from a connection to a call, and back.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::engine::faults::{Fault, FaultDecision};
use crate::engine::recorded_requests::RecordedRequest;
use crate::engine::shared::{SharedParts, held};
use crate::handlers::group::{self, GroupCall};
use crate::handlers::orders;
use crate::http::auth::{self, SignedRequest};
use crate::http::connection::{ConnectionListener, Disconnector};
use crate::http::envelope::{
    self, gateway_page, refused, refused_by, refused_with, service_reply, success,
};
use crate::http::route::{Route, route};
use crate::model::Realm;
use crate::model::group_error::{GroupApiError, GroupErrorReason};
use crate::model::operation::ApiOperation;
use crate::model::order_error::Service;

/// Longest body (assumed: room for twenty volumes of configuration files).
const LONGEST_BODY: usize = 8 << 20;

/// Serves until `shutdown` is set or the future is dropped.
pub(crate) async fn serve(
    shared: Arc<SharedParts>,
    shutdown: watch::Receiver<bool>,
    listener: TcpListener,
) -> std::io::Result<()> {
    // Closed when this future ends, however it ends.
    let (_subscription_sender, unwanted) = watch::channel(());
    let ending = ShutdownSignal { shutdown, unwanted };
    let service = Router::new()
        .fallback(handle)
        .with_state(Server {
            shared,
            ending: ending.clone(),
        })
        .into_make_service_with_connect_info::<Disconnector>();
    let serving = axum::serve(ConnectionListener(listener), service)
        .with_graceful_shutdown(ending.comes())
        .into_future();
    // In a separate task, which outlives this future until all answers are sent.
    tokio::spawn(serving)
        .await
        .unwrap_or_else(|cause| Err(std::io::Error::other(cause)))
}

/// The signal that the server is to end.
#[derive(Clone)]
struct ShutdownSignal {
    shutdown: watch::Receiver<bool>,
    unwanted: watch::Receiver<()>,
}

impl ShutdownSignal {
    async fn comes(mut self) {
        tokio::select! {
            // An error means that the last handle was dropped, which ends it too.
            _ = self.shutdown.wait_for(|set| *set) => {}
            // Nothing is ever sent: this is an error once the sender is dropped.
            _ = self.unwanted.changed() => {}
        }
    }
}

#[derive(Clone)]
struct Server {
    shared: Arc<SharedParts>,
    ending: ShutdownSignal,
}

/// The treatment of a connection after a call.
enum Outcome {
    Answer(Response),
    Cut,
}

async fn handle(
    State(server): State<Server>,
    ConnectInfo(knife): ConnectInfo<Disconnector>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let outcome = match route(&parts.method, path) {
        Route::Call(operation, id) => server.exchange(operation, id, &parts, body).await,
        Route::WrongMethod(operation) => Outcome::Answer(refused_by(
            operation.family(),
            &GroupApiError::new(
                GroupErrorReason::MethodNotAllowed,
                format!("{} is not called with {}", operation.name(), parts.method),
            ),
        )),
        Route::Unknown => Outcome::Answer(refused(&GroupApiError::new(
            GroupErrorReason::NotFound,
            format!("there is no call at {} {path}", parts.method),
        ))),
    };
    match outcome {
        Outcome::Answer(mut response) => {
            if server.shared.api_behavior.request_id_header {
                let id = parts.headers.get("ctyun-eop-request-id");
                envelope::identify(&mut response, id);
            }
            envelope::date(&mut response, server.shared.cloud.wall_now());
            response
        }
        Outcome::Cut => {
            knife.cut();
            Response::new(Body::empty())
        }
    }
}

/// A request whose body was read.
#[derive(Clone, Copy)]
struct ReceivedCall<'a> {
    operation: ApiOperation,
    id: &'a str,
    parts: &'a Parts,
    body: &'a Bytes,
}

impl Server {
    /// Performs one call, with the fault that is due.
    async fn exchange(
        &self,
        operation: ApiOperation,
        id: &str,
        parts: &Parts,
        body: Body,
    ) -> Outcome {
        let body = match axum::body::to_bytes(body, LONGEST_BODY).await {
            Ok(body) => body,
            Err(_) => {
                let message =
                    format!("the body has more than {LONGEST_BODY} bytes, or was not sent whole");
                let refusal = GroupApiError::new(GroupErrorReason::RequestEntityTooLarge, message);
                return Outcome::Answer(refused_by(operation.family(), &refusal));
            }
        };
        self.note(operation, parts, &body);
        let decision = held(&self.shared.faults).decide(operation);
        if !decision.latency.is_zero() {
            tokio::time::sleep(decision.latency).await;
        }
        let request = ReceivedCall {
            operation,
            id,
            parts,
            body: &body,
        };
        let outcome = match self.fault_before(operation.family(), &decision).await {
            Some(outcome) => outcome,
            None => self.answered(request, &decision).await,
        };
        let rewrite = held(&self.shared.rewrite).clone();
        match (outcome, rewrite) {
            (Outcome::Answer(response), Some(rewrite)) => {
                let request = serde_json::from_slice(&body).unwrap_or_default();
                let change = |answer: &mut Value| rewrite(operation.name(), &request, answer);
                Outcome::Answer(envelope::changed(response, change).await)
            }
            (outcome, _) => outcome,
        }
    }

    async fn answered(&self, request: ReceivedCall<'_>, decision: &FaultDecision) -> Outcome {
        let operation = request.operation;
        if decision.fault == Some(Fault::Duplicated) {
            // Whatever comes of it, the answer is that of the second.
            let first = self.perform(request, decision).await;
            drop(first);
        }
        let answer = self.perform(request, decision).await;
        tracing::debug!(
            operation = operation.name(),
            id = request.id,
            refusal = answer.as_ref().err().map(|refusal| refusal.message.as_str()),
            fault = ?decision.fault,
            "answered"
        );
        let family = operation.family();
        match decision.fault {
            Some(Fault::ErrorAfter) => {
                Outcome::Answer(refused_by(family, &GroupApiError::internal()))
            }
            Some(Fault::RefusedAfter) => Outcome::Answer(refused_with(family, decision.code)),
            Some(Fault::CutAfter) => Outcome::Cut,
            Some(Fault::HangAfter) => self.hang().await,
            _ => Outcome::Answer(match answer {
                Ok(response) => response,
                Err(refusal) => refused_by(family, &refusal),
            }),
        }
    }

    fn note(&self, operation: ApiOperation, parts: &Parts, body: &[u8]) {
        let mut calls = held(&self.shared.calls);
        calls.count(operation.name());
        if operation.changes() {
            let body = match body {
                [] => Value::Null,
                some => serde_json::from_slice(some)
                    .unwrap_or_else(|_| String::from_utf8_lossy(some).into()),
            };
            calls.record(RecordedRequest {
                operation: operation.name().to_owned(),
                path: parts.uri.to_string(),
                body,
            });
        }
    }

    /// Returns the outcome of a fault that takes the place of the call.
    async fn fault_before(&self, family: Service, decision: &FaultDecision) -> Option<Outcome> {
        let refuse = |refusal| Some(Outcome::Answer(refused_by(family, &refusal)));
        match decision.fault? {
            Fault::TooManyRequests => refuse(GroupApiError {
                retry_after: decision.retry_after,
                ..too_many_requests()
            }),
            Fault::ErrorBefore => refuse(GroupApiError::internal()),
            Fault::RefusedBefore => {
                let answer = match decision.code {
                    // `too_many_requests` is the rate limit.
                    429 => refused_by(family, &GroupApiError::quota()),
                    code => refused_with(family, code),
                };
                Some(Outcome::Answer(answer))
            }
            Fault::Html => Some(Outcome::Answer(gateway_page())),
            Fault::CutBefore => Some(Outcome::Cut),
            Fault::Hang => Some(self.hang().await),
            Fault::ErrorAfter
            | Fault::CutAfter
            | Fault::HangAfter
            | Fault::RefusedAfter
            | Fault::Duplicated
            | Fault::MissingRow
            | Fault::StaleList
            | Fault::Stale
            | Fault::SlowOrder
            | Fault::FailedOrder
            | Fault::EmptyOrder
            | Fault::UnseenOrder
            | Fault::OrderInProgress => None,
        }
    }

    /// Waits without an answer for as long as the server lives.
    async fn hang(&self) -> Outcome {
        self.ending.clone().comes().await;
        Outcome::Cut
    }

    async fn perform(
        &self,
        request: ReceivedCall<'_>,
        decision: &FaultDecision,
    ) -> Result<Response, GroupApiError> {
        let ReceivedCall {
            operation,
            id,
            parts,
            body,
        } = request;
        self.limit()?;
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let query = parts.uri.query().unwrap_or("");
        let request_id = header("ctyun-eop-request-id");
        let signed = SignedRequest {
            authorization: header("Eop-Authorization"),
            date: header("eop-date"),
            request_id,
            query,
            body,
        };
        let now = self.shared.cloud.wall_now();
        let account = auth::verify(&signed, &self.shared.accounts, now)?;
        if operation.family() != Service::Eci {
            let call = orders::OrderCall {
                operation,
                account,
                query,
                body: object(body)?,
                behavior: decision.behavior,
                lie: decision.lie,
                regions: &self.shared.regions,
                api_behavior: &self.shared.api_behavior,
            };
            let reply = orders::answer(&self.shared.cloud, call).await?;
            return Ok(service_reply(reply));
        }
        let behavior = &self.shared.api_behavior;
        let region = self.region(header("regionId"))?;
        let call = GroupCall {
            operation,
            id,
            query,
            zones: &self.shared.zones,
            stale: decision.fault == Some(Fault::Stale),
            lie: decision.lie,
            request_id: request_id.unwrap_or(""),
            api_behavior: behavior,
            body: self.body_of_group_call(body, &region)?,
            realm: Realm {
                account: account.to_owned(),
                region,
            },
        };
        let returned = group::answer(&self.shared.cloud, call).await?;
        Ok(success(returned, behavior))
    }

    /// Returns the body of a call about container groups, which by configuration may repeat the
    /// region.
    fn body_of_group_call(
        &self,
        body: &[u8],
        region: &str,
    ) -> Result<Map<String, Value>, GroupApiError> {
        let mut body = object(body)?;
        if self.shared.api_behavior.region_in_body_accepted
            && let Some(other) = body.remove("regionId")
            && other != region
        {
            return Err(GroupApiError::bad_request(format!(
                "regionId is {region:?} in the header and {other} in the body"
            )));
        }
        Ok(body)
    }

    fn limit(&self) -> Result<(), GroupApiError> {
        let Some(limit) = &self.shared.limit else {
            return Ok(());
        };
        held(limit)
            .take(Instant::now())
            .map_err(|wait| GroupApiError {
                retry_after: Some(wait),
                ..too_many_requests()
            })
    }

    fn region(&self, given: Option<&str>) -> Result<String, GroupApiError> {
        let given = given
            .filter(|given| !given.is_empty())
            .ok_or_else(|| GroupApiError::bad_request("the header regionId is required"))?;
        if self.shared.regions.iter().any(|known| known == given) {
            return Ok(given.to_owned());
        }
        Err(GroupApiError::invalid(format!(
            "regionId {given:?} is not known; known are {}",
            self.shared.regions.join(", ")
        )))
    }
}

fn too_many_requests() -> GroupApiError {
    GroupApiError::new(
        GroupErrorReason::TooManyRequests,
        "too many requests; slow down",
    )
}

/// Parses the body as a JSON object; an empty body is an empty object.
fn object(body: &[u8]) -> Result<Map<String, Value>, GroupApiError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(GroupApiError::bad_request("the body must be a JSON object")),
        Err(cause) => Err(GroupApiError::bad_request(format!(
            "the body must be a JSON object: {cause}"
        ))),
    }
}
