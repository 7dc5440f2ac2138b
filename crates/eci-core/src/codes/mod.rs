//! The registry of diagnostics: one row for each kind of mistake that can be told.
//!
//! A row has a number (`E0202`, or `W0701` for a warning), a short name (`unknown-key`), and
//! what `eci explain` says about it. Scripts, suppressions and search engines know numbers and
//! names, so both are stable for ever: a row may be reworded, a number is never given to
//! something else, and one that is no longer told stays reserved.
//!
//! Rows are grouped by the hundred, one file a group:
//!
//! | numbers | about | file |
//! |---|---|---|
//! | 01xx | reading files | `reading` |
//! | 02xx | tables, keys and names | `tables` |
//! | 03xx | references and labels | `references` |
//! | 04xx | types and values | `values` |
//! | 05xx | expressions | `expressions` |
//! | 06xx | variables, locals, outputs | `variables` |
//! | 07xx | limits of the cloud | `limits` |
//! | 08xx | what several resources are to each other | `graph` |
//! | 09xx | changes: `[[moved]]`, `[[removed]]`, `[[import]]`, options of a plan | `changes` |
//! | 10xx | modules | `modules` |
//! | 11xx | `[provider]` and secrets | `secrets` |
//!
//! To add a row, append it to its file with the next free number, and add a broken manifest
//! that shows it to the gallery in `tests/`. An example in a row is checked by a test: the
//! wrong one must be told by this very row, the right one must not.

/// A text in both languages; English where the Chinese one is not given.
macro_rules! in_both {
    ($en:literal) => {
        eci_text::Text::fixed($en, $en)
    };
    ($en:literal, $zh:literal) => {
        eci_text::Text::fixed($en, $zh)
    };
}

use in_both;

/// Makes the constants of a group and the list of them, so that neither can miss a row.
macro_rules! codes {
    ($($number:literal $constant:ident $name:literal $title:literal $(zh $title_zh:literal)? {
        found: $found:literal $(zh $found_zh:literal)?,
        reason: $reason:literal $(zh $reason_zh:literal)?,
        fix: $fix:literal $(zh $fix_zh:literal)?,
        bad_example: $bad_example:literal,
        good_example: $good_example:literal $(,)?
    })*) => {
        $(
            #[doc = concat!("`", $number, "` ", $title)]
            pub const $constant: &crate::codes::Code = &crate::codes::Code {
                number: $number,
                name: $name,
                title: crate::codes::in_both!($title $(, $title_zh)?),
                found: crate::codes::in_both!($found $(, $found_zh)?),
                reason: crate::codes::in_both!($reason $(, $reason_zh)?),
                fix: crate::codes::in_both!($fix $(, $fix_zh)?),
                bad_example: $bad_example,
                good_example: $good_example,
            };
        )*
        /// The rows of this group.
        pub(super) const ROWS: &[&crate::codes::Code] = &[$($constant),*];
    };
}

mod changes;
mod expressions;
mod graph;
mod limits;
mod modules;
mod reading;
mod references;
mod secrets;
mod tables;
mod values;
mod variables;

use std::fmt;

use eci_text::Text;

pub use changes::*;
pub use expressions::*;
pub use graph::*;
pub use limits::*;
pub use modules::*;
pub use reading::*;
pub use references::*;
pub use secrets::*;
pub use tables::*;
pub use values::*;
pub use variables::*;

use crate::severity::Severity;

/// One kind of mistake.
#[derive(Eq)]
pub struct Code {
    /// `E0202`, or `W0701` for a warning.
    pub number: &'static str,
    /// `unknown-key`
    pub name: &'static str,
    /// What it is, in a few words.
    pub title: Text,
    /// What was found.
    pub found: Text,
    /// Why that is a mistake.
    pub reason: Text,
    /// How to mend it.
    pub fix: Text,
    /// An example that has it: a manifest, or a session that begins with `$`.
    pub bad_example: &'static str,
    /// The same without it.
    pub good_example: &'static str,
}

impl Code {
    /// Whether what it tells stops a plan.
    pub fn severity(&self) -> Severity {
        match self.number.starts_with('W') {
            true => Severity::Warning,
            false => Severity::Error,
        }
    }

    /// Returns the first sentence of the fix, in the form of a help line.
    pub fn advice(&self) -> Text {
        self.fix.clone().map(|fix| {
            let end = fix.find(". ").into_iter().chain(fix.find('。')).min();
            let first = &fix[..end.unwrap_or(fix.len())];
            let mut characters = first.trim_end_matches('.').chars();
            let start = characters.next().into_iter();
            let text: String = start
                .flat_map(char::to_lowercase)
                .chain(characters)
                .collect();
            text.into()
        })
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Code) -> bool {
        self.number == other.number
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.number, self.name)
    }
}

const GROUPS: [&[&Code]; 11] = [
    reading::ROWS,
    tables::ROWS,
    references::ROWS,
    values::ROWS,
    expressions::ROWS,
    variables::ROWS,
    limits::ROWS,
    graph::ROWS,
    changes::ROWS,
    modules::ROWS,
    secrets::ROWS,
];

/// Every row, group by group.
pub fn all() -> impl Iterator<Item = &'static Code> {
    GROUPS.into_iter().flatten().copied()
}

/// The row of that number or name; upper and lower case do not count.
pub fn find(text: &str) -> Option<&'static Code> {
    all()
        .find(|code| code.number.eq_ignore_ascii_case(text) || code.name.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_number_and_every_name_is_given_once() {
        let mut seen = BTreeSet::new();
        for code in all() {
            assert!(
                seen.insert(code.number),
                "{code:?} has the number of another"
            );
            assert!(seen.insert(code.name), "{code:?} has the name of another");
        }
    }

    #[test]
    fn a_number_says_the_group_and_rows_stand_in_their_order() {
        let hundreds = [
            "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11",
        ];
        for (rows, hundred) in GROUPS.iter().zip(hundreds) {
            for code in *rows {
                let digits = code.number.strip_prefix(['E', 'W']).unwrap_or_default();
                assert!(digits.len() == 4 && digits.starts_with(hundred), "{code:?}");
            }
            for kind in ['E', 'W'] {
                let of_kind = rows.iter().filter(|code| code.number.starts_with(kind));
                let numbers: Vec<&str> = of_kind.map(|code| code.number).collect();
                assert!(numbers.is_sorted(), "{numbers:?}");
            }
        }
    }

    #[test]
    fn every_row_says_what_why_and_how_to_mend_it() {
        for code in all() {
            let named = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(code.name.chars().all(named), "{code:?}");
            assert!(
                !code.title.en().ends_with('.') && !code.title.is_empty(),
                "{code:?}"
            );
            for text in [&code.found, &code.reason, &code.fix] {
                let text = text.en();
                assert!(text.len() > 10, "{code:?} says too little: {text:?}");
                assert!(text.ends_with('.'), "{code:?} ends in the middle: {text:?}");
            }
            assert!(
                !code.bad_example.is_empty() && !code.good_example.is_empty(),
                "{code:?} has no example"
            );
            assert_ne!(code.bad_example, code.good_example, "{code:?}");
        }
    }

    #[test]
    fn a_code_is_found_by_number_and_by_name_in_any_case() {
        assert_eq!(find("e0202"), Some(UNKNOWN_KEY));
        assert_eq!(find("Unknown-Key"), Some(UNKNOWN_KEY));
        assert_eq!(find("E9999"), None);
    }
}
