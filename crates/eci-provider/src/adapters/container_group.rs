//! The adapter of container groups: their calls, and their reports in terms of attributes.

mod price;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use eci_api::api::{MOST_IDS, every_page};
use eci_api::types::{
    ClientToken, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId,
    CreateContainerGroup, DeleteMode, DescribedGroup, OrderOutcome, Tag, UpdateContainerGroup,
};
use eci_api::{Api, CallError, Operation, Status};
use eci_core::{Kind, Map, OperationTag, Path};
use eci_text::{FixedText, text};
use jiff::Timestamp;

use super::adapter::{Adapter, PriorAttributes};
use crate::complete_list::whole;
use crate::in_place_change::{ChangeTarget, InPlaceChange};
use crate::many::{absent_if_unknown, concurrently, distinct, split_requested};
use crate::observed_group::{ObservedGroup, initial_attributes};
use crate::order::Order;
use crate::price::{PriceError, PriceRequest};
use crate::provider::{CreatedObject, ResourceProvider};
use crate::readiness::{Readiness, Wait, readiness};
use crate::remote::{GroupReport, RemoteId, RemoteObject, RemoteReport};
use crate::request::RequestError;
use crate::services::Cloud;
use crate::throttle::Idempotency;

/// The adapter of container groups.
///
/// One call creates a group, one updates it and one deletes it, none of which is an order.
pub(crate) struct ContainerGroupAdapter;

impl Adapter for ContainerGroupAdapter {
    const KIND: Kind = Kind::ContainerGroup;
    const PRICED_BY: &'static [&'static str] =
        &["cpu", "memory", "flavor_name", "ephemeral_volume"];
    type Id = ContainerGroupId;
    type Report = GroupReport;
    type Order = Infallible;

    fn id(text: &str) -> Result<RemoteId, RequestError> {
        Ok(RemoteId::Group(ContainerGroupId::new(text)?))
    }

    async fn read<A: Cloud>(
        provider: &ResourceProvider<A>,
        id: &ContainerGroupId,
    ) -> Result<Option<RemoteObject>, CallError> {
        Ok(provider.describe_group(id).await?.map(RemoteObject::from))
    }

    async fn read_many<A: Cloud + 'static>(
        provider: &ResourceProvider<A>,
        ids: &[ContainerGroupId],
        mut see: impl FnMut(RemoteObject),
    ) -> Result<(), CallError> {
        let see = |group| see(RemoteObject::from(group));
        provider.describe_each_group(ids, see).await
    }

    async fn list<A: Cloud>(
        provider: &ResourceProvider<A>,
    ) -> Result<Vec<RemoteObject>, CallError> {
        let groups = provider.tagged([]).await?;
        Ok(groups.into_iter().map(RemoteObject::from).collect())
    }

    async fn reach<A: Cloud>(provider: &ResourceProvider<A>) -> Result<(), CallError> {
        let smallest = ContainerGroupFilter {
            limit: Some(1),
            ..ContainerGroupFilter::default()
        };
        provider
            .call_idempotent(|| provider.api().describe_container_groups(&smallest))
            .await
            .map(drop)
    }

    fn create_order(_: &Map, _: &OperationTag) -> Result<Order, RequestError> {
        Err(RequestError::Form(text!(
            en: "a container group is not ordered",
            zh: "容器组不通过订单创建",
        )))
    }

    fn delete_order(_: &GroupReport) -> Option<Order> {
        None
    }

    async fn place<A: Cloud>(
        _: &ResourceProvider<A>,
        _: &ClientToken,
        order: &Infallible,
    ) -> Result<OrderOutcome<Option<String>>, CallError> {
        match *order {}
    }

    fn updates(_: &Map, _: &[Path]) -> Vec<InPlaceChange> {
        Vec::new()
    }

    async fn update<A: Cloud>(
        _: &ResourceProvider<A>,
        _: ChangeTarget<'_, ContainerGroupId>,
        _: &InPlaceChange,
    ) -> Result<(), CallError> {
        Ok(())
    }

    fn readiness(report: &GroupReport, _: &str, wait: Wait) -> Readiness {
        readiness(&report.group, wait)
    }

    fn phase(_: &GroupReport) -> Option<FixedText> {
        None
    }

    fn is_transitional(_: &GroupReport) -> bool {
        false
    }

    fn is_deleting(report: &GroupReport) -> bool {
        report.group.status == Status::Terminating
    }

    fn created_at(report: &GroupReport) -> Option<Timestamp> {
        report.group.creation_time.as_deref()?.parse().ok()
    }

    fn operation_mark(report: &GroupReport) -> Option<&str> {
        report.operation.as_ref().map(OperationTag::as_str)
    }

    fn is_created_by(report: &GroupReport, operation: &OperationTag) -> Option<bool> {
        Some(report.operation.as_ref() == Some(operation))
    }

    fn attached_to(_: &GroupReport) -> Option<String> {
        None
    }

    fn complete(_: &GroupReport, attributes: &mut Map, prior: PriorAttributes<'_>) {
        ObservedGroup::add_order(attributes, prior.observed);
    }

    fn add_billing(_: &GroupReport, _: &mut Map) {}

    fn price_request(attributes: &Map) -> Result<Option<PriceRequest>, PriceError> {
        price::request(attributes).map(Some)
    }
}

impl From<ObservedGroup> for RemoteObject {
    fn from(group: ObservedGroup) -> RemoteObject {
        RemoteObject {
            id: group.id,
            status: group.status.to_string(),
            attributes: group.attributes,
            report: RemoteReport::Group(Box::new(GroupReport {
                group: group.group,
                operation: group.operation,
            })),
        }
    }
}

impl<A: Api> ResourceProvider<A> {
    /// Creates a group from a request of [`create_request`](crate::create_request).
    ///
    /// Repeated only where it is known that nothing was done.
    ///
    /// Not cancel safe: the group may exist. It is found by the operation tag of the request.
    ///
    /// # Errors
    /// The call's; its [`outcome`](CallError::outcome) says whether the group may exist.
    pub async fn create(&self, request: &CreateContainerGroup) -> Result<CreatedObject, CallError> {
        let change = Some(Operation::CreateContainerGroup);
        let refused = Mutex::new(None);
        let take = || {
            refused
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        };
        let answer = self
            .call(Idempotency::NotIdempotent, change, || async {
                // An error can be returned after the commit: before the same is sent again, it is
                // looked for.
                if let Some(error) = take()
                    && let Some(created) = self.created(request, error).await?
                {
                    return Ok(created);
                }
                let answer = self.api().create_container_group(request).await;
                if let Err(error) = &answer
                    && error.refusal().is_some()
                {
                    *refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                }
                answer
            })
            .await?;
        let id = answer.container_group_id.to_string();
        let attributes = initial_attributes(&id, answer.master_order_id.as_deref());
        let attributes = Arc::new(self.concealed(Kind::ContainerGroup, attributes));
        Ok(CreatedObject { id, attributes })
    }

    /// Returns the group that a refused create created nevertheless.
    ///
    /// Where that cannot be determined, the outcome of the create is unknown.
    async fn created(
        &self,
        request: &CreateContainerGroup,
        refusal: CallError,
    ) -> Result<Option<ContainerGroupCreated>, CallError> {
        let is_ours = |tag: &&Tag| tag.key.as_deref() == Some(OperationTag::KEY);
        let Some(tag) = request.tags.iter().flatten().find(is_ours) else {
            return Ok(None);
        };
        let filter = ContainerGroupFilter {
            tags: vec![tag.clone()],
            ..ContainerGroupFilter::default()
        };
        match self.api().list_container_groups(&filter).await {
            Ok(groups) => Ok(groups
                .into_iter()
                .next()
                .map(|group| ContainerGroupCreated {
                    request_id: None,
                    container_group_id: group.container_group_id,
                    master_order_id: None,
                })),
            Err(error) => {
                tracing::debug!(%error, "cannot look for the object of a refused create");
                Err(refusal.in_doubt())
            }
        }
    }

    /// Returns the groups that carry this operation tag.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn find(&self, operation: &OperationTag) -> Result<Vec<ObservedGroup>, CallError> {
        self.tagged([(OperationTag::KEY, operation.as_str())]).await
    }

    /// Returns the groups that carry all these tags.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn tagged<'a>(
        &self,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Vec<ObservedGroup>, CallError> {
        let tags = tags.into_iter().map(|(key, value)| tag(key, value));
        let filter = ContainerGroupFilter {
            tags: tags.collect(),
            ..ContainerGroupFilter::default()
        };
        let groups = self.listed(filter, |_| {}).await?;
        Ok(groups.into_iter().map(ObservedGroup::new).collect())
    }

    /// Returns all groups of the region with no attributes but the operation tag: the reports of
    /// thousands would take much memory.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn all_tags(&self) -> Result<Vec<ObservedGroup>, CallError> {
        let filter = ContainerGroupFilter::default();
        let groups = self.listed(filter, keep_tags).await?;
        Ok(groups.into_iter().map(ObservedGroup::new).collect())
    }

    /// Returns the groups that match a filter; each page is a separate call.
    ///
    /// Each group is reduced before the next page is read.
    async fn listed(
        &self,
        filter: ContainerGroupFilter,
        reduce: fn(&mut DescribedGroup),
    ) -> Result<Vec<DescribedGroup>, CallError> {
        whole(|| {
            every_page(filter.clone(), |filter| async move {
                let read = || self.api().describe_container_groups(&filter);
                let mut page = self.call_idempotent(read).await?;
                page.container_groups.iter_mut().for_each(reduce);
                Ok(page)
            })
        })
        .await
    }

    /// Returns the present state of a group; `None` if it no longer exists.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The call's.
    pub async fn describe_group(
        &self,
        id: &ContainerGroupId,
    ) -> Result<Option<ObservedGroup>, CallError> {
        match self
            .call_idempotent(|| self.api().describe_container_group(id))
            .await
        {
            Ok(group) => Ok(Some(ObservedGroup::new(group))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes a group in place by a request of [`update_request`](crate::update_request).
    ///
    /// Repeating it does no harm.
    ///
    /// Cancel safe: the call can be repeated.
    ///
    /// # Errors
    /// The call's.
    pub async fn update(
        &self,
        id: &ContainerGroupId,
        request: &UpdateContainerGroup,
    ) -> Result<(), CallError> {
        let change = Some(Operation::UpdateContainerGroup);
        let call = || self.api().update_container_group(id, request);
        self.call(Idempotency::Idempotent, change, call)
            .await
            .map(drop)
    }

    /// Begins the deletion of a group.
    ///
    /// One that no longer exists is not an error.
    ///
    /// Cancel safe: the call can be repeated.
    ///
    /// # Errors
    /// The call's.
    pub async fn delete(&self, id: &ContainerGroupId) -> Result<(), CallError> {
        let change = Some(Operation::DeleteContainerGroup);
        let call = || self.api().delete_container_group(id, DeleteMode::Graceful);
        match self.call(Idempotency::Idempotent, change, call).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }
}

impl<A: Api + 'static> ResourceProvider<A> {
    /// Returns the present state of many groups, by ID; those that no longer exist are missing.
    ///
    /// Cancel safe: nothing but reads is performed.
    ///
    /// # Errors
    /// The first error of a call.
    pub async fn describe_groups(
        &self,
        ids: &[ContainerGroupId],
    ) -> Result<HashMap<String, ObservedGroup>, CallError> {
        let mut observed = HashMap::with_capacity(ids.len());
        self.describe_each_group(ids, |group| {
            observed.insert(group.id.clone(), group);
        })
        .await?;
        Ok(observed)
    }

    /// Reads the present state of many groups and passes each on as it arrives; those that no
    /// longer exist are missing.
    ///
    /// The groups are requested in pages, several at once.
    async fn describe_each_group(
        &self,
        ids: &[ContainerGroupId],
        mut see: impl FnMut(ObservedGroup),
    ) -> Result<(), CallError> {
        let ids = distinct(ids);
        let pages = ids.chunks(MOST_IDS).map(|page| {
            let (provider, page) = (self.clone(), page.to_vec());
            async move { provider.page(page).await }
        });
        concurrently(pages, |groups| groups.into_iter().for_each(&mut see)).await
    }

    async fn page(&self, ids: Vec<ContainerGroupId>) -> Result<Vec<ObservedGroup>, CallError> {
        let filter = ContainerGroupFilter {
            limit: i64::try_from(ids.len()).ok(),
            container_group_ids: ids.clone(),
            ..ContainerGroupFilter::default()
        };
        let listed = self.call_idempotent(|| self.api().describe_container_groups(&filter));
        let listed = listed.await.map(|page| page.container_groups);
        let listed = absent_if_unknown(listed)?;
        let id = |group: &eci_api::types::DescribedGroup| Some(group.container_group_id.clone());
        let (groups, missing) = split_requested(ids, listed, id);
        let mut observed: Vec<ObservedGroup> = groups.into_iter().map(ObservedGroup::new).collect();
        for id in missing {
            observed.extend(self.describe_group(&id).await?);
        }
        Ok(observed)
    }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    }
}

/// Removes all but the tags from the report of a group; its ID and status are kept elsewhere.
fn keep_tags(group: &mut DescribedGroup) {
    let tags = group.raw.get_mut("tags").map(serde_json::Value::take);
    group.raw = serde_json::json!({ "tags": tags });
    group.containers = Vec::new();
    group.init_containers = Vec::new();
    group.volumes = Vec::new();
    group.events = Vec::new();
}
