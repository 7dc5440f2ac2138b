//! `docs/sandbox.md` lists the behaviors of the sandbox, and so does the help.

#![allow(clippy::unwrap_used)]

use eci_sandbox::ApiBehavior;
use eci_tests::Project;
use eci_tests::binaries::workspace;

const MARK: &str = "<!-- behaviors -->\n\n";

/// The table of the page.
fn table() -> String {
    let rows = ApiBehavior::TABLE.map(|setting| {
        let default = setting.default_value();
        format!(
            "| `{}` | {} | `{default}` |\n",
            setting.name, setting.meaning
        )
    });
    format!(
        "| behavior | what the sandbox does | default |\n|---|---|---|\n{}",
        rows.concat()
    )
}

/// `UPDATE=1` rewrites it.
#[test]
fn the_page_lists_all_behaviors_with_their_defaults() {
    let path = workspace().join("docs/sandbox.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(MARK).unwrap();
    let (_, after) = rest.split_once("\n## ").unwrap();
    let expected = format!("{before}{MARK}{}\n## {after}", table());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    } else {
        assert_eq!(page, expected, "UPDATE=1 rewrites it");
    }
}

#[test]
fn the_help_lists_all_behaviors_with_their_defaults() {
    let project = Project::empty();
    let mut run = project.eci("sandbox serve --help").run().exits(0);
    for setting in ApiBehavior::TABLE {
        run = run.says(&format!("{}={}\n", setting.name, setting.default_value()));
    }
}
