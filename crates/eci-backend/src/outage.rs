//! Notices about a store that does not answer.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eci_state::DeviceError;

/// The time after which a run says that it waits for a store.
const NOTICE_AFTER: Duration = Duration::from_secs(2);

/// A store that has not answered for a while.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outage {
    /// The address of the state.
    pub location: String,
    /// The last failure; `None` if the first request is not answered yet.
    pub cause: Option<DeviceError>,
    /// The time for which the request is still repeated.
    pub left: Duration,
}

/// A listener for outages.
///
/// It is called while a request is repeated, and must not block.
pub type OutageListener = Arc<dyn Fn(&Outage) + Send + Sync>;

/// The last failure of a request that is being repeated.
#[derive(Default)]
pub(crate) struct LastFailure(Mutex<Option<DeviceError>>);

impl LastFailure {
    pub(crate) fn set(&self, error: DeviceError) {
        *self.lock() = Some(error);
    }

    pub(crate) fn get(&self) -> Option<DeviceError> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Option<DeviceError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A watch on requests: it passes each outage on once, however many requests suffer from it.
#[derive(Clone, Default)]
pub(crate) struct OutageWatch {
    listener: Option<OutageListener>,
    is_reported: Arc<AtomicBool>,
}

impl fmt::Debug for OutageWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutageWatch").finish_non_exhaustive()
    }
}

impl OutageWatch {
    pub(crate) fn new(listener: OutageListener) -> OutageWatch {
        OutageWatch {
            listener: Some(listener),
            is_reported: Arc::default(),
        }
    }

    /// Waits for a request with its repetitions, and reports that it waits.
    pub(crate) async fn watch<T>(
        &self,
        request: impl Future<Output = T>,
        outage: impl FnOnce() -> Outage,
    ) -> T {
        let Some(listener) = &self.listener else {
            return request.await;
        };
        let mut request = pin!(request);
        if let Ok(answer) = tokio::time::timeout(NOTICE_AFTER, &mut request).await {
            return answer;
        }
        if !self.is_reported.swap(true, Ordering::Relaxed) {
            listener(&outage());
        }
        let answer = request.await;
        self.is_reported.store(false, Ordering::Relaxed);
        answer
    }
}
