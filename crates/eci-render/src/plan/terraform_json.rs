//! The form of Terraform's plan document, as its consumers read it: the structures of
//! HashiCorp's `terraform-json`, with no other keys than those marked as ours.

use std::collections::BTreeMap;

use eci_config::Outline;
use serde::Deserialize;
use serde_json::Value as Json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    format_version: String,
    #[serde(rename = "variables")]
    _variables: BTreeMap<String, Variable>,
    planned_values: Values,
    resource_changes: Vec<ResourceChange>,
    resource_drift: Vec<ResourceChange>,
    output_changes: BTreeMap<String, TerraformChange>,
    prior_state: TerraformState,
    configuration: Configuration,
    relevant_attributes: Vec<RelevantAttribute>,
    applyable: bool,
    #[serde(rename = "complete")]
    _complete: bool,
    errored: bool,
    timestamp: jiff::Timestamp,
    terraform_version: String,
    /// An addition of eci.
    #[serde(rename = "eci_version")]
    _eci_version: String,
    /// An addition of eci, where it was requested.
    #[serde(default, rename = "cost")]
    _cost: Json,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variable {
    #[serde(rename = "value")]
    _value: Json,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TerraformState {
    format_version: String,
    terraform_version: String,
    values: Values,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    outputs: BTreeMap<String, Output>,
    root_module: TerraformModule,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Output {
    sensitive: bool,
    value: Option<Json>,
    #[serde(rename = "type")]
    ty: Option<Json>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TerraformModule {
    resources: Vec<Resource>,
    #[serde(rename = "address")]
    _address: Option<String>,
    #[serde(default)]
    child_modules: Vec<TerraformModule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resource {
    address: String,
    mode: ResourceMode,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    index: Option<Json>,
    provider_name: String,
    #[serde(rename = "schema_version")]
    _schema_version: u64,
    values: BTreeMap<String, Json>,
    sensitive_values: Json,
    #[serde(default, rename = "depends_on")]
    _depends_on: Vec<String>,
    #[serde(default, rename = "tainted")]
    _tainted: bool,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ResourceMode {
    Managed,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceChange {
    address: String,
    previous_address: Option<String>,
    module_address: Option<String>,
    mode: ResourceMode,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    index: Option<Json>,
    provider_name: String,
    change: TerraformChange,
    #[serde(rename = "deposed")]
    _deposed: Option<String>,
    #[serde(rename = "action_reason")]
    _action_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TerraformChange {
    actions: Vec<Action>,
    before: Json,
    after: Json,
    after_unknown: Json,
    before_sensitive: Json,
    after_sensitive: Json,
    importing: Option<ImportId>,
    replace_paths: Option<Vec<Vec<Json>>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Action {
    NoOp,
    Create,
    Update,
    Delete,
    Forget,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImportId {
    #[serde(rename = "id")]
    _id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RelevantAttribute {
    resource: String,
    attribute: Vec<Json>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Configuration {
    provider_config: BTreeMap<String, ProviderConfig>,
    root_module: Outline,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderConfig {
    name: String,
    #[serde(rename = "full_name")]
    _full_name: String,
}

impl Plan {
    /// Checks the rules that the structures alone do not express.
    pub(super) fn check(&self) {
        // `terraform-json` takes plans from 0.1 to below 2.0, and states likewise.
        assert!(self.format_version.starts_with("1."), "{self:?}");
        assert!(
            self.prior_state.format_version.starts_with("1."),
            "{self:?}"
        );
        for version in [&self.terraform_version, &self.prior_state.terraform_version] {
            assert_eq!(version, "1.11.4");
        }
        assert!(!self.errored);
        for change in self.resource_changes.iter().chain(&self.resource_drift) {
            change.check();
        }
        for change in self.output_changes.values() {
            change.check();
        }
        let does = |change: &TerraformChange| change.actions != [Action::NoOp];
        let adopts = |change: &ResourceChange| {
            change.change.importing.is_some() || change.previous_address.is_some()
        };
        let resources = self.resource_changes.iter();
        let changes = resources
            .clone()
            .any(|change| does(&change.change) || adopts(change))
            || self.output_changes.values().any(does);
        assert_eq!(self.applyable, changes);
        assert_eq!(self.timestamp, jiff::Timestamp::UNIX_EPOCH);
        self.planned_values.root_module.check();
        self.prior_state.values.root_module.check();
        self.check_outputs();
        let providers = &self.configuration.provider_config;
        assert!(
            providers
                .iter()
                .all(|(key, provider)| *key == provider.name)
        );
        for resource in &self.configuration.root_module.resources {
            assert!(providers.contains_key(&resource.provider_config_key));
        }
        for relevant in &self.relevant_attributes {
            let mut drift = self.resource_drift.iter();
            assert!(drift.any(|change| change.address == relevant.resource));
            assert!(!relevant.attribute.is_empty());
        }
    }

    fn check_outputs(&self) {
        let all = [&self.planned_values, &self.prior_state.values];
        for output in all.iter().flat_map(|values| values.outputs.values()) {
            assert_eq!(output.value.is_some(), output.ty.is_some(), "{output:?}");
            let Some(value) = &output.value else {
                continue;
            };
            assert!(!output.sensitive || is_placeholder(value), "{output:?}");
        }
    }
}

impl TerraformModule {
    fn check(&self) {
        for resource in &self.resources {
            let index = resource.index.as_ref().map(|index| format!("[{index}]"));
            let name = format!("{}.{}", resource.kind, resource.name);
            let ending = format!("{name}{}", index.unwrap_or_default());
            assert!(resource.address.ends_with(&ending), "{resource:?}");
            assert_eq!(resource.mode, ResourceMode::Managed);
            assert!(!resource.provider_name.is_empty());
            let values = serde_json::to_value(&resource.values).unwrap_or_default();
            hides(&values, &resource.sensitive_values, &is_placeholder);
        }
        for child in &self.child_modules {
            child.check();
        }
    }
}

impl ResourceChange {
    fn check(&self) {
        let index = self.index.as_ref().map(|index| format!("[{index}]"));
        let module = self.module_address.as_ref();
        let module = module
            .map(|module| format!("{module}."))
            .unwrap_or_default();
        let name = format!("{module}{}.{}", self.kind, self.name);
        assert_eq!(self.address, format!("{name}{}", index.unwrap_or_default()));
        assert_eq!(self.mode, ResourceMode::Managed);
        assert!(!self.provider_name.is_empty());
        self.change.check();
    }
}

impl TerraformChange {
    fn check(&self) {
        use Action::{Create, Delete, Forget, NoOp, Update};
        let there = (!self.before.is_null(), !self.after.is_null());
        match &self.actions[..] {
            [NoOp | Update] | [Delete, Create] | [Create, Delete] => {}
            [Create] => assert!(!there.0, "{self:?}"),
            [Delete | Forget] => assert!(!there.1, "{self:?}"),
            other => panic!("{other:?} is not an action"),
        }
        let replaces = self.actions.len() == 2;
        assert!(replaces || self.replace_paths.is_none(), "{self:?}");
        for path in self.replace_paths.iter().flatten() {
            assert!(path.iter().all(|step| step.is_string() || step.is_u64()));
        }
        let is_open = |value: &Json| is_placeholder(value) || value.is_null();
        hides(&self.before, &self.before_sensitive, &is_open);
        hides(&self.after, &self.after_sensitive, &is_open);
        hides(&self.after, &self.after_unknown, &Json::is_null);
        let is_noop = self.actions == [NoOp];
        assert!(!is_noop || self.before == self.after, "{self:?}");
    }
}

fn is_placeholder(value: &Json) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.starts_with("(sensitive "))
}

/// Checks that a document has nothing but `true` where a mask says `true`.
fn hides(document: &Json, mask: &Json, is_hidden: &dyn Fn(&Json) -> bool) {
    match (document, mask) {
        (document, Json::Bool(true)) => assert!(is_hidden(document), "{document} is not hidden"),
        (Json::Array(items), Json::Array(masks)) => {
            assert_eq!(items.len(), masks.len());
            for (item, mask) in items.iter().zip(masks) {
                hides(item, mask, is_hidden);
            }
        }
        (Json::Object(entries), Json::Object(masks)) => {
            for (key, mask) in masks {
                hides(entries.get(key).unwrap_or(&Json::Null), mask, is_hidden);
            }
        }
        (_, Json::Bool(false)) => {}
        // Nothing is unknown of what is not there.
        (Json::Null, Json::Object(masks)) if masks.is_empty() => {}
        (document, mask) => assert!(document.is_null(), "{mask} does not fit {document}"),
    }
}
