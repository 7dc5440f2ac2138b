//! The state of a configuration: snapshot, journal, lock and where they live.
