//! Automatic EIPs: the cloud creates each with its container group and releases it with the group, or
//! once the group is no longer to have one (not confirmed).
//!
//! So nothing can keep one by its id, neither another container group nor the one that has it.

use std::collections::HashMap;

use eci_config::Resource;
use eci_core::{Address, Diagnostic, Map, Value, codes};
use eci_state::ResourceState;
use eci_text::{Text, text};

use crate::action::Action;
use crate::attachable::Attachable;
use crate::model::Plan;
use crate::moves::Moves;
use crate::observed::{Observation, Observations};
use crate::step::Step;

const PUBLIC_IP: &str = "internet_ip";

/// The container groups of the state whose automatic EIPs are known by their ids.
#[derive(Debug, Default)]
pub(crate) struct AutomaticEips {
    groups: HashMap<String, Address>,
}

impl AutomaticEips {
    /// Finds out which of the EIPs that were read are automatic ones of groups of the state.
    pub(crate) fn new(moves: &Moves<'_>, observed: &Observations) -> AutomaticEips {
        let mut automatic = AutomaticEips::default();
        if observed.eip_addresses().is_empty() {
            return automatic;
        }
        for (address, state) in moves.resources() {
            let observation = observed.get(moves.origin(address).unwrap_or(address));
            if !address.kind().properties().holds_attachments
                || observation == Some(&Observation::Missing)
            {
                continue;
            }
            let ids = observed.eip_addresses().keys();
            let ids = ids.filter(|id| is_automatic_of(state, id, observation, observed));
            automatic
                .groups
                .extend(ids.map(|id| (id.clone(), address.clone())));
        }
        automatic
    }

    /// Returns the group of which this is the automatic EIP.
    pub(crate) fn group(&self, id: &str) -> Option<&Address> {
        self.groups.get(id)
    }
}

/// Returns whether a container group of these attributes has an automatic EIP.
pub fn has_automatic_eip(attributes: &Map) -> bool {
    let auto = attributes.get("eip").and_then(|eip| eip.get("auto"));
    auto.is_some_and(|auto| *auto.reveal().0 == Value::Bool(true))
}

/// Returns whether an EIP that was read by its id is the automatic one of a group, which reports only its
/// address.
pub(crate) fn is_automatic_of(
    state: &ResourceState,
    eip: &str,
    observation: Option<&Observation>,
    observed: &Observations,
) -> bool {
    let (Some(group), Some(address)) = (state.id.as_deref(), observed.eip_address(eip)) else {
        return false;
    };
    let reported = match observation {
        Some(Observation::Present(reported)) => reported.get(PUBLIC_IP),
        _ => None,
    };
    let public = state.observed.get(PUBLIC_IP);
    let public = public.filter(|it| !it.is_null()).or(reported);
    let holder = observed.holder(&Attachable::Eip(eip.to_owned()));
    has_automatic_eip(&state.applied)
        && public.and_then(Value::as_str) == Some(address)
        && holder.is_none_or(|holder| holder == Some(group))
}

impl Plan {
    /// Returns the container groups whose automatic EIPs are released, with the public IP addresses of
    /// these as far as they are known.
    pub fn released_with_groups(&self) -> impl Iterator<Item = (&Step, Option<&str>)> {
        let steps = self.steps().iter();
        steps.filter_map(|step| Some((step, released(step)?)))
    }
}

/// Returns the public IP address of the automatic EIP that a step releases together with its container
/// group, or because the group loses it; the inner `None` if it is not known.
fn released(step: &Step) -> Option<Option<&str>> {
    let state = step.state.as_deref()?;
    let releases = match step.action {
        Action::Delete | Action::Replace => true,
        Action::Update => !step.desired.as_deref().is_some_and(has_automatic_eip),
        _ => false,
    };
    if !step.address.kind().properties().holds_attachments
        || !has_automatic_eip(&state.applied)
        || !releases
    {
        return None;
    }
    let address = state.observed.get(PUBLIC_IP).and_then(Value::as_str);
    Some(address.filter(|address| !address.is_empty()))
}

/// An automatic EIP that a table declares as existing.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// The ID of the EIP.
    pub(crate) id: &'a str,
    /// The group with which it is released.
    pub(crate) group: &'a Address,
    /// The address that declares it.
    pub(crate) by: &'a Address,
    /// The table of that address, if the configuration still has it.
    pub(crate) resource: Option<&'a Resource>,
}

/// Returns the error for a declared EIP that is released with its group, which is changed.
/// `holder` is the group whose EIP that table is to be, if the configuration has one.
pub(crate) fn not_kept(claim: Claim<'_>, holder: Option<&Address>) -> Diagnostic {
    let Claim {
        id,
        group,
        by,
        resource,
    } = claim;
    let message = text!(
        en: "{by} cannot keep EIP {id}: it is the automatic EIP of {group} and is released with it",
        zh: "{by} 无法保留弹性 IP {id}：该弹性 IP 由 {group} 自动创建，并随之释放",
        by = by,
        id = id,
        group = group
    );
    let help = if holder == Some(group) {
        text!(
            en: "set `auto = true` in place of `id` to keep it with {group}, or remove `id` to get a managed EIP with another address",
            zh: "如需随 {group} 保留，用 `auto = true` 代替 `id`；如需使用地址不同的托管弹性 IP，删除 `id`",
            group = group
        )
    } else {
        text!(
            en: "remove {by} so that {group} keeps it, or remove `id` to get a managed EIP with another address",
            zh: "如需由 {group} 保留，删除 {by}；如需使用地址不同的托管弹性 IP，删除 `id`",
            by = by,
            group = group
        )
    };
    let diagnostic = Diagnostic::new(codes::TRANSFER, message).help(help);
    match resource {
        Some(resource) => diagnostic.primary(resource.place.clone(), Text::default()),
        None => diagnostic,
    }
}

/// Returns the error for a container group that is to be destroyed with its automatic EIP, which a
/// table declares as existing.
pub(crate) fn not_destroyed(claim: Claim<'_>) -> Diagnostic {
    let Claim {
        id,
        group,
        by,
        resource,
    } = claim;
    let message = text!(
        en: "cannot destroy {group}: its automatic EIP {id} would be released, but {by} declares it as existing",
        zh: "无法销毁 {group}：其自动创建的弹性 IP {id} 将随之释放，而 {by} 将其声明为已有的弹性 IP",
        group = group,
        id = id,
        by = by
    );
    let help = match resource {
        Some(_) => text!(
            en: "remove the table of {by} to release the EIP, or add `--exclude {group}` to keep it",
            zh: "如需释放弹性 IP，删除 {by} 的表；如需保留，添加 `--exclude {group}`",
            by = by,
            group = group.in_shell()
        ),
        None => text!(
            en: "run `eci state rm {by}` to release the EIP, or add `--exclude {group}` to keep it",
            zh: "如需释放弹性 IP，执行 `eci state rm {by}`；如需保留，添加 `--exclude {group}`",
            by = by.in_shell(),
            group = group.in_shell()
        ),
    };
    let diagnostic = Diagnostic::new(codes::TRANSFER, message).help(help);
    match resource {
        Some(resource) => diagnostic.primary(resource.place.clone(), Text::default()),
        None => diagnostic,
    }
}
