//! Sets: lists of distinct values in their order, which is Terraform's.

use std::collections::BTreeSet;

use eci_core::{Map, Value};
use eci_text::text;

use super::convert::of_one_type;
use super::function::{
    Answer, CallError, FunctionRow, Implementation, fits, list, row, spend, table, texts,
};
use super::ordered::{SortKey, set};

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "setintersection(list, lists...)",
        "The set of the values that all lists contain.",
        "所有列表共有的值的集合。",
        Implementation::Whole(setintersection),
    ),
    row(
        "setproduct(lists...)",
        "All combinations of one element of each list.",
        "从每个列表各取一个元素的所有组合。",
        Implementation::Whole(setproduct),
    ),
    row(
        "setsubtract(list, other)",
        "The set of the values of a list that another list does not contain.",
        "属于该列表但不属于另一列表的值的集合。",
        Implementation::Whole(setsubtract),
    ),
    row(
        "setunion(list, lists...)",
        "The set of the values that any of the lists contains.",
        "任一列表包含的值的集合。",
        Implementation::Whole(setunion),
    ),
    row(
        "transpose(map)",
        "A map of lists of strings with keys and values swapped.",
        "将字符串列表映射的键和值互换。",
        Implementation::Whole(transpose),
    ),
];

/// Returns the items of all lists in one type, list by list.
fn alike(arguments: &[Value]) -> Result<Vec<Vec<Value>>, CallError> {
    let mut all = Vec::new();
    for at in 0..arguments.len() {
        all.extend_from_slice(list(arguments, at)?);
    }
    let mut all = of_one_type(0, &all)?.into_iter();
    (0..arguments.len())
        .map(|at| Ok(all.by_ref().take(list(arguments, at)?.len()).collect()))
        .collect()
}

fn setunion(arguments: &[Value]) -> Answer {
    Ok(Value::list(set(alike(arguments)?.concat())))
}

fn setintersection(arguments: &[Value]) -> Answer {
    let mut lists = alike(arguments)?.into_iter();
    let mut common = set(lists.next().unwrap_or_default());
    for other in lists {
        let other: BTreeSet<SortKey> = other.iter().map(SortKey::of).collect();
        common.retain(|value| other.contains(&SortKey::of(value)));
    }
    Ok(Value::list(common))
}

fn setsubtract(arguments: &[Value]) -> Answer {
    let mut lists = alike(arguments)?.into_iter();
    let mut rest = set(lists.next().unwrap_or_default());
    let minus: BTreeSet<SortKey> = lists.flatten().map(|value| SortKey::of(&value)).collect();
    rest.retain(|value| !minus.contains(&SortKey::of(value)));
    Ok(Value::list(rest))
}

fn setproduct(arguments: &[Value]) -> Answer {
    if arguments.len() < 2 {
        return Err(CallError::new(text!(
         en: "at least 2 lists are required",
         zh: "需要至少 2 个列表",
        )));
    }
    let mut lists = Vec::with_capacity(arguments.len());
    let mut total = 1usize;
    for at in 0..arguments.len() {
        let items = of_one_type(at, list(arguments, at)?)?;
        total = total.saturating_mul(items.len());
        lists.push(items);
    }
    fits(total.saturating_mul(lists.len() + 1))?;
    spend(total)?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new(); usize::from(total > 0)];
    for items in &lists {
        rows = rows
            .iter()
            .flat_map(|row| {
                items.iter().map(|item| {
                    let mut row = row.clone();
                    row.push(item.clone());
                    row
                })
            })
            .collect();
    }
    Ok(Value::list(rows.into_iter().map(Value::list).collect()))
}

fn transpose(arguments: &[Value]) -> Answer {
    let mut turned: std::collections::BTreeMap<_, Vec<Value>> = Default::default();
    for (key, value) in table(arguments, 0)? {
        for text in texts(std::slice::from_ref(value), 0)? {
            turned
                .entry(text)
                .or_default()
                .push(Value::String(key.clone()));
        }
    }
    let entries = turned.into_iter();
    Ok(Value::map(
        entries
            .map(|(key, keys)| (key, Value::list(keys)))
            .collect::<Map>(),
    ))
}
