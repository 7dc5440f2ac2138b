//! CSV, as strictly read as Terraform reads it: RFC 4180.

use std::sync::Arc;

use eci_core::{Map, Value};
use eci_text::{Noun, Text, text};

use super::function::{Answer, CallError, fits, quoted, text};

const FIELD: Noun = Noun {
    one: "field",
    many: "fields",
    zh: "字段",
    measure: "个",
};

/// Evaluates `csvdecode(text)`: a table for each line but the first.
pub(super) fn csvdecode(arguments: &[Value]) -> Answer {
    let text = text(arguments, 0)?;
    let mut lines = Lines {
        rest: &text,
        line: 1,
    };
    let header = lines.next_row()?.ok_or_else(|| {
        CallError::at(
            0,
            text!(
                en: "missing first line with the names of the columns",
                zh: "缺少包含列名的第一行",
            ),
        )
    })?;
    let names: Vec<Arc<str>> = header.into_iter().map(Arc::from).collect();
    if let Some((at, name)) = names
        .iter()
        .enumerate()
        .find(|(at, name)| names[..*at].contains(name))
    {
        let message = text!(
            en: "duplicate column name {name} in column {column}",
            zh: "第 {column} 列的列名 {name} 重复",
            name = quoted(name),
            column = at + 1,
        );
        return Err(CallError::at(0, message));
    }
    let mut rows = Vec::new();
    loop {
        let line = lines.line;
        let Some(fields) = lines.next_row()? else {
            return Ok(Value::list(rows));
        };
        if fields.len() != names.len() {
            let message = text!(
                en: "line {line}: expected {expected} as in the first line, found {found}",
                zh: "第 {line} 行：应与第一行一样有 {expected}，实际为 {found} 个",
                line = line,
                expected = FIELD.count(names.len()),
                found = fields.len(),
            );
            return Err(CallError::at(0, message));
        }
        fits((rows.len() + 1).saturating_mul(names.len()))?;
        let entries = names
            .iter()
            .cloned()
            .zip(fields.into_iter().map(Value::from));
        rows.push(Value::map(entries.collect::<Map>()));
    }
}

/// The rest of a text, and the number of its first line.
struct Lines<'t> {
    rest: &'t str,
    line: usize,
}

impl Lines<'_> {
    /// Returns the fields of the next line that is not empty; one may go over several lines in
    /// quotes.
    fn next_row(&mut self) -> Result<Option<Vec<String>>, CallError> {
        while let Some(rest) = end_of_line(self.rest) {
            self.rest = rest;
            self.line += 1;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            if let Some(rest) = end_of_line(self.rest) {
                self.rest = rest;
                self.line += 1;
            }
            return Ok(Some(fields));
        }
    }

    fn field(&mut self) -> Result<String, CallError> {
        let wrong = |line: usize, what: &Text| {
            let message = text!(
                en: "line {line}: {what}",
                zh: "第 {line} 行：{what}",
                line = line,
                what = what,
            );
            CallError::at(0, message)
        };
        let Some(mut rest) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
            let (field, rest) = self.rest.split_at(end);
            // The end of a line may be two characters.
            let field = if rest.starts_with('\n') || rest.is_empty() {
                field.strip_suffix('\r').unwrap_or(field)
            } else {
                field
            };
            if field.contains('"') {
                let what = text!(
                    en: "double quote in an unquoted field",
                    zh: "未加引号的字段中有双引号",
                );
                return Err(wrong(self.line, &what).help(text!(
                    en: "quote the field, and write \"\" for a double quote in it",
                    zh: "为字段加引号，其中的双引号写作 \"\"",
                )));
            }
            self.rest = rest;
            return Ok(field.to_owned());
        };
        let (mut field, began) = (String::new(), self.line);
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                let what = text!(en: "unclosed double quote", zh: "双引号未闭合");
                return Err(wrong(began, &what));
            };
            self.line += part.matches('\n').count();
            field.push_str(&part.replace("\r\n", "\n"));
            match after.strip_prefix('"') {
                Some(after) => {
                    field.push('"');
                    rest = after;
                }
                None if after.is_empty()
                    || after.starts_with(',')
                    || end_of_line(after).is_some() =>
                {
                    self.rest = after;
                    return Ok(field);
                }
                None => {
                    let what = text!(
                        en: "double quote in a quoted field",
                        zh: "加引号的字段中有双引号",
                    );
                    return Err(wrong(self.line, &what).help(text!(
                        en: "write \"\" for a double quote in the field",
                        zh: "字段中的双引号写作 \"\"",
                    )));
                }
            }
        }
    }
}

/// Returns the rest after the end of a line, if this is one.
fn end_of_line(text: &str) -> Option<&str> {
    text.strip_prefix('\n')
        .or_else(|| text.strip_prefix("\r\n"))
}
