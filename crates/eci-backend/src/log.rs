//! The log of a state on a device: its objects, and the repetition of operations while the store is unavailable.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use eci_state::{DeviceError, ObjectDamage, RemoteError, StateError};
use eci_text::{Text, text};
use futures::StreamExt as _;
use futures::stream;
use jiff::Timestamp;
use serde::Serialize;
use tokio::runtime::Runtime;

use crate::blocking;
use crate::device::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};
use crate::keyring::ReaderKey;
use crate::keys::Keys;
use crate::known_heads::KnownHeads;
use crate::outage::{LastFailure, Outage, OutageWatch};
use crate::seal_error::SealError;

/// The number of objects that are read or created at once.
pub(crate) const OPERATIONS_AT_ONCE: usize = 16;

/// The first pause before an operation is repeated; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause before an operation is repeated.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A state on a device.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub(crate) device: Arc<dyn LogDevice>,
    pub(crate) readers: Arc<[ReaderKey]>,
    /// The time for which a failed operation is repeated.
    pub(crate) patience: Duration,
    /// The ends of logs that this machine knows.
    pub(crate) known: Option<KnownHeads>,
    /// The keys that were unwrapped last: to derive one from a passphrase takes 0.3 s.
    pub(crate) unlocked: Arc<Mutex<Option<Keys>>>,
    pub(crate) outages: OutageWatch,
    /// The number of versions that are kept.
    pub(crate) versions: usize,
}

/// An object that was looked up; without content if it does not exist.
pub(crate) struct FoundObject {
    pub(crate) object: ObjectId,
    pub(crate) stored: Option<StoredObject>,
}

impl Log {
    pub(crate) fn location(&self) -> String {
        self.device.location()
    }

    pub(crate) fn failed(&self, cause: DeviceError) -> StateError {
        let location = self.location();
        RemoteError::Device { location, cause }.into()
    }

    pub(crate) fn damaged(&self, object: ObjectId, damage: ObjectDamage) -> StateError {
        let (location, object) = (self.location(), object.to_string());
        RemoteError::Damaged {
            location,
            object,
            damage,
        }
        .into()
    }

    pub(crate) fn missing(&self, object: ObjectId) -> StateError {
        let (location, object) = (self.location(), object.to_string());
        RemoteError::Missing { location, object }.into()
    }

    /// Returns the error for an operation that this machine refuses.
    pub(crate) fn refused(&self, error: &(dyn std::error::Error + 'static)) -> StateError {
        let cause = Text::of_error(error);
        self.failed(DeviceError::Refused { cause })
    }

    /// Returns the error for an object that could not be encrypted.
    pub(crate) fn not_sealed(&self, error: &SealError) -> StateError {
        error.at(self.location())
    }

    /// Returns a runtime for the operations on the device.
    pub(crate) fn runtime(&self) -> Result<Runtime, StateError> {
        blocking::runtime().map_err(|error| self.refused(&error))
    }

    /// Repeats an operation while the store is unavailable.
    pub(crate) async fn retried<'a, T>(
        &'a self,
        patience: Duration,
        operation: impl Fn() -> DeviceFuture<'a, T>,
    ) -> Result<T, DeviceError> {
        let began = tokio::time::Instant::now();
        let failure = LastFailure::default();
        let repeating = async {
            let mut pause = FIRST_PAUSE;
            loop {
                match operation().await {
                    Err(error) if error.is_transient() && began.elapsed() + pause < patience => {
                        tracing::debug!(%error, ?pause, "the store is unavailable");
                        failure.set(error);
                        tokio::time::sleep(pause).await;
                        pause = (2 * pause).min(LONGEST_PAUSE);
                    }
                    done => return done,
                }
            }
        };
        let outage = || Outage {
            location: self.location(),
            cause: failure.get(),
            left: patience.saturating_sub(began.elapsed()),
        };
        self.outages.watch(repeating, outage).await
    }

    /// Creates an object, or finds out that it exists.
    ///
    /// The answer to a create may be lost, and a proxy may repeat one: an object of this content is the
    /// one that is to be created.
    ///
    /// # Errors
    /// If the store does not answer for `patience`, or refuses the operation.
    pub(crate) async fn create(
        &self,
        object: ObjectId,
        bytes: &Bytes,
        patience: Duration,
    ) -> Result<Creation, DeviceError> {
        self.retried(patience, || {
            Box::pin(async move {
                if self.device.create(object, bytes.clone()).await? == Creation::Created {
                    return Ok(Creation::Created);
                }
                match self.device.get(object).await? {
                    Some(found) if found.bytes == *bytes => Ok(Creation::Created),
                    Some(_) => Ok(Creation::Exists),
                    // A store that was busy with another create reports a conflict, too.
                    None => Err(DeviceError::Unavailable {
                        cause: text!(
                            en: "`{object}` exists, but cannot be read",
                            zh: "`{object}` 已存在，但无法读取",
                            object = object.to_string(),
                        ),
                    }),
                }
            })
        })
        .await
    }

    /// Returns the time since a time, both by the clock of the store.
    pub(crate) async fn since(&self, time: Timestamp) -> Result<Duration, StateError> {
        let now = self.retried(self.patience, || self.device.now()).await;
        let passed = now
            .map_err(|cause| self.failed(cause))?
            .duration_since(time);
        Ok(Duration::try_from(passed).unwrap_or_default())
    }

    pub(crate) async fn get(&self, object: ObjectId) -> Result<Option<StoredObject>, StateError> {
        let got = self.retried(self.patience, || self.device.get(object));
        got.await.map_err(|cause| self.failed(cause))
    }

    /// Returns objects of a series in the order of their numbers.
    pub(crate) async fn get_all(
        &self,
        series: Series,
        numbers: &[u64],
    ) -> Result<Vec<FoundObject>, StateError> {
        let reading = numbers.iter().map(|number| async {
            let object = ObjectId::new(series, *number);
            let stored = self.get(object).await?;
            Ok(FoundObject { object, stored })
        });
        let reading = stream::iter(reading).buffered(OPERATIONS_AT_ONCE);
        let read: Vec<Result<FoundObject, StateError>> = reading.collect().await;
        read.into_iter().collect()
    }

    pub(crate) async fn list(&self, series: Series, from: u64) -> Result<Vec<u64>, StateError> {
        let listed = self.retried(self.patience, || self.device.list(series, from));
        listed.await.map_err(|cause| self.failed(cause))
    }

    /// Returns whether a new entry with this number is the end of the log.
    ///
    /// Others may have worked since the state was read, for example while the machine was suspended, and removed
    /// the entry that had the number: it is free again. Then there are later snapshots.
    pub(crate) async fn is_end(&self, number: u64) -> Result<bool, StateError> {
        let later = self.list(Series::Snapshot, number).await?;
        Ok(later.is_empty())
    }

    /// Deletes objects of a series in this order.
    pub(crate) async fn delete(
        &self,
        series: Series,
        numbers: impl IntoIterator<Item = u64>,
    ) -> Result<(), StateError> {
        for number in numbers {
            let object = ObjectId::new(series, number);
            let deleted = self.retried(self.patience, || self.device.delete(object));
            deleted.await.map_err(|cause| self.failed(cause))?;
        }
        Ok(())
    }

    /// Removes all objects of an empty state except its keys: the entries from the last to the first, so that
    /// what remains at any instant is a state.
    pub(crate) async fn remove_all(&self) -> Result<(), StateError> {
        for series in [Series::Plan, Series::Log, Series::History, Series::Snapshot] {
            let mut numbers = self.list(series, 0).await?;
            if series == Series::Log {
                numbers.reverse();
            }
            self.delete(series, numbers).await?;
        }
        Ok(())
    }
}

/// Serializes what always can be.
pub(crate) fn to_bytes(value: &impl Serialize) -> Result<Bytes, StateError> {
    let serialized = serde_json::to_vec(value).map(Bytes::from);
    serialized.map_err(|cause| StateError::NotSerializable {
        what: text!(en: "an entry of the state", zh: "状态的条目"),
        cause,
    })
}
