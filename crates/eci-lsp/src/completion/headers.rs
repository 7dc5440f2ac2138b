//! Within the brackets of a header.

use async_lsp::lsp_types::{CompletionItem, CompletionItemKind};
use eci_core::schema::Type;
use eci_core::tables::{Form, ManifestShape, TABLES, TopLevel};

use super::builder::{Builder, Choice};
use crate::describe;
use crate::names::{Role, Space, shape_of};
use crate::outline::Key;

/// Returns the candidates for the last of these keys.
pub(super) fn complete(
    builder: &Builder<'_>,
    keys: &[Key],
    is_repeated: bool,
) -> Vec<CompletionItem> {
    let Some((last, above)) = keys.split_last() else {
        return Vec::new();
    };
    let end = last.range.start.max(builder.place.offset);
    let range = last.range.start..end;
    let closing = match (builder.rest().trim_start().starts_with(']'), is_repeated) {
        (true, _) => "",
        (false, true) => "]]",
        (false, false) => "]",
    };
    let choices = match above {
        [] => tops(builder, is_repeated, closing),
        [table] => labels(builder, &table.text, is_repeated, closing),
        above => below(builder, above, is_repeated, closing),
    };
    let items = choices
        .into_iter()
        .map(|choice| builder.item(choice, &range));
    items.collect()
}

fn tops(builder: &Builder<'_>, is_repeated: bool, closing: &str) -> Vec<Choice<'static>> {
    let fits = |top: &&TopLevel| match top.form {
        Form::Repeated(_) => is_repeated,
        Form::Resource(kind) => {
            let tables = kind.schema().fields.iter();
            !is_repeated
                || tables
                    .clone()
                    .any(|field| matches!(field.ty, Type::Objects(..)))
        }
        Form::Labeled(_) => !is_repeated || top.name == "variable",
        Form::Single(_) => !is_repeated && !is_there(builder, top.name),
        Form::Values => !is_repeated,
    };
    let tops = TABLES.iter().filter(fits).enumerate();
    tops.map(|(rank, top)| Choice {
        label: top.name,
        kind: CompletionItemKind::CLASS,
        detail: Some(top.header()),
        doc: Some(describe::table(top, builder.place.lang)),
        insert: match top.form {
            Form::Labeled(_) | Form::Resource(_) => format!("{}.", top.name),
            _ => format!("{}{closing}", top.name),
        },
        rank,
    })
    .collect()
}

/// Returns whether a table that is given once is given already, elsewhere.
pub(super) fn is_there(builder: &Builder<'_>, name: &str) -> bool {
    let place = builder.place;
    let sections = place.directory.files.iter().flat_map(|file| {
        let sections = file.outline.sections.iter();
        sections.map(move |section| (file, section))
    });
    let mut named = sections.filter(|(file, section)| {
        let is_here = file.path == place.file.path && section.range.contains(&place.offset);
        let path = section.path();
        !is_here && path.first().is_some_and(|key| key.text == name)
    });
    named.next().is_some()
}

/// Returns the labels that are there: a table below one of them is begun.
fn labels<'a>(
    builder: &Builder<'a>,
    table: &str,
    is_repeated: bool,
    closing: &str,
) -> Vec<Choice<'a>> {
    let Some(space) = Space::of_root(table).filter(|space| matches!(space, Space::Resource(_)))
    else {
        let object = shape_of([table].into_iter(), None);
        return match object {
            ManifestShape::Labels(_) => Vec::new(),
            object => tables_of(builder, object, is_repeated, closing),
        };
    };
    let here = builder.place;
    let declared = here.directory.mentions().filter(|(file, mention)| {
        let is_here = file.path == here.file.path
            && mention.range.start <= here.offset
            && here.offset <= mention.range.end;
        mention.name.space == space && mention.role != Role::Uses && !is_here
    });
    let mut labels: Vec<&str> = declared.map(|(_, mention)| &*mention.name.text).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
        .into_iter()
        .enumerate()
        .map(|(rank, label)| Choice {
            label,
            kind: CompletionItemKind::REFERENCE,
            detail: Some(format!("{table}.{label}")),
            doc: None,
            insert: format!("{label}."),
            rank,
        })
        .collect()
}

fn below(
    builder: &Builder<'_>,
    above: &[Key],
    is_repeated: bool,
    closing: &str,
) -> Vec<Choice<'static>> {
    let shape = shape_of(above.iter().map(|key| &*key.text), None);
    tables_of(builder, shape, is_repeated, closing)
}

/// Returns the keys that hold tables.
fn tables_of(
    builder: &Builder<'_>,
    shape: ManifestShape,
    is_repeated: bool,
    closing: &str,
) -> Vec<Choice<'static>> {
    let fits = |ty: &Type| match ty {
        Type::Objects(..) => is_repeated,
        Type::Object(_) | Type::Table(..) => !is_repeated,
        _ => false,
    };
    let fields = shape.keys(None).filter(|field| match &field.ty {
        Type::Either(types) => types.iter().any(fits),
        ty => fits(ty),
    });
    let choices = fields.enumerate().map(|(rank, field)| Choice {
        label: field.name,
        kind: CompletionItemKind::STRUCT,
        detail: Some(field.ty.describe().get(builder.place.lang).to_owned()),
        doc: Some(describe::field(field, shape, builder.place.lang)),
        insert: format!("{}{closing}", field.name),
        rank,
    });
    choices.collect()
}
