//! Errors of the work on a resource.

use std::time::Duration;

use eci_api::CallError;
use eci_core::diagnostic::Span;
use eci_core::quote::shell_word;
use eci_core::{Address, Diagnostics, Path, Redactor, truncate};
use eci_provider::{EncodeError, FailureDetails, RequestError, cover_explanation};
use eci_text::{Count, In, Lang, List, Noun, SECOND, Spaced, Text, messages, text};

use crate::ambiguous_create::AmbiguousCreate;

/// The reason why work on a resource failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// A call failed.
    Call(CallError),
    /// The cloud refused a value.
    ValueRefused(Box<ValueRefusal>),
    /// A create was left out: another one of its kind was refused for a reason that applies to this
    /// one as well.
    NotAttempted {
        /// The refusal of the other one.
        error: CallError,
    },
    /// A call got no clear answer, and the object that it would have created was not found.
    Unknown {
        /// The failed call.
        error: CallError,
    },
    /// The answer to a create names an object that the create did not create.
    UnexpectedId {
        /// The ID in the answer.
        id: String,
    },
    /// A create of an earlier run took effect meanwhile, at the address of another object.
    CreatedMeanwhile {
        /// Its ID.
        id: String,
    },
    /// Several resources could be what an earlier create created.
    Ambiguous(AmbiguousCreate),
    /// Others carry the operation tag of a create, too.
    Duplicated {
        /// Their ids.
        ids: Vec<String>,
    },
    /// A read failed after the resource was created or changed.
    ReadFailed(CallError),
    /// An expression failed once its values were known.
    Evaluation(Diagnostics),
    /// The values that became known lead to another result than the plan showed.
    InconsistentPlan {
        /// The first such attribute.
        attribute: Path,
    },
    /// A replacement would undo what was changed in the meantime and is ignored.
    ChangedWhileIgnored {
        /// The first such attribute.
        attribute: Path,
    },
    /// Attributes that are read are not set before the timeout.
    NotFilledIn {
        /// The resources and the attributes that they lack.
        what: Text,
        /// The time that was waited.
        waited: Duration,
    },
    /// The attributes cannot be sent.
    NotSendable(EncodeError),
    /// The group ended, or did not become ready before the timeout.
    NotReady(Box<ReadinessFailure>),
    /// The resource still exists after its delete.
    DeleteTimedOut {
        /// The time that was waited.
        waited: Duration,
        /// The last status.
        status: Text,
    },
    /// The task ended without an answer, which is a defect of this program.
    Internal(Text),
    /// An order failed.
    OrderFailed {
        /// Its id, where it is known.
        order: Option<String>,
        /// The status of the order.
        word: Text,
    },
    /// An order of unknown outcome is too old to go on with.
    TokenExpired,
    /// An order is not complete before the timeout.
    OrderTimedOut {
        /// Its id, where it is known.
        order: Option<String>,
        /// The time that was waited.
        waited: Duration,
    },
    /// A change was accepted, and does not show.
    ChangeNotVisible {
        /// The desired change.
        what: Text,
        /// The time that was waited.
        waited: Duration,
    },
    /// The status of an object does not become final before the timeout.
    StatusUnchanged {
        /// The kind of object.
        noun: &'static str,
        /// The ID of the object.
        id: String,
        /// The last status.
        status: Text,
        /// The time that was waited.
        waited: Duration,
    },
    /// The resource is not to be deleted after all.
    DeclaredExisting {
        /// Its id.
        id: String,
        /// The address that declares it.
        by: Address,
    },
    /// An object has it from which this run does not take it.
    InUse {
        /// The noun for its kind.
        noun: &'static str,
        /// Its id.
        id: String,
        /// The resource that has it.
        user: String,
    },
    /// The resource disappeared while it was worked on.
    Disappeared {
        /// The noun for its kind.
        noun: &'static str,
        /// Its id.
        id: String,
    },
    /// The run was stopped at once while a call was in progress.
    Interrupted,
    /// The run was stopped at once while it waited for a resource that is recorded.
    WaitInterrupted,
}

/// Returns a time that was waited, in English: `1 second`.
fn seconds(waited: Duration) -> Count {
    SECOND.count_u64(waited.as_secs())
}

messages! { TaskError:
    TaskError::Call(error) | TaskError::ReadFailed(error) =>
        en("{error}"), zh("{}", In(error, Lang::Zh));
    TaskError::ValueRefused(refused) => en("{}", refused.error), zh("{}", In(&refused.error, Lang::Zh));
    TaskError::NotAttempted { error } => en("not attempted, because {error}"), zh("未尝试：{}", In(error, Lang::Zh));
    TaskError::Unknown { error } =>
        en("{}; the outcome is unknown, and no resource of it has been found yet", what_failed(error)),
        zh("{}，结果未知，尚未找到对应的资源", what_failed(error).get(Lang::Zh));
    TaskError::UnexpectedId { id } =>
        en("the response contains {id}, which is not what was ordered; the outcome is unknown, and no resource of it has been found yet"),
        zh("响应中的 {id} 不是所订购的资源，结果未知，尚未找到对应的资源");
    TaskError::CreatedMeanwhile { id } =>
        en("the create of an earlier run took effect in the meantime and created {id}"),
        zh("先前运行的创建操作在此期间生效，已创建 {id}");
    TaskError::Ambiguous(create) => en("{create}"), zh("{}", In(create, Lang::Zh));
    TaskError::Duplicated { ids } =>
        en("the create took effect more than once and also created {}", In(&List::and(ids.iter()), Lang::En)),
        zh("创建操作重复生效，还创建了 {}", In(&List::and(ids.iter()), Lang::Zh));
    TaskError::Evaluation(diagnostics) => en("{diagnostics}"), zh("{diagnostics}");
    TaskError::InconsistentPlan { attribute } =>
        en("`{attribute}` differs from the plan"), zh("`{attribute}` 与计划不一致");
    TaskError::ChangedWhileIgnored { attribute } =>
        en("`{attribute}` changed after the plan was created, and `ignore_changes` retains it"),
        zh("`{attribute}` 在生成计划后发生变更，且由 `ignore_changes` 保留");
    TaskError::NotFilledIn { what, waited } =>
        en("{what} after {}", seconds(*waited)),
        zh("{} 秒后{}", waited.as_secs(), In(what, Lang::Zh));
    TaskError::NotSendable(error) => en("{error}"), zh("{}", In(error, Lang::Zh));
    TaskError::NotReady(not_ready) => en("{not_ready}"), zh("{}", In(&**not_ready, Lang::Zh));
    TaskError::DeleteTimedOut { waited, status } =>
        en("the delete is not complete after {}: the status is {}", seconds(*waited), truncate(status)),
        zh("删除在 {} 秒后仍未完成，状态为{}", waited.as_secs(), status_in_chinese(status));
    TaskError::StatusUnchanged { noun, id, status, waited } =>
        en("{} {id} still has status {} after {}", noun_in(noun, Lang::En), truncate(status), seconds(*waited)),
        zh("{} {id} 的{}在 {} 秒后仍为{}", noun_in(noun, Lang::Zh), status_of(noun), waited.as_secs(), status_in_chinese(status));
    TaskError::Internal(message) =>
        en("internal error: {message}"), zh("内部错误：{}", message.get(Lang::Zh));
    TaskError::OrderFailed { order: Some(order), word } =>
        en("order {order} failed: {word}"), zh("订单 {order} 失败：{}", In(word, Lang::Zh));
    TaskError::OrderFailed { order: None, word } =>
        en("the order failed: {word}"), zh("订单失败：{}", In(word, Lang::Zh));
    TaskError::TokenExpired =>
        en("the order is too old: the cloud no longer knows its client token"),
        zh("订单过旧，云端已不再保留其幂等令牌");
    TaskError::OrderTimedOut { order: Some(order), waited } =>
        en("order {order} is not complete after {}", seconds(*waited)),
        zh("订单 {order} 在 {} 秒后仍未完成", waited.as_secs());
    TaskError::OrderTimedOut { order: None, waited } =>
        en("the order is not complete after {}", seconds(*waited)),
        zh("订单在 {} 秒后仍未完成", waited.as_secs());
    TaskError::ChangeNotVisible { what, waited } =>
        en("the cloud does not report {what} after {}", seconds(*waited)),
        zh("{} 秒后云端仍未返回{}", waited.as_secs(), In(&Spaced(what), Lang::Zh));
    TaskError::DeclaredExisting { id, by } =>
        en("{id} is kept, because {by} declares it as existing"),
        zh("{id} 已保留，因为 {by} 将其声明为已有资源");
    TaskError::InUse { noun, id, user } =>
        en("{} {id} is in use by {}", noun_in(noun, Lang::En), truncate(user)),
        zh("{} {id} 正由 {} 使用", noun_in(noun, Lang::Zh), truncate(user));
    TaskError::Disappeared { noun, id } =>
        en("{} {id} no longer exists", noun_in(noun, Lang::En)),
        zh("{} {id} 已不存在", noun_in(noun, Lang::Zh));
    TaskError::Interrupted | TaskError::WaitInterrupted =>
        en("interrupted"),
        zh("已中断");
}

/// Returns a status for the end of a Chinese phrase.
fn status_in_chinese(status: &Text) -> String {
    let status = Text::verbatim(truncate(status.get(Lang::Zh)));
    In(&Spaced(status), Lang::Zh).to_string()
}

/// Returns the Chinese word for the status of an object, which for a container group differs from that for
/// the state.
fn status_of(noun: &'static str) -> &'static str {
    match noun {
        "group" => "运行状态",
        _ => "状态",
    }
}

/// Returns the noun for a kind of object as people read it.
fn noun_in(noun: &'static str, lang: Lang) -> &'static str {
    match noun {
        "group" => lang.pick("container group", "容器组"),
        "EIP" => lang.pick("EIP", "弹性 IP"),
        "disk" => lang.pick("disk", "云硬盘"),
        other => other,
    }
}

/// The refusal of a value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ValueRefusal {
    /// The refusal.
    pub error: CallError,
    /// The attribute that it is about.
    pub attribute: Path,
    /// The place in the manifest, as far as there is one.
    pub place: Option<Span>,
}

/// A resource that did not become ready.
#[derive(Clone, Debug)]
pub struct ReadinessFailure {
    /// The noun for its kind: `group`, `EIP`, `disk`.
    pub noun: &'static str,
    /// The cloud's id.
    pub id: String,
    /// The last status; none if it was not found.
    pub status: Option<String>,
    /// Whether it ended; otherwise the time limit was exceeded.
    pub ended: bool,
    /// The time that was waited.
    pub waited: Duration,
    /// The address of a resource that the next plan replaces, because it has never been ready.
    pub tainted: Option<Address>,
    /// The events and logs that explain it.
    pub explanation: FailureDetails,
}

impl ReadinessFailure {
    /// Covers the secrets in what the cloud reports.
    pub(crate) fn redacted(mut self: Box<Self>, redactor: &Redactor) -> Box<Self> {
        self.status = self.status.map(|status| redactor.cover(&status));
        cover_explanation(redactor, &mut self.explanation);
        self
    }
}

const RESTART: Noun = Noun {
    one: "restart",
    many: "restarts",
    zh: "重启",
    measure: "次",
};

messages! { ReadinessFailure:
    ReadinessFailure { noun, id, status: None, waited, .. } =>
        en("{} {id} was not found within {} seconds", noun_in(noun, Lang::En), waited.as_secs()),
        zh("{} 秒内未找到{}", waited.as_secs(), In(&Spaced(format!("{} {id}", noun_in(noun, Lang::Zh))), Lang::Zh));
    ReadinessFailure { noun, id, status: Some(status), ended: true, .. } =>
        en("{} {id} has status {}", noun_in(noun, Lang::En), truncate(status)),
        zh("{} {id} 的{}为 {}", noun_in(noun, Lang::Zh), status_of(noun), truncate(status));
    ReadinessFailure {
        noun,
        id,
        status: Some(status),
        waited,
        explanation: FailureDetails {
            container: Some(container),
            exit_code: Some(code),
            restarts: Some(restarts),
            ..
        },
        ..
    // While it starts, for example after an update, the last exit is not what it waits for.
    } if status == "Running" =>
        en("{} {id} is not ready after {}: container `{}` last exited with code {code}, after {}",
            noun_in(noun, Lang::En), seconds(*waited), truncate(container), RESTART.count(*restarts)),
        zh("{} {id} 在 {} 秒后仍未就绪：容器 `{}` 最近一次的退出码为 {code}，已有 {}",
            noun_in(noun, Lang::Zh), waited.as_secs(), truncate(container), In(&RESTART.count(*restarts), Lang::Zh));
    ReadinessFailure { noun, id, status: Some(status), waited, .. } =>
        en("{} {id} still has status {} after {}", noun_in(noun, Lang::En), truncate(status), seconds(*waited)),
        zh("{} {id} 的{}在 {} 秒后仍为 {}", noun_in(noun, Lang::Zh), status_of(noun), waited.as_secs(), truncate(status));
}

impl From<RequestError> for TaskError {
    fn from(error: RequestError) -> TaskError {
        match error {
            RequestError::Attribute(error) => TaskError::NotSendable(error),
            other @ (RequestError::Form(_) | RequestError::Id(_)) => {
                TaskError::Internal(Text::of(&other))
            }
        }
    }
}

impl TaskError {
    /// Returns what to do about it.
    pub fn help(&self) -> Option<Text> {
        Some(match self {
            TaskError::Call(error) | TaskError::NotAttempted { error } => {
                return error.help();
            }
            TaskError::Ambiguous(create) => create.help(),
            TaskError::Evaluation(_) => return None,
            TaskError::ValueRefused(refused) => match &refused.place {
                Some(place) => text!(
                    en: "correct `{attribute}` ({place})",
                    zh: "修正 `{attribute}`（{place}）",
                    attribute = refused.attribute.to_string(),
                    place = place.to_string(),
                ),
                None => text!(
                    en: "correct `{attribute}`",
                    zh: "修正 `{attribute}`",
                    attribute = refused.attribute.to_string(),
                ),
            },
            TaskError::ReadFailed(_) | TaskError::WaitInterrupted => text!(
                en: "run the command again to continue waiting",
                zh: "再次执行该命令以继续等待",
            ),
            TaskError::Unknown { .. } | TaskError::UnexpectedId { .. } => text!(
                en: "run the command again: it determines the outcome before it creates another one",
                zh: "再次执行该命令：确定结果之后才会再次创建",
            ),
            TaskError::CreatedMeanwhile { .. } => text!(
                en: "it is in the state: run the command again to update or delete it as configured",
                zh: "该资源已记录到状态中：再次执行该命令，按配置更新或删除",
            ),
            TaskError::Duplicated { .. } => text!(
                en: "run the command again: the next plan deletes what the state does not have",
                zh: "再次执行该命令：下一个计划将删除状态中没有的资源",
            ),
            TaskError::NotFilledIn { .. } => text!(
                en: "run the command again to continue waiting, or set `wait = \"running\"` on the \
                     container group that is read",
                zh: "再次执行该命令以继续等待，或为所引用的容器组设置 `wait = \"running\"`",
            ),
            TaskError::InconsistentPlan { .. } => text!(
                en: "create a new plan to see what would change now",
                zh: "重新生成计划，查看当前的变更",
            ),
            TaskError::ChangedWhileIgnored { .. } => text!(
                en: "create a new plan: it retains the new value",
                zh: "重新生成计划：将保留新值",
            ),
            TaskError::NotSendable(EncodeError::OnlyDigest { .. }) => text!(
                en: "set the value in the manifest again",
                zh: "在清单中重新设置该值",
            ),
            TaskError::NotSendable(_) => return None,
            TaskError::NotReady(not_ready) => not_ready.help(),
            TaskError::DeleteTimedOut { .. } => text!(
                en: "run the command again later, or allow more time with `timeouts = { delete = \"30m\" }`",
                zh: "稍后再次执行该命令，或使用 `timeouts = { delete = \"30m\" }` 延长等待时间",
            ),
            TaskError::Internal(_) => text!(
                en: "this is a bug in eci; please report it with the output of `ECI_LOG=debug`",
                zh: "这是 eci 的缺陷，请附上 `ECI_LOG=debug` 的输出进行反馈",
            ),
            TaskError::OrderFailed { .. } => text!(
                en: "check the order in the CTyun console, for example for balance, quota or sold-out \
                     products; then run the command again",
                zh: "在天翼云控制台检查该订单，例如余额、配额或售罄；然后再次执行该命令",
            ),
            TaskError::TokenExpired => text!(
                en: "run the command again: it looks for what the order created",
                zh: "再次执行该命令：将查找该订单创建的资源",
            ),
            TaskError::OrderTimedOut { .. } => text!(
                en: "run the command again later: it resumes this order and places no other",
                zh: "稍后再次执行该命令：将继续此订单，不会重复下单",
            ),
            TaskError::ChangeNotVisible { .. } | TaskError::StatusUnchanged { .. } => text!(
                en: "run the command again later, or allow more time with `timeouts = { update = \"30m\" }`",
                zh: "稍后再次执行该命令，或使用 `timeouts = { update = \"30m\" }` 延长等待时间",
            ),
            TaskError::DeclaredExisting { .. } => text!(
                en: "run the command again: the next plan removes it from the state and keeps it in the cloud",
                zh: "再次执行该命令：下一个计划将其从状态中移除，并在云端保留",
            ),
            TaskError::InUse { .. } => text!(
                en: "detach it from there, then run the command again",
                zh: "先从使用者处卸载，然后再次执行该命令",
            ),
            TaskError::Disappeared { .. } => text!(
                en: "create a new plan: it is created again if the configuration still declares it",
                zh: "重新生成计划：如果配置仍声明该资源，将重新创建",
            ),
            TaskError::Interrupted => {
                text!(en: "run the command again", zh: "再次执行该命令")
            }
        })
    }
}

impl ReadinessFailure {
    fn help(&self) -> Text {
        if self.noun != "group" {
            return text!(
                en: "it is recorded in the state: check it in the CTyun console, or allow more time with \
                     `timeouts = { create = \"30m\" }`, and run the command again",
                zh: "该资源已记录到状态中：在天翼云控制台检查，或使用 `timeouts = { create = \"30m\" }` \
                     延长等待时间，然后再次执行该命令",
            );
        }
        if self.ended {
            return text!(
                en: "fix the cause shown in the events and log; the next apply replaces the container group",
                zh: "根据事件和日志修复问题，下次应用将替换该容器组",
            );
        }
        let Some(address) = &self.tainted else {
            return text!(
                en: "fix the cause shown in the events and log, and the next apply updates the container \
                     group in place; or allow more time with `timeouts = { update = \"30m\" }` and run the \
                     command again",
                zh: "根据事件和日志修复问题，下次应用将原地更新该容器组；或使用 \
                     `timeouts = { update = \"30m\" }` 延长等待时间，然后再次执行该命令",
            );
        };
        text!(
            en: "fix the cause shown in the events and log, or allow more time with \
                 `timeouts = {{ create = \"30m\", update = \"30m\" }}`; the next apply replaces the container \
                 group, unless `eci untaint {address}` removes the mark",
            zh: "根据事件和日志修复问题，或使用 `timeouts = {{ create = \"30m\", update = \"30m\" }}` \
                 延长等待时间；下次应用将替换该容器组，除非用 `eci untaint {address}` 清除污点",
            address = shell_word(&address.to_string()),
        )
    }
}

/// Returns the error of a call without the statement that its outcome is unknown.
fn what_failed(error: &CallError) -> Text {
    error.report()
}

#[cfg(test)]
mod tests {
    use eci_api::{CallErrorKind, Operation};

    use super::*;

    #[test]
    fn an_unknown_outcome_is_stated_once() {
        let detail = Text::verbatim("the connection was closed");
        let error = CallError::new(
            Operation::DeleteContainerGroup,
            CallErrorKind::ConnectionClosed { detail },
        );
        let text = TaskError::Unknown { error }.to_string();
        assert_eq!(text.matches("the outcome is unknown").count(), 1, "{text}");
    }

    #[test]
    fn a_container_that_keeps_ending_is_named_unless_its_group_only_starts() {
        let of_status = |status: &str| {
            ReadinessFailure {
                noun: "group",
                id: "eci-1".to_owned(),
                status: Some(status.to_owned()),
                ended: false,
                waited: Duration::from_secs(300),
                tainted: None,
                explanation: FailureDetails {
                    container: Some("main".to_owned()),
                    exit_code: Some(1),
                    restarts: Some(3),
                    ..FailureDetails::default()
                },
            }
            .to_string()
        };
        assert_eq!(
            of_status("Running"),
            "container group eci-1 is not ready after 300 seconds: container `main` last exited with code 1, after 3 restarts"
        );
        assert_eq!(
            of_status("Pending"),
            "container group eci-1 still has status Pending after 300 seconds"
        );
    }
}
