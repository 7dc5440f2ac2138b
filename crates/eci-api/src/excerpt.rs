//! Foreign text as an error or a status keeps it.

/// The most characters of a message of the cloud or of a connection.
pub(crate) const SENTENCE: usize = 600;

/// The most characters of a word: a code, a status, a name.
pub(crate) const WORD: usize = 120;

/// Truncates a text to a number of characters, with `…` at the end.
///
/// A cloud may answer with megabytes, which are too long for a message.
pub(crate) fn beginning(text: &str, most: usize) -> String {
    let mut places = text.char_indices().map(|(at, _)| at);
    match places.clone().nth(most) {
        Some(_) => {
            let end = places.nth(most.saturating_sub(1)).unwrap_or_default();
            format!("{}…", &text[..end])
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(beginning("参数不合法", 5), "参数不合法");
        assert_eq!(beginning("参数不合法", 4), "参数不…");
        assert_eq!(beginning("", 0), "");
        assert_eq!(beginning("abc", 1), "…");
    }
}
