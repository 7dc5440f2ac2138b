//! Registry credentials that nothing uses.

use eci_core::{Path, codes};
use eci_text::{List, text};

use super::advice::{Advice, is_secret, string_of};

/// The names of the registry that images without a host come from.
const DEFAULT_REGISTRY: [&str; 4] = [
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "hub.docker.com",
];

/// Warns of credentials for registries that no image comes from.
pub(super) fn unused_credentials(advice: &mut Advice<'_>) {
    if !advice.attributes.contains_key("image_registry_credentials") {
        return;
    }
    let containers = advice.tables("containers");
    let containers = containers.chain(advice.tables("init_containers"));
    let images: Option<Vec<&str>> = containers
        .map(|(_, container)| string_of(container, "image"))
        .collect();
    let containers = advice.tables("containers");
    let mut containers = containers.chain(advice.tables("init_containers"));
    let images_are_shown = !containers.any(|(_, container)| is_secret(container, "image"));
    // One that is unknown may come from anywhere.
    let Some(images) = images.filter(|images| !images.is_empty()) else {
        return;
    };
    for (at, credential) in advice.tables("image_registry_credentials") {
        let Some(server) = string_of(credential, "server") else {
            continue;
        };
        let server_is_shown = !is_secret(credential, "server");
        if images
            .iter()
            .any(|image| serves(server, registry_of(image)))
        {
            continue;
        }
        let mut registries: Vec<&str> = images.iter().map(|image| registry_of(image)).collect();
        registries.sort_unstable();
        registries.dedup();
        let message = if server_is_shown {
            text!(
                en: "unused registry credential: no image of the container group comes from `{server}`",
                zh: "镜像仓库凭证未使用：容器组没有来自 `{server}` 的镜像",
                server = server,
            )
        } else {
            text!(
                en: "unused registry credential: no image of the container group comes from its registry",
                zh: "镜像仓库凭证未使用：容器组没有来自该仓库的镜像",
            )
        };
        let help = if images_are_shown {
            text!(
                en: "remove the credential, or correct `server`; the images come from {registries}",
                zh: "删除该凭证，或更正 `server`；镜像来自 {registries}",
                registries = List::and(registries.iter().map(|name| format!("`{name}`"))),
            )
        } else {
            text!(
                en: "remove the credential, or correct `server`",
                zh: "删除该凭证，或更正 `server`",
            )
        };
        let path = Path::root().name("image_registry_credentials");
        let path = path.index(at).name("server");
        advice.warn(codes::UNUSED_CREDENTIAL, message, &path, help);
    }
}

/// Returns the registry of an image: the part before its first `/`, if it is a host.
fn registry_of(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => DEFAULT_REGISTRY[0],
    }
}

/// Returns whether a credential for this server is used for that registry.
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
}
