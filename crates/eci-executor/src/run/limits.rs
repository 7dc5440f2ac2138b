//! Time limits of tasks.

use std::time::Duration;

use eci_planner::{Step, TaskKind};

use crate::options::ApplyOptions;

/// Returns how long a task may take: as its `timeouts` say, or else as the options do.
pub(super) fn limit(step: &Step, action: TaskKind, settings: &ApplyOptions) -> Duration {
    let timeouts = step.resource.as_ref().map(|resource| &resource.timeouts);
    let (own, general) = match action {
        TaskKind::Create => (timeouts.and_then(|it| it.create), settings.create_timeout),
        TaskKind::Delete => (timeouts.and_then(|it| it.delete), settings.delete_timeout),
        _ => (timeouts.and_then(|it| it.update), settings.update_timeout),
    };
    own.unwrap_or(general)
}
