//! Types of fields as JSON Schema.

use eci_core::schema::{Check, Field, Literal, Type};
use serde_json::{Map, Value as Json, json};

use crate::help::field_help;

/// A label, as `eci_core::address::is_label` knows it.
pub(crate) const LABEL: &str = "^[A-Za-z_][A-Za-z0-9_-]*$";

/// How a definition is referred to.
pub(crate) fn reference(name: &str) -> Json {
    json!({ "$ref": format!("#/definitions/{}", name.replace(' ', "_")) })
}

/// What a key may hold, with what an editor shows of it.
pub(crate) fn field(field: &Field) -> Json {
    let mut value = plain(&field.ty);
    for check in field.checks {
        narrow(&mut value, *check);
    }
    let mut schema = match value {
        value if field.written_out || takes_expressions(&field.ty) => value,
        value => or_expression(value),
    };
    if let Some(entries) = schema.as_object_mut() {
        // Beside a reference nothing else is read.
        if let Some(target) = entries.remove("$ref") {
            entries.insert("allOf".to_owned(), json!([{ "$ref": target }]));
        }
        entries.insert("description".to_owned(), json!(field_help(field)));
        if let Some(default) = field.default.or(field.implied) {
            entries.insert("default".to_owned(), literal(default));
        }
    }
    schema
}

/// Whether the plain form takes every string, or every one with an expression in it.
fn takes_expressions(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Text64 | Type::Bytes64 | Type::Any => true,
        Type::Bool
        | Type::Integer(..)
        | Type::Number(_)
        | Type::Enum(_)
        | Type::Mode
        | Type::List(_)
        | Type::Objects(..)
        | Type::Object(_)
        | Type::Table(..)
        | Type::Ref(..)
        | Type::Duration
        | Type::Address
        | Type::Either(_) => false,
    }
}

/// A value, or an expression in its place.
fn or_expression(value: Json) -> Json {
    json!({ "anyOf": [value, reference("expression")] })
}

/// What may stand in a list or under a free key.
fn item(ty: &Type) -> Json {
    match ty {
        // What is text to the cloud may be written as it is: `PORT = 8080`.
        Type::String => json!({ "type": ["string", "number", "boolean"] }),
        ty if takes_expressions(ty) => plain(ty),
        ty => or_expression(plain(ty)),
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
        Type::Number(min) => json!({ "type": "number", "minimum": min }),
        Type::Enum(words) => json!({ "enum": words }),
        Type::Mode => json!({ "type": "string", "pattern": "^(0o)?[0-7]{3,4}$" }),
        Type::List(items) => json!({ "type": "array", "items": item(items) }),
        Type::Objects(object, _) => json!({
            "type": "array",
            "items": or_expression(reference(object.name)),
        }),
        Type::Object(object) => reference(object.name),
        Type::Table(values, _) => json!({
            "type": "object",
            "additionalProperties": item(values),
        }),
        Type::Ref(..) => reference("label"),
        Type::Any => json!({}),
        Type::Duration => reference("duration"),
        Type::Address => reference("address"),
        Type::Either(types) => {
            json!({ "anyOf": types.iter().map(plain).collect::<Vec<Json>>() })
        }
    }
}

/// Narrows what a type takes to what a rule takes. A rule that is only assumed narrows nothing.
fn narrow(schema: &mut Json, check: Check) {
    let Some(entries) = schema.as_object_mut() else {
        return;
    };
    let is_table = entries.contains_key("additionalProperties");
    let (key, rule) = match check {
        Check::DnsLabel | Check::ProbablyAtMost(_) | Check::ProbablySoldUpTo(_) => return,
        Check::EipName => (
            "pattern",
            json!("^[A-Za-z\u{4e00}-\u{9fa5}][0-9A-Za-z_\u{4e00}-\u{9fa5}-]{1,31}$|[$%]\\{"),
        ),
        Check::DiskName => ("pattern", json!("^[A-Za-z][0-9A-Za-z_-]{1,62}$|[$%]\\{")),
        Check::TwoDecimals => ("pattern", json!("^[0-9]+\\.[0-9]{2}$|[$%]\\{")),
        Check::LabelLengths => ("propertyNames", json!({ "minLength": 1, "maxLength": 32 })),
        Check::AbsolutePath => ("pattern", json!("^/|[$%]\\{")),
        Check::NotEmpty => ("minLength", json!(1)),
        Check::AtLeastOne => ("minItems", json!(1)),
        Check::AtMost(most) if is_table => ("maxProperties", json!(most)),
        Check::AtMost(most) => ("maxItems", json!(most)),
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

/// What types refer to that is not a table.
pub(crate) fn definitions() -> Vec<(&'static str, Json)> {
    let label = LABEL.trim_start_matches('^').trim_end_matches('$');
    vec![
        (
            "expression",
            json!({
                "type": "string",
                "pattern": "[$%]\\{",
                "description": "An expression such as '${var.image}'.",
            }),
        ),
        (
            "label",
            json!({
                "type": "string",
                "pattern": format!("^([a-z_]+\\.)?{label}(\\[.*\\])?$"),
                "description": "The label of a table, such as \"web\" for [eip.web], or web[\"a\"] for one instance.",
            }),
        ),
        (
            "duration",
            json!({
                "type": "string",
                "pattern": "^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$",
                "minLength": 2,
                "description": "A time span such as \"90s\", \"20m\" or \"1h30m\".",
            }),
        ),
        (
            "address",
            json!({
                "type": "string",
                "pattern": format!("^[a-z_]+\\.{label}"),
                "description": "The address of a resource, such as \"container_group.web\".",
            }),
        ),
    ]
}
