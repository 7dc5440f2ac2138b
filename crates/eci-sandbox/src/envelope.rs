//! The form of every answer.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::refusal::{Reason, Refusal};

/// An answer with its `returnObj`.
pub(crate) fn success(returned: Map<String, Value>) -> Response {
    enveloped(
        StatusCode::OK,
        &json!({
            "statusCode": 200,
            "message": "success",
            "description": "成功",
            "returnObj": returned,
        }),
    )
}

/// A refusal. Its HTTP status is 200, as the service's own refusals have it, unless the
/// gateway before it would speak.
pub(crate) fn refused(refusal: &Refusal) -> Response {
    let error = format!("ECI.Openapi.StatusReason{}", refusal.reason.name());
    let mut response = enveloped(
        http_status(refusal.reason),
        &json!({
            "statusCode": refusal.reason.code(),
            "error": error,
            "errorCode": error,
            "message": refusal.message,
            "description": refusal.reason.description(),
        }),
    );
    if let Some(wait) = refusal.retry_after {
        // Whole seconds, and not too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What a gateway says when what is behind it does not answer.
pub(crate) fn gateway_page() -> Response {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    response(StatusCode::BAD_GATEWAY, "text/html", page.into())
}

fn http_status(reason: Reason) -> StatusCode {
    match reason {
        Reason::Unauthorized => StatusCode::UNAUTHORIZED,
        Reason::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Reason::RequestEntityTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Reason::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        Reason::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        Reason::BadRequest | Reason::NotFound | Reason::Conflict | Reason::Invalid => {
            StatusCode::OK
        }
    }
}

fn enveloped(status: StatusCode, envelope: &Value) -> Response {
    response(status, "application/json", envelope.to_string().into())
}

fn response(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
