//! The explanations of error and warning codes.

use eci_core::codes;
use eci_core::{Code, Severity};
use eci_text::{Lang, Text, say};

use super::style::{Style, TextRole, pad, width};
use super::wrapping::wrap;

/// The headings of an explanation.
struct Headings {
    found: Text,
    reason: Text,
    fix: Text,
    bad_example: Text,
    good_example: Text,
}

static HEADINGS: Headings = Headings {
    found: Text::fixed("Description", "说明"),
    reason: Text::fixed("Reason", "原因"),
    fix: Text::fixed("Fix", "修复方法"),
    bad_example: Text::fixed("Incorrect", "错误示例"),
    good_example: Text::fixed("Correct", "正确示例"),
};

/// Returns the explanation of one code for a terminal.
pub fn explanation(code: &Code, style: Style) -> String {
    let lang = style.lang();
    let (part, word) = match code.severity() {
        Severity::Error => (TextRole::Error, lang.pick("error", "错误")),
        Severity::Warning => (TextRole::Warning, lang.pick("warning", "警告")),
    };
    let head = style.paint(part, &format!("{word}[{}]", code.number));
    let colon = lang.pick(": ", "：");
    let head = format!("{head} {}{colon}{}\n", code.name, code.title.get(lang));
    let mut text = style.folded(&head).into_owned();
    let columns = style.width().min(WIDEST) - INDENT.len();
    for (heading, paragraph) in [
        (&HEADINGS.found, &code.found),
        (&HEADINGS.reason, &code.reason),
        (&HEADINGS.fix, &code.fix),
    ] {
        text.push_str(&format!(
            "\n{}\n",
            style.paint(TextRole::Strong, heading.get(lang))
        ));
        let words: Vec<&str> = paragraph.get(lang).split_whitespace().collect();
        for line in wrap(&words.join(" "), columns) {
            text.push_str(&format!("{INDENT}{line}\n"));
        }
    }
    for (heading, example) in [
        (&HEADINGS.bad_example, code.bad_example(lang)),
        (&HEADINGS.good_example, code.good_example(lang)),
    ] {
        text.push_str(&format!(
            "\n{}\n",
            style.paint(TextRole::Strong, heading.get(lang))
        ));
        for line in example.trim_end().lines() {
            let line = format!("{INDENT}{line}");
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    if code.severity() == Severity::Warning {
        let note = lang.pick(
            "Warnings do not stop a run. To suppress this one:",
            "警告不会中止运行。如需忽略此警告：",
        );
        text.push_str(&format!(
            "\n{note}\n{INDENT}[provider]\n{INDENT}allow = [\"{}\"]\n",
            code.name
        ));
    }
    text
}

const INDENT: &str = "  ";

/// The maximum width of prose, however wide the terminal is.
const WIDEST: usize = 90;

/// The least width of a title next to the name of its code.
const LEAST: usize = 28;

/// Returns all codes with their titles, group by group.
pub fn code_list(style: Style) -> String {
    let mut text = String::new();
    let mut group = "";
    let names = codes::all().map(|code| width(code.name)).max();
    let names = names.unwrap_or_default();
    for code in codes::all() {
        let hundred = &code.number[1..3];
        if hundred != group {
            if !group.is_empty() {
                text.push('\n');
            }
            group = hundred;
        }
        let part = match code.severity() {
            Severity::Error => TextRole::Error,
            Severity::Warning => TextRole::Warning,
        };
        let number = style.paint(part, code.number);
        let title = code.title.get(style.lang());
        let aligned = width(code.number) + 2 + names + 1;
        let below = width(code.number) + 2;
        let (start, indent) = if style.fits(aligned + LEAST) {
            (pad(code.name, names) + " ", aligned)
        } else {
            (format!("{}\n{}", code.name, " ".repeat(below)), below)
        };
        let title = style.wrapped(title, indent);
        let title = title.join(&format!("\n{}", " ".repeat(indent)));
        text.push_str(&format!("{number}  {start}{title}\n"));
    }
    let last = say!(
        style.lang(),
        en: "\nRun `eci explain CODE` to explain one of them; CODE is a code or a name.\n",
        zh: "\n执行 `eci explain CODE` 查看其中一个的说明，CODE 为错误码或其名称。\n",
    );
    text.push_str(&style.folded(&last));
    text
}

/// Returns one code as Markdown, without its heading.
pub fn explanation_markdown(code: &Code, lang: Lang) -> String {
    let fence = |example: &str| {
        let language = if example.starts_with("$ ") {
            "console"
        } else {
            "toml"
        };
        format!("```{language}\n{}\n```", example.trim_end())
    };
    say!(
        lang,
        en: "{found}\n\n**Reason:** {reason}\n\n**Fix:** {fix}\n\nIncorrect:\n\n{bad}\n\nCorrect:\n\n{good}\n",
        zh: "{found}\n\n**原因**：{reason}\n\n**修复方法**：{fix}\n\n错误示例：\n\n{bad}\n\n正确示例：\n\n{good}\n",
        found = code.found,
        reason = code.reason,
        fix = code.fix,
        bad = fence(&code.bad_example(lang)),
        good = fence(&code.good_example(lang)),
    )
}

/// Returns the page of all codes.
pub fn codes_page(lang: Lang) -> String {
    let mut page = say!(
        lang,
        en: "English | [中文](zh/codes.md)\n\n# Error and warning codes\n\nEvery error and warning about manifests has a \
             stable code and name. `eci explain CODE`\nprints the same text. This page is generated from the registry in \
             `crates/eci-core/src/codes/`:\n`UPDATE=1 cargo test -p eci-render the_codes_page`.\n",
        zh: "[English](../codes.md) | 中文\n\n# 错误码和警告码\n\n清单的每个错误和警告都有固定的错误码和名称。\
             `eci explain CODE` 显示相同的内容。本页由 `crates/eci-core/src/codes/` 中的登记表生成：\
             `UPDATE=1 cargo test -p eci-render the_codes_page`。\n",
    );
    for code in codes::all() {
        page.push_str(&say!(
            lang,
            en: "\n## {number} `{name}`: {title}\n\n{text}",
            zh: "\n## {number} `{name}`：{title}\n\n{text}",
            number = code.number,
            name = code.name,
            title = code.title,
            text = explanation_markdown(code, lang),
        ));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_says_what_why_and_how_with_both_examples() {
        insta::assert_snapshot!(explanation(codes::CLOSED_PORT, Style::plain()));
        let chinese = Style::plain().with_lang(Lang::Zh).with_width(50);
        insta::assert_snapshot!(
            "explanation_zh_50",
            explanation(codes::CLOSED_PORT, chinese)
        );
    }

    /// Compares the pages with the registry; `UPDATE=1` rewrites them.
    #[test]
    fn the_codes_page_is_what_the_registry_says() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        for (lang, name) in [(Lang::En, "codes.md"), (Lang::Zh, "zh/codes.md")] {
            let path = docs.join(name);
            if std::env::var_os("UPDATE").is_some() {
                let written = std::fs::write(&path, codes_page(lang));
                assert!(written.is_ok(), "cannot write {name}: {written:?}");
            }
            let page = std::fs::read_to_string(path).unwrap_or_default();
            assert!(
                page == codes_page(lang),
                "docs/{name} is stale: run UPDATE=1 cargo test -p eci-render the_codes_page"
            );
        }
    }
}
