//! The commands that look into what runs.

mod events;
mod exec;
mod follow;
mod logs;
mod restart;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_api::types::ContainerGroupId;
use eci_api::{CallError, Client};
use eci_config::ProviderSettings;
use eci_core::suggest::{did_you_mean, nearest};
use eci_core::value::SENSITIVE;
use eci_core::{Address, DigestKey, Kind, Lineage, Map, Redactor, Value};
use eci_planner::{OwnerMark, check_owner, marked};
use eci_provider::{ObservedGroup, RemoteId, RemoteObject, ResourceProvider, group_id};
use eci_state::{ResourceState, Snapshot};
use eci_text::{List, Text, Verbatim, text};

use super::state::not_there;
use crate::arguments::VariableArgs;
use crate::context::{Context, StateLocation};
use crate::error::CommandError;
use crate::signals::Signals;

pub(crate) use events::events;
pub(crate) use exec::exec;
pub(crate) use logs::logs;
pub(crate) use restart::restart;
pub(crate) use status::status;

/// The context of commands about running containers: the state knows the resources, and
/// `[provider]` the cloud. The rest of the manifests may have errors.
struct InspectContext {
    provider: ProviderSettings,
    state: StateLocation,
    snapshot: Snapshot,
    /// The desired attributes of resources, according to the manifests.
    declared: BTreeMap<Address, Arc<Map>>,
}

/// A container group of the state.
struct RecordedGroup<'a> {
    address: &'a Address,
    id: ContainerGroupId,
    state: &'a ResourceState,
    key: &'a DigestKey,
    /// The desired attributes, according to the manifests.
    declared: Option<&'a Map>,
}

impl InspectContext {
    fn load(
        context: &Context,
        variables: &VariableArgs,
        signals: &mut Signals,
    ) -> Result<InspectContext, CommandError> {
        context.reading(signals, || {
            let snapshot = context.existing_state()?;
            Ok::<_, CommandError>(InspectContext {
                provider: context.load_provider(variables)?,
                state: context.state_location()?,
                snapshot,
                declared: context.declared(variables)?,
            })
        })
    }

    fn access(&self, context: &Context) -> Result<eci_engine::Provider, CommandError> {
        let access = context.cloud(&self.provider, &self.state);
        access.hide(self.declared.values().cloned());
        access.check(&self.state, &self.snapshot)?;
        Ok(access)
    }

    /// Returns the group of that address.
    fn group<'a>(&'a self, address: &'a Address) -> Result<RecordedGroup<'a>, CommandError> {
        if !address.kind().properties().runs_containers {
            return Err(CommandError::new(
                text!(
                    en: "{address} is not a container group",
                    zh: "{address} 不是容器组",
                    address = Verbatim(address),
                ),
                text!(
                    en: "specify the address of a container group, for example container_group.web",
                    zh: "指定容器组的地址，例如 container_group.web",
                ),
            ));
        }
        let found = self.snapshot.resources.get(address);
        let state = found.ok_or_else(|| not_there(&self.snapshot, &address.clone().into()))?;
        let id = state.id.as_deref().ok_or_else(|| {
            CommandError::new(
                text!(
                    en: "{address} has not been created yet",
                    zh: "{address} 尚未创建",
                    address = Verbatim(address),
                ),
                text!(en: "run `eci apply` to create it", zh: "执行 `eci apply` 创建"),
            )
        })?;
        let id = group_id(id).map_err(CommandError::plain)?;
        let key = &self.snapshot.digest_key;
        Ok(RecordedGroup {
            address,
            id,
            state,
            key,
            declared: self.declared.get(address).map(|it| &**it),
        })
    }
}

/// The known values of a group, other than the report of the cloud.
struct KnownGroup<'a> {
    key: &'a DigestKey,
    state: &'a ResourceState,
    declared: Option<&'a Map>,
}

/// Returns a redactor of the present and former secrets of a group in reports of the cloud.
///
/// Of a secret recorded by its digest alone, the group's own report has the text.
fn redactor(known: &KnownGroup<'_>, observed: Option<&ObservedGroup>) -> Redactor {
    let KnownGroup {
        key,
        state,
        declared,
    } = known;
    let observed = observed.map(|observed| Arc::new(observed.attributes.clone()));
    let observed = observed.map(|observed| marked(Kind::ContainerGroup, state, &observed, key));
    let recorded = [&*state.applied, &*state.observed];
    let others = observed.as_deref().into_iter().chain(*declared);
    Redactor::new(key, recorded.into_iter().chain(others))
}

impl RecordedGroup<'_> {
    fn known(&self) -> KnownGroup<'_> {
        KnownGroup {
            key: self.key,
            state: self.state,
            declared: self.declared,
        }
    }

    /// Covers its secrets in the cloud's words on it; for that it is read where it has any.
    async fn redactor(&self, provider: &ResourceProvider<Client>) -> Redactor {
        let is_plain = self.state.sensitive.is_empty()
            && !self.state.applied.values().any(Value::has_sensitive)
            && !self.state.observed.values().any(Value::has_sensitive);
        let observed = if is_plain {
            None
        } else {
            // Digests are enough for most of it.
            provider.describe_group(&self.id).await.ok().flatten()
        };
        redactor(&self.known(), observed.as_ref())
    }

    /// Returns the container of that name, or the only one.
    fn container(&self, requested: Option<&str>) -> Result<String, CommandError> {
        let address = self.address;
        let main = self.containers("containers");
        let init = self.containers("init_containers");
        let all = || main.iter().chain(&init);
        let names = || all().filter_map(ContainerName::clear);
        let Some(name) = requested else {
            return match main.as_slice() {
                [ContainerName::Clear(only)] => Ok((*only).to_owned()),
                [_] => Err(CommandError::new(
                    text!(
                        en: "the container name of {address} is sensitive: the state has only its digest",
                        zh: "{address} 的容器名称是敏感值，状态中只有其摘要",
                        address = Verbatim(address),
                    ),
                    text!(
                        en: "use `-c` to specify the name",
                        zh: "使用 `-c` 指定名称",
                    ),
                )),
                _ => Err(CommandError::new(
                    text!(
                        en: "{address} has several containers: {names}",
                        zh: "{address} 有多个容器：{names}",
                        address = Verbatim(address),
                        names = listed(all()),
                    ),
                    text!(en: "use `-c` to select one", zh: "使用 `-c` 指定一个容器"),
                )),
            };
        };
        if all().any(|container| container.may_be(name, self.key)) {
            return Ok(name.to_owned());
        }
        Err(CommandError::new(
            text!(
                en: "{address} has no container `{name}`",
                zh: "{address} 没有容器 `{name}`",
                address = Verbatim(address),
                name = name,
            ),
            match nearest(name, names()) {
                Some(near) => did_you_mean(near),
                None => text!(
                    en: "available containers: {names}",
                    zh: "可用的容器：{names}",
                    names = listed(all()),
                ),
            },
        ))
    }

    /// Returns the names of the containers in a list, as far as the state records them.
    fn containers(&self, list: &str) -> Vec<ContainerName<'_>> {
        match self.state.applied.get(list) {
            None => Vec::new(),
            Some(containers) => match containers.as_list() {
                Some(containers) => containers.iter().map(ContainerName::of).collect(),
                None => vec![ContainerName::Unknown],
            },
        }
    }

    /// Returns the name of a container, for people.
    fn shown(&self, container: &str) -> String {
        redactor(&self.known(), None).cover(container)
    }

    /// Refuses to touch a group that another state has taken over, as a plan does.
    async fn check_owner(
        &self,
        provider: &ResourceProvider<Client>,
        lineage: &Lineage,
    ) -> Result<(), CommandError> {
        let remote = provider.describe(&RemoteId::from(self.id.clone())).await;
        let remote = remote.map_err(|error| self.failed(error))?;
        let mark = remote.as_ref().and_then(RemoteObject::operation_mark);
        let mark = mark.map(OwnerMark::new);
        Ok(check_owner(
            self.address,
            self.state,
            mark.as_ref(),
            lineage,
        )?)
    }

    /// Converts the error of a call; one that says that the group no longer exists leads to a new
    /// one.
    fn failed(&self, error: CallError) -> CommandError {
        if error.is_not_found() {
            no_longer_exists(self.address, self.id.as_str())
        } else {
            error.into()
        }
    }
}

/// The name of a container, as far as the state records it.
enum ContainerName<'a> {
    Clear(&'a str),
    /// The name is sensitive.
    Digest(&'a Value),
    /// The container is sensitive as a whole.
    Unknown,
}

impl<'a> ContainerName<'a> {
    fn of(container: &'a Value) -> ContainerName<'a> {
        match container.get("name") {
            Some(Value::String(name)) => ContainerName::Clear(name),
            Some(name) => ContainerName::Digest(name),
            None => ContainerName::Unknown,
        }
    }

    fn clear(&self) -> Option<&'a str> {
        match self {
            ContainerName::Clear(name) => Some(name),
            ContainerName::Digest(_) | ContainerName::Unknown => None,
        }
    }

    /// Returns whether the container has this name, as far as the state records that.
    fn may_be(&self, name: &str, key: &DigestKey) -> bool {
        match self {
            ContainerName::Clear(known) => *known == name,
            ContainerName::Digest(known) => {
                key.redact(&Value::from(name).into_sensitive()) == **known
            }
            ContainerName::Unknown => true,
        }
    }
}

/// Lists the names of containers, for people.
fn listed<'a>(containers: impl Iterator<Item = &'a ContainerName<'a>>) -> List<Text> {
    const HIDDEN: Text = Text::fixed(SENSITIVE, "（敏感值）");
    List::and(containers.map(|container| match container.clear() {
        Some(name) => Text::verbatim(format!("`{name}`")),
        None => HIDDEN,
    }))
}

/// Returns the error about a container group that was deleted outside of eci.
fn no_longer_exists(address: &Address, id: &str) -> CommandError {
    CommandError::new(
        text!(
            en: "{address} ({id}) no longer exists in the cloud",
            zh: "{address}（{id}）在云端已不存在",
            address = Verbatim(address),
            id = id,
        ),
        text!(
            en: "run `eci apply` to create it again",
            zh: "执行 `eci apply` 重新创建",
        ),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn state(containers: &[&str], init: &[&str]) -> ResourceState {
        let list = |names: &[&str]| {
            let named = names.iter().map(|name| Value::from([("name", *name)]));
            Value::list(named.collect())
        };
        ResourceState {
            id: Some("eci-1".to_owned()),
            applied: Arc::new(Map::from_iter([
                ("containers".into(), list(containers)),
                ("init_containers".into(), list(init)),
            ])),
            ..ResourceState::default()
        }
    }

    fn container(state: &ResourceState, requested: Option<&str>) -> Result<String, String> {
        let address = Address::new(Kind::ContainerGroup, "web");
        let group = RecordedGroup {
            address: &address,
            id: group_id("eci-1").unwrap(),
            state,
            key: &DigestKey::new([7; 32]),
            declared: None,
        };
        group.container(requested).map_err(|failure| match failure {
            CommandError::Error { error, help } => format!("{error}; {}", help.unwrap_or_default()),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn the_only_container_need_not_be_named_and_one_of_several_must_be() {
        let one = state(&["nginx"], &["setup"]);
        assert_eq!(container(&one, None).unwrap(), "nginx");
        assert_eq!(container(&one, Some("setup")).unwrap(), "setup");
        let two = state(&["nginx", "app"], &[]);
        let several = container(&two, None).unwrap_err();
        assert!(
            several.contains("several containers: `nginx` and `app`"),
            "{several}"
        );
        assert!(several.contains("-c"), "{several}");
    }

    #[test]
    fn a_container_that_is_not_there_suggests_one_that_is() {
        let two = state(&["nginx", "app"], &[]);
        let typo = container(&two, Some("ngnix")).unwrap_err();
        assert!(typo.contains("did you mean `nginx`?"), "{typo}");
        let far = container(&two, Some("postgres")).unwrap_err();
        assert!(
            far.contains("available containers: `nginx` and `app`"),
            "{far}"
        );
    }

    #[test]
    fn a_container_with_a_sensitive_name_is_found_by_its_digest() {
        let key = DigestKey::new([7; 32]);
        let secret = |text: &str| key.redact(&Value::from(text).into_sensitive());
        let with = |containers: Value| ResourceState {
            applied: Arc::new(Map::from_iter([("containers".into(), containers)])),
            ..state(&[], &[])
        };
        let named = |name: Value| Value::from([("name", name)]);
        let only = with(Value::list(vec![named(secret("hush"))]));
        assert_eq!(container(&only, Some("hush")).unwrap(), "hush");
        let unnamed = container(&only, None).unwrap_err();
        assert!(
            unnamed.contains("use `-c` to specify the name"),
            "{unnamed}"
        );
        let two = with(Value::list(vec![
            named(secret("hush")),
            named("app".into()),
        ]));
        assert_eq!(container(&two, Some("app")).unwrap(), "app");
        let other = container(&two, Some("postgres")).unwrap_err();
        assert!(
            other.contains("available containers: (sensitive) and `app`"),
            "{other}"
        );
        // Nothing but the cloud knows the names.
        for hidden in [Value::list(vec![secret("side")]), secret("list")] {
            assert_eq!(container(&with(hidden), Some("app")).unwrap(), "app");
        }
    }
}
