//! `eci events`

use eci_provider::cover_event;
use eci_render::running;
use eci_text::{Verbatim, text};

use super::InspectContext;
use crate::arguments::{self, Format};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::signals::Signals;
use crate::stdio::{document, print_stdout};

/// Shows the events of a container group.
pub(crate) async fn events(
    context: &Context,
    args: &arguments::EventsArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let inspection = InspectContext::load(context, &args.variables, &mut signals)?;
    let group = inspection.group(&args.address)?;
    let access = inspection.access(context)?;
    let reading = async {
        let provider = access.adapter().await?;
        let events = provider.events(&group.id).await;
        let mut events = events.map_err(|error| group.failed(error))?;
        let redactor = group.redactor(provider).await;
        for event in &mut events {
            cover_event(&redactor, event);
        }
        Ok::<_, CommandError>(events)
    };
    let events = signals.unless(reading).await;
    access.close().await;
    let mut events = events?;
    running::in_order(&mut events);
    match args.format {
        Format::Json => document(&running::events_json(&events))?,
        Format::Text if events.is_empty() => {
            context.note(&text!(
                en: "No events found for {address}.",
                zh: "未找到 {address} 的事件。",
                address = Verbatim(&args.address),
            ));
        }
        Format::Text => print_stdout(&running::events_text(&events, context.out))?,
    }
    Ok(ExitStatus::Done)
}
