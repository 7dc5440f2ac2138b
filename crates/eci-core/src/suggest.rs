//! "Did you mean …?"

use std::cell::Cell;

use eci_text::{Spaced, Text, text};

/// No name is longer, in bytes.
///
/// To compare texts takes as many steps as both lengths multiplied.
const LONGEST: usize = 200;

/// The number of names that are compared before [`replenish`] is called again.
///
/// A file can have very many mistakes, and the suggestion for the thousandth does not help.
const MOST_COMPARED: usize = 200_000;

thread_local! {
    /// The number of names that this thread may still compare.
    static LEFT: Cell<usize> = const { Cell::new(MOST_COMPARED) };
}

/// Says that new text is read: its mistakes get suggestions, whatever came before.
pub fn replenish() {
    LEFT.set(MOST_COMPARED);
}

/// Counts one comparison, and returns whether it is still allowed.
fn is_left() -> bool {
    let left = LEFT.get();
    LEFT.set(left.saturating_sub(1));
    left > 0
}

/// Returns the suggestion of a name that was probably meant, as a help.
pub fn did_you_mean(near: &str) -> Text {
    text!(en: "did you mean `{near}`?", zh: "是否应为 `{near}`？", near = near)
}

/// Returns the help for a key where the one that was probably meant has values of another type.
pub fn use_with_type(near: &str, expected: &Text) -> Text {
    text!(
        en: "use `{near}`, which must be {expected}",
        zh: "使用 `{near}`，其值必须是{expected}",
        near = near,
        expected = Spaced(expected),
    )
}

/// The help for `count`, which Terraform has.
pub const INSTEAD_OF_COUNT: Text = Text::fixed(
    "use `for_each` with a key for each instance",
    "使用 `for_each`，每个实例对应一个键",
);

/// Returns the help for a name where the one that was probably meant is there as well.
pub fn already_set(near: &str) -> Text {
    text!(en: "remove it: `{near}` is set as well", zh: "将其删除：`{near}` 也已设置", near = near)
}

/// Returns the known name nearest to the written one, if one is near enough to be meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > LONGEST {
        return None;
    }
    let lower = written.to_lowercase();
    // Any two names of one letter are near, and none of them is meant.
    let allowed = match written.chars().count() {
        0 | 1 => 0,
        length => (length / 3).clamp(1, 3),
    };
    let mut meant = None;
    let near = known
        .into_iter()
        .filter(|name| name.len() <= LONGEST)
        .take_while(|_| is_left())
        .inspect(|name| meant = meant.or_else(|| is_synonym(&lower, name).then_some(*name)))
        .map(|name| {
            (
                strsim::damerau_levenshtein(&lower, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(distance, name)| {
            *distance == 0
                || (*distance <= allowed
                    && name.chars().nth(1).is_some()
                    && is_probable(&lower, name))
                || ["_id", "_name"]
                    .map(|end| name.strip_suffix(end))
                    .contains(&Some(&lower))
                || (lower.len() >= 4 && name.replace('_', "") == lower.replace(['_', '-'], ""))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name);
    meant.or(near)
}

/// Returns whether a name that differs in one character was probably meant.
///
/// Two short names differ in one character by chance: `ip` and `id`.
fn is_probable(lower: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let length = lower.chars().count();
    let sorted = |text: &str| {
        let mut characters: Vec<char> = text.chars().collect();
        characters.sort_unstable();
        characters
    };
    length > 2 || length != name.chars().count() || sorted(lower) == sorted(&name)
}

/// Returns the known address that was probably meant: one with a near name and the same type and
/// modules, or one with the same name and type in other modules; for a name alone, one of any type.
///
/// Addresses are not compared as a whole, because their types are so long that any two short
/// names would be near.
pub fn nearest_address<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let (prefix, name) = address_parts(written);
    let known: Vec<&str> = known.into_iter().collect();
    let all = || known.iter().map(|known| (address_parts(known), *known));
    let names = all().filter(|((other, _), _)| *other == prefix);
    let near = nearest(name, names.map(|((_, name), _)| name));
    if let Some(near) = near {
        let mut all = all();
        return all.find_map(|(parts, known)| (parts == (prefix, near)).then_some(known));
    }
    let is_of_type = |other: &str| prefix.is_empty() || type_of(other) == type_of(prefix);
    let mut same = all().filter(|((other, label), _)| *label == name && is_of_type(other));
    same.next().map(|(_, known)| known)
}

/// Returns the type at the end of the part of an address before its name.
fn type_of(prefix: &str) -> &str {
    prefix.rsplit('.').next().unwrap_or(prefix)
}

/// Splits an address into the part before its name, and the name with its key.
fn address_parts(address: &str) -> (&str, &str) {
    let mut quoted = false;
    let mut escaped = false;
    let mut dot = None;
    for (at, character) in address.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            '.' if !quoted => dot = Some(at),
            _ => {}
        }
    }
    match dot {
        Some(dot) => (&address[..dot], &address[dot + 1..]),
        None => ("", address),
    }
}

/// Returns whether a known name is a synonym of a name that other tools use.
fn is_synonym(lower: &str, name: &str) -> bool {
    let mut pairs = SYNONYMS.iter();
    pairs.any(|(other, ours)| *ours == name && lower.replace(['_', '-'], "") == *other)
}

/// Names that Terraform's providers, Kubernetes or Docker give to what a manifest has under
/// another one, without `_`.
const SYNONYMS: [(&str, &str); 33] = [
    ("availabilityzone", "az_name"),
    ("zone", "az_name"),
    ("zoneid", "az_name"),
    ("subnetid", "vswitch_id"),
    ("subnet", "vswitch_id"),
    ("securitygroup", "security_group_id"),
    ("securitygroups", "security_group_id"),
    ("labels", "tags"),
    ("hostname", "host_name"),
    ("dns", "dns_config"),
    ("dnspolicy", "dns_config"),
    ("imagepullsecrets", "image_registry_credentials"),
    ("registrycredentials", "image_registry_credentials"),
    ("container", "containers"),
    ("environment", "env"),
    ("environmentvars", "env"),
    ("environmentvariables", "env"),
    ("entrypoint", "command"),
    ("cmd", "args"),
    ("mounts", "volume_mounts"),
    ("workdir", "working_dir"),
    ("workingdirectory", "working_dir"),
    ("containerport", "port"),
    ("username", "user_name"),
    ("http", "http_get"),
    ("httpget", "http_get"),
    ("tcp", "tcp_socket"),
    ("count", "for_each"),
    ("ip", "address"),
    ("ipaddress", "address"),
    ("publicip", "address"),
    ("passphrase", "passphrase_env"),
    ("key", "key_env"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_name_and_nonsense_finds_none() {
        let known = ["image", "image_pull_policy", "ports", "working_dir"];
        assert_eq!(nearest("imgae", known), Some("image"));
        assert_eq!(nearest("workingDir", known), Some("working_dir"));
        assert_eq!(nearest("port", known), Some("ports"));
        assert_eq!(nearest("replicas", known), None);
        assert_eq!(nearest("Environment", ["env", "image"]), Some("env"));
        assert_eq!(nearest("region", ["region_id", "retry"]), Some("region_id"));
        assert_eq!(nearest("environment", ["image"]), None);
        assert_eq!(nearest("ip", ["id", "name"]), None);
        assert_eq!(nearest("ip", ["id", "address"]), Some("address"));
        assert_eq!(nearest("di", ["id", "name"]), Some("id"));
        assert_eq!(nearest("os", ["oss", "cos"]), Some("oss"));
        assert_eq!(nearest("f", ["g", "gf"]), None);
        assert_eq!(nearest("fg", ["g"]), None);
        assert_eq!(nearest("F", ["f"]), Some("f"));
    }

    #[test]
    fn suggestions_end_where_there_are_very_many_mistakes() {
        let known: Vec<String> = (0..1000).map(|at| format!("local_{at}")).collect();
        let nearest = |written: &str| nearest(written, known.iter().map(|name| &**name));
        let found = (0..1000).filter(|_| nearest("lokal_999").is_some()).count();
        assert!((1..=200).contains(&found), "{found}");
        replenish();
        assert_eq!(nearest("lokal_1"), Some("local_1"));
    }

    #[test]
    fn an_address_is_near_by_its_name() {
        let known = [
            "container_group.app",
            "eip.front[\"a.b\"]",
            "module.shop.eip.front",
        ];
        let near = |written: &str| nearest_address(written, known);
        assert_eq!(near("container_group.ap"), Some("container_group.app"));
        assert_eq!(near("container_group.nope"), None);
        assert_eq!(near("container_group.api"), Some("container_group.app"));
        assert_eq!(near("eip.frnt[\"a.b\"]"), Some("eip.front[\"a.b\"]"));
        assert_eq!(near("eip.app"), None);
        assert_eq!(
            near("module.shop.container_group.app"),
            Some("container_group.app")
        );
        assert_eq!(near("app"), Some("container_group.app"));
        assert_eq!(near("module.shop.eip.fornt"), Some("module.shop.eip.front"));
        assert_eq!(near("volume.data"), None);
    }

    #[test]
    fn a_text_that_is_too_long_for_a_name_is_not_compared() {
        let long = "x".repeat(4 << 20);
        let begin = std::time::Instant::now();
        assert_eq!(nearest(&long, ["image", &long]), None);
        assert_eq!(nearest("imgae", [&*long, "image"]), Some("image"));
        assert!(begin.elapsed().as_secs() < 2);
    }
}
