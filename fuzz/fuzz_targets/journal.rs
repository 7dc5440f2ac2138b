//! Any lines of a journal behind right checksums.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| eci_tests::fuzzing::journal(bytes));
