//! The calls as traits, one for each service, so that a simulation can replace the cloud.

mod disk;
mod eip;
pub(crate) mod limits;
mod order;
mod pages;
mod region;

pub use disk::{DiskApi, every_disk};
pub use eip::{EipApi, every_eip};
pub use limits::{LARGEST_DISK_PAGE, LARGEST_EIP_PAGE, LARGEST_PAGE, MOST_IDS, MOST_SHARING};
pub use order::OrderApi;
pub use pages::{
    LONGEST_LIST, Limits, MOST_BYTES, MOST_ITEMS, MOST_PAGES, MOST_STALE_PAGES, Page, Pages,
    weight_of_events,
};
pub use region::RegionApi;

use std::collections::HashSet;
use std::future::Future;

use crate::error::CallError;
use crate::operation::Operation;
use crate::types::{
    Acknowledgement, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId,
    ContainerGroupPage, ContainerLog, CreateContainerGroup, DeleteMode, DescribedGroup, EventPage,
    ExecAnswer, ExecContainerCommand, GroupIds, LogExcerpt, Price, PriceQuery, RequestSecrets,
    ResizeContainerGroupVolume, StatusPage, UpdateContainerGroup,
};

/// The calls of container groups, one method each.
///
/// Reads are cancel safe. A dropped call that changes a resource may have taken effect: orders are repeated
/// with the same [`ClientToken`](crate::types::ClientToken), groups are found by their tags.
pub trait Api: Send + Sync {
    /// Redacts these secrets in errors and logs of all later calls.
    ///
    /// The requests of groups bring their own; names of EIPs and disks, for example, can be secret as
    /// well.
    fn hide(&self, secrets: &RequestSecrets) {
        let _ = secrets;
    }

    /// Returns whether the cloud's time is known from one of its answers.
    fn knows_time(&self) -> bool {
        false
    }

    /// Covers the known secrets in a text of the cloud.
    fn redacted(&self, text: &str) -> String {
        text.to_owned()
    }

    /// Returns whether a text of the cloud contains one of these secrets.
    fn quotes(&self, text: &str) -> bool {
        let _ = text;
        false
    }

    /// Creates a container group.
    ///
    /// The call has no token that would make a second call harmless.
    fn create_container_group(
        &self,
        request: &CreateContainerGroup,
    ) -> impl Future<Output = Result<ContainerGroupCreated, CallError>> + Send;

    /// Reads one group.
    fn describe_container_group(
        &self,
        id: &ContainerGroupId,
    ) -> impl Future<Output = Result<DescribedGroup, CallError>> + Send;

    /// Reads one page of the groups that the filter lets through.
    fn describe_container_groups(
        &self,
        filter: &ContainerGroupFilter,
    ) -> impl Future<Output = Result<ContainerGroupPage, CallError>> + Send;

    /// Changes a group in place.
    fn update_container_group(
        &self,
        id: &ContainerGroupId,
        request: &UpdateContainerGroup,
    ) -> impl Future<Output = Result<Acknowledgement, CallError>> + Send;

    /// Restarts a group.
    fn restart_container_group(
        &self,
        id: &ContainerGroupId,
    ) -> impl Future<Output = Result<Acknowledgement, CallError>> + Send;

    /// Deletes a group.
    fn delete_container_group(
        &self,
        id: &ContainerGroupId,
        mode: DeleteMode,
    ) -> impl Future<Output = Result<Acknowledgement, CallError>> + Send;

    /// Reads the statuses of many groups, and nothing else of them.
    fn describe_container_group_status(
        &self,
        ids: &GroupIds,
    ) -> impl Future<Output = Result<StatusPage, CallError>> + Send;

    /// Reads the events of container groups.
    fn describe_container_group_event(
        &self,
        ids: &GroupIds,
    ) -> impl Future<Output = Result<EventPage, CallError>> + Send;

    /// Reads what a container wrote.
    fn describe_container_log(
        &self,
        id: &ContainerGroupId,
        excerpt: &LogExcerpt,
    ) -> impl Future<Output = Result<ContainerLog, CallError>> + Send;

    /// Asks what a group would cost.
    fn describe_container_group_price(
        &self,
        query: &PriceQuery,
    ) -> impl Future<Output = Result<Price, CallError>> + Send;

    /// Runs a command in a container.
    fn exec_container_command(
        &self,
        request: &ExecContainerCommand,
    ) -> impl Future<Output = Result<ExecAnswer, CallError>> + Send;

    /// Begins to grow a disk that a group has mounted.
    ///
    /// What is on it stays; the file system does not grow with it.
    fn resize_container_group_volume(
        &self,
        request: &ResizeContainerGroupVolume,
    ) -> impl Future<Output = Result<Acknowledgement, CallError>> + Send;

    /// Reads all groups that the filter lets through, page after page.
    fn list_container_groups(
        &self,
        filter: &ContainerGroupFilter,
    ) -> impl Future<Output = Result<Vec<DescribedGroup>, CallError>> + Send {
        every_page(filter.clone(), move |filter| async move {
            self.describe_container_groups(&filter).await
        })
    }
}

/// Reads all groups that the filter lets through by a call that reads one page.
///
/// Each of them is returned once, however often it was listed. More than [`MOST_IDS`] IDs are
/// requested by several queries.
///
/// Cancel safe if the call is.
///
/// # Errors
/// The first error of a page, or that they have no end, or that the list is incomplete by its own
/// total. All of them are read or none: with a part of them, the other groups would look deleted.
pub async fn every_page<F>(
    mut filter: ContainerGroupFilter,
    page: impl Fn(ContainerGroupFilter) -> F,
) -> Result<Vec<DescribedGroup>, CallError>
where
    F: Future<Output = Result<ContainerGroupPage, CallError>>,
{
    filter.limit.get_or_insert(LARGEST_PAGE);
    let ids = std::mem::take(&mut filter.container_group_ids);
    let mut groups = Vec::new();
    let mut known = HashSet::new();
    let queries = ids.chunks(MOST_IDS).map(<[_]>::to_vec);
    let all = ids.is_empty().then(Vec::new);
    for container_group_ids in queries.chain(all) {
        let mut filter = ContainerGroupFilter {
            container_group_ids,
            ..filter.clone()
        };
        let mut pages = Pages::of(Operation::DescribeContainerGroups);
        loop {
            let page = page(filter.clone()).await?;
            let reports = page.container_groups.iter().map(|group| &group.raw);
            let (items, bytes) = (
                page.container_groups.len(),
                pages::weight::<DescribedGroup>(reports),
            );
            let mut new = page.container_groups;
            new.retain(|group| known.insert(group.container_group_id.clone()));
            pages.take(Page {
                items,
                new: new.len(),
                bytes,
                total: page.total_count,
            })?;
            groups.extend(new);
            let Some(token) = page.next_token else {
                break;
            };
            filter.next_token = Some(pages.after(token)?);
        }
        pages.complete(filter.limit)?;
    }
    Ok(groups)
}
