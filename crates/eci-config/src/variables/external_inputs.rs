//! Inputs from outside besides the values of variables.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use eci_core::Value;
use eci_text::Text;

use crate::state_settings::OtherState;

/// Inputs from outside besides the values of variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct ExternalInputs {
    /// The settings of the backend on the command line.
    pub(crate) backend: BTreeMap<String, String>,
    /// The variables of the environment that are texts.
    pub(crate) system: BTreeMap<String, String>,
    /// Whether the variables of the environment are unknown, those that are not set as well.
    pub(crate) is_system_unknown: bool,
    /// The reader of other states; without one, their outputs are unknown.
    pub(crate) reader: Option<StateReader>,
}

/// An output of another configuration.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum OtherOutput {
    /// Its value.
    Value(Value),
    /// A sensitive output: a state has only a digest of it.
    Sensitive,
}

/// The outputs of another state, by their names.
pub type OtherOutputs = BTreeMap<String, OtherOutput>;

/// A reader of the outputs of other states.
#[derive(Clone)]
pub struct StateReader(Arc<ReadState>);

type ReadState = dyn Fn(&OtherState) -> Result<OtherOutputs, StateProblem> + Send + Sync;

/// The reason why the outputs of another state cannot be read.
#[derive(Clone, Debug)]
pub struct StateProblem {
    /// The message.
    pub message: Text,
    /// The remedy.
    pub help: Option<Text>,
}

impl fmt::Debug for StateReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StateReader")
    }
}

impl StateReader {
    /// Wraps a function that reads the outputs of a state.
    pub fn new(
        read: impl Fn(&OtherState) -> Result<OtherOutputs, StateProblem> + Send + Sync + 'static,
    ) -> StateReader {
        StateReader(Arc::new(read))
    }

    /// Reads the outputs of a state.
    pub(crate) fn read(&self, state: &OtherState) -> Result<OtherOutputs, StateProblem> {
        (self.0)(state)
    }
}
