//! `eci orphans --delete`, and what must be true of it.

use std::collections::BTreeSet;

use eci_executor::orphans::{DeleteFailure, find, remove};
use eci_provider::{ResourceProvider, Throttle};

use crate::crash_point::Fuse;
use crate::history::{CallConditions, History};
use crate::run::settings;

impl History {
    /// Deletes what a state has lost, disks too.
    ///
    /// Nothing else goes, and all of it goes that nothing uses.
    pub(crate) async fn delete_orphans(
        &mut self,
        at: usize,
        conditions: CallConditions,
    ) -> Result<(), String> {
        let fault_percent = match conditions {
            CallConditions::Good => 0,
            CallConditions::Bad => self.draws.one(&[5, 20]),
        };
        let cloud = self.cloud.reached(fault_percent, &Fuse::never());
        let state = &self.states[at];
        let cloud = cloud.of_state(&state.disk).without_intents();
        let provider = ResourceProvider::new(cloud, Throttle::default());
        let before: BTreeSet<String> = self.cloud.truth().into_keys().collect();
        let orphans = find(&state.snapshot(), &state.past, &provider).await;
        let (requested, removed) = match orphans {
            Ok(orphans) => {
                let requested: BTreeSet<String> =
                    orphans.iter().map(|orphan| orphan.id.to_string()).collect();
                (requested, remove(&provider, &orphans, &settings()).await)
            }
            Err(error) => (BTreeSet::new(), Err(error)),
        };
        let after: BTreeSet<String> = self.cloud.truth().into_keys().collect();
        self.cloud
            .note(|| format!("    orphans {requested:?} are deleted: {removed:?}"));
        let name = self.states[at].name;
        let mut deleted = before.difference(&after);
        if let Some(id) = deleted.find(|id| !self.states[at].orphaned.contains(*id)) {
            return Err(format!("4: {id} is deleted as an orphan of {name}"));
        }
        match removed {
            Ok(left) => {
                let is_left = |id: &&String| left.iter().any(|(left, _)| left.to_string() == **id);
                let stays = requested.intersection(&after).find(|id| !is_left(id));
                if let Some(id) = stays {
                    return Err(format!("7: {id} is said to be deleted, and is there"));
                }
                let in_use = |why: &DeleteFailure| matches!(why, DeleteFailure::InUse(user) if !requested.contains(user));
                let others = left.iter().find(|(_, why)| !in_use(why));
                if let (Some((id, why)), CallConditions::Good) = (others, conditions) {
                    return Err(format!("7: {id} is not deleted: {why:?}"));
                }
            }
            Err(error) if conditions == CallConditions::Good => {
                return Err(format!("7: the orphans are not deleted: {error}"));
            }
            Err(_) => {}
        }
        self.states[at].orphaned.retain(|id| after.contains(id));
        Ok(())
    }
}
