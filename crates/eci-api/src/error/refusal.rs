//! A refusal of a call by the cloud, and what to do about it.

use std::fmt;
use std::time::Duration;

use super::codes::{is_of_a_service, is_of_name};
use super::reason::Reason;

/// A refusal in the cloud's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
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
            Reason::Other(_) => {
                (400..500).contains(&self.status_code) || is_of_a_service(&self.error)
            }
            _ => !self.reason.is_breakdown(),
        }
    }

    /// Returns whether it says that the resource does not exist, or no longer. The status has to say the
    /// same as the reason; 900 is that of every refusal by the services with orders.
    pub(super) fn is_gone(&self) -> bool {
        self.reason.is_gone() && matches!(self.status_code, 404 | 410 | 900)
    }

    pub(super) fn help(&self, retry_after: Option<Duration>) -> Option<String> {
        let key = &self.access_key;
        let help = match self.reason {
            Reason::Unauthorized => format!(
                "check CTYUN_AK and CTYUN_SK or the `credentials_file` (the access key tried is \
                 {key:?}), and this machine's clock: a signature is good for some minutes"
            ),
            Reason::Forbidden => {
                format!("the access key {key:?} may not do this: grant it in the console")
            }
            Reason::TooManyRequests => match retry_after {
                Some(time) => format!(
                    "wait {} s, or make fewer calls per second (`rate_limit` under [provider])",
                    time.as_secs_f64()
                ),
                None => "make fewer calls per second (`rate_limit` under [provider])".to_owned(),
            },
            Reason::PaymentRequired => {
                "top up the account in the CTyun console, then run the command again".to_owned()
            }
            Reason::QuotaExceed => "delete what is no longer needed, or request a higher quota in \
                                    the CTyun console; then run the command again"
                .to_owned(),
            Reason::AlreadyExists => {
                "choose another name, or adopt what is there (`eci import ADDR ID`)".to_owned()
            }
            Reason::Conflict => "try again when the resource has come to rest".to_owned(),
            _ if is_of_name(&self.error) => {
                "another disk of the account has this name: set another one \
                                             with `name` in `disk` (without it, the name is \
                                             derived from the resource address). If \
                                             `eci orphans` lists that disk, this state created \
                                             it: adopt it with `eci orphans --adopt ADDR=ID`; \
                                             otherwise import it with `eci import ADDR ID`"
                    .to_owned()
            }
            _ if self.reason.is_of_value() && self.message.contains("regionId") => {
                "correct `region_id` under [provider], or CTYUN_REGION_ID".to_owned()
            }
            _ if self.reason.is_of_value() => "correct the field that the message names".to_owned(),
            _ if self.reason.is_breakdown() => {
                "try again later; if it stays, ask the vendor's support with the request id"
                    .to_owned()
            }
            _ => {
                "look the code up in the vendor's API reference, or ask the vendor's support with \
                 the request id"
                    .to_owned()
            }
        };
        Some(help)
    }
}

/// `422 Invalid: containerGroupName is not valid (参数不合法)`
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.status_code;
        match &self.reason {
            Reason::Other(error) if *error == code.to_string() => write!(f, "{code}")?,
            reason => write!(f, "{code} {reason}")?,
        }
        match (self.message.as_str(), self.description.as_str()) {
            ("", "") => Ok(()),
            ("", words) | (words, "") => write!(f, ": {words}"),
            (message, description) if message == description => write!(f, ": {message}"),
            (message, description) => write!(f, ": {message} ({description})"),
        }
    }
}
