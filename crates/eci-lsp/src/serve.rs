//! Speaks with an editor until it has enough.

use std::io;

use async_lsp::server::Lifecycle;
use async_lsp::{Error, MainLoop};
use eci_text::messages;
use futures::channel::mpsc;
use futures::io::BufReader;
use futures::{TryStreamExt as _, pin_mut};

use crate::frames::{self, MessageWriter};
use crate::lenient::LenientService;
use crate::server::{LangChoice, router};

/// The reason why the connection to an editor ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The peer is not an editor.
    NoEditor(io::Error),
    /// The editor violated the protocol, or the connection failed.
    BrokenOff(Error),
}

messages! { ServeError:
    ServeError::NoEditor(cause) =>
        en("standard input and output are not connected to an editor: {cause}"),
        zh("标准输入和标准输出未连接到编辑器：{cause}");
    ServeError::BrokenOff(cause) =>
        en("the connection to the editor failed: {cause}"),
        zh("与编辑器的连接失败：{cause}");
}

/// Serves the editor that started this process, over standard input and output.
///
/// Requires a tokio runtime with its drivers enabled.
///
/// Not cancel safe: dropping the future ends the connection, and what is being written may be incomplete.
///
/// # Errors
///
/// If the peer is not an editor, or it breaks the protocol. A closed connection is not an error.
#[cfg(unix)]
pub async fn serve_process(lang: LangChoice) -> Result<(), ServeError> {
    use async_lsp::stdio::{PipeStdin, PipeStdout};

    let input = PipeStdin::lock_tokio().map_err(ServeError::NoEditor)?;
    let output = PipeStdout::lock_tokio().map_err(ServeError::NoEditor)?;
    serve(input, output, lang).await
}

/// Serves an editor.
///
/// Not cancel safe: dropping the future ends the connection, and what is being written may be incomplete.
///
/// # Errors
///
/// If the editor breaks the protocol. A closed connection is not an error.
pub async fn serve(
    input: impl futures::AsyncRead,
    output: impl futures::AsyncWrite,
    lang: LangChoice,
) -> Result<(), ServeError> {
    let (server, _) = MainLoop::new_server(|client| {
        Lifecycle::new(LenientService::new(client.clone(), router(client, lang)))
    });
    let (sender, answers) = mpsc::unbounded();
    pin_mut!(input, output);
    let incoming = Box::pin(frames::messages(BufReader::new(input), sender.clone()));
    let served = server.run(incoming.into_async_read(), MessageWriter::new(sender));
    let (served, written) = futures::join!(served, frames::write(answers, output));
    match served.and(written.map_err(Error::Io)) {
        Ok(()) | Err(Error::Eof) => Ok(()),
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(ServeError::BrokenOff(error)),
    }
}
