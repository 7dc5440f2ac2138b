//! `eci apply` and `eci destroy`

use std::sync::Arc;

use eci_config::Configuration;
use eci_executor::{Effects, Outcome, Reporter, Settings};
use eci_planner::Plan;
use eci_state::{LocalStore, OutputState, Store as _};
use serde_json::json;
use uuid::Uuid;

use super::approve::{self, Verdict};
use super::planning;
use crate::answer::{answer, say};
use crate::arguments::{Format, Run, VariableArguments};
use crate::context::{Access, Context, SANDBOX_POLL};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::{self, Kind};
use crate::render;
use crate::signals::Signals;

/// Makes the cloud as the manifests say.
pub(crate) async fn apply(
    context: &Context,
    variables: &VariableArguments,
    destroy: bool,
    asked: &Run,
) -> Result<Exit, Failure> {
    approve::possible(asked)?;
    let mut signals = Signals::listen()?;
    let configuration = context.load(variables)?;
    let state = context.state_of(&configuration)?;
    let opening = context.open_state(&state, asked.lock_timeout);
    let store = signals.unless(opening).await?;
    context.warn(&configuration);
    let mut access = Access::new(context, &configuration, &state);
    let applying = Applying {
        context,
        configuration: &configuration,
        store,
        signals,
        destroy,
        asked,
    };
    let exit = applying.run(&mut access).await;
    access.close().await;
    exit
}

struct Applying<'a> {
    context: &'a Context,
    configuration: &'a Configuration,
    store: LocalStore,
    signals: Signals,
    destroy: bool,
    asked: &'a Run,
}

impl Applying<'_> {
    async fn run(mut self, access: &mut Access<'_>) -> Result<Exit, Failure> {
        access.check(self.store.snapshot())?;
        access.mark()?;
        let settings = self.settings();
        let reporter = self.reporter();
        self.recover(access, &settings, &*reporter).await?;
        let plan = self.plan(access).await?;
        if plan.is_empty() && plan.refreshed.is_empty() {
            self.show(&plan);
            return self.finish(None);
        }
        // Whoever has no credentials, or wrong ones, learns it before the question.
        access.provider().await?;
        let greeting = planning::greet(self.context, access, &plan);
        self.signals.unless(greeting).await?;
        self.show(&plan);
        if !plan.is_empty() && !self.approved().await? {
            say("Nothing was done.");
            return Ok(Exit::Failed);
        }
        let provider = access.provider().await?;
        let (stopped, listening) = self.signals.stop_a_run();
        let effects = effects();
        let work = (&settings, &effects);
        let applied =
            eci_executor::apply(&plan, provider, &mut self.store, work, &*reporter, stopped).await;
        drop(listening);
        drop(reporter);
        let outcome = applied?;
        let told = (!plan.is_empty()).then_some(&outcome);
        finish(self.context, self.asked.format, &self.store, told)
    }

    fn settings(&self) -> Settings {
        let mut settings = Settings {
            parallelism: usize::from(self.asked.parallelism),
            command: self.context.command_line.clone(),
            ..Settings::default()
        };
        if self.context.globals.sandbox {
            settings.poll = SANDBOX_POLL;
        }
        settings
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
        access: &mut Access<'_>,
        settings: &Settings,
        reporter: &dyn Reporter,
    ) -> Result<(), Failure> {
        let open = self.store.snapshot().open.len();
        if open == 0 {
            return Ok(());
        }
        if self.asked.format == Format::Text {
            let what = if open == 1 { "operation" } else { "operations" };
            self.context.note(&format!(
                "An earlier run was cut off: settling {open} open {what}."
            ));
        }
        let provider = access.provider().await?;
        let recovering = eci_executor::recover(&mut self.store, provider, settings, reporter);
        self.signals.unless(recovering).await
    }

    async fn plan(&mut self, access: &mut Access<'_>) -> Result<Plan, Failure> {
        let snapshot = self.store.snapshot();
        let observing =
            planning::observe(self.context, access, snapshot, self.asked.refresh.wanted);
        let observed = self.signals.unless(observing).await?;
        planning::make(self.configuration, snapshot, &observed, self.destroy)
    }

    /// Shows the plan beside the answer, which is what came of it.
    fn show(&self, plan: &Plan) {
        if self.asked.format == Format::Text {
            self.context
                .note(&render::plan::text(plan, self.context.err));
        }
    }

    async fn approved(&mut self) -> Result<bool, Failure> {
        match self.asked.auto_approve {
            true => Ok(true),
            false => Ok(approve::ask(&mut self.signals, self.destroy).await? == Verdict::Yes),
        }
    }

    fn finish(&self, outcome: Option<&Outcome>) -> Result<Exit, Failure> {
        finish(self.context, self.asked.format, &self.store, outcome)
    }
}

/// Says what came of a run; without an outcome, nothing was to be done.
fn finish(
    context: &Context,
    format: Format,
    store: &LocalStore,
    outcome: Option<&Outcome>,
) -> Result<Exit, Failure> {
    let nothing = Outcome::default();
    let outputs = &store.snapshot().outputs;
    let exit = Exit::of(outcome.unwrap_or(&nothing));
    if format == Format::Json {
        let mut last = render::outcome_json(outcome.unwrap_or(&nothing));
        last["exit_code"] = json!(exit.code());
        last["outputs"] = render::outputs::json(outputs);
        answer(&format!("{last}\n"))?;
        return Ok(exit);
    }
    if let Some(outcome) = outcome {
        for failure in &outcome.failed {
            say(&render::failure(failure, context.err));
        }
        let last = render::outcome(outcome, context.err);
        match exit {
            Exit::Done => context.note(&last),
            _ => say(&last),
        }
    }
    shown(context, outputs)?;
    Ok(exit)
}

fn shown(
    context: &Context,
    outputs: &std::collections::BTreeMap<String, OutputState>,
) -> Result<(), Failure> {
    if outputs.is_empty() {
        return Ok(());
    }
    context.note("");
    Ok(answer(&render::outputs::text(outputs, context.out))?)
}

/// The clock on the wall, and randomness.
fn effects() -> Effects {
    Effects {
        now: Arc::new(|| format!("{:.0}", jiff::Timestamp::now())),
        unique: Arc::new(|| Uuid::new_v4().simple().to_string()),
    }
}
