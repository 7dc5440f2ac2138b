//! The page of documentation on expressions lists every function as it is.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

const BEGIN: &str = "<!-- functions: written by UPDATE=1 cargo test -p eci-lang page -->\n";
const END: &str = "<!-- end -->\n";

/// The functions, a table for each group.
fn functions() -> String {
    let mut written = String::new();
    let mut group = "";
    let cell = |text: &str| text.replace('|', "\\|");
    for function in eci_lang::functions() {
        if function.group != group {
            group = function.group;
            write!(
                written,
                "\n### {group}\n\n| function | result |\n|---|---|\n"
            )
            .unwrap();
        }
        let (signature, doc) = (cell(function.signature), cell(function.doc));
        writeln!(written, "| `{signature}` | {doc} |").unwrap();
    }
    written += "\n### Functions that do not exist\n\n| function | why | instead |\n|---|---|---|\n";
    for absent in eci_lang::absent_functions() {
        let (why, instead) = (cell(absent.why), cell(absent.instead));
        writeln!(written, "| `{}` | {why} | {instead} |", absent.name).unwrap();
    }
    written + "\n"
}

#[test]
fn the_page_lists_every_function_as_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/expressions.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let right = format!("{before}{BEGIN}{}{END}{after}", functions());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &right).unwrap();
        return;
    }
    assert!(
        page == right,
        "docs/expressions.md is stale: UPDATE=1 cargo test -p eci-lang page"
    );
}

#[test]
fn every_function_says_what_it_gives() {
    for function in eci_lang::functions() {
        let doc = function.doc;
        assert!(doc.ends_with('.') && doc.len() < 100, "{doc}");
        assert!(
            doc.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c == '-'),
            "{doc}"
        );
    }
}
