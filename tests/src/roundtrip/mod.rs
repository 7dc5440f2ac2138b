//! Round trips: a random configuration is applied, edited and applied again, while calls fail and
//! processes are stopped and die; then it is destroyed, and nothing is left.
//!
//! * [`draws`]: what is left to chance, from a seed or from the bytes of a fuzzer;
//! * [`desired`]: random configurations with resources of all kinds, and edits of them;
//! * `manifest`: what is desired as manifests, and as what the cloud has to have;
//! * [`gate`]: the client of a process that may die between two calls;
//! * `world`: a project, its cloud and the processes between them, in virtual time;
//! * `check`: what must hold.
//!
//! The libraries run in this process, with a state on disk and a sandbox over HTTP. The clock is
//! paused, so that an hour passes in milliseconds.

pub(crate) mod check;
pub mod desired;
pub mod draws;
pub mod gate;
mod manifest;
mod world;

use std::fmt;
use std::time::Duration;

use eci_core::Address;
use eci_planner::{Mode, PlannerOptions};
use eci_sandbox::{Fault, Rule};
use tokio::time::sleep;

pub use desired::{DesiredObjects, Features};
pub use draws::Draws;
pub use gate::Death;

use world::{End, RunFaults, World, everything};

/// A violation, and the history before it.
#[derive(Debug)]
pub struct Violation {
    /// The violation.
    pub what: String,
    /// The history before it.
    pub history: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.history.join("\n"), self.what)
    }
}

/// Plays one round trip.
///
/// # Errors
///
/// What went wrong.
///
/// # Panics
///
/// If the program under test panics.
pub fn play(draws: &mut Draws, features: Features) -> Result<(), Violation> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let desired = DesiredObjects::first(draws, features);
        let mut world = World::new(desired).await;
        let trip = Trip {
            draws,
            features,
            world: &mut world,
        };
        trip.go().await
    })
}

struct Trip<'a> {
    draws: &'a mut Draws,
    features: Features,
    world: &'a mut World,
}

impl Trip<'_> {
    async fn go(mut self) -> Result<(), Violation> {
        for _ in 0..1 + self.draws.below(3) {
            for _ in 0..self.draws.below(3) {
                self.troubled_run().await?;
            }
            if self.draws.percent(50) {
                self.converge(Mode::Apply).await?;
            }
            let edited = self.world.desired.edited(self.draws, self.features);
            self.world.desire(edited);
            self.world.note("--- an edit");
        }
        for _ in 0..self.draws.below(3) {
            self.troubled_run().await?;
        }
        self.converge(Mode::Apply).await?;
        if self.draws.percent(30) {
            let faults_of_run = self.faults_of_run();
            self.run(&everything(Mode::Destroy), faults_of_run).await?;
        }
        self.converge(Mode::Destroy).await
    }

    /// One run with faults, or with only a part of the work.
    async fn troubled_run(&mut self) -> Result<(), Violation> {
        let options = self.options();
        let faults_of_run = self.faults_of_run();
        self.world.is_converged = false;
        self.run(&options, faults_of_run).await?;
        let pause = self.draws.time(60_000);
        sleep(pause).await;
        Ok(())
    }

    async fn run(
        &mut self,
        options: &PlannerOptions,
        faults_of_run: RunFaults,
    ) -> Result<End, Violation> {
        let end = self.world.run(options, faults_of_run).await?;
        if self.features.secrecy {
            check::nothing_is_disclosed(self.world)?;
        }
        check::nothing_is_lost(self.world).await?;
        Ok(end)
    }

    /// Runs without any fault, until there is nothing left to do.
    async fn converge(&mut self, mode: Mode) -> Result<(), Violation> {
        let mut ends = Vec::new();
        for _ in 0..5 {
            // Operations still in progress finish.
            sleep(Duration::from_secs(60)).await;
            let end = self.run(&everything(mode), RunFaults::default()).await?;
            let after_complete = ends.last() == Some(&End::Complete);
            if after_complete && !matches!(end, End::Idle | End::Recorded) {
                let what = "the plan after a complete run is not empty";
                return Err(self.world.violation(what));
            }
            ends.push(end);
            if matches!(end, End::Idle | End::Recorded) {
                if mode == Mode::Destroy {
                    return check::nothing_is_left(self.world).await;
                }
                check::all_is_as_desired(self.world).await?;
                self.world.is_converged = true;
                return Ok(());
            }
        }
        let what = format!("runs without any fault do not come to an end: {ends:?}");
        Err(self.world.violation(what))
    }

    fn faults_of_run(&mut self) -> RunFaults {
        let draws = &mut *self.draws;
        let death = draws.percent(50).then(|| {
            let number = 1 + draws.below(60);
            if draws.percent(50) {
                Death::Before(number)
            } else {
                Death::After(number)
            }
        });
        let interrupted = draws
            .percent(20)
            .then(|| (draws.time(30_000), draws.percent(50)));
        let faults = if draws.percent(60) {
            faults(draws)
        } else {
            Vec::new()
        };
        RunFaults {
            death,
            interrupted,
            faults,
        }
    }

    fn options(&mut self) -> PlannerOptions {
        let mut options = everything(Mode::Apply);
        let labels: Vec<&str> = self.world.desired.groups.keys().copied().collect();
        if !self.features.selections || labels.is_empty() || !self.draws.percent(25) {
            return options;
        }
        let label = self.draws.one(&labels);
        let address = Address::new(eci_core::Kind::ContainerGroup, label);
        match self.draws.below(3) {
            0 => options.targets.push(address.into()),
            1 => options.exclude.push(address.into()),
            _ => options.replace.push(address),
        }
        options
    }
}

/// The calls that may fail.
const OPERATIONS: [&str; 15] = [
    "createContainerGroup",
    "updateContainerGroup",
    "deleteContainerGroup",
    "resizeContainerGroupVolume",
    "describeContainerGroup",
    "describeContainerGroups",
    "eip/show",
    "eip/new-list",
    "eip/create",
    "eip/modify-spec",
    "eip/delete",
    "ebs/new-ebs",
    "ebs/refund-ebs",
    "ebs/info-ebs",
    "ecs/order/query-uuid",
];

/// The calls that place orders.
const ORDERS: [&str; 6] = [
    "eip/create",
    "eip/modify-spec",
    "eip/delete",
    "ebs/new-ebs",
    "ebs/resize-ebs",
    "ebs/refund-ebs",
];

/// A few calls fail, each in its way.
fn faults(draws: &mut Draws) -> Vec<Rule> {
    const FAULTS: [Fault; 8] = [
        Fault::TooManyRequests,
        Fault::ErrorBefore,
        Fault::ErrorAfter,
        Fault::CutBefore,
        Fault::CutAfter,
        Fault::Hang,
        Fault::HangAfter,
        Fault::Html,
    ];
    const ORDER_FAULTS: [Fault; 5] = [
        Fault::FailedOrder,
        Fault::SlowOrder,
        Fault::EmptyOrder,
        Fault::UnseenOrder,
        Fault::OrderInProgress,
    ];
    let mut rules = Vec::new();
    for _ in 0..1 + draws.below(6) {
        let mut rule = if draws.percent(70) {
            Rule::new(draws.one(&OPERATIONS), draws.one(&FAULTS))
        } else {
            Rule::new(draws.one(&ORDERS), draws.one(&ORDER_FAULTS))
        };
        // Once, or so often that no attempt succeeds.
        if draws.percent(70) {
            rule.nth = Some(1 + draws.below(4) as u64)
        } else {
            rule.times = Some(4)
        }
        rules.push(rule);
    }
    rules
}
