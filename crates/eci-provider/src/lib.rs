//! The resource kinds mapped onto the cloud's calls.
//!
//! * [`ResourceProvider`]: creates, reads, changes and deletes resources, in terms of their
//!   attributes;
//! * [`Cloud`]: all services of the cloud; [`RemoteId`], [`RemoteObject`]: what is a separate object in the cloud,
//!   of whatever kind; [`Order`], [`InPlaceChange`]: how EIPs and disks are created and changed;
//! * [`wire`]: values to what is sent and back, by the description of their fields;
//! * [`mod@readiness`]: when a group counts as ready, and when it never will;
//! * [`failure_details`]: what the cloud reports about a group that does not become ready;
//! * `inspect`: calls about a running group: events, logs, restarts, commands;
//! * [`cover_group`], [`cover_event`], [`cover_explanation`]: reports of the cloud without the secrets of a
//!   resource;
//! * [`price`]: the monthly prices of objects;
//! * [`throttle`]: the rate of calls and their retries.
//!
//! ```no_run
//! use eci_provider::{ResourceProvider, RetryConfig, Throttle, group_id};
//!
//! # async fn example(client: eci_api::Client) -> Result<(), Box<dyn std::error::Error>> {
//! let provider = ResourceProvider::new(client, Throttle::new(Some(10.0), RetryConfig::default(), 1));
//! match provider.describe_group(&group_id("eci-1")?).await? {
//!     Some(group) => println!("{:?}", group.attributes),
//!     None => println!("not found"),
//! }
//! # Ok(())
//! # }
//! ```

mod adapters;
mod complete_list;
mod conceal;
mod cover;
pub mod failure_details;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod fixtures;
mod in_place_change;
mod inspect;
mod many;
mod named;
mod observed_group;
mod order;
pub mod price;
mod provider;
pub mod readiness;
mod remote;
mod request;
mod services;
pub mod throttle;
mod verify;
pub mod wire;

pub use adapters::{amendments, disk_request, eip_request, is_priced_by, price_request};
pub use cover::{cover_event, cover_explanation, cover_group};
pub use failure_details::FailureDetails;
pub use in_place_change::{ChangeTarget, InPlaceChange, Mount};
pub use named::attribute_named;
pub use observed_group::ObservedGroup;
pub use order::{DiskOrder, EipOrder, Order, token_of};
pub use price::{Price, PriceError, PriceRequest};
pub use provider::{CreatedObject, ResourceProvider};
pub use readiness::{Readiness, Wait, readiness};
pub use remote::{GroupReport, RemoteId, RemoteObject, RemoteReport};
pub use request::{RequestError, create_request, group_id, update_request};
pub use services::Cloud;
pub use throttle::{GuardRefusal, Idempotency, RetryConfig, RetryEvent, Throttle};
pub use wire::EncodeError;
