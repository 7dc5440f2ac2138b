//! Integrity of a snapshot, and of the records that apply to it.

use std::collections::BTreeMap;

use eci_core::address::is_label;
use eci_core::{Address, Kind, Value};

use super::Snapshot;
use crate::integrity_error::IntegrityError;
use crate::record::{IntentId, Record};

impl Snapshot {
    /// Checks whether the records fit the snapshot, one after the other.
    pub(crate) fn validate(&self, records: &[Record]) -> Result<(), IntegrityError> {
        let mut open: Vec<(IntentId, &Address)> = self
            .open_intents
            .iter()
            .map(|open| (open.intent, &open.address))
            .collect();
        for record in records {
            record.addresses().try_for_each(readable)?;
            self.admit_one(&mut open, record)?;
        }
        Ok(())
    }

    fn admit_one<'a>(
        &self,
        open: &mut Vec<(IntentId, &'a Address)>,
        record: &'a Record,
    ) -> Result<(), IntegrityError> {
        let position = |open: &[(IntentId, &Address)], intent: &IntentId| {
            open.iter().position(|(other, _)| other == intent)
        };
        match record {
            Record::RunStarted { lineage, .. } if *lineage != self.lineage => {
                Err(IntegrityError::AnotherLineage {
                    found: lineage.clone(),
                    expected: self.lineage.clone(),
                })
            }
            Record::RunStarted { serial, .. } if *serial != self.serial => {
                Err(IntegrityError::AnotherSerial {
                    found: *serial,
                    expected: self.serial,
                })
            }
            Record::Intent {
                intent, address, ..
            } => match position(open, intent) {
                Some(_) => Err(IntegrityError::IntentTwice {
                    intent: *intent,
                    address: address.clone(),
                }),
                None => {
                    open.push((*intent, address));
                    Ok(())
                }
            },
            Record::OrderPlaced {
                intent, address, ..
            }
            | Record::Triggers {
                intent, address, ..
            } => {
                let found = position(open, intent).map(|at| open[at].1);
                match found {
                    None => Err(IntegrityError::NoSuchIntent {
                        intent: *intent,
                        address: address.clone(),
                    }),
                    Some(expected) if expected != address => Err(IntegrityError::IntentOfAnother {
                        intent: *intent,
                        found: address.clone(),
                        expected: expected.clone(),
                    }),
                    Some(_) => Ok(()),
                }
            }
            Record::IntentFinished {
                intent, address, ..
            } => {
                let at = position(open, intent).ok_or_else(|| IntegrityError::NoSuchIntent {
                    intent: *intent,
                    address: address.clone(),
                })?;
                let (_, expected) = open.swap_remove(at);
                if expected == address {
                    Ok(())
                } else {
                    Err(IntegrityError::IntentOfAnother {
                        intent: *intent,
                        found: address.clone(),
                        expected: expected.clone(),
                    })
                }
            }
            Record::Moved { to } => {
                self.admit_moves(to)?;
                for (_, address) in open {
                    *address = to.get(*address).unwrap_or(*address);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Checks whether the snapshot is consistent: every ID, intent and dependency is possible, and
    /// nothing is in it that may not be stored.
    ///
    /// # Errors
    /// The first inconsistency.
    pub fn check(&self) -> Result<(), IntegrityError> {
        let mut ids: BTreeMap<(Kind, &str), &Address> = BTreeMap::new();
        for (address, resource) in &self.resources {
            if let Some(id) = &resource.id
                && let Some(first) = ids.insert((address.kind(), id), address)
            {
                return Err(IntegrityError::IdTwice {
                    id: id.clone(),
                    first: first.clone(),
                    second: address.clone(),
                });
            }
            if resource.dependencies.contains(address) {
                let address = address.clone();
                return Err(IntegrityError::DependsOnItself { address });
            }
            let attributes = resource.applied.iter().chain(resource.observed.iter());
            for (name, value) in attributes {
                redacted(value, || format!("{address}.{name}"))?;
            }
        }
        for (name, output) in &self.outputs {
            redacted(&output.value, || format!("output.{name}"))?;
        }
        for (at, open) in self.open_intents.iter().enumerate() {
            if self.open_intents[..at]
                .iter()
                .any(|other| other.intent == open.intent)
            {
                return Err(IntegrityError::IntentTwice {
                    intent: open.intent,
                    address: open.address.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Checks whether the address can be read as it is written.
fn readable(address: &Address) -> Result<(), IntegrityError> {
    let mut names = address.modules().iter().map(|module| &module.name);
    if is_label(address.label()) && names.all(|name| is_label(name)) {
        Ok(())
    } else {
        Err(IntegrityError::NotAnAddress {
            address: address.clone(),
        })
    }
}

fn redacted(value: &Value, place: impl Fn() -> String + Copy) -> Result<(), IntegrityError> {
    match value {
        Value::Sensitive(_) | Value::Unknown => Err(IntegrityError::NotRedacted { place: place() }),
        Value::List(items) => items.iter().try_for_each(|item| redacted(item, place)),
        Value::Map(entries) => entries.values().try_for_each(|item| redacted(item, place)),
        _ => Ok(()),
    }
}
