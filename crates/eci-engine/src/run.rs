//! One run on a locked state.

use std::fmt;

use eci_backend::{Backend, OpenState};
use eci_config::{Configuration, Variables};
use eci_executor::{ApplyOptions, ApplyOutcome, Reporter, RunContext, StopHandle};
use eci_planner::{Plan, SavedPlan};
use eci_state::{Record, Snapshot, Store as _};

use crate::error::EngineError;
use crate::notice::Notice;
use crate::options::PlanOptions;
use crate::planning;
use crate::provider::{Provider, effects};
use crate::refresh::{self, PlanInputs};

/// A run that holds the lock of a state.
///
/// [`Run::plan`] or [`Run::plan_saved`] creates a plan. An approval belongs between that and
/// [`Run::apply`]; before it is requested, [`Run::prepare`] checks that the cloud answers.
pub struct Run<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) options: ApplyOptions,
    pub(crate) reporter: &'a dyn Reporter,
    pub(crate) configuration: &'a Configuration,
    pub(crate) state: Backend,
    pub(crate) store: OpenState,
    /// Whether time may pass between the plan and its application.
    pub(crate) waits: bool,
}

impl fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("provider", self.provider)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Run<'_> {
    /// Returns the state.
    pub fn snapshot(&self) -> &Snapshot {
        self.store.snapshot()
    }

    /// Ends the run, and returns the state with its lock.
    pub fn into_store(self) -> OpenState {
        self.store
    }

    /// Checks that the state belongs to the cloud, recovers the operations of an earlier run by
    /// reading, reads the actual state, and compares.
    ///
    /// Cancel safe: nothing changes in the cloud. What recovery found by then is in the state, and
    /// the next plan goes on from there.
    ///
    /// # Errors
    /// If the state belongs to another cloud, the configuration is not valid in the light of the
    /// state and the cloud, or a call fails.
    pub async fn plan(&mut self, options: &PlanOptions) -> Result<Plan, EngineError> {
        self.recover().await?;
        let planning = planning::make(self.provider, self.inputs(), options, &self.state);
        Ok(planning.await?.plan)
    }

    /// Does the same as [`Run::plan`] for a plan that was displayed and saved before.
    ///
    /// The variables are those with which the configuration was loaded.
    ///
    /// Cancel safe, as [`Run::plan`].
    ///
    /// # Errors
    /// As [`Run::plan`]; also if any input of the plan has changed.
    pub async fn plan_saved(
        &mut self,
        saved: &SavedPlan,
        variables: &Variables,
    ) -> Result<Plan, EngineError> {
        self.waits = true;
        self.recover().await?;
        saved.check_cloud(&self.provider.name())?;
        let inputs = self.inputs();
        let plan = planning::remake(self.provider, inputs, saved, variables).await?;
        let state = &self.state;
        refresh::check_lost_records(self.provider, &plan, inputs.snapshot, state).await?;
        Ok(plan)
    }

    /// Returns exactly the plan that was reviewed, or a new one that may take its place: one with the
    /// same steps, or an idle one, where what was reviewed is done already.
    ///
    /// Cancel safe, as [`Run::plan`].
    ///
    /// # Errors
    /// As [`Run::plan_saved`]; where an input has changed, only if the steps of a new plan differ.
    pub async fn plan_reviewed(
        &mut self,
        reviewed: &SavedPlan,
        variables: &Variables,
    ) -> Result<Plan, EngineError> {
        match self.plan_saved(reviewed, variables).await {
            Err(EngineError::Saved(stale)) if stale.is_stale() => {
                tracing::debug!(%stale, "a new plan is created");
                let plan = self.plan(&PlanOptions::default()).await?;
                if !plan.is_idle() {
                    reviewed.check_plan(&plan, self.snapshot())?;
                }
                Ok(plan)
            }
            planned => planned,
        }
    }

    /// Checks the cloud of the state, and recovers the operations of an earlier run.
    async fn recover(&mut self) -> Result<(), EngineError> {
        let snapshot = self.store.snapshot();
        self.provider.check(&self.state, snapshot)?;
        let operations = snapshot.open_intents.len();
        if operations == 0 {
            return Ok(());
        }
        self.provider.notify(&Notice::Recovering { operations });
        self.provider.verify_region().await?;
        let adapter = self.provider.adapter().await?;
        refresh::hide(self.provider, self.configuration);
        let context = RunContext {
            provider: adapter,
            store: &mut self.store,
            effects: &effects(adapter.api()),
            reporter: self.reporter,
        };
        eci_executor::recover(context, &self.options).await?;
        Ok(())
    }

    /// Does what is required before an approval, and requires none itself.
    ///
    /// Where the plan is idle, a state of an earlier version records its cloud. Otherwise the cloud
    /// must answer: missing or wrong credentials are reported before the approval. Calling this is
    /// optional.
    ///
    /// Cancel safe: nothing but reads is performed in the cloud.
    ///
    /// # Errors
    /// If the cloud does not answer, or the state cannot be written.
    pub async fn prepare(&mut self, plan: &Plan) -> Result<(), EngineError> {
        if plan.is_idle() {
            if self.provider.adopt(&mut self.store)? {
                self.store.compact()?;
            }
            return Ok(());
        }
        self.provider.adapter_of(plan).await?;
        refresh::check_connectivity(self.provider, plan).await
    }

    /// Performs exactly this plan, and records what comes of it.
    ///
    /// Failures of single resources are part of the outcome. Stopping once completes and records
    /// the operations in progress; stopping twice leaves them to the next run.
    ///
    /// Not cancel safe in one sense: dropping the future stops at once, as stopping twice does.
    /// Nothing is lost, because every intent is on disk before its call.
    ///
    /// If the state cannot be written any more after the first change, the reason is in
    /// [`ApplyOutcome::error`], next to the changes so far. The next run recovers the operations that
    /// were in progress.
    ///
    /// # Errors
    /// If nothing was changed because the state cannot be written, the plan is not one of this
    /// state, another state has taken over what it changes, or `stop` was used before the first
    /// change.
    pub async fn apply(
        &mut self,
        plan: Plan,
        stop: &StopHandle,
    ) -> Result<ApplyOutcome, EngineError> {
        if plan.is_idle() {
            self.prepare(&plan).await?;
            return Ok(ApplyOutcome::default());
        }
        let adapter = self.provider.adapter_of(&plan).await?;
        // A plan that trusts the state did not ask either.
        if self.waits || plan.options().trusts_state {
            let checking = refresh::check_owners(self.provider, &plan, self.inputs());
            unless(stop, checking).await?;
        }
        self.provider.notify_of_adoption(self.store.snapshot());
        let effects = effects(adapter.api());
        // What the whole plan creates was looked for.
        if self.store.snapshot().lost.is_some() && plan.options().targets.is_empty() {
            let at = (effects.clock)().to_string();
            self.store.append(&[Record::Accounted { time: at }])?;
        }
        let context = RunContext {
            provider: &adapter,
            store: &mut self.store,
            effects: &effects,
            reporter: self.reporter,
        };
        let mut outcome = eci_executor::apply(plan, context, &self.options, stop).await;
        match outcome.error.take() {
            Some(error) if has_begun(&outcome) => Ok(ApplyOutcome {
                error: Some(error),
                ..outcome
            }),
            Some(error) => Err(error.into()),
            None => Ok(outcome),
        }
    }

    fn inputs(&self) -> PlanInputs<'_> {
        PlanInputs {
            configuration: self.configuration,
            snapshot: self.store.snapshot(),
        }
    }
}

/// Returns whether a run has an outcome that is worth a report.
fn has_begun(outcome: &ApplyOutcome) -> bool {
    !outcome.changed.is_empty()
        || !outcome.failed.is_empty()
        || !outcome.skipped.is_empty()
        || !outcome.failed_outputs.is_empty()
        || outcome.unverified.is_some()
}

/// Works until it is done or a stop is requested.
async fn unless(
    stop: &StopHandle,
    work: impl Future<Output = Result<(), EngineError>>,
) -> Result<(), EngineError> {
    tokio::select! {
        biased;
        () = stop.stop_requested() => Err(EngineError::Stopped),
        done = work => done,
    }
}
