//! Reads of managed EIPs, and their moves between shared bandwidths.

use eci_api::types::{ClientToken, DescribedEip, EipFilter, EipId, EipStatus};
use eci_api::{CallError, Operation};
use eci_core::Value;

use crate::complete_list::whole;
use crate::provider::Provider;
use crate::remote::RemoteObject;
use crate::services::Cloud;

impl<A: Cloud> Provider<A> {
    /// An EIP as it is now; `None` if it is gone.
    ///
    /// # Errors
    /// The call's.
    pub async fn eip(&self, id: &EipId) -> Result<Option<RemoteObject>, CallError> {
        match self.call_idempotent(|| self.api().describe_eip(id)).await {
            Ok(eip) if eip.status == EipStatus::Deleted => Ok(None),
            Ok(eip) => Ok(Some(eip.into())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The EIPs that have an address: one, or none that may be read.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn eips_at(&self, address: &str) -> Result<Vec<RemoteObject>, CallError> {
        let filter = EipFilter {
            ip: Some(address.to_owned()),
            ..EipFilter::default()
        };
        let mut looks = self.listed_eips(filter).await?;
        // That the filter counts is not confirmed.
        looks.retain(|look| {
            let found = look.attributes.get("address");
            found.and_then(Value::as_str) == Some(address)
        });
        Ok(looks)
    }

    /// All EIPs of the region.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn all_eips(&self) -> Result<Vec<RemoteObject>, CallError> {
        self.listed_eips(EipFilter::default()).await
    }

    /// Takes an EIP out of the shared bandwidth that it is in, and puts it into this one.
    /// Repeating it does no harm.
    ///
    /// # Errors
    /// The call's.
    pub(crate) async fn share(
        &self,
        token: &ClientToken,
        id: &EipId,
        wanted: Option<&str>,
    ) -> Result<(), CallError> {
        let Some(look) = self.eip(id).await? else {
            return Ok(());
        };
        let (is, only) = (look.shared_bandwidth(), std::slice::from_ref(id));
        if is == wanted {
            return Ok(());
        }
        let api = self.api();
        if let Some(left) = is {
            // Another call, and so a token of its own.
            let other = ClientToken::new(format!("{token}-left"));
            let token = other.as_ref().unwrap_or(token);
            self.call_with_token(Operation::LeaveBandwidth, || {
                api.leave_bandwidth(token, left, only)
            })
            .await?;
        }
        match wanted {
            Some(joined) => {
                self.call_with_token(Operation::JoinBandwidth, || {
                    api.join_bandwidth(token, joined, only)
                })
                .await
            }
            None => Ok(()),
        }
    }

    async fn listed_eips(&self, filter: EipFilter) -> Result<Vec<RemoteObject>, CallError> {
        let eips = whole(|| {
            eci_api::api::every_eip(filter.clone(), |filter| async move {
                let token = ClientToken::random();
                self.call_idempotent(|| self.api().list_eips(&token, &filter))
                    .await
            })
        });
        Ok(there(eips.await?))
    }

    /// The EIPs on one page.
    pub(crate) async fn page_of_listed_eips(
        &self,
        filter: &EipFilter,
    ) -> Result<Vec<RemoteObject>, CallError> {
        let token = ClientToken::random();
        let page = self
            .call_idempotent(|| self.api().list_eips(&token, filter))
            .await?;
        Ok(there(page.eips))
    }
}

/// Those that are not gone.
fn there(eips: Vec<DescribedEip>) -> Vec<RemoteObject> {
    let there = |eip: &DescribedEip| eip.status != EipStatus::Deleted;
    eips.into_iter()
        .filter(there)
        .map(RemoteObject::from)
        .collect()
}
