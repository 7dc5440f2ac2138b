//! A server of states with the protocol of Terraform's `http` backend, in the two forms that exist: with the
//! methods of Terraform, and as GitLab has it.
//!
//! GitLab's form is after its published source (`lib/api/terraform/state.rb`,
//! `app/services/terraform/remote_state_handler.rb`): the state must be a JSON object with a `serial` that no
//! version has yet, a lock has all fields, and a write under another lock is refused.

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use tokio::sync::oneshot;

/// The user of the server.
pub const USER: &str = "gitlab-ci-token";
/// The password.
pub const PASSWORD: &str = "token-of-the-job";

/// The largest document.
const LARGEST: usize = 64 << 20;

/// The fields of a lock that GitLab requires.
const LOCK_FIELDS: [&str; 7] = [
    "ID",
    "Operation",
    "Info",
    "Who",
    "Version",
    "Created",
    "Path",
];

/// A fault of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerFault {
    /// The request is performed, and the answer is lost.
    LoseAnswer,
    /// The answer is this status, and nothing is performed.
    Status(u16),
}

/// A fault of the next request with a method.
#[derive(Clone, Debug)]
struct PlannedFault {
    method: String,
    fault: ServerFault,
}

/// A request as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// The method.
    pub method: String,
    /// The path and the query.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
}

/// The state of one name.
#[derive(Debug, Default)]
struct StoredState {
    /// Whether it was ever locked.
    was_locked: bool,
    document: Option<Vec<u8>>,
    lock: Option<Value>,
    /// The documents by their serials.
    versions: BTreeMap<u64, Vec<u8>>,
}

#[derive(Debug, Default)]
struct Inner {
    states: BTreeMap<String, StoredState>,
    planned: VecDeque<PlannedFault>,
    requests: Vec<ReceivedRequest>,
    /// The largest document that is accepted.
    largest: Option<usize>,
}

/// A server at a port of this machine. It stops when this is dropped.
#[derive(Debug)]
pub struct StateServer {
    address: SocketAddr,
    inner: Arc<Mutex<Inner>>,
    stop: Option<oneshot::Sender<()>>,
}

impl StateServer {
    /// Starts a server.
    ///
    /// # Panics
    ///
    /// If no port is free.
    pub fn start() -> StateServer {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let (stop, stopped) = oneshot::channel();
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&inner));
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let serving = axum::serve(listener, router);
                tokio::select! {
                    served = async { serving.await } => served.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        StateServer {
            address,
            inner,
            stop: Some(stop),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the address of a state, with the methods of Terraform. Its lock is at `/lock` below it.
    pub fn address(&self, name: &str) -> String {
        format!("http://{}/states/{name}", self.address)
    }

    /// Returns the address of a state that GitLab would manage.
    pub fn gitlab_address(&self, name: &str) -> String {
        let address = self.address;
        format!("http://{address}/api/v4/projects/42/terraform/state/{name}")
    }

    /// Returns the table of the backend of a state.
    pub fn backend(&self, name: &str) -> String {
        let address = self.address(name);
        format!(
            "[backend.http]\naddress = {address:?}\nlock_address = \"{address}/lock\"\n\
             retry_wait_min = 0\n"
        )
    }

    /// Returns the table of the backend of a state that GitLab would manage.
    pub fn gitlab_backend(&self, name: &str) -> String {
        let address = self.gitlab_address(name);
        format!("[backend.http]\naddress = {address:?}\nretry_wait_min = 0\n")
    }

    /// Lets the next request with a method fail; after the faults that are planned already.
    pub fn fail(&self, method: &str, fault: ServerFault) {
        let method = method.to_owned();
        self.inner()
            .planned
            .push_back(PlannedFault { method, fault });
    }

    /// Returns whether every planned fault has happened.
    pub fn has_failed(&self) -> bool {
        self.inner().planned.is_empty()
    }

    /// Refuses documents that are larger.
    pub fn limit(&self, bytes: usize) {
        self.inner().largest = Some(bytes);
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.inner().requests.clone()
    }

    /// Returns the document of a state.
    pub fn document(&self, name: &str) -> Option<Vec<u8>> {
        self.inner().states.get(name)?.document.clone()
    }

    /// Puts a document in the place of that of a state, as damage would.
    pub fn overwrite(&self, name: &str, document: &[u8]) {
        let mut inner = self.inner();
        let kept = inner.states.entry(name.to_owned()).or_default();
        kept.document = Some(document.to_owned());
    }

    /// Returns the lock of a state.
    pub fn lock_of(&self, name: &str) -> Option<Value> {
        self.inner().states.get(name)?.lock.clone()
    }

    /// Puts a lock in place, as a run on another machine would.
    pub fn lock(&self, name: &str, lock: Value) {
        let mut inner = self.inner();
        let kept = inner.states.entry(name.to_owned()).or_default();
        kept.lock = Some(lock);
    }

    /// Takes the lock away, as an administrator would.
    pub fn break_lock(&self, name: &str) {
        if let Some(kept) = self.inner().states.get_mut(name) {
            kept.lock = None;
        }
    }
}

impl Drop for StateServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended.
            let _ = stop.send(());
        }
    }
}

/// The place that a request is about.
struct Target {
    name: String,
    is_gitlab: bool,
    part: Part,
}

enum Part {
    Document,
    Lock,
    Version(u64),
}

impl Target {
    fn of(path: &str) -> Option<Target> {
        let gitlab = path.strip_prefix("/api/v4/projects/42/terraform/state/");
        let rest = gitlab.or_else(|| path.strip_prefix("/states/"))?;
        let mut parts = rest.split('/');
        let name = parts.next()?.to_owned();
        let part = match (parts.next(), parts.next()) {
            (None, _) => Part::Document,
            (Some("lock"), None) => Part::Lock,
            (Some("versions"), Some(serial)) => Part::Version(serial.parse().ok()?),
            _ => return None,
        };
        Some(Target {
            name,
            is_gitlab: gitlab.is_some(),
            part,
        })
    }
}

async fn answer(State(inner): State<Arc<Mutex<Inner>>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST).await.unwrap_or_default();
    let mut inner = inner.lock().unwrap_or_else(PoisonError::into_inner);
    let method = parts.method.as_str().to_owned();
    let planned = inner.planned.front().filter(|it| it.method == method);
    let fault = planned.map(|it| it.fault);
    if fault.is_some() {
        inner.planned.pop_front();
    }
    let expected = format!("Basic {}", BASE64.encode(format!("{USER}:{PASSWORD}")));
    let given = parts.headers.get(header::AUTHORIZATION);
    let response = if let Some(ServerFault::Status(status)) = fault {
        status_of(status).into_response()
    } else if given.is_none_or(|given| *given != *expected) {
        StatusCode::UNAUTHORIZED.into_response()
    } else {
        match Target::of(parts.uri.path()) {
            None => StatusCode::NOT_FOUND.into_response(),
            Some(target) => {
                let query = parts.uri.query().unwrap_or_default();
                let request = AllowedRequest {
                    target,
                    method: parts.method.clone(),
                    lock: query.strip_prefix("ID=").map(str::to_owned),
                    body: body.to_vec(),
                };
                perform(&mut inner, request)
            }
        }
    };
    inner.requests.push(ReceivedRequest {
        method,
        path: parts.uri.to_string(),
        status: response.status().as_u16(),
    });
    match fault {
        Some(ServerFault::LoseAnswer) => lost(),
        _ => response,
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap()
}

/// Returns an answer that ends in the middle.
fn lost() -> Response {
    let pieces = vec![
        Ok::<_, std::io::Error>("{".to_owned()),
        Err(std::io::Error::other("lost")),
    ];
    Response::new(Body::from_stream(Pieces(pieces.into_iter())))
}

/// A stream of what is there already.
struct Pieces<I>(I);

impl<I: Iterator + Unpin> futures::Stream for Pieces<I> {
    type Item = I::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        std::task::Poll::Ready(self.0.next())
    }
}

fn json_of(status: StatusCode, value: &Value) -> Response {
    let body = value.to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// A request that is allowed.
struct AllowedRequest {
    target: Target,
    method: Method,
    /// The ID of the lock of a write.
    lock: Option<String>,
    body: Vec<u8>,
}

fn perform(inner: &mut Inner, request: AllowedRequest) -> Response {
    let largest = inner.largest;
    let kept = inner.states.entry(request.target.name.clone()).or_default();
    let is_gitlab = request.target.is_gitlab;
    let methods = if is_gitlab {
        ["POST", "DELETE"]
    } else {
        ["LOCK", "UNLOCK"]
    };
    match (&request.target.part, request.method.as_str()) {
        (Part::Document, "GET") => match &kept.document {
            Some(document) => document.clone().into_response(),
            None if is_gitlab => StatusCode::NO_CONTENT.into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        (Part::Document, "POST" | "PUT") => {
            if largest.is_some_and(|largest| request.body.len() > largest) {
                return StatusCode::PAYLOAD_TOO_LARGE.into_response();
            }
            write(kept, request)
        }
        (Part::Lock, method) if method == methods[0] => lock(kept, &request),
        (Part::Lock, method) if method == methods[1] => unlock(kept, &request),
        (Part::Version(serial), "GET") if is_gitlab => match kept.versions.get(serial) {
            Some(document) => document.clone().into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        },
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn write(kept: &mut StoredState, request: AllowedRequest) -> Response {
    let held = kept.lock.as_ref().map(|lock| lock["ID"].as_str());
    let is_other = held != request.lock.as_deref().map(Some);
    // A state whose lock is at another address was never locked here.
    if is_other && (held.is_some() || kept.was_locked) {
        return StatusCode::LOCKED.into_response();
    }
    if request.target.is_gitlab {
        let document: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let Some(serial) = document["serial"].as_u64() else {
            return StatusCode::BAD_REQUEST.into_response();
        };
        if kept.versions.contains_key(&serial) {
            return StatusCode::UNPROCESSABLE_ENTITY.into_response();
        }
        kept.versions.insert(serial, request.body.clone());
    }
    kept.document = Some(request.body);
    StatusCode::OK.into_response()
}

fn lock(kept: &mut StoredState, request: &AllowedRequest) -> Response {
    let info: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let is_complete = LOCK_FIELDS.iter().all(|field| info[field].is_string());
    if request.target.is_gitlab && !is_complete {
        return StatusCode::BAD_REQUEST.into_response();
    }
    kept.was_locked = true;
    match &kept.lock {
        Some(held) if held["ID"] != info["ID"] => {
            let status = if request.target.is_gitlab {
                StatusCode::CONFLICT
            } else {
                StatusCode::LOCKED
            };
            json_of(status, held)
        }
        _ => {
            kept.lock = Some(info.clone());
            json_of(StatusCode::OK, &info)
        }
    }
}

fn unlock(kept: &mut StoredState, request: &AllowedRequest) -> Response {
    // Terraform's `force-unlock` sends no body.
    let info: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    match &kept.lock {
        Some(held) if info["ID"].is_string() && held["ID"] != info["ID"] => {
            json_of(StatusCode::CONFLICT, held)
        }
        _ => {
            kept.lock = None;
            StatusCode::OK.into_response()
        }
    }
}
