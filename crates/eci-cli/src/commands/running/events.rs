//! `eci events`

use super::Ground;
use crate::answer::{answer, document};
use crate::arguments::{self, Format};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::running;
use crate::signals::Signals;

/// Shows what happened to a container group.
pub(crate) async fn events(context: &Context, asked: &arguments::Events) -> Result<Exit, Failure> {
    let mut signals = Signals::listen()?;
    let ground = Ground::load(context, &asked.variables)?;
    let group = ground.group(&asked.address)?;
    let mut access = ground.access(context)?;
    let asking = async {
        let provider = access.provider().await?;
        let events = provider.events(&group.id).await;
        let mut events = events.map_err(|error| group.failed(error))?;
        let redactor = group.redactor(provider).await;
        for event in &mut events {
            redactor.cover_event(event);
        }
        Ok::<_, Failure>(events)
    };
    let events = signals.unless(asking).await;
    access.close().await;
    let mut events = events?;
    running::in_order(&mut events);
    match asked.format {
        Format::Json => document(&running::events_json(&events))?,
        Format::Text if events.is_empty() => {
            context.note(&format!(
                "The cloud reports no events for {}.",
                asked.address
            ));
        }
        Format::Text => answer(&running::events_text(&events, context.out))?,
    }
    Ok(Exit::Done)
}
