//! `[state.NAME]`: the outputs of other configurations, read when an expression first refers to them.

use std::fmt;
use std::sync::OnceLock;

use eci_core::Diagnostics;
use eci_lang::StateOutputs;

use super::Environment;

/// `[state.NAME]`: read once, when an expression first refers to it.
pub(crate) struct LazyState {
    /// Evaluating the settings requires the environment that has the state.
    read: Box<OutputsReader>,
    result: OnceLock<ReadOutputs>,
}

type OutputsReader = dyn Fn(&Environment) -> ReadOutputs + Send + Sync;

/// The outputs of another state, and the problems with reading them.
#[derive(Debug)]
pub(crate) struct ReadOutputs {
    pub(crate) outputs: StateOutputs,
    pub(crate) diagnostics: Diagnostics,
}

impl LazyState {
    pub(crate) fn new(
        read: impl Fn(&Environment) -> ReadOutputs + Send + Sync + 'static,
    ) -> LazyState {
        LazyState {
            read: Box::new(read),
            result: OnceLock::new(),
        }
    }

    fn result(&self, environment: &Environment) -> &ReadOutputs {
        self.result.get_or_init(|| (self.read)(environment))
    }
}

impl fmt::Debug for LazyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LazyState")
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}

impl Environment {
    /// Returns the outputs of `[state.NAME]`; `None` if it is not declared.
    pub(crate) fn state(&self, name: &str) -> Option<&StateOutputs> {
        let state = self.states.get(name)?;
        Some(&state.result(self).outputs)
    }

    /// Reports problems of all `[state.NAME]`.
    pub(crate) fn check_states(&self, diagnostics: &mut Diagnostics) {
        for state in self.states.values() {
            let found = &state.result(self).diagnostics.0;
            diagnostics.0.extend(found.iter().cloned());
        }
    }
}
