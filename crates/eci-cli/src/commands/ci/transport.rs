//! The connection to a code host.

use std::time::Duration;

use eci_api::tls;
use eci_ci::host::{Header, Method};
use eci_ci::{Repository, Request, Response, Transport, TransportError, code_host};
use eci_text::{Text, text};
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::redirect::{Action, Attempt, Policy};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use crate::error::CommandError;

/// The longest time for one call.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The pauses before a call is repeated.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

/// The most redirects of one call.
const MOST_REDIRECTS: usize = 5;

/// The largest response: a page of comments, each as long as possible.
const LARGEST: usize = 64 << 20;

/// A connection to the API of a code host.
pub(super) struct HttpTransport {
    client: reqwest::Client,
    /// A client without the token, for files that the code host keeps elsewhere.
    anonymous: reqwest::Client,
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
                    en: "set `ECI_CI_API` to the address of its API, for example `https://git.example.com/api/v1`",
                    zh: "将 `ECI_CI_API` 设为其 API 地址，例如 `https://git.example.com/api/v1`",
                ),
            )
        };
        if !is_web_address(api) {
            return Err(invalid(text!(en: "not a URL", zh: "不是 URL")));
        }
        let tls = if api.starts_with("http://") {
            tls::without_roots()
        } else {
            tls::with_platform_roots()
        };
        let Header { name, value } = code_host(repository).authorization(token.expose_secret());
        let mut value = HeaderValue::from_str(&value).map_err(|_| {
            CommandError::new(
                text!(
                    en: "the token of {host} contains a line break or another character that no token has",
                    zh: "{host} 的令牌包含换行或其他令牌中不会出现的字符",
                    host = repository.host.name(),
                ),
                text!(
                    en: "set `ECI_CI_TOKEN` to the token alone",
                    zh: "将 `ECI_CI_TOKEN` 设为令牌本身",
                ),
            )
        })?;
        value.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(name, value);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let tls = tls.map_err(|error| invalid(Text::of_root_cause(&error)))?;
        let client = |headers| {
            let client = reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .user_agent(concat!("eci/", env!("CARGO_PKG_VERSION")))
                .default_headers(headers)
                .redirect(Policy::custom(on_the_same_host))
                .timeout(TIMEOUT)
                .build();
            client.map_err(|error| invalid(Text::of_root_cause(&error)))
        };
        Ok(HttpTransport {
            client: client(headers)?,
            anonymous: client(HeaderMap::new())?,
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
        if let Some(place) = elsewhere(&response).filter(|_| request.is_file) {
            let call = self.anonymous.get(place).send();
            response = call.await.map_err(|error| words(&error))?;
        }
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
        if request.is_file && (200..300).contains(&status) {
            let text = String::from_utf8(bytes)
                .map_err(|_| text!(en: "the file is not UTF-8 text", zh: "文件不是 UTF-8 文本"))?;
            let body = Value::String(text);
            return Ok(Response { status, body });
        }
        // An error may come from a proxy, whose page is not JSON.
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Response { status, body })
    }
}

/// Follows a redirect to the same host only: another one must not get the token.
fn on_the_same_host(attempt: Attempt<'_>) -> Action {
    let first = attempt.previous().first();
    let is_same = first.is_some_and(|first| first.origin() == attempt.url().origin());
    if is_same && attempt.previous().len() < MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Returns whether a text is the address of a web server.
fn is_web_address(text: &str) -> bool {
    let url = text.parse::<reqwest::Url>();
    url.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Returns the address that a response redirects to.
fn elsewhere(response: &reqwest::Response) -> Option<reqwest::Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let place = response.headers().get(header::LOCATION)?.to_str().ok()?;
    response.url().join(place).ok()
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
    /// Sends a request, and repeats it where that has no second effect.
    ///
    /// A create that is repeated after an unknown outcome might create twice.
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
