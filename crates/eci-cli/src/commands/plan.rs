//! `eci plan`

use std::time::Duration;

use eci_config::Outline;
use eci_engine::{Engine, EngineOptions};
use eci_executor::Reporter;
use eci_planner::{Drift, Mode, Plan};
use eci_render::messages;
use eci_render::plan::DocumentSource;
use eci_state::Store as _;
use eci_text::text;
use jiff::Timestamp;
use serde_json::json;

use super::plan_file;
use crate::arguments::{self, PlanFormat};
use crate::context::{Context, StateLocation, in_shell};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::progress::{self, ProgressKind};
use crate::signals::Signals;
use crate::stdio::{line, message, print_stdout};

/// Shows what `apply` would do.
pub(crate) async fn plan(
    context: &Context,
    args: &arguments::PlanArgs,
) -> Result<ExitStatus, CommandError> {
    if let Some(file) = &args.out {
        plan_file::can_be_saved(context, file)?;
    }
    let mut signals = Signals::listen()?;
    let mut variables = context.variables(&args.variables)?;
    let ahead = context.read_ahead();
    let configuration = context.load_prompting(&mut variables, &mut signals).await?;
    let state = context.reading(&mut signals, || context.state_of(&configuration))?;
    if args.out.is_some() {
        create_state(context, &state, Duration::ZERO, &mut signals).await?;
    }
    let snapshot = match ahead {
        Some(ahead) if args.out.is_none() && ahead.is_of(&state) => {
            signals.unless(ahead.snapshot()).await?
        }
        _ => context.reading(&mut signals, || state.read())?,
    };
    let provider = context.cloud(&configuration.provider, &state);
    let options = EngineOptions::default().with_apply(context.settings());
    let engine = Engine::builder(provider.clone())
        .options(options)
        .reporter(reporter(context, args.format))
        .build();
    let mut preview = engine.preview_of(&*state, &configuration, snapshot)?;
    context.warn(&configuration);
    context.reading(&mut signals, || {
        context.note_other_runs(&state, preview.snapshot())
    })?;
    let open = preview.snapshot().open_intents.len();
    let options = args.options();
    let planned = signals.unless(preview.plan(&options)).await;
    let cost = match &planned {
        Ok(plan) if args.cost => {
            let costing = async { Ok::<_, CommandError>(preview.cost(plan).await) };
            signals.unless(costing).await.map(Some)
        }
        _ => Ok(None),
    };
    provider.close().await;
    let plan = planned?;
    let cost = cost?;
    context.warn_of(&plan, &configuration);
    let outline = match args.format {
        PlanFormat::Json | PlanFormat::Events => eci_planner::outline(&configuration, &plan),
        _ => Outline::default(),
    };
    let created = Timestamp::now();
    let source = DocumentSource {
        plan: &plan,
        created,
        outline: &outline,
        key: Some(&preview.snapshot().digest_key),
        cost: cost.as_ref(),
    };
    let view = PlanView { source, open };
    show(context, &state, args.format, view)?;
    if let Some(file) = &args.out {
        let kept = preview.save(&plan, &variables, created);
        let path = plan_file::write(context, file, &kept)?;
        context.note(&text!(
            en: "Saved the plan to `{path}`. Run `eci apply {file}` to apply it.",
            zh: "计划已保存到 `{path}`。执行 `eci apply {file}` 即可应用。",
            path = plan_file::shown(&path).display(),
            file = in_shell(file),
        ));
    }
    let exit = if args.detailed_exit_code && has_changes(&plan, open) {
        ExitStatus::Changes
    } else {
        ExitStatus::Done
    };
    // The process ends. To take all of this apart first would be a tenth of its work.
    std::mem::forget((plan, preview));
    std::mem::forget(configuration);
    Ok(exit)
}

/// Returns the reporter of what is recovered of an earlier run before the plan.
fn reporter(context: &Context, format: PlanFormat) -> Box<dyn Reporter> {
    match format {
        PlanFormat::Events => progress::reporter(ProgressKind::Json, context.out),
        _ => recovery_reporter(context),
    }
}

/// Returns the reporter of what is recovered of an earlier run, for people.
pub(super) fn recovery_reporter(context: &Context) -> Box<dyn Reporter> {
    let kind = if context.globals.quiet {
        ProgressKind::Silent
    } else {
        ProgressKind::Lines
    };
    progress::reporter(kind, context.err)
}

/// Returns whether a script has to know of changes: with refresh-only, these are
/// differences in the cloud that are not ignored and not recorded yet. Pending operations, and whether a
/// resource becomes ready,
/// are resolved by a run only.
fn has_changes(plan: &Plan, open: usize) -> bool {
    let is_new = |drift: &Drift| {
        let mut refreshed = plan.refreshed().iter();
        refreshed.any(|refreshed| refreshed.address == drift.address)
    };
    let mut drift = plan.drift().iter().filter(|drift| drift.matters());
    let learns = plan.options().mode == Mode::RefreshOnly && drift.any(is_new);
    plan.has_changes() || open > 0 || learns
}

/// Creates the state if it does not exist: a saved plan belongs to one.
///
/// Another run may be creating it, which is waited for.
pub(super) async fn create_state(
    context: &Context,
    state: &StateLocation,
    timeout: Duration,
    signals: &mut Signals,
) -> Result<(), CommandError> {
    if context.reading(signals, || state.existing())?.is_some() {
        return Ok(());
    }
    let mut store = context.open_state(state, timeout, signals).await?;
    let created = if store.is_new() {
        store.compact()
    } else {
        Ok(())
    };
    let created = created.map_err(CommandError::from);
    context.close_state(state, store, created).await
}

/// A plan to show, with the number of operations that earlier runs left open.
struct PlanView<'a> {
    source: DocumentSource<'a>,
    open: usize,
}

fn show(
    context: &Context,
    state: &StateLocation,
    format: PlanFormat,
    view: PlanView<'_>,
) -> Result<(), CommandError> {
    let PlanView { source, open } = view;
    let DocumentSource { plan, cost, .. } = source;
    match format {
        PlanFormat::Text => {
            let text = eci_render::plan::text(plan, cost, context.out);
            print_stdout(&state.headed(text, context.lang()))?;
        }
        PlanFormat::Json => {
            let mut json = eci_render::plan::json(source);
            if open > 0 {
                json["pending_operations"] = json!(open);
            }
            line(&json)?;
        }
        PlanFormat::Events => {
            let planned = messages::plan(plan, source.outline);
            planned.into_iter().for_each(message);
        }
        PlanFormat::Markdown => {
            let text = eci_render::plan::markdown(plan, cost, context.lang());
            print_stdout(&state.headed(text, context.lang()))?;
        }
        PlanFormat::Html => {
            let workspace = Some(&state.workspace).filter(|it| !it.is_default());
            let workspace = workspace.map(|it| it.as_str());
            print_stdout(&eci_render::plan::html(
                plan,
                cost,
                workspace,
                context.lang(),
            ))?;
        }
    }
    Ok(())
}
