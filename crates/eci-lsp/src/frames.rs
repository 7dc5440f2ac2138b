//! The messages on the wire, one by one: an invalid message is answered with an error, and the
//! conversation continues with the next.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_lsp::ErrorCode;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender};
use futures::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use futures::{AsyncWrite, Stream, StreamExt as _, stream};
use serde_json::{Value, json};

/// The longest message that is read.
///
/// No manifest comes near it.
const LONGEST: u64 = 64 << 20;

/// The longest line of a header.
const LONGEST_LINE: u64 = 1 << 10;

/// The header with the length of a message.
const LENGTH: &str = "Content-Length";

/// Returns the messages that come in, each as it came and whole.
///
/// What takes their place when they are none is sent to `errors`.
pub(crate) fn messages(
    input: impl AsyncBufRead + Unpin,
    errors: UnboundedSender<Vec<u8>>,
) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let reader = MessageReader {
        input,
        errors,
        next: None,
    };
    stream::try_unfold(reader, |mut reader| async move {
        let message = reader.message().await?;
        Ok(message.map(|message| (framed(&message), reader)))
    })
}

/// The input of the server, message by message.
struct MessageReader<R> {
    input: R,
    errors: UnboundedSender<Vec<u8>>,
    /// The length in a header that was found while skipping.
    next: Option<u64>,
}

impl<R: AsyncBufRead + Unpin> MessageReader<R> {
    /// Returns the next message; none at the end.
    async fn message(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let Some(length) = self.header().await? else {
                return Ok(None);
            };
            if length > LONGEST {
                self.refuse(
                    ErrorCode::INVALID_REQUEST,
                    &format!(
                        "a message of {length} bytes is longer than the {LONGEST} that are read"
                    ),
                );
                self.skip(length).await?;
                continue;
            }
            let mut message = Vec::new();
            (&mut self.input)
                .take(length)
                .read_to_end(&mut message)
                .await?;
            if (message.len() as u64) < length {
                return Ok(None);
            }
            match serde_json::from_slice::<Value>(&message) {
                Ok(value) if is_message(&value) => return Ok(Some(message)),
                Ok(_) => self.refuse(ErrorCode::INVALID_REQUEST, "not a JSON-RPC message"),
                Err(error) => self.refuse(
                    ErrorCode::PARSE_ERROR,
                    &format!("the message is not JSON: {error}"),
                ),
            }
        }
    }

    /// Returns the length that the next header gives; none at the end.
    async fn header(&mut self) -> io::Result<Option<u64>> {
        let mut length = self.next.take();
        loop {
            let line = self.line().await?;
            let text = String::from_utf8_lossy(&line);
            if line.is_empty() {
                return Ok(None);
            }
            if text == "\r\n" {
                return length
                    .map(Some)
                    .ok_or_else(|| broken("a header gives no length"));
            }
            let entry = text.strip_suffix("\r\n").and_then(|it| it.split_once(": "));
            let (name, value) = entry.ok_or_else(|| broken("not the header of a message"))?;
            if name.eq_ignore_ascii_case(LENGTH) {
                let digits = !value.is_empty() && value.bytes().all(|it| it.is_ascii_digit());
                // A number with too many digits is too long for certain.
                let number = value.parse().unwrap_or(u64::MAX);
                length = Some(number).filter(|_| digits);
            }
        }
    }

    /// Returns a line with its end; what is longer than any line of a header comes in pieces.
    async fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let mut input = (&mut self.input).take(LONGEST_LINE);
        input.read_until(b'\n', &mut line).await?;
        Ok(line)
    }

    /// Passes over a message that is not read, up to its stated end or up to the next header,
    /// whichever comes first. No JSON has the line of a header in it: its strings hold no line ends.
    async fn skip(&mut self, length: u64) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            let line = self.line().await?;
            if line.is_empty() {
                return Ok(());
            }
            self.next = length_behind(&line);
            if self.next.is_some() {
                return Ok(());
            }
            left = left.saturating_sub(line.len() as u64);
        }
        Ok(())
    }

    /// Answers a message whose request ID is unknown.
    fn refuse(&self, code: ErrorCode, message: &str) {
        let error = json!({ "code": code.0, "message": message });
        let answer = json!({ "jsonrpc": "2.0", "id": null, "error": error });
        // A failed send means that the conversation is over.
        let _ = self
            .errors
            .unbounded_send(framed(answer.to_string().as_bytes()));
    }
}

/// Returns whether it is a request, a notification or an answer of JSON-RPC.
fn is_message(value: &Value) -> bool {
    let is_error = |error: &Value| error["code"].is_i64() && error["message"].is_string();
    let is_answer = match (&value["method"], &value["id"]) {
        (Value::Null, Value::Number(id)) => id.as_i64().is_some_and(|id| i32::try_from(id).is_ok()),
        (Value::Null, Value::String(_)) => true,
        _ => false,
    };
    let error = &value["error"];
    let answers = is_answer && (error.is_null() || is_error(error));
    value["jsonrpc"] == "2.0" && (value["method"].is_string() || answers)
}

/// Returns the length in the header at the end of a line, whatever precedes it.
fn length_behind(line: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(line);
    let (_, value) = text.strip_suffix("\r\n")?.rsplit_once(": ")?;
    let name = text.strip_suffix(&format!(": {value}\r\n"))?;
    let ends = name
        .len()
        .checked_sub(LENGTH.len())
        .and_then(|at| name.get(at..));
    ends?.eq_ignore_ascii_case(LENGTH).then_some(())?;
    value.parse().ok()
}

fn framed(message: &[u8]) -> Vec<u8> {
    let header = format!("{LENGTH}: {}\r\n\r\n", message.len());
    [header.as_bytes(), message].concat()
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// The output of the server: all bytes up to a flush form one message.
pub(crate) struct MessageWriter {
    written: Vec<u8>,
    messages: UnboundedSender<Vec<u8>>,
}

impl MessageWriter {
    pub(crate) fn new(messages: UnboundedSender<Vec<u8>>) -> MessageWriter {
        MessageWriter {
            written: Vec::new(),
            messages,
        }
    }
}

impl AsyncWrite for MessageWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.written.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let written = std::mem::take(&mut self.written);
        let sent = written.is_empty() || self.messages.unbounded_send(written).is_ok();
        Poll::Ready(if sent {
            Ok(())
        } else {
            Err(io::ErrorKind::BrokenPipe.into())
        })
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}

/// Writes messages, each of them whole, until the channel is closed.
pub(crate) async fn write(
    mut messages: UnboundedReceiver<Vec<u8>>,
    mut output: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    while let Some(message) = messages.next().await {
        output.write_all(&message).await?;
        output.flush().await?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"jsonrpc":"2.0","method":"initialized"}"#;

    /// Returns the messages that a text is read as, and the codes of the errors that it is answered
    /// with.
    async fn read(text: &[u8]) -> (Vec<String>, Vec<i64>) {
        let (errors, answers) = futures::channel::mpsc::unbounded();
        let messages = messages(futures::io::Cursor::new(text), errors);
        let messages = messages.map(Result::unwrap).collect::<Vec<_>>().await;
        let body = |message: Vec<u8>| {
            let text = String::from_utf8(message).unwrap();
            text.split_once("\r\n\r\n").unwrap().1.to_owned()
        };
        let code = |answer: String| {
            let answer: Value = serde_json::from_str(&answer).unwrap();
            answer["error"]["code"].as_i64().unwrap()
        };
        let answers = answers.collect::<Vec<_>>().await.into_iter();
        (
            messages.into_iter().map(body).collect(),
            answers.map(|answer| code(body(answer))).collect(),
        )
    }

    #[tokio::test]
    async fn a_length_that_is_not_read_is_skipped_up_to_the_next_message() {
        let good = String::from_utf8(framed(GOOD.as_bytes())).unwrap();
        for stated in ["4294967296", "99999999999999999999999"] {
            for body in ["", "{}", "{\r\n}", "Content-Length: x\r\n"] {
                let text = format!("Content-Length: {stated}\r\n\r\n{body}{good}{good}");
                let read = read(text.as_bytes()).await;
                assert_eq!(
                    read,
                    (vec![GOOD.into(), GOOD.into()], vec![-32600]),
                    "{text}"
                );
            }
        }
    }

    #[tokio::test]
    async fn an_invalid_message_is_answered_and_the_following_one_is_read() {
        let text = "Content-Length: 2\r\n\r\n{]Content-Length: 1\r\n\r\n1";
        let text = [text.as_bytes(), &framed(GOOD.as_bytes())].concat();
        assert_eq!(read(&text).await, (vec![GOOD.into()], vec![-32700, -32600]));
        // A message truncated by the end of input is ignored.
        assert_eq!(read(b"Content-Length: 9\r\n\r\n{}").await.0.len(), 0);
    }
}
