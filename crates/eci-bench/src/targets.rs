//! Targets of the benchmarks, and the check that they are reached.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use eci_api::api::LARGEST_PAGE;
use eci_sandbox::Config;
use serde::Serialize;

use crate::measure::{Measurement, run};
use crate::recording::{JournalCost, record};
use crate::report::{Growth, TOLERANCE, mib, seconds};
use crate::shape;
use crate::simulated::slow;
use crate::suite::{Bench, Row, Workload};
use crate::terraform::{RECORDED, RECORDED_SIZE, TerraformResult};

/// One target.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// The work that is measured.
    pub work: String,
    /// The target value.
    pub target: String,
    /// The measured value.
    pub measured: String,
    /// Whether that is reached.
    pub met: bool,
}

impl Target {
    pub(crate) fn new(
        work: impl Into<String>,
        target: &str,
        measured: String,
        met: bool,
    ) -> Target {
        Target {
            work: work.into(),
            target: target.to_owned(),
            measured,
            met,
        }
    }
}

/// Returns the targets as a table in markdown.
pub fn table(targets: &[Target]) -> String {
    let mut text = String::from("| work | target | measured | reached |\n|:---|:---|:---|:---|\n");
    for target in targets {
        let met = if target.met { "yes" } else { "**no**" };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {met} |",
            target.work, target.target, target.measured
        );
    }
    text
}

const MIB: u64 = 1024 * 1024;

/// Returns the targets that follow from the rows.
pub fn of_rows(rows: &[Row], growth: &[Growth], terraform: &[TerraformResult]) -> Vec<Target> {
    let mut targets = Vec::new();
    for row in rows {
        if row.resources == RECORDED_SIZE {
            targets.extend(compared_with_terraform(row, terraform));
        }
        if let (100_000.., Some(plan)) = (row.resources + 1, row.works.get(&Workload::Plan)) {
            targets.push(Target::new(
                format!("plan {}", row.resources),
                "≤ 4 s, ≤ 1 GiB",
                format!("{}, {}", seconds(plan.seconds), mib(plan.peak_bytes)),
                plan.seconds <= 4.0 && plan.peak_bytes <= 1024 * MIB,
            ));
        }
    }
    let judged = [Workload::Plan, Workload::Apply, Workload::EmptyPlan];
    let of_ten =
        |growth: &&Growth| growth.sizes.0 >= RECORDED_SIZE && judged.contains(&growth.work);
    for growth in growth.iter().filter(of_ten) {
        let (small, large) = growth.sizes;
        let larger = large as f64 / small as f64;
        targets.push(Target::new(
            format!("growth of {}, {small} → {large}", growth.work),
            &format!("≤ {:.1}×", larger * TOLERANCE),
            format!("{:.1}×", growth.factor * larger),
            growth.is_linear(),
        ));
    }
    targets
}

/// Returns the targets that compare a row with Terraform.
fn compared_with_terraform(row: &Row, terraform: &[TerraformResult]) -> Vec<Target> {
    let limits = [
        (Workload::Plan, 60.0),
        (Workload::Apply, 100.0),
        (Workload::EmptyPlan, 60.0),
    ];
    let mut targets = Vec::new();
    for (work, times) in limits {
        let Some(ours) = row.works.get(&work) else {
            continue;
        };
        let here = terraform
            .iter()
            .find(|it| it.work == work && it.resources == row.resources);
        let recorded = RECORDED.iter().find(|(kind, _)| *kind == work);
        let (theirs, how) = match (here, recorded) {
            (Some(here), _) => (here.measured.seconds, "measured"),
            (None, Some((_, recorded))) => (*recorded, "recorded"),
            (None, None) => continue,
        };
        let ratio = theirs / ours.seconds;
        targets.push(Target::new(
            format!("{work} {}", row.resources),
            &format!("≥ {times:.0}× Terraform's speed"),
            format!(
                "{ratio:.0}× ({} to {}, {how})",
                seconds(ours.seconds),
                seconds(theirs)
            ),
            ratio >= times,
        ));
        targets.extend(bounds(row.resources, work, ours));
    }
    targets
}

/// Returns the bounds of one kind of work that do not depend on Terraform.
fn bounds(resources: usize, work: Workload, ours: &Measurement) -> Option<Target> {
    match work {
        Workload::Plan => Some(Target::new(
            format!("{work} {resources}"),
            "≤ 60 MiB",
            mib(ours.peak_bytes),
            ours.peak_bytes <= 60 * MIB,
        )),
        Workload::EmptyPlan => {
            // The cloud is known to take 20 ids a query (`eci_api::api::MOST_IDS`).
            let most = resources as u64 / 20 + 5;
            Some(Target::new(
                format!("{work} {resources}"),
                &format!("≤ {most} calls"),
                format!("{} calls", ours.calls),
                ours.calls <= most,
            ))
        }
        _ => None,
    }
}

/// Measures a plan against the bare parse of the same files.
///
/// # Errors
/// If the shape cannot be written or read.
pub fn against_parse(row: &Row) -> anyhow::Result<Option<Target>> {
    let Some(plan) = row.works.get(&Workload::Plan) else {
        return Ok(None);
    };
    let floor = parse(row.resources)?.as_secs_f64();
    let times = plan.seconds / floor;
    Ok(Some(Target::new(
        format!("plan {} against the bare parse", row.resources),
        "≤ 3×",
        format!(
            "{times:.1}× ({} to {})",
            seconds(plan.seconds),
            seconds(floor)
        ),
        times <= 3.0,
    )))
}

/// Measures how long it takes to read the files of the shape as TOML with places: the best of five.
fn parse(resources: usize) -> anyhow::Result<Duration> {
    let directory = tempfile::tempdir()?;
    shape::write(directory.path(), resources)?;
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for entry in std::fs::read_dir(directory.path())? {
            let text = std::fs::read_to_string(entry?.path())?;
            let table = toml::de::DeTable::parse(&text).context("the shape is not valid TOML")?;
            std::hint::black_box(&table);
        }
        best = best.min(start.elapsed());
    }
    Ok(best)
}

/// Measures an apply with a latency of 50 ms a call, ten at once or twenty calls a second, against
/// the least time that this can take.
///
/// # Errors
/// If a run fails.
pub async fn against_bound(eci: &Path) -> anyhow::Result<Vec<Target>> {
    const LATENCY: f64 = 0.05;
    let mut targets = Vec::new();
    let at_once = (300, None, "10 at once");
    let a_second = (100, Some(20), "20 calls a second");
    for (groups, rate, how) in [at_once, a_second] {
        let config = Config {
            faults: slow(Duration::from_secs_f64(LATENCY)),
            ..Config::default()
        };
        let bench = Bench::start(eci, config).await?;
        shape::write_flat(bench.directory(), groups, rate)?;
        let latency = bench.latency().await?.as_secs_f64();
        let measured = bench.measure(&["apply", "--auto-approve"]).await?;
        bench.stop().await;
        let calls = measured.calls as f64;
        let bound = match rate {
            None => {
                // The first call is alone: only its answer shows whether the credentials are valid.
                // So are the pages of the list that shows at the end whether a create was performed
                // twice: each is requested with the token of the page before.
                let alone = (1 + groups.div_ceil(usize::try_from(LARGEST_PAGE)?)) as f64;
                alone * latency + (calls - alone) * latency / 10.0
            }
            Some(rate) => calls / f64::from(rate),
        };
        let over = measured.seconds / bound - 1.0;
        targets.push(Target::new(
            format!("apply of {groups} groups, 50 ms a call, {how}"),
            "within 5 % of the bound",
            format!(
                "{:+.1} % ({} to {}, {calls} calls, each {} alone)",
                over * 100.0,
                seconds(measured.seconds),
                seconds(bound),
                seconds(latency)
            ),
            over <= 0.05,
        ));
    }
    Ok(targets)
}

/// Measures the cost of recording an outcome.
///
/// # Errors
/// If a run fails.
pub async fn of_recording() -> anyhow::Result<Vec<Target>> {
    let alone = record(100, 1).await?;
    let few = record(300, 10).await?;
    let many = record(3_000, 10).await?;
    let flushes = |recording: &JournalCost| format!("{:.2}", recording.flushes_each());
    let growth = many.bytes_each() / few.bytes_each();
    Ok(vec![
        Target::new(
            "recording an outcome, one at a time",
            "≤ 2 flushes",
            format!("{} flushes", flushes(&alone)),
            alone.flushes_each() <= 2.05,
        ),
        Target::new(
            "recording an outcome, ten at a time",
            "flushes are shared",
            format!("{} flushes", flushes(&many)),
            many.flushes_each() < 1.0,
        ),
        Target::new(
            "recording an outcome, 300 → 3000 groups",
            "bytes independent of the number",
            format!("{:.0} → {:.0} bytes", few.bytes_each(), many.bytes_each()),
            growth <= 1.05,
        ),
    ])
}

/// Measures how fast the program starts and how large it is.
///
/// # Errors
/// If a run fails.
pub fn of_program(eci: &Path, quickstart: &Path) -> anyhow::Result<Vec<Target>> {
    let directory = tempfile::tempdir()?;
    for entry in std::fs::read_dir(quickstart)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), directory.path().join(entry.file_name()))?;
        }
    }
    let best = |arguments: &[&str]| -> anyhow::Result<f64> {
        let mut best = f64::INFINITY;
        for _ in 0..10 {
            best = best.min(run(eci, arguments, &[], directory.path())?.seconds);
        }
        Ok(best)
    };
    let version = best(&["--version"])?;
    let plan = best(&["plan", "--sandbox"])?;
    let bytes = std::fs::metadata(eci)?.len();
    Ok(vec![
        Target::new(
            "eci --version",
            "≤ 5 ms",
            seconds(version),
            version <= 0.005,
        ),
        Target::new(
            "plan of the quickstart",
            "≤ 30 ms",
            seconds(plan),
            plan <= 0.03,
        ),
        Target::new("the program", "≤ 16 MiB", mib(bytes), bytes <= 16 * MIB),
    ])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn row(seconds: f64, calls: u64) -> Row {
        let measured = Measurement {
            seconds,
            peak_bytes: 50 * MIB,
            calls,
            ..Measurement::default()
        };
        Row {
            resources: RECORDED_SIZE,
            works: BTreeMap::from(
                [Workload::Plan, Workload::EmptyPlan].map(|work| (work, measured)),
            ),
        }
    }

    fn met(targets: &[Target]) -> Vec<bool> {
        targets.iter().map(|target| target.met).collect()
    }

    #[test]
    fn a_target_is_reached_or_it_is_not() {
        let fast = of_rows(&[row(0.1, 155)], &[], &[]);
        assert_eq!(met(&fast), [true; 4], "{fast:?}");
        let slow = of_rows(&[row(1.0, 156)], &[], &[]);
        assert_eq!(met(&slow), [false, true, false, false], "{slow:?}");
        assert!(table(&slow).contains("| **no** |"));
    }

    #[test]
    fn a_measurement_takes_precedence_over_the_recorded_one() {
        let terraform = TerraformResult {
            resources: RECORDED_SIZE,
            work: Workload::Plan,
            measured: Measurement {
                seconds: 1.0,
                ..Measurement::default()
            },
        };
        let targets = of_rows(&[row(0.1, 155)], &[], &[terraform]);
        assert!(!targets[0].met, "{targets:?}");
    }
}
