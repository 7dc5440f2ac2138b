//! Functions over lists and tables.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::{Map, Number, Value};
use hcl_edit::expr::BinaryOperator;

use super::convert::of_one_type;
use super::function::{
    Answer, CallError, Row, Run, amount, count, expected, fits, list, number, row, spend, table,
    text, texts,
};
use super::ordered::Ordered;
use super::strings::graphemes;
use crate::marks::{mark, reveal};
use crate::operators::{arithmetic, as_text, as_truth};

pub(super) static ROWS: &[Row] = &[
    row(
        "alltrue(list)",
        "Whether all elements are true.",
        Run::Whole(alltrue),
    ),
    row(
        "anytrue(list)",
        "Whether any element is true.",
        Run::Whole(anytrue),
    ),
    row(
        "chunklist(list, size)",
        "A list split into lists of that size.",
        Run::Parts(chunklist),
    ),
    row(
        "coalesce(values...)",
        "The first value that is neither null nor an empty string.",
        Run::Parts(coalesce),
    ),
    row(
        "coalescelist(lists...)",
        "The first list that is not empty.",
        Run::Parts(coalescelist),
    ),
    row(
        "compact(list)",
        "A list of strings without null and empty strings.",
        Run::Whole(compact),
    ),
    row(
        "concat(list, lists...)",
        "The elements of all lists, in order.",
        Run::Parts(concat),
    ),
    row(
        "contains(list, value)",
        "Whether a list contains a value.",
        Run::Whole(contains),
    ),
    row(
        "distinct(list)",
        "A list without duplicates; the first of each is kept.",
        Run::Whole(distinct),
    ),
    row(
        "element(list, index)",
        "The element at an index, which wraps around at the end of the list.",
        Run::Parts(element),
    ),
    row(
        "flatten(list)",
        "A list in which elements that are lists are replaced by their own elements.",
        Run::Parts(flatten),
    ),
    row(
        "index(list, value)",
        "The index of the first element that is equal to a value.",
        Run::Whole(index),
    ),
    row("keys(map)", "The keys of a map, sorted.", Run::Parts(keys)),
    row(
        "length(value)",
        "The number of elements of a list or map, or of characters of a string.",
        Run::Parts(length),
    ),
    row(
        "lookup(map, key, default?)",
        "The value of a key, or the default if the map does not have the key.",
        Run::Parts(lookup),
    ),
    row(
        "matchkeys(values, keys, search)",
        "The values at the indices at which `keys` has an element of `search`.",
        Run::Whole(matchkeys),
    ),
    row(
        "merge(maps...)",
        "One map of all keys; the last value of a key wins.",
        Run::Parts(merge),
    ),
    row(
        "one(list)",
        "The only element of a list, or null if the list is empty.",
        Run::Parts(one),
    ),
    row(
        "range(start?, limit, step?)",
        "The numbers from the start (0 by default) up to, but not including, the limit.",
        Run::Whole(range),
    ),
    row(
        "reverse(list)",
        "A list in reverse order.",
        Run::Parts(reverse),
    ),
    row(
        "slice(list, start, end)",
        "The elements from the start index up to, but not including, the end index.",
        Run::Parts(slice),
    ),
    row(
        "sort(list)",
        "A list of strings, sorted by code point.",
        Run::Whole(sort),
    ),
    row(
        "values(map)",
        "The values of a map, sorted by key.",
        Run::Parts(values),
    ),
    row(
        "zipmap(keys, values)",
        "A map made of a list of keys and a list of values.",
        Run::Parts(zipmap),
    ),
];

fn alltrue(arguments: &[Value]) -> Answer {
    truths(arguments).map(|truths| Value::Bool(truths.iter().all(|truth| *truth)))
}

fn anytrue(arguments: &[Value]) -> Answer {
    truths(arguments).map(|truths| Value::Bool(truths.contains(&true)))
}

fn truths(arguments: &[Value]) -> Result<Vec<bool>, CallError> {
    let truth = |item: &Value| match item {
        Value::Null => Ok(false),
        item => as_truth(item).ok_or_else(|| expected(0, "a list of booleans", item)),
    };
    list(arguments, 0)?.iter().map(truth).collect()
}

fn chunklist(arguments: &[Value]) -> Answer {
    let (items, size) = (list(arguments, 0)?, count(arguments, 1)?);
    let items = of_one_type(0, items)?;
    // Of no size means all in one.
    let size = if size == 0 { items.len() } else { size };
    let chunks = items.chunks(size.max(1));
    Ok(Value::list(
        chunks.map(|chunk| Value::list(chunk.to_vec())).collect(),
    ))
}

fn coalesce(arguments: &[Value]) -> Answer {
    let is_given = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    let found = of_one_type(0, arguments)?.iter().find(is_given).cloned();
    found.ok_or_else(|| CallError::new("every argument is null or empty"))
}

fn coalescelist(arguments: &[Value]) -> Answer {
    for (at, argument) in arguments.iter().enumerate() {
        match argument {
            Value::List(items) if items.is_empty() => {}
            Value::Map(entries) if entries.is_empty() => {}
            Value::List(_) | Value::Map(_) => return Ok(argument.clone()),
            other => return Err(expected(at, "a list", other)),
        }
    }
    Err(CallError::new("every list is empty"))
}

fn compact(arguments: &[Value]) -> Answer {
    let mut kept = Vec::new();
    for item in list(arguments, 0)? {
        if item.is_null() {
            continue;
        }
        let text = as_text(item).ok_or_else(|| expected(0, "a list of strings", item))?;
        if !text.is_empty() {
            kept.push(Value::String(text));
        }
    }
    Ok(Value::list(kept))
}

fn concat(arguments: &[Value]) -> Answer {
    let mut items = Vec::new();
    for at in 0..arguments.len() {
        items.extend_from_slice(list(arguments, at)?);
        fits(items.len())?;
    }
    Ok(Value::list(items))
}

fn contains(arguments: &[Value]) -> Answer {
    Ok(Value::Bool(list(arguments, 0)?.contains(&arguments[1])))
}

fn distinct(arguments: &[Value]) -> Answer {
    let mut seen = BTreeSet::new();
    let mut items = of_one_type(0, list(arguments, 0)?)?;
    items.retain(|item| seen.insert(Ordered::of(item)));
    Ok(Value::list(items))
}

fn element(arguments: &[Value]) -> Answer {
    let (items, at) = (list(arguments, 0)?, count(arguments, 1)?);
    if items.is_empty() {
        return Err(CallError::at(0, "an empty list has no element"));
    }
    Ok(items[at % items.len()].clone())
}

fn flatten(arguments: &[Value]) -> Answer {
    let mut flat = Vec::new();
    let sensitive = flatten_into(list(arguments, 0)?, &mut flat)?;
    let value = match flat.iter().any(|item| matches!(item, Value::Unknown)) {
        // It may yet be a list.
        true => Value::Unknown,
        false => Value::list(flat),
    };
    Ok(mark(value, sensitive))
}

/// Whether one of the lists was sensitive, and with it how many items there are.
fn flatten_into(items: &[Value], flat: &mut Vec<Value>) -> Result<bool, CallError> {
    let mut sensitive = false;
    // Lists of nothing but lists can be many without being large.
    spend(items.len() / 16 + 1)?;
    for item in items {
        match reveal(item) {
            (Value::List(inner), secret) => sensitive |= secret | flatten_into(inner, flat)?,
            (Value::Unknown, secret) => {
                sensitive |= secret;
                flat.push(Value::Unknown);
            }
            _ => flat.push(item.clone()),
        }
        fits(flat.len())?;
    }
    Ok(sensitive)
}

fn index(arguments: &[Value]) -> Answer {
    let items = list(arguments, 0)?;
    if items.is_empty() {
        return Err(CallError::at(0, "an empty list holds nothing"));
    }
    let found = items.iter().position(|item| *item == arguments[1]);
    found
        .map(amount)
        .ok_or_else(|| CallError::at(1, "the list does not hold this"))
}

fn keys(arguments: &[Value]) -> Answer {
    let keys = table(arguments, 0)?.keys();
    Ok(Value::list(
        keys.map(|key| Value::String(key.clone())).collect(),
    ))
}

fn values(arguments: &[Value]) -> Answer {
    Ok(Value::list(
        table(arguments, 0)?.values().cloned().collect(),
    ))
}

fn length(arguments: &[Value]) -> Answer {
    Ok(amount(match &arguments[0] {
        Value::String(text) => graphemes(text)?.count(),
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        other => return Err(expected(0, "a string, a list or a table", other)),
    }))
}

fn lookup(arguments: &[Value]) -> Answer {
    let entries = table(arguments, 0)?;
    let key = text(arguments, 1)?;
    let found = entries.get(&key).or_else(|| arguments.get(2)).cloned();
    found.ok_or_else(|| {
        let message = format!("the table has no {key:?}; give a default as third argument");
        CallError::at(1, message)
    })
}

fn matchkeys(arguments: &[Value]) -> Answer {
    let (values, keys) = (list(arguments, 0)?, list(arguments, 1)?);
    if values.len() != keys.len() {
        let message = format!(
            "there must be as many keys as values, found {} and {}",
            keys.len(),
            values.len()
        );
        return Err(CallError::at(1, message));
    }
    let wanted = list(arguments, 2)?;
    // Keys and what is wanted are of one type.
    let alike = of_one_type(1, &[keys, wanted].concat())?;
    let (keys, wanted) = alike.split_at(keys.len());
    let wanted: BTreeSet<Ordered> = wanted.iter().map(Ordered::of).collect();
    let matching = of_one_type(0, values)?
        .into_iter()
        .zip(keys)
        .filter(|(_, key)| wanted.contains(&Ordered::of(key)));
    Ok(Value::list(matching.map(|(value, _)| value).collect()))
}

/// Later tables win; null is an empty table.
fn merge(arguments: &[Value]) -> Answer {
    let mut merged = Map::new();
    for at in 0..arguments.len() {
        if arguments[at].is_null() {
            continue;
        }
        let entries = table(arguments, at)?.iter();
        merged.extend(entries.map(|(key, value)| (key.clone(), value.clone())));
    }
    Ok(Value::map(merged))
}

fn one(arguments: &[Value]) -> Answer {
    match list(arguments, 0)? {
        [] => Ok(Value::Null),
        [item] => Ok(item.clone()),
        items => {
            let message = format!("expected at most one item, found {}", items.len());
            Err(CallError::at(0, message))
        }
    }
}

/// As in Terraform: a longer one is a mistake.
const LONGEST_RANGE: usize = 1024;

/// `range(limit)`, `range(start, limit)`, `range(start, limit, step)`
fn range(arguments: &[Value]) -> Answer {
    let zero = Number::from(0);
    let (start, limit) = match arguments.len() {
        1 => (zero, number(arguments, 0)?),
        _ => (number(arguments, 0)?, number(arguments, 1)?),
    };
    let step = match arguments.len() {
        3 => number(arguments, 2)?,
        _ if limit < start => Number::from(-1),
        _ => Number::from(1),
    };
    if start == limit {
        return Ok(Value::list(Vec::new()));
    }
    if step == zero || (step > zero) != (limit >= start) {
        return Err(CallError::at(
            2,
            "the step must lead from the start to the limit",
        ));
    }
    let mut items = Vec::new();
    loop {
        // Multiplied, not summed: rounding does not add up.
        let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let passed = arithmetic(BinaryOperator::Mul, step, Number::from(count));
        let next = passed.and_then(|passed| arithmetic(BinaryOperator::Plus, start, passed));
        let next = next.map_err(CallError::new)?;
        if (step > zero && next >= limit) || (step < zero && next <= limit) {
            return Ok(Value::list(items));
        }
        if items.len() >= LONGEST_RANGE {
            return Err(CallError::new(format!(
                "a range has at most {LONGEST_RANGE} numbers"
            )));
        }
        items.push(Value::Number(next));
    }
}

fn reverse(arguments: &[Value]) -> Answer {
    Ok(Value::list(
        list(arguments, 0)?.iter().rev().cloned().collect(),
    ))
}

fn slice(arguments: &[Value]) -> Answer {
    let (items, start, end) = (
        list(arguments, 0)?,
        count(arguments, 1)?,
        count(arguments, 2)?,
    );
    match items.get(start..end) {
        Some(items) => Ok(Value::list(items.to_vec())),
        None if start > end => Err(CallError::at(
            1,
            format!("the start {start} is behind the end {end}"),
        )),
        None => Err(CallError::at(
            2,
            format!("the list has {} items only", items.len()),
        )),
    }
}

fn sort(arguments: &[Value]) -> Answer {
    let mut sorted = texts(arguments, 0)?;
    sorted.sort();
    Ok(Value::list(sorted.into_iter().map(Value::String).collect()))
}

fn zipmap(arguments: &[Value]) -> Answer {
    let (keys, values) = (list(arguments, 0)?, list(arguments, 1)?);
    if keys.len() != values.len() {
        let message = format!(
            "there must be as many values as keys, found {} and {}",
            values.len(),
            keys.len()
        );
        return Err(CallError::at(1, message));
    }
    let (mut entries, mut sensitive, mut unknown) = (Vec::new(), false, false);
    for (key, value) in keys.iter().zip(values) {
        let (key, secret) = reveal(key);
        sensitive |= secret;
        if key.is_unknown() {
            unknown = true;
            continue;
        }
        let key: Arc<str> = as_text(key).ok_or_else(|| expected(0, "a list of strings", key))?;
        entries.push((key, value.clone()));
    }
    let value = if unknown {
        Value::Unknown
    } else {
        Value::map(Map::from_iter(entries))
    };
    Ok(mark(value, sensitive))
}
