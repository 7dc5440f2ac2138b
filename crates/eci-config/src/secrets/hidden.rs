//! Literals that messages do not show.

use std::ops::Range;

use crate::parse::{Block, Entry, Node};

/// Keeps a value from being shown; its quotes stay, so that the line still looks like one.
pub(crate) fn hide_value(block: &Block, entry: &Entry) {
    hide(block, &entry.node);
}

/// Keeps a literal from being shown, as [`hide_value`] does.
pub(super) fn hide(block: &Block, node: &Node) {
    let Range { start, end } = node.range;
    block.source.hide(start + 1..end.saturating_sub(1));
}
