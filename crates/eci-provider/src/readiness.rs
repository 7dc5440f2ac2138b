//! Readiness of a container group: when it is ready, and when it never will be.

use eci_api::Status;
use eci_api::types::{DescribedContainer, DescribedGroup};
use eci_core::{Map, truncate};
use eci_text::{FixedText, Text, text};

/// The condition that a create waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wait {
    /// Every container is ready, or all ended well and are not started again.
    #[default]
    Ready,
    /// The group runs or has run.
    Running,
    /// No condition.
    None,
}

impl Wait {
    /// Returns the value of the attribute `wait` of a group.
    pub fn of(attributes: &Map) -> Wait {
        match attributes.get("wait").and_then(|wait| wait.as_str()) {
            Some("running") => Wait::Running,
            Some("none") => Wait::None,
            _ => Wait::Ready,
        }
    }
}

/// The readiness of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// The awaited condition is met.
    Ready,
    /// The condition is not met yet: the group is in this phase, for example `Pending: pulling
    /// nginx:1.28`.
    Waiting {
        /// The phase.
        phase: Text,
    },
    /// The group ended, and the condition will not be met.
    Ended,
}

/// Returns the readiness of a group.
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

/// Returns a status in words, or as the cloud writes it if there are none for it.
pub(crate) fn status_text(words: Option<FixedText>, status: &str) -> Text {
    words.map_or_else(|| Text::verbatim(status.to_owned()), Text::from)
}

/// Returns the status of a container group, and what the first container that is not ready waits for.
pub fn phase(group: &DescribedGroup) -> Text {
    let status = group.status.to_string();
    let all = group.init_containers.iter().chain(&group.containers);
    let held_up = all
        .filter(|container| !is_ready(container))
        .find_map(|container| {
            let state = container.current_state.as_ref()?;
            let given = |text: &Option<String>| {
                let text = text.as_deref().filter(|text| !text.is_empty());
                text.map(truncate)
            };
            match (
                state.state.as_deref()?,
                given(&state.reason),
                given(&state.message),
            ) {
                ("Running", ..) => Some(text!(
                    en: "{status}, waiting for container `{name}` to become ready",
                    zh: "{status}，正在等待容器 `{name}` 就绪",
                    status = status,
                    name = truncate(&container.name),
                )),
                // The common way of a start: the message is enough.
                ("Waiting", Some(reason), Some(message)) if reason == "ContainerCreating" => {
                    let message = message.replace('"', "");
                    Some(Text::verbatim(format!("{status}: {message}")))
                }
                ("Waiting", Some(reason), _) => Some(text!(
                    en: "{status}, container `{name}`: {reason}",
                    zh: "{status}，容器 `{name}`：{reason}",
                    status = status,
                    name = truncate(&container.name),
                    reason = reason,
                )),
                _ => None,
            }
        });
    held_up.unwrap_or_else(|| Text::verbatim(status.clone()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn group(status: &str, containers: Value) -> DescribedGroup {
        DescribedGroup::from_report(json!({
            "containerGroupId": "eci-1", "containerGroupName": "web", "status": status,
            "containers": containers,
        }))
        .unwrap()
    }

    fn container(ready: bool, state: Value) -> Value {
        json!([{"name": "web", "image": "nginx:1", "ready": ready, "currentState": state}])
    }

    #[test]
    fn a_group_is_ready_when_it_runs_and_every_container_is() {
        let ready = group("Running", container(true, json!({"state": "Running"})));
        let starting = group("Running", container(false, json!({"state": "Running"})));
        assert_eq!(readiness(&ready, Wait::Ready), Readiness::Ready);
        assert_eq!(readiness(&starting, Wait::Running), Readiness::Ready);
        let phase = text!(
            en: "Running, waiting for container `web` to become ready",
            zh: "Running，正在等待容器 `web` 就绪",
        );
        assert_eq!(
            readiness(&starting, Wait::Ready),
            Readiness::Waiting { phase }
        );
    }

    #[test]
    fn ends_and_unknown_statuses_are_distinguished() {
        let ended = json!([]);
        for status in ["ScheduleFailed", "Failed", "Expired"] {
            let group = group(status, ended.clone());
            assert_eq!(readiness(&group, Wait::Ready), Readiness::Ended, "{status}");
            assert_eq!(readiness(&group, Wait::None), Readiness::Ready, "{status}");
        }
        assert_eq!(
            readiness(&group("Succeeded", ended.clone()), Wait::Ready),
            Readiness::Ready
        );
        let phase = Text::verbatim("Hibernating");
        let other = group("Hibernating", ended);
        assert_eq!(readiness(&other, Wait::Ready), Readiness::Waiting { phase });
    }

    #[test]
    fn the_phase_says_what_is_waited_for() {
        let waiting = |reason, message| {
            container(
                false,
                json!({"state": "Waiting", "reason": reason, "message": message}),
            )
        };
        let pulling = waiting("ContainerCreating", "pulling image \"nginx:1\"");
        assert_eq!(
            phase(&group("Pending", pulling)).en(),
            "Pending: pulling image nginx:1"
        );
        let missing = group("Pending", waiting("ErrImagePull", "not found"));
        assert_eq!(
            phase(&missing).en(),
            "Pending, container `web`: ErrImagePull"
        );
        let long = "长".repeat(1 << 20);
        for state in [waiting("ContainerCreating", &long), waiting(&long, "")] {
            let phase = phase(&group(&long, state));
            assert!(phase.en().contains('…') && phase.en().chars().count() < 1000);
        }
    }
}
