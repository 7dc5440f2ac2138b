//! A simulated cloud in the process of the test, served over HTTP.

use std::fmt;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use eci_api::types::{
    Association, AssociationType, ClientToken, ContainerGroupFilter, DescribedDisk, DescribedEip,
    DiskFilter, EipFilter, EipId,
};
use eci_api::{
    Api as _, Client, ClientConfig, Credentials, DiskApi as _, EipApi as _, Endpoints, Service,
};
use eci_sandbox::{
    ApiBehavior, ChangeKind, Config, Fault, Faults, ObjectKind, Rule, SandboxServer,
    SimulatedCloud, Speed,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::command::{Run, RunningProgram};

/// The region of the API reference, which the sandbox has.
pub const REGION: &str = "bb9fdb42056f11eda1610242ac110002";

/// Zones that the manifests of tests name.
const ZONES: [&str; 4] = ["az1", "az2", "zone-1", "az-1"];

/// A simulated cloud that stores its world on disk and in which by default every change is
/// immediate.
pub struct Cloud {
    runtime: Runtime,
    /// The address at which it listens, also after it was started again.
    address: SocketAddr,
    running: Option<SandboxServer>,
    config: Config,
    /// The directory of the world, if it is kept.
    _data: Option<TempDir>,
}

impl Cloud {
    /// Creates a cloud in which everything happens at once.
    pub fn start() -> Cloud {
        Cloud::at_speed(Speed::Instant)
    }

    /// Creates a cloud with a clock.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    pub fn at_speed(speed: Speed) -> Cloud {
        let data = TempDir::with_prefix("eci-cloud-").unwrap();
        Cloud::new(Some(data), speed)
    }

    /// Creates a cloud in which everything happens at once, and that cannot be restarted.
    pub fn in_memory() -> Cloud {
        Cloud::new(None, Speed::Instant)
    }

    /// Starts a cloud in which every change is immediate and that limits the rate of calls per
    /// second.
    pub fn limited(calls_per_second: f64) -> Cloud {
        Cloud::with(
            None,
            Config {
                speed: Speed::Instant,
                rate_limit: Some(calls_per_second),
                ..Config::default()
            },
        )
    }

    /// Creates a cloud in which everything happens at once, with other behaviors than the usual.
    pub fn with_behavior(behavior: ApiBehavior) -> Cloud {
        Cloud::with(
            None,
            Config {
                speed: Speed::Instant,
                behavior,
                ..Config::default()
            },
        )
    }

    fn new(data: Option<TempDir>, speed: Speed) -> Cloud {
        let config = Config {
            data: data.as_ref().map(|data| data.path().to_owned()),
            speed,
            ..Config::default()
        };
        Cloud::with(data, config)
    }

    fn with(data: Option<TempDir>, mut config: Config) -> Cloud {
        config.zones.extend(ZONES.map(str::to_owned));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let running = runtime
            .block_on(SimulatedCloud::start(config.clone()))
            .unwrap();
        Cloud {
            runtime,
            address: running.address(),
            running: Some(running),
            config,
            _data: data,
        }
    }

    /// Stops it and starts it again on the same world, at the same port.
    ///
    /// # Panics
    ///
    /// If it cannot be started again.
    pub fn restart(&mut self) {
        let address = self.address;
        self.stop();
        let config = self.config.clone();
        let started = self.runtime.block_on(async {
            let listener = TcpListener::bind(address).await.unwrap();
            SandboxServer::at(SimulatedCloud::open(config).unwrap(), listener)
        });
        self.running = Some(started.unwrap());
    }

    /// Stops it: from now on connections are refused.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }

    fn running(&self) -> &SandboxServer {
        self.running.as_ref().expect("the cloud was not stopped")
    }

    /// Waits until a program has ended, while the time of the cloud passes a hundred times as fast.
    ///
    /// # Panics
    ///
    /// As [`RunningProgram::wait`].
    pub fn hasten(&self, mut program: RunningProgram) -> Run {
        for _ in 0..3000 {
            if program.has_ended() {
                break;
            }
            self.sandbox().advance(Duration::from_secs(1));
            thread::sleep(Duration::from_millis(10));
        }
        program.wait()
    }

    /// Returns the address at which it listens.
    pub fn endpoint(&self) -> String {
        self.running().endpoint()
    }

    /// Returns the flags that make a command use it.
    pub fn flags(&self) -> Vec<String> {
        let services = Service::ALL.into_iter();
        let flag = |service| format!("--endpoint={service}={}", self.endpoint());
        services.map(flag).collect()
    }

    /// Returns the sandbox itself.
    pub fn sandbox(&self) -> &SimulatedCloud {
        self.running().sandbox()
    }

    /// Makes calls fail from now on, by these rules alone.
    ///
    /// # Panics
    ///
    /// If a rule makes no sense.
    pub fn fail(&self, rules: impl IntoIterator<Item = Rule>) {
        let rules = rules.into_iter().collect();
        self.sandbox().set_faults(Faults { rules }).unwrap();
    }

    /// Lets each call of this name take this long, after it has arrived.
    pub fn slow_down(&self, call: &str, latency: Duration) {
        self.fail([Rule {
            fault: None,
            latency: Some(latency),
            ..Rule::new(call, Fault::Hang)
        }]);
    }

    /// Makes no call fail any more.
    pub fn heal(&self) {
        self.fail([]);
    }

    /// Lets a function change every answer from now on; it gets the operation, the request and the
    /// answer.
    pub fn rewrite(&self, rewrite: impl Fn(&str, &Value, &mut Value) + Send + Sync + 'static) {
        self.sandbox().rewrite_answers(rewrite);
    }

    /// Returns the number of calls of an operation since it was started.
    pub fn calls(&self, operation: &str) -> u64 {
        let counts = self.sandbox().counts();
        counts.get(operation).copied().unwrap_or_default()
    }

    /// The bodies of the calls of an operation since it was started.
    pub fn bodies(&self, operation: &str) -> Vec<Value> {
        let requests = self.sandbox().requests(Some(operation));
        requests.into_iter().map(|request| request.body).collect()
    }

    /// Returns the names of all groups that were ever created, sorted: each as often as it was
    /// created.
    pub fn created(&self) -> Vec<String> {
        self.created_of(ObjectKind::ContainerGroup)
    }

    /// Returns the names of all objects of a kind that were ever created, sorted.
    pub fn created_of(&self, kind: ObjectKind) -> Vec<String> {
        let ledger = self.sandbox().audit_log();
        let created = ledger
            .into_iter()
            .filter(|entry| entry.change == ChangeKind::Create && entry.kind == kind);
        let mut names: Vec<String> = created.map(|entry| entry.name).collect();
        names.sort();
        names
    }

    /// Returns the groups that are there, as the cloud reports them, in the order of their names.
    ///
    /// # Panics
    ///
    /// If they cannot be read.
    pub fn groups(&self) -> Vec<Value> {
        let filter = ContainerGroupFilter::default();
        let client = self.client();
        let listed = self.runtime.block_on(client.list_container_groups(&filter));
        let mut groups = listed.unwrap();
        groups.sort_by(|one, other| one.container_group_name.cmp(&other.container_group_name));
        groups.into_iter().map(|group| group.raw).collect()
    }

    fn client(&self) -> Client {
        let credentials = Credentials::new("sandbox", "sandbox");
        let config = ClientConfig {
            endpoints: Endpoints::all_at(self.endpoint()),
            ..ClientConfig::new(credentials, REGION)
        };
        Client::new(config).unwrap()
    }

    /// Returns the EIPs that are there.
    ///
    /// # Panics
    ///
    /// If they cannot be read.
    pub fn eips(&self) -> Vec<DescribedEip> {
        let filter = EipFilter::default();
        let client = self.client();
        self.runtime
            .block_on(client.list_all_eips(&filter))
            .unwrap()
    }

    /// Binds an EIP to a machine, as someone does who knows nothing of eci.
    ///
    /// # Panics
    ///
    /// If it cannot be bound.
    pub fn bind_to_machine(&self, eip: &EipId, machine: &str) {
        let (client, token) = (self.client(), ClientToken::random());
        let binding = client.bind_eip(
            &token,
            eip,
            Association::new(AssociationType::Machine, machine),
        );
        self.runtime.block_on(binding).unwrap();
    }

    /// Returns the disks that are there.
    ///
    /// # Panics
    ///
    /// If they cannot be read.
    pub fn disks(&self) -> Vec<DescribedDisk> {
        let filter = DiskFilter::default();
        let client = self.client();
        let listed = self.runtime.block_on(client.list_all_disks(&filter));
        listed.unwrap()
    }

    /// Returns the names of the groups that are there.
    ///
    /// # Panics
    ///
    /// As [`Cloud::groups`].
    pub fn names(&self) -> Vec<String> {
        let name = |group: &Value| group["containerGroupName"].as_str().map(str::to_owned);
        self.groups()
            .iter()
            .map(|group| name(group).unwrap())
            .collect()
    }
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud")
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}
