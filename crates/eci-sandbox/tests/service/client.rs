//! A client that signs as the API reference describes and returns answers unchanged.

use std::sync::Once;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_sandbox::{Config, SandboxServer, SimulatedCloud, Speed};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const REGION: &str = "bb9fdb42056f11eda1610242ac110002";
pub(crate) const CREATE: &str = "containers/createContainerGroup";
pub(crate) const DESCRIBE_MANY: &str = "containers/describeContainerGroups";

/// A sandbox whose time does not pass, and a client of it.
pub(crate) async fn still() -> (SandboxServer, Client) {
    start(Config {
        speed: Speed::Times(0.0),
        ..Config::default()
    })
    .await
}

/// A sandbox that reports all fields, also empty ones, so that tests can check them.
pub(crate) async fn start(mut config: Config) -> (SandboxServer, Client) {
    config.behavior.empty_fields_omitted = false;
    config.behavior.largest_page = 100;
    start_as_is(config).await
}

/// A sandbox with these behaviors.
pub(crate) async fn start_as_is(config: Config) -> (SandboxServer, Client) {
    let running = SimulatedCloud::start(config).await.unwrap();
    let client = Client::of(&running);
    (running, client)
}

/// The smallest body of a create.
pub(crate) fn group(name: &str) -> Value {
    json!({
        "containerGroupName": name,
        "vpcId": "vpc-1",
        "vSwitchId": "subnet-1",
        "securityGroupId": "sg-1",
        "azInfo": [{"azName": "az1"}],
        "restartPolicy": "Always",
        "containers": [{"name": "web", "image": "nginx:1.27"}],
    })
}

/// Returns a group with other fields besides or instead.
pub(crate) fn group_with(name: &str, fields: Value) -> Value {
    let mut body = group(name);
    let more = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    body
}

#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    endpoint: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    pub(crate) region: Option<String>,
    /// Added to the date that is sent.
    pub(crate) off_by: SignedDuration,
    /// The current time, where the sandbox has its own wall clock.
    pub(crate) wall: Option<Timestamp>,
}

/// An envelope with what it came in.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) http_status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) body: Value,
}

impl Answer {
    /// The `returnObj` of a success.
    #[track_caller]
    pub(crate) fn returned(self) -> Value {
        assert_eq!(self.body["statusCode"], 200, "{self:?}");
        self.body["returnObj"].clone()
    }

    /// The id of the request, as the `returnObj` repeats it.
    #[track_caller]
    pub(crate) fn request(&self) -> &str {
        self.body["returnObj"]["requestId"].as_str().unwrap()
    }

    /// The reason and the message of a failure.
    #[track_caller]
    pub(crate) fn refused(&self) -> (&str, &str) {
        assert_ne!(self.body["statusCode"], 200, "{self:?}");
        let error = self.body["error"].as_str().unwrap();
        let reason = error.strip_prefix("ECI.Openapi.StatusReason").unwrap();
        (reason, self.body["message"].as_str().unwrap())
    }
}

impl Client {
    pub(crate) fn of(running: &SandboxServer) -> Client {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            rustls::crypto::ring::default_provider()
                .install_default()
                .unwrap();
        });
        Client {
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(20))
                .build()
                .unwrap(),
            endpoint: running.endpoint(),
            access_key: "sandbox".to_owned(),
            secret_key: "sandbox".to_owned(),
            region: Some(REGION.to_owned()),
            off_by: SignedDuration::ZERO,
            wall: None,
        }
    }

    /// Sends a call and gives what came, or that nothing did.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<Response, reqwest::Error> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        // A whole path, or what is below that of groups.
        let folder = if path.starts_with('/') {
            ""
        } else {
            "/eci/api/v1/"
        };
        let url = format!("{}{folder}{path}?{query}", self.endpoint);
        let now = self.wall.unwrap_or_else(Timestamp::now);
        let beijing = now + SignedDuration::from_hours(8) + self.off_by;
        let date = beijing.strftime("%Y%m%dT%H%M%SZ").to_string();
        let request_id = "5f2a1c1e-0c53-4cc0-9a0e-4b0d2b7f6f01";
        let signature = self.signature(request_id, &date, query, &body);
        let mut request = self
            .http
            .request(method, url.trim_end_matches('?'))
            .header("ctyun-eop-request-id", request_id)
            .header("eop-date", date)
            .header(
                "Eop-Authorization",
                format!(
                    "{} Headers=ctyun-eop-request-id;eop-date Signature={signature}",
                    self.access_key
                ),
            )
            .body(body);
        if let Some(region) = &self.region {
            request = request.header("regionId", region);
        }
        request.send().await
    }

    /// The query must be sorted and encoded already.
    fn signature(&self, request_id: &str, date: &str, query: &str, body: &str) -> String {
        let digest = base16ct::lower::encode_string(&Sha256::digest(body));
        let text =
            format!("ctyun-eop-request-id:{request_id}\neop-date:{date}\n\n{query}\n{digest}");
        let mut key = self.secret_key.clone().into_bytes();
        for part in [date, &self.access_key, &date[..8], &text] {
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(part.as_bytes());
            key = mac.finalize().into_bytes().to_vec();
        }
        BASE64.encode(key)
    }

    /// A call that is answered with an envelope.
    pub(crate) async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        let body = match body {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        let response = self.send(method, path, body).await.unwrap();
        let header = |name| {
            let header = response.headers().get(name);
            header.map(|value| value.to_str().unwrap().to_owned())
        };
        Answer {
            http_status: response.status().as_u16(),
            retry_after: header("retry-after"),
            request_id: header("x-request-id"),
            body: serde_json::from_slice(&response.bytes().await.unwrap()).unwrap(),
        }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, Value::Null).await
    }

    /// Creates a group and gives its id.
    pub(crate) async fn create(&self, body: Value) -> String {
        let returned = self.post(CREATE, body).await.returned();
        returned["containerGroupId"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn describe(&self, id: &str) -> Answer {
        self.get(&format!("containers/describeContainerGroup/{id}"))
            .await
    }

    pub(crate) async fn status(&self, id: &str) -> String {
        let described = self.describe(id).await.returned();
        described["status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn delete(&self, id: &str) -> Answer {
        let path = format!("containers/deleteContainerGroup/{id}");
        self.call(Method::DELETE, &path, Value::Null).await
    }
}
