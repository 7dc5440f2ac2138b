//! Secrets in manifests, and logins that nothing uses.

use std::ops::Range;

use eci_core::schema::{Object, Type};
use eci_core::{Diagnostic, Diagnostics, Kind, Path, Value, codes};

use super::{Advice, text};
use crate::manifest::{Block, Data, Entry, Node};

/// What the name of an environment variable has in it that holds a secret.
const SECRET_WORDS: [&str; 9] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "API_KEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "CREDENTIAL",
];

/// How such a name ends if it says something about a secret instead.
const HARMLESS_ENDS: [&str; 10] = [
    "_FILE", "_PATH", "_DIR", "_URL", "_URI", "_TTL", "_NAME", "_ID", "_HEADER", "_ENABLED",
];

/// The names of the registry that images without a host come from.
const DEFAULT_REGISTRY: [&str; 4] = [
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "hub.docker.com",
];

/// Warns of every secret that the table of a resource has written out, and keeps it from being
/// shown.
pub(crate) fn written_out(kind: Kind, block: &Block, diagnostics: &mut Diagnostics) {
    let mut found = Vec::new();
    in_table(&block.node, kind.schema(), &mut found);
    for entry in found {
        tell(block, entry, diagnostics);
    }
}

/// Keeps a value from being shown; its quotes stay, so that the line still looks like one.
pub(crate) fn hide_value(block: &Block, entry: &Entry) {
    let Range { start, end } = entry.node.range;
    block.source.hide(start + 1..end.saturating_sub(1));
}

/// Keeps the default of a sensitive variable from being shown.
pub(crate) fn hide_default(variable: &Block) {
    let is_sensitive = variable
        .node
        .get("sensitive")
        .is_some_and(|node| !matches!(node.data, Data::Literal(Value::Bool(false))));
    if let Some(default) = variable.node.get("default").filter(|_| is_sensitive) {
        variable.source.hide(default.range.clone());
    }
}

/// The entries of a table, and of those in it, that hold a secret which is written out.
fn in_table<'a>(node: &'a Node, object: &'static Object, found: &mut Vec<&'a Entry>) {
    for entry in node.entries().unwrap_or_default() {
        let mut fields = object.fields.iter();
        let Some(field) = fields.find(|field| field.name == &*entry.key) else {
            continue;
        };
        match (&field.ty, &entry.node.data) {
            _ if field.sensitive => found.extend(Some(entry).filter(|entry| is_secret(entry))),
            (Type::Object(inner), Data::Table(_)) => in_table(&entry.node, inner, found),
            (Type::Objects(inner, _), Data::List(items)) => {
                for item in items {
                    in_table(item, inner, found);
                }
            }
            (Type::Table(..), Data::Table(entries)) if field.name == "env" => {
                let named = entries.iter().filter(|entry| names_secret(&entry.key));
                found.extend(named.filter(|entry| is_secret(entry)));
            }
            _ => {}
        }
    }
}

/// Whether an environment variable of that name probably holds a secret.
fn names_secret(name: &str) -> bool {
    let name = name.to_uppercase();
    SECRET_WORDS.iter().any(|word| name.contains(word))
        && !HARMLESS_ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether a value is a text that is written out. What is empty, a number or a truth value is
/// no secret, and an access key is only the name of one.
fn is_secret(entry: &Entry) -> bool {
    let plain = |text: &str| {
        text.is_empty() || text.parse::<f64>().is_ok() || matches!(text, "true" | "false")
    };
    &*entry.key != "access_key" && entry.node.literal_text().is_some_and(|text| !plain(text))
}

fn tell(block: &Block, entry: &Entry, diagnostics: &mut Diagnostics) {
    hide_value(block, entry);
    let key = &*entry.key;
    let name = key.to_lowercase();
    let message = format!("`{key}` is a secret, and is written out");
    let help = format!(
        "declare [variable.{name}] with sensitive = true, write '${{var.{name}}}' here, and give \
         the value as ECI_VAR_{name}"
    );
    diagnostics.push(
        Diagnostic::new(codes::LITERAL_SECRET, message)
            .at(block.at(&entry.key_range), "")
            .help(help),
    );
}

/// Warns of logins for registries that no image comes from.
pub(super) fn unused_logins(advice: &mut Advice<'_>) {
    if !advice.attributes.contains_key("image_registry_credentials") {
        return;
    }
    let containers = advice.tables("containers");
    let containers = containers.chain(advice.tables("init_containers"));
    let images: Option<Vec<&str>> = containers
        .map(|(_, container)| text(container, "image"))
        .collect();
    // One that is not known yet may come from anywhere.
    let Some(images) = images.filter(|images| !images.is_empty()) else {
        return;
    };
    for (at, login) in advice.tables("image_registry_credentials") {
        let Some(server) = text(login, "server") else {
            continue;
        };
        if images
            .iter()
            .any(|image| serves(server, registry_of(image)))
        {
            continue;
        }
        let mut registries: Vec<&str> = images.iter().map(|image| registry_of(image)).collect();
        registries.sort_unstable();
        registries.dedup();
        let message = format!("no image of this group comes from {server}");
        let help = format!(
            "its images come from {}; remove the login, or correct the name",
            registries.join(", ")
        );
        let path = Path::root().name("image_registry_credentials");
        let path = path.index(at).name("server");
        advice.warn(codes::UNUSED_CREDENTIAL, message, &path, help);
    }
}

/// The registry that an image comes from: what stands before its first `/`, if it is a host.
fn registry_of(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => DEFAULT_REGISTRY[0],
    }
}

/// Whether a login for this server is used for that registry.
fn serves(server: &str, registry: &str) -> bool {
    let server = server.split_once("://").map_or(server, |(_, rest)| rest);
    let server = server.split('/').next().unwrap_or_default();
    let is_default = |name: &str| DEFAULT_REGISTRY.contains(&name);
    server.eq_ignore_ascii_case(registry) || (is_default(server) && is_default(registry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_what_an_image_begins_with_if_that_is_a_host() {
        assert_eq!(registry_of("nginx:1.27"), "docker.io");
        assert_eq!(registry_of("library/nginx"), "docker.io");
        assert_eq!(registry_of("r.example.com/a/b:1"), "r.example.com");
        assert_eq!(registry_of("localhost:5000/a"), "localhost:5000");
        assert!(serves("https://index.docker.io/v1/", "docker.io"));
        assert!(serves("R.example.com", "r.example.com"));
        assert!(!serves("r.example.com", "r.example.com:5000"));
    }

    #[test]
    fn names_say_whether_an_environment_variable_holds_a_secret() {
        for secret in [
            "DB_PASSWORD",
            "api_key",
            "GITHUB_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
        ] {
            assert!(names_secret(secret), "{secret}");
        }
        for plain in [
            "DB_PASSWORD_FILE",
            "TOKEN_URL",
            "AWS_ACCESS_KEY_ID",
            "LOG_LEVEL",
        ] {
            assert!(!names_secret(plain), "{plain}");
        }
    }
}
