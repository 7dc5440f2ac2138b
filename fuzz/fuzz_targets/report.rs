//! Any report of a group.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| eci_tests::fuzzing::report(bytes));
