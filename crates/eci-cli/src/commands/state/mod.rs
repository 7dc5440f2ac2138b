//! `eci state`

mod change;
mod cloud;
mod dropped;
mod not_found;
mod recover;
mod transfer;
mod versions;

pub(super) use change::{existing, open, record};
use eci_core::{Address, Subject};
use eci_state::Store as _;
use eci_text::{Verbatim, text};
pub(super) use not_found::not_there;
use serde_json::json;

use crate::arguments::{Format, LockTimeoutArgs, StateCommand, StateShowArgs};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{document, print_stdout};

/// Looks into the state, or changes it.
pub(crate) async fn state(
    context: &Context,
    args: &StateCommand,
) -> Result<ExitStatus, CommandError> {
    match args {
        StateCommand::List { named, format } => reading(context, || list(context, named, *format)),
        StateCommand::Show(args) => reading(context, || show(context, args)),
        StateCommand::History { format } => {
            reading(context, || versions::history(context, *format))
        }
        StateCommand::Diff(args) => reading(context, || versions::diff(context, args)),
        StateCommand::Restore(args) => versions::restore(context, args).await,
        StateCommand::Move(args) => change::mv(context, args).await,
        StateCommand::Remove(args) => change::rm(context, args).await,
        StateCommand::Pull => reading(context, || transfer::pull(context)),
        StateCommand::Push(args) => transfer::push(context, args).await,
        StateCommand::ReEncrypt { lock } => re_encrypt(context, lock).await,
        StateCommand::Cloud(args) => cloud::cloud(context, args).await,
        StateCommand::Recover(args) => recover::recover(context, args).await,
    }
}

/// Performs a command that only reads.
fn reading(
    context: &Context,
    command: impl FnOnce() -> Result<ExitStatus, CommandError>,
) -> Result<ExitStatus, CommandError> {
    context.reading(&mut Signals::listen()?, command)
}

fn list(context: &Context, named: &[Subject], format: Format) -> Result<ExitStatus, CommandError> {
    let mut snapshot = context.existing_state()?;
    if !named.is_empty() {
        let is_there = |named: &&Subject| {
            let mut known = snapshot.resources.keys();
            known.any(|known| named.covers(known))
        };
        if let Some(missing) = named.iter().find(|named| !is_there(named)) {
            return Err(not_there(&snapshot, missing));
        }
        snapshot
            .resources
            .retain(|address, _| named.iter().any(|named| named.covers(address)));
    }
    match format {
        Format::Text => print_stdout(&eci_render::state::list(&snapshot))?,
        Format::Json => {
            let addresses: Vec<String> =
                snapshot.resources.keys().map(ToString::to_string).collect();
            document(&json!(addresses))?;
        }
    }
    Ok(ExitStatus::Done)
}

fn show(context: &Context, args: &StateShowArgs) -> Result<ExitStatus, CommandError> {
    let parsed = args.address.as_ref().map(|address| address.parse());
    let parsed: Option<Address> = parsed.transpose()?;
    let current = context.existing_state()?;
    let snapshot = match args.at {
        Some(serial) => versions::version(&*context.state_location()?, serial)?,
        None => current,
    };
    let Some(address) = parsed else {
        match args.format {
            Format::Text => print_stdout(&eci_render::state::text(&snapshot, context.out))?,
            Format::Json => document(&eci_render::state::json(&snapshot))?,
        }
        return Ok(ExitStatus::Done);
    };
    let Some(state) = snapshot.resources.get(&address) else {
        return Err(not_there(&snapshot, &address.into()));
    };
    match args.format {
        Format::Text => print_stdout(&eci_render::state::show_text(&address, state, context.out))?,
        Format::Json => document(&eci_render::state::show_json(&address, state))?,
    }
    Ok(ExitStatus::Done)
}

/// Encrypts the state with a new data key.
async fn re_encrypt(context: &Context, lock: &LockTimeoutArgs) -> Result<ExitStatus, CommandError> {
    let mut store = open(context, lock.timeout).await?;
    if !store.re_encrypt()? {
        return Err(CommandError::new(
            text!(
                en: "the state in `{path}` is not encrypted",
                zh: "`{path}` 中的状态未加密",
                path = context.state_location()?.location(),
            ),
            text!(
                en: "add `[[encryption.key]]` to a manifest, then run `eci init --migrate` to encrypt it",
                zh: "在清单中添加 `[[encryption.key]]`，然后执行 `eci init --migrate` 进行加密",
            ),
        ));
    }
    let serial = store.snapshot().serial;
    store.close()?;
    context.note(&text!(
        en: "Encrypted the state with a new data key, as serial {serial}. Only the keys in the manifests decrypt it.",
        zh: "已使用新的数据密钥加密状态，序列号为 {serial}。只有清单中的密钥可以解密。",
        serial = Verbatim(serial),
    ));
    Ok(ExitStatus::Done)
}
