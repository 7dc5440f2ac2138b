//! `eci state`

mod change;
mod recover;
mod transfer;

pub(super) use change::{open, record, settled};
use eci_core::Address;
use eci_core::suggest::nearest;
use eci_state::Snapshot;
use serde_json::json;

use crate::answer::{answer, document};
use crate::arguments::{Format, State};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;

/// Looks into the state, or changes it.
pub(crate) async fn state(context: &Context, asked: &State) -> Result<Exit, Failure> {
    match asked {
        State::List { format } => list(context, *format),
        State::Show { address, format } => show(context, address, *format),
        State::Move(asked) => change::mv(context, asked).await,
        State::Remove(asked) => change::rm(context, asked).await,
        State::Pull => transfer::pull(context),
        State::Push(asked) => transfer::push(context, asked).await,
        State::Recover(asked) => recover::recover(context, asked).await,
    }
}

fn list(context: &Context, format: Format) -> Result<Exit, Failure> {
    let snapshot = context.existing_state()?;
    match format {
        Format::Text => answer(&render::state::list(&snapshot))?,
        Format::Json => {
            let addresses: Vec<String> =
                snapshot.resources.keys().map(ToString::to_string).collect();
            document(&json!(addresses))?;
        }
    }
    Ok(Exit::Done)
}

fn show(context: &Context, address: &str, format: Format) -> Result<Exit, Failure> {
    let parsed: Address = address.parse()?;
    let snapshot = context.existing_state()?;
    let Some(state) = snapshot.resources.get(&parsed) else {
        return Err(not_there(&snapshot, &parsed));
    };
    match format {
        Format::Text => answer(&render::state::show_text(&parsed, state, context.out))?,
        Format::Json => document(&render::state::show_json(&parsed, state))?,
    }
    Ok(Exit::Done)
}

/// The error for an address that the state does not have.
pub(super) fn not_there(snapshot: &Snapshot, address: &Address) -> Failure {
    Failure::new(
        format!("the state has no {address}"),
        hint(snapshot, address),
    )
}

/// What may be meant by an address that the state does not have.
fn hint(snapshot: &Snapshot, address: &Address) -> String {
    let instance = snapshot
        .resources
        .keys()
        .find(|known| known.resource() == *address);
    let known: Vec<String> = snapshot.resources.keys().map(ToString::to_string).collect();
    let near = nearest(&address.to_string(), known.iter().map(String::as_str));
    match (instance, near) {
        (Some(instance), _) => format!("it has one instance a key, such as '{instance}'"),
        (None, Some(near)) => format!("did you mean {near}?"),
        (None, None) => "list what it has with `eci state list`".to_owned(),
    }
}
