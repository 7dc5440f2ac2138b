//! What a plan would cost by the month.

use std::collections::BTreeMap;

use eci_executor::Cost;
use eci_executor::cost::{
    CostSide, Decimal, HOURS_A_MONTH, Precision, ResourceCost, RoundingStrategy,
};
use eci_text::{markdown as cell, markdown_code as code};
use serde_json::{Value as Json, json};

use super::block::sign_of;
use super::limits::MOST_ROWS;
use super::words::words;
use crate::Style;
use crate::style::{Part, pad, visible, width};

const HEAD: &str = "Estimated monthly cost:";
const NOTHING: &str = "no priced resources change";
const UNKNOWN: &str = "unknown";
const SUM: &str = "total";
/// So many resources are named whose cost is unknown for the same reason.
const MOST_NAMES: usize = 3;

/// The rows, the sum, and why something is unknown.
pub(super) fn text(cost: &Cost, style: Style) -> String {
    let head = style.paint(Part::Strong, HEAD);
    if cost.resources.is_empty() {
        return format!("{head} {NOTHING}\n");
    }
    let mut rows: Vec<Row> = cost.resources.iter().map(row).collect();
    rows.push(Row {
        sign: ("", Part::Faint),
        name: SUM.to_owned(),
        amount: sum(cost),
    });
    let mut text = format!("{head}\n{}", table(&rows, style));
    for sentence in remarks(cost) {
        for line in style.wrapped(&visible(&sentence), 2) {
            text.push_str(&format!("  {}\n", style.paint(Part::Faint, &line)));
        }
    }
    text
}

struct Row {
    sign: (&'static str, Part),
    name: String,
    amount: String,
}

fn row(resource: &ResourceCost) -> Row {
    Row {
        sign: sign_of(resource.action, resource.create_first),
        name: resource.address.to_string(),
        amount: difference(resource),
    }
}

/// Names and amounts in columns, or below one another where there is no room.
fn table(rows: &[Row], style: Style) -> String {
    let widest = |of: fn(&Row) -> &str| rows.iter().map(|row| width(of(row))).max().unwrap_or(0);
    let names = widest(|row| &row.name);
    let amounts = widest(|row| &row.amount);
    let beside = style.fits(6 + names + 2 + amounts);
    let mut text = String::new();
    for row in rows {
        let (sign, part) = row.sign;
        let sign = style.paint(part, &format!("{sign:>3}"));
        let amount = &row.amount;
        text.push_str(&match beside {
            true => {
                let gap = " ".repeat(amounts - width(amount) + 2);
                format!("  {sign} {}{gap}{amount}\n", pad(&row.name, names))
            }
            false => format!("  {sign} {}\n        {amount}\n", row.name),
        });
    }
    text
}

/// A table of the differences, and their sum before it.
pub(super) fn markdown(cost: &Cost) -> String {
    if cost.resources.is_empty() {
        return format!("**{HEAD}** {NOTHING}\n");
    }
    let mut text = format!(
        "**{HEAD}** {}\n\n| resource | now | then | difference |\n|---|--:|--:|--:|\n",
        sum(cost)
    );
    for resource in cost.resources.iter().take(MOST_ROWS) {
        text.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            code(&resource.address.to_string()),
            cell(&share(&resource.before)),
            cell(&share(&resource.after)),
            cell(&difference(resource)),
        ));
    }
    text.push('\n');
    if cost.resources.len() > MOST_ROWS {
        let rest = cost.resources.len() - MOST_ROWS;
        text.push_str(&format!("… and {rest} more.\n\n"));
    }
    for sentence in remarks(cost) {
        text.push_str(&format!("- {}\n", cell(&sentence)));
    }
    text
}

/// For programs: exact amounts as decimal text, and null where one is not known.
pub(super) fn json(cost: &Cost) -> Json {
    let totals = cost.totals();
    let mut single = totals.iter();
    let (currency, total) = match (single.next(), single.next()) {
        (Some((currency, total)), None) => (Some(*currency), Some(exact(*total))),
        _ => (None, None),
    };
    let amount = |share: &CostSide| match share {
        CostSide::Nothing => Some(exact(Decimal::ZERO)),
        share => share.price().map(|price| exact(price.monthly)),
    };
    let resources = cost.resources.iter().map(|resource| {
        let difference = resource.difference();
        json!({
            "address": resource.address.to_string(),
            "actions": words(resource.action, resource.create_first),
            "currency": difference.map(|(_, currency)| currency),
            "before": amount(&resource.before),
            "after": amount(&resource.after),
            "difference": difference.map(|(amount, _)| exact(amount)),
            "bound": bound_name(resource.bound()),
            "reason": resource.reason(),
        })
    });
    json!({
        "period": "month",
        "hours": HOURS_A_MONTH,
        "currency": currency,
        "resources": resources.collect::<Vec<_>>(),
        "total": total,
        "totals": totals
            .iter()
            .map(|(currency, total)| json!({ "currency": currency, "difference": exact(*total) }))
            .collect::<Vec<_>>(),
        "bound": bound_name(cost.bound()),
        "complete": cost.is_complete(),
    })
}

fn bound_name(bound: Precision) -> &'static str {
    match bound {
        Precision::Exact => "exact",
        Precision::AtLeast => "at_least",
        Precision::AtMost => "at_most",
        Precision::Open => "open",
    }
}

/// One sentence for each reason that something is unknown or not exact.
fn remarks(cost: &Cost) -> Vec<String> {
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for resource in &cost.resources {
        if let Some(reason) = resource.reason() {
            let names = reasons.entry(reason).or_default();
            names.push(resource.address.to_string());
        }
    }
    let mut sentences: Vec<String> = reasons
        .into_iter()
        .map(|(reason, names)| {
            let rest = match names.len().saturating_sub(MOST_NAMES) {
                0 => String::new(),
                rest => format!(" and {rest} more"),
            };
            let named = names[..names.len().min(MOST_NAMES)].join(", ");
            format!("Unknown for {named}{rest}: {reason}.")
        })
        .collect();
    let rounded = |share: &CostSide| share.price().is_some_and(|price| price.at_least);
    let mut resources = cost.resources.iter();
    if resources.any(|resource| rounded(&resource.before) || rounded(&resource.after)) {
        sentences.push(
            "At least: the cloud rounds the sizes of containers up to one that it sells."
                .to_owned(),
        );
    }
    if cost.resources.iter().any(is_priced) {
        sentences.push(format!(
            "Assumed: prices are by the hour, and a month has {HOURS_A_MONTH} hours."
        ));
    }
    sentences
}

fn is_priced(resource: &ResourceCost) -> bool {
    resource.before.price().is_some() || resource.after.price().is_some()
}

fn difference(resource: &ResourceCost) -> String {
    match resource.difference() {
        Some((amount, currency)) => bounded(&signed(amount, currency), resource.bound()),
        None => UNKNOWN.to_owned(),
    }
}

fn share(share: &CostSide) -> String {
    match share {
        CostSide::Nothing => String::new(),
        CostSide::Unknown(_) => UNKNOWN.to_owned(),
        CostSide::Known(price) => {
            let text = format!("{} {}", cents(price.monthly), price.currency);
            bounded(&text, Precision::of(price.at_least, false))
        }
    }
}

fn sum(cost: &Cost) -> String {
    let totals = cost.totals();
    let amounts: Vec<String> = totals
        .iter()
        .map(|(currency, amount)| signed(*amount, currency))
        .collect();
    match amounts.is_empty() {
        true => UNKNOWN.to_owned(),
        false => bounded(&amounts.join(", "), cost.bound()),
    }
}

fn bounded(amount: &str, bound: Precision) -> String {
    match bound {
        Precision::Exact => amount.to_owned(),
        Precision::AtLeast => format!("at least {amount}"),
        Precision::AtMost => format!("at most {amount}"),
        Precision::Open => format!("{amount}, and what is unknown"),
    }
}

/// With its sign, unless it is nothing.
fn signed(amount: Decimal, currency: &str) -> String {
    let amount = cents(amount);
    let sign = match amount.is_zero() || amount.is_sign_negative() {
        true => "",
        false => "+",
    };
    format!("{sign}{amount} {}", visible(currency))
}

/// To the second place; half a cent counts as one.
fn cents(amount: Decimal) -> Decimal {
    let rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let mut cents = match rounded.is_zero() {
        true => Decimal::ZERO,
        false => rounded,
    };
    cents.rescale(2);
    cents
}

/// With all places that it has, and at least two.
fn exact(amount: Decimal) -> String {
    let amount = amount.normalize();
    match amount.scale() < 2 {
        true => cents(amount).to_string(),
        false => amount.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
