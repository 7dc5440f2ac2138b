//! The rules of Chinese typography for output with values in it, for tests.

use eci_text::{Lang, typography};

use crate::value::{sensitive, unknown};

/// Fails if a line of output violates the rules of [`typography`].
///
/// Text in double quotes is not checked, because it consists of values, and neither are placeholders of
/// values, which can have TOML around them.
#[track_caller]
pub(crate) fn check(text: &str) {
    for line in text.lines() {
        let mut line = without_strings(line);
        for placeholder in [sensitive(Lang::Zh), unknown(Lang::Zh)] {
            line = line.replace(placeholder, "`a`");
        }
        let problems = typography::chinese(&line);
        assert!(problems.is_empty(), "{problems:#?}");
    }
}

/// Replaces what is in double quotes by one letter in backticks.
fn without_strings(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, inner)) = rest.split_once('"') {
        let Some((_, after)) = inner.split_once('"') else {
            break;
        };
        kept.push_str(before);
        kept.push_str("`a`");
        rest = after;
    }
    kept + rest
}

#[test]
fn mistakes_are_found() {
    for right in [
        "资源 `a，b` 未声明（共 3 个）。",
        "a：将创建，`b`",
        "\"名:a\"",
    ] {
        check(right);
    }
    for wrong in [
        "资源a",
        "3个",
        "资源, a",
        "资源`a`",
        "名（ 名）",
        "共 3 个 。",
    ] {
        let found = std::panic::catch_unwind(|| check(wrong));
        assert!(found.is_err(), "{wrong}");
    }
}
