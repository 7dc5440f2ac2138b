//! The report of a command that could not do its work.

use eci_render::{Style, messages};
use eci_text::{Lang, Text};

use crate::context::{Context, ProgramOutput};
use crate::error::CommandError;
use crate::exit_status::ExitStatus;
use crate::stdio::{message, print_stderr, print_stdout};

/// Says why a command could not do its work.
pub(crate) fn print_failure(failure: &CommandError, context: &Context) -> ExitStatus {
    let page = |as_page: fn(&str, Lang) -> String| {
        let report = report(failure, context, page_style(context));
        // If it cannot be written, standard error has the same message.
        let _ = print_stdout(&as_page(&report, context.lang()));
    };
    match context.program_output {
        ProgramOutput::Nothing => {}
        ProgramOutput::Errors | ProgramOutput::Everything => {
            print_failure_messages(failure, context);
        }
        ProgramOutput::Markdown => page(eci_render::plan::failed_markdown),
        ProgramOutput::Html => page(eci_render::plan::failed_html),
    }
    print_stderr(&report(failure, context, context.err));
    match failure {
        CommandError::Diagnostics(_) | CommandError::Error { .. } => ExitStatus::Failed,
        CommandError::Interrupted => ExitStatus::Interrupted,
    }
}

/// The columns of a report on a page.
const PAGE_WIDTH: usize = 100;

/// Returns the style of a report on a page.
pub(crate) fn page_style(context: &Context) -> Style {
    Style::plain()
        .with_width(PAGE_WIDTH)
        .with_lang(context.lang())
}

/// Returns the message of a failure, as it is shown to people.
pub(crate) fn report(failure: &CommandError, context: &Context, style: Style) -> String {
    match failure {
        CommandError::Diagnostics(diagnostics) => {
            eci_render::diagnostics(&context.hinted(diagnostics), style)
        }
        CommandError::Error { error, help } => {
            // Many messages say themselves what to do.
            context.hint(&eci_render::error(error, help.as_ref(), style))
        }
        CommandError::Interrupted => context.lang().pick("Interrupted.", "已中断。").to_owned(),
    }
}

/// Prints why a command failed, for programs.
fn print_failure_messages(failure: &CommandError, context: &Context) {
    // With messages for programs, that was the first one.
    if context.program_output == ProgramOutput::Errors {
        message(messages::version());
    }
    match failure {
        CommandError::Diagnostics(diagnostics) => {
            messages::diagnostics(diagnostics).for_each(|found| context.message(found));
        }
        CommandError::Error { error, help } => {
            let help = help.as_ref().map(Text::en);
            context.message(messages::error(&format!("{error:#}"), help));
        }
        CommandError::Interrupted => message(messages::log("Interrupted.")),
    }
}
