//! Functions over lists and tables.

use std::collections::BTreeSet;

use eci_core::{Number, Value};
use eci_text::{Noun, Text, text};
use hcl_edit::expr::BinaryOperator;

use super::convert::of_one_type;
use super::function::{
    Answer, CallError, ELEMENT, FunctionRow, Implementation, LIST, STRINGS, amount, count,
    expected, fits, list, number, row, spend, texts,
};
use super::maps::{keys, lookup, merge, values, zipmap};
use super::ordered::SortKey;
use super::strings::graphemes;
use crate::marks::{mark, reveal};
use crate::operators::{arithmetic, as_text, as_truth};

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "alltrue(list)",
        "Whether all elements are true.",
        "所有元素是否都为 true。",
        Implementation::Whole(alltrue),
    ),
    row(
        "anytrue(list)",
        "Whether any element is true.",
        "是否有元素为 true。",
        Implementation::Whole(anytrue),
    ),
    row(
        "chunklist(list, size)",
        "A list split into lists of that size.",
        "将列表拆分为指定长度的多个列表。",
        Implementation::Parts(chunklist),
    ),
    row(
        "coalesce(values...)",
        "The first value that is neither null nor an empty string.",
        "第一个既不是空值（null）也不是空字符串的值。",
        Implementation::Parts(coalesce),
    ),
    row(
        "coalescelist(lists...)",
        "The first list that is not empty.",
        "第一个非空列表。",
        Implementation::Parts(coalescelist),
    ),
    row(
        "compact(list)",
        "A list of strings without null and empty strings.",
        "去除空值（null）和空字符串的字符串列表。",
        Implementation::Whole(compact),
    ),
    row(
        "concat(list, lists...)",
        "The elements of all lists, in order.",
        "依次连接所有列表的元素。",
        Implementation::Parts(concat),
    ),
    row(
        "contains(list, value)",
        "Whether a list contains a value.",
        "列表是否包含该值。",
        Implementation::Whole(contains),
    ),
    row(
        "distinct(list)",
        "A list without duplicates; the first of each is kept.",
        "去除重复元素的列表，保留首次出现的元素。",
        Implementation::Whole(distinct),
    ),
    row(
        "element(list, index)",
        "The element at an index, which wraps around at the end of the list.",
        "指定索引处的元素，超出末尾时从头循环。",
        Implementation::Parts(element),
    ),
    row(
        "flatten(list)",
        "A list in which elements that are lists are replaced by their own elements.",
        "将列表中的列表元素展开为其各元素。",
        Implementation::Parts(flatten),
    ),
    row(
        "index(list, value)",
        "The index of the first element that is equal to a value.",
        "第一个与该值相等的元素的索引。",
        Implementation::Whole(index),
    ),
    row(
        "keys(map)",
        "The keys of a map, sorted.",
        "映射的键，已排序。",
        Implementation::Parts(keys),
    ),
    row(
        "length(value)",
        "The number of elements of a list or map, or of characters of a string.",
        "列表或映射的元素个数，或字符串的字符数。",
        Implementation::Parts(length),
    ),
    row(
        "lookup(map, key, default?)",
        "The value of a key, or the default if the map does not have the key.",
        "该键的值，映射中没有该键时为默认值。",
        Implementation::Parts(lookup),
    ),
    row(
        "matchkeys(values, keys, search)",
        "The values at the indices at which `keys` has an element of `search`.",
        "当 `keys` 中的元素属于 `search` 时，相同索引处的值。",
        Implementation::Whole(matchkeys),
    ),
    row(
        "merge(maps...)",
        "One map of all keys; the last value of a key wins.",
        "合并所有映射，键重复时取最后一个值。",
        Implementation::Parts(merge),
    ),
    row(
        "one(list)",
        "The only element of a list, or null if the list is empty.",
        "列表的唯一元素，列表为空时为空值（null）。",
        Implementation::Parts(one),
    ),
    row(
        "range(start?, limit, step?)",
        "The numbers from the start (0 by default) up to, but not including, the limit.",
        "从起点（默认为 0）到上限的数值，不含上限。",
        Implementation::Whole(range),
    ),
    row(
        "reverse(list)",
        "A list in reverse order.",
        "顺序颠倒的列表。",
        Implementation::Parts(reverse),
    ),
    row(
        "slice(list, start, end)",
        "The elements from the start index up to, but not including, the end index.",
        "从起始索引到结束索引的元素，不含结束索引。",
        Implementation::Parts(slice),
    ),
    row(
        "sort(list)",
        "A list of strings, sorted by code point.",
        "按码点排序的字符串列表。",
        Implementation::Whole(sort),
    ),
    row(
        "values(map)",
        "The values of a map, sorted by key.",
        "映射的值，按键排序。",
        Implementation::Parts(values),
    ),
    row(
        "zipmap(keys, values)",
        "A map with the keys of one list and the values of another.",
        "由键列表和值列表组成的映射。",
        Implementation::Parts(zipmap),
    ),
];

const KEY: Noun = Noun {
    one: "key",
    many: "keys",
    zh: "键",
    measure: "个",
};

const BOOLEANS: Text = Text::fixed("a list of booleans", "布尔值列表");
const HAS_LENGTH: Text = Text::fixed("a string, a list, or a map", "字符串、列表或映射");
const EMPTY: Text = Text::fixed("the list is empty", "列表为空");

fn alltrue(arguments: &[Value]) -> Answer {
    truths(arguments).map(|truths| Value::Bool(truths.iter().all(|truth| *truth)))
}

fn anytrue(arguments: &[Value]) -> Answer {
    truths(arguments).map(|truths| Value::Bool(truths.contains(&true)))
}

fn truths(arguments: &[Value]) -> Result<Vec<bool>, CallError> {
    let truth = |item: &Value| match item {
        Value::Null => Ok(false),
        item => as_truth(item).ok_or_else(|| expected(0, &BOOLEANS, item)),
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
    found.ok_or_else(|| {
        CallError::new(text!(
         en: "all arguments are null or empty strings",
         zh: "所有参数都是空值（null）或空字符串",
        ))
        .help(text!(
            en: "add a last argument that always has a value",
            zh: "在末尾添加始终有值的参数",
        ))
    })
}

fn coalescelist(arguments: &[Value]) -> Answer {
    for (at, argument) in arguments.iter().enumerate() {
        match argument {
            Value::List(items) if items.is_empty() => {}
            Value::Map(entries) if entries.is_empty() => {}
            Value::List(_) | Value::Map(_) => return Ok(argument.clone()),
            other => return Err(expected(at, &LIST, other)),
        }
    }
    Err(CallError::new(text!(
     en: "all lists are empty",
     zh: "所有列表都为空",
    ))
    .help(text!(
        en: "add a last argument that is never empty",
        zh: "在末尾添加始终不为空的参数",
    )))
}

fn compact(arguments: &[Value]) -> Answer {
    let mut kept = Vec::new();
    for item in list(arguments, 0)? {
        if item.is_null() {
            continue;
        }
        let text = as_text(item).ok_or_else(|| expected(0, &STRINGS, item))?;
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
    let mut known = BTreeSet::new();
    let mut items = of_one_type(0, list(arguments, 0)?)?;
    items.retain(|item| known.insert(SortKey::of(item)));
    Ok(Value::list(items))
}

/// The help about an empty list.
const EMPTY_HELP: Text = Text::fixed(
    "pass a list with at least one element, or use `try(…, null)` to get null for an empty one",
    "传入至少有一个元素的列表，或使用 `try(…, null)` 在列表为空时得到空值（null）",
);

fn element(arguments: &[Value]) -> Answer {
    let (items, at) = (list(arguments, 0)?, count(arguments, 1)?);
    if items.is_empty() {
        return Err(CallError::at(0, EMPTY).help(EMPTY_HELP));
    }
    Ok(items[at % items.len()].clone())
}

fn flatten(arguments: &[Value]) -> Answer {
    let mut flat = Vec::new();
    let sensitive = flatten_into(list(arguments, 0)?, &mut flat)?;
    let value = if flat.iter().any(|item| matches!(item, Value::Unknown)) {
        // It may yet be a list.
        Value::Unknown
    } else {
        Value::list(flat)
    };
    Ok(mark(value, sensitive))
}

/// Returns whether one of the lists was sensitive, and with it how many items there are.
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
        return Err(CallError::at(0, EMPTY).help(EMPTY_HELP));
    }
    let found = items.iter().position(|item| *item == arguments[1]);
    found.map(amount).ok_or_else(|| {
        CallError::at(
            1,
            text!(
             en: "value not found in the list",
             zh: "在列表中未找到该值",
            ),
        )
        .help(text!(
            en: "use `contains(…)` first, or `try(index(…), -1)` to get -1 without the value",
            zh: "先使用 `contains(…)` 判断，或使用 `try(index(…), -1)` 在没有该值时得到 -1",
        ))
    })
}

fn length(arguments: &[Value]) -> Answer {
    Ok(amount(match &arguments[0] {
        Value::String(text) => graphemes(text)?.count(),
        Value::List(items) => items.len(),
        Value::Map(entries) => entries.len(),
        other => return Err(expected(0, &HAS_LENGTH, other)),
    }))
}

fn matchkeys(arguments: &[Value]) -> Answer {
    let (values, keys) = (list(arguments, 0)?, list(arguments, 1)?);
    if values.len() != keys.len() {
        let message = text!(
            en: "expected {expected}, one for each value, found {found}",
            zh: "应有 {expected}，与值一一对应，实际为 {found} 个",
            expected = KEY.count(values.len()),
            found = keys.len(),
        );
        return Err(CallError::at(1, message));
    }
    let searched = list(arguments, 2)?;
    // Keys and searched values are of one type.
    let alike = of_one_type(1, &[keys, searched].concat())?;
    let (keys, searched) = alike.split_at(keys.len());
    let searched: BTreeSet<SortKey> = searched.iter().map(SortKey::of).collect();
    let matching = of_one_type(0, values)?
        .into_iter()
        .zip(keys)
        .filter(|(_, key)| searched.contains(&SortKey::of(key)));
    Ok(Value::list(matching.map(|(value, _)| value).collect()))
}

fn one(arguments: &[Value]) -> Answer {
    match list(arguments, 0)? {
        [] => Ok(Value::Null),
        [item] => Ok(item.clone()),
        items => {
            let message = text!(
                en: "expected at most 1 element, found {found}",
                zh: "最多应有 1 个元素，实际为 {found} 个",
                found = items.len(),
            );
            Err(CallError::at(0, message))
        }
    }
}

/// The limit that Terraform has: a longer range is a mistake.
const LONGEST_RANGE: usize = 1024;

/// Evaluates `range(limit)`, `range(start, limit)`, `range(start, limit, step)`.
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
            text!(
             en: "the step must not be zero, and must lead from the start to the limit",
             zh: "步长不能为零，且必须由起点朝向上限",
            ),
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
            return Err(CallError::new(text!(
                en: "the range has more than {most} numbers",
                zh: "范围超过 {most} 个数值",
                most = LONGEST_RANGE,
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
            text!(
             en: "start index {start} is greater than end index {end}",
             zh: "起始索引 {start} 大于结束索引 {end}",
             start = start,
             end = end,
            ),
        )),
        None => Err(CallError::at(
            2,
            text!(
             en: "end index {end} is out of range: the list has {elements}",
             zh: "结束索引 {end} 超出范围：列表有 {elements}",
             end = end,
             elements = ELEMENT.count(items.len()),
            ),
        )
        .help(text!(
            en: "use `min(…, length(…))` for the end index",
            zh: "结束索引使用 `min(…, length(…))`",
        ))),
    }
}

fn sort(arguments: &[Value]) -> Answer {
    let mut sorted = texts(arguments, 0)?;
    sorted.sort();
    Ok(Value::list(sorted.into_iter().map(Value::String).collect()))
}
