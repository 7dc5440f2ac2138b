//! Inputs from outside besides the values of variables.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use eci_core::{Diagnostic, Diagnostics, Value, codes};
use eci_lang::StateOutputs;
use eci_text::{Text, text};

use super::Environment;
use crate::backend::{OtherState, read_other_state};
use crate::parse::Block;

/// Inputs from outside besides the values of variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outside {
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
}

/// `[state.NAME]`: read once, when an expression first refers to it.
#[derive(Debug)]
pub(crate) struct LazyState {
    block: Arc<Block>,
    /// `[encryption]` of the configuration.
    encryption: Option<Arc<Block>>,
    read: OnceLock<ReadOutputs>,
}

#[derive(Debug)]
struct ReadOutputs {
    outputs: StateOutputs,
    diagnostics: Diagnostics,
}

impl LazyState {
    pub(crate) fn new(block: Arc<Block>, encryption: Option<Arc<Block>>) -> LazyState {
        LazyState {
            block,
            encryption,
            read: OnceLock::new(),
        }
    }

    fn read(&self, environment: &Environment) -> &ReadOutputs {
        self.read.get_or_init(|| {
            let mut diagnostics = Diagnostics::default();
            let encryption = self.encryption.as_deref();
            let state = read_other_state(environment, &self.block, encryption, &mut diagnostics);
            let unread = |diagnostics| ReadOutputs {
                outputs: StateOutputs::Unknown,
                diagnostics,
            };
            let Some(state) = state.filter(|_| !diagnostics.has_errors()) else {
                return unread(diagnostics);
            };
            let Some(StateReader(reader)) = &environment.outside.reader else {
                return unread(diagnostics);
            };
            match reader(&state) {
                Ok(outputs) => ReadOutputs {
                    outputs: known(outputs),
                    diagnostics,
                },
                Err(StateProblem { message, help }) => {
                    let message = text!(
                        en: "failed to read the outputs of `state.{name}`: {message}",
                        zh: "读取 `state.{name}` 的输出失败：{message}",
                        name = self.block.name,
                        message = message,
                    );
                    let mut diagnostic =
                        Diagnostic::new(codes::UNREADABLE, message).at(self.block.place());
                    if let Some(help) = help {
                        diagnostic = diagnostic.help(help);
                    }
                    diagnostics.push(diagnostic);
                    unread(diagnostics)
                }
            }
        })
    }
}

fn known(outputs: OtherOutputs) -> StateOutputs {
    let mut values = BTreeMap::new();
    let mut sensitive = BTreeSet::new();
    for (name, output) in outputs {
        let name: Arc<str> = name.into();
        match output {
            OtherOutput::Value(value) => {
                values.insert(name, value);
            }
            OtherOutput::Sensitive => {
                sensitive.insert(name);
            }
        }
    }
    StateOutputs::Known { values, sensitive }
}

impl Environment {
    /// Returns the outputs of `[state.NAME]`; `None` if it is not declared.
    pub(crate) fn state(&self, name: &str) -> Option<&StateOutputs> {
        let state = self.states.get(name)?;
        Some(&state.read(self).outputs)
    }

    /// Reports problems of all `[state.NAME]`.
    pub(crate) fn check_states(&self, diagnostics: &mut Diagnostics) {
        for state in self.states.values() {
            diagnostics
                .0
                .extend(state.read(self).diagnostics.0.iter().cloned());
        }
    }
}
