//! Diagnostics of a manifest, as data: one renderer draws them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use eci_text::{List, Text, text};

use crate::codes::{self, Code};
use crate::suggest::did_you_mean;
use crate::truncate::within;

pub use crate::severity::Severity;
pub use crate::source::{Source, Span};

/// The most characters of a sentence.
///
/// It may quote a manifest, which may be of any size.
const LONGEST: usize = 2000;

/// Returns a sentence of a readable length.
fn sentence(text: impl Into<Text>) -> Text {
    text.into().map(|text| {
        if text.len() <= LONGEST {
            text
        } else {
            Cow::Owned(within(text, LONGEST))
        }
    })
}

/// A place in a manifest and what it has to do with a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub place: Span,
    /// Its part in the problem; may be empty.
    pub text: Text,
}

/// A change of a manifest that fixes a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edit {
    /// The text that is removed.
    pub place: Span,
    /// The text that replaces it.
    pub replacement: String,
}

/// A problem: its message, its location, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops a plan.
    pub severity: Severity,
    /// The registered kind of problem.
    pub code: &'static Code,
    /// The problem, in one sentence without a full stop.
    pub message: Text,
    /// The location; none if the problem is not in a manifest.
    pub primary: Option<Label>,
    /// Further places that explain it.
    pub secondary: Vec<Label>,
    /// The fix, as an instruction.
    pub help: Option<Text>,
    /// The fix, as a change that an editor can make.
    pub edit: Option<Edit>,
    /// The instances of tables and modules in which this was found, where one place is read for
    /// several of them.
    pub instances: BTreeSet<String>,
}

impl Diagnostic {
    /// Creates a diagnostic without a location, with the severity of its code.
    pub fn new(code: &'static Code, message: impl Into<Text>) -> Diagnostic {
        Diagnostic {
            severity: code.severity(),
            code,
            message: sentence(message),
            primary: None,
            secondary: Vec::new(),
            help: None,
            edit: None,
            instances: BTreeSet::new(),
        }
    }

    /// Sets the location and its label.
    #[must_use]
    pub fn primary(mut self, place: Span, text: impl Into<Text>) -> Diagnostic {
        self.primary = Some(Label {
            place,
            text: sentence(text),
        });
        self
    }

    /// Adds a further location.
    #[must_use]
    pub fn secondary(mut self, place: Span, text: impl Into<Text>) -> Diagnostic {
        self.secondary.push(Label {
            place,
            text: sentence(text),
        });
        self
    }

    /// Sets its place, without a label.
    #[must_use]
    pub fn at(self, place: Span) -> Diagnostic {
        self.primary(place, Text::default())
    }

    /// Sets the fix.
    #[must_use]
    pub fn help(mut self, help: impl Into<Text>) -> Diagnostic {
        self.help = Some(sentence(help));
        self
    }

    /// Returns its own help, or for an error the advice of its code.
    #[must_use]
    pub fn advice(&self) -> Option<Text> {
        let of_code = || (self.severity == Severity::Error).then(|| self.code.advice());
        self.help.clone().or_else(of_code)
    }

    /// Suggests the name that was probably meant, as help and as an edit.
    #[must_use]
    pub fn did_you_mean(self, written: &str, meant: &str) -> Diagnostic {
        self.help(did_you_mean(meant)).instead(written, meant)
    }

    /// Suggests the name that was probably meant, or sets another help if there is none.
    #[must_use]
    pub fn near<T: Into<Text>>(
        self,
        written: &str,
        meant: Option<&str>,
        otherwise: impl FnOnce() -> T,
    ) -> Diagnostic {
        match meant {
            Some(meant) => self.did_you_mean(written, meant),
            None => self.help(otherwise()),
        }
    }

    /// Sets an edit that replaces a text.
    ///
    /// There is none if the location holds anything but that text, with or without quotes: the
    /// value may be computed.
    #[must_use]
    pub fn instead(mut self, written: &str, meant: &str) -> Diagnostic {
        let Some(Label { place, .. }) = &self.primary else {
            return self;
        };
        let text = place.source.text.get(place.range.clone());
        let inner = text.and_then(|text| {
            let quotes = ["", "\"", "'"].into_iter();
            quotes
                .filter(|quote| text.len() == written.len() + 2 * quote.len())
                .find(|quote| {
                    let bare = text
                        .strip_prefix(quote)
                        .and_then(|it| it.strip_suffix(quote));
                    bare == Some(written)
                })
        });
        if let Some(quote) = inner {
            // Booleans have no quotes.
            let keeps = match meant {
                "true" | "false" => 0,
                _ => quote.len(),
            };
            let range = place.range.start + keeps..place.range.end - keeps;
            self.edit = Some(Edit {
                place: Span::new(&place.source, range),
                replacement: meant.to_owned(),
            });
        }
        self
    }

    /// Returns the instances in which the problem was found: `in eip.web["a"], eip.web["b"], and 3 more`.
    #[must_use]
    pub fn instances(&self) -> Option<Text> {
        let names = self.instances.iter();
        let mut names: Vec<Text> = names.map(|name| Text::verbatim(name.clone())).collect();
        let more = match names.len().saturating_sub(NAMED) {
            // One more is not longer than its name.
            0 | 1 => 0,
            more => more,
        };
        names.truncate(self.instances.len() - more);
        if more > 0 {
            names.push(text!(en: "{more} more", zh: "其他 {more} 个实例", more = more));
        }
        let list = List::and(names);
        (!self.instances.is_empty())
            .then(|| text!(en: "in {instances}", zh: "位于 {instances}", instances = list))
    }

    /// Returns the bytes that it takes.
    pub fn size(&self) -> usize {
        let labels = self.primary.iter().chain(&self.secondary);
        let texts = labels.map(|label| size_of::<Label>() + label.text.len());
        let help = self.help.iter().map(Text::len);
        let edit = self.edit.iter().map(|edit| edit.replacement.len());
        // The first name takes the room of several.
        let instances = self.instances.iter().map(|name| 300 + name.len());
        let parts = texts.chain(help).chain(edit).chain(instances);
        size_of::<Diagnostic>() + self.message.len() + parts.sum::<usize>()
    }

    /// Sets an edit of any place.
    #[must_use]
    pub fn edit(mut self, place: Span, replacement: impl Into<String>) -> Diagnostic {
        self.edit = Some(Edit {
            place,
            replacement: replacement.into(),
        });
        self
    }
}

/// The most instances that are named in full.
const NAMED: usize = 3;

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(label) = &self.primary {
            let (line, column) = label.place.position();
            write!(f, "{}:{line}:{column}: ", label.place.source.name)?;
        }
        self.message.fmt(f)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

/// All problems, in the order in which they were found.
///
/// As an error, at least one of them is an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Returns whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Notes in which instance all was found that was added after the first ones.
    pub fn found_in(&mut self, instance: &impl fmt::Display, after: usize) {
        let added = self.0.get_mut(after..).unwrap_or_default();
        for diagnostic in added {
            // The innermost one has come first.
            if diagnostic.instances.is_empty() {
                diagnostic.instances.insert(instance.to_string());
            }
        }
    }

    /// Sorts them by file and place, and drops repetitions: what was found in several instances is
    /// reported once, with all of them. First comes that checking stopped: of many, only the first
    /// are drawn, and all others are to be read with that in mind.
    pub fn sort(&mut self) {
        fn key(diagnostic: &Diagnostic) -> (bool, Option<(&str, usize)>, &str, &Text) {
            let place = diagnostic
                .primary
                .as_ref()
                .map(|label| (&*label.place.source.name, label.place.range.start));
            let is_whole = diagnostic.code != codes::TOO_MUCH;
            (is_whole, place, diagnostic.code.name, &diagnostic.message)
        }
        self.0.sort_by(|a, b| key(a).cmp(&key(b)));
        self.0.dedup_by(|next, kept| {
            let mut instances = std::mem::take(&mut next.instances);
            let known = std::mem::take(&mut kept.instances);
            let is_same = next == kept;
            kept.instances = known;
            if is_same {
                kept.instances.extend(std::mem::take(&mut instances))
            } else {
                next.instances = instances
            }
            is_same
        });
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Diagnostics {
        Diagnostics(vec![diagnostic])
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, diagnostic) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use eci_text::FixedText;

    use super::*;

    const NO: FixedText = FixedText::new("no", "否");

    #[test]
    fn an_edit_replaces_what_is_written_and_nothing_that_is_computed() {
        let source = Arc::new(Source::new("a.eci.toml", "kind = \"Alwas\"\n"));
        let at = |range| {
            let place = Span::new(&source, range);
            Diagnostic::new(crate::codes::BAD_VALUE, NO).at(place)
        };
        let edit = at(7..14).instead("Alwas", "Always").edit;
        let edit = edit.map(|edit| (edit.place.range, edit.replacement));
        assert_eq!(edit, Some((8..13, "Always".to_owned())));
        assert_eq!(
            at(0..4)
                .instead("kind", "type")
                .edit
                .map(|it| it.place.range),
            Some(0..4)
        );
        assert_eq!(at(7..14).instead("other", "Always").edit, None);
        assert_eq!(at(7..900).instead("Alwas", "Always").edit, None);
    }

    #[test]
    fn what_is_found_in_several_instances_is_reported_once_with_all_of_them() {
        let found = |count: usize| {
            let mut all = Diagnostics::default();
            for at in 0..count {
                let before = all.0.len();
                all.push(Diagnostic::new(crate::codes::BAD_VALUE, NO));
                all.found_in(&format!("web[{at}]"), before);
                all.found_in(&"module.m", before);
            }
            all.push(Diagnostic::new(
                crate::codes::BAD_VALUE,
                Text::verbatim("other"),
            ));
            all.sort();
            let all = all.0.iter();
            let all = all.map(|it| {
                format!(
                    "{} {:?}",
                    it.message,
                    it.instances().map(|text| text.to_string())
                )
            });
            all.collect::<Vec<_>>().join(", ")
        };
        assert_eq!(found(1), r#"no Some("in web[0]"), other None"#);
        assert_eq!(found(2), r#"no Some("in web[0] and web[1]"), other None"#);
        let four = r#"no Some("in web[0], web[1], web[2], and web[3]"), other None"#;
        assert_eq!(found(4), four);
        let five = r#"no Some("in web[0], web[1], web[2], and 2 more"), other None"#;
        assert_eq!(found(5), five);
    }

    #[test]
    fn that_checking_stopped_comes_before_all_that_was_found() {
        let source = Arc::new(Source::new("a.eci.toml", "a = 1\n"));
        let at = |code, start| Diagnostic::new(code, NO).at(Span::new(&source, start..5));
        let found = [
            (codes::BAD_VALUE, 0),
            (codes::TOO_MUCH, 4),
            (codes::BAD_VALUE, 2),
        ];
        let mut all = Diagnostics(found.map(|(code, start)| at(code, start)).to_vec());
        all.push(Diagnostic::new(codes::BAD_VALUE, Text::verbatim("nowhere")));
        all.sort();
        assert_eq!(all.0[0].code, codes::TOO_MUCH);
        assert_eq!(all.0[1].message.en(), "nowhere");
    }

    #[test]
    fn a_sentence_is_of_a_length_that_can_be_read() {
        let source = Arc::new(Source::new("a.eci.toml", ""));
        let long = || Text::verbatim("名".repeat(1 << 20));
        let message = long().map(|long| format!("{long} is no number").into());
        let diagnostic = Diagnostic::new(crate::codes::BAD_VALUE, message)
            .primary(Span::new(&source, 0..0), long())
            .secondary(Span::new(&source, 0..0), long())
            .help(long());
        assert!(diagnostic.message.en().ends_with("名 is no number"));
        let labels = diagnostic.primary.iter().chain(&diagnostic.secondary);
        let texts = labels.map(|label| &label.text).chain(&diagnostic.help);
        for text in texts.chain([&diagnostic.message]) {
            assert_eq!(text.en().chars().count(), LONGEST);
        }
    }

    #[test]
    fn what_is_hidden_is_shown_as_stars_of_the_same_width() {
        let source = Source::new("a.eci.toml", "key = \"s3cr3t\"\nother = 1\n");
        source.hide(7..13);
        assert_eq!(source.shown(0..14), "key = \"******\"");
        assert_eq!(source.shown(10..16), "***\"\no");
        assert_eq!(source.shown(15..24), "other = 1");
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("a.eci.toml", "x = 1\n名 = \"值\"\n");
        let at = source
            .text
            .find('=')
            .map(|first| first + 1)
            .and_then(|from| source.text[from..].find('=').map(|second| from + second));
        assert_eq!(source.position(at.unwrap_or_default()), (2, 3));
        assert_eq!(source.position(usize::MAX), (3, 1));
    }
}
