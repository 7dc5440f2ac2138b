//! The messages of the parser of expressions, in English and Chinese.

use eci_text::{Lang, List, Spaced, Text, say};

/// The parts of the grammar that the parser names, with their Chinese names.
const PARTS: [(&str, &str); 16] = [
    ("attribute", "属性"),
    ("binary operation", "二元运算"),
    ("digit", "数字"),
    ("eof", "文本结尾"),
    ("escape sequence", "转义序列"),
    ("expression", "表达式"),
    ("heredoc end delimiter", "heredoc 结束标记"),
    ("identifier", "标识符"),
    ("letter", "字母"),
    ("newline", "换行符"),
    ("object item", "对象元素"),
    ("object value assignment", "对象的键值对"),
    ("traversal operator", "访问运算符"),
    ("unicode 4-digit hex code", "4 位十六进制 Unicode 码点"),
    ("unicode 8-digit hex code", "8 位十六进制 Unicode 码点"),
    ("unsigned integer", "无符号整数"),
];

/// Returns a message of the parser, which has the form `invalid PART; expected PART, PART or PART`.
///
/// Parts without a Chinese name, for example tokens, are not translated.
pub(crate) fn parser_message(message: &str) -> Text {
    let chinese: Vec<String> = message.split("; ").map(in_chinese).collect();
    Text::new(message.replace("; ", ", "), chinese.join("，"))
}

/// Returns a clause of a message in Chinese.
fn in_chinese(clause: &str) -> String {
    if clause == "unexpected token" {
        return "意外的符号".to_owned();
    }
    if let Some(part) = clause.strip_prefix("invalid ") {
        return format!("{}无效", name(part));
    }
    let Some(parts) = clause.strip_prefix("expected ") else {
        return clause.to_owned();
    };
    let parts = parts.split(" or ").flat_map(|parts| parts.split(", "));
    say!(
        Lang::Zh,
        en: "expected {parts}",
        zh: "应为{parts}",
        parts = Spaced(List::or(parts.map(name))),
    )
}

fn name(part: &str) -> &str {
    let named = PARTS.iter().find(|(english, _)| *english == part);
    named.map_or(part, |(_, chinese)| chinese)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clauses_of_the_parser_are_translated_and_its_tokens_remain() {
        for (message, en, zh) in [
            ("expected `}`", "expected `}`", "应为 `}`"),
            (
                "expected `)` or expression",
                "expected `)` or expression",
                "应为 `)` 或表达式",
            ),
            (
                "invalid object item; expected `}`, `,` or newline",
                "invalid object item, expected `}`, `,` or newline",
                "对象元素无效，应为 `}`、`,` 或换行符",
            ),
            ("something else", "something else", "something else"),
        ] {
            let text = parser_message(message);
            assert_eq!([text.en(), text.get(Lang::Zh)], [en, zh]);
        }
    }
}
