//! Answers of the cloud with anything in them.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use eci_config::Configuration;
use eci_planner::{Mode, Observation};
use serde_json::{Value, json};

use crate::GROUP_WITH_DISK;
use crate::in_process::{Lab, configuration};
use crate::roundtrip::Draws;

/// A cloud with resources of all kinds, and what changes its answers.
struct AnswerFuzzer {
    lab: Lab,
    configuration: Configuration,
    draws: Arc<Mutex<Draws>>,
}

thread_local! {
    static ANSWERING: RefCell<AnswerFuzzer> = RefCell::new(AnswerFuzzer::new());
}

impl AnswerFuzzer {
    fn new() -> AnswerFuzzer {
        let mut lab = Lab::new();
        let manifest = format!("{GROUP_WITH_DISK}\n[eip.front]\nbandwidth = 3\n");
        let plan = lab.plan(&manifest, Mode::Apply).unwrap();
        lab.apply(plan).unwrap();
        let draws = Arc::new(Mutex::new(Draws::from_bytes(&[])));
        let drawn = Arc::clone(&draws);
        lab.cloud.rewrite(move |_, _, answer| {
            let mut draws = drawn.lock().unwrap_or_else(PoisonError::into_inner);
            while draws.percent(50) {
                change(answer, &mut draws);
            }
        });
        AnswerFuzzer {
            lab,
            configuration: configuration(&manifest).unwrap(),
            draws,
        }
    }
}

/// Reads all resources of a state, and plans with that, while any part of any answer is anything.
///
/// # Panics
///
/// If that panics, or a resource counts as missing.
pub fn answers(bytes: &[u8]) {
    ANSWERING.with_borrow(|answering| {
        let AnswerFuzzer {
            lab,
            configuration,
            draws,
        } = answering;
        *draws.lock().unwrap_or_else(PoisonError::into_inner) = Draws::from_bytes(bytes);
        let Ok(observed) = lab.observe(configuration) else {
            return;
        };
        for (address, observation) in observed.iter() {
            let is_missing = matches!(observation, Observation::Missing);
            assert!(!is_missing, "{address} counts as missing");
        }
        let _ = lab.plan_with(configuration, &observed, Mode::Apply);
    });
}

/// Changes one part of an answer.
fn change(answer: &mut Value, draws: &mut Draws) {
    if draws.percent(80) {
        match answer {
            Value::Array(items) if !items.is_empty() => {
                let at = draws.below(items.len());
                return change(&mut items[at], draws);
            }
            Value::Object(fields) if !fields.is_empty() => {
                let at = draws.below(fields.len());
                if let Some((_, field)) = fields.iter_mut().nth(at) {
                    return change(field, draws);
                }
            }
            _ => {}
        }
    }
    match (draws.below(4), answer) {
        (0, Value::Array(items)) => {
            items.pop();
        }
        (1, Value::Array(items)) => items.extend(items.first().cloned()),
        (2, Value::Object(fields)) => {
            let at = draws.below(fields.len());
            let name = fields.keys().nth(at).cloned().unwrap_or_default();
            fields.remove(&name);
        }
        (_, place) => *place = anything(draws),
    }
}

fn anything(draws: &mut Draws) -> Value {
    match draws.below(14) {
        0 => Value::Null,
        1 => json!([]),
        2 => json!({}),
        3 => json!(""),
        4 => json!(-1),
        5 => json!(u64::MAX),
        6 => json!(1e300),
        7 => json!(0.1),
        8 => json!(true),
        9 => json!("\u{1b}[2J\u{202e}x\n\"}"),
        10 => json!("长".repeat(5000)),
        11 => json!([[[[[[[[]]]]]]]]),
        12 => json!({"key": {"key": [{"key": null}]}}),
        _ => json!("9999-12-31T23:59:59.999999999Z"),
    }
}
