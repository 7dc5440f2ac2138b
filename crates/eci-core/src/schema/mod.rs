//! The one description of each field.
//!
//! A field of the API is described once: its name in manifests, its place on the wire, its
//! type and range, whether it is required, whether it is updated in place, whether it is
//! sensitive, whether the cloud reports it back. Validation and the normal form
//! ([`normalize_config()`]), the diff, the wire form and the reference all read these descriptions, so
//! that adding a field is adding one row.

mod check;
mod coerce;
mod field;
mod grammar;
mod normalize;
mod secret;
mod violation;

pub use check::Check;
pub use field::{Availability, Field, Literal};
pub use normalize::{NormalizedTable, normalize_config, normalize_report};
pub use secret::{digest_paths, missing_secret_paths, secret_paths};
pub use violation::Violation;

use eci_text::{FixedText, List, Spaced, Text, text};
use serde::{Deserialize, Serialize};

use crate::address::Kind;
use crate::codes::Code;
use crate::value::{Map, Number, Value};

/// A table with described fields.
#[derive(Debug)]
pub struct Object {
    /// The key of the table, or an English noun: `lifecycle`, `liveness probe`.
    pub name: &'static str,
    /// The noun for it; `None` if it is called by its key.
    pub noun: Option<FixedText>,
    /// One sentence about it.
    pub doc: FixedText,
    /// Its fields, in the order in which they are shown.
    pub fields: &'static [Field],
    /// Keys of which a table that can have them has exactly one; no such rule if empty.
    pub exactly_one: &'static [&'static str],
    /// Keys, each with those that conflict with it.
    pub apart: &'static [(&'static str, &'static [&'static str])],
    /// Normalizes the entries, where this involves several fields: two ways
    /// to write one value become one. Runs before the fields are checked, on entries that are
    /// as the manifest gave them; must not change what it does not understand.
    pub normalize: Option<fn(&mut Map)>,
    /// Checks rules that involve several fields, on entries in their normal form.
    ///
    /// Returns the field at fault, the problem and a fix.
    pub validate: Option<fn(&Map) -> Vec<RuleViolation>>,
}

/// A violation of a rule across the fields of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// Creates a described table without rules across its fields.
    pub const fn new(name: &'static str, doc: FixedText, fields: &'static [Field]) -> Object {
        Object {
            name,
            noun: None,
            doc,
            fields,
            exactly_one: &[],
            apart: &[],
            normalize: None,
            validate: None,
        }
    }

    /// Sets a noun for it, for messages and headings.
    #[must_use]
    pub const fn called(mut self, en: &'static str, zh: &'static str) -> Object {
        self.noun = Some(FixedText::new(en, zh));
        self
    }

    /// Returns the noun for it, or its key.
    pub fn title(&self) -> FixedText {
        self.noun.unwrap_or(FixedText::new(self.name, self.name))
    }

    /// Returns the table as a part of a sentence, with an article in English.
    pub fn phrase(&self) -> Text {
        let Some(noun) = self.noun else {
            let name = self.name;
            let article = if starts_with_vowel(name) { "an" } else { "a" };
            return Text::new(format!("{article} `{name}` table"), format!("`{name}` 表"));
        };
        Text::new(
            with_article(noun.en()),
            noun.get(eci_text::Lang::Zh).to_owned(),
        )
    }

    /// Requires exactly one of these keys.
    ///
    /// The message is for [`Object::validated_by`].
    #[must_use]
    pub const fn exactly_one(mut self, keys: &'static [&'static str]) -> Object {
        self.exactly_one = keys;
        self
    }

    /// Adds keys that conflict with each other.
    ///
    /// The message is for [`Object::validated_by`].
    #[must_use]
    pub const fn apart(
        mut self,
        keys: &'static [(&'static str, &'static [&'static str])],
    ) -> Object {
        self.apart = keys;
        self
    }

    /// Sets a rule that brings its entries into one form.
    #[must_use]
    pub const fn normalized_by(mut self, normalize: fn(&mut Map)) -> Object {
        self.normalize = Some(normalize);
        self
    }

    /// Sets a rule across its fields.
    #[must_use]
    pub const fn validated_by(mut self, validate: fn(&Map) -> Vec<RuleViolation>) -> Object {
        self.validate = Some(validate);
        self
    }

    /// Returns the field of that name that applies to a table with these entries.
    ///
    /// Several fields can have one name; [`Field::for_variant`] determines which applies.
    pub fn field(&self, name: &str, entries: &Map) -> Option<&'static Field> {
        self.fields
            .iter()
            .find(|field| field.name == name && field.applies_to(entries))
    }

    /// Returns whether any field has that name.
    pub fn knows(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Text.
    String,
    /// A boolean.
    Bool,
    /// An integer from the first to the second, both included.
    Integer(i64, i64),
    /// A number of at least this, as exact as the API has it.
    Number(f64, Precision),
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Permissions: four octal digits, for example `"0644"`; on the wire the number 644.
    Mode,
    /// Text in the manifest, its base64 on the wire.
    Text64,
    /// Base64 in the manifest and on the wire, for what is not UTF-8.
    Bytes64,
    /// A list whose order counts.
    List(&'static Type),
    /// A list of tables, distinguished by the values of these fields; their order does not count
    /// in a comparison.
    Objects(&'static Object, &'static [&'static str]),
    /// A table with described fields.
    Object(&'static Object),
    /// A table with free keys; on the wire a list of pairs with these two names.
    Table(&'static Type, [&'static str; 2]),
    /// The label of a resource of that kind, and what replaces it once the
    /// configuration is linked.
    Ref(Kind, Link),
    /// Any value.
    Any,
    /// A time span, for example `"1h30m"`.
    Duration,
    /// The address of a resource, for example `"container_group.web"`.
    Address,
    /// The first of these that fits.
    Either(&'static [Type]),
}

/// The precision of a number that went through the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precision {
    /// A float of 64 bits, as here.
    Double,
    /// A float of 32 bits: 0.1 comes back as 0.10000000149.
    Single,
}

/// The value that replaces a label once the configuration is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The resource's name in the cloud.
    Name,
    /// The resource's own attributes: it travels inside the one that names it.
    Attributes,
}

impl Precision {
    /// Returns whether two numbers are the same at this precision.
    pub fn is_same(self, one: Number, other: Number) -> bool {
        match self {
            Precision::Double => one == other,
            // Both as near as such a float comes.
            Precision::Single => one == other || one.as_f64() as f32 == other.as_f64() as f32,
        }
    }

    /// Returns the number with the fewest digits that is the same at this precision.
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
    /// Returns the noun for a value of this type, with its article in English.
    pub fn describe(&self) -> Text {
        match self {
            Type::String | Type::Text64 | Type::Bytes64 => text!(en: "a string", zh: "字符串"),
            Type::Bool => text!(en: "a boolean", zh: "布尔值"),
            Type::Integer(i64::MIN, i64::MAX) => text!(en: "an integer", zh: "整数"),
            Type::Integer(min, i64::MAX) => text!(
                en: "an integer of at least {min}",
                zh: "不小于 {min} 的整数",
                min = min,
            ),
            Type::Integer(min, max) => text!(
                en: "an integer from {min} to {max}",
                zh: "{min} 到 {max} 之间的整数",
                min = min,
                max = max,
            ),
            Type::Number(min, _) => text!(
                en: "a number of at least {min}",
                zh: "不小于 {min} 的数值",
                min = min,
            ),
            Type::Enum([word]) => Text::verbatim(format!("{word:?}")),
            Type::Enum(words) => {
                let words = words.iter().map(|word| format!("{word:?}"));
                text!(en: "one of {words}", zh: "{words}", words = List::or(words))
            }
            Type::Mode => text!(en: "a string of octal digits", zh: "八进制数字的字符串"),
            Type::List(items) => match items {
                Type::String => text!(en: "a list of strings", zh: "字符串列表"),
                Type::Ref(kind, _) => text!(
                    en: "a list of names of `{kind}` resources",
                    zh: "`{kind}` 资源名称的列表",
                    kind = kind,
                ),
                Type::Address => text!(en: "a list of resource addresses", zh: "资源地址列表"),
                _ => text!(en: "a list", zh: "列表"),
            },
            Type::Objects(..) => text!(en: "a list of objects", zh: "对象列表"),
            Type::Object(_) => text!(en: "an object", zh: "对象"),
            Type::Table(..) => text!(en: "a map", zh: "映射"),
            Type::Ref(kind, _) => text!(
                en: "the name of a resource of type `{kind}`",
                zh: "`{kind}` 类型资源的名称",
                kind = kind,
            ),
            Type::Any => text!(en: "any value", zh: "任意值"),
            Type::Duration => text!(en: "a duration", zh: "时长"),
            Type::Address => text!(en: "a resource address", zh: "资源地址"),
            Type::Either(types) => {
                let types = List::or(types.iter().map(Type::describe));
                Text::of(&types)
            }
        }
    }

    /// Returns whether a value has the form of one of this type: a list, a map, or a single value.
    ///
    /// Otherwise no conversion makes it one.
    pub fn has_form_of(&self, value: &Value) -> bool {
        match (self, value) {
            (Type::Any, _)
            | (_, Value::Null | Value::Unknown | Value::Sensitive(_) | Value::Digest(_)) => true,
            (Type::Either(types), _) => types.iter().any(|ty| ty.has_form_of(value)),
            (Type::List(_) | Type::Objects(..), _) => matches!(value, Value::List(_)),
            (Type::Object(_) | Type::Table(..), _) => matches!(value, Value::Map(_)),
            _ => !matches!(value, Value::List(_) | Value::Map(_)),
        }
    }

    /// Returns the message that a value is not of this type.
    pub(crate) fn mismatch(&self, name: &str, found: impl eci_text::Localize) -> Text {
        text!(
            en: "`{name}` must be {expected}, found {found}",
            zh: "`{name}` 必须是{expected}，实际为{found}",
            name = name,
            expected = Spaced(self.describe()),
            found = Spaced(found),
        )
    }
}

/// Returns an English noun with its article: `a volume`, `an eip`.
pub fn with_article(noun: &str) -> String {
    if starts_with_vowel(noun) {
        format!("an {noun}")
    } else {
        format!("a {noun}")
    }
}

/// Returns whether a word begins with a vowel when it is spoken.
fn starts_with_vowel(word: &str) -> bool {
    word.starts_with(['a', 'e', 'i', 'o', 'u']) || word.starts_with("http")
}

/// Creates the description of a field or table.
pub const fn doc(en: &'static str, zh: &'static str) -> FixedText {
    FixedText::new(en, zh)
}

/// Returns names within backticks.
pub(crate) fn in_backticks<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let names = names.into_iter();
    names.map(|name| format!("`{name}`")).collect()
}

/// The source of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactSource {
    /// The API reference of `createContainerGroup`.
    Page,
    /// The vendor's published client.
    Client,
    /// A convenience of this program that the API does not have.
    Eci,
}

/// The consequence of a change of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The cloud changes it in place.
    InPlace,
    /// The resource is replaced.
    Replace,
}
