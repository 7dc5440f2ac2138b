//! `eci apply`, `eci destroy` and `eci refresh`

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use eci_config::{Configuration, Variables};
use eci_core::Address;
use eci_engine::{Engine, EngineError, EngineOptions, PlanOptions, Run};
use eci_executor::{ApplyOutcome, Failure, Reporter, StopMode, TaskError};
use eci_planner::saved::SavedError;
use eci_planner::{Action, Mode, Plan, SavedPlan};
use eci_render::messages;
use eci_state::{OutputState, Snapshot};
use eci_text::text;

use super::approve::{self, Approval};
use super::{plan_command, plan_file};
use crate::arguments::{Format, RunArgs, VariableArgs};
use crate::context::{Context, StateLocation};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::progress::{self, ProgressKind};
use crate::signals::Signals;
use crate::stdio::{message, print_stderr, print_stdout};

/// The plan to be applied.
#[derive(Debug)]
pub(crate) enum ApplySource {
    /// A new plan.
    NewPlan(PlanOptions),
    /// A saved plan in this file.
    SavedPlan(PathBuf),
    /// A plan that was saved for review.
    Reviewed(Box<Review>),
}

/// A function from the difference of a plan to the error of the command.
pub(crate) type ReviewError = dyn Fn(Option<&SavedError>) -> CommandError + Send + Sync;

/// The reviewed plan, and the error if it cannot be applied.
pub(crate) struct Review {
    /// The plan; `None` if none was reviewed.
    pub(crate) plan: Option<SavedPlan>,
    /// The error for a plan whose steps differ by now, or for a change without a plan.
    pub(crate) refusal: Box<ReviewError>,
}

impl fmt::Debug for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Review")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

/// Applies a plan.
pub(crate) async fn apply(
    context: &Context,
    given: &VariableArgs,
    source: ApplySource,
    args: &RunArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let variables = context.variables(given)?;
    let prepared = ApplyInput::new(context, variables, source, &mut signals).await?;
    let configuration = &prepared.configuration;
    let state = context.reading(&mut signals, || context.state_of(configuration))?;
    let provider = context.cloud(&configuration.provider, &state);
    let engine = Engine::builder(provider.clone())
        .options(options(context, args))
        .reporter(reporter(context, args))
        .build();
    if state.directory().is_none() && prepared.reads_the_cloud() {
        provider.verify_region_ahead();
    }
    let opening = context.open_state(&state, args.lock_timeout, &mut signals);
    let mut run = engine.run(&*state, opening.await?, configuration);
    context.warn(configuration);
    let applying = ApplyRun {
        context,
        state: &state,
        prepared: &prepared,
        signals,
        variables: given,
        args,
    };
    let ended = applying.run(&mut run).await;
    let store = run.into_store();
    // Bars are taken from the terminal before anything else is written.
    drop(engine);
    let exit = ended.and_then(|ended| match ended {
        ApplyEnd::Reported(ending) => ending.report(context, args.format),
        ApplyEnd::Canceled(exit) => Ok(exit),
    });
    provider.close().await;
    // A run that waits for the lock finds the outcome reported and the sandbox closed.
    context.close_state(&state, store, exit).await
}

/// Returns the options of a run of this command.
pub(super) fn options(context: &Context, args: &RunArgs) -> EngineOptions {
    let parallelism = usize::from(args.parallelism);
    EngineOptions::default()
        .with_apply(context.settings().with_parallelism(parallelism))
        .with_apply_immediately(args.auto_approve)
}

fn reporter(context: &Context, args: &RunArgs) -> Box<dyn Reporter> {
    let kind = match (args.format, &context.globals) {
        (Format::Json, _) => ProgressKind::Json,
        (Format::Text, globals) if globals.quiet => ProgressKind::Silent,
        // Bars and log messages would overwrite each other.
        (Format::Text, globals) if globals.verbose > 0 => ProgressKind::Lines,
        (Format::Text, _) => ProgressKind::for_people(),
    };
    let style = match kind {
        ProgressKind::Json => context.out,
        _ => context.err,
    };
    progress::reporter(kind, style)
}

/// The input that is read before the state is locked.
struct ApplyInput {
    configuration: Configuration,
    variables: Variables,
    origin: PlanSource,
}

/// The origin of the plan.
enum PlanSource {
    New(PlanOptions),
    Saved(Box<SavedPlan>),
    Reviewed(Box<Review>),
}

impl ApplyInput {
    async fn new(
        context: &Context,
        mut variables: Variables,
        source: ApplySource,
        signals: &mut Signals,
    ) -> Result<ApplyInput, CommandError> {
        match source {
            ApplySource::NewPlan(options) => Ok(ApplyInput {
                configuration: context.load_prompting(&mut variables, signals).await?,
                variables,
                origin: PlanSource::New(options),
            }),
            // A saved plan that was shown is approved.
            ApplySource::SavedPlan(file) => {
                let plan = plan_file::read(context, &file)?;
                let configuration =
                    plan_file::load(context, &plan, &mut variables, signals).await?;
                Ok(ApplyInput {
                    configuration,
                    variables,
                    origin: PlanSource::Saved(Box::new(plan)),
                })
            }
            ApplySource::Reviewed(review) => {
                let configuration = match &review.plan {
                    Some(plan) => plan_file::load(context, plan, &mut variables, signals).await?,
                    None => context.load_prompting(&mut variables, signals).await?,
                };
                Ok(ApplyInput {
                    configuration,
                    variables,
                    origin: PlanSource::Reviewed(review),
                })
            }
        }
    }

    /// Returns whether the plan requires an answer of the cloud for sure.
    fn reads_the_cloud(&self) -> bool {
        let refreshes = match &self.origin {
            PlanSource::New(options) => options.refresh.refresh,
            PlanSource::Saved(plan) => !plan.options.trusts_state,
            PlanSource::Reviewed(_) => true,
        };
        refreshes && !self.configuration.resources.is_empty()
    }

    fn mode(&self) -> Mode {
        match &self.origin {
            PlanSource::New(options) => options.mode,
            PlanSource::Saved(plan) => plan.options.mode,
            PlanSource::Reviewed(_) => Mode::default(),
        }
    }
}

impl Review {
    /// Plans what was reviewed, and explains a plan that differs from that.
    async fn plan(&self, run: &mut Run<'_>, variables: &Variables) -> Result<Plan, CommandError> {
        let Some(reviewed) = &self.plan else {
            return Ok(run.plan(&PlanOptions::default()).await?);
        };
        let planned = run.plan_reviewed(reviewed, variables).await;
        planned.map_err(|error| match error {
            EngineError::Saved(differs) if differs.is_stale() => (self.refusal)(Some(&differs)),
            error => error.into(),
        })
    }
}

struct ApplyRun<'a> {
    context: &'a Context,
    state: &'a StateLocation,
    prepared: &'a ApplyInput,
    signals: Signals,
    variables: &'a VariableArgs,
    args: &'a RunArgs,
}

impl ApplyRun<'_> {
    /// Applies the plan, if it is approved.
    async fn run(mut self, run: &mut Run<'_>) -> Result<ApplyEnd, CommandError> {
        let plan = self.plan(run).await?;
        self.context.warn_of(&plan, &self.prepared.configuration);
        // Missing or wrong credentials are reported before the question.
        self.signals.unless(run.prepare(&plan)).await?;
        self.show(&plan);
        let mode = self.prepared.mode();
        if plan.is_idle() {
            return Ok(ApplyEnd::Reported(Box::new(RunReport {
                mode,
                outcome: None,
                is_refreshed: false,
                deleted_only: Vec::new(),
                outputs: run.snapshot().outputs.clone(),
            })));
        }
        let asks = !plan.is_empty() || !plan.protections().is_empty();
        if asks && let Some(refusal) = self.approval().await?.refusal() {
            self.context.say(&approve::canceled());
            return Ok(ApplyEnd::Canceled(refusal));
        }
        let (is_empty, replaced) = (plan.is_empty(), replaced(&plan));
        let (stop, listener) = self.signals.stop_a_run(self.context.lang());
        let applied = run.apply(plan, &stop).await;
        drop(listener);
        let outcome = applied?;
        let went_well = outcome.is_complete() && outcome.stopped == StopMode::Run;
        // A refresh that changes no address has nothing to count.
        let is_uncounted = mode == Mode::RefreshOnly && outcome.changed.is_empty();
        let is_reported = !went_well || !is_empty && !is_uncounted;
        Ok(ApplyEnd::Reported(Box::new(RunReport {
            mode,
            deleted_only: not_created_again(&replaced, &outcome, run.snapshot()),
            outcome: Some(outcome).filter(|_| is_reported),
            is_refreshed: mode == Mode::RefreshOnly && !is_reported,
            outputs: run.snapshot().outputs.clone(),
        })))
    }

    async fn plan(&mut self, run: &mut Run<'_>) -> Result<Plan, CommandError> {
        match &self.prepared.origin {
            PlanSource::Saved(saved) => {
                let planning = run.plan_saved(saved, &self.prepared.variables);
                self.signals.unless(planning).await
            }
            PlanSource::New(options) => self.signals.unless(run.plan(options)).await,
            PlanSource::Reviewed(review) => {
                let planning = review.plan(run, &self.prepared.variables);
                self.signals.unless(planning).await
            }
        }
    }

    /// Shows the plan apart from the answer, which is the outcome.
    fn show(&self, plan: &Plan) {
        if self.args.format == Format::Text {
            let text = eci_render::plan::text(plan, None, self.context.err);
            let text = self.state.headed(text, self.context.lang());
            self.context.note_rendered(&text);
            return;
        }
        let outline = eci_planner::outline(&self.prepared.configuration, plan);
        let planned = messages::plan(plan, &outline);
        planned.into_iter().for_each(message);
    }

    async fn approval(&mut self) -> Result<Approval, CommandError> {
        let options = match &self.prepared.origin {
            _ if self.args.auto_approve => return Ok(Approval::Yes),
            PlanSource::Saved(_) => return Ok(Approval::Yes),
            PlanSource::Reviewed(review) if review.plan.is_none() => {
                return Err((review.refusal)(None));
            }
            PlanSource::Reviewed(_) => return Ok(Approval::Yes),
            PlanSource::New(options) => options,
        };
        // Only now: without changes, no approval is required.
        let review = plan_command::of(options, self.variables);
        approve::check_can_ask(self.context, self.args, &review).inspect_err(|_| {
            if self.args.format == Format::Text {
                self.context.note_rendered("");
            }
        })?;
        let mode = self.prepared.mode();
        approve::ask(self.context, &mut self.signals, mode).await
    }
}

/// The end of a command that applies.
enum ApplyEnd {
    /// The plan was applied, or is empty.
    Reported(Box<RunReport>),
    /// The plan was not approved.
    Canceled(ExitStatus),
}

/// The end of a run.
struct RunReport {
    mode: Mode,
    /// `None` where nothing is to be reported.
    outcome: Option<ApplyOutcome>,
    /// Whether the state was refreshed, and nothing else is to be reported.
    is_refreshed: bool,
    /// The resources that were deleted to be replaced and are not created again.
    deleted_only: Vec<Address>,
    outputs: Outputs,
}

type Outputs = BTreeMap<String, OutputState>;

/// Returns the existing resources that a plan replaces.
fn replaced(plan: &Plan) -> Vec<Address> {
    let steps = plan.steps().iter();
    let replaced = steps.filter(|step| step.action == Action::Replace && step.id.is_some());
    replaced.map(|step| step.address.clone()).collect()
}

/// Returns those whose old object is deleted and whose create did not begin: an interrupt, or the
/// failure of another resource, came in between.
fn not_created_again(replaced: &[Address], outcome: &ApplyOutcome, now: &Snapshot) -> Vec<Address> {
    let is_deleted = |address: &&Address| {
        let state = now.resources.get(*address);
        let mut failed = outcome.failed.iter();
        state.is_none_or(|state| state.id.is_none())
            && !failed.any(|failure| failure.address == **address)
    };
    replaced.iter().filter(is_deleted).cloned().collect()
}

impl RunReport {
    /// Prints the outcome of a run.
    ///
    /// # Errors
    /// If the run could not go on; what it did until then is printed.
    fn report(mut self, context: &Context, format: Format) -> Result<ExitStatus, CommandError> {
        if self.is_refreshed {
            context.note(&text!(en: "Refreshed the state.", zh: "状态已刷新。"));
        }
        let nothing = ApplyOutcome::default();
        let exit = ExitStatus::of(self.outcome.as_ref().unwrap_or(&nothing));
        match format {
            Format::Json => self.messages(context),
            Format::Text => self.text(context, exit)?,
        }
        let outcome = self.outcome.as_mut();
        match outcome.and_then(|outcome| outcome.error.take()) {
            Some(error) => Err(error.into()),
            None => Ok(exit),
        }
    }

    /// Returns whether the run could not go on.
    fn is_cut_short(&self) -> bool {
        let outcome = self.outcome.as_ref();
        outcome.is_some_and(|outcome| outcome.error.is_some())
    }

    fn messages(&self, context: &Context) {
        let unverified = self.outcome.iter();
        let unverified = unverified.filter_map(|outcome| outcome.unverified.as_ref());
        unverified.for_each(|error| {
            context.message(messages::log(eci_render::unverified(error).en()));
        });
        for address in &self.deleted_only {
            context.message(messages::log(eci_render::not_created_again(address).en()));
        }
        let nothing = ApplyOutcome::default();
        let ending = messages::ending(self.outcome.as_ref().unwrap_or(&nothing), self.mode);
        ending.into_iter().for_each(|text| context.message(text));
        if !self.is_cut_short() {
            message(messages::outputs(&self.outputs));
        }
    }

    fn text(&self, context: &Context, exit: ExitStatus) -> Result<(), CommandError> {
        if let Some(outcome) = &self.outcome {
            // The progress has named what was interrupted, and the summary says how to go on.
            let is_new = |failure: &&Failure| {
                let is_interrupted = matches!(
                    failure.problem,
                    TaskError::Interrupted | TaskError::WaitInterrupted
                );
                context.globals.quiet || !is_interrupted
            };
            for failure in outcome.failed.iter().filter(is_new) {
                print_stderr(&context.hint(&eci_render::failure(failure, context.err)));
            }
            for failed in &outcome.failed_outputs {
                print_stderr(&eci_render::failed_output(failed, context.err));
            }
            if let Some(error) = &outcome.unverified {
                context.note_rendered(&eci_render::unverified_warning(error, context.err));
            }
            let warnings = eci_render::not_created_again_warnings(&self.deleted_only, context.err);
            let last = context.hint(&(warnings + &eci_render::outcome(outcome, context.err)));
            match exit {
                ExitStatus::Done => context.note_rendered(&last),
                _ => print_stderr(&last),
            }
        }
        if self.is_cut_short() {
            return Ok(());
        }
        shown(context, &self.outputs)
    }
}

fn shown(context: &Context, outputs: &Outputs) -> Result<(), CommandError> {
    if outputs.is_empty() {
        return Ok(());
    }
    context.note_rendered("");
    Ok(print_stdout(&eci_render::outputs::text(
        outputs,
        context.out,
    ))?)
}
