//! Lines that can be edited while they are typed, with those before them at hand.

use crate::error::CommandError;
use crate::signals::Signals;

/// The result of reading a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LineInput {
    /// A line that was ended with Enter.
    Line(String),
    /// Ctrl-C: it is not meant.
    Abandoned,
    /// Ctrl-D: the end of input.
    End,
}

#[cfg(unix)]
pub(crate) use unix::Editor;

#[cfg(unix)]
mod unix {
    use std::io::{self, IsTerminal as _};
    use std::sync::mpsc;

    use rustyline::config::Config;
    use rustyline::error::ReadlineError;
    use rustyline::history::MemHistory;
    use tokio::sync::oneshot;

    use super::{CommandError, LineInput, Signals};
    use crate::terminal::TerminalSettings;

    type Answer = Result<LineInput, CommandError>;

    /// Edits lines, in a separate thread: a read from a terminal cannot be canceled, so no task may
    /// wait for it.
    pub(crate) struct Editor(mpsc::Sender<oneshot::Sender<Answer>>);

    impl Editor {
        /// Opens an editor, where there is a terminal to show the line on.
        ///
        /// The input is dropped with it: no file remembers what may be a secret.
        pub(crate) fn open() -> Option<Editor> {
            if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
                return None;
            }
            // Not to be switched off again by who ends in the middle of a line.
            let config = Config::builder().bracketed_paste(false);
            let config = config.auto_add_history(true).build();
            let history = MemHistory::with_config(&config);
            let (sender, receiver) = mpsc::channel::<oneshot::Sender<Answer>>();
            std::thread::spawn(move || {
                let mut editor = rustyline::Editor::<(), _>::with_history(config, history);
                for reply in receiver {
                    let typed = match &mut editor {
                        Ok(editor) => typed(editor.readline("> ")),
                        Err(error) => Err(CommandError::plain(anyhow::anyhow!("{error}"))),
                    };
                    // If the receiver is dropped, the process is about to end.
                    let _ = reply.send(typed);
                }
            });
            Some(Editor(sender))
        }

        /// Reads a line, without its end.
        pub(crate) async fn line(&self, signals: &mut Signals) -> Answer {
            // If the process ends meanwhile, the thread cannot restore it.
            let _before = TerminalSettings::of_now().map_err(CommandError::plain)?;
            let (sender, receiver) = oneshot::channel();
            self.0.send(sender).map_err(CommandError::plain)?;
            let typed = async {
                receiver
                    .await
                    .unwrap_or_else(|closed| Err(CommandError::plain(closed)))
            };
            signals.unless(typed).await
        }
    }

    fn typed(read: Result<String, ReadlineError>) -> Answer {
        match read {
            Ok(line) => Ok(LineInput::Line(line)),
            Err(ReadlineError::Interrupted) => Ok(LineInput::Abandoned),
            Err(ReadlineError::Eof) => Ok(LineInput::End),
            Err(error) => Err(CommandError::plain(error)),
        }
    }
}

/// There is none on this system.
#[cfg(not(unix))]
pub(crate) enum Editor {}

#[cfg(not(unix))]
impl Editor {
    pub(crate) fn open() -> Option<Editor> {
        None
    }

    pub(crate) async fn line(&self, _: &mut Signals) -> Result<LineInput, CommandError> {
        match *self {}
    }
}
