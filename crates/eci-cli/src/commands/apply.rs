//! `eci apply`, `eci destroy` and `eci refresh`

use std::path::PathBuf;
use std::sync::Arc;

use eci_api::Client;
use eci_config::{Configuration, Variables};
use eci_core::Address;
use eci_executor::{ApplyOptions, Effects, Outcome, Reporter, RunContext, Urgency};
use eci_planner::{Action, Mode, Plan, PlanOptions, SavedPlan, plan_with};
use eci_render::messages;
use eci_state::{LocalStore, OutputState, Record, Snapshot, Store as _};
use jiff::Timestamp;

use super::approve::{self, Approval};
use super::plan_file;
use super::refresh_and_cost::{self, Asking};
use crate::arguments::{Format, RunArgs, VariableArguments};
use crate::context::{CloudAccess, Context, StateLocation, open_operations};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::progress::{self, Kind};
use crate::signals::Signals;
use crate::stdio::{message, print_stderr, print_stdout};

/// What is to be carried out.
#[derive(Debug)]
pub(crate) enum ApplySource {
    /// A plan that is made now.
    Fresh {
        /// What kind of plan.
        options: PlanOptions,
        /// How the cloud is asked first.
        asking: Asking,
    },
    /// One that was kept in this file.
    Kept(PathBuf),
}

/// Makes the cloud as the manifests say.
pub(crate) async fn apply(
    context: &Context,
    variables: &VariableArguments,
    what: ApplySource,
    asked: &RunArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let variables = context.variables(variables)?;
    let prepared = ApplyInput::new(context, (variables, &mut signals), what).await?;
    let configuration = &prepared.configuration;
    let state = context.state_of(configuration)?;
    let opening = context.open_state(&state, asked.lock_timeout);
    let store = signals.unless(opening).await?;
    context.warn(configuration);
    let mut access = CloudAccess::new(context, &configuration.provider, &state);
    let applying = ApplyRun {
        context,
        state: &state,
        prepared: &prepared,
        store,
        signals,
        asked,
    };
    let exit = applying.run(&mut access).await;
    access.close().await;
    exit
}

/// What is read before the state is locked.
struct ApplyInput {
    configuration: Configuration,
    variables: Variables,
    origin: Origin,
}

/// Where the plan comes from.
enum Origin {
    Fresh {
        options: PlanOptions,
        asking: Asking,
    },
    Kept(Box<SavedPlan>),
}

impl ApplyInput {
    async fn new(
        context: &Context,
        (mut variables, signals): (Variables, &mut Signals),
        what: ApplySource,
    ) -> Result<ApplyInput, CommandError> {
        match what {
            ApplySource::Fresh { options, asking } => Ok(ApplyInput {
                configuration: context.load_asking(&mut variables, signals).await?,
                variables,
                origin: Origin::Fresh { options, asking },
            }),
            // What was shown and kept is approved.
            ApplySource::Kept(file) => {
                let plan = plan_file::read(context, &file)?;
                let configuration =
                    plan_file::load(context, &plan, (&mut variables, signals)).await?;
                Ok(ApplyInput {
                    configuration,
                    variables,
                    origin: Origin::Kept(Box::new(plan)),
                })
            }
        }
    }

    fn mode(&self) -> Mode {
        match &self.origin {
            Origin::Fresh { options, .. } => options.mode,
            Origin::Kept(plan) => plan.options.mode,
        }
    }
}

struct ApplyRun<'a> {
    context: &'a Context,
    state: &'a StateLocation,
    prepared: &'a ApplyInput,
    store: LocalStore,
    signals: Signals,
    asked: &'a RunArgs,
}

impl ApplyRun<'_> {
    async fn run(mut self, access: &mut CloudAccess<'_>) -> Result<ExitStatus, CommandError> {
        access.check(self.store.snapshot())?;
        let settings = self.settings().with_cloud(access.identity());
        let reporter = self.reporter();
        self.recover(access, &settings, &*reporter).await?;
        let plan = self.plan(access).await?;
        self.context.warn_of(&plan, &self.prepared.configuration);
        if plan.is_idle() {
            if access.adopt(&mut self.store)? {
                self.store.compact()?;
            }
            self.show(&plan);
            return self.finish(None);
        }
        // Whoever has no credentials, or wrong ones, learns it before the question.
        let provider = access.provider_of(&plan).await?;
        let greeting = refresh_and_cost::check_connectivity(self.context, access, &plan);
        self.signals.unless(greeting).await?;
        self.show(&plan);
        let asks = !plan.is_empty() || !plan.protections().is_empty();
        if asks && !self.approved().await? {
            print_stderr("Canceled. No changes were made.");
            return Ok(ExitStatus::Failed);
        }
        // A plan that trusts the state did not ask either.
        if self.has_waited() || plan.options().trusts_state {
            let known = (&self.prepared.configuration, self.store.snapshot());
            let looking = refresh_and_cost::check_owners(access, &plan, known);
            self.signals.unless(looking).await?;
        }
        access.tell_of_adoption(self.store.snapshot());
        let effects = effects(provider.api());
        // What the whole plan creates was looked for.
        if self.store.snapshot().lost.is_some() && plan.options().targets.is_empty() {
            let at = (effects.clock)().to_string();
            self.store.append(&[Record::Accounted { time: at }])?;
        }
        let (stop, listening) = self.signals.stop_a_run();
        let (is_empty, mode) = (plan.is_empty(), plan.options().mode);
        let replaced = replaced(&plan);
        let run = RunContext {
            provider: &provider,
            store: &mut self.store,
            effects: &effects,
            reporter: &*reporter,
        };
        let applied = eci_executor::apply(plan, run, &settings, &stop).await;
        drop(listening);
        drop(reporter);
        let outcome = applied.into_result()?;
        let went_well = outcome.is_complete() && outcome.stopped == Urgency::None;
        // A refresh that changes no address has nothing to count.
        let is_refreshed = mode == Mode::RefreshOnly && outcome.changed.is_empty();
        let is_told = !went_well || !is_empty && !is_refreshed;
        let told = is_told.then_some(&outcome);
        if mode == Mode::RefreshOnly && told.is_none() {
            self.context.note("The state is refreshed.");
        }
        let ending = Ending {
            format: self.asked.format,
            mode,
            outcome: told,
            gone: not_created_again(&replaced, &outcome, self.store.snapshot()),
        };
        finish(self.context, &self.store, &ending)
    }

    fn settings(&self) -> ApplyOptions {
        let parallelism = usize::from(self.asked.parallelism);
        self.context.settings().with_parallelism(parallelism)
    }

    fn reporter(&self) -> Box<dyn Reporter> {
        let kind = match (self.asked.format, &self.context.globals) {
            (Format::Json, _) => Kind::Json,
            (Format::Text, globals) if globals.quiet => Kind::Silent,
            // Bars and what is logged would write over one another.
            (Format::Text, globals) if globals.verbose > 0 => Kind::Lines,
            (Format::Text, _) => Kind::for_people(),
        };
        let style = match kind {
            Kind::Json => self.context.out,
            _ => self.context.err,
        };
        progress::reporter(kind, style)
    }

    /// Settles what an earlier run left open.
    async fn recover(
        &mut self,
        access: &mut CloudAccess<'_>,
        settings: &ApplyOptions,
        reporter: &dyn Reporter,
    ) -> Result<(), CommandError> {
        let snapshot = self.store.snapshot();
        if snapshot.open_intents.is_empty() {
            return Ok(());
        }
        if self.asked.format == Format::Text {
            self.context.note(&format!(
                "Recovering {} of an earlier run.",
                open_operations(snapshot)
            ));
        }
        let verifying = refresh_and_cost::verify_region(access);
        self.signals.unless(verifying).await?;
        let provider = access.provider().await?;
        refresh_and_cost::hide(provider, &self.prepared.configuration);
        let effects = effects(provider.api());
        let run = RunContext {
            provider,
            store: &mut self.store,
            effects: &effects,
            reporter,
        };
        let recovering = eci_executor::recover(run, settings);
        self.signals.unless(recovering).await
    }

    async fn plan(&mut self, access: &mut CloudAccess<'_>) -> Result<Plan, CommandError> {
        let ApplyInput {
            configuration,
            variables,
            origin,
            ..
        } = self.prepared;
        let snapshot = self.store.snapshot();
        match origin {
            Origin::Kept(plan) => {
                plan.check_cloud(&access.name())
                    .map_err(CommandError::plain)?;
                let planning = async {
                    let made_from = (configuration, variables);
                    let plan = plan_file::again(plan, made_from, snapshot, access).await?;
                    refresh_and_cost::account(access, (&plan, snapshot), self.state).await?;
                    Ok::<Plan, CommandError>(plan)
                };
                self.signals.unless(planning).await
            }
            Origin::Fresh { options, asking } => {
                let known = (configuration, snapshot);
                let planning = async {
                    let answered =
                        refresh_and_cost::observe(self.context, access, known, *asking).await?;
                    let plan = plan_with(configuration, snapshot, &answered.observed, options)?;
                    refresh_and_cost::verify(access, &plan, known, &answered).await?;
                    refresh_and_cost::account(access, (&plan, snapshot), self.state).await?;
                    Ok::<Plan, CommandError>(plan)
                };
                self.signals.unless(planning).await
            }
        }
    }

    /// Shows the plan beside the answer, which is what came of it.
    fn show(&self, plan: &Plan) {
        if self.asked.format == Format::Text {
            let text = eci_render::plan::text(plan, None, self.context.err);
            self.context.note(&self.state.headed(text));
            return;
        }
        let outline = eci_planner::outline(&self.prepared.configuration, plan);
        let told = messages::plan(plan, &outline);
        told.into_iter().for_each(message);
    }

    /// Whether any time has passed since the cloud was asked: the plan was saved, or somebody had to
    /// approve it.
    fn has_waited(&self) -> bool {
        !self.asked.auto_approve || matches!(self.prepared.origin, Origin::Kept(_))
    }

    async fn approved(&mut self) -> Result<bool, CommandError> {
        if self.asked.auto_approve || matches!(self.prepared.origin, Origin::Kept(_)) {
            return Ok(true);
        }
        // Only now: where there are no changes, there is nothing to approve.
        approve::possible(self.context, self.asked).inspect_err(|_| {
            if self.asked.format == Format::Text {
                self.context.note("");
            }
        })?;
        let mode = self.prepared.mode();
        Ok(approve::ask(&mut self.signals, mode).await? == Approval::Yes)
    }

    fn finish(&self, outcome: Option<&Outcome>) -> Result<ExitStatus, CommandError> {
        let ending = Ending {
            format: self.asked.format,
            mode: self.prepared.mode(),
            outcome,
            gone: Vec::new(),
        };
        finish(self.context, &self.store, &ending)
    }
}

/// How a run ended.
struct Ending<'a> {
    format: Format,
    mode: Mode,
    /// None where nothing was to be done.
    outcome: Option<&'a Outcome>,
    /// The resources that were deleted to be replaced and are not created again.
    gone: Vec<Address>,
}

/// The existing resources that a plan replaces.
fn replaced(plan: &Plan) -> Vec<Address> {
    let steps = plan.steps().iter();
    let replaced = steps.filter(|step| step.action == Action::Replace && step.id.is_some());
    replaced.map(|step| step.address.clone()).collect()
}

/// Those of which the old one is deleted and the new one was not even begun: an interrupt, or the
/// failure of something else, came in between.
fn not_created_again(replaced: &[Address], outcome: &Outcome, now: &Snapshot) -> Vec<Address> {
    let is_gone = |address: &&Address| {
        let state = now.resources.get(*address);
        let mut failed = outcome.failed.iter();
        state.is_none_or(|state| state.id.is_none())
            && !failed.any(|failure| failure.address == **address)
    };
    replaced.iter().filter(is_gone).cloned().collect()
}

/// Says what came of a run.
fn finish(
    context: &Context,
    store: &LocalStore,
    ending: &Ending<'_>,
) -> Result<ExitStatus, CommandError> {
    let outcome = ending.outcome;
    let nothing = Outcome::default();
    let outputs = &store.snapshot().outputs;
    let exit = ExitStatus::of(outcome.unwrap_or(&nothing));
    if ending.format == Format::Json {
        let unverified = outcome.and_then(|outcome| outcome.unverified.as_ref());
        unverified.into_iter().for_each(|error| {
            message(messages::log(eci_render::unverified(error)));
        });
        for address in &ending.gone {
            message(messages::log(eci_render::not_created_again(address)));
        }
        let told = messages::ending(outcome.unwrap_or(&nothing), ending.mode);
        told.into_iter().for_each(message);
        message(messages::outputs(outputs));
        return Ok(exit);
    }
    if let Some(outcome) = outcome {
        for failure in &outcome.failed {
            print_stderr(&context.hint(&eci_render::failure(failure, context.err)));
        }
        for failed in &outcome.failed_outputs {
            print_stderr(&eci_render::failed_output(failed, context.err));
        }
        if let Some(error) = &outcome.unverified {
            context.note(&eci_render::unverified_warning(error, context.err));
        }
        let gone = eci_render::gone(&ending.gone, context.err);
        let last = context.hint(&(gone + &eci_render::outcome(outcome, context.err)));
        match exit {
            ExitStatus::Done => context.note(&last),
            _ => print_stderr(&last),
        }
    }
    shown(context, outputs)?;
    Ok(exit)
}

fn shown(
    context: &Context,
    outputs: &std::collections::BTreeMap<String, OutputState>,
) -> Result<(), CommandError> {
    if outputs.is_empty() {
        return Ok(());
    }
    context.note("");
    Ok(print_stdout(&eci_render::outputs::text(
        outputs,
        context.out,
    ))?)
}

/// Returns the clock of the cloud that a client talks to, and randomness.
pub(super) fn effects(client: &Client) -> Effects {
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
