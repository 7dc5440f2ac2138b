//! Errors of calls, and whether a failed call may have taken effect.

pub(crate) mod codes;
mod help;
mod message;
mod reason;
mod refusal;

use std::time::Duration;

use eci_text::Text;

pub(crate) use message::seconds;
pub use reason::StatusReason;
pub use refusal::Refusal;

use crate::operation::Operation;

/// A call that did not succeed.
///
/// Its message names the call, the resource, the request ID and the cloud's own words;
/// [`help`](CallError::help) returns the remedy.
#[derive(Clone, Debug)]
pub struct CallError {
    operation: Operation,
    resource: Option<String>,
    request_id: Option<String>,
    http_status: Option<u16>,
    retry_after: Option<Duration>,
    /// The number of attempts in all, and the time that they took.
    effort: (u32, Duration),
    /// Whether an earlier attempt of the same call may have been done.
    in_doubt: bool,
    kind: Box<CallErrorKind>,
}

/// Whether a call that failed was done all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// Nothing was changed.
    NotDone,
    /// The call may have been performed, or may still be: read before sending it again.
    Unknown,
}

/// The kind of an error of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallErrorKind {
    /// The cloud answered, and the answer is no.
    Refused(Box<Refusal>),
    /// The request could not be put together.
    NotSent {
        /// The reason.
        detail: Text,
    },
    /// The connection failed: connection refused, unknown host, network down.
    Unreachable {
        /// The address of the service.
        endpoint: String,
        /// The reason.
        detail: Text,
    },
    /// There was no trusted connection: the other side's certificate or TLS is not accepted.
    TlsFailed {
        /// The address of the service.
        endpoint: String,
        /// The reason.
        detail: Text,
    },
    /// No whole answer came before the timeout.
    TimedOut {
        /// The time limit.
        limit: Duration,
    },
    /// The connection was cut before the whole answer had come.
    ConnectionClosed {
        /// The circumstances.
        detail: Text,
    },
    /// The answer is not the cloud's: a gateway's page, or nothing at all.
    UnexpectedResponse {
        /// The header `Content-Type`.
        content_type: Option<String>,
        /// The beginning of the answer; of JSON, which may hold secrets, only the names of its
        /// fields; empty where nothing was answered.
        beginning: Text,
    },
    /// The answer is larger than allowed.
    TooLarge {
        /// The number of bytes that are allowed.
        limit: usize,
    },
    /// The cloud says that it succeeded and leaves out what the call is for.
    MissingObject,
    /// The cloud says that it succeeded and what it answers cannot be understood.
    Unreadable {
        /// The part that is not understood.
        ///
        /// Never the value itself, which may be secret.
        detail: Text,
    },
    /// A list has fewer items than it counts itself.
    Incomplete {
        /// The evidence that it is incomplete.
        detail: Text,
    },
    /// The pages of a list go on and on.
    Endless {
        /// The evidence that it has no end.
        detail: Text,
    },
}

impl From<Refusal> for CallErrorKind {
    fn from(refusal: Refusal) -> CallErrorKind {
        CallErrorKind::Refused(Box::new(refusal))
    }
}

impl CallError {
    /// Creates an error of a call, without a resource and a request ID.
    pub fn new(operation: Operation, kind: CallErrorKind) -> CallError {
        CallError {
            operation,
            resource: None,
            request_id: None,
            http_status: None,
            retry_after: None,
            effort: (1, Duration::ZERO),
            in_doubt: false,
            kind: Box::new(kind),
        }
    }

    /// Adds the resource: its ID, or its name as long as it has none.
    #[must_use]
    pub fn about(mut self, resource: impl Into<String>) -> CallError {
        self.resource = Some(resource.into());
        self
    }

    /// Adds the ID that the request was sent under.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> CallError {
        self.request_id = Some(request_id.into());
        self
    }

    /// Adds the status of the HTTP answer.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> CallError {
        self.http_status = Some(status);
        self
    }

    /// Adds the time after which to retry, as the cloud asks.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Duration) -> CallError {
        self.retry_after = Some(retry_after);
        self
    }

    /// Adds the number of attempts and the time that they took.
    #[must_use]
    pub fn after(mut self, attempts: u32, waited: Duration) -> CallError {
        self.effort = (attempts, waited);
        self
    }

    /// Marks the outcome as unknown because an earlier attempt of the same call has an unknown
    /// outcome: that this one was not performed says nothing about that one.
    #[must_use]
    pub fn in_doubt(mut self) -> CallError {
        self.in_doubt = true;
        self
    }

    /// Returns the operation of the call.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Returns the resource's ID, or its name as long as it has none.
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// Returns the ID that the request was sent under, for the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the status of the HTTP answer, if there was one.
    ///
    /// It may be 200 on failure.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// Returns the time after which to retry, as the cloud asks.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Returns the kind of the error.
    pub fn kind(&self) -> &CallErrorKind {
        &self.kind
    }

    /// Returns the cloud's own words, if it refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &*self.kind {
            CallErrorKind::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Returns the reason of the refusal, if there was one.
    pub fn reason(&self) -> Option<&StatusReason> {
        self.refusal().map(|refusal| &refusal.reason)
    }

    /// Returns whether the call may have been performed nevertheless.
    pub fn outcome(&self) -> CallOutcome {
        if !self.operation.changes() {
            return CallOutcome::NotDone;
        }
        if self.is_failed_order() {
            return CallOutcome::NotDone;
        }
        if self.in_doubt {
            return CallOutcome::Unknown;
        }
        match &*self.kind {
            CallErrorKind::Refused(refusal) if refusal.is_final() => CallOutcome::NotDone,
            CallErrorKind::NotSent { .. }
            | CallErrorKind::Unreachable { .. }
            | CallErrorKind::TlsFailed { .. } => CallOutcome::NotDone,
            CallErrorKind::Refused(_)
            | CallErrorKind::TimedOut { .. }
            | CallErrorKind::ConnectionClosed { .. }
            | CallErrorKind::UnexpectedResponse { .. }
            | CallErrorKind::TooLarge { .. }
            | CallErrorKind::MissingObject
            | CallErrorKind::Unreadable { .. }
            | CallErrorKind::Incomplete { .. }
            | CallErrorKind::Endless { .. } => CallOutcome::Unknown,
        }
    }

    /// Returns whether an order was accepted and then failed.
    ///
    /// Under its token it remains failed, whatever was answered before.
    pub fn is_failed_order(&self) -> bool {
        let refusal = self.refusal();
        refusal.is_some_and(|refusal| codes::is_failed_order(&refusal.error))
    }

    /// Returns whether the cloud says that the resource does not exist, or no longer: by its
    /// reason, with a status of 404 or 410 wherever there is one.
    ///
    /// A gateway that does not know a path answers differently.
    pub fn is_not_found(&self) -> bool {
        let by_status = match self.http_status {
            Some(status) => matches!(status, 200..=299 | 404 | 410),
            None => true,
        };
        by_status && self.refusal().is_some_and(Refusal::means_missing)
    }

    /// Returns whether the failure may pass by itself.
    pub fn is_transient(&self) -> bool {
        match &*self.kind {
            CallErrorKind::Refused(refusal) => refusal.reason.is_transient(),
            CallErrorKind::Unreachable { .. }
            | CallErrorKind::TimedOut { .. }
            | CallErrorKind::ConnectionClosed { .. }
            | CallErrorKind::Incomplete { .. } => true,
            // A gateway that answers in the cloud's place: for good where it does not know
            // the path or requires authentication, otherwise while the cloud is away.
            CallErrorKind::UnexpectedResponse { .. } => {
                !matches!(self.http_status, Some(300..=428 | 430..=499))
            }
            CallErrorKind::NotSent { .. }
            | CallErrorKind::TlsFailed { .. }
            | CallErrorKind::TooLarge { .. }
            | CallErrorKind::MissingObject
            | CallErrorKind::Unreadable { .. }
            | CallErrorKind::Endless { .. } => false,
        }
    }

    /// Returns whether sending the same request again may help and can do no harm: the failure may
    /// pass by itself, and nothing was changed.
    pub fn is_retryable(&self) -> bool {
        self.is_transient() && self.outcome() == CallOutcome::NotDone
    }
}

impl std::error::Error for CallError {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
