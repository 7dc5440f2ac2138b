//! Resources created, read, changed and deleted, in terms of their attributes.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use eci_api::types::{COVER, RequestSecrets};
use eci_api::{Api, CallError, Operation};
use eci_core::Map;
use eci_core::digest::KnownDigests;

use crate::request::hidden;
use crate::throttle::{
    CallOptions, Guard, GuardRefusal, Idempotency, RetryEvent, RetryListener, Shutdown, Throttle,
};

/// The cloud in terms of resources and attributes.
///
/// Cheap to clone.
pub struct ResourceProvider<A> {
    api: Arc<A>,
    throttle: Arc<Throttle>,
    on_retry: Option<Arc<RetryListener<'static>>>,
    shutdown: Arc<Shutdown>,
    guard: Option<Arc<Guard<'static>>>,
}

impl<A: fmt::Debug> fmt::Debug for ResourceProvider<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ResourceProvider {
            api,
            throttle,
            on_retry: _,
            shutdown: _,
            guard: _,
        } = self;
        let mut output = f.debug_struct("ResourceProvider");
        output
            .field("api", api)
            .field("throttle", throttle)
            .finish_non_exhaustive()
    }
}

impl<A> Clone for ResourceProvider<A> {
    fn clone(&self) -> Self {
        ResourceProvider {
            api: Arc::clone(&self.api),
            throttle: Arc::clone(&self.throttle),
            on_retry: self.on_retry.clone(),
            shutdown: Arc::clone(&self.shutdown),
            guard: self.guard.clone(),
        }
    }
}

/// The content of the answer to a create.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatedObject {
    /// The cloud's id.
    pub id: String,
    /// The known attributes: the ID and the order.
    pub attributes: Arc<Map>,
}

impl<A: Api> ResourceProvider<A> {
    /// Creates a provider on an API, with a throttle that all its calls share.
    pub fn new(api: A, throttle: Throttle) -> ResourceProvider<A> {
        ResourceProvider {
            api: Arc::new(api),
            throttle: Arc::new(throttle),
            on_retry: None,
            shutdown: Arc::default(),
            guard: None,
        }
    }

    /// Returns this provider with a guard that is called before each call with a side effect.
    /// Where the guard refuses for good, the call fails with its reason, and nothing is changed.
    #[must_use]
    pub fn guarded(
        &self,
        guard: impl Fn() -> Result<(), GuardRefusal> + Send + Sync + 'static,
    ) -> ResourceProvider<A> {
        ResourceProvider {
            guard: Some(Arc::new(guard)),
            ..self.clone()
        }
    }

    /// Returns this provider with a listener that is called before each retry.
    #[must_use]
    pub fn with_retry_listener(
        &self,
        on_retry: impl Fn(&RetryEvent<'_>) + Send + Sync + 'static,
    ) -> ResourceProvider<A> {
        ResourceProvider {
            on_retry: Some(Arc::new(on_retry)),
            ..self.clone()
        }
    }

    /// Returns a provider for one run: [`begin_shutdown`](Self::begin_shutdown) of it ends with that run, and has
    /// no effect on this provider.
    #[must_use]
    pub fn for_run(&self) -> ResourceProvider<A> {
        ResourceProvider {
            shutdown: Arc::default(),
            ..self.clone()
        }
    }

    /// Ends the retries of calls of this provider and its clones that would change an object and
    /// have not changed anything, and prevents further such calls, so that the end of the run does
    /// not wait for a busy cloud.
    pub fn begin_shutdown(&self) {
        self.shutdown.begin();
    }

    /// Keeps the sensitive values among these attributes out of all reports of calls from now on.
    pub fn hide(&self, attributes: &Map) {
        let secrets = hidden(attributes);
        if !secrets.is_empty() {
            self.api.hide(&secrets);
        }
    }

    /// Hides secrets of which only digests are recorded in the errors of calls from now on, where
    /// they appear as words.
    pub fn hide_recorded(&self, digests: KnownDigests) {
        if !digests.is_empty() {
            let covered = move |text: &str| digests.cover(text, COVER).into_owned();
            self.api.hide(&RequestSecrets::recognized_by(covered));
        }
    }

    /// Returns the API that sends the calls.
    pub fn api(&self) -> &A {
        &self.api
    }

    /// Makes a call that can be repeated without harm.
    ///
    /// Cancel safe: the call can be repeated.
    ///
    /// # Errors
    /// The error of its last attempt.
    pub async fn call_idempotent<T, F>(&self, call: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        self.call(Idempotency::Idempotent, None, call).await
    }

    /// Makes a call that must not be done twice: it is repeated only where it is known that
    /// nothing was done.
    ///
    /// Not cancel safe: whether a call that was dropped took effect is unknown.
    ///
    /// # Errors
    /// The error of its last attempt.
    pub async fn call_once<T, F>(&self, call: impl Fn() -> F) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        self.call(Idempotency::NotIdempotent, None, call).await
    }

    /// Sends a call; one that changes an object and is named can be left out once there is
    /// [shutdown](Provider::shutdown).
    pub(crate) async fn call<T, F>(
        &self,
        repeat: Idempotency,
        change: Option<Operation>,
        call: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let options = CallOptions {
            repeat,
            change,
            on_retry: self.on_retry.as_deref(),
            shutdown: Some(&self.shutdown),
            guard: change.and_then(|change| Some((change, self.guard.as_deref()?))),
        };
        self.throttle.call(options, call).await
    }

    /// Sends a call with a token, which takes effect only once and can therefore always be retried.
    pub(crate) async fn call_with_token<T, F>(
        &self,
        operation: Operation,
        call: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let options = CallOptions {
            on_retry: self.on_retry.as_deref(),
            shutdown: Some(&self.shutdown),
            guard: self.guard.as_deref().map(|guard| (operation, guard)),
            ..Idempotency::Idempotent.into()
        };
        self.throttle.call(options, call).await
    }
}
