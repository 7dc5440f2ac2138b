//! Any text as an expression and as a template.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| eci_tests::fuzzing::expression(bytes));
