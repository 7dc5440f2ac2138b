//! The cloud, reached when it is first needed: a plan of an empty state needs no credentials.

use std::sync::Arc;
use std::time::Duration;

use eci_api::{Client, ClientConfig, Credentials, Endpoints, FieldNames};
use eci_config::ProviderSettings;
use eci_core::Map;
use eci_core::digest::KnownDigests;
use eci_executor::PollInterval;
use eci_planner::Plan;
use eci_provider::{Provider, RetryConfig, Throttle};
use eci_render::style::visible;
use eci_sandbox::{Config, OpenError, Running, Sandbox, Speed, StartError, StorageError};
use eci_state::{Belonging, CloudIdentity, LocalStore, Snapshot, Store as _};

use super::credentials::{self, SANDBOX_KEY};
use super::{Context, StateLocation, endpoint, sandbox_marker};
use crate::error::CommandError;
use crate::stdio::print_stderr;

/// The variable that names the region where no manifest does.
pub(crate) const DEFAULT_REGION_VARIABLE: &str = "CTYUN_REGION_ID";

/// How fast the embedded sandbox lives: slow enough to be watched, fast enough not to be
/// waited for.
const SANDBOX_SPEED: Speed = Speed::Times(4.0);

/// The digests of everything sensitive in a state.
fn recorded(snapshot: &Snapshot) -> KnownDigests {
    let mut digests = KnownDigests::new(&snapshot.digest_key);
    for state in snapshot.resources.values() {
        digests.add(&state.applied);
        digests.add(&state.observed);
    }
    digests
}

/// The way of a command to its cloud.
#[derive(Debug)]
pub(crate) struct CloudAccess<'a> {
    context: &'a Context,
    settings: &'a ProviderSettings,
    state: StateLocation,
    reached: Option<Connection>,
    /// What the manifests say that resources are to be, secrets marked.
    declared: Vec<Arc<Map>>,
    /// The digests of the secrets on record.
    recorded: Option<KnownDigests>,
    answered: bool,
}

#[derive(Debug)]
struct Connection {
    provider: Provider<Client>,
    sandbox: Option<Running>,
}

impl<'a> CloudAccess<'a> {
    /// A way to the cloud that nobody has gone yet.
    pub(crate) fn new(
        context: &'a Context,
        settings: &'a ProviderSettings,
        state: &StateLocation,
    ) -> CloudAccess<'a> {
        CloudAccess {
            context,
            settings,
            state: state.clone(),
            reached: None,
            declared: Vec::new(),
            recorded: None,
            answered: false,
        }
    }

    /// Refuses to work on a state whose resources another cloud has. Without a region nothing can
    /// be asked, and reaching the cloud says so.
    pub(crate) fn check(&mut self, snapshot: &Snapshot) -> Result<(), CommandError> {
        self.recorded = Some(recorded(snapshot));
        match self.identity() {
            Some(cloud) => self
                .sources()
                .check(&self.state, snapshot, &cloud)
                .map(drop),
            None => Ok(()),
        }
    }

    /// Records in the state that it belongs to this cloud, which it must have passed the check
    /// for.
    pub(crate) fn record(&self, store: &mut LocalStore) -> Result<(), CommandError> {
        self.tell_of_adoption(store.snapshot());
        match self.identity() {
            Some(cloud) => sandbox_marker::record(store, &cloud),
            None => Ok(()),
        }
    }

    /// Records the same in a state of a version that did not; returns whether it is one.
    pub(crate) fn adopt(&self, store: &mut LocalStore) -> Result<bool, CommandError> {
        let adopts = self.adopts(store.snapshot());
        if adopts {
            self.record(store)?;
        }
        Ok(adopts)
    }

    /// Says that a state of an earlier version adopts this cloud.
    pub(crate) fn tell_of_adoption(&self, snapshot: &Snapshot) {
        if self.adopts(snapshot) {
            self.context.note(&format!(
                "note: the state does not say which cloud it belongs to, as it is of an earlier \
                 version; from now on it belongs to {}",
                self.name()
            ));
        }
    }

    fn adopts(&self, snapshot: &Snapshot) -> bool {
        let identity = self.identity();
        identity.is_some_and(|cloud| snapshot.belongs_to(&cloud) == Ok(Belonging::Adopts))
    }

    /// The cloud that the command is about; none if no region is given.
    pub(crate) fn identity(&self) -> Option<CloudIdentity> {
        let region = match self.context.globals.sandbox {
            true => self.region().or_else(|| Some(default_region())),
            false => self.region(),
        };
        region.map(|region| self.sources().identity(&region))
    }

    fn sources(&self) -> sandbox_marker::Sources<'_> {
        sandbox_marker::Sources {
            settings: self.settings,
            flags: &self.context.globals.endpoints,
            sandbox: self.context.globals.sandbox,
            variable,
        }
    }

    /// Which cloud this is, as a part of a sentence.
    pub(crate) fn name(&self) -> String {
        let identity = self.identity();
        identity.map_or_else(|| "no region".to_owned(), |cloud| cloud.to_string())
    }

    /// Its region, as far as it is known.
    pub(crate) fn region(&self) -> Option<String> {
        region(self.settings, variable)
    }

    /// Hides from then on what is sensitive in these attributes wherever the cloud quotes it.
    pub(crate) fn hide(&mut self, declared: impl IntoIterator<Item = Arc<Map>>) {
        self.declared.extend(declared);
    }

    /// The cloud.
    pub(crate) async fn provider(&mut self) -> Result<&Provider<Client>, CommandError> {
        let reached = match self.reached.take() {
            Some(reached) => reached,
            None => self.reach().await?,
        };
        Ok(&self.reached.insert(reached).provider)
    }

    /// The cloud of a plan. One without resources makes no call, and needs neither credentials nor
    /// a region: its outputs alone are recorded.
    pub(crate) async fn provider_of(
        &mut self,
        plan: &Plan,
    ) -> Result<Provider<Client>, CommandError> {
        if !plan.steps().is_empty() || !plan.awaited().is_empty() {
            return self.provider().await.cloned();
        }
        let credentials = Credentials::new("none", "none");
        let client = Client::new(ClientConfig::new(credentials, "none"))?;
        Ok(Provider::new(client, pace(self.settings)))
    }

    /// Whether the cloud has answered a call of this command.
    pub(crate) fn has_answered(&self) -> bool {
        self.answered
    }

    /// Remembers that it has.
    pub(crate) fn answered(&mut self) {
        self.answered = true;
    }

    /// Ends what was begun on the way.
    pub(crate) async fn close(self) {
        if let Some(sandbox) = self.reached.and_then(|reached| reached.sandbox) {
            sandbox.stop().await;
        }
    }

    async fn reach(&self) -> Result<Connection, CommandError> {
        let settings = self.settings;
        let sandbox = match self.context.globals.sandbox {
            true => Some(self.sandbox().await?),
            false => None,
        };
        let mut config = match &sandbox {
            Some(sandbox) => ClientConfig {
                endpoints: Endpoints::all_at(sandbox.endpoint()),
                ..ClientConfig::new(
                    Credentials::new(SANDBOX_KEY, SANDBOX_KEY),
                    region(settings, variable).unwrap_or_else(default_region),
                )
            },
            None => self.real(settings)?,
        };
        config.field_names = match settings.field_names {
            eci_config::FieldNames::Documented => FieldNames::Documented,
            eci_config::FieldNames::Sdk => FieldNames::Sdk,
        };
        let mut provider = Provider::new(Client::new(config)?, pace(settings));
        if !self.context.globals.quiet {
            // What a run does for a resource is told with that.
            provider = provider.with_retry_listener(|again| {
                print_stderr(&format!("note: {}", visible(&again.to_string())))
            });
        }
        for declared in &self.declared {
            provider.hide(declared);
        }
        if let Some(recorded) = &self.recorded {
            provider.hide_recorded(recorded.clone());
        }
        Ok(Connection { provider, sandbox })
    }

    fn real(&self, settings: &ProviderSettings) -> Result<ClientConfig, CommandError> {
        let file = settings
            .credentials_file
            .as_deref()
            .map(|file| self.context.path(file));
        let found = credentials::find(variable, file.transpose()?.as_deref())?;
        if let Some(warning) = found.warning {
            print_stderr(&warning);
        }
        let Some(region) = region(settings, variable) else {
            return Err(CommandError::new(
                "no region is given",
                format!(
                    "write `region_id = \"…\"` under [provider], or set {DEFAULT_REGION_VARIABLE}"
                ),
            ));
        };
        Ok(ClientConfig {
            endpoints: endpoint::endpoints(
                &self.context.globals.endpoints,
                variable,
                &settings.endpoints,
            ),
            ..ClientConfig::new(found.credentials, region)
        })
    }

    async fn sandbox(&self) -> Result<Running, CommandError> {
        let mut config = Config {
            data: Some(self.state.sandbox()),
            speed: self.context.globals.sandbox_speed.unwrap_or(SANDBOX_SPEED),
            ..Config::default()
        };
        // Whoever tries real manifests names a real region, of whose zones nothing is known.
        config.regions.extend(region(self.settings, variable));
        config.zones.clear();
        Sandbox::start(config).await.map_err(|error| match error {
            StartError::Open(OpenError::Storage(StorageError::InUse { path })) => {
                CommandError::new(
                    format!("another run uses the sandbox in {}", path.display()),
                    "wait until it has ended, or plan beside it with --refresh=false",
                )
            }
            error => error.into(),
        })
    }
}

/// The region of the sandbox where none is given.
fn default_region() -> String {
    let mut regions = Config::default().regions;
    regions.drain(..).next().unwrap_or_default()
}

/// The region of a configuration.
fn region(
    settings: &ProviderSettings,
    variable: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let set = || variable(DEFAULT_REGION_VARIABLE).map(|region| region.trim().to_owned());
    settings
        .region_id
        .clone()
        .or_else(set)
        .filter(|region| !region.is_empty())
}

fn pace(settings: &ProviderSettings) -> Throttle {
    let default = RetryConfig::default();
    let retry = RetryConfig {
        max_attempts: settings.retry.attempts.unwrap_or(default.max_attempts),
        max_backoff: settings.retry.max_delay.unwrap_or(default.max_backoff),
        ..default
    };
    let (seed, _) = uuid::Uuid::new_v4().as_u64_pair();
    Throttle::new(settings.rate_limit, retry, seed)
}

/// How often the sandbox is looked at: it has nothing else to do.
pub(crate) const SANDBOX_POLL: PollInterval = PollInterval {
    initial: Duration::from_millis(30),
    max: Duration::from_millis(200),
};

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifests_name_the_region_before_the_environment_does() {
        let set = |_: &str| Some(" r-environment ".to_owned());
        let mut settings = ProviderSettings::default();
        assert_eq!(region(&settings, set).as_deref(), Some("r-environment"));
        assert_eq!(region(&settings, |_| Some(String::new())), None);
        settings.region_id = Some("r-manifest".to_owned());
        assert_eq!(region(&settings, set).as_deref(), Some("r-manifest"));
    }
}
