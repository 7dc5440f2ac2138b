//! Reasons that the vendor documents for refusing a call of container groups.

use std::time::Duration;

/// The part of an error code after `StatusReason`, as far as the sandbox uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupErrorReason {
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

impl GroupErrorReason {
    const ALL: [GroupErrorReason; 14] = [
        GroupErrorReason::BadRequest,
        GroupErrorReason::Unauthorized,
        GroupErrorReason::PaymentRequired,
        GroupErrorReason::Forbidden,
        GroupErrorReason::NotFound,
        GroupErrorReason::MethodNotAllowed,
        GroupErrorReason::RequestTimeout,
        GroupErrorReason::Conflict,
        GroupErrorReason::RequestEntityTooLarge,
        GroupErrorReason::Invalid,
        GroupErrorReason::TooManyRequests,
        GroupErrorReason::QuotaExceed,
        GroupErrorReason::InternalError,
        GroupErrorReason::ServiceUnavailable,
    ];

    /// Returns the reason with this code.
    pub(crate) fn of_code(code: u16) -> Option<GroupErrorReason> {
        let known = GroupErrorReason::ALL.into_iter();
        known.into_iter().find(|reason| reason.code() == code)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            GroupErrorReason::BadRequest => "BadRequest",
            GroupErrorReason::Unauthorized => "Unauthorized",
            GroupErrorReason::PaymentRequired => "PaymentRequired",
            GroupErrorReason::QuotaExceed => "QuotaExceed",
            GroupErrorReason::Forbidden => "Forbidden",
            GroupErrorReason::RequestTimeout => "RequestTimeout",
            GroupErrorReason::ServiceUnavailable => "ServiceUnavailable",
            GroupErrorReason::NotFound => "NotFound",
            GroupErrorReason::MethodNotAllowed => "MethodNotAllowed",
            GroupErrorReason::Conflict => "Conflict",
            GroupErrorReason::RequestEntityTooLarge => "RequestEntityTooLarge",
            GroupErrorReason::Invalid => "Invalid",
            GroupErrorReason::TooManyRequests => "TooManyRequests",
            GroupErrorReason::InternalError => "InternalError",
        }
    }

    pub(crate) fn code(self) -> u16 {
        match self {
            GroupErrorReason::BadRequest => 400,
            GroupErrorReason::Unauthorized => 401,
            GroupErrorReason::PaymentRequired => 402,
            GroupErrorReason::Forbidden => 403,
            GroupErrorReason::RequestTimeout => 408,
            GroupErrorReason::ServiceUnavailable => 503,
            GroupErrorReason::NotFound => 404,
            GroupErrorReason::MethodNotAllowed => 405,
            GroupErrorReason::Conflict => 409,
            GroupErrorReason::RequestEntityTooLarge => 413,
            GroupErrorReason::Invalid => 422,
            GroupErrorReason::TooManyRequests | GroupErrorReason::QuotaExceed => 429,
            GroupErrorReason::InternalError => 500,
        }
    }

    /// Returns the cloud's `description`, which is usually Chinese.
    pub(crate) fn description(self) -> &'static str {
        match self {
            GroupErrorReason::BadRequest => "请求错误",
            GroupErrorReason::Unauthorized => "认证失败",
            GroupErrorReason::PaymentRequired => "账户余额不足",
            GroupErrorReason::QuotaExceed => "配额不足",
            GroupErrorReason::Forbidden => "无权限",
            GroupErrorReason::RequestTimeout => "请求超时",
            GroupErrorReason::ServiceUnavailable => "服务不可用",
            GroupErrorReason::NotFound => "资源不存在",
            GroupErrorReason::MethodNotAllowed => "请求方法不允许",
            GroupErrorReason::Conflict => "资源状态冲突",
            GroupErrorReason::RequestEntityTooLarge => "请求体过大",
            GroupErrorReason::Invalid => "参数不合法",
            GroupErrorReason::TooManyRequests => "请求过于频繁",
            GroupErrorReason::InternalError => "内部错误",
        }
    }
}

/// A call that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupApiError {
    pub(crate) reason: GroupErrorReason,
    pub(crate) message: String,
    pub(crate) retry_after: Option<Duration>,
}

impl GroupApiError {
    pub(crate) fn new(reason: GroupErrorReason, message: impl Into<String>) -> Self {
        GroupApiError {
            reason,
            message: message.into(),
            retry_after: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        GroupApiError::new(GroupErrorReason::BadRequest, message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        GroupApiError::new(GroupErrorReason::Invalid, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        GroupApiError::new(GroupErrorReason::Conflict, message)
    }

    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        GroupApiError::new(GroupErrorReason::Unauthorized, message)
    }

    pub(crate) fn no_group(id: &str) -> Self {
        GroupApiError::new(
            GroupErrorReason::NotFound,
            format!("container group {id} does not exist"),
        )
    }

    pub(crate) fn quota() -> Self {
        GroupApiError::new(GroupErrorReason::QuotaExceed, "the quota is exhausted")
    }

    pub(crate) fn internal() -> Self {
        GroupApiError::new(GroupErrorReason::InternalError, "Internal error occurred")
    }
}
