//! Authentication of a call: the signature, its date and the account.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use crate::handlers::query::{self, Space};
use crate::model::group_error::GroupApiError;

/// The largest deviation of a date.
const TOLERANCE_SECONDS: i64 = 15 * 60;
/// Dates are Beijing time in spite of their `Z`; clients that take the `Z` at its word are
/// served too.
const ZONES_SECONDS: [i64; 2] = [8 * 3600, 0];

/// The parts of a request that are signed, and the signature.
#[derive(Debug)]
pub(crate) struct SignedRequest<'a> {
    /// `Eop-Authorization`.
    pub(crate) authorization: Option<&'a str>,
    /// `eop-date`.
    pub(crate) date: Option<&'a str>,
    /// `ctyun-eop-request-id`.
    pub(crate) request_id: Option<&'a str>,
    /// The query of the URL, without the question mark.
    pub(crate) query: &'a str,
    pub(crate) body: &'a [u8],
}

/// Verifies the signature of a request and returns the access key of the account, or the reason of
/// the refusal.
pub(crate) fn verify<'a>(
    signed: &SignedRequest<'_>,
    accounts: &'a [(String, String)],
    now: Timestamp,
) -> Result<&'a str, GroupApiError> {
    let header = |name: &str, value: Option<&'_ str>| {
        value
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| GroupApiError::unauthorized(format!("the header {name} is missing")))
    };
    let authorization = header("Eop-Authorization", signed.authorization)?;
    let date = header("eop-date", signed.date)?;
    let request_id = header("ctyun-eop-request-id", signed.request_id)?;
    let (access_key, signature) = parts(&authorization).ok_or_else(|| {
        GroupApiError::unauthorized(
            "Eop-Authorization must be: AK Headers=ctyun-eop-request-id;eop-date Signature=...",
        )
    })?;
    check_date(&date, now)?;
    let (account, secret_key) = accounts
        .iter()
        .find(|(known, _)| known == access_key)
        .ok_or_else(|| {
            GroupApiError::unauthorized(format!("the access key {access_key:?} is not known"))
        })?;
    let signature = BASE64.decode(signature).unwrap_or_default();
    let pairs = query::pairs(signed.query);
    let agrees = [Space::Percent, Space::Plus].into_iter().any(|space| {
        let text = to_sign(
            &request_id,
            &date,
            &query::encoded(&pairs, space),
            signed.body,
        );
        mac(&signing_key(secret_key, account, &date), text.as_bytes())
            .verify_slice(&signature)
            .is_ok()
    });
    if agrees {
        Ok(account)
    } else {
        Err(GroupApiError::unauthorized(format!(
            "the signature does not agree with the request for access key {access_key:?}"
        )))
    }
}

/// Returns the access key and the signature.
///
/// Some clients write `Header=` for `Headers=`.
fn parts(authorization: &str) -> Option<(&str, &str)> {
    let mut words = authorization.split_ascii_whitespace();
    let access_key = words.next()?;
    let headers = words.next()?;
    let headers = headers
        .strip_prefix("Headers=")
        .or_else(|| headers.strip_prefix("Header="))?;
    let signature = words.next()?.strip_prefix("Signature=")?;
    let expected = headers.eq_ignore_ascii_case("ctyun-eop-request-id;eop-date");
    (expected && words.next().is_none()).then_some((access_key, signature))
}

fn check_date(date: &str, now: Timestamp) -> Result<(), GroupApiError> {
    let read = DateTime::strptime("%Y%m%dT%H%M%SZ", date)
        .and_then(|time| time.to_zoned(TimeZone::UTC))
        .map_err(|_| {
            GroupApiError::unauthorized(format!(
                "eop-date {date:?} must be written as yyyyMMddTHHmmssZ"
            ))
        })?;
    let ahead = read.timestamp().as_second() - now.as_second();
    let near = ZONES_SECONDS
        .iter()
        .any(|zone| (ahead - zone).abs() <= TOLERANCE_SECONDS);
    if near {
        return Ok(());
    }
    Err(GroupApiError::unauthorized(format!(
        "eop-date {date} is more than 15 minutes off in UTC and in UTC+8; it is {now} (UTC)"
    )))
}

fn to_sign(request_id: &str, date: &str, query: &str, body: &[u8]) -> String {
    let digest = base16ct::lower::encode_string(&Sha256::digest(body));
    format!("ctyun-eop-request-id:{request_id}\neop-date:{date}\n\n{query}\n{digest}")
}

fn signing_key(secret_key: &str, access_key: &str, date: &str) -> Vec<u8> {
    let day = date.get(..8).unwrap_or(date);
    [date, access_key, day]
        .iter()
        .fold(secret_key.as_bytes().to_vec(), |key, part| {
            mac(&key, part.as_bytes()).finalize().into_bytes().to_vec()
        })
}

fn mac(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    mac.update(message);
    mac
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors() -> Vec<Value> {
        serde_json::from_str(include_str!("../../tests/data/signing-vectors.json")).unwrap()
    }

    fn field<'a>(vector: &'a Value, name: &str) -> &'a str {
        vector[name].as_str().unwrap()
    }

    /// Returns the timestamp of the vector's date, read as Beijing time.
    fn date(vector: &Value) -> Timestamp {
        let date = DateTime::strptime("%Y%m%dT%H%M%SZ", field(vector, "eop_date")).unwrap();
        let beijing = TimeZone::fixed(jiff::tz::offset(8));
        date.to_zoned(beijing).unwrap().timestamp()
    }

    fn checked(
        vector: &Value,
        now: Timestamp,
        change: impl FnOnce(&mut SignedRequest<'_>),
    ) -> Result<String, String> {
        let accounts = [(
            field(vector, "ak").to_owned(),
            field(vector, "sk").to_owned(),
        )];
        let mut signed = SignedRequest {
            authorization: Some(field(vector, "authorization")),
            date: Some(field(vector, "eop_date")),
            request_id: Some(field(vector, "request_id")),
            query: field(vector, "encoded_query"),
            body: field(vector, "body").as_bytes(),
        };
        change(&mut signed);
        verify(&signed, &accounts, now)
            .map(str::to_owned)
            .map_err(|refusal| refusal.message)
    }

    #[test]
    fn the_vendors_signatures_are_believed() {
        let vectors = vectors();
        assert_eq!(vectors.len(), 6);
        for vector in &vectors {
            let account = checked(vector, date(vector), |_| {});
            assert_eq!(
                account.as_deref(),
                Ok(field(vector, "ak")),
                "{}",
                vector["name"]
            );
        }
    }

    #[test]
    fn the_order_of_a_query_does_not_matter() {
        let vector = &vectors()[2];
        let turned = checked(vector, date(vector), |signed| {
            signed.query = "pageSize=20&pageNow=1&epId=0";
        });
        assert!(turned.is_ok(), "{turned:?}");
    }

    #[test]
    fn a_change_of_anything_signed_is_noticed() {
        let vector = &vectors()[2];
        let now = date(vector);
        for broken in [
            checked(vector, now, |signed| signed.body = b"x"),
            checked(vector, now, |signed| {
                signed.query = "epId=1&pageNow=1&pageSize=20"
            }),
            checked(vector, now, |signed| signed.request_id = Some("other")),
            checked(vector, now, |signed| signed.date = Some("20260228T235958Z")),
        ] {
            assert!(
                broken
                    .unwrap_err()
                    .starts_with("the signature does not agree")
            );
        }
    }

    #[test]
    fn the_other_spelling_of_headers_is_understood() {
        let vector = &vectors()[0];
        let authorization = field(vector, "authorization").replace("Headers=", "Header=");
        let accounts = [(
            field(vector, "ak").to_owned(),
            field(vector, "sk").to_owned(),
        )];
        let signed = SignedRequest {
            authorization: Some(&authorization),
            date: Some(field(vector, "eop_date")),
            request_id: Some(field(vector, "request_id")),
            query: "",
            body: field(vector, "body").as_bytes(),
        };
        assert!(verify(&signed, &accounts, date(vector)).is_ok());
    }

    #[test]
    fn spaces_are_believed_in_both_encodings() {
        let pairs = vec![("name".to_owned(), "a b".to_owned())];
        let date = "20260101T080000Z";
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let accounts = [("k".to_owned(), "s".to_owned())];
        for space in [Space::Percent, Space::Plus] {
            let text = to_sign("id", date, &query::encoded(&pairs, space), b"");
            let code = mac(&signing_key("s", "k", date), text.as_bytes())
                .finalize()
                .into_bytes();
            let authorization = format!(
                "k Headers=ctyun-eop-request-id;eop-date Signature={}",
                BASE64.encode(code)
            );
            for query in ["name=a%20b", "name=a+b"] {
                let signed = SignedRequest {
                    authorization: Some(&authorization),
                    date: Some(date),
                    request_id: Some("id"),
                    query,
                    body: b"",
                };
                assert!(verify(&signed, &accounts, now).is_ok(), "{query}");
            }
        }
    }

    #[test]
    fn a_date_may_be_a_quarter_of_an_hour_off_in_either_zone() {
        let vector = &vectors()[1];
        let beijing = date(vector);
        let utc = beijing + jiff::SignedDuration::from_hours(8);
        for (base, seconds, taken) in [
            (beijing, 900, true),
            (beijing, -900, true),
            (beijing, 901, false),
            (beijing, -901, false),
            (utc, 900, true),
            (utc, 901, false),
        ] {
            let now = base + jiff::SignedDuration::from_secs(seconds);
            let answer = checked(vector, now, |_| {});
            assert_eq!(answer.is_ok(), taken, "{seconds}: {answer:?}");
        }
    }

    #[test]
    fn what_is_missing_or_misshapen_is_named() {
        let vector = &vectors()[0];
        let now = date(vector);
        for (answer, words) in [
            (
                checked(vector, now, |signed| signed.authorization = None),
                "Eop-Authorization",
            ),
            (
                checked(vector, now, |signed| signed.date = None),
                "eop-date",
            ),
            (
                checked(vector, now, |signed| signed.request_id = None),
                "ctyun-eop-request-id",
            ),
            (
                checked(vector, now, |signed| signed.date = Some("today")),
                "yyyyMMddTHHmmssZ",
            ),
            (
                checked(vector, now, |signed| {
                    signed.authorization = Some("AK Signature=x")
                }),
                "must be",
            ),
            (
                checked(vector, now, |signed| {
                    signed.authorization =
                        Some("other Headers=ctyun-eop-request-id;eop-date Signature=x");
                }),
                "\"other\" is not known",
            ),
        ] {
            let message = answer.unwrap_err();
            assert!(message.contains(words), "{message}");
            assert!(!message.contains("SKEXAMPLE"), "{message}");
        }
    }
}
