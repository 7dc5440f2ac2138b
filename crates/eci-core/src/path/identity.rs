//! Identities of the elements of lists.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::step::PathStep;
use crate::value::{SENSITIVE, Value};

/// The identity of an element of a list: the values of its identifying fields.
///
/// It knows whether one of them is sensitive, and is never shown then.
///
/// Two are equal if their values are, whatever is marked in them.
#[derive(Clone)]
pub struct Identity {
    text: String,
    is_secret: bool,
}

/// Returns the identity of an element; `None` while one of its identifying fields is
/// not known.
pub fn identity_of(item: &Value, keys: &[&str]) -> Option<Identity> {
    let entries = item.as_map()?;
    let mut text = String::new();
    let mut is_secret = matches!(item, Value::Sensitive(_));
    for key in keys {
        let (part, marked) = entries.get(*key)?.reveal();
        let part = match part {
            Value::String(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        is_secret |= marked;
        if !text.is_empty() {
            text.push('/');
        }
        text.push_str(&part);
    }
    Some(Identity { text, is_secret })
}

/// Returns what identifies an element of a list, unless that is itself sensitive.
pub fn public_identity(item: &Value, keys: &[&str]) -> Option<Identity> {
    identity_of(item, keys).filter(|identity| !identity.is_secret)
}

impl Identity {
    /// Returns whether a part of it is sensitive.
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// Returns the text itself: to compare it, never to show it.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns the step of a path to the element.
    pub fn step(&self) -> PathStep {
        if self.is_secret {
            PathStep::Secret
        } else {
            PathStep::Key(self.text.as_str().into())
        }
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Identity) -> bool {
        self.text == other.text
    }
}

impl Eq for Identity {}

impl PartialOrd for Identity {
    fn partial_cmp(&self, other: &Identity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Identity {
    fn cmp(&self, other: &Identity) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Identity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// In quotes, as a path has it.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_secret {
            f.write_str(SENSITIVE)
        } else {
            write!(f, "{:?}", self.text)
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::path::Path;

    #[test]
    fn an_identity_that_is_sensitive_is_compared_and_never_shown() {
        let item = |server: Value| Value::from([("server", server), ("user_name", "a".into())]);
        let keys = ["server", "user_name"];
        let clear = identity_of(&item("hush".into()), &keys).unwrap();
        let secret = identity_of(&item(Value::from("hush").into_sensitive()), &keys).unwrap();
        let whole = identity_of(&item("hush".into()).into_sensitive(), &keys).unwrap();
        assert_eq!(clear, secret);
        assert_eq!(clear.to_string(), r#""hush/a""#);
        for hidden in [&secret, &whole] {
            assert_eq!(format!("{hidden} {hidden:?}"), "(sensitive) (sensitive)");
            let path = Path::root().name("list").element(hidden).name("password");
            assert_eq!(path.to_string(), "list[(sensitive)].password");
        }
        let path = Path::root().name("list").element(&clear);
        assert_eq!(path, Path::root().name("list").key("hush/a"));
        assert_eq!(
            public_identity(&item(Value::Digest("x".into())), &keys),
            None
        );
    }
}
