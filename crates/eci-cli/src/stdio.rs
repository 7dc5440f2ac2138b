//! Output of the program: answers to standard output, everything else to standard error.

use std::io::{self, Write};

use eci_render::messages::JsonMessage;
use eci_render::{ColorChoice, Style};
use eci_text::{In, Lang};
use jiff::Timestamp;

use crate::screen;

/// The error of standard output that cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) struct StdoutError(io::Error);

eci_text::messages! { StdoutError:
    StdoutError(cause) =>
        en("failed to write to standard output: {}", In(cause, Lang::En)),
        zh("写入标准输出失败：{}", In(cause, Lang::Zh));
}

/// Writes an answer for people.
///
/// A reader that closes the pipe early is not an error.
pub(crate) fn print_stdout(text: &str) -> Result<(), StdoutError> {
    exactly(&eci_text::painted(text))
}

/// Writes an answer to the last byte: for text that is copied, not displayed.
pub(crate) fn exactly(text: &str) -> Result<(), StdoutError> {
    write_to(&mut io::stdout().lock(), text)
}

/// Writes a part of a text of others that goes on; whether anyone still reads it.
pub(crate) fn foreign(text: &str) -> Result<bool, StdoutError> {
    write_checked(&mut io::stdout().lock(), &eci_text::lines(text))
}

/// Writes a document for programs on one line.
pub(crate) fn line(json: &serde_json::Value) -> Result<(), StdoutError> {
    exactly(&eci_text::json(&format!("{json}\n")))
}

/// Writes a message for programs, which carries the time.
///
/// If it cannot be written, the work goes on.
pub(crate) fn message(message: JsonMessage) {
    let line = message.line(Timestamp::now()) + "\n";
    let _ = exactly(&eci_text::json(&line));
}

/// Writes a document for programs, one line an item.
pub(crate) fn document(json: &serde_json::Value) -> Result<(), StdoutError> {
    exactly(&eci_text::json(&format!("{json:#}\n")))
}

fn write_to(out: &mut impl Write, text: &str) -> Result<(), StdoutError> {
    write_checked(out, text).map(drop)
}

fn write_checked(out: &mut impl Write, text: &str) -> Result<bool, StdoutError> {
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(StdoutError(error)),
        Ok(()) => Ok(true),
    }
}

/// Writes a note to standard error, in lines that fit the terminal.
///
/// If it cannot be written, that cannot be reported either.
pub(crate) fn print_stderr(text: &str) {
    let text = eci_text::painted(text);
    let text = Style::for_stderr(ColorChoice::Never).folded(&text);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    screen::above(|| {
        let mut out = io::stderr().lock();
        let _ = write!(out, "{text}{end}").and_then(|()| out.flush());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    struct BrokenStream(io::ErrorKind);

    impl Write for BrokenStream {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_ends_an_answer_quietly_and_a_full_disk_does_not() {
        assert!(write_to(&mut BrokenStream(io::ErrorKind::BrokenPipe), "text").is_ok());
        let reader = write_checked(&mut BrokenStream(io::ErrorKind::BrokenPipe), "text");
        assert!(reader.is_ok_and(|reads| !reads));
        assert!(write_to(&mut BrokenStream(io::ErrorKind::StorageFull), "text").is_err());
    }
}
