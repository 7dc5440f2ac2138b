//! One row: what is known of one field.

use std::fmt;
use std::sync::Arc;

use eci_text::FixedText;

use super::{Change, Check, FactSource, Type};
use crate::secret_names::SecretHint;
use crate::value::{Map, Value};

/// The source of a field's value: the manifest, the cloud, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    /// The manifest must.
    Required,
    /// The manifest may.
    Optional,
    /// The manifest may; otherwise the cloud chooses, and whatever it chose is right.
    OptionalComputed,
    /// Only the cloud: a reference can read it.
    Computed,
}

/// A default, as a constant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    /// Text.
    Text(&'static str),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Bool(bool),
}

impl Literal {
    /// Returns the default as a value.
    pub fn value(self) -> Value {
        match self {
            Literal::Text(text) => Value::from(text),
            Literal::Integer(number) => Value::from(number),
            Literal::Bool(truth) => Value::from(truth),
        }
    }
}

impl fmt::Display for Literal {
    /// Writes the default as in a manifest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Text(text) => write!(f, "{text:?}"),
            Literal::Integer(number) => write!(f, "{number}"),
            Literal::Bool(truth) => write!(f, "{truth}"),
        }
    }
}

/// The description of one field.
///
/// Built by its `const` methods, read everywhere.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name in manifests.
    pub name: &'static str,
    /// The place in requests, steps joined by dots, digits for places in lists
    /// (`azInfo.0.azName`). `None` for what is never sent.
    pub request_path: Option<&'static str>,
    /// The place in the report of the cloud; `None` for a field that it does not report.
    pub response_path: Option<&'static str>,
    /// The place in the requests of the resource's own service, where it exists independently
    /// of the groups that use it; empty where it is the request as a whole.
    pub service_request_path: Option<&'static str>,
    /// The place in what that service reports.
    pub service_response_path: Option<&'static str>,
    /// The type and range.
    pub ty: Type,
    /// The source of the value.
    pub presence: Availability,
    /// The consequence of a change.
    pub change: Change,
    /// Whether each part of it changes separately: then what its own fields say counts.
    pub diff_nested: bool,
    /// Whether it is a secret.
    pub sensitive: bool,
    /// The way to recognize parts that probably are secrets, where the field is not one as a whole.
    pub secret_hint: Option<SecretHint>,
    /// Filled in and sent where the manifest gives none.
    pub default: Option<Literal>,
    /// The value that the cloud uses where none is sent: giving it is the same as not giving it.
    pub api_default: Option<Literal>,
    /// Further rules.
    pub checks: &'static [Check],
    /// The value of the table's `type` that this field belongs to; every one if `None`.
    pub variant: Option<&'static str>,
    /// A required field that eci makes where the manifest gives none: out of these other
    /// fields, or out of the table's label where none is named.
    pub default_from: Option<&'static [&'static str]>,
    /// The field that has its value in the normal form, together with others.
    pub joined_into: Option<&'static str>,
    /// The fields of which one has its value in the normal form; none if only it can have it.
    pub forms: &'static [&'static str],
    /// Whether it must be a literal: an expression cannot compute it.
    pub literal_only: bool,
    /// For a read-only field: the field whose change makes it unknown until apply.
    pub recomputed_with: Option<&'static str>,
    /// One line about it.
    pub doc: FixedText,
    /// The source of these facts.
    pub source: FactSource,
}

impl Field {
    /// Creates an optional field of the API reference whose change forces replacement, neither
    /// reported nor sensitive. The other methods say what differs from that.
    pub const fn new(name: &'static str, wire: &'static str, ty: Type, doc: FixedText) -> Field {
        Field {
            name,
            request_path: Some(wire),
            response_path: None,
            service_request_path: None,
            service_response_path: None,
            ty,
            presence: Availability::Optional,
            change: Change::Replace,
            diff_nested: false,
            sensitive: false,
            secret_hint: None,
            default: None,
            api_default: None,
            checks: &[],
            variant: None,
            default_from: None,
            joined_into: None,
            forms: &[],
            literal_only: false,
            recomputed_with: None,
            doc,
            source: FactSource::Page,
        }
    }

    /// Creates a field of manifests that is never sent under its own name.
    pub const fn local(name: &'static str, ty: Type, doc: FixedText) -> Field {
        let mut field = Field::new(name, "", ty, doc);
        field.request_path = None;
        field.source = FactSource::Eci;
        field
    }

    /// Creates a field that only the resource's own service knows: never part of a group.
    pub const fn of_service(
        name: &'static str,
        own: &'static str,
        ty: Type,
        doc: FixedText,
    ) -> Field {
        let mut field = Field::new(name, "", ty, doc);
        field.request_path = None;
        field.service_request_path = Some(own);
        field.source = FactSource::Client;
        field
    }

    /// Creates a key of a table that is about eci itself and not about a resource: nothing is sent,
    /// and nothing is replaced when it changes.
    pub const fn setting(name: &'static str, ty: Type, doc: FixedText) -> Field {
        let mut field = Field::local(name, ty, doc);
        field.change = Change::InPlace;
        field
    }

    /// Creates a field that only the cloud writes.
    pub const fn read_only(name: &'static str, reported: &'static str, doc: FixedText) -> Field {
        let mut field = Field::new(name, "", Type::String, doc);
        field.request_path = None;
        field.response_path = Some(reported);
        field.presence = Availability::Computed;
        field.source = FactSource::Client;
        field
    }

    /// Marks the field as required in manifests.
    #[must_use]
    pub const fn required(mut self) -> Field {
        self.presence = Availability::Required;
        self
    }

    /// Marks the field as chosen by the cloud where the manifest gives no value.
    #[must_use]
    pub const fn or_computed(mut self) -> Field {
        self.presence = Availability::OptionalComputed;
        self
    }

    /// Parts of it probably are secrets.
    #[must_use]
    pub const fn hinting(mut self, hint: SecretHint) -> Field {
        self.secret_hint = Some(hint);
        self
    }

    /// Marks the field as updated in place.
    #[must_use]
    pub const fn in_place(mut self) -> Field {
        self.change = Change::InPlace;
        self
    }

    /// Marks the field as reported under the name it is sent by.
    #[must_use]
    pub const fn reported(mut self) -> Field {
        self.response_path = self.request_path;
        self
    }

    /// Marks the field as reported in this place.
    #[must_use]
    pub const fn reported_as(mut self, place: &'static str) -> Field {
        self.response_path = Some(place);
        self
    }

    /// Sets its place in the requests of the resource's own service.
    #[must_use]
    pub const fn service_request(mut self, place: &'static str) -> Field {
        self.service_request_path = Some(place);
        self
    }

    /// Sets its place in the responses of the resource's own service.
    #[must_use]
    pub const fn service_response(mut self, place: &'static str) -> Field {
        self.service_response_path = Some(place);
        self
    }

    /// Marks each part of the field as changing by itself.
    #[must_use]
    pub const fn diff_nested(mut self) -> Field {
        self.diff_nested = true;
        self
    }

    /// Marks the field as a secret.
    #[must_use]
    pub const fn secret(mut self) -> Field {
        self.sensitive = true;
        self
    }

    /// Sets the value that is filled in and sent where the manifest gives none.
    #[must_use]
    pub const fn default(mut self, default: Literal) -> Field {
        self.default = Some(default);
        self
    }

    /// Sets the value that the cloud uses where none is sent.
    #[must_use]
    pub const fn api_default(mut self, value: Literal) -> Field {
        self.api_default = Some(value);
        self
    }

    /// Adds further rules.
    #[must_use]
    pub const fn checked(mut self, checks: &'static [Check]) -> Field {
        self.checks = checks;
        self
    }

    /// Belongs to tables of this `type` alone.
    #[must_use]
    pub const fn for_variant(mut self, variant: &'static str) -> Field {
        self.variant = Some(variant);
        self
    }

    /// Derives the value from these other fields where the manifest gives none; from the resource
    /// name where no field is named.
    #[must_use]
    pub const fn or_derived_from(mut self, others: &'static [&'static str]) -> Field {
        self.default_from = Some(others);
        self
    }

    /// Becomes a part of that other field in the normal form.
    #[must_use]
    pub const fn joined_into(mut self, whole: &'static str) -> Field {
        self.joined_into = Some(whole);
        self
    }

    /// Marks the field as another way to write one of these fields of the normal form.
    #[must_use]
    pub const fn one_form_of(mut self, forms: &'static [&'static str]) -> Field {
        self.forms = forms;
        self
    }

    /// Requires a literal: an expression cannot compute it.
    #[must_use]
    pub const fn literal(mut self) -> Field {
        self.literal_only = true;
        self
    }

    /// Marks the field as read-only, and as changing when that other field does.
    #[must_use]
    pub const fn recomputed_with(mut self, other: &'static str) -> Field {
        self.recomputed_with = Some(other);
        self
    }

    /// Marks the field as known from the vendor's published client alone.
    #[must_use]
    pub const fn from_client(mut self) -> Field {
        self.source = FactSource::Client;
        self
    }

    /// Returns whether the field belongs to a table with these entries.
    pub fn applies_to(&self, entries: &Map) -> bool {
        // Most belong to any, and this is called very often.
        let Some(variant) = self.variant else {
            return true;
        };
        let given = entries.get("type").and_then(Value::as_str);
        given.is_none_or(|given| variant == given)
    }

    /// Returns the field's entry in a table, if it has one.
    ///
    /// There are more fields than entries, and most names differ in length: comparing these is
    /// faster than a search in the sorted list.
    pub fn entry_in<'a>(&self, entries: &'a Map) -> Option<(&'a Arc<str>, &'a Value)> {
        entries.iter().find(|(name, _)| ***name == *self.name)
    }

    /// Returns whether it is a text that must not be empty: the cloud requires it, or takes no empty one.
    pub fn must_be_filled(&self) -> bool {
        let is_text = matches!(self.ty, Type::String);
        (is_text && self.presence == Availability::Required)
            || self.checks.contains(&Check::NotEmpty)
    }

    /// Returns the consequence of a change of this field, where `around` is that of its attribute
    /// for all its parts.
    pub fn change_within(&self, around: Option<Change>) -> Change {
        around.unwrap_or(self.change)
    }

    /// Returns the consequence of a change of any part, where `own` is that of the whole: the cloud
    /// changes an attribute as a whole. `None` where each part has its own.
    pub fn change_of_parts(&self, own: Change) -> Option<Change> {
        (!self.diff_nested).then_some(own)
    }

    /// Returns whether the manifest may give the field.
    pub fn is_writable(&self) -> bool {
        self.presence != Availability::Computed
    }
}
