//! Each kind of work at each size, against a sandbox over HTTP at full speed.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use eci_api::types::ContainerGroupFilter;
use eci_api::{Api as _, Service};
use eci_sandbox::{Config, SandboxServer, SimulatedCloud, Speed};
use serde::Serialize;

use crate::measure::{Measurement, run};
use crate::shape;
use crate::simulated::client;

/// A kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Workload {
    /// A check of the manifests alone.
    Validate,
    /// A plan in which all are to be created.
    Plan,
    /// The apply that creates them.
    Apply,
    /// A plan after that, with a refresh and without changes.
    EmptyPlan,
    /// A plan after the image of one group was changed.
    OneChange,
    /// The end of them all.
    Destroy,
}

impl Workload {
    /// Every kind, in the order in which it is measured.
    pub const ALL: [Workload; 6] = [
        Workload::Validate,
        Workload::Plan,
        Workload::Apply,
        Workload::EmptyPlan,
        Workload::OneChange,
        Workload::Destroy,
    ];

    /// Returns the name for people.
    pub fn name(self) -> &'static str {
        match self {
            Workload::Validate => "validate",
            Workload::Plan => "plan",
            Workload::Apply => "apply",
            Workload::EmptyPlan => "empty plan",
            Workload::OneChange => "plan of one change",
            Workload::Destroy => "destroy",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Workload::Validate => &["validate"],
            Workload::Plan | Workload::OneChange => &["plan"],
            Workload::Apply => &["apply", "--auto-approve"],
            // It fails if the plan has changes.
            Workload::EmptyPlan => &["plan", "--detailed-exitcode"],
            Workload::Destroy => &["destroy", "--auto-approve"],
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The measurements of one size.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The number of resources.
    pub resources: usize,
    /// The measurement of each kind of work.
    pub works: BTreeMap<Workload, Measurement>,
}

/// A directory of manifests and the cloud that they are for.
pub struct Bench {
    eci: PathBuf,
    directory: tempfile::TempDir,
    cloud: SandboxServer,
    /// Variables of the program.
    variables: Vec<(String, String)>,
}

impl Bench {
    /// Creates an empty directory, and a cloud set up in this way.
    ///
    /// # Errors
    /// If the cloud cannot be started.
    pub async fn start(eci: &Path, config: Config) -> anyhow::Result<Bench> {
        let cloud = SimulatedCloud::start(Config {
            speed: Speed::Instant,
            ..config
        });
        Ok(Bench {
            eci: eci.to_owned(),
            directory: tempfile::tempdir()?,
            cloud: cloud.await.context("cannot start the sandbox")?,
            variables: Vec::new(),
        })
    }

    /// Sets a variable of the program.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Returns the directory of the manifests.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Measures one command.
    ///
    /// # Errors
    /// If it fails.
    pub async fn measure(&self, arguments: &[&str]) -> anyhow::Result<Measurement> {
        let endpoint = self.cloud.endpoint();
        let flag = |service: Service| format!("--endpoint={service}={endpoint}");
        let mut all: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        all.extend(Service::ALL.map(flag));
        let (eci, directory) = (self.eci.clone(), self.directory().to_owned());
        let mut variables = self.variables.clone();
        for key in ["CTYUN_AK", "CTYUN_SK"] {
            variables.push((key.to_owned(), "sandbox".to_owned()));
        }
        let before = self.calls();
        let measured = tokio::task::spawn_blocking(move || {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            let variables = variables.iter();
            let variables: Vec<_> = variables.map(|(name, value)| (&**name, &**value)).collect();
            run(&eci, &all, &variables, &directory)
        });
        let measured = measured.await??;
        Ok(Measurement {
            calls: self.calls() - before,
            ..measured
        })
    }

    /// Measures one call when nothing else is running: the mean of twenty, one after the other.
    ///
    /// A latency is waited for in whole milliseconds and a little more.
    ///
    /// # Errors
    /// If one fails.
    pub async fn latency(&self) -> anyhow::Result<Duration> {
        const CALLS: u32 = 20;
        let client = client(self.cloud.endpoint())?;
        let filter = ContainerGroupFilter::default();
        // The first one connects.
        client.describe_container_groups(&filter).await?;
        let start = Instant::now();
        for _ in 0..CALLS {
            client.describe_container_groups(&filter).await?;
        }
        Ok(start.elapsed() / CALLS)
    }

    fn calls(&self) -> u64 {
        self.cloud.sandbox().counts().values().sum()
    }

    /// Ends the cloud.
    pub async fn stop(self) {
        self.cloud.stop().await;
    }
}

/// The largest size at which a run is so short that other load can distort it.
const MOST_REPEATED: usize = 3_000;
/// The number of repetitions at these sizes; the median counts.
const TIMES: usize = 5;

/// Measures each kind of work at one size.
///
/// # Errors
/// If a run fails, or the plan after the apply is not empty.
pub async fn row(eci: &Path, resources: usize) -> anyhow::Result<Row> {
    let times = if resources <= MOST_REPEATED { TIMES } else { 1 };
    let mut all: BTreeMap<Workload, Vec<Measurement>> = BTreeMap::new();
    let mut written = resources;
    for _ in 0..times {
        let bench = Bench::start(eci, Config::default()).await?;
        written = shape::write(bench.directory(), resources)?;
        for work in Workload::ALL {
            if work == Workload::OneChange {
                shape::change_one(bench.directory())?;
            }
            let measured = bench.measure(work.arguments()).await?;
            all.entry(work).or_default().push(measured);
        }
        bench.stop().await;
    }
    let median = |mut measured: Vec<Measurement>| {
        measured.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
        measured.swap_remove(measured.len() / 2)
    };
    Ok(Row {
        resources: written,
        works: all
            .into_iter()
            .map(|(work, all)| (work, median(all)))
            .collect(),
    })
}
