//! Check that a state belongs to the cloud that a command is about, and the errors if it does not.
//!
//! The rule is [`Snapshot::belongs_to`]; here are the words: which cloud the state has, which one
//! this run has, where that comes from, and a fix.

use std::path::{Path, PathBuf};

use eci_api::Service;
use eci_backend::{Backend, OpenState};
use eci_config::ProviderSettings;
use eci_state::{
    AnotherCloud, Belonging, CloudDifference, CloudIdentity, Record, Snapshot, StateError,
    Store as _,
};
use eci_text::{Spaced, Text, Verbatim, text};

use crate::connect::Variable;
use crate::credentials::REGION_VARIABLE;
use crate::endpoint::{self, ServiceEndpoint};
use crate::error::{CloudMismatch, in_sandbox, not_in_sandbox};

/// Returns the file by which versions that did not record the cloud marked a state whose resources
/// are in the sandbox.
fn mark_in(state: &Path) -> PathBuf {
    state.join("sandbox").join("holds-this-state")
}

/// The sources of the identity of a run.
pub(crate) struct Sources<'a> {
    pub(crate) settings: &'a ProviderSettings,
    pub(crate) flags: &'a [ServiceEndpoint],
    pub(crate) sandbox: bool,
    /// The lookup of environment variables.
    pub(crate) variable: Variable,
}

impl Sources<'_> {
    /// Returns the identity of the cloud in that region.
    pub(crate) fn identity(&self, region: &str) -> CloudIdentity {
        if self.sandbox {
            return CloudIdentity::sandbox(region);
        }
        let endpoints = endpoint::endpoints(self.flags, self.variable, &self.settings.endpoints);
        let endpoints =
            Service::ALL.map(|service| (service.name(), endpoints.of(service).to_owned()));
        CloudIdentity::new(endpoints, region)
    }

    /// Returns where the region comes from.
    fn of_region(&self) -> Text {
        match (&self.settings.region_id, &self.settings.region_place) {
            (Some(_), Some(place)) => text!(
                en: "`region_id` in {place}",
                zh: "{place} 中的 `region_id`",
                place = Verbatim(place),
            ),
            (Some(_), None) => text!(
                en: "`region_id` in `[provider]`",
                zh: "`[provider]` 中的 `region_id`",
            ),
            (None, _) if self.sandbox && (self.variable)(REGION_VARIABLE).is_none() => text!(
                en: "the default of `--sandbox`",
                zh: "`--sandbox` 的默认值",
            ),
            (None, _) => from_variable(REGION_VARIABLE),
        }
    }

    /// Returns where the endpoint of a service comes from.
    fn of_endpoint(&self, name: &str) -> Text {
        let service = Service::ALL.into_iter().find(|it| it.name() == name);
        let set = |service: &Service| {
            let value = (self.variable)(service.variable());
            value.is_some_and(|value| !value.trim().is_empty())
        };
        if self.flags.iter().any(|flag| flag.service().name() == name) {
            return Text::verbatim("`--endpoint`");
        }
        if let Some(service) = service.filter(set) {
            return from_variable(service.variable());
        }
        match (
            self.settings.endpoints.contains_key(name),
            &self.settings.endpoints_place,
        ) {
            (true, Some(place)) => text!(
                en: "`endpoints` in {place}",
                zh: "{place} 中的 `endpoints`",
                place = Verbatim(place),
            ),
            (true, None) => text!(
                en: "`endpoints` in `[provider]`",
                zh: "`[provider]` 中的 `endpoints`",
            ),
            (false, _) => text!(en: "the default of CTyun", zh: "天翼云的默认值"),
        }
    }

    /// Refuses a cloud that does not have the resources of the state.
    pub(crate) fn check(
        &self,
        state: &Backend,
        snapshot: &Snapshot,
        cloud: &CloudIdentity,
    ) -> Result<Belonging, CloudMismatch> {
        let belonging = snapshot
            .belongs_to(cloud)
            .map_err(|other| self.refusal(state, &other))?;
        if belonging == Belonging::Unrecorded {
            of_an_earlier_version(state, self.sandbox)?;
        }
        Ok(belonging)
    }

    fn refusal(&self, state: &Backend, other: &AnotherCloud) -> CloudMismatch {
        let AnotherCloud {
            recorded, current, ..
        } = other;
        let mut lines = Vec::new();
        for difference in &other.differences {
            lines.push(match difference {
                CloudDifference::Sandbox if current.is_sandbox() => not_in_sandbox(),
                CloudDifference::Sandbox => in_sandbox(),
                CloudDifference::Region => text!(
                    en: "region {current} is set by {origin}: set {recorded} there, or use a separate state for \
                         each region with `--state` or `eci workspace new NAME`",
                    zh: "区域 {current} 来自{origin}：改为 {recorded}，或使用 `--state` 或 `eci workspace new NAME` 为各区域使用单独的状态",
                    current = current.region.as_str(),
                    origin = Spaced(self.of_region()),
                    recorded = recorded.region.as_str(),
                ),
                CloudDifference::Endpoint(name) => {
                    let of = |cloud: &CloudIdentity| {
                        cloud.endpoints.get(name).cloned().unwrap_or_default()
                    };
                    text!(
                        en: "endpoint `{name}` is {current}, set by {origin}, and {recorded} in the state",
                        zh: "服务端点 `{name}` 为 {current}，来自{origin}，而状态中为 {recorded}",
                        name = name,
                        current = of(current),
                        origin = Spaced(self.of_endpoint(name)),
                        recorded = of(recorded),
                    )
                }
                CloudDifference::Account => text!(
                    en: "the credentials belong to account {current}: use those of account {recorded}",
                    zh: "凭证属于账号 {current}：使用账号 {recorded} 的凭证",
                    current = current.account.as_deref().unwrap_or_default(),
                    recorded = recorded.account.as_deref().unwrap_or_default(),
                ),
                // Another part of the identity, of which nothing more is known here.
                _ => text!(
                    en: "use {recorded}, which the state records",
                    zh: "使用状态中记录的{recorded}",
                    recorded = recorded,
                ),
            });
        }
        let is_of_endpoint = |it: &CloudDifference| matches!(it, CloudDifference::Endpoint(_));
        if other.differences.iter().any(is_of_endpoint) {
            lines.push(text!(
                en: "if both reach the same cloud, run `eci state cloud --set` once",
                zh: "如果两者为同一个云，执行一次 `eci state cloud --set`",
            ));
        }
        CloudMismatch::Other {
            state: state.location(),
            recorded: recorded.clone(),
            current: current.clone(),
            fixes: lines,
        }
    }
}

fn from_variable(name: &str) -> Text {
    text!(
        en: "the environment variable `{name}`",
        zh: "环境变量 `{name}`",
        name = name,
    )
}

/// Checks whether a state of a version that did not record its cloud belongs to the sandbox or to
/// the real cloud.
fn of_an_earlier_version(state: &Backend, sandbox: bool) -> Result<(), CloudMismatch> {
    // No such version had another backend.
    let is_marked = state.directory().is_some_and(|it| mark_in(it).exists());
    let state = state.location();
    if sandbox && !is_marked {
        return Err(CloudMismatch::NotInSandbox { state });
    }
    if !sandbox && is_marked {
        return Err(CloudMismatch::InSandbox { state });
    }
    Ok(())
}

/// Records the cloud of a state, which must have passed the check.
pub(crate) fn record(store: &mut OpenState, cloud: &CloudIdentity) -> Result<(), StateError> {
    if let Some(cloud) = store.snapshot().cloud_to_record(cloud) {
        store.append(&[Record::Cloud { cloud }])?;
        store.flush().wait()?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use eci_core::{Address, Kind};
    use eci_state::ResourceState;

    use super::*;

    fn sources(settings: &ProviderSettings, sandbox: bool) -> Sources<'_> {
        Sources {
            settings,
            flags: &[],
            sandbox,
            variable: |_| None,
        }
    }

    fn with_a_group() -> Snapshot {
        let mut snapshot = Snapshot::new_random().unwrap();
        let state = ResourceState {
            id: Some("eci-1".to_owned()),
            ..ResourceState::default()
        };
        snapshot
            .resources
            .insert(Address::new(Kind::ContainerGroup, "web"), state);
        snapshot
    }

    fn said(mismatch: CloudMismatch) -> String {
        format!("{mismatch}; {}", mismatch.help())
    }

    #[test]
    fn a_state_of_an_earlier_version_adopts_the_cloud_that_its_mark_allows() {
        let directory = tempfile::tempdir().unwrap();
        let (state, full) = (directory.path(), with_a_group());
        let settings = ProviderSettings::default();
        let (real, sandbox) = (sources(&settings, false), sources(&settings, true));
        let check =
            |run: &Sources<'_>| run.check(&Backend::from(state), &full, &run.identity("r-1"));
        assert_eq!(check(&real).unwrap(), Belonging::Unrecorded);
        assert!(check(&sandbox).is_err());
        fs::create_dir_all(state.join("sandbox")).unwrap();
        fs::write(mark_in(state), "").unwrap();
        assert_eq!(check(&sandbox).unwrap(), Belonging::Unrecorded);
        assert!(said(check(&real).unwrap_err()).contains("are in the sandbox"));
    }

    #[test]
    fn a_refusal_names_both_clouds_where_the_region_comes_from_and_a_fix() {
        let settings = ProviderSettings::default();
        let run = sources(&settings, false);
        let mut full = with_a_group();
        full.cloud = Some(run.identity("r-1"));
        let wrong = run.check(
            &Backend::from(Path::new("state")),
            &full,
            &run.identity("r-2"),
        );
        let said = said(wrong.unwrap_err());
        for part in [
            "belongs to region r-1 at https://eci-global.ctapi.ctyun.cn",
            "this run uses region r-2",
            "is set by the environment variable `CTYUN_REGION_ID`",
            "set r-1 there",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
