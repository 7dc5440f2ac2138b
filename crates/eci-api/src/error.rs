//! Errors of calls, and whether a failed call may have taken effect.

pub(crate) mod codes;
mod help;
mod message;
mod reason;
mod refusal;

use std::time::Duration;

use eci_text::Text;

pub(crate) use message::seconds;
pub use reason::Reason;
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
    /// How often it was made in all, and in what time.
    made: (u32, Duration),
    /// Whether an earlier attempt of the same call may have been done.
    in_doubt: bool,
    kind: Box<CallErrorKind>,
}

/// Whether a call that failed was done all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was changed.
    NotDone,
    /// It may have been done, or may still be: look before sending it again.
    Unknown,
}

/// What went wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallErrorKind {
    /// The cloud answered, and the answer is no.
    Refused(Box<Refusal>),
    /// The request could not be put together.
    NotSent {
        /// Why.
        detail: Text,
    },
    /// There was no connection: nobody listens, the name is not known, the network is down.
    Unreachable {
        /// Where to.
        endpoint: String,
        /// Why.
        detail: Text,
    },
    /// There was no trusted connection: the other side's certificate or TLS is not accepted.
    TlsFailed {
        /// Where to.
        endpoint: String,
        /// Why.
        detail: Text,
    },
    /// No whole answer came in time.
    TimedOut {
        /// How long was waited.
        limit: Duration,
    },
    /// The connection was cut before the whole answer had come.
    ConnectionClosed {
        /// How.
        detail: Text,
    },
    /// The answer is not the cloud's: a gateway's page, or nothing at all.
    UnexpectedResponse {
        /// The header `Content-Type`.
        content_type: Option<String>,
        /// How the answer begins; of JSON, which may hold secrets, only the names of its
        /// fields; empty where nothing was answered.
        beginning: Text,
    },
    /// The answer is larger than allowed.
    TooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// The cloud says that it succeeded and leaves out what the call is for.
    MissingObject,
    /// The cloud says that it succeeded and what it answers cannot be understood.
    Unreadable {
        /// What is not understood. Never the value itself, which may be secret.
        detail: Text,
    },
    /// A list has fewer items than it counts itself.
    Incomplete {
        /// What tells that it is incomplete.
        detail: Text,
    },
    /// The pages of a list go on and on.
    Endless {
        /// What tells that it has none.
        detail: Text,
    },
}

impl From<Refusal> for CallErrorKind {
    fn from(refusal: Refusal) -> CallErrorKind {
        CallErrorKind::Refused(Box::new(refusal))
    }
}

impl CallError {
    /// An error of a call, about no resource and without a request id yet.
    pub fn new(operation: Operation, kind: CallErrorKind) -> CallError {
        CallError {
            operation,
            resource: None,
            request_id: None,
            http_status: None,
            retry_after: None,
            made: (1, Duration::ZERO),
            in_doubt: false,
            kind: Box::new(kind),
        }
    }

    /// With the resource it is about: its id, or its name as long as it has none.
    #[must_use]
    pub fn about(mut self, resource: impl Into<String>) -> CallError {
        self.resource = Some(resource.into());
        self
    }

    /// With the id that the request was sent under.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> CallError {
        self.request_id = Some(request_id.into());
        self
    }

    /// With the status of the HTTP answer.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> CallError {
        self.http_status = Some(status);
        self
    }

    /// With the time after which to try again, as the cloud asks.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Duration) -> CallError {
        self.retry_after = Some(retry_after);
        self
    }

    /// With how often the call was made in all, and in what time.
    #[must_use]
    pub fn after(mut self, attempts: u32, waited: Duration) -> CallError {
        self.made = (attempts, waited);
        self
    }

    /// After an earlier attempt of the same call whose outcome is unknown: that this one was not
    /// done says nothing about that one.
    #[must_use]
    pub fn in_doubt(mut self) -> CallError {
        self.in_doubt = true;
        self
    }

    /// Which call.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The resource's id, or its name as long as it has none.
    pub fn resource(&self) -> Option<&str> {
        self.resource.as_deref()
    }

    /// The id that the request was sent under, to be named to the vendor's support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The status of the HTTP answer, if there was one. It may be 200 on failure.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// When to try again, as the cloud asks.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// What went wrong.
    pub fn kind(&self) -> &CallErrorKind {
        &self.kind
    }

    /// The cloud's own words, if it refused.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &*self.kind {
            CallErrorKind::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Why the cloud refused, if it did.
    pub fn reason(&self) -> Option<&Reason> {
        self.refusal().map(|refusal| &refusal.reason)
    }

    /// Whether the call may have been done all the same.
    pub fn outcome(&self) -> Outcome {
        if !self.operation.changes() {
            return Outcome::NotDone;
        }
        if self.is_failed_order() {
            return Outcome::NotDone;
        }
        if self.in_doubt {
            return Outcome::Unknown;
        }
        match &*self.kind {
            CallErrorKind::Refused(refusal) if refusal.is_final() => Outcome::NotDone,
            CallErrorKind::NotSent { .. }
            | CallErrorKind::Unreachable { .. }
            | CallErrorKind::TlsFailed { .. } => Outcome::NotDone,
            CallErrorKind::Refused(_)
            | CallErrorKind::TimedOut { .. }
            | CallErrorKind::ConnectionClosed { .. }
            | CallErrorKind::UnexpectedResponse { .. }
            | CallErrorKind::TooLarge { .. }
            | CallErrorKind::MissingObject
            | CallErrorKind::Unreadable { .. }
            | CallErrorKind::Incomplete { .. }
            | CallErrorKind::Endless { .. } => Outcome::Unknown,
        }
    }

    /// Whether an order was accepted and then failed. Under its token that stays so, whatever was
    /// answered before.
    pub fn is_failed_order(&self) -> bool {
        let refusal = self.refusal();
        refusal.is_some_and(|refusal| codes::is_failed_order(&refusal.error))
    }

    /// Whether the cloud says that the resource does not exist, or no longer: by its reason, with
    /// a status of 404 or 410 wherever there is one. A gateway that does not know a path says
    /// something else.
    pub fn is_not_found(&self) -> bool {
        let by_status = match self.http_status {
            Some(status) => matches!(status, 200..=299 | 404 | 410),
            None => true,
        };
        by_status && self.refusal().is_some_and(Refusal::is_gone)
    }

    /// Whether what went wrong may pass by itself.
    pub fn is_transient(&self) -> bool {
        match &*self.kind {
            CallErrorKind::Refused(refusal) => refusal.reason.is_transient(),
            CallErrorKind::Unreachable { .. }
            | CallErrorKind::TimedOut { .. }
            | CallErrorKind::ConnectionClosed { .. }
            | CallErrorKind::Incomplete { .. } => true,
            // A gateway that answers in the cloud's place: for good where it does not know
            // the path or wants a login, otherwise while the cloud is away.
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

    /// Whether sending the same request again may help and can do no harm: what went wrong
    /// may pass by itself, and nothing was changed.
    pub fn is_retryable(&self) -> bool {
        self.is_transient() && self.outcome() == Outcome::NotDone
    }
}

impl std::error::Error for CallError {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
