//! Any configuration with resources of all kinds is applied, edited and destroyed, while calls
//! fail and processes die: all of it follows from the bytes.
#![no_main]

use eci_tests::roundtrip::{Draws, Features, play};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(violation) = play(&mut Draws::from_bytes(bytes), Features::ALL) {
        panic!("{violation}");
    }
});
