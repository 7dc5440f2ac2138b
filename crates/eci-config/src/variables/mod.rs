//! The variables of a configuration: their types, and the values that they are given from outside.

mod convert;
mod external_inputs;
mod input_error;
mod input_value;
mod number_text;
mod types;
mod values;

pub(crate) use convert::{ConversionError, misspelled};
pub(crate) use external_inputs::ExternalInputs;
pub use external_inputs::{OtherOutput, OtherOutputs, StateProblem, StateReader};
pub use input_error::{ValuesFileError, VariableError};
pub(crate) use input_value::{InputValue, ValueOrigin};
pub use input_value::{RawValue, ValueSource};
pub(crate) use number_text::{ChangedNumber, changed_number};
pub(crate) use types::{BadType, VariableType};
pub use values::Variables;
