//! A project, its cloud and the desired state.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use eci_api::types::{DescribedDisk, DescribedEip};
use eci_backend::{Backend, EncryptedDirectory, ReaderKey, SecretKey};
use eci_core::Kind;
use eci_sandbox::{AuditEntry, Speed};
use eci_state::{LocalStore, Snapshot, StateError};
use fastrand::Rng;
use serde_json::Value;

use super::cloud_faults;
use super::desired_state::{DesiredState, ExpectedResult};
use super::shared_state::SharedState;
use crate::project::CONSISTENCY_WINDOW;
use crate::{Cloud, Eci, Project, REGION, Run, RunningProgram, binaries};

/// The factor by which virtual time is faster than the clock in clouds where changes take time.
const TIME_SCALE: f64 = 30.0;

/// The calls that change objects.
const CHANGES: [&str; 12] = [
    "createContainerGroup",
    "updateContainerGroup",
    "deleteContainerGroup",
    "resizeContainerGroupVolume",
    "eip/create",
    "eip/change-name",
    "eip/modify-spec",
    "eip/delete",
    "ebs/new-ebs",
    "ebs/update-attr-ebs",
    "ebs/resize-ebs",
    "ebs/refund-ebs",
];

/// The number of calls in a history.
const LAST_CALLS: usize = 12;

/// The program that is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// The program as it is delivered.
    Delivered,
    /// A program with failpoints at which it can be killed, and with a shorter wait for the outcome
    /// of an unanswered create.
    Crashing,
    /// A program that records each intent only after the call. A check that accepts it checks
    /// nothing.
    Careless,
    /// One that places an order of an earlier run again under another token. Likewise.
    Forgetful,
    /// One that leaves its records in the memory of the machine. Likewise.
    Unflushed,
    /// One that puts a file in the place of another before its content is on disk. Likewise.
    Unordered,
}

impl Program {
    /// Returns the variable that plants its error.
    pub(super) fn planted(self) -> Option<&'static str> {
        match self {
            Program::Delivered | Program::Crashing => None,
            Program::Careless => Some("ECI_FAULT_LATE_INTENTS"),
            Program::Forgetful => Some("ECI_FAULT_NEW_TOKENS"),
            Program::Unflushed => Some("ECI_FAULT_UNFLUSHED"),
            Program::Unordered => Some("ECI_FAULT_UNORDERED"),
        }
    }
}

/// A project, its cloud and the desired state.
#[derive(Debug)]
pub struct World {
    /// The project, unless several machines share the state.
    pub project: Project,
    shared: Option<SharedState>,
    /// The state of the project, if it is encrypted.
    encrypted: Option<EncryptedDirectory>,
    /// The cloud.
    pub cloud: Cloud,
    /// The source of randomness.
    pub random: Rng,
    program: Program,
    /// Whether the cloud also lies where calls fail.
    lies: bool,
    desired: DesiredState,
    /// The factor by which virtual time is faster than the clock.
    scale: f64,
    /// The IDs of the EIPs and disks in the state at the last change of the desired state.
    held: BTreeMap<String, String>,
    /// The time that an uninterrupted run takes.
    usual: Duration,
    /// The output of the runs since the last change of the desired state.
    history: Vec<String>,
    /// The objects of other states, by ID.
    strangers: BTreeMap<String, Value>,
}

/// The manifest of another state in the same cloud.
const STRANGERS: &str = r#"
[eip.theirs]
name = "theirs"
bandwidth = 5

[eip.unbound]
name = "unbound"
bandwidth = 5

[volume.theirs]
type = "DiskVolume"
fs_type = "ext4"
disk = { name = "theirs", size = 40, kind = "SATA" }

[container_group.theirs]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "az1"
eip = "theirs"
containers = [
  { name = "main", image = "theirs:1", volume_mounts = [{ volume = "theirs", mount_path = "/data" }] },
]
"#;

impl World {
    /// Creates a world with an empty desired state.
    pub fn new(program: Program, seed: u64) -> World {
        let mut random = Rng::with_seed(seed);
        // In some, groups take a short time to become ready and to be deleted.
        let (cloud, scale) = match random.u8(..3) {
            0 => (Cloud::at_speed(Speed::Times(TIME_SCALE)), TIME_SCALE),
            _ => (Cloud::in_memory(), 1.0),
        };
        World {
            project: Project::empty(),
            shared: None,
            encrypted: None,
            cloud,
            random,
            program,
            lies: false,
            desired: DesiredState::default(),
            scale,
            held: BTreeMap::new(),
            usual: Duration::from_millis(400),
            history: Vec::new(),
            strangers: BTreeMap::new(),
        }
    }

    /// Puts the state into a store that two machines share, which run the program in turn.
    #[must_use]
    pub fn with_state(mut self, shared: Option<SharedState>) -> World {
        self.shared = shared;
        self
    }

    /// Encrypts the state in the directory of the project.
    #[must_use]
    pub fn encrypted(mut self) -> World {
        let key = SecretKey::new([7; 32]);
        let manifest = "[[encryption.key]]\nkey_env = \"STATE_KEY\"\n";
        self.project.write("key.eci.toml", manifest);
        let directory = self.project.path().join("state");
        self.encrypted = Some(EncryptedDirectory::new(
            directory,
            vec![ReaderKey::Key(key)],
        ));
        self
    }

    /// Reads the state.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn state(&self) -> Result<Snapshot, StateError> {
        match &self.shared {
            Some(shared) => shared.read(),
            None => match &self.encrypted {
                Some(place) => Backend::Encrypted(place.clone()).read(),
                None => LocalStore::read(&self.project.path().join("state")),
            },
        }
    }

    /// Adds a second state, which has a container group, EIPs and a disk.
    ///
    /// # Panics
    ///
    /// If they cannot be created.
    #[must_use]
    pub fn with_strangers(mut self) -> World {
        let provider = format!("[provider]\nregion_id = \"{REGION}\"\n");
        let others = Project::new(&(provider + STRANGERS));
        others.apply(&self.cloud).run().exits(0);
        self.strangers = self.all();
        self
    }

    /// Returns all that is there, by ID.
    fn all(&self) -> BTreeMap<String, Value> {
        let groups = self.cloud.groups().into_iter();
        let groups = groups.map(|group| (id_of(&group), group));
        let eips = self.cloud.eips().into_iter();
        let eips = eips.map(|eip| (eip.id.to_string(), eip.raw));
        let disks = self.cloud.disks().into_iter();
        let disks = disks.map(|disk| (disk.id.to_string(), disk.raw));
        groups.chain(eips).chain(disks).collect()
    }

    /// Returns the objects of other states that were changed or deleted.
    pub fn touched(&self) -> Vec<String> {
        if self.strangers.is_empty() {
            return Vec::new();
        }
        let now = self.all();
        let strangers = self.strangers.iter();
        let touched = strangers.filter(|(id, before)| now.get(*id) != Some(before));
        touched
            .map(|(id, before)| format!("{id}: {before} is {:?}", now.get(id)))
            .collect()
    }

    fn is_ours(&self, id: &str) -> bool {
        !self.strangers.contains_key(id)
    }

    /// Returns the groups that are not others'.
    pub fn groups(&self) -> Vec<Value> {
        let mut groups = self.cloud.groups();
        groups.retain(|group| self.is_ours(&id_of(group)));
        groups
    }

    /// Returns the EIPs that are not others'.
    pub fn eips(&self) -> Vec<DescribedEip> {
        let mut eips = self.cloud.eips();
        eips.retain(|eip| self.is_ours(eip.id.as_str()));
        eips
    }

    /// Returns the disks that are not others'.
    pub fn disks(&self) -> Vec<DescribedDisk> {
        let mut disks = self.cloud.disks();
        disks.retain(|disk| self.is_ours(disk.id.as_str()));
        disks
    }

    /// Returns the audit log without the objects of other states.
    pub fn ledger(&self) -> Vec<AuditEntry> {
        let mut ledger = self.cloud.sandbox().audit_log();
        ledger.retain(|entry| self.is_ours(&entry.id));
        ledger
    }

    /// Returns the world with a cloud that also lies where calls fail: in lists, and about what it
    /// has done.
    #[must_use]
    pub fn lying(mut self) -> World {
        self.lies = true;
        self
    }

    /// Lets every call take from nothing to 50 ms.
    pub fn slow_down(&self) {
        self.cloud.fail(cloud_faults::latencies());
    }

    /// The same, and one call in five fails, in one way or another.
    pub fn break_down(&mut self) {
        let mut rules = cloud_faults::latencies().to_vec();
        if self.lies {
            rules.extend(cloud_faults::lies(&mut self.random, self.scale));
        }
        rules.extend(cloud_faults::failures(&mut self.random, self.scale));
        self.cloud.fail(rules);
    }

    /// Changes the desired state at random.
    pub fn change(&mut self) -> ExpectedResult {
        let other = self.desired.other(&mut self.random);
        self.want(other)
    }

    /// Sets the desired state of one of the fixed steps, which cover every kind of change, counted
    /// from 0.
    pub fn step(&mut self, step: usize) -> ExpectedResult {
        self.want(DesiredState::at_step(step))
    }

    fn want(&mut self, desired: DesiredState) -> ExpectedResult {
        let before = std::mem::replace(&mut self.desired, desired);
        let manifest = self.desired.manifest();
        match &self.shared {
            Some(shared) => shared.write(&manifest),
            None => self.project.write("main.eci.toml", &manifest),
        }
        self.history.clear();
        self.held = attachments(&self.state().unwrap());
        self.desired.expected(&before)
    }

    /// Returns the IDs that EIPs and disks had at the last change of the desired state, by their
    /// addresses.
    pub fn held(&self) -> &BTreeMap<String, String> {
        &self.held
    }

    /// `eci apply`, not started yet. It waits for a shared state, whose lock outlives a run that dies.
    pub fn apply(&self) -> Eci {
        if self.shared.is_some() {
            self.apply_waiting()
        } else {
            self.apply_at_once()
        }
    }

    /// `eci apply`, which waits while another run holds the lock.
    pub fn apply_waiting(&self) -> Eci {
        self.apply_at_once().args(SharedState::waiting())
    }

    /// `eci apply`, which fails while another run holds the lock.
    pub fn apply_at_once(&self) -> Eci {
        self.eci(&["apply", "--auto-approve"])
    }

    /// `eci plan`, with the exit code 0 only if there is nothing to change.
    pub fn plan(&self) -> Eci {
        self.eci(&["plan", "--detailed-exitcode"])
    }

    fn eci(&self, arguments: &[&str]) -> Eci {
        let name = match self.program {
            Program::Delivered => "eci",
            _ => binaries::FAILPOINTS,
        };
        let window = CONSISTENCY_WINDOW.as_millis().to_string();
        let eci = match &self.shared {
            Some(shared) => shared.on_other_machine(name),
            None => Eci::new(name, self.project.path()),
        };
        let eci = eci
            .args(arguments)
            .args(self.cloud.flags())
            .env("ECI_CONSISTENCY_MS", window)
            .env("STATE_KEY", "07".repeat(32));
        match self.program.planted() {
            Some(variable) => eci.env(variable, "1"),
            None => eci,
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

    /// Keeps the output of a run for the report of a failure.
    pub fn hear(&mut self, run: &Run) {
        self.history.push(run.to_string());
    }

    /// Returns the history since the last change of the desired state: the output of the runs and
    /// the last calls that changed the cloud.
    pub fn history(&self) -> String {
        let calls = self.cloud.sandbox().requests(None);
        let calls = &calls[calls.len().saturating_sub(LAST_CALLS)..];
        let calls: Vec<String> = calls
            .iter()
            .map(|call| format!("{} {}", call.operation, call.body))
            .collect();
        format!("{}\n{}", self.history.join("\n"), calls.join("\n"))
    }

    /// Waits until a random time in a run: after a delay, or shortly after it has changed the cloud
    /// for the first, second or third time.
    pub fn wait_random_time(&mut self, run: &mut RunningProgram) {
        let began = Instant::now();
        let usual = u64::try_from(self.usual.as_millis()).unwrap_or(u64::MAX);
        let mut deadline = Duration::from_millis(self.random.u64(..=usual));
        if self.random.bool() {
            let changes = self.changes() + self.random.u64(1..=3);
            while self.changes() < changes && !run.has_ended() {
                std::thread::sleep(Duration::from_millis(1));
            }
            deadline = began.elapsed() + Duration::from_millis(self.random.u64(..40));
        }
        while began.elapsed() < deadline && !run.has_ended() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn changes(&self) -> u64 {
        CHANGES.iter().map(|it| self.cloud.calls(it)).sum()
    }
}

fn id_of(group: &Value) -> String {
    group["containerGroupId"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// Returns the ids of EIPs and disks, by their addresses.
pub(super) fn attachments(state: &Snapshot) -> BTreeMap<String, String> {
    let resources = state.resources.iter();
    let attachments = resources.filter(|(address, _)| address.kind() != Kind::ContainerGroup);
    attachments
        .filter_map(|(address, state)| Some((address.to_string(), state.id.clone()?)))
        .collect()
}
