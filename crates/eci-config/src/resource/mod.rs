//! Instances of resources.

mod attributes;
mod build;
mod evaluate;
mod find_links;
mod for_each;
mod ignored;
mod instance;
mod label;
mod lifecycle;
mod meta;
mod resolve_links;
mod source_location;

pub(crate) use build::{Tables, build_resources, declare_resources};
pub(crate) use for_each::{ForEach, Keys, keys};
pub use instance::Resource;
pub use lifecycle::{IgnoreChanges, Lifecycle, Timeouts};
pub(crate) use meta::dependencies as addresses;
