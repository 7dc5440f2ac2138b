//! The report of a run whose state cannot be written any more.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use eci_engine::{
    ApplyOutcome, Engine, EngineError, Event, Loader, PlanOptions, Reporter, Sandbox, StopHandle,
};

const MANIFEST: &str = r#"
[container_group.first]
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
containers = [{ name = "nginx", image = "nginx:1.27", cpu = 1, memory = 2 }]

[container_group.second]
depends_on = ["container_group.first"]
vpc_id = "vpc-ctt6yag121"
vswitch_id = "subnet-y9n723knrg"
security_group_id = "sg-5bvqyvrmch"
az_name = "cn-huadong1-jsnj1A-public-ctcloud"
containers = [{ name = "nginx", image = "nginx:1.27", cpu = 1, memory = 2 }]
"#;

/// Spoils the journal of a state once the first resource is created.
struct Spoiler(PathBuf);

impl Reporter for Spoiler {
    fn report(&self, event: &Event) {
        if matches!(event, Event::TaskFinished { .. }) {
            spoil(&self.0);
        }
    }
}

/// Puts a directory where the journal is or would be.
fn spoil(state: &Path) {
    let journal = state.join("journal.jsonl");
    if journal.exists() {
        fs::remove_file(&journal).unwrap();
    }
    fs::create_dir(&journal).unwrap();
}

/// Applies the manifest; the state is spoiled before that, or after the first change.
fn applied(is_spoiled_before: bool) -> Result<ApplyOutcome, EngineError> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("web.eci.toml"), MANIFEST).unwrap();
        let configuration = Loader::new(directory.path()).load()?;
        let sandbox = Sandbox::in_process().await?;
        let provider = sandbox.connect(&configuration.provider).await?;
        let state = directory.path().join("state");
        let engine = Engine::builder(provider)
            .reporter(Spoiler(state.clone()))
            .build();
        let mut run = engine.open(&state, &configuration).await?;
        let plan = run.plan(&PlanOptions::default()).await?;
        if is_spoiled_before {
            spoil(&state);
        }
        run.apply(plan, &StopHandle::default()).await
    })
}

#[test]
fn what_was_changed_before_the_state_failed_is_reported_with_the_error() {
    let outcome = applied(false).unwrap();
    assert_eq!(outcome.changed.get("create"), Some(&1), "{outcome}");
    assert!(outcome.error.is_some(), "{outcome}");
    assert!(!outcome.is_complete());
}

#[test]
fn a_state_that_fails_before_the_first_change_is_an_error() {
    let error = applied(true).unwrap_err();
    assert!(matches!(error, EngineError::State(_)), "{error}");
}
