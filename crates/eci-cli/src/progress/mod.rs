//! Progress reports of a run: three subscribers of one stream of events.
//!
//! * [`ProgressKind::Bars`]: on a terminal, one bar for the whole and a line for each resource in progress;
//! * [`ProgressKind::Lines`]: one plain line an event, for logs and pipes;
//! * [`ProgressKind::Json`]: one object a line on standard output, for programs.
//!
//! A reporter never fails: a run continues when its output is closed.

mod bars;
mod events;
mod lines;
mod output;

use std::io::IsTerminal as _;

use eci_executor::Reporter;
use eci_render::Style;

/// The form of progress reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressKind {
    /// Bars on standard error.
    Bars,
    /// Lines on standard error.
    Lines,
    /// JSON lines on standard output.
    Json,
    /// Not at all.
    Silent,
}

impl ProgressKind {
    /// Bars if standard error is a terminal that can draw them, and lines otherwise.
    pub fn for_people() -> ProgressKind {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if std::io::stderr().is_terminal() && !dumb {
            ProgressKind::Bars
        } else {
            ProgressKind::Lines
        }
    }
}

/// Creates a reporter of that kind; `style` is that of the stream it writes to.
pub fn reporter(kind: ProgressKind, style: Style) -> Box<dyn Reporter> {
    match kind {
        ProgressKind::Bars => Box::new(bars::Bars::new(style)),
        ProgressKind::Lines => Box::new(lines::LineReporter::new(std::io::stderr(), style)),
        ProgressKind::Json => Box::new(events::Events::new(std::io::stdout())),
        ProgressKind::Silent => Box::new(eci_executor::NullReporter),
    }
}
