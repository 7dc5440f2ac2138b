//! Parses files into declarations.

mod declarations;
mod definition;
mod node;
mod overlay;
mod read;
mod syntax_hints;
mod values;
mod written;

pub(crate) use declarations::{Block, ChangeBlocks, Declarations, ResourceBlock, gather};
pub(crate) use definition::{CallDefinition, Definition, Definitions};
pub(crate) use node::{Data, Entry, Node, near_key};
pub use overlay::{Overlay, plain_path};
pub(crate) use read::{DirectoryError, read_directory, read_file, read_whole};
pub(crate) use values::parse_values;
