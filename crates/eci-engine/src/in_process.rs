//! A simulated cloud for tests and demonstrations.

use eci_api::Credentials;
use eci_config::ProviderSettings;
use eci_sandbox::{Config, SandboxServer, Speed};

use crate::connect::ConnectOptions;
use crate::endpoint::ServiceEndpoint;
use crate::error::ConnectError;
use crate::provider::Provider;
use crate::sandbox::{SANDBOX_KEY, default_region};

/// A simulated cloud that serves in this process until it is stopped or dropped.
#[derive(Debug)]
pub struct Sandbox(SandboxServer);

impl Sandbox {
    /// Starts a simulated cloud in memory, in which nothing takes time.
    ///
    /// Cancel safe: a simulated cloud that was dropped half-way serves nothing and is closed.
    ///
    /// # Errors
    /// If this machine has no free port.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn in_process() -> Result<Sandbox, ConnectError> {
        let config = Config {
            speed: Speed::Instant,
            ..Config::default()
        };
        Sandbox::start(config).await
    }

    /// Starts a simulated cloud with this configuration.
    ///
    /// Cancel safe: a simulated cloud that was dropped half-way serves nothing and is closed.
    ///
    /// # Errors
    /// If its directory cannot be opened, or this machine has no free port.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn start(config: Config) -> Result<Sandbox, ConnectError> {
        Ok(Sandbox(eci_sandbox::SimulatedCloud::start(config).await?))
    }

    /// Returns how a [`Provider`] reaches the simulated cloud.
    ///
    /// No environment variable is read.
    pub fn connect_options(&self) -> ConnectOptions {
        let endpoint = self.0.endpoint();
        let mut options = ConnectOptions::default();
        options.endpoints = ServiceEndpoint::all_at(&endpoint);
        options.credentials = Some(Credentials::new(SANDBOX_KEY, SANDBOX_KEY));
        options.region = Some(default_region());
        options.environment = false;
        options
    }

    /// Returns a provider that reaches the simulated cloud.
    ///
    /// Cancel safe: nothing is sent.
    ///
    /// # Errors
    /// If the client cannot be built.
    pub async fn connect(&self, settings: &ProviderSettings) -> Result<Provider, ConnectError> {
        Provider::connect(settings, self.connect_options()).await
    }

    /// Returns the handle of the simulated cloud, for its audit log, its clock and its faults.
    pub fn handle(&self) -> &eci_sandbox::SimulatedCloud {
        self.0.sandbox()
    }

    /// Stops serving, and waits until all connections are closed.
    ///
    /// Cancel safe: dropping the future ends only the waiting.
    pub async fn stop(self) {
        self.0.stop().await;
    }
}
