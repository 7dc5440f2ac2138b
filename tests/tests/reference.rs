//! The reference page is what the descriptions say. `UPDATE=1` writes it anew.

#![allow(clippy::unwrap_used)]

use std::fs;

use eci_tests::binaries::workspace;

#[test]
fn the_reference_page_is_not_stale() {
    let path = workspace().join("docs/reference.md");
    let page = eci_schema::reference();
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let first = written.lines().zip(page.lines()).position(|(a, b)| a != b);
    assert!(
        written == page,
        "docs/reference.md is stale from line {} on: UPDATE=1 cargo test -p eci-tests --test reference",
        first.unwrap_or_else(|| written.lines().count()) + 1
    );
}
