//! The registry of diagnostics: one row for each kind of mistake that can be reported.
//!
//! A row has a number (`E0202`, or `W0701` for a warning), a short name (`unknown-key`), and
//! what `eci explain` says about it, in English and in Chinese. Scripts, suppressions and search engines know numbers and
//! names, so both never change: a row may be reworded, a number is never reused, and one that is
//! not reported any more stays reserved.
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
//! | 08xx | several resources together | `graph` |
//! | 09xx | changes: `[[moved]]`, `[[removed]]`, `[[import]]`, options of a plan | `changes` |
//! | 10xx | modules | `modules` |
//! | 11xx | `[provider]` and secrets | `secrets` |
//!
//! To add a row, append it to its file with the next free number, and add a broken manifest
//! that shows it to the gallery in `tests/`. An example in a row is checked by a test: the
//! wrong one must be reported by this row, the right one must not.

/// Declares the constants of a group and the list of them, so that neither can miss a row.
///
/// Each text is given in English and in Chinese.
macro_rules! codes {
    ($($number:literal $constant:ident $name:literal $title:literal zh $title_zh:literal {
        found: $found:literal zh $found_zh:literal,
        reason: $reason:literal zh $reason_zh:literal,
        fix: $fix:literal zh $fix_zh:literal,
        bad_example: $bad_example:literal,
        good_example: $good_example:literal,
        $(comment: $comment:literal zh $comment_zh:literal,)*
    })*) => {
        $(
            #[doc = concat!("`", $number, "` ", $title)]
            pub const $constant: &crate::codes::Code = &crate::codes::Code {
                number: $number,
                name: $name,
                title: eci_text::Text::fixed($title, $title_zh),
                found: eci_text::Text::fixed($found, $found_zh),
                reason: eci_text::Text::fixed($reason, $reason_zh),
                fix: eci_text::Text::fixed($fix, $fix_zh),
                bad_example: $bad_example,
                good_example: $good_example,
                comments: &[$(eci_text::Text::fixed($comment, $comment_zh)),*],
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

use eci_text::{Lang, Text};

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
#[non_exhaustive]
pub struct Code {
    /// `E0202`, or `W0701` for a warning.
    pub number: &'static str,
    /// `unknown-key`
    pub name: &'static str,
    /// The mistake in a few words.
    pub title: Text,
    /// The finding.
    pub found: Text,
    /// The reason why that is a mistake.
    pub reason: Text,
    /// The remedy.
    pub fix: Text,
    /// An example that has it: a manifest, or a session that begins with `$`.
    pub bad_example: &'static str,
    /// The example after the correction.
    pub good_example: &'static str,
    /// The comments in both examples.
    pub comments: &'static [Text],
}

impl Code {
    /// Returns whether it stops a plan (an error) or not (a warning).
    pub fn severity(&self) -> Severity {
        if self.number.starts_with('W') {
            Severity::Warning
        } else {
            Severity::Error
        }
    }

    /// Returns the example that has the mistake, with its comments in this language.
    pub fn bad_example(&self, lang: Lang) -> String {
        self.with_comments(self.bad_example, lang)
    }

    /// Returns the corrected example, with its comments in this language.
    pub fn good_example(&self, lang: Lang) -> String {
        self.with_comments(self.good_example, lang)
    }

    fn with_comments(&self, example: &str, lang: Lang) -> String {
        let mut text = example.to_owned();
        for comment in self.comments {
            let original = format!("# {}", comment.get(Lang::En));
            text = text.replace(&original, &format!("# {}", comment.get(lang)));
        }
        text
    }

    /// Returns the first sentence of the fix, in the form of a help line.
    pub fn advice(&self) -> Text {
        let en = self.fix.get(Lang::En);
        let en = en.split_once(". ").map_or(en, |(first, _)| first);
        let zh = self.fix.get(Lang::Zh);
        let zh = zh.split('。').next().unwrap_or_default();
        Text::new(uncapitalized(en.trim_end_matches('.')), zh.to_owned())
    }
}

/// Returns an English sentence that begins in lower case, unless its first word is an abbreviation or
/// a name, for example `EIP` or `CTyun`.
fn uncapitalized(sentence: &str) -> String {
    let mut rest = sentence.chars();
    let first = rest.next();
    let is_name = rest.clone().take_while(|it| it.is_alphanumeric());
    if is_name.into_iter().any(char::is_uppercase) {
        return sentence.to_owned();
    }
    let first = first.into_iter().flat_map(char::to_lowercase);
    first.chain(rest).collect()
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

/// Returns every row, group by group.
pub fn all() -> impl Iterator<Item = &'static Code> {
    GROUPS.into_iter().flatten().copied()
}

/// Returns the row with this number or name, ignoring case.
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
        let mut known = BTreeSet::new();
        for code in all() {
            assert!(
                known.insert(code.number),
                "{code:?} has the number of another"
            );
            assert!(known.insert(code.name), "{code:?} has the name of another");
        }
    }

    #[test]
    fn numbers_begin_with_the_group_and_rows_are_sorted() {
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
    fn every_row_has_a_finding_a_reason_and_a_fix() {
        for code in all() {
            let named = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(code.name.chars().all(named), "{code:?}");
            assert!(
                !code.title.en().ends_with('.') && !code.title.is_empty(),
                "{code:?}"
            );
            for text in [&code.found, &code.reason, &code.fix] {
                let text = text.en();
                assert!(text.len() > 10, "{code:?} is too short: {text:?}");
                assert!(
                    text.ends_with('.'),
                    "{code:?} ends without a full stop: {text:?}"
                );
            }
            assert!(
                !code.bad_example.is_empty() && !code.good_example.is_empty(),
                "{code:?} has no example"
            );
            assert_ne!(code.bad_example, code.good_example, "{code:?}");
        }
    }

    #[test]
    fn advice_is_the_first_sentence_of_the_fix_in_both_languages() {
        let advice = SERVICE_NAME.advice();
        assert!(advice.en().starts_with("set another `name`; without"));
        assert!(!advice.en().ends_with('.'));
        assert!(advice.get(Lang::Zh).starts_with("设置其他 `name`；"));
        assert!(!advice.get(Lang::Zh).contains('。'));
        for (sentence, expected) in [
            ("Remove it", "remove it"),
            ("A list of them", "a list of them"),
            ("EIP and disk", "EIP and disk"),
            ("CTyun refuses it", "CTyun refuses it"),
            ("`eci apply` again", "`eci apply` again"),
        ] {
            assert_eq!(uncapitalized(sentence), expected);
        }
    }

    #[test]
    fn a_code_is_found_by_number_and_by_name_in_any_case() {
        assert_eq!(find("e0202"), Some(UNKNOWN_KEY));
        assert_eq!(find("Unknown-Key"), Some(UNKNOWN_KEY));
        assert_eq!(find("E9999"), None);
    }
}
