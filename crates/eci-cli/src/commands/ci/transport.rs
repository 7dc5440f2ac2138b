//! The connection to a code host.

use std::time::Duration;

use eci_api::tls;
use eci_ci::host::{Header, Method};
use eci_ci::{Repository, Request, Response, Transport, TransportError, code_host};
use eci_text::{Text, text};
use reqwest::header::{self, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::error::CommandError;

/// The longest time for one call.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The pauses before a call is repeated.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// The largest response: a page of comments, each as long as possible.
const LARGEST: usize = 64 << 20;

/// A connection to the API of a code host.
pub(super) struct HttpTransport {
    client: reqwest::Client,
    api: String,
}

impl HttpTransport {
    /// Creates a connection; nothing is sent yet.
    pub(super) fn new(
        repository: &Repository,
        token: &SecretString,
    ) -> Result<HttpTransport, CommandError> {
        let api = &repository.api;
        let invalid = |cause: Text| {
            CommandError::new(
                text!(
                    en: "cannot use the API of {host} at `{api}`: {cause}",
                    zh: "无法使用 {host} 位于 `{api}` 的 API：{cause}",
                    host = repository.host.name(),
                    api = api,
                    cause = cause,
                ),
                text!(
                    en: "check `ECI_CI_API` and `ECI_CI_TOKEN`",
                    zh: "检查 `ECI_CI_API` 和 `ECI_CI_TOKEN`",
                ),
            )
        };
        let tls = if api.starts_with("http://") {
            tls::without_roots()
        } else {
            tls::with_platform_roots()
        };
        let Header { name, value } = code_host(repository).authorization(token.expose_secret());
        let mut value =
            HeaderValue::from_str(&value).map_err(|error| invalid(Text::of_root_cause(&error)))?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(name, value);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.map_err(|error| invalid(Text::of_root_cause(&error)))?)
            .user_agent(concat!("eci/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| invalid(Text::of_root_cause(&error)))?;
        Ok(HttpTransport {
            client,
            api: api.clone(),
        })
    }

    async fn once(&self, request: &Request) -> Result<Response, Text> {
        let url = format!("{}{}", self.api, request.path);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut call = self.client.request(method, url);
        if let Some(body) = &request.body {
            call = call
                .header(header::CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let mut response = call.send().await.map_err(|error| words(&error))?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| words(&error))? {
            if bytes.len() + chunk.len() > LARGEST {
                return Err(text!(
                    en: "the response is longer than 64 MiB",
                    zh: "响应超过 64 MiB",
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        // An error may come from a proxy, whose page is not JSON.
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Response { status, body })
    }
}

/// Returns the reason of a failed call, without its address: the query may be private.
fn words(error: &reqwest::Error) -> Text {
    if error.is_timeout() {
        return text!(
            en: "timed out after {seconds} seconds",
            zh: "{seconds} 秒后超时",
            seconds = TIMEOUT.as_secs(),
        );
    }
    Text::of_root_cause(error)
}

impl Transport for HttpTransport {
    /// Sends a request, and repeats it where that has no second effect. A create that is repeated after an
    /// unknown outcome might create twice.
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let sent = self.once(&request).await;
            let may_repeat = match &sent {
                Ok(response) => match response.status {
                    429 | 503 => true,
                    502 | 504 => request.method != Method::Post,
                    _ => false,
                },
                Err(_) => request.method != Method::Post,
            };
            match pauses.next() {
                Some(pause) if may_repeat => tokio::time::sleep(pause).await,
                _ => return sent.map_err(TransportError),
            }
        }
    }
}
