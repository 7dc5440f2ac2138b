//! The tables of a file, and of everything that is open, for finding one's way.

use std::collections::HashSet;

use async_lsp::lsp_types::{DocumentSymbol, Location, SymbolInformation, SymbolKind, Url};
use eci_core::Kind;
use eci_text::Lang;

use crate::names::{Role, Space};
use crate::outline::{Key, OutlineSection};
use crate::workspace::{Directory, File};

/// Returns the outline of a document: its tables, each within the one that it belongs to.
pub(crate) fn document_symbols(file: &File) -> Vec<DocumentSymbol> {
    let mut symbols: Vec<DocumentSymbol> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    for section in &file.outline.sections {
        let keys: Vec<String> = section.path().iter().map(|key| key.text.clone()).collect();
        let Some(symbol) = symbol(file, section) else {
            continue;
        };
        match symbols.last_mut() {
            Some(owner) if path.len() == 2 && keys.len() > 2 && keys.starts_with(&path) => {
                owner.range.end = symbol.range.end;
                owner.children.get_or_insert_default().push(symbol);
            }
            _ => {
                symbols.push(symbol);
                path = keys;
            }
        }
    }
    symbols
}

fn symbol(file: &File, section: &OutlineSection) -> Option<DocumentSymbol> {
    let header = section.header.as_ref()?;
    let last = header.keys.last().filter(|key| !key.text.is_empty())?;
    let keys: Vec<&str> = header.keys.iter().map(|key| &*key.text).collect();
    let name = match (&*keys, given_name(file, section)) {
        ([_, _, below @ ..], Some(name)) if !below.is_empty() => {
            format!("{} {name}", below.join("."))
        }
        ([_, _, below @ ..], None) if !below.is_empty() => below.join("."),
        _ => keys.join("."),
    };
    // An outline that ends in blank lines would jump about while one writes there.
    let body = file.text.as_str().get(section.range.clone())?;
    let end = section.range.start + body.trim_end().len();
    #[allow(deprecated)] // The field must be given until it is removed.
    Some(DocumentSymbol {
        name,
        detail: None,
        kind: kind_of_table(keys.first().copied().unwrap_or_default(), keys.len()),
        tags: None,
        deprecated: None,
        range: file
            .text
            .range(&(section.range.start..end.max(header.range.end))),
        selection_range: file.text.range(&last.range),
        children: None,
    })
}

/// Returns the `name` that a table sets.
fn given_name<'f>(file: &'f File, section: &OutlineSection) -> Option<&'f str> {
    let is_name = |keys: &[Key]| matches!(keys, [key] if key.text == "name");
    let entry = section.entries.iter().find(|entry| is_name(&entry.keys))?;
    let range = entry.item.as_ref()?.range.clone();
    let text = file.text.as_str().get(range)?;
    Some(text.trim_matches(['"', '\'']))
}

/// Returns every declaration of a directory whose address has the letters of a query in their
/// order.
pub(crate) fn workspace_symbols(
    directory: &Directory,
    query: &str,
    lang: Lang,
) -> Vec<SymbolInformation> {
    let mut visited = HashSet::new();
    let declared = directory.mentions().filter(|(_, mention)| {
        matches!(mention.role, Role::Declares | Role::Extends)
            && visited.insert(&mention.name)
            && fits(&mention.name.text, query)
    });
    let symbols = declared.filter_map(|(file, mention)| {
        let space = mention.name.space;
        let range = file.text.range(&mention.range);
        #[allow(deprecated)] // The field must be given until it is removed.
        Some(SymbolInformation {
            name: mention.name.text.clone(),
            kind: kind_of(space),
            tags: None,
            deprecated: None,
            location: Location::new(Url::from_file_path(&file.path).ok()?, range),
            container_name: Some(space.noun().get(lang).to_owned()),
        })
    });
    symbols.collect()
}

fn fits(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    let mut query_letters = query.chars().flat_map(char::to_lowercase);
    query_letters.all(|letter| letters.any(|other| other == letter))
}

fn kind_of_table(table: &str, depth: usize) -> SymbolKind {
    match (table, depth) {
        (_, 3..) => SymbolKind::OBJECT,
        ("variable", _) => kind_of(Space::Variable),
        ("locals", _) => kind_of(Space::Local),
        ("module", _) => kind_of(Space::Module),
        ("output", _) => kind_of(Space::Output),
        (kind, _) => Kind::from_name(kind)
            .map_or(SymbolKind::NAMESPACE, |kind| kind_of(Space::Resource(kind))),
    }
}

fn kind_of(space: Space) -> SymbolKind {
    match space {
        Space::Resource(_) => SymbolKind::CLASS,
        Space::Variable => SymbolKind::VARIABLE,
        Space::Local => SymbolKind::CONSTANT,
        Space::Module => SymbolKind::MODULE,
        Space::Output => SymbolKind::FIELD,
    }
}
