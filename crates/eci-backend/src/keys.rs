//! The data keys of a state, unwrapped.

use std::collections::BTreeMap;

use bytes::Bytes;
use eci_core::{Lineage, Serial};
use eci_state::ObjectDamage;

use crate::device::ObjectId;
use crate::keyring::{DataKey, KeyRing, RING_FORMAT, ReaderKey};
use crate::seal::{self, KeyId, ObjectPlace, OpenedObject, SealedObject, SecretKey};
use crate::seal_error::SealError;

/// The data keys of a state.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) ring: KeyRing,
    pub(crate) current: DataKey,
    others: BTreeMap<KeyId, SecretKey>,
}

impl Keys {
    /// Creates a ring with one random data key, wrapped for these readers.
    pub(crate) fn create(lineage: &Lineage, readers: &[ReaderKey]) -> Result<Keys, SealError> {
        let current = DataKey::random()?;
        let wrapped = current.wrap(lineage, readers)?;
        Ok(Keys {
            ring: KeyRing {
                format: RING_FORMAT,
                lineage: lineage.clone(),
                current: current.id.clone(),
                keys: vec![wrapped],
            },
            current,
            others: BTreeMap::new(),
        })
    }

    /// Unwraps the current key of a ring; `None` if no reader can.
    pub(crate) fn unlock(ring: KeyRing, readers: &[ReaderKey]) -> Option<Keys> {
        let mut keys = ring.keys.iter();
        let current = keys.find(|key| key.id == ring.current)?;
        let current = current.unwrap_with(&ring.lineage, readers)?;
        Some(Keys {
            ring,
            current,
            others: BTreeMap::new(),
        })
    }

    /// Creates a ring with a new data key for what is written from now on.
    ///
    /// All data keys are wrapped for these readers, and for no others.
    pub(crate) fn rotated(&self, readers: &[ReaderKey]) -> Result<Keys, SealError> {
        let lineage = self.lineage();
        let Keys { ring, current, .. } = Keys::create(lineage, readers)?;
        let mut keys = ring.keys;
        for wrapped in &self.ring.keys {
            // One that no reader can unwrap stays as it is: what it encrypts is lost anyway.
            keys.push(match wrapped.unwrap_with(lineage, readers) {
                Some(key) => key.wrap(lineage, readers)?,
                None => wrapped.clone(),
            });
        }
        Ok(Keys {
            ring: KeyRing { keys, ..ring },
            current,
            others: BTreeMap::new(),
        })
    }

    pub(crate) fn lineage(&self) -> &Lineage {
        &self.ring.lineage
    }

    /// Encrypts the content of an object.
    pub(crate) fn seal(
        &self,
        object: ObjectId,
        serial: Serial,
        clear: &[u8],
    ) -> Result<Bytes, SealError> {
        let place = ObjectPlace {
            lineage: self.lineage(),
            object,
            serial,
        };
        let DataKey { id, key } = &self.current;
        Ok(Bytes::from(seal::seal(id, key, place, clear)?))
    }

    /// Decrypts an object.
    pub(crate) fn open(
        &mut self,
        readers: &[ReaderKey],
        object: ObjectId,
        bytes: &[u8],
    ) -> Result<OpenedObject, ObjectDamage> {
        let sealed = SealedObject::read(bytes, &self.ring.lineage, object)?;
        if *sealed.key() == self.current.id {
            return sealed.open(&self.current.key, object);
        }

        if !self.others.contains_key(sealed.key()) {
            let mut wrapped = self.ring.keys.iter();
            let wrapped = wrapped.find(|wrapped| wrapped.id == *sealed.key());
            let key = wrapped.and_then(|it| it.unwrap_with(&self.ring.lineage, readers));
            let key = key.ok_or(ObjectDamage::Altered)?;
            self.others.insert(key.id, key.key);
        }
        sealed.open(&self.others[sealed.key()], object)
    }
}
