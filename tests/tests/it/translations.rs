//! Pages in Chinese must say the same as the pages in English that they translate.
//!
//! Prose cannot be compared, but everything else can: commands, configurations, headings, tables, lists and
//! links. The typography of Chinese prose follows `docs/messages.md`.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use eci_tests::binaries::workspace;
use regex::Regex;

/// A page in both languages.
struct Translation {
    english: Page,
    chinese: Page,
}

struct Page {
    /// The path below the root of the project.
    path: PathBuf,
    text: String,
}

impl Page {
    fn read(path: impl Into<PathBuf>) -> Page {
        let path = path.into();
        let text = fs::read_to_string(workspace().join(&path))
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Page { path, text }
    }

    /// Returns the lines outside of code blocks, with their numbers.
    fn prose(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut in_block = false;
        (1..).zip(self.text.lines()).filter(move |(_, line)| {
            let is_fence = line.starts_with("```");
            in_block ^= is_fence;
            !in_block && !is_fence
        })
    }
}

/// Returns the README and every page in `docs/zh`, with the English page of the same name.
fn translations() -> Vec<Translation> {
    let mut translations = vec![Translation {
        english: Page::read("README.md"),
        chinese: Page::read("README.zh.md"),
    }];
    for entry in fs::read_dir(workspace().join("docs/zh")).unwrap() {
        let name = entry.unwrap().file_name();
        translations.push(Translation {
            english: Page::read(Path::new("docs").join(&name)),
            chinese: Page::read(Path::new("docs/zh").join(&name)),
        });
    }
    translations
}

/// Compares a property of the pages of all translations.
fn compare<T: PartialEq + std::fmt::Debug>(property: impl Fn(&Page) -> Vec<T>) {
    let translations = translations();
    assert!(translations.len() >= 9, "{}", translations.len());
    for Translation { english, chinese } in &translations {
        let expected = property(english);
        let found = property(chinese);
        let both = expected.iter().zip(&found);
        if let Some((expected, found)) = both.into_iter().find(|(a, b)| a != b) {
            panic!(
                "{} differs from {}:\n{found:#?}\ninstead of\n{expected:#?}",
                chinese.path.display(),
                english.path.display()
            );
        }
        assert_eq!(
            found.len(),
            expected.len(),
            "{}: more or fewer than in {}",
            chinese.path.display(),
            english.path.display()
        );
    }
}

#[test]
fn translations_have_the_same_commands_and_configurations() {
    compare(|page| blocks(&page.text));
}

#[test]
fn translations_have_the_same_headings_tables_and_lists() {
    compare(|page| {
        page.prose()
            .filter_map(|(_, line)| structure(line))
            .collect()
    });
}

#[test]
fn translations_link_to_each_other_in_their_first_line() {
    for Translation { english, chinese } in translations() {
        let in_docs = english.path.starts_with("docs");
        let name = english.path.file_name().unwrap().to_str().unwrap();
        let (to_chinese, to_english) = if in_docs {
            (
                format!("English | [中文](zh/{name})"),
                format!("[English](../{name}) | 中文"),
            )
        } else {
            (
                "English | [简体中文](README.zh.md)".to_owned(),
                "[English](README.md) | 简体中文".to_owned(),
            )
        };
        assert_eq!(english.text.lines().next(), Some(&*to_chinese));
        assert_eq!(chinese.text.lines().next(), Some(&*to_english));
    }
}

#[test]
fn links_of_translations_lead_to_pages_and_headings() {
    let mut problems = Vec::new();
    for translation in translations() {
        for page in [&translation.english, &translation.chinese] {
            problems.extend(broken_links(page));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn chinese_pages_follow_the_rules_of_typography() {
    let mut problems = Vec::new();
    for Translation { chinese, .. } in translations() {
        let mut before = Line::Blank;
        for (number, line) in chinese.prose().skip(1) {
            let place = format!("{}:{number}", chinese.path.display());
            for problem in typography(line) {
                problems.push(format!("{place}: {problem}"));
            }
            let kind = Line::of(line);
            if kind == Line::Text && matches!(before, Line::Text | Line::Item) {
                problems.push(format!(
                    "{place}: a line break within a paragraph is displayed as a space"
                ));
            }
            before = kind;
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn each_rule_of_typography_finds_violations() {
    for (line, expected) in [
        ("无法读取,文件", "half-width punctuation"),
        ("- 无法读取文件.", "half-width punctuation"),
        ("名称(可选)", "half-width punctuation"),
        ("变量`image` 未声明", "a space is missing"),
        ("删除 3个资源", "a space is missing"),
        (
            "见[表达式](expressions.md)和[VPC](vpc.md)的说明",
            "a space is missing",
        ),
        ("应为字符串， 实际为列表", "a space next to"),
        ("| 键 | 属性 ：名称 |", "a space next to"),
        ("请检查文件", "`请`"),
        ("确认您的账号", "`您`"),
        ("创建一个快照", "`快照`"),
        ("挂载卷", "`卷`"),
        ("扩容磁盘", "`磁盘`"),
        ("资源已被删除", "`已被`"),
        ("变量——即输入", "dashes"),
        ("名称为“web”", "quotation marks"),
        ("**顺序。**引用即依赖", "`。**引` does not mark bold"),
    ] {
        let found = typography(line);
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert!(found[0].starts_with(expected), "{line}: {found:?}");
    }
    for line in [
        "# 变量 `image`（可选）",
        "- **输入变量**保存因环境而异的内容，例如镜像、大小。",
        "| `type` | 请求 ID、状态快照和存储卷：见[运维](a,b.md)（英文） |",
        "删除 3 个资源，占 15%。[VPC](vpc.md) 中的 `a,b`",
    ] {
        assert_eq!(typography(line), Vec::<String>::new(), "{line}");
    }
}

#[test]
fn comments_descriptions_and_output_may_differ_and_nothing_else() {
    let blocks_of = |language: &str, line: &str| blocks(&format!("```{language}\n{line}\n```\n"));
    for (language, english, chinese) in [
        ("toml", "cpu = 1 # vCPUs", "cpu = 1 # vCPU 数量"),
        (
            "toml",
            "description = \"the tag\"",
            "description = \"标签\"",
        ),
        ("console", "$ eci plan\nNo changes.", "$ eci plan\n无变更。"),
        ("text", "No changes.", "无变更。"),
    ] {
        assert_eq!(blocks_of(language, english), blocks_of(language, chinese));
    }
    for (language, english, chinese) in [
        ("toml", "cpu = 1", "cpu = 2"),
        ("toml", "name = \"a #1\"", "name = \"a #2\""),
        ("console", "$ eci plan", "$ eci apply"),
        ("sh", "eci plan # a plan", "eci plan --cost # 计划"),
        ("text", "", "\n```\n```text"),
    ] {
        assert_ne!(blocks_of(language, english), blocks_of(language, chinese));
    }
}

/// Returns the parts of all code blocks that are the same in both languages, under the language of the block.
///
/// Comments, descriptions and error messages in manifests, and what a program prints, may be translated.
fn blocks(text: &str) -> Vec<Vec<String>> {
    static PROSE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\b(description|error_message) = ("[^"]*"|'[^']*')"#).unwrap()
    });
    let mut blocks: Vec<Vec<String>> = Vec::new();
    let mut language = None;
    for line in text.lines() {
        let block = blocks.last_mut();
        match (line.strip_prefix("```"), language) {
            (Some(opened), None) => {
                language = Some(opened);
                blocks.push(vec![opened.to_owned()]);
            }
            (Some(_), Some(_)) => language = None,
            (None, None | Some("text")) => {}
            (None, Some("console")) if !line.starts_with("$ ") => {}
            (None, Some(_)) => {
                let line = PROSE.replace_all(without_comment(line), "$1");
                block.unwrap().push(line.into_owned());
            }
        }
    }
    assert_eq!(language, None, "a code block is not closed");
    blocks
}

/// Returns a line of TOML, HCL or shell without the comment at its end.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, found) in line.char_indices() {
        match (found, quote) {
            ('"' | '\'', None) => quote = Some(found),
            (_, Some(open)) if open == found => quote = None,
            ('#', None) if before == ' ' => return line[..at].trim_end(),
            _ => {}
        }
        before = found;
    }
    line
}

/// Returns what a line is apart from its words: the level of a heading; the number of cells of a table row, and the
/// code in its first one; or the mark of a list item.
fn structure(line: &str) -> Option<String> {
    static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new("`[^`]+`").unwrap());
    match Line::of(line) {
        Line::Heading => Some(line.split(' ').next()?.to_owned()),
        Line::Item => Some(line.trim_start()[..1].to_owned()),
        Line::Row => {
            let line = line.replace("\\|", "/");
            let cells = line.split('|').count();
            let first = line.split('|').nth(1)?;
            let mut code: Vec<&str> = CODE.find_iter(first).map(|it| it.as_str()).collect();
            code.sort_unstable();
            Some(format!("| {} | × {cells}", code.join(" ")))
        }
        Line::Blank | Line::Text => None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Blank,
    Heading,
    Item,
    Row,
    Text,
}

impl Line {
    fn of(line: &str) -> Line {
        let line = line.trim_start();
        match line.chars().next() {
            None => Line::Blank,
            Some('#') => Line::Heading,
            Some('|') => Line::Row,
            Some('-' | '*') if line[1..].starts_with(' ') => Line::Item,
            Some(_) => Line::Text,
        }
    }
}

/// Returns the links of a page whose file or heading does not exist.
fn broken_links(page: &Page) -> Vec<String> {
    static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\]\(([^)\s]+)\)").unwrap());
    let folder = page.path.parent().unwrap();
    let mut broken = Vec::new();
    for (number, line) in page.prose() {
        for link in LINK.captures_iter(line) {
            let target = &link[1];
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() {
                page.path.clone()
            } else {
                folder.join(file)
            };
            let leads_there = workspace().join(&file).is_file()
                && (heading.is_empty()
                    || headings(&Page::read(&file)).contains(&heading.to_owned()));
            if !leads_there {
                broken.push(format!("{}:{number}: {target}", page.path.display()));
            }
        }
    }
    broken
}

/// Returns the anchors of the headings of a page, as GitHub forms them.
fn headings(page: &Page) -> Vec<String> {
    let headings = page.prose().filter(|(_, line)| line.starts_with('#'));
    headings
        .map(|(_, line)| {
            let text = line.trim_start_matches('#').trim().to_lowercase();
            let kept = text
                .chars()
                .filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

/// Returns the violations of the rules of Chinese typography and style in a line of Markdown.
fn typography(line: &str) -> Vec<String> {
    // By CommonMark, `**` between punctuation and a letter marks nothing on the side of the letter.
    static UNRENDERED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[`，。、：；？！）]\*\*\p{Han}|\p{Han}\*\*[`（]").unwrap());
    static CODE: LazyLock<Regex> = LazyLock::new(|| Regex::new("`[^`]+`").unwrap());
    static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\[([^\]]*)\]\([^)]*\)").unwrap());

    let mut problems = Vec::new();
    if let Some(found) = UNRENDERED.find(line) {
        problems.push(format!(
            "`{}` does not mark bold text next to a Han character",
            found.as_str()
        ));
    }
    // Code counts as a Latin word; markup is not displayed.
    let line = CODE.replace_all(line, "code");
    let line = LINK.replace_all(&line, "$1").replace("**", "");
    let line = line
        .trim_start_matches(['#', '-', '*', ' '])
        .replace('*', "");
    for cell in line.split('|').map(str::trim) {
        problems.extend(eci_text::typography::chinese(cell));
    }
    problems
}
