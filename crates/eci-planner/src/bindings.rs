//! The EIP of each container group, as EIPs and the addresses of the groups report it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use eci_core::kinds::GROUP_EIP;
use eci_core::{Kind, Map, Value};
use eci_state::ResourceState;

use crate::attachable::Attachable;
use crate::attachment::eip;
use crate::automatic::is_automatic_of;
use crate::observed::{Observation, Observations, is_filled_in};

const PUBLIC_IP: &str = "internet_ip";

/// The EIPs of each container group, as the EIPs report them.
#[derive(Debug, Default)]
pub(crate) struct Bindings<'a> {
    by_group: HashMap<&'a str, Vec<&'a str>>,
    /// The addresses of the EIPs in the state.
    addresses: HashSet<&'a str>,
    /// The ids of the EIPs in the state and of those that are imported: none of them is automatic.
    managed: HashSet<&'a str>,
}

impl<'a> Bindings<'a> {
    pub(crate) fn new(
        states: impl Iterator<Item = &'a ResourceState>,
        observed: &'a Observations,
    ) -> Bindings<'a> {
        let mut bindings = Bindings::default();
        for (object, holder) in observed.holders() {
            if let (Attachable::Eip(eip), Some(group)) = (object, holder) {
                bindings.by_group.entry(group).or_default().push(eip);
            }
        }
        for (address, observation) in observed.iter() {
            if let Observation::Present(reported) = observation
                && address.kind().properties().is_public_ip
            {
                bindings.addresses.extend(text(reported, "address"));
                bindings.managed.extend(text(reported, "id"));
            }
        }
        bindings
            .managed
            .extend(states.filter_map(|state| eip(&state.applied)));
        bindings
    }

    /// Returns the EIP that a group has, where it differs from the last-applied one; a group does
    /// not report it itself.
    ///
    /// An EIP that could not be read, or is changing right now, is assumed to be where it was. Of
    /// an EIP that is in no state only the address is known.
    pub(crate) fn other_eip(
        &self,
        group: &str,
        state: &ResourceState,
        observation: Option<&Observation>,
        observed: &Observations,
    ) -> Option<Bound> {
        let has = self.by_group.get(group).map_or(&[][..], Vec::as_slice);
        // An automatic EIP is what the group was created with.
        let is_other = |id: &&str| !is_automatic_of(state, id, observation, observed);
        let has: Vec<&str> = has.iter().copied().filter(is_other).collect();
        let desired_eip = eip(&state.applied);
        if desired_eip.is_some_and(|id| has.contains(&id)) {
            return None;
        }
        let is_elsewhere = |id: &str| observed.holder(&Attachable::Eip(id.to_owned())).is_some();
        let changed = match observation {
            Some(Observation::Present(reported)) => changed_address(state, reported),
            _ => None,
        };
        // The addresses of the EIPs in the state say nothing that these do not say themselves.
        let is_known =
            |address: &Option<&str>| address.is_some_and(|it| self.addresses.contains(it));
        let changed = changed.filter(|address| !is_known(address));
        let eip = match (has.first(), desired_eip, changed) {
            (Some(id), ..) => Value::from([("id", *id)]),
            (None, Some(desired_eip), _) if !is_elsewhere(desired_eip) => return None,
            (None, _, Some(Some(address))) => Value::from([("address", address)]),
            (None, Some(_), _) | (None, None, Some(None)) => Value::Null,
            (None, None, None) => return None,
        };
        Some(Bound {
            eip,
            by_address: desired_eip.is_none() || changed.is_some(),
        })
    }
}

impl Bindings<'_> {
    /// Returns the EIP that a group has that is to be imported: the group does not report it itself.
    ///
    /// Whether an EIP is automatic is reported nowhere: where the manifest says so, one that is no
    /// other resource counts as that. Where nothing can be read, the manifest is believed.
    pub(crate) fn eip_of_imported(
        &self,
        group: &str,
        reported: &Map,
        desired: &Map,
        observed: &Observations,
    ) -> ImportedEip {
        let has = self.by_group.get(group).map_or(&[][..], Vec::as_slice);
        let address = text(reported, PUBLIC_IP);
        let desired_eip = eip(desired);
        let is_automatic = matches!(
            desired.get(GROUP_EIP).and_then(|eip| eip.get("auto")),
            Some(Value::Bool(true))
        );
        let has_desired = desired_eip.filter(|id| has.contains(id));
        match (has_desired.or(has.first().copied()), address) {
            (Some(id), _) if is_automatic && !self.managed.contains(id) => {
                let bandwidth = observed.eip_bandwidths().get(id).copied();
                ImportedEip::assumed(with_bandwidth(desired, bandwidth))
            }
            (Some(id), _) => ImportedEip::read(Value::from([("id", id)])),
            (None, None) if text(reported, "status") == Some("Running") => ImportedEip::default(),
            (None, None) if is_automatic && !is_filled_in(Kind::ContainerGroup, reported) => {
                ImportedEip {
                    is_open: true,
                    ..ImportedEip::default()
                }
            }
            // It may have one all the same, but no service reports it any more.
            (None, None) => match desired.get(GROUP_EIP) {
                Some(eip) => ImportedEip::assumed(eip.clone()),
                None => ImportedEip::default(),
            },
            (None, Some(address)) => {
                let is_known = |id| {
                    observed
                        .holder(&Attachable::Eip(String::from(id)))
                        .is_some()
                };
                let is_believed = match desired_eip {
                    Some(id) => !is_known(id),
                    None => is_automatic,
                };
                match desired.get(GROUP_EIP).filter(|_| is_believed) {
                    Some(eip) => ImportedEip::assumed(eip.clone()),
                    None => ImportedEip::read(Value::from([("address", address)])),
                }
            }
        }
    }
}

/// The EIP of a container group that is imported.
#[derive(Clone, Debug, Default)]
pub(crate) struct ImportedEip {
    /// The value in the form in which it is recorded as applied; null for none.
    pub(crate) value: Value,
    /// Whether some of it is taken from the manifest, as nothing reports it.
    pub(crate) is_assumed: bool,
    /// Whether it is only known later whether there is one: ordering another one would cost money.
    pub(crate) is_open: bool,
}

impl ImportedEip {
    fn read(value: Value) -> ImportedEip {
        ImportedEip {
            value,
            ..ImportedEip::default()
        }
    }

    fn assumed(value: Value) -> ImportedEip {
        ImportedEip {
            value,
            is_assumed: true,
            is_open: false,
        }
    }
}

/// Returns the EIP of a group that is to have an automatic one, with the bandwidth that is reported.
fn with_bandwidth(desired: &Map, bandwidth: Option<i64>) -> Value {
    let mut eip = desired.get(GROUP_EIP).and_then(Value::as_map).cloned();
    if let (Some(eip), Some(bandwidth)) = (&mut eip, bandwidth) {
        eip.insert("bandwidth".into(), Value::from(bandwidth));
    }
    eip.map_or(Value::Null, Value::map)
}

/// The EIP that a group has in place of the last-applied one.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// Its id, or its address where that is all that is known; null for none.
    pub(crate) eip: Value,
    /// Whether only the address of the group shows it: the recorded address must stay until then.
    pub(crate) by_address: bool,
}

/// Returns the public IP address that a running group has now, where it differs from the recorded one:
/// the inner `None` if a group without an EIP by ID no longer has one.
///
/// An EIP was bound to a group that had none or an automatic one, or an automatic one was released
/// or exchanged. What had an address when it was imported may keep it, although no manifest
/// explains it.
pub fn changed_address<'a>(state: &ResourceState, reported: &'a Map) -> Option<Option<&'a str>> {
    let is_running = text(reported, "status") == Some("Running");
    if !is_running {
        return None;
    }
    let before = text(&state.observed, PUBLIC_IP);
    let now = text(reported, PUBLIC_IP);
    if eip(&state.applied).is_some() {
        let exchanged = before.is_some() && now.is_some() && before != now;
        return exchanged.then_some(now);
    }
    let is_automatic = state.applied.contains_key(GROUP_EIP);
    (before != now && before.is_some() == is_automatic).then_some(now)
}

/// Returns an observation to record for a group that has another EIP than the last-applied one: the
/// recorded address, by which [`changed_address`] detects that, stays until it is repaired.
pub(crate) fn for_record(observed: Arc<Map>, state: &ResourceState, bound: &Bound) -> Arc<Map> {
    if !bound.by_address {
        return observed;
    }
    let mut recorded = Map::clone(&observed);
    match state.observed.get(PUBLIC_IP) {
        Some(address) => recorded.insert(PUBLIC_IP.into(), address.clone()),
        None => recorded.remove(PUBLIC_IP),
    };
    Arc::new(recorded)
}

/// Returns attributes with this EIP, or without one.
pub fn with_eip(attributes: &Map, eip: &Value) -> Map {
    let mut attributes = attributes.clone();
    match eip {
        Value::Null => attributes.remove(GROUP_EIP),
        eip => attributes.insert(GROUP_EIP.into(), eip.clone()),
    };
    attributes
}

fn text<'a>(attributes: &'a Map, name: &str) -> Option<&'a str> {
    let text = attributes.get(name)?.as_str()?;
    (!text.is_empty()).then_some(text)
}
