//! Checks of one value each.

use std::ops::RangeInclusive;

use crate::model::group_error::GroupApiError;

pub(super) type CheckResult = Result<(), GroupApiError>;

/// Most containers, init containers and volumes (by analogy).
pub(super) const MOST_OF_A_KIND: usize = 20;

pub(super) fn dns_label(path: &str, name: &str) -> CheckResult {
    let fits = (1..=63).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-');
    if fits {
        return Ok(());
    }
    Err(GroupApiError::invalid(format!(
        "{path} {name:?} must be 1 to 63 of a-z, 0-9 and -, beginning and ending with a letter \
         or digit"
    )))
}

pub(super) fn not_empty(path: &str, value: &str) -> CheckResult {
    if value.is_empty() {
        return Err(GroupApiError::invalid(format!("{path} must not be empty")));
    }
    Ok(())
}

pub(super) fn one_of(path: &str, value: &str, allowed: &[&str]) -> CheckResult {
    if allowed.contains(&value) {
        return Ok(());
    }
    let allowed: Vec<String> = allowed.iter().map(|name| format!("{name:?}")).collect();
    Err(GroupApiError::invalid(format!(
        "{path} must be one of {}, found {value:?}",
        allowed.join(", ")
    )))
}

pub(super) fn positive(path: &str, value: Option<f64>) -> CheckResult {
    match value {
        Some(number) if number <= 0.0 => Err(GroupApiError::invalid(format!(
            "{path} must be more than 0, found {number}"
        ))),
        _ => Ok(()),
    }
}

pub(super) fn in_range(
    path: &str,
    value: Option<i64>,
    range: RangeInclusive<i64>,
    unit: &str,
) -> CheckResult {
    match value {
        Some(number) if !range.contains(&number) => {
            let unit = if unit.is_empty() {
                String::new()
            } else {
                format!(" {unit}")
            };
            Err(GroupApiError::invalid(format!(
                "{path} must be {} to {}{unit}, found {number}",
                range.start(),
                range.end()
            )))
        }
        _ => Ok(()),
    }
}

pub(super) fn at_least(path: &str, value: Option<i64>, least: i64) -> CheckResult {
    match value {
        Some(number) if number < least => Err(GroupApiError::invalid(format!(
            "{path} must be at least {least}, found {number}"
        ))),
        _ => Ok(()),
    }
}

pub(super) fn at_most(path: &str, count: usize, most: usize) -> CheckResult {
    if count > most {
        return Err(GroupApiError::invalid(format!(
            "{path} may have at most {most}, found {count}"
        )));
    }
    Ok(())
}
