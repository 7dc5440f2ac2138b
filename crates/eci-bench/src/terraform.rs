//! Benchmark of the same shape with Terraform, where it is installed: its own built-in resource, no provider
//! process and no network, which is generous.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde::Serialize;

use crate::measure::{Measurement, run};
use crate::shape;
use crate::suite::Workload;

/// The times of Terraform 1.11.4 for 3,000 resources on a machine with 2 processors, in seconds:
/// the basis of the targets where it is not installed, or its apply is not requested.
pub const RECORDED: [(Workload, f64); 3] = [
    (Workload::Plan, 6.3),
    (Workload::Apply, 247.0),
    (Workload::EmptyPlan, 9.5),
];

/// The number of resources that [`RECORDED`] is about.
pub const RECORDED_SIZE: usize = 3_000;

/// The measurement of one kind of work.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TerraformResult {
    /// The number of resources.
    pub resources: usize,
    /// The kind of work.
    pub work: Workload,
    /// The measurement of Terraform.
    pub measured: Measurement,
}

/// Finds Terraform, if it is on the path and works.
pub fn find() -> Option<PathBuf> {
    let program = PathBuf::from("terraform");
    let mut version = Command::new(&program);
    version.arg("version").stdout(Stdio::null());
    let status = version.stderr(Stdio::null()).status().ok()?;
    status.success().then_some(program)
}

/// Measures its plan, and with `apply` also the apply and the plan after it.
///
/// # Errors
/// If a run fails.
pub fn measure(
    program: &Path,
    resources: usize,
    apply: bool,
) -> anyhow::Result<Vec<TerraformResult>> {
    let directory = tempfile::tempdir()?;
    shape::write_terraform(directory.path(), resources)
        .context("cannot write a configuration for Terraform")?;
    let quiet = [
        ("TF_IN_AUTOMATION", "1"),
        ("CHECKPOINT_DISABLE", "1"),
        ("TF_INPUT", "0"),
    ];
    let work = |arguments: &[&str]| run(program, arguments, &quiet, directory.path());
    if let Err(error) = work(&["init", "-no-color"]) {
        bail!("Terraform cannot begin here: {error}");
    }
    let mut works = vec![(Workload::Plan, &["plan", "-no-color"][..])];
    if apply {
        works.push((
            Workload::Apply,
            &["apply", "-auto-approve", "-no-color"][..],
        ));
        works.push((Workload::EmptyPlan, &["plan", "-no-color"][..]));
    }
    let mut measured = Vec::new();
    for (kind, arguments) in works {
        measured.push(TerraformResult {
            resources,
            work: kind,
            measured: work(arguments)?,
        });
    }
    Ok(measured)
}
