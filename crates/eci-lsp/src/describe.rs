//! Descriptions of keys, tables, functions and codes, as Markdown.

use eci_core::Code;
use eci_core::schema::{Availability, Change, Field, Object, Type};
use eci_core::tables::{ManifestShape, TopLevel};
use eci_lang::FunctionDoc;
use eci_text::{Lang, List, Text, say, text};

/// Returns the description of a key.
pub(crate) fn field(field: &'static Field, owner: ManifestShape, lang: Lang) -> String {
    let mut text = say!(
        lang,
        en: "**`{name}`**: {doc}\n\n{ty}",
        zh: "**`{name}`**：{doc}\n\n{ty}",
        name = field.name,
        doc = field.doc,
        ty = field.ty.describe(),
    );
    let is_sensitive = field
        .sensitive
        .then(|| text!(en: "sensitive, never displayed", zh: "敏感值，不显示"));
    let is_literal = field.literal_only.then(|| {
        text!(
            en: "must be a literal, without `${…}`",
            zh: "必须是字面量，不能使用 `${…}`",
        )
    });
    let facts = [
        presence(field),
        default(field),
        change(field, owner),
        is_sensitive,
        is_literal,
    ];
    for fact in facts.into_iter().flatten() {
        text.push_str(lang.pick("; ", "；"));
        text.push_str(fact.get(lang));
    }
    if let Some(variant) = field.variant {
        text.push_str("\n\n");
        text.push_str(&say!(
            lang,
            en: "Only with `type = \"{variant}\"`.",
            zh: "仅用于 `type = \"{variant}\"`。",
            variant = variant,
        ));
    }
    match field.request_path {
        Some(wire) if !wire.is_empty() => {
            let colon = lang.pick(": ", "：");
            text.push_str(&format!("\n\nAPI{colon}`{wire}`"));
        }
        _ => {}
    }
    if let Some(object) = object_of(&field.ty) {
        text.push_str(&format!("\n\n{}", keys(object, lang)));
    }
    text
}

fn presence(field: &Field) -> Option<Text> {
    match (field.presence, field.default_from) {
        (Availability::Required, Some([])) => Some(text!(
            en: "by default derived from the resource address",
            zh: "默认由资源地址生成",
        )),
        (Availability::Required, Some(others)) => Some(text!(
            en: "required, unless {others} are set",
            zh: "必填，除非已设置 {others}",
            others = List::and(others.iter().map(|other| format!("`{other}`"))),
        )),
        (Availability::Required, None) => Some(text!(en: "required", zh: "必填")),
        (Availability::OptionalComputed, _) => Some(text!(
            en: "if omitted, the cloud chooses",
            zh: "省略时由云端决定",
        )),
        (Availability::Computed, _) => Some(text!(en: "read-only", zh: "只读")),
        (Availability::Optional, _) => None,
    }
}

fn default(field: &Field) -> Option<Text> {
    let literal = field.default.or(field.api_default)?;
    Some(text!(
        en: "default `{value}`",
        zh: "默认值为 `{value}`",
        value = literal,
    ))
}

/// Returns the effect of a change; none for settings, which are about eci itself.
fn change(field: &Field, owner: ManifestShape) -> Option<Text> {
    let change = owner.change_of(field).filter(|_| field.is_writable())?;
    Some(match field.change_of_parts(change) {
        None => text!(
            en: "the effect of a change depends on the key",
            zh: "变更的影响取决于具体的键",
        ),
        Some(Change::InPlace) => text!(
            en: "a change updates the resource in place",
            zh: "变更时原地更新资源",
        ),
        Some(Change::Replace) => text!(
            en: "a change replaces the resource",
            zh: "变更导致替换资源",
        ),
    })
}

fn object_of(ty: &'static Type) -> Option<&'static Object> {
    match ty {
        Type::Object(object) | Type::Objects(object, _) => Some(object),
        _ => None,
    }
}

fn keys(object: &Object, lang: Lang) -> String {
    let writable = object
        .fields
        .iter()
        .filter(|field| field.presence != Availability::Computed);
    let mut names: Vec<&str> = writable.map(|field| field.name).collect();
    names.dedup();
    match lang {
        Lang::En => format!("Keys: `{}`", names.join("`, `")),
        Lang::Zh => format!("键：`{}`", names.join("`、`")),
    }
}

/// Returns the description of a table.
pub(crate) fn table(top: &TopLevel, lang: Lang) -> String {
    let mut text = say!(
        lang,
        en: "**`{header}`**: {doc}",
        zh: "**`{header}`**：{doc}",
        header = top.header(),
        doc = top.doc(),
    );
    if let Some(object) = top.object() {
        text.push_str(&format!("\n\n{}", keys(object, lang)));
    }
    text
}

/// Returns the description of a function.
pub(crate) fn function(function: &FunctionDoc, lang: Lang) -> String {
    let FunctionDoc { signature, doc, .. } = function;
    format!("```hcl\n{signature}\n```\n\n{}", doc.get(lang))
}

/// Returns the description of an error code.
pub(crate) fn code(code: &Code, lang: Lang) -> String {
    say!(
        lang,
        en: "**{number} `{name}`**: {title}\n\n{found}\n\n{reason}\n\n{fix}",
        zh: "**{number} `{name}`**：{title}\n\n{found}\n\n{reason}\n\n{fix}",
        number = code.number,
        name = code.name,
        title = code.title,
        found = code.found,
        reason = code.reason,
        fix = code.fix,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_is_described_in_each_language() {
        for described in eci_lang::functions() {
            let texts = [Lang::En, Lang::Zh].map(|lang| function(&described, lang));
            assert_ne!(texts[0], texts[1], "{}", described.name);
        }
    }
}
