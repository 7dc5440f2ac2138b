//! Reasons that the vendor documents for refusing a call of container groups.

use std::time::Duration;

/// The part of an error code after `StatusReason`, as far as the sandbox uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    BadRequest,
    Unauthorized,
    PaymentRequired,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    Conflict,
    RequestEntityTooLarge,
    Invalid,
    TooManyRequests,
    QuotaExceed,
    InternalError,
    ServiceUnavailable,
}

impl Reason {
    const ALL: [Reason; 14] = [
        Reason::BadRequest,
        Reason::Unauthorized,
        Reason::PaymentRequired,
        Reason::Forbidden,
        Reason::NotFound,
        Reason::MethodNotAllowed,
        Reason::RequestTimeout,
        Reason::Conflict,
        Reason::RequestEntityTooLarge,
        Reason::Invalid,
        Reason::TooManyRequests,
        Reason::QuotaExceed,
        Reason::InternalError,
        Reason::ServiceUnavailable,
    ];

    /// Returns the reason with this code.
    pub(crate) fn of_code(code: u16) -> Option<Reason> {
        let known = Reason::ALL.into_iter();
        known.into_iter().find(|reason| reason.code() == code)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Reason::BadRequest => "BadRequest",
            Reason::Unauthorized => "Unauthorized",
            Reason::PaymentRequired => "PaymentRequired",
            Reason::QuotaExceed => "QuotaExceed",
            Reason::Forbidden => "Forbidden",
            Reason::RequestTimeout => "RequestTimeout",
            Reason::ServiceUnavailable => "ServiceUnavailable",
            Reason::NotFound => "NotFound",
            Reason::MethodNotAllowed => "MethodNotAllowed",
            Reason::Conflict => "Conflict",
            Reason::RequestEntityTooLarge => "RequestEntityTooLarge",
            Reason::Invalid => "Invalid",
            Reason::TooManyRequests => "TooManyRequests",
            Reason::InternalError => "InternalError",
        }
    }

    pub(crate) fn code(self) -> u16 {
        match self {
            Reason::BadRequest => 400,
            Reason::Unauthorized => 401,
            Reason::PaymentRequired => 402,
            Reason::Forbidden => 403,
            Reason::RequestTimeout => 408,
            Reason::ServiceUnavailable => 503,
            Reason::NotFound => 404,
            Reason::MethodNotAllowed => 405,
            Reason::Conflict => 409,
            Reason::RequestEntityTooLarge => 413,
            Reason::Invalid => 422,
            Reason::TooManyRequests | Reason::QuotaExceed => 429,
            Reason::InternalError => 500,
        }
    }

    /// Returns the cloud's `description`, which is usually Chinese.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Reason::BadRequest => "请求错误",
            Reason::Unauthorized => "认证失败",
            Reason::PaymentRequired => "账户余额不足",
            Reason::QuotaExceed => "配额不足",
            Reason::Forbidden => "无权限",
            Reason::RequestTimeout => "请求超时",
            Reason::ServiceUnavailable => "服务不可用",
            Reason::NotFound => "资源不存在",
            Reason::MethodNotAllowed => "请求方法不允许",
            Reason::Conflict => "资源状态冲突",
            Reason::RequestEntityTooLarge => "请求体过大",
            Reason::Invalid => "参数不合法",
            Reason::TooManyRequests => "请求过于频繁",
            Reason::InternalError => "内部错误",
        }
    }
}

/// A call that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupApiError {
    pub(crate) reason: Reason,
    pub(crate) message: String,
    pub(crate) retry_after: Option<Duration>,
}

impl GroupApiError {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        GroupApiError {
            reason,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        GroupApiError::new(Reason::BadRequest, message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        GroupApiError::new(Reason::Invalid, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        GroupApiError::new(Reason::Conflict, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        GroupApiError::new(Reason::Unauthorized, message)
    }

    pub(crate) fn no_group(id: &str) -> Self {
        GroupApiError::new(
            Reason::NotFound,
            format!("container group {id} does not exist"),
        )
    }

    pub(crate) fn quota() -> Self {
        GroupApiError::new(Reason::QuotaExceed, "the quota is exhausted")
    }

    pub(crate) fn internal() -> Self {
        GroupApiError::new(Reason::InternalError, "Internal error occurred")
    }
}
