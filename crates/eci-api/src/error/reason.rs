//! Reasons that the vendor documents for refusing a call.

use std::fmt;

/// The part of an error code after `StatusReason`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
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
    /// 429: a quota is used up. In spite of its code no limit of calls in a time.
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
const DOCUMENTED: [(Reason, &str, i64); 23] = [
    (Reason::BadRequest, "BadRequest", 400),
    (Reason::OutOfRange, "OutOfRange", 400),
    (Reason::PaymentRequired, "PaymentRequired", 402),
    (Reason::RequestTimeout, "RequestTimeout", 408),
    (Reason::Expired, "Expired", 410),
    (Reason::Unauthorized, "Unauthorized", 401),
    (Reason::Forbidden, "Forbidden", 403),
    (Reason::NotFound, "NotFound", 404),
    (Reason::MethodNotAllowed, "MethodNotAllowed", 405),
    (Reason::NotAcceptable, "NotAcceptable", 406),
    (Reason::UnsupportedMediaType, "UnsupportedMediaType", 415),
    (Reason::AlreadyExists, "AlreadyExists", 409),
    (Reason::Conflict, "Conflict", 409),
    (Reason::Gone, "Gone", 410),
    (Reason::RequestEntityTooLarge, "RequestEntityTooLarge", 413),
    (Reason::Invalid, "Invalid", 422),
    (Reason::TooManyRequests, "TooManyRequests", 429),
    (Reason::QuotaExceed, "QuotaExceed", 429),
    (Reason::InternalError, "InternalError", 500),
    (Reason::Unknown, "Unknown", 500),
    (Reason::ServerTimeout, "ServerTimeout", 500),
    (Reason::ServiceUnavailable, "ServiceUnavailable", 503),
    (Reason::Timeout, "Timeout", 504),
];

impl Reason {
    /// Returns the reason for an error code like `ECI.Openapi.StatusReasonInternalError`, or else
    /// for a status code.
    ///
    /// A bare 404, 409 or 410 is not sufficient to act on: a gateway that does not know a path
    /// answers 404 too, and treating that as a deleted resource would lose it.
    pub fn of(error: &str, status_code: i64) -> Reason {
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
            None if error.is_empty() => Reason::Other(status_code.to_string()),
            None => Reason::Other(error.to_owned()),
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        match self {
            Reason::Other(error) => error,
            documented => DOCUMENTED
                .iter()
                .find(|(reason, _, _)| reason == documented)
                .map_or("", |(_, name, _)| name),
        }
    }

    /// Returns whether the failure may pass by itself.
    pub fn is_transient(&self) -> bool {
        matches!(self, Reason::Conflict | Reason::TooManyRequests) || self.is_breakdown()
    }

    /// Returns whether the cloud failed to process the call rather than refused it.
    pub(super) fn is_breakdown(&self) -> bool {
        matches!(
            self,
            Reason::InternalError
                | Reason::Unknown
                | Reason::ServerTimeout
                | Reason::Timeout
                | Reason::RequestTimeout
                | Reason::ServiceUnavailable
        )
    }

    /// Returns whether the cloud says that the resource does not exist, or no longer.
    pub fn means_missing(&self) -> bool {
        matches!(self, Reason::NotFound | Reason::Gone | Reason::Expired)
    }

    /// Returns whether further creates of the same kind would be refused as well until a person has
    /// resolved the cause.
    pub fn is_exhausted(&self) -> bool {
        matches!(self, Reason::QuotaExceed | Reason::PaymentRequired)
    }

    /// Returns whether a value of the request is wrong.
    pub fn is_of_value(&self) -> bool {
        matches!(
            self,
            Reason::BadRequest | Reason::OutOfRange | Reason::Invalid
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
