//! Behaviors of the cloud: where its services differ from expectations, from each other, or from their
//! documentation. [`ApiBehavior::TABLE`] lists them.

use eci_text::{FixedText, In, Lang, List, Spaced, Text, messages, text};

use crate::engine::open_error::OpenError;

/// The behavior of the simulated cloud where the vendor's documentation, its clients and its
/// services differ, and its quotas. Each field is a row of [`ApiBehavior::TABLE`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiBehavior {
    /// Row `empty_fields_omitted`.
    pub empty_fields_omitted: bool,
    /// Row `beijing_times`.
    pub beijing_times: bool,
    /// Row `largest_page`.
    pub largest_page: usize,
    /// Row `zero_limit_accepted`.
    pub zero_limit_accepted: bool,
    /// Row `region_in_body_accepted`.
    pub region_in_body_accepted: bool,
    /// Row `request_id_header`.
    pub request_id_header: bool,
    /// Row `older_disk_words`.
    pub older_disk_words: bool,
    /// Row `deleted_disks_are_damaged`.
    pub deleted_disks_are_damaged: bool,
    /// Row `disk_orders_at_once`.
    pub disk_orders_at_once: bool,
    /// Row `no_snapshots`.
    pub no_snapshots: bool,
    /// Row `most_eips`.
    pub most_eips: usize,
    /// Row `most_disks`.
    pub most_disks: usize,
}

/// A row of [`ApiBehavior::TABLE`].
#[derive(Clone, Copy)]
pub struct BehaviorSetting {
    /// The name, as on the command line.
    pub name: &'static str,
    /// The effect of the behavior if it is on, or the quantity that its number limits.
    pub meaning: &'static str,
    field: BehaviorField,
}

#[derive(Clone, Copy)]
enum BehaviorField {
    Flag(fn(&mut ApiBehavior) -> &mut bool),
    Count(fn(&mut ApiBehavior) -> &mut usize),
}

impl Default for ApiBehavior {
    fn default() -> Self {
        ApiBehavior {
            empty_fields_omitted: true,
            beijing_times: true,
            largest_page: 20,
            zero_limit_accepted: true,
            region_in_body_accepted: true,
            request_id_header: true,
            older_disk_words: false,
            deleted_disks_are_damaged: false,
            disk_orders_at_once: false,
            no_snapshots: false,
            most_eips: 1000,
            most_disks: 1000,
        }
    }
}

impl ApiBehavior {
    /// All behaviors: their names, meanings and, by [`BehaviorSetting::default_value`], defaults.
    pub const TABLE: [BehaviorSetting; 12] = [
        BehaviorSetting {
            name: "empty_fields_omitted",
            meaning: "responses about container groups omit fields that are empty, 0 or false, \
                      and empty lists (published responses)",
            field: BehaviorField::Flag(|behavior| &mut behavior.empty_fields_omitted),
        },
        BehaviorSetting {
            name: "beijing_times",
            meaning: "times of container groups are in +08:00, not in UTC (published responses)",
            field: BehaviorField::Flag(|behavior| &mut behavior.beijing_times),
        },
        BehaviorSetting {
            name: "largest_page",
            meaning: "maximum number of elements in a page of a list, even if a larger page is \
                      requested (not confirmed)",
            field: BehaviorField::Count(|behavior| &mut behavior.largest_page),
        },
        BehaviorSetting {
            name: "zero_limit_accepted",
            meaning: "a `limit` of 0 means the default page size (API reference)",
            field: BehaviorField::Flag(|behavior| &mut behavior.zero_limit_accepted),
        },
        BehaviorSetting {
            name: "region_in_body_accepted",
            meaning: "request bodies about container groups may repeat the header `regionId` \
                      (published client)",
            field: BehaviorField::Flag(|behavior| &mut behavior.region_in_body_accepted),
        },
        BehaviorSetting {
            name: "request_id_header",
            meaning: "responses have a header `X-Request-Id` (published client)",
            field: BehaviorField::Flag(|behavior| &mut behavior.request_id_header),
        },
        BehaviorSetting {
            name: "older_disk_words",
            meaning: "disks have the statuses `attached` and `unattached` instead of `in-use` and \
                      `available`",
            field: BehaviorField::Flag(|behavior| &mut behavior.older_disk_words),
        },
        BehaviorSetting {
            name: "deleted_disks_are_damaged",
            meaning: "reading a deleted disk returns `ebs.ebsInfo.dataDamaged` instead of \
                      `ebs.ebsInfo.notExists`",
            field: BehaviorField::Flag(|behavior| &mut behavior.deleted_disks_are_damaged),
        },
        BehaviorSetting {
            name: "disk_orders_at_once",
            meaning: "orders of disks are completed at once, and the response says so",
            field: BehaviorField::Flag(|behavior| &mut behavior.disk_orders_at_once),
        },
        BehaviorSetting {
            name: "no_snapshots",
            meaning: "disk snapshots are not supported: `deleteSnapWithEbs` is reported as `--`, \
                      and refused when a disk is deleted",
            field: BehaviorField::Flag(|behavior| &mut behavior.no_snapshots),
        },
        BehaviorSetting {
            name: "most_eips",
            meaning: "quota of EIPs per account and region (CTyun's is not known)",
            field: BehaviorField::Count(|behavior| &mut behavior.most_eips),
        },
        BehaviorSetting {
            name: "most_disks",
            meaning: "quota of disks per account and region (CTyun's is not known)",
            field: BehaviorField::Count(|behavior| &mut behavior.most_disks),
        },
    ];

    /// Sets the behaviors that `assignments` name, each written `NAME=VALUE`.
    ///
    /// # Errors
    ///
    /// If the behavior is unknown, or the value is not of its type.
    pub fn set<'a>(
        &mut self,
        assignments: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), BehaviorError> {
        for assignment in assignments {
            let (name, value) = assignment.split_once('=').unwrap_or((assignment, ""));
            let setting = ApiBehavior::TABLE
                .iter()
                .find(|setting| setting.name == name);
            let setting = setting.ok_or_else(|| BehaviorError::Unknown {
                name: name.to_owned(),
            })?;
            setting.set(self, value)?;
        }
        Ok(())
    }

    pub(crate) fn check(&self) -> Result<(), OpenError> {
        if self.largest_page == 0 {
            let message = text!(
                en: "the behavior `largest_page` must be at least 1",
                zh: "行为 `largest_page` 必须至少为 1",
            );
            return Err(OpenError::NotValid { message });
        }
        Ok(())
    }
}

impl BehaviorSetting {
    /// Returns the default as it is written.
    pub fn default_value(&self) -> String {
        let mut behavior = ApiBehavior::default();
        match self.field {
            BehaviorField::Flag(field) => field(&mut behavior).to_string(),
            BehaviorField::Count(field) => field(&mut behavior).to_string(),
        }
    }

    fn set(&self, behavior: &mut ApiBehavior, value: &str) -> Result<(), BehaviorError> {
        let wrong = |expected| BehaviorError::Value {
            name: self.name,
            expected,
            found: value.to_owned(),
        };
        match self.field {
            BehaviorField::Flag(field) => {
                *field(behavior) = value
                    .parse()
                    .map_err(|_| wrong(FixedText::new("`true` or `false`", "`true` 或 `false`")))?;
            }
            BehaviorField::Count(field) => {
                *field(behavior) = value.parse().map_err(|_| {
                    wrong(FixedText::new(
                        "an integer of at least 0",
                        "不小于 0 的整数",
                    ))
                })?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for BehaviorSetting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BehaviorSetting")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A reason why a behavior cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BehaviorError {
    /// No behavior has this name.
    Unknown {
        /// The name.
        name: String,
    },
    /// The value is not of the type of the behavior.
    Value {
        /// The behavior.
        name: &'static str,
        /// The description of valid values.
        expected: FixedText,
        /// The value.
        found: String,
    },
}

messages! { BehaviorError:
    BehaviorError::Unknown { name } =>
        en("unknown behavior `{name}` of the sandbox"),
        zh("未知的沙箱行为 `{name}`");
    BehaviorError::Value { name, expected, found } =>
        en("the behavior `{name}` must be {expected}, found `{found}`"),
        zh("行为 `{name}` 必须是{}，实际为 `{found}`", In(&Spaced(expected), Lang::Zh));
}

impl BehaviorError {
    /// Returns the remedy, if there is one.
    pub fn help(&self) -> Option<Text> {
        match self {
            BehaviorError::Unknown { .. } => Some(text!(
                en: "supported behaviors: {names}",
                zh: "支持的行为：{names}",
                names = List::and(ApiBehavior::TABLE.map(|setting| format!("`{}`", setting.name))),
            )),
            BehaviorError::Value { .. } => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_row_sets_a_different_field() {
        let mut changed = Vec::new();
        for setting in ApiBehavior::TABLE {
            let mut behavior = ApiBehavior::default();
            let other = match (setting.field, &*setting.default_value()) {
                (BehaviorField::Flag(_), "true") => "false",
                (BehaviorField::Flag(_), _) => "true",
                (BehaviorField::Count(_), _) => "7",
            };
            behavior
                .set([&*format!("{}={other}", setting.name)])
                .unwrap();
            assert!(!changed.contains(&behavior), "{setting:?}");
            assert_ne!(behavior, ApiBehavior::default(), "{setting:?}");
            let name = format!("{}: {other}", setting.name);
            assert!(format!("{behavior:?}").contains(&name), "{behavior:?}");
            changed.push(behavior);
        }
    }

    #[test]
    fn an_unknown_behavior_is_refused() {
        let set = |assignment| ApiBehavior::default().set([assignment]).unwrap_err();
        let unknown = set("polite=true");
        assert_eq!(
            unknown.to_string(),
            "unknown behavior `polite` of the sandbox"
        );
        assert!(unknown.help().unwrap().en().contains("`beijing_times`"));
        let flag = set("beijing_times=maybe").to_string();
        assert_eq!(
            flag,
            "the behavior `beijing_times` must be `true` or `false`, found `maybe`"
        );
        let count = set("most_eips=many");
        assert_eq!(
            In(&count, Lang::Zh).to_string(),
            "行为 `most_eips` 必须是不小于 0 的整数，实际为 `many`"
        );
    }
}
