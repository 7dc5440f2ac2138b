//! Files of values of variables.

use std::sync::Arc;

use eci_core::Diagnostics;
use eci_core::diagnostic::Source;
use eci_text::{Text, text};
use toml::de::DeTable;

use super::declarations::Block;
use super::node::{Builder, Data};

/// An error about a variable file, and its place. The content may be a secret.
#[derive(Debug)]
pub(crate) struct ValuesError {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) problem: Text,
}

/// Parses a file of values: names and what they are given, in the order of the file.
pub(crate) fn parse_values(name: &str, text: String) -> Result<Vec<Block>, ValuesError> {
    let source = Arc::new(Source::new(name, text));
    let error = |offset: usize, problem: Text| {
        let (line, column) = source.position(offset);
        ValuesError {
            line,
            column,
            problem,
        }
    };
    let table = DeTable::parse(&source.text).map_err(|found| {
        let offset = found.span().map_or(0, |span| span.start);
        error(
            offset,
            text!(
                en: "invalid TOML: {cause}",
                zh: "TOML 无效：{cause}",
                cause = found.message(),
            ),
        )
    })?;
    let mut diagnostics = Diagnostics::default();
    let data = Builder::literal(&source, &mut diagnostics).table(table.get_ref());
    if let Some(first) = diagnostics.0.first() {
        let place = first.primary.as_ref().map(|label| label.place.range.start);
        return Err(error(place.unwrap_or(0), first.message.clone()));
    }
    let Data::Table(entries) = data else {
        return Ok(Vec::new());
    };
    let blocks = entries.into_iter().map(|entry| Block {
        source: Arc::clone(&source),
        name: entry.key,
        node: entry.node,
    });
    Ok(blocks.collect())
}
