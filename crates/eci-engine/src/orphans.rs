//! Search and deletion of orphaned resources: those that a state created and does not contain.

use std::collections::HashMap;

use eci_backend::{Backend, OpenState};
use eci_executor::orphans::{self, DeleteFailure, Orphan, not_in_state};
use eci_provider::RemoteId;
use eci_state::{Snapshot, Store as _};

use crate::engine::Engine;
use crate::error::EngineError;

/// An orphaned resource that was not deleted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UndeletedOrphan {
    /// The resource.
    pub orphan: Orphan,
    /// The reason.
    pub failure: DeleteFailure,
}

/// The outcome of a deletion of orphaned resources.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct OrphanDeletion {
    /// The resources that no longer exist.
    pub deleted: Vec<Orphan>,
    /// The resources that are left.
    pub left: Vec<UndeletedOrphan>,
}

impl Engine {
    /// Returns the orphaned resources of a state that is not locked, in the order of their creation.
    ///
    /// Those that a concurrent run has recorded meanwhile are left out.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// If the state belongs to another cloud or cannot be read, or a call fails.
    pub async fn find_orphans(
        &self,
        state: &Backend,
        snapshot: &Snapshot,
    ) -> Result<Vec<Orphan>, EngineError> {
        let orphans = self.orphans(state, snapshot).await?;
        let now = state.existing()?;
        Ok(not_in_state(now.as_ref().unwrap_or(snapshot), orphans))
    }

    /// Returns the orphaned resources of a locked state, to delete them: no run may record them meanwhile.
    ///
    /// Cancel safe, as [`Engine::find_orphans`].
    ///
    /// # Errors
    /// As [`Engine::find_orphans`].
    pub async fn find_orphans_locked(
        &self,
        state: &Backend,
        store: &OpenState,
    ) -> Result<Vec<Orphan>, EngineError> {
        self.orphans(state, store.snapshot()).await
    }

    async fn orphans(
        &self,
        state: &Backend,
        snapshot: &Snapshot,
    ) -> Result<Vec<Orphan>, EngineError> {
        let provider = self.provider();
        provider.check(state, snapshot)?;
        let past = state.backups()?;
        let adapter = provider.adapter().await?;
        Ok(orphans::find(snapshot, &past, adapter).await?)
    }

    /// Deletes orphaned resources of a locked state, and waits until they no longer exist.
    ///
    /// What the state contains by now is kept.
    ///
    /// Cancel safe: deletions that were begun go on, and repeating it does no harm.
    ///
    /// # Errors
    /// If a call fails. What was begun until then goes on.
    pub async fn delete_orphans(
        &self,
        store: &OpenState,
        orphans: Vec<Orphan>,
    ) -> Result<OrphanDeletion, EngineError> {
        let orphans = not_in_state(store.snapshot(), orphans);
        let adapter = self.provider().adapter().await?;
        let left = orphans::remove(adapter, &orphans, &self.options().apply).await?;
        let mut failures: HashMap<RemoteId, DeleteFailure> = left.into_iter().collect();
        let mut deletion = OrphanDeletion::default();
        for orphan in orphans {
            match failures.remove(&orphan.id) {
                None => deletion.deleted.push(orphan),
                Some(failure) => deletion.left.push(UndeletedOrphan { orphan, failure }),
            }
        }
        Ok(deletion)
    }
}
