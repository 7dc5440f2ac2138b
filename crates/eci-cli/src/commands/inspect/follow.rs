//! A log that grows, asked for again and again: no line is told twice, and none is left out.

use jiff::Timestamp;

/// Lines are asked for from so many seconds before the last one on: the cloud may compare whole
/// seconds, and leave out those that are equal.
const MARGIN: i64 = 1;

/// Whether the last lines of a log, of which so many were asked for, hold all those that will
/// be given again: only then the end of what was told is the beginning of what is given next.
pub(super) fn reaches_back(content: &str, asked: i64) -> bool {
    let count = i64::try_from(content.lines().count()).unwrap_or(i64::MAX);
    let mut seconds = content.lines().filter_map(second);
    let first = seconds.next();
    let last = seconds.next_back().or(first);
    count < asked
        || first
            .zip(last)
            .is_some_and(|(first, last)| first < last - MARGIN)
}

/// What of a log was told already.
///
/// The cloud is asked for lines with their times, from shortly before the last one on, and
/// gives some lines again. Which these are is found by comparing: the end of what was told is
/// the beginning of what is given. Only the first answer may begin later than one that comes
/// after it, where it was asked for by its age.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The lines that may be given again.
    end: Vec<String>,
    /// From when on to ask, in seconds since 1970; none before the first line with a time.
    since: Option<i64>,
    /// A last line that had no end when it was last given.
    unfinished: Option<String>,
    /// Whether lines that were not asked for at first stand before the lines that were told.
    begins_within: bool,
}

impl Told {
    /// Nothing is told; the first answer will leave out lines that are older than some age.
    pub(super) fn from_an_age() -> Told {
        Told {
            begins_within: true,
            ..Told::default()
        }
    }

    /// From when on to ask.
    pub(super) fn start_time(&self) -> Option<String> {
        let since = Timestamp::from_second(self.since?).ok()?;
        Some(since.to_string())
    }

    /// The lines that were not told yet; they count as told from now on. A last line without
    /// an end is kept back until it has one, or is given once more as it is, or `is_over`.
    pub(super) fn news(&mut self, content: &str, is_over: bool) -> Vec<String> {
        let mut lines: Vec<&str> = content.split_inclusive('\n').collect();
        let unfinished = lines.last().copied().filter(|last| !last.ends_with('\n'));
        let is_waited_for = |line: &str| {
            let last_told = self.end.last().map(String::as_str);
            !is_over && self.unfinished.as_deref() != Some(line) && last_told != Some(line)
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

    /// How many of the lines were told: the longest end of what was told that they begin with.
    fn repeated(&self, lines: &[&str]) -> usize {
        let most = self.end.len().min(lines.len());
        let agrees = |count: &usize| {
            let end = &self.end[self.end.len() - count..];
            end.iter().zip(lines).all(|(told, line)| told == line)
        };
        (0..=most).rev().find(agrees).unwrap_or(0)
    }

    /// How many lines there are up to the end of those that were told, which stand somewhere
    /// among them; the lines before them count as told from now on.
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

/// The second of the time in front of a line.
fn second(line: &str) -> Option<i64> {
    let (time, _) = split(line)?;
    Some(time.as_second())
}

/// The time in front of a line, and the line.
fn split(line: &str) -> Option<(Timestamp, &str)> {
    let (time, text) = line.split_once(' ').unwrap_or((line, ""));
    Some((time.parse().ok()?, text))
}

/// The line without the time in front of it, if there is one.
pub(super) fn without_time(line: &str) -> &str {
    split(line).map_or(line, |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: usize, text: &str) -> String {
        format!("2026-01-01T00:00:{second:02}Z {text}\n")
    }

    /// What a cloud with this log gives: lines from a time on, that time included or not.
    fn given(log: &[(usize, &str)], told: &Told, inclusive: bool) -> String {
        let start = told.start_time();
        let lines = log.iter().map(|(second, text)| line(*second, text));
        let wanted = |line: &String| {
            let time = line.split(' ').next();
            match (&start, inclusive) {
                (None, _) => true,
                (Some(start), true) => time >= Some(start.as_str()),
                (Some(start), false) => time > Some(start.as_str()),
            }
        };
        lines.filter(wanted).collect()
    }

    #[test]
    fn every_line_is_told_once_however_the_log_is_cut_into_looks() {
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
                let mut told = Told::default();
                let mut all = Vec::new();
                for there in 1..=log.len() {
                    let is_look = there == log.len() || looks & (1 << (there - 1)) != 0;
                    if is_look {
                        all.extend(told.news(&given(&log[..there], &told, inclusive), false));
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
    fn the_log_of_a_new_run_is_told_from_its_beginning() {
        let mut told = Told::default();
        told.news(&(line(1, "start") + &line(2, "end")), false);
        let next = line(2, "start") + &line(3, "on");
        assert_eq!(told.news(&next, false).len(), 2);
    }

    #[test]
    fn a_line_without_an_end_is_told_when_it_has_one_or_stays_as_it_is() {
        let mut told = Told::default();
        let first = line(1, "whole");
        let half = "2026-01-01T00:00:01Z ha";
        assert_eq!(told.news(&format!("{first}{half}"), false).len(), 1);
        let news = told.news(&format!("{first}{half}lf\n"), false);
        assert_eq!(news, ["2026-01-01T00:00:01Z half"]);
        let given = format!("{first}{half}lf\n{half}");
        assert!(told.news(&given, false).is_empty());
        assert_eq!(told.news(&given, false), [half]);
        assert!(told.news(&given, false).is_empty());
        let mut over = Told::default();
        assert_eq!(over.news(half, true), [half]);
    }

    #[test]
    fn lines_older_than_the_first_answer_are_not_told_with_the_second() {
        let mut told = Told::from_an_age();
        let (old, first) = (line(1, "old"), line(1, "a") + &line(1, "b"));
        assert_eq!(told.news(&first, false).len(), 2);
        assert!(told.news(&format!("{old}{first}"), false).is_empty());
        let next = line(1, "c");
        let news = told.news(&format!("{old}{first}{next}"), false);
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
    fn lines_without_times_are_told_once_too() {
        let mut told = Told::default();
        assert_eq!(told.news("a\nb\n", false), ["a", "b"]);
        assert_eq!(told.start_time(), None);
        assert_eq!(told.news("a\nb\nb\n", false), ["b"]);
    }

    #[test]
    fn times_are_told_apart_from_what_follows_them() {
        assert_eq!(without_time("2026-01-01T00:00:01.123456789Z a b"), "a b");
        assert_eq!(without_time("2026-01-01T00:00:01Z"), "");
        assert_eq!(without_time("no time"), "no time");
    }
}
