//! Outputs before and after.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use eci_config::{Output, Scope};
use eci_core::{Address, Diagnostics, DigestKey, Value};
use eci_state::OutputState;

use crate::document::OutputChange;
use crate::selection::Selection;

/// What becomes of the outputs: those of the configuration, then those it no longer has. A partial
/// plan leaves those out that refer to what it is not about, and those that the configuration no
/// longer has: they keep their values.
pub(crate) fn changes(
    outputs: &[Arc<Output>],
    recorded: &BTreeMap<String, OutputState>,
    scope: &dyn Scope,
    selection: &Selection,
    key: &DigestKey,
    problems: &mut Diagnostics,
) -> Vec<OutputChange> {
    let mut changes = Vec::new();
    let is_known = |output: &&Arc<Output>| {
        let mut references = output.references.iter();
        references.all(|address| selection.has(address))
    };
    for output in outputs.iter().filter(is_known) {
        let after = match output.evaluate(scope) {
            Ok(after) => after,
            Err(diagnostics) => {
                problems.0.extend(diagnostics.0);
                continue;
            }
        };
        let after = if output.sensitive {
            after.into_sensitive()
        } else {
            after
        };
        let before = recorded.get(&output.name);
        let changed = match before {
            Some(before) => before.value != key.redact(&after) || after.has_unknown(),
            None => true,
        };
        let was_sensitive = before.is_some_and(|before| before.sensitive);
        let before = before
            .map(|before| before.value.clone())
            .unwrap_or_default();
        let is_hidden = was_sensitive || output.sensitive;
        changes.push(OutputChange {
            name: output.name.clone(),
            before: hide_if(is_hidden, before),
            after: hide_if(is_hidden, after),
            sensitive: output.sensitive,
            changed,
            output: Some(Arc::clone(output)),
        });
    }
    if !selection.is_all() {
        return changes;
    }
    let named: BTreeSet<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
    for (name, before) in recorded {
        if !named.contains(name.as_str()) {
            changes.push(removed(name, before));
        }
    }
    changes
}

/// Marks a value as sensitive where it is to be hidden.
///
/// Both sides of an output are hidden that becomes sensitive or no longer is: the one in clear may
/// be the same as the other.
fn hide_if(is_hidden: bool, value: Value) -> Value {
    match value {
        Value::Null => Value::Null,
        value if is_hidden => value.into_sensitive(),
        value => value,
    }
}

/// All outputs go with the rest.
pub(crate) fn removals(recorded: &BTreeMap<String, OutputState>) -> Vec<OutputChange> {
    recorded
        .iter()
        .map(|(name, before)| removed(name, before))
        .collect()
}

/// The outputs that go with the resources that a partial plan deletes; all others keep their
/// values.
pub(crate) fn removals_of(
    outputs: &[Arc<Output>],
    recorded: &BTreeMap<String, OutputState>,
    deleted: &HashSet<&Address>,
) -> Vec<OutputChange> {
    let goes = |output: &&Arc<Output>| {
        let mut references = output.references.iter();
        references.any(|address| deleted.contains(address))
    };
    let gone = outputs.iter().filter(goes);
    gone.filter_map(|output| Some(removed(&output.name, recorded.get(&output.name)?)))
        .collect()
}

fn removed(name: &str, before: &OutputState) -> OutputChange {
    OutputChange {
        name: name.to_owned(),
        before: before.value.clone(),
        after: Value::Null,
        sensitive: before.sensitive,
        changed: true,
        output: None,
    }
}
