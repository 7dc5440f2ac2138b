//! Reads of many resources at a time.
//!
//! A list may lack a row, be capped, be out of date, or be none at all, and says nothing of it.
//!
//! **Invariant:** a resource is missing from what is returned here only where the call that
//! describes it alone says that it is gone. Every other answer to that call is an error.

use std::collections::{BTreeMap, HashMap, HashSet};

use eci_api::api::MOST_IDS;
use eci_api::types::{ContainerGroupFilter, ContainerGroupId, DiskId, EipFilter, EipId};
use eci_api::{Api, CallError};
use eci_core::Kind;
use tokio::task::JoinSet;

use crate::complete_list::is_incomplete;
use crate::provider::Provider;
use crate::remote::{RemoteId, RemoteObject};
use crate::seen::Seen;
use crate::services::Cloud;

/// How many reads go at once.
const MOST_READS: usize = 10;

/// So many disks are described one by one. More are read in pages, which tell less of each.
const MOST_SINGLE: usize = 50;

impl<A: Cloud + 'static> Provider<A> {
    /// Many things as they are now; those that are gone are missing.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn describe_many(
        &self,
        ids: &[RemoteId],
    ) -> Result<HashMap<RemoteId, RemoteObject>, CallError> {
        let mut looks = HashMap::with_capacity(ids.len());
        self.describe_each(ids, |id, look| {
            looks.insert(id, look);
        })
        .await?;
        Ok(looks)
    }

    /// The same, one by one as they arrive: many groups with all that is told of them take a
    /// lot of memory.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn describe_each(
        &self,
        ids: &[RemoteId],
        mut see: impl FnMut(RemoteId, RemoteObject),
    ) -> Result<(), CallError> {
        let (mut groups, mut eips, mut disks) = (Vec::new(), Vec::new(), Vec::new());
        for id in ids {
            match id {
                RemoteId::Group(id) => groups.push(id.clone()),
                RemoteId::Eip(id) => eips.push(id.clone()),
                RemoteId::Disk(id) => disks.push(id.clone()),
            }
        }
        let mut see = |kind: Kind, look: RemoteObject| {
            // What the cloud calls by an id that is none was not asked for.
            if let Ok(id) = RemoteId::new(kind, &look.id) {
                see(id, look);
            }
        };
        self.describe_each_group(&groups, |seen| {
            see(Kind::ContainerGroup, RemoteObject::from(seen))
        })
        .await?;
        for eip in self.eips(&eips).await? {
            see(Kind::Eip, eip);
        }
        for disk in self.disks(&disks).await? {
            see(Kind::Volume, disk);
        }
        Ok(())
    }

    /// Many EIPs as they are now, in the order of their ids; those that are gone are missing.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn eips(&self, ids: &[EipId]) -> Result<Vec<RemoteObject>, CallError> {
        let ids = distinct(ids);
        let pages = ids.chunks(MOST_IDS).map(|page| {
            let (provider, page) = (self.clone(), page.to_vec());
            async move { provider.page_of_eips(page).await }
        });
        let mut looks = BTreeMap::new();
        concurrently(pages, |page| {
            looks.extend(page.into_iter().map(|look| (look.id.clone(), look)));
        })
        .await?;
        Ok(looks.into_values().collect())
    }

    async fn page_of_eips(&self, ids: Vec<EipId>) -> Result<Vec<RemoteObject>, CallError> {
        let filter = EipFilter {
            ids: ids.clone(),
            page_size: i64::try_from(MOST_IDS).ok(),
            ..EipFilter::default()
        };
        let listed = absent_if_unknown(self.page_of_listed_eips(&filter).await)?;
        let (mut looks, missing) = asked_for(ids, listed, |look| EipId::new(look.id.clone()).ok());
        for id in missing {
            looks.extend(self.eip(&id).await?);
        }
        Ok(looks)
    }

    /// Many disks as they are now, in the order of their ids; those that are gone are missing.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn disks(&self, ids: &[DiskId]) -> Result<Vec<RemoteObject>, CallError> {
        let ids = distinct(ids);
        let (mut looks, missing) = if ids.len() > MOST_SINGLE {
            let listed = match self.all_disks().await {
                // Each that is missing is described.
                Err(error) if is_incomplete(&error) => Vec::new(),
                listed => listed?,
            };
            asked_for(ids, listed, |look| DiskId::new(look.id.clone()).ok())
        } else {
            (Vec::new(), ids)
        };
        let single = missing.into_iter().map(|id| {
            let provider = self.clone();
            async move { provider.disk(&id).await }
        });
        concurrently(single, |look| looks.extend(look)).await?;
        looks.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(looks)
    }
}

impl<A: Api + 'static> Provider<A> {
    /// Many groups as they are now, by id; those that are gone are missing.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn describe_groups(
        &self,
        ids: &[ContainerGroupId],
    ) -> Result<HashMap<String, Seen>, CallError> {
        let mut seen = HashMap::with_capacity(ids.len());
        self.describe_each_group(ids, |group| {
            seen.insert(group.id.clone(), group);
        })
        .await?;
        Ok(seen)
    }

    /// Many groups as they are now, one by one as they arrive; those that are gone are missing.
    /// Asked for in pages, several at once, each of them read where it arrives.
    async fn describe_each_group(
        &self,
        ids: &[ContainerGroupId],
        mut see: impl FnMut(Seen),
    ) -> Result<(), CallError> {
        let ids = distinct(ids);
        let pages = ids.chunks(MOST_IDS).map(|page| {
            let (provider, page) = (self.clone(), page.to_vec());
            async move { provider.page(page).await }
        });
        concurrently(pages, |groups| groups.into_iter().for_each(&mut see)).await
    }

    async fn page(&self, ids: Vec<ContainerGroupId>) -> Result<Vec<Seen>, CallError> {
        let filter = ContainerGroupFilter {
            limit: i64::try_from(ids.len()).ok(),
            container_group_ids: ids.clone(),
            ..ContainerGroupFilter::default()
        };
        let listed = self.call_idempotent(|| self.api().describe_container_groups(&filter));
        let listed = listed.await.map(|page| page.container_groups);
        let listed = absent_if_unknown(listed)?;
        let id = |group: &eci_api::types::DescribedGroup| Some(group.container_group_id.clone());
        let (groups, missing) = asked_for(ids, listed, id);
        let mut seen: Vec<Seen> = groups.into_iter().map(Seen::new).collect();
        for id in missing {
            seen.extend(self.describe_group(&id).await?);
        }
        Ok(seen)
    }
}

/// Makes calls, at most [`MOST_READS`] at a time, and takes what they return as it arrives.
async fn concurrently<T, F>(
    calls: impl IntoIterator<Item = F>,
    mut take: impl FnMut(T),
) -> Result<(), CallError>
where
    T: Send + 'static,
    F: Future<Output = Result<T, CallError>> + Send + 'static,
{
    let mut calls = calls.into_iter();
    let mut reads = JoinSet::new();
    loop {
        while reads.len() < MOST_READS
            && let Some(call) = calls.next()
        {
            reads.spawn(call);
        }
        match reads.join_next().await {
            None => return Ok(()),
            Some(Ok(read)) => take(read?),
            Some(Err(ended)) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Nobody cancels these reads.
                Err(_) => continue,
            },
        }
    }
}

/// Of what was listed, what was asked for, each once; and the ids that were not listed.
fn asked_for<I: PartialEq, T>(
    mut ids: Vec<I>,
    listed: Vec<T>,
    id: impl Fn(&T) -> Option<I>,
) -> (Vec<T>, Vec<I>) {
    let mut found = Vec::with_capacity(listed.len());
    for item in listed {
        let at = id(&item).and_then(|id| ids.iter().position(|asked| *asked == id));
        if let Some(at) = at {
            ids.swap_remove(at);
            found.push(item);
        }
    }
    (found, ids)
}

/// A list that answers as if it did not know what it was asked for is one without rows.
fn absent_if_unknown<T>(listed: Result<Vec<T>, CallError>) -> Result<Vec<T>, CallError> {
    match listed {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        listed => listed,
    }
}

fn distinct<I: Clone + Eq + std::hash::Hash>(ids: &[I]) -> Vec<I> {
    let mut known = HashSet::with_capacity(ids.len());
    let new = ids.iter().filter(|id| known.insert(*id));
    new.cloned().collect()
}
