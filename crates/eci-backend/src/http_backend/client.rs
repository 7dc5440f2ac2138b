//! The protocol of Terraform's `http` backend.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eci_state::DeviceError;
use eci_text::{Text, text};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Response, StatusCode, Url};
use secrecy::{ExposeSecret, SecretString};

use super::lock_info::LockInfo;
use crate::outage::{LastFailure, Outage, OutageListener, OutageWatch};

/// The largest answer that is read: a server may send anything.
const LARGEST_ANSWER: usize = 256 << 20;

/// The largest number of pauses that are added up.
const MOST_PAUSES: usize = 20;

/// The settings of a server, with the names that Terraform gives them.
#[derive(Clone)]
#[non_exhaustive]
pub struct HttpSettings {
    /// The address of the state.
    pub address: Url,
    /// The method with which the state is written.
    pub update_method: Method,
    /// The address of the lock.
    pub lock_address: Url,
    /// The method with which the lock is acquired.
    pub lock_method: Method,
    /// The address at which the lock is released.
    pub unlock_address: Url,
    /// The method with which the lock is released.
    pub unlock_method: Method,
    /// The user.
    pub username: Option<String>,
    /// The password or token.
    pub password: Option<SecretString>,
    /// The number of times that a request is repeated.
    pub retry_max: u32,
    /// The pause before the first repetition; each further one is twice as long.
    pub retry_wait_min: Duration,
    /// The longest pause before a repetition.
    pub retry_wait_max: Duration,
}

impl HttpSettings {
    /// Creates the settings of a server without credentials, with the methods and pauses that a manifest
    /// has by default.
    pub fn new(address: Url, lock_address: Url) -> HttpSettings {
        let extension =
            |name: &[u8]| Method::from_bytes(name).expect("letters alone are a valid method");
        HttpSettings {
            address,
            update_method: Method::POST,
            unlock_address: lock_address.clone(),
            lock_address,
            lock_method: extension(b"LOCK"),
            unlock_method: extension(b"UNLOCK"),
            username: None,
            password: None,
            retry_max: 5,
            retry_wait_min: Duration::from_secs(1),
            retry_wait_max: Duration::from_secs(30),
        }
    }
}

impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSettings")
            .field("address", &without_credentials(&self.address))
            .finish_non_exhaustive()
    }
}

/// A client of one state.
#[derive(Clone)]
pub(crate) struct HttpClient {
    settings: Arc<HttpSettings>,
    http: reqwest::Client,
    outages: OutageWatch,
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HttpClient").field(&self.settings).finish()
    }
}

/// The answer to a request for the lock.
#[derive(Debug)]
pub(crate) enum LockAnswer {
    /// The lock was acquired.
    Acquired,
    /// Another run has the lock.
    Held(Box<LockInfo>),
}

/// The answer to a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WriteAnswer {
    /// The document is stored.
    Written,
    /// The lock is not that of this run any more, or another document has this number.
    Conflict,
}

/// A request that can be sent several times.
struct Request<'a> {
    method: &'a Method,
    url: Url,
    body: Option<Bytes>,
}

/// The answer to a request, and the number of attempts it took.
struct HttpAnswer {
    status: StatusCode,
    body: Bytes,
    attempts: u32,
}

impl HttpClient {
    pub(crate) fn new(settings: HttpSettings, http: reqwest::Client) -> HttpClient {
        HttpClient {
            settings: Arc::new(settings),
            http,
            outages: OutageWatch::default(),
        }
    }

    pub(crate) fn with_outage_listener(self, listener: OutageListener) -> HttpClient {
        HttpClient {
            outages: OutageWatch::new(listener),
            ..self
        }
    }

    /// Returns the address, for messages: without credentials.
    pub(crate) fn location(&self) -> String {
        without_credentials(&self.settings.address)
    }

    /// Reads the document; `None` if the server has none.
    pub(crate) async fn read(&self) -> Result<Option<Bytes>, DeviceError> {
        let answer = self
            .send(&self.reading(self.settings.address.clone()))
            .await?;
        match answer.status {
            StatusCode::OK if answer.body.is_empty() => Ok(None),
            StatusCode::OK => Ok(Some(answer.body)),
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(None),
            _ => Err(failed(&answer)),
        }
    }

    /// Reads an earlier document of GitLab; `None` if the server has none of this number.
    pub(crate) async fn read_version(&self, number: u64) -> Result<Option<Bytes>, DeviceError> {
        if !is_gitlab(&self.settings.address) {
            return Ok(None);
        }
        let mut url = self.settings.address.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty()
                .extend(["versions", &number.to_string()]);
        }
        let answer = self.send(&self.reading(url)).await?;
        match answer.status {
            StatusCode::OK if !answer.body.is_empty() => Ok(Some(answer.body)),
            StatusCode::OK | StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(None),
            _ => Err(failed(&answer)),
        }
    }

    fn reading(&self, url: Url) -> Request<'_> {
        Request {
            method: &Method::GET,
            url,
            body: None,
        }
    }

    /// Writes the document under the lock with this ID.
    ///
    /// The answer may be lost, and the request repeated: a conflict is one only if the server has
    /// another document.
    pub(crate) async fn write(&self, body: &Bytes, lock: &str) -> Result<WriteAnswer, DeviceError> {
        let mut url = self.settings.address.clone();
        url.query_pairs_mut().append_pair("ID", lock);
        let answer = self
            .send(&Request {
                method: &self.settings.update_method,
                url,
                body: Some(body.clone()),
            })
            .await?;
        match answer.status {
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => {
                Ok(WriteAnswer::Written)
            }
            StatusCode::CONFLICT | StatusCode::LOCKED | StatusCode::UNPROCESSABLE_ENTITY => {
                if self.read().await?.as_ref() == Some(body) {
                    return Ok(WriteAnswer::Written);
                }
                if answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.attempts == 1 {
                    tracing::debug!(answer = %text_of(&answer), "the server refused a document");
                }
                Ok(WriteAnswer::Conflict)
            }
            _ => Err(failed(&answer)),
        }
    }

    /// Requests the lock.
    ///
    /// The answer may be lost, and the request repeated: then the lock is held by its own ID.
    pub(crate) async fn lock(&self, info: &LockInfo) -> Result<LockAnswer, DeviceError> {
        let answer = self
            .send(&Request {
                method: &self.settings.lock_method,
                url: self.settings.lock_address.clone(),
                body: Some(to_json(info)),
            })
            .await?;
        match answer.status {
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => {
                Ok(LockAnswer::Acquired)
            }
            StatusCode::CONFLICT | StatusCode::LOCKED => {
                // Some servers say no more than that.
                let held: LockInfo = serde_json::from_slice(&answer.body).unwrap_or_default();
                if held.id == info.id {
                    return Ok(LockAnswer::Acquired);
                }
                Ok(LockAnswer::Held(Box::new(held)))
            }
            _ => Err(failed(&answer)),
        }
    }

    /// Releases the lock.
    ///
    /// That another request has released it is not an error.
    pub(crate) async fn unlock(&self, info: &LockInfo) -> Result<(), DeviceError> {
        let answer = self
            .send(&Request {
                method: &self.settings.unlock_method,
                url: self.settings.unlock_address.clone(),
                body: Some(to_json(info)),
            })
            .await?;
        match answer.status {
            StatusCode::OK | StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(()),
            // The answer to the first attempt was lost.
            _ if answer.attempts > 1 && answer.status.is_client_error() => Ok(()),
            _ => Err(failed(&answer)),
        }
    }

    /// Sends a request, and again while the server is unavailable.
    async fn send(&self, request: &Request<'_>) -> Result<HttpAnswer, DeviceError> {
        let failure = LastFailure::default();
        let outage = || Outage {
            location: self.location(),
            cause: failure.get(),
            left: self.pauses().take(MOST_PAUSES).sum(),
        };
        let sending = self.send_repeatedly(request, &failure);
        self.outages.watch(sending, outage).await
    }

    /// Returns the pauses between repetitions.
    ///
    /// After a request that was repeated in vain, the next one is sent once: a run that ends because of it
    /// releases its lock then, and would wait for the same server twice.
    fn pauses(&self) -> impl Iterator<Item = Duration> {
        let most = if self.outages.has_failed() {
            0
        } else {
            usize::try_from(self.settings.retry_max).unwrap_or(usize::MAX)
        };
        let longest = self.settings.retry_wait_max;
        let first = self.settings.retry_wait_min.min(longest);
        let pauses = std::iter::successors(Some(first), move |pause| {
            Some(pause.saturating_mul(2).min(longest))
        });
        pauses.take(most)
    }

    async fn send_repeatedly(
        &self,
        request: &Request<'_>,
        failure: &LastFailure,
    ) -> Result<HttpAnswer, DeviceError> {
        let mut pauses = self.pauses();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let sent = self.send_once(request).await;
            let error = match sent {
                Ok(answer) if !is_unavailable(answer.status) => {
                    return Ok(HttpAnswer { attempts, ..answer });
                }
                Ok(answer) => failed(&answer),
                Err(error) => error,
            };
            let Some(pause) = pauses.next().filter(|_| error.is_transient()) else {
                return Err(error);
            };
            tracing::debug!(%error, ?pause, "the server of the state is unavailable");
            failure.set(error);
            tokio::time::sleep(pause).await;
        }
    }

    async fn send_once(&self, request: &Request<'_>) -> Result<HttpAnswer, DeviceError> {
        let mut builder = self
            .http
            .request(request.method.clone(), request.url.clone());
        if let Some(user) = &self.settings.username {
            let password = self.settings.password.as_ref();
            builder = builder.basic_auth(user, password.map(|it| it.expose_secret()));
        }
        if let Some(body) = &request.body {
            let json = HeaderValue::from_static("application/json");
            builder = builder.header(CONTENT_TYPE, json).body(body.clone());
        }
        let response = builder.send().await.map_err(|error| unavailable(&error))?;
        let status = response.status();
        let body = bounded(response).await?;
        Ok(HttpAnswer {
            status,
            body,
            attempts: 0,
        })
    }
}

/// Reads an answer up to a limit.
async fn bounded(mut response: Response) -> Result<Bytes, DeviceError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unavailable(&error))?
    {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(DeviceError::Refused {
                cause: text!(
                    en: "the response is longer than {limit} MiB",
                    zh: "响应超过 {limit} MiB",
                    limit = LARGEST_ANSWER >> 20,
                ),
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Returns whether repeating a request may help.
fn is_unavailable(status: StatusCode) -> bool {
    status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
}

fn failed(answer: &HttpAnswer) -> DeviceError {
    let cause = text_of(answer);
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => DeviceError::denied(
            cause,
            text!(
                en: "check `TF_HTTP_USERNAME` and `TF_HTTP_PASSWORD` or `username` and `password_env`, and that they permit reading, \
                     writing, locking, and deleting states",
                zh: "检查 `TF_HTTP_USERNAME` 和 `TF_HTTP_PASSWORD` 或 `username` 和 `password_env`，以及其是否具有状态的读取、写入、锁定和删除权限",
            ),
        ),
        status if is_unavailable(status) => DeviceError::Unavailable { cause },
        _ => DeviceError::Refused { cause },
    }
}

/// Returns the status of an answer, and quotes its text: it is the server's, in any language.
fn text_of(answer: &HttpAnswer) -> Text {
    let body = String::from_utf8_lossy(&answer.body);
    match body.trim() {
        "" => Text::verbatim(answer.status.to_string()),
        words => text!(
            en: "{status}: \"{words}\"",
            zh: "{status}：\"{words}\"",
            status = answer.status.to_string(),
            words = words,
        ),
    }
}

fn unavailable(error: &reqwest::Error) -> DeviceError {
    let cause = if error.is_timeout() {
        text!(en: "the request timed out", zh: "请求超时")
    } else if std::error::Error::source(error).is_some() {
        Text::of_root_cause(error)
    } else {
        Text::verbatim(without_url(error))
    };
    DeviceError::Unavailable { cause }
}

/// Returns the message of an error without the address, which may contain credentials.
fn without_url(error: &reqwest::Error) -> String {
    let text = error.to_string();
    match error.url() {
        Some(url) => text.replace(url.as_str(), "…"),
        None => text,
    }
}

fn without_credentials(url: &Url) -> String {
    let mut url = url.clone();
    // A URL that cannot have credentials has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

/// Returns whether this is the address of a state that GitLab manages.
pub fn is_gitlab(address: &Url) -> bool {
    address.path().contains("/api/v4/projects/") && address.path().contains("/terraform/state/")
}

fn to_json(info: &LockInfo) -> Bytes {
    // Texts can always be serialized.
    serde_json::to_vec(info).unwrap_or_default().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_text::{In, Lang};

    use super::*;

    #[test]
    fn the_words_of_a_server_are_quoted_in_each_language() {
        let answer = HttpAnswer {
            status: StatusCode::SERVICE_UNAVAILABLE,
            body: "The server is being maintained.\n".into(),
            attempts: 1,
        };
        let error = failed(&answer);
        assert_eq!(
            In(&error, Lang::En).to_string(),
            "the store is unavailable: 503 Service Unavailable: \"The server is being maintained.\""
        );
        assert_eq!(
            In(&error, Lang::Zh).to_string(),
            "存储不可用：503 Service Unavailable：\"The server is being maintained.\""
        );
    }

    #[tokio::test]
    async fn a_request_is_sent_once_where_the_one_before_was_repeated_in_vain() {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address: Url = format!("http://{}/s", port.local_addr().unwrap())
            .parse()
            .unwrap();
        // Nothing listens there any more.
        drop(port);
        let mut settings = HttpSettings::new(address.clone(), address);
        settings.retry_max = 2;
        settings.retry_wait_min = Duration::from_millis(1);
        let client = HttpClient::new(settings, crate::testing::http_client());
        assert_eq!(client.pauses().count(), 2);
        client.read().await.unwrap_err();
        assert_eq!(client.pauses().count(), 0);
    }
}
