//! The reference pages are generated from the descriptions of keys. `UPDATE=1` writes them.

#![allow(clippy::unwrap_used)]

use std::fs;

use eci_tests::binaries::workspace;
use eci_text::Lang;

#[test]
fn the_reference_pages_are_not_stale() {
    for (lang, name) in [
        (Lang::En, "docs/reference.md"),
        (Lang::Zh, "docs/zh/reference.md"),
    ] {
        let path = workspace().join(name);
        let page = eci_schema::reference(lang);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &page).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        let first = written.lines().zip(page.lines()).position(|(a, b)| a != b);
        assert!(
            written == page,
            "{name} is stale from line {} on: UPDATE=1 cargo test -p eci-tests --test it reference::",
            first.unwrap_or_else(|| written.lines().count()) + 1
        );
    }
}
