//! Diagnostics, the actions that fix them, and formatting.

use serde_json::{Value, json};

use crate::editor::{Editor, applied, place};

const GOOD: &str = "[eip.web]\nauto = true\n";

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics
        .iter()
        .map(|it| it["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn diagnostics_are_published_while_typing_and_withdrawn_after_a_fix() {
    let mut editor = Editor::with(&[("web.eci.toml", GOOD)]).await;
    editor
        .open("web.eci.toml", "[eip.web]\nauto = true\nbandwith = 7\n")
        .await;
    let reported = editor.diagnostics("web.eci.toml").await;
    assert_eq!(codes(&reported), ["E0202"], "{reported:?}");
    let range = json!({
        "start": { "line": 2, "character": 0 }, "end": { "line": 2, "character": 8 },
    });
    assert_eq!(reported[0]["range"], range);
    assert_eq!(reported[0]["severity"], 1);
    assert!(
        reported[0]["message"]
            .as_str()
            .unwrap()
            .contains("bandwidth")
    );
    let page = reported[0]["codeDescription"]["href"].as_str().unwrap();
    assert!(page.contains("docs/codes.md#e0202-unknown-key-"), "{page}");
    editor.change("web.eci.toml", GOOD).await;
    assert!(editor.diagnostics("web.eci.toml").await.is_empty());
    editor.leave().await;
}

#[tokio::test]
async fn a_suggestion_can_be_applied() {
    let mut editor = Editor::with(&[]).await;
    let text = "[eip.web]\nauto = true\nbandwith = 7\n";
    editor.open("web.eci.toml", text).await;
    let reported = editor.diagnostics("web.eci.toml").await;
    let params = json!({
        "textDocument": { "uri": editor.url("web.eci.toml") },
        "range": reported[0]["range"],
        "context": { "diagnostics": reported },
    });
    let actions = editor.ask("textDocument/codeAction", params).await.unwrap();
    assert_eq!(actions[0]["title"], "Replace with `bandwidth`");
    let edits = &actions[0]["edit"]["changes"][editor.url("web.eci.toml")];
    assert_eq!(applied(text, edits), text.replace("bandwith", "bandwidth"));
}

#[tokio::test]
async fn columns_are_right_behind_chinese_text_and_emoji() {
    let mut editor = Editor::with(&[]).await;
    let text = "[output.a]\nvalue = '网络😀${var.nothing}'\n";
    editor.open("a.eci.toml", text).await;
    let reported = editor.diagnostics("a.eci.toml").await;
    // Behind `value = '`, two characters of one unit, one of two, and `${`.
    assert_eq!(
        reported[0]["range"]["start"],
        json!({ "line": 1, "character": 15 }),
        "{reported:?}"
    );
}

#[tokio::test]
async fn the_whole_directory_is_checked_and_other_files_are_reported_too() {
    let other = "[container_group.web]\nvpc_id = \"v\"\nsecurity_group_id = \"s\"\n\
        vswitch_id = \"w\"\naz_name = \"z\"\neip = \"front\"\n\
        [[container_group.web.containers]]\nname = \"a\"\nimage = \"nginx:1\"\ncpu = 1\nmemory = 1\n";
    let mut editor = Editor::with(&[("web.eci.toml", other)]).await;
    // The name that the other file uses is there only in the editor.
    editor
        .open("eip.eci.toml", "[eip.front]\nauto = true\n")
        .await;
    editor
        .change("eip.eci.toml", "[eip.back]\nauto = true\n")
        .await;
    let reported = editor.diagnostics("web.eci.toml").await;
    assert!(codes(&reported).contains(&"E0306"), "{reported:?}");
    editor
        .change("eip.eci.toml", "[eip.front]\nauto = true\n")
        .await;
    let reported = editor.diagnostics("web.eci.toml").await;
    assert!(reported.is_empty(), "{reported:?}");
}

#[tokio::test]
async fn a_name_that_is_given_twice_leads_to_the_first() {
    let mut editor = Editor::with(&[("a.eci.toml", GOOD)]).await;
    editor.open("b.eci.toml", GOOD).await;
    let reported = editor.diagnostics("b.eci.toml").await;
    let related = &reported[0]["relatedInformation"][0]["location"];
    assert_eq!(related["uri"], editor.url("a.eci.toml"), "{reported:?}");
}

#[tokio::test]
async fn a_value_given_elsewhere_causes_no_error() {
    let mut editor = Editor::with(&[]).await;
    let text = "[variable.eips]\ntype = \"map(number)\"\n\n[eip.web]\nfor_each = '${var.eips}'\n\
                bandwith = '${each.value}'\n";
    editor.open("a.eci.toml", text).await;
    let reported = editor.diagnostics("a.eci.toml").await;
    assert_eq!(reported.len(), 1, "{reported:?}");
    assert_eq!(reported[0]["code"], "E0202");
}

#[tokio::test]
async fn a_document_is_formatted_unless_it_is_invalid_toml() {
    let mut editor = Editor::with(&[]).await;
    let text = "[eip.web]\nbandwidth=5 # 兆\nauto=true\n";
    editor.open("a.eci.toml", text).await;
    let params = json!({
        "textDocument": { "uri": editor.url("a.eci.toml") },
        "options": { "tabSize": 4, "insertSpaces": true },
    });
    let edits = editor
        .ask("textDocument/formatting", params.clone())
        .await
        .unwrap();
    let formatted = "[eip.web]\nauto = true\nbandwidth = 5 # 兆\n";
    assert_eq!(applied(text, &edits), formatted);
    editor.change("a.eci.toml", formatted).await;
    let edits = editor
        .ask("textDocument/formatting", params.clone())
        .await
        .unwrap();
    assert_eq!(edits, json!([]));
    editor.change("a.eci.toml", "[eip.web\n").await;
    let refused = editor
        .ask("textDocument/formatting", params)
        .await
        .unwrap_err();
    assert!(refused.contains("invalid TOML"), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_not_a_manifest_is_ignored() {
    let mut editor = Editor::with(&[("notes.txt", "x")]).await;
    let other = json!({
        "uri": "untitled:Untitled-1", "languageId": "toml", "version": 1, "text": "[eip.web]\n",
    });
    editor
        .notify("textDocument/didOpen", json!({ "textDocument": other }))
        .await;
    editor.open("Cargo.toml", "[package]\n").await;
    let answer = editor
        .at("textDocument/hover", place("Cargo.toml", 0, 2), json!({}))
        .await;
    assert_eq!(answer, Ok(Value::Null));
    editor
        .notify(
            "workspace/didChangeConfiguration",
            json!({ "settings": {} }),
        )
        .await;
    let unknown = editor.ask("textDocument/inlayHint", json!({})).await;
    assert!(unknown.is_err());
    editor.leave().await;
}

#[tokio::test]
async fn values_of_variables_are_known_from_their_files_also_unsaved() {
    let main = "[variable.size]\ntype = \"number\"\n[output.a]\nvalue = '${var.size}'\n";
    let mut editor = Editor::with(&[("eci.vars.toml", "size = 3\n")]).await;
    editor.open("main.eci.toml", main).await;
    editor.open("eci.vars.toml", "size = \"large\"\n").await;
    let reported = editor.diagnostics("eci.vars.toml").await;
    assert!(codes(&reported)[0].starts_with("E0"), "{reported:?}");
    editor.change("eci.vars.toml", "size = 7\n").await;
    assert!(editor.diagnostics("eci.vars.toml").await.is_empty());
    editor
        .change("eci.vars.toml", "size = 7\nname = \"\n")
        .await;
    let reported = editor.diagnostics("eci.vars.toml").await;
    assert_eq!(codes(&reported), ["E0104"]);
    assert_eq!(reported[0]["range"]["start"]["line"], 1, "{reported:?}");
}
