//! Retry rule of a failed call, by its error.

use eci_api::{CallError, CallErrorKind, StatusReason};

/// The errors after which a call may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Idempotency {
    /// Whenever what went wrong may pass: doing it twice is the same as doing it once.
    Idempotent,
    /// Only where it is known that nothing was done.
    NotIdempotent,
}

impl Idempotency {
    /// Returns whether this call may be repeated after this error.
    pub(super) fn allows(self, error: &CallError) -> bool {
        match self {
            Idempotency::Idempotent => error.is_transient(),
            Idempotency::NotIdempotent => error.is_retryable(),
        }
    }
}

/// Returns whether the cloud, or a gateway in its place, reports too many calls.
pub(super) fn is_throttled(error: &CallError) -> bool {
    match error.kind() {
        CallErrorKind::Refused(refusal) => refusal.reason == StatusReason::TooManyRequests,
        CallErrorKind::UnexpectedResponse { .. } => error.http_status() == Some(429),
        _ => false,
    }
}

/// Returns whether the pause that the cloud requests applies to all calls.
///
/// One that is about a single resource does not.
pub(super) fn applies_to_all_calls(error: &CallError) -> bool {
    error.reason() != Some(&StatusReason::Conflict)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use eci_api::{Operation, Refusal};
    use eci_text::Text;

    use super::*;

    fn refused(operation: Operation, reason: &str, status_code: i64) -> CallError {
        let error = format!("ECI.Openapi.StatusReason{reason}");
        let refusal = Refusal {
            reason: StatusReason::of(&error, status_code),
            status_code,
            error,
            message: String::new(),
            description: String::new(),
            access_key: String::new(),
        };
        CallError::new(operation, refusal.into())
    }

    /// The reason and its code; whether a read, a create, and an idempotent change are retried.
    const REASONS: [(&str, i64, [bool; 3]); 23] = [
        ("BadRequest", 400, [false; 3]),
        ("OutOfRange", 400, [false; 3]),
        ("Unauthorized", 401, [false; 3]),
        ("PaymentRequired", 402, [false; 3]),
        ("RequestTimeout", 408, [true, false, true]),
        ("Expired", 410, [false; 3]),
        ("QuotaExceed", 429, [false; 3]),
        ("ServiceUnavailable", 503, [true, false, true]),
        ("Forbidden", 403, [false; 3]),
        ("NotFound", 404, [false; 3]),
        ("MethodNotAllowed", 405, [false; 3]),
        ("NotAcceptable", 406, [false; 3]),
        ("UnsupportedMediaType", 415, [false; 3]),
        ("AlreadyExists", 409, [false; 3]),
        ("Conflict", 409, [true; 3]),
        ("Gone", 410, [false; 3]),
        ("RequestEntityTooLarge", 413, [false; 3]),
        ("Invalid", 422, [false; 3]),
        ("TooManyRequests", 429, [true; 3]),
        ("InternalError", 500, [true, false, true]),
        ("Unknown", 500, [true, false, true]),
        ("ServerTimeout", 500, [true, false, true]),
        ("Timeout", 504, [true, false, true]),
    ];

    #[test]
    fn each_reason_is_answered_as_it_is_meant() {
        for (reason, code, expected) in REASONS {
            let calls = [
                (Operation::DescribeContainerGroup, Idempotency::Idempotent),
                (Operation::CreateContainerGroup, Idempotency::NotIdempotent),
                (Operation::UpdateContainerGroup, Idempotency::Idempotent),
            ];
            let again =
                calls.map(|(operation, repeat)| repeat.allows(&refused(operation, reason, code)));
            assert_eq!(again, expected, "{reason}");
            let error = refused(Operation::CreateContainerGroup, reason, code);
            assert_eq!(
                is_throttled(&error),
                reason == "TooManyRequests",
                "{reason}"
            );
        }
    }

    #[test]
    fn a_connection_error_is_retried_where_nothing_was_done() {
        let unreachable = || CallErrorKind::Unreachable {
            endpoint: String::new(),
            detail: Text::default(),
        };
        let timed_out = || CallErrorKind::TimedOut {
            limit: Duration::from_secs(1),
        };
        let create = |kind| CallError::new(Operation::CreateContainerGroup, kind);
        assert!(Idempotency::NotIdempotent.allows(&create(unreachable())));
        assert!(!Idempotency::NotIdempotent.allows(&create(timed_out())));
        assert!(Idempotency::Idempotent.allows(&create(timed_out())));
    }

    #[test]
    fn a_gateway_can_say_that_there_are_too_many_calls() {
        let page = |status| {
            let kind = CallErrorKind::UnexpectedResponse {
                content_type: None,
                beginning: Text::default(),
            };
            CallError::new(Operation::DescribeContainerGroup, kind).with_http_status(status)
        };
        assert!(is_throttled(&page(429)));
        assert!(!is_throttled(&page(502)));
    }
}
