//! The reference page.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use eci_core::schema::{Availability, Change, Field, Object, Type};
use eci_core::tables::{Form, META, TABLES, TopLevel};
use eci_text::{Lang, say};

use crate::document::is_required;
use crate::help::{describe, in_backticks, sentence};
use crate::links::anchor;

const ENGLISH_HEAD: &str = "\
English | [中文](zh/reference.md)

<!-- Generated from the descriptions in crates/eci-core: `UPDATE=1 cargo test -p eci-tests --test it reference::`. -->

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

const CHINESE_HEAD: &str = "\
[English](../reference.md) | 中文

<!-- Generated from the descriptions in crates/eci-core: `UPDATE=1 cargo test -p eci-tests --test it reference::`. -->

# 清单参考

清单（`*.eci.toml`）的全部表和键，按 `eci fmt` 排列的顺序列出。

- 值可以是字面量，也可以是字符串中的表达式：`'${var.image}'`。不能使用表达式的键会注明。
- 必填的键必须设置。云端选择：键未设置时，由云端选择值，任何值都会接受。机密信息从不显示，也不以明文存储。
- 原地更新：变更会更新已有资源。替换：变更会删除资源并创建新资源（顺序由 `lifecycle` 决定）。嵌套的表与所属的属性相同。
- 最后一列是天翼云 API 的字段，各层级之间以点分隔。`-` 表示该键不会发送到 API。
";

/// Returns the reference page in a language, as Markdown.
pub fn reference(lang: Lang) -> String {
    let mut page = ReferencePage {
        lang,
        text: lang.pick(ENGLISH_HEAD, CHINESE_HEAD).to_owned(),
        described: BTreeSet::new(),
    };
    page.contents();
    for top in &TABLES {
        page.top_level(top);
    }
    page.every_resource();
    page.text
}

struct ReferencePage {
    lang: Lang,
    text: String,
    /// The tables that are described already.
    described: BTreeSet<&'static str>,
}

impl ReferencePage {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn contents(&mut self) {
        let lang = self.lang;
        self.line("");
        self.line(lang.pick("| table | |", "| 表 | |"));
        self.line("|---|---|");
        for top in &TABLES {
            let link = anchor(top.name);
            let doc = cell(top.doc().get(lang));
            self.line(&format!("| [`{}`](#{link}) | {doc} |", top.header()));
        }
        let (heading, doc) = (meta_arguments(lang), META.doc.get(lang));
        let name = lang.pick("meta-arguments", heading);
        self.line(&format!("| [{name}](#{}) | {doc} |", anchor(heading)));
    }

    fn top_level(&mut self, top: &'static TopLevel) {
        let lang = self.lang;
        self.line(&format!("\n## {}\n", top.name));
        self.line(&say!(
            lang,
            en: "`{header}`: {doc}",
            zh: "`{header}`：{doc}",
            header = top.header(),
            doc = top.doc(),
        ));
        let Some(object) = top.object() else { return };
        self.described.insert(object.name);
        let is_resource = matches!(top.form, Form::Resource(_));
        if is_resource {
            self.line(&say!(
                lang,
                en: "\nIn addition to these keys: the [meta-arguments](#{link}).",
                zh: "\n除以下键之外，还有[元参数](#{link})。",
                link = anchor(meta_arguments(lang)),
            ));
        }
        self.keys(object, is_resource);
        self.below(object);
    }

    fn every_resource(&mut self) {
        self.line(&format!("\n## {}\n", meta_arguments(self.lang)));
        self.line(META.doc.get(self.lang));
        self.keys(&META, false);
        self.below(&META);
    }

    /// Writes the tables in a table, each once on the whole page.
    fn below(&mut self, object: &'static Object) {
        for field in object.fields {
            let (Type::Object(inner) | Type::Objects(inner, _)) = field.ty else {
                continue;
            };
            if !self.described.insert(inner.name) {
                continue;
            }
            self.line(&format!("\n### {}\n", inner.title().get(self.lang)));
            self.line(&sentence(inner.doc.get(self.lang), self.lang));
            self.keys(inner, false);
            self.below(inner);
        }
    }

    /// Writes the keys of a table: those that can be set, by `type` if the type matters, and those
    /// that are read-only.
    fn keys(&mut self, object: &'static Object, is_resource: bool) {
        let lang = self.lang;
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
            self.line(&say!(
                lang,
                en: "\nWith `type = \"{variant}\"`:",
                zh: "\n设置 `type = \"{variant}\"` 时：",
                variant = variant,
            ));
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
            self.line(lang.pick(
                "\nRead-only attributes, for expressions:\n",
                "\n只读属性，用于表达式：\n",
            ));
            self.line(lang.pick("| key | | API |", "| 键 | | API |"));
            self.line("|---|---|---|");
            for field in read {
                let wire = place(field.response_path, lang);
                let doc = cell(field.doc.get(lang));
                self.line(&format!("| `{}` | {doc} | {wire} |", field.name));
            }
        }
    }

    /// Writes the rule about keys of which exactly one must be set, if it is about keys of that
    /// `type`.
    fn exactly_one(&mut self, object: &Object, variant: Option<&str>) {
        let keys = object.exactly_one;
        let of_it = |field: &&Field| field.variant == variant;
        let mut own = object.fields.iter().filter(of_it);
        if own.any(|field| keys.contains(&field.name)) {
            self.line(&say!(
                self.lang,
                en: "\nExactly one of {keys} must be set.",
                zh: "\n必须且只能设置 {keys} 中的一个。",
                keys = in_backticks(keys),
            ));
        }
    }

    fn apart(&mut self, object: &Object) {
        for (key, others) in object.apart {
            self.line(&say!(
                self.lang,
                en: "\n`{key}` cannot be combined with any of {others}.",
                zh: "\n`{key}` 不能与 {others} 中的任何一个同时设置。",
                key = key,
                others = in_backticks(others),
            ));
        }
    }

    fn rows<'a>(&mut self, fields: impl Iterator<Item = &'a Field>, is_resource: bool) {
        let lang = self.lang;
        let fields: Vec<&Field> = fields.collect();
        if fields.is_empty() {
            return;
        }
        let has_api = fields.iter().any(|field| sent(field).is_some());
        self.line("");
        let mut head = lang.pick("| key | type | |", "| 键 | 类型 | |").to_owned();
        let mut rule = "|---|---|---|".to_owned();
        let change = lang.pick(" change |", " 变更 |");
        for (is_present, name) in [(is_resource, change), (has_api, " API |")] {
            if is_present {
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
                ty(&field.ty, lang),
                meaning(field, lang)
            );
            if is_resource {
                let change = match field.change_of_parts(field.change) {
                    None => lang.pick("depends on the key", "取决于键"),
                    Some(Change::InPlace) => lang.pick("in place", "原地更新"),
                    Some(Change::Replace) => lang.pick("replaces", "替换"),
                };
                let _ = write!(row, " {change} |");
            }
            if has_api {
                let _ = write!(row, " {} |", place(sent(field), lang));
            }
            self.line(&row);
        }
    }
}

/// Returns the heading of the meta-arguments.
fn meta_arguments(lang: Lang) -> &'static str {
    lang.pick("Meta-arguments", "元参数")
}

fn meaning(field: &Field, lang: Lang) -> String {
    let mut parts = vec![cell(field.doc.get(lang))];
    if is_required(field) {
        parts.push(say!(lang, en: "**required**", zh: "必填"));
    }
    if let Some(others) = field.default_from.filter(|others| !others.is_empty()) {
        parts.push(say!(
            lang,
            en: "**required**, or {others}",
            zh: "必填，或设置 {others}",
            others = in_backticks(others),
        ));
    }
    if let Some(default) = field.default.or(field.api_default) {
        parts.push(say!(
            lang,
            en: "default `{default}`",
            zh: "默认值 `{default}`",
            default = default,
        ));
    }
    if field.presence == Availability::OptionalComputed {
        parts.push(say!(lang, en: "*chosen*", zh: "云端选择"));
    }
    if field.sensitive {
        parts.push(say!(lang, en: "*secret*", zh: "机密信息"));
    }
    if field.literal_only {
        parts.push(say!(lang, en: "cannot be an expression", zh: "不能是表达式"));
    }
    for check in field.checks {
        parts.push(cell(&describe(*check, lang)));
    }
    parts.join(lang.pick("; ", "；"))
}

/// Returns a type as it is written, with links to the tables in it.
fn ty(ty: &Type, lang: Lang) -> String {
    match ty {
        Type::Objects(object, _) => say!(
            lang,
            en: "list of {object}",
            zh: "列表：{object}",
            object = link(object, lang),
        ),
        Type::Object(object) => link(object, lang),
        Type::List(Type::Ref(kind, _)) => say!(
            lang,
            en: "list of names of `[{kind}.…]`",
            zh: "`[{kind}.…]` 的名称列表",
            kind = kind,
        ),
        Type::List(elements) => say!(
            lang,
            en: "list of {elements}",
            zh: "列表：{elements}",
            elements = plural(elements, lang),
        ),
        Type::Table(values, _) => say!(
            lang,
            en: "map of {values}",
            zh: "映射：{values}",
            values = plural(values, lang),
        ),
        Type::Ref(kind, _) => say!(
            lang,
            en: "name of a resource `[{kind}.…]`",
            zh: "资源 `[{kind}.…]` 的名称",
            kind = kind,
        ),
        Type::Enum(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word:?}`")).collect();
            words.join(lang.pick(", ", "、"))
        }
        Type::String | Type::Text64 => say!(lang, en: "string", zh: "字符串"),
        Type::Bytes64 => say!(lang, en: "string, base64", zh: "字符串，base64"),
        Type::Bool => lang.pick("`true`, `false`", "`true`、`false`").to_owned(),
        Type::Integer(min, max) => match (*min, *max) {
            (i64::MIN, i64::MAX) => say!(lang, en: "integer", zh: "整数"),
            (min, i64::MAX) => say!(lang, en: "integer ≥ {min}", zh: "整数 ≥ {min}", min = min),
            (min, max) => format!("{min} … {max}"),
        },
        Type::Number(min, _) => say!(lang, en: "number ≥ {min}", zh: "数值 ≥ {min}", min = min),
        Type::Mode => say!(lang, en: "permissions, `\"0644\"`", zh: "权限，`\"0644\"`"),
        Type::Any => say!(lang, en: "any value", zh: "任意值"),
        Type::Duration => say!(lang, en: "duration, `\"20m\"`", zh: "时长，`\"20m\"`"),
        Type::Address => say!(lang, en: "address", zh: "地址"),
        Type::Either(types) => {
            let types: Vec<String> = types.iter().map(|ty| self::ty(ty, lang)).collect();
            types.join(lang.pick(", or ", "；或"))
        }
    }
}

fn plural(ty: &Type, lang: Lang) -> String {
    match ty {
        Type::String => say!(lang, en: "strings", zh: "字符串"),
        Type::Address => say!(lang, en: "addresses", zh: "地址"),
        Type::Any => say!(lang, en: "values", zh: "任意值"),
        other => self::ty(other, lang),
    }
}

fn link(object: &Object, lang: Lang) -> String {
    let title = object.title().get(lang);
    format!("[{title}](#{})", anchor(title))
}

/// Returns the field of a request: in the body of a container group, or to the resource's own service.
fn sent(field: &Field) -> Option<&'static str> {
    field
        .request_path
        .or(field.service_request_path.filter(|place| !place.is_empty()))
}

fn place(wire: Option<&str>, lang: Lang) -> String {
    wire.map_or_else(
        || lang.pick("–", "`-`").to_owned(),
        |wire| format!("`{wire}`"),
    )
}

/// Escapes a text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_of_the_page_leads_to_a_heading() {
        Lang::ALL.into_iter().for_each(check_links);
    }

    fn check_links(lang: Lang) {
        let page = reference(lang);
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
        let page = reference(Lang::En) + &reference(Lang::Zh);
        for object in TABLES.iter().filter_map(TopLevel::object).chain([&META]) {
            for field in object.fields {
                let row = format!("| `{}` |", field.name);
                assert!(page.matches(&row).count() >= 2, "{row}");
            }
        }
    }
}
