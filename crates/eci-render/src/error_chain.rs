//! An error with its causes, as messages in all languages.

use std::error::Error;
use std::fmt;
use std::iter::successors;

use eci_text::{Lang, Text};

/// The messages of an error and of its causes, the error first.
///
/// There is at least one.
///
/// `{}` writes the error in English, `{:#}` also its causes, as `anyhow` does, except those that are repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorChain(Vec<Text>);

impl ErrorChain {
    /// Returns the chain of an error; `text_of` returns the message of each error in it.
    pub fn new(
        error: &(dyn Error + 'static),
        text_of: fn(&(dyn Error + 'static)) -> Text,
    ) -> ErrorChain {
        let causes = successors(Some(error), |cause| (*cause).source());
        ErrorChain(causes.map(text_of).collect())
    }

    /// Returns the messages, the error first.
    pub fn messages(&self) -> &[Text] {
        &self.0
    }

    /// Returns the messages in a language, the error first.
    ///
    /// An error that repeats its cause shows it once.
    pub fn messages_in(&self, lang: Lang) -> Vec<&str> {
        let mut shown: Vec<&str> = Vec::with_capacity(self.0.len());
        for message in &self.0 {
            let message = message.get(lang);
            if !shown.iter().any(|earlier| earlier.contains(message)) {
                shown.push(message);
            }
        }
        shown
    }
}

impl From<Text> for ErrorChain {
    fn from(message: Text) -> ErrorChain {
        ErrorChain(vec![message])
    }
}

impl fmt::Display for ErrorChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = if f.alternate() { self.0.len() } else { 1 };
        let messages = self.messages_in(Lang::En);
        let messages: Vec<&str> = messages.into_iter().take(count).collect();
        f.write_str(&messages.join(": "))
    }
}

/// Returns the message of an error in all languages, if its type is one of those listed.
///
/// Errors of other crates have only their own words.
#[macro_export]
macro_rules! localized {
    ($error:expr; $($type:ty),* $(,)?) => {{
        let error: &(dyn std::error::Error + 'static) = $error;
        let text: Option<$crate::Text> = None;
        $(let text = text.or_else(|| error.downcast_ref::<$type>().map(|error| $crate::Text::of(error)));)*
        text
    }};
}

/// Returns the message of an error: in all languages if it is an error of eci's libraries, otherwise
/// in its own words.
pub fn text_of(error: &(dyn Error + 'static)) -> Text {
    // One row per error type that has its messages in all languages.
    let known = localized!(
        error;
        eci_core::address::AddressError,
        eci_core::path::PatternError,
        eci_text::Message,
        eci_api::CallError,
        eci_api::ClientError,
        eci_config::ValuesFileError,
        eci_config::VariableError,
        eci_config::WrongId,
        eci_core::value::NumberError,
        eci_executor::AmbiguousCreate,
        eci_executor::ApplyError,
        eci_executor::RecoverError,
        eci_executor::TaskError,
        eci_provider::EncodeError,
        eci_planner::InvalidPlan,
        eci_planner::SavedError,
        eci_provider::PriceError,
        eci_provider::RequestError,
        crate::outputs::RawError,
        eci_state::AnotherCloud,
        eci_state::Corruption,
        eci_state::DeviceError,
        eci_state::IntegrityError,
        eci_state::ObjectDamage,
        eci_state::RemoteError,
        eci_state::StateError,
        eci_state::WorkspaceError,
    );
    known.unwrap_or_else(|| Text::of_error(error))
}
