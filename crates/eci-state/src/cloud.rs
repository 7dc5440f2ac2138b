//! The cloud that a state belongs to.
//!
//! The objects of one cloud do not exist in another: a run against the wrong region, endpoint or account
//! would remove every resource from the state and create all of them again, while the first ones
//! keep running. So the state records where its resources are, and every other cloud is refused
//! before anything is read into the state.

use std::collections::BTreeMap;
use std::fmt;

use eci_text::{Lang, Localize, UrlParts, text};
use serde::{Deserialize, Serialize};

/// The identity of a cloud: where its services are, and what of it a run sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudIdentity {
    /// The base URL of each service, by the name of the service; of the simulated cloud inside the
    /// program, which has another address in each run, [`CloudIdentity::SANDBOX`] alone.
    pub endpoints: BTreeMap<String, String>,
    /// The region.
    pub region: String,
    /// The id of the account, where a call reports it.
    ///
    /// Never an access key: keys are rotated, and the account stays the same. None of the calls
    /// that this program makes for container groups, EIPs and disks reports one (API reference), so
    /// that it is known only to programs that learn it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The ID of the simulated cloud inside the program: each directory that keeps one has another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<String>,
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
            sandbox: None,
        }
    }

    /// Returns the identity of the simulated cloud inside the program.
    pub fn sandbox(region: impl Into<String>) -> CloudIdentity {
        let name = CloudIdentity::SANDBOX.to_owned();
        CloudIdentity {
            endpoints: BTreeMap::from([(name.clone(), name)]),
            region: region.into(),
            account: None,
            sandbox: None,
        }
    }

    /// Returns whether this is the simulated cloud inside the program.
    pub fn is_sandbox(&self) -> bool {
        self.endpoints.contains_key(CloudIdentity::SANDBOX)
    }

    /// Returns what makes the other one another cloud.
    ///
    /// Endpoints and accounts are compared where both are known: a later version may use more
    /// services.
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

/// Normalizes a URL for comparison: a trailing slash and the case of the host make no difference.
///
/// A user and a password are left out: the client refuses them, and no message may repeat them.
fn normal(url: &str) -> String {
    let url = url.trim().trim_end_matches('/');
    match UrlParts::of(url) {
        Some(parts) => format!(
            "{}://{}{}",
            parts.scheme.to_ascii_lowercase(),
            parts.host.to_ascii_lowercase(),
            parts.rest
        ),
        None => url.to_owned(),
    }
}

/// Text that is part of a sentence: `region r-1 at https://eci-global.ctapi.ctyun.cn`.
impl Localize for CloudIdentity {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (region, endpoints) = (self.region.as_str(), self.endpoint_list());
        let place = if self.is_sandbox() {
            text!(
                en: "region {region} of the sandbox",
                zh: "沙箱的区域 {region}",
                region = region,
            )
        } else if endpoints.is_empty() {
            text!(en: "region {region}", zh: "区域 {region}", region = region)
        } else {
            text!(
                en: "region {region} at {endpoints}",
                zh: "区域 {region}（{endpoints}）",
                region = region,
                endpoints = endpoints,
            )
        };
        let whole = match &self.account {
            Some(account) => text!(
                en: "{place}, account {account}",
                zh: "{place}，账号 {account}",
                place = place,
                account = account,
            ),
            None => place,
        };
        f.write_str(whole.get(lang))
    }
}

impl fmt::Display for CloudIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_in(Lang::En, f)
    }
}

impl CloudIdentity {
    /// Returns the endpoints that distinguish the cloud from another.
    ///
    /// That of container groups represents those of its family.
    fn endpoint_list(&self) -> String {
        if let Some(eci) = self.endpoints.get("eci") {
            return eci.clone();
        }
        let mut urls: Vec<&str> = self.endpoints.values().map(String::as_str).collect();
        urls.sort_unstable();
        urls.dedup();
        urls.join(", ")
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
