//! Within `${…}`.

use async_lsp::lsp_types::{CompletionItem, CompletionItemKind};
use eci_core::schema::Type;
use eci_core::tables::ManifestShape;
use eci_text::Lang;

use super::builder::{Builder, Choice};
use crate::cursor::module;
use crate::describe;
use crate::hover::{MEMBERS, ROOTS, declared};
use crate::names::{Name, Space, shape_of};
use crate::workspace::Directory;

/// Returns the candidates after this part of an expression.
pub(super) fn complete(builder: &Builder<'_>, before: &str) -> Vec<CompletionItem> {
    let (above, typed) = path_before(before);
    let offset = builder.place.offset;
    let range = offset - typed.len()..offset;
    let lang = builder.place.lang;
    let module = match &*above {
        ["module", label] => module(builder.place, label),
        _ => None,
    };
    let choices = match &*above {
        ["module", _] => module
            .as_ref()
            .map_or_else(Vec::new, |it| names(it, Space::Output, lang)),
        [] => roots(lang),
        [root] => match Space::of_root(root) {
            Some(space) => names(builder.place.directory, space, lang),
            None => members(root, lang),
        },
        path => attributes(path, lang),
    };
    let items = choices
        .into_iter()
        .map(|choice| builder.item(choice, &range));
    items.collect()
}

/// Returns the words of the path that is being written, and the last, which is not finished.
fn path_before(before: &str) -> (Vec<&str>, &str) {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let rest = before.trim_end_matches(is_word);
    let typed = &before[rest.len()..];
    let mut words = Vec::new();
    let mut rest = rest;
    while let Some(before) = rest.strip_suffix('.') {
        let mut owner = before;
        while let Some(indexed) = owner.strip_suffix(']') {
            let Some(open) = indexed.rfind('[') else {
                return (Vec::new(), typed);
            };
            owner = &indexed[..open];
        }
        let shorter = owner.trim_end_matches(is_word);
        words.push(&owner[shorter.len()..]);
        rest = shorter;
    }
    words.reverse();
    (words, typed)
}

fn roots(lang: Lang) -> Vec<Choice<'static>> {
    let mut choices: Vec<Choice<'static>> = ROOTS
        .iter()
        .enumerate()
        .map(|(rank, root)| Choice {
            label: root.name,
            kind: CompletionItemKind::MODULE,
            detail: None,
            doc: Some(root.doc.get(lang).to_owned()),
            insert: format!("{}.", root.name),
            rank,
        })
        .collect();
    choices.extend(eci_lang::functions().map(|function| Choice {
        label: function.name,
        kind: CompletionItemKind::FUNCTION,
        detail: Some(function.signature.to_owned()),
        doc: Some(describe::function(&function, lang)),
        insert: format!("{}($1)", function.name),
        rank: 100,
    }));
    choices
}

/// Returns the declarations of one kind in a directory.
pub(super) fn names(directory: &Directory, space: Space, lang: Lang) -> Vec<Choice<'_>> {
    let of_space = directory
        .declared()
        .into_iter()
        .filter(|name| name.space == space);
    let kind = match space {
        Space::Variable => CompletionItemKind::VARIABLE,
        Space::Local => CompletionItemKind::CONSTANT,
        Space::Module | Space::Output => CompletionItemKind::MODULE,
        Space::Resource(_) => CompletionItemKind::CLASS,
    };
    let choices = of_space
        .enumerate()
        .map(|(rank, name): (usize, &Name)| Choice {
            label: &name.text,
            kind,
            detail: Some(space.noun().get(lang).to_owned()),
            doc: declared(directory, name, lang),
            insert: name.text.clone(),
            rank,
        });
    choices.collect()
}

fn members(root: &str, lang: Lang) -> Vec<Choice<'static>> {
    let members = MEMBERS.iter().filter(|it| it.root == root);
    let choices = members.enumerate().map(|(rank, member)| Choice {
        label: member.name,
        kind: CompletionItemKind::PROPERTY,
        detail: None,
        doc: Some(member.doc.get(lang).to_owned()),
        insert: member.name.to_owned(),
        rank,
    });
    choices.collect()
}

/// Returns the attributes of a resource, or of what is in it.
fn attributes(path: &[&str], lang: Lang) -> Vec<Choice<'static>> {
    let is_resource = matches!(Space::of_root(path[0]), Some(Space::Resource(_)));
    let owner = if is_resource {
        shape_of(path.iter().copied(), None)
    } else {
        ManifestShape::Anything
    };
    let own = match owner {
        // Meta-arguments cannot be read.
        ManifestShape::Table { object, .. } => ManifestShape::Table {
            object,
            resource: false,
        },
        other => other,
    };
    let mut choices: Vec<Choice<'static>> = Vec::new();
    for field in own.keys(None) {
        if choices.iter().any(|choice| choice.label == field.name) {
            continue;
        }
        choices.push(Choice {
            label: field.name,
            kind: match field.ty {
                Type::Object(_) | Type::Objects(..) => CompletionItemKind::STRUCT,
                _ => CompletionItemKind::PROPERTY,
            },
            detail: Some(field.ty.describe().get(lang).to_owned()),
            doc: Some(describe::field(field, owner, lang)),
            insert: field.name.to_owned(),
            rank: choices.len(),
        });
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_that_is_being_written_is_found() {
        assert_eq!(path_before("upper(var.im"), (vec!["var"], "im"));
        assert_eq!(path_before("a"), (vec![], "a"));
        assert_eq!(
            path_before("x + container_group.web[\"a\"].containers[0]."),
            (vec!["container_group", "web", "containers"], "")
        );
        assert_eq!(path_before("]."), (vec![], ""));
        assert_eq!(path_before("."), (vec![""], ""));
    }
}
