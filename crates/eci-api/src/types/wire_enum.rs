//! Words with which the cloud reports a status.

/// Declares an enum of words, each with the spellings that it comes in, the first of which is
/// written. The lists of the cloud's pages are not complete: a word that is not known is kept
/// as it is, cut where it is longer than any, and is never an error.
macro_rules! word {
    (
        $(#[$meta:meta])*
        $name:ident {
            $($(#[$word_meta:meta])* $word:ident = $first:literal $(| $other:literal)*,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$word_meta])* $word,)*
            /// One that is not known; empty where the cloud gives none.
            Other(String),
        }

        impl $name {
            /// Returns the cloud's spelling.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$word => $first,)*
                    $name::Other(text) => text,
                }
            }
        }

        impl Default for $name {
            fn default() -> $name {
                $name::Other(String::new())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> $name {
                match text {
                    $($first $(| $other)* => $name::$word,)*
                    other => $name::Other($crate::excerpt::beginning(other, $crate::excerpt::WORD)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(match self.as_str() {
                    "" => "(no status)",
                    text => return f.write_str(&eci_text::line(text)),
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(
                deserializer: D,
            ) -> Result<$name, D::Error> {
                let text: Option<String> = Option::deserialize(deserializer)?;
                Ok($name::from(text.unwrap_or_default().as_str()))
            }
        }

        impl $crate::types::lenient::FromJson for $name {
            fn from_json(
                json: &mut serde_json::Value,
            ) -> Result<$name, $crate::types::lenient::ParseError> {
                let text = $crate::types::lenient::text(json).unwrap_or_default();
                Ok($name::from(text.as_str()))
            }
        }
    };
}
pub(crate) use word;
