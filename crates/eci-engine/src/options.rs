//! Options of an engine and of its plans.

use std::time::Duration;

use eci_core::{Address, Subject};
use eci_executor::ApplyOptions;
use eci_planner::Mode;
use eci_state::Provenance;

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
    /// Whether the run is unattendeds: another run may take the lock of a shared state over once the
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
    /// Returns these options with other options of applying plans.
    #[must_use]
    pub fn with_apply(self, apply: ApplyOptions) -> EngineOptions {
        EngineOptions { apply, ..self }
    }

    /// Returns these options for runs that are unattended, or are not.
    #[must_use]
    pub fn with_unattended(self, unattended: bool) -> EngineOptions {
        EngineOptions { unattended, ..self }
    }

    /// Returns these options for runs on behalf of a user.
    #[must_use]
    pub fn with_provenance(self, provenance: Provenance) -> EngineOptions {
        EngineOptions { provenance, ..self }
    }

    /// Returns these options with another time to wait for the state.
    #[must_use]
    pub fn with_lock_timeout(self, lock_timeout: Duration) -> EngineOptions {
        EngineOptions {
            lock_timeout,
            ..self
        }
    }

    /// Returns these options for plans that are applied right after they are created, or are not.
    #[must_use]
    pub fn with_apply_immediately(self, apply_immediately: bool) -> EngineOptions {
        EngineOptions {
            apply_immediately,
            ..self
        }
    }
}

/// Options of a plan.
///
/// The default covers all resources, reads the actual state, and leads to what the configuration
/// declares.
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
    /// Returns these options with another mode.
    #[must_use]
    pub fn with_mode(self, mode: Mode) -> PlanOptions {
        PlanOptions { mode, ..self }
    }

    /// Returns these options with other targets.
    #[must_use]
    pub fn with_targets(self, targets: Vec<Subject>) -> PlanOptions {
        PlanOptions { targets, ..self }
    }

    /// Returns these options with other exclusions.
    #[must_use]
    pub fn with_exclude(self, exclude: Vec<Subject>) -> PlanOptions {
        PlanOptions { exclude, ..self }
    }

    /// Returns these options with other resources to replace.
    #[must_use]
    pub fn with_replace(self, replace: Vec<Address>) -> PlanOptions {
        PlanOptions { replace, ..self }
    }

    /// Returns these options with another way to read the actual state first.
    #[must_use]
    pub fn with_refresh(self, refresh: RefreshOptions) -> PlanOptions {
        PlanOptions { refresh, ..self }
    }

    /// Returns the options of the planner.
    pub(crate) fn planner(&self) -> eci_planner::PlannerOptions {
        eci_planner::PlannerOptions::default()
            .with_mode(self.mode)
            .with_targets(self.targets.clone())
            .with_exclude(self.exclude.clone())
            .with_replace(self.replace.clone())
            .with_trusts_state(!self.refresh.refresh)
    }
}
