//! The status and the events of container groups.

use eci_api::Status;
use eci_api::types::{DescribedContainer, DescribedGroup, Event};
use eci_core::Address;
use eci_provider::readiness::phase;
use eci_text::Lang;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::columns::{Cell, columns};
use super::document;
use super::style::{Style, TextRole, visible};

/// A container group of the state with its actual state; none if it no longer exists.
#[derive(Clone, Debug)]
pub struct GroupStatus {
    /// Its resource address.
    pub address: Address,
    /// Its ID.
    pub id: String,
    /// The report of the cloud.
    pub group: Option<DescribedGroup>,
}

/// The placeholder of an absent value.
pub(super) const NOTHING: &str = "-";

/// Returns the status of container groups as a table.
pub fn status_text(groups: &[GroupStatus], now: Timestamp, style: Style) -> String {
    let heads = style.lang().pick(
        [
            "ADDRESS",
            "ID",
            "STATUS",
            "READY",
            "RESTARTS",
            "IP ADDRESSES",
            "AGE",
        ],
        [
            "资源地址",
            "ID",
            "运行状态",
            "就绪",
            "重启次数",
            "IP 地址",
            "存续时间",
        ],
    );
    let rows = groups.iter().map(|group| row(group, now, style.lang()));
    let rows: Vec<[Cell; 7]> = rows.collect();
    columns(heads, &rows, style)
}

fn row(standing: &GroupStatus, now: Timestamp, lang: Lang) -> [Cell; 7] {
    let address = standing.address.to_string().into();
    let id = standing.id.as_str().into();
    let Some(group) = &standing.group else {
        let nothing = || Cell::from(NOTHING);
        return [
            address,
            id,
            Cell::painted(TextRole::Error, lang.pick("not found", "不存在")),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
        ];
    };
    let (ready, all) = ready(group);
    let addresses = match addresses(group) {
        addresses if addresses.is_empty() => NOTHING.to_owned(),
        addresses => addresses.join(", "),
    };
    [
        address,
        id,
        status(group),
        format!("{ready}/{all}").into(),
        restarts(group).to_string().into(),
        visible(&addresses).into(),
        age(group, now)
            .map_or_else(|| NOTHING.to_owned(), span)
            .into(),
    ]
}

/// Returns the status, and why the first waiting container does not run.
fn status(group: &DescribedGroup) -> Cell {
    let part = match &group.status {
        _ if group.is_ready() => TextRole::Create,
        status if status.is_failed_for_good() => TextRole::Error,
        Status::Succeeded => TextRole::Faint,
        _ => TextRole::Warning,
    };
    let text = match held_up(group) {
        Some(reason) => format!("{} ({})", group.status, visible(reason)),
        None => visible(&group.status.to_string()),
    };
    Cell::painted(part, text)
}

/// Returns why a container does not run, unless that is common during a start.
fn held_up(group: &DescribedGroup) -> Option<&str> {
    let common = ["ContainerCreating", "PodInitializing", ""];
    containers(group)
        .filter_map(|container| container.current_state.as_ref())
        .filter(|state| state.state.as_deref() == Some("Waiting"))
        .filter_map(|state| state.reason.as_deref())
        .find(|reason| !common.contains(reason))
}

fn containers(group: &DescribedGroup) -> impl Iterator<Item = &DescribedContainer> {
    group.init_containers.iter().chain(&group.containers)
}

/// Returns the number of ready containers and of all containers, without init containers.
fn ready(group: &DescribedGroup) -> (usize, usize) {
    let ready = group.containers.iter().filter(|container| container.ready);
    (ready.count(), group.containers.len())
}

fn restarts(group: &DescribedGroup) -> i64 {
    containers(group)
        .filter_map(|container| container.restart_count)
        .sum()
}

fn addresses(group: &DescribedGroup) -> Vec<&str> {
    [&group.intranet_ip, &group.internet_ip, &group.ipv6_address]
        .into_iter()
        .filter_map(|address| address.as_deref())
        .filter(|address| !address.is_empty())
        .collect()
}

/// The longest time in seconds by which a group may be dated after now: clocks differ by less than that.
const CLOCK_DIFFERENCE: i64 = 5;

/// Returns the age of a group in seconds.
///
/// It is unknown where the group is dated in the future: a simulated cloud can be faster than the clock.
pub(super) fn age(group: &DescribedGroup, now: Timestamp) -> Option<i64> {
    let created: Timestamp = group.creation_time.as_deref()?.parse().ok()?;
    let age = now.as_second() - created.as_second();
    (age >= -CLOCK_DIFFERENCE).then_some(age.max(0))
}

/// Formats a duration in its two largest units: `45s`, `12m`, `3h12m`, `5d4h`.
pub(super) fn span(seconds: i64) -> String {
    let minutes = seconds / 60;
    let hours = minutes / 60;
    match (hours / 24, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m"),
        (0, _, _) => format!("{hours}h{}m", minutes % 60),
        (days, _, _) => format!("{days}d{}h", hours % 24),
    }
}

/// Returns the status of container groups for programs.
pub fn status_json(groups: &[GroupStatus], now: Timestamp) -> Json {
    let documents = groups.iter().map(|standing| {
        let mut fields = document::identity(&standing.address);
        let mut add = |name: &str, value: Json| {
            fields.insert(name.to_owned(), value);
        };
        add("id", json!(standing.id));
        let Some(group) = &standing.group else {
            add("status", Json::Null);
            return Json::Object(fields);
        };
        add("status", json!(group.status.as_str()));
        add("phase", json!(phase(group).en()));
        add("ready", json!(group.is_ready()));
        let (ready, all) = ready(group);
        add("containers_ready", json!(ready));
        add("containers", json!(all));
        add("restarts", json!(restarts(group)));
        add("intranet_ip", json!(group.intranet_ip));
        add("internet_ip", json!(group.internet_ip));
        add("ipv6_address", json!(group.ipv6_address));
        add("created_at", json!(group.creation_time));
        add("age_seconds", json!(age(group, now)));
        Json::Object(fields)
    });
    Json::Array(documents.collect())
}

/// Sorts events by the times at which they last happened, if the cloud reports all of them.
pub fn in_order(events: &mut [Event]) {
    let time = |event: &Event| event.last_timestamp.as_deref()?.parse::<Timestamp>().ok();
    if events.iter().all(|event| time(event).is_some()) {
        events.sort_by_key(time);
    }
}

/// Returns events as a table.
pub fn events_text(events: &[Event], style: Style) -> String {
    let text = |text: &Option<String>| match text.as_deref() {
        None | Some("") => NOTHING.to_owned(),
        Some(text) => visible(&text.replace('\n', " ")),
    };
    let rows: Vec<[Cell; 5]> = events
        .iter()
        .map(|event| {
            let kind = text(&event.event_type);
            [
                match event.last_timestamp.as_deref().map(utc) {
                    Some(time) => time.into(),
                    None => NOTHING.into(),
                },
                match kind.as_str() {
                    "Warning" => Cell::painted(TextRole::Warning, kind),
                    _ => kind.into(),
                },
                text(&event.reason).into(),
                event.count.unwrap_or(1).to_string().into(),
                text(&event.message).into(),
            ]
        })
        .collect();
    let heads = style.lang().pick(
        ["LAST SEEN", "TYPE", "REASON", "COUNT", "MESSAGE"],
        ["最近发生", "类型", "原因", "次数", "消息"],
    );
    columns(heads, &rows, style)
}

/// Returns a time in UTC, whatever offset the cloud reports it with; any other text stays.
fn utc(time: &str) -> String {
    match time.parse::<Timestamp>() {
        Ok(time) => time.to_string(),
        Err(_) if time.is_empty() => NOTHING.to_owned(),
        Err(_) => visible(time),
    }
}

/// Returns events for programs.
pub fn events_json(events: &[Event]) -> Json {
    let documents = events.iter().map(|event| {
        json!({
            "type": event.event_type,
            "reason": event.reason,
            "message": event.message,
            "count": event.count,
            "first_timestamp": event.first_timestamp,
            "last_timestamp": event.last_timestamp,
            "component": event.source.as_ref().and_then(|source| source.component.as_ref())
                .or(event.reporting_component.as_ref()),
        })
    });
    Json::Array(documents.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::Kind;

    use super::*;
    use crate::typography;

    fn now() -> Timestamp {
        "2026-03-04T05:06:07Z".parse().unwrap()
    }

    fn standing(label: &str, report: Option<Json>) -> GroupStatus {
        let (label, key) = label.split_once('/').unwrap_or((label, ""));
        let mut address = Address::new(Kind::ContainerGroup, label);
        if !key.is_empty() {
            address = address.instance(key);
        }
        GroupStatus {
            address,
            id: format!("eci-{label}"),
            group: report.map(|mut report| {
                report["containerGroupId"] = json!(format!("eci-{label}"));
                DescribedGroup::from_report(report).unwrap()
            }),
        }
    }

    fn container(name: &str, ready: bool, restarts: i64, state: Json) -> Json {
        json!({
            "name": name, "image": "i", "ready": ready, "restartCount": restarts,
            "currentState": state,
        })
    }

    fn groups() -> Vec<GroupStatus> {
        let runs = || json!({ "state": "Running" });
        vec![
            standing(
                "web/名前",
                Some(json!({
                    "status": "Running", "intranetIp": "10.0.0.5", "internetIp": "198.18.0.2",
                    "creationTime": "2026-03-04T01:02:03Z",
                    "containers": [
                        container("a", true, 0, runs()),
                        container("b", true, 3, runs()),
                    ],
                })),
            ),
            standing(
                "db",
                Some(json!({
                    "status": "Pending", "intranetIp": "", "creationTime": "yesterday",
                    "containers": [container("db", false, 0, json!({
                        "state": "Waiting", "reason": "ErrImagePull", "message": "not found",
                    }))],
                })),
            ),
            standing("old", None),
        ]
    }

    #[test]
    fn groups_are_shown_in_columns_however_wide_their_names_are() {
        insta::assert_snapshot!("status", status_text(&groups(), now(), Style::plain()));
    }

    #[test]
    fn groups_are_shown_in_blocks_on_a_narrow_terminal() {
        let narrow = Style::plain().with_width(60);
        insta::assert_snapshot!("status_narrow", status_text(&groups(), now(), narrow));
    }

    #[test]
    fn the_status_is_in_both_languages_in_columns_and_in_blocks() {
        for width in [50, 80, 120] {
            let style = Style::plain().with_width(width).with_lang(Lang::Zh);
            let shown = status_text(&groups(), now(), style);
            typography::check(&shown);
            insta::assert_snapshot!(format!("status_zh_{width}"), shown);
        }
        let narrow = Style::plain().with_width(50);
        insta::assert_snapshot!("status_en_50", status_text(&groups(), now(), narrow));
    }

    #[test]
    fn programs_get_everything_of_a_group() {
        let document = status_json(&groups(), now());
        insta::assert_snapshot!("status_json", format!("{document:#}"));
    }

    #[test]
    fn ages_have_at_most_two_units() {
        let spans = [0, 59, 60, 3599, 3600, 11_520, 86_399, 86_400, 446_400].map(span);
        assert_eq!(
            spans,
            [
                "0s", "59s", "1m", "59m", "1h0m", "3h12m", "23h59m", "1d0h", "5d4h"
            ]
        );
    }

    #[test]
    fn a_group_of_the_future_has_no_age() {
        let groups = groups();
        let group = groups[0].group.as_ref().unwrap();
        let at = |now: &str| age(group, now.parse().unwrap());
        assert_eq!(at("2026-03-04T01:02:13Z"), Some(10));
        assert_eq!(at("2026-03-04T01:02:01Z"), Some(0));
        assert_eq!(at("2026-03-04T01:01:03Z"), None);
    }

    #[test]
    fn events_come_in_the_order_in_which_they_happened() {
        let event = |at: Option<&str>, reason: &str| Event {
            last_timestamp: at.map(str::to_owned),
            event_type: Some("Warning".into()),
            reason: Some(reason.into()),
            message: Some("Back-off\nrestarting 容器".into()),
            count: Some(7),
            ..Event::default()
        };
        let mut events = vec![
            event(Some("2026-01-01T08:00:02+08:00"), "BackOff"),
            event(Some("2026-01-01T00:00:01Z"), "Pulled"),
        ];
        in_order(&mut events);
        insta::assert_snapshot!("events", events_text(&events, Style::plain()));
        let chinese = Style::plain().with_width(50).with_lang(Lang::Zh);
        insta::assert_snapshot!("events_zh_50", events_text(&events, chinese));
        assert_eq!(events_json(&events)[1]["reason"], "BackOff");
        // Where one has no time, the cloud's own order is the better one.
        events.push(event(None, "Created"));
        events.swap(0, 1);
        in_order(&mut events);
        assert_eq!(events[0].reason.as_deref(), Some("BackOff"));
    }
}
