//! Values and resources in the form in which Terraform's documents have them.
//!
//! No secret and no digest of one is ever in such a document: `null` stands in its place, and a
//! document of the same shape says with `true` where that is.

use std::collections::HashMap;

use eci_core::address::ModuleStep;
use eci_core::{Address, Map, Number, Subject, Value};
use serde_json::{Map as Object, Value as Json, json};

/// The name of the provider in documents.
pub(crate) const PROVIDER: &str = "eci/ctyun";

/// The value without secrets; what is not known yet is left out of tables.
pub(crate) fn plain(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Number(Number::Int(number)) => json!(number),
        Value::Number(Number::Float(number)) => json!(number),
        Value::String(text) => json!(text),
        Value::List(items) => Json::Array(items.iter().map(plain).collect()),
        Value::Map(entries) => plain_map(entries),
    }
}

/// The same for a table.
pub(crate) fn plain_map(entries: &Map) -> Json {
    let known = entries.iter().filter(|(_, value)| !value.is_unknown());
    Json::Object(
        known
            .map(|(key, value)| (key.to_string(), plain(value)))
            .collect(),
    )
}

/// Where the value is not known yet.
pub(crate) fn unknown(value: &Value) -> Json {
    mask(value, &|value| value.is_unknown())
}

/// Where the value is secret.
pub(crate) fn sensitive(value: &Value) -> Json {
    mask(value, &|value| {
        matches!(value, Value::Sensitive(_) | Value::Digest(_))
    })
}

fn mask(value: &Value, marked: &dyn Fn(&Value) -> bool) -> Json {
    if marked(value) {
        return json!(true);
    }
    match value {
        Value::List(items) => Json::Array(items.iter().map(|item| mask(item, marked)).collect()),
        Value::Map(entries) => mask_map(entries, marked),
        _ => json!(false),
    }
}

fn mask_map(entries: &Map, marked: &dyn Fn(&Value) -> bool) -> Json {
    let masks = entries
        .iter()
        .map(|(key, value)| (key, mask(value, marked)));
    let set = masks.filter(|(_, mask)| holds_true(mask));
    Json::Object(set.map(|(key, mask)| (key.to_string(), mask)).collect())
}

fn holds_true(mask: &Json) -> bool {
    match mask {
        Json::Bool(truth) => *truth,
        Json::Array(items) => items.iter().any(holds_true),
        Json::Object(entries) => entries.values().any(holds_true),
        _ => false,
    }
}

/// Address, kind and name, which every document says of a resource.
pub(crate) fn identity(address: &Address) -> Object<String, Json> {
    let mut fields = Object::new();
    fields.insert("address".into(), json!(address.to_string()));
    if !address.modules().is_empty() {
        fields.insert("module_address".into(), json!(module(address.modules())));
    }
    fields.insert("mode".into(), json!("managed"));
    fields.insert("type".into(), json!(address.kind().name()));
    fields.insert("name".into(), json!(&**address.label()));
    if let Some(key) = address.key() {
        fields.insert("index".into(), json!(&**key));
    }
    fields.insert("provider_name".into(), json!(PROVIDER));
    fields
}

fn module(steps: &[ModuleStep]) -> String {
    Subject::Module(steps.to_vec()).to_string()
}

/// Resources by the modules that they are in, the outermost first.
pub(crate) fn module_tree<'a>(resources: impl IntoIterator<Item = (&'a Address, &'a Map)>) -> Json {
    let mut root = Module::default();
    for (address, attributes) in resources {
        let mut place = &mut root;
        for depth in 1..=address.modules().len() {
            place = place.child(module(&address.modules()[..depth]));
        }
        place.resources.push(resource(address, attributes));
    }
    root.document(None)
}

#[derive(Default)]
struct Module {
    resources: Vec<Json>,
    children: Vec<(String, Module)>,
    /// Where each of them stands.
    places: HashMap<String, usize>,
}

impl Module {
    fn child(&mut self, address: String) -> &mut Module {
        let at = *self.places.entry(address).or_insert_with_key(|address| {
            self.children.push((address.clone(), Module::default()));
            self.children.len() - 1
        });
        &mut self.children[at].1
    }

    fn document(self, address: Option<String>) -> Json {
        let mut fields = Object::new();
        if let Some(address) = address {
            fields.insert("address".into(), json!(address));
        }
        fields.insert("resources".into(), Json::Array(self.resources));
        if !self.children.is_empty() {
            let children = self.children.into_iter();
            let children = children.map(|(address, module)| module.document(Some(address)));
            fields.insert("child_modules".into(), Json::Array(children.collect()));
        }
        Json::Object(fields)
    }
}

fn resource(address: &Address, attributes: &Map) -> Json {
    let mut fields = identity(address);
    fields.remove("module_address");
    fields.insert("schema_version".into(), json!(0));
    fields.insert("values".into(), plain_map(attributes));
    let secrets = sensitive(&Value::map(attributes.clone()));
    fields.insert("sensitive_values".into(), secrets);
    Json::Object(fields)
}

/// An output.
pub(crate) fn output(value: &Value, secret: bool) -> Json {
    let secret = secret || value.has_sensitive();
    let shown = match secret {
        true => Json::Null,
        false => plain(value),
    };
    json!({ "sensitive": secret, "value": shown })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_their_digests_are_null_and_named_by_the_mask() {
        let value = Value::from([
            ("user", Value::from("u")),
            ("password", Value::from("hunter2").into_sensitive()),
            ("old", Value::Digest("hmac-sha256:abc".into())),
            ("list", Value::list(vec![Value::from(1), Value::Unknown])),
            ("id", Value::Unknown),
        ]);
        assert_eq!(
            plain(&value),
            json!({ "user": "u", "password": null, "old": null, "list": [1, null] })
        );
        assert_eq!(sensitive(&value), json!({ "password": true, "old": true }));
        assert_eq!(
            unknown(&value),
            json!({ "id": true, "list": [false, true] })
        );
    }
}
