//! Any text as an expression and as a template, against a small configuration; every other input
//! is a random expression that follows from the bytes.
#![no_main]

use eci_tests::expressions::{Bench, written};
use eci_tests::roundtrip::Draws;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static BENCH: Bench = Bench::new();
}

fuzz_target!(|bytes: &[u8]| {
    let text = match bytes {
        [first, rest @ ..] if first % 2 == 0 => String::from_utf8_lossy(rest).into_owned(),
        bytes => written(&mut Draws::from_bytes(bytes)),
    };
    if let Err(wrong) = BENCH.with(|bench| bench.check(&text)) {
        panic!("{wrong}");
    }
});
