//! The HTTP client of the object store.

use std::pin::Pin;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use reqwest::StatusCode;
use serde::Deserialize;

/// Sends the requests of the object store with the HTTP client of the program, which has its TLS settings.
///
/// Bodies are read and written as a whole: an object is, too. The client that comes with the library would
/// add HTTP/2, which no other part of the program uses.
#[derive(Clone, Debug)]
pub(super) struct Transport(pub(super) reqwest::Client);

impl HttpConnector for Transport {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

/// An answer that says that a request is wrong, and not only that an object is missing: the library takes
/// some of them for faults of the connection, which are worth a retry.
#[derive(Debug, thiserror::Error)]
#[error("{status}{}", .error.described())]
pub(super) struct RefusedRequest {
    status: StatusCode,
    error: ErrorBody,
}

impl RefusedRequest {
    /// Returns the refusal in an answer with this status and body.
    fn of(status: StatusCode, body: &[u8]) -> Option<RefusedRequest> {
        let error = || -> ErrorBody {
            let text = String::from_utf8_lossy(body);
            quick_xml::de::from_str(&text).unwrap_or_default()
        };
        let refusal = |error| Some(RefusedRequest { status, error });
        match status {
            // About an object, unless the body says that the bucket is missing.
            StatusCode::NOT_FOUND => {
                let error = error();
                if error.code == NO_BUCKET {
                    refusal(error)
                } else {
                    None
                }
            }
            StatusCode::NOT_MODIFIED
            | StatusCode::CONFLICT
            | StatusCode::PRECONDITION_FAILED
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS => None,
            status if status.is_redirection() || status.is_client_error() => refusal(error()),
            _ => None,
        }
    }

    /// Returns whether the bucket does not exist.
    pub(super) fn has_no_bucket(&self) -> bool {
        self.error.code == NO_BUCKET
    }

    /// Returns whether the credentials are wrong, or do not permit the operation.
    pub(super) fn is_denied(&self) -> bool {
        matches!(
            self.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        )
    }
}

/// The code of an error for a bucket that does not exist (API reference).
const NO_BUCKET: &str = "NoSuchBucket";

/// The body of an error (API reference).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ErrorBody {
    code: String,
    message: String,
}

impl ErrorBody {
    /// Returns what follows the status in a message.
    fn described(&self) -> String {
        let parts = [&self.code, &self.message];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.map(|part| format!(": {part}")).collect()
    }
}

/// The answer to a request, in the form that the library requires.
type TransportAnswer<'a> =
    Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Transport {
    fn call<'a, 'b>(&'a self, request: HttpRequest) -> TransportAnswer<'b>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(self.answer(request))
    }
}

impl Transport {
    async fn answer(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let body: Bytes = body.collect().await?.to_bytes();
        let url = parts.uri.to_string().parse::<reqwest::Url>();
        let url = url.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(body.into());
        let answer = self.0.execute(request).await.map_err(failed)?;
        let mut response = http::Response::new(());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        let body = answer.bytes().await.map_err(failed)?;
        if let Some(refusal) = RefusedRequest::of(response.status(), &body) {
            return Err(HttpError::new(HttpErrorKind::Unknown, refusal));
        }
        Ok(response.map(|()| body.into()))
    }
}

fn failed(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else {
        HttpErrorKind::Interrupted
    };
    HttpError::new(kind, error)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn body(code: &str) -> Vec<u8> {
        let head = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
        format!("{head}\n<Error><Code>{code}</Code><Message>Because.</Message><Resource>/b</Resource></Error>")
            .into_bytes()
    }

    #[test]
    fn what_is_wrong_with_a_request_is_read_from_its_answer() {
        let denied =
            RefusedRequest::of(StatusCode::FORBIDDEN, &body("SignatureDoesNotMatch")).unwrap();
        assert!(denied.is_denied() && !denied.has_no_bucket());
        assert_eq!(
            denied.to_string(),
            "403 Forbidden: SignatureDoesNotMatch: Because."
        );
        let missing = RefusedRequest::of(StatusCode::NOT_FOUND, &body("NoSuchBucket")).unwrap();
        assert!(missing.has_no_bucket() && !missing.is_denied());
        let proxy = RefusedRequest::of(StatusCode::BAD_REQUEST, b"<html>no").unwrap();
        assert_eq!(proxy.to_string(), "400 Bad Request");
    }

    #[test]
    fn objects_and_faults_are_left_to_the_library() {
        for (status, code) in [
            (StatusCode::OK, ""),
            (StatusCode::NOT_FOUND, "NoSuchKey"),
            (StatusCode::NOT_FOUND, ""),
            (StatusCode::CONFLICT, "OperationAborted"),
            (StatusCode::PRECONDITION_FAILED, "PreconditionFailed"),
            (StatusCode::REQUEST_TIMEOUT, "RequestTimeout"),
            (StatusCode::TOO_MANY_REQUESTS, "SlowDown"),
            (StatusCode::SERVICE_UNAVAILABLE, "SlowDown"),
        ] {
            assert!(
                RefusedRequest::of(status, &body(code)).is_none(),
                "{status}"
            );
        }
    }
}
