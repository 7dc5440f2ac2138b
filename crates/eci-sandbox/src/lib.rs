//! A local simulator of the container instance cloud.
