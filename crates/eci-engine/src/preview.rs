//! A plan without a run.

use std::fmt;

use eci_backend::Backend;
use eci_config::{Configuration, Variables};
use eci_executor::{ApplyOptions, Cost, Reporter, RunContext};
use eci_planner::saved::PlanOrigin;
use eci_planner::{Observations, Plan, SavedPlan};
use eci_state::{MemoryStore, Snapshot};
use jiff::Timestamp;

use crate::error::EngineError;
use crate::options::PlanOptions;
use crate::planning::{self, PlanningResult};
use crate::provider::{Provider, effects};
use crate::refresh::{self, PlanInputs};

/// A plan that nothing is recorded of: the state is neither locked nor written.
pub struct Preview<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) options: ApplyOptions,
    pub(crate) reporter: &'a dyn Reporter,
    pub(crate) configuration: &'a Configuration,
    pub(crate) state: Backend,
    pub(crate) snapshot: Snapshot,
    pub(crate) observed: Observations,
}

impl fmt::Debug for Preview<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview")
            .field("provider", self.provider)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Preview<'_> {
    /// Returns the state.
    ///
    /// After [`Preview::plan`], operations of an earlier run are recovered in it, as far as reads
    /// show their outcome.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// Recovers by reading, reads the actual state, and compares.
    ///
    /// The reporter of the engine receives what was recovered.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the configuration is not valid in the light of the state and the cloud, or a read fails.
    pub async fn plan(&mut self, options: &PlanOptions) -> Result<Plan, EngineError> {
        // Also without a refresh: operations of an earlier run are recovered before anything is
        // planned.
        if !self.snapshot.open_intents.is_empty() {
            self.snapshot = self.recovered().await?;
        }
        let inputs = self.inputs();
        let planned = planning::make(self.provider, inputs, options, &self.state).await?;
        let PlanningResult { plan, observed } = planned;
        self.observed = observed;
        Ok(plan)
    }

    /// Returns the state with the operations of an earlier run recovered, as far as reads show
    /// their outcome.
    async fn recovered(&self) -> Result<Snapshot, EngineError> {
        self.provider.verify_region().await?;
        let adapter = self.provider.adapter().await?;
        refresh::hide(self.provider, self.configuration);
        let mut copy = MemoryStore::new(self.snapshot.clone());
        let context = RunContext {
            provider: adapter,
            store: &mut copy,
            effects: &effects(adapter.api()),
            reporter: self.reporter,
        };
        eci_executor::recover(context, &self.options).await?;
        Ok(copy.into_snapshot())
    }

    /// Queries what a plan would cost.
    ///
    /// What the cloud does not report is unknown in the result.
    ///
    /// Cancel safe: nothing but reads is performed.
    pub async fn cost(&self, plan: &Plan) -> Cost {
        refresh::cost(self.provider, plan).await
    }

    /// Returns the last plan in the form that is stored, for
    /// [`Run::plan_saved`](crate::Run::plan_saved). The variables are those that the configuration
    /// was loaded with.
    pub fn save(&self, plan: &Plan, variables: &Variables, created: Timestamp) -> SavedPlan {
        let cloud = self.provider.name();
        let is_sandbox = self
            .provider
            .identity()
            .is_some_and(|cloud| cloud.is_sandbox());
        let inputs = eci_planner::SavedPlanInputs {
            configuration: self.configuration,
            variables,
            snapshot: &self.snapshot,
            observed: &self.observed,
        };
        SavedPlan::new(
            plan,
            inputs,
            PlanOrigin {
                cloud,
                is_sandbox,
                created,
            },
        )
    }

    fn inputs(&self) -> PlanInputs<'_> {
        PlanInputs {
            configuration: self.configuration,
            snapshot: &self.snapshot,
        }
    }
}
