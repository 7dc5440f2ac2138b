//! `eci sandbox serve`

use std::net::SocketAddr;

use eci_api::Service;
use eci_engine::{REGION_VARIABLE, SANDBOX_KEY};
use eci_sandbox::{Config, Faults};
use eci_text::{Verbatim, say, text};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinError;

use crate::arguments::{AccountArgs, Format, SandboxCommand, ServeArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::print_stdout;

/// Runs `eci sandbox`.
pub(crate) async fn sandbox(
    context: &Context,
    args: &SandboxCommand,
) -> Result<ExitStatus, CommandError> {
    match args {
        SandboxCommand::Serve(serve) => self::serve(context, serve).await,
    }
}

async fn serve(context: &Context, args: &ServeArgs) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let mut config = Config {
        data: args
            .data
            .as_deref()
            .map(|data| context.path(data))
            .transpose()?,
        speed: args.speed,
        rate_limit: args.rate_limit,
        faults: match &args.faults {
            Some(path) => Faults::read(&context.path(path)?)?,
            None => Faults::default(),
        },
        ..Config::default()
    };
    let behavior = args.behavior.iter().map(String::as_str);
    config.behavior.set(behavior).map_err(CommandError::plain)?;
    if !args.accounts.is_empty() {
        let accounts = args.accounts.iter();
        let pair = |it: &AccountArgs| (it.access_key.clone(), it.secret_key.clone());
        config.accounts = accounts.map(pair).collect();
    }
    let client = ClientSettings {
        region: config.regions.first().cloned().unwrap_or_default(),
        account: args.accounts.first().map(|it| it.access_key.clone()),
    };
    let listener = TcpListener::bind(args.listen).await.map_err(|error| {
        CommandError::new(
            text!(
                en: "failed to listen on {address}: {cause}",
                zh: "监听 {address} 失败：{cause}",
                address = Verbatim(args.listen),
                cause = error,
            ),
            text!(
                en: "use `--listen` with a free address, for example `--listen 127.0.0.1:0`",
                zh: "使用 `--listen` 指定空闲的地址，例如 `--listen 127.0.0.1:0`",
            ),
        )
    })?;
    let address = listener.local_addr().map_err(CommandError::plain)?;
    let sandbox = eci_sandbox::SimulatedCloud::open(config)?;
    announce(context, args.format, address, &client)?;
    let server = sandbox.clone();
    let mut serving = tokio::spawn(async move { server.serve(listener).await });
    tokio::select! {
        ended = &mut serving => ended_well(ended)?,
        _ = signals.next() => {
            context.note(&text!(en: "Stopping the sandbox.", zh: "正在停止沙箱。"));
            sandbox.shutdown();
            // What is being answered is finished, unless another interrupt comes.
            signals.unless(async { ended_well(serving.await) }).await?;
        }
    }
    // Closing the database waits for the disk.
    tokio::task::spawn_blocking(move || drop(sandbox))
        .await
        .map_err(CommandError::plain)?;
    Ok(ExitStatus::Done)
}

fn ended_well(ended: Result<std::io::Result<()>, JoinError>) -> Result<(), CommandError> {
    ended
        .map_err(CommandError::plain)?
        .map_err(CommandError::plain)
}

/// The settings of a client in addition to the address.
struct ClientSettings {
    region: String,
    /// The access key of the first account that was given.
    ///
    /// Its secret key is not repeated.
    account: Option<String>,
}

/// Prints how to connect, in a form that a shell can evaluate.
fn announce(
    context: &Context,
    format: Format,
    address: SocketAddr,
    client: &ClientSettings,
) -> Result<(), CommandError> {
    let lang = context.lang();
    let reached = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], address.port())),
        _ => address,
    };
    let endpoint = format!("http://{reached}");
    let ClientSettings { region, account } = client;
    let access_key = account.as_deref().unwrap_or(SANDBOX_KEY);
    let secret_key = account.is_none().then_some(SANDBOX_KEY);
    let text = match format {
        Format::Json => {
            let line = json!({
                "endpoint": endpoint,
                "access_key": access_key,
                "secret_key": secret_key,
                "region_id": region,
            });
            format!("{line}\n")
        }
        Format::Text => format!(
            "{}\n\
             {}\
             export CTYUN_AK={access_key}\n\
             export CTYUN_SK={}\n\
             export {REGION_VARIABLE}={region}\n",
            say!(
                lang,
                en: "# The sandbox listens on {endpoint}. Press Ctrl-C to stop it. To use it from another shell:",
                zh: "# 沙箱正在监听 {endpoint}，按 Ctrl-C 停止。如需在其他 Shell 中使用：",
                endpoint = endpoint,
            ),
            Service::ALL
                .map(|service| format!("export {}={endpoint}\n", service.variable()))
                .concat(),
            secret_key.unwrap_or_else(|| lang.pick(
                "...   # as given with --account",
                "...   # 由 --account 指定",
            ))
        ),
    };
    if !address.ip().is_loopback() {
        context.say(&text!(
            en: "warning: anyone who can reach this machine can use the sandbox",
            zh: "警告: 能够访问本机的任何人都可以使用此沙箱",
        ));
    }
    Ok(print_stdout(&text)?)
}
