//! `eci-bench`: prints what each kind of work takes at growing sizes, and whether the targets
//! are reached.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::Parser;
use eci_bench::report::{self, growth};
use eci_bench::shared_states;
use eci_bench::suite::{Row, row};
use eci_bench::targets::{self, Target};
use eci_bench::terraform::{self, TerraformResult};

/// The allocator of `eci`: what is measured in this process, for example how a state is opened, takes the time that it
/// takes there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures validate, plan, apply, empty plan, a plan of one change and destroy at growing
/// sizes, against a sandbox over HTTP, and holds the numbers against targets.
#[derive(Debug, Parser)]
struct Arguments {
    /// Numbers of resources.
    #[arg(default_values_t = [300, 3_000, 30_000, 100_000])]
    sizes: Vec<usize>,
    /// The program to measure; by default `eci` in the folder of this one.
    #[arg(long)]
    eci: Option<PathBuf>,
    /// Print JSON in place of tables.
    #[arg(long)]
    json: bool,
    /// Fail if a target is missed.
    #[arg(long)]
    check: bool,
    /// Let Terraform apply 3,000 resources too, which takes minutes; otherwise only 300.
    #[arg(long)]
    terraform_apply: bool,
    /// Measure the sizes alone: no Terraform, no latency, no recording, no start-up.
    #[arg(long)]
    sizes_only: bool,
    /// Measure states in shared stores alone.
    #[arg(long)]
    shared_states_only: bool,
}

/// Terraform is measured at these sizes; beyond, it takes too long.
const TERRAFORM_SIZES: [usize; 2] = [300, 3_000];

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr)] // It is a program.
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| {
        // An error of the output cannot be reported.
        let _ = error.print();
        std::process::exit(i32::from(error.use_stderr()))
    });
    let eci = match &arguments.eci {
        Some(eci) => std::path::absolute(eci)?,
        None => build()?,
    };
    if arguments.shared_states_only {
        let targets = shared_states::of_shared_states(&eci).await?;
        println!("{}", targets::table(&targets));
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = Vec::new();
    for size in &arguments.sizes {
        eprintln!("measuring {size} resources");
        rows.push(row(&eci, *size).await?);
    }
    let growth = growth(&rows);
    let (terraform, targets) = if arguments.sizes_only {
        (Vec::new(), targets::of_rows(&rows, &growth, &[]))
    } else {
        let terraform = terraform(&arguments)?;
        let targets = all_targets(&eci, &rows, &growth, &terraform).await?;
        (terraform, targets)
    };
    if arguments.json {
        let all = serde_json::json!({
            "rows": rows, "growth": growth, "terraform": terraform, "targets": targets,
        });
        println!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        println!("{}", report::table(&rows));
        for it in &terraform {
            let took = report::seconds(it.measured.seconds);
            let memory = report::mib(it.measured.peak_bytes);
            println!(
                "Terraform, {} of {}: {took}, {memory}",
                it.work, it.resources
            );
        }
        println!("\n{}", targets::table(&targets));
    }
    let missed = targets.iter().any(|target| !target.met);
    Ok(if arguments.check && missed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Measures Terraform at the sizes that are measured, where it is installed.
#[allow(clippy::print_stderr)]
fn terraform(arguments: &Arguments) -> anyhow::Result<Vec<TerraformResult>> {
    let Some(program) = terraform::find() else {
        eprintln!("Terraform is not installed: the recorded measurements are used");
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for size in TERRAFORM_SIZES
        .iter()
        .filter(|size| arguments.sizes.contains(size))
    {
        eprintln!("measuring Terraform with {size} resources");
        let apply = *size < 1_000 || arguments.terraform_apply;
        all.extend(terraform::measure(&program, *size, apply)?);
    }
    Ok(all)
}

#[allow(clippy::print_stderr)]
async fn all_targets(
    eci: &Path,
    rows: &[Row],
    growth: &[report::Growth],
    terraform: &[TerraformResult],
) -> anyhow::Result<Vec<Target>> {
    let mut all = targets::of_rows(rows, growth, terraform);
    if let Some(row) = rows.iter().find(|row| row.resources == 30_000) {
        all.extend(targets::against_parse(row)?);
    }
    eprintln!("measuring against the bounds of latency and rate");
    all.extend(targets::against_bound(eci).await?);
    eprintln!("measuring what recording costs");
    all.extend(targets::of_recording().await?);
    eprintln!("measuring states in shared stores");
    all.extend(shared_states::of_shared_states(eci).await?);
    let quickstart = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart");
    all.extend(targets::of_program(eci, &quickstart)?);
    Ok(all)
}

/// Builds `eci` with the profile of this program, and says where it is.
fn build() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe().context("the path of this program cannot be determined")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "-p", "eci-cli", "--bin", "eci"]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    if !command.status().context("cannot start cargo")?.success() {
        bail!("cannot build eci; build it yourself and name it with --eci");
    }
    Ok(here.with_file_name("eci"))
}
