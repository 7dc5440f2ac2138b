//! Ids and reports of any kind, by the adapter of their kind.

use eci_core::{Kind, Map, OperationTag, Value};
use eci_text::Text;
use jiff::Timestamp;

use super::adapter::{Adapter, PriorAttributes};
use super::registry::{for_kind, for_object};
use crate::order::Order;
use crate::readiness::{Readiness, Wait, status_text};
use crate::remote::{RemoteId, RemoteObject, RemoteReport};
use crate::request::RequestError;

impl RemoteId {
    /// Returns the id of a resource of this kind, as the state records it.
    ///
    /// # Errors
    /// If the cloud can have given it to nothing of the kind.
    pub fn new(kind: Kind, id: &str) -> Result<RemoteId, RequestError> {
        for_kind!(kind, Adapted => Adapted::id(id))
    }

    /// Returns the kind of the object that it is the id of.
    pub fn kind(&self) -> Kind {
        for_object!(RemoteId, self, (Adapted, _id) => Adapted::KIND)
    }

    /// Returns the short noun for the object that it is the id of.
    pub fn noun(&self) -> &'static str {
        self.kind().properties().nouns.short
    }
}

impl RemoteObject {
    /// Returns the kind of its resource.
    pub fn kind(&self) -> Kind {
        for_object!(RemoteReport, &self.report, (Adapted, _report) => Adapted::KIND)
    }

    /// Returns the attributes, with those that this report does not repeat and that are known from
    /// before: applied, or observed in an earlier report.
    #[must_use]
    pub fn attributes_with_prior(&self, applied: &Map, observed: &Map) -> Map {
        let mut whole = self.attributes.clone();
        let prior = PriorAttributes { applied, observed };
        for_object!(RemoteReport, &self.report, (Adapted, report) => {
            Adapted::complete(report, &mut whole, prior);
        });
        whole
    }

    /// Returns the attributes, with the billing terms as far as that can be inferred: the terms of
    /// an order are not reported.
    #[must_use]
    pub fn attributes_with_billing(&self) -> Map {
        let mut whole = self.attributes.clone();
        for_object!(RemoteReport, &self.report, (Adapted, report) => {
            Adapted::add_billing(report, &mut whole);
        });
        whole
    }

    /// Returns how far it is on its way to be used.
    pub fn readiness(&self, wait: Wait) -> Readiness {
        for_object!(RemoteReport, &self.report, (Adapted, report) => {
            Adapted::readiness(report, &self.status, wait)
        })
    }

    /// Returns its status in words for people: the cloud's own differ in spelling.
    pub fn phase(&self) -> Text {
        let words = for_object!(RemoteReport, &self.report, (Adapted, report) => {
            Adapted::phase(report)
        });
        status_text(words, &self.status)
    }

    /// Returns its status in words while it is being deleted, or detached for it.
    pub fn phase_of_delete(&self) -> Text {
        let words = for_object!(RemoteReport, &self.report, (Adapted, report) => {
            Adapted::phase_of_delete(report)
        });
        status_text(words, &self.status)
    }

    /// Returns whether the status is transitional, so that it is better to wait than to act.
    pub fn is_transitional(&self) -> bool {
        for_object!(RemoteReport, &self.report, (Adapted, report) => {
            Adapted::is_transitional(report)
        })
    }

    /// Returns whether it is being deleted.
    pub fn is_deleting(&self) -> bool {
        for_object!(RemoteReport, &self.report, (Adapted, report) => Adapted::is_deleting(report))
    }

    /// Returns the time at which it was created, if it is reported.
    pub fn created_at(&self) -> Option<Timestamp> {
        for_object!(RemoteReport, &self.report, (Adapted, report) => Adapted::created_at(report))
    }

    /// Returns the order that deletes it, unless its kind is not ordered.
    pub fn delete_order(&self) -> Option<Order> {
        for_object!(RemoteReport, &self.report, (Adapted, report) => Adapted::delete_order(report))
    }

    /// Returns the operation that a group's tag or a disk's label names, in full or in its short
    /// form: it identifies the state that created or imported it. An EIP carries no mark.
    pub fn operation_mark(&self) -> Option<&str> {
        for_object!(RemoteReport, &self.report, (Adapted, report) => {
            Adapted::operation_mark(report)
        })
    }

    /// Returns whether the create of this operation created the object; `None` where it can carry no
    /// mark: an EIP, and a disk in a region without labels.
    pub fn is_created_by(&self, operation: &OperationTag) -> Option<bool> {
        for_object!(RemoteReport, &self.report, (Adapted, report) => {
            Adapted::is_created_by(report, operation)
        })
    }

    /// Returns the object that it is attached to: an EIP is bound to one object, a disk attached to one.
    pub fn attached_to(&self) -> Option<String> {
        for_object!(RemoteReport, &self.report, (Adapted, report) => Adapted::attached_to(report))
    }

    /// Returns the bandwidth of an EIP in Mbps, if it is reported.
    pub fn bandwidth(&self) -> Option<i64> {
        self.attributes.get("bandwidth")?.as_number()?.as_i64()
    }

    /// Returns the id of the shared bandwidth that an EIP is in, if it is in one.
    pub(crate) fn shared_bandwidth(&self) -> Option<&str> {
        self.attributes.get("bandwidth_id").and_then(Value::as_str)
    }

    /// Returns the size of a disk in GB, if it is reported.
    pub(crate) fn disk_size(&self) -> Option<i64> {
        let size = self.attributes.get("disk")?.get("size")?;
        size.as_number()?.as_i64()
    }
}
