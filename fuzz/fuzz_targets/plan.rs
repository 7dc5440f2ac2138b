//! Any plan file behind a right checksum.
#![no_main]

use eci_planner::SavedPlan;
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

fuzz_target!(|plan: &str| {
    let digest = Sha256::digest(plan.as_bytes());
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!("{{\"format\":2,\"plan\":{plan},\"checksum\":\"sha256:{digits}\"}}");
    let Ok(saved) = SavedPlan::from_document(text.as_bytes()) else {
        return;
    };
    let _ = saved.give_variables(&mut eci_config::Variables::default());
    let _ = saved.observed();
    let _ = saved.plan();
});
