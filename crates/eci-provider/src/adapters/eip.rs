//! The adapter of EIPs: their reads and orders, their moves between shared bandwidths, and their
//! reports in terms of attributes.

use std::collections::BTreeMap;

use eci_api::api::MOST_IDS;
use eci_api::types::{
    ClientToken, CreateEip, DemandBillingType, DescribedEip, EipFilter, EipId, EipStatus,
    OrderOutcome,
};
use eci_api::{CallError, Operation};
use eci_core::kinds::{EIP, is_standalone};
use eci_core::{Kind, Map, OperationTag, Path, Value};
use eci_text::FixedText;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::Value as Json;

use super::adapter::{Adapter, PriorAttributes};
use crate::complete_list::whole;
use crate::in_place_change::{ChangeTarget, InPlaceChange, integer, text};
use crate::many::{absent_if_unknown, concurrently, distinct, split_requested};
use crate::order::{EipOrder, Order, with_id};
use crate::price::{PriceError, PriceRequest};
use crate::provider::ResourceProvider;
use crate::readiness::{Readiness, Wait, status_text};
use crate::remote::{RemoteId, RemoteObject, RemoteReport};
use crate::request::{RequestError, read_as};
use crate::services::Cloud;
use crate::wire::{decode_own, encode_own, is_unreported};

/// The adapter of EIPs.
pub(crate) struct EipAdapter;

impl Adapter for EipAdapter {
    const KIND: Kind = Kind::Eip;
    const PRICED_BY: &'static [&'static str] = &["bandwidth", "bandwidth_id"];
    type Id = EipId;
    type Report = DescribedEip;
    type Order = EipOrder;

    fn id(text: &str) -> Result<RemoteId, RequestError> {
        Ok(RemoteId::Eip(EipId::new(text)?))
    }

    async fn read<A: Cloud>(
        provider: &ResourceProvider<A>,
        id: &EipId,
    ) -> Result<Option<RemoteObject>, CallError> {
        provider.eip(id).await
    }

    async fn read_many<A: Cloud + 'static>(
        provider: &ResourceProvider<A>,
        ids: &[EipId],
        see: impl FnMut(RemoteObject),
    ) -> Result<(), CallError> {
        provider.eips(ids).await?.into_iter().for_each(see);
        Ok(())
    }

    async fn list<A: Cloud>(
        provider: &ResourceProvider<A>,
    ) -> Result<Vec<RemoteObject>, CallError> {
        provider.all_eips().await
    }

    async fn reach<A: Cloud>(provider: &ResourceProvider<A>) -> Result<(), CallError> {
        let smallest = EipFilter {
            page_size: Some(1),
            ..EipFilter::default()
        };
        let token = ClientToken::random();
        provider
            .call_idempotent(|| provider.api().list_eips(&token, &smallest))
            .await
            .map(drop)
    }

    fn create_order(attributes: &Map, _: &OperationTag) -> Result<Order, RequestError> {
        let request = Box::new(eip_request(attributes)?);
        Ok(Order::Eip(EipOrder::Create(request)))
    }

    fn delete_order(report: &DescribedEip) -> Option<Order> {
        Some(Order::Eip(EipOrder::Delete(report.id.clone())))
    }

    async fn place<A: Cloud>(
        provider: &ResourceProvider<A>,
        token: &ClientToken,
        order: &EipOrder,
    ) -> Result<OrderOutcome<Option<String>>, CallError> {
        let api = provider.api();
        Ok(match order {
            EipOrder::Create(request) => {
                let call = || api.create_eip(token, request);
                let placed = provider.call_with_token(Operation::CreateEip, call);
                with_id(placed.await?, |id| Some(id.to_string()))
            }
            EipOrder::ChangeBandwidth(id, bandwidth) => {
                let call = || api.change_eip_bandwidth(token, id, *bandwidth);
                let placed = provider.call_with_token(Operation::ChangeEipBandwidth, call);
                with_id(placed.await?, |()| None)
            }
            EipOrder::Delete(id) => {
                let call = || api.delete_eip(token, id);
                let placed = provider.call_with_token(Operation::DeleteEip, call);
                with_id(placed.await?, |()| None)
            }
        })
    }

    fn updates(desired: &Map, changed: &[Path]) -> Vec<InPlaceChange> {
        updates(desired, changed)
    }

    async fn update<A: Cloud>(
        provider: &ResourceProvider<A>,
        target: ChangeTarget<'_, EipId>,
        change: &InPlaceChange,
    ) -> Result<(), CallError> {
        let ChangeTarget { token, id, .. } = target;
        match change {
            InPlaceChange::Name(name) => {
                let call = || provider.api().rename_eip(token, id, name);
                provider.call_with_token(Operation::RenameEip, call).await
            }
            InPlaceChange::Shared(desired) => provider.share(token, id, desired.as_deref()).await,
            // EIPs have no other changes.
            _ => Ok(()),
        }
    }

    fn readiness(report: &DescribedEip, status: &str, _: Wait) -> Readiness {
        if report.status == EipStatus::Error {
            return Readiness::Ended;
        }
        if Self::is_transitional(report) {
            let phase = status_text(Self::phase(report), status);
            return Readiness::Waiting { phase };
        }
        Readiness::Ready
    }

    fn phase(report: &DescribedEip) -> Option<FixedText> {
        report.status.words()
    }

    fn phase_of_delete(report: &DescribedEip) -> Option<FixedText> {
        report.status.words_of_release()
    }

    fn is_transitional(report: &DescribedEip) -> bool {
        report.status.is_transitional()
    }

    fn is_deleting(report: &DescribedEip) -> bool {
        report.status == EipStatus::Deleting
    }

    fn created_at(report: &DescribedEip) -> Option<Timestamp> {
        report.created_at.as_deref()?.parse().ok()
    }

    fn operation_mark(_: &DescribedEip) -> Option<&str> {
        None
    }

    fn is_created_by(_: &DescribedEip, _: &OperationTag) -> Option<bool> {
        None
    }

    fn attached_to(report: &DescribedEip) -> Option<String> {
        report.bound_to().map(str::to_owned)
    }

    fn complete(report: &DescribedEip, attributes: &mut Map, prior: PriorAttributes<'_>) {
        let raw = without_zero_bandwidth(&report.raw);
        for field in EIP.fields {
            let silent = field.service_request_path.is_some()
                && field
                    .service_response_path
                    .is_some_and(|place| is_unreported(&raw, place));
            if let (true, Some(value)) = (silent, prior.applied.get(field.name)) {
                attributes.entry(field.name.into()).or_insert(value.clone());
            }
        }
    }

    fn add_billing(report: &DescribedEip, attributes: &mut Map) {
        attributes.extend(terms(&report.raw));
    }

    fn price_request(attributes: &Map) -> Result<Option<PriceRequest>, PriceError> {
        if is_standalone(Self::KIND, attributes) {
            return price_request(attributes).map(Some);
        }
        if attributes.get("auto").and_then(Value::as_bool) == Some(true) {
            return Err(PriceError::AutomaticEip);
        }
        Ok(None)
    }
}

impl From<DescribedEip> for RemoteObject {
    fn from(eip: DescribedEip) -> RemoteObject {
        RemoteObject {
            id: eip.id.to_string(),
            status: eip.status.to_string(),
            attributes: decode_own(&EIP, &without_zero_bandwidth(&eip.raw)),
            report: RemoteReport::Eip(Box::new(eip)),
        }
    }
}

/// Returns the order for an EIP of these attributes.
///
/// # Errors
/// If an attribute is unknown, or only its digest is left.
pub fn eip_request(attributes: &Map) -> Result<CreateEip, RequestError> {
    read_as(encode_own(&EIP, attributes)?)
}

fn updates(desired: &Map, changed: &[Path]) -> Vec<InPlaceChange> {
    let differs = |name: &str| changed.iter().any(|path| path.attribute() == Some(name));
    let mut all = Vec::new();
    if let (true, Some(name)) = (differs("name"), text(desired, "name")) {
        all.push(InPlaceChange::Name(name));
    }
    let (moves, shared) = (differs("bandwidth_id"), text(desired, "bandwidth_id"));
    if moves {
        all.push(InPlaceChange::Shared(shared.clone()));
    }
    // An EIP in a shared bandwidth has no own bandwidth; one that leaves it gets as much as the shared
    // one had.
    let own = differs("bandwidth") || moves;
    if let (true, None, Some(mbps)) = (own, shared, integer(desired, "bandwidth")) {
        all.push(InPlaceChange::Bandwidth(mbps));
    }
    all
}

fn price_request(attributes: &Map) -> Result<PriceRequest, PriceError> {
    let secret = attributes.iter().find(|(_, value)| value.has_sensitive());
    if let Some((name, _)) = secret {
        let path = Path::root().name(name.clone());
        return Err(PriceError::Secret { path });
    }
    let mut request = eip_request(attributes)?;
    if request.demand_billing_type == Some(DemandBillingType::Traffic) {
        return Err(PriceError::Traffic);
    }
    // A voucher pays a part of the first term only, and no address costs more than another.
    request.pay_voucher_price = None;
    request.ip_address = None;
    Ok(PriceRequest::Eip(Box::new(request)))
}

impl<A: Cloud> ResourceProvider<A> {
    /// Returns the present state of an EIP; `None` if it no longer exists.
    ///
    /// Cancel safe: nothing but reads is performed.
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

    /// Returns the EIPs that have an address: one, or none that may be read.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The first error of a page.
    pub async fn eips_at(&self, address: &str) -> Result<Vec<RemoteObject>, CallError> {
        let filter = EipFilter {
            ip: Some(address.to_owned()),
            ..EipFilter::default()
        };
        let mut remotes = self.listed_eips(filter).await?;
        // That the filter counts is not confirmed.
        remotes.retain(|remote| {
            let found = remote.attributes.get("address");
            found.and_then(Value::as_str) == Some(address)
        });
        Ok(remotes)
    }

    /// Returns all EIPs of the region.
    ///
    /// Cancel safe: nothing but reads is performed.
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
        desired: Option<&str>,
    ) -> Result<(), CallError> {
        let Some(remote) = self.eip(id).await? else {
            return Ok(());
        };
        let (is, only) = (remote.shared_bandwidth(), std::slice::from_ref(id));
        if is == desired {
            return Ok(());
        }
        let api = self.api();
        if let Some(left) = is {
            // Another call, and so a separate token.
            let other = ClientToken::new(format!("{token}-left"));
            let token = other.as_ref().unwrap_or(token);
            self.call_with_token(Operation::LeaveBandwidth, || {
                api.leave_bandwidth(token, left, only)
            })
            .await?;
        }
        match desired {
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

    /// Returns the EIPs on one page.
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

impl<A: Cloud + 'static> ResourceProvider<A> {
    /// Returns the present state of many EIPs, in the order of their IDs; those that no longer
    /// exist are missing.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn eips(&self, ids: &[EipId]) -> Result<Vec<RemoteObject>, CallError> {
        let ids = distinct(ids);
        let pages = ids.chunks(MOST_IDS).map(|page| {
            let (provider, page) = (self.clone(), page.to_vec());
            async move { provider.page_of_eips(page).await }
        });
        let mut remotes = BTreeMap::new();
        concurrently(pages, |page| {
            remotes.extend(page.into_iter().map(|remote| (remote.id.clone(), remote)));
        })
        .await?;
        Ok(remotes.into_values().collect())
    }

    async fn page_of_eips(&self, ids: Vec<EipId>) -> Result<Vec<RemoteObject>, CallError> {
        let filter = EipFilter {
            ids: ids.clone(),
            page_size: i64::try_from(MOST_IDS).ok(),
            ..EipFilter::default()
        };
        let listed = absent_if_unknown(self.page_of_listed_eips(&filter).await)?;
        let (mut remotes, missing) =
            split_requested(ids, listed, |remote| EipId::new(remote.id.clone()).ok());
        for id in missing {
            remotes.extend(self.eip(&id).await?);
        }
        Ok(remotes)
    }
}

/// Converts those that still exist.
fn there(eips: Vec<DescribedEip>) -> Vec<RemoteObject> {
    let there = |eip: &DescribedEip| eip.status != EipStatus::Deleted;
    eips.into_iter()
        .filter(there)
        .map(RemoteObject::from)
        .collect()
}

/// Removes a bandwidth of 0 from a report: old lists report it for an EIP that is billed on demand,
/// and it has no meaning.
fn without_zero_bandwidth(raw: &Json) -> Json {
    let mut report = raw.clone();
    if let Some(entries) = report.as_object_mut()
        && entries.get("bandwidth").and_then(Json::as_i64) == Some(0)
    {
        entries.remove("bandwidth");
    }
    report
}

/// The longest term of one order: months, and years.
const LONGEST: (i64, i64) = (11, 3);

/// Returns its billing terms, as the vendor's own provider infers it.
///
/// A term that is longer than one order buys was renewed: then it is the longest that can be
/// ordered.
fn terms(raw: &Json) -> Map {
    let text = |name: &str| {
        raw.get(name)
            .and_then(Json::as_str)
            .filter(|it| !it.is_empty())
    };
    let mut terms = Map::new();
    match text("billingMethod") {
        Some("on_demand") => {
            terms.insert("cycle_type".into(), Value::from("on_demand"));
            if let Some(kind) = text("bandwidthType") {
                let by = if kind.ends_with("standalone") {
                    "bandwidth"
                } else {
                    "upflowc"
                };
                terms.insert("demand_billing_type".into(), Value::from(by));
            }
        }
        Some("periodic") => {
            let months = months_between(text("createdAt"), text("expiredAt")).unwrap_or(1);
            let (cycle, count) = match months {
                ..1 => ("month", 1),
                _ if months % 12 == 0 => ("year", (months / 12).min(LONGEST.1)),
                _ => ("month", months.min(LONGEST.0)),
            };
            terms.insert("cycle_type".into(), Value::from(cycle));
            terms.insert("cycle_count".into(), Value::from(count));
        }
        _ => {}
    }
    terms
}

fn months_between(from: Option<&str>, to: Option<&str>) -> Option<i64> {
    let day = |text: Option<&str>| {
        let time: Timestamp = text?.parse().ok()?;
        Some(time.to_zoned(TimeZone::UTC).date())
    };
    let span = day(from)?.until((Unit::Month, day(to)?)).ok()?;
    Some(i64::from(span.get_months()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
