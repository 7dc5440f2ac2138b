//! Each fuzz target for a second or two: valid inputs with random changes.

#![allow(clippy::unwrap_used)]

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use eci_state::Record;
use eci_tests::binaries::workspace;
use eci_tests::fuzzing::{TARGETS, run};
use eci_tests::{Cloud, GROUP_WITH_DISK, Project, REGION};
use fastrand::Rng;

/// The time for which each target is run.
const DURATION: Duration = Duration::from_millis(1500);

/// Good inputs to begin with.
struct Seeds {
    project: Project,
}

impl Seeds {
    fn new() -> Seeds {
        let (project, cloud) = (Project::new(&manifest()), Cloud::start());
        project.apply(&cloud).run().exits(0);
        let changed = manifest() + "\n[eip.other]\n";
        project.write("main.eci.toml", &changed);
        let plan = project.plan(&cloud).args(["--out", "kept.plan"]).run();
        plan.exits(2);
        Seeds { project }
    }

    fn of(&self, target: &str) -> Vec<u8> {
        let state = self.project.read("state/state.json");
        match target {
            "snapshot" => inner(&state, "state"),
            "plan" => inner(&self.project.read("kept.plan"), "plan"),
            "journal" => {
                let resources = self.project.state().resources;
                let records = resources.into_iter().map(|(address, state)| {
                    let state = Box::new(state);
                    serde_json::to_string(&Record::ResourceUpdated { address, state }).unwrap()
                });
                records.collect::<Vec<_>>().join("\n").into_bytes()
            }
            "manifest" => manifest().into_bytes(),
            "report" => br#"{"containerGroupId": "eci-1", "containerGroupName": "web", "status": "Running"}"#.to_vec(),
            // Their bytes are choices.
            _ => Vec::new(),
        }
    }
}

fn manifest() -> String {
    format!("[provider]\nregion_id = \"{REGION}\"\n{GROUP_WITH_DISK}\n[eip.front]\nbandwidth = 3\n")
}

/// The document within its envelope.
fn inner(document: &str, name: &str) -> Vec<u8> {
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    document[name].to_string().into_bytes()
}

/// Changes some bytes: any, another copy of a part, or none in its place.
fn changed(seed: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..random.usize(1..6) {
        let at = random.usize(..bytes.len().max(1));
        let end = (at + random.usize(1..40)).min(bytes.len());
        match random.usize(..5) {
            _ if bytes.is_empty() => bytes.push(random.u8(..)),
            0 => bytes[at.min(seed.len().saturating_sub(1))] ^= 1 << random.u8(..8),
            1 => {
                bytes.drain(at..end);
            }
            2 => {
                let part = bytes[at..end].to_vec();
                let to = random.usize(..=bytes.len());
                bytes.splice(to..to, part);
            }
            3 => {
                const WORDS: [&[u8]; 6] = [b"null", b"{}", b"[]", b"-1", b"1e999", b"\"\""];
                bytes.splice(at..end, WORDS[random.usize(..WORDS.len())].iter().copied());
            }
            _ => bytes[at] = random.u8(..),
        }
    }
    bytes
}

#[test]
fn changed_inputs_of_all_kinds_are_read_within_a_budget() {
    let seeds = Seeds::new();
    let mut random = Rng::with_seed(7);
    // `tests/roundtrips.rs` plays round trips.
    for target in TARGETS.iter().filter(|it| it.name != "roundtrip") {
        let seed = seeds.of(target.name);
        run(*target, &seed);
        let (start, mut inputs) = (Instant::now(), 0);
        while start.elapsed() < DURATION {
            let bytes = if seed.is_empty() {
                (0..200).map(|_| random.u8(..)).collect()
            } else {
                changed(&seed, &mut random)
            };
            let result = catch_unwind(|| run(*target, &bytes));
            assert!(
                result.is_ok(),
                "{}: {:?}",
                target.name,
                bytes.escape_ascii().to_string()
            );
            inputs += 1;
        }
        assert!(inputs > 3, "{}: {inputs}", target.name);
    }
}

/// The crate in `fuzz/` is not compiled with the others. It stays correct because a target has
/// nothing but a call of a function that they compile.
#[test]
fn a_fuzz_target_is_a_call_of_its_function() {
    let folder = workspace().join("fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(folder.join("fuzz_targets")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(TARGETS.iter().any(|target| target.name == name), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let text = std::fs::read_to_string(&path).unwrap();
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .collect();
        let call = format!("fuzz_target!(|bytes: &[u8]| eci_tests::fuzzing::{name}(bytes));");
        let expected = ["#![no_main]", "use libfuzzer_sys::fuzz_target;", &call];
        assert_eq!(code, expected, "{name}");
        files += 1;
    }
    assert_eq!(files, TARGETS.len());
}
