//! The mark by which a comment or an issue is found again: an HTML comment, which no code host shows.

/// A mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    key: String,
}

impl Marker {
    /// Creates the mark of the comment with the plans of a change request.
    ///
    /// Pipelines with different names, for example one for each environment, have different comments.
    pub fn plan(name: &str) -> Marker {
        Marker {
            key: format!("eci-plan name={}", escaped(name)),
        }
    }

    /// Creates the mark of the issue about drift in a directory.
    pub fn drift(name: &str, directory: &str) -> Marker {
        Marker {
            key: format!("{}{}", drift_key(name), escaped(directory)),
        }
    }

    /// Returns the directory of a text with the mark of an issue about drift.
    pub(crate) fn directory_of_drift(name: &str, text: &str) -> Option<String> {
        let key = first_line(text).strip_prefix("<!-- ")?;
        let key = key.strip_suffix(" -->")?.strip_prefix(&drift_key(name))?;
        let directory = unescaped(key)?;
        // Only what `escaped` writes is a mark.
        (Marker::drift(name, &directory).line() == first_line(text)).then_some(directory)
    }

    /// Returns the first line of a text with this mark.
    pub fn line(&self) -> String {
        format!("<!-- {} -->", self.key)
    }

    /// Returns whether a text has this mark: in its first line only, so that a quotation has none.
    pub fn is_of(&self, text: &str) -> bool {
        first_line(text) == self.line()
    }
}

fn first_line(text: &str) -> &str {
    let first = text.trim_start().lines().next();
    first.unwrap_or_default().trim_end()
}

/// Returns the key of an issue about drift up to its directory.
fn drift_key(name: &str) -> String {
    format!("eci-drift name={} directory=", escaped(name))
}

/// Returns a name in which nothing ends an HTML comment or a word of it.
fn escaped(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"_./".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Returns the name of an escaped one.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_drift_names_its_directory() {
        for directory in ["", "envs/dev-1", "a -->b", "环境"] {
            let text = format!("{}\nText\n", Marker::drift("eci", directory).line());
            let found = Marker::directory_of_drift("eci", &text);
            assert_eq!(found.as_deref(), Some(directory));
            assert_eq!(Marker::directory_of_drift("eci2", &text), None);
        }
        for other in [
            Marker::plan("eci").line(),
            "<!-- eci-drift name=eci directory=a%2 -->".to_owned(),
            "<!-- eci-drift name=eci directory=a%2Fb -->".to_owned(),
            format!("> {}", Marker::drift("eci", "a").line()),
        ] {
            assert_eq!(Marker::directory_of_drift("eci", &other), None, "{other}");
        }
    }

    #[test]
    fn a_mark_is_found_in_the_first_line_only() {
        let marker = Marker::plan("eci");
        assert!(marker.is_of(&format!("{}\r\n### Plan\n", marker.line())));
        assert!(!marker.is_of(&format!("> quoted\n{}\n", marker.line())));
        assert!(!Marker::plan("eci2").is_of(&marker.line()));
        assert!(!Marker::drift("eci", "").is_of(&marker.line()));
    }

    #[test]
    fn no_name_ends_the_comment() {
        let line = Marker::drift("a -->b", "envs/dev-1").line();
        let expected = "<!-- eci-drift name=a%20%2D%2D%3Eb directory=envs/dev%2D1 -->";
        assert_eq!(line, expected);
    }
}
