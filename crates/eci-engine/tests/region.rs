//! The call that verifies credentials and region, sent ahead of the run.

#![allow(clippy::unwrap_used)]

use eci_api::Credentials;
use eci_config::Configuration;
use eci_engine::{EngineError, Loader, PlanInputs, Provider, RefreshOptions, Sandbox};
use eci_state::Snapshot;
use tempfile::TempDir;

const MANIFEST: &str = r#"
[eip.web]
bandwidth = 5
"#;

fn configuration() -> Configuration {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join("web.eci.toml"), MANIFEST).unwrap();
    Loader::new(directory.path()).load().unwrap()
}

/// Returns how often the region was read.
fn reads(sandbox: &Sandbox) -> u64 {
    let counts = sandbox.handle().counts();
    counts.get("describeRegion").copied().unwrap_or_default()
}

/// Refreshes an empty state.
async fn refreshed(provider: &Provider, configuration: &Configuration) -> Result<(), EngineError> {
    let snapshot = Snapshot::new_random().unwrap();
    let inputs = PlanInputs::new(configuration, &snapshot);
    let refreshed = provider.refresh(inputs, &RefreshOptions::default()).await;
    refreshed.map(drop)
}

#[tokio::test]
async fn a_region_that_was_requested_ahead_is_requested_once() {
    let configuration = configuration();
    let sandbox = Sandbox::in_process().await.unwrap();
    let provider = sandbox.connect(&configuration.provider).await.unwrap();

    provider.verify_region_ahead();
    refreshed(&provider, &configuration).await.unwrap();
    assert_eq!(reads(&sandbox), 1);

    refreshed(&provider, &configuration).await.unwrap();
    assert_eq!(reads(&sandbox), 2);
}

#[tokio::test]
async fn an_error_of_the_call_ahead_is_the_error_of_the_run() {
    let configuration = configuration();
    let sandbox = Sandbox::in_process().await.unwrap();
    let mut options = sandbox.connect_options();
    options.credentials = Some(Credentials::new("unknown", "wrong"));
    let provider = Provider::connect(&configuration.provider, options)
        .await
        .unwrap();

    provider.verify_region_ahead();
    refreshed(&provider, &configuration).await.unwrap_err();
    assert_eq!(reads(&sandbox), 1);
}
