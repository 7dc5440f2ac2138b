//! The names that the cloud gives.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The ID and the addresses of a new group.
///
/// Random, and drawn outside of the world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// `eci-` and 26 lower-case letters and digits (seed page).
    pub(crate) id: String,
    /// 32 hexadecimal digits (seed page).
    pub(crate) order: String,
    pub(crate) machine: String,
    pub(crate) interface: String,
}

impl Identity {
    pub(crate) fn random() -> Identity {
        Identity {
            id: format!("eci-{}", letters_and_digits(26)),
            order: Uuid::new_v4().simple().to_string(),
            machine: Uuid::new_v4().to_string(),
            interface: format!("port-{}", letters_and_digits(10)),
        }
    }
}

pub(crate) fn letters_and_digits(count: usize) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    std::iter::repeat_with(Uuid::new_v4)
        // Bytes 6 and 8 of a version 4 UUID are not wholly random.
        .flat_map(|uuid| {
            [0, 1, 2, 3, 4, 5, 7, 9, 10, 11, 12, 13, 14, 15].map(|at| uuid.as_bytes()[at])
        })
        .map(|byte| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]))
        .take(count)
        .collect()
}

/// Returns an address in 10.0.0.0/8, a different one for each of the first 16 million groups.
pub(crate) fn intranet_ip(number: u64) -> Ipv4Addr {
    let host = u32::try_from(number % 0x00ff_fffd).unwrap_or(0) + 2;
    Ipv4Addr::from(0x0a00_0000 | host)
}

/// Returns an address in 198.18.0.0/15, which is reserved for tests of networks.
pub(crate) fn internet_ip(seed: &[u8]) -> Ipv4Addr {
    // FNV-1a.
    let hash = seed.iter().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    Ipv4Addr::from(0xc612_0000 | (hash & 0x0001_ffff))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_on_the_page() {
        let identity = Identity::random();
        let rest = identity.id.strip_prefix("eci-").map(str::as_bytes);
        assert!(rest.is_some_and(|rest| {
            rest.len() == 26
                && rest
                    .iter()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        }));
        assert_eq!(identity.order.len(), 32);
        assert_ne!(Identity::random().id, identity.id);
    }

    #[test]
    fn addresses_stay_in_their_networks() {
        assert_eq!(intranet_ip(0).to_string(), "10.0.0.2");
        assert_eq!(intranet_ip(300).to_string(), "10.0.1.46");
        assert_eq!(intranet_ip(u64::MAX).octets()[0], 10);
        let [a, b, ..] = internet_ip(b"eip-1").octets();
        assert!(a == 198 && (b == 18 || b == 19));
    }
}
