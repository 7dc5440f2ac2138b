//! One group as it is kept.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::{self, Identity};
use super::realm::Realm;
use crate::model::clock::{SimTime, TimeScale};
use crate::model::flavors::{Size, needed, round_up};
use crate::model::lifecycle::{
    self, ContainerState, Event, FinishedRun, GroupTimeline, Phase, phase,
};
use crate::model::request::{decimal, is_set, objects, text, whole};

/// The code of a container whose group was failed from outside (128 + SIGKILL).
const KILLED: i32 = 137;
/// The oldest events beyond are dropped.
const MOST_NOTES: usize = 50;
/// GB of a disk without a given size (assumed).
const UNTOLD_DISK_SIZE: i64 = 40;

/// A container group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// The order of creation.
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) realm: Realm,
    pub(crate) identity: Identity,
    /// The requested description, in the page's spelling; without secrets.
    pub(crate) spec: Map<String, Value>,
    pub(crate) size: GroupSize,
    pub(crate) created: SimTime,
    pub(crate) courses: GroupTimeline,
    pub(crate) leaving: Option<DeletionTimes>,
    /// The time of an out-of-band failure.
    pub(crate) failed: Option<SimTime>,
    /// GB of the disks, by their id, where known.
    pub(crate) disk_sizes: BTreeMap<String, i64>,
    /// Events that do not follow from the courses.
    pub(crate) notes: Vec<Event>,
    /// The address of its elastic IP, where that was created here.
    #[serde(default)]
    pub(crate) address: Option<Ipv4Addr>,
}

/// The size in effect.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct GroupSize {
    pub(crate) cpu: f64,
    pub(crate) memory: f64,
}

/// The times of a delete: its start, and its end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeletionTimes {
    pub(crate) since: SimTime,
    #[serde(alias = "gone")]
    pub(crate) deleted_at: SimTime,
}

/// An object that only one group can have at a time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Claim {
    /// A cloud disk, by its id.
    Disk(String),
    /// An elastic IP, by its id.
    Address(String),
}

impl Claim {
    pub(crate) fn describe(&self) -> String {
        match self {
            Claim::Disk(id) => format!("disk {id}"),
            Claim::Address(id) => format!("eip {id}"),
        }
    }
}

impl Group {
    pub(crate) fn name(&self) -> &str {
        text(&self.spec, "containerGroupName")
    }

    /// Keys and values; a tag without value has an empty one.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        objects(&self.spec, "tags").map(|tag| (text(tag, "key"), text(tag, "value")))
    }

    pub(crate) fn intranet_ip(&self) -> Ipv4Addr {
        ids::intranet_ip(self.number)
    }

    /// Returns the elastic IP: the existing one, or the one that is created and released with the
    /// group.
    pub(crate) fn internet_ip(&self) -> Option<Ipv4Addr> {
        let eip = self.spec.get("eip")?.as_object()?;
        match text(eip, "eipInstanceId") {
            "" if is_set(eip, "autoCreateEip") => Some(ids::internet_ip(self.id.as_bytes())),
            "" => None,
            existing => self
                .address
                .or_else(|| Some(ids::internet_ip(existing.as_bytes()))),
        }
    }

    /// Returns the phase at `now`.
    pub(crate) fn phase(&self, now: SimTime, scale: TimeScale) -> Phase {
        let mut phase = phase(&self.courses, &self.spec, now, scale);
        if let Some(failed) = self.failed {
            phase.status = "Failed";
            phase.succeeded = None;
            phase.failed = Some(failed);
            for view in phase.init.iter_mut().chain(&mut phase.main) {
                if let ContainerState::Running(start) = view.standing {
                    view.ready = false;
                    view.standing = ContainerState::Ended(FinishedRun {
                        start,
                        finish: failed.max(start),
                        code: KILLED,
                    });
                }
            }
        }
        if self.leaving.is_some() {
            phase.status = "Terminating";
        }
        phase
    }

    /// Returns all events until `now`, in the order of time.
    pub(crate) fn events(&self, now: SimTime, scale: TimeScale) -> Vec<Event> {
        let until = self.failed.unwrap_or(now).min(now);
        let mut events = self.notes.clone();
        events.extend(lifecycle::events(&self.courses, &self.spec, until, scale));
        events.sort_by_key(|event| event.first);
        events
    }

    pub(crate) fn note(&mut self, event: Event) {
        self.notes.push(event);
        let extra = self.notes.len().saturating_sub(MOST_NOTES);
        self.notes.drain(..extra);
    }

    pub(crate) fn leave(&mut self, now: SimTime, scale: TimeScale, force: bool) {
        let takes = if force {
            Duration::ZERO
        } else {
            scale.takes(lifecycle::TERMINATING)
        };
        let deleted_at = now.plus(takes);
        let deleted_at = self
            .leaving
            .map_or(deleted_at, |before| before.deleted_at.min(deleted_at));
        let since = self.leaving.map_or(now, |before| before.since);
        self.leaving = Some(DeletionTimes { since, deleted_at });
    }

    pub(crate) fn claims(&self) -> Vec<Claim> {
        claims(&self.spec)
    }

    /// Returns the GB of one of its disks.
    pub(crate) fn disk_size(&self, disk: &str) -> i64 {
        let described = objects(&self.spec, "volumes")
            .filter_map(|volume| volume.get("diskVolume")?.as_object())
            .find(|settings| text(settings, "volumeHandle") == disk)
            .and_then(|settings| whole(settings, "volumeSize"));
        self.disk_sizes
            .get(disk)
            .copied()
            .or(described)
            .unwrap_or(UNTOLD_DISK_SIZE)
    }
}

/// Returns the objects that a group of this description would have exclusively.
pub(crate) fn claims(spec: &Map<String, Value>) -> Vec<Claim> {
    let disks = objects(spec, "volumes")
        .filter_map(|volume| volume.get("diskVolume")?.as_object())
        .map(|settings| Claim::Disk(text(settings, "volumeHandle").to_owned()));
    let address = spec
        .get("eip")
        .and_then(Value::as_object)
        .map(|eip| text(eip, "eipInstanceId"))
        .filter(|id| !id.is_empty())
        .map(|id| Claim::Address(id.to_owned()));
    disks.chain(address).collect()
}

/// Returns the size of a group of this description: what it says, and for what it does not say the
/// smallest size sold that holds its containers. `None` if none is large enough.
pub(crate) fn size(spec: &Map<String, Value>) -> Option<GroupSize> {
    let sizes = |list| {
        objects(spec, list).map(|container| Size {
            cpu: decimal(container, "cpu").unwrap_or(0.0),
            memory: decimal(container, "memory").unwrap_or(0.0),
        })
    };
    let said = (decimal(spec, "cpu"), decimal(spec, "memory"));
    if let (Some(cpu), Some(memory)) = said {
        return Some(GroupSize { cpu, memory });
    }
    let least = needed(sizes("containers"), sizes("initContainers"));
    let rounded = round_up(Size {
        cpu: said.0.unwrap_or(least.cpu),
        memory: said.1.unwrap_or(least.memory),
    })?;
    Some(GroupSize {
        cpu: said.0.unwrap_or(rounded.cpu),
        memory: said.1.unwrap_or(rounded.memory),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_deletion_with_a_former_key_is_read_and_written_with_the_key_of_today() {
        let leaving = DeletionTimes {
            since: SimTime::from_millis(1),
            deleted_at: SimTime::from_millis(2),
        };
        let written = serde_json::to_value(leaving).unwrap();
        let former = json!({ "since": written["since"], "gone": written["deleted_at"] });
        assert_eq!(
            serde_json::from_value::<DeletionTimes>(former).unwrap(),
            leaving
        );
    }
}
