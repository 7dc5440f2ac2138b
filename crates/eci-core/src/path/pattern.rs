//! Patterns of attribute paths, for example `containers[*].image`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use eci_text::messages;

use super::{Path, PathStep};

/// A pattern of attribute paths, as `ignore_changes` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(pub Vec<PatternStep>);

/// One step of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternStep {
    /// A field or table entry: `.image`
    Name(Arc<str>),
    /// A table entry, or the element of a list that this identifies: `["nginx"]`
    Key(Arc<str>),
    /// A place in a list as the manifest has it: `[0]`
    Index(usize),
    /// Every entry or element: `[*]`
    Any,
}

/// A text that is not a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// The path is empty, begins or ends with a dot, or has two in a row.
    NoName,
    /// A bracket is not closed, or nothing may follow what is.
    Bracket,
}

messages! { PatternError:
    PatternError::NoName => en("missing name"), zh("缺少名称");
    PatternError::Bracket => en("brackets must contain an index, `*`, or a quoted name"),
        zh("方括号中必须是索引、`*` 或带引号的名称");
}

impl PathPattern {
    /// Returns whether a path is one of these, or lies within one.
    pub fn covers(&self, path: &Path) -> bool {
        self.0.len() <= path.0.len() && self.matches(path)
    }

    /// Returns whether a path is one of these, lies within one, or has one within itself.
    pub fn overlaps(&self, path: &Path) -> bool {
        self.matches(path)
    }

    /// Returns whether the two agree as far as both go.
    fn matches(&self, path: &Path) -> bool {
        let mut steps = self.0.iter().zip(&path.0);
        steps.all(|(pattern, step)| pattern.matches(step))
    }
}

impl PatternStep {
    /// Returns the name, if the step has one.
    pub fn name(&self) -> Option<&Arc<str>> {
        match self {
            PatternStep::Name(name) | PatternStep::Key(name) => Some(name),
            PatternStep::Index(_) | PatternStep::Any => None,
        }
    }

    fn matches(&self, step: &PathStep) -> bool {
        match (self, step) {
            (PatternStep::Any, _) => true,
            (PatternStep::Index(one), PathStep::Index(other)) => one == other,
            (one, PathStep::Name(other) | PathStep::Key(other)) => one.name() == Some(other),
            _ => false,
        }
    }
}

impl FromStr for PathPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<PathPattern, PatternError> {
        let mut steps = Vec::new();
        let mut rest = text;
        let mut is_first = true;
        while !rest.is_empty() || is_first {
            rest = match (rest.strip_prefix('['), rest.strip_prefix('.')) {
                (Some(inner), _) if !is_first => bracket(inner, &mut steps)?,
                (_, Some(named)) if !is_first => name(named, &mut steps)?,
                _ if is_first => name(rest, &mut steps)?,
                _ => return Err(PatternError::Bracket),
            };
            is_first = false;
        }
        Ok(PathPattern(steps))
    }
}

/// Reads a name and gives what follows it.
fn name<'a>(text: &'a str, steps: &mut Vec<PatternStep>) -> Result<&'a str, PatternError> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    steps.push(match (name, name.parse()) {
        ("", _) => return Err(PatternError::NoName),
        ("*", _) => PatternStep::Any,
        (_, Ok(index)) if !steps.is_empty() => PatternStep::Index(index),
        _ => PatternStep::Name(name.into()),
    });
    Ok(rest)
}

/// Reads the content of brackets, and returns the text that follows them.
fn bracket<'a>(text: &'a str, steps: &mut Vec<PatternStep>) -> Result<&'a str, PatternError> {
    let quote = text.chars().next().filter(|it| ['"', '\''].contains(it));
    let (step, rest) = match quote {
        Some(quote) => {
            let (key, rest) = quoted(&text[1..], quote)?;
            (PatternStep::Key(key.into()), rest)
        }
        None => {
            let (inner, _) = text.split_once(']').ok_or(PatternError::Bracket)?;
            let step = match (inner.trim(), inner.trim().parse()) {
                ("*", _) => PatternStep::Any,
                (_, Ok(index)) => PatternStep::Index(index),
                _ => return Err(PatternError::Bracket),
            };
            (step, &text[inner.len()..])
        }
    };
    steps.push(step);
    rest.strip_prefix(']').ok_or(PatternError::Bracket)
}

/// Reads up to the closing quote; a backslash takes the character after it as it is.
fn quoted(text: &str, quote: char) -> Result<(String, &str), PatternError> {
    let mut key = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => key.extend(characters.next().map(|(_, character)| character)),
            _ if character == quote => return Ok((key, &text[at + quote.len_utf8()..])),
            _ => key.push(character),
        }
    }
    Err(PatternError::Bracket)
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                PatternStep::Name(name) if at == 0 => f.write_str(name)?,
                PatternStep::Name(name) if crate::address::is_label(name) => write!(f, ".{name}")?,
                PatternStep::Name(name) | PatternStep::Key(name) => write!(f, "[{name:?}]")?,
                PatternStep::Index(index) => write!(f, "[{index}]")?,
                PatternStep::Any => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> PathPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_pattern_is_read_in_every_spelling() {
        let image = Path::root().name("containers").key("app").name("image");
        for text in [
            r#"containers["app"].image"#,
            "containers['app'].image",
            "containers[*].image",
            "containers.*.image",
            "containers",
            r#"containers["app"]"#,
            r#"containers["app"]["image"]"#,
        ] {
            assert!(pattern(text).covers(&image), "{text}");
        }
        let tag = Path::root().name("tags").name("build.id");
        assert!(pattern(r#"tags["build.id"]"#).covers(&tag));
        assert!(!pattern("tags.build.id").covers(&tag));
        assert!(pattern("tags").covers(&tag) && pattern("tags[*]").covers(&tag));
        assert_eq!(
            pattern("containers.0.image"),
            pattern("containers[0].image")
        );
    }

    #[test]
    fn a_pattern_within_a_path_overlaps_it_and_does_not_cover_it() {
        let tags = Path::root().name("tags");
        assert!(!pattern("tags.a").covers(&tags) && pattern("tags.a").overlaps(&tags));
        assert!(!pattern("tag").overlaps(&tags));
    }

    #[test]
    fn an_invalid_pattern_is_refused() {
        for text in [
            "", ".a", "a.", "a..b", "a[", "a[b]", "a['b]", "a['b'", "a['b']c", "[0]",
        ] {
            assert!(text.parse::<PathPattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_is_shown_as_it_is_best_written() {
        for text in [
            r#"containers["a.b"].image"#,
            "containers[*].ports[0]",
            "tags.owner",
        ] {
            assert_eq!(pattern(text).to_string(), text);
        }
        assert_eq!(
            pattern("containers.*.env.A").to_string(),
            "containers[*].env.A"
        );
    }
}
