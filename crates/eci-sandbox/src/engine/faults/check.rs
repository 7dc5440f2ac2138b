//! The rules that a fault rule must follow.

use std::iter;

use eci_text::{List, Text, text};

use super::{Fault, Rule};
use crate::model::operation::ApiOperation;

/// A requirement that a fault rule does not meet.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RuleProblem {
    /// The requirement.
    pub message: Text,
    /// The remedy, where the message does not imply it.
    pub help: Option<Text>,
}

impl RuleProblem {
    fn of(message: Text) -> Box<RuleProblem> {
        Box::new(RuleProblem {
            message,
            help: None,
        })
    }
}

impl Rule {
    /// Checks that the rule can ever have an effect, and that its keys fit each other.
    pub(super) fn check(&self) -> Result<(), Box<RuleProblem>> {
        self.check_operation()?;
        self.check_details()?;
        self.check_choice()
    }

    fn check_operation(&self) -> Result<(), Box<RuleProblem>> {
        let known = ApiOperation::named(&self.operation);
        if self.operation != "*" && known.is_none() {
            let known = ApiOperation::ALL.iter().map(|known| known.name());
            let supported = iter::once("*").chain(known);
            let message = text!(
                en: "unknown operation `{name}`",
                zh: "未知操作 `{name}`",
                name = self.operation,
            );
            let help = text!(
                en: "supported operations: {all}",
                zh: "支持的操作：{all}",
                all = List::and(supported.map(|name| format!("`{name}`"))),
            );
            return Err(Box::new(RuleProblem {
                message,
                help: Some(help),
            }));
        }
        let name = &self.operation;
        if self.fault.is_some_and(Fault::is_of_order) && known.is_some_and(|known| !known.orders())
        {
            return Err(RuleProblem::of(text!(
                en: "`{name}` does not place an order",
                zh: "`{name}` 不提交订单",
                name = name,
            )));
        }
        if self.fault == Some(Fault::Stale) && !self.describes() {
            return Err(RuleProblem::of(text!(
                en: "`{name}` does not describe container groups",
                zh: "`{name}` 不查询容器组",
                name = name,
            )));
        }
        if self.fault.is_some_and(Fault::is_of_list) && known.is_some_and(|known| !known.lists()) {
            return Err(RuleProblem::of(text!(
                en: "`{name}` does not list resources",
                zh: "`{name}` 不返回资源列表",
                name = name,
            )));
        }
        Ok(())
    }

    /// Checks the keys that belong to some faults only.
    fn check_details(&self) -> Result<(), Box<RuleProblem>> {
        let takes_time = matches!(
            self.fault,
            Some(Fault::SlowOrder | Fault::UnseenOrder | Fault::StaleList)
        );
        if self.takes.is_some() && !takes_time {
            return Err(RuleProblem::of(text!(
                en: "`takes` conflicts with any fault other than `slow_order`, `unseen_order`, and `stale_list`",
                zh: "`takes` 只能与故障 `slow_order`、`unseen_order` 或 `stale_list` 同时设置",
            )));
        }
        let is_refused = matches!(self.fault, Some(Fault::RefusedBefore | Fault::RefusedAfter));
        if is_refused && !self.code.is_some_and(|code| (400..600).contains(&code)) {
            return Err(RuleProblem::of(text!(
                en: "with `refused_before` and `refused_after`, `code` must be an integer from 400 to 599",
                zh: "故障为 `refused_before` 或 `refused_after` 时，`code` 必须是 400 到 599 之间的整数",
            )));
        }
        if !is_refused && self.code.is_some() {
            return Err(RuleProblem::of(text!(
                en: "`code` conflicts with any fault other than `refused_before` and `refused_after`",
                zh: "`code` 只能与故障 `refused_before` 或 `refused_after` 同时设置",
            )));
        }
        if self.retry_after.is_some() && self.fault != Some(Fault::TooManyRequests) {
            return Err(RuleProblem::of(text!(
                en: "`retry_after` conflicts with any fault other than `too_many_requests`",
                zh: "`retry_after` 只能与故障 `too_many_requests` 同时设置",
            )));
        }
        if self.fault.is_none() && self.latency.is_none() {
            return Err(RuleProblem::of(text!(
                en: "missing `fault` or `latency`",
                zh: "缺少 `fault` 或 `latency`",
            )));
        }
        Ok(())
    }

    /// Checks the keys that select calls.
    fn check_choice(&self) -> Result<(), Box<RuleProblem>> {
        let choices = [
            self.nth.is_some(),
            self.every.is_some(),
            self.always == Some(true),
        ];
        if choices.iter().filter(|given| **given).count() > 1 {
            return Err(RuleProblem::of(text!(
                en: "`nth`, `every`, and `always` conflict with each other",
                zh: "`nth`、`every` 和 `always` 不能同时设置",
            )));
        }
        if self.always == Some(false) {
            return Err(RuleProblem::of(text!(
                en: "`always` must not be `false`",
                zh: "`always` 不能为 `false`",
            )));
        }
        for (name, count) in [("nth", self.nth), ("every", self.every)] {
            if count == Some(0) {
                return Err(RuleProblem::of(text!(
                    en: "`{name}` must be at least 1",
                    zh: "`{name}` 必须至少为 1",
                    name = name,
                )));
            }
        }
        Ok(())
    }
}
