//! Reads a directory of manifests into an evaluated configuration.
