//! Every file and every cursor position gets an answer.

use std::path::Path;

use proptest::prelude::*;
use serde_json::json;

use crate::editor::{Editor, place};

/// Returns every manifest of the examples.
fn examples() -> Vec<String> {
    fn collect(directory: &Path, texts: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, texts);
            } else if path.to_string_lossy().ends_with(".eci.toml") {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let mut texts = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    collect(&root, &mut texts);
    assert!(texts.len() > 3);
    texts
}

/// Returns a part of an example with an unexpected insertion.
fn torn() -> impl Strategy<Value = String> {
    let examples = examples();
    let piece = prop::sample::select(vec![
        "",
        "'${",
        "\"",
        "'''",
        "\"\"\"",
        "[[",
        "]",
        "{",
        "}",
        "${var.",
        "\\",
        "😀",
        "名",
        "\r\n",
        "= [",
        "a.b.",
        "#",
        "$${",
        "%{ if ",
        "[container_group.",
        "\u{0}",
        ",",
        "/*",
        "[\"",
    ]);
    let text = prop::sample::select(examples);
    (text, 0.0..1.0f64, piece, 0.0..1.0f64).prop_map(|(text, end, piece, at)| {
        let place = |share: f64, of: usize| (share * of as f64) as usize;
        let end = text.floor_char_boundary(place(end, text.len() + 1));
        let at = text.floor_char_boundary(place(at, end + 1));
        format!("{}{piece}{}", &text[..at], &text[at..end])
    })
}

/// Asks everything about a place; the server must live on.
async fn ask(text: &str, places: &[(u32, u32)]) {
    let mut editor = Editor::with(&[("other.eci.toml", "[eip.front]\nauto = true\n")]).await;
    editor.open("a.eci.toml", text).await;
    for (line, column) in places {
        for (method, more) in [
            ("completion", json!({})),
            ("hover", json!({})),
            ("definition", json!({})),
            (
                "references",
                json!({ "context": { "includeDeclaration": true } }),
            ),
            ("documentHighlight", json!({})),
            ("prepareRename", json!({})),
            ("rename", json!({ "newName": "other" })),
        ] {
            let method = format!("textDocument/{method}");
            // A refusal is an answer as well.
            let _ = editor
                .at(&method, place("a.eci.toml", *line, *column), more)
                .await;
        }
    }
    let document = json!({ "textDocument": { "uri": editor.url("a.eci.toml") }, "options": {
        "tabSize": 4, "insertSpaces": true,
    }});
    editor
        .ask("textDocument/documentSymbol", document.clone())
        .await
        .unwrap();
    let _ = editor.ask("textDocument/formatting", document).await;
    editor
        .ask("workspace/symbol", json!({ "query": "" }))
        .await
        .unwrap();
    editor.leave().await;
}

/// Replaces a document by the text, and awaits the diagnostics of the whole.
async fn check(text: &str) {
    let mut editor = Editor::with(&[]).await;
    editor.open("a.eci.toml", "[eip.web]\nbandwith = 1\n").await;
    editor.diagnostics("a.eci.toml").await;
    editor.change("a.eci.toml", text).await;
    editor.diagnostics("a.eci.toml").await;
    editor.leave().await;
}

fn run(work: impl Future<Output = ()>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(work);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn questions_about_any_place_of_any_text_are_answered(
        text in torn(),
        places in prop::collection::vec((0..200u32, 0..120u32), 4),
    ) {
        let last = u32::try_from(text.lines().count()).unwrap_or_default().saturating_sub(1);
        let mut places: Vec<(u32, u32)> =
            places.into_iter().map(|(line, column)| (line % (last + 2), column)).collect();
        places.push((last, 999));
        run(ask(&text, &places));
    }

    #[test]
    fn questions_about_no_manifest_are_answered(text in any::<String>(), column in 0..40u32) {
        run(ask(&text, &[(0, column), (1, 0)]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_checked(text in torn()) {
        run(check(&text));
    }
}

/// Lists and tables within each other, deeper than anyone writes.
#[tokio::test]
async fn deep_nesting_does_not_overflow() {
    let deep = format!("a = {}", "[".repeat(50_000));
    ask(&deep, &[(0, 40_000), (0, 3)]).await;
    let deep = format!("a = '${{{}'", "{".repeat(50_000));
    ask(&deep, &[(0, 40_000), (0, 8)]).await;
}
