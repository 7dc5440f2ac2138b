//! The variables of a configuration: their types, and the values that they are given from outside.

mod convert;
mod external_inputs;
mod number_text;
mod types;
mod values;

pub(crate) use convert::{ConversionError, misspelled};
pub(crate) use external_inputs::ExternalInputs;
pub use external_inputs::{OtherOutput, OtherOutputs, StateProblem, StateReader};
pub(crate) use number_text::{ChangedNumber, changed_number};
pub(crate) use types::{BadType, VariableType};
pub(crate) use values::{InputValue, ValueOrigin};
pub use values::{RawValue, ValueSource, ValuesFileError, VariableError, Variables};
