//! The signature on every call.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// The credentials of the caller: an access key and its secret.
#[derive(Clone)]
pub struct Credentials {
    /// The access key; not a secret.
    pub access_key: String,
    secret_key: SecretString,
}

impl Credentials {
    /// Credentials from their two parts.
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<String>) -> Credentials {
        Credentials {
            access_key: access_key.into(),
            secret_key: SecretString::from(secret_key.into()),
        }
    }

    /// Returns the value of the header `Eop-Authorization`.
    ///
    /// The date is `yyyyMMddTHHmmssZ`, in Beijing time in spite of its `Z`.
    pub fn authorization(&self, signed: &SignatureInput<'_>) -> String {
        format!(
            "{} Headers=ctyun-eop-request-id;eop-date Signature={}",
            self.access_key,
            self.signature(signed)
        )
    }

    /// Returns the signature alone, in base64.
    pub fn signature(&self, signed: &SignatureInput<'_>) -> String {
        let day: String = signed.date.chars().take(8).collect();
        let time_key = hmac(self.secret_key.expose_secret().as_bytes(), signed.date);
        let account_key = hmac(&time_key, &self.access_key);
        let day_key = hmac(&account_key, &day);
        BASE64.encode(hmac(&day_key, &signed.text()))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, …)", self.access_key)
    }
}

/// The parts of a request that a signature covers.
#[derive(Clone, Copy, Debug)]
pub struct SignatureInput<'a> {
    /// The header `ctyun-eop-request-id`.
    pub request_id: &'a str,
    /// The header `eop-date`.
    pub date: &'a str,
    /// The parameters of the query, not encoded, in any order.
    pub query: &'a [(String, String)],
    /// The body; empty if there is none.
    pub body: &'a [u8],
}

impl SignatureInput<'_> {
    /// Returns the text that is signed.
    pub fn text(&self) -> String {
        let digest = base16ct::lower::encode_string(&Sha256::digest(self.body));
        format!(
            "ctyun-eop-request-id:{}\neop-date:{}\n\n{}\n{digest}",
            self.request_id,
            self.date,
            encoded_query(self.query)
        )
    }
}

/// Encodes the query as it is sent and signed: sorted by name, percent-encoded.
pub fn encoded_query(parameters: &[(String, String)]) -> String {
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort();
    let pairs: Vec<String> = sorted
        .iter()
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
        .collect();
    pairs.join("&")
}

/// Encodes all but the unreserved characters of RFC 3986 with percent signs.
fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length is valid for HMAC");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Vector {
        name: String,
        ak: String,
        sk: String,
        request_id: String,
        eop_date: String,
        query: Vec<(String, String)>,
        body: String,
        encoded_query: String,
        string_to_sign: String,
        signature: String,
        authorization: String,
    }

    #[test]
    fn signatures_are_those_of_the_published_clients() {
        let text = include_str!("../tests/data/signing-vectors.json");
        let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
        assert_eq!(vectors.len(), 6);
        for vector in vectors {
            let credentials = Credentials::new(vector.ak, vector.sk);
            let signed = SignatureInput {
                request_id: &vector.request_id,
                date: &vector.eop_date,
                query: &vector.query,
                body: vector.body.as_bytes(),
            };
            let name = vector.name;
            assert_eq!(encoded_query(&vector.query), vector.encoded_query, "{name}");
            assert_eq!(signed.text(), vector.string_to_sign, "{name}");
            assert_eq!(credentials.signature(&signed), vector.signature, "{name}");
            let header = credentials.authorization(&signed);
            assert_eq!(header, vector.authorization, "{name}");
        }
    }

    #[test]
    fn the_secret_key_never_shows() {
        let shown = format!("{:?}", Credentials::new("ak", "hunter2"));
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
