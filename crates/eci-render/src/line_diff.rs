//! Lines of a text that differ from those of another one.

use std::collections::HashMap;

use similar::algorithms::{Capture, Compact, Replace, myers};
use similar::{ChangeTag, DiffOp, DiffableStr as _, group_diff_ops};

/// The difference between two texts, line by line.
pub(crate) struct LineDiff<'a> {
    old: Vec<&'a str>,
    new: Vec<&'a str>,
    operations: Vec<DiffOp>,
}

/// Lines that differ, with some around them.
pub(crate) type Hunk = Vec<DiffOp>;

impl<'a> LineDiff<'a> {
    /// Compares two texts.
    ///
    /// `similar::TextDiff` would do the same, and brings every algorithm of that crate into the
    /// program, several times over.
    pub(crate) fn new(old: &'a str, new: &'a str) -> LineDiff<'a> {
        let (old, new) = (old.tokenize_lines(), new.tokenize_lines());
        let mut numbers = HashMap::new();
        let mut numbered = |lines: &[&'a str]| -> Vec<usize> {
            let lines = lines.iter().copied();
            lines
                .map(|line| {
                    let next = numbers.len();
                    *numbers.entry(line).or_insert(next)
                })
                .collect()
        };
        let (before, after) = (numbered(&old), numbered(&new));
        let (before, after) = (&before[..], &after[..]);
        let mut hook = Compact::new(Replace::new(Capture::new()), before, after);
        // Nothing that only takes notes fails.
        let Ok(()) = myers::diff(&mut hook, before, 0..before.len(), after, 0..after.len());
        LineDiff {
            old,
            new,
            operations: hook.into_inner().into_inner().into_ops(),
        }
    }

    /// Returns the same difference with these texts in place of the compared ones.
    ///
    /// They have the same numbers of lines; other texts are ignored.
    pub(crate) fn shown_as(self, old: &'a str, new: &'a str) -> LineDiff<'a> {
        let (old, new) = (old.tokenize_lines(), new.tokenize_lines());
        if (old.len(), new.len()) != (self.old.len(), self.new.len()) {
            return self;
        }
        LineDiff { old, new, ..self }
    }

    /// Returns the differences, each with `context` lines around it.
    pub(crate) fn hunks(&self, context: usize) -> Vec<Hunk> {
        let mut hunks = group_diff_ops(self.operations.clone(), context);
        hunks.retain(|hunk| !hunk.is_empty());
        hunks
    }

    /// Returns the lines of a hunk, each with its end.
    ///
    /// An equal line is that of the new text.
    pub(crate) fn lines(&self, hunk: &Hunk) -> impl Iterator<Item = (ChangeTag, &'a str)> {
        let changes = hunk
            .iter()
            .flat_map(|operation| operation.iter_changes(&self.old[..], &self.new[..]));
        changes.map(|change| {
            let equal = change
                .new_index()
                .filter(|_| change.tag() == ChangeTag::Equal);
            let line = equal.and_then(|at| self.new.get(at).copied());
            (change.tag(), line.unwrap_or(change.value()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let diff = LineDiff::new(old, new);
        let mut text = String::new();
        for hunk in diff.hunks(1) {
            text.push_str("@\n");
            for (tag, line) in diff.lines(&hunk) {
                text.push_str(&format!("{tag}{line}"));
            }
        }
        text
    }

    #[test]
    fn differing_lines_are_shown_with_their_context() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let new = "a\nB\nc\nd\ne\nf\nG\nh\n";
        assert_eq!(shown(old, new), "@\n a\n-b\n+B\n c\n@\n f\n-g\n+G\n h\n");
        assert_eq!(shown(old, old), "");
        assert_eq!(shown("", "a\r\nb"), "@\n+a\r\n+b");
    }

    #[test]
    fn lines_whose_alignment_alone_differs_are_not_changes() {
        let diff = LineDiff::new("a = 1\nb = 2\n", "a = 1\nb = 2\nlong = 3\n");
        let diff = diff.shown_as("a = 1\nb = 2\n", "a    = 1\nb    = 2\nlong = 3\n");
        let hunks = diff.hunks(3);
        let lines = diff
            .lines(&hunks[0])
            .map(|(tag, line)| format!("{tag}{line}"));
        assert_eq!(
            lines.collect::<String>(),
            " a    = 1\n b    = 2\n+long = 3\n"
        );
    }

    #[test]
    fn it_is_what_the_whole_library_finds() {
        let words = ["a\n", "b\n", "c\n", "\n", "d\r\n"];
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..300 {
            let mut text = || -> String {
                let lines = random.usize(..130);
                (0..lines)
                    .map(|_| words[random.usize(..words.len())])
                    .collect()
            };
            let (old, new) = (text(), text());
            let expected = similar::TextDiff::from_lines(&old, &new);
            assert_eq!(LineDiff::new(&old, &new).operations, expected.ops());
        }
    }
}
