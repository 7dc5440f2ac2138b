//! Outputs before and after.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use eci_config::{Output, Scope};
use eci_core::diagnostic::Severity;
use eci_core::{Address, Diagnostic, Diagnostics, DigestKey, Value};
use eci_state::OutputState;
use eci_text::text;

use crate::model::OutputChange;
use crate::selection::Selection;

/// The outputs of a configuration, and what their changes follow from.
pub(crate) struct OutputInput<'a> {
    pub(crate) outputs: &'a [Arc<Output>],
    pub(crate) recorded: &'a BTreeMap<String, OutputState>,
    pub(crate) scope: &'a dyn Scope,
    pub(crate) selection: &'a Selection,
    pub(crate) key: &'a DigestKey,
}

/// Returns the changes of outputs: of those of the configuration, then of those it no longer has.
///
/// A partial plan leaves those out that refer to what it does not cover, and those that the
/// configuration no longer has: they keep their values.
pub(crate) fn changes(
    input: &OutputInput<'_>,
    problems: &mut Diagnostics,
    warnings: &mut Diagnostics,
) -> Vec<OutputChange> {
    let OutputInput {
        outputs,
        recorded,
        scope,
        selection,
        key,
    } = *input;
    let mut changes = Vec::new();
    let is_known = |output: &&Arc<Output>| {
        let mut references = output.references.iter();
        references.all(|address| selection.has(address))
    };
    for output in outputs.iter().filter(is_known) {
        let after = match output.evaluate(scope) {
            Ok(after) => after,
            // A mistake of the configuration alone.
            Err(diagnostics) if output.references.is_empty() => {
                problems.0.extend(diagnostics.0);
                continue;
            }
            Err(diagnostics) => {
                warnings
                    .0
                    .extend(diagnostics.0.into_iter().map(|it| kept(&output.name, it)));
                changes.push(failed(output, recorded.get(&output.name)));
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
            failed: false,
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

/// Leaves those outputs alone that a refresh does not know: they keep their values.
pub(crate) fn keep_unknown(changes: &mut [OutputChange]) {
    for change in changes.iter_mut().filter(|it| it.after.has_unknown()) {
        change.after = change.before.clone();
        change.changed = false;
    }
}

/// Returns an output that keeps its value, as it cannot be evaluated with what its resources have now: that
/// holds up nothing else.
fn failed(output: &Arc<Output>, before: Option<&OutputState>) -> OutputChange {
    let is_hidden = output.sensitive || before.is_some_and(|before| before.sensitive);
    let value = before.map(|before| before.value.clone());
    let value = hide_if(is_hidden, value.unwrap_or_default());
    OutputChange {
        name: output.name.clone(),
        before: value.clone(),
        after: value,
        sensitive: output.sensitive,
        changed: false,
        failed: true,
        output: Some(Arc::clone(output)),
    }
}

/// Marks a problem of an output as one that does not stop the plan.
fn kept(name: &str, mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.severity = Severity::Warning;
    diagnostic.message = text!(
        en: "cannot evaluate output `{name}`, which keeps its value: {cause}",
        zh: "无法计算输出 `{name}`，将保留原值：{cause}",
        name = name,
        cause = diagnostic.message
    );
    diagnostic
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

/// Returns all outputs go with the rest.
pub(crate) fn removals(recorded: &BTreeMap<String, OutputState>) -> Vec<OutputChange> {
    recorded
        .iter()
        .map(|(name, before)| removed(name, before))
        .collect()
}

/// Returns the outputs that go with the resources that a partial plan deletes; all others keep their
/// values.
pub(crate) fn removals_of(
    outputs: &[Arc<Output>],
    recorded: &BTreeMap<String, OutputState>,
    deleted: &HashSet<&Address>,
) -> Vec<OutputChange> {
    let is_removed = |output: &&Arc<Output>| {
        let mut references = output.references.iter();
        references.any(|address| deleted.contains(address))
    };
    let removals = outputs.iter().filter(is_removed);
    removals
        .filter_map(|output| Some(removed(&output.name, recorded.get(&output.name)?)))
        .collect()
}

fn removed(name: &str, before: &OutputState) -> OutputChange {
    OutputChange {
        name: name.to_owned(),
        before: before.value.clone(),
        after: Value::Null,
        sensitive: before.sensitive,
        changed: true,
        failed: false,
        output: None,
    }
}
