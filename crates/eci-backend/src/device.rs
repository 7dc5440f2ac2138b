//! Stores of numbered objects that are created once and never changed.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;

use eci_state::DeviceError;

/// The future of an operation on a device.
pub type DeviceFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DeviceError>> + Send + 'a>>;

/// A store of numbered objects.
///
/// **Invariant:** of several creates of one object, by any number of writers, exactly one succeeds, and
/// the object has its bytes from then on. This is the lock, the journal and the fence of a state.
///
/// **Invariant:** a list has every object whose create has been answered, also by another process.
///
/// An operation that fails with [`DeviceError::Unavailable`] may have taken effect. Nothing is retried
/// here: the log does that for all devices.
pub trait LogDevice: fmt::Debug + Send + Sync {
    /// Returns the address of the state, for messages: without credentials.
    fn location(&self) -> String;

    /// Returns the time by the clock of the store, which [`StoredObject::created`] is given by.
    ///
    /// # Errors
    /// If the store does not answer or refuses the call.
    fn now(&self) -> DeviceFuture<'_, Timestamp>;

    /// Creates an object unless it exists, and what must exist before the first one, for example a table.
    ///
    /// # Errors
    /// If the store does not answer or refuses the call. That the object exists is not an error.
    fn create(&self, id: ObjectId, bytes: Bytes) -> DeviceFuture<'_, Creation>;

    /// Returns an object; `None` if it does not exist.
    ///
    /// # Errors
    /// If the store does not answer or refuses the call.
    fn get(&self, id: ObjectId) -> DeviceFuture<'_, Option<StoredObject>>;

    /// Returns the numbers of the objects of a series from a number on, in ascending order.
    ///
    /// # Errors
    /// If the store does not answer or refuses the call.
    fn list(&self, series: Series, from: u64) -> DeviceFuture<'_, Vec<u64>>;

    /// Returns the device of a workspace: another state of this configuration.
    ///
    /// `None` if the store has only one.
    fn workspace(&self, _name: &str) -> Option<Arc<dyn LogDevice>> {
        None
    }

    /// Returns the names of workspaces that may exist, in any order.
    ///
    /// # Errors
    /// If the store does not answer or refuses the call.
    fn workspaces(&self) -> DeviceFuture<'_, Vec<String>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Deletes an object.
    ///
    /// That it does not exist is not an error.
    ///
    /// # Errors
    /// If the store does not answer or refuses the call.
    fn delete(&self, id: ObjectId) -> DeviceFuture<'_, ()>;
}

/// A series of numbered objects of one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Series {
    /// The entries of the log.
    Log,
    /// Snapshots: each has the number of the last entry that it includes.
    Snapshot,
    /// The author of each snapshot, by the numbers of the snapshots.
    History,
    /// The data keys, wrapped for their readers: the highest number counts.
    Keys,
    /// Saved plans of pipelines.
    Plan,
    /// Objects that are created twice, to find out whether the store refuses that.
    Probe,
    /// Whole documents on servers that keep nothing else; no device has them.
    Document,
}

impl Series {
    /// All series of a device.
    pub const ALL: [Series; 6] = [
        Series::Log,
        Series::Snapshot,
        Series::History,
        Series::Keys,
        Series::Plan,
        Series::Probe,
    ];

    /// Returns the name, as part of the name of an object.
    pub const fn name(self) -> &'static str {
        match self {
            Series::Log => "log",
            Series::Snapshot => "snapshot",
            Series::History => "history",
            Series::Keys => "keys",
            Series::Plan => "plan",
            Series::Probe => "probe",
            Series::Document => "document",
        }
    }
}

/// The name of an object: `log/00000000000000000042`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct ObjectId {
    /// The series.
    pub series: Series,
    /// The number in the series.
    pub number: u64,
}

impl ObjectId {
    /// Returns the name of an object of a series.
    pub const fn new(series: Series, number: u64) -> ObjectId {
        ObjectId { series, number }
    }

    /// Returns the number that the last part of an object's name states; `None` if it has another form.
    pub fn number_of(name: &str) -> Option<u64> {
        let is_number = name.len() == 20 && name.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| name.parse().ok()).flatten()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:020}", self.series.name(), self.number)
    }
}

/// The effect of a create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The object was created.
    Created,
    /// An object of that name exists; it was not changed.
    Exists,
}

/// An object as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its content.
    pub bytes: Bytes,
    /// The time of its creation by the clock of the store.
    pub created: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_their_numbers_and_are_read_back() {
        let names = [9, 10, u64::MAX].map(|number| ObjectId::new(Series::Log, number).to_string());
        assert!(names.is_sorted(), "{names:?}");
        let (_, last) = names[2].split_once('/').unwrap_or_default();
        assert_eq!(ObjectId::number_of(last), Some(u64::MAX));
        assert_eq!(ObjectId::number_of("42"), None);
    }
}
