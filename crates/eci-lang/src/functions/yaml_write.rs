//! YAML, written as Terraform writes it: text always in quotes, or as a block if it has lines.

use eci_core::{Map, Value};

use super::function::Answer;

/// Text in quotes is broken at the first space behind this column.
const WIDTH: usize = 80;

pub(super) fn yamlencode(arguments: &[Value]) -> Answer {
    let mut written = String::new();
    match &arguments[0] {
        Value::List(items) if !items.is_empty() => list(items, 0, &mut written),
        Value::Map(entries) if !entries.is_empty() => table(entries, 0, &mut written),
        other => {
            nested(other, 2, &mut written);
            // A document that is a bare word says where it ends.
            if matches!(other, Value::Number(_) | Value::Bool(_) | Value::Null) {
                written.push_str("...\n");
            }
        }
    }
    Ok(Value::from(written))
}

/// Writes the elements of a list; the cursor is at `indent`, where the first dash goes.
fn list(items: &[Value], indent: usize, written: &mut String) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            written.push_str(&" ".repeat(indent));
        }
        written.push_str("- ");
        nested(item, indent + 2, written);
    }
}

/// Writes the entries of a map; the cursor is at `indent`, where the first key goes.
fn table(entries: &Map, indent: usize, written: &mut String) {
    for (at, (key, value)) in entries.iter().enumerate() {
        if at > 0 {
            written.push_str(&" ".repeat(indent));
        }
        quoted(key, None, written);
        written.push(':');
        match value {
            // Its dashes are below the key.
            Value::List(items) if !items.is_empty() => {
                written.push('\n');
                written.push_str(&" ".repeat(indent));
                list(items, indent, written);
            }
            Value::Map(entries) if !entries.is_empty() => {
                written.push('\n');
                written.push_str(&" ".repeat(indent + 2));
                table(entries, indent + 2, written);
            }
            other => {
                written.push(' ');
                nested(other, indent + 2, written);
            }
        }
    }
}

/// Writes a value after a dash or a key, and the end of its line.
fn nested(value: &Value, indent: usize, written: &mut String) {
    match value {
        Value::List(items) if !items.is_empty() => list(items, indent, written),
        Value::Map(entries) if !entries.is_empty() => table(entries, indent, written),
        other => {
            scalar(other, indent, written);
            if !written.ends_with('\n') {
                written.push('\n');
            }
        }
    }
}

fn scalar(value: &Value, indent: usize, written: &mut String) {
    match value {
        Value::Bool(truth) => written.push_str(&truth.to_string()),
        Value::Number(number) => written.push_str(&number.to_string()),
        Value::String(text) if is_block(text) => block(text, indent, written),
        Value::String(text) => quoted(text, Some(indent), written),
        Value::List(_) => written.push_str("[]"),
        Value::Map(_) => written.push_str("{}"),
        // Marks are taken off and unknown parts are answered before a function runs.
        Value::Null | Value::Unknown | Value::Sensitive(_) | Value::Digest(_) => {
            written.push_str("null");
        }
    }
}

/// Returns whether a text has lines, and nothing that a block cannot hold.
fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.contains(" \n")
        && !text.ends_with(' ')
        && text
            .chars()
            .all(|c| c == '\n' || (is_printable(c) && !is_break(c)))
}

fn block(text: &str, indent: usize, written: &mut String) {
    written.push('|');
    if text.starts_with([' ', '\n']) {
        written.push('2');
    }
    if !text.ends_with('\n') {
        written.push('-');
    } else if text == "\n" || text.ends_with("\n\n") {
        written.push('+');
    }
    for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        written.push('\n');
        if !line.is_empty() {
            written.push_str(&" ".repeat(indent));
            written.push_str(line);
        }
    }
    written.push('\n');
}

/// Writes a text in quotes; where an indent is given, long ones go on in the next line.
fn quoted(text: &str, indent: Option<usize>, written: &mut String) {
    let line = written.rfind('\n').map_or(0, |at| at + 1);
    let mut column = written[line..].chars().count() + 1;
    written.push('"');
    let mut after_space = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let is_inside = at > 0 && at + c.len_utf8() < text.len();
        match indent {
            Some(indent) if c == ' ' && !after_space && column > WIDTH && is_inside => {
                written.push('\n');
                written.push_str(&" ".repeat(indent));
                column = indent;
                if characters.peek().is_some_and(|(_, next)| *next == ' ') {
                    written.push('\\');
                    column += 1;
                }
            }
            _ => column += character(c, written),
        }
        after_space = c == ' ';
    }
    written.push('"');
}

/// Writes a character of a text in quotes; how many columns that took.
fn character(c: char, written: &mut String) -> usize {
    let before = written.chars().next_back().map_or(0, |_| written.len());
    let short = match c {
        '"' | '\\' => Some(c),
        '\0' => Some('0'),
        '\u{7}' => Some('a'),
        '\u{8}' => Some('b'),
        '\t' => Some('t'),
        '\n' => Some('n'),
        '\u{b}' => Some('v'),
        '\u{c}' => Some('f'),
        '\r' => Some('r'),
        '\u{1b}' => Some('e'),
        '\u{85}' => Some('N'),
        '\u{2028}' => Some('L'),
        '\u{2029}' => Some('P'),
        _ => None,
    };
    match (short, u32::from(c)) {
        (Some(short), _) => {
            written.push('\\');
            written.push(short);
        }
        _ if is_printable(c) => {
            written.push(c);
            return 1;
        }
        (None, code @ ..=0xff) => written.push_str(&format!("\\x{code:02X}")),
        (None, code @ ..=0xffff) => written.push_str(&format!("\\u{code:04X}")),
        (None, code) => written.push_str(&format!("\\U{code:08X}")),
    }
    written.len() - before
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns whether a character is written unescaped: not beyond the first 65536, as in Terraform.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}
