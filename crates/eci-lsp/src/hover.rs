//! What there is to know of what stands at a place.

use std::ops::Range;

use async_lsp::lsp_types::{
    Diagnostic, Hover, HoverContents, MarkupContent, MarkupKind, NumberOrString,
};
use eci_core::codes;
use eci_core::tables::{self, Shape};
use eci_format::FileKind;

use crate::cursor::{Cursor, cursor, entry, of_module};
use crate::describe;
use crate::names::{Name, Space, shape_of};
use crate::outline::{Item, Key};
use crate::workspace::{Directory, File, Place};

/// What there is to know of what stands at a place; `told` is what was found wrong with the file.
pub(crate) fn hover(place: Place<'_>, told: &[Diagnostic]) -> Option<Hover> {
    let at = place.file.text.position(place.offset);
    let mut parts = Vec::new();
    let mut range = None;
    let about = of_mention(place).or_else(|| of_module_part(place));
    let about = about.or_else(|| of_text(place));
    if let Some((found, text)) = about {
        range = Some(place.file.text.range(&found));
        parts.push(text);
    }
    for diagnostic in told {
        let is_here = diagnostic.range.start <= at && at <= diagnostic.range.end;
        if let (true, Some(NumberOrString::String(code))) = (is_here, &diagnostic.code) {
            parts.extend(codes::find(code).map(describe::code));
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

type About = (Range<usize>, String);

fn of_mention(place: Place<'_>) -> Option<About> {
    let mention = place.file.mention_at(place.offset)?;
    let text = declared(place.directory, &mention.name)?;
    Some((mention.range.clone(), text))
}

/// An input of a module, or an output.
fn of_module_part(place: Place<'_>) -> Option<About> {
    let (module, name, range) = of_module(place)?;
    Some((range, declared(&module, &name)?))
}

/// What a declaration says.
pub(crate) fn declared(directory: &Directory, name: &Name) -> Option<String> {
    let (file, declaration) = directory.declaration(name)?;
    let line = file.text.position(declaration.range.start).line + 1;
    let file_name = file.path.file_name().unwrap_or_default().to_string_lossy();
    let mut text = match name.space {
        Space::Local => format!("**local `{}`**", name.text),
        space => format!("**{} `{}`**", space.noun(), name.text),
    };
    match name.space {
        Space::Variable => text.push_str(&variable(file, &name.text)),
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
        Space::Resource(kind) => text.push_str(&format!(": {}", kind.schema().doc)),
    }
    text.push_str(&format!("\n\ndeclared at {file_name}:{line}"));
    Some(text)
}

/// The type, what it is for, and the default unless that is a secret.
fn variable(file: &File, name: &str) -> String {
    let get = |key| entry(file, &["variable", name, key]).and_then(|item| source(file, item));
    let mut text = String::new();
    if let Some(description) = get("description") {
        text.push_str(&format!(": {}", description.trim_matches(['"', '\''])));
    }
    let ty = get("type").map_or("any", |ty| ty.trim_matches(['"', '\'']));
    text.push_str(&format!("\n\ntype `{ty}`"));
    match (get("sensitive"), get("default")) {
        (Some("true"), _) => text.push_str("; a secret, never shown"),
        (_, Some(default)) => text.push_str(&format!("; by default{}", code_block(default))),
        (_, None) => text.push_str("; has no default: a value must be given"),
    }
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

/// Keys, tables, functions, attributes of resources.
fn of_text(place: Place<'_>) -> Option<About> {
    if place.file.kind != FileKind::Manifest {
        return None;
    }
    match cursor(place.file, place.offset)? {
        Cursor::Key { keys, variant } => of_key(&keys, variant),
        Cursor::Text { .. } => None,
        Cursor::Word { path, word, range } => {
            let words: Vec<&str> = path.words[..=word].iter().map(|it| &*it.text).collect();
            let text = match path.is_call {
                true => describe::function(&function(words[0])?),
                false => of_member(&words)?,
            };
            Some((range, text))
        }
    }
}

fn of_key(path: &[&Key], variant: Option<&str>) -> Option<About> {
    let (last, above) = path.split_last()?;
    let text = match above {
        [] => describe::table(tables::table(&last.text)?),
        above => {
            let owner = shape_of(above.iter().map(|key| &*key.text), variant);
            describe::field(owner.key(&last.text, variant)?, owner)
        }
    };
    Some((last.range.clone(), text))
}

fn function(name: &str) -> Option<eci_lang::FunctionDoc> {
    eci_lang::functions().find(|function| function.name == name)
}

/// An attribute of a resource, or what expressions begin with.
fn of_member(words: &[&str]) -> Option<String> {
    match words {
        [root] => root_doc(root),
        ["each" | "path" | "eci", member] => member_doc(words[0], member),
        [_, _, .., attribute] => {
            let above = &words[..words.len() - 1];
            let owner = shape_of(above.iter().copied(), None);
            match owner {
                Shape::Anything => None,
                owner => Some(describe::field(owner.key(attribute, None)?, owner)),
            }
        }
        _ => None,
    }
}

/// What expressions can begin with, and what there is to say of it.
pub(crate) const ROOTS: [(&str, &str); 9] = [
    (
        "var",
        "Values from outside: `var.NAME` is that of `[variable.NAME]`.",
    ),
    (
        "local",
        "Named expressions: `local.NAME` is that of `[locals]`.",
    ),
    (
        "each",
        "The instance: `each.key` and `each.value` of a resource with `for_each`.",
    ),
    ("path", "Directories: `path.module` and `path.root`."),
    ("module", "Outputs of modules: `module.NAME.OUTPUT`."),
    ("eci", "This run: `eci.workspace`."),
    ("eip", "Elastic IPs: `eip.LABEL.address`."),
    ("volume", "Volumes: `volume.LABEL.id`."),
    (
        "container_group",
        "Container groups: `container_group.LABEL.internet_ip`.",
    ),
];

/// What follows some of them.
pub(crate) const MEMBERS: [(&str, &str, &str); 5] = [
    ("each", "key", "The key of this instance in `for_each`."),
    ("each", "value", "The value of this instance in `for_each`."),
    (
        "path",
        "module",
        "The directory of these manifests, as seen from the first.",
    ),
    (
        "path",
        "root",
        "The directory of the manifests that `eci` was started with.",
    ),
    (
        "eci",
        "workspace",
        "The workspace, `default` where none is chosen.",
    ),
];

fn root_doc(root: &str) -> Option<String> {
    let (_, doc) = ROOTS.iter().find(|(name, _)| *name == root)?;
    Some((*doc).to_owned())
}

fn member_doc(root: &str, member: &str) -> Option<String> {
    let mut members = MEMBERS.iter();
    let (_, _, doc) = members.find(|(of, name, _)| *of == root && *name == member)?;
    Some((*doc).to_owned())
}
