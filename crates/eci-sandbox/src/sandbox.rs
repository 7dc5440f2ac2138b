//! The handle of a sandbox.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::cloud::Cloud;
use crate::config::{Config, Habits};
use crate::faults::{FaultPlan, Faults, FaultsError};
use crate::ledger::{Calls, Deed, Doer, LedgerEntry, RecordedRequest};
use crate::limit::Limit;
use crate::server;
use crate::store::OpenError;
use crate::world::Outside;

/// A simulated cloud. Clones are handles of the same one; when the last is dropped and
/// nothing serves it any more, what is not on disk yet is written and the database closed.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
}

/// What all handles and all connections have in common.
pub(crate) struct Shared {
    pub(crate) cloud: Cloud,
    pub(crate) accounts: Vec<(String, String)>,
    pub(crate) regions: Vec<String>,
    pub(crate) habits: Habits,
    pub(crate) faults: Mutex<FaultPlan>,
    pub(crate) calls: Mutex<Calls>,
    pub(crate) limit: Option<Mutex<Limit>>,
    shutdown: watch::Sender<bool>,
}

/// There is no group of this id in any region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sandbox has no container group {id}; it may be gone already")]
pub struct NoSuchGroup {
    /// The id that was asked for.
    pub id: String,
}

impl Sandbox {
    /// Opens the world of `config`, which goes on where it was left.
    ///
    /// # Errors
    ///
    /// If the configuration makes no sense, or the world on disk cannot be opened.
    pub fn open(config: Config) -> Result<Sandbox, OpenError> {
        Sandbox::open_at(config, Timestamp::now)
    }

    /// The same with another clock on the wall, which virtual time follows and which dates of
    /// signatures are compared with.
    ///
    /// # Errors
    ///
    /// As [`Sandbox::open`].
    pub fn open_at(
        config: Config,
        wall: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<Sandbox, OpenError> {
        config.check()?;
        let limit = config
            .rate_limit
            .map(|rate| Limit::new(rate, Instant::now()));
        let cloud = Cloud::open(config.data.as_deref(), config.speed, Arc::new(wall))?;
        Ok(Sandbox {
            shared: Arc::new(Shared {
                cloud,
                accounts: config.accounts,
                regions: config.regions,
                habits: config.habits,
                faults: Mutex::new(FaultPlan::new(config.faults)),
                calls: Mutex::default(),
                limit: limit.map(Mutex::new),
                shutdown: watch::Sender::new(false),
            }),
        })
    }

    /// Answers what comes in at `listener` until [`Sandbox::shutdown`] is called or the
    /// future is dropped. Calls that are being answered then are finished first; those that
    /// hang by a fault are cut.
    ///
    /// # Errors
    ///
    /// If the listener fails for good.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        server::serve(
            Arc::clone(&self.shared),
            self.shared.shutdown.subscribe(),
            listener,
        )
        .await
    }

    /// Ends every [`Sandbox::serve`], now and later.
    pub fn shutdown(&self) {
        self.shared.shutdown.send_replace(true);
    }

    /// Turns virtual time on.
    pub fn advance(&self, time: Duration) {
        self.shared.cloud.advance(time);
    }

    /// Does something to a group that no client of the API has asked for.
    ///
    /// # Errors
    ///
    /// If there is no such group.
    pub fn outside(&self, id: &str, change: Outside) -> Result<(), NoSuchGroup> {
        let deed = match change {
            Outside::Delete => Deed::Delete,
            Outside::SetTags(_) | Outside::Fail | Outside::Resize { .. } => Deed::Update,
            Outside::Restart => Deed::Restart,
        };
        self.shared
            .cloud
            .change((deed, Doer::Outsider), |world, at| {
                world.outside(id, change, at)
            })
            .map(|_| ())
            .map_err(|_| NoSuchGroup { id: id.to_owned() })
    }

    /// Every change that was ever committed, the oldest first.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.shared.cloud.ledger()
    }

    /// The calls since the sandbox was opened that would change something, as they came in:
    /// of one operation, named as the vendor does, or of all. The oldest are forgotten.
    pub fn requests(&self, operation: Option<&str>) -> Vec<RecordedRequest> {
        held(&self.shared.calls).requests(operation)
    }

    /// How many calls of each operation came in since the sandbox was opened, those that
    /// failed included.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        held(&self.shared.calls).counts()
    }

    /// Makes calls fail from now on as `faults` says, and no longer as was said before.
    /// Calls are counted anew.
    ///
    /// # Errors
    ///
    /// If a rule contradicts itself or names what does not exist.
    pub fn set_faults(&self, faults: Faults) -> Result<(), FaultsError> {
        faults.check()?;
        *held(&self.shared.faults) = FaultPlan::new(faults);
        Ok(())
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("regions", &self.shared.regions)
            .finish_non_exhaustive()
    }
}

/// What is behind these locks is whole after every statement.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
