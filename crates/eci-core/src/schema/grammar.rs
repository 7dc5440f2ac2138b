//! Grammar of names, addresses and references to images.

use std::net::IpAddr;

/// The prefixes of kernel parameters that each group has for itself.
pub(super) const NAMESPACED_SYSCTL_PREFIXES: [&str; 4] =
    ["kernel.shm", "kernel.msg", "fs.mqueue.", "net."];
/// A kernel parameter that each group has for itself, and that has none of the prefixes.
pub(super) const NAMESPACED_SYSCTL: &str = "kernel.sem";
/// A kernel parameter that has one of the prefixes and belongs to the whole machine.
pub(super) const GLOBAL_SYSCTL: &str = "net.core.rmem_max";

pub(super) fn is_eip_name(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || ('\u{4e00}'..='\u{9fa5}').contains(&c);
    let other = |c: char| first(c) || c.is_ascii_digit() || matches!(c, '_' | '-');
    (2..=32).contains(&text.chars().count()) && text.starts_with(first) && text.chars().all(other)
}

pub(super) fn is_disk_name(text: &str) -> bool {
    let other = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (2..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(other)
}

pub(super) fn has_two_decimals(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.')
        .is_some_and(|(yuan, fen)| digits(yuan) && digits(fen) && fen.len() == 2)
}

pub(super) fn is_dns_label(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.chars().all(|c| allowed(c) || c == '-')
        && text.starts_with(allowed)
        && text.ends_with(allowed)
}

pub(super) fn is_namespaced_sysctl(name: &str) -> bool {
    let prefixed = NAMESPACED_SYSCTL_PREFIXES.iter();
    name == NAMESPACED_SYSCTL
        || (prefixed.copied().any(|prefix| name.starts_with(prefix)) && name != GLOBAL_SYSCTL)
}

/// Returns whether a text has the form `HOST:/PATH`.
pub(super) fn is_host_path(text: &str) -> bool {
    let parts = text.rsplit_once(":/");
    parts.is_some_and(|(host, _)| !host.is_empty() && !host.contains(char::is_whitespace))
}

pub(super) fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

/// Letters, digits, `_`, `-` and `.`, no digit first.
pub(super) fn is_env_name(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '-' | '.');
    text.starts_with(first) && text.chars().all(|c| first(c) || c.is_ascii_digit())
}

/// Returns whether a text has the form `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
pub(super) fn is_image(text: &str) -> bool {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    let (first, rest) = match name.split_once('/') {
        Some((first, rest)) if is_registry(first) => (Some(first), rest),
        _ => (None, name),
    };
    let (path, tag) = match rest.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let is_tag = |tag: &str| {
        (1..=128).contains(&tag.len()) && !tag.starts_with(['-', '.']) && tag.chars().all(word)
    };
    let is_digest = |digest: &str| {
        let parts = digest.split_once(':');
        parts.is_some_and(|(kind, hex)| {
            !kind.is_empty() && hex.len() >= 32 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    first.is_none_or(is_host)
        && path.split('/').all(is_path_part)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest)
}

/// Returns whether the first part of a path is a registry: it has a dot, a port or capitals, or is
/// `localhost`.
fn is_registry(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':']) || part.contains(char::is_uppercase)
}

fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(']') || name.starts_with('[') => (name, Some(port)),
        _ => (host, None),
    };
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '[' | ']' | ':');
    !name.is_empty()
        && name.chars().all(letter)
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Returns whether a part of a path consists of lower-case letters and digits, with separators
/// between them.
fn is_path_part(part: &str) -> bool {
    let end = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    part.starts_with(end)
        && part.ends_with(end)
        && part.chars().all(|c| end(c) || matches!(c, '_' | '-' | '.'))
}

/// Removes from a path whatever does not change where it leads: `/a//b/../c/` becomes `/a/c`.
pub(super) fn plain_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_dns_labels() {
        for good in ["a", "web-1", "0-0"] {
            assert!(is_dns_label(good), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a_b", "a.b", "名"] {
            assert!(!is_dns_label(bad), "{bad}");
        }
    }

    #[test]
    fn eips_and_disks_have_names_by_rules_of_their_own() {
        for good in ["ab", "公网", "web_1-A"] {
            assert!(is_eip_name(good), "{good}");
        }
        for bad in ["a", "1ab", "-ab", "a.b", "http:", &"a".repeat(33)] {
            assert!(!is_eip_name(bad), "{bad}");
        }
        assert!(is_disk_name("data-1_A") && is_disk_name(&"a".repeat(63)));
        for bad in ["a", "1ab", "公网", "a.b", &"a".repeat(64)] {
            assert!(!is_disk_name(bad), "{bad}");
        }
    }

    #[test]
    fn images_have_registries_tags_and_digests() {
        let digest = format!("nginx@sha256:{}", "0a".repeat(32));
        for good in [
            "nginx",
            "nginx:1.27",
            "library/nginx:latest",
            "registry.example.com:5000/team/web_app:v1-RC.2",
            "localhost/web",
            "Registry/web",
            "[::1]:5000/web",
            &digest,
            "nginx:missing",
        ] {
            assert!(is_image(good), "{good}");
        }
        for bad in [
            "NGINX",
            "nginx latest",
            "nginx:",
            "nginx:a:b",
            "nginx@sha256:12",
            "/nginx",
            "nginx/",
            "a//b",
            "registry.example:port/web",
            "https://registry.example/web",
            "名",
        ] {
            assert!(!is_image(bad), "{bad}");
        }
    }

    #[test]
    fn variables_of_programs_have_names() {
        for good in ["PATH", "a.b-c", "_1"] {
            assert!(is_env_name(good), "{good}");
        }
        for bad in ["", "1A", "A B", "A=B", "名"] {
            assert!(!is_env_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_share_has_a_host_and_a_path() {
        for good in ["10.0.0.1:/share", "nas.example:/", "[fe80::1]:/a"] {
            assert!(is_host_path(good), "{good}");
        }
        for bad in ["", "share", "/share", ":/share", "host:share", "a b:/c"] {
            assert!(!is_host_path(bad), "{bad}");
        }
    }

    #[test]
    fn paths_that_lead_to_one_place_are_one() {
        for path in ["/a/c", "/a/c/", "//a/./c", "/a/b/../c", "/../a/c"] {
            assert_eq!(plain_path(path), "/a/c", "{path}");
        }
        assert_eq!(plain_path("/"), "/");
    }

    #[test]
    fn an_amount_has_two_decimals() {
        assert!(has_two_decimals("12.50") && has_two_decimals("0.05"));
        for bad in ["12", "12.5", "12.505", ".50", "-1.00", "1,00"] {
            assert!(!has_two_decimals(bad), "{bad}");
        }
    }

    #[test]
    fn only_namespaced_kernel_parameters_pass() {
        for good in [
            "kernel.msgmax",
            "kernel.shm_rmid_forced",
            "kernel.sem",
            "net.ipv4.ip_forward",
        ] {
            assert!(is_namespaced_sysctl(good), "{good}");
        }
        for bad in [
            "vm.swappiness",
            "kernel.pid_max",
            "net.core.rmem_max",
            "fs.file-max",
        ] {
            assert!(!is_namespaced_sysctl(bad), "{bad}");
        }
    }
}
