//! Every text of the registries must follow the rules of style of both languages.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use eci_core::codes;
use eci_core::schema::{Object, Type, normalize_config};
use eci_core::tables::{META, TABLES, TopLevel};
use eci_core::value::{Map, Value};
use eci_core::{Address, Kind};
use eci_text::{In, Lang, Text, typography};

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
        for comment in code.comments {
            problems.phrase(name, |lang| comment.get(lang).to_owned());
            let comment = format!("# {}", comment.get(Lang::En));
            let examples = [code.bad_example, code.good_example];
            if !examples.iter().any(|it| it.contains(&comment)) {
                problems.report(name, "a comment of no example", &comment);
            }
        }
        for example in [code.bad_example(Lang::Zh), code.good_example(Lang::Zh)] {
            let comments = example.lines().filter_map(|line| line.split_once("# "));
            for (_, comment) in comments.filter(|(_, it)| !typography::has_han(it)) {
                problems.report(name, "a comment that is not translated", comment);
            }
        }
        for text in [&code.found, &code.reason, &code.fix] {
            problems.sentences(name, |lang| text.get(lang).to_owned());
        }
    }
    problems.assert_none();
}

#[test]
fn every_key_and_table_is_described_in_the_style_of_both_languages() {
    let mut problems = Problems::default();
    let mut known = BTreeSet::new();
    for top in &TABLES {
        problems.sentences(top.name, |lang| top.doc().get(lang).to_owned());
    }
    for object in TABLES.iter().filter_map(TopLevel::object).chain([&META]) {
        describe(object, &mut known, &mut problems);
    }
    assert!(known.len() > 25, "{known:?}");
    problems.assert_none();
}

/// Checks the descriptions of a table and of the tables in it.
fn describe(object: &'static Object, known: &mut BTreeSet<&'static str>, problems: &mut Problems) {
    if !known.insert(object.name) {
        return;
    }
    problems.sentences(object.name, |lang| object.doc.get(lang).to_owned());
    problems.phrase(object.name, |lang| object.phrase().get(lang).to_owned());
    for field in object.fields {
        let place = format!("{}.{}", object.name, field.name);
        problems.phrase(&place, |lang| field.doc.get(lang).to_owned());
        if !matches!(field.ty, Type::Enum(_)) {
            let ty = field.ty.describe();
            problems.phrase(&place, |lang| ty.get(lang).to_owned());
        }
        if let Type::Object(inner) | Type::Objects(inner, _) = field.ty {
            describe(inner, known, problems);
        }
    }
}

#[test]
fn violations_are_reported_in_the_style_of_both_languages() {
    let list = |values: &[Value]| Value::list(values.to_vec());
    let map = |entries: &[(&str, Value)]| {
        let entries = entries
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()));
        Value::map(Map::from_iter(entries))
    };
    let tags = (0..20).map(|n| (format!("k{n}").into(), "v".into()));
    let long = "x".repeat(300);
    let probe = map(&[
        ("exec", list(&["a".into()])),
        ("tcp_socket", map(&[("port", 0.into())])),
    ]);
    let container = map(&[
        ("name", "Web".into()),
        ("image", "A B".into()),
        ("env", map(&[("1 A", "b".into())])),
        ("liveness_probe", map(&[("success_threshold", 2.into())])),
        ("readiness_probe", probe),
        ("volume_mounts", list(&[map(&[("mount_path", "a".into())])])),
        ("ports", list(&[80.into()])),
        ("unknown", 1.into()),
    ]);
    let groups = [
        map(&[
            ("name", "".into()),
            ("vpc_id", list(&[])),
            ("restart_policy", "alway".into()),
            ("wait", 7.into()),
            ("cpu", Value::from(-1)),
            ("memory", "2GiB".into()),
            ("auto_match_image_cache", "perhaps".into()),
            ("ephemeral_volume", 1.into()),
            ("eip", "no name".into()),
            ("id", "eci-1".into()),
            ("lables", 1.into()),
            ("zzzzzzzz", 1.into()),
            ("host_aliases", list(&[map(&[("ip", "name".into())])])),
            ("dns_config", "x".into()),
            ("tags", Value::map(tags.collect())),
            (
                "security_context",
                map(&[("sysctl", map(&[("vm.x", "1".into())]))]),
            ),
            (
                "containers",
                list(&[container.clone(), container, "x".into()]),
            ),
            ("init_containers", list(&[])),
        ]),
        map(&[
            (
                "tags",
                map(&[("", long.as_str().into()), (&long, "v".into())]),
            ),
            ("host_name", Value::from("x").into_sensitive()),
            ("containers", Value::from("x")),
            ("volumes", 1.into()),
        ]),
    ];
    let volumes = [
        map(&[("type", "DiskVolume".into())]),
        map(&[
            ("type", "NasVolume".into()),
            ("bucket", "b".into()),
            ("source_path", "/x".into()),
        ]),
        map(&[
            ("type", "ConfigFileVolume".into()),
            (
                "files",
                list(&[
                    map(&[("path", "a".into()), ("mode", 644.into())]),
                    map(&[("path", "a".into()), ("content_base64", "?".into())]),
                ]),
            ),
        ]),
        map(&[
            ("type", "DiskVolume".into()),
            ("volume_handle", "d".into()),
            (
                "disk",
                map(&[
                    ("name", "1".into()),
                    ("kind", "XSSD-3".into()),
                    ("size", 10.into()),
                    ("mode", "ISCSI".into()),
                    ("multi_attach", true.into()),
                    ("is_encrypt", true.into()),
                    ("image_id", "i".into()),
                    ("backup_id", "b".into()),
                    ("provisioned_iops", 900_000.into()),
                    ("on_demand", false.into()),
                    ("labels", map(&[("", long.as_str().into())])),
                ]),
            ),
        ]),
    ];
    let eips = [
        map(&[("id", "e".into()), ("auto", true.into())]),
        map(&[("auto", true.into()), ("name", "ab".into())]),
        map(&[("auto", true.into()), ("bandwidth", 500.into())]),
        map(&[
            ("name", "1".into()),
            ("cycle_count", 1.into()),
            ("pay_voucher_price", "1".into()),
        ]),
        map(&[("name", "ab".into()), ("cycle_type", "month".into())]),
        map(&[
            ("name", "ab".into()),
            ("cycle_type", "year".into()),
            ("cycle_count", 9.into()),
        ]),
        map(&[("cycle_type", "year".into()), ("bandwidth_id", "b".into())]),
    ];
    let mut problems = Problems::default();
    let mut found = BTreeSet::new();
    let of_kinds = [
        (Kind::ContainerGroup, &groups[..]),
        (Kind::Volume, &volumes),
        (Kind::Eip, &eips),
    ];
    for (kind, values) in of_kinds {
        for value in values {
            let normalized = normalize_config(kind.schema(), value.as_map().unwrap());
            for violation in normalized.violations {
                let place = violation.code.number;
                for text in [Some(violation.message), violation.help]
                    .into_iter()
                    .flatten()
                {
                    problems.phrase(place, |lang| text.get(lang).to_owned());
                    found.insert(text.get(Lang::Zh).to_owned());
                }
            }
        }
    }
    for text in [
        "eipp.a",
        "web",
        "zzz.a",
        "eip",
        "eip.a b",
        "eip.a[0]",
        "eip.a.b",
        "eip.a[\"x",
    ] {
        let error = text.parse::<Address>().unwrap_err();
        problems.phrase(text, |lang| In(&error, lang).to_string());
    }
    problems.assert_none();
    assert!(found.len() > 60, "{found:#?}");
    let example = Text::fixed("", "`port` 必须是 1 到 65535 之间的整数，实际为 0");
    assert!(found.contains(example.get(Lang::Zh)), "{found:#?}");
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
