//! Text from outside in every place that it can come from, and everything that the programs say or
//! write searched for what it would do there.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use eci_sandbox::{Fault, Rule};
use eci_state::{Holder, LocalStore};
use eci_tests::{Cloud, Eci, GROUP_WITH_DISK, Project, REGION, Run};
use serde_json::Value;

/// Clears the screen in two ways, turns the text around, colors it, ends the line, and goes on as TOML
/// and as tags would.
const PLANT: &str =
    "\u{1b}[2J\u{9b}2J\u{1b}[7;42m\u{202e}\r\nPLANTED = 1\n[PLANTED]\n\"\"\"'''</pre><script>`|";

/// Returns whether a character has no place in what is said or written.
fn is_forbidden(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\t')
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}')
        || ('\u{2028}'..='\u{202e}').contains(&character)
        || ('\u{2066}'..='\u{2069}').contains(&character)
}

/// Returns whether the output has lines of others on purpose: what a container wrote.
fn shows_lines(what: &str) -> bool {
    what.starts_with("eci logs") || what.starts_with("eci exec")
}

#[track_caller]
fn is_harmless(what: &str, text: &str) {
    if let Some(at) = text.find(is_forbidden) {
        let around = text[text.floor_char_boundary(at.saturating_sub(200))..].chars();
        let around: String = around.take(400).collect();
        panic!("{what} has {:?}: {around:?}", text[at..].chars().next());
    }
    let begins = |line: &&str| {
        line.trim_start_matches([' ', '|', '#', '│'])
            .starts_with("PLANTED")
    };
    // A text of several lines is written as such in its attribute, indented and with its delimiter
    // escaped.
    let showing = [
        "eci show",
        "eci state diff",
        "eci output",
        "eci apply",
        "eci destroy",
    ];
    let shows_values = showing.iter().any(|it| what.starts_with(it));
    let is_in_attribute = |line: &&str| shows_values && line.starts_with("    ");
    let mut lines = text.lines().filter(|line| !is_in_attribute(line));
    if let Some(line) = lines.find(begins).filter(|_| !shows_lines(what)) {
        panic!("{what} has a line that others wrote: {line}\n{text}");
    }
}

/// Runs it without and with colors and checks its output.
#[track_caller]
fn checked(eci: impl Fn() -> Eci) -> Run {
    let colored = eci().env("CLICOLOR_FORCE", "1").in_any_colors();
    let what = colored.to_string();
    let run = colored.run();
    let color = regex::Regex::new("\u{1b}\\[([0-9;]*)m").unwrap();
    for text in [&run.stdout, &run.stderr] {
        assert!(
            !text.contains("\u{1b}[7;42m"),
            "{what} has foreign colors: {text:?}"
        );
        is_harmless(&what, &color.replace_all(text, ""));
    }
    let plain = eci();
    let what = plain.to_string();
    let run = plain.run();
    is_harmless(&what, &run.stdout);
    is_harmless(&what, &run.stderr);
    assert!(
        !run.stdout.contains("<script>") || !what.contains("html"),
        "{what}: {}",
        run.stdout
    );
    run
}

const MANIFEST: &str = r#"
[eip.front]
name = "front"

[eip.free]

[output.address]
value = '${eip.front.address}'
"#;

fn project() -> (Project, Cloud) {
    let provider = format!("[provider]\nregion_id = \"{REGION}\"\n");
    let manifest = [&provider, MANIFEST, GROUP_WITH_DISK].concat();
    let (project, cloud) = (Project::new(&manifest), Cloud::start());
    project.apply(&cloud).run().exits(0);
    (project, cloud)
}

/// Fields that the run cannot go on without, or that it would not show: planted one at a time.
const NEEDED: [&str; 12] = [
    "containerGroupId",
    "containerGroupIds",
    "status",
    "regionID",
    "regionId",
    "ID",
    "diskID",
    "masterOrderID",
    "masterResourceID",
    "statusCode",
    "error",
    "errorCode",
];

/// Appends the planted text to strings: to all but those that are needed, or only to those of a name.
/// Notes the names of all.
fn plant(answer: &mut Value, key: &str, only: Option<&str>, visited: &Mutex<BTreeSet<String>>) {
    match answer {
        Value::String(text) => {
            visited.lock().unwrap().insert(key.to_owned());
            let is_meant = only.map_or(!NEEDED.contains(&key), |only| only == key);
            if is_meant {
                text.push_str(PLANT);
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|it| plant(it, key, only, visited)),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                plant(value, key, only, visited);
            }
        }
        _ => {}
    }
}

fn planting(cloud: &Cloud, only: Option<&'static str>) -> Arc<Mutex<BTreeSet<String>>> {
    let visited = Arc::new(Mutex::new(BTreeSet::new()));
    let kept = Arc::clone(&visited);
    cloud.rewrite(move |_, _, answer| plant(answer, "", only, &kept));
    visited
}

/// The commands that read the cloud.
const READING: [&str; 6] = [
    "plan --allow-missing",
    "orphans",
    "status",
    "events container_group.web",
    "logs container_group.web",
    "exec container_group.web -- ls",
];

fn on(project: &Project, cloud: &Cloud, command: &str) -> Eci {
    let (name, rest) = command.split_once(' ').unwrap_or((command, ""));
    let eci = project.eci(name).args(cloud.flags());
    eci.args(rest.split_whitespace())
}

/// Manifests of all that is there, as `import --write` writes them.
#[track_caller]
fn imported(project: &Project, cloud: &Cloud) {
    let eci = || {
        let _ = std::fs::remove_dir_all(project.path().join("there"));
        let import = "import --all --az-name az1 --write there";
        on(project, cloud, import)
    };
    checked(eci);
    for (path, bytes) in project.files("there") {
        let text = String::from_utf8(bytes).unwrap();
        is_harmless(&path.display().to_string(), &text);
        let table: toml::Table = toml::from_str(&text).unwrap();
        assert!(!table.contains_key("PLANTED"), "{text}");
    }
}

#[test]
fn no_answer_of_the_cloud_steers_a_terminal_or_writes_a_line() {
    let (project, cloud) = project();
    let visited = planting(&cloud, None);
    for command in READING {
        checked(|| on(&project, &cloud, command));
    }
    for format in ["json", "markdown", "html"] {
        checked(|| {
            on(
                &project,
                &cloud,
                &format!("plan --allow-missing --format {format}"),
            )
        });
    }
    for command in ["orphans", "status", "events container_group.web"] {
        checked(|| on(&project, &cloud, command).args(["--format", "json"]));
    }
    imported(&project, &cloud);
    checked(|| on(&project, &cloud, "plan --allow-missing --out kept.eciplan"));
    for command in ["show kept.eciplan", "show kept.eciplan --format json"] {
        checked(|| project.eci(command));
    }
    // Another one is created, and the state records what was answered.
    let manifest = project
        .read("main.eci.toml")
        .replace("nginx:1.27", "nginx:1.28");
    project.write("main.eci.toml", &format!("{manifest}\n[eip.other]\n"));
    checked(|| on(&project, &cloud, "apply --auto-approve --allow-missing"));
    checked(|| {
        on(
            &project,
            &cloud,
            "refresh --auto-approve --allow-missing --format json",
        )
    });
    for command in [
        "show",
        "show --format json",
        "state list",
        "state history",
        "state diff 0",
        "output",
        "graph",
    ] {
        checked(|| project.eci(command));
    }
    // What was recorded is shown once more before it goes.
    for format in ["text", "json", "markdown", "html"] {
        for refresh in ["--allow-missing", "--refresh=false"] {
            let plan = format!("plan --destroy --target eip.free {refresh} --format {format}");
            checked(|| on(&project, &cloud, &plan)).exits(0);
        }
    }
    let destroy = "destroy --target eip.free --auto-approve --allow-missing";
    checked(|| on(&project, &cloud, destroy));
    let visited = visited.lock().unwrap().clone();
    assert!(
        visited.len() > 60 && visited.contains("content"),
        "{visited:?}"
    );
}

#[test]
fn nothing_that_a_run_depends_on_steers_a_terminal_either() {
    // Most of these runs wait for a status that never comes.
    std::thread::scope(|scope| {
        for key in NEEDED {
            scope.spawn(move || {
                let (project, cloud) = project();
                planting(&cloud, Some(key));
                for command in &READING[..4] {
                    checked(|| on(&project, &cloud, command));
                }
            });
        }
    });
}

#[test]
fn no_refusal_of_the_cloud_steers_a_terminal() {
    let (project, cloud) = project();
    cloud.fail([Rule::new("*", Fault::ErrorBefore)]);
    planting(&cloud, None);
    for format in ["text", "json", "markdown", "html"] {
        checked(|| on(&project, &cloud, &format!("plan --format {format}")));
    }
    cloud.fail([Rule::new("eip/create", Fault::ErrorBefore)]);
    let manifest = project.read("main.eci.toml");
    project.write("main.eci.toml", &format!("{manifest}\n[eip.other]\n"));
    checked(|| {
        on(
            &project,
            &cloud,
            "apply --auto-approve --allow-missing --format json",
        )
    });
}

/// A name that a file can have.
fn file_name() -> String {
    format!("z{}.eci.toml", PLANT.replace('/', "-"))
}

#[test]
fn no_name_of_a_file_and_no_key_steers_a_terminal() {
    let (project, cloud) = (Project::empty(), Cloud::in_memory());
    let keys = eci_text::toml(PLANT);
    let manifest = format!(
        "[provider]\nregion_id = \"{REGION}\"\n[eip.front]\nname = \"front\"\nfor_each = [{keys}]\nbandwidth = 5\n\
         [output.a]\nvalue = '${{eip.front}}'\n"
    );
    project.write(&file_name(), &manifest);
    for format in ["text", "json", "markdown", "html"] {
        checked(|| on(&project, &cloud, &format!("plan --format {format}"))).exits(0);
    }
    checked(|| on(&project, &cloud, "plan --out kept.eciplan")).exits(0);
    checked(|| project.eci("show kept.eciplan")).exits(0);
    checked(|| on(&project, &cloud, "apply --auto-approve")).exits(0);
    checked(|| on(&project, &cloud, "apply --auto-approve --format json")).exits(0);
    for command in [
        "show",
        "show --format json",
        "state list",
        "output --format json",
        "output",
        "graph",
        "graph --format mermaid",
        "graph --format json",
        "fmt --check",
        "fmt --diff",
    ] {
        checked(|| project.eci(command));
    }
    let listed = project.eci("state list").run().exits(0);
    checked(|| project.eci("state show").arg(listed.stdout.trim_end())).exits(0);
    // An error is reported with the name of its file.
    project.edit(&file_name(), "bandwidth = 5", "bandwith = 5");
    for format in ["text", "json", "sarif", "github"] {
        checked(|| project.eci("validate --format").arg(format)).exits(1);
    }
    project.write(&file_name(), "= 1\n");
    checked(|| project.eci("validate")).exits(1);
}

#[test]
fn no_note_in_a_lock_steers_a_terminal() {
    let (project, cloud) = (Project::new("[eip.front]\n"), Cloud::in_memory());
    let state = project.path().join("state");
    let holder = Holder {
        id: PLANT.to_owned(),
        host: PLANT.to_owned(),
        since: PLANT.to_owned(),
        ..Holder::current_process(PLANT)
    };
    let commands = [
        "apply --auto-approve",
        "force-unlock x",
        "apply --auto-approve --lock-timeout 1s",
    ];
    let held = LocalStore::open(&state, holder.clone()).unwrap();
    for command in commands {
        let run = checked(|| on(&project, &cloud, command));
        assert!(run.stderr.contains("PLANTED"), "{}", run.stderr);
    }
    drop(held);
    let note = serde_json::to_string(&holder).unwrap();
    std::fs::write(state.join("lock"), note).unwrap();
    checked(|| project.eci("force-unlock x"));
    checked(|| on(&project, &cloud, "apply --auto-approve"));
}
