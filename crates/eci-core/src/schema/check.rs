//! Rules beyond the type: limits that can be checked without the cloud.

use super::Violation;
use crate::diagnostic::Severity;
use crate::path::Path;
use crate::value::Value;

/// A rule about one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// 1–63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit. Assumed, from a
    /// cloud with the same product: a breach is a warning.
    DnsLabel,
    /// Begins with `/`.
    AbsolutePath,
    /// Not the empty string.
    NotEmpty,
    /// At least one item.
    AtLeastOne,
    /// At most so many items; the limit is documented.
    AtMost(usize),
    /// At most so many items; the limit is assumed, so that a breach is a warning.
    ProbablyAtMost(usize),
    /// A kernel parameter that has a namespace of its own (seed page): `kernel.shm*`,
    /// `kernel.msg*`, `kernel.sem`, `fs.mqueue.*`, `net.*` but `net.core.rmem_max`.
    NamespacedSysctlKeys,
    /// Keys of 1–128 and values of at most 256 characters, and none of them ours.
    TagLengths,
}

impl Check {
    pub(super) fn run(self, value: &Value, path: &Path, violations: &mut Vec<Violation>) {
        let mut report = |severity: Severity, message: String, help: &str| {
            let help = (!help.is_empty()).then(|| help.to_owned());
            violations.push(Violation {
                path: path.clone(),
                severity,
                code: self.code(),
                message,
                help,
            });
        };
        match self {
            Check::DnsLabel => {
                if value.as_str().is_some_and(|text| !is_dns_label(text)) {
                    report(
                        Severity::Warning,
                        "the cloud will probably refuse this name".to_owned(),
                        "use 1 to 63 of a-z, 0-9 and `-`, with a letter or digit at both ends",
                    );
                }
            }
            Check::AbsolutePath => {
                if value.as_str().is_some_and(|text| !text.starts_with('/')) {
                    report(
                        Severity::Error,
                        "this must be an absolute path".to_owned(),
                        "begin it with `/`",
                    );
                }
            }
            Check::NotEmpty => {
                if value.as_str() == Some("") {
                    report(Severity::Error, "this must not be empty".to_owned(), "");
                }
            }
            Check::AtLeastOne => {
                if items(value) == Some(0) {
                    report(Severity::Error, "at least one is needed".to_owned(), "");
                }
            }
            Check::AtMost(most) | Check::ProbablyAtMost(most) => {
                if let Some(count) = items(value).filter(|count| *count > most) {
                    let severity = match self {
                        Check::AtMost(_) => Severity::Error,
                        _ => Severity::Warning,
                    };
                    report(
                        severity,
                        format!("{count} are given, at most {most} are allowed"),
                        "",
                    );
                }
            }
            Check::NamespacedSysctlKeys => {
                for key in value.as_map().into_iter().flatten().map(|(key, _)| key) {
                    if !is_namespaced_sysctl(key) {
                        report(
                            Severity::Error,
                            format!("the kernel parameter `{key}` cannot be set for one group"),
                            "allowed are kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* but net.core.rmem_max",
                        );
                    }
                }
            }
            Check::TagLengths => {
                for (key, value) in value.as_map().into_iter().flatten() {
                    if key.is_empty() || key.chars().count() > 128 {
                        report(
                            Severity::Error,
                            format!("the key `{key}` must have 1 to 128 characters"),
                            "",
                        );
                    }
                    if **key == *crate::OperationTag::KEY {
                        report(
                            Severity::Error,
                            format!("the tag `{key}` is written by eci itself"),
                            "choose another key",
                        );
                    }
                    if value
                        .as_str()
                        .is_some_and(|text| text.chars().count() > 256)
                    {
                        report(
                            Severity::Error,
                            format!("the value of `{key}` must have at most 256 characters"),
                            "",
                        );
                    }
                }
            }
        }
    }

    fn code(self) -> &'static str {
        match self {
            Check::DnsLabel => "name",
            Check::AbsolutePath => "absolute-path",
            Check::NotEmpty => "empty",
            Check::AtLeastOne | Check::AtMost(_) | Check::ProbablyAtMost(_) => "count",
            Check::NamespacedSysctlKeys => "sysctl",
            Check::TagLengths => "tag",
        }
    }
}

fn items(value: &Value) -> Option<usize> {
    value
        .as_list()
        .map(<[Value]>::len)
        .or_else(|| value.as_map().map(|entries| entries.len()))
}

fn is_dns_label(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.chars().all(|c| allowed(c) || c == '-')
        && text.starts_with(allowed)
        && text.ends_with(allowed)
}

fn is_namespaced_sysctl(name: &str) -> bool {
    let prefixed = ["kernel.shm", "kernel.msg", "fs.mqueue.", "net."];
    name == "kernel.sem"
        || (prefixed.iter().any(|prefix| name.starts_with(prefix)) && name != "net.core.rmem_max")
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
