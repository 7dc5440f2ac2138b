//! `docs/errors.md`: ten common mistakes, as `terraform validate` reports them and as `eci validate`
//! does. Our half comes from the gallery, the other one was written down from Terraform v1.11.4
//! (`tests/comparison/`). `UPDATE=1 cargo test -p eci-cli --test comparison` writes the page.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The title, the mistake in the gallery, the one in `tests/comparison`.
const PAIRS: [(&str, &str, &str); 10] = [
    (
        "A misspelled key",
        "tables/a_misspelled_key",
        "a_misspelled_key",
    ),
    (
        "A misspelled variable",
        "references/a_misspelled_variable",
        "a_misspelled_variable",
    ),
    (
        "A misspelled reference",
        "references/a_misspelled_resource",
        "a_misspelled_resource",
    ),
    (
        "A misspelled attribute",
        "references/a_misspelled_attribute",
        "a_misspelled_attribute",
    ),
    (
        "A misspelled function",
        "expressions/a_misspelled_function",
        "a_misspelled_function",
    ),
    (
        "A string without quotes",
        "reading/text_without_quotes",
        "text_without_quotes",
    ),
    (
        "A colon instead of `=`",
        "reading/a_colon_in_place_of_an_equals_sign",
        "a_colon",
    ),
    (
        "A value of the wrong type",
        "expressions/an_argument_of_the_wrong_type",
        "a_wrong_type",
    ),
    (
        "A dependency cycle",
        "graph/groups_that_depend_on_each_other",
        "a_cycle",
    ),
    (
        "A list in a string",
        "expressions/a_list_within_a_text",
        "a_list_within_a_text",
    ),
];

const HEAD: &str = "\
# Error messages: Terraform and eci

Ten common mistakes, as reported by `terraform validate` (Terraform v1.11.4, with its built-in
resource, because no provider is needed for it) and by `eci validate`. More than 170 others are in
[`tests/gallery`](../tests/gallery). `eci explain CODE`, or [codes](codes.md), explains a code.

This page is generated from these files: `UPDATE=1 cargo test -p eci-cli --test comparison`.
";

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests")
}

fn read(path: &str) -> String {
    fs::read_to_string(tests().join(path))
        .unwrap()
        .trim_end()
        .to_owned()
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (title, ours, theirs) in PAIRS {
        let blocks = [
            (
                "Terraform:",
                "hcl",
                read(&format!("comparison/{theirs}/main.tf")),
            ),
            (
                "",
                "text",
                read(&format!("comparison/{theirs}/terraform.txt")),
            ),
            ("eci:", "toml", read(&format!("gallery/{ours}.eci.toml"))),
            ("", "text", read(&format!("gallery/{ours}.txt"))),
        ];
        page += &format!("\n## {title}\n");
        for (who, language, text) in blocks {
            if !who.is_empty() {
                page += &format!("\n{who}\n");
            }
            page += &format!("\n```{language}\n{text}\n```\n");
        }
    }
    page
}

#[test]
fn the_page_of_mistakes_shows_the_current_messages() {
    let path = tests().join("../docs/errors.md");
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, page()).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == page(),
        "docs/errors.md is stale: UPDATE=1 cargo test -p eci-cli --test comparison"
    );
}
