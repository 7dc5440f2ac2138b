//! The writing calls: what was called, and what it changed.

use std::collections::BTreeMap;

use eci_api::{CallError, Operation};
use serde_json::Value;

use crate::world::World;

/// Everything that the cloud has, by its id.
pub(crate) type Truth = BTreeMap<String, Value>;

/// A writing call, as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) operation: Operation,
    /// The id of what it is about, or the tag or the token of what it creates.
    pub(crate) about: String,
    /// Nothing as long as it was not received.
    pub(crate) effect: Option<Effect>,
}

/// The effect of a call.
#[derive(Clone, Debug)]
pub(crate) struct Effect {
    /// The reason why it was refused.
    pub(crate) refused: Option<String>,
    /// The objects that it changed, before and after.
    pub(crate) changed: Vec<(String, Option<Value>, Option<Value>)>,
}

impl World {
    /// Everything that there is, as it is.
    pub(super) fn truth(&self) -> Truth {
        let groups = self.groups.iter();
        let groups = groups.filter(|(_, group)| group.deleted_at.is_none());
        let groups = groups.map(|(id, group)| (id.clone(), group.report.clone()));
        let eips = self.services.eips.clone();
        groups
            .chain(eips)
            .chain(self.services.disks.clone())
            .collect()
    }

    /// Notes a call that is about to be sent, and gives its number.
    pub(super) fn log_call(&mut self, operation: Operation, about: &str) -> Option<usize> {
        let log = self.log.as_mut().filter(|_| operation.changes())?;
        log.push(Call {
            operation,
            about: about.to_owned(),
            effect: None,
        });
        Some(log.len() - 1)
    }

    /// Receives a call, and notes what it does.
    pub(super) fn logged<T>(
        &mut self,
        entry: Option<usize>,
        act: impl FnOnce(&mut World) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let Some(entry) = entry else {
            return act(self);
        };
        self.advance();
        let before = self.truth();
        let done = act(self);
        let mut after = self.truth();
        let mut changed = Vec::new();
        for (id, old) in before {
            let new = after.remove(&id);
            if new.as_ref() != Some(&old) {
                changed.push((id, Some(old), new));
            }
        }
        changed.extend(after.into_iter().map(|(id, new)| (id, None, Some(new))));
        let refused = done.as_ref().err().map(ToString::to_string);
        if let Some(log) = &mut self.log {
            log[entry].effect = Some(Effect { refused, changed });
        }
        done
    }
}
