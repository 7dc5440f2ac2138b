//! Runs on one disk and one cloud, one after another.
#![allow(unreachable_pub, dead_code)]

use eci_config::Configuration;
use eci_core::{DigestKey, Lineage};
use eci_executor::{
    AdditionalReads, ApplyError, ApplyOutcome, Effects, RecoverError, RunContext, StopHandle,
    apply, observe, recover,
};
use eci_planner::{Plan, PlannerOptions, Summary, plan};
use eci_provider::{ResourceProvider, Throttle};
use eci_state::{Snapshot, Store};

use crate::model::{Cloud, Disk, Listener, effects, settings};

/// An EIP and a disk.
pub const EIP_AND_DISK: &str = r#"
[eip.front]
name = "front"
bandwidth = 5

[volume.data]
type = "DiskVolume"
fs_type = "ext4"
disk = { name = "data", size = 40, kind = "SATA" }
"#;

/// A container group with one container.
///
/// More keys of its table may follow.
pub fn group(name: &str) -> String {
    group_with_env(name, "")
}

/// A container group whose container has these environment variables.
pub fn group_with_env(name: &str, env: &str) -> String {
    format!(
        r#"
[container_group.{name}]
vpc_id = "vpc-1"
vswitch_id = "subnet-1"
security_group_id = "sg-1"
az_name = "zone-1"
containers = [{{ name = "main", image = "app:1", env = {{ {env} }} }}]
"#
    )
}

fn configuration(manifest: &str) -> Configuration {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("main.eci.toml"), manifest).unwrap();
    eci_config::load(directory.path(), &Default::default()).unwrap()
}

fn empty() -> Snapshot {
    Snapshot::new(Lineage::new("lineage"), DigestKey::new([7; 32]))
}

/// Checks that a complete run did as much of each as its plan said.
fn check_counts(applied: &Result<ApplyOutcome, ApplyError>, summary: &Summary) {
    let Some(outcome) = applied.as_ref().ok().filter(|it| it.is_complete()) else {
        return;
    };
    let planned = [
        ("create", summary.create),
        ("update", summary.update),
        ("replace", summary.replace),
        ("delete", summary.delete),
        ("import", summary.import),
        ("move", summary.moved),
        ("forget", summary.forget),
    ];
    for (action, count) in planned {
        let done = outcome.changed.get(action).copied().unwrap_or_default();
        assert_eq!(done, count, "{action}: {outcome:?}");
    }
}

/// A cloud, the disk of one configuration, and the events of the runs on it.
pub struct Scene {
    pub cloud: Cloud,
    pub disk: Disk,
    pub listener: Listener,
    /// The one provider of all runs, as in a program that embeds this one.
    provider: ResourceProvider<Cloud>,
}

impl Scene {
    pub fn new() -> Scene {
        Scene::on(Cloud::default())
    }

    /// Another state in that cloud.
    pub fn on(cloud: Cloud) -> Scene {
        let disk = Disk::new(empty(), &cloud);
        let provider = ResourceProvider::new(cloud.clone(), Throttle::default());
        Scene {
            cloud,
            disk,
            listener: Listener::default(),
            provider,
        }
    }

    fn provider(&self) -> ResourceProvider<Cloud> {
        self.provider.clone()
    }

    pub async fn run(
        &mut self,
        manifest: &str,
        options: PlannerOptions,
        stopped: StopHandle,
    ) -> Result<ApplyOutcome, ApplyError> {
        self.run_at(&effects(), manifest, options, stopped).await
    }

    /// A run with its own clock.
    pub async fn run_at(
        &mut self,
        effects: &Effects,
        manifest: &str,
        options: PlannerOptions,
        stopped: StopHandle,
    ) -> Result<ApplyOutcome, ApplyError> {
        let configuration = configuration(manifest);
        let provider = self.provider();
        let additional = AdditionalReads::by(&configuration);
        let observed = observe(self.disk.snapshot(), &additional, &provider)
            .await
            .unwrap();
        let plan = plan(&configuration, self.disk.snapshot(), &observed, &options).unwrap();
        let (settings, summary) = (settings(), plan.summary());
        let context = RunContext {
            provider: &provider,
            store: &mut self.disk,
            effects,
            reporter: &self.listener,
        };
        let applied = apply(plan, context, &settings, &stopped)
            .await
            .into_result();
        check_counts(&applied, &summary);
        applied
    }

    pub async fn plan(&self, manifest: &str) -> Plan {
        self.plan_with(manifest, &PlannerOptions::default()).await
    }

    pub async fn plan_with(&self, manifest: &str, options: &PlannerOptions) -> Plan {
        let configuration = configuration(manifest);
        let snapshot = self.disk.snapshot();
        let additional = AdditionalReads::by(&configuration);
        let observed = observe(snapshot, &additional, &self.provider);
        plan(&configuration, snapshot, &observed.await.unwrap(), options).unwrap()
    }

    pub async fn apply_plan(&mut self, plan: Plan) -> Result<ApplyOutcome, ApplyError> {
        let provider = self.provider.clone();
        let (effects, summary) = (effects(), plan.summary());
        let context = RunContext {
            provider: &provider,
            store: &mut self.disk,
            effects: &effects,
            reporter: &self.listener,
        };
        let applied = apply(plan, context, &settings(), &StopHandle::new()).await;
        let applied = applied.into_result();
        check_counts(&applied, &summary);
        applied
    }

    pub async fn apply(&mut self, manifest: &str) -> ApplyOutcome {
        let run = self.run(manifest, PlannerOptions::default(), StopHandle::new());
        run.await.unwrap()
    }

    /// The next process on the same disk.
    pub async fn recover(&mut self) {
        self.recover_with(&effects()).await;
    }

    /// The next process, with its own clock.
    pub async fn recover_with(&mut self, effects: &Effects) {
        self.try_recover_with(effects).await.unwrap();
    }

    pub async fn try_recover(&mut self) -> Result<(), RecoverError> {
        self.try_recover_with(&effects()).await
    }

    async fn try_recover_with(&mut self, effects: &Effects) -> Result<(), RecoverError> {
        let provider = self.provider();
        let _reading = self.cloud.read_only();
        let context = RunContext {
            provider: &provider,
            store: &mut self.disk,
            effects,
            reporter: &self.listener,
        };
        recover(context, &settings()).await
    }

    pub fn heard(&self, beginning: &str) -> Vec<String> {
        let lines = self.listener.0.lock().unwrap();
        lines
            .iter()
            .filter(|line| line.starts_with(beginning))
            .cloned()
            .collect()
    }

    pub fn state(&self) -> Vec<String> {
        let resources = &self.disk.snapshot().resources;
        resources.keys().map(ToString::to_string).collect()
    }
}
