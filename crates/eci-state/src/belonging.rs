//! Check that a state belongs to the cloud of a run.

use eci_text::{In, Lang, messages};

use crate::cloud::{CloudDifference, CloudIdentity};
use crate::snapshot::Snapshot;

/// A state that may go on with a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Belonging {
    /// The state is recorded as that cloud's.
    Recorded,
    /// The state holds nothing that any cloud has, and can go to each.
    Free,
    /// The state is of a version that did not record its cloud: a run records its cloud.
    Unrecorded,
}

/// A state that belongs to another cloud.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct AnotherCloud {
    /// The cloud of the state.
    pub recorded: Box<CloudIdentity>,
    /// The cloud of the run.
    pub current: Box<CloudIdentity>,
    /// The differences.
    pub differences: Vec<CloudDifference>,
}

messages! { AnotherCloud:
    AnotherCloud { recorded, current, .. } =>
        en("the state belongs to {recorded}, but this run uses {current}"),
        zh("状态属于{}，而本次运行使用{}", In(&**recorded, Lang::Zh), In(&**current, Lang::Zh));
}

impl Snapshot {
    /// Returns whether the state has anything that is, or may be, in a cloud.
    pub fn is_bound(&self) -> bool {
        let mut resources = self.resources.values();
        !self.open_intents.is_empty() || resources.any(|resource| resource.id.is_some())
    }

    /// Checks whether a run of this state may continue with that cloud.
    ///
    /// # Errors
    /// The state belongs to another one.
    pub fn belongs_to(&self, cloud: &CloudIdentity) -> Result<Belonging, AnotherCloud> {
        if !self.is_bound() {
            return Ok(Belonging::Free);
        }
        let Some(recorded) = &self.cloud else {
            return Ok(Belonging::Unrecorded);
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
    /// account and a simulated cloud that are known already are kept.
    pub fn cloud_to_record(&self, cloud: &CloudIdentity) -> Option<CloudIdentity> {
        let mut next = cloud.clone();
        if let Some(recorded) = &self.cloud
            && recorded.differences(cloud).is_empty()
        {
            next.account = next.account.or_else(|| recorded.account.clone());
            next.sandbox = next.sandbox.or_else(|| recorded.sandbox.clone());
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
            "the state belongs to region r-1 at https://eci.example, but this run uses \
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
        assert_eq!(state(None).belongs_to(&cloud), Ok(Belonging::Unrecorded));
        let mut empty = Snapshot::new(Lineage::new("l"), DigestKey::new([1; 32]));
        let elsewhere = at("https://eci.example", "r-9");
        empty.apply(&Record::Cloud { cloud: elsewhere }).unwrap();
        assert_eq!(empty.belongs_to(&cloud), Ok(Belonging::Free));
        assert_eq!(empty.cloud_to_record(&cloud), Some(cloud));
    }
}
