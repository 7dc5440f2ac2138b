//! The calls of cloud disks as one trait.

use std::collections::BTreeMap;
use std::future::Future;

use serde_json::Value;

use super::limits::LARGEST_DISK_PAGE;
use super::pages::{ListItem, NumberedPage, add_numbered};
use crate::error::CallError;
use crate::operation::Operation;
use crate::types::{
    ClientToken, CreateDisk, DescribedDisk, DiskAttributes, DiskFilter, DiskId, DiskJob, DiskPage,
    OrderOutcome, SnapshotPolicy,
};

/// The calls of cloud disks, one method each.
///
/// An ordering call takes a client token, which the caller generates and records. The others have
/// none: the changing ones are harmless when repeated.
pub trait DiskApi: Send + Sync {
    /// Orders a disk.
    ///
    /// Repeated with its token it orders nothing more and returns the status of the order.
    fn create_disk(
        &self,
        token: &ClientToken,
        request: &CreateDisk,
    ) -> impl Future<Output = Result<OrderOutcome<DiskId>, CallError>> + Send;

    /// Reads one; the only answer with labels.
    fn describe_disk(
        &self,
        id: &DiskId,
    ) -> impl Future<Output = Result<DescribedDisk, CallError>> + Send;

    /// Reads the one of this name.
    fn describe_disk_by_name(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<DescribedDisk, CallError>> + Send;

    /// Reads one page of those that the filter lets through.
    fn list_disks(
        &self,
        filter: &DiskFilter,
    ) -> impl Future<Output = Result<DiskPage, CallError>> + Send;

    /// Changes its name and other attributes, at once.
    fn update_disk(
        &self,
        id: &DiskId,
        attributes: &DiskAttributes,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Orders its expansion to a size in GB.
    ///
    /// One that a group has mounted is expanded by the group's own call.
    fn resize_disk(
        &self,
        token: &ClientToken,
        id: &DiskId,
        size: i64,
    ) -> impl Future<Output = Result<OrderOutcome<()>, CallError>> + Send;

    /// Changes its operations a second beyond those that come with an XSSD; 0 is none.
    fn set_disk_iops(
        &self,
        id: &DiskId,
        provisioned: i64,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Sets what becomes of its snapshots when it is deleted.
    fn set_disk_delete_policy(
        &self,
        id: &DiskId,
        snapshots: SnapshotPolicy,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Begins to attach it to a virtual machine.
    ///
    /// A container group mounts it by its own create or update instead.
    fn attach_disk(
        &self,
        id: &DiskId,
        instance: &str,
    ) -> impl Future<Output = Result<DiskJob, CallError>> + Send;

    /// Begins to detach it; a shared one from this machine.
    fn detach_disk(
        &self,
        id: &DiskId,
        instance: Option<&str>,
    ) -> impl Future<Output = Result<DiskJob, CallError>> + Send;

    /// Gives it back.
    ///
    /// Where the region has snapshots, the policy is required; elsewhere it is refused.
    fn refund_disk(
        &self,
        token: &ClientToken,
        id: &DiskId,
        snapshots: Option<SnapshotPolicy>,
    ) -> impl Future<Output = Result<OrderOutcome<()>, CallError>> + Send;

    /// Reads all that the filter lets through, page after page, in the order of their ids.
    fn list_all_disks(
        &self,
        filter: &DiskFilter,
    ) -> impl Future<Output = Result<Vec<DescribedDisk>, CallError>> + Send {
        every_disk(filter.clone(), move |filter| async move {
            self.list_disks(&filter).await
        })
    }
}

/// Reads all disks that the filter lets through by a call that reads one page, in the order of
/// their ids.
///
/// Cancel safe if the call is.
///
/// # Errors
/// The first error of a page, or that they have no end, or that the list is incomplete by its own
/// total. All of them are read or none: with a part of them, the other disks would look deleted.
pub async fn every_disk<F>(
    mut filter: DiskFilter,
    page: impl Fn(DiskFilter) -> F,
) -> Result<Vec<DescribedDisk>, CallError>
where
    F: Future<Output = Result<DiskPage, CallError>>,
{
    filter.page_size.get_or_insert(LARGEST_DISK_PAGE);
    let mut disks = BTreeMap::new();
    add_numbered(Operation::ListDisks, &mut disks, |number| {
        let mut filter = filter.clone();
        filter.page_no = Some(number);
        let page = page(filter);
        async move {
            let page = page.await?;
            Ok(NumberedPage {
                items: page.disks,
                total: page.total_count,
                total_pages: page.total_page,
            })
        }
    })
    .await?;
    Ok(disks.into_values().collect())
}

impl ListItem for DescribedDisk {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn report(&self) -> &Value {
        &self.raw
    }
}
