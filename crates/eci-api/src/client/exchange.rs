//! One call: signed, sent, its answer read as far as allowed.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eci_text::{Text, text};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Response, Url};
use serde_json::Value;
use tracing::debug;
use uuid::Uuid;

use super::cause::innermost;
use super::clock::WORTH_REPORTING;
use super::{Client, Inner, ServiceClient};
use crate::envelope::{self, Dialect, EnvelopeHead, ParsedEnvelope};
use crate::error::{CallError, CallErrorKind, StatusReason, seconds};
use crate::operation::Operation;
use crate::service::Service;
use crate::sign::{self, SignatureInput};
use crate::types::{ContainerGroupId, RequestSecrets};

/// The words of the HTTP library for an answer with too many or too long headers.
const HEAD_TOO_LARGE: &str = "message head is too large";

/// A call to be sent.
pub(super) struct Call<'a> {
    pub(super) operation: Operation,
    /// The resource that its errors name.
    pub(super) resource: Option<String>,
    /// The id that ends the path.
    pub(super) id: Option<&'a ContainerGroupId>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Option<Result<Value, serde_json::Error>>,
    /// The secrets that are redacted in errors and logs of this call.
    pub(super) hidden: RequestSecrets,
}

impl<'a> Call<'a> {
    /// Creates a call about a group, with its ID in the path.
    pub(super) fn of(operation: Operation, id: &'a ContainerGroupId) -> Call<'a> {
        Call {
            operation,
            resource: Some(id.to_string()),
            id: Some(id),
            query: Vec::new(),
            body: None,
            hidden: RequestSecrets::default(),
        }
    }

    /// Creates a call with a body.
    pub(super) fn with(
        operation: Operation,
        resource: Option<String>,
        body: Result<Value, serde_json::Error>,
    ) -> Call<'a> {
        Call {
            operation,
            resource,
            id: None,
            query: Vec::new(),
            body: Some(body),
            hidden: RequestSecrets::default(),
        }
    }
}

/// The facts of an exchange that are known when it ends.
struct Trace {
    request_id: String,
    head: EnvelopeHead,
}

impl Client {
    /// Sends a call and returns the answer if it was not refused.
    ///
    /// With it, a function that makes an error of this call, for when the object is not what it
    /// should be.
    pub(super) async fn call(
        &self,
        call: Call<'_>,
    ) -> Result<
        (
            ParsedEnvelope,
            impl FnOnce(CallErrorKind) -> CallError + use<>,
        ),
        CallError,
    > {
        let (operation, resource) = (call.operation, call.resource.clone());
        let inner = Arc::clone(&self.0);
        inner.hidden().extend(&call.hidden);
        // The requested object may have a secret name.
        let about = |resource: Option<&String>| resource.map(|name| inner.hidden().redact(name));
        let mut trace = Trace {
            request_id: Uuid::new_v4().to_string(),
            head: EnvelopeHead::default(),
        };
        let begin = Instant::now();
        let result = self.0.exchange(&call, &mut trace).await;
        debug!(
            operation = operation.name(),
            resource = about(resource.as_ref()),
            request_id = trace.request_id,
            status = trace.head.status,
            milliseconds = begin.elapsed().as_millis(),
            answered = result.is_ok(),
            "called"
        );
        let inner = Arc::clone(&self.0);
        let error = move |kind: CallErrorKind| {
            let kind = kind.without(&inner.hidden());
            let mut error = CallError::new(operation, kind).with_request_id(trace.request_id);
            if let Some(resource) = resource {
                error = error.about(inner.hidden().redact(&resource));
            }
            if trace.head.status != 0 {
                error = error.with_http_status(trace.head.status);
            }
            match trace.head.retry_after {
                Some(time) => error.with_retry_after(time),
                None => error,
            }
        };
        match result {
            Ok(opened) => Ok((opened, error)),
            Err(kind) => Err(error(kind)),
        }
    }
}

impl Inner {
    /// Makes a call, and a read once more that was refused because of a clock.
    async fn exchange(
        &self,
        call: &Call<'_>,
        trace: &mut Trace,
    ) -> Result<ParsedEnvelope, CallErrorKind> {
        let clock = &self.cloud_clock;
        // A changing call may have taken effect in spite of its refusal: it is not sent again.
        if call.operation.changes() {
            return self.attempt(call, trace, clock.accepted()).await;
        }
        let before = clock.ahead();
        let mut result = self.attempt(call, trace, before).await;
        if !is_unauthorized(&result) {
            return result;
        }
        // A header may have another time in each answer: it is followed once, and then what was
        // accepted before and this machine's clock decide.
        let mut refused = vec![before];
        for ahead in [clock.ahead(), clock.accepted(), SignedDuration::ZERO] {
            let is_near = |other: &SignedDuration| (ahead - *other).abs() <= WORTH_REPORTING;
            if refused.iter().any(is_near) {
                continue;
            }
            trace.request_id = Uuid::new_v4().to_string();
            result = self.attempt(call, trace, ahead).await;
            if !is_unauthorized(&result) {
                if is_of_cloud(&result) && ahead.abs() <= WORTH_REPORTING {
                    clock.distrust();
                }
                return result;
            }
            refused.push(ahead);
        }
        result
    }

    /// Makes a call once, signed with a time that is ahead of this machine's by a skew.
    async fn attempt(
        &self,
        call: &Call<'_>,
        trace: &mut Trace,
        ahead: SignedDuration,
    ) -> Result<ParsedEnvelope, CallErrorKind> {
        let operation = call.operation;
        let way = self.way(operation.service());
        let request = self.request(call, &trace.request_id, ahead)?;
        let response = way
            .http
            .execute(request)
            .await
            .map_err(|error| self.failure(way, &error))?;
        let (date, arrived) = (date(response.headers()), (self.config.clock)());
        trace.head = head(
            &response,
            date.unwrap_or_else(|| self.cloud_clock.at(arrived)),
        );
        let body = self.body(way, response).await?;
        let access_key = &self.config.credentials.access_key;
        let dialect = Dialect::of(operation);
        let opened = envelope::parse_envelope(&trace.head, &body, access_key, dialect);
        // An answer that is not the cloud's does not show the cloud's clock.
        if is_of_cloud(&opened) {
            if !is_unauthorized(&opened) {
                self.cloud_clock.accept(ahead);
            }
            self.cloud_clock.learn(date, arrived);
        }
        opened.map_err(|kind| kind.redacted(&self.hidden(), &trace.head, &body, dialect))
    }

    fn request(
        &self,
        call: &Call<'_>,
        request_id: &str,
        ahead: SignedDuration,
    ) -> Result<reqwest::Request, CallErrorKind> {
        let body = match &call.body {
            Some(Ok(body)) => serde_json::to_vec(body).map_err(not_sent)?,
            Some(Err(error)) => return Err(not_sent(error)),
            None => Vec::new(),
        };
        let now = (self.config.clock)();
        // Saturates at the ends of time.
        let date = beijing(now.saturating_add(ahead).unwrap_or(now));
        let authorization = self.config.credentials.authorization(&SignatureInput {
            request_id,
            date: &date,
            query: &call.query,
            body: &body,
        });
        let way = self.way(call.operation.service());
        let url = url(way, call.operation, call.id, &call.query)?;
        let mut request = way.http.request(call.operation.method(), url);
        // The other services have the region in the body or the query.
        if call.operation.service() == Service::Eci {
            request = request.header("regionId", self.region_id.clone());
        }
        request = request
            .header("ctyun-eop-request-id", request_id)
            .header("eop-date", date)
            .header("Eop-Authorization", authorization)
            .header(CONTENT_TYPE, "application/json");
        if !body.is_empty() {
            request = request.body(body);
        }
        request.build().map_err(|error| CallErrorKind::NotSent {
            detail: innermost(&error),
        })
    }

    /// Reads the whole body, if it is not larger than allowed.
    async fn body(
        &self,
        way: &ServiceClient,
        mut response: Response,
    ) -> Result<Vec<u8>, CallErrorKind> {
        let limit = self.config.body_limit;
        let too_large = || CallErrorKind::TooLarge { limit };
        let announced = response.content_length().unwrap_or(0);
        if usize::try_from(announced).map_or(true, |announced| announced > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.failure(way, &error))?
        {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Returns the kind of an error below HTTP.
    ///
    /// Only an error of connecting proves that nothing was sent.
    fn failure(&self, way: &ServiceClient, error: &reqwest::Error) -> CallErrorKind {
        let endpoint = way.endpoint.clone();
        if error.is_builder() {
            CallErrorKind::NotSent {
                detail: innermost(error),
            }
        } else if error.is_connect() && is_tls(error) {
            CallErrorKind::TlsFailed {
                endpoint,
                detail: innermost(error),
            }
        } else if error.is_connect() && error.is_timeout() {
            CallErrorKind::Unreachable {
                endpoint,
                detail: text!(
                    en: "no connection within {limit}",
                    zh: "{limit}内未建立连接",
                    limit = seconds(self.config.connect_timeout),
                ),
            }
        } else if error.is_connect() {
            CallErrorKind::Unreachable {
                endpoint,
                detail: innermost(error),
            }
        } else if error.is_timeout() {
            CallErrorKind::TimedOut {
                limit: self.config.timeout,
            }
        } else if innermost(error).en() == HEAD_TOO_LARGE {
            // It will not shrink.
            CallErrorKind::Unreadable {
                detail: text!(
                    en: "the header of the response is too large",
                    zh: "响应头过大",
                ),
            }
        } else {
            CallErrorKind::ConnectionClosed {
                detail: innermost(error),
            }
        }
    }
}

fn url(
    way: &ServiceClient,
    operation: Operation,
    id: Option<&ContainerGroupId>,
    query: &[(String, String)],
) -> Result<Url, CallErrorKind> {
    let mut text = format!("{}{}", way.endpoint, operation.path());
    if let Some(id) = id {
        // An id holds nothing that would have to be encoded.
        text.push('/');
        text.push_str(id.as_str());
    }
    if !query.is_empty() {
        text.push('?');
        text.push_str(&sign::encoded_query(query));
    }
    Url::parse(&text).map_err(not_sent)
}

fn not_sent(error: impl std::fmt::Display) -> CallErrorKind {
    CallErrorKind::NotSent {
        detail: Text::verbatim(error.to_string()),
    }
}

/// Returns the date of a signature: Beijing's time, in spite of the `Z` at its end.
fn beijing(now: Timestamp) -> String {
    let zone = TimeZone::fixed(Offset::constant(8));
    now.to_zoned(zone).strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn head(response: &Response, now: Timestamp) -> EnvelopeHead {
    let text = |name| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
    EnvelopeHead {
        status: response.status().as_u16(),
        content_type: text(CONTENT_TYPE),
        retry_after: retry_after(response.headers(), now),
    }
}

/// Returns whether the answer is from the cloud itself.
fn is_of_cloud(opened: &Result<ParsedEnvelope, CallErrorKind>) -> bool {
    matches!(opened, Ok(_) | Err(CallErrorKind::Refused(_)))
}

fn is_unauthorized(opened: &Result<ParsedEnvelope, CallErrorKind>) -> bool {
    matches!(opened, Err(CallErrorKind::Refused(refusal)) if refusal.reason == StatusReason::Unauthorized)
}

/// Returns the time at which an answer was given.
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    Some(jiff::fmt::rfc2822::parse(text.trim()).ok()?.timestamp())
}

/// Returns the time of the header, given in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
}

/// Returns whether TLS is among an error's causes.
///
/// TLS errors are wrapped by I/O errors, which leave what they wrap out of their own causes, and
/// may wrap each other.
fn is_tls(error: &reqwest::Error) -> bool {
    causes(error).any(|mut cause| {
        while let Some(wrapped) = cause
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
        {
            cause = wrapped;
        }
        cause.is::<rustls::Error>()
    })
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_beijings() {
        let midnight: Timestamp = "2026-02-28T16:00:00Z".parse().unwrap();
        assert_eq!(beijing(midnight), "20260301T000000Z");
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now: Timestamp = "2015-10-21T07:27:30Z".parse().unwrap();
        let read = |text: &str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]);
            retry_after(&headers, now)
        };
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        let date = "Wed, 21 Oct 2015 07:28:00 GMT";
        assert_eq!(read(date), Some(Duration::from_secs(30)));
        assert_eq!(read("Wed, 21 Oct 2015 07:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
    }
}
