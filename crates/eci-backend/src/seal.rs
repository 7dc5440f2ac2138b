//! Encryption of objects: AES-256-GCM, bound to the place of each object.
//!
//! An object begins with a line of JSON: in clear are the lineage, the number, the serial of the state (servers
//! of documents read it) and the key. They are authenticated with the content, so that objects cannot be
//! swapped, renumbered, or moved to another state unnoticed. The encrypted bytes follow; in a document of a
//! server, which is JSON as a whole, they are one more member of that line, in Base64.

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
use serde::de::Error as _;
use serde::{Deserialize, Serialize};

use crate::device::{ObjectId, Series};
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
        let mut sealed = Vec::new();
        self.seal_to(&mut sealed, context, clear)?;
        Ok(BASE64.encode(sealed))
    }

    /// Appends the nonce, the encrypted bytes, and the tag.
    fn seal_to(&self, out: &mut Vec<u8>, context: &str, clear: &[u8]) -> Result<(), SealError> {
        let mut nonce = [0; NONCE_LEN];
        fill(&mut nonce)?;
        out.reserve(NONCE_LEN + clear.len() + AES_256_GCM.tag_len());
        out.extend_from_slice(&nonce);
        let begin = out.len();
        out.extend_from_slice(clear);
        let tag = self
            .cipher()?
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context.as_bytes()),
                &mut out[begin..],
            )
            .map_err(|_| SealError::Cipher)?;
        out.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// Decrypts what [`SecretKey::seal`] returned; `None` if it was changed, or the key or the context
    /// is another one.
    pub(crate) fn open(&self, context: &str, sealed: &str) -> Option<Vec<u8>> {
        self.open_bytes(context, BASE64.decode(sealed).ok()?)
    }

    fn open_bytes(&self, context: &str, mut sealed: Vec<u8>) -> Option<Vec<u8>> {
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
#[derive(Debug)]
pub(crate) struct SealedObject<'a> {
    head: SealedHead<'a>,
    content: SealedContent<'a>,
}

/// The part of an encrypted object that is in clear.
#[derive(Debug, Serialize, Deserialize)]
struct SealedHead<'a> {
    /// The format.
    format: u32,
    /// The state.
    lineage: Lineage,
    /// The name of the object.
    #[serde(borrow)]
    object: Cow<'a, str>,
    /// The serial of the state.
    serial: Serial,
    /// The data key.
    key: KeyId,
    /// The content, in a document.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    sealed: Option<Cow<'a, str>>,
}

/// The encrypted content of an object.
#[derive(Debug)]
enum SealedContent<'a> {
    Bytes(&'a [u8]),
    Base64(Cow<'a, str>),
}

/// The place of an object: what its content is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectPlace<'a> {
    pub(crate) lineage: &'a Lineage,
    pub(crate) object: ObjectId,
    pub(crate) serial: Serial,
}

impl ObjectPlace<'_> {
    fn context(&self, format: u32, key: &KeyId) -> String {
        let ObjectPlace {
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
    place: ObjectPlace<'_>,
    clear: &[u8],
) -> Result<Vec<u8>, SealError> {
    let context = place.context(SEALED_FORMAT, id);
    let mut head = SealedHead {
        format: SEALED_FORMAT,
        lineage: place.lineage.clone(),
        object: Cow::Owned(place.object.to_string()),
        serial: place.serial,
        key: id.clone(),
        sealed: None,
    };
    if is_document(place.object) {
        head.sealed = Some(Cow::Owned(key.seal(&context, clear)?));
        return serde_json::to_vec(&head).map_err(|_| SealError::Cipher);
    }
    let mut sealed = serde_json::to_vec(&head).map_err(|_| SealError::Cipher)?;
    sealed.push(b'\n');
    key.seal_to(&mut sealed, &context, clear)?;
    Ok(sealed)
}

/// Returns whether an object is part of a JSON document.
fn is_document(object: ObjectId) -> bool {
    object.series == Series::Document
}

impl<'a> SealedObject<'a> {
    /// Reads the outer form of an object, which must be this object of this state.
    ///
    /// # Errors
    /// If the bytes are not an encrypted object, or that of another place, or its format is newer.
    pub(crate) fn read(
        bytes: &'a [u8],
        lineage: &Lineage,
        object: ObjectId,
    ) -> Result<SealedObject<'a>, ObjectDamage> {
        #[derive(Deserialize)]
        struct SealFormat {
            format: u32,
        }
        let syntax = |error: serde_json::Error| ObjectDamage::Syntax(error.into());
        let (first, rest) = if is_document(object) {
            (bytes, None)
        } else {
            let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
            (lines.next().unwrap_or_default(), lines.next())
        };
        let mut head = match serde_json::from_slice::<SealedHead<'_>>(first) {
            Ok(head) => head,
            Err(error) => {
                // A newer format may have another form.
                return Err(match serde_json::from_slice::<SealFormat>(first) {
                    Ok(head) if head.format > SEALED_FORMAT => {
                        ObjectDamage::NewerFormat(head.format)
                    }
                    _ => syntax(error),
                });
            }
        };
        if head.format > SEALED_FORMAT {
            return Err(ObjectDamage::NewerFormat(head.format));
        }
        if head.lineage != *lineage {
            return Err(ObjectDamage::OtherState(head.lineage));
        }
        if *head.object != *object.to_string() {
            return Err(ObjectDamage::OtherObject(head.object.into_owned()));
        }
        let content = match (head.sealed.take(), rest) {
            (None, Some(bytes)) => SealedContent::Bytes(bytes),
            (Some(text), None) => SealedContent::Base64(text),
            _ => return Err(syntax(serde_json::Error::missing_field("sealed"))),
        };
        Ok(SealedObject { head, content })
    }

    /// Returns the data key.
    pub(crate) fn key(&self) -> &KeyId {
        &self.head.key
    }

    /// Returns the content of the object.
    ///
    /// # Errors
    /// If it was changed, or was encrypted with another key of the same name.
    pub(crate) fn open(
        &self,
        key: &SecretKey,
        object: ObjectId,
    ) -> Result<OpenedObject, ObjectDamage> {
        let place = ObjectPlace {
            lineage: &self.head.lineage,
            object,
            serial: self.head.serial,
        };
        let context = place.context(self.head.format, &self.head.key);
        let clear = match &self.content {
            SealedContent::Bytes(bytes) => key.open_bytes(&context, bytes.to_vec()),
            SealedContent::Base64(text) => key.open(&context, text),
        };
        Ok(OpenedObject {
            clear: clear.ok_or(ObjectDamage::Altered)?,
            serial: self.head.serial,
        })
    }
}

/// The content of an encrypted object.
#[derive(Debug)]
pub(crate) struct OpenedObject {
    /// The content.
    pub(crate) clear: Vec<u8>,
    /// The serial of the state.
    pub(crate) serial: Serial,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn lineage() -> Lineage {
        Lineage::new("a")
    }

    const OBJECT: ObjectId = ObjectId::new(Series::Log, 7);

    const DOCUMENT: ObjectId = ObjectId::new(Series::Document, 7);

    fn sealed(key: &SecretKey, object: ObjectId) -> Vec<u8> {
        let place = ObjectPlace {
            lineage: &lineage(),
            object,
            serial: Serial(3),
        };
        seal(&KeyId::new("k"), key, place, b"hush").unwrap()
    }

    fn opened(bytes: &[u8], key: &SecretKey, object: ObjectId) -> Result<Vec<u8>, ObjectDamage> {
        let opened = SealedObject::read(bytes, &lineage(), object)?.open(key, object)?;
        assert_eq!(opened.serial, Serial(3));
        Ok(opened.clear)
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let key = SecretKey::new([7; KEY_LENGTH]);
        for object in [OBJECT, DOCUMENT] {
            let bytes = sealed(&key, object);
            assert_eq!(opened(&bytes, &key, object).unwrap(), b"hush");
            for at in 0..bytes.len() {
                for bit in [1, 0x80] {
                    let mut damaged = bytes.clone();
                    damaged[at] ^= bit;
                    assert!(opened(&damaged, &key, object).is_err(), "byte {at}");
                }
                assert!(opened(&bytes[..at], &key, object).is_err(), "{at} bytes");
            }
        }
    }

    #[test]
    fn an_object_is_bound_to_its_place_and_key() {
        let key = SecretKey::new([7; KEY_LENGTH]);
        let bytes = sealed(&key, DOCUMENT);
        let renamed = String::from_utf8(bytes.clone()).unwrap();
        let renamed = renamed.replace(&DOCUMENT.to_string(), "document/00000000000000000008");
        let other = ObjectId::new(Series::Document, 8);
        assert!(matches!(
            opened(&bytes, &key, other),
            Err(ObjectDamage::OtherObject(_))
        ));
        let another = SecretKey::new([8; KEY_LENGTH]);
        for altered in [
            opened(renamed.as_bytes(), &key, other),
            opened(&bytes, &another, DOCUMENT),
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
