//! A plan for people.

use eci_planner::{Plan, Summary};

use crate::render::Style;
use crate::render::style::Part;

/// What is to be done, block by block, and how much it is.
pub(crate) fn text(plan: &Plan, style: Style) -> String {
    conclusion(plan, style)
}

fn conclusion(plan: &Plan, style: Style) -> String {
    let summary = plan.summary();
    if plan.is_empty() {
        return format!("{} {} unchanged.\n", style.paint(Part::Strong, "No changes."), summary.unchanged);
    }
    format!("{} {}\n", style.paint(Part::Strong, "Plan:"), counts(&summary))
}

/// `1 to create, 0 to update, 1 to replace, 0 to delete; 4 unchanged.`
pub(crate) fn counts(summary: &Summary) -> String {
    let Summary {
        create,
        update,
        replace,
        delete,
        unchanged,
    } = summary;
    format!(
        "{create} to create, {update} to update, {replace} to replace, {delete} to delete; \
         {unchanged} unchanged."
    )
}
