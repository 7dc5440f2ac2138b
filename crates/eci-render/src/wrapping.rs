//! Lines that are broken to fit a width.
//!
//! A line is broken at spaces, and next to Han characters where the Unicode line breaking algorithm
//! allows it: never before a closing punctuation mark like `，`, never after an opening one
//! like `（`. Paths, options and addresses have no space in them and are not broken, nor is what is
//! copied as a whole: a command in backticks, and the key of an address.

use std::ops::Range;

use unicode_linebreak::linebreaks;
use unicode_width::UnicodeWidthChar;

use super::width::{width, without_color};

/// Signs between which and what follows them no line is broken.
const SIGNS: [&str; 8] = ["=", "→", "#", "+", "~", "-", "-/+", "+/-"];

/// The width of the longest placeholder of a value, for example `（应用后可知）`, which is not broken.
const LONGEST_PLACEHOLDER: usize = 16;

/// Full-width brackets that begin a remark, a title or a quotation.
const OPENING: [char; 3] = ['（', '《', '「'];

/// Returns the text in lines of at most that many columns, as far as words allow.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut taken = 0;
    for piece in pieces(text) {
        let needed = width(piece);
        if !line.is_empty() && taken + needed > columns {
            lines.push(std::mem::take(&mut line));
            line.push_str(piece.trim_start_matches(' '));
            taken = width(&line);
        } else {
            line.push_str(piece);
            taken += needed;
        }
    }
    lines.push(line);
    lines
}

/// Returns whether a line starts with the gutter of a quotation: `12 | text`.
pub(crate) fn has_gutter(line: &str) -> bool {
    let line = without_color(line);
    let line = line.trim_start_matches(|it: char| it == ' ' || it.is_ascii_digit());
    line.starts_with('|') || line.starts_with("-->")
}

/// Returns a line in lines of at most that many columns, as far as words allow.
///
/// Escape sequences take no room.
pub(crate) fn fold(line: &str, columns: usize) -> String {
    let plain = without_color(line);
    let own = indent(&plain);
    // A sentence continues at the margin.
    let hanging = match own {
        0 => 0,
        own => (own + 4).min(columns / 2),
    };
    let mut folded = String::with_capacity(line.len() + 16);
    let mut taken = 0;
    for piece in pieces(line) {
        let text = piece.trim_start_matches(' ');
        let (gap, needed) = (piece.len() - text.len(), width(&without_color(text)));
        if taken + gap + needed > columns && taken > hanging.max(own) {
            folded.push('\n');
            folded.extend(std::iter::repeat_n(' ', hanging));
            folded.push_str(text);
            taken = hanging + needed;
        } else {
            folded.push_str(piece);
            taken += gap + needed;
        }
    }
    folded
}

/// Returns the columns before the text of a line.
///
/// The sign of a line of a difference is among them.
fn indent(line: &str) -> usize {
    let text = line.trim_start_matches(' ');
    let signed = text
        .strip_prefix(['+', '-', '~'])
        .filter(|signed| signed.starts_with("  "));
    let text = signed.map_or(text, |signed| signed.trim_start_matches(' '));
    line.len() - text.len()
}

/// Returns the parts of a line that are not broken: words with the spaces before them, what is in
/// backticks, signs with what follows, and numbers with the Chinese measure word that follows.
fn pieces(line: &str) -> Vec<&str> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    let mut end = 0;
    let mut is_after_number = false;
    for word in words(line) {
        let word_start = end;
        end += word.len();
        let visible = without_color(word);
        if !visible.is_empty() && !SIGNS.contains(&&*visible) {
            let is_measure = is_after_number && visible.starts_with(is_wide);
            if is_measure && let Some(number) = pieces.pop() {
                start = number.start;
            }
            let mut at = word_start;
            for part in word_pieces(word) {
                at += part.len();
                pieces.push(start..at);
                start = at;
            }
            is_after_number = visible.ends_with(|last: char| last.is_ascii_digit());
        }
        // The space after it.
        end += 1;
    }
    if start < line.len() {
        pieces.push(start..line.len());
    }
    let pieces = pieces.into_iter();
    pieces.filter_map(|range| line.get(range)).collect()
}

/// Returns the words of a line, which a space separates.
///
/// Spaces in code belong to the word.
fn words(line: &str) -> Vec<&str> {
    let codes = codes(line);
    let is_in_code = |at: usize| {
        let next = codes.partition_point(|code| code.end <= at);
        codes.get(next).is_some_and(|code| code.start <= at)
    };
    let mut words = Vec::new();
    let mut start = 0;
    for (at, _) in line.match_indices(' ').filter(|(at, _)| !is_in_code(*at)) {
        words.push(&line[start..at]);
        start = at + 1;
    }
    words.push(&line[start..]);
    words
}

/// Returns the places of what is copied as a whole: text in backticks, and keys of addresses.
fn codes(text: &str) -> Vec<Range<usize>> {
    let last_backtick = text.rfind('`').unwrap_or(0);
    let last_key = text.rfind("\"]").unwrap_or(0);
    let mut codes = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find(['`', '[']) {
        let start = from + found;
        let rest = &text[start..];
        let before = text[..start].chars().next_back();
        // A list of strings also begins with `["`, but after a space.
        let has_name =
            before.is_some_and(|it| it.is_alphanumeric() || ['_', '-', ']'].contains(&it));
        let length = if let Some(code) = rest.strip_prefix('`').filter(|_| start < last_backtick) {
            code.find('`').map(|end| end + 2)
        } else if let Some(key) = rest
            .strip_prefix("[\"")
            .filter(|_| has_name && start < last_key)
        {
            key.find("\"]").map(|end| end + 4)
        } else {
            None
        };
        from = start + length.unwrap_or(1);
        codes.extend(length.map(|_| start..from));
    }
    codes
}

/// Returns the parts of a word, which has spaces only in code, between which a line can be
/// broken: there are several only if it has wide characters.
fn word_pieces(word: &str) -> Vec<&str> {
    if word.is_ascii() {
        return vec![word];
    }
    let (plain, offsets) = without_sequences(word);
    let is_placeholder = plain.starts_with('（') && plain.ends_with('）');
    if is_placeholder && width(&plain) <= LONGEST_PLACEHOLDER {
        return vec![word];
    }
    let codes = codes(&plain);
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut breaks: Vec<usize> = linebreaks(&plain).map(|(at, _)| at).collect();
    // The algorithm does not know whether a quotation mark opens or closes: after `、`, it opens.
    breaks.extend(plain.match_indices("、\"").map(|(at, _)| at + "、".len()));
    // Nor does it break between a Latin letter, a digit or a backtick and a full-width bracket.
    let opening = plain.match_indices(OPENING).map(|(at, _)| at);
    breaks.extend(opening.filter(|at| *at > 0 && !plain[..*at].ends_with(OPENING)));
    breaks.sort_unstable();
    breaks.dedup();
    for at in breaks {
        let before = plain[..at].chars().next_back();
        let after = plain[at..].chars().next();
        let is_next_to_wide = before.is_some_and(is_wide) || after.is_some_and(is_wide);
        let is_in_code = codes.iter().any(|code| code.start < at && at < code.end);
        let is_allowed = is_next_to_wide && !is_in_code && at < plain.len();
        if let (true, Some(end)) = (is_allowed, offsets.get(at)) {
            pieces.push(&word[start..*end]);
            start = *end;
        }
    }
    pieces.push(&word[start..]);
    pieces
}

fn is_wide(character: char) -> bool {
    character.width() == Some(2)
}

/// Returns a word without escape sequences, and for each of its bytes and its end the offset in the
/// word. A sequence that ends a color belongs to the character before it, any other to the one after.
fn without_sequences(word: &str) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(word.len());
    let mut offsets = Vec::with_capacity(word.len() + 1);
    let mut rest = word;
    // The start of the sequences before the next character.
    let mut start = 0;
    while let Some(character) = rest.chars().next() {
        let at = word.len() - rest.len();
        if let Some(after) = rest.strip_prefix("\x1b[0m") {
            rest = after;
            start = word.len() - rest.len();
            continue;
        }
        if let Some(after) = rest
            .strip_prefix("\x1b[")
            .and_then(|rest| Some(rest.split_once('m')?.1))
        {
            rest = after;
            continue;
        }
        for byte in 0..character.len_utf8() {
            offsets.push(if byte == 0 { start } else { at + byte });
        }
        plain.push(character);
        rest = &rest[character.len_utf8()..];
        start = word.len() - rest.len();
    }
    offsets.push(start);
    (plain, offsets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn chinese_is_broken_between_characters_but_not_at_punctuation() {
        assert_eq!(
            wrap("变量 `image` 未声明，应先声明（见文档）。", 12),
            ["变量 `image`", "未声明，应先", "声明（见文", "档）。"]
        );
        // A number stays with its measure word.
        assert_eq!(wrap("计划：创建 3 个资源", 12), ["计划：创建", "3 个资源"]);
        // An option, a path and an address are not broken.
        assert_eq!(
            wrap("添加 `--lock-timeout=10m` 或 a/b-c/d", 10),
            ["添加", "`--lock-timeout=10m`", "或 a/b-c/d"]
        );
    }

    #[test]
    fn a_line_is_broken_before_an_opening_bracket() {
        let text = "container_group.web.intranet_ip（应用后可知，取决于弹性网卡）";
        assert_eq!(
            wrap(text, 32),
            [
                "container_group.web.intranet_ip",
                "（应用后可知，取决于弹性网卡）"
            ]
        );
        assert_eq!(
            fold(text, 32),
            "container_group.web.intranet_ip\n（应用后可知，取决于弹性网卡）"
        );
        assert_eq!(
            wrap("`eci plan`（《文档》）", 12),
            ["`eci plan`", "（《文档》）"]
        );
    }

    #[test]
    fn a_list_of_strings_is_broken_after_its_commas() {
        assert_eq!(
            wrap("可用值：\"Always\"、\"OnFailure\"、\"Never\"", 19),
            ["可用值：\"Always\"、", "\"OnFailure\"、", "\"Never\""]
        );
    }

    #[test]
    fn what_is_in_backticks_is_not_broken() {
        assert_eq!(
            wrap("run `eci apply --replace a.b` or `eci plan`, then wait", 20),
            [
                "run",
                "`eci apply --replace a.b`",
                "or `eci plan`, then",
                "wait"
            ]
        );
        assert_eq!(
            wrap(
                "执行 `eci apply --refresh-only`（或 `echo 你好 吗`）后重试",
                16
            ),
            [
                "执行",
                "`eci apply --refresh-only`",
                "（或",
                "`echo 你好 吗`）",
                "后重试"
            ]
        );
        assert_eq!(
            wrap("更新 container_group.web[\"华东 一区\"]，等待就绪", 12),
            ["更新", "container_group.web[\"华东 一区\"]，", "等待就绪"]
        );
        assert_eq!(
            fold("          -     \"echo a line with many words\",", 44),
            "          -     \"echo a line with many\n                    words\","
        );
        // A single backtick begins nothing.
        assert_eq!(
            fold("a ` in a text that is long", 14),
            "a ` in a text\nthat is long"
        );
    }

    #[test]
    fn a_broken_line_keeps_its_colors() {
        let line = "  \x1b[1m计划：\x1b[0m创建资源\x1b[32m四个\x1b[0m。";
        let folded = fold(line, 14);
        assert_eq!(
            folded,
            "  \x1b[1m计划：\x1b[0m创建资\n      源\x1b[32m四个\x1b[0m。"
        );
        assert_eq!(folded.replace("\n      ", ""), line);
    }

    const NOT_FIRST: &str = "，。；：、！？）》」";

    fn mixed() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            Just("资源".to_owned()),
            Just("无法删除，".to_owned()),
            Just("（先创建后销毁）".to_owned()),
            Just("《文档》。".to_owned()),
            Just("container_group.web[\"a\"]".to_owned()),
            Just("`--target`".to_owned()),
            Just("`eci plan`".to_owned()),
            Just("a/b-c".to_owned()),
            "[a-z]{1,8}",
            "[一-龥]{1,12}",
        ];
        let gap = prop_oneof![Just(" "), Just("")];
        prop::collection::vec((word, gap), 1..24).prop_map(|words| {
            let words = words.into_iter().map(|(word, gap)| word + gap);
            words.collect::<String>().trim().to_owned()
        })
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_it_has_to_be(text in mixed(), columns in 20_usize..60) {
            let lines = wrap(&text, columns);
            for line in &lines {
                // What is wider than the width cannot be broken.
                prop_assert!(width(line) <= columns || pieces(line).len() == 1, "{line}");
                let inner = line.trim_start_matches(OPENING);
                prop_assert!(width(line) <= columns || !inner.contains(OPENING), "{line}");
            }
            for line in lines.iter().skip(1) {
                prop_assert!(!line.starts_with(|it| NOT_FIRST.contains(it)), "{lines:?}");
            }
            for line in &lines[..lines.len() - 1] {
                prop_assert!(!line.ends_with(OPENING), "{lines:?}");
            }
            let kept = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(kept(&lines.concat()), kept(&text));
            prop_assert_eq!(kept(&fold(&text, columns)), kept(&text));
            for line in fold(&text, columns).lines() {
                prop_assert!(width(line) <= columns || pieces(line).len() == 1, "{line}");
            }
        }
    }
}
