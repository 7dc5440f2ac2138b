//! The limits of one call, with the source of each.

use eci_text::text;

use crate::error::{CallError, CallErrorKind};
use crate::operation::Operation;

/// The most ids that one query names.
///
/// How many the cloud takes is not stated, neither for container groups, whose ids are joined by
/// commas (API reference), nor for elastic IPs (published client). As many as a page holds where
/// no other size is given (API reference: `limit` is 20 by default): then one page answers for
/// all of them even where the cloud passes over a larger size (assumed).
pub const MOST_IDS: usize = 20;

/// The number of groups on a page: the default of `limit` (API reference).
///
/// The largest value is not stated.
pub const LARGEST_PAGE: i64 = 20;

/// The number of elastic IPs on a page: `pageSize` is 1 to 50 (published client, not confirmed).
pub const LARGEST_EIP_PAGE: i64 = 50;

/// The number of disks on a page: `pageSize` is at most 300 (published client).
///
/// No query of disks names IDs.
pub const LARGEST_DISK_PAGE: i64 = 300;

/// The most elastic IPs that one call puts into a shared bandwidth or takes out of it: `eipIDs` is
/// 1 to 50 (published client).
pub const MOST_SHARING: usize = 50;

/// Refuses a call that names more ids than the cloud is known to take.
pub(crate) fn check_ids(operation: Operation, named: usize, most: usize) -> Result<(), CallError> {
    if named <= most {
        return Ok(());
    }
    let detail = text!(
        en: "it has {named} IDs; one call can have at most {most}",
        zh: "包含 {named} 个 ID，而一次调用最多 {most} 个",
        named = named,
        most = most,
    );
    Err(CallError::new(operation, CallErrorKind::NotSent { detail }))
}
