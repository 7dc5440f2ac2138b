//! The data keys of a state, each wrapped for every reader.
//!
//! A state is encrypted with a random data key. A reader has a separate key, derived from a passphrase or
//! given as it is, with which the data key is wrapped: readers come and go without the state being
//! encrypted again. An earlier data key stays in the ring as long as objects are encrypted with it.

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use eci_core::Lineage;
use eci_text::Text;
use ring::pbkdf2;
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::seal::{KEY_LENGTH, KeyId, SecretKey};
use crate::seal_error::SealError;

/// The iterations of PBKDF2-HMAC-SHA512 for a passphrase.
pub const ITERATIONS: NonZeroU32 = NonZeroU32::new(600_000).expect("it is positive");

/// The most iterations that are accepted of a stored key: more would keep a run busy for minutes.
const MOST_ITERATIONS: u32 = 10_000_000;

/// The length of salts in bytes.
const SALT_LENGTH: usize = 32;

/// The secret of a reader.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ReaderKey {
    /// A passphrase, from which a key is derived.
    Passphrase(SecretString),
    /// A key.
    Key(SecretKey),
    /// The secret is not available here, for this reason: what the reader can decrypt, others can, too.
    ///
    /// No new data key is created, because it would not be encrypted for this reader.
    Absent(Text),
}

/// The data keys of a state, as they are stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRing {
    /// The format.
    pub(crate) format: u32,
    /// The state.
    pub(crate) lineage: Lineage,
    /// The data key that encrypts what is written from now on.
    pub(crate) current: KeyId,
    /// All data keys.
    pub(crate) keys: Vec<WrappedKey>,
}

/// The newest format of key rings.
pub(crate) const RING_FORMAT: u32 = 1;

/// A data key, wrapped for its readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WrappedKey {
    pub(crate) id: KeyId,
    pub(crate) wraps: Vec<ReaderWrapping>,
}

/// A data key as one reader can unwrap it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reader", rename_all = "snake_case")]
pub(crate) enum ReaderWrapping {
    /// With a key that is derived from a passphrase.
    Passphrase {
        salt: String,
        iterations: u32,
        wrapped: String,
    },
    /// With a key.
    Key { wrapped: String },
}

/// A data key in clear.
#[derive(Clone, Debug)]
pub(crate) struct DataKey {
    pub(crate) id: KeyId,
    pub(crate) key: SecretKey,
}

impl DataKey {
    /// Draws a random data key.
    ///
    /// # Errors
    /// If the operating system has no random numbers.
    pub(crate) fn random() -> Result<DataKey, SealError> {
        Ok(DataKey {
            id: KeyId::new(Uuid::new_v4().simple().to_string()),
            key: SecretKey::random()?,
        })
    }

    /// Wraps the data key for all readers.
    ///
    /// # Errors
    /// If the secret of a reader is absent, or the operating system has no random numbers.
    pub(crate) fn wrap(
        &self,
        lineage: &Lineage,
        readers: &[ReaderKey],
    ) -> Result<WrappedKey, SealError> {
        let wraps = readers.iter().map(|reader| self.wrap_for(lineage, reader));
        Ok(WrappedKey {
            id: self.id.clone(),
            wraps: wraps.collect::<Result<_, _>>()?,
        })
    }

    fn wrap_for(&self, lineage: &Lineage, reader: &ReaderKey) -> Result<ReaderWrapping, SealError> {
        let context = context(lineage, &self.id);
        match reader {
            ReaderKey::Passphrase(passphrase) => {
                let mut salt = [0; SALT_LENGTH];
                SystemRandom::new()
                    .fill(&mut salt)
                    .map_err(|_| SealError::NoRandomness)?;
                let key = derive(passphrase, &salt, ITERATIONS);
                Ok(ReaderWrapping::Passphrase {
                    salt: BASE64.encode(salt),
                    iterations: ITERATIONS.get(),
                    wrapped: key.seal(&context, self.key.expose())?,
                })
            }
            ReaderKey::Key(key) => Ok(ReaderWrapping::Key {
                wrapped: key.seal(&context, self.key.expose())?,
            }),
            ReaderKey::Absent(reason) => Err(SealError::AbsentReader(reason.clone())),
        }
    }
}

impl WrappedKey {
    /// Returns the data key, if one of the readers can unwrap it.
    pub(crate) fn unwrap_with(&self, lineage: &Lineage, readers: &[ReaderKey]) -> Option<DataKey> {
        let context = context(lineage, &self.id);
        let mut wraps = self.wraps.iter();
        let key = wraps.find_map(|wrap| {
            let mut readers = readers.iter();
            readers.find_map(|reader| unwrapped(wrap, reader, &context))
        })?;
        Some(DataKey {
            id: self.id.clone(),
            key,
        })
    }
}

fn unwrapped(wrap: &ReaderWrapping, reader: &ReaderKey, context: &str) -> Option<SecretKey> {
    let clear = match (wrap, reader) {
        (
            ReaderWrapping::Passphrase {
                salt,
                iterations,
                wrapped,
            },
            ReaderKey::Passphrase(passphrase),
        ) => {
            let iterations = NonZeroU32::new(*iterations)?;
            if iterations.get() > MOST_ITERATIONS {
                return None;
            }
            let salt = BASE64.decode(salt).ok()?;
            derive(passphrase, &salt, iterations).open(context, wrapped)?
        }
        (ReaderWrapping::Key { wrapped }, ReaderKey::Key(key)) => key.open(context, wrapped)?,
        _ => return None,
    };
    Some(SecretKey::new(clear.try_into().ok()?))
}

/// Derives a key from a passphrase: about 0.3 s.
fn derive(passphrase: &SecretString, salt: &[u8], iterations: NonZeroU32) -> SecretKey {
    let mut key = [0; KEY_LENGTH];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA512,
        iterations,
        salt,
        passphrase.expose_secret().as_bytes(),
        &mut key,
    );
    SecretKey::new(key)
}

fn context(lineage: &Lineage, id: &KeyId) -> String {
    format!("eci\nkey\n{lineage}\n{id}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_data_key_is_unwrapped_by_each_of_its_readers_and_by_no_other() {
        let lineage = Lineage::new("a");
        let passphrase = |text: &str| ReaderKey::Passphrase(SecretString::from(text));
        let key = |byte| ReaderKey::Key(SecretKey::new([byte; KEY_LENGTH]));
        let data = DataKey::random().unwrap();
        let wrapped = data.wrap(&lineage, &[passphrase("one"), key(1)]).unwrap();
        for reader in [passphrase("one"), key(1)] {
            let found = wrapped.unwrap_with(&lineage, &[key(9), reader]).unwrap();
            assert_eq!(found.key.expose(), data.key.expose());
        }
        for other in [passphrase("two"), key(2)] {
            assert!(wrapped.unwrap_with(&lineage, &[other]).is_none());
        }
        let absent = ReaderKey::Absent(Text::verbatim("`KEY` is not set"));
        assert!(
            wrapped
                .unwrap_with(&lineage, &[absent.clone(), key(1)])
                .is_some()
        );
        let refused = data.wrap(&lineage, &[key(1), absent]).unwrap_err();
        assert!(
            refused.to_string().contains("`KEY` is not set"),
            "{refused}"
        );
        let elsewhere = Lineage::new("b");
        assert!(wrapped.unwrap_with(&elsewhere, &[key(1)]).is_none());
    }
}
