//! The reference page.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use eci_core::schema::{Availability, Change, Field, Object, Type};
use eci_core::tables::{Form, META, TABLES, TopLevel};

use crate::document::is_required;
use crate::help::{describe, literal, sentence};
use crate::links::anchor;

const HEAD: &str = "\
<!-- Generated from the descriptions in crates/eci-core: `UPDATE=1 cargo test -p eci-tests --test reference`. -->

# Manifest reference

All tables and keys of a manifest (`*.eci.toml`), in the order in which `eci fmt` puts them.

- A value is a literal, or an expression in a string: `'${var.image}'`. Keys that cannot have an
  expression say so.
- **required** keys must be set. *chosen*: if the key is omitted, the cloud chooses a value, and any
  value is accepted. A *secret* is never displayed or stored in plain text.
- **in place**: a change updates the existing resource. **replaces**: a change deletes the resource and
  creates a new one (`lifecycle` determines the order). A nested table behaves like the attribute that
  contains it.
- The last column is the field of CTyun's API, with dots between its levels. A dash means that the key
  is not sent to the API.
";

/// The reference page, as Markdown.
pub fn reference() -> String {
    let mut page = Page {
        text: HEAD.to_owned(),
        told: BTreeSet::new(),
    };
    page.contents();
    for top in &TABLES {
        page.top_level(top);
    }
    page.every_resource();
    page.text
}

struct Page {
    text: String,
    /// The tables that are told already.
    told: BTreeSet<&'static str>,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn contents(&mut self) {
        self.line("");
        self.line("| table | |");
        self.line("|---|---|");
        for top in &TABLES {
            let link = anchor(top.name);
            self.line(&format!(
                "| [`{}`](#{link}) | {} |",
                top.header(),
                cell(top.doc())
            ));
        }
        self.line(&format!("| [meta-arguments](#{EVERY}) | {} |", META.doc));
    }

    fn top_level(&mut self, top: &'static TopLevel) {
        self.line(&format!("\n## {}\n", top.name));
        self.line(&format!("`{}`: {}", top.header(), top.doc()));
        let Some(object) = top.object() else { return };
        self.told.insert(object.name);
        let is_resource = matches!(top.form, Form::Resource(_));
        if is_resource {
            self.line(&format!(
                "\nIn addition to these keys: the [meta-arguments](#{EVERY})."
            ));
        }
        self.keys(object, is_resource);
        self.below(object);
    }

    fn every_resource(&mut self) {
        self.line(&format!("\n## {EVERY_HEADING}\n"));
        self.line(META.doc);
        self.keys(&META, false);
        self.below(&META);
    }

    /// The tables in a table, each once on the whole page.
    fn below(&mut self, object: &'static Object) {
        for field in object.fields {
            let (Type::Object(inner) | Type::Objects(inner, _)) = field.ty else {
                continue;
            };
            if !self.told.insert(inner.name) {
                continue;
            }
            self.line(&format!("\n### {}\n", inner.name));
            self.line(&sentence(inner.doc));
            self.keys(inner, false);
            self.below(inner);
        }
    }

    /// The keys of a table: what can be given, by `type` where that decides, and what can only
    /// be read.
    fn keys(&mut self, object: &'static Object, is_resource: bool) {
        let writable = || object.fields.iter().filter(|field| field.is_writable());
        self.rows(
            writable().filter(|field| field.variant.is_none()),
            is_resource,
        );
        let mut variants: Vec<&str> = Vec::new();
        for variant in writable().filter_map(|field| field.variant) {
            if !variants.contains(&variant) {
                variants.push(variant);
            }
        }
        for variant in variants {
            self.line(&format!("\nWith `type = \"{variant}\"`:"));
            let own = writable().filter(|field| field.variant == Some(variant));
            self.rows(own, is_resource);
            self.exactly_one(object, Some(variant));
        }
        self.exactly_one(object, None);
        self.apart(object);
        let read: Vec<&Field> = object
            .fields
            .iter()
            .filter(|field| !field.is_writable())
            .collect();
        if !read.is_empty() {
            self.line("\nRead-only attributes, for expressions:\n");
            self.line("| key | | API |");
            self.line("|---|---|---|");
            for field in read {
                let wire = place(field.response_path);
                self.line(&format!(
                    "| `{}` | {} | {wire} |",
                    field.name,
                    cell(field.doc)
                ));
            }
        }
    }

    /// The rule about keys of which exactly one is given, where it is about keys of that `type`.
    fn exactly_one(&mut self, object: &Object, variant: Option<&str>) {
        let keys = object.exactly_one;
        let of_it = |field: &&Field| field.variant == variant;
        let mut own = object.fields.iter().filter(of_it);
        if own.any(|field| keys.contains(&field.name)) {
            self.line(&format!("\nExactly one of {} must be set.", quoted(keys)));
        }
    }

    fn apart(&mut self, object: &Object) {
        for (key, others) in object.apart {
            self.line(&format!(
                "\n`{key}` cannot be combined with any of {}.",
                quoted(others)
            ));
        }
    }

    fn rows<'a>(&mut self, fields: impl Iterator<Item = &'a Field>, is_resource: bool) {
        let fields: Vec<&Field> = fields.collect();
        if fields.is_empty() {
            return;
        }
        let has_api = fields.iter().any(|field| sent(field).is_some());
        self.line("");
        let mut head = "| key | type | |".to_owned();
        let mut rule = "|---|---|---|".to_owned();
        for (is_there, name) in [(is_resource, " change |"), (has_api, " API |")] {
            if is_there {
                head.push_str(name);
                rule.push_str("---|");
            }
        }
        self.line(&head);
        self.line(&rule);
        for field in fields {
            let mut row = format!(
                "| `{}` | {} | {} |",
                field.name,
                ty(&field.ty),
                meaning(field)
            );
            if is_resource {
                let change = match field.change_of_parts(field.change) {
                    None => "depends on the key",
                    Some(Change::InPlace) => "in place",
                    Some(Change::Replace) => "replaces",
                };
                let _ = write!(row, " {change} |");
            }
            if has_api {
                let _ = write!(row, " {} |", place(sent(field)));
            }
            self.line(&row);
        }
    }
}

const EVERY_HEADING: &str = "Meta-arguments";
const EVERY: &str = "meta-arguments";

fn meaning(field: &Field) -> String {
    let mut parts = vec![cell(field.doc)];
    if is_required(field) {
        parts.push("**required**".to_owned());
    }
    if let Some(others) = field.default_from.filter(|others| !others.is_empty()) {
        parts.push(format!("**required**, or {}", quoted(others)));
    }
    if let Some(default) = field.default.or(field.api_default) {
        parts.push(format!("default `{}`", literal(default)));
    }
    if field.presence == Availability::OptionalComputed {
        parts.push("*chosen*".to_owned());
    }
    if field.sensitive {
        parts.push("*secret*".to_owned());
    }
    if field.literal_only {
        parts.push("cannot be an expression".to_owned());
    }
    for check in field.checks {
        parts.push(cell(&describe(*check)));
    }
    parts.join("; ")
}

/// A type as it is written, with links to the tables in it.
fn ty(ty: &Type) -> String {
    match ty {
        Type::Objects(object, _) => format!("list of {}", link(object)),
        Type::Object(object) => link(object),
        Type::List(items) => match items {
            Type::Ref(kind, _) => format!("list of names of `[{kind}.…]`"),
            items => format!("list of {}", plural(items)),
        },
        Type::Table(values, _) => format!("map of {}", plural(values)),
        Type::Ref(kind, _) => format!("name of an `[{kind}.…]`").replace("an `[v", "a `[v"),
        Type::Enum(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word:?}`")).collect();
            words.join(", ")
        }
        Type::String | Type::Text64 => "string".to_owned(),
        Type::Bytes64 => "string, base64".to_owned(),
        Type::Bool => "`true`, `false`".to_owned(),
        Type::Integer(min, max) => match (*min, *max) {
            (i64::MIN, i64::MAX) => "integer".to_owned(),
            (min, i64::MAX) => format!("integer ≥ {min}"),
            (min, max) => format!("{min} … {max}"),
        },
        Type::Number(min, _) => format!("number ≥ {min}"),
        Type::Mode => "permissions, `\"0644\"`".to_owned(),
        Type::Any => "any value".to_owned(),
        Type::Duration => "duration, `\"20m\"`".to_owned(),
        Type::Address => "address".to_owned(),
        Type::Either(types) => {
            let types: Vec<String> = types.iter().map(self::ty).collect();
            types.join(", or ")
        }
    }
}

fn plural(ty: &Type) -> String {
    match ty {
        Type::String => "strings".to_owned(),
        Type::Address => "addresses".to_owned(),
        Type::Any => "values".to_owned(),
        other => self::ty(other),
    }
}

fn link(object: &Object) -> String {
    format!("[{}](#{})", object.name, anchor(object.name))
}

/// Where it is sent: in the body of a group, or to the resource's own service.
fn sent(field: &Field) -> Option<&'static str> {
    field
        .request_path
        .or(field.service_request_path.filter(|place| !place.is_empty()))
}

fn place(wire: Option<&str>) -> String {
    wire.map_or_else(|| "–".to_owned(), |wire| format!("`{wire}`"))
}

fn quoted(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    match keys.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_of_the_page_leads_to_a_heading() {
        let page = reference();
        let headings: BTreeSet<String> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## ").or(line.strip_prefix("### ")))
            .map(anchor)
            .collect();
        let links: Vec<&str> = page
            .split("](#")
            .skip(1)
            .filter_map(|rest| rest.split_once(')').map(|(link, _)| link))
            .collect();
        assert!(links.len() > 30, "{links:?}");
        for link in links {
            assert!(headings.contains(link), "{link}: {headings:?}");
        }
    }

    #[test]
    fn every_key_of_every_table_is_on_the_page() {
        let page = reference();
        for object in TABLES.iter().filter_map(TopLevel::object).chain([&META]) {
            for field in object.fields {
                assert!(
                    page.contains(&format!("| `{}` |", field.name)),
                    "{}",
                    field.name
                );
            }
        }
    }
}
