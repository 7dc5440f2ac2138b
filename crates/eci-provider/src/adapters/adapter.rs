//! The trait of adapters: all that the provider does with resources of one kind.

use eci_api::CallError;
use eci_api::types::{ClientToken, OrderOutcome};
use eci_core::{Kind, Map, OperationTag, Path};
use eci_text::FixedText;
use jiff::Timestamp;

use crate::in_place_change::{ChangeTarget, InPlaceChange};
use crate::order::Order;
use crate::price::{PriceError, PriceRequest};
use crate::provider::ResourceProvider;
use crate::readiness::{Readiness, Wait};
use crate::remote::{RemoteId, RemoteObject};
use crate::request::RequestError;
use crate::services::Cloud;

/// The calls and rules of one kind.
///
/// **Invariant:** a read returns `None` only where the call that describes the object alone says
/// that it no longer exists; every other answer is an error.
pub(crate) trait Adapter {
    /// The kind.
    const KIND: Kind;
    /// The attributes that an update in place can change the price by.
    const PRICED_BY: &'static [&'static str];
    /// The cloud's id of an object.
    type Id;
    /// The cloud's report of an object.
    type Report;
    /// An order of the kind.
    type Order;

    /// Returns the id that a state has as this text.
    ///
    /// # Errors
    /// If the cloud can have given it to nothing of the kind.
    fn id(text: &str) -> Result<RemoteId, RequestError>;

    /// Reads an object; `None` if it no longer exists.
    async fn read<A: Cloud>(
        provider: &ResourceProvider<A>,
        id: &Self::Id,
    ) -> Result<Option<RemoteObject>, CallError>;

    /// Reads many objects and hands on each as it arrives; those that no longer exist are missing.
    async fn read_many<A: Cloud + 'static>(
        provider: &ResourceProvider<A>,
        ids: &[Self::Id],
        see: impl FnMut(RemoteObject),
    ) -> Result<(), CallError>;

    /// Lists all objects of the region, of which less may be reported than of each alone.
    async fn list<A: Cloud>(provider: &ResourceProvider<A>)
    -> Result<Vec<RemoteObject>, CallError>;

    /// Makes the smallest call to the service of the kind.
    async fn reach<A: Cloud>(provider: &ResourceProvider<A>) -> Result<(), CallError>;

    /// Returns the order that creates an object of these attributes.
    ///
    /// # Errors
    /// If an attribute is unknown or only its digest is left, or the kind is not ordered.
    fn create_order(attributes: &Map, operation: &OperationTag) -> Result<Order, RequestError>;

    /// Returns the order that deletes an object, unless the kind is not ordered.
    fn delete_order(report: &Self::Report) -> Option<Order>;

    /// Places an order, or queries it if it was placed under this token before.
    ///
    /// The outcome has the ID of the created object, once that is reported.
    async fn place<A: Cloud>(
        provider: &ResourceProvider<A>,
        token: &ClientToken,
        order: &Self::Order,
    ) -> Result<OrderOutcome<Option<String>>, CallError>;

    /// Returns the calls that update an object to what is desired, the quick ones first; none for
    /// a kind that one call updates.
    fn updates(desired: &Map, changed: &[Path]) -> Vec<InPlaceChange>;

    /// Makes a change that is not ordered.
    ///
    /// Repeating it does no harm.
    async fn update<A: Cloud>(
        provider: &ResourceProvider<A>,
        target: ChangeTarget<'_, Self::Id>,
        change: &InPlaceChange,
    ) -> Result<(), CallError>;

    /// Returns how far an object is on its way to be used.
    fn readiness(report: &Self::Report, status: &str, wait: Wait) -> Readiness;

    /// Returns the status in words for people, where the cloud's own differ in spelling.
    fn phase(report: &Self::Report) -> Option<FixedText>;

    /// Returns the status in words while the object is being deleted, or detached for it.
    fn phase_of_delete(report: &Self::Report) -> Option<FixedText> {
        Self::phase(report)
    }

    /// Returns whether the status is transitional.
    fn is_transitional(report: &Self::Report) -> bool;

    /// Returns whether the object is being deleted.
    fn is_deleting(report: &Self::Report) -> bool;

    /// Returns the time at which the object was created, if it is reported.
    fn created_at(report: &Self::Report) -> Option<Timestamp>;

    /// Returns the operation that created the object or took it over, if it carries one.
    fn operation_mark(report: &Self::Report) -> Option<&str>;

    /// Returns whether the create of this operation created the object; `None` where it can carry no mark.
    fn is_created_by(report: &Self::Report, operation: &OperationTag) -> Option<bool>;

    /// Returns the name of the object that it is attached to, if any.
    fn attached_to(report: &Self::Report) -> Option<String>;

    /// Completes attributes with those that this report does not repeat: what was applied, or
    /// observed in an earlier report.
    fn complete(report: &Self::Report, attributes: &mut Map, prior: PriorAttributes<'_>);

    /// Adds the billing terms of the object, as far as that can be inferred.
    fn add_billing(report: &Self::Report, attributes: &mut Map);

    /// Returns the question for the price of a resource of these attributes; `None` where it
    /// costs nothing by itself.
    ///
    /// # Errors
    /// If the price cannot be requested.
    fn price_request(attributes: &Map) -> Result<Option<PriceRequest>, PriceError>;
}

/// The attributes of a resource that are known from before a report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PriorAttributes<'a> {
    /// The attributes that were applied.
    pub(crate) applied: &'a Map,
    /// The attributes that were observed last.
    pub(crate) observed: &'a Map,
}
