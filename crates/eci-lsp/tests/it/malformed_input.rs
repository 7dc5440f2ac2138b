//! Invalid manifests, with positions anywhere in them.

use std::time::Duration;

use serde_json::json;

use crate::editor::{Editor, place};

#[tokio::test]
async fn a_large_file_is_answered_about_at_once() {
    let mut text = String::new();
    for number in 0..30_000 {
        text.push_str(&format!(
            "[variable.v{number}]\ndefault = '${{local.l{number}}} 名'\n\n"
        ));
    }
    assert!(text.len() > 1 << 20);
    text.push_str("[eip.web]\nau");
    let line = u32::try_from(text.lines().count()).unwrap() - 1;
    let mut editor = Editor::with(&[]).await;
    editor.open("big.eci.toml", &text).await;
    let request = editor.at(
        "textDocument/completion",
        place("big.eci.toml", line, 2),
        json!({}),
    );
    let found = tokio::time::timeout(Duration::from_secs(20), request)
        .await
        .unwrap()
        .unwrap();
    let labels = found.as_array().unwrap().iter();
    assert!(
        labels.clone().any(|item| item["label"] == "auto"),
        "{found}"
    );
}

#[tokio::test]
async fn positions_outside_the_text_do_not_end_the_server() {
    let mut editor = Editor::with(&[]).await;
    editor.open("a.eci.toml", "[eip.web]").await;
    for (line, column) in [(0, 99), (99, 0), (u32::MAX, u32::MAX)] {
        for method in ["hover", "completion", "definition", "prepareRename"] {
            let method = format!("textDocument/{method}");
            // An empty result is a valid answer.
            let _ = editor
                .at(&method, place("a.eci.toml", line, column), json!({}))
                .await;
        }
    }
    let range = json!({
        "start": { "line": 9, "character": 9 }, "end": { "line": 0, "character": 3 },
    });
    let changes = json!({
        "textDocument": { "uri": editor.url("a.eci.toml"), "version": 2 },
        "contentChanges": [{ "range": range, "text": "x" }],
    });
    editor.notify("textDocument/didChange", changes).await;
    let answer = editor
        .at("textDocument/hover", place("a.eci.toml", 0, 2), json!({}))
        .await;
    assert!(answer.is_ok());
    editor.leave().await;
}

#[tokio::test]
async fn a_position_before_the_text_is_an_error_and_no_end() {
    let mut editor = Editor::with(&[]).await;
    editor.open("a.eci.toml", "[eip.web]").await;
    let document = json!({ "uri": editor.url("a.eci.toml"), "version": 2 });
    let before = json!({ "line": -1, "character": -1 });
    let request = json!({ "textDocument": document, "position": before });
    let error = editor.ask("textDocument/hover", request).await.unwrap_err();
    assert!(error.contains("invalid value"), "{error}");
    let changes = json!([{ "range": { "start": before, "end": before }, "text": "x" }]);
    let change = json!({ "textDocument": document, "contentChanges": changes });
    editor.notify("textDocument/didChange", change).await;
    let logged = editor.until(|it| it["method"] == "window/logMessage").await;
    let message = logged["params"]["message"].as_str().unwrap();
    assert!(message.contains("`textDocument/didChange`"), "{logged}");
    let answer = editor.at("textDocument/hover", place("a.eci.toml", 0, 2), json!({}));
    assert!(answer.await.is_ok());
    editor.leave().await;
}

#[tokio::test]
async fn an_invalid_message_is_answered_and_the_next_one_is_read() {
    let mut editor = Editor::with(&[]).await;
    editor.open("a.eci.toml", "[eip.web]").await;
    for (said, code) in [
        ("Content-Length: 4294967296\r\n\r\n{}", -32600),
        ("Content-Length: 4\r\n\r\n{{}}", -32700),
        ("Content-Length: 2\r\n\r\n{}", -32600),
        (
            "Content-Length: 40\r\n\r\n{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": 1}",
            -32600,
        ),
    ] {
        editor.say(said).await;
        let answer = editor.until(|it| it.get("error").is_some()).await;
        assert_eq!(answer["error"]["code"], code, "{answer}");
        assert!(answer["id"].is_null(), "{answer}");
        let answer = editor.at("textDocument/hover", place("a.eci.toml", 0, 2), json!({}));
        assert!(answer.await.is_ok());
    }
    editor.leave().await;
}
