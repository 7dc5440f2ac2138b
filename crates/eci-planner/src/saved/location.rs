//! Places in manifests, of which a plan keeps the file and the line.

use std::collections::HashMap;
use std::sync::Arc;

use eci_core::diagnostic::{Source, Span};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// No manifest has more lines: a larger one is not read.
const MOST_LINES: usize = 1 << 25;

/// The line of a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SavedPlace {
    file: String,
    #[serde(deserialize_with = "line")]
    line: usize,
}

fn line<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        line if line <= MOST_LINES => Ok(line),
        line => Err(D::Error::custom(format!("no manifest has a line {line}"))),
    }
}

impl SavedPlace {
    pub(super) fn new(place: &Span) -> SavedPlace {
        SavedPlace {
            file: place.source.name.clone(),
            line: place.position().0,
        }
    }
}

/// Files of which nothing is known but how many lines they have at least.
pub(super) struct Files<'a>(HashMap<&'a str, Arc<Source>>);

impl<'a> Files<'a> {
    /// Returns the files that these places are in.
    pub(super) fn of(places: impl Iterator<Item = &'a SavedPlace>) -> Files<'a> {
        let mut last: HashMap<&str, usize> = HashMap::new();
        for place in places {
            let line = last.entry(&place.file).or_default();
            *line = place.line.max(*line);
        }
        let files = last.into_iter().map(|(name, line)| {
            let source = Source::new(name, "\n".repeat(line.saturating_sub(1)));
            (name, Arc::new(source))
        });
        Files(files.collect())
    }

    /// Returns the place in its file; `None` if it is not one of those that these are the files of.
    pub(super) fn place(&self, place: &SavedPlace) -> Option<Span> {
        let source = self.0.get(&*place.file)?;
        let before = place.line.saturating_sub(1);
        Some(Span::new(source, before..before))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn places_of_one_file_share_what_is_known_of_it() {
        let at = |line| SavedPlace {
            file: "a.eci.toml".to_owned(),
            line,
        };
        let places = [at(3), at(70), at(1)];
        let files = Files::of(places.iter());
        let found: Vec<Span> = places.iter().map(|at| files.place(at).unwrap()).collect();
        let lines: Vec<usize> = found.iter().map(|place| place.position().0).collect();
        assert_eq!(lines, [3, 70, 1]);
        assert!(Arc::ptr_eq(&found[0].source, &found[1].source));
        assert_eq!(SavedPlace::new(&found[1]), places[1]);
    }
}
