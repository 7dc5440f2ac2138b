//! Context of a run.

use eci_provider::ResourceProvider;
use eci_state::Store;

use crate::effects::Effects;
use crate::event::Reporter;

/// The cloud, the state and the surroundings that a run works with.
pub struct RunContext<'a, A> {
    /// The cloud.
    pub provider: &'a ResourceProvider<A>,
    /// The state.
    pub store: &'a mut dyn Store,
    /// The clock and randomness.
    pub effects: &'a Effects,
    /// The listener to its events.
    pub reporter: &'a dyn Reporter,
}
