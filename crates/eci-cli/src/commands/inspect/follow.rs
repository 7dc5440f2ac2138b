//! A growing log, read repeatedly: no line is printed twice, and none is left out.

use jiff::Timestamp;

/// Lines are requested from this number of seconds before the last one on: the cloud may compare whole
/// seconds, and leave out those that are equal.
const MARGIN: i64 = 1;

/// Returns whether the last `requested` lines of a log contain all those that will
/// be returned again: only then the end of the printed lines is the beginning of the next answer.
pub(super) fn reaches_back(content: &str, requested: i64) -> bool {
    let count = i64::try_from(content.lines().count()).unwrap_or(i64::MAX);
    let mut seconds = content.lines().filter_map(second);
    let first = seconds.next();
    let last = seconds.next_back().or(first);
    count < requested
        || first
            .zip(last)
            .is_some_and(|(first, last)| first < last - MARGIN)
}

/// The lines of a log that were printed already.
///
/// Lines are requested with their times, from shortly before the last one on, and the cloud
/// returns some lines again. Which these are is found by comparing: the end of the printed lines is
/// the beginning of the answer. Only the first answer may begin later than one that comes
/// after it, where it was requested by age.
#[derive(Debug, Default)]
pub(super) struct PrintedLines {
    /// The lines that may be given again.
    end: Vec<String>,
    /// From when on to ask, in seconds since 1970; none before the first line with a time.
    since: Option<i64>,
    /// A last line that had no end when it was last given.
    unfinished: Option<String>,
    /// Whether lines that were not requested at first precede the printed lines.
    begins_within: bool,
}

/// Whether more will be written to a log.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Growth {
    MayGrow,
    Complete,
}

impl PrintedLines {
    /// Creates the state before the first answer, which will leave out lines that are older than
    /// some age.
    pub(super) fn from_an_age() -> PrintedLines {
        PrintedLines {
            begins_within: true,
            ..PrintedLines::default()
        }
    }

    /// Returns the time from which on lines are requested.
    pub(super) fn start_time(&self) -> Option<String> {
        let since = Timestamp::from_second(self.since?).ok()?;
        Some(since.to_string())
    }

    /// Returns the lines that were not printed yet; they count as printed from now on.
    ///
    /// A last line without an end is kept back until it has one, or is returned once more unchanged.
    pub(super) fn news(&mut self, content: &str) -> Vec<String> {
        self.read(content, Growth::MayGrow)
    }

    /// Returns the lines that were not printed yet of a log that does not grow any more.
    pub(super) fn last_news(&mut self, content: &str) -> Vec<String> {
        self.read(content, Growth::Complete)
    }

    fn read(&mut self, content: &str, growth: Growth) -> Vec<String> {
        let mut lines: Vec<&str> = content.split_inclusive('\n').collect();
        let unfinished = lines.last().copied().filter(|last| !last.ends_with('\n'));
        let is_waited_for = |line: &str| {
            let last_printed = self.end.last().map(String::as_str);
            growth == Growth::MayGrow
                && self.unfinished.as_deref() != Some(line)
                && last_printed != Some(line)
        };
        match unfinished.filter(|line| is_waited_for(line)) {
            Some(line) => {
                self.unfinished = Some(line.to_owned());
                lines.pop();
            }
            None => self.unfinished = None,
        }
        let lines: Vec<&str> = lines
            .iter()
            .map(|line| line.strip_suffix('\n').unwrap_or(line))
            .collect();
        let repeated = match self.repeated(&lines) {
            0 if self.begins_within => self.place_within(&lines),
            repeated => repeated,
        };
        let news: Vec<String> = lines[repeated..]
            .iter()
            .map(|line| (*line).to_owned())
            .collect();
        self.remember(&news);
        news
    }

    /// Returns how many of the lines were printed: the longest end of the printed lines that they begin with.
    fn repeated(&self, lines: &[&str]) -> usize {
        let most = self.end.len().min(lines.len());
        let agrees = |count: &usize| {
            let end = &self.end[self.end.len() - count..];
            end.iter().zip(lines).all(|(printed, line)| printed == line)
        };
        (0..=most).rev().find(agrees).unwrap_or(0)
    }

    /// Returns the number of lines up to the end of the printed ones, which are somewhere
    /// among them; the lines before them count as printed from now on.
    fn place_within(&mut self, lines: &[&str]) -> usize {
        let count = self.end.len();
        if count == 0 || count > lines.len() {
            return 0;
        }
        let found = lines.windows(count).position(|window| self.end == window);
        let Some(before) = found else {
            return 0;
        };
        self.begins_within = false;
        let earlier = lines[..before].iter().map(|line| (*line).to_owned());
        self.end.splice(..0, earlier);
        before + count
    }

    fn remember(&mut self, news: &[String]) {
        self.end.extend_from_slice(news);
        let Some(last) = self.end.iter().rev().find_map(|line| second(line)) else {
            return;
        };
        let since = last - MARGIN;
        self.since = Some(since);
        let mut at = None;
        self.end.retain(|line| {
            // What has no time belongs to the line before it.
            at = second(line).or(at);
            at.is_some_and(|at| at >= since)
        });
    }
}

/// Returns the second of the time in front of a line.
fn second(line: &str) -> Option<i64> {
    let (time, _) = split(line)?;
    Some(time.as_second())
}

/// Splits a line into the time in front of it and the rest.
fn split(line: &str) -> Option<(Timestamp, &str)> {
    let (time, text) = line.split_once(' ').unwrap_or((line, ""));
    Some((time.parse().ok()?, text))
}

/// Returns the line without the time in front of it, if there is one.
pub(super) fn without_time(line: &str) -> &str {
    split(line).map_or(line, |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: usize, text: &str) -> String {
        format!("2026-01-01T00:00:{second:02}Z {text}\n")
    }

    /// Returns the answer of a cloud with this log: lines from a time on, that time included or
    /// not.
    fn given(log: &[(usize, &str)], printed: &PrintedLines, inclusive: bool) -> String {
        let start = printed.start_time();
        let lines = log.iter().map(|(second, text)| line(*second, text));
        let is_requested = |line: &String| {
            let time = line.split(' ').next();
            match (&start, inclusive) {
                (None, _) => true,
                (Some(start), true) => time >= Some(start.as_str()),
                (Some(start), false) => time > Some(start.as_str()),
            }
        };
        lines.filter(is_requested).collect()
    }

    #[test]
    fn every_line_is_printed_once_however_the_log_is_split_into_reads() {
        let log = [
            (1, "a"),
            (1, "a"),
            (1, "b"),
            (2, "a"),
            (2, "a"),
            (2, "a"),
            (7, ""),
            (7, "a"),
            (8, "c"),
        ];
        for inclusive in [true, false] {
            for looks in 0..1 << (log.len() - 1) {
                let mut printed = PrintedLines::default();
                let mut all = Vec::new();
                for there in 1..=log.len() {
                    let is_look = there == log.len() || looks & (1 << (there - 1)) != 0;
                    if is_look {
                        all.extend(printed.news(&given(&log[..there], &printed, inclusive)));
                    }
                }
                let expected: Vec<String> = log
                    .iter()
                    .map(|(second, text)| line(*second, text).trim_end_matches('\n').to_owned())
                    .collect();
                assert_eq!(all, expected, "looks {looks:b}, inclusive {inclusive}");
            }
        }
    }

    #[test]
    fn the_log_of_a_new_run_is_printed_from_its_beginning() {
        let mut printed = PrintedLines::default();
        printed.news(&(line(1, "start") + &line(2, "end")));
        let next = line(2, "start") + &line(3, "on");
        assert_eq!(printed.news(&next).len(), 2);
    }

    #[test]
    fn a_line_without_an_end_is_printed_once_it_has_one_or_does_not_change() {
        let mut printed = PrintedLines::default();
        let first = line(1, "whole");
        let half = "2026-01-01T00:00:01Z ha";
        assert_eq!(printed.news(&format!("{first}{half}")).len(), 1);
        let news = printed.news(&format!("{first}{half}lf\n"));
        assert_eq!(news, ["2026-01-01T00:00:01Z half"]);
        let given = format!("{first}{half}lf\n{half}");
        assert!(printed.news(&given).is_empty());
        assert_eq!(printed.news(&given), [half]);
        assert!(printed.news(&given).is_empty());
        let mut over = PrintedLines::default();
        assert_eq!(over.last_news(half), [half]);
    }

    #[test]
    fn lines_older_than_the_first_answer_are_not_printed_with_the_second() {
        let mut printed = PrintedLines::from_an_age();
        let (old, first) = (line(1, "old"), line(1, "a") + &line(1, "b"));
        assert_eq!(printed.news(&first).len(), 2);
        assert!(printed.news(&format!("{old}{first}")).is_empty());
        let next = line(1, "c");
        let news = printed.news(&format!("{old}{first}{next}"));
        assert_eq!(news, [next.trim_end()]);
    }

    #[test]
    fn the_last_lines_reach_back_if_they_are_all_or_begin_early_enough() {
        let lines = |seconds: &[usize]| -> String {
            seconds.iter().map(|second| line(*second, "a")).collect()
        };
        assert!(reaches_back("", 1));
        assert!(reaches_back(&lines(&[5, 5]), 3));
        assert!(!reaches_back(&lines(&[5, 5, 5]), 3));
        assert!(!reaches_back(&lines(&[4, 5, 5]), 3));
        assert!(reaches_back(&lines(&[3, 5, 5]), 3));
    }

    #[test]
    fn lines_without_times_are_printed_once_too() {
        let mut printed = PrintedLines::default();
        assert_eq!(printed.news("a\nb\n"), ["a", "b"]);
        assert_eq!(printed.start_time(), None);
        assert_eq!(printed.news("a\nb\nb\n"), ["b"]);
    }

    #[test]
    fn times_are_separated_from_the_text() {
        assert_eq!(without_time("2026-01-01T00:00:01.123456789Z a b"), "a b");
        assert_eq!(without_time("2026-01-01T00:00:01Z"), "");
        assert_eq!(without_time("no time"), "no time");
    }
}
