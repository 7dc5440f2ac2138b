//! Diagnostics with excerpts of manifests, in the form of rustc.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use eci_core::diagnostic::{Edit, Label, Source, Span};
use eci_core::{Diagnostic, Diagnostics, Severity};
use eci_text::{In, Lang, Text, say};

use super::nouns::{ERROR, WARNING};
use super::style::{Style, TextRole};
use super::width::without_color;

/// The maximum number of diagnostics that are drawn: more are of no use before the first are fixed.
pub(crate) const MOST_DRAWN: usize = 1000;

/// The most text of manifests, in bytes, that is read to draw them.
///
/// A diagnostic takes all the lines from its first place to its last one.
const MOST_TEXT: usize = 16 << 20;

/// The longest lines, in bytes, that are drawn as they would be after an edit: they are not cut to
/// the width of the terminal.
const LONGEST_EDITED: usize = 2000;

/// Returns the diagnostics with their lines, and their number; empty if there are none.
///
/// Of very many, only the first are drawn.
pub fn diagnostics(diagnostics: &Diagnostics, style: Style) -> String {
    let renderer = if style.has_color() {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.term_width(style.width());
    let mut text = String::new();
    let mut drawn_bytes = 0;
    let is_drawn = |diagnostic: &&Diagnostic| {
        drawn_bytes += extent(diagnostic);
        drawn_bytes <= MOST_TEXT
    };
    let drawn = diagnostics.0.iter().take(MOST_DRAWN).take_while(is_drawn);
    let mut count_drawn = 0;
    for diagnostic in drawn {
        count_drawn += 1;
        let drawn = renderer.render(&report(diagnostic, style.lang()));
        text.push_str(&without_empty_gutter(diagnostic, drawn));
        text.push_str("\n\n");
    }
    let omitted = diagnostics.0.len() - count_drawn;
    if omitted > 0 {
        text.push_str(&say!(
            style.lang(),
            en: "{n} more are not shown\n\n",
            zh: "另有 {n} 条未显示\n\n",
            n = omitted,
        ));
    }
    if let Some(count) = count(diagnostics, style.lang()) {
        let part = if diagnostics.has_errors() {
            TextRole::Error
        } else {
            TextRole::Warning
        };
        text.push_str(&style.paint(part, &count));
        text.push('\n');
    }
    text
}

/// Returns a drawn diagnostic without an excerpt, also without the line that separates excerpts from notes.
fn without_empty_gutter(diagnostic: &Diagnostic, drawn: String) -> String {
    if diagnostic.edit.is_some() || !labels_by_file(diagnostic).is_empty() {
        return drawn;
    }
    let lines = drawn.lines();
    let lines: Vec<&str> = lines
        .filter(|line| without_color(line).trim() != "|")
        .collect();
    lines.join("\n")
}

/// Returns the bytes of manifests that are read to draw a diagnostic.
fn extent(diagnostic: &Diagnostic) -> usize {
    let edit = diagnostic.edit.iter().map(|edit| edited_lines(edit).len());
    let files = labels_by_file(diagnostic).into_iter();
    let snippets = files.map(|file| lines_of(file.source, &file.labels).len());
    snippets.chain(edit).sum()
}

/// Returns `2 errors, 1 warning`.
fn count(diagnostics: &Diagnostics, lang: Lang) -> Option<String> {
    let of = |severity| {
        let all = diagnostics.0.iter();
        all.filter(|diagnostic| diagnostic.severity == severity)
            .count()
    };
    let mut parts = Vec::new();
    for count in [
        ERROR.count(of(Severity::Error)),
        WARNING.count(of(Severity::Warning)),
    ] {
        if count.number() > 0 {
            parts.push(In(&count, lang).to_string());
        }
    }
    (!parts.is_empty()).then(|| parts.join(lang.pick(", ", "，")))
}

/// Returns a level with its name in a language.
fn level(level: Level<'_>, lang: Lang) -> Level<'_> {
    match lang {
        Lang::En => level,
        Lang::Zh if level == Level::ERROR => level.with_name("错误"),
        Lang::Zh if level == Level::WARNING => level.with_name("警告"),
        Lang::Zh if level == Level::NOTE => level.with_name("说明"),
        Lang::Zh => level.with_name("帮助"),
    }
}

fn report(diagnostic: &Diagnostic, lang: Lang) -> Vec<Group<'_>> {
    let severity = match diagnostic.severity {
        Severity::Error => level(Level::ERROR, lang),
        Severity::Warning => level(Level::WARNING, lang),
    };
    let title = severity
        .primary_title(eci_text::line(diagnostic.message.get(lang)))
        .id(diagnostic.code.number);
    let mut group = Group::with_title(title).elements(snippets(diagnostic, lang));
    if let Some(instances) = diagnostic.instances() {
        let note = eci_text::line(instances.get(lang)).into_owned();
        group = group.element(level(Level::NOTE, lang).message(note));
    }
    let Some(help) = diagnostic.advice() else {
        return vec![group];
    };
    let edit = diagnostic.edit.as_ref();
    match edit.filter(|edit| edited_lines(edit).len() <= LONGEST_EDITED) {
        Some(edit) => vec![group, changed(&help, edit, lang)],
        None => {
            let help = eci_text::lines(help.get(lang)).into_owned();
            group = group.element(level(Level::HELP, lang).message(help));
            vec![group]
        }
    }
}

/// Returns the help with the line after the edit.
fn changed<'a>(help: &Text, edit: &'a Edit, lang: Lang) -> Group<'a> {
    let Span { source, range } = &edit.place;
    let lines = edited_lines(edit);
    let range = range.start - lines.start..range.end - lines.start;
    let snippet = Snippet::source(source.shown(lines.clone()))
        .path(eci_text::line(source.title(lang)))
        .line_start(source.position(lines.start).0)
        .fold(true)
        .patch(Patch::new(range, &*edit.replacement));
    level(Level::HELP, lang)
        .secondary_title(eci_text::lines(help.get(lang)).into_owned())
        .element(snippet)
}

/// Returns the lines that an edit changes.
fn edited_lines(edit: &Edit) -> Range<usize> {
    let Span { source, range } = &edit.place;
    lines_around(&source.text, range.start, range.end)
}

/// Returns the whole lines from one offset to another.
fn lines_around(text: &str, first: usize, last: usize) -> Range<usize> {
    let start = text[..first].rfind('\n').map_or(0, |at| at + 1);
    let end = text[last..].find('\n').map_or(text.len(), |at| last + at);
    start..end
}

/// A label, and whether it is what the diagnostic is about.
struct MarkedLabel<'a> {
    label: &'a Label,
    kind: AnnotationKind,
}

/// Returns one snippet per file, that of the primary place first.
fn snippets(diagnostic: &Diagnostic, lang: Lang) -> Vec<Snippet<'_, Annotation<'_>>> {
    let files = labels_by_file(diagnostic).into_iter();
    files
        .map(|file| snippet(file.source, &file.labels, lang))
        .collect()
}

/// The labels of one file.
struct LabelsOfFile<'a> {
    source: &'a Arc<Source>,
    labels: Vec<MarkedLabel<'a>>,
}

fn labels_by_file(diagnostic: &Diagnostic) -> Vec<LabelsOfFile<'_>> {
    let marked = |kind| move |label| MarkedLabel { label, kind };
    let primary = diagnostic
        .primary
        .iter()
        .map(marked(AnnotationKind::Primary));
    let secondary = diagnostic
        .secondary
        .iter()
        .map(marked(AnnotationKind::Context));
    let mut files: Vec<LabelsOfFile<'_>> = Vec::new();
    for marked in primary.chain(secondary) {
        let source = &marked.label.place.source;
        match files
            .iter_mut()
            .find(|known| Arc::ptr_eq(known.source, source))
        {
            Some(file) => file.labels.push(marked),
            None => files.push(LabelsOfFile {
                source,
                labels: vec![marked],
            }),
        }
    }
    files
}

/// Returns an offset of a text, or the nearest one before it that is between two characters.
fn within(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset.min(text.len()))
}

/// Returns the lines from the first place to the last one: a file can be long.
fn lines_of(source: &Source, labels: &[MarkedLabel<'_>]) -> Range<usize> {
    let text = &*source.text;
    let ranges = labels.iter().map(|marked| &marked.label.place.range);
    let first = ranges
        .clone()
        .map(|range| within(text, range.start))
        .min()
        .unwrap_or(0);
    let last = ranges
        .map(|range| within(text, range.end.max(range.start)))
        .max()
        .unwrap_or(0);
    lines_around(text, first, last)
}

fn snippet<'a>(
    source: &'a Source,
    labels: &[MarkedLabel<'a>],
    lang: Lang,
) -> Snippet<'a, Annotation<'a>> {
    let text = &*source.text;
    let Range { start, end } = lines_of(source, labels);
    let annotations = labels.iter().map(|MarkedLabel { label, kind }| {
        let range = &label.place.range;
        let from = within(text, range.start) - start;
        let to = (within(text, range.end.max(range.start)) - start).max(from);
        let said = (!label.text.is_empty()).then_some(label.text.get(lang));
        kind.span(from..to).label(said)
    });
    Snippet::source(source.shown(start..end))
        .path(eci_text::line(source.title(lang)))
        .line_start(source.position(start).0)
        .fold(true)
        .annotations(annotations)
}

#[cfg(test)]
mod tests {
    use eci_core::codes;
    use eci_core::diagnostic::Span;
    use eci_text::text;

    use super::*;

    const TEXT: &str =
        "# 网站\n[container_group.web]\nvpc_id = \"vpc-1\"\n\n\n\n\n\n\n名称 = \"值\"  # 未知\n";

    fn found() -> Diagnostics {
        let source = Arc::new(Source::new("web.eci.toml", TEXT));
        let place = |text: &str| {
            let at = TEXT
                .find(text)
                .unwrap_or_else(|| unreachable!("{text} is in it"));
            Span::new(&source, at..at + text.len())
        };
        Diagnostics(vec![
            Diagnostic::new(
                codes::UNKNOWN_KEY,
                text!(
                    en: "unsupported key `名称` in a `container_group` table",
                    zh: "`container_group` 表不支持键 `名称`",
                ),
            )
            .primary(
                place("名称"),
                text!(en: "unsupported key", zh: "不支持的键"),
            )
            .secondary(
                place("[container_group.web]"),
                text!(en: "in this table", zh: "位于此表中"),
            )
            .help(text!(en: "did you mean `name`?", zh: "是否应为 `name`？")),
            Diagnostic::new(
                codes::CLOSED_PORT,
                text!(en: "port 80 is blocked", zh: "80 端口未开放"),
            ),
            Diagnostic::new(
                codes::SYNTAX,
                text!(en: "unexpected end of file", zh: "文件意外结束"),
            )
            .primary(
                Span::new(&source, TEXT.len()..TEXT.len() + 9),
                Text::default(),
            ),
        ])
    }

    #[test]
    fn a_line_break_in_a_name_ends_no_line() {
        let message = "`a\nerror: b` cannot be a name";
        let found = Diagnostics(vec![Diagnostic::new(
            codes::SYNTAX,
            Text::verbatim(message),
        )]);
        let text = diagnostics(&found, Style::plain());
        assert!(text.contains(r"`a\nerror: b`"), "{text}");
    }

    #[test]
    fn very_many_are_counted_and_only_the_first_are_drawn() {
        let line = "x".repeat(1 << 20);
        let drawn = |text: &str, count: usize| {
            let source = Arc::new(Source::new("web.eci.toml", text));
            let place = Span::new(&source, 0..1);
            let one = Diagnostic::new(codes::SYNTAX, Text::verbatim("no"))
                .primary(place, Text::default());
            let drawn = diagnostics(&Diagnostics(vec![one; count]), Style::plain());
            assert!(drawn.contains(&format!("{count} errors")), "{drawn:.400}");
            drawn.matches("error[").count()
        };
        assert_eq!(drawn("short", 1000), 1000);
        assert_eq!(drawn("short", 1001), 1000);
        assert_eq!(drawn(&line, 20), 16);
    }

    #[test]
    fn each_shows_its_place_and_its_help_and_then_they_are_counted() {
        insta::assert_snapshot!(diagnostics(&found(), Style::plain()));
    }

    #[test]
    fn the_frame_is_in_chinese_as_well() {
        let chinese = Style::plain().with_lang(Lang::Zh);
        insta::assert_snapshot!("frame_in_chinese", diagnostics(&found(), chinese));
    }

    /// Creates a diagnostic on a line with tabs, wide characters and emoji before the marked text.
    fn wide() -> Diagnostics {
        let text = "名\t=\t'🚀👩‍🚀 部署 é ${var.imgae}'\n";
        let source = Arc::new(Source::new("部署/网.eci.toml", text));
        let at = text.find("var").unwrap_or_default();
        let place = Span::new(&source, at..at + "var.imgae".len());
        Diagnostics(vec![
            Diagnostic::new(
                codes::UNKNOWN_VARIABLE,
                Text::verbatim("there is no `var.imgae`"),
            )
            .primary(place, Text::verbatim("这里"))
            .did_you_mean("var.imgae", "var.image"),
        ])
    }

    /// Returns the column of the first `^`, and that of the text it marks, as a terminal shows
    /// them.
    fn columns(text: &str, marked: &str) -> (usize, usize) {
        let column = |line: &str, of: &str| {
            let before = line.find(of).map(|at| &line[..at]);
            before.map(unicode_width::UnicodeWidthStr::width)
        };
        let marks = text.lines().find_map(|line| column(line, "^"));
        let shown = text.lines().filter(|line| line.contains("🚀"));
        let shown = shown.filter_map(|line| column(line, marked)).next();
        (marks.unwrap_or_default(), shown.unwrap_or_default())
    }

    #[test]
    fn marks_are_aligned_after_tabs_wide_characters_and_emoji() {
        let text = diagnostics(&wide(), Style::plain());
        let (marks, shown) = columns(&text, "var.imgae");
        assert!(marks > 0 && marks == shown, "{marks} {shown}\n{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_narrow_terminal_shows_the_part_that_is_marked() {
        let text = format!("x = \"{}\"  # {}\n", "名".repeat(60), "é".repeat(60));
        let source = Arc::new(Source::new("a.eci.toml", text.clone()));
        let at = text.find('#').unwrap_or_default();
        let found = Diagnostics(vec![
            Diagnostic::new(codes::TOML, Text::verbatim("here"))
                .primary(Span::new(&source, at..at + 1), Text::verbatim("this")),
        ]);
        for width in [20, 40, 80] {
            let text = diagnostics(&found, Style::plain().with_width(width));
            assert!(text.contains("^ this"), "{width}\n{text}");
            assert!(text.contains("#"), "{width}\n{text}");
        }
    }

    #[test]
    fn a_diagnostic_without_a_place_has_no_gutter() {
        let found = Diagnostic::new(codes::TOML, Text::verbatim("no place"))
            .help(Text::verbatim("omit it"));
        for style in [Style::plain(), Style::plain().with_color(true)] {
            let text = diagnostics(&Diagnostics(vec![found.clone()]), style);
            let text = without_color(&text);
            assert!(text.contains("help: omit it"), "{text}");
            assert!(!text.contains('|'), "{text}");
        }
    }

    #[test]
    fn what_is_piped_has_no_color() {
        assert!(!diagnostics(&wide(), Style::plain()).contains('\u{1b}'));
        let colored = Style::plain().with_color(true);
        assert!(diagnostics(&wide(), colored).contains('\u{1b}'));
    }

    #[test]
    fn nothing_wrong_is_nothing_to_say() {
        assert_eq!(diagnostics(&Diagnostics::default(), Style::plain()), "");
    }
}
