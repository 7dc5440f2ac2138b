//! Causes of errors below HTTP.

use std::error::Error;

use eci_text::Text;

use crate::excerpt::{SENTENCE, beginning};

/// Returns the last of an error's causes, which describes what happened.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> Text {
    // A certificate or a header of the other side may be quoted.
    Text::of_root_cause(error).map(|cause| beginning(&cause, SENTENCE).into())
}
