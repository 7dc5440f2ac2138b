//! Everything that can be checked without a cloud.

use eci_config::Configuration;
use eci_core::Diagnostics;
use eci_planner::{Observed, plan};
use eci_state::{Snapshot, StateError};

/// Plans a configuration for an empty cloud: finds cycles, and what fails only when it is
/// computed. What is wrong comes with the warnings of the configuration.
///
/// # Errors
///
/// No state could be begun: the operating system gives no random numbers.
pub fn check(
    configuration: Configuration,
) -> Result<Result<Configuration, Diagnostics>, StateError> {
    let planned = plan(&configuration, &Snapshot::fresh()?, &Observed::nothing());
    Ok(match planned {
        Ok(_) => Ok(configuration),
        Err(mut diagnostics) => {
            diagnostics.0.extend(configuration.warnings.0);
            diagnostics.sort();
            Err(diagnostics)
        }
    })
}
