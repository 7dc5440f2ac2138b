//! What the libraries tell while they work: tracing, to standard error.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

use crate::arguments::{Format, Globals};
use crate::failure::Failure;

/// The variable that says what is told.
const VARIABLE: &str = "ECI_LOG";

/// Listens to what the libraries tell.
pub(crate) fn listen(globals: &Globals) -> Result<(), Failure> {
    let told = std::env::var(VARIABLE)
        .ok()
        .filter(|text| !text.trim().is_empty());
    let filter = match &told {
        Some(text) => EnvFilter::try_new(text).map_err(|error| {
            Failure::new(
                format!("{VARIABLE} is `{text}`, which is no filter: {error}"),
                "write it like `debug` or `eci_api=trace,eci_executor=debug`",
            )
        })?,
        None => EnvFilter::new(level(globals)),
    };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // Where standard error is closed there is nobody to tell that, and trying would end the
        // program.
        .log_internal_errors(false)
        .with_ansi(
            std::io::stderr().is_terminal()
                && crate::render::Style::for_stderr(globals.color).has_color(),
        )
        .with_writer(std::io::stderr);
    let started = match globals.log_format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().try_init(),
    };
    // Someone else listens already: a program that uses this crate.
    started.map_err(|error| Failure::plain(anyhow::anyhow!("cannot tell what happens: {error}")))
}

fn level(globals: &Globals) -> &'static str {
    match (globals.quiet, globals.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "warn,eci=info",
        (false, 2) => "warn,eci=debug",
        (false, _) => "debug,eci=trace",
    }
}
