//! The published forms of Terraform's documents and messages, and checks against them.
//!
//! The forms are a table of fields, `data/terraform.toml`. A check is strict: a key that is not in
//! the table of its place is a mistake, and so is a value of another type.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// The published forms.
pub struct PublishedForms {
    structs: BTreeMap<String, BTreeMap<String, String>>,
    values: BTreeMap<String, Vec<String>>,
}

impl PublishedForms {
    /// Reads the table.
    pub fn read() -> PublishedForms {
        let mut table: toml::Table =
            toml::from_str(include_str!("../data/terraform.toml")).unwrap();
        let values = table.remove("values").unwrap();
        PublishedForms {
            structs: table.try_into().unwrap(),
            values: values.try_into().unwrap(),
        }
    }

    /// Returns the errors of a document that is to have that form. A plan and a state may have more
    /// at their top, which is named.
    pub fn check(&self, document: &Json, form: &str, ours: &[&str]) -> Vec<String> {
        let mut document = document.clone();
        if let Some(fields) = document.as_object_mut() {
            ours.iter().for_each(|key| drop(fields.remove(*key)));
        }
        let mut found = Vec::new();
        self.value(&document, form, form, &mut found);
        found
    }

    /// Returns the errors of a line of the machine-readable output.
    pub fn check_message(&self, message: &Json) -> Vec<String> {
        let mut found = Vec::new();
        let mut own = message.as_object().cloned().unwrap_or_default();
        let ty = own["type"].as_str().unwrap_or_default().to_owned();
        let common: Map<String, Json> = self.structs["Message"]
            .keys()
            .filter_map(|key| own.remove_entry(key))
            .collect();
        if common.len() != self.structs["Message"].len() {
            found.push(format!("{message} lacks a key that every message has"));
        }
        self.value(&Json::Object(common), "Message", &ty, &mut found);
        if !self.structs.contains_key(&ty) {
            found.push(format!("no message has the type {ty:?}"));
            return found;
        }
        self.value(&Json::Object(own), &ty, &ty, &mut found);
        found
    }

    fn value(&self, value: &Json, ty: &str, at: &str, found: &mut Vec<String>) {
        let mut wrong = |is_right: bool| {
            if !is_right {
                found.push(format!("{at} is to be {ty}, and is {value}"));
            }
        };
        if let Some(items) = ty.strip_prefix("[]") {
            match value.as_array() {
                Some(values) => {
                    for (index, value) in values.iter().enumerate() {
                        self.value(value, items, &format!("{at}[{index}]"), found);
                    }
                }
                None => wrong(false),
            }
            return;
        }
        if let Some(entries) = ty.strip_prefix("map:") {
            match value.as_object() {
                Some(values) => {
                    for (key, value) in values {
                        self.value(value, entries, &format!("{at}.{key}"), found);
                    }
                }
                None => wrong(false),
            }
            return;
        }
        if let Some(values) = self.values.get(ty) {
            wrong(
                value
                    .as_str()
                    .is_some_and(|word| values.iter().any(|it| it == word)),
            );
            return;
        }
        match ty {
            "any" => {}
            "string" => wrong(value.is_string()),
            "bool" => wrong(value.is_boolean()),
            "int" => wrong(value.is_u64()),
            "number" => wrong(value.is_number()),
            "timestamp" => wrong(value.as_str().is_some_and(is_timestamp)),
            "cty.Type" => wrong(is_type(value)),
            "Expression" if value.is_array() => {
                self.value(value, "[]map:Expression", at, found);
            }
            of => self.fields(value, of, at, found),
        }
    }

    fn fields(&self, value: &Json, of: &str, at: &str, found: &mut Vec<String>) {
        let fields = &self.structs[of];
        let Some(entries) = value.as_object() else {
            found.push(format!("{at} is to be a {of}, and is {value}"));
            return;
        };
        for (key, value) in entries {
            let at = format!("{at}.{key}");
            match fields.get(key) {
                Some(ty) => self.value(value, ty, &at, found),
                None => found.push(format!("{of} has no field {at}")),
            }
        }
    }
}

/// `2026-01-02T03:04:05.678901Z`
fn is_timestamp(text: &str) -> bool {
    text.len() > 20 && text.parse::<jiff::Timestamp>().is_ok()
}

/// A type of Terraform's values as JSON.
fn is_type(ty: &Json) -> bool {
    match ty {
        Json::String(name) => ["string", "number", "bool", "dynamic"].contains(&name.as_str()),
        Json::Array(parts) => match &parts[..] {
            [name, Json::Array(items)] if name == "tuple" => items.iter().all(is_type),
            [name, Json::Object(fields)] if name == "object" => fields.values().all(is_type),
            _ => false,
        },
        _ => false,
    }
}
