//! Paths of attributes, for example `containers["nginx"].image`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::value::SENSITIVE;

mod identity;
mod pattern;
mod step;

pub use identity::{Identity, identity_of, public_identity};
pub use pattern::{PathPattern, PatternError, PatternStep};
pub use step::PathStep;

/// The path of an attribute within a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Path(pub Vec<PathStep>);

impl Path {
    /// Returns the path of the whole value.
    pub fn root() -> Path {
        Path::default()
    }

    /// Returns the path of a field of the value at this path.
    #[must_use]
    pub fn name(&self, name: impl Into<Arc<str>>) -> Path {
        self.step(PathStep::Name(name.into()))
    }

    /// Returns the path of an index of the list at this path.
    #[must_use]
    pub fn index(&self, index: usize) -> Path {
        self.step(PathStep::Index(index))
    }

    /// Returns the path of the element with that key in the list at this path.
    #[must_use]
    pub fn key(&self, key: impl Into<Arc<str>>) -> Path {
        self.step(PathStep::Key(key.into()))
    }

    /// Returns the path of that element in the list at this path.
    #[must_use]
    pub fn element(&self, identity: &Identity) -> Path {
        self.step(identity.step())
    }

    fn step(&self, step: PathStep) -> Path {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Path(steps)
    }

    /// Returns the name of the top-level attribute, if the path has one.
    pub fn attribute(&self) -> Option<&str> {
        match self.0.first() {
            Some(PathStep::Name(name)) => Some(name),
            _ => None,
        }
    }
}

/// A path on the way down through a value: each step knows the one before it, and a [`Path`] is
/// created only where the place is reported.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum PathCursor<'a> {
    /// At the whole.
    Root,
    /// At a field or table entry.
    Name(&'a PathCursor<'a>, &'a str),
    /// At a place in a list.
    Index(&'a PathCursor<'a>, usize),
}

impl<'a> PathCursor<'a> {
    /// Returns the place of a field of the value at this place.
    #[must_use]
    pub fn name(&'a self, name: &'a str) -> PathCursor<'a> {
        PathCursor::Name(self, name)
    }

    /// Returns the place of an index of the list at this place.
    #[must_use]
    pub fn index(&'a self, index: usize) -> PathCursor<'a> {
        PathCursor::Index(self, index)
    }

    /// Returns the number of steps.
    pub fn steps(&self) -> usize {
        match self {
            PathCursor::Root => 0,
            PathCursor::Name(before, _) | PathCursor::Index(before, _) => before.steps() + 1,
        }
    }

    /// Returns the last name of the path, with the indexes after it: `command[0]`.
    pub fn label(&self) -> String {
        match self {
            PathCursor::Root => String::new(),
            PathCursor::Name(_, name) => (*name).to_owned(),
            PathCursor::Index(before, index) => format!("{}[{index}]", before.label()),
        }
    }

    /// Returns the path of this place.
    pub fn path(&self) -> Path {
        match self {
            PathCursor::Root => Path::root(),
            PathCursor::Name(before, name) => before.path().name(*name),
            PathCursor::Index(before, index) => before.path().index(*index),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Name(name) if crate::address::is_label(name) => {
                    write!(f, "{}{name}", if at == 0 { "" } else { "." })?;
                }
                PathStep::Name(name) | PathStep::Key(name) => write!(f, "[{name:?}]")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
                PathStep::Secret => write!(f, "[{SENSITIVE}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_an_expression() {
        let path = Path::root()
            .name("containers")
            .key("nginx")
            .name("env")
            .name("a.b");
        assert_eq!(path.to_string(), r#"containers["nginx"].env["a.b"]"#);
        assert_eq!(Path::root().name("ports").index(0).to_string(), "ports[0]");
    }

    #[test]
    fn a_trail_leads_to_its_path() {
        let trail = PathCursor::Root.name("ports");
        let trail = trail.index(0);
        assert_eq!(trail.steps(), 2);
        assert_eq!(trail.path(), Path::root().name("ports").index(0));
    }
}
