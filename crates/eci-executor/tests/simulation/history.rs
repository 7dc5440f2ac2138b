//! One history: processes that come and go on one state and one cloud, until all is done.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use eci_executor::{
    ApplyError, ApplyOptions, Effects, NullReporter, RunContext, StopHandle, apply, observe,
    recover,
};

use eci_planner::{PlannerOptions, plan};
use eci_provider::{ResourceProvider, Throttle};
use eci_state::{IntentKind, Snapshot, Store as _};
use tokio::time::{Instant, sleep};

use crate::cloud::Cloud;
use crate::crash_point::Fuse;
use crate::desired_state::DesiredState;
use crate::disk::{Disk, DiskBehavior, OpenedState};
use crate::rng::Draws;

/// A little longer than a client token is known.
const DAY: Duration = Duration::from_secs(25 * 60 * 60);

/// A violation in a history, and the events before it.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) what: String,
    pub(crate) trace: Vec<String>,
}

/// The options of a history.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Variant {
    pub(crate) traced: bool,
    /// The behavior of the disk with the state.
    pub(crate) disk: DiskBehavior,
}

/// Plays the history of a seed, in virtual time; its trace where it was traced.
pub(crate) fn play(seed: u64, variant: Variant) -> Result<Vec<String>, Violation> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let draws = Draws::new(seed);
        let disk = Disk::new(variant.disk, &draws);
        let cloud = Cloud::new(&draws, &disk, variant.traced);
        let history = History {
            cloud: cloud.clone(),
            effects: effects(),
            draws,
            disk,
        };
        let ended = history.play().await;
        let trace = cloud.trace();
        match ended {
            Ok(()) => Ok(trace),
            Err(what) => Err(Violation { what, trace }),
        }
    })
}

struct History {
    draws: Draws,
    disk: Disk,
    cloud: Cloud,
    effects: Effects,
}

/// The end of a process.
#[derive(Debug, PartialEq)]
enum End {
    /// There were no changes.
    Nothing,
    /// The run did what it could.
    Done,
    /// The cloud did not let it begin.
    Refused,
    /// The process died.
    Died,
}

impl History {
    async fn play(&self) -> Result<(), String> {
        let mut desired = DesiredState::first(&self.draws);
        for _ in 0..2 + self.draws.below(3) {
            self.cloud
                .note(|| format!("desired: {:?} {:?}", desired.groups, desired.objects));
            for _ in 0..1 + self.draws.below(3) {
                self.run_with_faults(&desired).await?;
            }
            desired = if self.draws.percent(10) {
                desired.end()
            } else {
                DesiredState::after(&desired, &self.draws)
            };
        }
        self.cloud.note(|| {
            format!(
                "at last desired: {:?} {:?}",
                desired.groups, desired.objects
            )
        });
        self.rest(&desired).await
    }

    /// Runs one process whose calls may fail.
    async fn run_with_faults(&self, desired: &DesiredState) -> Result<(), String> {
        let fault_percent = self.draws.one(&[0, 5, 20, 40]);
        let fuse = if self.draws.percent(60) {
            Fuse::of(1 + self.draws.below(120))
        } else {
            Fuse::never()
        };
        let cloud = self.cloud.reached(fault_percent, &fuse);
        let mut store = self.disk.open(&fuse);
        let life = self.process(desired, &cloud, &mut store, self.interrupted());
        let end = tokio::select! {
            biased;
            () = fuse.blown() => End::Died,
            end = life => end?,
        };
        drop(store);
        self.cloud
            .note(|| format!("--- the process ended: {end:?}"));
        if end == End::Died && (self.disk.loses_with_process() || self.draws.percent(50)) {
            self.disk.stop(&self.draws);
        }
        self.check_known()?;
        sleep(self.draws.time(60_000)).await;
        if self.draws.percent(4) {
            // Until the cloud knows no client token any more.
            sleep(DAY).await;
        }
        self.check_known()
    }

    /// Good times, until there is nothing left to do.
    async fn rest(&self, desired: &DesiredState) -> Result<(), String> {
        // What is still in progress comes to its end.
        sleep(Duration::from_secs(60)).await;
        for _ in 0..8 {
            self.check_known()?;
            let mut store = self.disk.open(&Fuse::never());
            let end = self.process(desired, &self.cloud, &mut store, None).await?;
            if end == End::Nothing && store.snapshot().open_intents.is_empty() {
                return self.check_end(desired, store.snapshot());
            }
        }
        Err("eight runs without any fault, and there still is work to do".to_owned())
    }

    /// Returns the time at which the user interrupts the run, and whether twice.
    fn interrupted(&self) -> Option<(Duration, bool)> {
        let after = self.draws.time(30_000);
        self.draws
            .percent(20)
            .then(|| (after, self.draws.percent(50)))
    }

    /// A process, as the command does it: recover, refresh, plan, apply.
    async fn process(
        &self,
        desired: &DesiredState,
        cloud: &Cloud,
        store: &mut OpenedState,
        interrupted: Option<(Duration, bool)>,
    ) -> Result<End, String> {
        let provider = ResourceProvider::new(cloud.clone(), Throttle::default());
        let settings = settings();
        let effects = &self.effects;
        let context = RunContext {
            provider: &provider,
            store,
            effects,
            reporter: &NullReporter,
        };
        if let Err(error) = recover(context, &settings).await {
            return refused(cloud, error);
        }
        let configuration = desired.configuration();
        let observed = match observe(store.snapshot(), &Default::default(), &provider).await {
            Ok(observed) => observed,
            Err(error) => return refused(cloud, error),
        };
        let plan = plan(
            configuration,
            store.snapshot(),
            &observed,
            &PlannerOptions::default(),
        )
        .map_err(|error| format!("it cannot be planned: {error}"))?;
        if plan.is_idle() {
            return Ok(End::Nothing);
        }
        let stop = StopHandle::new();
        let stopping = async {
            if let Some((after, twice)) = interrupted {
                sleep(after).await;
                stop.request_stop();
                if twice {
                    sleep(after).await;
                    stop.request_stop();
                }
            }
            std::future::pending::<()>().await;
        };
        let context = RunContext {
            provider: &provider,
            store,
            effects,
            reporter: &NullReporter,
        };
        let applied = apply(plan, context, &settings, &stop);
        let outcome = tokio::select! {
            biased;
            () = stopping => return Err("a stop that never ends has ended".to_owned()),
            outcome = applied => outcome,
        };
        match outcome.into_result() {
            Ok(outcome) => {
                cloud.note(|| format!("{outcome:?}"));
                Ok(End::Done)
            }
            Err(ApplyError::State(_)) => Ok(End::Died),
            Err(error) => Err(format!("the run could not go on: {error}")),
        }
    }

    /// Nothing in the cloud is unknown to the state as it is on disk.
    fn check_known(&self) -> Result<(), String> {
        if let Some(wrong) = self.cloud.wrong().first() {
            return Err(wrong.clone());
        }
        let store = self.disk.open(&Fuse::never());
        let snapshot = store.snapshot();
        for group in self.cloud.standing() {
            if !knows(snapshot, &group.id, &group.tag) {
                return Err(format!("the state does not know of {group:?}"));
            }
        }
        for (id, token) in self.cloud.makings() {
            if !knows(snapshot, id.as_deref().unwrap_or_default(), &token) {
                return Err(format!(
                    "the state does not know of {id:?}, ordered by {token}"
                ));
            }
        }
        for tag in self.cloud.sent() {
            if !knows(snapshot, "", &tag) {
                return Err(format!(
                    "{tag} may still be created, and no intent records it"
                ));
            }
        }
        Ok(())
    }

    /// Each desired group exists exactly once, and as desired; the state has them and no more.
    fn check_end(&self, desired: &DesiredState, snapshot: &Snapshot) -> Result<(), String> {
        let mut standing: Vec<_> = self.cloud.standing();
        standing.sort_by(|a, b| a.name.cmp(&b.name));
        let found: Vec<_> = standing
            .iter()
            .map(|group| (group.name.clone(), group.image.clone(), group.vpc.clone()))
            .collect();
        let expected: Vec<_> = desired
            .groups
            .iter()
            .map(|(label, group)| {
                let (image, vpc) = (group.image, group.vpc);
                (
                    (*label).to_owned(),
                    format!("app:{image}"),
                    format!("vpc-{vpc}"),
                )
            })
            .collect();
        same("the cloud has", &found, &expected)?;
        let objects: Vec<_> = self.cloud.objects();
        let mut found: Vec<_> = objects
            .iter()
            .map(|it| (it.name.clone(), it.size, it.sort.clone(), it.holder.clone()))
            .collect();
        found.sort();
        let desired_objects = desired.objects.iter();
        let mut expected: Vec<_> = desired_objects
            .map(|((sort, label), it)| {
                let holder = it.holder.map(str::to_owned);
                (it.name(label), it.size, it.fixed(*sort).to_owned(), holder)
            })
            .collect();
        expected.sort();
        same("of EIPs and disks the cloud has", &found, &expected)?;
        let known = snapshot.resources.values();
        let mut known: Vec<_> = known.filter_map(|state| state.id.clone()).collect();
        let groups = standing.into_iter().map(|group| group.id);
        let mut there: Vec<_> = groups.chain(objects.into_iter().map(|it| it.id)).collect();
        known.sort();
        there.sort();
        same("the state has", &known, &there)
    }
}

fn knows(snapshot: &Snapshot, id: &str, tag: &str) -> bool {
    let mut resources = snapshot.resources.values();
    resources.any(|state| state.id.as_deref() == Some(id))
        || snapshot.open_intents.iter().any(|open| match &open.kind {
            IntentKind::Create { operation, .. } => {
                operation.as_str() == tag || operation.short() == tag
            }
            IntentKind::Delete { id: going } => going == id,
            IntentKind::Update { .. } => false,
        })
}

fn same<T: PartialEq + Debug>(what: &str, found: &[T], expected: &[T]) -> Result<(), String> {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what} {found:?}, and it should be {expected:?}"))
    }
}

fn refused(cloud: &Cloud, error: impl std::fmt::Display) -> Result<End, String> {
    cloud.note(|| format!("refused: {error}"));
    Ok(End::Refused)
}

fn settings() -> ApplyOptions {
    ApplyOptions::default()
        .with_parallelism(3)
        .with_timeout(Duration::from_secs(40))
}

/// The clock of virtual time, and names that count up.
fn effects() -> Effects {
    let (began, count) = (Instant::now(), AtomicU64::new(0));
    Effects {
        clock: Arc::new(move || {
            let passed = i64::try_from(began.elapsed().as_millis()).unwrap();
            let at = jiff::Timestamp::from_millisecond(1_767_225_600_000 + passed);
            at.unwrap()
        }),
        ids: Arc::new(move || format!("op{}", count.fetch_add(1, Ordering::Relaxed))),
    }
}
