//! When a group counts as ready, and when it never will.

use eci_api::Status;
use eci_api::types::{DescribedContainer, DescribedGroup};
use eci_core::Map;

/// What a create waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
    /// Every container is ready, or all ended well and are not started again.
    #[default]
    Ready,
    /// It runs, or ran.
    Running,
    /// Nothing.
    None,
}

impl Wait {
    /// What the attribute `wait` of a group says.
    pub fn of(attributes: &Map) -> Wait {
        match attributes.get("wait").and_then(|wait| wait.as_str()) {
            Some("running") => Wait::Running,
            Some("none") => Wait::None,
            _ => Wait::Ready,
        }
    }
}

/// How far a group is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// As far as was to be waited for.
    Ready,
    /// Not yet, and why, such as `Pending: pulling nginx:1.28`.
    Waiting {
        /// The phase.
        phase: String,
    },
    /// It ended and will not come any further.
    Ended,
}

/// How far a group is.
pub fn readiness(group: &DescribedGroup, wait: Wait) -> Readiness {
    let waiting = || Readiness::Waiting {
        phase: phase(group),
    };
    if wait == Wait::None {
        return Readiness::Ready;
    }
    match &group.status {
        Status::Succeeded => Readiness::Ready,
        status if status.is_failed_for_good() => Readiness::Ended,
        Status::Running => match wait {
            Wait::Ready if !group.containers.iter().all(is_ready) => waiting(),
            _ => Readiness::Ready,
        },
        _ => waiting(),
    }
}

fn is_ready(container: &DescribedContainer) -> bool {
    container.ready
}

/// The status, and what the first container that is not ready waits for.
pub fn phase(group: &DescribedGroup) -> String {
    let all = group.init_containers.iter().chain(&group.containers);
    let held_up = all
        .filter(|container| !is_ready(container))
        .find_map(|container| {
            let state = container.current_state.as_ref()?;
            let reason = state.reason.as_deref().filter(|reason| !reason.is_empty());
            match (state.state.as_deref(), reason) {
                (Some("Running"), _) => Some(format!("waiting for {} to be ready", container.name)),
                (_, Some("Pulling")) => Some(format!("pulling {}", container.image.as_deref()?)),
                (Some("Waiting"), Some(reason)) => Some(format!("{}: {reason}", container.name)),
                _ => None,
            }
        });
    match held_up {
        Some(held_up) => format!("{}: {held_up}", group.status),
        None => group.status.to_string(),
    }
}
