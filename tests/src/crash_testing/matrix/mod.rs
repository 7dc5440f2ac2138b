//! Matrices: twelve scenarios, each interrupted in every way at every place.
//!
//! * the kill matrix: a run is killed before each of its requests is sent, and after each was
//!   answered, before it learns the answer; also several runs in a row;
//! * the disk matrix: each operation on the files of the state fails, is torn, is the last one of
//!   its process, or is the last one before the power fails.
//!
//! After each interruption everything that is there is known; after the next run the cloud has
//! exactly what it has where nothing was interrupted, nothing was created or deleted more often,
//! the state knows exactly that, and the plan is empty.

mod picture;
pub mod scenarios;

use std::collections::BTreeSet;
use std::fs;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use eci_sandbox::{Fault, Rule};
use fastrand::Rng;

use super::check::{self, Violation};
use super::failpoints::ended;
use super::runner::{Failure, Tally};
use super::world::Program;
use crate::{Cloud, Eci, Project, Run, binaries};
use picture::Picture;
use scenarios::{Scenario, Step};

/// The time for which the program looks for a create without an answer. Here everything happens at once.
const CONSISTENCY_WINDOW: &str = "150";

/// The longest time that a call takes, once it has come in.
const CALL: Duration = Duration::from_millis(15);

/// The number of scenarios that are measured at a time.
const AT_ONCE: usize = 4;

/// The possible outcomes of an operation on a file.
pub const FILE_OUTCOMES: [&str; 4] = ["fails", "torn", "last", "power"];

/// The interruption of a run, or of several in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Each of these runs is killed at a request of this number, from 1: before it is sent, or
    /// after it was answered.
    Killed(Vec<(u64, Timing)>),
    /// An operation on the files of the state, from 1, has one of the [`FILE_OUTCOMES`].
    File(u64, &'static str),
}

/// The time at which a run is killed, relative to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// Before it is sent.
    Before,
    /// After it was answered, and before the run learns that.
    After,
}

/// An interruption of a scenario.
#[derive(Clone, Debug)]
pub struct Case {
    /// The number of the scenario.
    pub scenario: usize,
    /// The interruption.
    pub interruption: Interruption,
}

/// The result of an uninterrupted scenario.
#[derive(Debug)]
pub struct Measurement {
    scenario: Scenario,
    requests: u64,
    /// For example `12 rename state.json`.
    operations: Vec<String>,
    picture: Picture,
}

/// Plays all scenarios without interruption.
///
/// # Panics
///
/// If one does not succeed even so.
pub fn measured() -> Vec<Measurement> {
    let measure = |scenario: Scenario| {
        let stage = Stage::new(Program::Crashing);
        stage.set_up(&scenario);
        let trace = stage.project.path().join("trace");
        let (requests, since) = (stage.requests(), stage.ledger());
        let change = stage.command(&scenario.change);
        let change = change.env("ECI_FAILPOINT_FILES_TRACE", &trace);
        change.run().exits(0);
        let requests = stage.requests() - requests;
        if let Some(finish) = &scenario.finish {
            stage.command(finish).run().exits(0);
        }
        let operations = fs::read_to_string(&trace).unwrap();
        Measurement {
            requests,
            operations: operations.lines().map(str::to_owned).collect(),
            picture: stage.picture(since).unwrap(),
            scenario,
        }
    };
    let mut left = scenarios::all().into_iter();
    let mut measured = Vec::new();
    while left.len() > 0 {
        let some: Vec<Scenario> = left.by_ref().take(AT_ONCE).collect();
        thread::scope(|scope| {
            let some: Vec<_> = some
                .into_iter()
                .map(|scenario| scope.spawn(|| measure(scenario)))
                .collect();
            measured.extend(some.into_iter().map(|it| it.join().unwrap()));
        });
    }
    measured
}

/// Returns every request of every scenario: killed before and after; and for each scenario a number
/// of random sequences of two to four kills in a row.
pub fn kills(measured: &[Measurement], sequences: usize, seed: u64) -> Vec<Case> {
    let mut random = Rng::with_seed(seed);
    let mut cases = Vec::new();
    for (scenario, measured) in measured.iter().enumerate() {
        let mut add = |kills| {
            cases.push(Case {
                scenario,
                interruption: Interruption::Killed(kills),
            });
        };
        for request in 1..=measured.requests {
            add(vec![(request, Timing::Before)]);
            add(vec![(request, Timing::After)]);
        }
        for _ in 0..sequences {
            let runs = 2 + random.usize(..3);
            let kill = |_| {
                let timing = [Timing::Before, Timing::After][random.usize(..2)];
                (random.u64(1..=measured.requests.max(1)), timing)
            };
            add((0..runs).map(kill).collect());
        }
    }
    cases
}

/// Returns every operation on a file in every scenario, with every outcome.
pub fn file_operations(measured: &[Measurement]) -> Vec<Case> {
    let mut cases = Vec::new();
    for (scenario, measured) in measured.iter().enumerate() {
        for number in 1..=measured.operations.len() as u64 {
            cases.extend(FILE_OUTCOMES.map(|outcome| Case {
                scenario,
                interruption: Interruption::File(number, outcome),
            }));
        }
    }
    cases
}

/// Returns a number of the cases, spread evenly over all of them.
pub fn sample(cases: Vec<Case>, number: usize, seed: u64) -> Vec<Case> {
    let mut cases = cases;
    Rng::with_seed(seed).shuffle(&mut cases);
    cases.truncate(number);
    cases
}

/// Plays cases, several at a time.
pub fn run(cases: &[Case], measured: &[Measurement], program: Program, worlds: usize) -> Tally {
    run_until(
        cases,
        measured,
        Worlds {
            program,
            count: worlds,
        },
        |_| false,
    )
}

/// The worlds in which cases are played at a time.
#[derive(Clone, Copy)]
pub struct Worlds {
    /// The program that is played.
    pub program: Program,
    /// Their number.
    pub count: usize,
}

/// Plays cases, several at a time, until what came of them is enough.
pub fn run_until(
    cases: &[Case],
    measured: &[Measurement],
    worlds: Worlds,
    enough: impl Fn(&Tally) -> bool + Sync,
) -> Tally {
    let (tally, left) = (Mutex::new(Tally::default()), Mutex::new(cases.iter()));
    thread::scope(|scope| {
        for _ in 0..worlds.count.max(1) {
            scope.spawn(|| {
                while !enough(&tally.lock().unwrap()) {
                    // The lock must not be held while programs run.
                    let Some(case) = left.lock().unwrap().next() else {
                        break;
                    };
                    let measured = &measured[case.scenario];
                    let mut stage = Stage::new(worlds.program);
                    let played = stage.play(&case.interruption, measured);
                    let mut tally = tally.lock().unwrap();
                    tally.rounds += 1;
                    match played {
                        Ok(died) => tally.died += died,
                        Err(violation) => tally.failures.push(Failure {
                            place: describe(case, measured),
                            violation,
                            history: stage.history.join("\n"),
                        }),
                    }
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

fn describe(case: &Case, measured: &Measurement) -> String {
    let name = measured.scenario.name;
    match &case.interruption {
        Interruption::Killed(kills) => format!("{name}, killed {kills:?}"),
        Interruption::File(number, outcome) => {
            let at = usize::try_from(*number).unwrap() - 1;
            let operation = measured.operations.get(at).map_or("", String::as_str);
            format!("{name}, operation {operation}: {outcome}")
        }
    }
}

/// A project and its cloud, in which everything happens at once.
struct Stage {
    project: Project,
    cloud: Cloud,
    program: Program,
    history: Vec<String>,
}

impl Stage {
    fn new(program: Program) -> Stage {
        Stage {
            project: Project::empty(),
            cloud: Cloud::in_memory(),
            program,
            history: Vec::new(),
        }
    }

    fn set_up(&self, scenario: &Scenario) {
        for step in &scenario.setup {
            self.command(step).run().exits(0);
        }
    }

    /// Writes the manifests of a step, and gives its command.
    fn command(&self, step: &Step) -> Eci {
        for (path, text) in &step.files {
            let mut text = text.clone();
            while let Some((before, (name, after))) = text
                .split_once("<id:")
                .and_then(|(before, rest)| Some((before, rest.split_once('>')?)))
            {
                text = format!("{before}{}{after}", self.id(name));
            }
            let path_there = self.project.path().join(path);
            fs::create_dir_all(path_there.parent().unwrap()).unwrap();
            self.project.write(path, &text);
        }
        let eci = Eci::new(binaries::FAILPOINTS, self.project.path())
            .args(step.command.iter().copied())
            .env("ECI_CONSISTENCY_MS", CONSISTENCY_WINDOW);
        match step.command.first() {
            Some(&"state") => eci,
            _ => eci.args(self.cloud.flags()),
        }
    }

    /// Returns the command with the program that is to be interrupted.
    fn interrupted(&self, step: &Step) -> Eci {
        let eci = self.command(step);
        match self.program.planted() {
            Some(variable) => eci.env(variable, "1"),
            None => eci,
        }
    }

    fn id(&self, name: &str) -> String {
        let groups = self.cloud.groups();
        let mut named = groups.iter();
        let group = named.find(|it| it["containerGroupName"] == name);
        group.unwrap()["containerGroupId"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn requests(&self) -> u64 {
        self.cloud.sandbox().counts().values().sum()
    }

    fn ledger(&self) -> usize {
        self.cloud.sandbox().audit_log().len()
    }

    fn picture(&self, since: usize) -> Result<Picture, Violation> {
        Picture::taken(&self.cloud, self.project.path(), since)
    }

    /// Plays a case: gives how many runs died.
    fn play(
        &mut self,
        interruption: &Interruption,
        measured: &Measurement,
    ) -> Result<usize, Violation> {
        const CODES: [i32; 4] = [0, 1, 3, -1];
        let Scenario { change, finish, .. } = &measured.scenario;
        self.set_up(&measured.scenario);
        let since = self.ledger();
        // What another state is to take over, or has left.
        let before: BTreeSet<String> = self.lost()?.into_iter().map(|it| it.id).collect();
        let mut died = 0;
        let kills = match interruption {
            Interruption::Killed(kills) => kills.clone(),
            Interruption::File(..) => Vec::new(),
        };
        for (request, timing) in kills {
            let run = self.killed(change, request, timing);
            died += usize::from(run.died());
            self.history.push(run.to_string());
            self.nothing_is_lost(&before)?;
            ended("it is killed, or done before that", &run, &[0, -1])?;
        }
        if let Interruption::File(number, outcome) = interruption {
            let run = self.interrupted(change);
            let run = run
                .env("ECI_FAILPOINT_FILES", format!("{number}:{outcome}"))
                .run();
            died += usize::from(run.died());
            self.history.push(run.to_string());
            self.nothing_is_lost(&before)?;
            ended("it dies, or says what is wrong", &run, &CODES)?;
        }
        let finish = finish.as_ref().unwrap_or(change);
        let run = self.command(finish).run();
        self.history.push(run.to_string());
        ended("the next run finishes the work", &run, &[0])?;
        let (there, desired) = (self.picture(since)?, &measured.picture);
        if there != *desired {
            return Err(Violation::Differs {
                there: there.without(desired),
                desired: desired.without(&there),
            });
        }
        if finish.command.first() != Some(&"destroy") {
            let plan = Step {
                command: vec!["plan", "--detailed-exitcode"],
                ..finish.clone()
            };
            let plan = self.command(&plan).run();
            ended("nothing is left to plan", &plan, &[0])?;
        }
        Ok(died)
    }

    fn lost(&self) -> Result<Vec<check::LostObject>, Violation> {
        // The cloud is read first: a call in progress may still take effect.
        let groups = self.cloud.groups();
        let ledger = self.cloud.sandbox().audit_log();
        let state = eci_state::LocalStore::read(&self.project.path().join("state"))?;
        Ok(check::unknown(&groups, &ledger, &state))
    }

    fn nothing_is_lost(&self, before: &BTreeSet<String>) -> Result<(), Violation> {
        let mut lost = self.lost()?;
        lost.retain(|it| !before.contains(&it.id));
        if lost.is_empty() {
            Ok(())
        } else {
            Err(Violation::Lost(lost))
        }
    }

    /// Runs a step that is killed at a request.
    fn killed(&self, change: &Step, request: u64, timing: Timing) -> Run {
        let at = match timing {
            Timing::Before => Fault::Hang,
            Timing::After => Fault::HangAfter,
        };
        // Nothing that comes later is answered, or done.
        let later = (request + 1..request + 100).map(|nth| Rule::new("*", Fault::Hang).nth(nth));
        let rules = [Rule::new("*", at).nth(request)].into_iter().chain(later);
        // This asks the cloud, too.
        let command = self.interrupted(change);
        let begun = self.requests();
        self.cloud.fail(rules);
        let mut run = command.start();
        while self.requests() < begun + request && !run.has_ended() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(CALL);
        let run = run.cut();
        self.cloud.heal();
        run
    }
}
