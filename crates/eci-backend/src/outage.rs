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
    /// Whether the last request failed because the store did not answer, in spite of its repetitions.
    has_failed: Arc<AtomicBool>,
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
            has_failed: Arc::default(),
        }
    }

    /// Returns whether the store was unavailable at the end of the last request.
    pub(crate) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    /// Waits for a request with its repetitions, and reports that it waits.
    pub(crate) async fn watch<T>(
        &self,
        request: impl Future<Output = Result<T, DeviceError>>,
        outage: impl FnOnce() -> Outage,
    ) -> Result<T, DeviceError> {
        let answer = self.watched(request, outage).await;
        let has_failed = answer.as_ref().is_err_and(DeviceError::is_transient);
        self.has_failed.store(has_failed, Ordering::Relaxed);
        if !has_failed {
            self.is_reported.store(false, Ordering::Relaxed);
        }
        answer
    }

    async fn watched<T>(
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
        request.await
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_text::Text;

    use super::*;

    async fn slow<T>(answer: Result<T, DeviceError>) -> Result<T, DeviceError> {
        tokio::time::sleep(NOTICE_AFTER + Duration::from_millis(100)).await;
        answer
    }

    #[tokio::test]
    async fn an_outage_is_reported_once_until_the_store_answers() {
        let reported = Arc::new(Mutex::new(0));
        let count = Arc::clone(&reported);
        let watch = OutageWatch::new(Arc::new(move |_| *count.lock().unwrap() += 1));
        let outage = || Outage {
            location: "s3://a/b".to_owned(),
            cause: None,
            left: Duration::ZERO,
        };
        let down = || {
            let cause = Text::verbatim("down");
            slow(Err::<(), _>(DeviceError::Unavailable { cause }))
        };
        // The second request is the release of the lock, for example.
        for _ in 0..2 {
            watch.watch(down(), outage).await.unwrap_err();
            assert!(watch.has_failed());
            assert_eq!(*reported.lock().unwrap(), 1);
        }
        watch
            .watch(std::future::ready(Ok(())), outage)
            .await
            .unwrap();
        assert!(!watch.has_failed());
        watch.watch(down(), outage).await.unwrap_err();
        assert_eq!(*reported.lock().unwrap(), 2);
    }
}
