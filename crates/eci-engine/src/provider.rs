//! The connection of a run to its cloud.

use std::fmt;
#[cfg(feature = "sandbox")]
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use eci_api::types::Region;
use eci_api::{Client, ClientConfig, Credentials};
use eci_backend::{Backend, OpenState};
use eci_config::ProviderSettings;
use eci_core::Map;
use eci_core::digest::KnownDigests;
use eci_executor::Effects;
use eci_planner::Plan;
use eci_state::{Belonging, CloudIdentity, Snapshot, StateError, Store as _};
use eci_text::{Text, text};
use jiff::Timestamp;
use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

use crate::belonging::{self, Sources};
use crate::connect::{self, ConnectOptions};
use crate::error::{CloudMismatch, ConnectError, EngineError};
use crate::notice::Notice;
#[cfg(feature = "sandbox")]
use crate::sandbox;

/// The typed adapter through which a connected [`Provider`] performs calls.
pub type Adapter = eci_provider::ResourceProvider<Client>;

/// The answer about the region to a call that was sent ahead.
pub(crate) type RegionAhead = JoinHandle<Result<Region, EngineError>>;

/// A connection to the cloud of a configuration.
///
/// Cheap to clone; clones share the connection.
///
/// [`Provider::connect`] connects at once. [`Provider::lazy`] connects at the first call, so that a
/// plan of an empty configuration requires neither credentials nor a region.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    settings: ProviderSettings,
    options: ConnectOptions,
    connection: OnceCell<Adapter>,
    #[cfg(feature = "sandbox")]
    running: Mutex<Option<eci_sandbox::SandboxServer>>,
    /// Whether there was a simulated cloud before this connection, which creates one.
    #[cfg(feature = "sandbox")]
    had_sandbox: bool,
    secrets: Mutex<Secrets>,
    region_ahead: Mutex<Option<RegionAhead>>,
    answered: AtomicBool,
    clock_notified: AtomicBool,
}

/// Secrets that the adapter does not hide yet.
#[derive(Default)]
struct Secrets {
    /// The attributes that the manifests declare, secrets marked.
    declared: Vec<Arc<Map>>,
    /// The digests of the secrets in the state.
    recorded: Option<KnownDigests>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("options", &self.0.options)
            .field("connected", &self.0.connection.initialized())
            .finish_non_exhaustive()
    }
}

impl Provider {
    /// Connects to the cloud of a configuration.
    ///
    /// Nothing is sent: wrong credentials or a network that is down show at the first call.
    ///
    /// Cancel safe: a simulated cloud that was started for the connection ends with it.
    ///
    /// # Errors
    /// If there are no credentials, no region, or the endpoints are not usable.
    pub async fn connect(
        settings: &ProviderSettings,
        options: ConnectOptions,
    ) -> Result<Provider, ConnectError> {
        let provider = Provider::lazy(settings, options);
        provider.adapter().await?;
        Ok(provider)
    }

    /// Returns a provider that connects at the first call.
    pub fn lazy(settings: &ProviderSettings, options: ConnectOptions) -> Provider {
        #[cfg(feature = "sandbox")]
        let data = options.sandbox.as_ref().and_then(|it| it.data.as_ref());
        Provider(Arc::new(Inner {
            #[cfg(feature = "sandbox")]
            had_sandbox: data.is_some_and(|data| sandbox::has_simulated_cloud(data)),
            settings: settings.clone(),
            options,
            connection: OnceCell::new(),
            #[cfg(feature = "sandbox")]
            running: Mutex::new(None),
            secrets: Mutex::default(),
            region_ahead: Mutex::new(None),
            answered: AtomicBool::new(false),
            clock_notified: AtomicBool::new(false),
        }))
    }

    /// Returns the adapter for calls, and connects first if necessary.
    ///
    /// Cancel safe: a connection that was dropped half-way is begun again.
    ///
    /// # Errors
    /// As [`Provider::connect`].
    pub async fn adapter(&self) -> Result<&Adapter, ConnectError> {
        let adapter = self.0.connection.get_or_try_init(|| self.open()).await?;
        self.hide_pending();
        Ok(adapter)
    }

    /// Returns the adapter for the calls of a plan.
    ///
    /// A plan without resources makes no call, and requires neither credentials nor a region: only
    /// its outputs are recorded.
    ///
    /// Cancel safe, as [`Provider::adapter`].
    ///
    /// # Errors
    /// As [`Provider::connect`].
    pub async fn adapter_of(&self, plan: &Plan) -> Result<Adapter, ConnectError> {
        if !plan.steps().is_empty() || !plan.awaited().is_empty() {
            return self.adapter().await.cloned();
        }
        let credentials = Credentials::new("none", "none");
        let client = Client::new(ClientConfig::new(credentials, "none"))?;
        let throttle = connect::throttle(&self.0.settings);
        Ok(eci_provider::ResourceProvider::new(client, throttle))
    }

    /// Checks that the state belongs to this cloud.
    ///
    /// Secrets of the state are hidden from then on wherever the cloud quotes them.
    ///
    /// Without a region there is nothing to compare; connecting reports that.
    ///
    /// # Errors
    /// If another cloud has the resources of the state.
    pub fn check(&self, state: &Backend, snapshot: &Snapshot) -> Result<(), CloudMismatch> {
        self.hide_recorded(recorded(snapshot));
        if let Some(cloud) = self.identity() {
            self.sources().check(state, snapshot, &cloud)?;
        }
        #[cfg(feature = "sandbox")]
        self.check_simulated(state, snapshot)?;
        Ok(())
    }

    /// Checks that a shared state with resources of a sandbox is used on the machine that has this sandbox.
    #[cfg(feature = "sandbox")]
    fn check_simulated(&self, state: &Backend, snapshot: &Snapshot) -> Result<(), CloudMismatch> {
        let is_shared = state.directory().is_none();
        let Some(data) = self
            .sandbox_data()
            .filter(|_| is_shared && snapshot.is_bound())
        else {
            return Ok(());
        };
        let cloud = snapshot.cloud.as_ref();
        let is_here = match cloud.and_then(|cloud| cloud.sandbox.as_deref()) {
            Some(recorded) => sandbox::id_in(data).as_deref() == Some(recorded),
            // Of a version that did not record it.
            None => self.0.had_sandbox,
        };
        if is_here {
            return Ok(());
        }
        Err(CloudMismatch::OtherSandbox {
            state: state.location(),
            data: data.display().to_string(),
        })
    }

    /// Returns the directory that keeps the simulated cloud.
    #[cfg(feature = "sandbox")]
    fn sandbox_data(&self) -> Option<&Path> {
        let sandbox = self.0.options.sandbox.as_ref();
        sandbox.and_then(|sandbox| sandbox.data.as_deref())
    }

    /// Returns the identity of the cloud with what only a state records of it.
    pub(crate) fn recorded_identity(&self) -> Option<CloudIdentity> {
        let identity = self.identity();
        #[cfg(feature = "sandbox")]
        if let Some(data) = self.sandbox_data() {
            let id = sandbox::id_created_in(data);
            let id = id.inspect_err(|error| tracing::info!(%error, "the sandbox has no ID"));
            return identity.map(|cloud| CloudIdentity {
                sandbox: id.ok(),
                ..cloud
            });
        }
        identity
    }

    /// Records in the state that it belongs to this cloud.
    ///
    /// The state must have passed [`Provider::check`].
    ///
    /// # Errors
    /// If the state cannot be written.
    pub fn record(&self, store: &mut OpenState) -> Result<(), StateError> {
        self.notify_of_adoption(store.snapshot());
        match self.recorded_identity() {
            Some(cloud) => belonging::record(store, &cloud),
            None => Ok(()),
        }
    }

    /// Records the cloud in a state of an earlier version, which did not; returns whether it is
    /// such a state.
    ///
    /// # Errors
    /// If the state cannot be written.
    pub fn adopt(&self, store: &mut OpenState) -> Result<bool, StateError> {
        let adopts = self.adopts(store.snapshot());
        if adopts {
            self.record(store)?;
        }
        Ok(adopts)
    }

    /// Notifies of a state of an earlier version that adopts this cloud.
    pub(crate) fn notify_of_adoption(&self, snapshot: &Snapshot) {
        if self.adopts(snapshot) {
            let cloud = self.title();
            self.notify(&Notice::RecordsCloud { cloud });
        }
    }

    fn adopts(&self, snapshot: &Snapshot) -> bool {
        let identity = self.identity();
        identity.is_some_and(|cloud| snapshot.belongs_to(&cloud) == Ok(Belonging::Unrecorded))
    }

    /// Returns the identity of the cloud; `None` if no region is given.
    pub fn identity(&self) -> Option<CloudIdentity> {
        let region = self.region();
        #[cfg(feature = "sandbox")]
        let region = region.or_else(|| {
            let is_sandbox = self.0.options.is_sandbox();
            is_sandbox.then(sandbox::default_region)
        });
        region.map(|region| self.sources().identity(&region))
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            settings: &self.0.settings,
            flags: &self.0.options.endpoints,
            sandbox: self.0.options.is_sandbox(),
            variable: self.0.options.variable(),
        }
    }

    /// Returns the cloud as a part of a sentence.
    pub(crate) fn title(&self) -> Text {
        match self.identity() {
            Some(cloud) => Text::of(&cloud),
            None => text!(en: "no region", zh: "未设置的区域"),
        }
    }

    /// Returns the name of the cloud for records, as a part of an English sentence.
    pub fn name(&self) -> String {
        let identity = self.identity();
        identity.map_or_else(|| "no region".to_owned(), |cloud| cloud.to_string())
    }

    /// Returns the region, as far as it is given.
    pub fn region(&self) -> Option<String> {
        self.0.options.region(&self.0.settings)
    }

    /// Hides the secrets in these attributes from then on wherever the cloud quotes them.
    pub fn hide(&self, declared: impl IntoIterator<Item = Arc<Map>>) {
        self.secrets().declared.extend(declared);
        self.hide_pending();
    }

    fn hide_recorded(&self, recorded: KnownDigests) {
        self.secrets().recorded = Some(recorded);
        self.hide_pending();
    }

    /// Passes secrets on to the adapter, once there is one.
    fn hide_pending(&self) {
        let Some(adapter) = self.0.connection.get() else {
            return;
        };
        let Secrets { declared, recorded } = std::mem::take(&mut *self.secrets());
        for declared in declared {
            adapter.hide(&declared);
        }
        if let Some(recorded) = recorded {
            adapter.hide_recorded(recorded);
        }
    }

    fn secrets(&self) -> MutexGuard<'_, Secrets> {
        let secrets = self.0.secrets.lock();
        secrets.unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the place of a read of the region that was sent ahead.
    pub(crate) fn region_ahead(&self) -> MutexGuard<'_, Option<RegionAhead>> {
        let ahead = self.0.region_ahead.lock();
        ahead.unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether the cloud has answered a call of this run.
    pub(crate) fn has_answered(&self) -> bool {
        self.0.answered.load(Ordering::Relaxed)
    }

    /// Remembers that the cloud has answered.
    pub(crate) fn set_answered(&self) {
        self.0.answered.store(true, Ordering::Relaxed);
    }

    /// Notifies, once, of a clock that differs from the cloud's.
    pub(crate) fn notify_of_clock(&self, adapter: &Adapter) {
        if let Some(ahead) = adapter.api().clock_difference()
            && !self.0.clock_notified.swap(true, Ordering::Relaxed)
        {
            self.notify(&Notice::ClockDiffers { ahead });
        }
    }

    /// Notifies the listener of the connection.
    pub(crate) fn notify(&self, notice: &Notice) {
        self.0.options.notify(notice);
    }

    /// Returns the options of the connection.
    pub(crate) fn options(&self) -> &ConnectOptions {
        &self.0.options
    }

    /// Ends a simulated cloud that was started with the connection, and waits until it is on disk.
    ///
    /// Cancel safe: once polled, dropping the future ends only the waiting.
    pub async fn close(&self) {
        #[cfg(feature = "sandbox")]
        {
            let running = self.0.running.lock();
            let running = running.unwrap_or_else(PoisonError::into_inner).take();
            if let Some(running) = running {
                running.stop().await;
            }
        }
    }

    async fn open(&self) -> Result<Adapter, ConnectError> {
        let Inner {
            settings, options, ..
        } = &*self.0;
        let config = self.client_config().await?;
        let client = connect::client(settings, config)?;
        let mut adapter = eci_provider::ResourceProvider::new(client, connect::throttle(settings));
        if let Some(listener) = options.listener().cloned() {
            adapter = adapter.with_retry_listener(move |again| {
                let message = Text::of(again);
                listener(&Notice::Retrying { message });
            });
        }
        Ok(adapter)
    }

    async fn client_config(&self) -> Result<ClientConfig, ConnectError> {
        let Inner {
            settings, options, ..
        } = &*self.0;
        #[cfg(feature = "sandbox")]
        if let Some(sandbox) = &options.sandbox {
            let (running, config) = sandbox::start(sandbox, self.region()).await?;
            let mut kept = self
                .0
                .running
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            *kept = Some(running);
            return Ok(config);
        }
        options.client_config(settings)
    }
}

/// Returns the digests of everything sensitive in a state.
fn recorded(snapshot: &Snapshot) -> KnownDigests {
    let mut digests = KnownDigests::new(&snapshot.digest_key);
    for state in snapshot.resources.values() {
        digests.add(&state.applied);
        digests.add(&state.observed);
    }
    digests
}

/// Returns the clock of the cloud that a client talks to, and randomness.
pub fn effects(client: &Client) -> Effects {
    let client = client.clone();
    Effects {
        // Times are recorded in whole seconds.
        clock: Arc::new(move || {
            let now = client.now();
            Timestamp::from_second(now.as_second()).unwrap_or(now)
        }),
        ..Effects::default()
    }
}
