//! A CI system that is described by the variables of eci alone.

use super::Environment;
use crate::pipeline::{ChangeRequest, CiSystem, Pipeline};

pub(super) fn read(environment: &Environment<'_>) -> Pipeline {
    let change = environment.get("ECI_CI_CHANGE");
    let change = change.map(|number| ChangeRequest {
        number,
        target: environment.get("ECI_CI_BRANCH"),
        base: None,
        is_fork: None,
    });
    Pipeline {
        system: CiSystem::Other,
        commit: String::new(),
        branch: environment
            .get("ECI_CI_BRANCH")
            .filter(|_| change.is_none()),
        default_branch: None,
        previous: None,
        change,
        repository: None,
        token: None,
        user: None,
        page: None,
    }
}
