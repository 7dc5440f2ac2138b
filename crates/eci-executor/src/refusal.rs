//! A refused create, and how to find out whether it was done all the same.

use eci_api::StatusReason;
use eci_core::OperationTag;
use eci_provider::Wait;
use eci_state::{OpenIntent, Snapshot};

use crate::error::TaskError;
use crate::order_request::OrderRequest;

/// A create that was refused, and how to find out whether it was done all the same.
pub(crate) struct RefusedCreate {
    /// The refusal.
    pub(crate) problem: TaskError,
    /// The way to find what the create created.
    pub(crate) look_up: CreateLookup,
    /// The state with which reads are compared, where they decide.
    pub(crate) reading: Option<Box<OpenCreate>>,
}

/// The create of an EIP or a disk, and the state of which it is not.
pub(crate) struct OpenCreate {
    pub(crate) open: OpenIntent,
    pub(crate) snapshot: Snapshot,
}

/// The way to find what a create created.
pub(crate) enum CreateLookup {
    /// A container group by its operation tag.
    Tag(OperationTag, Wait),
    /// A disk by its label; an EIP, and a disk that does not exist yet, by the same order under the
    /// same client token.
    Order(Box<OrderRequest>),
}

impl RefusedCreate {
    /// Returns whether the cloud refused it because it gets too many calls.
    pub(crate) fn is_for_too_many_calls(&self) -> bool {
        matches!(&self.problem, TaskError::Call(error) if error.reason() == Some(&StatusReason::TooManyRequests))
    }
}
