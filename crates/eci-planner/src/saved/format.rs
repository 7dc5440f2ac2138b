//! The format of saved plans.

/// The format of plans that this version writes, and the only one that it reads: whoever
/// updates in between plans again.
pub const FORMAT: u32 = 5;
