//! The second place of a type error: where the variable or the local is declared that has the
//! wrong type.

use std::collections::HashMap;

use eci_core::diagnostic::{Source, Span};
use eci_core::{Code, Diagnostic, Diagnostics, codes};
use eci_text::{Text, text};

use crate::environment::Environment;
use crate::parse::{Block, Declarations};

/// Codes of errors about values of the wrong type.
const MISFITS: [&Code; 5] = [
    codes::TYPE_MISMATCH,
    codes::BAD_VALUE,
    codes::OPERAND,
    codes::FUNCTION,
    codes::FOR_EACH,
];

/// The declarations of variables and locals, by the directory of their module and the name that
/// expressions use.
#[derive(Debug, Default)]
pub(crate) struct TypeErrorHints(HashMap<(String, String), (Span, Option<Text>)>);

impl TypeErrorHints {
    /// Adds what a module declares; a module that has several instances counts once.
    pub(crate) fn add(&mut self, environment: &Environment, declarations: &Declarations) {
        for block in &declarations.variables {
            let value = environment.variable(&block.name);
            let value = value.filter(|value| !value.is_unknown());
            let found = value.map(|value| value.reveal().0.type_name());
            self.insert("var", block, found);
        }
        for block in &declarations.locals {
            self.insert("local", block, None);
        }
    }

    fn insert(&mut self, word: &str, block: &Block, found: Option<Text>) {
        let key = (
            directory_of(&block.source).to_owned(),
            format!("{word}.{}", block.name),
        );
        self.0.entry(key).or_insert((block.place(), found));
    }

    /// Adds to each misfit that one name explains where that is declared, and as what.
    pub(crate) fn explain(&self, diagnostics: &mut Diagnostics) {
        for diagnostic in &mut diagnostics.0 {
            let Some(label) = diagnostic
                .primary
                .as_ref()
                .filter(|_| is_misfit(diagnostic))
            else {
                continue;
            };
            let Some(name) = only_name(&label.place) else {
                continue;
            };
            let key = (
                directory_of(&label.place.source).to_owned(),
                name.to_owned(),
            );
            let Some((place, found)) = self.0.get(&key) else {
                continue;
            };
            let text = match found {
                Some(found) => text!(
                    en: "`{name}` is {found}",
                    zh: "`{name}` 是{found}",
                    name = name,
                    found = found,
                ),
                None => text!(
                    en: "`{name}` is declared here",
                    zh: "`{name}` 在此处声明",
                    name = name,
                ),
            };
            if *place != label.place {
                *diagnostic = diagnostic.clone().secondary(place.clone(), text);
            }
        }
    }
}

/// Returns whether a diagnostic is about a value that does not fit, and about no other place yet.
pub(crate) fn is_misfit(diagnostic: &Diagnostic) -> bool {
    MISFITS.contains(&diagnostic.code) && diagnostic.secondary.is_empty()
}

fn directory_of(source: &Source) -> &str {
    source
        .name
        .rsplit_once('/')
        .map_or("", |(directory, _)| directory)
}

/// Returns the variable or local that is the whole of a marked expression, if any.
fn only_name(place: &Span) -> Option<&str> {
    let text = place.source.text.get(place.range.clone())?;
    // Quotes mark a whole string, which may have no expression in it.
    let is_expression = !text.starts_with(['"', '\'', '[', '{']) || text.contains("${");
    if !is_expression || text.contains('\n') {
        return None;
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let mut found = None;
    let mut rest = text;
    while let Some(at) = ["var.", "local."]
        .iter()
        .filter_map(|it| rest.find(it))
        .min()
    {
        let begins = rest[..at]
            .chars()
            .next_back()
            .is_none_or(|c| !is_word(c) && c != '.');
        let dot = at + rest[at..].find('.')? + 1;
        let end = rest[dot..]
            .find(|c| !is_word(c))
            .map_or(rest.len(), |end| dot + end);
        let name = &rest[at..end];
        if begins {
            match found {
                Some(other) if other != name => return None,
                _ => found = Some(name),
            }
        }
        rest = &rest[end..];
    }
    found
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use eci_core::diagnostic::Source;

    use super::*;

    fn found(text: &str) -> Option<String> {
        let source = Arc::new(Source::new("a.eci.toml", text));
        only_name(&Span::new(&source, 0..text.len())).map(str::to_owned)
    }

    #[test]
    fn one_name_explains_an_expression_and_two_do_not() {
        assert_eq!(found("'${var.ports}'").as_deref(), Some("var.ports"));
        assert_eq!(
            found("local.a-b[0] + local.a-b").as_deref(),
            Some("local.a-b")
        );
        assert_eq!(found("'${var.a}${var.b}'"), None);
        assert_eq!(found("'see var.a'"), None);
        assert_eq!(found("each.var.a"), None);
        assert_eq!(found("my-var.a"), None);
    }
}
