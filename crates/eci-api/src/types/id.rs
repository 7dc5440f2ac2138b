//! The ids that the cloud gives.

use std::fmt;
use std::str::FromStr;

use eci_text::{Lang, Text, messages, text};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient::{FromJson, ParseError, text};
use crate::excerpt::{WORD, beginning};

/// A text that cannot be an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct InvalidId {
    /// The text.
    pub given: String,
    /// The kind of resource: `container group`.
    pub what: Text,
    /// An id as the cloud gives them.
    pub example: &'static str,
}

messages! { InvalidId:
    InvalidId { given, what, .. } =>
        en("invalid {what} ID `{}`", eci_text::line(&beginning(given, WORD))),
        zh("{} ID `{}` 无效", what.get(Lang::Zh), eci_text::line(&beginning(given, WORD)));
}

impl InvalidId {
    /// Returns the remedy.
    pub fn help(&self) -> Text {
        text!(
            en: "use 1 to 128 letters, digits, `-`, or `_`, for example `{example}`",
            zh: "使用 1 到 128 个字母、数字、`-` 或 `_`，例如 `{example}`",
            example = self.example,
        )
    }

    /// Returns the message as a part of another one.
    pub(crate) fn text(&self) -> Text {
        Text::of(&self)
    }
}

/// Declares a kind of id.
///
/// The form is taken more widely than the cloud's ids have it, and no more widely than fits into a
/// path and into a list joined by commas.
macro_rules! id {
    ($(#[$meta:meta])* $name:ident, $en:literal $zh:literal, $example:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Creates an ID, if the text can be one.
            ///
            /// # Errors
            /// If it is empty, too long, or has other characters than letters, digits, `-` and
            /// `_`.
            pub fn new(id: impl Into<String>) -> Result<$name, InvalidId> {
                let given = id.into();
                if fits(&given) {
                    Ok($name(given))
                } else {
                    Err(InvalidId {
                        given,
                        what: Text::fixed($en, $zh),
                        example: $example,
                    })
                }
            }

            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(id: &str) -> Result<$name, InvalidId> {
                $name::new(id)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(id: String) -> Result<$name, InvalidId> {
                $name::new(id)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl FromJson for $name {
            fn from_json(json: &mut Value) -> Result<$name, ParseError> {
                let id = text(json).ok_or(ParseError::new(Text::fixed(
                    concat!("missing ", $en, " ID"),
                    concat!("缺少", $zh, " ID"),
                )))?;
                $name::new(id)
                    .map_err(|_| ParseError::new(Text::fixed(
                        concat!("invalid ", $en, " ID"),
                        concat!($zh, " ID 无效"),
                    )))
            }
        }

        /// An ID that may be absent: a missing, null or empty one is `None`.
        impl FromJson for Option<$name> {
            fn from_json(json: &mut Value) -> Result<Option<$name>, ParseError> {
                match text(json) {
                    Some(id) if !id.is_empty() => $name::from_json(json).map(Some),
                    _ => Ok(None),
                }
            }
        }
    };
}

fn fits(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

id!(
    /// The id of a container group: `eci-3rr2p3bikgw7phf1lm0cn39y0y`.
    ContainerGroupId,
    "container group" "容器组",
    "eci-3rr2p3bikgw7phf1lm0cn39y0y"
);

id!(
    /// The id of an elastic IP: `eip-5sdasd2gfh`.
    EipId,
    "EIP" "弹性 IP",
    "eip-5sdasd2gfh"
);

id!(
    /// The id of a cloud disk, a UUID.
    DiskId,
    "disk" "云硬盘",
    "0ae97ef5-6ee5-44af-9d05-1a509b1c3e15"
);

id!(
    /// The id of an order: `masterOrderID`.
    OrderId,
    "order" "订单",
    "5637ae2a19234e3593ca717c66513474"
);

id!(
    /// The id of a job, which attaches or detaches a disk.
    JobId,
    "asynchronous job" "异步任务",
    "4bcbe9f1-2b5f-4b0e-8a3c-8b8d3a8f8a4e"
);

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_id_with_path_characters_is_refused() {
        assert!(ContainerGroupId::new("eci-3rr2p3bikgw7phf1lm0cn39y0y").is_ok());
        for other in ["", "..", "a/b", "a,b", "a?force=true", "a b", "组"] {
            assert!(ContainerGroupId::new(other).is_err(), "{other}");
        }
        assert!(ContainerGroupId::new("x".repeat(129)).is_err());
    }

    #[test]
    fn an_invalid_id_is_reported_with_the_expected_form() {
        let invalid = EipId::new("1.2.3.4").unwrap_err();
        assert_eq!(invalid.to_string(), "invalid EIP ID `1.2.3.4`");
        assert!(invalid.help().en().contains("eip-5sdasd2gfh"));
    }

    #[test]
    fn an_id_that_is_null_or_empty_is_none() {
        let read = |mut json| Option::<EipId>::from_json(&mut json).unwrap();
        assert_eq!(read(json!(null)), None);
        assert_eq!(read(json!("")), None);
        assert_eq!(read(json!("eip-1")), Some(EipId::new("eip-1").unwrap()));
        assert!(Option::<EipId>::from_json(&mut json!("a b")).is_err());
    }
}
