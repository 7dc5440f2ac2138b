//! The format of saved plans.

/// The format of plans that this version writes, and the only one that it reads: after an update, a
/// new plan has to be created.
pub const FORMAT: u32 = 6;
