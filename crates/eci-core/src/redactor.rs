//! The secrets of a resource, covered in what the cloud reports about it.

use eci_secret::{COVER, RequestSecrets, Secret};
use eci_text::Text;

use crate::digest::{DigestKey, KnownDigests};
use crate::value::{Map, Value};

/// A cover for the secrets of a resource in texts of the cloud.
#[derive(Clone, Debug)]
pub struct Redactor {
    /// Those that are known.
    clear: RequestSecrets,
    /// Those of which only digests are.
    digests: KnownDigests,
}

impl Redactor {
    /// Creates a redactor that knows the sensitive values in these attributes: those desired,
    /// recorded and observed.
    pub fn new<'a>(key: &DigestKey, known: impl IntoIterator<Item = &'a Map>) -> Redactor {
        let mut digests = KnownDigests::new(key);
        let mut clear = Vec::new();
        for attributes in known {
            digests.add(attributes);
            clear.extend(secrets(attributes));
        }
        Redactor {
            clear: RequestSecrets::new(clear),
            digests,
        }
    }

    /// Returns the text with all secrets covered.
    #[must_use]
    pub fn cover(&self, text: &str) -> String {
        let covered = if self.clear.is_empty() {
            text.to_owned()
        } else {
            self.clear.redact(text)
        };
        self.digests.cover(&covered, COVER).into_owned()
    }

    /// Returns the message without the secrets.
    #[must_use]
    pub fn cover_message(&self, message: Text) -> Text {
        message.map(|part| self.cover(&part).into())
    }

    /// Returns whether a text contains one of the known secrets.
    pub fn is_quoted_in(&self, text: &str) -> bool {
        self.clear.is_quoted_in(text)
    }
}

/// Returns the values that are marked as sensitive, one by one.
pub fn secrets(attributes: &Map) -> Vec<Secret> {
    let mut secrets = Vec::new();
    for value in attributes.values() {
        collect(value, false, &mut secrets);
    }
    secrets
}

fn collect(value: &Value, sensitive: bool, secrets: &mut Vec<Secret>) {
    let (value, marked) = value.reveal();
    let sensitive = sensitive || marked;
    match value {
        Value::List(items) => items
            .iter()
            .for_each(|item| collect(item, sensitive, secrets)),
        Value::Map(entries) => entries
            .values()
            .for_each(|entry| collect(entry, sensitive, secrets)),
        Value::String(text) if sensitive => secrets.push(Secret::new(&**text)),
        Value::Number(number) if sensitive => secrets.push(Secret::new(number.to_string())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_in_clear_or_by_its_digest_is_covered() {
        let key = DigestKey::new([7; 32]);
        let attributes = |image: Value| Map::from_iter([("image".into(), image)]);
        let secret = |text: &str| attributes(Value::from(text).into_sensitive());
        let recorded = attributes(key.redact(&Value::from("hush-1:1").into_sensitive()));
        let redactor = Redactor::new(&key, [&secret("hush-2:1"), &recorded]);
        let redacted = redactor.cover("Pulling image \"hush-1:1\", then hush-2:1 and nginx:1");
        assert_eq!(redacted, "Pulling image \"***\", then *** and nginx:1");
    }
}
