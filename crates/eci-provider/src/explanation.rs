//! What the cloud tells about a group that does not become ready.

use eci_api::Api;
use eci_api::types::{DescribedGroup, Event, LogExcerpt};

use crate::provider::Provider;

/// At most so many events and lines are told.
const MOST_EVENTS: usize = 8;
const MOST_LINES: i64 = 10;

/// What the cloud tells about a group that does not become ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The last events, the oldest first: such as `Warning BackOff (×3): Back-off pulling …`.
    pub events: Vec<String>,
    /// The container that failed, as far as one did.
    pub container: Option<String>,
    /// How it ended: such as `exit code 1`.
    pub ending: Option<String>,
    /// The last lines of its log.
    pub log: Vec<String>,
}

impl<A: Api> Provider<A> {
    /// Asks for the events of a group and the log of its container that failed. What cannot
    /// be had is left out: this explains an error and must not become another one.
    pub async fn explain(&self, group: &DescribedGroup) -> Explanation {
        let id = &group.container_group_id;
        let events = match self.events(id).await {
            Ok(events) => events,
            Err(error) => {
                tracing::debug!(%error, "no events to explain a failure with");
                group.events.clone()
            }
        };
        let mut explanation = Explanation {
            events: told(&events),
            ..Explanation::default()
        };
        let all = group.init_containers.iter().chain(&group.containers);
        let Some((container, ended)) =
            all.filter(|container| !container.ready)
                .find_map(|container| {
                    let states = [&container.current_state, &container.previous_state];
                    let ended = states
                        .into_iter()
                        .flatten()
                        .find(|state| state.exit_code.is_some_and(|code| code != 0))?;
                    Some((container, ended))
                })
        else {
            return explanation;
        };
        explanation.container = Some(container.name.clone());
        explanation.ending = ended.exit_code.map(|code| format!("exit code {code}"));
        let excerpt = LogExcerpt {
            container_name: Some(container.name.clone()),
            tail: Some(MOST_LINES),
            ..LogExcerpt::default()
        };
        match self.log(id, &excerpt).await {
            Ok(log) => explanation.log = log.lines().map(str::to_owned).collect(),
            Err(error) => tracing::debug!(%error, "no log to explain a failure with"),
        }
        explanation
    }
}

fn told(events: &[Event]) -> Vec<String> {
    let first = events.len().saturating_sub(MOST_EVENTS);
    events[first..]
        .iter()
        .map(|event| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let times = match event.count {
                Some(count) if count > 1 => format!(" (×{count})"),
                _ => String::new(),
            };
            format!(
                "{} {}{times}: {}",
                text(&event.event_type),
                text(&event.reason),
                text(&event.message)
            )
        })
        .collect()
}
