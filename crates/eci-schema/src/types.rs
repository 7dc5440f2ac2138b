//! Types of fields as JSON Schema.

use eci_core::schema::{Check, Field, Literal, Type};
use eci_text::Lang;
use serde_json::{Map, Value as Json, json};

use crate::help::field_help;

/// A label, as `eci_core::address::is_label` knows it.
pub(crate) const LABEL: &str = "^[A-Za-z_][A-Za-z0-9_-]*$";

/// Returns a reference to a definition.
pub(crate) fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/definitions/{}", name.replace(' ', "_")) })
}

/// Returns the schema of the value of a key, with its help.
pub(crate) fn field(field: &Field, lang: Lang) -> Json {
    let mut schema = if field.literal_only {
        plain(&field.ty)
    } else {
        value(&field.ty)
    };
    for check in field.checks {
        narrow(&mut schema, *check);
    }
    if let (true, Some(entries)) = (field.must_be_filled(), schema.as_object_mut()) {
        entries.insert("minLength".to_owned(), json!(1));
    }
    if let Some(entries) = schema.as_object_mut() {
        // Siblings of a reference are ignored.
        if let Some(target) = entries.remove("$ref") {
            entries.insert("allOf".to_owned(), json!([{ "$ref": target }]));
        }
        entries.insert("description".to_owned(), json!(field_help(field, lang)));
        if let Some(default) = field.default.or(field.api_default) {
            entries.insert("default".to_owned(), literal(default));
        }
    }
    schema
}

/// The pattern of a string that contains an expression.
const EXPRESSION: &str = "[$%]\\{";

/// Describes a value, or an expression in its place.
fn value(ty: &Type) -> Json {
    match ty {
        // Any string is one already, or the definition of the table takes expressions.
        Type::String | Type::Text64 | Type::Bytes64 | Type::Any | Type::Object(_) => plain(ty),
        _ => or_expression(plain(ty)),
    }
}

/// Allows an expression in place of a value.
///
/// Only strings are checked against a pattern, so that both fit into one schema, whose errors are
/// about the mistake, and not about an alternative that was not meant.
pub(crate) fn or_expression(mut schema: Json) -> Json {
    let pattern = schema["pattern"].as_str().map(str::to_owned);
    match (schema["type"].as_str(), pattern) {
        (Some("string"), Some(pattern)) => {
            schema["pattern"] = json!(format!("{pattern}|{EXPRESSION}"));
        }
        (Some(other), _) => {
            schema["type"] = json!([other, "string"]);
            schema["pattern"] = json!(EXPRESSION);
        }
        (None, _) => {
            schema = json!({ "anyOf": [schema, { "type": "string", "pattern": EXPRESSION }] });
        }
    }
    schema
}

/// Returns what is allowed in a list or under a free key.
fn item(ty: &Type) -> Json {
    match ty {
        // What is text to the cloud may be written as it is: `PORT = 8080`.
        Type::String => json!({ "type": ["string", "number", "boolean"] }),
        ty => value(ty),
    }
}

fn plain(ty: &Type) -> Json {
    match ty {
        Type::String | Type::Text64 => json!({ "type": "string" }),
        Type::Bytes64 => json!({ "type": "string", "contentEncoding": "base64" }),
        Type::Bool => json!({ "type": "boolean" }),
        Type::Integer(min, max) => {
            let mut schema = Map::new();
            schema.insert("type".to_owned(), json!("integer"));
            if *min > i64::MIN {
                schema.insert("minimum".to_owned(), json!(min));
            }
            if *max < i64::MAX {
                schema.insert("maximum".to_owned(), json!(max));
            }
            Json::Object(schema)
        }
        Type::Number(min, _) => json!({ "type": "number", "minimum": min }),
        Type::Enum(words) => json!({ "enum": words }),
        Type::Mode => text("^(0o)?[0-7]{3,4}$"),
        Type::List(items) => json!({ "type": "array", "items": item(items) }),
        Type::Objects(object, _) => json!({
            "type": "array",
            "items": reference(object.name),
        }),
        Type::Object(object) => reference(object.name),
        Type::Table(values, _) => json!({
            "type": "object",
            "additionalProperties": item(values),
        }),
        Type::Ref(..) => text(&format!("^([a-z_]+\\.)?{}(\\[.*\\])?$", bare_label())),
        Type::Any => json!({}),
        Type::Duration => {
            let mut schema = text("^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$");
            schema["minLength"] = json!(2);
            schema
        }
        Type::Address => text(&format!("^[a-z_]+\\.{}", bare_label())),
        Type::Either(types) => {
            json!({ "anyOf": types.iter().map(plain).collect::<Vec<Json>>() })
        }
    }
}

fn text(pattern: &str) -> Json {
    json!({ "type": "string", "pattern": pattern })
}

fn bare_label() -> &'static str {
    LABEL.trim_start_matches('^').trim_end_matches('$')
}

/// Narrows what a type takes to what a rule takes.
///
/// A rule that is only assumed narrows nothing.
fn narrow(schema: &mut Json, check: Check) {
    let Some(entries) = schema.as_object_mut() else {
        return;
    };
    let is_table = entries.contains_key("additionalProperties");
    let (key, rule) = match check {
        // Addresses have no short pattern: `eci validate` reports invalid ones.
        Check::DnsLabel
        | Check::EnvNames
        | Check::ImageName
        | Check::IpAddress
        | Check::NotEmpty
        | Check::ProbablyAtMost(_)
        | Check::ProbablySoldUpTo(_) => return,
        Check::HostPath => ("pattern", json!(format!("^[^\\s]+:/|{EXPRESSION}"))),
        Check::EipName => (
            "pattern",
            json!(format!(
                "^[A-Za-z\u{4e00}-\u{9fa5}][0-9A-Za-z_\u{4e00}-\u{9fa5}-]{{1,31}}$|{EXPRESSION}"
            )),
        ),
        Check::DiskName => (
            "pattern",
            json!(format!("^[A-Za-z][0-9A-Za-z_-]{{1,62}}$|{EXPRESSION}")),
        ),
        Check::TwoDecimals => (
            "pattern",
            json!(format!("^[0-9]+\\.[0-9]{{2}}$|{EXPRESSION}")),
        ),
        Check::LabelLengths => ("propertyNames", json!({ "minLength": 1, "maxLength": 32 })),
        Check::AbsolutePath => ("pattern", json!(format!("^/|{EXPRESSION}"))),
        Check::AtLeastOne => ("minItems", json!(1)),
        Check::AtMost(most) | Check::AtMostTags(most) if is_table => ("maxProperties", json!(most)),
        Check::AtMost(most) | Check::AtMostTags(most) => ("maxItems", json!(most)),
        Check::NamespacedSysctlKeys => ("propertyNames", namespaced_sysctl()),
        Check::TagLengths => (
            "propertyNames",
            json!({ "minLength": 1, "maxLength": Check::LONGEST_TAG_KEY }),
        ),
    };
    entries.insert(key.to_owned(), rule);
}

fn namespaced_sysctl() -> Json {
    let prefixes = Check::SYSCTL_PREFIXES.join("|");
    let pattern = format!("^({prefixes}|{}$)", Check::SYSCTL_WHOLE).replace('.', "\\.");
    json!({ "pattern": pattern, "not": { "const": Check::SYSCTL_NOT } })
}

fn literal(literal: Literal) -> Json {
    match literal {
        Literal::Text(text) => json!(text),
        Literal::Integer(number) => json!(number),
        Literal::Bool(truth) => json!(truth),
    }
}
