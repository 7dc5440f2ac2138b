//! Container groups that carry the operation tag of one create: a proxy sent it twice, or a call
//! that was considered lost arrived late.

use std::collections::{BTreeMap, HashSet};

use eci_api::{CallError, Status};
use eci_core::{Address, OperationTag};
use eci_planner::TaskKind;
use eci_provider::{Cloud, ObservedGroup, ResourceProvider};
use futures::future::try_join_all;

use super::data::Run;
use crate::apply_error::ApplyError;
use crate::error::TaskError;
use crate::stop::StopMode;

/// The most tags that are looked up one by one; more of them with one list of all groups.
const FEW: usize = 20;

impl<A: Cloud + 'static> Run<'_, A> {
    /// Looks up once more, at the end of the run, what carries the tags of its creates.
    ///
    /// What the state does not have is reported, and an open intent makes the next plan delete it.
    pub(super) async fn find_duplicates(&mut self) -> Result<(), ApplyError> {
        if self.stopped.mode() != StopMode::Run {
            return Ok(());
        }
        let resources = &self.store.snapshot().resources;
        let created = self.created.iter().filter_map(|address| {
            let operation = resources.get(address)?.operation.clone()?;
            Some((operation, address.clone()))
        });
        let created: BTreeMap<OperationTag, Address> = created.collect();
        let found = tokio::select! {
            biased;
            () = self.stopped.changed() => return Ok(()),
            found = carrying(self.provider, &created) => found,
        };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.outcome.unverified = Some(error);
                return Ok(());
            }
        };
        let known = resources.values().filter_map(|state| state.id.as_deref());
        let known: HashSet<&str> = known.collect();
        let mut duplicates: BTreeMap<Address, Vec<String>> = BTreeMap::new();
        for group in found {
            let address = group.operation.as_ref().and_then(|tag| created.get(tag));
            let is_other = !known.contains(&*group.id) && group.status != Status::Terminating;
            if let (Some(address), true) = (address, is_other) {
                let ids = duplicates.entry(address.clone()).or_default();
                ids.push(group.id);
            }
        }
        for (address, ids) in duplicates {
            self.report_duplicates(address, ids);
        }
        self.append()
    }

    fn report_duplicates(&mut self, address: Address, ids: Vec<String>) {
        for id in &ids {
            self.leave_to_delete(&address, id.clone());
        }
        self.report_failure(address, TaskKind::Create, TaskError::Duplicated { ids });
    }
}

/// Returns the groups that carry one of these tags, and maybe others.
async fn carrying<A: Cloud + 'static>(
    provider: &ResourceProvider<A>,
    created: &BTreeMap<OperationTag, Address>,
) -> Result<Vec<ObservedGroup>, CallError> {
    if created.len() > FEW {
        return provider.all_tags().await;
    }
    let searches = created.keys().map(|operation| provider.find(operation));
    let found = try_join_all(searches).await?;
    Ok(found.into_iter().flatten().collect())
}
