//! An editor for tests: it speaks with the server over a pipe in memory.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use eci_lsp::LangChoice;
use eci_text::Lang;
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead as _, AsyncReadExt as _, AsyncWrite as _, AsyncWriteExt as _,
    BufReader, DuplexStream, ReadBuf,
};
use tokio::task::JoinHandle;

/// The longest time that an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A pipe as the server wants it.
struct Pipe(DuplexStream);

impl futures::AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(Pin::new(&mut self.0).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

impl futures::AsyncWrite for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_close(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// An editor with a directory open.
pub(crate) struct Editor {
    directory: tempfile::TempDir,
    input: DuplexStream,
    output: BufReader<DuplexStream>,
    server: JoinHandle<()>,
    requests: i64,
    /// Unread messages of the server.
    notifications: Vec<Value>,
}

/// Takes the place marked by `|` out of a text.
pub(crate) fn marked(text: &str) -> (String, u32, u32) {
    let at = text.find('|').expect("a text with a mark");
    let before = &text[..at];
    let line = before.matches('\n').count();
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .encode_utf16()
        .count();
    let text = format!("{before}{}", &text[at + 1..]);
    (
        text,
        u32::try_from(line).unwrap(),
        u32::try_from(column).unwrap(),
    )
}

impl Editor {
    /// Opens a directory with these files on the disk.
    pub(crate) async fn with(files: &[(&str, &str)]) -> Editor {
        Editor::in_locale(files, Value::Null).await
    }

    /// Opens a directory with these files on the disk, in an editor with a locale.
    pub(crate) async fn in_locale(files: &[(&str, &str)], locale: Value) -> Editor {
        Editor::in_lang(files, locale, LangChoice::OfEditor { default: Lang::En }).await
    }

    /// Opens a directory with these files on the disk, with a server of a language.
    pub(crate) async fn in_lang(files: &[(&str, &str)], locale: Value, lang: LangChoice) -> Editor {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (input, server_input) = tokio::io::duplex(1 << 16);
        let (server_output, output) = tokio::io::duplex(1 << 16);
        let server = tokio::spawn(async move {
            eci_lsp::serve(Pipe(server_input), Pipe(server_output), lang)
                .await
                .unwrap();
        });
        let mut editor = Editor {
            directory,
            input,
            output: BufReader::new(output),
            server,
            requests: 0,
            notifications: Vec::new(),
        };
        let root = editor.url("");
        let snippets = json!({ "completionItem": { "snippetSupport": true } });
        let requests = json!({
            "rootUri": root,
            "locale": locale,
            "capabilities": { "textDocument": { "completion": snippets } },
        });
        editor.ask("initialize", requests).await.unwrap();
        editor.notify("initialized", json!({})).await;
        editor
    }

    pub(crate) fn url(&self, name: &str) -> String {
        let path = self.directory.path().canonicalize().unwrap().join(name);
        format!("file://{}", path.display())
            .trim_end_matches('/')
            .to_owned()
    }

    async fn send(&mut self, message: &Value) {
        let message = message.to_string();
        let header = format!("Content-Length: {}\r\n\r\n", message.len());
        self.say(&(header + &message)).await;
    }

    /// Writes bytes that may not be a message.
    pub(crate) async fn say(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).await.unwrap();
    }

    async fn receive(&mut self) -> Value {
        let reading = async {
            let mut length = 0;
            loop {
                let mut line = String::new();
                self.output.read_line(&mut line).await.unwrap();
                assert!(!line.is_empty(), "the server has ended");
                match line.trim().strip_prefix("Content-Length: ") {
                    Some(given) => length = given.parse().unwrap(),
                    None if line.trim().is_empty() => break,
                    None => {}
                }
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body).await.unwrap();
            serde_json::from_slice(&body).unwrap()
        };
        tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("the server says nothing")
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.send(&message).await;
    }

    /// Returns the answer to a question, or the message of the error.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.requests += 1;
        let id = self.requests;
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.send(&message).await;
        loop {
            let message = self.receive().await;
            if message["id"] != json!(id) {
                self.notifications.push(message);
                continue;
            }
            return match &message["error"]["message"] {
                Value::String(error) => Err(error.clone()),
                _ => Ok(message["result"].clone()),
            };
        }
    }

    /// Returns the next message that fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.receive().await;
            if fits(&message) {
                return message;
            }
            self.notifications.push(message);
        }
    }

    /// Opens a document with its text on disk, or with another text.
    pub(crate) async fn open(&mut self, name: &str, text: &str) {
        let document = json!({
            "uri": self.url(name), "languageId": "toml", "version": 1, "text": text,
        });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }))
            .await;
    }

    /// Replaces a whole document.
    pub(crate) async fn change(&mut self, name: &str, text: &str) {
        let document = json!({ "uri": self.url(name), "version": 2 });
        let changes = json!([{ "text": text }]);
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.notify("textDocument/didChange", params).await;
    }

    /// Returns the next diagnostics of a document.
    pub(crate) async fn diagnostics(&mut self, name: &str) -> Vec<Value> {
        let url = self.url(name);
        loop {
            let message = if self.notifications.is_empty() {
                self.receive().await
            } else {
                self.notifications.remove(0)
            };
            let params = &message["params"];
            if params["uri"] == json!(url) {
                return params["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    /// Asks about a place in a document.
    pub(crate) async fn at(
        &mut self,
        method: &str,
        place: Place<'_>,
        mut more: Value,
    ) -> Result<Value, String> {
        more["textDocument"] = json!({ "uri": self.url(place.name) });
        more["position"] = json!({ "line": place.line, "character": place.character });
        self.ask(method, more).await
    }

    /// Ends the conversation in good order.
    pub(crate) async fn leave(mut self) {
        self.ask("shutdown", Value::Null).await.unwrap();
        self.notify("exit", Value::Null).await;
        self.server.await.unwrap();
    }
}

/// A place in a document.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    name: &'a str,
    line: u32,
    character: u32,
}

/// Returns a place in a document.
pub(crate) fn place(name: &str, line: u32, character: u32) -> Place<'_> {
    Place {
        name,
        line,
        character,
    }
}

/// Returns the text that edits make of another.
pub(crate) fn applied(text: &str, edits: &Value) -> String {
    let offset = |place: &Value| {
        let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
        let units = usize::try_from(place["character"].as_u64().unwrap()).unwrap();
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let mut passed = 0;
        let mut end = start;
        for character in text[start..].chars().take_while(|_| true) {
            if passed >= units {
                break;
            }
            passed += character.len_utf16();
            end += character.len_utf8();
        }
        end
    };
    let edits = edits.as_array().unwrap().iter();
    let mut edits: Vec<(usize, usize, &str)> = edits
        .map(|edit| {
            let range = &edit["range"];
            let new_text = edit["newText"].as_str().unwrap();
            (offset(&range["start"]), offset(&range["end"]), new_text)
        })
        .collect();
    edits.sort_by_key(|(start, ..)| *start);
    let mut applied = text.to_owned();
    for (start, end, new_text) in edits.into_iter().rev() {
        applied.replace_range(start..end, new_text);
    }
    applied
}
