//! `eci lsp`, as an editor starts it: JSON-RPC over the pipes of the real program.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Stdio};

use eci_tests::{Project, binaries};
use serde_json::{Value, json};

struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(project: &Project) -> Server {
        let mut child = binaries::command("eci")
            .args(["lsp", "--stdio"])
            .current_dir(project.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Server { child, output }
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.child.stdin.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert_ne!(
                self.output.read_line(&mut line).unwrap(),
                0,
                "the server has ended"
            );
            if let Some(given) = line.trim().strip_prefix("Content-Length: ") {
                length = given.parse().unwrap();
            } else if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// Returns the first message that a test looks for.
    fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.receive();
            if fits(&message) {
                return message;
            }
        }
    }
}

#[test]
fn an_editor_receives_diagnostics_and_completions() {
    let project = Project::new("[eip.web]\nauto = true\n");
    let mut server = Server::start(&project);
    let root = format!(
        "file://{}",
        project.path().canonicalize().unwrap().display()
    );
    let params = json!({ "processId": null, "rootUri": root, "capabilities": {} });
    server.send(&json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params }));
    let answer = server.receive();
    assert_eq!(answer["result"]["serverInfo"]["name"], "eci", "{answer}");
    server.send(&json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));

    let uri = format!("{root}/main.eci.toml");
    let text = "[eip.web]\nauto = true\nbandwith = 7\nb";
    let document = json!({ "uri": uri, "languageId": "toml", "version": 1, "text": text });
    let params = json!({ "textDocument": document });
    server.send(&json!({
        "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params,
    }));
    let published = server.until(|it| it["method"] == "textDocument/publishDiagnostics");
    assert_eq!(
        published["params"]["diagnostics"][0]["code"], "E0104",
        "{published}"
    );

    let place = json!({ "line": 3, "character": 1 });
    let params = json!({ "textDocument": { "uri": uri }, "position": place });
    server.send(&json!({
        "jsonrpc": "2.0", "id": 2, "method": "textDocument/completion", "params": params,
    }));
    let found = server.until(|it| it["id"] == 2);
    let labels: Vec<&Value> = found["result"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["label"])
        .collect();
    assert!(labels.contains(&&json!("bandwidth")), "{labels:?}");

    server.send(&json!({ "jsonrpc": "2.0", "id": 3, "method": "shutdown" }));
    server.until(|it| it["id"] == 3);
    server.send(&json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn an_editor_that_goes_without_a_word_ends_the_server() {
    let project = Project::new("");
    let mut server = Server::start(&project);
    drop(server.child.stdin.take());
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn a_peer_that_is_not_an_editor_is_reported() {
    let project = Project::new("");
    let run = project.eci("lsp").input("hello\n").run().exits(1);
    run.says("an editor").says("docs/editors.md");
}
