//! Orders: how elastic IPs and disks are created, changed and released.
//!
//! An ordering call is answered at once, and the order completes later. Until then the same call
//! with the same [`ClientToken`] returns the status of the order and orders nothing again, for 24
//! hours; after that, and from elsewhere, the order's own ID finds it.

use std::fmt;

use eci_text::{FixedText, Text, messages, text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::lenient::{FromJson, ParseError, answer, at, object};
use super::wire_enum::word;
use super::{JobId, OrderId};

/// Longest token (API reference of the EIP calls; assumed for disks).
const LONGEST_TOKEN: usize = 64;

/// The token that makes a repeated call the same call.
///
/// The caller creates it: a fresh one for each operation that is meant, the same one each time that
/// operation is sent.
///
/// The cloud remembers it for 24 hours (API reference). What it does with the same token and other
/// parameters is not confirmed: never do that.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientToken(String);

/// A text that cannot be a client token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct InvalidToken {
    /// The text.
    pub given: String,
}

messages! { InvalidToken:
    InvalidToken { given } =>
        en("invalid client token `{}`", eci_text::line(given)),
        zh("幂等令牌 `{}` 无效", eci_text::line(given));
}

impl InvalidToken {
    /// Returns the remedy.
    pub fn help(&self) -> Text {
        text!(
            en: "use 1 to {most} letters, digits, `-`, or `_`, for example a UUID",
            zh: "使用 1 到 {most} 个字母、数字、`-` 或 `_`，例如 UUID",
            most = LONGEST_TOKEN,
        )
    }
}

impl ClientToken {
    /// Creates a token, if the text can be one.
    ///
    /// # Errors
    /// If it is empty, longer than 64 characters, or has characters other than letters, digits, `-`
    /// and `_`, which the API reference allows but are not required.
    pub fn new(token: impl Into<String>) -> Result<ClientToken, InvalidToken> {
        let given = token.into();
        let fits = (1..=LONGEST_TOKEN).contains(&given.len())
            && given
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if fits {
            Ok(ClientToken(given))
        } else {
            Err(InvalidToken { given })
        }
    }

    /// Creates an unused token: for calls that require a token and change nothing.
    pub fn random() -> ClientToken {
        ClientToken(Uuid::new_v4().to_string())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ClientToken {
    type Error = InvalidToken;

    fn try_from(token: String) -> Result<ClientToken, InvalidToken> {
        ClientToken::new(token)
    }
}

impl From<ClientToken> for String {
    fn from(token: ClientToken) -> String {
        token.0
    }
}

/// The outcome of an order that a call has placed, or that it has found placed under its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderOutcome<T> {
    /// The order was accepted and is not complete: repeat the call with its token, or query the
    /// order.
    InProgress {
        /// The order.
        order: OrderId,
    },
    /// The order is complete.
    Done {
        /// The order, where the answer names it.
        order: Option<OrderId>,
        /// The object that it created.
        created: T,
    },
    /// The order was accepted and failed.
    Failed {
        /// The order, where the answer names it.
        order: Option<OrderId>,
        /// The cloud's word for it.
        word: String,
    },
}

impl<T> OrderOutcome<T> {
    /// Returns the order, where the answer names it.
    pub fn order(&self) -> Option<&OrderId> {
        match self {
            OrderOutcome::InProgress { order } => Some(order),
            OrderOutcome::Done { order, .. } | OrderOutcome::Failed { order, .. } => order.as_ref(),
        }
    }
}

answer! {
    /// The answer to an ordering call; the order system's own IDs are ignored.
    OrderObject {
        /// The order.
        order: Option<OrderId> = "/masterOrderID",
        /// The status, a word.
        word: Option<String> = "/masterResourceStatus",
        /// The objects that it created, once it is complete (disks only).
        resources: Vec<Value> = "/resources",
    }
}

/// The meanings of the words in an order's answer for one kind of call.
pub(crate) struct OrderKeywords {
    /// Those that say that it is complete.
    pub(crate) done: &'static [&'static str],
    /// Those that say that it failed, besides `failed`.
    pub(crate) failed: &'static [&'static str],
    /// The place of the ID of the created object, if there is one.
    pub(crate) created: Option<&'static str>,
}

/// The facts in an answer about an order besides its object.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OrderContext<'a> {
    /// The envelope says that the order is in progress.
    pub(crate) in_progress: bool,
    /// The envelope's `description`.
    pub(crate) description: &'a str,
}

/// The cloud's words for an order that was canceled, under the code of a success (observed with
/// sibling products; for EIPs not confirmed).
const CANCELED: &str = "订单已取消或撤单";

/// Reads the answer of an ordering call; with the ID of the created object, where it creates one.
pub(crate) fn placed(
    json: &mut Value,
    circumstances: OrderContext<'_>,
    meaning: &OrderKeywords,
) -> Result<OrderOutcome<Option<String>>, ParseError> {
    let created: Option<String> = match meaning.created {
        Some(place) if json.is_object() => at(json, place)?,
        _ => None,
    };
    let created = created.filter(|id| !id.is_empty());
    let OrderObject {
        order,
        word,
        resources,
    } = match json {
        Value::Null => OrderObject::from_json(&mut Value::Object(Default::default()))?,
        given => OrderObject::from_json(given)?,
    };
    let word = word.unwrap_or_default();
    let waiting = |order: Option<OrderId>| match order {
        Some(order) => Ok(OrderOutcome::InProgress { order }),
        None => Err(
            ParseError::new(text!(en: "missing order ID", zh: "缺少订单 ID"))
                .inside("masterOrderID"),
        ),
    };
    if circumstances.in_progress {
        return waiting(order);
    }
    if circumstances.description == CANCELED {
        let word = CANCELED.to_owned();
        return Ok(OrderOutcome::Failed { order, word });
    }
    if word == "failed" || meaning.failed.contains(&word.as_str()) {
        return Ok(OrderOutcome::Failed { order, word });
    }
    // Disks' answers list what is complete, whatever the word.
    let complete = meaning.done.contains(&word.as_str()) || !resources.is_empty();
    if complete && (meaning.created.is_none() || created.is_some()) {
        Ok(OrderOutcome::Done { order, created })
    } else {
        // Complete without an id happens (vendor's example): the order itself has it.
        waiting(order)
    }
}

word! {
    /// The status of an order: a number in text.
    OrderStatus {
        /// An error of the order system.
        Error = "0",
        /// Awaiting payment.
        Unpaid = "1",
        /// Paid.
        Paid = "2",
        /// Complete.
        ///
        /// Refunds end here, too.
        Complete = "3",
        /// Canceled.
        Canceled = "4",
        /// Failed.
        Failed = "5",
        /// Being paid.
        Paying = "7",
        /// In review.
        InReview = "8",
        /// Approved.
        Approved = "9",
        /// Rejected.
        Rejected = "10",
        /// Withdrawn.
        Withdrawn = "11",
        /// Being refunded.
        Refunding = "12",
        /// Refunded.
        Refunded = "13",
        /// Being provisioned.
        Provisioning = "14",
        /// A change removed it.
        Removed = "15",
        /// Being withdrawn by the system.
        AutoWithdrawing = "16",
        /// Being withdrawn by hand.
        Withdrawing = "17",
        /// Being terminated.
        Terminating = "18",
        /// Its payment failed.
        PaymentFailed = "22",
        /// Begun.
        Initialized = "140",
        /// Deleted.
        Deleted = "999",
        /// The order system does not know.
        Unknown = "-1",
        /// Awaiting withdrawal.
        AwaitingWithdrawal = "-2",
    }
}

impl OrderStatus {
    /// Returns the meaning of the number, in words of the order system.
    pub fn meaning(&self) -> FixedText {
        match self {
            OrderStatus::Error => FixedText::new("error", "错误"),
            OrderStatus::Unpaid => FixedText::new("unpaid", "待支付"),
            OrderStatus::Paid => FixedText::new("paid", "已支付"),
            OrderStatus::Complete => FixedText::new("complete", "已完成"),
            OrderStatus::Canceled => FixedText::new("canceled", "已取消"),
            OrderStatus::Failed => FixedText::new("failed", "失败"),
            OrderStatus::Paying => FixedText::new("being paid", "支付中"),
            OrderStatus::InReview => FixedText::new("in review", "待审核"),
            OrderStatus::Approved => FixedText::new("approved", "审核通过"),
            OrderStatus::Rejected => FixedText::new("rejected", "审核未通过"),
            OrderStatus::Withdrawn => FixedText::new("withdrawn", "已撤单"),
            OrderStatus::Refunding => FixedText::new("being refunded", "退订中"),
            OrderStatus::Refunded => FixedText::new("refunded", "已退订"),
            OrderStatus::Provisioning => FixedText::new("in progress", "处理中"),
            OrderStatus::Removed => FixedText::new("removed by a change", "变更移除"),
            OrderStatus::AutoWithdrawing => {
                FixedText::new("being withdrawn by the system", "自动撤单中")
            }
            OrderStatus::Withdrawing => FixedText::new("being withdrawn", "手动撤单中"),
            OrderStatus::Terminating => FixedText::new("being terminated", "终止中"),
            OrderStatus::PaymentFailed => FixedText::new("payment failed", "支付失败"),
            OrderStatus::Initialized => FixedText::new("initialized", "已初始化"),
            OrderStatus::Deleted => FixedText::new("deleted", "已删除"),
            OrderStatus::Unknown => FixedText::new("unknown", "未知"),
            OrderStatus::AwaitingWithdrawal => FixedText::new("awaiting withdrawal", "待撤单"),
            OrderStatus::Other(_) => FixedText::new("unknown", "未知"),
        }
    }

    /// Returns whether the order may still complete.
    ///
    /// The vendor's client waits at 14 alone; this accepts more, so that a slow order does not
    /// count as failed.
    fn is_going(&self) -> bool {
        matches!(
            self,
            OrderStatus::Provisioning
                | OrderStatus::Unpaid
                | OrderStatus::Paid
                | OrderStatus::Paying
                | OrderStatus::InReview
                | OrderStatus::Approved
                | OrderStatus::Refunding
                | OrderStatus::AutoWithdrawing
                | OrderStatus::Initialized
        )
    }
}

/// The order system's report of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderProgress {
    /// The status.
    pub status: OrderStatus,
    /// The IDs of the created objects; may be empty for a while although it is complete.
    pub ids: Vec<String>,
    /// The type of its object, where the answer has it.
    pub resource_type: Option<String>,
}

impl FromJson for OrderProgress {
    /// Parses the progress; the list of IDs has three names, by the path and by the client.
    fn from_json(json: &mut Value) -> Result<OrderProgress, ParseError> {
        object(json)?;
        let status: OrderStatus = at(json, "/orderStatus")?;
        if status.as_str().is_empty() {
            return Err(
                ParseError::new(text!(en: "missing status", zh: "缺少状态")).inside("orderStatus")
            );
        }
        let mut ids: Vec<String> = Vec::new();
        for place in ["/instanceIDList", "/resourceUUID", "/resourceUuid"] {
            let some: Vec<String> = match json.pointer(place) {
                Some(Value::String(one)) => vec![one.clone()],
                _ => at(json, place)?,
            };
            ids.extend(some.into_iter().filter(|id| !id.is_empty()));
        }
        Ok(OrderProgress {
            status,
            ids,
            resource_type: at(json, "/resourceType")?,
        })
    }
}

/// The state of an order, for a caller that waits for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// The order is complete, and these are the IDs of the objects that it created.
    ///
    /// An order that creates something and is complete without an ID must be queried again: up to
    /// three times, according to the vendor's client.
    Done(Vec<String>),
    /// The order is not complete yet.
    Going(OrderStatus),
    /// The order failed.
    Failed(OrderStatus),
}

impl OrderProgress {
    /// Returns the state of the order, for a caller that waits for it.
    pub fn state(self) -> OrderState {
        match self.status {
            OrderStatus::Complete => OrderState::Done(self.ids),
            status if status.is_going() => OrderState::Going(status),
            status => OrderState::Failed(status),
        }
    }
}

/// The two calls for an order.
///
/// Both return the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderQuery {
    /// `/v4/ecs/order/query-uuid`, which answers `instanceIDList`.
    #[default]
    Instances,
    /// `/v4/order/query-uuid`, which answers `resourceUUID`.
    Resources,
}

answer! {
    /// The progress of a job.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    JobProgress {
        /// The job.
        job_id: Option<JobId> = "/jobID",
        /// The status.
        status: JobStatus = "/status",
        /// The ID of its object.
        resource_id: Option<String> = "/resourceId",
        /// The name of its task.
        task_name: Option<String> = "/fields/taskName",
    }
}

word! {
    /// The status of a job: a number.
    JobStatus {
        /// In progress.
        ///
        /// A number that is 0 may be omitted like any empty field.
        Executing = "0" | "",
        /// Done.
        Success = "1",
        /// Failed.
        Failed = "2",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
