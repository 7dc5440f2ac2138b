//! A local simulator of the container instance cloud, with its elastic IPs and disks.
//!
//! The sandbox answers the vendor's API over HTTP as the vendor's page says: it verifies
//! signatures, checks requests, moves groups through their statuses on a clock of its own and
//! keeps its world on disk. It is where a newcomer's first run goes and what tests run
//! against, so it is strict where the cloud may be, and fails on demand.
//!
//! ```no_run
//! use std::time::Duration;
//! use eci_sandbox::{Config, Deed, Fault, Faults, Rule, Sandbox, Speed};
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
//! let created = sandbox.ledger().iter().filter(|entry| entry.deed == Deed::Create).count();
//! running.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! What a container does is told by its image and command: an image whose name ends in
//! `:missing` is never pulled, one that ends in `:crash` restarts without end, and a command
//! of `["exit", "N"]` ends with that code.
//!
//! [`Habits::TABLE`] lists what the cloud does that one would not expect; each row can be switched.
//!
//! # Where things are
//!
//! | module | holds |
//! |---|---|
//! | `sandbox`, `running` | the handle, and a sandbox that serves in the background |
//! | `server`, `line` | HTTP: from a connection to a call, faults and back; cutting connections |
//! | `auth`, `query`, `operation`, `limit` | who calls, what is called, how often |
//! | `request` | the shape of bodies, and the rules between their fields |
//! | `calls`, `page` | what each call of groups does |
//! | `service` | what each call of elastic IPs, disks, orders and jobs does, and their envelope |
//! | `report`, `price`, `shell` | what groups, prices, logs and commands look like in answers |
//! | `envelope`, `form`, `refusal`, `denial` | the form of every answer, and why a call is refused |
//! | `cloud` | the world in time and on disk |
//! | `world`, `lifecycle`, `sizes`, `clock` | groups, how they live, what is sold, virtual time; elastic IPs and disks with their orders |
//! | `store`, `ledger` | the database; what was done and what was asked |
//! | `config`, `habits`, `faults` | how a sandbox is set up, what its services are like, and which calls fail |

mod auth;
mod calls;
mod clock;
mod cloud;
mod config;
mod denial;
mod envelope;
mod faults;
mod form;
mod habits;
mod ledger;
mod lifecycle;
mod limit;
mod line;
mod operation;
mod page;
mod price;
mod query;
mod refusal;
mod report;
mod request;
mod running;
mod sandbox;
mod server;
mod service;
mod shell;
mod sizes;
mod store;
mod world;

pub use clock::{Speed, SpeedError};
pub use config::Config;
pub use faults::{Fault, Faults, FaultsError, Rule};
pub use habits::{Habit, HabitError, Habits};
pub use ledger::{Deed, Doer, Kind, LedgerEntry, RecordedRequest};
pub use running::{Running, StartError};
pub use sandbox::{OutsideError, Rewrite, Sandbox};
pub use store::OpenError;
pub use world::Outside;
