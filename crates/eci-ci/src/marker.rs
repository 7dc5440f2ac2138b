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
            key: format!(
                "eci-drift name={} directory={}",
                escaped(name),
                escaped(directory)
            ),
        }
    }

    /// Returns the first line of a text with this mark.
    pub fn line(&self) -> String {
        format!("<!-- {} -->", self.key)
    }

    /// Returns whether a text has this mark: in its first line only, so that a quotation has none.
    pub fn is_of(&self, text: &str) -> bool {
        let first = text.trim_start().lines().next().unwrap_or_default();
        first.trim_end() == self.line()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

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
