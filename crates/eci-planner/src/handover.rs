//! What only one group can have at a time: it is taken from one before the other gets it, and
//! before it goes.

use std::collections::HashMap;

use eci_core::{Kind, Map, Value};

use crate::document::Step;
use crate::graph::Graph;
use crate::task::{Deed, Task};

/// Makes each task that gives a group an EIP or a disk, or deletes that, wait for the one that
/// takes it from another group. Where that would close a circle, two groups that swap what they have or
/// need one another, the tasks stay as they are, and the cloud's refusal is waited out.
pub(crate) fn order(steps: &[Step], tasks: &mut [Task]) {
    let mut givers: HashMap<String, usize> = HashMap::new();
    for (at, task) in tasks.iter().enumerate() {
        let step = &steps[task.step];
        let takes = match task.deed {
            Deed::Delete => true,
            Deed::Update => !step.rebinds,
            _ => false,
        };
        if !takes {
            continue;
        }
        let kept = match task.deed {
            Deed::Update => held(step.desired.as_deref()),
            _ => Vec::new(),
        };
        let before = step.state.as_ref().map(|state| &*state.applied);
        for thing in held(before)
            .into_iter()
            .filter(|thing| !kept.contains(thing))
        {
            givers.insert(thing, at);
        }
    }
    if givers.is_empty() {
        return;
    }
    let mut added = Vec::new();
    for (at, task) in tasks.iter().enumerate() {
        let step = &steps[task.step];
        let wanted = match task.deed {
            Deed::Create | Deed::Update => held(step.desired.as_deref()),
            Deed::Delete => itself(step).into_iter().collect(),
            _ => continue,
        };
        for thing in wanted {
            let giver = givers.get(&thing).copied();
            let other = giver.filter(|giver| tasks[*giver].step != task.step);
            added.extend(other.map(|giver| (at, giver)));
        }
    }
    for (taker, giver) in &added {
        tasks[*taker].needs.push(*giver);
    }
    let needs: Vec<Vec<usize>> = tasks.iter().map(|task| task.needs.clone()).collect();
    if !added.is_empty() && Graph::new(&needs).order().is_err() {
        for (taker, giver) in added {
            tasks[taker].needs.retain(|need| *need != giver);
        }
    }
}

/// What groups have where they have this.
fn itself(step: &Step) -> Option<String> {
    let word = match step.address.kind() {
        Kind::ContainerGroup => return None,
        Kind::Eip => "eip",
        Kind::Volume => "disk",
    };
    step.id.as_ref().map(|id| format!("{word} {id}"))
}

/// The EIP and the disks of a group that have a life of their own.
fn held(attributes: Option<&Map>) -> Vec<String> {
    let Some(attributes) = attributes else {
        return Vec::new();
    };
    let eip = attributes
        .get("eip")
        .and_then(|eip| eip.get("id")?.as_str());
    let volumes = attributes.get("volumes").and_then(Value::as_list);
    let disks = volumes
        .into_iter()
        .flatten()
        .filter_map(|volume| volume.get("volume_handle")?.as_str());
    eip.into_iter()
        .map(|id| format!("eip {id}"))
        .chain(disks.map(|id| format!("disk {id}")))
        .collect()
}
