//! Parts that all tests of a backend share.

use std::sync::Arc;
use std::time::Duration;

use eci_backend::{LockTiming, LogBackend, LogDevice, OpenOptions, ReaderKey, SecretKey};
use eci_core::{Address, Kind};
use eci_state::{Holder, Record, ResourceState};

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
