//! Completion, in files that are broken at the place.

use serde_json::{Value, json};

use crate::editor::{Editor, applied, marked, place};

const OTHERS: &str = "[variable.image]\ntype = \"string\"\ndefault = \"nginx:1\"\n\
    description = \"what runs\"\n[variable.password]\nsensitive = true\ndefault = \"hush\"\n\
    [locals]\nregion = \"r-1\"\n\
    [eip.front]\nauto = true\n[eip.back]\nauto = true\n\
    [volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{ path = \"a\", content = \"b\" }]\n";

async fn items(text: &str) -> (String, Vec<Value>) {
    let (text, line, column) = marked(text);
    let mut editor = Editor::with(&[("others.eci.toml", OTHERS)]).await;
    editor.open("web.eci.toml", &text).await;
    let items = editor
        .at(
            "textDocument/completion",
            place("web.eci.toml", line, column),
            json!({}),
        )
        .await;
    (text, items.unwrap().as_array().cloned().unwrap_or_default())
}

async fn labels(text: &str) -> Vec<String> {
    let (_, items) = items(text).await;
    items
        .iter()
        .map(|item| item["label"].as_str().unwrap().to_owned())
        .collect()
}

/// Returns the text after an item was chosen.
async fn chosen(text: &str, label: &str) -> String {
    let (text, items) = items(text).await;
    let item = items.iter().find(|item| item["label"] == label);
    let item = item.unwrap_or_else(|| panic!("{label} is not offered"));
    applied(&text, &json!([item["textEdit"]]))
}

fn has(labels: &[String], label: &str) -> bool {
    labels.iter().any(|it| it == label)
}

#[tokio::test]
async fn keys_are_offered_that_fit_and_are_missing() {
    let found = labels("[container_group.web]\nvpc_id = \"v\"\nre|\ncpu = 1\n").await;
    assert!(
        has(&found, "restart_policy") && has(&found, "for_each"),
        "{found:?}"
    );
    assert!(!has(&found, "vpc_id") && !has(&found, "cpu"), "{found:?}");
    assert!(
        !has(&found, "status"),
        "what is only read cannot be written: {found:?}"
    );
}

#[tokio::test]
async fn the_type_of_a_volume_decides_which_keys_fit() {
    let found = labels("[volume.v]\n|\ntype = \"NasVolume\"\n").await;
    assert!(has(&found, "source_path"), "{found:?}");
    assert!(!has(&found, "bucket") && !has(&found, "files"), "{found:?}");
}

#[tokio::test]
async fn required_keys_come_first_with_their_values_to_fill_in() {
    let (_, items) = items("[volume.v]\n|\n").await;
    let first = items
        .iter()
        .min_by_key(|item| item["sortText"].as_str().unwrap())
        .unwrap();
    assert_eq!(first["label"], "type");
    let text = first["textEdit"]["newText"].as_str().unwrap();
    assert!(text.starts_with("type = \"${1|EmptyDirVolume,"), "{text}");
    assert!(
        first["documentation"]["value"]
            .as_str()
            .unwrap()
            .contains("required")
    );
}

#[tokio::test]
async fn keys_within_braces_and_lists_are_offered() {
    let head = "[container_group.web]\n";
    let found = labels(&format!("{head}host_aliases = [{{ ip = \"1.1.1.1\", |")).await;
    assert_eq!(found, ["hostnames"]);
    let found = labels(
        "[[container_group.web.containers]]\nname = \"a\"\nvolume_mounts = [{ volume = \"conf\", m| }]\n",
    )
    .await;
    assert!(
        has(&found, "mount_path") && !has(&found, "volume"),
        "{found:?}"
    );
}

#[tokio::test]
async fn words_are_offered_with_quotes_where_there_are_none() {
    let head = "[container_group.web]\n";
    let text = format!("{head}restart_policy = |\n[eip.x]\n");
    assert!(
        chosen(&text, "Never")
            .await
            .contains("restart_policy = \"Never\"\n")
    );
    let text = format!("{head}restart_policy = \"N|\n[eip.x]\n");
    assert!(
        chosen(&text, "Never")
            .await
            .contains("restart_policy = \"Never\n")
    );
    let found = labels("[eip.x]\nauto = |").await;
    assert!(has(&found, "true") && has(&found, "false"), "{found:?}");
}

#[tokio::test]
async fn labels_are_offered_where_one_is_expected() {
    let found = labels("[container_group.web]\neip = \"|\"\n").await;
    assert_eq!(found, ["back", "front"]);
    let found = labels("[container_group.web]\nvolumes = [\"|").await;
    assert_eq!(found, ["conf"]);
    let found =
        labels("[[container_group.web.containers]]\nvolume_mounts = [{ volume = \"|\" }]\n").await;
    assert_eq!(found, ["conf"]);
    let found = labels("[eip.x]\ndepends_on = [\"|").await;
    assert!(
        has(&found, "volume.conf") && has(&found, "eip.front"),
        "{found:?}"
    );
}

#[tokio::test]
async fn headers_are_offered_as_far_as_they_are_not_written() {
    let found = labels("[|").await;
    assert!(
        has(&found, "container_group") && !has(&found, "moved"),
        "{found:?}"
    );
    let found = labels("[[|").await;
    assert!(has(&found, "moved") && !has(&found, "locals"), "{found:?}");
    let found = labels("[container_group.web]\n[[container_group.|").await;
    assert_eq!(found, ["web"]);
    let text = chosen(
        "[container_group.web]\n[[container_group.web.c|",
        "containers",
    )
    .await;
    assert!(
        text.ends_with("[[container_group.web.containers]]"),
        "{text}"
    );
    let found = labels("[container_group.web.|]\n").await;
    assert!(
        has(&found, "dns_config") && has(&found, "lifecycle"),
        "{found:?}"
    );
    assert!(!has(&found, "containers"), "{found:?}");
}

#[tokio::test]
async fn a_whole_table_can_begin_in_an_empty_line() {
    let text = chosen("|", "container_group").await;
    assert!(
        text.starts_with("[container_group.${1:name}]\nvpc_id = "),
        "{text}"
    );
    assert!(
        text.contains("[[container_group.$1.containers]]\nname = "),
        "{text}"
    );
}

#[tokio::test]
async fn expressions_are_completed_word_by_word() {
    let head = "[container_group.web]\nhost_name = ";
    let found = labels(&format!("{head}'${{|")).await;
    assert!(has(&found, "var") && has(&found, "container_group") && has(&found, "upper"));
    let (_, found) = items(&format!("{head}'${{upper(var.i|)}}'\n")).await;
    assert_eq!(found[0]["label"], "image");
    assert!(
        found[0]["documentation"]["value"]
            .as_str()
            .unwrap()
            .contains("nginx:1")
    );
    let secret = found
        .iter()
        .find(|item| item["label"] == "password")
        .unwrap();
    assert!(
        !secret.to_string().contains("hush"),
        "a secret is shown: {secret}"
    );
    assert_eq!(labels(&format!("{head}\"${{local.|")).await, ["region"]);
    assert_eq!(
        labels(&format!("{head}'${{eip.|}}'")).await,
        ["back", "front"]
    );
    let found = labels(&format!("{head}'${{eip.front.|}}'")).await;
    assert!(
        has(&found, "address") && !has(&found, "lifecycle"),
        "{found:?}"
    );
    let found = labels(&format!("{head}'${{container_group.web.containers[0].|}}'")).await;
    assert!(has(&found, "image"), "{found:?}");
    assert_eq!(labels(&format!("{head}'${{each.|")).await, ["key", "value"]);
    assert_eq!(labels(&format!("{head}'${{eci.|")).await, ["workspace"]);
}

#[tokio::test]
async fn functions_come_with_their_signatures() {
    let (_, items) = items("[locals]\na = '${loo|'\n").await;
    let lookup = items.iter().find(|item| item["label"] == "lookup").unwrap();
    assert!(
        lookup["detail"].as_str().unwrap().starts_with("lookup("),
        "{lookup}"
    );
    assert_eq!(lookup["textEdit"]["newText"], "lookup($1)");
}

#[tokio::test]
async fn nothing_is_offered_in_comments_and_in_text() {
    assert!(labels("[eip.x]\n# au|\n").await.is_empty());
    assert!(
        labels("[container_group.web]\nhost_name = \"a|\"\n")
            .await
            .is_empty()
    );
    assert!(labels("[eip.x]\nauto = true |\n").await.is_empty());
}

#[tokio::test]
async fn inputs_of_a_module_are_its_variables() {
    let module = "[variable.image]\ntype = \"string\"\n[output.address]\nvalue = \"x\"\n";
    let files = [("modules/web/main.eci.toml", module)];
    let mut editor = Editor::with(&files).await;
    let (text, line, column) = marked("[module.web]\nsource = \"./modules/web\"\ninputs = { | }\n");
    editor.open("main.eci.toml", &text).await;
    let found = editor
        .at(
            "textDocument/completion",
            place("main.eci.toml", line, column),
            json!({}),
        )
        .await;
    assert_eq!(found.unwrap()[0]["label"], "image");
    let (text, line, column) =
        marked("[module.web]\nsource = \"./modules/web\"\n[locals]\na = '${module.web.|}'\n");
    editor.change("main.eci.toml", &text).await;
    let found = editor
        .at(
            "textDocument/completion",
            place("main.eci.toml", line, column),
            json!({}),
        )
        .await;
    assert_eq!(found.unwrap()[0]["label"], "address");
}

#[tokio::test]
async fn variables_are_completed_in_a_variable_file() {
    let mut editor = Editor::with(&[("others.eci.toml", OTHERS)]).await;
    editor.open("eci.vars.toml", "image = \"x\"\np").await;
    let found = editor
        .at(
            "textDocument/completion",
            place("eci.vars.toml", 1, 1),
            json!({}),
        )
        .await;
    let found = found.unwrap();
    assert_eq!(found[0]["label"], "password");
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
}
