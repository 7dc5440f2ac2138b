//! Configuration of a sandbox.

use std::fmt;
use std::path::PathBuf;

use eci_text::text;

use crate::engine::api_behavior::ApiBehavior;
use crate::engine::faults::Faults;
use crate::engine::open_error::OpenError;
use crate::model::clock::Speed;

/// The options of a sandbox.
///
/// The default stores nothing, at natural speed, without faults.
#[derive(Clone, PartialEq)]
pub struct Config {
    /// The directory in which the world is stored; created if it is missing.
    ///
    /// `None`: in memory.
    pub data: Option<PathBuf>,
    /// The speed at which groups live.
    pub speed: Speed,
    /// Access keys with their secret keys.
    ///
    /// Each is a separate account, whose groups are not visible to the others. By default `sandbox`
    /// with `sandbox`.
    pub accounts: Vec<(String, String)>,
    /// The IDs of the regions.
    ///
    /// By default the one of the API reference of createContainerGroup, and two more.
    pub regions: Vec<String>,
    /// The zones that are reported for every region; if empty, they are left out of the answer.
    ///
    /// A group is accepted in any zone. By default the one of the API reference of
    /// createContainerGroup, and two more (names assumed).
    pub zones: Vec<String>,
    /// The calls that fail.
    pub faults: Faults,
    /// The behavior where the vendor's documentation, clients and services differ, and quotas.
    pub behavior: ApiBehavior,
    /// Calls per second beyond which calls are refused with TooManyRequests; one second's
    /// worth may come at once. `None`: no limit.
    pub rate_limit: Option<f64>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            data: None,
            speed: Speed::default(),
            accounts: vec![("sandbox".to_owned(), "sandbox".to_owned())],
            regions: [
                "bb9fdb42056f11eda1610242ac110002",
                "81f7728662dd11ec810800155d307d5b",
                "100054c0416811e9a6690242ac110002",
            ]
            .map(str::to_owned)
            .to_vec(),
            zones: ["1A", "2A", "3A"]
                .map(|zone| format!("cn-huadong1-jsnj{zone}-public-ctcloud"))
                .to_vec(),
            faults: Faults::default(),
            behavior: ApiBehavior::default(),
            rate_limit: None,
        }
    }
}

impl Config {
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let not_valid = |message| Err(OpenError::NotValid { message });
        if self.accounts.is_empty() {
            return not_valid(text!(en: "at least 1 account is required", zh: "至少需要 1 个账号"));
        }
        if self.regions.is_empty() {
            return not_valid(text!(en: "at least 1 region is required", zh: "至少需要 1 个区域"));
        }
        if self
            .rate_limit
            .is_some_and(|rate| !rate.is_finite() || rate <= 0.0)
        {
            return not_valid(text!(
                en: "the rate limit must be greater than 0",
                zh: "速率限制必须大于 0",
            ));
        }
        self.behavior.check()?;
        Ok(self.faults.check()?)
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.accounts.iter().map(|(key, _)| key.as_str()).collect();
        formatter
            .debug_struct("Config")
            .field("data", &self.data)
            .field("speed", &self.speed)
            .field("accounts", &keys)
            .field("regions", &self.regions)
            .field("zones", &self.zones)
            .field("faults", &self.faults)
            .field("behavior", &self.behavior)
            .field("rate_limit", &self.rate_limit)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_keys_are_not_shown() {
        let config = Config {
            accounts: vec![("key-1".to_owned(), "hush-1".to_owned())],
            ..Config::default()
        };
        let shown = format!("{config:?}");
        assert!(
            shown.contains("key-1") && !shown.contains("hush-1"),
            "{shown}"
        );
    }
}
