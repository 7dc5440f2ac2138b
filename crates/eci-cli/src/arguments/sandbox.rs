//! Arguments of `eci sandbox`.

use std::fmt;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use eci_sandbox::{ApiBehavior, Speed};
use eci_text::{Message, text};

use super::Format;
use super::paths::plain_path;

/// `eci sandbox`
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Serve the simulated cloud over HTTP until Ctrl-C
    #[command(after_help = serve_help())]
    Serve(ServeArgs),
}

/// `eci sandbox serve`
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9040")]
    pub(crate) listen: std::net::SocketAddr,
    /// Store the simulated cloud in this directory [default: in memory only]
    #[arg(long, value_name = "DIR", value_parser = plain_path())]
    pub(crate) data: Option<PathBuf>,
    /// Inject faults by the rules in this file
    #[arg(long, value_name = "FILE", value_parser = plain_path())]
    pub(crate) faults: Option<PathBuf>,
    /// Speed, as a multiple of the real cloud, or `instant`
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) speed: Speed,
    /// Reject calls beyond this many per second [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) rate_limit: Option<f64>,
    /// Serve this account instead of `sandbox=sandbox`; can be repeated, each account has its own
    /// resources
    #[arg(long = "account", value_name = "AK=SK", value_parser = account)]
    pub(crate) accounts: Vec<AccountArgs>,
    /// Set a behavior of the simulated cloud, see the list below; can be repeated
    #[arg(long = "behavior", value_name = "NAME=VALUE")]
    pub(crate) behavior: Vec<String>,
    /// Format of the message that is printed when the server is ready
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub(crate) format: Format,
}

/// An account of the simulated cloud.
#[derive(Clone)]
pub(crate) struct AccountArgs {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

impl fmt::Debug for AccountArgs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Account").field(&self.access_key).finish()
    }
}

/// Reads `AK=SK`.
fn account(text: &str) -> Result<AccountArgs, Message> {
    let (access_key, secret_key) = text.split_once('=').unwrap_or_default();
    if access_key.is_empty() || secret_key.is_empty() {
        return Err(Message::new(text!(
            en: "expected an access key and its secret key as AK=SK",
            zh: "应为 AK=SK 形式的访问密钥",
        )));
    }
    Ok(AccountArgs {
        access_key: access_key.to_owned(),
        secret_key: secret_key.to_owned(),
    })
}

const SERVE_HELP: &str = "\
Examples:
  eci sandbox serve --data /tmp/cloud
  eci sandbox serve --faults faults.toml --speed instant

A fault file contains rules, for example:
  [[rule]]
  operation = \"createContainerGroup\"
  nth = 2
  fault = \"cut_after\"

CTyun's Go clients accept only access keys and secret keys of 32 characters (--account).
";

/// Returns the help of `eci sandbox serve`, with all behaviors.
fn serve_help() -> String {
    let rows = ApiBehavior::TABLE.map(|setting| {
        let (name, default) = (setting.name, setting.default_value());
        format!("  {name}={default}\n      {}\n", setting.meaning)
    });
    format!(
        "{SERVE_HELP}\nBehaviors (--behavior), with their defaults:\n{}",
        rows.concat()
    )
}
