//! The envelope that every answer comes in.
//!
//! The HTTP status may be 200 on failure: the envelope decides. What is not this envelope is
//! never a success, and neither is one that came with a status of failure.

#[cfg(test)]
mod tests;

use std::time::Duration;

use eci_text::{Text, text};
use serde_json::Value;

use crate::error::codes::{is_in_progress, known};
use crate::error::{CallErrorKind, Refusal, StatusReason};
use crate::excerpt::{SENTENCE, WORD, beginning};
use crate::operation::Operation;
use crate::service::Service;
use crate::types::RequestSecrets;

/// The number of characters that are kept of another program's answer.
const BEGINNING: usize = 200;

/// The number of its bytes that are read for that.
const EXAMINED: usize = 8 * BEGINNING;

/// The largest number of JSON values in an answer.
///
/// A list of twenty container groups has some thousands; as many small objects as fit into the
/// largest body would take a hundred times its size in memory.
const MOST_VALUES: usize = 200_000;

/// The parts of an answer that HTTP defines.
#[derive(Clone, Debug, Default)]
pub(crate) struct EnvelopeHead {
    pub(crate) status: u16,
    pub(crate) content_type: Option<String>,
    pub(crate) retry_after: Option<Duration>,
}

/// The form of the envelope of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Container groups: 200 is a success.
    Groups,
    /// Elastic IPs, disks, orders: 800 is a success; 900 is a failure, or, of a call that
    /// orders, an order in progress.
    Orders {
        /// Whether the call orders.
        orders: bool,
    },
}

impl Dialect {
    pub(crate) fn of(operation: Operation) -> Dialect {
        match operation.service() {
            Service::Eci => Dialect::Groups,
            Service::Eip | Service::Ebs | Service::Ecs => Dialect::Orders {
                orders: operation.orders(),
            },
        }
    }

    /// Returns the `statusCode` of a success.
    fn success(self) -> i64 {
        match self {
            Dialect::Groups => 200,
            Dialect::Orders { .. } => 800,
        }
    }
}

/// The content of the envelope of an answer that is not a refusal.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ParsedEnvelope {
    /// The `returnObj`; null where there is none.
    pub(crate) object: Value,
    /// Whether it is an order that is not complete yet.
    pub(crate) in_progress: bool,
    /// The envelope's `description`.
    pub(crate) description: String,
}

/// Opens an envelope.
pub(crate) fn parse_envelope(
    head: &EnvelopeHead,
    body: &[u8],
    access_key: &str,
    dialect: Dialect,
) -> Result<ParsedEnvelope, CallErrorKind> {
    if most_values(body) > MOST_VALUES {
        let detail = text!(
            en: "it has more than {limit} values",
            zh: "值超过 {limit} 个",
            limit = MOST_VALUES,
        );
        return Err(CallErrorKind::Unreadable { detail });
    }
    let mut envelope = match serde_json::from_slice::<Value>(body) {
        Ok(envelope) => envelope,
        Err(error) => return Err(broken(head, body, &error)),
    };
    let Some(status_code) = envelope
        .get("statusCode")
        .and_then(|given| code(given).or_else(|| gateway(head, given, dialect)))
    else {
        return Err(stranger(head, names(&envelope)));
    };
    let words = |name: &str| match envelope.get(name) {
        Some(Value::String(words)) => beginning(words.trim(), SENTENCE),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let error = ["error", "errorCode", "statusCode"]
        .map(words)
        .into_iter()
        .find(|error| !error.is_empty() && error.parse::<i64>().is_err())
        .map(|error| beginning(&error, WORD))
        .unwrap_or_default();
    let (message, description) = (words("message"), words("description"));
    let object = || envelope.get("returnObj").is_some_and(|it| !it.is_null());
    let succeeded = status_code == dialect.success();
    let in_progress = !succeeded
        && dialect == (Dialect::Orders { orders: true })
        && is_in_progress(&error)
        && object();
    // A proxy has changed it, or answers in the cloud's place.
    if succeeded && !is_success(head) {
        let found = text!(
            en: "status {status} with the body of a success",
            zh: "状态为 {status}，但正文表示成功",
            status = head.status,
        );
        return Err(stranger(head, found));
    }
    if succeeded || in_progress {
        let object = envelope.get_mut("returnObj").map(Value::take);
        return Ok(ParsedEnvelope {
            object: alone(object.unwrap_or(Value::Null), dialect),
            in_progress,
            description,
        });
    }
    Err(CallErrorKind::from(Refusal {
        reason: match dialect {
            Dialect::Groups => reason(&error, status_code, head.status),
            Dialect::Orders { .. } => reason_of_code(&error, status_code, head.status),
        },
        status_code,
        message: match details(&envelope) {
            Some(details) if message.is_empty() => details,
            Some(details) => format!("{message}: {details}"),
            None => message,
        },
        description,
        access_key: access_key.to_owned(),
        error,
    }))
}

impl CallErrorKind {
    /// Covers the secrets of the request in an error.
    ///
    /// The words are taken from the whole answer again, as a secret may be cut in them; the meaning
    /// stays.
    pub(crate) fn redacted(
        self,
        hidden: &RequestSecrets,
        head: &EnvelopeHead,
        body: &[u8],
        dialect: Dialect,
    ) -> CallErrorKind {
        if hidden.is_empty() {
            return self;
        }
        let head = EnvelopeHead {
            content_type: head.content_type.as_deref().map(|ty| hidden.redact(ty)),
            ..head.clone()
        };
        let body = hidden.redact(&String::from_utf8_lossy(body));
        match (self, parse_envelope(&head, body.as_bytes(), "", dialect)) {
            (CallErrorKind::Refused(mut refusal), error) => {
                (refusal.message, refusal.description) = match error {
                    Err(CallErrorKind::Refused(error)) => (error.message, error.description),
                    // A secret was a part of the envelope itself.
                    _ => (redacted().en().to_owned(), String::new()),
                };
                refusal.error = hidden.redact(&refusal.error);
                if let StatusReason::Other(reason) = &mut refusal.reason {
                    *reason = hidden.redact(reason);
                }
                CallErrorKind::Refused(refusal)
            }
            (
                CallErrorKind::UnexpectedResponse { .. },
                Err(error @ CallErrorKind::UnexpectedResponse { .. }),
            ) => error,
            (CallErrorKind::UnexpectedResponse { .. }, _) => stranger(&head, redacted()),
            (other, _) => other,
        }
    }
}

impl CallErrorKind {
    /// Covers secrets in the parts of an answer that the error quotes.
    pub(crate) fn without(self, hidden: &RequestSecrets) -> CallErrorKind {
        let cover = |text: Text| text.map(|words| hidden.cover_message(&words).into());
        match self {
            CallErrorKind::Unreadable { detail } => CallErrorKind::Unreadable {
                detail: cover(detail),
            },
            CallErrorKind::Endless { detail } => CallErrorKind::Endless {
                detail: cover(detail),
            },
            CallErrorKind::Incomplete { detail } => CallErrorKind::Incomplete {
                detail: cover(detail),
            },
            CallErrorKind::UnexpectedResponse {
                content_type,
                beginning,
            } => CallErrorKind::UnexpectedResponse {
                content_type: content_type.map(|it| hidden.cover_message(&it)),
                beginning: cover(beginning),
            },
            CallErrorKind::Refused(mut refusal) => {
                let Refusal {
                    reason,
                    error,
                    message,
                    description,
                    ..
                } = &mut *refusal;
                for text in [error, message, description] {
                    *text = hidden.cover_message(text);
                }
                if let StatusReason::Other(reason) = reason {
                    *reason = hidden.cover_message(reason);
                }
                CallErrorKind::Refused(refusal)
            }
            other => other,
        }
    }
}

/// Describes an answer of which nothing may be shown.
fn redacted() -> Text {
    text!(
        en: "(hidden: repeats the request)",
        zh: "（已隐藏：重复了请求内容）",
    )
}

/// Unwraps an object that is alone in a list, as in some answers of the services with orders
/// (vendor's client).
fn alone(object: Value, dialect: Dialect) -> Value {
    match (dialect, object) {
        (Dialect::Orders { .. }, Value::Array(mut items))
            if items.len() == 1 && items.iter().all(Value::is_object) =>
        {
            items.pop().unwrap_or_default()
        }
        (_, object) => object,
    }
}

/// Returns the words of the order system, which are behind `ebs.order.procFailed`.
fn details(envelope: &Value) -> Option<String> {
    let detail = envelope.get("errorDetail")?;
    let words: Vec<&str> = ["bssErrCode", "bssErrMsg", "bssErrPrefixHint"]
        .iter()
        .filter_map(|name| detail.get(name)?.as_str())
        .map(str::trim)
        .filter(|words| !words.is_empty())
        .collect();
    (!words.is_empty()).then(|| beginning(&words.join(", "), SENTENCE))
}

/// Returns the reason for a code of a service with orders.
///
/// With another HTTP status than 2xx a gateway answers in the service's place, which cannot know
/// whether an object still exists.
fn reason_of_code(error: &str, status_code: i64, http_status: u16) -> StatusReason {
    let service = is_success_status(http_status);
    match known(error) {
        Some(reason) if service || reason != StatusReason::NotFound => reason,
        _ if service => match StatusReason::of("", status_code) {
            StatusReason::Other(code) if error.is_empty() => StatusReason::Other(code),
            StatusReason::Other(_) => StatusReason::Other(error.to_owned()),
            reason => reason,
        },
        _ => reason(error, status_code, http_status),
    }
}

fn is_success(head: &EnvelopeHead) -> bool {
    is_success_status(head.status)
}

/// Returns whether the HTTP status states a success, or nothing.
fn is_success_status(status: u16) -> bool {
    matches!(status, 0 | 200..=299)
}

/// Returns how many values a JSON text may have at most, without reading them into memory.
fn most_values(body: &[u8]) -> usize {
    let (mut count, mut is_in_string, mut is_escaped) = (1, false, false);
    for byte in body {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_in_string => is_escaped = true,
            b'"' => is_in_string = !is_in_string,
            b',' | b'[' | b'{' if !is_in_string => count += 1,
            _ => {}
        }
    }
    count
}

/// Parses a status code, given as a number or as text.
fn code(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// Returns the code that a gateway before the services with orders puts in the place of a status.
fn gateway(head: &EnvelopeHead, given: &Value, dialect: Dialect) -> Option<i64> {
    let speaks = matches!(dialect, Dialect::Orders { .. }) && !is_success(head);
    (speaks && given.is_string()).then(|| i64::from(head.status))
}

/// Returns the reason for the codes.
///
/// Where the envelope's are the vendor's own, for example 900, the HTTP status may still identify
/// it.
fn reason(error: &str, status_code: i64, http_status: u16) -> StatusReason {
    match StatusReason::of(error, status_code) {
        StatusReason::Other(other) if !(400..600).contains(&status_code) => {
            match StatusReason::of("", i64::from(http_status)) {
                StatusReason::Other(_) => StatusReason::Other(other),
                reason => reason,
            }
        }
        reason => reason,
    }
}

/// Creates the error for a body that is not JSON.
///
/// A body that begins as JSON and breaks off is the API's, may hold secrets, and is not shown.
fn broken(head: &EnvelopeHead, body: &[u8], error: &serde_json::Error) -> CallErrorKind {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.starts_with(['{', '[', '"']) {
        return if error.is_eof() {
            CallErrorKind::ConnectionClosed {
                detail: text!(
                    en: "{count} bytes were received, which is not complete JSON",
                    zh: "收到 {count} 字节，不是完整的 JSON",
                    count = body.len(),
                ),
            }
        } else {
            // Of the text, the error has only the place.
            CallErrorKind::Unreadable {
                detail: Text::of(error),
            }
        };
    }
    let examined = text.floor_char_boundary(EXAMINED);
    let words: Vec<&str> = text[..examined].split_whitespace().collect();
    let line = words.join(" ");
    let more = if examined < text.len() { "…" } else { "" };
    let found = beginning(&format!("{line}{more}"), BEGINNING);
    stranger(head, Text::verbatim(found))
}

fn stranger(head: &EnvelopeHead, found: Text) -> CallErrorKind {
    CallErrorKind::UnexpectedResponse {
        content_type: head.content_type.as_deref().map(|ty| beginning(ty, WORD)),
        beginning: found,
    }
}

/// Lists the names in JSON that is not the envelope; its values may be secret.
fn names(json: &Value) -> Text {
    match json {
        Value::Object(fields) if fields.is_empty() => {
            text!(en: "an empty JSON object", zh: "空的 JSON 对象")
        }
        Value::Object(fields) => {
            let names = fields.keys().take(10);
            let names: Vec<String> = names.map(|name| beginning(name, 40)).collect();
            text!(
                en: "a JSON object with {names}",
                zh: "含 {names} 的 JSON 对象",
                names = names.join(", "),
            )
        }
        Value::Array(_) => text!(en: "a JSON list", zh: "JSON 列表"),
        _ => text!(en: "a JSON scalar", zh: "JSON 标量"),
    }
}
