//! Values and resources in the form in which Terraform's documents have them.
//!
//! No secret and no digest of one is ever in such a document: a placeholder replaces it, and
//! a document of the same shape says with `true` where that is.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use eci_core::address::ModuleStep;
use eci_core::schema::{Link, Type};
use eci_core::{Address, DigestKey, Kind, Map, Number, Subject, Value};
use eci_state::ResourceState;
use serde_json::{Map as Object, Value as Json, json};

/// The name of the provider in documents.
pub(crate) const PROVIDER: &str = "eci/ctyun";

/// The version of Terraform whose formats these documents follow.
pub(crate) const TERRAFORM: &str = "1.11.4";

/// Writes the values of one document.
///
/// Secrets get numbers in the order in which they come, the same secret always the same: so a
/// document shows whether one changes, and nothing else of it.
#[derive(Default)]
pub(crate) struct ValueWriter<'a> {
    key: Option<&'a DigestKey>,
    secrets: RefCell<HashMap<Arc<str>, usize>>,
}

impl<'a> ValueWriter<'a> {
    /// Creates a writer for values that contain secrets in clear and digests with this key.
    pub(crate) fn new(key: &'a DigestKey) -> ValueWriter<'a> {
        ValueWriter {
            key: Some(key),
            ..ValueWriter::default()
        }
    }

    /// Returns the value with placeholders for secrets; unknown values are left out of tables.
    pub(crate) fn value(&self, value: &Value) -> Json {
        match value {
            value if is_open(value) => Json::Null,
            Value::Null | Value::Unknown => Json::Null,
            Value::Sensitive(_) | Value::Digest(_) => self.placeholder(value),
            Value::Bool(truth) => json!(truth),
            Value::Number(Number::Int(number)) => json!(number),
            Value::Number(Number::Float(number)) => json!(number),
            Value::String(text) => json!(text),
            Value::List(items) => Json::Array(items.iter().map(|item| self.value(item)).collect()),
            Value::Map(entries) => self.table(entries),
        }
    }

    /// Returns a table with placeholders for secrets, without unknown values.
    pub(crate) fn table(&self, entries: &Map) -> Json {
        let known = entries.iter().filter(|(_, value)| !is_open(value));
        let written = known.map(|(key, value)| (key.to_string(), self.value(value)));
        Json::Object(written.collect())
    }

    fn placeholder(&self, secret: &Value) -> Json {
        let digest = match (secret, self.key) {
            (Value::Digest(digest), _) => Some(digest.clone()),
            (secret, Some(key)) => match key.redact(secret) {
                Value::Digest(digest) => Some(digest),
                _ => None,
            },
            (_, None) => None,
        };
        let mut secrets = self.secrets.borrow_mut();
        let next = secrets.len() + 1;
        // A secret that cannot be compared counts as a different one.
        let digest = digest.unwrap_or_else(|| Arc::from(next.to_string()));
        let number = *secrets.entry(digest).or_insert(next);
        json!(format!("(sensitive {number})"))
    }

    /// Returns the value of an output: one that is sensitive as a whole becomes one placeholder.
    pub(crate) fn output(&self, value: &Value, secret: bool) -> Json {
        let secret = secret || value.has_sensitive();
        let mut output = Object::new();
        output.insert("sensitive".into(), json!(secret));
        if !value.has_unknown() {
            let value = if secret {
                value.clone().into_sensitive()
            } else {
                value.clone()
            };
            output.insert("type".into(), type_of(&value));
            output.insert("value".into(), self.value(&value));
        }
        Json::Object(output)
    }

    /// Groups resources by their modules, the outermost first.
    pub(crate) fn module_tree<'r>(
        &self,
        resources: impl IntoIterator<Item = (&'r Address, &'r Map, Option<&'r ResourceState>)>,
    ) -> Json {
        let mut root = Module::default();
        for (address, attributes, state) in resources {
            let mut place = &mut root;
            for depth in 1..=address.modules().len() {
                place = place.child(module(&address.modules()[..depth]));
            }
            let mut resource = self.resource(address, attributes);
            if let Some(state) = state {
                record(&mut resource, state);
            }
            place.resources.push(Json::Object(resource));
        }
        root.document(None)
    }

    fn resource(&self, address: &Address, attributes: &Map) -> Object<String, Json> {
        let mut fields = identity(address);
        fields.remove("module_address");
        fields.insert("schema_version".into(), json!(0));
        fields.insert("values".into(), self.table(attributes));
        let secrets = sensitive(&Value::map(attributes.clone()));
        fields.insert("sensitive_values".into(), secrets);
        fields
    }
}

/// Returns the attributes with blocks in place of links.
///
/// Where a label represents one table, Terraform's documents have a list of tables; readers also
/// expect references to each other there.
pub(crate) fn with_blocks(kind: Kind, attributes: Arc<Map>) -> Arc<Map> {
    let fields = kind.schema().fields.iter();
    let links = fields.filter(|field| is_block(&field.ty));
    let mut blocks = attributes;
    for field in links {
        if let Some(table @ Value::Map(_)) = blocks.get(field.name).cloned() {
            let block = Value::list(vec![table]);
            Arc::make_mut(&mut blocks).insert(field.name.into(), block);
        }
    }
    blocks
}

/// Returns whether a field of that type is a list of one block in documents.
pub(crate) fn is_block(ty: &Type) -> bool {
    matches!(ty, Type::Ref(_, Link::Attributes))
}

/// Adds the metadata of a resource in the state, other than its attributes.
pub(crate) fn record(resource: &mut Object<String, Json>, state: &ResourceState) {
    if !state.dependencies.is_empty() {
        let dependencies = state.dependencies.iter().map(ToString::to_string);
        resource.insert("depends_on".into(), dependencies.collect());
    }
    if state.tainted {
        resource.insert("tainted".into(), json!(true));
    }
}

/// Returns whether nothing of a value can be written yet: it is unknown, or it is a secret of which
/// a part is unknown.
fn is_open(value: &Value) -> bool {
    value.is_unknown() || matches!(value, Value::Sensitive(_)) && value.has_unknown()
}

/// Returns the type of a value as it is written, in the words of Terraform's type system.
pub(crate) fn type_of(value: &Value) -> Json {
    match value {
        Value::Null | Value::Unknown => json!("dynamic"),
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        // The placeholder of a secret is a string.
        Value::String(_) | Value::Sensitive(_) | Value::Digest(_) => json!("string"),
        Value::List(items) => {
            json!(["tuple", items.iter().map(type_of).collect::<Vec<_>>()])
        }
        Value::Map(entries) => {
            let types = entries.iter();
            let types = types.map(|(key, value)| (key.to_string(), type_of(value)));
            json!(["object", types.collect::<Object<String, Json>>()])
        }
    }
}

/// Marks the unknown parts of a value.
pub(crate) fn unknown(value: &Value) -> Json {
    mask(value, &is_open)
}

/// Marks the sensitive parts of a value.
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
    if let Some(module) = module_of(address) {
        fields.insert("module_address".into(), json!(module));
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

/// Returns the address of the module of a resource; `None` for the root.
pub(crate) fn module_of(address: &Address) -> Option<String> {
    let modules = address.modules();
    (!modules.is_empty()).then(|| module(modules))
}

fn module(steps: &[ModuleStep]) -> String {
    Subject::Module(steps.to_vec()).to_string()
}

#[derive(Default)]
struct Module {
    resources: Vec<Json>,
    children: Vec<(String, Module)>,
    /// The index of each of them.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_numbered_and_named_by_the_mask() {
        let key = DigestKey::new([7; 32]);
        let password = || Value::from("hunter2").into_sensitive();
        let half = Value::list(vec![Value::from(1), Value::Unknown]).into_sensitive();
        let value = Value::from([
            ("user", Value::from("u")),
            ("password", password()),
            ("recorded", key.redact(&password())),
            ("other", Value::Digest("hmac-sha256:abc".into())),
            ("list", Value::list(vec![Value::from(1), Value::Unknown])),
            ("half", half),
            ("id", Value::Unknown),
        ]);
        let written = ValueWriter::new(&key).value(&value);
        assert_eq!(
            written,
            json!({
                "user": "u",
                "other": "(sensitive 1)",
                "password": "(sensitive 2)",
                "recorded": "(sensitive 2)",
                "list": [1, null],
            })
        );
        assert_eq!(
            sensitive(&value),
            json!({ "password": true, "recorded": true, "other": true, "half": true })
        );
        assert_eq!(
            unknown(&value),
            json!({ "id": true, "list": [false, true], "half": true })
        );
    }

    #[test]
    fn outputs_have_types() {
        let value = Value::from([
            ("names", Value::list(vec!["a".into(), Value::Null])),
            ("count", 2.into()),
            ("on", true.into()),
        ]);
        let output = ValueWriter::default().output(&value, false);
        let ty = json!(["object", {
            "names": ["tuple", ["string", "dynamic"]],
            "count": "number",
            "on": "bool",
        }]);
        assert_eq!(output["type"], ty);
        let secret = ValueWriter::default().output(&value, true);
        assert_eq!(
            secret,
            json!({ "sensitive": true, "type": "string", "value": "(sensitive 1)" })
        );
        let open = ValueWriter::default().output(&Value::Unknown, false);
        assert_eq!(open, json!({ "sensitive": false }));
    }
}
