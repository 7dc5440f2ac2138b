//! Comparison of two files by their values and comments.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, Table, Value};
use toml_parser::lexer::TokenKind;

/// Returns whether two files have the same values, whatever the order of keys, and the same
/// comments, whatever their places. Invalid TOML is never equivalent.
pub(crate) fn says_the_same(one: &str, other: &str) -> bool {
    let (Some(values), Some(others)) = (values(one), values(other)) else {
        return false;
    };
    values == others && comments(one) == comments(other)
}

/// The content of a document, without its form.
#[derive(Debug, PartialEq)]
enum DocumentContent {
    Text(String),
    Integer(i64),
    /// By its bits, so that NaN equals itself.
    Float(u64),
    Truth(bool),
    Date(String),
    List(Vec<DocumentContent>),
    Table(BTreeMap<String, DocumentContent>),
    Nothing,
}

fn values(text: &str) -> Option<DocumentContent> {
    let document: DocumentMut = text.parse().ok()?;
    Some(table(document.as_table()))
}

fn table(table: &Table) -> DocumentContent {
    let entries = table.iter().map(|(key, item)| (key.to_owned(), of(item)));
    DocumentContent::Table(entries.collect())
}

fn of(item: &Item) -> DocumentContent {
    match item {
        Item::None => DocumentContent::Nothing,
        Item::Value(value) => scalar(value),
        Item::Table(inner) => table(inner),
        Item::ArrayOfTables(tables) => DocumentContent::List(tables.iter().map(table).collect()),
    }
}

fn scalar(value: &Value) -> DocumentContent {
    match value {
        Value::String(text) => DocumentContent::Text(text.value().clone()),
        Value::Integer(number) => DocumentContent::Integer(*number.value()),
        Value::Float(number) => DocumentContent::Float(number.value().to_bits()),
        Value::Boolean(truth) => DocumentContent::Truth(*truth.value()),
        Value::Datetime(date) => DocumentContent::Date(date.value().to_string()),
        Value::Array(items) => DocumentContent::List(items.iter().map(scalar).collect()),
        Value::InlineTable(table) => {
            let entries = table
                .iter()
                .map(|(key, value)| (key.to_owned(), scalar(value)));
            DocumentContent::Table(entries.collect())
        }
    }
}

/// Returns every comment, as the parser's first step finds them: it knows nothing of tables and
/// keys.
fn comments(text: &str) -> Vec<&str> {
    let tokens = toml_parser::Source::new(text).lex();
    let mut comments: Vec<&str> = tokens
        .filter(|token| token.kind() == TokenKind::Comment)
        .filter_map(|token| text.get(token.span().start()..token.span().end()))
        .map(str::trim_end)
        .collect();
    comments.sort_unstable();
    comments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_layout_do_not_count() {
        let one = "a=1 # x\n[t]\nb = [ 1, { c = 2 } ]\n# y\n";
        let other = "# y\nt.b = [1, { c = 2 }] # x\na = 1\n";
        assert!(says_the_same(one, other));
    }

    #[test]
    fn whatever_is_lost_or_changed_is_noticed() {
        let whole = "a = 1 # x\nb = [1, 2]\nc = \"t\"\n";
        for other in [
            "a = 1\nb = [1, 2]\nc = \"t\"\n",
            "a = 1 # x # x\nb = [1, 2]\nc = \"t\"\n",
            "a = 1 # x\n# x\nb = [1, 2]\nc = \"t\"\n",
            "a = 1 # x\nb = [2, 1]\nc = \"t\"\n",
            "a = 1.0 # x\nb = [1, 2]\nc = \"t\"\n",
            "a = 1 # x\nb = [1, 2]\n",
            "a = 1 # x\nb = [1, 2]\nc = \"t\"\nd = 1\n",
            "a = 1 # x\nb = [1, 2]\nc = \"t\nd = 1\n",
        ] {
            assert!(!says_the_same(whole, other), "{other}");
        }
    }
}
