//! The data keys of a state in its log.

use std::sync::PoisonError;

use eci_core::Lineage;
use eci_state::{ObjectDamage, RemoteError, StateError};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::device::{Creation, ObjectId, Series, StoredObject};
use crate::keyring::{KeyRing, RING_FORMAT};
use crate::keys::Keys;
use crate::log::{Log, to_bytes};
use crate::seal::OpenedObject;

impl Log {
    /// Reads the keys of the state; `None` if the state does not exist.
    pub(crate) async fn keys(&self) -> Result<Option<Keys>, StateError> {
        let number = match self.list(Series::Keys, 0).await?.pop() {
            Some(number) => number,
            // A state without keys is an error.
            None => match self.listing().await?.last_keys() {
                Some(number) => number,
                None => return Ok(None),
            },
        };
        let object = ObjectId::new(Series::Keys, number);
        let stored = self.get(object).await?;
        let stored = stored.ok_or_else(|| self.missing(object))?;
        self.unlock_stored(object, &stored).map(Some)
    }

    /// Unwraps the keys in an object.
    pub(crate) fn unlock_stored(
        &self,
        object: ObjectId,
        stored: &StoredObject,
    ) -> Result<Keys, StateError> {
        let ring: KeyRing = self.parse(object, &stored.bytes)?;
        if ring.format != RING_FORMAT {
            return Err(self.damaged(object, ObjectDamage::NewerFormat(ring.format)));
        }
        self.unlock(ring)
    }

    fn unlock(&self, ring: KeyRing) -> Result<Keys, StateError> {
        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keys) = unlocked.as_ref().filter(|keys| keys.ring == ring) {
            return Ok(keys.clone());
        }
        let keys = Keys::unlock(ring, &self.readers).ok_or_else(|| RemoteError::NoKey {
            location: self.location(),
            has_readers: !self.readers.is_empty(),
        })?;
        *unlocked = Some(keys.clone());
        Ok(keys)
    }

    /// Decrypts the content of an object.
    pub(crate) fn open_object(
        &self,
        keys: &mut Keys,
        object: ObjectId,
        bytes: &[u8],
    ) -> Result<OpenedObject, StateError> {
        let opened = keys.open(&self.readers, object, bytes);
        opened.map_err(|damage| self.damaged(object, damage))
    }

    /// Parses the content of an object.
    pub(crate) fn parse<T: DeserializeOwned>(
        &self,
        object: ObjectId,
        clear: &[u8],
    ) -> Result<T, StateError> {
        serde_json::from_slice(clear)
            .map_err(|error| self.damaged(object, ObjectDamage::Syntax(error.into())))
    }

    /// Writes keys in place of those with a lower number.
    ///
    /// Those are removed: what a former reader could unwrap is not stored any more.
    pub(crate) async fn replace_keys(&self, keys: &Keys) -> Result<(), StateError> {
        let numbers = self.list(Series::Keys, 0).await?;
        let next = numbers.last().map_or(1, |last| last + 1);
        let object = ObjectId::new(Series::Keys, next);
        let bytes = to_bytes(&keys.ring)?;
        match self.create(object, &bytes, self.patience).await {
            Ok(Creation::Created) => {}
            Ok(Creation::Exists) => {
                let location = self.location();
                return Err(RemoteError::Superseded { location, by: None }.into());
            }
            Err(cause) => return Err(self.failed(cause)),
        }
        self.delete(Series::Keys, numbers).await?;
        let mut unlocked = self.unlocked.lock().unwrap_or_else(PoisonError::into_inner);
        *unlocked = Some(keys.clone());
        Ok(())
    }

    /// Creates the keys of a new state, or reads those that another run has created meanwhile.
    pub(crate) async fn create_keys(&self) -> Result<Keys, StateError> {
        if self.readers.is_empty() {
            return Err(RemoteError::NoKey {
                location: self.location(),
                has_readers: false,
            }
            .into());
        }
        let lineage = Lineage::new(Uuid::new_v4().to_string());
        let keys = Keys::create(&lineage, &self.readers);
        let ring = keys.map_err(|error| self.not_sealed(&error))?.ring;
        let bytes = to_bytes(&ring)?;
        let object = ObjectId::new(Series::Keys, 1);
        match self.create(object, &bytes, self.patience).await {
            Ok(Creation::Created) => self.unlock(ring),
            Ok(Creation::Exists) => {
                let keys = self.keys().await?;
                keys.ok_or_else(|| self.missing(object))
            }
            Err(cause) => Err(self.failed(cause)),
        }
    }
}
