//! The removal of what newer snapshots make obsolete.

use futures::StreamExt as _;
use futures::stream;

use crate::device::{ObjectId, Series};
use crate::log::{Log, OPERATIONS_AT_ONCE};

/// The number of versions of a state that are kept in a shared store.
pub(crate) const VERSIONS: usize = 100;

/// The number of snapshots whose following entries are kept: from each of them, the state can be rebuilt.
const REPLAYABLE: usize = 3;

/// Old snapshots, and entries that no snapshot worth keeping depends on.
///
/// They are found when a run reads the state, and removed while it works: its end does not wait for a list. Of
/// a snapshot that the run writes itself, the next one takes account.
#[derive(Debug, Default)]
pub(crate) struct ObsoleteObjects(Vec<ObjectId>);

impl ObsoleteObjects {
    /// Returns what is obsolete among the snapshots and entries with these numbers, in ascending order, where so
    /// many versions are kept.
    pub(crate) fn of(snapshots: &[u64], entries: &[u64], versions: usize) -> ObsoleteObjects {
        let mut obsolete = Vec::new();
        if let Some(at) = snapshots.len().checked_sub(REPLAYABLE) {
            let old = entries
                .iter()
                .take_while(|number| **number <= snapshots[at]);
            obsolete.extend(old.map(|number| ObjectId::new(Series::Log, *number)));
        }
        for number in &snapshots[..snapshots.len().saturating_sub(versions)] {
            let series = [Series::Snapshot, Series::History];
            obsolete.extend(series.map(|series| ObjectId::new(series, *number)));
        }
        ObsoleteObjects(obsolete)
    }
}

impl Log {
    /// Removes obsolete objects.
    ///
    /// What cannot be removed now is removed by a later run.
    pub(crate) async fn prune(&self, obsolete: ObsoleteObjects) {
        let removing =
            stream::iter(obsolete.0).for_each_concurrent(OPERATIONS_AT_ONCE, |object| async move {
                if let Err(error) = self.device.delete(object).await {
                    tracing::debug!(%error, %object, "an old object of the state was not removed");
                }
            });
        removing.await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_snapshots_remain_from_which_the_state_can_be_rebuilt() {
        let names = |snapshots: &[u64], entries: &[u64]| {
            let ObsoleteObjects(objects) = ObsoleteObjects::of(snapshots, entries, VERSIONS);
            let objects = objects.iter();
            let names: Vec<_> = objects.map(|it| (it.series.name(), it.number)).collect();
            names
        };
        assert_eq!(names(&[], &[]), []);
        assert_eq!(names(&[0, 4], &[1, 2, 3, 4, 5]), []);
        let expected = [("log", 3), ("log", 4)];
        assert_eq!(names(&[0, 4, 7, 9], &[3, 4, 5, 9, 10]), expected);
        let many: Vec<u64> = (0..101).map(|number| 10 * number).collect();
        assert_eq!(names(&many, &[1_000]), [("snapshot", 0), ("history", 0)]);
    }
}
