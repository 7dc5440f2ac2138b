//! The text of a comment: one part for each directory, shortened until the code host takes it.

use std::collections::BinaryHeap;

use eci_text::{In, Lang, Noun, Text, html, markdown, markdown_code, say};

use crate::directories::shown_path;
use crate::marker::Marker;

/// The part of a comment about one directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// The path of the directory; empty for the root of the repository.
    pub directory: String,
    /// The result in a few words: `1 to create`.
    pub headline: String,
    /// The result as Markdown.
    pub body: String,
}

/// The text of a comment.
#[derive(Clone, Debug)]
pub struct CommentText<'a> {
    /// The mark by which the comment is found again.
    pub marker: &'a Marker,
    /// The title: `eci plan`.
    pub title: &'a Text,
    /// The commit and the run that the comment is about, as Markdown.
    pub origin: &'a str,
    /// A remark for everybody.
    pub note: Option<&'a Text>,
    /// The directories.
    pub sections: &'a [Section],
}

/// The amount of detail of a section.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Detail {
    /// Everything.
    Whole,
    /// Without what is folded in the body.
    Outline,
    /// The headline alone.
    Headline,
}

impl Detail {
    const fn less(self) -> Option<Detail> {
        match self {
            Detail::Whole => Some(Detail::Outline),
            Detail::Outline => Some(Detail::Headline),
            Detail::Headline => None,
        }
    }
}

/// A directory.
pub const DIRECTORY: Noun = Noun {
    one: "directory",
    many: "directories",
    zh: "目录",
    measure: "个",
};

impl CommentText<'_> {
    /// Returns the text with everything.
    pub fn whole(&self, lang: Lang) -> String {
        let sections = self.sections.iter();
        let parts = sections.map(|it| self.part(it, Detail::Whole, lang));
        self.assembled(&parts.collect::<Vec<_>>(), Completeness::Whole, lang)
    }

    /// Returns the text in at most this number of bytes.
    ///
    /// The longest section loses its details first, so that many short ones keep theirs. Nothing is cut
    /// in the middle: a fence or a fold that is not closed would swallow the rest.
    pub fn within(&self, limit: usize, lang: Lang) -> String {
        let whole = self.whole(lang);
        if whole.len() <= limit {
            return whole;
        }
        let mut parts: Vec<String> = Vec::with_capacity(self.sections.len());
        let mut longest = BinaryHeap::new();
        for (at, section) in self.sections.iter().enumerate() {
            let part = self.part(section, Detail::Whole, lang);
            longest.push((part.len(), at, Detail::Whole));
            parts.push(part);
        }
        let frame = self.assembled(&[], Completeness::Shortened(0), lang).len();
        let mut length: usize = frame + parts.iter().map(String::len).sum::<usize>();
        while length > limit
            && let Some((_, at, detail)) = longest.pop()
        {
            let Some(less) = detail.less() else { continue };
            let part = self.part(&self.sections[at], less, lang);
            length = length - parts[at].len() + part.len();
            longest.push((part.len(), at, less));
            parts[at] = part;
        }
        // Perhaps not even the headlines fit.
        let mut left_out = 0;
        loop {
            let text = self.assembled(&parts, Completeness::Shortened(left_out), lang);
            let Some(part) = parts.pop().filter(|_| text.len() > limit) else {
                return text;
            };
            left_out += 1;
            let mut surplus = (text.len() - limit).saturating_sub(part.len());
            while surplus > 0
                && let Some(part) = parts.pop()
            {
                left_out += 1;
                surplus = surplus.saturating_sub(part.len());
            }
        }
    }

    fn assembled(&self, parts: &[String], completeness: Completeness, lang: Lang) -> String {
        let title = self.title.get(lang);
        let headline = match self.sections {
            [one] => markdown(&one.headline),
            all => In(&DIRECTORY.count(all.len()), lang).to_string(),
        };
        let colon = lang.pick(": ", "：");
        let mut text = format!("{}\n### {title}{colon}{headline}\n\n", self.marker.line());
        if let [one] = self.sections
            && !one.directory.is_empty()
        {
            text.push_str(&format!("{} · ", markdown_code(&one.directory)));
        }
        text.push_str(&format!("{}\n\n", self.origin));
        if let Some(note) = self.note {
            text.push_str(&format!("> {}\n\n", note.get(lang)));
        }
        parts.iter().for_each(|part| text.push_str(part));
        let Completeness::Shortened(left_out) = completeness else {
            return text;
        };
        if left_out > 0 {
            text.push_str(&say!(
                lang,
                en: "… and {directories} more.\n\n",
                zh: "另有{directories}。\n\n",
                directories = DIRECTORY.count(left_out),
            ));
        }
        text.push_str(lang.pick(
            "_Shortened: the complete plans are in the artifacts of the pipeline._\n",
            "_内容已缩短，完整的计划见流水线的制品。_\n",
        ));
        text
    }

    fn part(&self, section: &Section, detail: Detail, lang: Lang) -> String {
        let body = match detail {
            Detail::Whole => &*section.body,
            Detail::Outline => outline(&section.body),
            Detail::Headline => "",
        };
        let body = body.trim();
        if self.sections.len() == 1 {
            return format!("{body}\n\n");
        }
        let directory = shown_path(&section.directory);
        let colon = lang.pick(": ", "：");
        if body.is_empty() {
            return format!(
                "- {}{colon}{}\n\n",
                markdown_code(directory),
                markdown(&section.headline)
            );
        }
        // The summary of a fold is HTML on all code hosts.
        format!(
            "<details><summary><code>{}</code>{colon}{}</summary>\n\n{body}\n\n</details>\n\n",
            html(directory),
            html(&section.headline)
        )
    }
}

/// Whether a text has everything.
#[derive(Clone, Copy)]
enum Completeness {
    /// Nothing is missing.
    Whole,
    /// The details and this number of sections are left out.
    Shortened(usize),
}

/// Returns what precedes the first fold.
fn outline(body: &str) -> &str {
    body.split("<details>").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(directory: &str, length: usize) -> Section {
        Section {
            directory: directory.to_owned(),
            headline: "1 to create".to_owned(),
            body: format!(
                "| table |\n\n<details><summary>Details</summary>\n\n{}\n\n</details>\n",
                "x".repeat(length)
            ),
        }
    }

    fn within(sections: &[Section], limit: usize) -> String {
        let text = CommentText {
            marker: &Marker::plan("eci"),
            title: &Text::fixed("eci plan", "eci plan"),
            origin: "`abc1234`",
            note: None,
            sections,
        };
        let shortened = text.within(limit, Lang::En);
        assert!(shortened.len() <= limit, "{}", shortened.len());
        assert!(Marker::plan("eci").is_of(&shortened));
        // What is opened is closed.
        assert_eq!(
            shortened.matches("<details>").count(),
            shortened.matches("</details>").count()
        );
        shortened
    }

    #[test]
    fn one_directory_has_no_fold_of_its_headline() {
        let text = within(&[section("web", 100)], 65_536);
        assert!(text.contains("### eci plan: 1 to create\n"), "{text}");
        assert!(text.contains("`web` · `abc1234`"), "{text}");
        assert_eq!(text.matches("<details>").count(), 1);
        assert!(!text.contains("Shortened"));
    }

    #[test]
    fn the_longest_section_is_shortened_first() {
        let sections = [section("a", 300), section("b", 5000), section("c", 300)];
        let text = within(&sections, 2000);
        assert!(text.contains("### eci plan: 3 directories\n"), "{text}");
        assert_eq!(text.matches("xxx").count(), 200, "{text}");
        assert_eq!(text.matches("| table |").count(), 3);
        assert!(text.contains("Shortened"));
    }

    #[test]
    fn very_many_directories_still_fit() {
        let sections: Vec<Section> = (0..2000)
            .map(|at| section(&format!("envs/environment-{at}"), 1000))
            .collect();
        let text = within(&sections, 65_000);
        assert!(text.contains("envs/environment-0`: 1 to create"), "{text}");
        assert!(text.contains("more."), "{text}");
    }

    #[test]
    fn a_name_of_a_directory_is_only_text() {
        let sections = [section("<b>&", 1), section("b", 1)];
        let text = within(&sections, 65_000);
        assert!(text.contains("<code>&lt;b&gt;&amp;</code>"), "{text}");
    }
}
