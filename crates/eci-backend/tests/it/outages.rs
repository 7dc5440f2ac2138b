//! A store that does not answer: a run says so once, and for how long it continues to try.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use eci_backend::{Creation, DeviceFuture, LogDevice, ObjectId, Outage, Series, StoredObject};
use eci_state::DeviceError;
use eci_text::Text;
use jiff::Timestamp;

use crate::world::{backend, options};

/// A store that refuses connections, or never answers.
#[derive(Clone, Copy, Debug)]
enum DeadStore {
    Refusing,
    Silent,
}

impl DeadStore {
    fn failed<T: Send + 'static>(self) -> DeviceFuture<'static, T> {
        Box::pin(async move {
            if matches!(self, DeadStore::Silent) {
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
            let cause = Text::verbatim("connection refused");
            Err(DeviceError::Unavailable { cause })
        })
    }
}

impl LogDevice for DeadStore {
    fn location(&self) -> String {
        "dead".to_owned()
    }

    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        self.failed()
    }

    fn create(&self, _: ObjectId, _: Bytes) -> DeviceFuture<'_, Creation> {
        self.failed()
    }

    fn get(&self, _: ObjectId) -> DeviceFuture<'_, Option<StoredObject>> {
        self.failed()
    }

    fn list(&self, _: Series, _: u64) -> DeviceFuture<'_, Vec<u64>> {
        self.failed()
    }

    fn delete(&self, _: ObjectId) -> DeviceFuture<'_, ()> {
        self.failed()
    }
}

/// Opens a state in a dead store, and returns the outages that were reported.
fn reported(store: DeadStore, patience: Duration) -> Vec<Outage> {
    let outages: Arc<Mutex<Vec<Outage>>> = Arc::default();
    let reports = Arc::clone(&outages);
    let backend = backend(store).with_patience(patience);
    let backend = backend.with_outage_listener(Arc::new(move |outage| {
        reports.lock().unwrap().push(outage.clone());
    }));
    let refused = backend.open(options("first"), |_| {}).unwrap_err();
    assert!(refused.to_string().contains("connection refused"));
    std::mem::take(&mut *outages.lock().unwrap())
}

#[test]
fn an_outage_is_reported_once_after_two_seconds() {
    let patience = Duration::from_secs(4);
    let [outage] = &reported(DeadStore::Refusing, patience)[..] else {
        panic!("one outage was to be reported");
    };
    assert_eq!(outage.location, "dead");
    assert!(outage.cause.is_some());
    assert!(outage.left <= Duration::from_secs(2), "{outage:?}");
    let silent = reported(DeadStore::Silent, patience);
    assert_eq!(silent.len(), 1);
    assert_eq!(silent[0].cause, None);
    // What ends sooner is an error at once.
    let short = reported(DeadStore::Refusing, Duration::from_secs(1));
    assert!(short.is_empty(), "{short:?}");
}
