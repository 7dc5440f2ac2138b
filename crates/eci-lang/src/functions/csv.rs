//! CSV, as strictly read as Terraform reads it: RFC 4180.

use std::sync::Arc;

use eci_core::{Map, Value};

use super::function::{Answer, CallError, fits, text};

/// `csvdecode(text)`: a table for each line but the first.
pub(super) fn csvdecode(arguments: &[Value]) -> Answer {
    let text = text(arguments, 0)?;
    let mut lines = Lines {
        rest: &text,
        line: 1,
    };
    let header = lines.next_row()?.ok_or_else(|| {
        CallError::at(0, "the first line must name the columns, and there is none")
    })?;
    let names: Vec<Arc<str>> = header.into_iter().map(Arc::from).collect();
    if let Some((at, name)) = names
        .iter()
        .enumerate()
        .find(|(at, name)| names[..*at].contains(name))
    {
        let message = format!("column {} is named {name:?} as one before it", at + 1);
        return Err(CallError::at(0, message));
    }
    let mut rows = Vec::new();
    loop {
        let line = lines.line;
        let Some(fields) = lines.next_row()? else {
            return Ok(Value::list(rows));
        };
        if fields.len() != names.len() {
            let (found, wanted) = (fields.len(), names.len());
            let message = format!("fields: line {line} has {found}, the first line {wanted}");
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

/// What is left to read, and at which line it begins.
struct Lines<'t> {
    rest: &'t str,
    line: usize,
}

impl Lines<'_> {
    /// The fields of the next line that is not empty; one may go over several lines in quotes.
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
        let wrong = |line: usize, what: &str| CallError::at(0, format!("line {line}: {what}"));
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
                let what = "a quote within a field; put the field in quotes and write \"\" for it";
                return Err(wrong(self.line, what));
            }
            self.rest = rest;
            return Ok(field.to_owned());
        };
        let (mut field, began) = (String::new(), self.line);
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                return Err(wrong(began, "a quote that is never closed"));
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
                    let what = "a quote must end the field, or be written \"\" within it";
                    return Err(wrong(self.line, what));
                }
            }
        }
    }
}

/// What stands behind the end of a line, if this is one.
fn end_of_line(text: &str) -> Option<&str> {
    text.strip_prefix('\n')
        .or_else(|| text.strip_prefix("\r\n"))
}
