//! Pagination of lists.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Map, Value};

use crate::engine::api_behavior::ApiBehavior;
use crate::model::group_error::GroupApiError;
use crate::model::request::{text, whole};

/// The default page size (not confirmed).
const USUAL: i64 = 20;
/// Most groups of a page (not confirmed).
const MOST: i64 = 100;
/// The prefix of the number in a token, so that a foreign token is noticed.
const MARK: &str = "after:";

/// Returns the `limit` of a body.
pub(crate) fn limit(
    body: &Map<String, Value>,
    behavior: &ApiBehavior,
) -> Result<usize, GroupApiError> {
    let limit = match whole(body, "limit") {
        None => USUAL,
        Some(0) if behavior.zero_limit_accepted => USUAL,
        Some(limit) => limit,
    };
    match usize::try_from(limit) {
        Ok(count) if (1..=MOST).contains(&limit) => Ok(count.min(behavior.largest_page)),
        _ => Err(GroupApiError::invalid(format!(
            "limit must be 1 to {MOST}, found {limit}"
        ))),
    }
}

/// Returns the number encoded in the `nextToken` of a body; `None` for the first page.
pub(crate) fn after(body: &Map<String, Value>) -> Result<Option<u64>, GroupApiError> {
    let token = text(body, "nextToken");
    if token.is_empty() {
        return Ok(None);
    }
    BASE64
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|read| read.strip_prefix(MARK)?.parse().ok())
        .map(Some)
        .ok_or_else(|| {
            GroupApiError::invalid(format!(
                "nextToken {token:?} is none that an earlier page gave"
            ))
        })
}

/// Returns the token for the page after this number.
pub(crate) fn token(after: u64) -> String {
    BASE64.encode(format!("{MARK}{after}"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_token_leads_to_where_it_was_given() {
        assert_eq!(after(&body(json!({"nextToken": token(7)}))), Ok(Some(7)));
        assert_eq!(after(&body(json!({"nextToken": ""}))), Ok(None));
        for strange in ["7", "YWZ0ZXI6eA", "%"] {
            let refused = after(&body(json!({"nextToken": strange}))).unwrap_err();
            assert!(refused.message.contains(strange), "{}", refused.message);
        }
    }

    #[test]
    fn a_page_has_twenty_groups_by_default_and_at_most_a_hundred() {
        let behavior = ApiBehavior {
            largest_page: 100,
            zero_limit_accepted: false,
            ..ApiBehavior::default()
        };
        let limit = |value| limit(&body(value), &behavior);
        assert_eq!(limit(json!({})), Ok(20));
        assert_eq!(limit(json!({"limit": 100})), Ok(100));
        for wrong in [0, -1, 101] {
            assert!(limit(json!({"limit": wrong})).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_page_may_be_smaller_than_requested_and_zero_means_the_default() {
        let behavior = ApiBehavior {
            largest_page: 15,
            zero_limit_accepted: true,
            ..ApiBehavior::default()
        };
        for requested in [json!({}), json!({"limit": 0}), json!({"limit": 100})] {
            assert_eq!(limit(&body(requested), &behavior), Ok(15));
        }
    }
}
