//! Questions on the terminal.

mod editor;

use std::io::{self, IsTerminal as _, Write as _};

use eci_text::{Text, text};
use tokio::sync::oneshot;

use crate::error::CommandError;
use crate::signals::Signals;
use crate::stdio::print_stderr;

pub(crate) use editor::{Editor, LineInput};

/// Returns whether a person can be prompted.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether the input is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EchoMode {
    Shown,
    Hidden,
}

/// Reads a line, without its end; `None` at the end of input.
pub(crate) async fn line(
    signals: &mut Signals,
    echo: EchoMode,
) -> Result<Option<String>, CommandError> {
    let mut out = io::stderr().lock();
    let _ = out.write_all(b"> ").and_then(|()| out.flush());
    drop(out);
    let hidden = match echo {
        EchoMode::Shown => None,
        EchoMode::Hidden => Some(HiddenInput::begin()?),
    };
    let (sender, receiver) = oneshot::channel();
    // A separate thread: a read from a terminal cannot be canceled, so no task may wait for it.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).map(|_| line);
        // If the receiver is dropped, the process is about to end.
        let _ = sender.send(read);
    });
    let line = signals
        .unless(async {
            match receiver.await {
                Ok(Ok(line)) => Ok(line),
                Ok(Err(error)) => Err(CommandError::plain(error)),
                Err(closed) => Err(CommandError::plain(closed)),
            }
        })
        .await;
    // Also if it was interrupted: the terminal must not stay without echo.
    let was_hidden = hidden.is_some();
    drop(hidden);
    if was_hidden || !line.as_ref().is_ok_and(|line| line.ends_with('\n')) {
        print_stderr("");
    }
    let line = line?;
    Ok(if line.is_empty() {
        None
    } else {
        Some(line.trim_end_matches(['\r', '\n']).to_owned())
    })
}

/// The settings of the terminal, which are restored when this is dropped.
#[cfg(unix)]
struct TerminalSettings(rustix::termios::Termios);

#[cfg(unix)]
impl TerminalSettings {
    fn of_now() -> rustix::io::Result<TerminalSettings> {
        rustix::termios::tcgetattr(io::stdin()).map(TerminalSettings)
    }
}

#[cfg(unix)]
impl Drop for TerminalSettings {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // A closed terminal has no settings to restore.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// While this lives, the terminal does not show what is typed.
#[cfg(unix)]
struct HiddenInput {
    _before: TerminalSettings,
}

#[cfg(unix)]
impl HiddenInput {
    fn begin() -> Result<HiddenInput, CommandError> {
        use rustix::termios::{LocalModes, OptionalActions, tcsetattr};
        let change = || -> rustix::io::Result<HiddenInput> {
            let before = TerminalSettings::of_now()?;
            let mut silent = before.0.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
            Ok(HiddenInput { _before: before })
        };
        change().map_err(|error| {
            CommandError::new(
                text!(
                    en: "cannot hide input on this terminal: {cause}",
                    zh: "无法在此终端隐藏输入：{cause}",
                    cause = io::Error::from(error),
                ),
                elsewhere(),
            )
        })
    }
}

/// Returns the help where a sensitive value cannot be entered.
fn elsewhere() -> Text {
    text!(
        en: "set the value in the environment or with `--var-file`",
        zh: "在环境变量中设置该值，或使用 `--var-file`",
    )
}

#[cfg(not(unix))]
struct HiddenInput;

#[cfg(not(unix))]
impl HiddenInput {
    fn begin() -> Result<HiddenInput, CommandError> {
        Err(CommandError::new(
            text!(
                en: "cannot prompt for sensitive values on this system",
                zh: "此系统无法提示输入敏感值",
            ),
            elsewhere(),
        ))
    }
}
