//! Why work on a resource failed.

use std::time::Duration;

use eci_api::CallError;
use eci_core::diagnostic::Span;
use eci_core::{Address, Diagnostics, Path, truncate};
use eci_provider::{EncodeError, FailureDetails, Redactor, RequestError};

/// The reason why work on a resource failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError {
    /// A call failed.
    #[error("{0}")]
    Call(CallError),
    /// The cloud refused a value.
    #[error("{}", _0.error)]
    ValueRefused(Box<ValueRefused>),
    /// A create was left out: another one of its kind was refused for something that would refuse
    /// this one as well.
    #[error("not attempted, because {error}")]
    NotAttempted {
        /// The refusal of the other one.
        error: CallError,
    },
    /// A call got no clear answer, and what it would have made was not found.
    #[error(
        "{}; the outcome is unknown, and no resource of it has been found yet",
        what_failed(error)
    )]
    Unknown {
        /// The failed call.
        error: CallError,
    },
    /// The answer to a create names something that the create did not make.
    #[error(
        "the answer names {id}, which is not what was ordered; the outcome is unknown, and no resource of it has been found yet"
    )]
    UnexpectedId {
        /// The ID in the answer.
        id: String,
    },
    /// A create of an earlier run took effect meanwhile, at the address of something else.
    #[error("{id}, which an earlier run had asked for, has been created meanwhile")]
    CreatedMeanwhile {
        /// Its ID.
        id: String,
    },
    /// Several resources could be what an earlier create created.
    #[error("{message}")]
    Ambiguous {
        /// The message that names them.
        message: String,
    },
    /// Others carry the operation tag of a create, too.
    #[error("{} was created as well: something on the way sent the create again", ids.join(", "))]
    Duplicated {
        /// Their ids.
        ids: Vec<String>,
    },
    /// A read failed after the resource was created or changed.
    #[error("{0}")]
    ReadFailed(CallError),
    /// An expression failed once its values were known.
    #[error("{0}")]
    Evaluation(Diagnostics),
    /// The values that became known make something else than the plan showed.
    #[error("`{attribute}` differs from the plan")]
    InconsistentPlan {
        /// The first such attribute.
        attribute: Path,
    },
    /// A replacement would undo what was changed in the meantime and is ignored.
    #[error("`{attribute}` was changed since the plan was made, and `ignore_changes` keeps it")]
    ChangedWhileIgnored {
        /// The first such attribute.
        attribute: Path,
    },
    /// Attributes that are read are not there in time.
    #[error("{what} yet after {} s", waited.as_secs())]
    NotFilledIn {
        /// The resources and the attributes that they lack.
        what: String,
        /// The time that was waited.
        waited: Duration,
    },
    /// The attributes cannot be sent.
    #[error("{0}")]
    NotSendable(EncodeError),
    /// The group ended, or did not become ready in time.
    #[error("{0}")]
    NotReady(Box<NotReady>),
    /// The resource still exists after its delete.
    #[error("it still exists {} s after its delete, with status {}", waited.as_secs(),
        truncate(status))]
    DeleteTimedOut {
        /// The time that was waited.
        waited: Duration,
        /// Its last status.
        status: String,
    },
    /// The task ended without an answer, which is a defect of this program.
    #[error("the work ended unexpectedly: {0}")]
    Internal(String),
    /// An order failed.
    #[error("the order{} failed: {word}", named(order))]
    OrderFailed {
        /// Its id, where it is known.
        order: Option<String>,
        /// The cloud's word for it.
        word: String,
    },
    /// An order of unknown outcome is too old to go on with.
    #[error("its order is too old: the cloud no longer knows its client token")]
    TokenExpired,
    /// An order is not complete in time.
    #[error("the order{} is not complete after {} s", named(order), waited.as_secs())]
    OrderTimedOut {
        /// Its id, where it is known.
        order: Option<String>,
        /// The time that was waited.
        waited: Duration,
    },
    /// A change was accepted, and does not show.
    #[error("{what} does not show after {} s", waited.as_secs())]
    ChangeNotVisible {
        /// The desired change.
        what: String,
        /// The time that was waited.
        waited: Duration,
    },
    /// The resource is not to be deleted after all.
    #[error("{id} is kept: {by} turned out to declare it as existing")]
    DeclaredExisting {
        /// Its id.
        id: String,
        /// The address that declares it.
        by: Address,
    },
    /// Something has it that this run does not take it from.
    #[error("the {noun} {id} is in use by {}", truncate(user))]
    InUse {
        /// The noun for its kind.
        noun: &'static str,
        /// Its id.
        id: String,
        /// The resource that has it.
        user: String,
    },
    /// The resource disappeared while it was worked on.
    #[error("the {noun} {id} no longer exists")]
    Disappeared {
        /// The noun for its kind.
        noun: &'static str,
        /// Its id.
        id: String,
    },
    /// The run was stopped at once while this was under way.
    #[error("interrupted; the next run determines the outcome")]
    Interrupted,
}

/// The refusal of a value.
#[derive(Clone, Debug)]
pub struct ValueRefused {
    /// The refusal.
    pub error: CallError,
    /// The attribute that it is about.
    pub attribute: Path,
    /// Where that is written, as far as it is.
    pub place: Option<Span>,
}

fn named(order: &Option<String>) -> String {
    let named = order.as_ref().map(|order| format!(" {order}"));
    named.unwrap_or_default()
}

/// Something that did not become ready.
#[derive(Clone, Debug)]
pub struct NotReady {
    /// The noun for its kind: `group`, `EIP`, `disk`.
    pub noun: &'static str,
    /// The cloud's id.
    pub id: String,
    /// The last status.
    pub status: String,
    /// Whether it ended; otherwise the time was up.
    pub ended: bool,
    /// The time that was waited.
    pub waited: Duration,
    /// Whether the next plan replaces it, because it has never been ready.
    pub tainted: bool,
    /// The events and logs that explain it.
    pub explanation: FailureDetails,
}

impl NotReady {
    /// Covers the secrets in what the cloud tells.
    pub(crate) fn redacted(mut self: Box<Self>, redactor: &Redactor) -> Box<Self> {
        self.status = redactor.cover(&self.status);
        redactor.cover_explanation(&mut self.explanation);
        self
    }
}

impl std::fmt::Display for NotReady {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let NotReady {
            noun, id, status, ..
        } = self;
        let status = truncate(status);
        if self.ended {
            write!(
                f,
                "the {noun} {id} did not become ready: its status is {status}"
            )
        } else {
            write!(
                f,
                "the {noun} {id} did not become ready within {} s: its status is {status}",
                self.waited.as_secs()
            )
        }
    }
}

impl From<RequestError> for TaskError {
    fn from(error: RequestError) -> TaskError {
        match error {
            RequestError::Attribute(error) => TaskError::NotSendable(error),
            other => TaskError::Internal(other.to_string()),
        }
    }
}

impl TaskError {
    /// Returns advice on how to proceed.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            TaskError::Call(error) | TaskError::NotAttempted { error } => return error.help(),
            TaskError::ValueRefused(refused) => {
                let attribute = &refused.attribute;
                return Some(match &refused.place {
                    Some(place) => format!("correct `{attribute}` ({place})"),
                    None => format!("correct `{attribute}`"),
                });
            }
            TaskError::ReadFailed(_) => "run the command again to continue waiting",
            TaskError::Unknown { .. } | TaskError::UnexpectedId { .. } => {
                "run the command again: it determines the outcome before it creates another one"
            }
            TaskError::Ambiguous { .. } => return None,
            TaskError::CreatedMeanwhile { .. } => {
                "it is in the state: run the command again to update or delete it as configured"
            }
            TaskError::Duplicated { .. } => {
                "run the command again: the next plan deletes what the state does not have"
            }
            TaskError::Evaluation(_) => return None,
            TaskError::NotFilledIn { .. } => {
                "run the command again to continue waiting, or set `wait = \"running\"` on the \
                 container group that is read"
            }
            TaskError::InconsistentPlan { .. } => "create a new plan to see what would change now",
            TaskError::ChangedWhileIgnored { .. } => "create a new plan: it keeps the new value",
            TaskError::NotSendable(EncodeError::OnlyDigest { .. }) => {
                "give the value in the manifest again"
            }
            TaskError::NotSendable(_) => return None,
            TaskError::NotReady(not_ready) if not_ready.noun != "group" => {
                "it is recorded in the state: check it in the CTyun console, or allow more time with \
                 `timeouts = { create = \"30m\" }`, and run the command again"
            }
            TaskError::NotReady(not_ready) if not_ready.ended => {
                "fix the cause shown in its events and log; the next apply replaces it"
            }
            TaskError::NotReady(not_ready) if !not_ready.tainted => {
                "fix the cause shown in its events and log; the next apply updates it in place; or allow \
                 more time with `timeouts = { update = \"30m\" }` and run the command again"
            }
            TaskError::NotReady(_) => {
                "fix the cause shown in its events and log, or allow more time with \
                 `timeouts = { create = \"30m\", update = \"30m\" }`; the next apply replaces it, unless \
                 `eci untaint` removes the mark"
            }
            TaskError::DeleteTimedOut { .. } => {
                "run the command again later, or allow more time with `timeouts = { delete = \"30m\" }`"
            }
            TaskError::Internal(_) => "please report it with the output of ECI_LOG=debug",
            TaskError::OrderFailed { .. } => {
                "check the order in the CTyun console, for example for balance, quota or sold-out \
                 products; then run the command again"
            }
            TaskError::TokenExpired => "run the command again: it looks for what the order created",
            TaskError::OrderTimedOut { .. } => {
                "run the command again later: it resumes this order and places no other"
            }
            TaskError::ChangeNotVisible { .. } => {
                "run the command again later, or allow more time with `timeouts = { update = \"30m\" }`"
            }
            TaskError::DeclaredExisting { .. } => {
                "run the command again: the next plan removes it from the state and keeps it in the cloud"
            }
            TaskError::InUse { .. } => "detach it from there, then run the command again",
            TaskError::Disappeared { .. } => {
                "create a new plan: it is created again if the configuration still declares it"
            }
            TaskError::Interrupted => "run the command again",
        };
        Some(help.to_owned())
    }
}

/// Returns the error of a call without the statement that its outcome is unknown.
fn what_failed(error: &CallError) -> String {
    let text = error.to_string();
    text.strip_suffix("; the outcome is unknown")
        .map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use eci_api::{CallErrorKind, Operation};

    use super::*;

    #[test]
    fn an_unknown_outcome_is_stated_once() {
        let detail = "the connection was closed".to_owned();
        let error = CallError::new(
            Operation::DeleteContainerGroup,
            CallErrorKind::ConnectionClosed { detail },
        );
        let text = TaskError::Unknown { error }.to_string();
        assert_eq!(text.matches("the outcome is unknown").count(), 1, "{text}");
    }
}
