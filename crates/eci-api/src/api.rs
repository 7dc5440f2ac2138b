//! The calls as traits, one for each service, so that a simulation can stand in the cloud's
//! place.

mod disk;
mod eip;
mod order;
mod pages;
mod region;

pub use disk::{DiskApi, LARGEST_DISK_PAGE, every_disk};
pub use eip::{EipApi, LARGEST_EIP_PAGE, every_eip};
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
    Acknowledged, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId,
    ContainerGroupPage, ContainerLog, CreateContainerGroup, DescribedGroup, EventPage, ExecAnswer,
    ExecContainerCommand, GroupIds, LogExcerpt, Price, PriceQuery, ResizeContainerGroupVolume,
    StatusPage, UpdateContainerGroup,
};

/// How many groups [`Api::list_container_groups`] asks for at a time where the filter does
/// not say; the most that the cloud gives (not confirmed by the vendor).
pub const LARGEST_PAGE: i64 = 100;

/// The calls of container groups, one method each.
pub trait Api: Send + Sync {
    /// Creates a container group. There is no token that would make a second call harmless.
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
    ) -> impl Future<Output = Result<Acknowledged, CallError>> + Send;

    /// Restarts a group.
    fn restart_container_group(
        &self,
        id: &ContainerGroupId,
    ) -> impl Future<Output = Result<Acknowledged, CallError>> + Send;

    /// Deletes a group; with `force` without waiting for its containers to end by themselves.
    fn delete_container_group(
        &self,
        id: &ContainerGroupId,
        force: bool,
    ) -> impl Future<Output = Result<Acknowledged, CallError>> + Send;

    /// Reads the statuses of many groups, and nothing else of them.
    fn describe_container_group_status(
        &self,
        ids: &GroupIds,
    ) -> impl Future<Output = Result<StatusPage, CallError>> + Send;

    /// Reads what happened to groups.
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

    /// Begins to grow a disk that a group has mounted. What is on it stays; the file system does
    /// not grow with it.
    fn resize_container_group_volume(
        &self,
        request: &ResizeContainerGroupVolume,
    ) -> impl Future<Output = Result<Acknowledged, CallError>> + Send;

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
/// # Errors
/// The first error of a page, or that they have no end. All of them are read or none: a part
/// would look like groups that are gone.
pub async fn every_page<F>(
    mut filter: ContainerGroupFilter,
    page: impl Fn(ContainerGroupFilter) -> F,
) -> Result<Vec<DescribedGroup>, CallError>
where
    F: Future<Output = Result<ContainerGroupPage, CallError>>,
{
    filter.limit.get_or_insert(LARGEST_PAGE);
    let mut groups = Vec::new();
    let mut known = HashSet::new();
    let mut pages = Pages::of(Operation::DescribeContainerGroups);
    loop {
        let page = page(filter.clone()).await?;
        let ids = page.container_groups.iter();
        let ids = ids.map(|group| group.container_group_id.clone());
        let reports = page.container_groups.iter().map(|group| &group.raw);
        pages.take(Page {
            items: page.container_groups.len(),
            new: ids.filter(|id| known.insert(id.clone())).count(),
            bytes: pages::weight::<DescribedGroup>(reports),
            total: page.total_count,
        })?;
        groups.extend(page.container_groups);
        let Some(token) = page.next_token else {
            return Ok(groups);
        };
        filter.next_token = Some(pages.after(token)?);
    }
}

/// Whether a numbered page is the last one: by the number of pages, or, where that is not told,
/// by the number of items; an empty page is the last one in any case.
fn is_last(
    empty: bool,
    number: i64,
    (pages, items): (Option<i64>, Option<i64>),
    read: usize,
) -> bool {
    let by_count = || items.is_some_and(|items| i64::try_from(read).is_ok_and(|it| it >= items));
    empty || pages.map_or_else(by_count, |pages| number >= pages)
}
