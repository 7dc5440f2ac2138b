//! Options of an engine and of its plans.

use std::time::Duration;

use eci_backend::Provenance;
use eci_core::{Address, Subject};
use eci_executor::ApplyOptions;
use eci_planner::Mode;

use crate::refresh::RefreshOptions;

/// Options of an [`Engine`](crate::Engine).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EngineOptions {
    /// Options of applying plans: concurrency, timeouts, and the command for the journal and the
    /// lock. The cloud is filled in by the engine.
    pub apply: ApplyOptions,
    /// The time that [`Engine::open`](crate::Engine::open) waits for another run to release the
    /// state.
    pub lock_timeout: Duration,
    /// Whether plans are applied right after they are created, without approval in between.
    /// Otherwise [`Run::apply`](crate::Run::apply) first reads whether another state has taken over
    /// what the plan changes.
    pub apply_immediately: bool,
    /// Whether nobody attends to the runs: another run may take the lock of a shared state over once the
    /// lease has expired.
    pub unattended: bool,
    /// On whose behalf the runs change the state.
    pub provenance: Provenance,
}

impl Default for EngineOptions {
    fn default() -> EngineOptions {
        EngineOptions {
            apply: ApplyOptions::default().with_command("eci-engine"),
            lock_timeout: Duration::ZERO,
            apply_immediately: false,
            unattended: false,
            provenance: Provenance::default(),
        }
    }
}

impl EngineOptions {
    /// Sets how plans are applied.
    #[must_use]
    pub fn apply(self, apply: ApplyOptions) -> EngineOptions {
        EngineOptions { apply, ..self }
    }

    /// Sets whether nobody attends to the runs.
    #[must_use]
    pub fn unattended(self, unattended: bool) -> EngineOptions {
        EngineOptions { unattended, ..self }
    }

    /// Sets on whose behalf the runs change the state.
    #[must_use]
    pub fn provenance(self, provenance: Provenance) -> EngineOptions {
        EngineOptions { provenance, ..self }
    }

    /// Sets how long to wait for the state.
    #[must_use]
    pub fn lock_timeout(self, lock_timeout: Duration) -> EngineOptions {
        EngineOptions {
            lock_timeout,
            ..self
        }
    }

    /// Sets whether plans are applied right after they are created.
    #[must_use]
    pub fn apply_immediately(self, apply_immediately: bool) -> EngineOptions {
        EngineOptions {
            apply_immediately,
            ..self
        }
    }
}

/// Options of a plan. The default covers all resources, reads the actual state, and leads to what
/// the configuration declares.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PlanOptions {
    /// The state to lead to: the configuration, nothing, or a refreshed state.
    pub mode: Mode,
    /// The only resources that the plan covers, with their dependencies; empty for all.
    pub targets: Vec<Subject>,
    /// The resources that the plan leaves out, with their dependents.
    pub exclude: Vec<Subject>,
    /// The resources that are replaced, whatever differs.
    pub replace: Vec<Address>,
    /// Options of the refresh before planning.
    pub refresh: RefreshOptions,
}

impl PlanOptions {
    /// Returns the options of a plan of that mode.
    pub fn new(mode: Mode) -> PlanOptions {
        PlanOptions {
            mode,
            ..PlanOptions::default()
        }
    }

    /// Sets the only resources that the plan covers.
    #[must_use]
    pub fn targets(self, targets: Vec<Subject>) -> PlanOptions {
        PlanOptions { targets, ..self }
    }

    /// Sets the resources that the plan leaves out.
    #[must_use]
    pub fn exclude(self, exclude: Vec<Subject>) -> PlanOptions {
        PlanOptions { exclude, ..self }
    }

    /// Sets the resources that are replaced.
    #[must_use]
    pub fn replace(self, replace: Vec<Address>) -> PlanOptions {
        PlanOptions { replace, ..self }
    }

    /// Sets how the actual state is read first.
    #[must_use]
    pub fn refresh(self, refresh: RefreshOptions) -> PlanOptions {
        PlanOptions { refresh, ..self }
    }

    /// Returns the options of the planner.
    pub(crate) fn planner(&self) -> eci_planner::PlanOptions {
        eci_planner::PlanOptions::default()
            .with_mode(self.mode)
            .with_targets(self.targets.clone())
            .with_exclude(self.exclude.clone())
            .with_replace(self.replace.clone())
            .with_trusts_state(!self.refresh.refresh)
    }
}
