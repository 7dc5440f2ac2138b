//! Hover texts: information about the item at a place.

use std::ops::Range;

use async_lsp::lsp_types::{
    Diagnostic, Hover, HoverContents, MarkupContent, MarkupKind, NumberOrString,
};
use eci_core::codes;
use eci_core::tables::{self, ManifestShape};
use eci_format::FileKind;
use eci_text::{FixedText, Lang, say};

use crate::cursor::{Cursor, cursor, entry, of_module};
use crate::describe;
use crate::names::{Name, Space, shape_of};
use crate::outline::{Item, Key};
use crate::workspace::{Directory, File, Place};

/// Returns the hover text of the item at a place; `reported` are the diagnostics of the file.
pub(crate) fn hover(place: Place<'_>, reported: &[Diagnostic]) -> Option<Hover> {
    let at = place.file.text.position(place.offset);
    let mut parts = Vec::new();
    let mut range = None;
    let about = of_mention(place).or_else(|| of_module_part(place));
    let about = about.or_else(|| of_text(place));
    if let Some(Description { range: found, text }) = about {
        range = Some(place.file.text.range(&found));
        parts.push(text);
    }
    for diagnostic in reported {
        let is_here = diagnostic.range.start <= at && at <= diagnostic.range.end;
        if let (true, Some(NumberOrString::String(code))) = (is_here, &diagnostic.code) {
            parts.extend(codes::find(code).map(|code| describe::code(code, place.lang)));
        }
    }
    if parts.is_empty() {
        return None;
    }
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value: parts.join("\n\n---\n\n"),
        }),
        range,
    })
}

/// The description of the item at a range.
struct Description {
    range: Range<usize>,
    text: String,
}

fn of_mention(place: Place<'_>) -> Option<Description> {
    let mention = place.file.mention_at(place.offset)?;
    let text = declared(place.directory, &mention.name, place.lang)?;
    Some(Description {
        range: mention.range.clone(),
        text,
    })
}

/// Describes an input or an output of a module.
fn of_module_part(place: Place<'_>) -> Option<Description> {
    let (module, name, range) = of_module(place)?;
    let text = declared(&module, &name, place.lang)?;
    Some(Description { range, text })
}

/// Returns the description of a declaration.
pub(crate) fn declared(directory: &Directory, name: &Name, lang: Lang) -> Option<String> {
    let (file, declaration) = directory.declaration(name)?;
    let line = file.text.position(declaration.range.start).line + 1;
    let file_name = file.path.file_name().unwrap_or_default().to_string_lossy();
    let mut text = format!("**{} `{}`**", name.space.noun().get(lang), name.text);
    match name.space {
        Space::Variable => text.push_str(&variable(file, &name.text, lang)),
        Space::Local => {
            let value = entry(file, &["locals", &name.text]);
            if let Some(value) = value.and_then(|item| source(file, item)) {
                text.push_str(&code_block(value));
            }
        }
        Space::Module | Space::Output => {
            let key = if name.space == Space::Module {
                "source"
            } else {
                "value"
            };
            let value = entry(file, &[name.space.table(), &name.text, key]);
            if let Some(value) = value.and_then(|item| source(file, item)) {
                text.push_str(&code_block(value));
            }
        }
        Space::Resource(kind) => {
            text.push_str(lang.pick(": ", "："));
            text.push_str(kind.schema().doc.get(lang));
        }
    }
    text.push_str("\n\n");
    text.push_str(&say!(
        lang,
        en: "declared at {file}:{line}",
        zh: "声明位置：{file}:{line}",
        file = file_name,
        line = line,
    ));
    Some(text)
}

/// Returns the description, the type, and the default of a variable unless it is sensitive.
fn variable(file: &File, name: &str, lang: Lang) -> String {
    let get = |key| entry(file, &["variable", name, key]).and_then(|item| source(file, item));
    let mut text = String::new();
    if let Some(description) = get("description") {
        text.push_str(lang.pick(": ", "："));
        text.push_str(description.trim_matches(['"', '\'']));
    }
    let ty = get("type").map_or("any", |ty| ty.trim_matches(['"', '\'']));
    text.push_str("\n\n");
    text.push_str(&match (get("sensitive"), get("default")) {
        (Some("true"), _) => say!(
            lang,
            en: "type `{ty}`; sensitive, never displayed",
            zh: "类型为 `{ty}`；敏感值，不显示",
            ty = ty,
        ),
        (_, Some(default)) => say!(
            lang,
            en: "type `{ty}`; default:{value}",
            zh: "类型为 `{ty}`；默认值：{value}",
            ty = ty,
            value = code_block(default),
        ),
        (_, None) => say!(
            lang,
            en: "type `{ty}`; no default, a value is required",
            zh: "类型为 `{ty}`；没有默认值，必须提供值",
            ty = ty,
        ),
    });
    text
}

fn code_block(source: &str) -> String {
    let shown: Vec<&str> = source.lines().take(12).collect();
    let rest = if source.lines().count() > shown.len() {
        "\n…"
    } else {
        ""
    };
    format!("\n\n```toml\n{}{rest}\n```", shown.join("\n"))
}

fn source<'f>(file: &'f File, item: &Item) -> Option<&'f str> {
    file.text.as_str().get(item.range.clone())
}

/// Describes keys, tables, functions and attributes of resources.
fn of_text(place: Place<'_>) -> Option<Description> {
    if place.file.kind != FileKind::Manifest {
        return None;
    }
    match cursor(place.file, place.offset)? {
        Cursor::Key { keys, variant } => of_key(&keys, variant, place.lang),
        Cursor::Text { .. } => None,
        Cursor::Word { path, word, range } => {
            let words: Vec<&str> = path.words[..=word].iter().map(|it| &*it.text).collect();
            let text = if path.is_call {
                describe::function(&function(words[0])?, place.lang)
            } else {
                of_member(&words, place.lang)?
            };
            Some(Description { range, text })
        }
    }
}

fn of_key(path: &[&Key], variant: Option<&str>, lang: Lang) -> Option<Description> {
    let (last, above) = path.split_last()?;
    let text = match above {
        [] => describe::table(tables::table(&last.text)?, lang),
        above => {
            let owner = shape_of(above.iter().map(|key| &*key.text), variant);
            describe::field(owner.key(&last.text, variant)?, owner, lang)
        }
    };
    Some(Description {
        range: last.range.clone(),
        text,
    })
}

fn function(name: &str) -> Option<eci_lang::FunctionDoc> {
    eci_lang::functions().find(|function| function.name == name)
}

/// Describes an attribute of a resource, or the first word of a reference.
fn of_member(words: &[&str], lang: Lang) -> Option<String> {
    match words {
        [root] => Some(
            ROOTS
                .iter()
                .find(|it| it.name == *root)?
                .doc
                .get(lang)
                .to_owned(),
        ),
        ["each" | "path" | "eci", member] => {
            let mut members = MEMBERS.iter();
            let found = members.find(|it| it.root == words[0] && it.name == *member)?;
            Some(found.doc.get(lang).to_owned())
        }
        [_, _, .., attribute] => {
            let above = &words[..words.len() - 1];
            let owner = shape_of(above.iter().copied(), None);
            match owner {
                ManifestShape::Anything => None,
                owner => Some(describe::field(owner.key(attribute, None)?, owner, lang)),
            }
        }
        _ => None,
    }
}

/// A word that expressions can start with.
pub(crate) struct Root {
    pub(crate) name: &'static str,
    pub(crate) doc: FixedText,
}

macro_rules! roots {
    ($($name:literal: $en:literal, $zh:literal;)*) => {
        [$(Root { name: $name, doc: FixedText::new($en, $zh) }),*]
    };
}

/// The words that expressions can start with.
pub(crate) const ROOTS: [Root; 10] = roots![
    "var": "Input variables: `var.NAME` is the value of `[variable.NAME]`.",
        "输入变量：`var.NAME` 是 `[variable.NAME]` 的值。";
    "local": "Local values: `local.NAME` is the value of NAME in `[locals]`.",
        "局部值：`local.NAME` 是 `[locals]` 中 NAME 的值。";
    "each": "The current iteration: `each.key` and `each.value` of a resource with `for_each`.",
        "当前迭代：带 `for_each` 的资源的 `each.key` 和 `each.value`。";
    "path": "Directories: `path.module` and `path.root`.",
        "目录：`path.module` 和 `path.root`。";
    "module": "Module outputs: `module.NAME.OUTPUT`.",
        "模块输出：`module.NAME.OUTPUT`。";
    "state": "Outputs of other states: `state.NAME.OUTPUT`, declared as `[state.NAME]`.",
        "其他状态的输出：`state.NAME.OUTPUT`，声明为 `[state.NAME]`。";
    "eci": "The current run: `eci.workspace`.",
        "当前运行：`eci.workspace`。";
    "eip": "Elastic IPs: `eip.NAME.address`.",
        "弹性 IP：`eip.NAME.address`。";
    "volume": "Volumes: `volume.NAME.id`.",
        "存储卷：`volume.NAME.id`。";
    "container_group": "Container groups: `container_group.NAME.internet_ip`.",
        "容器组：`container_group.NAME.internet_ip`。";
];

/// A word that can follow a root.
pub(crate) struct Member {
    pub(crate) root: &'static str,
    pub(crate) name: &'static str,
    pub(crate) doc: FixedText,
}

macro_rules! members {
    ($($root:ident.$name:ident: $en:literal, $zh:literal;)*) => {
        [$(Member {
            root: stringify!($root),
            name: stringify!($name),
            doc: FixedText::new($en, $zh),
        }),*]
    };
}

/// The words that can follow a root.
pub(crate) const MEMBERS: [Member; 5] = members![
    each.key: "The key of this instance in `for_each`.",
        "该实例在 `for_each` 中的键。";
    each.value: "The value of this instance in `for_each`.",
        "该实例在 `for_each` 中的值。";
    path.module: "The directory of this module, relative to the root module.",
        "该模块的目录，相对于根模块。";
    path.root: "The configuration directory.",
        "配置目录。";
    eci.workspace: "The name of the workspace, `default` if none is selected.",
        "工作区名称，未选择时为 `default`。";
];
