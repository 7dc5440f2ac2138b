//! From the configuration of the provider to a client.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use eci_api::{Client, ClientConfig, Credentials, FieldNames};
use eci_config::ProviderSettings;
use eci_provider::{RetryConfig, Throttle};

use crate::credentials::{self, REGION_VARIABLE};
use crate::endpoint::{self, ServiceEndpoint};
use crate::error::ConnectError;
use crate::notice::{Notice, NoticeListener};
use crate::paths::strip_current_dir;
#[cfg(feature = "sandbox")]
use crate::sandbox::SandboxOptions;

/// A lookup of an environment variable.
pub(crate) type Variable = fn(&str) -> Option<String>;

/// Options of a connection in addition to the configuration of the provider.
///
/// The default is what the command does without options: endpoints and credentials come from the
/// environment, from the manifests or from the vendor's defaults.
#[derive(Clone)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// Endpoints that go before those of the environment and of the manifests.
    ///
    /// Of several for one service the last one counts.
    pub endpoints: Vec<ServiceEndpoint>,
    /// Credentials that go before those of the environment and of the file.
    pub credentials: Option<Credentials>,
    /// The region where the manifests name none; goes before that of the environment.
    pub region: Option<String>,
    /// The directory from which the path of `credentials_file` is relative.
    pub directory: PathBuf,
    /// Whether environment variables are read.
    pub environment: bool,
    /// The simulated cloud to start in this process, instead of reaching the real one.
    #[cfg(feature = "sandbox")]
    pub sandbox: Option<SandboxOptions>,
    listener: Option<NoticeListener>,
}

impl Default for ConnectOptions {
    fn default() -> ConnectOptions {
        ConnectOptions {
            endpoints: Vec::new(),
            credentials: None,
            region: None,
            directory: PathBuf::from("."),
            environment: true,
            #[cfg(feature = "sandbox")]
            sandbox: None,
            listener: None,
        }
    }
}

impl fmt::Debug for ConnectOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectOptions")
            .field("endpoints", &self.endpoints)
            .field("credentials", &self.credentials)
            .field("directory", &self.directory)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

impl ConnectOptions {
    /// Sets the listener for notices.
    #[must_use]
    pub fn on_notice(self, listener: impl Fn(&Notice) + Send + Sync + 'static) -> ConnectOptions {
        ConnectOptions {
            listener: Some(Arc::new(listener)),
            ..self
        }
    }

    /// Notifies the listener.
    pub(crate) fn notify(&self, notice: &Notice) {
        if let Some(listener) = &self.listener {
            listener(notice);
        }
    }

    /// Returns the listener.
    pub(crate) fn listener(&self) -> Option<&NoticeListener> {
        self.listener.as_ref()
    }

    /// Returns whether the cloud is the simulated one.
    pub(crate) fn is_sandbox(&self) -> bool {
        #[cfg(feature = "sandbox")]
        return self.sandbox.is_some();
        #[cfg(not(feature = "sandbox"))]
        false
    }

    /// Returns the lookup of environment variables.
    pub(crate) fn variable(&self) -> Variable {
        if self.environment {
            return |name| std::env::var(name).ok();
        }
        |_| None
    }

    /// Returns the region, as far as it is given.
    pub(crate) fn region(&self, settings: &ProviderSettings) -> Option<String> {
        region(settings, |name| {
            let given = self.region.clone();
            given.or_else(|| self.variable()(name))
        })
    }

    /// Returns how a client reaches the real cloud.
    pub(crate) fn client_config(
        &self,
        settings: &ProviderSettings,
    ) -> Result<ClientConfig, ConnectError> {
        let credentials = match &self.credentials {
            Some(credentials) => credentials.clone(),
            None => self.find_credentials(settings)?,
        };
        let region = self.region(settings).ok_or(ConnectError::NoRegion)?;
        let endpoints = endpoint::endpoints(&self.endpoints, self.variable(), &settings.endpoints);
        Ok(ClientConfig {
            endpoints,
            ..ClientConfig::new(credentials, region)
        })
    }

    fn find_credentials(&self, settings: &ProviderSettings) -> Result<Credentials, ConnectError> {
        let file = settings.credentials_file.as_deref();
        let file = file.map(|file| strip_current_dir(&self.directory.join(file)));
        let found = credentials::find(self.variable(), file.as_deref())?;
        if let Some(path) = file.filter(|_| found.readable_by_others) {
            self.notify(&Notice::CredentialsReadable { path });
        }
        Ok(found.credentials())
    }
}

/// Returns a client with the spelling of field names that the manifests give.
pub(crate) fn client(
    settings: &ProviderSettings,
    config: ClientConfig,
) -> Result<Client, ConnectError> {
    let field_names = match settings.field_names {
        eci_config::FieldSpelling::Documented => FieldNames::Documented,
        eci_config::FieldSpelling::Sdk => FieldNames::Sdk,
    };
    Ok(Client::new(ClientConfig {
        field_names,
        ..config
    })?)
}

/// Returns the rate limits that the configuration sets.
pub(crate) fn throttle(settings: &ProviderSettings) -> Throttle {
    let default = RetryConfig::default();
    let retry = RetryConfig {
        max_attempts: settings.retry.attempts.unwrap_or(default.max_attempts),
        max_backoff: settings.retry.max_delay.unwrap_or(default.max_backoff),
        ..default
    };
    let (seed, _) = uuid::Uuid::new_v4().as_u64_pair();
    Throttle::new(settings.rate_limit, retry, seed)
}

/// Returns the region of the manifests, else the one of the environment.
fn region(
    settings: &ProviderSettings,
    variable: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let set = || variable(REGION_VARIABLE).map(|region| region.trim().to_owned());
    let region = settings.region_id.clone().or_else(set);
    region.filter(|region| !region.is_empty())
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
