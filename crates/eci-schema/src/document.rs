//! The schema of a manifest.

use std::collections::BTreeMap;

use eci_core::schema::{Availability, Field, Object, Type};
use eci_core::tables::{Form, META, ManifestShape, TABLES, TopLevel};
use eci_text::{Lang, say};
use serde_json::{Map, Value as Json, json};

use crate::help::sentence;
use crate::links::{anchor, reference_page};
use crate::types::{self, LABEL, reference};

/// Returns the JSON Schema of a manifest, draft 7, with descriptions in a language.
pub fn manifest(lang: Lang) -> Json {
    let definitions: Map<String, Json> = objects()
        .into_iter()
        .map(|(object, place)| (object.name.replace(' ', "_"), table(object, place, lang)))
        .collect();
    let properties: Map<String, Json> = TABLES
        .iter()
        .map(|top| (top.name.to_owned(), top_level(top, lang)))
        .collect();
    let mut schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": say!(lang, en: "eci manifest", zh: "eci 清单"),
        "description": say!(
            lang,
            en: "A manifest of eci: a `*.eci.toml` file.",
            zh: "eci 的清单：`*.eci.toml` 文件。",
        ),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "definitions": definitions,
    });
    say_open(&mut schema);
    schema
}

/// The keywords of a schema in which there is another one.
const ONE: [&str; 7] = [
    "additionalProperties",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
];

/// Those in which there are several: in a list, or by name.
const SEVERAL: [&str; 6] = [
    "allOf",
    "anyOf",
    "definitions",
    "oneOf",
    "patternProperties",
    "properties",
];

/// Says of each schema that a table may have more keys than it names, where it may.
///
/// That is so anyway; but there are checkers that take a schema for a strict one where it says
/// nothing.
fn say_open(schema: &mut Json) {
    let Some(entries) = schema.as_object_mut() else {
        return;
    };
    for (key, value) in entries.iter_mut() {
        match value {
            inner if ONE.contains(&key.as_str()) => say_open(inner),
            Json::Array(inner) if SEVERAL.contains(&key.as_str()) => {
                inner.iter_mut().for_each(say_open);
            }
            Json::Object(inner) if SEVERAL.contains(&key.as_str()) => {
                inner.values_mut().for_each(say_open);
            }
            _ => {}
        }
    }
    let closed = [
        "$ref",
        "additionalProperties",
        "const",
        "enum",
        "pattern",
        "minLength",
    ];
    let is_table = match entries.get("type") {
        Some(Json::String(ty)) => ty == "object",
        Some(Json::Array(types)) => types.iter().any(|ty| ty == "object"),
        _ => true,
    };
    if is_table && !closed.iter().any(|key| entries.contains_key(*key)) {
        entries.insert("additionalProperties".to_owned(), json!(true));
    }
}

fn top_level(top: &'static TopLevel, lang: Lang) -> Json {
    let labeled = |below: Json| {
        json!({
            "type": "object",
            "patternProperties": { LABEL: below },
            "additionalProperties": false,
        })
    };
    let mut schema = match top.form {
        Form::Single(object) => json!({ "allOf": [reference(object.name)] }),
        Form::Labeled(object) => labeled(reference(object.name)),
        Form::Resource(kind) => labeled(reference(kind.name())),
        Form::Values => labeled(json!({})),
        Form::Repeated(object) => json!({ "type": "array", "items": reference(object.name) }),
    };
    let link = format!("{}#{}", reference_page(lang), anchor(top.name));
    schema["description"] = json!(top.doc().get(lang));
    schema["x-taplo"] = json!({ "links": { "key": link } });
    schema
}

/// The place of a described table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TablePosition {
    /// At the top, as a resource.
    Resource,
    /// At the top.
    Top,
    /// In another table: an expression is allowed there instead.
    Within,
}

/// Returns every described table that a manifest may have, however deep.
fn objects() -> Vec<(&'static Object, TablePosition)> {
    let mut found = BTreeMap::new();
    for top in &TABLES {
        if let Some(object) = top.object() {
            let place = match top.form {
                Form::Resource(_) => TablePosition::Resource,
                _ => TablePosition::Top,
            };
            collect_object(object, place, &mut found);
        }
    }
    for field in META.fields {
        gather_type(&field.ty, &mut found);
    }
    found.into_values().collect()
}

type TableMap = BTreeMap<&'static str, (&'static Object, TablePosition)>;

fn collect_object(object: &'static Object, place: TablePosition, found: &mut TableMap) {
    if found.insert(object.name, (object, place)).is_none() {
        for field in object.fields {
            gather_type(&field.ty, found);
        }
    }
}

fn gather_type(ty: &Type, found: &mut TableMap) {
    match ty {
        Type::Object(object) | Type::Objects(object, _) => {
            collect_object(object, TablePosition::Within, found)
        }
        Type::List(inner) | Type::Table(inner, _) => gather_type(inner, found),
        Type::Either(types) => types.iter().for_each(|ty| gather_type(ty, found)),
        _ => {}
    }
}

/// Describes a table with described keys.
fn table(object: &'static Object, place: TablePosition, lang: Lang) -> Json {
    let shape = ManifestShape::Table {
        object,
        resource: place == TablePosition::Resource,
    };
    let mut properties = Map::new();
    for field in shape.keys(None).filter(|field| field.is_writable()) {
        let name = field.name.to_owned();
        // A key of several types of volume means the same in each.
        properties
            .entry(name)
            .or_insert_with(|| types::field(field, lang));
    }
    let required = names(object, |field| {
        field.variant.is_none() && is_required(field)
    });
    let mut schema = json!({
        "type": "object",
        "description": sentence(object.doc.get(lang), lang),
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
        schema["x-taplo"] = json!({ "initKeys": required });
    }
    let mut rules: Vec<Json> = variants(object).map(|it| variant(object, it)).collect();
    if variants(object).next().is_none() {
        rules.extend(exactly_one(object));
    }
    rules.extend(object.apart.iter().map(
        |(key, others)| json!({ "if": { "required": [key] }, "then": { "not": any_of(others) } }),
    ));
    if !rules.is_empty() {
        // An expression in the place of the table keeps every rule about its keys.
        schema["if"] = json!({ "type": "object" });
        schema["then"] = json!({ "allOf": rules });
    }
    match place {
        TablePosition::Within => types::or_expression(schema),
        TablePosition::Top | TablePosition::Resource => schema,
    }
}

/// Returns the values of `type` that decide which keys a table has.
fn variants(object: &'static Object) -> impl Iterator<Item = &'static str> {
    let words: &[&str] = object
        .fields
        .iter()
        .find_map(|field| match field.ty {
            Type::Enum(words) if field.name == "type" => Some(words),
            _ => None,
        })
        .unwrap_or_default();
    let decides = object.fields.iter().any(|field| field.variant.is_some());
    words.iter().copied().filter(move |_| decides)
}

/// Describes a table of one `type`.
fn variant(object: &'static Object, variant: &str) -> Json {
    let own = |field: &Field| field.variant.is_none_or(|only| only == variant);
    let has = |name: &str| object.fields.iter().any(|it| it.name == name && own(it));
    let foreign: Map<String, Json> = object
        .fields
        .iter()
        .filter(|field| field.is_writable() && !has(field.name))
        .map(|field| (field.name.to_owned(), Json::Bool(false)))
        .collect();
    let mut then = json!({ "properties": foreign });
    let of_it = |field: &Field| field.variant == Some(variant);
    let required = names(object, |field| of_it(field) && is_required(field));
    if !required.is_empty() {
        then["required"] = json!(required);
    }
    let mut rules: Vec<Json> = object
        .fields
        .iter()
        .filter(|field| of_it(field) && field.presence == Availability::Required)
        .filter_map(|field| {
            let others = field.default_from.filter(|others| !others.is_empty())?;
            Some(json!({ "anyOf": [{ "required": [field.name] }, { "required": others }] }))
        })
        .collect();
    if object.exactly_one.iter().all(|key| has(key)) {
        rules.extend(exactly_one(object));
    }
    if !rules.is_empty() {
        then["allOf"] = json!(rules);
    }
    json!({
        "if": { "properties": { "type": { "const": variant } }, "required": ["type"] },
        "then": then,
    })
}

fn exactly_one(object: &Object) -> Option<Json> {
    let keys = object.exactly_one.iter();
    let choices: Vec<Json> = keys.map(|key| json!({ "required": [key] })).collect();
    (!choices.is_empty()).then(|| json!({ "oneOf": choices }))
}

fn any_of(keys: &[&str]) -> Json {
    let keys: Vec<Json> = keys
        .iter()
        .map(|key| json!({ "required": [key] }))
        .collect();
    json!({ "anyOf": keys })
}

/// Returns whether a manifest must give a field: nothing fills it in.
pub(crate) fn is_required(field: &Field) -> bool {
    field.presence == Availability::Required
        && field.default.is_none()
        && field.default_from.is_none()
}

fn names(object: &'static Object, is_meant: impl Fn(&Field) -> bool) -> Vec<&'static str> {
    let fields = object.fields.iter().filter(|field| is_meant(field));
    fields.map(|field| field.name).collect()
}

#[cfg(test)]
mod tests {
    use eci_core::Kind;

    use super::*;

    #[test]
    fn no_two_described_tables_go_by_one_name() {
        let mut found: BTreeMap<String, &'static Object> = BTreeMap::new();
        fn visit(object: &'static Object, found: &mut BTreeMap<String, &'static Object>) {
            let known = found.insert(object.name.to_owned(), object);
            if let Some(known) = known {
                return assert!(std::ptr::eq(known, object), "{}", object.name);
            }
            for field in object.fields {
                if let Type::Object(inner) | Type::Objects(inner, _) = field.ty {
                    visit(inner, found);
                }
            }
        }
        for object in TABLES.iter().filter_map(TopLevel::object).chain([&META]) {
            visit(object, &mut found);
        }
        assert!(found.len() > 25);
    }

    #[test]
    fn every_reference_in_the_schema_leads_somewhere() {
        fn visit(json: &Json, root: &Json, count: &mut usize) {
            if let Some(target) = json.get("$ref").and_then(Json::as_str) {
                *count += 1;
                assert!(root.pointer(&target[1..]).is_some(), "{target}");
            }
            match json {
                Json::Array(items) => items.iter().for_each(|it| visit(it, root, count)),
                Json::Object(entries) => entries.values().for_each(|it| visit(it, root, count)),
                _ => {}
            }
        }
        let (schema, mut count) = (manifest(Lang::En), 0);
        visit(&schema, &schema, &mut count);
        assert!(count > 30, "{count}");
    }

    #[test]
    fn languages_differ_only_in_titles_descriptions_and_links() {
        fn without_texts(json: &mut Json) {
            match json {
                Json::Array(items) => items.iter_mut().for_each(without_texts),
                Json::Object(entries) => {
                    for key in ["title", "description", "x-taplo"] {
                        // A key of a manifest can have such a name too.
                        if entries
                            .get(key)
                            .is_some_and(|it| it.is_string() || key == "x-taplo")
                        {
                            entries.remove(key);
                        }
                    }
                    entries.values_mut().for_each(without_texts);
                }
                _ => {}
            }
        }
        let [mut english, mut chinese] = Lang::ALL.map(manifest);
        assert_ne!(english, chinese);
        without_texts(&mut english);
        without_texts(&mut chinese);
        assert_eq!(english, chinese);
    }

    #[test]
    fn every_key_of_every_kind_is_in_the_schema() {
        let schema = manifest(Lang::En);
        for kind in Kind::ALL {
            for field in kind.schema().fields {
                let key = format!("/definitions/{kind}/properties/{}", field.name);
                let described = schema.pointer(&key).is_some();
                // A key may be given for one type and only be read for another.
                assert!(described || !field.is_writable(), "{key}");
            }
        }
    }
}
