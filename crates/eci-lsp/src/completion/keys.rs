//! At the beginning of a line, or within braces.

use async_lsp::lsp_types::{CompletionItem, CompletionItemKind};
use eci_core::schema::{Availability, Field, Type};
use eci_core::tables::{Form, ManifestShape, TABLES};
use eci_text::{Lang, say};

use super::builder::{Builder, Choice};
use super::headers::is_there;
use super::snippets::{self, must_be_written};
use crate::cursor::{module, touches};
use crate::describe;
use crate::names::{Role, Space, shape_of, variant_of};
use crate::outline::{Data, Item, Key, OpenPart, OutlineEntry};
use crate::workspace::Directory;

/// Returns the candidates for the last of these keys.
pub(super) fn complete(
    builder: &Builder<'_>,
    keys: &[Key],
    is_inline: bool,
) -> Vec<CompletionItem> {
    let Some((last, above)) = keys.split_last() else {
        return Vec::new();
    };
    let end = last.range.start.max(builder.place.offset);
    let range = last.range.start..end;
    let names: Vec<&str> = above.iter().map(|key| &*key.text).collect();
    let siblings = siblings(builder, &names);
    let shape = shape_of(names.iter().copied(), siblings.variant);
    let mut choices: Vec<Choice<'_>> = Vec::new();
    for field in shape.keys(siblings.variant) {
        let is_given = siblings.given.contains(&field.name);
        if !is_given && field.presence != Availability::Computed {
            choices.push(choice(builder, field, shape, choices.len()));
        }
    }
    let module = match &*names {
        ["module", label, "inputs"] => module(builder.place, label),
        _ => None,
    };
    if let Some(module) = &module {
        choices.extend(inputs(module, &siblings, builder.place.lang));
    }
    // A new table can begin wherever a line can.
    let begins_line =
        !is_inline && above.len() == builder.section().map_or(0, |it| it.path().len());
    if begins_line {
        choices.extend(tables(builder, choices.len()));
    }
    let items = choices
        .into_iter()
        .map(|choice| builder.item(choice, &range));
    items.collect()
}

fn choice(
    builder: &Builder<'_>,
    field: &'static Field,
    owner: ManifestShape,
    rank: usize,
) -> Choice<'static> {
    let is_needed = must_be_written(field);
    let has_sign = builder.rest().trim_start().starts_with('=');
    let given = match field.default {
        Some(literal) if matches!(field.ty, Type::Integer(..)) => {
            format!("${{1:{literal}}}")
        }
        _ => snippets::value(&field.ty, 1),
    };
    Choice {
        label: field.name,
        kind: match field.ty {
            Type::Object(_) | Type::Objects(..) => CompletionItemKind::STRUCT,
            _ => CompletionItemKind::FIELD,
        },
        detail: Some(if is_needed {
            say!(
                builder.place.lang,
                en: "{ty} (required)",
                zh: "{ty}（必填）",
                ty = field.ty.describe(),
            )
        } else {
            field.ty.describe().get(builder.place.lang).to_owned()
        }),
        doc: Some(describe::field(field, owner, builder.place.lang)),
        insert: if has_sign {
            field.name.to_owned()
        } else {
            format!("{} = {given}", field.name)
        },
        // What must be there comes first.
        rank: if is_needed { rank } else { rank + 100 },
    }
}

/// Returns the variables of a module that it is not given yet.
fn inputs<'a>(module: &'a Directory, siblings: &Siblings<'_>, lang: Lang) -> Vec<Choice<'a>> {
    let mut variables = super::expressions::names(module, Space::Variable, lang);
    variables.retain(|variable| !siblings.given.contains(&variable.label));
    for variable in &mut variables {
        variable.insert.push_str(" = $1");
    }
    variables
}

/// Returns the candidates that are whole tables.
fn tables(builder: &Builder<'_>, from: usize) -> Vec<Choice<'static>> {
    let fits = TABLES.iter().filter(|top| match top.form {
        Form::Single(_) => !is_there(builder, top.name),
        _ => true,
    });
    let choices = fits.enumerate().map(|(rank, top)| Choice {
        label: top.name,
        kind: CompletionItemKind::SNIPPET,
        detail: Some(top.header()),
        doc: Some(describe::table(top, builder.place.lang)),
        insert: snippets::table(top),
        rank: 200 + from + rank,
    });
    choices.collect()
}

/// The keys that a table has already.
#[derive(Default)]
struct Siblings<'f> {
    variant: Option<&'f str>,
    given: Vec<&'f str>,
}

/// Returns the keys that the table at the place has already, before and after the place; and, where
/// tables below it have headers of their own, those.
fn siblings<'f>(builder: &'f Builder<'_>, path: &[&str]) -> Siblings<'f> {
    let file = builder.place.file;
    let mut siblings = Siblings::default();
    let Some(section) = builder.section() else {
        return siblings;
    };
    let own: Vec<&str> = section.path().iter().map(|key| &*key.text).collect();
    let entries = match path.strip_prefix(&*own) {
        Some([]) => Some(&*section.entries),
        Some(rest) => table_at(&section.entries, rest, builder.place.offset),
        None => None,
    };
    if let Some(entries) = entries {
        siblings.variant = variant_of(file.text.as_str(), entries);
        let others = entries.iter().filter(|entry| entry.keys.len() == 1);
        let others = others.filter_map(|entry| entry.keys.first());
        let others = others.filter(|key| !touches(&key.range, builder.place.offset));
        siblings.given.extend(others.map(|key| &*key.text));
    }
    let is_whole = !section.header.as_ref().is_some_and(|it| it.is_repeated);
    if is_whole && path.len() >= 2 {
        let sections = file.outline.sections.iter().map(|section| section.path());
        let below = sections.filter(|keys| {
            let mut names = keys.iter().map(|key| &*key.text);
            keys.len() == path.len() + 1 && path.iter().all(|key| names.next() == Some(*key))
        });
        siblings
            .given
            .extend(below.filter_map(|keys| keys.last()).map(|key| &*key.text));
    }
    siblings
}

/// Returns the entries of the table at a path, of several the one that is open at a place.
fn table_at<'f>(
    entries: &'f [OutlineEntry],
    path: &[&str],
    offset: usize,
) -> Option<&'f [OutlineEntry]> {
    entries.iter().rev().find_map(|entry| {
        let keys: Vec<&str> = entry.keys.iter().map(|key| &*key.text).collect();
        let rest = path.strip_prefix(&*keys)?;
        in_item(entry.item.as_ref()?, rest, offset)
    })
}

fn in_item<'f>(item: &'f Item, path: &[&str], offset: usize) -> Option<&'f [OutlineEntry]> {
    if !touches(&item.range, offset) {
        return None;
    }
    match (&item.data, path) {
        (Data::Table(entries), []) => Some(entries),
        (Data::Table(entries), rest) => table_at(entries, rest, offset),
        (Data::List(items), rest) => items.iter().find_map(|item| in_item(item, rest, offset)),
        _ => None,
    }
}

/// Returns, in a variable file, the variables that it does not set yet.
pub(super) fn of_values(builder: &Builder<'_>, open: &OpenPart) -> Vec<CompletionItem> {
    let OpenPart::Key { keys, .. } = open else {
        return Vec::new();
    };
    let [key] = &**keys else {
        return Vec::new();
    };
    let range = key.range.start..key.range.start.max(builder.place.offset);
    let file = builder.place.file;
    let here = file
        .mentions
        .iter()
        .filter(|it| !touches(&it.range, builder.place.offset));
    let given: Vec<&str> = here.map(|mention| &*mention.name.text).collect();
    let declared = builder.place.directory.mentions().filter(|(_, mention)| {
        mention.name.space == Space::Variable
            && mention.role == Role::Declares
            && !given.contains(&&*mention.name.text)
    });
    let items = declared.enumerate().map(|(rank, (_, mention))| {
        let choice = Choice {
            label: &mention.name.text,
            kind: CompletionItemKind::VARIABLE,
            detail: Some(Space::Variable.noun().get(builder.place.lang).to_owned()),
            doc: crate::hover::declared(builder.place.directory, &mention.name, builder.place.lang),
            insert: format!("{} = $1", mention.name.text),
            rank,
        };
        builder.item(choice, &range)
    });
    items.collect()
}
