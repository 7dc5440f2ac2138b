//! `[provider]` and `[backend.local]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use eci_core::Map;
use eci_core::diagnostic::Place;

/// `[provider]`: how the cloud is reached.
#[derive(Clone, Debug, Default)]
pub struct ProviderSettings {
    /// The region.
    pub region_id: Option<String>,
    /// Addresses other than the default ones, by the service's name: `eci`, `eip`, `ebs`, `ecs`.
    pub endpoints: BTreeMap<String, String>,
    /// Where the credentials stand, relative to the directory where it is not absolute.
    pub credentials_file: Option<PathBuf>,
    /// Whose spelling of field names is sent.
    pub field_names: FieldNames,
    /// Tags that every container group gets beside its own.
    pub default_tags: Map,
    /// Calls a second.
    pub rate_limit: Option<f64>,
    /// How often and how long a call is tried again.
    pub retry: Retry,
    /// The table's header, where there is one.
    pub place: Option<Place>,
}

/// Whose spelling of field names is sent, where two are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldNames {
    /// The one of the vendor's page.
    #[default]
    Documented,
    /// The one of the vendor's published client.
    Sdk,
}

/// How often and how long a call is tried again; the defaults are the caller's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retry {
    /// At most so many attempts in all.
    pub attempts: Option<u32>,
    /// The longest pause between two.
    pub max_delay: Option<Duration>,
}
