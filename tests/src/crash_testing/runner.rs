//! Many rounds, in several worlds at a time.

use std::fmt;
use std::sync::Mutex;
use std::thread;

use super::check::{self, Violation};
use super::desired_state::ExpectedResult;
use super::failpoints::{self, Pass, ended};
use super::shared_state::StateServer;
use super::world::{Program, World};

/// The kind of disturbance of the runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// Runs that are killed at random times.
    Kill,
    /// One call in five fails, and some runs are killed besides.
    Faults,
    /// Two are started at once, and one of them may be killed.
    Race,
}

/// The program that is run, and the place of its state.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// The program.
    pub program: Program,
    /// The server with the state, if several machines share it.
    pub server: Option<&'a StateServer>,
    /// Whether a state in a directory is encrypted.
    pub encrypted: bool,
}

impl From<Program> for Setup<'_> {
    fn from(program: Program) -> Self {
        Setup {
            program,
            server: None,
            encrypted: false,
        }
    }
}

impl Setup<'_> {
    /// Creates a world.
    pub fn world(self, seed: u64) -> World {
        let world = World::new(self.program, seed);
        if self.encrypted {
            world.encrypted()
        } else {
            world.with_state(self.server.map(StateServer::state))
        }
    }
}

/// A drill: a number of rounds of one sort.
#[derive(Clone, Debug)]
pub struct Drill<'a> {
    /// The kind of disturbance of the runs.
    pub sort: Disturbance,
    /// The program that is run, and the place of its state.
    pub setup: Setup<'a>,
    /// Whether the cloud also lies where calls fail.
    pub lying: bool,
    /// The number of rounds in all.
    pub rounds: usize,
    /// In how many worlds at a time.
    pub worlds: usize,
    /// The number that the first world follows from; the second follows from the next one.
    pub seed: u64,
}

/// The result of a drill.
#[derive(Debug, Default)]
pub struct Tally {
    /// The rounds that were done.
    pub rounds: usize,
    /// The number of runs that died before they had come to their end.
    pub died: usize,
    /// The violations.
    pub failures: Vec<Failure>,
}

/// A violation, and how to reproduce it.
#[derive(Debug)]
pub struct Failure {
    /// The place: the seed of the world and the round, or the point.
    pub place: String,
    /// The violation.
    pub violation: Violation,
    /// The history before it.
    pub history: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n{}", self.place, self.violation, self.history)
    }
}

impl Tally {
    fn add(&mut self, place: String, world: &World, round: Result<usize, Violation>) {
        self.rounds += 1;
        match round {
            Ok(died) => self.died += died,
            Err(violation) => self.failures.push(Failure {
                place,
                violation,
                history: world.history(),
            }),
        }
    }

    /// Returns whether a round has failed in this way.
    pub fn has(&self, is_it: impl Fn(&Violation) -> bool) -> bool {
        self.failures
            .iter()
            .any(|failure| is_it(&failure.violation))
    }
}

/// Runs a drill; a world with a failure has no further rounds.
///
/// # Panics
///
/// If a program does not do what it must even on a good day.
pub fn run(drill: &Drill<'_>) -> Tally {
    let tally = Mutex::new(Tally::default());
    let worlds = drill.worlds.clamp(1, drill.rounds.max(1));
    thread::scope(|scope| {
        for number in 0..worlds {
            let rounds = drill.rounds / worlds + usize::from(number < drill.rounds % worlds);
            let seed = drill.seed.wrapping_add(number as u64);
            let tally = &tally;
            scope.spawn(move || {
                let mut world = drill.setup.world(seed).with_strangers();
                if drill.lying {
                    world = world.lying();
                }
                for round in 0..rounds {
                    let done = one_round(&mut world, drill.sort);
                    let failed = done.is_err();
                    let place = format!("seed {seed}, round {}", round + 1);
                    tally.lock().unwrap().add(place, &world, done);
                    if failed {
                        break;
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

/// Dies at each of these passes, several at a time, until the result is sufficient.
///
/// # Panics
///
/// If a program does not do what it must even on a good day.
pub fn run_points(
    passes: &[Pass],
    setup: Setup<'_>,
    worlds: usize,
    enough: impl Fn(&Tally) -> bool + Sync,
) -> Tally {
    let (tally, left) = (Mutex::new(Tally::default()), Mutex::new(passes.iter()));
    thread::scope(|scope| {
        for seed in 0..worlds.max(1) as u64 {
            let (tally, left, enough) = (&tally, &left, &enough);
            scope.spawn(move || {
                while !enough(&tally.lock().unwrap()) {
                    // The lock must not be held while the program runs.
                    let Some(pass) = left.lock().unwrap().next() else {
                        break;
                    };
                    let mut world = setup.world(seed);
                    let done = failpoints::die_at(pass, &mut world);
                    let Pass { step, point, nth } = pass;
                    let place = format!("step {step}, {point}:{nth} (seed {seed})");
                    tally.lock().unwrap().add(place, &world, done);
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

/// Applies one change of the desired state under faults.
fn one_round(world: &mut World, sort: Disturbance) -> Result<usize, Violation> {
    let since = world.ledger().len();
    let expected = world.change();
    let died = match sort {
        Disturbance::Kill => killed(world)?,
        Disturbance::Faults => failing(world)?,
        Disturbance::Race => raced(world)?,
    };
    finish(world, since, &expected)?;
    Ok(died)
}

fn finish(world: &mut World, since: usize, expected: &ExpectedResult) -> Result<(), Violation> {
    ended("the last run finishes the work", &world.complete(), &[0])?;
    check::all_is_done(world, since, expected)
}

/// A run is killed, and now and then the next one too.
fn killed(world: &mut World) -> Result<usize, Violation> {
    world.slow_down();
    let mut died = kill_one(world, &[0])?;
    if world.random.u8(..3) == 0 {
        died += kill_one(world, &[0])?;
    }
    Ok(died)
}

fn kill_one(world: &mut World, codes: &[i32]) -> Result<usize, Violation> {
    let mut run = world.apply().start();
    world.wait_random_time(&mut run);
    let run = run.cut();
    world.hear(&run);
    // The check asks the cloud, too.
    world.slow_down();
    check::nothing_is_lost(world)?;
    if run.died() {
        Ok(1)
    } else {
        ended("it is done before it is killed", &run, codes).map(|()| 0)
    }
}

/// Two runs meet a cloud that fails, one of them may be killed; the run after them meets one
/// that does not.
fn failing(world: &mut World) -> Result<usize, Violation> {
    const CODES: [i32; 3] = [0, 1, 3];
    let mut died = 0;
    if world.random.bool() {
        world.break_down();
        died += kill_one(world, &CODES)?;
    }
    world.break_down();
    let run = world.apply().run();
    world.hear(&run);
    world.slow_down();
    check::nothing_is_lost(world)?;
    ended("it does what it can", &run, &CODES)?;
    Ok(died)
}

/// Runs at once: one waits for the other, and takes over if that dies.
fn raced(world: &mut World) -> Result<usize, Violation> {
    world.slow_down();
    let (mut one, other) = (world.apply_waiting().start(), world.apply_waiting().start());
    let third = world.apply_at_once().start();
    let one = if world.random.bool() {
        world.wait_random_time(&mut one);
        one.cut()
    } else {
        one.wait()
    };
    let (other, third) = (other.wait(), third.wait());
    for run in [&one, &other, &third] {
        world.hear(run);
    }
    if !one.died() {
        ended("one that waits for the state gets it", &one, &[0])?;
    }
    ended("one that waits for the state gets it", &other, &[0])?;
    // It may have found the state free.
    ended("one that does not wait is refused", &third, &[0, 1])?;
    if third.code() == 1 && !third.stderr.contains("locked by") {
        return Err(Violation::Ended {
            what: "the state's holder is named",
            run: third.to_string(),
        });
    }
    check::nothing_is_lost(world)?;
    Ok(usize::from(one.died()))
}
