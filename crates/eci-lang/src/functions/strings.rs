//! Functions over text.

use eci_core::Value;
use unicode_segmentation::UnicodeSegmentation as _;

use super::format;
use super::function::{
    Answer, CallError, FunctionRow, Implementation, STRINGS, count, expected, list, push, row,
    spend, text, whole,
};
use super::regexes;
use crate::budget::LARGEST_VALUE;
use crate::operators::as_text;

pub(super) static ROWS: &[FunctionRow] = &[
    row(
        "chomp(string)",
        "A string without the line breaks at its end.",
        "去除末尾的换行符。",
        Implementation::Whole(chomp),
    ),
    row(
        "endswith(string, suffix)",
        "Whether a string ends with a suffix.",
        "字符串是否以该后缀结尾。",
        Implementation::Whole(endswith),
    ),
    row(
        "format(format, values...)",
        "A string formatted with values; verbs are %s, %d, %5.2f, %q, %v and so on.",
        "按格式生成的字符串，格式符有 %s、%d、%5.2f、%q、%v 等。",
        Implementation::Whole(format::format),
    ),
    row(
        "formatlist(format, values...)",
        "A list of formatted strings, one for each element of the lists among the values.",
        "格式化后的字符串列表，值中列表的每个元素对应一个字符串。",
        Implementation::Whole(format::formatlist),
    ),
    row(
        "indent(spaces, string)",
        "A string with spaces in front of every line but the first.",
        "在除第一行外的每一行之前添加空格。",
        Implementation::Whole(indent),
    ),
    row(
        "join(separator, list, lists...)",
        "The strings of all lists, with a separator between them.",
        "用分隔符连接所有列表中的字符串。",
        Implementation::Whole(join),
    ),
    row(
        "lower(string)",
        "A string in lower case.",
        "转换为小写。",
        Implementation::Whole(lower),
    ),
    row(
        "replace(string, search, replacement)",
        "A string with all matches replaced; `/…/` is a regular expression, $1 its first group.",
        "替换所有匹配项，`/…/` 表示正则表达式，$1 表示第 1 个分组。",
        Implementation::Whole(replace),
    ),
    row(
        "split(separator, string)",
        "A list of the parts of a string between separators.",
        "按分隔符拆分字符串所得的列表。",
        Implementation::Whole(split),
    ),
    row(
        "startswith(string, prefix)",
        "Whether a string starts with a prefix.",
        "字符串是否以该前缀开头。",
        Implementation::Whole(startswith),
    ),
    row(
        "strcontains(string, substring)",
        "Whether a string contains a substring.",
        "字符串是否包含该子串。",
        Implementation::Whole(strcontains),
    ),
    row(
        "strrev(string)",
        "A string with its characters in reverse order.",
        "字符顺序颠倒的字符串。",
        Implementation::Whole(strrev),
    ),
    row(
        "substr(string, offset, length)",
        "A substring; a negative offset counts from the end, a length of -1 means the rest.",
        "子串，偏移量为负时从末尾算起，长度 -1 表示到末尾。",
        Implementation::Whole(substr),
    ),
    row(
        "title(string)",
        "A string with the first letter of each word in upper case.",
        "每个单词的首字母转换为大写。",
        Implementation::Whole(title),
    ),
    row(
        "trim(string, characters)",
        "A string without these characters at its start and end.",
        "去除开头和末尾的这些字符。",
        Implementation::Whole(trim),
    ),
    row(
        "trimprefix(string, prefix)",
        "A string without a prefix.",
        "去除前缀。",
        Implementation::Whole(trimprefix),
    ),
    row(
        "trimspace(string)",
        "A string without white space at its start and end.",
        "去除开头和末尾的空白。",
        Implementation::Whole(trimspace),
    ),
    row(
        "trimsuffix(string, suffix)",
        "A string without a suffix.",
        "去除后缀。",
        Implementation::Whole(trimsuffix),
    ),
    row(
        "upper(string)",
        "A string in upper case.",
        "转换为大写。",
        Implementation::Whole(upper),
    ),
];

/// Splits a text into the characters that people see.
///
/// Splitting takes far longer than copying them.
pub(super) fn graphemes(text: &str) -> Result<impl DoubleEndedIterator<Item = &str>, CallError> {
    spend(text.len() / 4)?;
    Ok(text.graphemes(true))
}

/// Pays for texts, each of which has a separate allocation.
fn pieces(count: usize) -> Result<(), CallError> {
    spend(4 * count)
}

fn chomp(arguments: &[Value]) -> Answer {
    Ok(Value::from(
        text(arguments, 0)?.trim_end_matches(['\r', '\n']),
    ))
}

fn startswith(arguments: &[Value]) -> Answer {
    Ok(Value::Bool(
        text(arguments, 0)?.starts_with(&*text(arguments, 1)?),
    ))
}

fn endswith(arguments: &[Value]) -> Answer {
    Ok(Value::Bool(
        text(arguments, 0)?.ends_with(&*text(arguments, 1)?),
    ))
}

fn strcontains(arguments: &[Value]) -> Answer {
    Ok(Value::Bool(
        text(arguments, 0)?.contains(&*text(arguments, 1)?),
    ))
}

fn indent(arguments: &[Value]) -> Answer {
    let (spaces, text) = (count(arguments, 0)?, text(arguments, 1)?);
    let lines = text.matches('\n').count();
    if lines > 0 && spaces.saturating_mul(lines) > LARGEST_VALUE {
        return Err(CallError::TooLarge);
    }
    match lines {
        0 => Ok(Value::String(text)),
        _ => Ok(Value::from(
            text.replace('\n', &format!("\n{}", " ".repeat(spaces))),
        )),
    }
}

/// Evaluates `lower`.
///
/// One letter becomes one letter, as in Terraform: ß has no capital.
fn lower(arguments: &[Value]) -> Answer {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    Ok(Value::from(
        text(arguments, 0)?.chars().map(lower).collect::<String>(),
    ))
}

fn upper(arguments: &[Value]) -> Answer {
    Ok(Value::from(
        text(arguments, 0)?.chars().map(capital).collect::<String>(),
    ))
}

fn capital(c: char) -> char {
    let mut capitals = c.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(capital), None) => capital,
        _ => c,
    }
}

fn title(arguments: &[Value]) -> Answer {
    let mut before = ' ';
    let titled = text(arguments, 0)?
        .chars()
        .map(|c| {
            let starts = !(before.is_alphanumeric() || before == '_')
                && (before.is_ascii() || before.is_whitespace());
            before = c;
            if starts { capital(c) } else { c }
        })
        .collect::<String>();
    Ok(Value::from(titled))
}

fn trim(arguments: &[Value]) -> Answer {
    let (text, characters) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::from(text.trim_matches(|c| characters.contains(c))))
}

fn trimprefix(arguments: &[Value]) -> Answer {
    let (text, start) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::from(text.strip_prefix(&*start).unwrap_or(&text)))
}

fn trimsuffix(arguments: &[Value]) -> Answer {
    let (text, end) = (text(arguments, 0)?, text(arguments, 1)?);
    Ok(Value::from(text.strip_suffix(&*end).unwrap_or(&text)))
}

fn trimspace(arguments: &[Value]) -> Answer {
    Ok(Value::from(text(arguments, 0)?.trim()))
}

fn join(arguments: &[Value]) -> Answer {
    let separator = text(arguments, 0)?;
    let mut joined = String::new();
    let mut first = true;
    for at in 1..arguments.len() {
        for item in list(arguments, at)? {
            let item = as_text(item).ok_or_else(|| expected(at, &STRINGS, item))?;
            if !first {
                push(&mut joined, &separator)?;
            }
            first = false;
            push(&mut joined, &item)?;
        }
    }
    Ok(Value::from(joined))
}

fn split(arguments: &[Value]) -> Answer {
    let (separator, text) = (text(arguments, 0)?, text(arguments, 1)?);
    pieces(if separator.is_empty() {
        text.len()
    } else {
        text.matches(&*separator).count()
    })?;
    let items: Vec<Value> = if separator.is_empty() {
        text.chars().map(|c| Value::from(c.to_string())).collect()
    } else {
        text.split(&*separator).map(Value::from).collect()
    };
    Ok(Value::list(items))
}

fn replace(arguments: &[Value]) -> Answer {
    let (text, what, by) = (
        text(arguments, 0)?,
        text(arguments, 1)?,
        text(arguments, 2)?,
    );
    if what.len() > 1 && what.starts_with('/') && what.ends_with('/') {
        return regexes::replace(&text, &what[1..what.len() - 1], &by);
    }
    // Where it would not become longer there is nothing to count.
    let more = by.len().saturating_sub(what.len());
    if more > 0 && text.matches(&*what).count().saturating_mul(more) > LARGEST_VALUE {
        return Err(CallError::TooLarge);
    }
    Ok(Value::from(text.replace(&*what, &by)))
}

fn strrev(arguments: &[Value]) -> Answer {
    Ok(Value::from(
        graphemes(&text(arguments, 0)?)?.rev().collect::<String>(),
    ))
}

fn substr(arguments: &[Value]) -> Answer {
    let (text, offset, length) = (
        text(arguments, 0)?,
        whole(arguments, 1)?,
        whole(arguments, 2)?,
    );
    let offset = match offset {
        0.. => offset,
        _ => {
            let total = i64::try_from(graphemes(&text)?.count());
            (total.unwrap_or(i64::MAX) + offset).max(0)
        }
    };
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    let rest = graphemes(&text)?.skip(offset);
    Ok(Value::from(match usize::try_from(length) {
        Ok(length) => rest.take(length).collect::<String>(),
        // Any that is negative.
        Err(_) => rest.collect(),
    }))
}
