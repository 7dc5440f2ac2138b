//! The calls of elastic IPs as one trait.

use std::collections::BTreeMap;
use std::future::Future;

use serde_json::Value;

use super::limits::{LARGEST_EIP_PAGE, MOST_IDS};
use super::pages::{ListItem, NumberedPage, add_numbered};
use crate::error::CallError;
use crate::operation::Operation;
use crate::types::{
    Association, ClientToken, CreateEip, DescribedEip, EipFilter, EipId, EipPage, EipPrice,
    OrderOutcome,
};

/// The calls of elastic IPs, one method each.
///
/// Each call that takes a client token is given one by its caller: a changing call gets the
/// recorded one, so that it can be repeated. Whether the calls that place no order recognize their
/// token is not confirmed; those are harmless when repeated.
pub trait EipApi: Send + Sync {
    /// Orders an elastic IP: the address that the cloud chooses, or the one that the request names.
    /// Repeated with its token it orders nothing more and returns the status of the order.
    fn create_eip(
        &self,
        token: &ClientToken,
        request: &CreateEip,
    ) -> impl Future<Output = Result<OrderOutcome<EipId>, CallError>> + Send;

    /// Reads one.
    fn describe_eip(
        &self,
        id: &EipId,
    ) -> impl Future<Output = Result<DescribedEip, CallError>> + Send;

    /// Reads one page of those that the filter lets through.
    fn list_eips(
        &self,
        token: &ClientToken,
        filter: &EipFilter,
    ) -> impl Future<Output = Result<EipPage, CallError>> + Send;

    /// Gives it another name, at once.
    fn rename_eip(
        &self,
        token: &ClientToken,
        id: &EipId,
        name: &str,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Orders another bandwidth, in Mbps.
    fn change_eip_bandwidth(
        &self,
        token: &ClientToken,
        id: &EipId,
        bandwidth: i64,
    ) -> impl Future<Output = Result<OrderOutcome<()>, CallError>> + Send;

    /// Begins to bind it to a machine or the like.
    ///
    /// A container group is bound by its own create or update instead.
    fn bind_eip(
        &self,
        token: &ClientToken,
        id: &EipId,
        to: Association<'_>,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Begins to unbind it.
    fn unbind_eip(
        &self,
        token: &ClientToken,
        id: &EipId,
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Puts EIPs that are paid on demand into a shared bandwidth, at most 50 in a call.
    ///
    /// From then on each shows the bandwidth that they share.
    fn join_bandwidth(
        &self,
        token: &ClientToken,
        bandwidth: &str,
        eips: &[EipId],
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Takes EIPs out of their shared bandwidth, at most 50 in a call.
    ///
    /// From then on they are paid for by traffic, and have as much bandwidth as was shared, up to a
    /// limit.
    fn leave_bandwidth(
        &self,
        token: &ClientToken,
        bandwidth: &str,
        eips: &[EipId],
    ) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Gives it back.
    fn delete_eip(
        &self,
        token: &ClientToken,
        id: &EipId,
    ) -> impl Future<Output = Result<OrderOutcome<()>, CallError>> + Send;

    /// Asks what one would cost.
    fn eip_create_price(
        &self,
        token: &ClientToken,
        request: &CreateEip,
    ) -> impl Future<Output = Result<EipPrice, CallError>> + Send;

    /// Reads all that the filter lets through, page after page, in the order of their ids.
    fn list_all_eips(
        &self,
        filter: &EipFilter,
    ) -> impl Future<Output = Result<Vec<DescribedEip>, CallError>> + Send {
        every_eip(filter.clone(), move |filter| async move {
            self.list_eips(&ClientToken::random(), &filter).await
        })
    }
}

/// Reads all elastic IPs that match the filter by a call that reads one page, in the order of their
/// IDs: the cloud promises none. More than [`MOST_IDS`] IDs are requested by several queries.
///
/// Cancel safe if the call is.
///
/// # Errors
/// The first error of a page, or that they have no end, or that the list is incomplete by its own
/// total. All of them are read or none: with a part of them, the other elastic IPs would look
/// deleted.
pub async fn every_eip<F>(
    mut filter: EipFilter,
    page: impl Fn(EipFilter) -> F,
) -> Result<Vec<DescribedEip>, CallError>
where
    F: Future<Output = Result<EipPage, CallError>>,
{
    filter.page_size.get_or_insert(LARGEST_EIP_PAGE);
    let ids = std::mem::take(&mut filter.ids);
    let mut eips = BTreeMap::new();
    let queries = ids.chunks(MOST_IDS).map(<[_]>::to_vec);
    let all = ids.is_empty().then(Vec::new);
    for ids in queries.chain(all) {
        let filter = EipFilter {
            ids,
            ..filter.clone()
        };
        add_numbered(Operation::ListEips, &mut eips, |number| {
            let mut filter = filter.clone();
            filter.page_no = Some(number);
            let page = page(filter);
            async move {
                let page = page.await?;
                Ok(NumberedPage {
                    items: page.eips,
                    total: page.total_count,
                    total_pages: page.total_page,
                })
            }
        })
        .await?;
    }
    Ok(eips.into_values().collect())
}

impl ListItem for DescribedEip {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn report(&self) -> &Value {
        &self.raw
    }
}
