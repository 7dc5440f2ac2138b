//! The outputs of other configurations: `[state.NAME]`.

use eci_config::{OtherOutput, OtherOutputs, OtherState, StateProblem, StateReader, Variables};
use eci_engine::{BackendError, connect_other_state};
use eci_state::{RemoteError, StateError, WorkspaceError};
use eci_text::text;

use super::Context;
use super::state_words::no_state;

impl Context {
    /// Lets variables read the outputs of other states when an expression refers to them.
    pub(super) fn read_other_states(&self, variables: &mut Variables) {
        variables.read_states_with(StateReader::new(outputs_of));
    }
}

/// Reads the outputs of another configuration.
fn outputs_of(other: &OtherState) -> Result<OtherOutputs, StateProblem> {
    let problem = |error: &(dyn std::error::Error + 'static), help| StateProblem {
        message: crate::error::text_of(error),
        help,
    };
    let of_state = |error: StateError| {
        let help = match &error {
            StateError::Remote(RemoteError::Migrated { .. }) => Some(text!(
                en: "update the backend of `[state.{name}]`",
                zh: "更新 `[state.{name}]` 的后端",
                name = other.name,
            )),
            error => error.help(),
        };
        problem(&error, help)
    };
    let backend = connect_other_state(other);
    let backend = backend.map_err(|error| {
        let help = match &error {
            BackendError::NoKey => text!(
                en: "add `encryption.key = [{{ passphrase_env = \"ECI_STATE_PASSPHRASE\" }}]` to `[state.{name}]`",
                zh: "在 `[state.{name}]` 中添加 `encryption.key = [{{ passphrase_env = \"ECI_STATE_PASSPHRASE\" }}]`",
                name = other.name,
            ),
            error => error.help(),
        };
        problem(&error, Some(help))
    })?;
    let of_workspace = |error: WorkspaceError| {
        let help = error.help();
        problem(&error, help)
    };
    let workspace = other.workspace.parse().map_err(of_workspace)?;
    let place = backend.workspace(&workspace).ok_or_else(|| {
        let location = backend.location();
        of_workspace(WorkspaceError::Unsupported { location })
    })?;
    let snapshot = place.existing().map_err(of_state)?;
    let snapshot = snapshot.ok_or_else(|| StateProblem {
        message: no_state(&place),
        help: Some(text!(
            en: "apply the other configuration first, or correct `[state.{name}]`",
            zh: "先应用该配置，或更正 `[state.{name}]`",
            name = other.name,
        )),
    })?;
    let outputs = snapshot.outputs.into_iter().map(|(name, output)| {
        let is_secret = output.sensitive || output.value.has_sensitive();
        let output = if is_secret {
            OtherOutput::Sensitive
        } else {
            OtherOutput::Value(output.value)
        };
        (name, output)
    });
    Ok(outputs.collect())
}
