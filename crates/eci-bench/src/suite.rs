//! The runs at each size, against a sandbox over HTTP at full speed.

use std::path::Path;

use anyhow::Context as _;
use eci_sandbox::{Config, Sandbox, Speed};
use serde::Serialize;

use crate::measure::{Measured, run};
use crate::shape;

/// What one size took.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// How many resources.
    pub resources: usize,
    /// A plan in which all are to be created.
    pub plan: Measured,
    /// The apply that creates them.
    pub apply: Measured,
    /// A plan after that, with a refresh and nothing to do.
    pub empty_plan: Measured,
    /// How many calls the three made.
    pub calls: u64,
}

/// Measures one size with this program.
///
/// # Errors
/// If a run fails, or the plan after the apply is not empty.
pub async fn row(eci: &Path, resources: usize) -> anyhow::Result<Row> {
    let directory = tempfile::tempdir()?;
    let resources = shape::write(directory.path(), resources)?;
    let sandbox = Sandbox::start(Config {
        speed: Speed::Instant,
        ..Config::default()
    })
    .await
    .context("cannot start the sandbox")?;
    let endpoint = format!("eci={}", sandbox.endpoint());
    let at = directory.path().display().to_string();
    let measured = async |arguments: &[&str]| {
        let program = eci.to_owned();
        let all: Vec<String> = arguments
            .iter()
            .chain(&["-C", &at, "--endpoint", &endpoint])
            .map(ToString::to_string)
            .collect();
        tokio::task::spawn_blocking(move || {
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            run(
                &program,
                &all,
                &[("CTYUN_AK", "sandbox"), ("CTYUN_SK", "sandbox")],
            )
        })
        .await?
    };
    let plan = measured(&["plan"]).await?;
    let apply = measured(&["apply", "--auto-approve"]).await?;
    let empty_plan = measured(&["plan", "--detailed-exitcode"]).await?;
    let calls = sandbox.sandbox().counts().values().sum();
    sandbox.stop().await;
    Ok(Row {
        resources,
        plan,
        apply,
        empty_plan,
        calls,
    })
}
