//! Detection of a state whose resources are mostly missing.

use eci_core::Address;
use eci_state::Snapshot;

use crate::observed::{Observation, Observations};

/// The least number of missing resources that is suspicious.
const FEW: usize = 3;

/// Returns the resources that the cloud does not report any more, if they are most of those in the
/// state: more than half, and at least three.
///
/// That many are rarely deleted by hand; more often the wrong place was read: other credentials, or
/// a service that answers with an empty list. A plan would create everything again.
pub fn mostly_missing<'a>(
    snapshot: &'a Snapshot,
    observed: &Observations,
) -> Option<MissingResources<'a>> {
    let resources = snapshot.resources.iter();
    let known: Vec<&Address> = resources
        .filter(|(_, state)| state.id.is_some())
        .map(|(address, _)| address)
        .collect();
    let absent = known.iter().copied();
    let absent: Vec<&Address> = absent
        .filter(|address| observed.get(address) == Some(&Observation::Missing))
        .collect();
    let suspicious = absent.len() >= FEW && absent.len() * 2 > known.len();
    suspicious.then_some(MissingResources {
        known: known.len(),
        resources: absent,
    })
}

/// The resources of a state, most of which seem to be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingResources<'a> {
    /// The number of resources that the state has in the cloud.
    pub known: usize,
    /// Those that seem to be missing.
    pub resources: Vec<&'a Address>,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use eci_core::{DigestKey, Kind, Lineage, Map};
    use eci_state::ResourceState;

    use super::*;

    fn missing(known: usize, absent: usize) -> Option<usize> {
        let mut snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([1; 32]));
        let mut observed = Observations::empty();
        for number in 0..known {
            let address = Address::new(Kind::Eip, format!("e{number}").as_str());
            let state = ResourceState {
                id: Some(format!("eip-{number}")),
                ..ResourceState::default()
            };
            snapshot.resources.insert(address.clone(), state);
            let observation = if number < absent {
                Observation::Missing
            } else {
                Observation::Present(Arc::new(Map::new()))
            };
            observed.insert(address, observation);
        }
        mostly_missing(&snapshot, &observed).map(|missing| missing.resources.len())
    }

    #[test]
    fn more_than_half_and_at_least_three_are_suspicious() {
        assert_eq!(missing(3, 3), Some(3));
        assert_eq!(missing(2, 2), None);
        assert_eq!(missing(6, 3), None);
        assert_eq!(missing(5, 3), Some(3));
        assert_eq!(missing(1000, 501), Some(501));
        assert_eq!(missing(1000, 500), None);
    }

    #[test]
    fn resources_that_were_not_read_are_not_missing() {
        let mut snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([1; 32]));
        for label in ["a", "b", "c"] {
            let state = ResourceState {
                id: Some(label.to_owned()),
                ..ResourceState::default()
            };
            snapshot
                .resources
                .insert(Address::new(Kind::Eip, label), state);
        }
        assert_eq!(mostly_missing(&snapshot, &Observations::empty()), None);
    }
}
