//! `eci-bench`: prints what plan, apply and empty plan take at growing sizes.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, bail};
use clap::Parser;
use eci_bench::report::{growth, table};
use eci_bench::suite::row;

/// Measures plan, apply and empty plan at growing sizes, against a sandbox over HTTP.
#[derive(Debug, Parser)]
struct Arguments {
    /// Numbers of resources.
    #[arg(default_values_t = [300, 3_000, 30_000])]
    sizes: Vec<usize>,
    /// The program to measure; by default `eci`, built beside this one.
    #[arg(long)]
    eci: Option<PathBuf>,
    /// Print JSON in place of a table.
    #[arg(long)]
    json: bool,
    /// Fail if the time grows more than 20 % faster than the size.
    #[arg(long)]
    check: bool,
}

#[tokio::main]
#[allow(clippy::print_stdout, clippy::print_stderr)] // It is a program.
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let eci = match arguments.eci {
        Some(eci) => eci,
        None => build()?,
    };
    let mut rows = Vec::new();
    for size in arguments.sizes {
        eprintln!("measuring {size} resources");
        rows.push(row(&eci, size).await?);
    }
    let growth = growth(&rows);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print!("{}", table(&rows));
        println!();
        for growth in &growth {
            println!(
                "{} from {} to {}: {:.2} times in proportion",
                growth.work, growth.sizes.0, growth.sizes.1, growth.factor
            );
        }
    }
    let linear = growth.iter().all(eci_bench::report::Growth::is_linear);
    Ok(match arguments.check && !linear {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// Builds `eci` with the profile of this program, and says where it is.
fn build() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe().context("cannot tell where this program is")?;
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
