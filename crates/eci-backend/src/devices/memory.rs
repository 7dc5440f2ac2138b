//! A device in memory: for simulations and tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use jiff::Timestamp;

use crate::device::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};

/// A device in memory.
///
/// Clones refer to the same objects.
#[derive(Clone, Debug, Default)]
pub struct MemoryDevice {
    objects: Arc<Mutex<BTreeMap<ObjectId, MemoryObject>>>,
    workspaces: Arc<Mutex<BTreeMap<String, MemoryDevice>>>,
}

#[derive(Clone, Debug)]
struct MemoryObject {
    bytes: Bytes,
    since: Timestamp,
}

impl MemoryDevice {
    fn objects(&self) -> MutexGuard<'_, BTreeMap<ObjectId, MemoryObject>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replaces the content of an object, as damage or an intruder would.
    pub fn overwrite(&self, id: ObjectId, bytes: Bytes) {
        let since = Timestamp::now();
        self.objects().insert(id, MemoryObject { bytes, since });
    }

    /// Removes an object, as an intruder would.
    pub fn remove(&self, id: ObjectId) {
        self.objects().remove(&id);
    }

    /// Returns all objects with their contents.
    pub fn contents(&self) -> BTreeMap<ObjectId, Bytes> {
        let objects = self.objects();
        let contents = objects.iter().map(|(id, kept)| (*id, kept.bytes.clone()));
        contents.collect()
    }
}

impl LogDevice for MemoryDevice {
    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        Box::pin(async { Ok(Timestamp::now()) })
    }

    fn create(&self, id: ObjectId, bytes: Bytes) -> DeviceFuture<'_, Creation> {
        Box::pin(async move {
            let mut objects = self.objects();
            if objects.contains_key(&id) {
                return Ok(Creation::Exists);
            }
            let since = Timestamp::now();
            objects.insert(id, MemoryObject { bytes, since });
            Ok(Creation::Created)
        })
    }

    fn get(&self, id: ObjectId) -> DeviceFuture<'_, Option<StoredObject>> {
        Box::pin(async move {
            let objects = self.objects();
            Ok(objects.get(&id).map(|kept| StoredObject {
                bytes: kept.bytes.clone(),
                created: kept.since,
            }))
        })
    }

    fn list(&self, series: Series, from: u64) -> DeviceFuture<'_, Vec<u64>> {
        Box::pin(async move {
            let (first, last) = (ObjectId::new(series, from), ObjectId::new(series, u64::MAX));
            let objects = self.objects();
            Ok(objects
                .range(first..=last)
                .map(|(id, _)| id.number)
                .collect())
        })
    }

    fn workspace(&self, name: &str) -> Option<Arc<dyn LogDevice>> {
        let mut workspaces = self
            .workspaces
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let device = workspaces.entry(name.to_owned()).or_default();
        Some(Arc::new(device.clone()))
    }

    fn workspaces(&self) -> DeviceFuture<'_, Vec<String>> {
        Box::pin(async move {
            let workspaces = self
                .workspaces
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            Ok(workspaces.keys().cloned().collect())
        })
    }

    fn delete(&self, id: ObjectId) -> DeviceFuture<'_, ()> {
        Box::pin(async move {
            self.objects().remove(&id);
            Ok(())
        })
    }
}
