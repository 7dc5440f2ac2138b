//! A local simulator of the container instance cloud, with its elastic IPs and disks.
//!
//! The sandbox answers the vendor's API over HTTP as the API reference describes: it verifies
//! signatures, checks requests, moves groups through their statuses on its own clock and stores its
//! world on disk. First runs and tests use it, so it is strict where the cloud may be, and fails on
//! demand.
//!
//! ```no_run
//! use std::time::Duration;
//! use eci_sandbox::{ChangeKind, Config, Fault, Faults, Rule, SimulatedCloud, Speed};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config { speed: Speed::Times(0.0), ..Config::default() };
//! let running = SimulatedCloud::start(config).await?;
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
//! The image and command of a container determine its behavior: an image whose name ends in
//! `:missing` is never pulled, one that ends in `:crash` restarts without end, and a command of
//! `["exit", "N"]` ends with that code.
//!
//! [`ApiBehavior::TABLE`] lists what the cloud does that one would not expect; each row can be switched.
//!
//! # Modules
//!
//! A module imports only from those below it:
//!
//! | module | holds |
//! |---|---|
//! | `sandbox`, `running`, `config` | the handle, a sandbox that serves in the background, and how one is set up |
//! | `http` | from a connection to a call and back: routes, signatures, faults, the form of every answer; cutting connections |
//! | `handlers` | what each call does: `group` for container groups, `orders` for elastic IPs, disks, orders and jobs |
//! | `engine` | the world over time and on disk; what the services are like, which calls fail and how often one may call |
//! | `storage` | the database, and the changes that were committed |
//! | `model` | groups and how they live, elastic IPs and disks with their orders, what is sold, virtual time; what the cloud accepts and why it refuses |

mod config;
mod engine;
mod handlers;
mod http;
mod model;
mod running;
mod sandbox;
mod storage;

pub use config::Config;
pub use engine::api_behavior::{ApiBehavior, BehaviorError, BehaviorSetting};
pub use engine::faults::{Fault, Faults, FaultsError, Rule, RuleProblem};
pub use engine::open_error::OpenError;
pub use engine::recorded_requests::RecordedRequest;
pub use engine::shared::Rewrite;
pub use model::OutOfBandChange;
pub use model::change::{Actor, ChangeKind, ObjectKind};
pub use model::clock::{Speed, SpeedError};
pub use running::{SandboxServer, StartError};
pub use sandbox::{OutOfBandError, SimulatedCloud};
pub use storage::audit_log::AuditEntry;
pub use storage::database::StorageError;
