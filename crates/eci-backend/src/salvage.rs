//! The readable part of a damaged state.

use eci_core::Serial;
use eci_state::{ObjectDamage, Record, RemoteError, StateError, StateView};
use eci_text::Text;

use crate::device::{ObjectId, Series};
use crate::entry::{EntryContent, EntryHash};
use crate::keys::Keys;
use crate::load::LoadedState;
use crate::log::Log;

/// The readable part of a state, as if it were whole.
///
/// Its end is that of the whole log, so that what is written next has an unused number.
pub(crate) struct SalvagedState {
    pub(crate) loaded: LoadedState,
    pub(crate) report: Salvage,
}

/// The damage of a state, and what was saved.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Salvage {
    /// The damaged and missing objects.
    pub defects: Vec<Text>,
    /// The serial of the snapshot that the state was rebuilt from; `None` if none is readable.
    pub base: Option<Serial>,
    /// The number of entries after it that were read.
    pub entries: usize,
    /// The time of the last readable entry before the damage, in RFC 3339.
    pub since: Option<String>,
}

impl Salvage {
    /// Returns whether nothing is damaged.
    pub fn is_sound(&self) -> bool {
        self.defects.is_empty()
    }
}

impl Log {
    /// Reads what is readable like [`Log::salvage`].
    ///
    /// Entries that this machine knows and the store no longer has are damage, too, and their numbers are
    /// not used again.
    pub(crate) async fn salvage_known(&self) -> Result<Option<SalvagedState>, StateError> {
        let (known, salvaged) = tokio::try_join!(self.known_entry(), self.salvage())?;
        let Some(mut salvaged) = salvaged else {
            return Ok(None);
        };
        let error = self.rolled_back(Some(&salvaged.loaded), known.as_ref());
        if let Some(error @ RemoteError::RolledBack { known, .. }) = error {
            let head = &mut salvaged.loaded.head;
            head.number = head.number.max(known);
            salvaged.report.defects.push(Text::of(&error));
        }
        Ok(Some(salvaged))
    }

    /// Reads what is readable; `None` if the state does not exist.
    ///
    /// # Errors
    /// If the store does not answer, or no key decrypts the state.
    pub(crate) async fn salvage(&self) -> Result<Option<SalvagedState>, StateError> {
        let Some(keys) = self.keys().await? else {
            return Ok(None);
        };
        let mut report = Salvage::default();
        let mut loaded = self.newest_readable(keys, &mut report).await?;
        let first = loaded.head.number + 1;
        let mut expected = first;
        let mut is_whole = report.is_sound();
        let mut end = loaded.head.clone();
        for number in self.list(Series::Log, first).await? {
            for missing in expected..number {
                let object = ObjectId::new(Series::Log, missing);
                report.defects.push(Text::of(&self.missing(object)));
                is_whole = false;
            }
            expected = number + 1;
            let object = ObjectId::new(Series::Log, number);
            let Some(stored) = self.get(object).await? else {
                continue;
            };
            end.number = number;
            end.hash = EntryHash::of(&stored.bytes);
            match self.open_entry(&mut loaded, object, &stored.bytes) {
                Err(error) => {
                    report.defects.push(Text::of(&error));
                    is_whole = false;
                }
                Ok(entry) if is_whole && entry.previous != loaded.head.hash => {
                    let damage = ObjectDamage::OutOfPlace;
                    report.defects.push(Text::of(&self.damaged(object, damage)));
                    is_whole = false;
                    end.epoch = end.epoch.max(entry.epoch);
                }
                Ok(entry) => {
                    end.epoch = end.epoch.max(entry.epoch);
                    if is_whole {
                        report.since = Some(entry.time.clone());
                    }
                    if let EntryContent::Records(records) = &entry.content {
                        apply(&mut loaded.view, records.get());
                    }
                    report.entries += 1;
                    loaded.follow(entry.content, stored.created);
                    loaded.head.hash = end.hash.clone();
                }
            }
        }
        // A damaged snapshot may have a higher number than any entry.
        if let Some(last) = self.list(Series::Snapshot, 0).await?.pop() {
            end.number = end.number.max(last);
        }
        loaded.head = end;
        Ok(Some(SalvagedState { loaded, report }))
    }

    /// Returns the newest snapshot that can be read, or an empty state.
    async fn newest_readable(
        &self,
        keys: Keys,
        report: &mut Salvage,
    ) -> Result<LoadedState, StateError> {
        let mut numbers = self.list(Series::Snapshot, 0).await?;
        while let Some(number) = numbers.pop() {
            match self.loaded_at(keys.clone(), number).await {
                Ok(Some(loaded)) => {
                    report.base = Some(loaded.view.snapshot().serial);
                    report.since = loaded.held.as_ref().map(|held| held.last.to_string());
                    return Ok(loaded);
                }
                Ok(None) => {}
                Err(error) if error.is_damage() => report.defects.push(Text::of(&error)),
                Err(error) => return Err(error),
            }
        }
        self.empty(keys)
    }
}

/// Applies the records that agree with the state.
///
/// After damage, some may not.
fn apply(view: &mut StateView, records: &str) {
    let Ok(records) = serde_json::from_str::<Vec<Record>>(records) else {
        return;
    };
    for record in records {
        let record = [record];
        if view.validate(&record).is_ok() {
            view.apply_validated(&record);
        }
    }
}
