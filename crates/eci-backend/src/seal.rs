//! Encryption of objects: AES-256-GCM, bound to the place of each object.
//!
//! An object is a JSON document. In clear are the lineage, the number, the serial of the state (servers of
//! documents read it) and the key; they are authenticated with the content, so that objects cannot
//! be swapped, renumbered, or moved to another state unnoticed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::{Lineage, Serial};
use eci_state::ObjectDamage;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};

use crate::device::ObjectId;
use crate::seal_error::SealError;

/// The format of sealed objects that this version writes, and the newest that it reads.
pub const SEALED_FORMAT: u32 = 1;

/// The length of data keys in bytes.
pub(crate) const KEY_LENGTH: usize = 32;

/// The name of a data key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeyId(String);

impl KeyId {
    /// Wraps a unique text.
    pub(crate) fn new(unique: impl Into<String>) -> KeyId {
        KeyId(unique.into())
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key of AES-256-GCM.
#[derive(Clone)]
pub struct SecretKey(Arc<SecretBox<[u8; KEY_LENGTH]>>);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl SecretKey {
    /// Wraps the bytes of a key.
    pub fn new(bytes: [u8; KEY_LENGTH]) -> SecretKey {
        SecretKey(Arc::new(SecretBox::new(Box::new(bytes))))
    }

    /// Draws a random key.
    ///
    /// # Errors
    /// If the operating system has no random numbers.
    pub fn random() -> Result<SecretKey, SealError> {
        let mut bytes = [0; KEY_LENGTH];
        fill(&mut bytes)?;
        Ok(SecretKey::new(bytes))
    }

    /// Reads a key that is written in Base64 or hexadecimal; `None` if it is not 32 bytes long.
    pub fn parse(text: &str) -> Option<SecretKey> {
        let text = text.trim();
        let bytes = if text.len() == 2 * KEY_LENGTH {
            (0..KEY_LENGTH)
                .map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok())
                .collect::<Option<Vec<u8>>>()?
        } else {
            BASE64.decode(text).ok()?
        };
        Some(SecretKey::new(bytes.try_into().ok()?))
    }

    pub(crate) fn expose(&self) -> &[u8; KEY_LENGTH] {
        self.0.expose_secret()
    }

    fn cipher(&self) -> Result<LessSafeKey, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, self.expose());
        Ok(LessSafeKey::new(key.map_err(|_| SealError::Cipher)?))
    }

    /// Encrypts bytes, which are bound to a context: the nonce, the text, and the tag, in Base64.
    ///
    /// # Errors
    /// If the operating system has no random numbers.
    pub(crate) fn seal(&self, context: &str, clear: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + clear.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(clear);
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut sealed[NONCE_LEN..],
            )
            .map_err(|_| SealError::Cipher)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(BASE64.encode(sealed))
    }

    /// Decrypts what [`SecretKey::seal`] returned; `None` if it was changed, or the key or the context
    /// is another one.
    pub(crate) fn open(&self, context: &str, sealed: &str) -> Option<Vec<u8>> {
        let mut sealed = BASE64.decode(sealed).ok()?;
        let nonce: [u8; NONCE_LEN] = sealed.get(..NONCE_LEN)?.try_into().ok()?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let aad = Aad::from(context.as_bytes());
        let cipher = self.cipher().ok()?;
        let clear = cipher.open_within(nonce, aad, &mut sealed, NONCE_LEN..);
        let length = clear.ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

fn fill(bytes: &mut [u8]) -> Result<(), SealError> {
    SystemRandom::new()
        .fill(bytes)
        .map_err(|_| SealError::NoRandomness)
}

/// An encrypted object.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sealed<'a> {
    /// The format.
    pub(crate) format: u32,
    /// The state.
    pub(crate) lineage: Lineage,
    /// The name of the object.
    pub(crate) object: Cow<'a, str>,
    /// The serial of the state.
    pub(crate) serial: Serial,
    /// The data key.
    pub(crate) key: KeyId,
    /// The content.
    #[serde(borrow)]
    sealed: Cow<'a, str>,
}

/// The place of an object: what its content is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) lineage: &'a Lineage,
    pub(crate) object: ObjectId,
    pub(crate) serial: Serial,
}

impl Place<'_> {
    fn context(&self, format: u32, key: &KeyId) -> String {
        let Place {
            lineage,
            object,
            serial,
        } = self;
        format!("eci\n{format}\n{lineage}\n{object}\n{serial}\n{key}")
    }
}

/// Encrypts the content of an object.
///
/// # Errors
/// If the operating system has no random numbers.
pub(crate) fn seal(
    id: &KeyId,
    key: &SecretKey,
    place: Place<'_>,
    clear: &[u8],
) -> Result<Vec<u8>, SealError> {
    let sealed = Sealed {
        format: SEALED_FORMAT,
        lineage: place.lineage.clone(),
        object: Cow::Owned(place.object.to_string()),
        serial: place.serial,
        key: id.clone(),
        sealed: Cow::Owned(key.seal(&place.context(SEALED_FORMAT, id), clear)?),
    };
    serde_json::to_vec(&sealed).map_err(|_| SealError::Cipher)
}

impl<'a> Sealed<'a> {
    /// Reads the outer form of an object, which must be this object of this state.
    ///
    /// # Errors
    /// If the bytes are not an encrypted object, or that of another place, or its format is newer.
    pub(crate) fn read(
        bytes: &'a [u8],
        lineage: &Lineage,
        object: ObjectId,
    ) -> Result<Sealed<'a>, ObjectDamage> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let sealed = match serde_json::from_slice::<Sealed<'_>>(bytes) {
            Ok(sealed) => sealed,
            Err(error) => {
                // A newer format may have another form.
                return Err(match serde_json::from_slice::<Head>(bytes) {
                    Ok(head) if head.format > SEALED_FORMAT => {
                        ObjectDamage::NewerFormat(head.format)
                    }
                    _ => ObjectDamage::Syntax(error.into()),
                });
            }
        };
        if sealed.format > SEALED_FORMAT {
            return Err(ObjectDamage::NewerFormat(sealed.format));
        }
        if sealed.lineage != *lineage {
            return Err(ObjectDamage::OtherState(sealed.lineage));
        }
        if *sealed.object != *object.to_string() {
            return Err(ObjectDamage::OtherObject(sealed.object.into_owned()));
        }
        Ok(sealed)
    }

    /// Returns the content of the object.
    ///
    /// # Errors
    /// If it was changed, or was encrypted with another key of the same name.
    pub(crate) fn open(&self, key: &SecretKey, object: ObjectId) -> Result<Vec<u8>, ObjectDamage> {
        let place = Place {
            lineage: &self.lineage,
            object,
            serial: self.serial,
        };
        key.open(&place.context(self.format, &self.key), &self.sealed)
            .ok_or(ObjectDamage::Altered)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::device::Series;

    fn lineage() -> Lineage {
        Lineage::new("a")
    }

    const OBJECT: ObjectId = ObjectId::new(Series::Log, 7);

    fn sealed(key: &SecretKey) -> Vec<u8> {
        let place = Place {
            lineage: &lineage(),
            object: OBJECT,
            serial: Serial(3),
        };
        seal(&KeyId::new("k"), key, place, b"hush").unwrap()
    }

    fn opened(bytes: &[u8], key: &SecretKey, object: ObjectId) -> Result<Vec<u8>, ObjectDamage> {
        Sealed::read(bytes, &lineage(), object)?.open(key, object)
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let key = SecretKey::new([7; KEY_LENGTH]);
        let bytes = sealed(&key);
        assert_eq!(opened(&bytes, &key, OBJECT).unwrap(), b"hush");
        for at in 0..bytes.len() {
            for bit in [1, 0x80] {
                let mut damaged = bytes.clone();
                damaged[at] ^= bit;
                assert!(opened(&damaged, &key, OBJECT).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn an_object_is_bound_to_its_place_and_key() {
        let key = SecretKey::new([7; KEY_LENGTH]);
        let bytes = sealed(&key);
        let renamed = String::from_utf8(bytes.clone()).unwrap();
        let renamed = renamed.replace(&OBJECT.to_string(), "log/00000000000000000008");
        let other = ObjectId::new(Series::Log, 8);
        assert!(matches!(
            opened(&bytes, &key, other),
            Err(ObjectDamage::OtherObject(_))
        ));
        let another = SecretKey::new([8; KEY_LENGTH]);
        for altered in [
            opened(renamed.as_bytes(), &key, other),
            opened(&bytes, &another, OBJECT),
        ] {
            assert!(matches!(altered, Err(ObjectDamage::Altered)));
        }
    }

    #[test]
    fn keys_are_read_in_base64_and_hexadecimal() {
        let key = SecretKey::new([0xab; KEY_LENGTH]);
        for text in [BASE64.encode([0xab; KEY_LENGTH]), "ab".repeat(KEY_LENGTH)] {
            assert_eq!(SecretKey::parse(&text).unwrap().expose(), key.expose());
        }
        assert!(SecretKey::parse("hush").is_none());
    }
}
