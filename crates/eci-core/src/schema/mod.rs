//! The one description of each field.
//!
//! A field of the API is described once: its name in manifests, its place on the wire, its
//! type and range, whether it is required, whether it changes in place, whether it is
//! sensitive, whether the cloud reports it back. Validation and the normal form
//! ([`normalize_config()`]), the diff, the wire form and the reference all read these descriptions, so
//! that adding a field is adding one row.

mod check;
mod coerce;
mod field;
mod grammar;
mod identity;
mod normalize;
mod secret;
mod violation;

pub use check::Check;
pub use field::{Availability, Field, Literal};
pub use identity::{Identity, identity_of, public_identity};
pub use normalize::{Normalized, normalize_config, normalize_report};
pub use secret::{digest_paths, missing_secret_paths, secret_paths};
pub use violation::Violation;

use eci_text::Text;
use serde::{Deserialize, Serialize};

use crate::address::Kind;
use crate::codes::Code;
use crate::value::{Map, Number};

/// A table with described fields.
#[derive(Debug)]
pub struct Object {
    /// What a person calls it: `container`, `probe`.
    pub name: &'static str,
    /// One sentence about it.
    pub doc: &'static str,
    /// Its fields, in the order in which they are shown.
    pub fields: &'static [Field],
    /// Keys of which a table that can have them has exactly one; no such rule if empty.
    pub exactly_one: &'static [&'static str],
    /// Keys, each with those beside which it cannot stand.
    pub apart: &'static [(&'static str, &'static [&'static str])],
    /// Brings the entries into their one form, where a field alone cannot tell it: two ways
    /// to write one thing become one. Runs before the fields are checked, on entries that are
    /// as the manifest gave them; must leave alone what it does not understand.
    pub normalize: Option<fn(&mut Map)>,
    /// Checks what no field alone can tell, on entries in their normal form. Gives the field
    /// at fault, what is wrong and the way out.
    pub validate: Option<fn(&Map) -> Vec<RuleViolation>>,
}

/// What is wrong with a table as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleViolation {
    /// The kind of mistake.
    pub code: &'static Code,
    /// The field to point at; the whole table if `None`.
    pub field: Option<&'static str>,
    /// The problem.
    pub message: Text,
    /// The fix.
    pub help: Option<Text>,
}

impl Object {
    /// A described table without rules across its fields.
    pub const fn new(name: &'static str, doc: &'static str, fields: &'static [Field]) -> Object {
        Object {
            name,
            doc,
            fields,
            exactly_one: &[],
            apart: &[],
            normalize: None,
            validate: None,
        }
    }

    /// With keys of which exactly one is given. The message is for [`Object::validated_by`].
    #[must_use]
    pub const fn exactly_one(mut self, keys: &'static [&'static str]) -> Object {
        self.exactly_one = keys;
        self
    }

    /// With keys that cannot stand beside others. The message is for [`Object::validated_by`].
    #[must_use]
    pub const fn apart(
        mut self,
        keys: &'static [(&'static str, &'static [&'static str])],
    ) -> Object {
        self.apart = keys;
        self
    }

    /// With a rule that brings its entries into one form.
    #[must_use]
    pub const fn normalized_by(mut self, normalize: fn(&mut Map)) -> Object {
        self.normalize = Some(normalize);
        self
    }

    /// With a rule across its fields.
    #[must_use]
    pub const fn validated_by(mut self, validate: fn(&Map) -> Vec<RuleViolation>) -> Object {
        self.validate = Some(validate);
        self
    }

    /// The field of that name that applies to a table with these entries. A name may stand
    /// for several fields, of which [`Field::only_for`] tells the one that is meant.
    pub fn field(&self, name: &str, entries: &Map) -> Option<&'static Field> {
        self.fields
            .iter()
            .find(|field| field.name == name && field.applies_to(entries))
    }

    /// Whether any field has that name.
    pub fn knows(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Text.
    String,
    /// A truth value.
    Bool,
    /// A whole number from the first to the second, both included.
    Integer(i64, i64),
    /// A number of at least this, as exact as the API has it.
    Number(f64, Precision),
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Permissions: four octal digits such as `"0644"`; on the wire the number 644.
    Mode,
    /// Text in the manifest, its base64 on the wire.
    Text64,
    /// Base64 in the manifest and on the wire, for what is not UTF-8.
    Bytes64,
    /// A list whose order counts.
    List(&'static Type),
    /// A list of tables, told apart by the values of these fields; their order does not count
    /// in a comparison.
    Objects(&'static Object, &'static [&'static str]),
    /// A table with described fields.
    Object(&'static Object),
    /// A table with free keys; on the wire a list of pairs with these two names.
    Table(&'static Type, [&'static str; 2]),
    /// The label of a resource of that kind, and what stands in its place once the
    /// configuration is linked.
    Ref(Kind, Link),
    /// Any value.
    Any,
    /// A time span such as `"1h30m"`.
    Duration,
    /// The address of a resource, such as `"container_group.web"`.
    Address,
    /// The first of these that fits.
    Either(&'static [Type]),
}

/// How exact a number is once it went through the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// A float of 64 bits, as here.
    Double,
    /// A float of 32 bits: 0.1 comes back as 0.10000000149.
    Single,
}

/// What stands in the place of a label once the configuration is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The resource's name in the cloud.
    Name,
    /// The resource's own attributes: it travels inside the one that names it.
    Attributes,
}

impl Precision {
    /// Whether two numbers are the same as far as this is exact.
    pub fn is_same(self, one: Number, other: Number) -> bool {
        match self {
            Precision::Double => one == other,
            // Both as near as such a float comes.
            Precision::Single => one == other || one.as_f64() as f32 == other.as_f64() as f32,
        }
    }

    /// The number with the fewest digits that is the same as far as this is exact.
    pub fn shortest(self, number: Number) -> Number {
        match (self, number) {
            (Precision::Single, Number::Float(float)) => {
                let short = Number::parse(&(float as f32).to_string());
                short.unwrap_or(number)
            }
            _ => number,
        }
    }
}

impl Type {
    /// What a person calls it, with its article.
    pub fn describe(&self) -> String {
        match self {
            Type::String | Type::Text64 | Type::Bytes64 => "a string".to_owned(),
            Type::Bool => "true or false".to_owned(),
            Type::Integer(i64::MIN, i64::MAX) => "a whole number".to_owned(),
            Type::Integer(min, i64::MAX) => format!("a whole number of at least {min}"),
            Type::Integer(min, max) => format!("a whole number from {min} to {max}"),
            Type::Number(..) => "a number".to_owned(),
            Type::Enum(words) => format!("one of {}", quote_all(words)),
            Type::Mode => "permissions in octal digits such as \"0644\"".to_owned(),
            Type::List(items) => match items {
                Type::String => "a list of strings".to_owned(),
                Type::Ref(kind, _) => format!("a list of labels of {kind} tables"),
                Type::Address => "a list of addresses".to_owned(),
                _ => "a list".to_owned(),
            },
            Type::Objects(object, _) => format!("a list of {} tables", object.name),
            Type::Object(object) => format!("{} table", with_article(object.name)),
            Type::Table(..) => "a table".to_owned(),
            Type::Ref(kind, _) => format!("the label of {} table", with_article(kind.name())),
            Type::Any => "any value".to_owned(),
            Type::Duration => "a duration such as \"20m\" or \"1h30m\"".to_owned(),
            Type::Address => "an address such as \"container_group.web\"".to_owned(),
            Type::Either(types) => {
                let described: Vec<String> = types.iter().map(Type::describe).collect();
                described.join(" or ")
            }
        }
    }
}

/// `a volume`, `an eip`
pub fn with_article(noun: &str) -> String {
    match noun.starts_with(['a', 'e', 'i', 'o', 'u']) || noun.starts_with("http") {
        true => format!("an {noun}"),
        false => format!("a {noun}"),
    }
}

/// `"A", "B" or "C"`
pub(crate) fn quote_all(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Where a fact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The vendor's page of `createContainerGroup`.
    Page,
    /// The vendor's published client.
    Client,
    /// This program: a convenience that the API does not have.
    Eci,
}

/// What a change of a field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The cloud changes it in place.
    InPlace,
    /// The resource is deleted and created anew.
    Replace,
}
