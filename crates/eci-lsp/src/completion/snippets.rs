//! Templates with places to go to, `$1` and so on.

use eci_core::schema::{Availability, Field, Object, Type};
use eci_core::tables::{Form, TopLevel};

/// Returns a value to fill in: `"$1"`.
pub(super) fn value(ty: &Type, at: usize) -> String {
    match ty {
        Type::Bool => format!("${{{at}|true,false|}}"),
        Type::Integer(..) | Type::Number(..) | Type::Any => format!("${at}"),
        Type::Enum(words) => {
            if words.iter().any(|word| word.is_empty()) {
                format!("\"${at}\"")
            } else {
                format!("\"${{{at}|{}|}}\"", words.join(","))
            }
        }
        Type::String
        | Type::Mode
        | Type::Text64
        | Type::Bytes64
        | Type::Duration
        | Type::Address
        | Type::Ref(..) => format!("\"${at}\""),
        Type::List(items) => format!("[{}]", value(items, at)),
        Type::Objects(..) => format!("[{{ ${at} }}]"),
        Type::Object(_) | Type::Table(..) => format!("{{ ${at} }}"),
        Type::Either(types) => types
            .first()
            .map_or_else(|| format!("${at}"), |ty| value(ty, at)),
    }
}

/// Returns the keys that a table must have, a line each, from the place `at` on.
fn required(object: &Object, at: &mut usize) -> String {
    let mut lines = String::new();
    for field in object.fields.iter().filter(|field| must_be_written(field)) {
        if !matches!(field.ty, Type::Objects(..)) {
            lines.push_str(&format!("{} = {}\n", field.name, value(&field.ty, *at)));
            *at += 1;
        }
    }
    lines
}

/// Returns whether a table without it is wrong, whatever else it has.
pub(super) fn must_be_written(field: &Field) -> bool {
    let is_required = field.presence == Availability::Required;
    is_required
        && field.default_from.is_none()
        && field.variant.is_none()
        && field.default.is_none()
}

/// Returns a whole table with its required parts: its header, its keys, and the tables below it.
pub(super) fn table(top: &TopLevel) -> String {
    let name = top.name;
    let mut at = 2;
    match top.form {
        Form::Single(object) => format!("[{name}]\n{}$0", required(object, &mut at)),
        Form::Values => format!("[{name}]\n$0"),
        Form::Repeated(object) => {
            at = 1;
            format!("[[{name}]]\n{}$0", required(object, &mut at))
        }
        Form::Labeled(object) => {
            format!("[{name}.${{1:name}}]\n{}$0", required(object, &mut at))
        }
        Form::Resource(kind) => {
            let object = kind.schema();
            let mut text = format!("[{name}.${{1:name}}]\n{}", required(object, &mut at));
            for field in object.fields.iter().filter(|field| must_be_written(field)) {
                if let Type::Objects(inner, _) = field.ty {
                    let keys = required(inner, &mut at);
                    text.push_str(&format!("\n[[{name}.$1.{}]]\n{keys}", field.name));
                }
            }
            text + "$0"
        }
    }
}

/// Returns a text as a template that inserts just it.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '$' | '}' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Returns a template without its places: of a choice its first, of a name the name.
pub(super) fn plain(template: &str) -> String {
    let mut plain = String::with_capacity(template.len());
    let mut rest = template.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => plain.extend(rest.next()),
            '$' if rest.peek() == Some(&'{') => {
                let inner: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                let shown = inner.trim_start_matches(|c: char| c.is_ascii_digit());
                let first = shown.trim_matches([':', '|']).split(',').next();
                plain.push_str(first.unwrap_or_default());
            }
            '$' => while rest.next_if(char::is_ascii_digit).is_some() {},
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_core::tables;

    use super::*;

    #[test]
    fn a_table_comes_with_what_it_must_have() {
        let group = table(tables::table("container_group").unwrap());
        assert!(
            group.starts_with("[container_group.${1:name}]\n"),
            "{group}"
        );
        assert!(group.contains("vpc_id = \"$2\"\n"), "{group}");
        assert!(
            group.contains("\n[[container_group.$1.containers]]\n"),
            "{group}"
        );
        assert!(group.contains("image = \"$"), "{group}");
        assert!(!group.contains("restart_policy"), "{group}");
    }

    #[test]
    fn a_template_without_its_places_is_plain_text() {
        assert_eq!(
            plain("[eip.${1:name}]\na = \"${2|x,y|}\"\nb = $3$0"),
            "[eip.name]\na = \"x\"\nb = "
        );
        assert_eq!(plain(&escaped("${a}\\")), "${a}\\");
    }
}
