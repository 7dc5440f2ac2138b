//! The form of every answer.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::engine::api_behavior::ApiBehavior;
use crate::handlers::orders::Reply;
use crate::http::form::formed;
use crate::model::group_error::{GroupApiError, GroupErrorReason};
use crate::model::order_error::{OrderApiError, Service};

/// Creates an answer with its `returnObj`.
pub(crate) fn success(mut returned: Map<String, Value>, behavior: &ApiBehavior) -> Response {
    formed(&mut returned, behavior);
    let mut envelope = if behavior.empty_fields_omitted {
        json!({ "statusCode": 200 })
    } else {
        json!({ "statusCode": 200, "message": "success", "description": "成功" })
    };
    // It may be large: named in the macro it would be copied.
    envelope["returnObj"] = Value::Object(returned);
    enveloped(StatusCode::OK, &envelope)
}

/// Changes the body of an answer, if that is JSON.
pub(crate) async fn changed(response: Response, change: impl FnOnce(&mut Value)) -> Response {
    let (mut parts, body) = response.into_parts();
    // It was in memory as a whole before.
    let bytes = axum::body::to_bytes(body, usize::MAX).await;
    let bytes = bytes.unwrap_or_default();
    let body = match serde_json::from_slice(&bytes) {
        Ok(mut answer) => {
            change(&mut answer);
            answer.to_string().into()
        }
        Err(_) => bytes,
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// Creates a refusal.
///
/// Its HTTP status is 200, as in the service's own refusals, unless the gateway before it would
/// answer.
pub(crate) fn refused(refusal: &GroupApiError) -> Response {
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
    wait_before(&mut response, refusal);
    response
}

fn wait_before(response: &mut Response, refusal: &GroupApiError) {
    if let Some(wait) = refusal.retry_after {
        // Whole seconds, and not too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// Creates a refusal in the form of a service.
///
/// In front of the services of elastic IPs and disks, a gateway refuses the calls that do not reach
/// them.
pub(crate) fn refused_by(family: Service, refusal: &GroupApiError) -> Response {
    if family == Service::Eci {
        return refused(refusal);
    }
    let status = match refusal.reason {
        GroupErrorReason::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        reason => StatusCode::from_u16(reason.code()).unwrap_or(StatusCode::BAD_REQUEST),
    };
    let envelope = match refusal.reason {
        GroupErrorReason::InternalError => {
            let code = "openapi.implementation.error";
            json!({
                "statusCode": 900, "errorCode": code, "error": code,
                "message": refusal.message, "description": refusal.reason.description(),
            })
        }
        GroupErrorReason::Unauthorized => json!({
            "statusCode": refusal.reason.code(),
            "message": format!("signature verification failed: {}", refusal.message),
        }),
        GroupErrorReason::PaymentRequired | GroupErrorReason::QuotaExceed => json!({
            "statusCode": refusal.reason.code(), "errorCode": refusal.reason.name(),
            "error": refusal.reason.name(), "message": refusal.message,
            "description": refusal.reason.description(),
        }),
        reason => json!({ "statusCode": reason.code(), "message": refusal.message }),
    };
    let mut response = enveloped(status, &envelope);
    wait_before(&mut response, refusal);
    response
}

/// Creates a refusal with a status, whatever was performed; a status that no service gives comes
/// from a gateway.
pub(crate) fn refused_with(family: Service, code: u16) -> Response {
    let message = "the request was not accepted";
    match GroupErrorReason::of_code(code) {
        Some(reason) => refused_by(family, &GroupApiError::new(reason, message)),
        None => enveloped(
            StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST),
            &json!({ "statusCode": code, "message": message }),
        ),
    }
}

/// Creates the answer of a service of elastic IPs, disks or orders.
pub(crate) fn service_reply(reply: Reply) -> Response {
    match reply {
        Reply::Object(object) => {
            service_success(Map::from_iter([("returnObj".to_owned(), object)]))
        }
        Reply::Nothing => service_success(Map::new()),
        Reply::Fields(fields) => service_success(fields),
        Reply::InProgress(code, object) => {
            service_denied(&OrderApiError::new(code, "order in progress"), object)
        }
        Reply::Denied(denial) => service_denied(&denial, Value::Null),
    }
}

/// Creates the success of a service of elastic IPs or disks with these fields, among which is its
/// `returnObj` if it has one.
fn service_success(fields: Map<String, Value>) -> Response {
    let mut envelope = Map::from_iter([
        ("statusCode".to_owned(), json!(800)),
        ("errorCode".to_owned(), json!("SUCCESS")),
        ("message".to_owned(), json!("success")),
        ("description".to_owned(), json!("成功")),
    ]);
    envelope.extend(fields);
    enveloped(StatusCode::OK, &Value::Object(envelope))
}

/// Creates a refusal of such a service, or an order in progress, which comes with its object.
fn service_denied(denial: &OrderApiError, object: Value) -> Response {
    let spelling = denial.code.spelling();
    let mut envelope = json!({
        "statusCode": 900,
        "errorCode": spelling.error_code,
        "error": spelling.error,
        "message": denial.message,
        "description": spelling.description,
        "returnObj": object,
    });
    if let Value::Object(fields) = &mut envelope {
        if let Some(detail) = &denial.detail {
            fields.insert("errorDetail".to_owned(), detail.clone());
        }
        if !spelling.published {
            let details = "the vendor has not published a code for this; the sandbox assumes one";
            fields.insert("details".to_owned(), json!(details));
        }
    }
    enveloped(StatusCode::OK, &envelope)
}

/// Sets the ID of an answer to that of its request, or to a new one if that had none.
pub(crate) fn identify(response: &mut Response, request: Option<&HeaderValue>) {
    let id = match request {
        Some(id) => Some(id.clone()),
        None => HeaderValue::try_from(Uuid::new_v4().to_string()).ok(),
    };
    if let Some(id) = id {
        response.headers_mut().insert("X-Request-Id", id);
    }
}

/// Dates an answer by the clock of the simulated cloud, which may differ from that of the machine.
pub(crate) fn date(response: &mut Response, now: Timestamp) {
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Some(date) = text.ok().and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().insert(header::DATE, date);
    }
}

/// Creates the page of a gateway whose backend does not answer.
pub(crate) fn gateway_page() -> Response {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
                <center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    response(StatusCode::BAD_GATEWAY, "text/html", page.into())
}

fn http_status(reason: GroupErrorReason) -> StatusCode {
    match reason {
        GroupErrorReason::Unauthorized => StatusCode::UNAUTHORIZED,
        GroupErrorReason::Forbidden => StatusCode::FORBIDDEN,
        GroupErrorReason::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        GroupErrorReason::ServiceUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        GroupErrorReason::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        GroupErrorReason::RequestEntityTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        GroupErrorReason::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        GroupErrorReason::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
        GroupErrorReason::BadRequest
        | GroupErrorReason::PaymentRequired
        | GroupErrorReason::NotFound
        | GroupErrorReason::Conflict
        | GroupErrorReason::Invalid
        | GroupErrorReason::QuotaExceed => StatusCode::OK,
    }
}

fn enveloped(status: StatusCode, envelope: &Value) -> Response {
    // A value of JSON can always be written.
    let body = serde_json::to_vec(envelope).unwrap_or_default();
    response(status, "application/json", body.into())
}

fn response(status: StatusCode, content_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
