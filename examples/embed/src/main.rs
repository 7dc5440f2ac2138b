//! Plans and applies two container groups in a simulated cloud, stops after the first one, and
//! goes on with another run.
//!
//! ```console
//! $ cargo run -p eci-example-embed
//! ```

use std::error::Error;
use std::path::Path;

use eci_engine::{
    ApplyOutcome, Engine, Event, Loader, NullReporter, PlanOptions, Provider, Reporter, Sandbox,
    StopHandle,
};

/// Prints the progress, and stops the run once a resource is done.
struct StopAfterFirst(StopHandle);

impl Reporter for StopAfterFirst {
    fn report(&self, event: &Event) {
        match event {
            Event::TaskStarted { address, action } => println!("{address}: {action} started"),
            Event::TaskFailed { address, error, .. } => println!("{address}: {error}"),
            Event::TaskFinished { address, .. } => {
                println!("{address}: done, stopping");
                self.0.request_stop();
            }
            _ => {}
        }
    }
}

/// Performs one run: opens the state, plans, shows the plan and applies it.
async fn run(
    provider: Provider,
    state: &Path,
    reporter: impl Reporter + 'static,
    stop: &StopHandle,
) -> Result<ApplyOutcome, Box<dyn Error>> {
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("manifests");
    let configuration = Loader::new(manifests).load()?;
    let engine = Engine::builder(provider).reporter(reporter).build();
    let mut run = engine.open(state, &configuration).await?;
    let plan = run.plan(&PlanOptions::default()).await?;
    for step in plan.steps() {
        println!("plan: {} {}", step.action, step.address);
    }
    // A program that wants approval asks for it here.
    Ok(run.apply(plan, stop).await?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::in_process().await?;
    let provider = sandbox.connect(&Default::default()).await?;
    let state = tempfile::tempdir()?;

    let stop = StopHandle::new();
    let reporter = StopAfterFirst(stop.clone());
    let outcome = run(provider.clone(), state.path(), reporter, &stop).await?;
    println!("first run: {outcome}");

    let never = StopHandle::new();
    let outcome = run(provider, state.path(), NullReporter, &never).await?;
    println!("second run: {outcome}");

    sandbox.stop().await;
    Ok(())
}
