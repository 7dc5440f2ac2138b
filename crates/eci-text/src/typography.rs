//! The rules of typography and style of messages, for tests: see `docs/messages.md`.
//!
//! Code within backticks is not checked: it counts as a Latin word.

/// The words before a message.
const LEVELS: [&str; 5] = ["错误", "警告", "说明", "帮助", "原因"];

/// Words that must not be used in Chinese, each with the terms that contain it.
const AVOIDED_CHINESE: [(&str, &[&str]); 14] = [
    ("请", &["请求", "申请", "请输入", "请反馈"]),
    ("您", &[]),
    ("你", &[]),
    ("我们", &[]),
    ("等等", &[]),
    // What another run did.
    ("已被", &["状态已被"]),
    ("非法", &[]),
    ("快照", &["状态快照", "云硬盘快照"]),
    (
        "卷",
        &["存储卷", "卷挂载", "配置文件卷", "空目录卷", "弹性文件卷"],
    ),
    ("磁盘", &[]),
    ("云盘", &[]),
    ("交换机", &[]),
    ("初始化容器", &[]),
    ("工作空间", &[]),
];

/// Words that must not be used in English messages; the glossary names the terms to use.
const AVOIDED_ENGLISH: [&str; 36] = [
    "anew",
    "beside",
    "cannot stand",
    "carried out",
    "carry out",
    "colour",
    "cut off",
    "deed",
    "gives back",
    "gone",
    "illegal",
    "in a circle",
    "is no",
    "kept plan",
    "lets go",
    "made",
    "mend",
    "needs",
    "no such",
    "of its own",
    "on record",
    "one another",
    "passed over",
    "please",
    "seen",
    "settle",
    "so long",
    "so many",
    "stands",
    "such as",
    "taken for",
    "tells",
    "there is no",
    "thing",
    "told",
    "written out",
];

/// Returns the violations of the rules of Chinese in a line.
pub fn chinese(line: &str) -> Vec<String> {
    let line = &without_code(without_level(line));
    let mut problems = Vec::new();
    for (name, is_violation) in PAIRS {
        let mut pairs = line.chars().zip(line.chars().skip(1));
        if let Some((first, second)) = pairs.find(|(first, second)| is_violation(*first, *second)) {
            problems.push(format!("{name}: `{first}{second}` in {line}"));
        }
    }
    // `原因` and `说明` are titles of sections as well.
    if ["错误", "警告", "帮助"].iter().any(|level| {
        let rest = line.trim_start().strip_prefix(level);
        rest.is_some_and(|rest| rest.starts_with('：'))
    }) {
        problems.push(format!("a level with a full-width colon: {line}"));
    }
    for (name, characters) in [("dashes", "—–"), ("quotation marks", "“”‘’")] {
        if line.contains(|found| characters.contains(found)) {
            problems.push(format!("{name} in {line}"));
        }
    }
    for (word, terms) in AVOIDED_CHINESE {
        let remove = |rest: String, term: &&str| rest.replace(*term, "");
        if terms.iter().fold(line.clone(), remove).contains(word) {
            problems.push(format!("`{word}` in {line}"));
        }
    }
    problems
}

/// Returns the violations of the rules of English messages in a line.
pub fn english(line: &str) -> Vec<String> {
    let line = without_code(line);
    let is_word = |found: char| found.is_ascii_alphanumeric();
    // The request for a report is the one that is polite.
    let lower = line.to_lowercase().replace("please report it", "report it");
    let words = lower.split(|found| !is_word(found)).collect::<Vec<_>>();
    let words = format!(" {} ", words.join(" "));
    let mut problems: Vec<String> = AVOIDED_ENGLISH
        .iter()
        .filter(|avoided| words.contains(&format!(" {avoided} ")))
        .map(|avoided| format!("`{avoided}` in {line}"))
        .collect();
    if line.contains(is_han) {
        problems.push(format!("Chinese in {line}"));
    }
    if line.contains("  ") || line.trim() != line {
        problems.push(format!("superfluous spaces in {line:?}"));
    }
    problems
}

/// Returns whether a text has a Han character.
pub fn has_han(text: &str) -> bool {
    text.contains(is_han)
}

/// Whether two adjacent characters violate a rule.
type PairRule = fn(char, char) -> bool;

/// Violations of two adjacent characters.
const PAIRS: [(&str, PairRule); 3] = [
    ("half-width punctuation", |first, second| {
        (is_han(first) && ",.;:?!()".contains(second)) || (first == '(' && is_han(second))
    }),
    ("a space is missing", |first, second| {
        let is_latin = |found: char| found.is_ascii_alphanumeric();
        (is_han(first) && is_latin(second)) || ((is_latin(first) || first == '%') && is_han(second))
    }),
    ("a space next to full-width punctuation", |first, second| {
        (first.is_whitespace() && is_full_width(second))
            || (is_full_width(first) && second.is_whitespace())
    }),
];

fn is_han(found: char) -> bool {
    matches!(found, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '々' | '〇')
}

fn is_full_width(found: char) -> bool {
    "，。、：；？！（）".contains(found)
}

/// Returns the line without the level at its start, which has the ASCII colon of diagnostics.
fn without_level(line: &str) -> &str {
    let mut levels = LEVELS.iter();
    let message = levels.find_map(|level| {
        let rest = line.trim_start().strip_prefix(level)?;
        rest.strip_prefix(": ")
    });
    message.unwrap_or(line)
}

/// Returns the line with a Latin word in the place of each text within backticks.
fn without_code(line: &str) -> String {
    let pieces: Vec<&str> = line.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return line.to_owned();
    }
    let prose = pieces
        .iter()
        .enumerate()
        .map(|(at, piece)| if at % 2 == 0 { piece } else { "code" });
    prose.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_of_chinese_finds_violations() {
        for (line, expected) in [
            ("无法读取,文件", "half-width punctuation"),
            ("名称(可选)", "half-width punctuation"),
            ("变量`image` 未声明", "a space is missing"),
            ("占 15%的空间", "a space is missing"),
            ("应为字符串， 实际为列表", "a space next to"),
            ("变量——即输入", "dashes"),
            ("名称为“web”", "quotation marks"),
            ("请检查文件", "`请`"),
            ("创建一个快照", "`快照`"),
            ("错误：读取失败", "a level"),
        ] {
            let found = chinese(line);
            assert_eq!(found.len(), 1, "{line}: {found:?}");
            assert!(found[0].starts_with(expected), "{line}: {found:?}");
        }
        for line in [
            "请求 ID 与 `a,b`（可选）：存储卷",
            "占 15%，共 3 个",
            "  帮助: 检查 `a,b`",
        ] {
            assert_eq!(chinese(line), [""; 0]);
        }
    }

    #[test]
    fn words_to_avoid_are_found_as_words() {
        assert_eq!(english("a value such as `made`").len(), 1);
        assert_eq!(english("EIP 名称").len(), 1);
        assert_eq!(english("the nothing  is").len(), 1);
        assert_eq!(english("nothing was refused, and `made` is a key"), [""; 0]);
    }
}
