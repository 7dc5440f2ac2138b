//! The stores behind states: one file each.

mod directory;
mod memory;
mod postgres;
mod s3;
mod transport;

pub use directory::DirectoryDevice;
pub use memory::MemoryDevice;
pub use postgres::{PostgresDevice, PostgresSettings};
pub use s3::{S3Credentials, S3Device, S3Dialect, S3Settings};
