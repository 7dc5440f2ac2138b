//! Any configuration with resources of all kinds is applied, edited and destroyed, while calls
//! fail and processes die: all of it follows from the bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| eci_tests::fuzzing::roundtrip(bytes));
