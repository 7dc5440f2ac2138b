//! Everything that an editor with a Chinese locale shows.

use eci_lsp::LangChoice;
use eci_text::{Lang, typography};
use serde_json::{Value, json};

use crate::editor::{Editor, marked, place};

const MAIN: &str = "[variable.image]\ntype = \"string\"\ndefault = \"nginx:1\"\n\n\
    [eip.front]\nauto = true\n";

async fn chinese() -> Editor {
    Editor::in_locale(&[("main.eci.toml", MAIN)], json!("zh-cn")).await
}

fn check(text: &str) {
    for line in text.lines() {
        assert_eq!(typography::chinese(line), [""; 0], "{text}");
    }
}

#[tokio::test]
async fn hovers_are_in_the_language_of_the_editor() {
    for (text, part) in [
        ("[eip.a]\nband|width = 5\n", "**`bandwidth`**："),
        ("[eip.a]\nad|dress = \"\"\n", "只读"),
        (
            "[output.a]\nvalue = '${var.im|age}'\n",
            "**变量 `image`**\n\n类型为 `string`；默认值：",
        ),
        (
            "[output.a]\nvalue = '${v|ar.image}'\n",
            "输入变量：`var.NAME`",
        ),
        ("[output.a]\nvalue = '${path.mo|dule}'\n", "该模块的目录"),
        ("[output.a]\nvalue = '${up|per(\"x\")}'\n", "转换为大写"),
        (
            "[output.a]\nvalue = '${eip.fr|ont.id}'\n",
            "声明位置：main.eci.toml:5",
        ),
    ] {
        let (text, line, column) = marked(text);
        let mut editor = chinese().await;
        editor.open("web.eci.toml", &text).await;
        let hover = editor
            .at(
                "textDocument/hover",
                place("web.eci.toml", line, column),
                json!({}),
            )
            .await
            .unwrap();
        let reported = hover["contents"]["value"].as_str().unwrap();
        assert!(reported.contains(part), "{part} is missing in {reported}");
    }
}

#[tokio::test]
async fn diagnostics_and_their_fixes_are_in_the_language_of_the_editor() {
    let mut editor = chinese().await;
    let text = "[eip.a]\nauto = true\nbandwith = 5\n";
    editor.open("web.eci.toml", text).await;
    let reported = editor.diagnostics("web.eci.toml").await;
    assert_eq!(reported[0]["code"], "E0202", "{reported:?}");
    let params = json!({
        "textDocument": { "uri": editor.url("web.eci.toml") },
        "range": reported[0]["range"],
        "context": { "diagnostics": reported },
    });
    let actions = editor.ask("textDocument/codeAction", params).await.unwrap();
    assert_eq!(actions[0]["title"], "替换为 `bandwidth`");
    editor.open("web.eci.toml", "[eip.a\n").await;
    let reported = editor.diagnostics("web.eci.toml").await;
    assert_eq!(reported[0]["code"], "E0104", "{reported:?}");
}

#[tokio::test]
async fn completions_and_refusals_are_in_the_language_of_the_editor() {
    let mut editor = chinese().await;
    editor
        .open("web.eci.toml", "[container_group.web]\n\n")
        .await;
    let items = editor
        .at(
            "textDocument/completion",
            place("web.eci.toml", 1, 0),
            json!({}),
        )
        .await
        .unwrap();
    let items = items.as_array().unwrap();
    let required = items.iter().find(|item| item["label"] == "vpc_id").unwrap();
    let detail = required["detail"].as_str().unwrap();
    assert!(detail.ends_with("（必填）"), "{detail}");
    let name = json!({ "newName": "b" });
    let refused = editor
        .at("textDocument/rename", place("web.eci.toml", 1, 0), name)
        .await;
    check(&refused.clone().unwrap_err());
    let expected = "此处没有可更改的名称；将光标置于资源、变量、局部值或模块的名称上";
    assert_eq!(refused, Err(expected.to_owned()));
}

#[tokio::test]
async fn an_editor_without_a_locale_has_the_language_of_the_environment() {
    for locale in [Value::Null, json!("de"), json!("en-US")] {
        let mut editor = Editor::in_locale(&[("main.eci.toml", MAIN)], locale).await;
        editor.open("web.eci.toml", "\n").await;
        let name = json!({ "newName": "b" });
        let refused = editor
            .at("textDocument/rename", place("web.eci.toml", 0, 0), name)
            .await;
        assert!(refused.unwrap_err().starts_with("no name to change here"));
    }
}

#[tokio::test]
async fn a_fixed_language_comes_before_the_locale_of_the_editor() {
    let lang = LangChoice::Fixed(Lang::Zh);
    let mut editor = Editor::in_lang(&[("main.eci.toml", MAIN)], json!("en"), lang).await;
    editor.open("web.eci.toml", "\n").await;
    let name = json!({ "newName": "b" });
    let refused = editor
        .at("textDocument/rename", place("web.eci.toml", 0, 0), name)
        .await;
    assert!(refused.unwrap_err().starts_with("此处没有可更改的名称"));
}
