//! Parts of a request that no message may show.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::secret::Secret;
use crate::unescaped::UnescapedText;

/// The text that replaces a secret.
pub const COVER: &str = "***";

/// A shorter secret is only covered where it is a separate word: otherwise half of the words of a
/// message could be covered.
const SHORT: usize = 8;

/// The secrets of a request.
///
/// A cloud, or a gateway before it, may quote the request in a refusal; messages about the answer
/// do not show them.
#[derive(Default)]
pub struct RequestSecrets {
    secrets: Vec<Secret>,
    /// Finds their beginnings, from the first search on.
    beginnings: OnceLock<Option<AhoCorasick>>,
    recognizer: Option<Recognizer>,
}

/// Covers secrets in a text that are recognized only by their digests.
type Recognizer = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// The most bytes of a message that are searched for secrets by their digests, which takes work for
/// every word; what comes behind them is left out.
const MOST_RECOGNIZED: usize = 4096;

impl RequestSecrets {
    /// Creates a collection of these secrets.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> RequestSecrets {
        let whole = |secret: &Secret| !secret.expose().trim().is_empty();
        let mut secrets: Vec<Secret> = secrets.into_iter().filter(whole).collect();
        secrets.sort_by(|one, other| one.expose().cmp(other.expose()));
        secrets.dedup();
        RequestSecrets {
            secrets,
            beginnings: OnceLock::new(),
            recognizer: None,
        }
    }

    /// Creates a collection of secrets that are not known themselves: `recognizer` returns a text
    /// in which they are covered.
    pub fn recognized_by(
        recognizer: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> RequestSecrets {
        RequestSecrets {
            recognizer: Some(Arc::new(recognizer)),
            ..RequestSecrets::default()
        }
    }

    /// Returns whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Adds the secrets of another request.
    pub fn extend(&mut self, other: &RequestSecrets) {
        if let Some(recognizer) = &other.recognizer {
            self.recognizer = Some(Arc::clone(recognizer));
        }
        for secret in &other.secrets {
            let order = |known: &Secret| known.expose().cmp(secret.expose());
            if let Err(at) = self.secrets.binary_search_by(order) {
                self.secrets.insert(at, secret.clone());
                self.beginnings = OnceLock::new();
            }
        }
    }

    /// Covers every secret in a text: as it is, line by line, in base64, and however it is escaped
    /// for JSON, HTML and URLs; and also where it is truncated after some characters.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let plain = UnescapedText::of(text);
        let mut found: Vec<Range<usize>> = Vec::new();
        for form in self.forms() {
            quotes_of(&UnescapedText::as_is(text), &form, &mut found);
            if plain.is_escaped() {
                quotes_of(&plain, &UnescapedText::of(&form).text, &mut found);
            }
        }
        found.sort_by_key(|range| (range.start, range.end));
        let mut covered = String::with_capacity(text.len());
        let mut done = 0;
        for range in found {
            if range.start >= done {
                covered.push_str(&text[done..range.start]);
                covered.push_str(COVER);
            }
            done = done.max(range.end);
        }
        covered + &text[done..]
    }

    /// Covers every secret in a message, also those that are only recognized.
    #[must_use]
    pub fn cover_message(&self, text: &str) -> String {
        let covered = self.redact(text);
        let Some(recognizer) = &self.recognizer else {
            return covered;
        };
        let end = covered.floor_char_boundary(MOST_RECOGNIZED);
        let mut message = recognizer(&covered[..end]);
        if end < covered.len() {
            message.push('…');
        }
        message
    }

    /// Returns whether [`redact`](RequestSecrets::redact) would change this text.
    ///
    /// The cost is the same for any number of secrets.
    pub fn is_quoted_in(&self, text: &str) -> bool {
        let finder = self.beginnings.get_or_init(|| {
            let forms = self
                .forms()
                .flat_map(|form| [UnescapedText::of(&form).text.into_owned(), form]);
            let beginnings = forms.map(|form| beginning_of(&form).to_owned());
            let beginnings: BTreeSet<String> = beginnings.filter(|it| !it.is_empty()).collect();
            // Without a finder, because of its size, the whole text counts as quoted.
            AhoCorasick::new(beginnings).ok()
        });
        let Some(finder) = finder.as_ref().filter(|_| !self.is_empty()) else {
            return !self.is_empty();
        };
        let is_in = |text: &str| {
            finder.find_overlapping_iter(text).any(|found| {
                let (head, tail) = (&text[..found.start()], &text[found.end()..]);
                found.len() >= SHORT
                    || is_separate_word(head.chars().next_back(), tail.chars().next())
            })
        };
        is_in(text) || is_in(&UnescapedText::of(text).text)
    }

    /// Returns the forms in which the secrets may be quoted, but for escapes.
    fn forms(&self) -> impl Iterator<Item = String> {
        self.secrets
            .iter()
            .flat_map(|secret| forms(secret.expose()))
    }
}

impl Clone for RequestSecrets {
    fn clone(&self) -> RequestSecrets {
        RequestSecrets {
            secrets: self.secrets.clone(),
            beginnings: OnceLock::new(),
            recognizer: self.recognizer.clone(),
        }
    }
}

impl PartialEq for RequestSecrets {
    fn eq(&self, other: &RequestSecrets) -> bool {
        self.secrets == other.secrets
    }
}

impl fmt::Debug for RequestSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hidden").field(&self.secrets).finish()
    }
}

/// Returns whether a short form is a separate word, by the characters before and after it.
fn is_separate_word(before: Option<char>, after: Option<char>) -> bool {
    let borders = [before, after];
    !borders.into_iter().flatten().any(char::is_alphanumeric)
}

fn forms(secret: &str) -> Vec<String> {
    let mut forms = vec![STANDARD.encode(secret), secret.to_owned()];
    let lines = secret.lines().map(str::trim);
    forms.extend(lines.filter(|line| line.len() >= SHORT).map(str::to_owned));
    forms
}

/// Returns the part of a form that identifies it: a cloud may quote no more than a beginning.
///
/// For a short form that is all of it.
fn beginning_of(form: &str) -> &str {
    match form.char_indices().nth(SHORT) {
        Some((end, _)) => &form[..end],
        None => form,
    }
}

/// Finds where a form is quoted: all of it or, of a long one, its beginning.
fn quotes_of(plain: &UnescapedText<'_>, form: &str, found: &mut Vec<Range<usize>>) {
    let beginning = beginning_of(form);
    if beginning.is_empty() {
        return;
    }
    for (start, _) in plain.text.match_indices(beginning) {
        let (head, rest) = plain.text.split_at(start);
        let quoted = rest.chars().zip(form.chars());
        let same = quoted.take_while(|(one, other)| one == other);
        let length: usize = same.map(|(one, _)| one.len_utf8()).sum();
        let (last, next) = (head.chars().next_back(), rest[length..].chars().next());
        if form.len() >= SHORT || is_separate_word(last, next) {
            found.push(plain.origin(start..start + length));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_secret_is_covered_in_every_form_in_which_it_is_quoted() {
        let secret = "pa\"ss\nwörd-of-many";
        let hidden =
            RequestSecrets::new([Secret::new(secret), Secret::new("ab1"), Secret::new(" ")]);
        let json = Value::from(secret).to_string();
        let quoted = Value::from(format!("body {json}")).to_string();
        let url = "pa%22ss%0Aw%C3%B6rd-of-many";
        let html = "pa&quot;ss\nwörd-of-many";
        let base64 = STANDARD.encode(secret);
        for text in [secret, &json, &quoted, url, html, &base64] {
            let message = hidden.redact(&format!("bad: {text} ab1, cab12 (ab1)"));
            assert!(
                message.starts_with("bad: ") && message.contains(COVER),
                "{message}"
            );
            assert!(
                !message.contains("many") && !message.contains("cGEi"),
                "{message}"
            );
            assert!(message.ends_with(" ***, cab12 (***)"), "{message}");
        }
        assert_eq!(hidden.redact("wörd-of-many"), COVER);
        assert_eq!(hidden.redact("nothing of it"), "nothing of it");
    }

    #[test]
    fn what_would_be_covered_is_found() {
        let mut hidden =
            RequestSecrets::new([Secret::new("PLANTED-s3cr3t-value"), Secret::new("ab1")]);
        hidden.extend(&RequestSecrets::new([Secret::new("机密")]));
        for text in [
            "PLANTED-s3",
            "cannot take PLANTED-s3cr3t-value.",
            "PLANTED",
            "ab1",
            "cab12",
            "(ab1)",
            "cab12 ab1",
            "机密",
            "机密的",
            "",
            &STANDARD.encode("PLANTED-s3cr3t-value"),
        ] {
            let is_covered = hidden.redact(text) != text;
            assert_eq!(hidden.is_quoted_in(text), is_covered, "{text}");
        }
        assert!(!RequestSecrets::default().is_quoted_in("anything"));
    }

    #[test]
    fn a_truncated_secret_is_redacted_from_eight_characters_on() {
        let mut hidden = RequestSecrets::new([Secret::new("PLANTED-s3cr3t-value")]);
        hidden.extend(&RequestSecrets::new([Secret::new("机密信息机密信息机密")]));
        for (text, expected) in [
            ("name PLANTED-s3cr3… is too long", "name ***… is too long"),
            ("'PLANTED-' is not", "'***' is not"),
            ("PLANTED stays", "PLANTED stays"),
            (
                "PLANTED-s3cr3t-value-2, PLANTED-PLANTED-x",
                "***-2, ******x",
            ),
            ("机密信息机密信息机", "***"),
            ("机密信息机密信", "机密信息机密信"),
            ("UExBTlRFRC1zM2Ny", "***"),
        ] {
            assert_eq!(hidden.redact(text), expected);
        }
    }
}
