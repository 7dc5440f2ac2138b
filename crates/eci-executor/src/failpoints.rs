//! The faults of a crash test; see [`eci_state::crash`].
//!
//! Without the feature `failpoints` there are none, except for the consistency window of a debug
//! build.
//!
//! | variable | meaning |
//! |---|---|
//! | `ECI_FAULT_LATE_INTENTS=1` | intents are recorded after their calls: an error to be found |
//! | `ECI_FAULT_NEW_TOKENS=1` | an order of an earlier run is placed again under another token, and not looked for before that: likewise |
//! | `ECI_CONSISTENCY_MS=N` | how long a call without an answer may still take effect; debug builds read it too, so that tests need not wait |

use std::time::Duration;

/// Returns whether intents are recorded only after their calls.
///
/// A check that nothing is lost must notice that.
#[cfg(feature = "failpoints")]
pub(crate) fn records_intents_late() -> bool {
    std::env::var_os("ECI_FAULT_LATE_INTENTS").is_some()
}

/// Returns whether intents are recorded only after their calls.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub(crate) fn records_intents_late() -> bool {
    false
}

/// Returns whether an order of an earlier run is placed again under another token than its own,
/// without looking for its result. A check that nothing is created twice must notice that.
#[cfg(feature = "failpoints")]
pub(crate) fn uses_new_tokens() -> bool {
    std::env::var_os("ECI_FAULT_NEW_TOKENS").is_some()
}

/// Returns whether an order of an earlier run is placed again under another token than its own.
#[cfg(not(feature = "failpoints"))]
#[inline(always)]
pub(crate) fn uses_new_tokens() -> bool {
    false
}

/// Returns another consistency window: calls to the simulated cloud of a crash test never take
/// effect much later.
#[cfg(any(feature = "failpoints", debug_assertions))]
pub(crate) fn consistency_window() -> Option<Duration> {
    let given = std::env::var("ECI_CONSISTENCY_MS").ok()?;
    given.parse().ok().map(Duration::from_millis)
}

/// Returns another consistency window.
#[cfg(not(any(feature = "failpoints", debug_assertions)))]
#[inline(always)]
pub(crate) fn consistency_window() -> Option<Duration> {
    None
}
