//! Parts that all tests of a backend share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eci_backend::{
    Creation, DeviceFuture, LockTiming, LogBackend, LogDevice, MemoryDevice, ObjectId, OpenOptions,
    ReaderKey, SecretKey, Series, StoredObject,
};
use eci_core::{Address, Kind};
use eci_state::{Holder, Record, ResourceState};
use jiff::Timestamp;

/// The key of every test.
pub(crate) fn key() -> ReaderKey {
    ReaderKey::Key(SecretKey::new([7; 32]))
}

/// Returns times that are short enough for a test.
pub(crate) fn timing() -> LockTiming {
    let mut timing = LockTiming::default();
    timing.lease = Duration::from_secs(2);
    timing.renewal = Duration::from_millis(500);
    timing.call = Duration::from_secs(1);
    timing.margin = Duration::from_secs(1);
    timing.delay = Duration::from_millis(50);
    timing
}

pub(crate) fn backend(device: impl LogDevice + 'static) -> LogBackend {
    let backend = LogBackend::new(Arc::new(device), vec![key()]);
    backend
        .with_timing(timing())
        .with_patience(Duration::from_secs(10))
}

pub(crate) fn options(command: &str) -> OpenOptions {
    OpenOptions::new(Holder::current_process(command))
}

pub(crate) fn eip(label: &str) -> Address {
    Address::new(Kind::Eip, label)
}

/// Returns a record of an EIP with this label and ID.
pub(crate) fn updated(label: &str, id: &str) -> Record {
    Record::ResourceUpdated {
        address: eip(label),
        state: Box::new(ResourceState {
            id: Some(id.to_owned()),
            ..ResourceState::default()
        }),
    }
}

/// A store in memory with another way to create objects.
struct CustomCreateDevice<F> {
    device: MemoryDevice,
    create: F,
}

/// Returns a store in memory that creates objects in this way.
pub(crate) fn creating_by<F>(device: &MemoryDevice, create: F) -> impl LogDevice + use<F>
where
    F: Fn(MemoryDevice, ObjectId, Bytes) -> DeviceFuture<'static, Creation> + Send + Sync,
{
    CustomCreateDevice {
        device: device.clone(),
        create,
    }
}

impl<F> fmt::Debug for CustomCreateDevice<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CustomCreateDevice")
            .field(&self.device)
            .finish()
    }
}

impl<F> LogDevice for CustomCreateDevice<F>
where
    F: Fn(MemoryDevice, ObjectId, Bytes) -> DeviceFuture<'static, Creation> + Send + Sync,
{
    fn location(&self) -> String {
        self.device.location()
    }

    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        self.device.now()
    }

    fn create(&self, id: ObjectId, bytes: Bytes) -> DeviceFuture<'_, Creation> {
        (self.create)(self.device.clone(), id, bytes)
    }

    fn get(&self, id: ObjectId) -> DeviceFuture<'_, Option<StoredObject>> {
        self.device.get(id)
    }

    fn list(&self, series: Series, from: u64) -> DeviceFuture<'_, Vec<u64>> {
        self.device.list(series, from)
    }

    fn delete(&self, id: ObjectId) -> DeviceFuture<'_, ()> {
        self.device.delete(id)
    }
}
