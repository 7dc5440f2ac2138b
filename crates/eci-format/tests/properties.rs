//! Over generated manifests with comments everywhere: what a file says does not change, and the
//! layout of a layout is itself.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::diagnostic::Source;
use eci_format::{FileKind, FormatError};
use proptest::prelude::*;
use toml_parser::lexer::TokenKind;

fn format(name: &str, text: &str) -> Result<String, String> {
    let source = Arc::new(Source::new(name, text));
    eci_format::format(&source, FileKind::of(name).unwrap())
        .map_err(|diagnostic| format!("{diagnostic}\n{text}"))
}

/// Returns every comment, sorted.
fn comments(text: &str) -> Vec<&str> {
    let tokens = toml_parser::Source::new(text).lex();
    let comments = tokens.filter(|token| token.kind() == TokenKind::Comment);
    let mut comments: Vec<&str> = comments
        .map(|token| text[token.span().start()..token.span().end()].trim_end())
        .collect();
    comments.sort_unstable();
    comments
}

/// Returns the values, in a form that knows no order of keys.
fn values(text: &str) -> String {
    fn item(item: &toml_edit::Item) -> String {
        match item {
            toml_edit::Item::Table(table) => entries(table.iter()),
            toml_edit::Item::ArrayOfTables(tables) => {
                let tables = tables.iter().map(|table| entries(table.iter()));
                format!("[{}]", tables.collect::<Vec<_>>().join(","))
            }
            toml_edit::Item::Value(it) => value(it),
            toml_edit::Item::None => String::new(),
        }
    }
    fn braced(pairs: impl Iterator<Item = String>) -> String {
        let sorted: BTreeSet<String> = pairs.collect();
        format!("{{{}}}", Vec::from_iter(sorted).join(","))
    }
    fn value(it: &toml_edit::Value) -> String {
        match it {
            toml_edit::Value::String(text) => format!("{:?}", text.value()),
            toml_edit::Value::Array(items) => {
                format!(
                    "[{}]",
                    items.iter().map(value).collect::<Vec<_>>().join(",")
                )
            }
            toml_edit::Value::InlineTable(table) => braced(
                table
                    .iter()
                    .map(|(key, it)| format!("{key:?}:{}", value(it))),
            ),
            toml_edit::Value::Integer(number) => number.value().to_string(),
            toml_edit::Value::Float(number) => format!("{:?}", number.value()),
            toml_edit::Value::Boolean(truth) => truth.value().to_string(),
            toml_edit::Value::Datetime(date) => date.value().to_string(),
        }
    }
    fn entries<'a>(all: impl Iterator<Item = (&'a str, &'a toml_edit::Item)>) -> String {
        braced(all.map(|(key, it)| format!("{key:?}:{}", item(it))))
    }
    let document: toml_edit::DocumentMut = text.parse().unwrap();
    entries(document.iter())
}

fn pick(texts: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(texts).prop_map(str::to_owned)
}

/// Returns a comment with its end of line, or only the end of a line.
fn line_end() -> impl Strategy<Value = String> + Clone {
    pick(&[
        "\n",
        "  \n",
        " # trailing\n",
        "#tight # twice\n",
        "\t# é 天 \t\n",
        "# 'a' \"b\" [c] {d}\n",
    ])
}

/// Whole lines between two keys.
fn above() -> impl Strategy<Value = String> + Clone {
    let line = pick(&[
        "",
        "\n",
        "\n\n\n",
        "# above\n",
        "  # indented\n",
        "# one\n\n# two\n",
        "#\n",
    ]);
    prop::collection::vec(line, 0..3).prop_map(|lines| lines.concat())
}

/// Returns the possible text between the elements of a list.
fn between() -> impl Strategy<Value = String> + Clone {
    pick(&[
        "",
        " ",
        "",
        " ",
        "\n",
        "\n\n\n  ",
        " # in a list\n",
        "\n # below\n\n # further below\n",
        "#x\n#y\n",
    ])
}

fn scalar() -> impl Strategy<Value = String> + Clone {
    pick(&[
        "1",
        "0x1F",
        "1_000",
        "1.50",
        "true",
        "inf",
        "1979-05-27",
        "\"\"",
        "\"plain\"",
        "'single'",
        "'${var.image}'",
        "\"${var.image}\"",
        "\"${file(\\\"x\\\")} %{ if true }y%{ endif }\"",
        "\"it's ${var.x}\"",
        "'C:\\temp'",
        "\"a\\tb\\u00e9\"",
        "\"# no comment\"",
        "'''\n# no comment\n${x}\n'''",
        "\"\"\"two \\\n   lines\"\"\"",
        "\"天翼云天翼云天翼云天翼云\"",
        "\"a text that is so long that two of them in one list do not fit in a line of columns\"",
    ])
}

fn key() -> impl Strategy<Value = String> + Clone {
    pick(&[
        "type",
        "name",
        "bandwidth",
        "auto",
        "id",
        "for_each",
        "lifecycle",
        "containers",
        "tags",
        "image",
        "env",
        "volume_mounts",
        "default",
        "description",
        "unknown",
        "\"quoted\"",
        "'dotted.key'",
        "read_only",
        "bucket",
        "depends_on",
        "disk . size",
        "disk.kind",
        "http_get.port",
        "\"\"",
    ])
}

/// Values with spaces, line ends and comments at every allowed place.
fn value() -> impl Strategy<Value = String> + Clone {
    scalar().prop_recursive(4, 24, 5, |inner| {
        let list = (
            prop::collection::vec((between(), inner.clone(), between()), 0..5),
            between(),
            any::<bool>(),
        )
            .prop_map(|(items, last, comma)| {
                let mut text = "[".to_owned();
                let count = items.len();
                for (at, (before, item, after)) in items.into_iter().enumerate() {
                    text += &format!("{before}{item}{after}");
                    if at + 1 < count || comma {
                        text.push(',');
                    }
                }
                text + &last + "]"
            });
        let table = (
            entries(inner.clone()),
            between(),
            between(),
            any::<bool>(),
            any::<bool>(),
        )
            .prop_map(|(entries, before, after, over_lines, comma)| {
                let gap = |text: &str| {
                    if over_lines {
                        text.to_owned()
                    } else {
                        " ".to_owned()
                    }
                };
                let count = entries.len();
                let mut text = "{".to_owned();
                for (at, (key, value)) in entries.into_iter().enumerate() {
                    text += &format!("{}{key} ={value}{}", gap(&before), gap(&after));
                    if at + 1 < count || (over_lines && comma) {
                        text.push(',');
                    }
                }
                text + &gap(&before) + "}"
            });
        prop_oneof![1 => list, 1 => table]
    })
}

/// Keys that go together in one table.
fn entries<S: Strategy<Value = String> + Clone>(
    values: S,
) -> impl Strategy<Value = Vec<(String, String)>> + Clone {
    prop::collection::vec((key(), values), 0..6).prop_map(|pairs| {
        let mut names = BTreeSet::new();
        let first = |key: &str| {
            key.split('.')
                .next()
                .unwrap()
                .trim()
                .trim_matches('"')
                .to_owned()
        };
        let mut kept = Vec::new();
        for (key, value) in pairs {
            // Dotted keys may share their first part; everything else must be there once.
            let is_dotted = key.contains('.') && !key.starts_with('\'');
            let name = if is_dotted {
                key.replace(' ', "")
            } else {
                first(&key)
            };
            if names.insert(name) {
                kept.push((key, value));
            }
        }
        kept
    })
}

const HEADERS: [&str; 16] = [
    "[provider]",
    "[ variable . image ]",
    "[locals]",
    "[eip.web]",
    "[volume.\"conf\"]",
    "[volume.data]",
    "[container_group.web]",
    "[[container_group.web.containers]]",
    "[container_group.web.containers.readiness_probe]",
    "[[container_group.web.containers]]",
    "[container_group.web.containers.env]",
    "[container_group.web.tags]",
    "[output.address]",
    "[[moved]]",
    "[[ moved ]]",
    "[nobody.knows.this]",
];

/// Returns a manifest: some keys at its top, and some tables in an allowed order.
fn manifest() -> impl Strategy<Value = String> {
    let body = (
        entries(value()),
        prop::collection::vec((above(), line_end()), 6),
    )
        .prop_map(|(entries, decor)| {
            let lines = entries.into_iter().zip(decor);
            let lines =
                lines.map(|((key, value), (above, end))| format!("{above} {key}= {value}{end}"));
            lines.collect::<String>()
        });
    let table = |header: &'static str| {
        (any::<bool>(), above(), line_end(), body.clone()).prop_map(
            move |(is_there, above, end, body)| {
                if is_there {
                    format!("{above}{header}{end}{body}")
                } else {
                    String::new()
                }
            },
        )
    };
    let tables: Vec<_> = HEADERS.into_iter().map(table).collect();
    (body.clone(), tables, above())
        .prop_map(|(root, tables, last)| format!("{root}{}{last}", tables.concat()))
}

/// Returns whether both parsers take a text; a generated one may give a key twice.
fn is_toml(text: &str) -> bool {
    text.parse::<toml_edit::DocumentMut>().is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn a_layout_says_what_the_file_said_and_is_its_own_layout(text in manifest()) {
        prop_assume!(is_toml(&text));
        for name in ["web.eci.toml", "eci.vars.toml"] {
            let once = format(name, &text).unwrap();
            prop_assert_eq!(values(&once), values(&text), "{}\n{}", text, once);
            prop_assert_eq!(comments(&once), comments(&text), "{}\n{}", text, once);
            let twice = format(name, &once).unwrap();
            prop_assert_eq!(&twice, &once, "{}", text);
            prop_assert!(!once.contains("\n\n\n") || text.contains("\n\n\n"));
            prop_assert!(once.is_empty() || (once.ends_with('\n') && !once.ends_with("\n\n")) );
        }
    }

    #[test]
    fn line_ends_of_windows_are_kept(text in manifest()) {
        prop_assume!(is_toml(&text));
        let windows = text.replace('\n', "\r\n");
        let formatted = format("web.eci.toml", &windows).unwrap();
        prop_assert_eq!(formatted.replace("\r\n", "\n"), format("web.eci.toml", &text).unwrap());
        prop_assert_eq!(formatted.matches('\n').count(), formatted.matches("\r\n").count());
    }

    #[test]
    fn no_text_whatever_makes_it_panic(text in "[ -~\n\r\t\u{e9}\u{feff}\\[\\]{}='\"#.]{0,200}") {
        let _ = format("web.eci.toml", &text);
    }

    #[test]
    fn a_broken_manifest_is_refused_with_a_place_in_it(text in manifest(), at in any::<prop::sample::Index>()) {
        let mut text = text.replace('\n', "\r\n");
        let at = text.floor_char_boundary(at.index(text.len().max(1)));
        text.insert(at.min(text.len()), '"');
        let source = Arc::new(Source::new("web.eci.toml", text));
        if let Err(error) = eci_format::format(&source, FileKind::Manifest) {
            let FormatError::NotToml(diagnostic) = error else {
                return Err(TestCaseError::fail(error.to_string()));
            };
            let range = diagnostic.primary.unwrap().place.range;
            prop_assert!(range.start <= range.end && range.end <= source.text.len());
        }
    }
}

#[test]
fn most_generated_manifests_are_toml() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = manifest();
    let good = (0..200).filter(|_| {
        use proptest::strategy::ValueTree as _;
        is_toml(&strategy.new_tree(&mut runner).unwrap().current())
    });
    let good = good.count();
    assert!(good > 60, "{good} of 200");
}
