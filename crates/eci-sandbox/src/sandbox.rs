//! The handle of a sandbox.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use eci_text::{In, Lang, messages};
use jiff::Timestamp;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::config::Config;
use crate::engine::cloud::Engine;
use crate::engine::faults::{FaultPlan, Faults, FaultsError};
use crate::engine::open_error::OpenError;
use crate::engine::rate_limit::Limit;
use crate::engine::recorded_requests::RecordedRequest;
use crate::engine::shared::{SharedParts, held};
use crate::http::server;
use crate::model::OutOfBandChange;
use crate::model::change::{Actor, ObjectKind};
use crate::model::clock::Timing;
use crate::storage::audit_log::AuditEntry;

/// A simulated cloud.
///
/// Clones are handles of the same one; when the last is dropped and nothing serves it any more,
/// what is not on disk yet is written and the database closed.
#[derive(Clone)]
pub struct SimulatedCloud {
    shared: Arc<SharedParts>,
}

/// The reason why an out-of-band change is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutOfBandError {
    /// No region has this object.
    NotThere {
        /// The requested ID.
        id: String,
    },
    /// The change does not exist for the kind of the object.
    NotForKind {
        /// Its id.
        id: String,
        /// Its kind.
        kind: ObjectKind,
    },
}

messages! { OutOfBandError : OutOfBandError::NotThere { id } => en ( "the sandbox has no container group, EIP, or disk {id}" ) , zh ( "沙箱中没有 ID 为 {id} 的容器组、弹性 IP 或云硬盘" ) ; OutOfBandError::NotForKind { id , kind } => en ( "the change is not supported for {} {id}" , kind . noun ( ) ) , zh ( "{} {id} 不支持该变更" , In ( & kind . noun ( ) , Lang::Zh ) ) ; }

impl SimulatedCloud {
    /// Opens the world of `config`, which goes on where it was left.
    ///
    /// # Errors
    ///
    /// If the configuration makes no sense, or the world on disk cannot be opened.
    pub fn open(config: Config) -> Result<SimulatedCloud, OpenError> {
        SimulatedCloud::open_at(config, Timestamp::now)
    }

    /// Opens a sandbox with another wall clock, which virtual time follows and which dates of
    /// signatures are compared with.
    ///
    /// # Errors
    ///
    /// As [`SimulatedCloud::open`].
    pub fn open_at(
        config: Config,
        wall: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Result<SimulatedCloud, OpenError> {
        config.check()?;
        let limit = config
            .rate_limit
            .map(|rate| Limit::new(rate, Instant::now()));
        let cloud = Engine::open(config.data.as_deref(), config.speed, Arc::new(wall))?;
        cloud.remember(config.faults.oldest_list());
        Ok(SimulatedCloud {
            shared: Arc::new(SharedParts {
                cloud,
                accounts: config.accounts,
                regions: config.regions,
                zones: config.zones,
                api_behavior: config.behavior,
                faults: Mutex::new(FaultPlan::new(config.faults)),
                calls: Mutex::default(),
                limit: limit.map(Mutex::new),
                rewrite: Mutex::default(),
                shutdown: watch::Sender::new(false),
            }),
        })
    }

    /// Answers what comes in at `listener` until [`SimulatedCloud::shutdown`] is called or the
    /// future is dropped. Calls that are being answered then are finished first; those that
    /// hang by a fault are cut.
    ///
    /// Cancel safe: dropping the future ends only the waiting for those calls.
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

    /// Ends every [`SimulatedCloud::serve`], now and later.
    pub fn shutdown(&self) {
        self.shared.shutdown.send_replace(true);
    }

    /// Turns virtual time on.
    pub fn advance(&self, time: Duration) {
        self.shared.cloud.advance(time);
    }

    /// Applies an out-of-band change to a group, an EIP or a disk.
    ///
    /// # Errors
    ///
    /// If the object does not exist, or its kind does not allow the change.
    pub fn apply_out_of_band(
        &self,
        id: &str,
        change: OutOfBandChange,
    ) -> Result<(), OutOfBandError> {
        let cloud = &self.shared.cloud;
        let not_there = || OutOfBandError::NotThere { id: id.to_owned() };
        let kind = cloud.read(|world, Timing { now, .. }| world.kind_of(id, now));
        let kind = kind.ok_or_else(not_there)?;
        if !change.is_for(kind) {
            let id = id.to_owned();
            return Err(OutOfBandError::NotForKind { id, kind });
        }
        let (change_kind, by) = (change.change_kind(), Actor::OutOfBand);
        // It may have been deleted since it was read.
        match kind {
            ObjectKind::ContainerGroup => cloud
                .change(change_kind, by, |world, at| {
                    world.outside_group(id, change, at)
                })
                .map(|_| ())
                .map_err(|_| not_there()),
            ObjectKind::Eip => cloud
                .alter(|world, Timing { now, .. }| {
                    let eip = world.outside_eip(id, change, now).ok_or_else(not_there)?;
                    Ok(((), Some(AuditEntry::of_eip(&eip, change_kind, by, now))))
                })
                .map(|_| ()),
            ObjectKind::Disk => cloud
                .alter(|world, Timing { now, .. }| {
                    let disk = world.outside_disk(id, change, now).ok_or_else(not_there)?;
                    Ok(((), Some(AuditEntry::of_disk(&disk, change_kind, by, now))))
                })
                .map(|_| ()),
        }
    }

    /// Returns every change that was ever committed, the oldest first.
    pub fn audit_log(&self) -> Vec<AuditEntry> {
        self.shared.cloud.audit_log()
    }

    /// Returns the changing calls since the sandbox was opened, in the order of arrival: those of
    /// one operation, by the vendor's name, or all. The oldest are dropped.
    pub fn requests(&self, operation: Option<&str>) -> Vec<RecordedRequest> {
        held(&self.shared.calls).requests(operation)
    }

    /// Returns the number of calls of each operation since the sandbox was opened, including failed
    /// ones.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        held(&self.shared.calls).counts()
    }

    /// Replaces the faults of calls from now on.
    ///
    /// Calls are counted from the start.
    ///
    /// # Errors
    ///
    /// If a rule contradicts itself or names what does not exist.
    pub fn set_faults(&self, faults: Faults) -> Result<(), FaultsError> {
        faults.check()?;
        self.shared.cloud.remember(faults.oldest_list());
        *held(&self.shared.faults) = FaultPlan::new(faults);
        Ok(())
    }

    /// Lets a function change every answer from now on, as a faulty cloud or a proxy would.
    pub fn rewrite_answers(
        &self,
        rewrite: impl Fn(&str, &Value, &mut Value) + Send + Sync + 'static,
    ) {
        *held(&self.shared.rewrite) = Some(Arc::new(rewrite));
    }

    /// Lets answers be as they are again.
    pub fn keep_answers(&self) {
        *held(&self.shared.rewrite) = None;
    }
}

impl fmt::Debug for SimulatedCloud {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SimulatedCloud")
            .field("regions", &self.shared.regions)
            .finish_non_exhaustive()
    }
}
