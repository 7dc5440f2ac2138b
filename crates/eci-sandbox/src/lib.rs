//! A local simulator of the container instance cloud, with its elastic IPs and disks.
//!
//! The sandbox answers the vendor's API over HTTP as the vendor's page says: it verifies
//! signatures, checks requests, moves groups through their statuses on a clock of its own and
//! keeps its world on disk. It is where a newcomer's first run goes and what tests run
//! against, so it is strict where the cloud may be, and fails on demand.
//!
//! ```no_run
//! use std::time::Duration;
//! use eci_sandbox::{ChangeKind, Config, Fault, Faults, Rule, Sandbox, Speed};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config { speed: Speed::Times(0.0), ..Config::default() };
//! let running = Sandbox::start(config).await?;
//! let endpoint = running.endpoint(); // for the client under test
//!
//! let sandbox = running.sandbox();
//! sandbox.set_faults(Faults {
//!     rules: vec![Rule::new("createContainerGroup", Fault::CutAfter).nth(1)],
//! })?;
//! sandbox.advance(Duration::from_secs(10));
//! let created = sandbox.audit_log().iter().filter(|entry| entry.change == ChangeKind::Create).count();
//! running.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! What a container does is told by its image and command: an image whose name ends in
//! `:missing` is never pulled, one that ends in `:crash` restarts without end, and a command
//! of `["exit", "N"]` ends with that code.
//!
//! [`ApiBehavior::TABLE`] lists what the cloud does that one would not expect; each row can be switched.
//!
//! # Where things are
//!
//! | module | holds |
//! |---|---|
//! | `sandbox`, `shared`, `running` | the handle, what all handles share, and a sandbox that serves in the background |
//! | `server`, `line` | HTTP: from a connection to a call, faults and back; cutting connections |
//! | `auth`, `query`, `operation`, `limit` | who calls, what is called, how often |
//! | `request` | the shape of bodies, and the rules between their fields |
//! | `calls`, `page` | what each call of groups does |
//! | `service` | what each call of elastic IPs, disks, orders and jobs does, and their envelope |
//! | `report`, `price`, `shell` | what groups, prices, logs and commands look like in answers |
//! | `envelope`, `form`, `refusal`, `denial` | the form of every answer, and why a call is refused |
//! | `cloud` | the world in time and on disk |
//! | `world`, `lifecycle`, `sizes`, `clock` | groups, how they live, what is sold, virtual time; elastic IPs and disks with their orders |
//! | `store`, `audit_log`, `change` | the database; what was done and what was asked |
//! | `config`, `habits`, `faults` | how a sandbox is set up, what its services are like, and which calls fail |

mod audit_log;
mod auth;
mod calls;
mod change;
mod clock;
mod config;
mod connection;
mod container_output;
mod engine;
mod envelope;
mod faults;
mod flavors;
mod form;
mod group_error;
mod habits;
mod lifecycle;
mod model;
mod operation;
mod order_error;
mod pagination;
mod price;
mod query;
mod rate_limit;
mod report;
mod request;
mod running;
mod sandbox;
mod server;
mod service;
mod shared;
mod store;

pub use audit_log::{AuditEntry, RecordedRequest};
pub use change::{Actor, ChangeKind, Kind};
pub use clock::{Speed, SpeedError};
pub use config::Config;
pub use faults::{Fault, Faults, FaultsError, Rule};
pub use habits::{ApiBehavior, Habit, HabitError};
pub use model::OutOfBandChange;
pub use running::{Running, StartError};
pub use sandbox::{OutOfBandError, Sandbox};
pub use shared::Rewrite;
pub use store::OpenError;
