//! Log messages of the libraries: tracing, to standard error.

use std::fmt;
use std::io::IsTerminal as _;

use eci_render::Style;
use eci_render::style::TextRole;
use eci_text::{Lang, Message, Verbatim, text};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, ParseError, Targets};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::arguments::{Format, GlobalArgs};
use crate::error::CommandError;

/// The environment variable with the filter of log messages.
const VARIABLE: &str = "ECI_LOG";

/// Starts the logging of the libraries.
pub(crate) fn start_logging(globals: &GlobalArgs, lang: Lang) -> Result<(), CommandError> {
    let filter_text = std::env::var(VARIABLE)
        .ok()
        .filter(|text| !text.trim().is_empty());
    let text = filter_text.as_deref().unwrap_or_else(|| level(globals));
    // `EnvFilter` would also filter spans by their fields, at the cost of a second regex engine.
    let filter: Targets = text.parse().map_err(|error: ParseError| {
        CommandError::new(
            text!(
                en: "invalid log filter `{filter}` in `{variable}`: {cause}",
                zh: "`{variable}` 中的日志过滤器 `{filter}` 无效：{cause}",
                filter = text,
                variable = VARIABLE,
                cause = Verbatim(&error),
            ),
            text!(
                en: "set a level or one for each target, for example `debug` or \
                     `eci_api=trace,eci_executor=debug`",
                zh: "设置一个级别，或为各目标分别设置，例如 `debug` 或 `eci_api=trace,eci_executor=debug`",
            ),
        )
    })?;
    let style = Style::for_stderr(globals.color.into()).with_lang(lang);
    // Without a requested log, warnings look like all others.
    let is_log = filter_text.is_some() || globals.verbose > 0;
    let builder = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        // Where standard error is closed this cannot be reported, and trying would end the
        // program.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal() && style.has_color())
        .with_writer(std::io::stderr);
    let started = match globals.log_format {
        Format::Text if is_log => builder.finish().with(filter).try_init(),
        Format::Text => {
            let builder = builder.event_format(LogLines { style });
            builder.finish().with(filter).try_init()
        }
        Format::Json => builder.json().finish().with(filter).try_init(),
    };
    // Someone else listens already: a program that uses this crate.
    started.map_err(|error| {
        CommandError::plain(Message::new(text!(
            en: "failed to start logging: {cause}",
            zh: "启动日志记录失败：{cause}",
            cause = Verbatim(&error),
        )))
    })
}

fn level(globals: &GlobalArgs) -> &'static str {
    match (globals.quiet, globals.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "warn,eci=info",
        (false, 2) => "warn,eci=debug",
        (false, _) => "debug,eci=trace",
    }
}

/// Warnings and errors of the libraries in the form of those of the program.
struct LogLines {
    style: Style,
}

impl<S, N> FormatEvent<S, N> for LogLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let lang = self.style.lang();
        let head = match *event.metadata().level() {
            Level::ERROR => self
                .style
                .paint(TextRole::Error, lang.pick("error: ", "错误: ")),
            _ => self
                .style
                .paint(TextRole::Warning, lang.pick("warning: ", "警告: ")),
        };
        let mut fields = String::new();
        context.format_fields(Writer::new(&mut fields), event)?;
        writeln!(writer, "{head}{}", eci_text::line(&fields))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use eci_render::ColorChoice;

    use super::*;

    #[derive(Clone, Default)]
    struct LogBuffer(Arc<Mutex<Vec<u8>>>);

    impl Write for LogBuffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_warning_of_a_library_is_a_line_like_others() {
        for (lang, expected) in [
            (Lang::En, "warning: the clock is wrong path=\"a\\nb\"\n"),
            (Lang::Zh, "警告: the clock is wrong path=\"a\\nb\"\n"),
        ] {
            let buffer = LogBuffer::default();
            let to = buffer.clone();
            let lines = tracing_subscriber::fmt()
                .with_ansi(false)
                .event_format(LogLines {
                    style: Style::for_stderr(ColorChoice::Never).with_lang(lang),
                })
                .with_writer(move || to.clone())
                .finish();
            tracing::subscriber::with_default(lines, || {
                tracing::warn!(path = "a\nb", "the clock is wrong");
            });
            let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
            assert_eq!(text, expected);
        }
    }
}
