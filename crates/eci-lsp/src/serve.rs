//! Speaks with an editor until it has enough.

use std::io;

use async_lsp::server::Lifecycle;
use async_lsp::{Error, MainLoop};
use futures::channel::mpsc;
use futures::io::BufReader;
use futures::{TryStreamExt as _, pin_mut};

use crate::frames::{self, Outgoing};
use crate::lenient::Lenient;
use crate::server::router;

/// Why the conversation with an editor broke off.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// There is no editor at the other end.
    #[error("standard input and output do not lead to an editor: {0}")]
    NoEditor(io::Error),
    /// The editor said what cannot be understood, or went away.
    #[error("the conversation with the editor broke off: {0}")]
    BrokenOff(Error),
}

/// Speaks with the editor that started this process, over its standard input and output. Needs
/// a runtime of tokio with its drivers enabled.
///
/// # Errors
///
/// There is no editor, or it breaks the rules of the conversation. That it goes is no error.
#[cfg(unix)]
pub async fn serve_process() -> Result<(), ServeError> {
    use async_lsp::stdio::{PipeStdin, PipeStdout};

    let input = PipeStdin::lock_tokio().map_err(ServeError::NoEditor)?;
    let output = PipeStdout::lock_tokio().map_err(ServeError::NoEditor)?;
    serve(input, output).await
}

/// Speaks with an editor.
///
/// # Errors
///
/// It breaks the rules of the conversation. That it goes is no error.
pub async fn serve(
    input: impl futures::AsyncRead,
    output: impl futures::AsyncWrite,
) -> Result<(), ServeError> {
    let (server, _) =
        MainLoop::new_server(|client| Lifecycle::new(Lenient::new(client.clone(), router(client))));
    let (sender, answers) = mpsc::unbounded();
    pin_mut!(input, output);
    let incoming = Box::pin(frames::messages(BufReader::new(input), sender.clone()));
    let served = server.run(incoming.into_async_read(), Outgoing::new(sender));
    let (served, written) = futures::join!(served, frames::write(answers, output));
    match served.and(written.map_err(Error::Io)) {
        Ok(()) | Err(Error::Eof) => Ok(()),
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(ServeError::BrokenOff(error)),
    }
}
