//! Reasons that the vendor documents for refusing a call.

use std::fmt;

/// The part of an error code after `StatusReason`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusReason {
    /// 400: a field is missing or malformed.
    BadRequest,
    /// 400: a value is outside of what is allowed.
    OutOfRange,
    /// 401: the credentials are wrong.
    Unauthorized,
    /// 402: the account cannot pay.
    PaymentRequired,
    /// 403: the credentials do not suffice.
    Forbidden,
    /// 404: the resource does not exist.
    NotFound,
    /// 405: the path does not take this method.
    MethodNotAllowed,
    /// 406: the cloud cannot answer in the requested form.
    NotAcceptable,
    /// 415: the cloud does not read this form.
    UnsupportedMediaType,
    /// 408: the cloud was not done before its timeout.
    RequestTimeout,
    /// 409: there is one already.
    AlreadyExists,
    /// 409: the resource's state does not allow it now.
    Conflict,
    /// 410: the resource no longer exists.
    Gone,
    /// 410: the resource no longer exists.
    Expired,
    /// 413: the request is too large.
    RequestEntityTooLarge,
    /// 422: a value is not allowed.
    Invalid,
    /// 429: too many calls in this time.
    TooManyRequests,
    /// 429: a quota is used up.
    ///
    /// In spite of its code no limit of calls in a time.
    QuotaExceed,
    /// 500: the cloud failed.
    InternalError,
    /// 500: the cloud failed, and does not say how.
    Unknown,
    /// 500: a part of the cloud did not answer another before a timeout.
    ServerTimeout,
    /// 503: the cloud, or a part of it, is away.
    ServiceUnavailable,
    /// 504: the cloud was not done before its timeout.
    Timeout,
    /// One that is not documented: the whole error code, or the status code where there is
    /// none.
    Other(String),
}

/// Every known reason, its name and its code (API reference; `Expired`, `OutOfRange`,
/// `PaymentRequired`, `QuotaExceed`, `RequestTimeout` and `ServiceUnavailable`: published client).
/// Where several have the same code, a bare code means the first one.
const DOCUMENTED: [(StatusReason, &str, i64); 23] = [
    (StatusReason::BadRequest, "BadRequest", 400),
    (StatusReason::OutOfRange, "OutOfRange", 400),
    (StatusReason::PaymentRequired, "PaymentRequired", 402),
    (StatusReason::RequestTimeout, "RequestTimeout", 408),
    (StatusReason::Expired, "Expired", 410),
    (StatusReason::Unauthorized, "Unauthorized", 401),
    (StatusReason::Forbidden, "Forbidden", 403),
    (StatusReason::NotFound, "NotFound", 404),
    (StatusReason::MethodNotAllowed, "MethodNotAllowed", 405),
    (StatusReason::NotAcceptable, "NotAcceptable", 406),
    (
        StatusReason::UnsupportedMediaType,
        "UnsupportedMediaType",
        415,
    ),
    (StatusReason::AlreadyExists, "AlreadyExists", 409),
    (StatusReason::Conflict, "Conflict", 409),
    (StatusReason::Gone, "Gone", 410),
    (
        StatusReason::RequestEntityTooLarge,
        "RequestEntityTooLarge",
        413,
    ),
    (StatusReason::Invalid, "Invalid", 422),
    (StatusReason::TooManyRequests, "TooManyRequests", 429),
    (StatusReason::QuotaExceed, "QuotaExceed", 429),
    (StatusReason::InternalError, "InternalError", 500),
    (StatusReason::Unknown, "Unknown", 500),
    (StatusReason::ServerTimeout, "ServerTimeout", 500),
    (StatusReason::ServiceUnavailable, "ServiceUnavailable", 503),
    (StatusReason::Timeout, "Timeout", 504),
];

impl StatusReason {
    /// Returns the reason for an error code like `ECI.Openapi.StatusReasonInternalError`, or else
    /// for a status code.
    ///
    /// A bare 404, 409 or 410 is not sufficient to act on: a gateway that does not know a path
    /// answers 404 too, and treating that as a deleted resource would lose it.
    pub fn of(error: &str, status_code: i64) -> StatusReason {
        let last = error.rsplit('.').next().unwrap_or(error);
        let by_name = last
            .strip_prefix("StatusReason")
            .and_then(|name| DOCUMENTED.iter().find(|(_, known, _)| *known == name));
        let by_code = || {
            DOCUMENTED
                .iter()
                .filter(|(_, _, code)| !matches!(code, 404 | 409 | 410))
                .find(|(_, _, code)| *code == status_code)
        };
        match by_name.or_else(by_code) {
            Some((reason, _, _)) => reason.clone(),
            None if error.is_empty() => StatusReason::Other(status_code.to_string()),
            None => StatusReason::Other(error.to_owned()),
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        match self {
            StatusReason::Other(error) => error,
            documented => DOCUMENTED
                .iter()
                .find(|(reason, _, _)| reason == documented)
                .map_or("", |(_, name, _)| name),
        }
    }

    /// Returns whether the failure may pass by itself.
    pub fn is_transient(&self) -> bool {
        matches!(self, StatusReason::Conflict | StatusReason::TooManyRequests)
            || self.is_breakdown()
    }

    /// Returns whether the cloud failed to process the call rather than refused it.
    pub(super) fn is_breakdown(&self) -> bool {
        matches!(
            self,
            StatusReason::InternalError
                | StatusReason::Unknown
                | StatusReason::ServerTimeout
                | StatusReason::Timeout
                | StatusReason::RequestTimeout
                | StatusReason::ServiceUnavailable
        )
    }

    /// Returns whether the cloud says that the resource does not exist, or no longer.
    pub fn means_missing(&self) -> bool {
        matches!(
            self,
            StatusReason::NotFound | StatusReason::Gone | StatusReason::Expired
        )
    }

    /// Returns whether further creates of the same kind would be refused as well until a person has
    /// resolved the cause.
    pub fn is_exhausted(&self) -> bool {
        matches!(
            self,
            StatusReason::QuotaExceed | StatusReason::PaymentRequired
        )
    }

    /// Returns whether a value of the request is wrong.
    pub fn is_of_value(&self) -> bool {
        matches!(
            self,
            StatusReason::BadRequest | StatusReason::OutOfRange | StatusReason::Invalid
        )
    }
}

impl fmt::Display for StatusReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
