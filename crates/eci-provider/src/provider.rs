//! Resources created, read, changed and deleted, in terms of their attributes.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use eci_api::api::every_page;
use eci_api::types::{
    COVER, ContainerGroupCreated, ContainerGroupFilter, ContainerGroupId, CreateContainerGroup,
    DescribedGroup, RequestSecrets, Tag, UpdateContainerGroup,
};
use eci_api::{Api, CallError, Operation};
use eci_core::digest::KnownDigests;
use eci_core::{Kind, Map, OperationTag};

use crate::complete_list::whole;
use crate::remote::{RemoteId, RemoteObject};
use crate::request::hidden;
use crate::seen::{Seen, made};
use crate::services::Cloud;
use crate::throttle::{
    CallOptions, Guard, Hurry, Idempotency, RetryEvent, RetryListener, Throttle,
};

/// The cloud in terms of resources and attributes. Cheap to clone.
pub struct Provider<A> {
    api: Arc<A>,
    pace: Arc<Throttle>,
    tell: Option<Arc<RetryListener<'static>>>,
    hurry: Arc<Hurry>,
    guard: Option<Arc<Guard<'static>>>,
}

impl<A: fmt::Debug> fmt::Debug for Provider<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Provider {
            api,
            pace,
            tell: _,
            hurry: _,
            guard: _,
        } = self;
        let mut told = f.debug_struct("Provider");
        told.field("api", api)
            .field("pace", pace)
            .finish_non_exhaustive()
    }
}

impl<A> Clone for Provider<A> {
    fn clone(&self) -> Self {
        Provider {
            api: Arc::clone(&self.api),
            pace: Arc::clone(&self.pace),
            tell: self.tell.clone(),
            hurry: Arc::clone(&self.hurry),
            guard: self.guard.clone(),
        }
    }
}

/// What the answer to a create tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Created {
    /// The cloud's id.
    pub id: String,
    /// What is known of it: its id and its order.
    pub attributes: Arc<Map>,
}

impl<A: Cloud> Provider<A> {
    /// Something as it is now; `None` if it is gone.
    ///
    /// # Errors
    /// The call's.
    pub async fn describe(&self, id: &RemoteId) -> Result<Option<RemoteObject>, CallError> {
        match id {
            RemoteId::Group(id) => Ok(self.describe_group(id).await?.map(RemoteObject::from)),
            RemoteId::Eip(id) => self.eip(id).await,
            RemoteId::Disk(id) => self.disk(id).await,
        }
    }
}

impl<A: Api> Provider<A> {
    /// A provider on an API, with a pace that all its calls share.
    pub fn new(api: A, pace: Throttle) -> Provider<A> {
        Provider {
            api: Arc::new(api),
            pace: Arc::new(pace),
            tell: None,
            hurry: Arc::default(),
            guard: None,
        }
    }

    /// The same one, which asks before each call that changes something whether it may be made.
    /// Where it may not, the call fails with the reason, and nothing is changed.
    #[must_use]
    pub fn guarded(
        &self,
        guard: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) -> Provider<A> {
        Provider {
            guard: Some(Arc::new(guard)),
            ..self.clone()
        }
    }

    /// The same one, which tells of calls that are made again after some time.
    #[must_use]
    pub fn with_retry_listener(
        &self,
        tell: impl Fn(&RetryEvent<'_>) + Send + Sync + 'static,
    ) -> Provider<A> {
        Provider {
            tell: Some(Arc::new(tell)),
            ..self.clone()
        }
    }

    /// Returns a provider for one run: [`begin_shutdown`](Provider::begin_shutdown) of it ends with that run, and has
    /// no effect on this provider.
    #[must_use]
    pub fn for_run(&self) -> Provider<A> {
        Provider {
            hurry: Arc::default(),
            ..self.clone()
        }
    }

    /// From now on, calls of this provider and its clones that would change something are not made
    /// (again) as long as nothing was done: whoever waits for the end of the run does not wait for
    /// a cloud that is busy.
    pub fn begin_shutdown(&self) {
        self.hurry.begin();
    }

    /// Keeps what is sensitive in these attributes out of all that is told of calls from now on.
    pub fn hide(&self, attributes: &Map) {
        let secrets = hidden(attributes);
        if !secrets.is_empty() {
            self.api.hide(&secrets);
        }
    }

    /// Keeps secrets of which only digests are on record out of the errors of calls from now on, where
    /// they stand as words.
    pub fn hide_recorded(&self, digests: KnownDigests) {
        if !digests.is_empty() {
            let covered = move |text: &str| digests.cover(text, COVER).into_owned();
            self.api.hide(&RequestSecrets::recognized_by(covered));
        }
    }

    /// The calls themselves.
    pub fn api(&self) -> &A {
        &self.api
    }

    /// Makes a call that can be repeated without harm.
    ///
    /// # Errors
    /// The error of its last attempt.
    pub async fn call_idempotent<T, F>(&self, call: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        self.call((Idempotency::Idempotent, None), call).await
    }

    /// Makes a call that must not be done twice: it is repeated only where it is known that
    /// nothing was done.
    ///
    /// # Errors
    /// The error of its last attempt.
    pub async fn call_once<T, F>(&self, call: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        self.call((Idempotency::NotIdempotent, None), call).await
    }

    /// Makes a call; one that changes something and is named can be left out once there is
    /// [hurry](Provider::hurry).
    pub(crate) async fn call<T, F>(
        &self,
        (repeat, change): (Idempotency, Option<Operation>),
        call: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let asked = CallOptions {
            repeat,
            change,
            tell: self.tell.as_deref(),
            hurry: Some(&self.hurry),
            guard: change.and_then(|change| Some((change, self.guard.as_deref()?))),
        };
        self.pace.call(asked, call).await
    }

    /// Makes a call with a token, which changes something once and can be made again whenever that
    /// may help.
    pub(crate) async fn call_with_token<T, F>(
        &self,
        operation: Operation,
        call: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let asked = CallOptions {
            tell: self.tell.as_deref(),
            hurry: Some(&self.hurry),
            guard: self.guard.as_deref().map(|guard| (operation, guard)),
            ..Idempotency::Idempotent.into()
        };
        self.pace.call(asked, call).await
    }

    /// Creates a group from a request of [`create_request`](crate::create_request). Repeated only where it is known
    /// that nothing was done.
    ///
    /// # Errors
    /// The call's; its [`outcome`](CallError::outcome) says whether the group may exist.
    pub async fn create(&self, request: &CreateContainerGroup) -> Result<Created, CallError> {
        let create = (
            Idempotency::NotIdempotent,
            Some(Operation::CreateContainerGroup),
        );
        let refused = Mutex::new(None);
        let take = || {
            refused
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
        };
        let answer = self
            .call(create, || async {
                // An error can be returned after the commit: before the same is sent again, it is
                // looked for.
                if let Some(error) = take()
                    && let Some(created) = self.created(request, error).await?
                {
                    return Ok(created);
                }
                let answer = self.api.create_container_group(request).await;
                if let Err(error) = &answer
                    && error.refusal().is_some()
                {
                    *refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                }
                answer
            })
            .await?;
        let id = answer.container_group_id.to_string();
        let attributes = made(&id, answer.master_order_id.as_deref());
        let attributes = Arc::new(self.concealed(Kind::ContainerGroup, attributes));
        Ok(Created { id, attributes })
    }

    /// What a refused create made all the same. Where that cannot be told, the outcome of that
    /// create is unknown.
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
        match self.api.list_container_groups(&filter).await {
            Ok(groups) => Ok(groups
                .into_iter()
                .next()
                .map(|group| ContainerGroupCreated {
                    request_id: None,
                    container_group_id: group.container_group_id,
                    master_order_id: None,
                })),
            Err(error) => {
                tracing::debug!(%error, "cannot look for what a refused create made");
                Err(refusal.in_doubt())
            }
        }
    }

    /// The groups that carry this operation tag.
    ///
    /// # Errors
    /// The call's.
    pub async fn find(&self, operation: &OperationTag) -> Result<Vec<Seen>, CallError> {
        self.tagged([(OperationTag::KEY, operation.as_str())]).await
    }

    /// The groups that carry all these tags.
    ///
    /// # Errors
    /// The call's.
    pub async fn tagged<'a>(
        &self,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Vec<Seen>, CallError> {
        let tags = tags.into_iter().map(|(key, value)| tag(key, value));
        let filter = ContainerGroupFilter {
            tags: tags.collect(),
            ..ContainerGroupFilter::default()
        };
        let groups = self.listed(filter, |_| {}).await?;
        Ok(groups.into_iter().map(Seen::new).collect())
    }

    /// All groups of the region with nothing of their attributes but the operation tag: the reports of
    /// thousands would take much memory.
    ///
    /// # Errors
    /// The call's.
    pub async fn all_tags(&self) -> Result<Vec<Seen>, CallError> {
        let filter = ContainerGroupFilter::default();
        let groups = self.listed(filter, keep_tags).await?;
        Ok(groups.into_iter().map(Seen::new).collect())
    }

    /// The groups that a filter lets through; each page is a call of its own. What is not needed of a
    /// group goes before the next page is read.
    async fn listed(
        &self,
        filter: ContainerGroupFilter,
        reduce: fn(&mut DescribedGroup),
    ) -> Result<Vec<DescribedGroup>, CallError> {
        whole(|| {
            every_page(filter.clone(), |filter| async move {
                let read = || self.api.describe_container_groups(&filter);
                let mut page = self.call_idempotent(read).await?;
                page.container_groups.iter_mut().for_each(reduce);
                Ok(page)
            })
        })
        .await
    }

    /// A group as it is now; `None` if it is gone.
    ///
    /// # Errors
    /// The call's.
    pub async fn describe_group(&self, id: &ContainerGroupId) -> Result<Option<Seen>, CallError> {
        match self
            .call_idempotent(|| self.api.describe_container_group(id))
            .await
        {
            Ok(group) => Ok(Some(Seen::new(group))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes a group in place by a request of [`update_request`](crate::update_request). Repeating it does no harm.
    ///
    /// # Errors
    /// The call's.
    pub async fn update(
        &self,
        id: &ContainerGroupId,
        request: &UpdateContainerGroup,
    ) -> Result<(), CallError> {
        let update = (
            Idempotency::Idempotent,
            Some(Operation::UpdateContainerGroup),
        );
        self.call(update, || self.api.update_container_group(id, request))
            .await
            .map(drop)
    }

    /// Begins the end of a group. One that is gone already is no error.
    ///
    /// # Errors
    /// The call's.
    pub async fn delete(&self, id: &ContainerGroupId) -> Result<(), CallError> {
        let delete = (
            Idempotency::Idempotent,
            Some(Operation::DeleteContainerGroup),
        );
        match self
            .call(delete, || self.api.delete_container_group(id, false))
            .await
        {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag {
        key: Some(key.to_owned()),
        value: Some(value.to_owned()),
    }
}

/// Keeps nothing of the report of a group but its tags, beside its id and status.
fn keep_tags(group: &mut DescribedGroup) {
    let tags = group.raw.get_mut("tags").map(serde_json::Value::take);
    group.raw = serde_json::json!({ "tags": tags });
    group.containers = Vec::new();
    group.init_containers = Vec::new();
    group.volumes = Vec::new();
    group.events = Vec::new();
}
