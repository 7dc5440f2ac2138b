//! The attribute that a refusal is about.

use eci_core::schema::{Field, Link, Object, Type};
use eci_core::{Kind, Path};

/// Returns the attribute that the message of a refusal names by its field on the wire, for example
/// `containers[0].image must not be empty` or `cpu is out of range`.
///
/// Which words a message uses is not documented; that it names the field is (API reference). Of
/// several the longest is meant. A word that is not the name of a field, or is also a word of the
/// language, names nothing.
pub fn attribute_named(kind: Kind, message: &str) -> Option<Path> {
    let part = |letter: char| letter.is_ascii_alphanumeric() || "._[]".contains(letter);
    let words = message.split(|letter| !part(letter));
    let words = words
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty());
    let found = words.filter_map(|word| {
        let path = path(kind.schema(), word)?;
        Some((path.0.len(), word.len(), path))
    });
    // The first one of those that are equally long.
    let best = found.reduce(|best, next| {
        if (next.0, next.1) > (best.0, best.1) {
            next
        } else {
            best
        }
    });
    best.map(|(_, _, path)| path)
}

/// Returns the path of a word like `containers[0].readinessProbe.httpGet.port`.
fn path(object: &'static Object, word: &str) -> Option<Path> {
    let steps = word.replace('[', ".").replace(']', "");
    let steps: Vec<&str> = steps.split('.').filter(|step| !step.is_empty()).collect();
    within(object, &steps, Path::root())
}

fn within(object: &'static Object, steps: &[&str], path: Path) -> Option<Path> {
    let mut best: Option<(usize, &'static Field)> = None;
    for field in object.fields {
        // In a group, or in the requests of the resource's own service.
        for place in [field.request_path, field.service_request_path]
            .into_iter()
            .flatten()
        {
            let own: Vec<&str> = place.split('.').filter(|it| !it.is_empty()).collect();
            let longer = best.is_none_or(|(length, _)| own.len() > length);
            if !own.is_empty() && steps.starts_with(&own) && longer {
                best = Some((own.len(), field));
            }
        }
    }
    let Some((length, field)) = best else {
        // An object that is the whole request is not a step on the wire.
        return object.fields.iter().find_map(|field| match &field.ty {
            Type::Object(whole) if field.service_request_path == Some("") => {
                within(whole, steps, path.name(field.name))
            }
            _ => None,
        });
    };
    let path = path.name(field.name);
    let rest = &steps[length..];
    let number = rest.first().and_then(|step| step.parse::<usize>().ok());
    let (path, rest) = match number {
        Some(number) => (path.index(number), &rest[1..]),
        None => (path, rest),
    };
    if rest.is_empty() {
        return Some(path);
    }
    let inner = match &field.ty {
        Type::Object(object) | Type::Objects(object, _) => Some(*object),
        Type::Ref(kind, Link::Attributes) | Type::List(Type::Ref(kind, Link::Attributes)) => {
            Some(kind.schema())
        }
        _ => None,
    };
    // What is further inside is not described: the attribute around it is near enough.
    let nearer = inner.and_then(|object| within(object, rest, path.clone()));
    Some(nearer.unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(kind: Kind, message: &str) -> Option<String> {
        attribute_named(kind, message).map(|path| path.to_string())
    }

    #[test]
    fn a_field_is_found_by_its_name_on_the_wire() {
        let group = |message| named(Kind::ContainerGroup, message);
        for (message, attribute) in [
            ("containerGroupName is not valid", "name"),
            ("\"cpu\" is out of range", "cpu"),
            (
                "containers[1].image must not be empty",
                "containers[1].image",
            ),
            (
                "containers.0.readinessProbe.httpGet.port: 0 is out of range",
                "containers[0].readiness_probe.http_get.port",
            ),
            ("azInfo[0].azName \"x\" is not known", "az_name"),
            (
                "containers[0].environmentVar[2].key is empty",
                "containers[0].env[2]",
            ),
            ("vSwitchId subnet-1 does not exist", "vswitch_id"),
        ] {
            assert_eq!(group(message).as_deref(), Some(attribute), "{message}");
        }
        assert_eq!(
            named(Kind::Eip, "bandwidth 9999 is out of range").as_deref(),
            Some("bandwidth")
        );
        assert_eq!(
            named(Kind::Volume, "diskSize: 9 is out of range").as_deref(),
            Some("disk.size")
        );
        for nothing in [
            "no",
            "",
            "the request is malformed",
            "[0]..",
            "nowhere.image",
        ] {
            assert_eq!(group(nothing), None, "{nothing}");
        }
    }
}
