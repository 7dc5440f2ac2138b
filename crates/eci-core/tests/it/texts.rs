//! Every text of the registries must follow the rules of style of both languages.

use eci_core::codes;
use eci_text::{Lang, typography};

/// The texts of a registry that break a rule.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    /// Checks a phrase: it has no full stop at its end.
    fn phrase(&mut self, place: &str, text: impl Fn(Lang) -> String) {
        for lang in Lang::ALL {
            if text(lang).ends_with(['.', '。']) {
                self.report(place, "a full stop after a phrase", &text(lang));
            }
        }
        self.check(place, text);
    }

    /// Checks sentences: each language ends with its full stop.
    fn sentences(&mut self, place: &str, text: impl Fn(Lang) -> String) {
        for (lang, stop) in [(Lang::En, '.'), (Lang::Zh, '。')] {
            if !text(lang).ends_with(stop) {
                self.report(place, "no full stop", &text(lang));
            }
        }
        self.check(place, text);
    }

    fn check(&mut self, place: &str, text: impl Fn(Lang) -> String) {
        let (en, zh) = (text(Lang::En), text(Lang::Zh));
        for problem in typography::english(&en) {
            self.report(place, "English", &problem);
        }
        for problem in typography::chinese(&zh) {
            self.report(place, "Chinese", &problem);
        }
        for pronoun in ["它", "这个", "请"] {
            if zh.replace("请求", "").replace("申请", "").contains(pronoun) {
                self.report(place, pronoun, &zh);
            }
        }
        if !typography::has_han(&zh) && en != "vCPUs" {
            self.report(place, "no Chinese", &zh);
        }
        // Both languages must name the same keys, values and commands.
        let code = |text: &str| text.matches('`').count();
        if code(&en) % 2 + code(&zh) % 2 > 0 {
            self.report(place, "a backtick is missing", &format!("{en} / {zh}"));
        }
    }

    fn report(&mut self, place: &str, rule: &str, text: &str) {
        self.0.push(format!("{place}: {rule}: {text}"));
    }

    fn assert_none(&self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

#[test]
fn every_code_is_explained_in_the_style_of_both_languages() {
    let mut problems = Problems::default();
    for code in codes::all() {
        let name = code.number;
        problems.phrase(name, |lang| code.title.get(lang).to_owned());
        problems.phrase(name, |lang| code.advice().get(lang).to_owned());
        for text in [&code.found, &code.reason, &code.fix] {
            problems.sentences(name, |lang| text.get(lang).to_owned());
        }
    }
    problems.assert_none();
}

#[test]
fn texts_that_break_a_rule_are_found() {
    let found = |en: &'static str, zh: &'static str| {
        let mut problems = Problems::default();
        problems.phrase("here", |lang| lang.pick(en, zh).to_owned());
        problems.0.len()
    };
    assert_eq!(found("the name", "名称"), 0);
    for (en, zh) in [
        ("the name.", "名称"),
        ("the name", "名称。"),
        ("the name", "the name"),
        ("a name such as this", "名称"),
        ("the name", "它的名称"),
        ("the name", "名称,可选"),
        ("`name", "名称"),
    ] {
        assert_eq!(found(en, zh), 1, "{en} / {zh}");
    }
}
