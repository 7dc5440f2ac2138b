//! `eci plan`

use eci_planner::Plan;
use eci_state::LocalStore;

use super::planning;
use crate::answer::{answer, document};
use crate::arguments::{self, PlanFormat};
use crate::context::{Access, Context};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::signals::Signals;

/// Shows what `apply` would do.
pub(crate) async fn plan(context: &Context, asked: &arguments::Plan) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let configuration = context.load(&asked.variables)?;
    let state = context.state_of(&configuration)?;
    let snapshot = LocalStore::read(&state)?;
    let mut access = Access::new(context, &configuration, &state);
    access.check(&snapshot)?;
    context.warn(&configuration);
    context.tell_of_others(&state, &snapshot)?;
    let observing = planning::observe(context, &mut access, &snapshot, asked.refresh.wanted);
    let observed = signals.unless(observing).await;
    access.close().await;
    let plan = planning::make(&configuration, &snapshot, &observed?, asked.destroy)?;
    show(context, asked.format, &plan)?;
    match asked.detailed_exit_code && !plan.is_empty() {
        true => Ok(Exit::Changes),
        false => Ok(Exit::Done),
    }
}

fn show(context: &Context, format: PlanFormat, plan: &Plan) -> Result<(), Failure> {
    match format {
        PlanFormat::Text => answer(&render::plan::text(plan, context.out))?,
        PlanFormat::Json => document(&render::plan::json(plan))?,
        PlanFormat::Markdown => answer(&render::plan::markdown(plan))?,
    }
    Ok(())
}
