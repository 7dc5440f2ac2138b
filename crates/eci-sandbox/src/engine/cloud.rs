//! The world over time and on disk.
//!
//! Every read and change of the world happens at the current time of the clock, after the groups
//! that are deleted by then are removed. A change is sent to be stored while the world is still
//! locked, so that the disk receives changes in their order; the caller waits for it without a
//! lock, so that readers never wait for the disk.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::model::change::{Actor, ChangeKind};
use crate::model::clock::{Clock, SimTime, Speed, TimeScale, Timing, WallClock};
use crate::model::group_error::GroupApiError;
use crate::model::{Group, World};
use crate::storage::audit_log::AuditEntry;
use crate::storage::database::{PendingWrite, StorageError, Store, StoredWorld, Write};

/// The simulated cloud: its world, its clock and its storage.
pub(crate) struct Engine {
    scale: TimeScale,
    state: Mutex<State>,
    store: Store,
}

struct State {
    world: World,
    clock: Clock,
    /// The earlier worlds, if somebody may ask for them.
    past: Option<WorldHistory>,
    audit_log: Vec<AuditEntry>,
}

/// The earlier worlds.
struct WorldHistory {
    /// The length of time for which they are remembered.
    span: Duration,
    /// The world after each change, the oldest first.
    worlds: VecDeque<(SimTime, World)>,
}

impl WorldHistory {
    fn keep(&mut self, now: SimTime, world: &World) {
        self.worlds.push_back((now, world.clone()));
        let oldest = now.before(self.span);
        // The last one before that is what the world was like then.
        while self
            .worlds
            .get(1)
            .is_some_and(|(since, _)| *since <= oldest)
        {
            self.worlds.pop_front();
        }
    }

    /// Returns the world at a time; the oldest remembered one if that is younger.
    fn at(&self, time: SimTime) -> Option<(&World, SimTime)> {
        let before = self.worlds.iter().rev().find(|(since, _)| *since <= time);
        let (since, world) = before.or(self.worlds.front())?;
        Some((world, time.max(*since)))
    }
}

impl Engine {
    /// Opens the cloud stored in `data`, or an empty one that is not stored.
    pub(crate) fn open(
        data: Option<&Path>,
        speed: Speed,
        wall: WallClock,
    ) -> Result<Engine, StorageError> {
        let (store, kept) = match data {
            Some(directory) => Store::open(directory)?,
            None => (Store::nowhere(), StoredWorld::default()),
        };
        let clock = Clock::resume(wall, kept.clock, speed.rate());
        let mut world = World::of(kept.groups);
        world.stock(kept.eips, kept.disks, kept.orders, kept.jobs);
        world.number_from(kept.next_number);
        // Sent ahead of every change: a caller that waits for a change has waited for this.
        drop(store.keep(vec![Write::Clock(clock.reference())]));
        Ok(Engine {
            scale: speed.scale(),
            state: Mutex::new(State {
                world,
                clock,
                past: None,
                audit_log: kept.audit_log,
            }),
            store,
        })
    }

    /// Returns what a function reads of the present world.
    pub(crate) fn read<T>(&self, see: impl FnOnce(&World, Timing) -> T) -> T {
        let (state, at) = self.now();
        see(&state.world, at)
    }

    /// Returns what a function reads of the world at an earlier time, as far as that is remembered.
    pub(crate) fn look_back<T>(
        &self,
        age: Option<Duration>,
        see: impl FnOnce(&World, Timing) -> T,
    ) -> T {
        let (state, at) = self.now();
        let past = state.past.as_ref().zip(age);
        match past.and_then(|(past, age)| past.at(at.now.before(age))) {
            Some((world, then)) => see(world, Timing { now: then, ..at }),
            None => see(&state.world, at),
        }
    }

    /// Keeps past worlds from now on, for this duration; `None` keeps none.
    pub(crate) fn remember(&self, span: Option<Duration>) {
        let (mut state, at) = self.now();
        state.past = span.map(|span| WorldHistory {
            span,
            worlds: VecDeque::from([(at.now, state.world.clone())]),
        });
    }

    /// Changes a group now.
    ///
    /// The change is done when this returns, and on disk when the second part of what it returns
    /// says so.
    pub(crate) fn change(
        &self,
        kind: ChangeKind,
        by: Actor,
        make: impl FnOnce(&mut World, Timing) -> Result<Arc<Group>, GroupApiError>,
    ) -> Result<(Arc<Group>, PendingWrite), GroupApiError> {
        let (mut state, at) = self.now();
        let group = make(&mut state.world, at)?;
        let entry = AuditEntry::of(&group, kind, by, at.now);
        let pending = self.keep(
            &mut state,
            vec![Write::Group(Arc::clone(&group))],
            Some(entry),
        );
        Ok((group, pending))
    }

    /// Changes an object other than a group now, or finds that no change is required.
    ///
    /// The entry, if any, is added to the audit log.
    pub(crate) fn alter<T, E>(
        &self,
        make: impl FnOnce(&mut World, Timing) -> Result<(T, Option<AuditEntry>), E>,
    ) -> Result<(T, PendingWrite), E> {
        let (mut state, at) = self.now();
        let (created, entry) = make(&mut state.world, at)?;
        let pending = self.keep(&mut state, Vec::new(), entry);
        Ok((created, pending))
    }

    /// Sends to disk what a change has touched.
    fn keep(
        &self,
        state: &mut State,
        mut writes: Vec<Write>,
        entry: Option<AuditEntry>,
    ) -> PendingWrite {
        writes.extend(state.world.touched().map(Write::Touched));
        let now = state.clock.now();
        if let Some(past) = &mut state.past {
            past.keep(now, &state.world);
        }
        if let Some(entry) = entry {
            writes.push(Write::Ledger(state.audit_log.len() as u64, entry.clone()));
            state.audit_log.push(entry);
        }
        self.store.keep(writes)
    }

    /// Turns the clock on.
    pub(crate) fn advance(&self, time: Duration) {
        let (mut state, _) = self.now();
        state.clock.advance(time);
        drop(self.store.keep(vec![Write::Clock(state.clock.reference())]));
    }

    pub(crate) fn audit_log(&self) -> Vec<AuditEntry> {
        self.held().audit_log.clone()
    }

    /// Returns the real time, by which signatures are dated.
    pub(crate) fn wall_now(&self) -> Timestamp {
        self.held().clock.wall_now()
    }

    fn held(&self) -> MutexGuard<'_, State> {
        // No change leaves the world incomplete where it can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> (MutexGuard<'_, State>, Timing) {
        let mut state = self.held();
        let at = Timing {
            now: state.clock.now(),
            scale: self.scale,
        };
        let deleted = state.world.reap_deleted(at);
        if !deleted.is_empty() {
            let mut writes: Vec<Write> = deleted.into_iter().map(Write::Deleted).collect();
            writes.push(Write::NextNumber(state.world.next_number()));
            drop(self.keep(&mut state, writes, None));
        }
        (state, at)
    }
}
