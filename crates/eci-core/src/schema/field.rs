//! One row: what is known of one field.

use std::sync::Arc;

use eci_text::FixedText;

use super::{Change, Check, Source, Type};
use crate::secret_names::SecretHint;
use crate::value::{Map, Value};

/// Who gives a field its value.
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
    /// A whole number.
    Integer(i64),
    /// A truth value.
    Bool(bool),
}

impl Literal {
    /// The default as a value.
    pub fn value(self) -> Value {
        match self {
            Literal::Text(text) => Value::from(text),
            Literal::Integer(number) => Value::from(number),
            Literal::Bool(truth) => Value::from(truth),
        }
    }
}

/// The description of one field. Built by its `const` methods, read everywhere.
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
    /// Who gives the value.
    pub presence: Availability,
    /// What a change means.
    pub change: Change,
    /// Whether each part of it changes by itself: then what its own fields say counts.
    pub diff_nested: bool,
    /// Whether it is a secret.
    pub sensitive: bool,
    /// How parts of it that probably are secrets are recognized, where it is not one as a whole.
    pub secret_hint: Option<SecretHint>,
    /// Filled in and sent where the manifest gives none.
    pub default: Option<Literal>,
    /// What the cloud takes where nothing is sent: giving it is the same as not giving it.
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
    /// Where the facts come from.
    pub source: Source,
}

impl Field {
    /// An optional field of the API reference whose change forces replacement, neither
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
            source: Source::Page,
        }
    }

    /// A field of manifests that is never sent under its own name.
    pub const fn local(name: &'static str, ty: Type, doc: FixedText) -> Field {
        let mut field = Field::new(name, "", ty, doc);
        field.request_path = None;
        field.source = Source::Eci;
        field
    }

    /// A field that only the resource's own service knows: never part of a group.
    pub const fn of_service(
        name: &'static str,
        own: &'static str,
        ty: Type,
        doc: FixedText,
    ) -> Field {
        let mut field = Field::new(name, "", ty, doc);
        field.request_path = None;
        field.service_request_path = Some(own);
        field.source = Source::Client;
        field
    }

    /// A key of a table that is about eci itself and not about a resource: nothing is sent, and
    /// nothing is replaced when it changes.
    pub const fn setting(name: &'static str, ty: Type, doc: FixedText) -> Field {
        let mut field = Field::local(name, ty, doc);
        field.change = Change::InPlace;
        field
    }

    /// A field that only the cloud writes.
    pub const fn read_only(name: &'static str, reported: &'static str, doc: FixedText) -> Field {
        let mut field = Field::new(name, "", Type::String, doc);
        field.request_path = None;
        field.response_path = Some(reported);
        field.presence = Availability::Computed;
        field.source = Source::Client;
        field
    }

    /// The manifest must give it.
    #[must_use]
    pub const fn required(mut self) -> Field {
        self.presence = Availability::Required;
        self
    }

    /// The cloud chooses where the manifest gives none.
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

    /// The cloud changes it in place.
    #[must_use]
    pub const fn in_place(mut self) -> Field {
        self.change = Change::InPlace;
        self
    }

    /// The cloud reports it back under the name it is sent by.
    #[must_use]
    pub const fn reported(mut self) -> Field {
        self.response_path = self.request_path;
        self
    }

    /// The cloud reports it back in this place.
    #[must_use]
    pub const fn reported_as(mut self, place: &'static str) -> Field {
        self.response_path = Some(place);
        self
    }

    /// Its place in the requests of the resource's own service too.
    #[must_use]
    pub const fn service_request(mut self, place: &'static str) -> Field {
        self.service_request_path = Some(place);
        self
    }

    /// The resource's own service reports it in this place.
    #[must_use]
    pub const fn service_response(mut self, place: &'static str) -> Field {
        self.service_response_path = Some(place);
        self
    }

    /// Each part of it changes by itself.
    #[must_use]
    pub const fn diff_nested(mut self) -> Field {
        self.diff_nested = true;
        self
    }

    /// It is a secret.
    #[must_use]
    pub const fn secret(mut self) -> Field {
        self.sensitive = true;
        self
    }

    /// Filled in and sent where the manifest gives none.
    #[must_use]
    pub const fn default(mut self, default: Literal) -> Field {
        self.default = Some(default);
        self
    }

    /// What the cloud takes where nothing is sent.
    #[must_use]
    pub const fn api_default(mut self, value: Literal) -> Field {
        self.api_default = Some(value);
        self
    }

    /// Further rules.
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

    /// Derived from these other fields where the manifest gives none; from the resource name where
    /// none is given.
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

    /// Another way to write what one of these fields has in the normal form.
    #[must_use]
    pub const fn one_form_of(mut self, forms: &'static [&'static str]) -> Field {
        self.forms = forms;
        self
    }

    /// Must be a literal: an expression cannot compute it.
    #[must_use]
    pub const fn literal(mut self) -> Field {
        self.literal_only = true;
        self
    }

    /// A read-only field that changes when that other field does.
    #[must_use]
    pub const fn recomputed_with(mut self, other: &'static str) -> Field {
        self.recomputed_with = Some(other);
        self
    }

    /// Known from the vendor's published client alone.
    #[must_use]
    pub const fn from_client(mut self) -> Field {
        self.source = Source::Client;
        self
    }

    /// Whether it belongs to a table with these entries.
    pub fn applies_to(&self, entries: &Map) -> bool {
        // Most belong to any, and this is called very often.
        let Some(variant) = self.variant else {
            return true;
        };
        let given = entries.get("type").and_then(Value::as_str);
        given.is_none_or(|given| variant == given)
    }

    /// Its entry in a table, if it has one. There are more fields than entries, and most names
    /// differ in length: comparing these is faster than a search in the sorted list.
    pub fn entry_in<'a>(&self, entries: &'a Map) -> Option<(&'a Arc<str>, &'a Value)> {
        entries.iter().find(|(name, _)| ***name == *self.name)
    }

    /// Returns whether it is a text that must not be empty: the cloud requires it, or takes no empty one.
    pub fn must_be_filled(&self) -> bool {
        let is_text = matches!(self.ty, Type::String);
        (is_text && self.presence == Availability::Required)
            || self.checks.contains(&Check::NotEmpty)
    }

    /// What a change of it means, where `around` is what its attribute says of all its parts.
    pub fn change_within(&self, around: Option<Change>) -> Change {
        around.unwrap_or(self.change)
    }

    /// What a change of any part of it means, where `own` is what one of the whole means: the
    /// cloud changes an attribute as a whole. `None` where each part says so itself.
    pub fn change_of_parts(&self, own: Change) -> Option<Change> {
        (!self.diff_nested).then_some(own)
    }

    /// Whether the manifest may give it.
    pub fn is_writable(&self) -> bool {
        self.presence != Availability::Computed
    }
}
