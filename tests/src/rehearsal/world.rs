//! A project and its cloud, and what is wanted of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use eci_sandbox::{Fault, Rule, Speed};
use fastrand::Rng;

use crate::{Cloud, Eci, Project, REGION, Run, Started, binaries};

/// The groups that there may be. The third needs the first, and it and the last have an EIP.
const POOL: [&str; 6] = ["ant", "bee", "cat", "dog", "eel", "fox"];

/// How long the program looks for a create without an answer: no call of the cloud takes
/// longer than a fraction of it.
const SETTLE_WINDOW: Duration = Duration::from_millis(600);

/// The calls that can fail at random.
const OPERATIONS: [&str; 5] = [
    "createContainerGroup",
    "updateContainerGroup",
    "deleteContainerGroup",
    "describeContainerGroup",
    "describeContainerGroups",
];

/// How calls fail at random: all that ends by itself.
const FAULTS: [Fault; 6] = [
    Fault::TooManyRequests,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::CutBefore,
    Fault::CutAfter,
    Fault::Html,
];

/// How many calls a history tells of.
const LAST_CALLS: usize = 12;

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The program as it is delivered.
    Delivered,
    /// The same, with points at which it can be made to die, and with less patience for a
    /// create without an answer.
    Crashing,
    /// One that records what it is about to do only after it has done it. Whoever does not
    /// notice that, checks nothing.
    Careless,
}

/// A group that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// A change in place.
    image: u8,
    /// A change that only another group can have.
    subnet: u8,
    /// Whether that is made before this goes.
    create_first: bool,
}

/// What a change of what is wanted must lead to, and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The groups that there are then, with their images.
    pub groups: BTreeMap<String, String>,
    /// How often a group of each name is made on the way there.
    pub made: BTreeMap<String, usize>,
}

/// A project, its cloud, and what is wanted.
#[derive(Debug)]
pub struct World {
    /// The project.
    pub project: Project,
    /// The cloud.
    pub cloud: Cloud,
    /// What is random about it.
    pub random: Rng,
    program: Program,
    wanted: BTreeMap<&'static str, Group>,
    /// How long a run takes that nobody kills.
    usual: Duration,
    /// What the runs said since what is wanted was changed last.
    told: Vec<String>,
}

impl World {
    /// A world in which nothing is wanted yet.
    pub fn new(program: Program, seed: u64) -> World {
        let mut random = Rng::with_seed(seed);
        // In some, groups take a moment to become ready, and to go.
        let cloud = match random.u8(..3) {
            0 => Cloud::at_speed(Speed::Times(30.0)),
            _ => Cloud::in_memory(),
        };
        World {
            project: Project::empty(),
            cloud,
            random,
            program,
            wanted: BTreeMap::new(),
            usual: Duration::from_millis(400),
            told: Vec::new(),
        }
    }

    /// Lets every call take from nothing to 50 ms.
    pub fn slow_down(&self) {
        self.cloud.fail(latencies());
    }

    /// The same, and one call in five fails, in one way or another.
    pub fn break_down(&mut self) {
        let mut rules = latencies().to_vec();
        for operation in OPERATIONS {
            for nth in 1..=200 {
                if self.random.u8(..5) > 0 {
                    continue;
                }
                let fault = FAULTS[self.random.usize(..FAULTS.len())];
                let mut rule = Rule::new(operation, fault).nth(nth);
                rule.retry_after = (fault == Fault::TooManyRequests).then_some(0);
                rules.push(rule);
            }
        }
        self.cloud.fail(rules);
    }

    /// Wants something else, at random: groups come, change in place or not, and go, and now
    /// and then all of them go.
    pub fn change(&mut self) -> Expected {
        let before = self.wanted.clone();
        while self.wanted == before {
            self.want();
        }
        self.write(&before)
    }

    /// Wants a new group, a change in place, a replacement in either order, and that another
    /// group goes: three steps, of which this is one from 0.
    pub fn step(&mut self, step: usize) -> Expected {
        let group = |image, subnet, create_first| Group {
            image,
            subnet,
            create_first,
        };
        let wanted: &[(&'static str, Group)] = match step {
            0 => &[
                ("ant", group(1, 1, false)),
                ("bee", group(1, 1, true)),
                ("cat", group(1, 1, false)),
                ("dog", group(1, 1, false)),
                ("fox", group(1, 1, true)),
            ],
            1 => &[
                ("ant", group(2, 1, false)),
                ("bee", group(1, 2, true)),
                ("cat", group(1, 2, false)),
                ("eel", group(1, 1, false)),
                ("fox", group(1, 2, true)),
            ],
            _ => &[],
        };
        let before = std::mem::replace(&mut self.wanted, wanted.iter().cloned().collect());
        self.write(&before)
    }

    fn want(&mut self) {
        if self.random.u8(..8) == 0 {
            self.wanted.clear();
            return;
        }
        for name in POOL {
            let roll = self.random.u8(..10);
            let Some(group) = self.wanted.get_mut(name) else {
                if roll < 6 {
                    let create_first = self.random.bool();
                    let group = Group {
                        image: 1,
                        subnet: 1,
                        create_first,
                    };
                    self.wanted.insert(name, group);
                }
                continue;
            };
            match roll {
                0..2 => drop(self.wanted.remove(name)),
                2..5 => group.image += 1,
                5..8 => group.subnet += 1,
                8 => group.create_first = !group.create_first,
                _ => {}
            }
        }
    }

    fn write(&mut self, before: &BTreeMap<&'static str, Group>) -> Expected {
        self.project.write("main.eci.toml", &self.manifest());
        self.told.clear();
        let mut expected = Expected::default();
        for (&name, group) in &self.wanted {
            let image = format!("nginx:1.{}", group.image);
            expected.groups.insert(name.to_owned(), image);
            let is_made = before
                .get(name)
                .is_none_or(|before| before.subnet != group.subnet);
            if is_made {
                expected.made.insert(name.to_owned(), 1);
            }
        }
        expected
    }

    fn manifest(&self) -> String {
        let mut manifest = format!(
            "[provider]\nregion_id = \"{REGION}\"\n\n[eip.front]\nid = \"eip-1\"\n\
             \n[eip.back]\nid = \"eip-2\"\n"
        );
        for (&name, group) in &self.wanted {
            let Group {
                image,
                subnet,
                create_first,
            } = group;
            let needs = match name {
                "cat" if self.wanted.contains_key("ant") => "[\"container_group.ant\"]",
                _ => "[]",
            };
            let eip = match name {
                "cat" => "eip = \"back\"",
                "fox" => "eip = \"front\"",
                _ => "",
            };
            // Writing to a string does not fail.
            let _ = write!(
                manifest,
                r#"
[container_group.{name}]
vpc_id = "vpc-1"
vswitch_id = "subnet-{subnet}"
security_group_id = "sg-1"
az_name = "az1"
depends_on = {needs}
{eip}
lifecycle = {{ create_before_destroy = {create_first} }}
containers = [{{ name = "main", image = "nginx:1.{image}" }}]
"#
            );
        }
        manifest
    }

    /// `eci apply`, not started yet.
    pub fn apply(&self) -> Eci {
        self.eci(&["apply", "--auto-approve"])
    }

    /// `eci plan`, with the exit code 0 only if there is nothing to change.
    pub fn plan(&self) -> Eci {
        self.eci(&["plan", "--detailed-exitcode"])
    }

    fn eci(&self, arguments: &[&str]) -> Eci {
        let name = match self.program {
            Program::Delivered => "eci",
            Program::Crashing | Program::Careless => binaries::CRASHING,
        };
        let window = SETTLE_WINDOW.as_millis().to_string();
        let eci = Eci::new(name, self.project.path())
            .args(arguments)
            .args(self.cloud.flags())
            .env("ECI_CRASH_SETTLE_MS", window);
        match self.program {
            Program::Careless => eci.env("ECI_CRASH_LATE_INTENTS", "1"),
            Program::Delivered | Program::Crashing => eci,
        }
    }

    /// Runs to the end, and remembers how long that takes.
    pub fn complete(&mut self) -> Run {
        let began = Instant::now();
        let run = self.apply().run();
        self.usual = (self.usual + began.elapsed()) / 2;
        self.hear(&run);
        run
    }

    /// Keeps what a run said, for whoever must understand what went wrong.
    pub fn hear(&mut self, run: &Run) {
        self.told.push(run.to_string());
    }

    /// What happened since what is wanted was changed last: what the runs said, and the last
    /// calls that changed the cloud.
    pub fn history(&self) -> String {
        let calls = self.cloud.sandbox().requests(None);
        let calls = &calls[calls.len().saturating_sub(LAST_CALLS)..];
        let calls: Vec<String> = calls
            .iter()
            .map(|call| format!("{} {}", call.operation, call.body))
            .collect();
        format!("{}\n{}", self.told.join("\n"), calls.join("\n"))
    }

    /// Lets a run go on until a random moment: after a time, or shortly after it has changed
    /// the cloud for the first, second or third time.
    pub fn until_a_random_moment(&mut self, run: &mut Started) {
        let began = Instant::now();
        let usual = u64::try_from(self.usual.as_millis()).unwrap_or(u64::MAX);
        let mut moment = Duration::from_millis(self.random.u64(..=usual));
        if self.random.bool() {
            let changes = self.changes() + self.random.u64(1..=3);
            while self.changes() < changes && !run.has_ended() {
                std::thread::sleep(Duration::from_millis(1));
            }
            moment = began.elapsed() + Duration::from_millis(self.random.u64(..40));
        }
        while began.elapsed() < moment && !run.has_ended() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn changes(&self) -> u64 {
        OPERATIONS[..3].iter().map(|it| self.cloud.calls(it)).sum()
    }
}

/// Latencies that add up to anything between nothing and 50 ms.
fn latencies() -> [Rule; 3] {
    [(2, 10), (3, 15), (5, 25)].map(|(every, latency)| {
        let mut rule = Rule::new("*", Fault::Hang);
        rule.fault = None;
        rule.every = Some(every);
        rule.latency = Some(Duration::from_millis(latency));
        rule
    })
}
