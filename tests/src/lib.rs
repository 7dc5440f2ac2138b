//! Whole-program tests of the binaries.
