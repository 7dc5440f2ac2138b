//! `eci sandbox serve`

use std::net::SocketAddr;

use eci_api::Service;
use eci_sandbox::{Config, Faults};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinError;

use crate::answer::{answer, say};
use crate::arguments::{Format, Sandbox, Serve};
use crate::context::{Context, DEFAULT_REGION_VARIABLE, SANDBOX_KEY};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::signals::Signals;

/// The simulated cloud.
pub(crate) async fn sandbox(context: &Context, asked: &Sandbox) -> Result<Exit, Failure> {
    match asked {
        Sandbox::Serve(serve) => self::serve(context, serve).await,
    }
}

async fn serve(context: &Context, asked: &Serve) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let config = Config {
        data: asked
            .data
            .as_deref()
            .map(|data| context.path(data))
            .transpose()?,
        speed: asked.speed,
        rate_limit: asked.rate_limit,
        faults: match &asked.faults {
            Some(path) => Faults::read(&context.path(path)?)?,
            None => Faults::default(),
        },
        ..Config::default()
    };
    let region = config.regions.first().cloned().unwrap_or_default();
    let listener = TcpListener::bind(asked.listen).await.map_err(|error| {
        Failure::new(
            format!("cannot listen at {}: {error}", asked.listen),
            "name a free address with --listen, such as --listen 127.0.0.1:0",
        )
    })?;
    let address = listener.local_addr().map_err(Failure::plain)?;
    let sandbox = eci_sandbox::Sandbox::open(config)?;
    announce(asked.format, address, &region)?;
    let server = sandbox.clone();
    let mut serving = tokio::spawn(async move { server.serve(listener).await });
    tokio::select! {
        ended = &mut serving => served(ended)?,
        _ = signals.next() => {
            context.note("Ending the sandbox.");
            sandbox.shutdown();
            // What is being answered is finished, unless the end is asked for again.
            signals.unless(async { served(serving.await) }).await?;
        }
    }
    // Closing the database waits for the disk.
    tokio::task::spawn_blocking(move || drop(sandbox))
        .await
        .map_err(Failure::plain)?;
    Ok(Exit::Done)
}

fn served(ended: Result<std::io::Result<()>, JoinError>) -> Result<(), Failure> {
    ended.map_err(Failure::plain)?.map_err(Failure::plain)
}

/// Tells how to reach it, in a form that a shell can take over.
fn announce(format: Format, address: SocketAddr, region: &str) -> Result<(), Failure> {
    let reached = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], address.port())),
        _ => address,
    };
    let endpoint = format!("http://{reached}");
    let text = match format {
        Format::Json => {
            let line = json!({
                "endpoint": endpoint,
                "access_key": SANDBOX_KEY,
                "secret_key": SANDBOX_KEY,
                "region_id": region,
            });
            format!("{line}\n")
        }
        Format::Text => format!(
            "# The sandbox listens at {endpoint}; Ctrl-C ends it. To use it from another shell:\n\
             {}\
             export CTYUN_AK={SANDBOX_KEY}\n\
             export CTYUN_SK={SANDBOX_KEY}\n\
             export {DEFAULT_REGION_VARIABLE}={region}\n",
            Service::ALL
                .map(|service| format!("export {}={endpoint}\n", service.variable()))
                .concat()
        ),
    };
    if !address.ip().is_loopback() {
        say("warning: everyone who reaches this machine can use the sandbox");
    }
    Ok(answer(&text)?)
}
