//! Recognition of what a create of this state created.
//!
//! An answer may name the ID of another object, and whatever is recorded as managed is updated and
//! deleted.
//!
//! | kind | is recognized by |
//! |---|---|
//! | container group | its operation tag |
//! | disk | the label with the short form of the operation; in a region without labels by name, size, kind and time |
//! | EIP | name, bandwidth and time, if it was not listed before the order: it can carry nothing |

use std::time::Duration;

use eci_core::{DigestKey, Map, OperationTag, Value};
use eci_provider::{ObservedGroup, RemoteObject, RemoteReport};
use jiff::Timestamp;

/// The possible difference between the clocks of the cloud and of this machine.
///
/// Intents are dated by the cloud's clock, but for those that were recorded before its first
/// answer, which are not marked.
pub(crate) const CLOCKS: Duration = Duration::from_secs(5 * 60);

/// The most that the clocks of the cloud's services may differ from the one that dates its answers
/// (assumed; answers are dated in whole seconds).
pub(crate) const CLOCKS_OF_SERVICES: Duration = Duration::from_secs(5);

/// The possible error of the date of an answer for which the cloud does not refuse a signature
/// (assumed). A proxy may set that date by its own clock, and a time that is ahead would make what
/// was created seem older than its order. What existed before is excluded by a list, not by this.
const WRONG_DATES: Duration = Duration::from_secs(15 * 60);

/// A create that was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Create<'a> {
    pub(crate) operation: &'a OperationTag,
    /// The attributes that were requested.
    pub(crate) requested: &'a Map,
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
    /// Returns whether this is the result of the create.
    ///
    /// An EIP or a disk that is attached is not: only once its ID is known here, it is attached.
    pub(crate) fn is_result(&self, remote: &RemoteObject) -> bool {
        match &remote.report {
            RemoteReport::Group(_) => remote.is_created_by(self.operation) == Some(true),
            RemoteReport::Eip(eip) => {
                let created = eip.created_at.as_deref();
                let created = created.and_then(|at| at.parse().ok());
                let clocks = self.clocks.saturating_add(WRONG_DATES);
                is_alike(remote, self.requested, self.key)
                    && !self.listed.contains(&remote.id)
                    && is_free(remote)
                    && is_after(created, self.since.parse().ok(), clocks)
            }
            RemoteReport::Disk(disk) => remote.is_created_by(self.operation).unwrap_or_else(|| {
                let created = disk.create_time.map(Timestamp::from_millisecond);
                ["name", "size", "kind"].iter().all(|name| {
                    let reported = remote
                        .attributes
                        .get("disk")
                        .and_then(|disk| disk.get(name));
                    let requested = self.requested.get("disk").and_then(|disk| disk.get(name));
                    is_same(reported, requested, self.key)
                }) && is_free(remote)
                    && is_after(
                        created.and_then(Result::ok),
                        self.since.parse().ok(),
                        self.clocks,
                    )
            }),
        }
    }
}

/// Returns whether an EIP has the name and the bandwidth that were requested.
pub(crate) fn is_alike(remote: &RemoteObject, requested: &Map, key: Option<&DigestKey>) -> bool {
    let is_shared = requested.contains_key("bandwidth_id");
    let is_same = |name: &str| is_same(remote.attributes.get(name), requested.get(name), key);
    is_same("name") && (is_shared || is_same("bandwidth"))
}

/// Returns whether the cloud reports the requested value, of which perhaps only the digest is
/// known.
fn is_same(reported: Option<&Value>, requested: Option<&Value>, key: Option<&DigestKey>) -> bool {
    match (reported, requested, key) {
        (Some(reported), Some(Value::Digest(_)), Some(key)) => {
            requested == Some(&key.redact(&reported.clone().into_sensitive()))
        }
        _ => reported == requested.map(|requested| requested.reveal().0),
    }
}

/// Returns whether a creation time is later, by clocks that may differ by `clocks`.
pub(crate) fn is_after(
    created: Option<Timestamp>,
    begun: Option<Timestamp>,
    clocks: Duration,
) -> bool {
    match (created, begun) {
        // The last of all times has none after it.
        (Some(created), Some(begun)) => created.saturating_add(clocks).unwrap_or(created) >= begun,
        _ => false,
    }
}

/// Returns a key by which the oldest of several groups comes first.
pub(crate) fn age_order(group: &ObservedGroup) -> (Option<Timestamp>, String) {
    let created = group.group.creation_time.as_deref();
    (created.and_then(|at| at.parse().ok()), group.id.clone())
}

fn is_free(remote: &RemoteObject) -> bool {
    remote.attached_to().is_none() && !remote.is_deleting()
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
        let is_same = |reported: Option<&Value>, requested: Option<&Value>| {
            is_same(reported, requested, Some(&key))
        };
        for requested in [&clear, &secret, &sealed] {
            assert!(is_same(Some(&clear), Some(requested)), "{requested:?}");
            assert!(!is_same(Some(&Value::from("loud")), Some(requested)));
            assert!(!is_same(None, Some(requested)));
        }
        assert!(is_same(None, None) && !is_same(Some(&clear), None));
    }

    #[test]
    fn the_ends_of_time_are_times_like_others() {
        let now = Some("2026-11-29T12:00:00Z".parse().unwrap());
        let (first, last) = (Some(Timestamp::MIN), Some(Timestamp::MAX));
        let is_after = |created, begun| is_after(created, begun, CLOCKS);
        assert!(is_after(last, now) && is_after(last, last) && is_after(first, first));
        assert!(!is_after(first, now) && !is_after(now, last) && !is_after(None, first));
    }
}
