//! Whether something in the cloud is what a create of this state made. An answer may name the id of
//! something else, and whatever is recorded as ours is updated and deleted as ours.
//!
//! | kind | is recognized by |
//! |---|---|
//! | container group | its operation tag |
//! | disk | the label with the short form of the operation; in a region without labels by name, size, kind and time |
//! | EIP | name, bandwidth and time, if it was not listed before the order: it can carry nothing |

use std::time::Duration;

use eci_core::{DigestKey, Map, OperationTag, Value};
use eci_provider::{ObservedGroup, RemoteObject, RemoteReport, is_created_by};
use jiff::Timestamp;

/// By so much the clocks of the cloud and of this machine may differ. Intents are dated by the
/// cloud's clock, but for those that were recorded before its first answer, which do not tell.
pub(crate) const CLOCKS: Duration = Duration::from_secs(5 * 60);

/// By so much the clocks of the cloud's services may differ from the one that dates its answers
/// (assumed; answers are dated in whole seconds).
pub(crate) const CLOCKS_OF_SERVICES: Duration = Duration::from_secs(5);

/// By so much the date of an answer may be wrong without the cloud refusing a signature for it
/// (assumed). A proxy may set that date by a clock of its own, and a time that is ahead would make what
/// was created seem older than its order. What existed before is excluded by a list, not by this.
const WRONG_DATES: Duration = Duration::from_secs(15 * 60);

/// A create that was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Create<'a> {
    pub(crate) operation: &'a OperationTag,
    /// The attributes that were asked for.
    pub(crate) asked: &'a Map,
    /// The time at which it was intended, in RFC 3339.
    pub(crate) since: &'a str,
    /// By how much that may differ from the time of the service.
    pub(crate) clocks: Duration,
    /// The EIPs that looked like it before it was sent.
    pub(crate) listed: &'a [String],
    /// The key of the digests in these attributes; none where only the tag is compared.
    pub(crate) key: Option<&'a DigestKey>,
}

impl Create<'_> {
    /// Returns whether this is what the create made. An EIP or a disk that something has is not: only once
    /// its id is known here, something gets it.
    pub(crate) fn made(&self, look: &RemoteObject) -> bool {
        match &look.report {
            RemoteReport::Group(report) => report.operation.as_ref() == Some(self.operation),
            RemoteReport::Eip(eip) => {
                let created = eip.created_at.as_deref();
                let created = created.and_then(|at| at.parse().ok());
                let clocks = self.clocks.saturating_add(WRONG_DATES);
                is_alike(look, self.asked, self.key)
                    && !self.listed.contains(&look.id)
                    && is_free(look)
                    && is_after(created, self.since.parse().ok(), clocks)
            }
            RemoteReport::Disk(disk) => is_created_by(disk, self.operation).unwrap_or_else(|| {
                let created = disk.create_time.map(Timestamp::from_millisecond);
                ["name", "size", "kind"].iter().all(|name| {
                    let told = look.attributes.get("disk").and_then(|disk| disk.get(name));
                    let asked = self.asked.get("disk").and_then(|disk| disk.get(name));
                    is_same(told, asked, self.key)
                }) && is_free(look)
                    && is_after(
                        created.and_then(Result::ok),
                        self.since.parse().ok(),
                        self.clocks,
                    )
            }),
        }
    }
}

/// Returns whether an EIP has the name and the bandwidth that were asked for.
pub(crate) fn is_alike(look: &RemoteObject, asked: &Map, key: Option<&DigestKey>) -> bool {
    let is_shared = asked.contains_key("bandwidth_id");
    let is_same = |name: &str| is_same(look.attributes.get(name), asked.get(name), key);
    is_same("name") && (is_shared || is_same("bandwidth"))
}

/// Returns whether the cloud reports what was asked for, which may be known by its digest alone.
fn is_same(told: Option<&Value>, asked: Option<&Value>, key: Option<&DigestKey>) -> bool {
    match (told, asked, key) {
        (Some(told), Some(Value::Digest(_)), Some(key)) => {
            asked == Some(&key.redact(&told.clone().into_sensitive()))
        }
        _ => told == asked.map(|asked| asked.reveal().0),
    }
}

/// Returns whether something was made after that, by clocks that may differ by so much.
pub(crate) fn is_after(
    made: Option<Timestamp>,
    begun: Option<Timestamp>,
    clocks: Duration,
) -> bool {
    match (made, begun) {
        // The last of all times has none after it.
        (Some(made), Some(begun)) => made.saturating_add(clocks).unwrap_or(made) >= begun,
        _ => false,
    }
}

/// Returns a key by which the oldest of several groups comes first.
pub(crate) fn age_order(seen: &ObservedGroup) -> (Option<Timestamp>, String) {
    let created = seen.group.creation_time.as_deref();
    (created.and_then(|at| at.parse().ok()), seen.id.clone())
}

fn is_free(look: &RemoteObject) -> bool {
    look.attached_to().is_none() && !look.is_deleting()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_sensitive_name_is_recognized_by_its_digest() {
        let key = DigestKey::new([7; 32]);
        let secret = Value::from("hush").into_sensitive();
        let (clear, sealed) = (Value::from("hush"), key.redact(&secret));
        let is_same =
            |told: Option<&Value>, asked: Option<&Value>| is_same(told, asked, Some(&key));
        for asked in [&clear, &secret, &sealed] {
            assert!(is_same(Some(&clear), Some(asked)), "{asked:?}");
            assert!(!is_same(Some(&Value::from("loud")), Some(asked)));
            assert!(!is_same(None, Some(asked)));
        }
        assert!(is_same(None, None) && !is_same(Some(&clear), None));
    }

    #[test]
    fn the_ends_of_time_are_times_like_others() {
        let now = Some("2026-11-29T12:00:00Z".parse().unwrap());
        let (first, last) = (Some(Timestamp::MIN), Some(Timestamp::MAX));
        let is_after = |made, begun| is_after(made, begun, CLOCKS);
        assert!(is_after(last, now) && is_after(last, last) && is_after(first, first));
        assert!(!is_after(first, now) && !is_after(now, last) && !is_after(None, first));
    }
}
