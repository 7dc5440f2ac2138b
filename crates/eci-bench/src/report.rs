//! The numbers as tables, and whether they grow in proportion.

use std::fmt::Write as _;

use serde::Serialize;

use crate::suite::{Row, Workload};

/// The factor by which the time may grow faster than the size, from one size to the next.
pub const TOLERANCE: f64 = 1.1;
/// Below this, the start of the program is most of the time: no growth is judged from it.
const TOO_SHORT: f64 = 0.05;

/// Returns the rows as a table in markdown, one line for each size and kind of work.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| resources | work | time | processors | memory | calls | written |\n\
         |---:|:---|---:|---:|---:|---:|---:|\n",
    );
    for row in rows {
        for (work, measured) in &row.works {
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "| {} | {work} | {} | {} | {} | {} | {} |",
                row.resources,
                seconds(measured.seconds),
                seconds(measured.cpu_seconds),
                mib(measured.peak_bytes),
                measured.calls,
                mib(measured.written_bytes),
            );
        }
    }
    text
}

/// Returns a time as people read it.
pub fn seconds(seconds: f64) -> String {
    match seconds {
        short if short < 0.1 => format!("{:.1} ms", short * 1_000.0),
        short if short < 10.0 => format!("{short:.2} s"),
        long => format!("{long:.1} s"),
    }
}

/// Formats bytes in MiB.
pub fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / (1024.0 * 1024.0))
}

/// The growth of one kind of work from one size to the next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Growth {
    /// The kind of work.
    pub work: Workload,
    /// The two sizes.
    pub sizes: (usize, usize),
    /// The factor between the growth of the time and that of the size: 1 is in proportion.
    pub factor: f64,
}

impl Growth {
    /// Returns whether it grows no faster than in proportion, within the tolerance.
    pub fn is_linear(&self) -> bool {
        self.factor <= TOLERANCE
    }
}

/// Returns the growth of each kind of work from size to size, where it takes long enough to
/// measure.
pub fn growth(rows: &[Row]) -> Vec<Growth> {
    let mut growths = Vec::new();
    for pair in rows.windows(2) {
        let (small, large) = (&pair[0], &pair[1]);
        let larger = large.resources as f64 / small.resources as f64;
        for (work, before) in &small.works {
            let Some(after) = large.works.get(work) else {
                continue;
            };
            if before.seconds < TOO_SHORT {
                continue;
            }
            growths.push(Growth {
                work: *work,
                sizes: (small.resources, large.resources),
                factor: after.seconds / before.seconds / larger,
            });
        }
    }
    growths
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::measure::Measurement;

    fn row(resources: usize, seconds: f64) -> Row {
        let measured = Measurement {
            seconds,
            peak_bytes: 50 << 20,
            calls: 7,
            ..Measurement::default()
        };
        let works = Workload::ALL.map(|work| (work, measured));
        Row {
            resources,
            works: BTreeMap::from(works),
        }
    }

    #[test]
    fn growth_in_proportion_passes_and_growth_with_the_square_does_not() {
        let linear = growth(&[row(3_000, 0.5), row(30_000, 5.4)]);
        assert_eq!(linear.len(), Workload::ALL.len());
        assert!(linear.iter().all(Growth::is_linear));
        let square = growth(&[row(3_000, 0.5), row(30_000, 50.0)]);
        assert!(!square.iter().any(Growth::is_linear));
    }

    #[test]
    fn nothing_is_judged_from_times_that_are_too_short() {
        assert_eq!(growth(&[row(300, 0.01), row(3_000, 0.5)]), []);
    }

    #[test]
    fn the_table_has_a_line_for_each_size_and_work() {
        let table = table(&[row(300, 0.25)]);
        let line = "| 300 | empty plan | 0.25 s | 0.0 ms | 50.0 MiB | 7 | 0.0 MiB |";
        assert!(table.contains(line), "{table}");
        assert_eq!(table.lines().count(), 2 + Workload::ALL.len());
    }
}
