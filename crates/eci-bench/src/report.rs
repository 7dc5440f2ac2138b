//! The numbers as a table, and whether they grow in proportion.

use std::fmt::Write as _;

use crate::measure::Measured;
use crate::suite::Row;

/// How much faster than in proportion the time may grow from one size to the next.
pub const TOLERANCE: f64 = 1.2;
/// Below this, the start of the program is most of the time: no growth is judged from it.
const TOO_SHORT: f64 = 0.1;

/// The rows as a table in markdown.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| resources | plan | apply | empty plan | calls |\n|---:|---:|---:|---:|---:|\n",
    );
    for row in rows {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            row.resources,
            cell(&row.plan),
            cell(&row.apply),
            cell(&row.empty_plan),
            row.calls
        );
    }
    text
}

fn cell(measured: &Measured) -> String {
    let mib = measured.peak_bytes as f64 / (1024.0 * 1024.0);
    format!("{:.2} s, {mib:.0} MiB", measured.seconds)
}

/// How one kind of work grows from one size to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// The kind of work.
    pub work: &'static str,
    /// The two sizes.
    pub sizes: (usize, usize),
    /// How many times as long the larger one takes, for each time that it is larger: 1 is in
    /// proportion.
    pub factor: f64,
}

impl Growth {
    /// Whether it grows no faster than in proportion, within the tolerance.
    pub fn is_linear(&self) -> bool {
        self.factor <= TOLERANCE
    }
}

/// How each kind of work grows from size to size, where it takes long enough to tell.
pub fn growth(rows: &[Row]) -> Vec<Growth> {
    rows.windows(2)
        .flat_map(|pair| {
            let (small, large) = (&pair[0], &pair[1]);
            let larger = large.resources as f64 / small.resources as f64;
            let kinds = [
                ("plan", small.plan, large.plan),
                ("apply", small.apply, large.apply),
                ("empty plan", small.empty_plan, large.empty_plan),
            ];
            kinds
                .into_iter()
                .filter(|(_, small, _)| small.seconds >= TOO_SHORT)
                .map(move |(work, before, after)| Growth {
                    work,
                    sizes: (small.resources, large.resources),
                    factor: after.seconds / before.seconds / larger,
                })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(resources: usize, seconds: f64) -> Row {
        let measured = Measured {
            seconds,
            peak_bytes: 50 << 20,
        };
        Row {
            resources,
            plan: measured,
            apply: measured,
            empty_plan: measured,
            calls: 7,
        }
    }

    #[test]
    fn growth_in_proportion_passes_and_growth_with_the_square_does_not() {
        let linear = growth(&[row(3_000, 0.5), row(30_000, 5.5)]);
        assert_eq!(linear.len(), 3);
        assert!(linear.iter().all(Growth::is_linear));
        let square = growth(&[row(3_000, 0.5), row(30_000, 50.0)]);
        assert!(!square.iter().any(Growth::is_linear));
    }

    #[test]
    fn nothing_is_judged_from_times_that_are_too_short() {
        assert_eq!(growth(&[row(300, 0.01), row(3_000, 0.5)]), []);
    }

    #[test]
    fn the_table_has_a_line_for_each_size() {
        let table = table(&[row(300, 0.25)]);
        assert!(table.contains("| 300 | 0.25 s, 50 MiB |"), "{table}");
    }
}
