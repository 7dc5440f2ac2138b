//! The entry point of a run.

use std::fmt;

use eci_backend::{Backend, OpenOptions, OpenState};
use eci_config::Configuration;
use eci_executor::{ApplyOptions, NullReporter, Reporter};
use eci_planner::Observations;
use eci_state::{Holder, Snapshot};

use crate::error::EngineError;
use crate::options::EngineOptions;
use crate::preview::Preview;
use crate::provider::Provider;
use crate::run::Run;
use crate::state::open_state;

/// Performs runs on the cloud of one provider.
pub struct Engine {
    provider: Provider,
    options: EngineOptions,
    reporter: Box<dyn Reporter>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("provider", &self.provider)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Builds an [`Engine`].
pub struct EngineBuilder(Engine);

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EngineBuilder").field(&self.0).finish()
    }
}

impl EngineBuilder {
    /// Sets the options.
    #[must_use]
    pub fn options(mut self, options: EngineOptions) -> EngineBuilder {
        self.0.options = options;
        self
    }

    /// Sets the reporter, which receives the progress of the resources.
    #[must_use]
    pub fn reporter(mut self, reporter: impl Reporter + 'static) -> EngineBuilder {
        self.0.reporter = Box::new(reporter);
        self
    }

    /// Returns the engine.
    pub fn build(self) -> Engine {
        self.0
    }
}

impl Engine {
    /// Returns a builder with default options and without a reporter.
    pub fn builder(provider: Provider) -> EngineBuilder {
        EngineBuilder(Engine {
            provider,
            options: EngineOptions::default(),
            reporter: Box::new(NullReporter),
        })
    }

    /// Locks a state for a run with this configuration.
    ///
    /// A state that does not exist is created. The lock is released when the run is dropped.
    ///
    /// Cancel safe: dropping the future leaves the state as it was.
    ///
    /// # Errors
    /// If another run holds the lock, or it cannot be read.
    pub async fn open<'a>(
        &'a self,
        state: impl Into<Backend>,
        configuration: &'a Configuration,
    ) -> Result<Run<'a>, EngineError> {
        let state = state.into();
        let listener = self.provider.options().listener().cloned();
        let store = open_state(&state, self.open_options(), listener).await?;
        Ok(self.run(state, store, configuration))
    }

    /// Returns a run on a state that is open already.
    pub fn run<'a>(
        &'a self,
        state: impl Into<Backend>,
        store: OpenState,
        configuration: &'a Configuration,
    ) -> Run<'a> {
        Run {
            provider: &self.provider,
            options: self.apply_options(),
            reporter: &*self.reporter,
            configuration,
            store,
            state: state.into(),
            waits: !self.options.apply_immediately,
        }
    }

    /// Reads a state for a plan that nothing is recorded of.
    ///
    /// The state is not locked.
    ///
    /// # Errors
    /// If the state cannot be read, or belongs to another cloud.
    pub fn preview<'a>(
        &'a self,
        state: impl Into<Backend>,
        configuration: &'a Configuration,
    ) -> Result<Preview<'a>, EngineError> {
        let state = state.into();
        let snapshot = state.read()?;
        self.preview_of(state, configuration, snapshot)
    }

    /// Does the same as [`Engine::preview`] with a state that is read already.
    ///
    /// # Errors
    /// If the state belongs to another cloud.
    pub fn preview_of<'a>(
        &'a self,
        state: impl Into<Backend>,
        configuration: &'a Configuration,
        snapshot: Snapshot,
    ) -> Result<Preview<'a>, EngineError> {
        let state = state.into();
        self.provider.check(&state, &snapshot)?;
        Ok(Preview {
            provider: &self.provider,
            options: self.options.apply.clone(),
            reporter: &*self.reporter,
            configuration,
            state,
            snapshot,
            observed: Observations::empty(),
        })
    }

    /// Returns the provider.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// Returns the options.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Returns the reporter.
    pub(crate) fn reporter(&self) -> &dyn Reporter {
        &*self.reporter
    }

    /// Returns how a run opens its state.
    fn open_options(&self) -> OpenOptions {
        let command = self.options.apply.command.clone();
        let mut options = OpenOptions::new(Holder::current_process(command));
        options.timeout = self.options.lock_timeout;
        options.unattended = self.options.unattended;
        options.provenance = self.options.provenance.clone();
        options
    }

    /// Returns the options of the executor, with the cloud of the provider.
    pub(crate) fn apply_options(&self) -> ApplyOptions {
        let options = self.options.apply.clone();
        options.with_cloud(self.provider.recorded_identity())
    }
}
