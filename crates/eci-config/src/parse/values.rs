//! Variable files.

use std::sync::Arc;

use eci_core::Diagnostics;
use eci_core::diagnostic::Source;

use super::declarations::Block;
use super::node::{Builder, Data};
use super::read::syntax_errors;
use super::syntax_hints::SyntaxHints;

/// Parses a variable file: names and what they are given, in the order of the file.
///
/// Any of the values may be a secret, so that no error shows one.
pub(crate) fn parse_values(name: &str, text: String) -> Result<Vec<Block>, Diagnostics> {
    let source = Arc::new(Source::new(name, text));
    let mut diagnostics = Diagnostics::default();
    let table = syntax_errors(
        &source,
        SyntaxHints::without_values(&source),
        &mut diagnostics,
    );
    let data = if diagnostics.0.is_empty() {
        Builder::literal(&source, &mut diagnostics).table(table.get_ref())
    } else {
        Data::Table(Vec::new())
    };
    if !diagnostics.0.is_empty() {
        hide_values(&source);
        return Err(diagnostics);
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

/// Keeps everything but keys and headers from being shown.
fn hide_values(source: &Source) {
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let end = line.trim_end().len();
        let from = match line.split_once('=') {
            Some((key, value)) => key.len() + 1 + (value.len() - value.trim_start().len()),
            None if line.starts_with('[') => end,
            None => line.len() - line.trim_start().len(),
        };
        if from < end {
            source.hide(start + from..start + end);
        }
        start += line.len();
    }
}
