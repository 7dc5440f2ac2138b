//! Reports of the cloud about a group that does not become ready.

use eci_api::Api;
use eci_api::types::{DescribedGroup, Event, LogExcerpt};
use eci_core::truncate;

use crate::provider::ResourceProvider;

/// The largest number of events and of lines that are shown.
const MOST_EVENTS: usize = 8;
const MOST_LINES: usize = 10;

/// The cloud's report of why a group does not become ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailureDetails {
    /// The last events, the oldest first, for example `Warning BackOff (×3): Back-off pulling …`.
    pub events: Vec<String>,
    /// The container that failed, as far as one did.
    pub container: Option<String>,
    /// The exit code of that container.
    pub exit_code: Option<i64>,
    /// The number of its restarts, as far as it was restarted.
    pub restarts: Option<usize>,
    /// The last lines of its log.
    pub log: Vec<String>,
}

impl<A: Api> ResourceProvider<A> {
    /// Requests the events of a group and the log of its container that failed.
    ///
    /// What cannot be read is left out: this explains an error and must not become another one.
    ///
    /// Cancel safe: nothing but reads is performed.
    pub async fn explain(&self, group: &DescribedGroup) -> FailureDetails {
        let id = &group.container_group_id;
        let events = match self.events(id).await {
            Ok(events) => events,
            Err(error) => {
                tracing::debug!(%error, "no events to explain a failure with");
                group.events.clone()
            }
        };
        let mut explanation = FailureDetails {
            events: event_lines(&events, |text| self.api().redacted(text)),
            ..FailureDetails::default()
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
        explanation.container = Some(truncate(&container.name));
        explanation.exit_code = ended.exit_code;
        let restarts = container.restart_count;
        explanation.restarts = restarts
            .and_then(|count| usize::try_from(count).ok())
            .filter(|count| *count > 0);
        let excerpt = LogExcerpt {
            container_name: Some(container.name.clone()),
            tail: i64::try_from(MOST_LINES).ok(),
            ..LogExcerpt::default()
        };
        match self.log(id, &excerpt).await {
            Ok(log) => explanation.log = last_lines(&self.api().redacted(&log)),
            Err(error) => tracing::debug!(%error, "no log to explain a failure with"),
        }
        explanation
    }
}

/// Returns the last events, each in one line, without secrets.
fn event_lines(events: &[Event], covered: impl Fn(&str) -> String) -> Vec<String> {
    let first = events.len().saturating_sub(MOST_EVENTS);
    events[first..]
        .iter()
        .map(|event| {
            // A secret is covered first: cut, it would not be known again.
            let text =
                |text: &Option<String>| truncate(covered(text.as_deref().unwrap_or_default()));
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

/// Returns the last lines; the answer may have any number of them, of any length.
fn last_lines(log: &str) -> Vec<String> {
    let last = log.lines().rev().take(MOST_LINES);
    let mut lines: Vec<String> = last.map(truncate).collect();
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_limited_to_a_readable_number() {
        let long = "长".repeat(1 << 18);
        let log = format!("{}{long}\nend\n", "x\n".repeat(1 << 18));
        let lines = last_lines(&log);
        assert_eq!(lines.len(), 10);
        assert_eq!((&*lines[0], &*lines[9]), ("x", "end"));
        assert!(lines[8].contains('…') && lines[8].chars().count() <= 400);
        let event = Event {
            event_type: Some(long.clone()),
            reason: Some(long.clone()),
            message: Some(long),
            ..Event::default()
        };
        let events = event_lines(&vec![event; 20], str::to_owned);
        assert_eq!(events.len(), MOST_EVENTS);
        assert!(events.iter().all(|event| event.chars().count() < 1300));
    }
}
