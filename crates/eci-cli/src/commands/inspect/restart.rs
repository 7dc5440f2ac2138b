//! `eci restart`

use eci_executor::{Restart, TaskError};
use eci_provider::Wait;
use eci_render::{FailureMessage, NOT_READY_AFTER_RESTART};
use eci_text::{Text, Verbatim, text};
use serde_json::json;

use super::InspectContext;
use crate::arguments::{self, Format};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::progress::{self, ProgressKind};
use crate::signals::Signals;
use crate::stdio::{line, print_stderr};

/// Restarts a container group and waits until it is ready again.
pub(crate) async fn restart(
    context: &Context,
    args: &arguments::RestartArgs,
) -> Result<ExitStatus, CommandError> {
    let mut signals = Signals::listen()?;
    let inspection = InspectContext::load(context, &args.variables, &mut signals)?;
    let group = inspection.group(&args.address)?;
    // No run may change the group meanwhile.
    let opening = context.open_state(&inspection.state, args.lock.timeout, &mut signals);
    let store = opening.await?;
    let access = inspection.access(context)?;
    let kind = match args.format {
        Format::Json => ProgressKind::Json,
        Format::Text if context.globals.quiet => ProgressKind::Silent,
        Format::Text => ProgressKind::Lines,
    };
    let reporter = progress::reporter(kind, context.err);
    let settings = context.settings();
    let restarting = async {
        let provider = access.adapter().await?;
        let lineage = &inspection.snapshot.lineage;
        group.check_owner(provider, lineage).await?;
        let redactor = group.redactor(provider).await;
        let restart = Restart {
            address: group.address,
            id: &group.id,
            wait: Wait::of(&group.state.applied),
            limit: args.timeout,
            redactor: &redactor,
        };
        let restarted = eci_executor::restart(provider, restart, &settings, &*reporter);
        Ok::<_, CommandError>(restarted.await)
    };
    let restarted = signals.unless(restarting).await;
    access.close().await;
    let closing = context.close_state(&inspection.state, store, restarted);
    let problem = closing.await?.err();
    if args.format == Format::Json {
        let last = json!({
            "type": "summary",
            "address": args.address.to_string(),
            "id": group.id.as_str(),
            "restarted": problem.is_none(),
            "error": problem.as_ref().map(ToString::to_string),
        });
        line(&last)?;
    }
    match problem {
        None if args.format == Format::Json => Ok(ExitStatus::Done),
        None => {
            context.note(&text!(
                en: "Restarted {address}.",
                zh: "已重启 {address}。",
                address = Verbatim(&args.address),
            ));
            Ok(ExitStatus::Done)
        }
        Some(TaskError::Call(error)) => Err(group.failed(error)),
        Some(problem) => {
            let failure_message = FailureMessage {
                what: NOT_READY_AFTER_RESTART,
                problem: &problem,
                help: help(&problem),
            };
            let text = eci_render::failure_message(&args.address, &failure_message, context.err);
            print_stderr(&text);
            Ok(ExitStatus::Failed)
        }
    }
}

/// Returns what to do about a failure: no run replaces a container group for having been restarted.
fn help(problem: &TaskError) -> Option<Text> {
    match problem {
        TaskError::NotReady(not_ready) if !not_ready.ended => Some(text!(
            en: "fix the cause shown in its events and log, or use `--timeout 30m` to allow more time",
            zh: "根据其事件和日志修复问题，或使用 `--timeout 30m` 延长等待时间",
        )),
        problem => problem.help(),
    }
}
