//! A plan as a comment of a pull request.

use eci_planner::Plan;

use super::text::counts;

/// A table of what is to be done, the details folded.
pub(crate) fn markdown(plan: &Plan) -> String {
    format!("### eci plan: {}\n", counts(&plan.summary()))
}
