//! What must hold after a run died, and after the next one has finished its work.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use eci_core::OperationTag;
use eci_sandbox::{Deed, LedgerEntry};
use eci_state::{Deed as Intended, LocalStore, Snapshot, StateError};
use serde_json::Value;

use super::world::{Expected, World};

/// Something that must not be.
#[derive(Debug, thiserror::Error)]
pub enum Violation {
    /// A group is there that neither the state nor an open intent knows.
    #[error("the group {id} ({name}) is there, and neither the state nor an open intent knows it")]
    Lost {
        /// Its id.
        id: String,
        /// Its name.
        name: String,
    },
    /// Groups were made too often, or not.
    #[error("made were {made:?}, wanted were {wanted:?}")]
    Made {
        /// How often which was made.
        made: BTreeMap<String, usize>,
        /// How often which was to be made.
        wanted: BTreeMap<String, usize>,
    },
    /// Two groups carry the tag of one create.
    #[error("two groups were made with the operation tag {tag}")]
    Twice {
        /// The tag.
        tag: String,
    },
    /// What is there is not what is wanted.
    #[error("there are {there:?}, wanted are {wanted:?}")]
    There {
        /// Names and images.
        there: Vec<(String, String)>,
        /// Names and images.
        wanted: Vec<(String, String)>,
    },
    /// The state knows a group that is not there.
    #[error("the state knows {known:?}, there are {there:?}")]
    State {
        /// The ids in the state.
        known: BTreeSet<String>,
        /// The ids in the cloud.
        there: BTreeSet<String>,
    },
    /// An intent is open though a run came to its end.
    #[error("{0} intents are open after a run came to its end")]
    Open(usize),
    /// A run did not end as it must.
    #[error("{what}: {run}")]
    Ended {
        /// What was expected.
        what: &'static str,
        /// What it was.
        run: String,
    },
    /// A state that a dead run left cannot be read.
    #[error("the state that is left cannot be read: {0}")]
    Unreadable(#[from] StateError),
}

/// Whether every group that is there is known, at whatever moment a run died.
///
/// # Errors
///
/// If one is not.
pub fn nothing_is_lost(world: &World) -> Result<(), Violation> {
    // First what is there: a call under way may still be done while this looks at the state.
    let there = world.cloud.groups();
    let state = state(world)?;
    let mut known = ids(&state);
    let mut operations = BTreeSet::new();
    for open in &state.open {
        match &open.deed {
            Intended::Create { operation, .. } => drop(operations.insert(operation.to_string())),
            Intended::Delete { id } => drop(known.insert(id.clone())),
            Intended::Update { .. } => {}
        }
    }
    for group in &there {
        let tag = operation(group);
        if !known.contains(text(group, "containerGroupId")) && !operations.contains(&tag) {
            return Err(Violation::Lost {
                id: text(group, "containerGroupId").to_owned(),
                name: text(group, "containerGroupName").to_owned(),
            });
        }
    }
    Ok(())
}

/// Whether all is there that is wanted, each once, and was made no more often than it had to be
/// since the ledger had so many entries; and whether the state knows that, and plans nothing.
///
/// # Errors
///
/// If not.
pub fn all_is_done(world: &World, since: usize, expected: &Expected) -> Result<(), Violation> {
    let ledger = world.cloud.sandbox().ledger();
    made(&ledger[since..], expected)?;
    let groups = world.cloud.groups();
    let there: Vec<(String, String)> = groups
        .iter()
        .map(|group| {
            let image = group["containers"][0]["image"].as_str().unwrap_or_default();
            let name = text(group, "containerGroupName");
            (name.to_owned(), image.to_owned())
        })
        .collect();
    let wanted: Vec<(String, String)> = expected.groups.clone().into_iter().collect();
    if there != wanted {
        return Err(Violation::There { there, wanted });
    }
    let state = state(world)?;
    let there: BTreeSet<String> = groups
        .iter()
        .map(|group| text(group, "containerGroupId").to_owned())
        .collect();
    let known = ids(&state);
    if known != there {
        return Err(Violation::State { known, there });
    }
    if !state.open.is_empty() {
        return Err(Violation::Open(state.open.len()));
    }
    let plan = world.plan().run();
    match plan.code() {
        0 => Ok(()),
        _ => Err(Violation::Ended {
            what: "nothing is left to plan",
            run: plan.to_string(),
        }),
    }
}

fn made(ledger: &[LedgerEntry], expected: &Expected) -> Result<(), Violation> {
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    let mut tags = BTreeSet::new();
    for entry in ledger.iter().filter(|entry| entry.deed == Deed::Create) {
        *made.entry(entry.name.clone()).or_default() += 1;
        let tag = entry.tags.get(OperationTag::KEY).cloned();
        let tag = tag.unwrap_or_default();
        if !tags.insert(tag.clone()) {
            return Err(Violation::Twice { tag });
        }
    }
    match made == expected.made {
        true => Ok(()),
        false => Err(Violation::Made {
            made,
            wanted: expected.made.clone(),
        }),
    }
}

fn state(world: &World) -> Result<Snapshot, StateError> {
    let directory: &Path = world.project.path();
    LocalStore::read(&directory.join("state"))
}

fn ids(state: &Snapshot) -> BTreeSet<String> {
    let resources = state.resources.values();
    resources.filter_map(|it| it.id.clone()).collect()
}

fn text<'a>(group: &'a Value, name: &str) -> &'a str {
    group[name].as_str().unwrap_or_default()
}

fn operation(group: &Value) -> String {
    let tags = group["tags"].as_array().map(Vec::as_slice);
    let tag = tags
        .unwrap_or_default()
        .iter()
        .find(|tag| tag["key"] == OperationTag::KEY);
    tag.map(|tag| text(tag, "value").to_owned())
        .unwrap_or_default()
}
