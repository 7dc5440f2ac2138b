//! The cloud that a state belongs to.
//!
//! To one cloud, what another created is gone: a run against the wrong region, endpoint or account
//! would remove every resource from the state and create all of them again, while the first ones
//! keep running. So the state records where its resources are, and every other cloud is refused
//! before anything is read into the state.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::snapshot::Snapshot;

/// The identity of a cloud: where its services are, and what of it a run sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudIdentity {
    /// The base URL of each service, by the name of the service; of the simulated cloud inside the
    /// program, which has another address in each run, [`CloudIdentity::SANDBOX`] alone.
    pub endpoints: BTreeMap<String, String>,
    /// The region.
    pub region: String,
    /// The id of the account, where a call reports it. Never an access key: keys are rotated, and
    /// the account stays the same. None of the calls that this program makes for container groups,
    /// EIPs and disks reports one (API reference), so that it is known only to programs that learn
    /// it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl CloudIdentity {
    /// The endpoint of the simulated cloud inside the program.
    pub const SANDBOX: &'static str = "sandbox";

    /// Returns the identity of a region of services at these base URLs.
    pub fn new<N: Into<String>, U: AsRef<str>>(
        endpoints: impl IntoIterator<Item = (N, U)>,
        region: impl Into<String>,
    ) -> CloudIdentity {
        let endpoints = endpoints.into_iter();
        CloudIdentity {
            endpoints: endpoints
                .map(|(name, url)| (name.into(), normal(url.as_ref())))
                .collect(),
            region: region.into(),
            account: None,
        }
    }

    /// Returns the identity of the simulated cloud inside the program.
    pub fn sandbox(region: impl Into<String>) -> CloudIdentity {
        let name = CloudIdentity::SANDBOX.to_owned();
        CloudIdentity {
            endpoints: BTreeMap::from([(name.clone(), name)]),
            region: region.into(),
            account: None,
        }
    }

    /// Whether this is the simulated cloud inside the program.
    pub fn is_sandbox(&self) -> bool {
        self.endpoints.contains_key(CloudIdentity::SANDBOX)
    }

    /// Returns what makes the other one another cloud. Endpoints and accounts are compared where
    /// both are known: a later version may use more services.
    pub fn differences(&self, other: &CloudIdentity) -> Vec<CloudDifference> {
        let mut differences = Vec::new();
        if self.is_sandbox() != other.is_sandbox() {
            differences.push(CloudDifference::Sandbox);
        } else {
            let differing = self.endpoints.iter().filter(|(name, url)| {
                let theirs = other.endpoints.get(*name);
                theirs.is_some_and(|theirs| theirs != *url)
            });
            let differing = differing.map(|(name, _)| name.clone());
            differences.extend(differing.map(CloudDifference::Endpoint));
        }
        if self.region != other.region {
            differences.push(CloudDifference::Region);
        }
        if let (Some(mine), Some(theirs)) = (&self.account, &other.account)
            && mine != theirs
        {
            differences.push(CloudDifference::Account);
        }
        differences
    }
}

/// The URL as it is compared: a trailing slash and the case of the host make no difference. A user
/// and a password are left out: the client refuses them, and no message may repeat them.
fn normal(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = host.rsplit('@').next().unwrap_or_default();
            format!(
                "{}://{}{path}",
                scheme.to_ascii_lowercase(),
                host.to_ascii_lowercase()
            )
        }
        None => url.to_owned(),
    }
}

/// As part of a sentence: `region r-1 at https://eci-global.ctapi.ctyun.cn`.
impl fmt::Display for CloudIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "region {}", self.region)?;
        if self.is_sandbox() {
            f.write_str(" of the sandbox")?;
        } else {
            let mut urls: Vec<&str> = self.endpoints.values().map(String::as_str).collect();
            urls.sort_unstable();
            urls.dedup();
            // That of container groups stands for those of its family.
            match self.endpoints.get("eci") {
                Some(eci) => write!(f, " at {eci}")?,
                None if urls.is_empty() => {}
                None => write!(f, " at {}", urls.join(", "))?,
            }
        }
        match &self.account {
            Some(account) => write!(f, ", account {account}"),
            None => Ok(()),
        }
    }
}

/// One part of the identity that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloudDifference {
    /// One is the simulated cloud inside the program, the other is not.
    Sandbox,
    /// The endpoint of this service.
    Endpoint(String),
    /// The region.
    Region,
    /// The account.
    Account,
}

/// A state that may go on with a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Belonging {
    /// The state is recorded as that cloud's.
    Recorded,
    /// The state holds nothing that any cloud has, and can go to each.
    Free,
    /// The state is of a version that did not record its cloud: it adopts this one.
    Adopts,
}

/// A state that belongs to another cloud.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the state belongs to {recorded}, and this run is about {current}")]
pub struct AnotherCloud {
    /// The cloud of the state.
    pub recorded: Box<CloudIdentity>,
    /// The cloud of the run.
    pub current: Box<CloudIdentity>,
    /// What differs.
    pub differences: Vec<CloudDifference>,
}

impl Snapshot {
    /// Whether the state holds anything that is in a cloud, or may be.
    pub fn is_bound(&self) -> bool {
        let mut resources = self.resources.values();
        !self.open_intents.is_empty() || resources.any(|resource| resource.id.is_some())
    }

    /// Whether a run of this state may go on with that cloud.
    ///
    /// # Errors
    /// The state belongs to another one.
    pub fn belongs_to(&self, cloud: &CloudIdentity) -> Result<Belonging, AnotherCloud> {
        if !self.is_bound() {
            return Ok(Belonging::Free);
        }
        let Some(recorded) = &self.cloud else {
            return Ok(Belonging::Adopts);
        };
        let differences = recorded.differences(cloud);
        if differences.is_empty() {
            return Ok(Belonging::Recorded);
        }
        Err(AnotherCloud {
            recorded: Box::new(recorded.clone()),
            current: Box::new(cloud.clone()),
            differences,
        })
    }

    /// Returns the identity to record for a run with that cloud, if the state does not have it: an
    /// account that is known already is kept.
    pub fn cloud_to_record(&self, cloud: &CloudIdentity) -> Option<CloudIdentity> {
        let mut next = cloud.clone();
        if let Some(recorded) = &self.cloud
            && recorded.differences(cloud).is_empty()
        {
            next.account = next.account.or_else(|| recorded.account.clone());
        }
        (self.cloud.as_ref() != Some(&next)).then_some(next)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::{DigestKey, Lineage};

    use super::*;
    use crate::record::Record;
    use crate::testing::recorded;

    fn at(url: &str, region: &str) -> CloudIdentity {
        CloudIdentity::new([("eci", url)], region)
    }

    fn state(cloud: Option<CloudIdentity>) -> Snapshot {
        let mut snapshot = Snapshot::new(Lineage::new("l"), DigestKey::new([1; 32]));
        snapshot.apply(&recorded("web", "eip-1")).unwrap();
        if let Some(cloud) = cloud {
            snapshot.apply(&Record::Cloud { cloud }).unwrap();
        }
        snapshot
    }

    #[test]
    fn another_region_endpoint_or_account_is_another_cloud() {
        let home = at("https://eci.example", "r-1");
        let state = state(Some(home.clone()));
        assert_eq!(state.belongs_to(&home), Ok(Belonging::Recorded));
        let with_password = at("HTTPS://me:secret@ECI.example/", "r-1");
        assert_eq!(with_password, home);
        let differences = |cloud: &CloudIdentity| state.belongs_to(cloud).unwrap_err().differences;
        assert_eq!(
            differences(&at("https://eci.example", "r-2")),
            [CloudDifference::Region]
        );
        assert_eq!(
            differences(&at("https://other.example", "r-1")),
            [CloudDifference::Endpoint("eci".to_owned())]
        );
        assert_eq!(
            differences(&CloudIdentity::sandbox("r-1")),
            [CloudDifference::Sandbox]
        );
        let error = state
            .belongs_to(&at("https://eci.example", "r-2"))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the state belongs to region r-1 at https://eci.example, and this run is about \
             region r-2 at https://eci.example"
        );
    }

    #[test]
    fn accounts_are_compared_where_both_are_known_and_kept_where_one_is() {
        let account = |name: Option<&str>| CloudIdentity {
            account: name.map(str::to_owned),
            ..at("https://eci.example", "r-1")
        };
        let known = state(Some(account(Some("a"))));
        assert!(known.belongs_to(&account(Some("b"))).is_err());
        assert_eq!(known.belongs_to(&account(None)), Ok(Belonging::Recorded));
        assert_eq!(known.cloud_to_record(&account(None)), None);
        let unknown = state(Some(account(None)));
        assert_eq!(
            unknown.cloud_to_record(&account(Some("a"))),
            Some(account(Some("a")))
        );
    }

    #[test]
    fn the_way_a_url_is_written_makes_no_difference() {
        let home = state(Some(at("https://ECI.example/", "r-1")));
        let same = at("https://eci.example", "r-1");
        assert_eq!(home.belongs_to(&same), Ok(Belonging::Recorded));
        let path = at("https://eci.example/Gate", "r-1");
        assert!(home.belongs_to(&path).is_err());
    }

    #[test]
    fn a_state_without_an_identity_adopts_the_first_and_an_empty_one_is_free() {
        let cloud = at("https://eci.example", "r-1");
        assert_eq!(state(None).belongs_to(&cloud), Ok(Belonging::Adopts));
        let mut empty = Snapshot::new(Lineage::new("l"), DigestKey::new([1; 32]));
        let elsewhere = at("https://eci.example", "r-9");
        empty.apply(&Record::Cloud { cloud: elsewhere }).unwrap();
        assert_eq!(empty.belongs_to(&cloud), Ok(Belonging::Free));
        assert_eq!(empty.cloud_to_record(&cloud), Some(cloud));
    }
}
