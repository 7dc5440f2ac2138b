//! A refusal of a call by the cloud.

use std::fmt;

use eci_text::{Lang, Localize};

use super::codes::is_of_a_service;
use super::reason::StatusReason;

/// A refusal in the cloud's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The reason.
    pub reason: StatusReason,
    /// The envelope's `statusCode`.
    pub status_code: i64,
    /// The envelope's `error` or `errorCode`; empty where there is neither.
    pub error: String,
    /// The envelope's `message`, usually English; may be empty.
    pub message: String,
    /// The envelope's `description`, usually Chinese; may be empty.
    pub description: String,
    /// The access key that the call was signed with; not a secret.
    pub access_key: String,
}

impl Refusal {
    /// Returns whether it leaves no doubt that nothing was done.
    pub(super) fn is_final(&self) -> bool {
        match self.reason {
            StatusReason::Other(_) => {
                (400..500).contains(&self.status_code) || is_of_a_service(&self.error)
            }
            _ => !self.reason.is_breakdown(),
        }
    }

    /// Returns whether it says that the resource does not exist, or no longer.
    ///
    /// The status has to say the same as the reason; 900 is that of every refusal by the services with
    /// orders.
    pub(super) fn means_missing(&self) -> bool {
        self.reason.means_missing() && matches!(self.status_code, 404 | 410 | 900)
    }
}

/// The words of the cloud: `422 Invalid: containerGroupName is not valid (参数不合法)`.
impl Localize for Refusal {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.status_code;
        match &self.reason {
            StatusReason::Other(error) if *error == code.to_string() => write!(f, "{code}")?,
            reason => write!(f, "{code} {reason}")?,
        }
        let colon = lang.pick(": ", "：");
        match (self.message.as_str(), self.description.as_str()) {
            ("", "") => Ok(()),
            ("", words) | (words, "") => write!(f, "{colon}{words}"),
            (message, description) if message == description => write!(f, "{colon}{message}"),
            (message, description) => match lang {
                Lang::En => write!(f, ": {message} ({description})"),
                Lang::Zh => write!(f, "：{message}（{description}）"),
            },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_in(Lang::En, f)
    }
}
