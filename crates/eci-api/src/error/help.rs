//! Remedies for failed calls.

use std::time::Duration;

use eci_text::{Text, text};

use super::codes::is_of_name;
use super::message::seconds;
use super::{CallError, CallErrorKind, CallOutcome, Refusal, StatusReason};

impl CallError {
    /// Returns the remedy.
    pub fn help(&self) -> Option<Text> {
        Some(match self.kind() {
            CallErrorKind::Unreachable { .. } => text!(
                en: "check the network and the endpoint (`--endpoint {service}=URL` or `{variable}`)",
                zh: "检查网络和服务端点（`--endpoint {service}=URL` 或 `{variable}`）",
                service = self.operation.service().name(),
                variable = self.operation.service().variable(),
            ),
            CallErrorKind::TlsFailed { .. } => text!(
                en: "check the endpoint and that the root certificates of this machine are up to date; \
                     the system must trust a proxy that intercepts TLS",
                zh: "检查服务端点，并确认本机的根证书为最新；如使用拦截 TLS 的代理，系统须信任该代理",
            ),
            CallErrorKind::UnexpectedResponse { .. } => text!(
                en: "check the endpoint and any proxy between this machine and the cloud",
                zh: "检查服务端点以及本机与云端之间的代理",
            ),
            CallErrorKind::TooLarge { .. } => text!(
                en: "request fewer container groups, pages, or lines at a time",
                zh: "减少每次请求的容器组、页数或行数",
            ),
            CallErrorKind::MissingObject | CallErrorKind::Unreadable { .. } => text!(
                en: "contact CTyun support with the request ID",
                zh: "联系天翼云技术支持并提供请求 ID",
            ),
            CallErrorKind::Incomplete { .. } => text!(
                en: "try again; if the list remains incomplete, contact CTyun support with the request ID \
                     (no resource is treated as deleted because of it)",
                zh: "重试；如列表仍不完整，联系天翼云技术支持并提供请求 ID（不会因此将任何资源视为已删除）",
            ),
            CallErrorKind::Endless { .. } => text!(
                en: "check the endpoint and any proxy; if they are correct, contact CTyun support",
                zh: "检查服务端点和代理；如无误，联系天翼云技术支持",
            ),
            CallErrorKind::NotSent { .. } => return None,
            CallErrorKind::Refused(_)
            | CallErrorKind::TimedOut { .. }
            | CallErrorKind::ConnectionClosed { .. }
                if self.outcome() == CallOutcome::Unknown =>
            {
                text!(
                    en: "check whether it took effect before retrying",
                    zh: "重试前先确认操作是否已生效",
                )
            }
            CallErrorKind::Refused(refusal) => refusal.help(self.retry_after),
            CallErrorKind::TimedOut { .. } | CallErrorKind::ConnectionClosed { .. } => {
                text!(en: "try again", zh: "重试")
            }
        })
    }
}

impl Refusal {
    /// Returns the remedy; `retry_after` is the pause that the cloud requests.
    fn help(&self, retry_after: Option<Duration>) -> Text {
        match self.reason {
            StatusReason::Unauthorized => text!(
                en: "check `CTYUN_AK` and `CTYUN_SK`, or the credentials file (access key {key}), and the \
                     system clock; signatures expire after a few minutes",
                zh: "检查 `CTYUN_AK` 和 `CTYUN_SK`，或凭证文件（访问密钥 {key}），以及系统时钟，签名会在数分钟后过期",
                key = self.access_key,
            ),
            StatusReason::Forbidden => text!(
                en: "grant the access key {key} the permission in the CTyun console",
                zh: "在天翼云控制台为访问密钥 {key} 授予相应权限",
                key = self.access_key,
            ),
            StatusReason::TooManyRequests => match retry_after {
                Some(time) => text!(
                    en: "wait {time}, or lower `rate_limit` in `[provider]`",
                    zh: "等待 {time}，或在 `[provider]` 中调低 `rate_limit`",
                    time = seconds(time),
                ),
                None => text!(
                    en: "lower `rate_limit` in `[provider]`",
                    zh: "在 `[provider]` 中调低 `rate_limit`",
                ),
            },
            StatusReason::PaymentRequired => text!(
                en: "top up the account in the CTyun console, then run the command again",
                zh: "在天翼云控制台为账号充值，然后重新执行命令",
            ),
            StatusReason::QuotaExceed => text!(
                en: "delete resources that are no longer needed, or request a higher quota in the CTyun \
                     console, then run the command again",
                zh: "删除不再需要的资源，或在天翼云控制台申请提高配额，然后重新执行命令",
            ),
            StatusReason::AlreadyExists => text!(
                en: "use another name, or run `eci import ADDRESS ID` to import the existing resource",
                zh: "使用其他名称，或执行 `eci import ADDRESS ID` 导入已有资源",
            ),
            StatusReason::Conflict => text!(
                en: "try again when no operation on the resource is in progress",
                zh: "待该资源没有进行中的操作后重试",
            ),
            _ if is_of_name(&self.error) => text!(
                en: "another disk of the account has this name: set a different `name` in `disk` (by default \
                     the name is derived from the resource address), run `eci orphans --adopt ADDRESS=ID` \
                     if `eci orphans` lists that disk, or run `eci import ADDRESS ID` to import it",
                zh: "该账号的另一块云硬盘已使用此名称：在 `disk` 中设置其他 `name`（默认由资源地址生成）；如 \
                     `eci orphans` 列出了该云硬盘，执行 `eci orphans --adopt ADDRESS=ID` 接管；否则执行 \
                     `eci import ADDRESS ID` 导入",
            ),
            _ if self.reason.is_of_value() && self.message.contains("regionId") => text!(
                en: "correct `region_id` in `[provider]`, or `CTYUN_REGION_ID`",
                zh: "更正 `[provider]` 中的 `region_id` 或 `CTYUN_REGION_ID`",
            ),
            _ if self.reason.is_of_value() => text!(
                en: "correct the field named in the message",
                zh: "更正消息中提到的字段",
            ),
            _ if self.reason.is_breakdown() => text!(
                en: "try again later; if the error persists, contact CTyun support with the request ID",
                zh: "稍后重试；如错误持续出现，联系天翼云技术支持并提供请求 ID",
            ),
            _ => text!(
                en: "look up the code in the API reference of CTyun, or contact CTyun support with the request ID",
                zh: "在天翼云 API 文档中查询该错误码，或联系天翼云技术支持并提供请求 ID",
            ),
        }
    }
}
