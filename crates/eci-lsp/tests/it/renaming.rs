//! Other names for what is there.

use serde_json::{Value, json};

use crate::editor::{Editor, applied, marked, place};

const WEB: &str = "[container_group.web]\nvpc_id = \"v\"\nvswitch_id = \"w\"\n\
    security_group_id = \"s\"\naz_name = \"z\"\neip = \"front\"\n\n\
    [[container_group.web.containers]]\nname = \"nginx\"\nimage = '${var.image}'\ncpu = 1\n\
    memory = 1\n\n[output.address]\nvalue = '${container_group.web.internet_ip}'\n";
const REST: &str = "[variable.image]\ndefault = \"nginx:1\"\n\n[eip.front]\nauto = true\n\
    depends_on = [\"volume.conf\"]\n\n[volume.conf]\ntype = \"EmptyDirVolume\"\n\n\
    [[moved]]\nfrom = \"eip.old\"\nto = \"eip.front\"\n";

/// Renames the item at a mark in a file; returns both files afterwards.
async fn renamed(files: [(&str, &str); 2], to: &str) -> Result<[String; 2], String> {
    let texts = files.map(|(name, text)| (name, text.replace('|', "")));
    let disk: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, &**text)).collect();
    let mut editor = Editor::with(&disk).await;
    let (name, text) = files
        .into_iter()
        .find(|(_, text)| text.contains('|'))
        .unwrap();
    let (text, line, column) = marked(text);
    editor.open(name, &text).await;
    let prepared = editor
        .at(
            "textDocument/prepareRename",
            place(name, line, column),
            json!({}),
        )
        .await?;
    assert_ne!(prepared, Value::Null);
    let more = json!({ "newName": to });
    let edit = editor
        .at("textDocument/rename", place(name, line, column), more)
        .await?;
    Ok(
        texts.map(|(name, text)| match &edit["changes"][editor.url(name)] {
            Value::Null => text,
            edits => applied(&text, edits),
        }),
    )
}

/// Validates the files: a plan, which would show only the move, requires a state.
fn check(files: &[String; 2]) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("web.eci.toml"), &files[0]).unwrap();
    std::fs::write(directory.path().join("rest.eci.toml"), &files[1]).unwrap();
    let loaded = eci_config::load(directory.path(), &eci_config::Variables::default());
    loaded.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test]
async fn a_group_is_renamed_with_its_tables_and_references_and_a_move() {
    let web = WEB.replacen("container_group.web]", "container_group.w|eb]", 1);
    let files = renamed(
        [("web.eci.toml", &web), ("rest.eci.toml", REST)],
        "front_end",
    )
    .await;
    let files = files.unwrap();
    let expected = WEB.replace("container_group.web", "container_group.front_end")
        + "\n[[moved]]\nfrom = \"container_group.web\"\nto = \"container_group.front_end\"\n";
    assert_eq!(files[0], expected);
    assert_eq!(files[1], REST);
    check(&files);
}

#[tokio::test]
async fn a_label_is_renamed_in_strings_of_other_files_and_earlier_moves_stay() {
    let web = WEB.replace("\"front\"", "\"fro|nt\"");
    let files = renamed([("web.eci.toml", &web), ("rest.eci.toml", REST)], "entry")
        .await
        .unwrap();
    assert_eq!(files[0], WEB.replace("\"front\"", "\"entry\""));
    assert!(files[1].contains("[eip.entry]\n"), "{}", files[1]);
    assert!(
        files[1].contains("from = \"eip.old\"\nto = \"eip.front\"\n"),
        "{}",
        files[1]
    );
    assert!(files[1].ends_with("\n[[moved]]\nfrom = \"eip.front\"\nto = \"eip.entry\"\n"));
    check(&files);
}

#[tokio::test]
async fn what_is_in_a_renamed_module_moves_with_every_instance_of_it() {
    let caller = "[eip.front]\nauto = true\ndepends_on = [\"module.site\"]\n\n\
        [[import]]\nto = 'module.site[\"shop\"].eip.one'\nid = \"eip-5sdasd2gfh\"\n\n\
        [[moved]]\nfrom = \"module.blog\"\nto = \"module.site\"\n\n\
        [module.site]\nsource = \"./web\"\n\n[module.site.inputs]\n\n\
        [output.name]\nvalue = '${module.site.name}'\n";
    for each in ["", "for_each = [\"shop\", \"bar\"]\n"] {
        let caller = caller.replace("\"./web\"\n", &format!("\"./web\"\n{each}"));
        let marked = caller.replace("[module.site]", "[module.si|te]");
        let module = "[eip.one]\n[output.name]\nvalue = '${eip.one.name}'\n";
        let files = [("a.eci.toml", &*marked), ("web/b.eci.toml", module)];
        let [renamed, same] = renamed(files, "place").await.unwrap();
        assert_eq!(same, module);
        let expected = caller
            .replace("module.site", "module.place")
            .replace("to = \"module.place\"", "to = \"module.site\"")
            + "\n[[moved]]\nfrom = \"module.site\"\nto = \"module.place\"\n";
        assert_eq!(renamed, expected);
    }
}

#[tokio::test]
async fn the_move_of_a_module_leads_to_what_it_declares_now() {
    for (each, key) in [("", ""), ("for_each = [\"shop\"]\n", "[\"shop\"]")] {
        let caller = format!("[module.si|te]\nsource = \"./web\"\n{each}");
        let files = [("a.eci.toml", &*caller), ("web/b.eci.toml", "[eip.one]\n")];
        let files = renamed(files, "place").await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("web")).unwrap();
        std::fs::write(directory.path().join("a.eci.toml"), &files[0]).unwrap();
        std::fs::write(directory.path().join("web/b.eci.toml"), &files[1]).unwrap();
        let loaded = eci_config::load(directory.path(), &eci_config::Variables::default());
        let loaded = loaded.unwrap_or_else(|error| panic!("{error}"));
        let before = format!("module.site{key}.eip.one").parse().unwrap();
        let now = loaded.moved[0].follow(&before).unwrap();
        assert!(loaded.resource(&now).is_some(), "{now}");
    }
}

#[tokio::test]
async fn a_variable_is_renamed_without_a_move_and_in_variable_files() {
    let rest = REST.replace("[variable.image]", "[variable.ima|ge]");
    let files = [
        ("eci.vars.toml", "image = \"nginx:2\"\n"),
        ("rest.eci.toml", &*rest),
    ];
    let files = renamed(files, "web_image").await.unwrap();
    assert_eq!(files[0], "web_image = \"nginx:2\"\n");
    assert_eq!(
        files[1],
        REST.replace("variable.image", "variable.web_image")
    );
}

#[tokio::test]
async fn what_cannot_be_renamed_is_refused_with_the_reason() {
    let conf = REST.replace(
        "[volume.conf]",
        "[volume.con|f]\n[volume.data]\ntype = \"EmptyDirVolume\"\n[volume.x]",
    );
    let refused = |text: String, to: &'static str| async move {
        renamed([("web.eci.toml", ""), ("rest.eci.toml", &text)], to)
            .await
            .unwrap_err()
    };
    let taken = refused(conf.clone(), "data").await;
    assert!(
        taken.contains("volume `data` already exists at rest.eci.toml:"),
        "{taken}"
    );
    let bad = refused(conf, "1 2").await;
    assert!(bad.contains("invalid name `1 2`"), "{bad}");
    let key = refused(REST.replace("auto =", "au|to ="), "x").await;
    assert!(key.contains("no name to change here"), "{key}");
    let moved = refused(
        REST.replace("to = \"eip.front\"", "to = \"eip.fr|ont\""),
        "x",
    )
    .await;
    assert!(moved.contains("no name to change here"), "{moved}");
    let unknown = refused("[locals]\na = '${var.non|e}'\n".to_owned(), "x").await;
    assert!(unknown.contains("undeclared variable `none`"), "{unknown}");
}
