//! Failures on demand: which calls fail, and how.
//!
//! ```toml
//! [[rule]]
//! operation = "createContainerGroup"
//! nth = 3
//! fault = "cut_after"
//!
//! [[rule]]
//! operation = "*"
//! every = 10
//! fault = "too_many_requests"
//! retry_after = 2
//!
//! [[rule]]
//! operation = "describeContainerGroups"
//! latency = "50ms"
//!
//! [[rule]]
//! operation = "eip/create"
//! fault = "slow_order"
//! takes = "1m"
//! ```
//!
//! Calls that describe container groups can answer with what was before: `fault = "stale"`. Lists can
//! be those of some time ago (`stale_list`) or lack a row (`missing_row`), though their count has it.
//!
//! A call can be done twice (`duplicated`), as by a proxy that repeats it, can be refused with any
//! status (`refused_before`), and can be refused although it was done (`refused_after`).
//!
//! Calls of elastic IPs, disks and orders are named by the end of their path. Those that order
//! can besides be answered well and come to a bad end: the faults whose names end in `_order`.

mod check;
mod span;

use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use eci_text::{In, Lang, Message, Text, messages, text};
use serde::Deserialize;

pub use check::RuleProblem;

use crate::model::OrderBehavior;
use crate::model::operation::ApiOperation;

/// Rules that make calls fail.
///
/// The first rule that fits a call decides about its fault; the latencies of all that fit add up,
/// as does what becomes of its order.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// The rules, in order.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// One rule: which calls, and what happens to them.
///
/// Without `nth`, `every` or `always` it is for all calls of the operation.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The operation as the vendor names it, or `*` for all.
    pub operation: String,
    /// Only this call of the operation, counted from 1 since the rules were set.
    pub nth: Option<u64>,
    /// Only each call whose number is a multiple of this.
    pub every: Option<u64>,
    /// All calls; the default, spelled out.
    pub always: Option<bool>,
    /// The most calls.
    pub times: Option<u64>,
    /// The fault; without one, only the latency.
    pub fault: Option<Fault>,
    /// The virtual time that `slow_order` and `unseen_order` take, or the age of a `stale_list`; 20
    /// seconds where not given.
    #[serde(default, deserialize_with = "span::span")]
    pub takes: Option<Duration>,
    /// The status that `refused_before` and `refused_after` answer with.
    pub code: Option<u16>,
    /// Seconds in the `Retry-After` of `too_many_requests`.
    pub retry_after: Option<u64>,
    /// The time that the call waits before anything else, for example `"50ms"` or `"2s"`.
    #[serde(default, deserialize_with = "span::span")]
    pub latency: Option<Duration>,
}

/// A failure of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// 429 with a `Retry-After`; nothing is done.
    TooManyRequests,
    /// An internal error; nothing is done.
    ErrorBefore,
    /// An internal error, but the call was done.
    ErrorAfter,
    /// No answer, ever; nothing is done.
    Hang,
    /// No answer, ever, but the call was done.
    HangAfter,
    /// The connection is closed without an answer; nothing is done.
    CutBefore,
    /// The connection is closed without an answer, but the call was done.
    CutAfter,
    /// A gateway's 502 page in place of an envelope; nothing is done.
    Html,
    /// The call is refused with the status that `code` gives, of which 429 is an exhausted quota;
    /// nothing is done.
    RefusedBefore,
    /// The call is done and refused, with the status that `code` gives.
    RefusedAfter,
    /// The call is done twice; the second answer is given.
    Duplicated,
    /// A row is missing in the answer of a list, though its count has it.
    MissingRow,
    /// The answer of a list is that of some time ago.
    StaleList,
    /// The answer describes container groups as they were before their latest changes.
    Stale,
    /// The order is accepted and takes longer by a duration.
    SlowOrder,
    /// The order is accepted and fails.
    FailedOrder,
    /// The order is accepted, and the first query that finds it complete does not return its
    /// object.
    EmptyOrder,
    /// The order is accepted, and its object is not visible at once when it is complete.
    UnseenOrder,
    /// The order is accepted, and the answer is that it is in progress, where the call would
    /// answer otherwise.
    OrderInProgress,
}

/// The virtual time that a fault takes by default.
const USUAL_TIME: Duration = Duration::from_secs(20);

impl Fault {
    /// Returns whether the fault is about the answers of lists.
    pub(crate) fn is_of_list(self) -> bool {
        matches!(self, Fault::MissingRow | Fault::StaleList)
    }

    /// Returns whether the fault is about the outcome of an order, and not about the call.
    pub(crate) fn is_of_order(self) -> bool {
        matches!(
            self,
            Fault::SlowOrder
                | Fault::FailedOrder
                | Fault::EmptyOrder
                | Fault::UnseenOrder
                | Fault::OrderInProgress
        )
    }
}

/// An error in rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FaultsError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason.
        cause: io::Error,
    },
    /// The rules are not TOML of this shape.
    NotValid {
        /// The file, if the rules are from one.
        path: Option<PathBuf>,
        /// The reason, with line and column.
        cause: Box<toml::de::Error>,
    },
    /// A rule contradicts itself or names what does not exist.
    Rule {
        /// The file, if the rules are from one.
        path: Option<PathBuf>,
        /// The rule, the first being 1.
        number: usize,
        /// The requirement that the rule does not meet.
        problem: Box<RuleProblem>,
    },
}

messages! { FaultsError:
    FaultsError::Unreadable { path, cause } =>
        en("failed to read the fault rules `{}`: {cause}", path.display()),
        zh("读取故障规则 `{}` 失败：{}", path.display(), In(cause, Lang::Zh));
    FaultsError::NotValid { path: Some(path), cause } =>
        en("invalid fault rules in `{}`: {cause}", path.display()),
        zh("`{}` 中的故障规则无效：{cause}", path.display());
    FaultsError::NotValid { path: None, cause } =>
        en("invalid fault rules: {cause}"),
        zh("故障规则无效：{cause}");
    FaultsError::Rule { path: Some(path), number, problem } =>
        en("invalid fault rule {number} in `{}`: {}", path.display(), problem.message),
        zh("`{}` 中的第 {number} 条故障规则无效：{}", path.display(), In(&problem.message, Lang::Zh));
    FaultsError::Rule { path: None, number, problem } =>
        en("invalid fault rule {number}: {}", problem.message),
        zh("第 {number} 条故障规则无效：{}", In(&problem.message, Lang::Zh));
}

impl FaultsError {
    /// Returns the remedy, if there is one.
    pub fn help(&self) -> Option<Text> {
        match self {
            FaultsError::Unreadable { path, .. } => Some(text!(
                en: "check that `{path}` is a readable file",
                zh: "检查 `{path}` 是否为可读取的文件",
                path = path.display(),
            )),
            FaultsError::Rule { problem, .. } => problem.help.clone(),
            FaultsError::NotValid { .. } => None,
        }
    }
}

impl Faults {
    /// Reads a file of rules.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not a file of rules; keys that are not known are errors.
    pub fn read(path: &Path) -> Result<Faults, FaultsError> {
        let unreadable = |cause| FaultsError::Unreadable {
            path: path.to_owned(),
            cause,
        };
        // Opening a pipe waits for its writer, and a device may never end.
        if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
            let message = Message::new(text!(en: "it is not a file", zh: "不是文件"));
            return Err(unreadable(io::Error::other(message)));
        }
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Faults::parse(Some(path), &text)
    }

    fn parse(path: Option<&Path>, text: &str) -> Result<Faults, FaultsError> {
        let faults: Faults = toml::from_str(text).map_err(|cause| FaultsError::NotValid {
            path: path.map(Path::to_owned),
            cause: Box::new(cause),
        })?;
        faults.check_at(path)?;
        Ok(faults)
    }

    /// Returns the age of the oldest lists that these rules answer with; `None` without such rules.
    pub(crate) fn oldest_list(&self) -> Option<Duration> {
        let stale = self.rules.iter();
        let stale = stale.filter(|rule| rule.fault == Some(Fault::StaleList));
        stale.map(|rule| rule.takes.unwrap_or(USUAL_TIME)).max()
    }

    /// Checks whether every rule is consistent.
    pub(crate) fn check(&self) -> Result<(), FaultsError> {
        self.check_at(None)
    }

    fn check_at(&self, path: Option<&Path>) -> Result<(), FaultsError> {
        for (at, rule) in self.rules.iter().enumerate() {
            rule.check().map_err(|problem| FaultsError::Rule {
                path: path.map(Path::to_owned),
                number: at + 1,
                problem,
            })?;
        }
        Ok(())
    }
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Faults::parse(None, text)
    }
}

impl Rule {
    /// Creates a rule for all calls of `operation`.
    pub fn new(operation: impl Into<String>, fault: Fault) -> Rule {
        Rule {
            operation: operation.into(),
            nth: None,
            every: None,
            always: None,
            times: None,
            fault: Some(fault),
            takes: None,
            code: None,
            retry_after: None,
            latency: None,
        }
    }

    /// Creates a rule that all calls of `operation` are refused with a status, and not performed.
    pub fn refused_before(operation: impl Into<String>, code: u16) -> Rule {
        Rule {
            code: Some(code),
            ..Rule::new(operation, Fault::RefusedBefore)
        }
    }

    /// Creates a rule that all calls of `operation` are performed and then refused with a status.
    pub fn refused_after(operation: impl Into<String>, code: u16) -> Rule {
        Rule {
            code: Some(code),
            ..Rule::new(operation, Fault::RefusedAfter)
        }
    }

    /// Makes the calls take so much virtual time.
    #[must_use]
    pub fn takes(mut self, time: Duration) -> Rule {
        self.takes = Some(time);
        self
    }

    /// Limits the rule to the `nth` call, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Rule {
        self.nth = Some(nth);
        self
    }

    /// Limits the number of calls of the rule.
    #[must_use]
    pub fn times(mut self, times: u64) -> Rule {
        self.times = Some(times);
        self
    }

    fn fits(&self, operation: ApiOperation) -> bool {
        match self.operation.as_str() {
            "*" => match self.fault {
                Some(Fault::Stale) => operation.describes(),
                Some(fault) if fault.is_of_order() => operation.orders(),
                Some(fault) if fault.is_of_list() => operation.lists(),
                _ => true,
            },
            named => named == operation.name(),
        }
    }

    /// Returns whether the rule is for calls that describe container groups.
    fn describes(&self) -> bool {
        ApiOperation::named(&self.operation).is_none_or(ApiOperation::describes)
    }

    /// Applies this rule to an order.
    fn bend(&self, behavior: &mut OrderBehavior) {
        let time = self.takes.unwrap_or(USUAL_TIME);
        match self.fault {
            Some(Fault::SlowOrder) => behavior.delay += time,
            Some(Fault::FailedOrder) => behavior.fails = true,
            Some(Fault::EmptyOrder) => behavior.silent = true,
            Some(Fault::UnseenOrder) => behavior.unseen += time,
            Some(Fault::OrderInProgress) => behavior.in_progress = true,
            _ => {}
        }
    }

    fn chooses(&self, number: u64) -> bool {
        match (self.nth, self.every) {
            (Some(nth), _) => number == nth,
            (None, Some(every)) => every != 0 && number.is_multiple_of(every),
            (None, None) => true,
        }
    }
}

/// The effects of the rules on one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FaultDecision {
    pub(crate) fault: Option<Fault>,
    pub(crate) retry_after: Option<Duration>,
    /// The status of a refusal.
    pub(crate) code: u16,
    /// The distortion of a list.
    pub(crate) lie: ListFault,
    pub(crate) latency: Duration,
    /// The outcome of the order, if the call places one.
    pub(crate) behavior: OrderBehavior,
}

/// The difference between the answer of a list and the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListFault {
    /// So old it is.
    pub(crate) age: Option<Duration>,
    /// A row is missing: that of this number, counted on from the first again behind the last.
    pub(crate) missing: Option<u64>,
}

impl ListFault {
    /// Removes the row that is to be missing.
    pub(crate) fn distort<T>(self, rows: &mut Vec<T>) {
        let missing = self.missing.and_then(|number| usize::try_from(number).ok());
        if let (Some(number), false) = (missing, rows.is_empty()) {
            rows.remove(number % rows.len());
        }
    }
}

/// The active rules, with the number of matching calls and uses of each.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    rules: Vec<(Rule, Counts)>,
}

#[derive(Debug, Default)]
struct Counts {
    calls: u64,
    used: u64,
}

impl FaultPlan {
    pub(crate) fn new(faults: Faults) -> FaultPlan {
        FaultPlan {
            rules: faults
                .rules
                .into_iter()
                .map(|rule| (rule, Counts::default()))
                .collect(),
        }
    }

    /// Counts a call and judges it.
    pub(crate) fn decide(&mut self, operation: ApiOperation) -> FaultDecision {
        let mut decision = FaultDecision::default();
        for (rule, counts) in &mut self.rules {
            if !rule.fits(operation) {
                continue;
            }
            counts.calls += 1;
            let used_up = rule.times.is_some_and(|times| counts.used >= times);
            let of_order = rule.fault.is_some_and(Fault::is_of_order);
            let overruled = rule.fault.is_some() && decision.fault.is_some() && !of_order;
            if used_up || overruled || !rule.chooses(counts.calls) {
                continue;
            }
            counts.used += 1;
            decision.latency += rule.latency.unwrap_or_default();
            if of_order {
                rule.bend(&mut decision.behavior);
            } else if rule.fault.is_some() {
                decision.fault = rule.fault;
                decision.code = rule.code.unwrap_or_default();
                decision.lie = ListFault {
                    age: (rule.fault == Some(Fault::StaleList))
                        .then(|| rule.takes.unwrap_or(USUAL_TIME)),
                    missing: (rule.fault == Some(Fault::MissingRow)).then_some(counts.calls),
                };
                decision.retry_after = Some(Duration::from_secs(rule.retry_after.unwrap_or(1)));
            }
        }
        decision
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
