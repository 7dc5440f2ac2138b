//! The stores behind states: one file each.

mod directory;
mod memory;

pub use directory::DirectoryDevice;
pub use memory::MemoryDevice;
