//! The message of a failed call.

use std::fmt;
use std::time::Duration;

use eci_text::{Lang, Localize, Noun, SECOND, Text, text};

use super::{CallError, CallErrorKind, CallOutcome};
use crate::excerpt::{SENTENCE, beginning};

const ATTEMPT: Noun = Noun {
    one: "attempt",
    many: "attempts",
    zh: "次",
    measure: "",
};

/// Formats a duration as part of a sentence: `60 seconds`.
pub(crate) fn seconds(duration: Duration) -> Text {
    if duration.subsec_nanos() > 0 {
        let number = duration.as_secs_f64();
        return text!(en: "{n} seconds", zh: "{n} 秒", n = number);
    }
    Text::of(&SECOND.count_u64(duration.as_secs()))
}

impl CallError {
    /// Returns what went wrong, without whether the call took effect and without the circumstances: calls
    /// that fail alike have the same text.
    pub fn problem(&self) -> Text {
        let call = self.call();
        let problem = match self.kind() {
            CallErrorKind::Refused(refusal) => text!(
                en: "{call} failed: {refusal}",
                zh: "{call}失败：{refusal}",
                call = call,
                refusal = refusal,
            ),
            CallErrorKind::NotSent { detail } => text!(
                en: "{call} was not sent: {detail}",
                zh: "{call}未发送：{detail}",
                call = call,
                detail = detail,
            ),
            CallErrorKind::Unreachable { endpoint, detail } => text!(
                en: "failed to connect to {endpoint}: {detail}",
                zh: "连接 {endpoint} 失败：{detail}",
                endpoint = endpoint,
                detail = detail,
            ),
            CallErrorKind::TlsFailed { endpoint, detail } => text!(
                en: "failed to establish a TLS connection to {endpoint}: {detail}",
                zh: "与 {endpoint} 建立 TLS 连接失败：{detail}",
                endpoint = endpoint,
                detail = detail,
            ),
            CallErrorKind::TimedOut { limit } => text!(
                en: "{call} timed out after {limit}",
                zh: "{call}在 {limit}后超时",
                call = call,
                limit = seconds(*limit),
            ),
            CallErrorKind::ConnectionClosed { detail } => text!(
                en: "{call} failed: the connection was closed before the response was complete: {detail}",
                zh: "{call}失败：连接在响应接收完整之前关闭：{detail}",
                call = call,
                detail = detail,
            ),
            CallErrorKind::UnexpectedResponse {
                content_type,
                beginning,
            } => unexpected(&call, content_type.as_deref(), beginning),
            CallErrorKind::TooLarge { limit } => text!(
                en: "{call} failed: the response is larger than the limit of {limit} bytes",
                zh: "{call}失败：响应超过 {limit} 字节的上限",
                call = call,
                limit = limit,
            ),
            CallErrorKind::MissingObject => text!(
                en: "{call} succeeded, but the response has no `returnObj`",
                zh: "{call}成功，但响应中没有 `returnObj`",
                call = call,
            ),
            CallErrorKind::Unreadable { detail } => text!(
                en: "{call} returned an invalid response: {detail}",
                zh: "{call}返回的响应无效：{detail}",
                call = call,
                detail = detail,
            ),
            CallErrorKind::Incomplete { detail } => text!(
                en: "{call} returned an incomplete list: {detail}",
                zh: "{call}返回的列表不完整：{detail}",
                call = call,
                detail = detail,
            ),
            CallErrorKind::Endless { detail } => text!(
                en: "{call} returned a list that does not end: {detail}",
                zh: "{call}返回的列表没有结束：{detail}",
                call = call,
                detail = detail,
            ),
        };
        // The other side's words are part of it.
        problem.map(|words| eci_text::line(&words).into_owned().into())
    }

    /// Returns the problem with the circumstances, without whether the call took effect.
    pub fn report(&self) -> Text {
        self.with_circumstances(self.problem())
    }

    fn text(&self) -> Text {
        let problem = self.problem();
        let problem = match self.outcome() {
            CallOutcome::NotDone => problem,
            CallOutcome::Unknown => text!(
                en: "{problem}; the outcome is unknown",
                zh: "{problem}，结果未知",
                problem = problem,
            ),
        };
        self.with_circumstances(problem)
    }

    /// Returns the call as the subject of a sentence.
    fn call(&self) -> Text {
        match &self.resource {
            Some(resource) => text!(
                en: "{operation} of `{resource}`",
                zh: "对 `{resource}` 的 {operation} 调用",
                operation = self.operation.name(),
                resource = beginning(resource, SENTENCE),
            ),
            None => text!(
                en: "{operation}",
                zh: "{operation} 调用",
                operation = self.operation.name(),
            ),
        }
    }

    /// Appends the call where the problem does not name it, the request ID and the attempts.
    fn with_circumstances(&self, problem: Text) -> Text {
        let is_named = !matches!(
            self.kind(),
            CallErrorKind::Unreachable { .. } | CallErrorKind::TlsFailed { .. }
        );
        let mut parts = Vec::new();
        if !is_named {
            parts.push(self.call());
        }
        if let Some(id) = &self.request_id {
            parts.push(text!(en: "request ID {id}", zh: "请求 ID 为 {id}", id = id));
        }
        let (attempts, waited) = self.effort;
        let count = ATTEMPT.count(usize::try_from(attempts).unwrap_or(usize::MAX));
        if attempts > 1 && waited.as_secs() > 0 {
            parts.push(text!(
                en: "{attempts} in {time}",
                zh: "{time}内尝试 {attempts}",
                attempts = count,
                time = seconds(Duration::from_secs(waited.as_secs())),
            ));
        } else if attempts > 1 {
            parts.push(text!(en: "{attempts}", zh: "尝试 {attempts}", attempts = count));
        }
        let parts = parts.into_iter().reduce(|before, part| {
            text!(en: "{before}, {part}", zh: "{before}，{part}", before = before, part = part)
        });
        match parts {
            Some(parts) => text!(
                en: "{problem}; {parts}",
                zh: "{problem}；{parts}",
                problem = problem,
                parts = parts,
            ),
            None => problem,
        }
    }
}

/// Returns the problem of a response that is not one of the API.
fn unexpected(call: &Text, content_type: Option<&str>, beginning: &Text) -> Text {
    match (content_type, beginning.is_empty()) {
        (None, true) => text!(
            en: "{call} failed: the response is empty",
            zh: "{call}失败：响应为空",
            call = call,
        ),
        (Some(content_type), true) => text!(
            en: "{call} failed: the response is empty ({content_type})",
            zh: "{call}失败：响应为空（{content_type}）",
            call = call,
            content_type = content_type,
        ),
        (None, false) => text!(
            en: "{call} failed: the response is not from the API: {beginning}",
            zh: "{call}失败：响应并非来自 API：{beginning}",
            call = call,
            beginning = beginning,
        ),
        (Some(content_type), false) => text!(
            en: "{call} failed: the response is not from the API ({content_type}): {beginning}",
            zh: "{call}失败：响应并非来自 API（{content_type}）：{beginning}",
            call = call,
            content_type = content_type,
            beginning = beginning,
        ),
    }
}

impl Localize for CallError {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().get(lang))
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_in(Lang::En, f)
    }
}
