//! The cloud's calls: wire types, signing and the HTTP client.
//!
//! * [`api`]: the calls as traits, so that a simulation can replace the cloud: [`Api`] for
//!   container groups, [`EipApi`], [`DiskApi`], and [`OrderApi`] for the orders of EIPs and disks;
//! * [`client`]: the cloud itself, over HTTP;
//! * [`types`]: what is sent and what is answered;
//! * [`error`]: what went wrong with a call, and whether the call was done all the same;
//! * [`operation`]: the calls by the vendor's names, [`service`]: whose they are;
//! * [`sign`]: the signature on every call.
//!
//! ```no_run
//! use eci_api::{Api as _, Client, ClientConfig, Credentials, types::ContainerGroupFilter};
//!
//! # async fn show() -> Result<(), Box<dyn std::error::Error>> {
//! let credentials = Credentials::new("access key", "secret key");
//! let client = Client::new(ClientConfig::new(credentials, "bb9fdb42056f11eda1610242ac110002"))?;
//! for group in client.list_container_groups(&ContainerGroupFilter::default()).await? {
//!     println!("{} is {}", group.container_group_id, group.status);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every call fails with one type, [`CallError`], which says which call it was, of which
//! resource, with which request id, what the cloud answered and, as [`CallOutcome`], whether it
//! may have been done nevertheless. A create whose outcome is unknown must not simply be sent
//! again: the cloud has no token that would make the second one harmless. A create of an EIP or a
//! disk has one, [`ClientToken`](types::ClientToken), and is answered by
//! [`OrderOutcome`](types::OrderOutcome): what it ordered may only come about later.
//!
//! Nothing in here retries; that is for those who know the plan.

pub mod api;
pub mod client;
mod envelope;
pub mod error;
mod excerpt;
pub mod operation;
pub mod service;
pub mod sign;
pub mod tls;
pub mod types;

pub use api::{Api, DiskApi, EipApi, OrderApi, RegionApi};
pub use client::{Client, ClientConfig, ClientError, Clock, DEFAULT_TIMEOUT};
pub use error::{CallError, CallErrorKind, CallOutcome, Refusal, StatusReason};
pub use operation::Operation;
pub use service::{
    DEFAULT_EBS_ENDPOINT, DEFAULT_ECI_ENDPOINT, DEFAULT_ECS_ENDPOINT, DEFAULT_EIP_ENDPOINT,
    Endpoints, Service,
};
pub use sign::Credentials;
pub use types::{FieldNames, Status};
