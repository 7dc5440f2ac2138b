//! Hover, definitions, references, symbols.

use serde_json::{Value, json};

use crate::editor::{Editor, marked, place};

const MAIN: &str = "[variable.image]\ntype = \"string\"\ndefault = \"nginx:1\"\n\n\
    [variable.password]\nsensitive = true\ndefault = \"hush\"\n\n\
    [locals]\nregion = 'r-${var.image}'\n\n\
    [eip.front]\nauto = true\n";

async fn hover(text: &str) -> String {
    let (text, line, column) = marked(text);
    let mut editor = Editor::with(&[("main.eci.toml", MAIN)]).await;
    editor.open("web.eci.toml", &text).await;
    let hover = editor
        .at(
            "textDocument/hover",
            place("web.eci.toml", line, column),
            json!({}),
        )
        .await;
    let hover = hover.unwrap();
    hover["contents"]["value"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn hovering_a_key_describes_it() {
    let text = hover("[container_group.web]\nrestart_|policy = \"Never\"\n").await;
    for part in [
        "when to restart containers that have exited",
        "one of \"Always\", \"OnFailure\", or \"Never\"",
        "default `\"Always\"`",
        "a change updates the resource in place",
        "API: `restartPolicy`",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let text = hover("[[container_group.web.containers]]\nports = [{ po|rt = 80 }]\n").await;
    assert!(
        text.contains("**`port`**") && text.contains("an integer from 1 to 65535"),
        "{text}"
    );
    let text = hover("[[container_group.web.contai|ners]]\n").await;
    assert!(text.contains("**`containers`**"), "{text}");
    let text = hover("[contai|ner_group.web]\n").await;
    assert!(text.contains("[container_group.NAME]"), "{text}");
}

#[tokio::test]
async fn a_key_in_a_list_of_tables_changes_as_the_list_does() {
    let replaces = "a change replaces the resource";
    for (text, expected) in [
        (
            "[[container_group.web.containers]]\nima|ge = \"a\"\n",
            "a change updates the resource in place",
        ),
        (
            "[[container_group.web.containers.volume_mounts]]\nmount_pa|th = \"/a\"\n",
            "a change updates the resource in place",
        ),
        (
            "[[container_group.web.init_containers]]\nima|ge = \"a\"\n",
            replaces,
        ),
        (
            "[volume.data.disk]\nsi|ze = 10\n",
            "a change updates the resource in place",
        ),
        ("[volume.data.disk]\nki|nd = \"SSD\"\n", replaces),
        (
            "[volume.data.di|sk]\n",
            "the effect of a change depends on the key",
        ),
    ] {
        let shown = hover(text).await;
        assert!(shown.contains(expected), "{expected} is missing in {shown}");
    }
    let setting = hover("[container_group.web]\nfor_|each = [\"a\"]\n").await;
    assert!(!setting.contains("change"), "{setting}");
}

#[tokio::test]
async fn hovering_a_name_shows_its_declaration_and_attributes() {
    let text = hover("[output.a]\nvalue = '${var.im|age}'\n").await;
    assert!(
        text.contains("type `string`") && text.contains("\"nginx:1\""),
        "{text}"
    );
    assert!(text.contains("main.eci.toml:1"), "{text}");
    let text = hover("[output.a]\nvalue = '${local.reg|ion}'\n").await;
    assert!(text.contains("'r-${var.image}'"), "{text}");
    let text = hover("[container_group.web]\neip = \"fr|ont\"\n").await;
    assert!(
        text.contains("**eip `front`**") && text.contains("main.eci.toml:12"),
        "{text}"
    );
}

#[tokio::test]
async fn a_secret_is_not_shown() {
    let text = hover("[output.a]\nvalue = '${var.pass|word}'\n").await;
    assert!(
        text.contains("sensitive") && !text.contains("hush"),
        "{text}"
    );
}

#[tokio::test]
async fn hovering_functions_and_attributes_shows_their_types() {
    let text = hover("[locals]\na = '${loo|kup({}, \"a\", 1)}'\n").await;
    assert!(text.contains("lookup("), "{text}");
    let text = hover("[locals]\na = '${eip.front.addr|ess}'\n").await;
    assert!(text.contains("the public IP address"), "{text}");
    let text = hover("[locals]\na = '${each.k|ey}'\n").await;
    assert!(text.contains("key of this instance"), "{text}");
}

#[tokio::test]
async fn a_mistake_is_explained() {
    let mut editor = Editor::with(&[]).await;
    editor.open("a.eci.toml", "[eip.web]\nbandwith = 7\n").await;
    editor.diagnostics("a.eci.toml").await;
    let hover = editor
        .at("textDocument/hover", place("a.eci.toml", 1, 3), json!({}))
        .await
        .unwrap();
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("**E0202 `unknown-key`**"), "{text}");
}

async fn places(method: &str, text: &str, more: Value) -> Vec<(String, u64, u64)> {
    let (text, line, column) = marked(text);
    let files = [
        ("main.eci.toml", MAIN),
        ("default.conf", "x"),
        ("modules/web/main.eci.toml", "[output.a]\nvalue = 1\n"),
    ];
    let mut editor = Editor::with(&files).await;
    editor.open("web.eci.toml", &text).await;
    let found = editor
        .at(method, place("web.eci.toml", line, column), more)
        .await
        .unwrap();
    let found = match found {
        Value::Array(found) => found,
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let root = editor.url("") + "/";
    let place = |it: &Value| {
        let start = &it["range"]["start"];
        let name = it["uri"].as_str().unwrap().replace(&root, "");
        (
            name,
            start["line"].as_u64().unwrap(),
            start["character"].as_u64().unwrap(),
        )
    };
    found.iter().map(place).collect()
}

async fn definition(text: &str) -> Vec<(String, u64, u64)> {
    places("textDocument/definition", text, json!({})).await
}

#[tokio::test]
async fn a_name_leads_to_its_declaration() {
    let main = |line, column| vec![("main.eci.toml".to_owned(), line, column)];
    assert_eq!(
        definition("[locals]\na = '${upper(var.im|age)}'\n").await,
        main(0, 10)
    );
    assert_eq!(
        definition("[locals]\na = '${local.reg|ion}'\n").await,
        main(9, 0)
    );
    assert_eq!(
        definition("[container_group.w]\neip = \"|front\"\n").await,
        main(11, 5)
    );
    assert_eq!(
        definition("[eip.x]\ndepends_on = [\"eip.fro|nt\"]\n").await,
        main(11, 5)
    );
    assert!(
        definition("[container_group.w]\neip = \"|none\"\n")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn sources_lead_to_files_and_modules() {
    let found = definition("[module.web]\nsource = \"./modules/w|eb\"\n").await;
    assert_eq!(found, [("modules/web/main.eci.toml".to_owned(), 0, 0)]);
    let text = "[volume.v]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", source = \"def|ault.conf\" }]\n";
    assert_eq!(definition(text).await, [("default.conf".to_owned(), 0, 0)]);
    let found =
        definition("[module.web]\nsource = \"./modules/web\"\n[locals]\na = '${module.web.|a}'\n")
            .await;
    assert_eq!(found, [("modules/web/main.eci.toml".to_owned(), 0, 8)]);
}

#[tokio::test]
async fn every_use_is_found() {
    let more = json!({ "context": { "includeDeclaration": true } });
    let text = "[container_group.w]\neip = \"front\"\nhost_name = '${eip.front.id}'\n\
        depends_on = [\"eip.fr|ont\"]\n";
    let found = places("textDocument/references", text, more).await;
    let lines: Vec<(&str, u64)> = found
        .iter()
        .map(|(name, line, _)| (&**name, *line))
        .collect();
    let web = "web.eci.toml";
    assert_eq!(lines, [("main.eci.toml", 11), (web, 1), (web, 2), (web, 3)]);
    let more = json!({ "context": { "includeDeclaration": false } });
    let found = places(
        "textDocument/references",
        "[locals]\na = '${var.ima|ge}'\n",
        more,
    )
    .await;
    assert_eq!(found.len(), 2, "{found:?}");
}

#[tokio::test]
async fn a_document_has_an_outline_and_everything_can_be_found_by_name() {
    let mut editor = Editor::with(&[("main.eci.toml", MAIN)]).await;
    let text = "[container_group.web]\nvpc_id = \"v\"\n\n[[container_group.web.containers]]\n\
        name = \"nginx\"\n\n[output.a]\nvalue = 1\n";
    editor.open("web.eci.toml", text).await;
    let params = json!({ "textDocument": { "uri": editor.url("web.eci.toml") } });
    let symbols = editor
        .ask("textDocument/documentSymbol", params)
        .await
        .unwrap();
    assert_eq!(symbols[0]["name"], "container_group.web");
    assert_eq!(symbols[0]["children"][0]["name"], "containers nginx");
    assert_eq!(symbols[1]["name"], "output.a");
    assert_eq!(symbols[0]["range"]["end"]["line"], 4);
    let found = editor
        .ask("workspace/symbol", json!({ "query": "frnt" }))
        .await
        .unwrap();
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found[0]["name"], "front");
    let params = json!({});
    let marks = editor
        .at(
            "textDocument/documentHighlight",
            place("web.eci.toml", 0, 18),
            params,
        )
        .await;
    assert_eq!(marks.unwrap().as_array().unwrap().len(), 2);
}
