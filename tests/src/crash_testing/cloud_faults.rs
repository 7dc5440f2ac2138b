//! Faults of a cloud.

use std::time::Duration;

use eci_sandbox::{Fault, Rule};
use fastrand::Rng;

/// The calls that can fail at random, besides those that order.
const OPERATIONS: [&str; 13] = [
    "createContainerGroup",
    "updateContainerGroup",
    "deleteContainerGroup",
    "resizeContainerGroupVolume",
    "describeContainerGroup",
    "describeContainerGroups",
    "eip/show",
    "eip/new-list",
    "eip/change-name",
    "ebs/info-ebs",
    "ebs/list-ebs",
    "ebs/update-attr-ebs",
    "ecs/order/query-uuid",
];

/// The calls that place orders.
const ORDERS: [&str; 6] = [
    "eip/create",
    "eip/modify-spec",
    "eip/delete",
    "ebs/new-ebs",
    "ebs/resize-ebs",
    "ebs/refund-ebs",
];

/// The calls that list.
const LISTS: [&str; 3] = ["describeContainerGroups", "eip/new-list", "ebs/list-ebs"];

/// The statuses that calls are refused with although they were done.
const CODES: [u16; 12] = [400, 401, 403, 404, 405, 408, 422, 425, 429, 499, 500, 503];

/// Faults of calls at random: all that end by themselves.
const FAULTS: [Fault; 6] = [
    Fault::TooManyRequests,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::CutBefore,
    Fault::CutAfter,
    Fault::Html,
];

/// The random faults of orders.
const ORDER_FAULTS: [Fault; 5] = [
    Fault::FailedOrder,
    Fault::SlowOrder,
    Fault::EmptyOrder,
    Fault::UnseenOrder,
    Fault::OrderInProgress,
];

/// For how many calls of each operation it is known whether they fail.
const CALLS: u64 = 200;

/// The time that a slow order takes, and for which a created object is not visible: much less than the
/// timeouts.
const LATE: Duration = Duration::from_millis(200);

/// Latencies that add up to anything between nothing and 50 ms.
pub(super) fn latencies() -> [Rule; 3] {
    [(2, 10), (3, 15), (5, 25)].map(|(every, latency)| {
        let mut rule = Rule::new("*", Fault::Hang);
        rule.fault = None;
        rule.every = Some(every);
        rule.latency = Some(Duration::from_millis(latency));
        rule
    })
}

/// One list in five lacks a row or is out of date, and one changing call in five is refused after
/// it took effect. One order in five is sent twice.
pub(super) fn lies(random: &mut Rng, scale: f64) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut for_one_in_five = |operation: &'static str, rule: &mut dyn FnMut(&mut Rng) -> Rule| {
        for nth in 1..=CALLS {
            if random.u8(..5) == 0 {
                let rule = rule(random).nth(nth);
                rules.push(Rule {
                    operation: operation.to_owned(),
                    ..rule
                });
            }
        }
    };
    for operation in LISTS {
        for_one_in_five(operation, &mut |random| {
            if random.bool() {
                Rule::new(operation, Fault::MissingRow)
            } else {
                Rule::new(operation, Fault::StaleList).takes(LATE.mul_f64(scale))
            }
        });
    }
    for operation in ORDERS
        .iter()
        .chain(&["createContainerGroup", "deleteContainerGroup"])
    {
        for_one_in_five(operation, &mut |random| {
            Rule::refused_after(*operation, CODES[random.usize(..CODES.len())])
        });
    }
    for operation in ORDERS {
        for_one_in_five(operation, &mut |_| Rule::new(operation, Fault::Duplicated));
    }
    rules
}

/// One call in five fails, in one way or another, and one order in five goes some other way
/// than the best. Virtual time goes `scale` times as fast as the clock.
pub(super) fn failures(random: &mut Rng, scale: f64) -> Vec<Rule> {
    let mut rules = Vec::new();
    for operation in OPERATIONS.iter().chain(&ORDERS) {
        for nth in 1..=CALLS {
            if random.u8(..5) > 0 {
                continue;
            }
            let fault = FAULTS[random.usize(..FAULTS.len())];
            let mut rule = Rule::new(*operation, fault).nth(nth);
            rule.retry_after = (fault == Fault::TooManyRequests).then_some(0);
            rules.push(rule);
        }
    }
    for operation in ORDERS {
        for nth in 1..=CALLS {
            if random.u8(..5) > 0 {
                continue;
            }
            let fault = ORDER_FAULTS[random.usize(..ORDER_FAULTS.len())];
            let mut rule = Rule::new(operation, fault).nth(nth);
            if matches!(fault, Fault::SlowOrder | Fault::UnseenOrder) {
                rule = rule.takes(LATE.mul_f64(scale));
            }
            rules.push(rule);
        }
    }
    rules
}
