//! The query of a URL, read and written as it is signed.

/// The encoding of a space.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Space {
    /// `%20`
    Percent,
    /// `+`
    Plus,
}

/// Decodes names and values, in the order of the URL.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// Returns the value of a parameter; the first if there are several.
pub(crate) fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// Encodes parameters, sorted by name.
pub(crate) fn encoded(pairs: &[(String, String)], space: Space) -> String {
    let mut sorted: Vec<&(String, String)> = pairs.iter().collect();
    sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut text = String::new();
    for (name, value) in sorted {
        if !text.is_empty() {
            text.push('&');
        }
        encode(&mut text, name, space);
        text.push('=');
        encode(&mut text, value, space);
    }
    text
}

fn encode(into: &mut String, text: &str, space: Space) {
    for byte in text.bytes() {
        match (byte, space) {
            (b' ', Space::Plus) => into.push('+'),
            (b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~', _) => {
                into.push(char::from(byte));
            }
            _ => into.push_str(&format!("%{byte:02X}")),
        }
    }
}

/// Decodes a text; malformed escapes stay as they are.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, beyond @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = beyond;
                }
                _ => bytes.push(b'%'),
            },
            (other, _) => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_and_encoded_again() {
        let read = pairs("b=%E5%A4%A9%2F&&a=x+y%20z&c&bad=%zz%");
        assert_eq!(value(&read, "b"), Some("天/"));
        assert_eq!(value(&read, "a"), Some("x y z"));
        assert_eq!(value(&read, "c"), Some(""));
        assert_eq!(value(&read, "bad"), Some("%zz%"));
        assert_eq!(value(&read, "d"), None);
        assert_eq!(
            encoded(&read, Space::Percent),
            "a=x%20y%20z&b=%E5%A4%A9%2F&bad=%25zz%25&c="
        );
        assert!(encoded(&read, Space::Plus).starts_with("a=x+y+z&"));
    }
}
