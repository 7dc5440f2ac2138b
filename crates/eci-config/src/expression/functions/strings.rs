//! Functions over text.

use eci_core::Value;

use super::{Fault, expected, list, text, too_large};
use crate::expression::budget::LARGEST_VALUE;
use crate::expression::operators::as_text;

pub(super) fn lower(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::from(text(arguments, 0)?.to_lowercase()))
}

pub(super) fn upper(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::from(text(arguments, 0)?.to_uppercase()))
}

pub(super) fn trimspace(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::from(text(arguments, 0)?.trim()))
}

/// `join(separator, list…)`
pub(super) fn join(arguments: &[Value]) -> Result<Value, Fault> {
    let separator = text(arguments, 0)?;
    let mut joined = String::new();
    let mut first = true;
    for at in 1..arguments.len() {
        for item in list(arguments, at)? {
            let item = as_text(item).ok_or_else(|| expected(at, "a list of strings", item))?;
            if !first {
                joined.push_str(&separator);
            }
            first = false;
            if joined.len() + item.len() > LARGEST_VALUE {
                return Err(too_large());
            }
            joined.push_str(&item);
        }
    }
    Ok(Value::from(joined))
}

/// `split(separator, text)`
pub(super) fn split(arguments: &[Value]) -> Result<Value, Fault> {
    let (separator, text) = (text(arguments, 0)?, text(arguments, 1)?);
    let items: Vec<Value> = if text.is_empty() {
        Vec::new()
    } else if separator.is_empty() {
        text.chars().map(|c| Value::from(c.to_string())).collect()
    } else {
        text.split(&*separator).map(Value::from).collect()
    };
    Ok(Value::list(items))
}

/// `replace(text, what, by)`
pub(super) fn replace(arguments: &[Value]) -> Result<Value, Fault> {
    let (text, what, by) = (
        text(arguments, 0)?,
        text(arguments, 1)?,
        text(arguments, 2)?,
    );
    if what.len() > 1 && what.starts_with('/') && what.ends_with('/') {
        let message = "regular expressions are not supported yet; write the text itself";
        return Err(Fault::at(1, message));
    }
    // Where it would not become longer there is nothing to count.
    let more = by.len().saturating_sub(what.len());
    if more > 0 && text.matches(&*what).count().saturating_mul(more) > LARGEST_VALUE {
        return Err(too_large());
    }
    Ok(Value::from(text.replace(&*what, &by)))
}

pub(super) fn tostring(arguments: &[Value]) -> Result<Value, Fault> {
    match &arguments[0] {
        Value::Null => Ok(Value::Null),
        _ => Ok(Value::String(text(arguments, 0)?)),
    }
}
