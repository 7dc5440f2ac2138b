//! The cost estimate of a plan.

use std::collections::BTreeMap;

use eci_executor::Cost;
use eci_executor::cost::{
    AmountPrecision, CostSide, Decimal, HOURS_A_MONTH, ResourceCost, RoundingStrategy,
};
use eci_text::{Lang, List, Text, markdown as cell, markdown_code as code, say};
use serde_json::{Value as Json, json};

use super::block::sign_of;
use super::limits::{MOST_ROWS, more};
use super::words::words;
use crate::Style;
use crate::style::{TextRole, pad, visible, width};

/// The maximum number of resources that are named whose cost is unknown for the same reason.
const MOST_NAMES: usize = 3;

fn heading(lang: Lang) -> &'static str {
    lang.pick("Estimated monthly cost:", "预估月费用：")
}

fn nothing(lang: Lang) -> &'static str {
    lang.pick("no priced resources change", "计费资源无变更")
}

fn unknown(lang: Lang) -> &'static str {
    lang.pick("unknown", "未知")
}

/// Returns the rows, the sum, and the reasons for unknown amounts.
pub(super) fn text(cost: &Cost, style: Style) -> String {
    let lang = style.lang();
    let head = style.paint(TextRole::Strong, heading(lang));
    if cost.resources.is_empty() {
        return format!("{head}{}{}\n", lang.pick(" ", ""), nothing(lang));
    }
    let rows = cost.resources.iter().map(|resource| row(resource, lang));
    let mut rows: Vec<CostRow> = rows.collect();
    rows.push(CostRow {
        sign: ("", TextRole::Faint),
        name: lang.pick("total", "合计").to_owned(),
        amount: sum(cost, lang),
    });
    let mut text = format!("{head}\n{}", table(&rows, style));
    for sentence in remarks(cost, lang) {
        for line in style.wrapped(&visible(&sentence), 2) {
            text.push_str(&format!("  {}\n", style.paint(TextRole::Faint, &line)));
        }
    }
    text
}

struct CostRow {
    sign: (&'static str, TextRole),
    name: String,
    amount: String,
}

fn row(resource: &ResourceCost, lang: Lang) -> CostRow {
    CostRow {
        sign: sign_of(resource.action, resource.create_before_destroy),
        name: resource.address.to_string(),
        amount: difference(resource, lang),
    }
}

/// Returns names and amounts in columns, or on separate lines where the columns do not fit.
fn table(rows: &[CostRow], style: Style) -> String {
    let widest =
        |of: fn(&CostRow) -> &str| rows.iter().map(|row| width(of(row))).max().unwrap_or(0);
    let names = widest(|row| &row.name);
    let amounts = widest(|row| &row.amount);
    let in_columns = style.fits(6 + names + 2 + amounts);
    let mut text = String::new();
    for row in rows {
        let (sign, part) = row.sign;
        let sign = style.paint(part, &format!("{sign:>3}"));
        let amount = &row.amount;
        text.push_str(&if in_columns {
            let gap = " ".repeat(amounts - width(amount) + 2);
            format!("  {sign} {}{gap}{amount}\n", pad(&row.name, names))
        } else {
            format!("  {sign} {}\n        {amount}\n", row.name)
        });
    }
    text
}

/// Returns the sum, and a table of the differences.
pub(super) fn markdown(cost: &Cost, lang: Lang) -> String {
    let head = heading(lang);
    if cost.resources.is_empty() {
        return format!("**{head}** {}\n", nothing(lang));
    }
    let heads = lang.pick(
        "| resource | current | planned | difference |",
        "| 资源 | 当前 | 变更后 | 差额 |",
    );
    let mut text = format!(
        "**{head}** {}\n\n{heads}\n|---|--:|--:|--:|\n",
        sum(cost, lang)
    );
    for resource in cost.resources.iter().take(MOST_ROWS) {
        text.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            code(&resource.address.to_string()),
            cell(&share(&resource.before, lang)),
            cell(&share(&resource.after, lang)),
            cell(&difference(resource, lang)),
        ));
    }
    text.push('\n');
    if cost.resources.len() > MOST_ROWS {
        text.push_str(&more(cost.resources.len() - MOST_ROWS, lang));
    }
    for sentence in remarks(cost, lang) {
        text.push_str(&format!("- {}\n", cell(&sentence)));
    }
    text
}

/// Returns the cost for programs: exact amounts as decimal strings, and null where one is unknown.
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
            "actions": words(resource.action, resource.create_before_destroy),
            "currency": difference.map(|(_, currency)| currency),
            "before": amount(&resource.before),
            "after": amount(&resource.after),
            "difference": difference.map(|(amount, _)| exact(amount)),
            "bound": bound_name(resource.bound()),
            "reason": resource.reason().as_ref().map(Text::en),
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

fn bound_name(bound: AmountPrecision) -> &'static str {
    match bound {
        AmountPrecision::Exact => "exact",
        AmountPrecision::AtLeast => "at_least",
        AmountPrecision::AtMost => "at_most",
        AmountPrecision::Open => "open",
    }
}

/// Returns one sentence for each reason of an unknown or inexact amount.
fn remarks(cost: &Cost, lang: Lang) -> Vec<String> {
    let mut reasons: BTreeMap<Text, Vec<String>> = BTreeMap::new();
    for resource in &cost.resources {
        if let Some(reason) = resource.reason() {
            let names = reasons.entry(reason).or_default();
            names.push(resource.address.to_string());
        }
    }
    let reasons = reasons.into_iter();
    let mut sentences: Vec<String> = reasons
        .map(|(reason, names)| unknown_for(names, &reason, lang))
        .collect();
    let rounded = |share: &CostSide| share.price().is_some_and(|price| price.at_least);
    let mut resources = cost.resources.iter();
    if resources.any(|resource| rounded(&resource.before) || rounded(&resource.after)) {
        sentences.push(say!(
            lang,
            en: "At least: the cloud rounds the sizes of containers up to those of a flavor.",
            zh: "至少：云端会将容器的规格向上取整到在售规格。",
        ));
    }
    if cost.resources.iter().any(is_priced) {
        sentences.push(say!(
            lang,
            en: "Assumed: prices are per hour, and a month has {hours} hours.",
            zh: "假设：价格按小时计，每月按 {hours} 小时计。",
            hours = HOURS_A_MONTH,
        ));
    }
    sentences
}

fn unknown_for(mut names: Vec<String>, reason: &Text, lang: Lang) -> String {
    let count = names.len();
    names.truncate(MOST_NAMES);
    if count <= MOST_NAMES {
        return say!(
            lang,
            en: "Unknown for {names}: {reason}.",
            zh: "{names} 的费用未知：{reason}。",
            names = List::and(names),
            reason = reason,
        );
    }
    say!(
        lang,
        en: "Unknown for {count} resources, for example {names}: {reason}.",
        zh: "{count} 个资源的费用未知（例如 {names}）：{reason}。",
        count = count,
        names = List::and(names),
        reason = reason,
    )
}

fn is_priced(resource: &ResourceCost) -> bool {
    resource.before.price().is_some() || resource.after.price().is_some()
}

fn difference(resource: &ResourceCost, lang: Lang) -> String {
    match resource.difference() {
        Some((amount, currency)) => {
            bounded(&signed(amount, currency, lang), resource.bound(), lang)
        }
        None => unknown(lang).to_owned(),
    }
}

fn share(share: &CostSide, lang: Lang) -> String {
    match share {
        CostSide::Nothing => String::new(),
        CostSide::Unknown(_) => unknown(lang).to_owned(),
        CostSide::Known(price) => {
            let currency = unit(&price.currency, lang);
            let text = format!("{} {currency}", cents(price.monthly));
            bounded(&text, AmountPrecision::of(price.at_least, false), lang)
        }
    }
}

fn sum(cost: &Cost, lang: Lang) -> String {
    let totals = cost.totals();
    let amounts: Vec<String> = totals
        .iter()
        .map(|(currency, amount)| signed(*amount, currency, lang))
        .collect();
    if amounts.is_empty() {
        return unknown(lang).to_owned();
    }
    bounded(&amounts.join(lang.pick(", ", "，")), cost.bound(), lang)
}

fn bounded(amount: &str, bound: AmountPrecision, lang: Lang) -> String {
    match bound {
        AmountPrecision::Exact => amount.to_owned(),
        AmountPrecision::AtLeast => {
            say!(lang, en: "at least {amount}", zh: "至少 {amount}", amount = amount)
        }
        AmountPrecision::AtMost => {
            say!(lang, en: "at most {amount}", zh: "最多 {amount}", amount = amount)
        }
        AmountPrecision::Open => say!(
            lang,
            en: "{amount}, without unknown costs",
            zh: "{amount}，不含未知费用",
            amount = amount,
        ),
    }
}

/// Returns an amount with its sign, unless it is zero.
fn signed(amount: Decimal, currency: &str, lang: Lang) -> String {
    let amount = cents(amount);
    let sign = if amount.is_zero() || amount.is_sign_negative() {
        ""
    } else {
        "+"
    };
    format!("{sign}{amount} {}", unit(currency, lang))
}

/// Returns the unit of amounts in a currency.
fn unit(currency: &str, lang: Lang) -> String {
    match (currency, lang) {
        ("CNY", Lang::Zh) => "元".to_owned(),
        _ => visible(currency),
    }
}

/// Rounds to the second decimal; half a cent counts as one.
fn cents(amount: Decimal) -> Decimal {
    let rounded = amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    let mut cents = if rounded.is_zero() {
        Decimal::ZERO
    } else {
        rounded
    };
    cents.rescale(2);
    cents
}

/// Returns an amount with all its decimals, and at least two.
fn exact(amount: Decimal) -> String {
    let amount = amount.normalize();
    if amount.scale() < 2 {
        cents(amount).to_string()
    } else {
        amount.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
