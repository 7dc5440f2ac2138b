//! From files to declarations.

mod declarations;
mod node;
mod read;
mod table;

pub(crate) use declarations::{Block, ChangeBlocks, gather};
pub(crate) use node::{Data, Node};
pub(crate) use read::{Manifest, read_directory};
pub(crate) use table::TableReader;
