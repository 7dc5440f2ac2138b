//! `cargo run --release -p eci-tests -- kill --rounds 1000`: crash tests with any number of rounds.

#![allow(clippy::print_stdout)] // It is a program.

use std::cell::Cell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Args, Parser, Subcommand};
use eci_backend::{S3Credentials, S3Device, S3Settings};
use eci_tests::crash_testing::matrix::{self, Case, Measurement};
use eci_tests::crash_testing::{
    Disturbance, Drill, Program, Setup, StateServer, Tally, failpoints, runner,
};
use eci_tests::devices::conforms;

/// Runs `eci` against a simulated cloud, kills it, cuts it off and races it, and checks from
/// the cloud's own ledger that nothing is there twice and nothing is lost.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Kills runs at random times.
    Kill(Rounds),
    /// Lets one call in five fail, and kills some runs besides.
    Faults(Rounds),
    /// Starts several runs on one state at once, and kills some of them.
    Race(Rounds),
    /// Lets runs die at every point of the program, twice each.
    Points {
        /// How many worlds at a time.
        #[arg(long, default_value_t = 4)]
        worlds: usize,
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        wrong: WrongPrograms,
    },
    /// Kills the runs of twelve scenarios before and after every request, and some of them
    /// several times in a row.
    Matrix {
        /// How many random sequences of two to four kills for each scenario.
        #[arg(long, default_value_t = 20)]
        sequences: usize,
        /// The seed of these.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        part: Part,
    },
    /// Checks that a bucket of yours does what a state requires: creates once, lists at once. The keys are those of
    /// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`. What it creates remains below the prefix.
    Conformance(OwnBucket),
    /// Lets every operation on the files of the state fail, be torn, be the last one of its
    /// process, and the last one before the power fails, in twelve scenarios.
    Disk {
        #[command(flatten)]
        part: Part,
    },
}

/// A bucket of the person who runs the tests.
#[derive(Args, Debug)]
struct OwnBucket {
    /// The address of the store: `https://jiangsu-10.zos.ctyun.cn`.
    #[arg(long)]
    endpoint: String,
    /// The bucket.
    #[arg(long)]
    bucket: String,
    /// The prefix of the names of all objects.
    #[arg(long, default_value = "eci-conformance")]
    prefix: String,
    /// The region, as part of signatures.
    #[arg(long, default_value = "us-east-1")]
    region: String,
}

impl OwnBucket {
    fn check(&self) {
        let variable = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"));
        let tls = eci_api::tls::with_platform_roots().expect("the machine has certificates");
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(Duration::from_secs(30))
            .build()
            .expect("a client can be created");
        let run = fastrand::u64(..);
        let count = Cell::new(0);
        conforms(|| {
            count.set(count.get() + 1);
            let keys = S3Credentials {
                access_key: variable("AWS_ACCESS_KEY_ID"),
                secret_key: variable("AWS_SECRET_ACCESS_KEY").into(),
            };
            let mut settings = S3Settings::new(&self.endpoint, &self.bucket, keys);
            settings.prefix = format!("{}/{run}/{}", self.prefix, count.get());
            settings.region.clone_from(&self.region);
            S3Device::new(settings, http.clone()).expect("the settings name a store")
        });
    }
}

/// The part of a matrix that is run, and its options.
#[derive(Args, Debug)]
struct Part {
    /// The number of cases, chosen at random.
    #[arg(long)]
    cases: Option<usize>,
    /// How many worlds at a time.
    #[arg(long, default_value_t = 4)]
    worlds: usize,
    #[command(flatten)]
    wrong: WrongPrograms,
}

impl Part {
    fn run(&self, cases: Vec<Case>, measured: &[Measurement]) -> Tally {
        let all = cases.len();
        let cases = matrix::sample(cases, self.cases.unwrap_or(all), 1);
        println!("{} of {all} cases", cases.len());
        matrix::run(&cases, measured, self.wrong.program(), self.worlds)
    }
}

#[derive(Args, Debug)]
struct Rounds {
    /// The number of rounds, each with a change of the desired state and a failing run.
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// How many worlds at a time.
    #[arg(long, default_value_t = 4)]
    worlds: usize,
    /// The seed of everything random; by default a different one each time.
    #[arg(long)]
    seed: Option<u64>,
    /// Let the cloud lie where calls fail: in lists, and about what it has done.
    #[arg(long)]
    lying: bool,
    /// Run the released program with its full timeouts, not the one for crash tests.
    #[arg(long, conflicts_with_all = ["careless", "forgetful", "unflushed", "unordered"])]
    delivered: bool,
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    wrong: WrongPrograms,
}

/// Stores that two machines share, or an encrypted directory, in place of a local state. The leases are short in a debug build only.
#[derive(Args, Clone, Copy, Debug)]
#[group(multiple = false)]
struct Store {
    /// Keep the state in PostgreSQL.
    #[arg(long)]
    postgres: bool,
    /// Keep the state in a bucket.
    #[arg(long)]
    bucket: bool,
    /// Encrypt the state in its directory.
    #[arg(long)]
    encrypted: bool,
}

impl Store {
    /// Starts the server.
    fn start(self) -> Option<StateServer> {
        if self.postgres {
            Some(StateServer::postgres().expect("PostgreSQL is installed"))
        } else if self.bucket {
            Some(StateServer::bucket().expect("SeaweedFS is installed"))
        } else {
            None
        }
    }
}

/// Programs that are wrong: with each of them, the drill must fail.
#[derive(Args, Clone, Copy, Debug)]
#[group(multiple = false)]
struct WrongPrograms {
    /// Run a program that records what it does too late; the drill must fail then.
    #[arg(long)]
    careless: bool,
    /// Run a program that places an order of an earlier run again under another token;
    /// likewise.
    #[arg(long)]
    forgetful: bool,
    /// Run a program that leaves its records in the memory of the machine; likewise, with `disk`.
    #[arg(long)]
    unflushed: bool,
    /// Run a program that puts a file in the place of another before its content is on disk;
    /// likewise.
    #[arg(long)]
    unordered: bool,
}

impl WrongPrograms {
    fn program(self) -> Program {
        match self {
            WrongPrograms { careless: true, .. } => Program::Careless,
            WrongPrograms {
                forgetful: true, ..
            } => Program::Forgetful,
            WrongPrograms {
                unflushed: true, ..
            } => Program::Unflushed,
            WrongPrograms {
                unordered: true, ..
            } => Program::Unordered,
            _ => Program::Crashing,
        }
    }
}

fn main() -> ExitCode {
    let began = Instant::now();
    let tally = match Arguments::parse().command {
        Command::Kill(rounds) => repeat(Disturbance::Kill, &rounds),
        Command::Faults(rounds) => repeat(Disturbance::Faults, &rounds),
        Command::Race(rounds) => repeat(Disturbance::Race, &rounds),
        Command::Points {
            worlds,
            store,
            wrong,
        } => {
            let server = store.start();
            let setup = |program| Setup {
                program,
                server: server.as_ref(),
                encrypted: store.encrypted,
            };
            let passes = failpoints::passes(setup(Program::Crashing));
            println!("{} passes of points", passes.len());
            runner::run_points(&passes, setup(wrong.program()), worlds, |_| false)
        }
        Command::Matrix {
            sequences,
            seed,
            part,
        } => {
            let measured = matrix::measured();
            part.run(matrix::kills(&measured, sequences, seed), &measured)
        }
        Command::Conformance(bucket) => {
            bucket.check();
            println!("the bucket conforms, {:.0?}", began.elapsed());
            return ExitCode::SUCCESS;
        }
        Command::Disk { part } => {
            let measured = matrix::measured();
            part.run(matrix::file_operations(&measured), &measured)
        }
    };
    for failure in &tally.failures {
        println!("{failure}\n");
    }
    println!(
        "{} rounds, {} runs died, {} failures, {:.0?}",
        tally.rounds,
        tally.died,
        tally.failures.len(),
        began.elapsed()
    );
    if tally.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn repeat(sort: Disturbance, rounds: &Rounds) -> Tally {
    let program = if rounds.delivered {
        Program::Delivered
    } else {
        rounds.wrong.program()
    };
    let seed = rounds.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    println!("seed {seed}");
    let server = rounds.store.start();
    runner::run(&Drill {
        sort,
        setup: Setup {
            program,
            server: server.as_ref(),
            encrypted: rounds.store.encrypted,
        },
        lying: rounds.lying,
        rounds: rounds.rounds,
        worlds: rounds.worlds,
        seed,
    })
}
