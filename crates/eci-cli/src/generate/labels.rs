//! Labels of generated tables: the name in the cloud, as far as it can be a label.

use std::collections::BTreeSet;

/// The labels of one kind that are taken.
#[derive(Debug, Default)]
pub(super) struct Labels {
    taken: BTreeSet<String>,
}

impl Labels {
    /// Creates labels of which only these are taken.
    pub(super) fn without<const N: usize>(taken: [&str; N]) -> Labels {
        Labels {
            taken: taken.into_iter().map(str::to_owned).collect(),
        }
    }

    /// Returns a label for an object of that name, and marks it as taken.
    pub(super) fn label(&mut self, name: &str) -> String {
        let label = as_label(name);
        let mut free = label.clone();
        let mut number = 1;
        while !self.taken.insert(free.clone()) {
            number += 1;
            free = format!("{label}_{number}");
        }
        free
    }
}

/// Returns the default name of a resource with a label.
pub(super) fn default_name(label: &str) -> String {
    label.replace('_', "-")
}

/// Returns the name of a volume with that label: the default one, as far as that is a name for a
/// volume.
pub(super) fn dns_name(label: &str) -> String {
    let name: String = default_name(label)
        .chars()
        .map(|c| c.to_ascii_lowercase())
        .take(63)
        .collect();
    match name.trim_matches('-') {
        "" => "disk".to_owned(),
        name => name.to_owned(),
    }
}

fn as_label(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let label: String = name
        .chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect();
    if label.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        label
    } else {
        format!("_{label}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_gets_a_name_that_it_can_have() {
        for (label, name) in [
            ("data_1", "data-1"),
            ("Data_", "data"),
            ("_3d", "3d"),
            ("__", "disk"),
        ] {
            assert_eq!(dns_name(label), name);
        }
    }

    #[test]
    fn every_name_gets_a_distinct_label() {
        let mut labels = Labels::without(["imports"]);
        let given = ["web", "web", "3d-tiles", "a.b", "", "imports"].map(|name| labels.label(name));
        let expected = ["web", "web_2", "_3d-tiles", "a_b", "_", "imports_2"];
        assert_eq!(given, expected);
        assert!(given.iter().all(|label| eci_core::address::is_label(label)));
    }
}
