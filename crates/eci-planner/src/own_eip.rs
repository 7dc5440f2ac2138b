//! Container groups that read the public IP address of the EIP that they have themselves.
//!
//! The address of an EIP that is not managed is the one that its group reports, which is too late
//! for that group. So an existing EIP is read before the plan is created; an automatic one has no
//! address before its group exists.

use std::sync::Arc;

use eci_config::{Configuration, Resource, Scope as _};
use eci_core::kinds::is_standalone;
use eci_core::{Address, Diagnostic, Map, Value, codes};
use eci_text::{Text, text};

use crate::attachment;
use crate::known_values::KnownValues;
use crate::moves::Moves;
use crate::observed::Observations;

/// The placeholder for an unknown address, to find out whether it is read.
const PLACEHOLDER: &str = "192.0.2.1";

/// Returns the EIP that a group has and that its own expressions read.
fn own_eip(resource: &Resource) -> Option<&Address> {
    let mut links = resource.links.iter();
    links.find(|link| {
        link.kind().properties().is_public_ip && resource.value_references().contains(link)
    })
}

/// Returns the IDs of the existing EIPs whose addresses their own groups refer to, as far as the
/// manifests alone determine them.
pub fn ids_of_own_eips(configuration: &Configuration) -> Vec<String> {
    let eips = configuration.resources.iter().filter_map(|it| own_eip(it));
    let tables = eips.filter_map(|eip| configuration.resource(eip));
    let existing = tables.filter(|table| table.has_key("id"));
    existing.filter_map(|table| existing_id_of(table)).collect()
}

/// Returns the IDs of all existing EIPs, as far as the manifests alone determine them.
pub fn ids_of_existing_eips(configuration: &Configuration) -> Vec<String> {
    let tables = configuration.resources.iter();
    let existing =
        tables.filter(|it| it.address.kind().properties().is_public_ip && it.has_key("id"));
    existing.filter_map(|table| existing_id_of(table)).collect()
}

fn existing_id_of(table: &Resource) -> Option<String> {
    let attributes = table.evaluate(&KnownValues::default()).ok()?;
    attributes.get("id")?.as_str().map(str::to_owned)
}

/// An existing EIP, and the group that holds it.
pub(crate) struct OwnEip<'a> {
    pub(crate) address: &'a Address,
    /// The desired attributes of the EIP.
    pub(crate) desired: &'a Map,
    pub(crate) holder: &'a Resource,
}

impl OwnEip<'_> {
    /// Returns its public IP address as the EIP reports it, or its group where that has the EIP already;
    /// none if the group does not read it.
    pub(crate) fn public_ip(&self, observed: &Observations, moves: &Moves<'_>) -> Option<Value> {
        if own_eip(self.holder) != Some(self.address) {
            return None;
        }
        let id = self.desired.get("id")?.as_str()?;
        if let Some(address) = observed.eip_address(id) {
            return Some(Value::from(address));
        }
        let state = moves.state(&self.holder.address)?;
        let has = attachment::eip(&state.applied)?;
        let reported = state.observed.get("internet_ip")?;
        (has == id && reported.as_str().is_some()).then(|| reported.clone())
    }
}

/// Returns the problem where a group refers to the address of its EIP, and that is not known
/// before the group exists. `desired` is the result so far.
pub(crate) fn read_too_early(
    resource: &Arc<Resource>,
    desired: &Arc<Map>,
    known: &mut KnownValues,
) -> Option<Diagnostic> {
    let eip = own_eip(resource)?;
    let attributes = known.resource(eip)?;
    let attributes = attributes.as_map()?;
    let is_known = attributes.get("address").is_some_and(|it| !it.is_unknown());
    if is_known
        || is_standalone(eip.kind(), attributes)
        || !desired.values().any(Value::has_unknown)
    {
        return None;
    }
    known.set_public_ip(eip, Some(Value::from(PLACEHOLDER)));
    let assumed = resource.evaluate(known);
    known.set_public_ip(eip, None);
    if assumed.is_ok_and(|assumed| assumed == *desired) {
        return None;
    }
    let group = &resource.address;
    let (message, help) = match attributes.get("id") {
        Some(Value::Unknown) => (
            text!(
                en: "{group} cannot use the address of its own {eip}: the ID of the EIP is known only after apply",
                zh: "{group} 无法使用自身 {eip} 的地址：该弹性 IP 的 ID 应用后才可知",
                group = group,
                eip = eip
            ),
            text!(
                en: "set `id` to the ID of the EIP, or write its address in place of the reference",
                zh: "将 `id` 设置为该弹性 IP 的 ID，或用其地址代替引用"
            ),
        ),
        Some(id) => (
            text!(
                en: "{group} cannot use the address of its own {eip}: EIP {id} could not be read",
                zh: "{group} 无法使用自身 {eip} 的地址：读取弹性 IP {id} 失败",
                group = group,
                eip = eip,
                id = id.as_str().unwrap_or_default()
            ),
            text!(
                en: "check that the EIP exists and can be read, or write its address in place of the reference",
                zh: "检查该弹性 IP 是否存在且可读取，或用其地址代替引用"
            ),
        ),
        None => (
            text!(
                en: "{group} cannot use the address of its own {eip}: an automatic EIP is created together with its container group",
                zh: "{group} 无法使用自身 {eip} 的地址：自动创建的弹性 IP 与容器组同时创建",
                group = group,
                eip = eip
            ),
            text!(
                en: "remove `auto` from {eip} to use a managed EIP, which is created before the container group",
                zh: "从 {eip} 中删除 `auto`，改用在容器组之前创建的托管弹性 IP",
                eip = eip
            ),
        ),
    };
    let diagnostic = Diagnostic::new(codes::CYCLE, message).help(help);
    Some(diagnostic.primary(resource.place.clone(), Text::default()))
}
