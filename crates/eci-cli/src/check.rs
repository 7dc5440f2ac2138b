//! Everything that can be checked without a cloud.

use std::collections::HashMap;

use eci_config::{Configuration, Import};
use eci_core::Diagnostics;
use eci_core::kinds::is_standalone;
use eci_planner::{Observations, Plan, PlannerOptions, not_importable, plan};
use eci_state::{Snapshot, StateError};

/// Plans a configuration for an empty cloud: finds cycles, and what fails only when it is
/// computed. What is wrong comes with the warnings of the configuration.
///
/// # Errors
///
/// No state could be begun: the operating system gives no random numbers.
pub fn check(
    mut configuration: Configuration,
) -> Result<Result<Configuration, Diagnostics>, StateError> {
    // Whether what is to be imported is there, only the cloud can say.
    let imports = configuration.imports.clone();
    let is_declared = |import: &Import| configuration.resource(&import.to).is_some();
    let (later, now) = imports.iter().cloned().partition(is_declared);
    configuration.imports = now;
    let planned = plan(
        &configuration,
        &Snapshot::new_random()?,
        &Observations::empty(),
        &PlannerOptions::default(),
    );
    configuration.imports = imports;
    let mut problems = match planned {
        Ok(plan) => misplaced(&plan, later),
        Err(problems) => problems,
    };
    if problems.0.is_empty() {
        return Ok(Ok(configuration));
    }
    problems.0.extend(configuration.warnings.0);
    problems.sort();
    Ok(Err(problems))
}

/// Returns the problems of imports that are not possible, whatever the cloud reports.
fn misplaced(plan: &Plan, imports: Vec<Import>) -> Diagnostics {
    let desired: HashMap<_, _> = plan
        .steps()
        .iter()
        .filter_map(|step| {
            Some((
                &step.address,
                (step.resource.as_ref()?, step.desired.as_deref()?),
            ))
        })
        .collect();
    let found = imports.iter().filter_map(|import| {
        let (resource, desired) = desired.get(&import.to)?;
        let can_be_imported = is_standalone(import.to.kind(), desired);
        (!can_be_imported).then(|| not_importable(resource, desired, import))
    });
    Diagnostics(found.collect())
}
