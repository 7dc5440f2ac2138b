//! Zones that the region does not have.

use eci_core::{Diagnostic, Diagnostics, Path, Value, codes};
use eci_text::{List, Text, text};

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
        let message = match region {
            Some(region) => text!(
                en: "unknown availability zone `{zone}` of {address} in region {region}",
                zh: "{address} 的可用区 `{zone}` 在区域 {region} 中不存在",
                zone = zone,
                address = step.address,
                region = region
            ),
            None => text!(
                en: "unknown availability zone `{zone}` of {address}",
                zh: "{address} 的可用区 `{zone}` 不存在",
                zone = zone,
                address = step.address
            ),
        };
        let mut problem = Diagnostic::new(codes::UNKNOWN_ZONE, message);
        if let Some(resource) = &step.resource {
            problem = problem.primary(resource.span_of(&Path::root().name(ZONE)), Text::default());
        }
        let near = eci_core::suggest::nearest(zone, zones.iter().map(String::as_str));
        let supported = List::and(zones.iter().map(|zone| format!("`{zone}`")));
        problems.push(problem.help(match near {
            Some(near) => text!(
                en: "did you mean `{near}`? zones of the region: {supported}",
                zh: "是否应为 `{near}`？该区域的可用区：{supported}",
                near = near,
                supported = supported
            ),
            None => text!(
                en: "zones of the region: {supported}",
                zh: "该区域的可用区：{supported}",
                supported = supported
            ),
        }));
    }
    problems
}
