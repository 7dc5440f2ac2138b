//! The envelope that every answer comes in.
//!
//! The HTTP status may be 200 on failure: the envelope decides. What is not this envelope is
//! never a success.

use std::time::Duration;

use serde_json::Value;

use crate::error::{CallErrorKind, Reason, Refusal};

/// The `statusCode` of a success.
const SUCCESS: i64 = 200;

/// How much of a stranger's answer is kept, in characters.
const BEGINNING: usize = 200;

/// What HTTP says about an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) retry_after: Option<Duration>,
}

/// The `returnObj` of a success; null where there is none.
pub(crate) fn open(head: &Head, body: &[u8], access_key: &str) -> Result<Value, CallErrorKind> {
    let Ok(mut envelope) = serde_json::from_slice::<Value>(body) else {
        return Err(broken(head, body));
    };
    let Some(status_code) = envelope.get("statusCode").and_then(code) else {
        return Err(stranger(head, names(&envelope)));
    };
    if status_code == SUCCESS {
        let object = envelope.get_mut("returnObj").map(Value::take);
        return Ok(object.unwrap_or(Value::Null));
    }
    let words = |name: &str| match envelope.get(name) {
        Some(Value::String(words)) => words.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let error = match words("error") {
        error if error.is_empty() => words("errorCode"),
        error => error,
    };
    Err(CallErrorKind::from(Refusal {
        reason: reason(&error, status_code, head.status),
        status_code,
        message: words("message"),
        description: words("description"),
        access_key: access_key.to_owned(),
        error,
    }))
}

/// A status code as a number or as text.
fn code(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The reason behind the codes. Where the envelope's are the vendor's own, such as 900, the
/// HTTP status may still tell.
fn reason(error: &str, status_code: i64, http_status: u16) -> Reason {
    match Reason::of(error, status_code) {
        Reason::Other(other) if !(400..600).contains(&status_code) => {
            match Reason::of("", i64::from(http_status)) {
                Reason::Other(_) => Reason::Other(other),
                told => told,
            }
        }
        told => told,
    }
}

/// What is no JSON. What begins as JSON and breaks off was the API's, may hold secrets, and is
/// not shown.
fn broken(head: &Head, body: &[u8]) -> CallErrorKind {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.starts_with(['{', '[', '"']) {
        return CallErrorKind::CutOff {
            detail: format!("{} bytes came, which are not whole JSON", body.len()),
        };
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    let beginning: String = line.chars().take(BEGINNING).collect();
    let more = if beginning.len() < line.len() {
        "…"
    } else {
        ""
    };
    stranger(head, format!("{beginning}{more}"))
}

fn stranger(head: &Head, beginning: String) -> CallErrorKind {
    CallErrorKind::NotTheEnvelope {
        content_type: head.content_type.clone(),
        beginning,
    }
}

/// The names in JSON that is not the envelope; its values may be secret.
fn names(json: &Value) -> String {
    match json {
        Value::Object(fields) if fields.is_empty() => "an empty JSON object".to_owned(),
        Value::Object(fields) => {
            let names: Vec<&str> = fields.keys().take(10).map(String::as_str).collect();
            format!("a JSON object with {}", names.join(", "))
        }
        Value::Array(_) => "a JSON list".to_owned(),
        _ => "a JSON scalar".to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn opened(status: u16, body: &str) -> Result<Value, CallErrorKind> {
        let head = Head {
            status,
            ..Head::default()
        };
        open(&head, body.as_bytes(), "ak")
    }

    fn refusal(status: u16, body: &str) -> Refusal {
        match opened(status, body).unwrap_err() {
            CallErrorKind::Refused(refusal) => *refusal,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_envelope_decides_and_not_http() {
        assert_eq!(
            opened(500, r#"{"statusCode":200,"returnObj":7}"#).unwrap(),
            7
        );
        assert_eq!(opened(200, r#"{"statusCode":"200"}"#).unwrap(), Value::Null);
        let told = refusal(
            200,
            r#"{"statusCode":"422","error":"ECI.Openapi.StatusReasonInvalid"}"#,
        );
        assert_eq!((told.reason, told.status_code), (Reason::Invalid, 422));
    }

    #[test]
    fn either_name_of_the_error_code_is_read() {
        let told = refusal(
            200,
            r#"{"statusCode":409,"error":"","errorCode":"A.B.StatusReasonConflict"}"#,
        );
        assert_eq!(told.reason, Reason::Conflict);
        assert_eq!(told.error, "A.B.StatusReasonConflict");
    }

    #[test]
    fn a_bare_404_is_not_taken_for_a_resource_that_is_gone() {
        let told = refusal(404, r#"{"statusCode":404,"message":"no route"}"#);
        assert_eq!(told.reason, Reason::Other("404".to_owned()));
        let told = refusal(404, r#"{"statusCode":900,"error":"CTAPI_10002"}"#);
        assert_eq!(told.reason, Reason::Other("CTAPI_10002".to_owned()));
    }

    #[test]
    fn a_code_of_the_vendors_own_is_read_with_the_status_of_http() {
        let told = refusal(401, r#"{"statusCode":900,"error":"CTAPI_10001"}"#);
        assert_eq!(told.reason, Reason::Unauthorized);
        assert_eq!(told.error, "CTAPI_10001");
    }

    #[test]
    fn what_a_stranger_answers_is_told_without_values_of_json() {
        let CallErrorKind::NotTheEnvelope { beginning, .. } =
            opened(404, r#"{"path":"/eci?key=hunter2","status":404}"#).unwrap_err()
        else {
            panic!("it is not the envelope");
        };
        assert_eq!(beginning, "a JSON object with path, status");
        let cut = opened(200, r#"{"statusCode":200,"returnObj":{"value":"hunt"#).unwrap_err();
        assert!(matches!(&cut, CallErrorKind::CutOff { .. }), "{cut:?}");
        assert!(!cut.to_string().contains("hunt"));
        let CallErrorKind::NotTheEnvelope { beginning, .. } =
            opened(502, &format!("<html>\n  {}", "x".repeat(500))).unwrap_err()
        else {
            panic!("it is not the envelope");
        };
        assert!(beginning.starts_with("<html> x") && beginning.ends_with('…'));
    }
}
