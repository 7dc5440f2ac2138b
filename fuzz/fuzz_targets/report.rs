//! Any report of a group.
#![no_main]

use eci_api::types::DescribedGroup;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    let Ok(report) = serde_json::from_slice(text) else {
        return;
    };
    if let Ok(group) = DescribedGroup::from_report(report) {
        let _ = (group.is_ready(), group.tag("eci:operation"));
    }
});
