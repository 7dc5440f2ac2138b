//! The outline of a configuration: its tables and the references of their keys, before anything
//! is evaluated.
//!
//! In the form that Terraform's documents have for a configuration, so that one can contain it.

mod written;

use std::collections::BTreeMap;

use eci_core::tables::META;
use eci_core::{Kind, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use written::OutlineValue;

use crate::configuration::Configuration;
use crate::parse::Definition;
use crate::parse::{Block, Node};

/// The outline of a directory, and of the modules that it calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Outline {
    /// Its outputs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, OutputOutline>,
    /// The tables of its resources, each once however many instances it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<ResourceOutline>,
    /// The modules that it calls.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub module_calls: BTreeMap<String, CallOutline>,
    /// Its variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, VariableOutline>,
}

/// `[KIND.LABEL]`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ResourceOutline {
    /// `KIND.LABEL`, as its own module knows it.
    pub address: String,
    /// `managed`, as all are.
    pub mode: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its label.
    pub name: String,
    /// The provider, as all have the same.
    pub provider_config_key: String,
    /// Its attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expressions: BTreeMap<String, OutlineValue>,
    /// The version of its description.
    pub schema_version: u64,
    /// `for_each`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each_expression: Option<OutlineValue>,
    /// `depends_on`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

/// `[module.NAME]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct CallOutline {
    /// The directory, as it is written.
    pub source: String,
    /// Its inputs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub expressions: BTreeMap<String, OutlineValue>,
    /// `for_each`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each_expression: Option<OutlineValue>,
    /// The outline of the called module.
    pub module: Outline,
    /// `depends_on`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
}

/// `[output.NAME]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct OutputOutline {
    /// Whether it is never shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// Its value.
    pub expression: OutlineValue,
    /// The description, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// `[variable.NAME]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VariableOutline {
    /// Its default, unless it is sensitive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    /// The description, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is never shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
}

/// The name of the one provider.
const PROVIDER: &str = "ctyun";

impl Configuration {
    /// Returns the outline of a configuration.
    ///
    /// Values that the configuration marks as secret are omitted.
    pub fn outline(&self) -> Outline {
        outline(&self.root)
    }
}

impl Outline {
    /// Returns the directory that these calls lead to, by their names.
    pub fn module<'a>(&self, calls: impl IntoIterator<Item = &'a str>) -> Option<&Outline> {
        let mut calls = calls.into_iter();
        calls.try_fold(self, |at, name| Some(&at.module_calls.get(name)?.module))
    }

    /// Hides each constant of which a text is a secret, or has one in it, here and in all modules.
    pub fn hide_constants(&mut self, is_secret: &dyn Fn(&str) -> bool) {
        for resource in &mut self.resources {
            let parts = resource.expressions.values_mut();
            for written in parts.chain(&mut resource.for_each_expression) {
                written.hide_constants(is_secret);
            }
        }
        for call in self.module_calls.values_mut() {
            let parts = call.expressions.values_mut();
            for written in parts.chain(&mut call.for_each_expression) {
                written.hide_constants(is_secret);
            }
            call.module.hide_constants(is_secret);
        }
        for output in self.outputs.values_mut() {
            output.expression.hide_constants(is_secret);
        }
        for variable in self.variables.values_mut() {
            if let Some(default) = &variable.default
                && written::has_secret(default, is_secret)
            {
                variable.default = None;
            }
        }
    }

    /// Returns the outlines of the called modules, to be changed.
    pub fn module_mut<'a>(
        &mut self,
        calls: impl IntoIterator<Item = &'a str>,
    ) -> Option<&mut Outline> {
        let mut calls = calls.into_iter();
        calls.try_fold(self, |at, name| {
            Some(&mut at.module_calls.get_mut(name)?.module)
        })
    }
}

fn outline(definition: &Definition) -> Outline {
    let declarations = &definition.declarations;
    let resources = declarations.resources.iter();
    let mut resources: Vec<ResourceOutline> =
        resources.map(|it| resource(it.kind, &it.block)).collect();
    resources.sort_by(|one, other| one.address.cmp(&other.address));
    let outputs = declarations.outputs.iter();
    let variables = declarations.variables.iter();
    let calls = definition.calls.iter();
    Outline {
        outputs: outputs
            .map(|block| (block.name.to_string(), output(block)))
            .collect(),
        resources,
        module_calls: calls
            .map(|call| {
                let called = call.definition.as_deref();
                (call.block.name.to_string(), self::call(&call.block, called))
            })
            .collect(),
        variables: variables
            .map(|block| (block.name.to_string(), variable(block)))
            .collect(),
    }
}

fn resource(kind: Kind, block: &Block) -> ResourceOutline {
    ResourceOutline {
        address: format!("{kind}.{}", block.name),
        mode: "managed".to_owned(),
        kind: kind.to_string(),
        name: block.name.to_string(),
        provider_config_key: PROVIDER.to_owned(),
        expressions: OutlineValue::table(kind.schema(), &block.node, &|key| META.knows(key)),
        schema_version: 0,
        for_each_expression: block.node.get("for_each").map(OutlineValue::any),
        depends_on: texts(block, "depends_on"),
    }
}

fn call(block: &Block, called: Option<&Definition>) -> CallOutline {
    let inputs = block.node.get("inputs").and_then(Node::entries);
    let module = called.map(outline).unwrap_or_default();
    let expressions = inputs.unwrap_or_default().iter().map(|entry| {
        let input = OutlineValue::any(&entry.node);
        let is_secret = module
            .variables
            .get(&*entry.key)
            .is_none_or(|variable| variable.sensitive);
        let is_secret = is_secret || block.source.hides(entry.node.range.clone());
        let input = if is_secret { input.hidden() } else { input };
        (entry.key.to_string(), input)
    });
    CallOutline {
        source: text(block, "source").unwrap_or_default(),
        expressions: expressions.collect(),
        for_each_expression: block.node.get("for_each").map(OutlineValue::any),
        depends_on: texts(block, "depends_on"),
        module,
    }
}

fn output(block: &Block) -> OutputOutline {
    let sensitive = truth(block, "sensitive");
    let expression = block.node.get("value").map(OutlineValue::any);
    let expression = expression.unwrap_or_default();
    OutputOutline {
        sensitive,
        expression: if sensitive {
            expression.hidden()
        } else {
            expression
        },
        description: text(block, "description"),
    }
}

fn variable(block: &Block) -> VariableOutline {
    let sensitive = truth(block, "sensitive");
    let default = block.node.get("default").filter(|_| !sensitive);
    VariableOutline {
        default: default.and_then(|node| written::constant(&node.literal())),
        description: text(block, "description"),
        sensitive,
    }
}

/// Returns whether a key is `true`, or unknown before it is evaluated.
fn truth(block: &Block, key: &str) -> bool {
    let node = block.node.get(key);
    node.is_some_and(|node| node.literal() != Value::Bool(false))
}

fn text(block: &Block, key: &str) -> Option<String> {
    let text = block.node.get(key).and_then(Node::literal_text);
    text.map(str::to_owned)
}

fn texts(block: &Block, key: &str) -> Vec<String> {
    let literal = block.node.get(key).map(Node::literal);
    let items = literal.as_ref().and_then(Value::as_list);
    let texts = items.unwrap_or_default().iter().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
