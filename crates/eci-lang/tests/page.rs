//! The pages of documentation on expressions list every function as it is.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;

use eci_text::{Lang, say, typography};

const BEGIN: &str = "<!-- functions: written by UPDATE=1 cargo test -p eci-lang page -->\n";
const END: &str = "<!-- end -->\n";

/// Returns the functions, a table for each group.
fn functions(lang: Lang) -> String {
    let mut written = String::new();
    let mut group = "";
    let cell = |text: &str| text.replace('|', "\\|");
    let heading = say!(lang, en: "| function | result |", zh: "| 函数 | 结果 |");
    for function in eci_lang::functions() {
        if function.group.get(lang) != group {
            group = function.group.get(lang);
            write!(written, "\n### {group}\n\n{heading}\n|---|---|\n").unwrap();
        }
        let (signature, doc) = (cell(function.signature), cell(function.doc.get(lang)));
        writeln!(written, "| `{signature}` | {doc} |").unwrap();
    }
    written += lang.pick(
        "\n### Functions that do not exist\n\n| function | why | instead |\n|---|---|---|\n",
        "\n### 不支持的函数\n\n| 函数 | 原因 | 替代方法 |\n|---|---|---|\n",
    );
    for absent in eci_lang::unsupported_functions() {
        let [why, instead] = [absent.why, absent.instead].map(|text| cell(text.get(lang)));
        writeln!(written, "| `{}` | {why} | {instead} |", absent.name).unwrap();
    }
    written + "\n"
}

fn check(lang: Lang, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(page);
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let right = format!("{before}{BEGIN}{}{END}{after}", functions(lang));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &right).unwrap();
        return;
    }
    assert!(
        page == right,
        "{} is stale: UPDATE=1 cargo test -p eci-lang page",
        path.display()
    );
}

#[test]
fn the_page_lists_every_function_as_it_is() {
    check(Lang::En, "expressions.md");
}

#[test]
fn the_chinese_page_lists_every_function_as_it_is() {
    check(Lang::Zh, "zh/expressions.md");
}

#[test]
fn every_function_says_in_one_sentence_what_it_gives() {
    for function in eci_lang::functions() {
        let doc = function.doc.en();
        assert!(doc.ends_with('.') && doc.len() < 100, "{doc}");
        assert!(
            doc.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c == '-'),
            "{doc}"
        );
        let doc = function.doc.get(Lang::Zh);
        assert!(doc.ends_with('。') && doc.chars().count() < 60, "{doc}");
    }
}

#[test]
fn the_texts_of_functions_follow_the_rules_of_style() {
    let functions = eci_lang::functions().flat_map(|it| [it.doc, it.group]);
    let absent = eci_lang::unsupported_functions().flat_map(|it| [it.why, it.instead]);
    for text in functions.chain(absent) {
        assert_eq!(typography::english(text.en()), <[String; 0]>::default());
        let chinese = text.get(Lang::Zh);
        assert!(typography::has_han(chinese), "{chinese}");
        assert_eq!(typography::chinese(chinese), <[String; 0]>::default());
    }
}
