//! What of a request no message may show.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::Secret;

/// What stands in the place of a secret.
pub const COVER: &str = "***";

/// A shorter secret is only covered where it stands by itself: otherwise half of the words of a
/// message could go.
const SHORT: usize = 8;

/// The secrets of a request. A cloud, or a gateway before it, may quote the request where it
/// refuses it; what is told of its answer does not show them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hidden(Vec<Secret>);

impl Hidden {
    /// These secrets.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Hidden {
        let whole = |secret: &Secret| !secret.expose().trim().is_empty();
        let mut secrets: Vec<Secret> = secrets.into_iter().filter(whole).collect();
        secrets.sort_by(|one, other| one.expose().cmp(other.expose()));
        secrets.dedup();
        Hidden(secrets)
    }

    /// Whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the secrets of another request.
    pub fn extend(&mut self, other: &Hidden) {
        for secret in &other.0 {
            let order = |known: &Secret| known.expose().cmp(secret.expose());
            if let Err(at) = self.0.binary_search_by(order) {
                self.0.insert(at, secret.clone());
            }
        }
    }

    /// The text with every secret covered: as it is, as it stands in JSON, also in a text within
    /// JSON, line by line, and in base64; and also where it is cut off after some characters.
    pub fn cover(&self, text: &str) -> String {
        let mut forms: Vec<String> = self.0.iter().flat_map(|it| forms(it.expose())).collect();
        // What holds another one goes first.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        let covered = |text: String, form: &String| match text.contains(beginning_of(form)) {
            true => replaced(&text, form),
            false => text,
        };
        forms.iter().fold(text.to_owned(), covered)
    }
}

fn forms(secret: &str) -> Vec<String> {
    let quoted = |text: &str| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let once = quoted(secret);
    let mut forms = vec![quoted(&once), once, STANDARD.encode(secret)];
    let lines = secret.lines().map(str::trim);
    forms.extend(lines.filter(|line| line.len() >= SHORT).map(str::to_owned));
    forms.push(secret.to_owned());
    forms
}

/// The part of a form that tells that it begins: a cloud may quote no more than a beginning. Of a
/// short one that is all of it.
fn beginning_of(form: &str) -> &str {
    match form.char_indices().nth(SHORT) {
        Some((end, _)) => &form[..end],
        None => form,
    }
}

/// Covers a form where all of it, or its beginning, is quoted.
fn replaced_beginnings(text: &str, form: &str) -> String {
    let beginning = beginning_of(form);
    let mut covered = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(beginning) {
        covered.push_str(&rest[..at]);
        covered.push_str(COVER);
        let quoted = rest[at..].chars().zip(form.chars());
        let same = quoted.take_while(|(one, other)| one == other);
        let length: usize = same.map(|(one, _)| one.len_utf8()).sum();
        rest = &rest[at + length..];
    }
    covered + rest
}

fn replaced(text: &str, form: &str) -> String {
    if form.len() >= SHORT {
        return replaced_beginnings(text, form);
    }
    let mut covered = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = None;
    while let Some(at) = rest.find(form) {
        let (head, tail) = (&rest[..at], &rest[at + form.len()..]);
        let borders = [head.chars().next_back().or(before), tail.chars().next()];
        covered.push_str(head);
        match borders.into_iter().flatten().any(char::is_alphanumeric) {
            true => covered.push_str(form),
            false => covered.push_str(COVER),
        }
        before = form.chars().next_back();
        rest = tail;
    }
    covered + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_covered_in_every_form_in_which_it_is_quoted() {
        let secret = "pa\"ss\nwörd-of-many";
        let hidden = Hidden::new([Secret::new(secret), Secret::new("ab1"), Secret::new(" ")]);
        let json = Value::from(secret).to_string();
        let quoted = Value::from(format!("body {json}")).to_string();
        for text in [secret, &json, &quoted, &STANDARD.encode(secret)] {
            let told = hidden.cover(&format!("bad: {text} ab1, cab12 (ab1)"));
            assert!(told.starts_with("bad: ") && told.contains(COVER), "{told}");
            assert!(!told.contains("many") && !told.contains("cGEi"), "{told}");
            assert!(told.ends_with(" ***, cab12 (***)"), "{told}");
        }
        assert_eq!(hidden.cover("wörd-of-many"), COVER);
        assert_eq!(hidden.cover("nothing of it"), "nothing of it");
    }

    #[test]
    fn a_secret_that_is_cut_off_is_covered_from_eight_characters_on() {
        let mut hidden = Hidden::new([Secret::new("PLANTED-s3cr3t-value")]);
        hidden.extend(&Hidden::new([Secret::new("机密信息机密信息机密")]));
        for (text, told) in [
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
            assert_eq!(hidden.cover(text), told);
        }
    }
}
