//! Secrets in texts, of which only digests are known.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::DigestKey;
use crate::value::{Map, Value};

/// The maximum number of parts, each a word or the characters between two words, that are compared
/// together.
const MOST_PARTS: usize = 32;

/// Digests of secrets, by which these are found as words in texts.
#[derive(Clone, Debug)]
pub struct KnownDigests {
    key: DigestKey,
    digests: BTreeSet<Arc<str>>,
}

impl KnownDigests {
    /// Creates a set without digests.
    pub fn new(key: &DigestKey) -> KnownDigests {
        KnownDigests {
            key: key.clone(),
            digests: BTreeSet::new(),
        }
    }

    /// Adds all digests in these attributes.
    pub fn add(&mut self, attributes: &Map) {
        attributes.values().for_each(|value| self.add_value(value));
    }

    fn add_value(&mut self, value: &Value) {
        match value {
            Value::Digest(digest) => {
                self.digests.insert(Arc::clone(digest));
            }
            Value::Sensitive(inner) => self.add_value(inner.expose()),
            Value::List(items) => items.iter().for_each(|item| self.add_value(item)),
            Value::Map(entries) => self.add(entries),
            _ => {}
        }
    }

    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    /// Replaces all words, and sequences of words, that have one of the digests by `cover`.
    ///
    /// The longest ones go first.
    pub fn cover<'a>(&self, text: &'a str, cover: &str) -> Cow<'a, str> {
        if self.is_empty() {
            return Cow::Borrowed(text);
        }
        let borders = borders(text);
        let mut covered = String::with_capacity(text.len());
        let mut at = 0;
        while at + 1 < borders.len() {
            let last = borders.len().min(at + MOST_PARTS + 1) - 1;
            let mut ends = (at + 1..=last).rev();
            match ends.find(|end| self.has(&text[borders[at]..borders[*end]])) {
                Some(end) => {
                    covered.push_str(cover);
                    at = end;
                }
                None => {
                    covered.push_str(&text[borders[at]..borders[at + 1]]);
                    at += 1;
                }
            }
        }
        Cow::Owned(covered)
    }

    fn has(&self, text: &str) -> bool {
        let number = text.parse::<i64>().ok().map(Value::from);
        let mut values = [Value::from(text)].into_iter().chain(number);
        values.any(|value| match self.key.redact(&value.into_sensitive()) {
            Value::Digest(digest) => self.digests.contains(&digest),
            _ => false,
        })
    }
}

/// Returns the places where a word, or one of the characters between words, begins or ends.
fn borders(text: &str) -> Vec<usize> {
    let mut borders = vec![0];
    let mut before = None;
    for (at, character) in text.char_indices() {
        let is_within = before.is_some_and(char::is_alphanumeric) && character.is_alphanumeric();
        if at > 0 && !is_within {
            borders.push(at);
        }
        before = Some(character);
    }
    if !text.is_empty() {
        borders.push(text.len());
    }
    borders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_which_only_the_digest_is_known_is_found_as_a_word() {
        let key = DigestKey::new([7; 32]);
        let secret = |text: &str| Value::from(text).into_sensitive();
        let list = Value::list(vec![secret("hush-1.example/app:1"), secret("geheim 词")]);
        let known = [
            ("image", list),
            ("port", Value::from(8080).into_sensitive()),
        ];
        let known = Map::from_iter(known.map(|(name, value)| (name.into(), key.redact(&value))));
        let mut digests = KnownDigests::new(&key);
        assert_eq!(
            digests.cover("hush-1.example/app:1", "*"),
            "hush-1.example/app:1"
        );
        digests.add(&known);
        for (text, covered) in [
            ("", ""),
            ("pulling hush-1.example/app:1", "pulling *"),
            ("\"hush-1.example/app:1\", (geheim 词)", "\"*\", (*)"),
            ("hush-1.example/app:12", "hush-1.example/app:12"),
            ("port 8080 of 80801", "port * of 80801"),
        ] {
            assert_eq!(digests.cover(text, "*"), covered);
        }
    }
}
