//! A sandbox whose time is turned by hand, and a client of it.

use std::time::Duration;

use eci_api::types::{
    ClientToken, CreateContainerGroup, CreateDisk, CreateEip, DescribedDisk, DescribedEip, DiskId,
    EipId, OrderId, OrderOutcome, OrderState,
};
use eci_api::{
    Api as _, CallError, Client, ClientConfig, Credentials, DiskApi as _, EipApi as _, Endpoints,
    OrderApi as _,
};
use eci_sandbox::{
    ChangeKind, Config, Fault, Faults, ObjectKind, Rule, SandboxServer, SimulatedCloud, Speed,
};
use serde_json::{Value, json};

pub(crate) const REGION: &str = "bb9fdb42056f11eda1610242ac110002";

/// Longer than any order takes that no fault makes slow.
pub(crate) const LONG: Duration = Duration::from_secs(10);

pub(crate) struct Stage {
    pub(crate) running: SandboxServer,
    pub(crate) client: Client,
}

pub(crate) fn token(text: &str) -> ClientToken {
    ClientToken::new(text).unwrap()
}

pub(crate) fn still() -> Config {
    Config {
        speed: Speed::Times(0.0),
        ..Config::default()
    }
}

/// A client of a sandbox, in a region.
pub(crate) fn client(running: &SandboxServer, region: &str) -> Client {
    Client::new(ClientConfig {
        endpoints: Endpoints::all_at(running.endpoint()),
        ..ClientConfig::new(Credentials::new("sandbox", "sandbox"), region)
    })
    .unwrap()
}

/// The code that the cloud refuses with.
#[track_caller]
pub(crate) fn code(error: &CallError) -> &str {
    &error.refusal().unwrap().error
}

/// A group with these fields besides the least.
pub(crate) fn group(name: &str, fields: Value) -> CreateContainerGroup {
    let mut body = json!({
        "containerGroupName": name,
        "vpcId": "vpc-1",
        "vSwitchId": "subnet-1",
        "securityGroupId": "sg-1",
        "azInfo": [{ "azName": "az1" }],
        "restartPolicy": "Always",
        "containers": [{ "name": "web", "image": "nginx:1.27" }],
    });
    let more = fields.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(more);
    serde_json::from_value(body).unwrap()
}

pub(crate) fn with_eip(id: &EipId) -> Value {
    json!({ "eip": { "eipInstanceId": id } })
}

pub(crate) fn with_disk(id: &DiskId) -> Value {
    let disk = json!({ "volumeHandle": id, "fsType": "ext4" });
    json!({ "volumes": [{ "type": "DiskVolume", "name": "data", "diskVolume": disk }] })
}

impl Stage {
    pub(crate) async fn new(config: Config) -> Stage {
        let running = SimulatedCloud::start(config).await.unwrap();
        let client = client(&running, REGION);
        Stage { running, client }
    }

    /// Time does not pass until it is advanced.
    pub(crate) async fn still() -> Stage {
        Stage::new(still()).await
    }

    pub(crate) fn pass(&self, time: Duration) {
        self.running.sandbox().advance(time);
    }

    pub(crate) fn fail(&self, rules: impl IntoIterator<Item = Rule>) {
        let rules = rules.into_iter().collect();
        self.running.sandbox().set_faults(Faults { rules }).unwrap();
    }

    pub(crate) fn fault(&self, operation: &str, fault: Fault) {
        self.fail([Rule::new(operation, fault).times(1)]);
    }

    /// Returns the number of objects of a kind that were ever created.
    pub(crate) fn created(&self, kind: ObjectKind) -> usize {
        let audit_log = self.running.sandbox().audit_log();
        let created = audit_log.iter();
        created
            .filter(|entry| entry.kind == kind && entry.change == ChangeKind::Create)
            .count()
    }

    /// An elastic IP that is there and free.
    pub(crate) async fn eip(&self, name: &str) -> EipId {
        let request = CreateEip::on_demand(name, 5);
        let token = ClientToken::random();
        self.client.create_eip(&token, &request).await.unwrap();
        self.pass(LONG);
        match self.client.create_eip(&token, &request).await.unwrap() {
            OrderOutcome::Done { created, .. } => created,
            other => panic!("{other:?}"),
        }
    }

    /// A disk of 40 GB that is there and free.
    pub(crate) async fn disk(&self, name: &str) -> DiskId {
        self.disk_of(&CreateDisk::new(name, "SATA", 40)).await
    }

    pub(crate) async fn disk_of(&self, request: &CreateDisk) -> DiskId {
        let token = ClientToken::random();
        self.client.create_disk(&token, request).await.unwrap();
        self.pass(LONG);
        match self.client.create_disk(&token, request).await.unwrap() {
            OrderOutcome::Done { created, .. } => created,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn see_eip(&self, id: &EipId) -> DescribedEip {
        self.client.describe_eip(id).await.unwrap()
    }

    pub(crate) async fn see_disk(&self, id: &DiskId) -> DescribedDisk {
        self.client.describe_disk(id).await.unwrap()
    }

    pub(crate) async fn order(&self, id: &OrderId) -> OrderState {
        self.client.order_state(id).await.unwrap()
    }

    pub(crate) async fn make(&self, name: &str, fields: Value) -> eci_api::types::ContainerGroupId {
        let request = group(name, fields);
        let created = self.client.create_container_group(&request);
        created.await.unwrap().container_group_id
    }

    pub(crate) async fn stop(self) {
        drop(self.client);
        self.running.stop().await;
    }
}
