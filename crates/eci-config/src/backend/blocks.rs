//! The tables of a root module about its state.

use crate::parse::Block;

/// The tables of a root module about its state.
#[derive(Clone, Copy)]
pub(crate) struct StateBlocks<'a> {
    pub(crate) backend: Option<&'a Block>,
    pub(crate) encryption: Option<&'a Block>,
}
