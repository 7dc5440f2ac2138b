//! Zones that the region does not have.

use eci_core::{Diagnostic, Diagnostics, Path, Value, codes};

use crate::action::Action;
use crate::model::Plan;

/// The attribute that names the zone of a container group.
const ZONE: &str = "az_name";

/// Returns an error for each container group that would be created in a zone which is not among
/// these. No zones: they are not known, and nothing is wrong.
pub fn unknown_zones(plan: &Plan, region: Option<&str>, zones: &[String]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    if zones.is_empty() {
        return problems;
    }
    for step in plan.steps() {
        let created = matches!(step.action, Action::Create | Action::Replace);
        if !created || !step.address.kind().properties().runs_containers {
            continue;
        }
        let desired = step.desired.as_deref();
        let Some(zone) = desired.and_then(|desired| desired.get(ZONE)) else {
            continue;
        };
        let Value::String(zone) = zone else {
            continue;
        };
        if zones.iter().any(|known| **known == **zone) {
            continue;
        }
        let region = region.map_or_else(|| "the region".to_owned(), |it| format!("region {it}"));
        let message = format!("{}: {region} has no zone {zone:?}", step.address);
        let mut problem = Diagnostic::new(codes::UNKNOWN_ZONE, message);
        if let Some(resource) = &step.resource {
            problem = problem.primary(resource.span_of(&Path::root().name(ZONE)), "");
        }
        let near = eci_core::suggest::nearest(zone, zones.iter().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("did you mean {near:?}? "));
        let known: Vec<String> = zones.iter().map(|zone| format!("{zone:?}")).collect();
        problems.push(problem.help(format!("{near}its zones are {}", known.join(", "))));
    }
    problems
}
