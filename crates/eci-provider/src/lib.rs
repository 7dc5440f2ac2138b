//! The resource kinds mapped onto the cloud's calls.
//!
//! * [`Provider`]: creates, reads, changes and deletes resources, in terms of their
//!   attributes;
//! * [`Cloud`]: all services of the cloud; [`ThingId`], [`Look`]: what has a life of its own,
//!   of whatever kind; [`Order`], [`Amendment`]: how EIPs and disks are made and changed;
//! * [`wire`]: values to what is sent and back, by the description of their fields;
//! * [`mod@readiness`]: when a group counts as ready, and when it never will;
//! * [`explanation`]: what the cloud tells about a group that does not become ready;
//! * `running`: what is done with a group that runs: events, logs, restarts, commands;
//! * [`Redactor`]: what the cloud says of a resource, without its secrets;
//! * [`price`]: what things cost by the month;
//! * [`pace`]: how fast calls follow one another and when one is tried again.

mod amend;
mod cloud;
mod conceal;
mod disk;
mod eip;
pub mod explanation;
mod many;
mod named;
mod order;
pub mod pace;
pub mod price;
mod provider;
pub mod readiness;
mod redactor;
mod request;
mod running;
mod seen;
mod thing;
mod verify;
pub mod wire;

pub use amend::{Amendment, Mount, amendments};
pub use cloud::Cloud;
pub use disk::{disk_request, is_made_by};
pub use eip::eip_request;
pub use explanation::Explanation;
pub use named::attribute_named;
pub use order::{Order, token_of};
pub use pace::{Again, Pace, Repeat, Retry};
pub use price::{NoPrice, Price, Priced};
pub use provider::{Made, Provider};
pub use readiness::{Readiness, Wait, readiness};
pub use redactor::Redactor;
pub use request::{SendError, create_request, group_id, update_request};
pub use seen::Seen;
pub use thing::{Look, ThingId, Told};
pub use wire::EncodeError;
