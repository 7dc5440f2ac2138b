//! Rules beyond the type: limits that can be checked without the cloud.

use super::Violation;
use super::grammar::{
    GLOBAL_SYSCTL, NAMESPACED_SYSCTL, NAMESPACED_SYSCTL_PREFIXES, has_two_decimals, is_address,
    is_disk_name, is_dns_label, is_eip_name, is_env_name, is_host_path, is_image,
    is_namespaced_sysctl,
};
use eci_text::Text;

use crate::codes::{self, Code};
use crate::path::{Path, PathCursor};
use crate::value::Value;

/// A rule about one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// 1–63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit. Assumed, from a
    /// cloud with the same product: a breach is a warning.
    DnsLabel,
    /// Begins with `/`.
    AbsolutePath,
    /// Not the empty string; what is required never is, see [`super::Field::must_be_filled`].
    NotEmpty,
    /// An IP address, or nothing but IP addresses.
    IpAddress,
    /// `HOST:/PATH`, as a share in a network has it (seed page).
    HostPath,
    /// `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`. Assumed, from registries: a breach is a warning.
    ImageName,
    /// Keys of letters, digits, `_`, `-` and `.`, no digit first. Assumed, from a cloud with the
    /// same product: a breach is a warning.
    EnvNames,
    /// At least one item.
    AtLeastOne,
    /// At most so many items; the limit is documented.
    AtMost(usize),
    /// At most so many tags, beside the one that eci adds; the limit is documented.
    AtMostTags(usize),
    /// At most so many items; the limit is assumed, so that a breach is a warning.
    ProbablyAtMost(usize),
    /// A kernel parameter that has a namespace of its own (seed page): `kernel.shm*`,
    /// `kernel.msg*`, `kernel.sem`, `fs.mqueue.*`, `net.*` but `net.core.rmem_max`.
    NamespacedSysctlKeys,
    /// 2–32 letters, digits, `_`, `-` and Chinese characters, the first a letter or Chinese
    /// (vendor's client).
    EipName,
    /// 2–63 letters, digits, `_` and `-`, the first a letter: what both the older and the newer
    /// page of disks take.
    DiskName,
    /// A bandwidth above this is probably not on sale; a breach is a warning.
    ProbablySoldUpTo(i64),
    /// An amount of money with two decimals.
    TwoDecimals,
    /// Keys and values of 1–32 characters, and none of the keys ours.
    LabelLengths,
    /// Keys of 1–128 and values of at most 256 characters, and none of them ours.
    TagLengths,
}

impl Check {
    /// The most characters that the key of a tag may have.
    pub const LONGEST_TAG_KEY: usize = 128;
    /// The most characters that the value of a tag may have.
    pub const LONGEST_TAG_VALUE: usize = 256;
    /// How the kernel parameters begin that have a namespace of their own.
    pub const SYSCTL_PREFIXES: [&str; 4] = NAMESPACED_SYSCTL_PREFIXES;
    /// One that has, and is none of those.
    pub const SYSCTL_WHOLE: &str = NAMESPACED_SYSCTL;
    /// One of those that has not.
    pub const SYSCTL_NOT: &str = GLOBAL_SYSCTL;

    pub(super) fn run(self, value: &Value, path: &PathCursor<'_>, violations: &mut Vec<Violation>) {
        let mut report_at = |path: Path, code: &'static Code, message: Text, help: Text| {
            violations.push(Violation {
                path,
                code,
                message,
                help: Some(help),
                other: None,
                meant: None,
            });
        };
        let mut report = |code, message: String, help: &str| {
            report_at(path.path(), code, message.into(), help.into());
        };
        let text = value.as_str();
        match self {
            Check::DnsLabel if text.is_some_and(|text| !is_dns_label(text)) => report(
                codes::CLOUD_NAME,
                "the cloud will probably refuse this name".to_owned(),
                "use 1 to 63 of a-z, 0-9 and `-`, with a letter or digit at both ends",
            ),
            Check::AbsolutePath if text.is_some_and(|text| !text.starts_with('/')) => report(
                codes::ABSOLUTE_PATH,
                "this must be an absolute path".to_owned(),
                "begin it with `/`",
            ),
            Check::AtLeastOne if items(value) == Some(0) => report(
                codes::TOO_FEW,
                "at least one is needed, none is given".to_owned(),
                "add one",
            ),
            Check::AtMost(most) | Check::AtMostTags(most) | Check::ProbablyAtMost(most) => {
                if let Some(count) = items(value).filter(|count| *count > most) {
                    let (code, what, allowed) = match self {
                        Check::AtMost(_) => (codes::TOO_MANY, "", "are allowed"),
                        Check::AtMostTags(_) => (
                            codes::TOO_MANY,
                            " tags",
                            "are allowed beside the one that eci adds",
                        ),
                        _ => (codes::MANY, "", "are probably allowed"),
                    };
                    let message = format!("{count}{what} are given, at most {most} {allowed}");
                    report(code, message, &format!("leave out {}", count - most));
                }
            }
            Check::IpAddress => {
                let one = text.map(|text| (path.path(), text, value.has_sensitive()));
                let list = value.as_list().into_iter().flatten().enumerate();
                let several = list.filter_map(|(at, item)| {
                    let text = item.as_str()?;
                    Some((path.index(at).path(), text, item.has_sensitive()))
                });
                for (path, text, secret) in one.into_iter().chain(several) {
                    if !is_address(text) {
                        report_at(
                            path,
                            codes::IP_ADDRESS,
                            match secret {
                                true => "this is no IP address".to_owned().into(),
                                false => format!("{text:?} is no IP address").into(),
                            },
                            "write one such as 10.0.0.2 or fd00::2, not a name".into(),
                        );
                    }
                }
            }
            Check::HostPath if text.is_some_and(|text| !is_host_path(text)) => report(
                codes::HOST_PATH,
                "this is no path of a share".to_owned(),
                "write the host and the path, such as 10.0.0.2:/share",
            ),
            Check::ImageName if text.is_some_and(|text| !is_image(text)) => report(
                codes::IMAGE_NAME,
                "no registry will have an image of this name".to_owned(),
                "write [HOST[:PORT]/]PATH[:TAG], the path in lower case, such as nginx:1.27",
            ),
            Check::EnvNames => {
                let keys = value.as_map().into_iter().flatten().map(|(key, _)| key);
                for key in keys.filter(|key| !is_env_name(key)) {
                    report_at(
                        path.name(key).path(),
                        codes::ENV_NAME,
                        format!("the cloud will probably refuse a variable named {key:?}").into(),
                        "use letters, digits and `_`, no digit first".into(),
                    );
                }
            }
            Check::NamespacedSysctlKeys => {
                let keys = value.as_map().into_iter().flatten().map(|(key, _)| key);
                for key in keys.filter(|key| !is_namespaced_sysctl(key)) {
                    report_at(
                        path.name(key).path(),
                        codes::SYSCTL,
                        format!("the kernel parameter `{key}` cannot be set for one group").into(),
                        "allowed are kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* \
                         but net.core.rmem_max"
                            .into(),
                    );
                }
            }
            Check::EipName if text.is_some_and(|text| !is_eip_name(text)) => report(
                codes::SERVICE_NAME,
                "the cloud does not take this name for an EIP".to_owned(),
                "use 2 to 32 letters, digits, `_`, `-` or Chinese characters, a letter or Chinese \
                 character first",
            ),
            Check::DiskName if text.is_some_and(|text| !is_disk_name(text)) => report(
                codes::SERVICE_NAME,
                "the cloud does not take this name for a disk".to_owned(),
                "use 2 to 63 letters, digits, `_` and `-`, a letter first",
            ),
            Check::ProbablySoldUpTo(most) => {
                let number = value.as_number().and_then(|number| number.as_i64());
                if let Some(number) = number.filter(|number| *number > most) {
                    let message = format!(
                        "{number} Mbps are probably not on sale: the price list ends at {most}"
                    );
                    report(codes::BANDWIDTH, message, &format!("give {most} or less"));
                }
            }
            Check::TwoDecimals if text.is_some_and(|text| !has_two_decimals(text)) => report(
                codes::AMOUNT,
                "this must be an amount with two decimals".to_owned(),
                "write it in quotes, such as \"12.50\"",
            ),
            Check::LabelLengths => {
                for (key, value) in value.as_map().into_iter().flatten() {
                    check_label(key, value, &mut |message, help| {
                        report(codes::TAG, message, help);
                    });
                }
            }
            Check::TagLengths => {
                for (key, value) in value.as_map().into_iter().flatten() {
                    check_tag(key, value, &mut |message, help| {
                        report_at(
                            path.name(key).path(),
                            codes::TAG,
                            message.into(),
                            help.into(),
                        );
                    });
                }
            }
            Check::DnsLabel
            | Check::AbsolutePath
            | Check::NotEmpty
            | Check::HostPath
            | Check::ImageName
            | Check::AtLeastOne
            | Check::EipName
            | Check::DiskName
            | Check::TwoDecimals => {}
        }
    }
}

fn check_tag(key: &str, value: &Value, report: &mut dyn FnMut(String, &str)) {
    let count = key.chars().count();
    if count == 0 {
        report("a tag's key is empty".to_owned(), "give it a name");
    }
    if count > Check::LONGEST_TAG_KEY {
        let begin: String = key.chars().take(20).collect();
        report(
            format!(
                "the tag `{begin}…` has {count} characters, at most {} are allowed",
                Check::LONGEST_TAG_KEY
            ),
            "shorten the key",
        );
    }
    if key == crate::OperationTag::KEY {
        report(
            format!("the tag `{key}` is written by eci itself"),
            "choose another key",
        );
    }
    let count = value.as_str().map_or(0, |text| text.chars().count());
    if count > Check::LONGEST_TAG_VALUE {
        report(
            format!(
                "the value of `{key}` has {count} characters, at most {} are allowed",
                Check::LONGEST_TAG_VALUE
            ),
            "shorten the value",
        );
    }
}

fn check_label(key: &str, value: &Value, report: &mut dyn FnMut(String, &str)) {
    let value = value.as_str().unwrap_or("-");
    for (what, text) in [("key", key), ("value", value)] {
        let count = text.chars().count();
        if !(1..=32).contains(&count) {
            let message = format!("a {what} of the label `{key}` has {count} characters");
            report(
                message,
                "a disk's labels have keys and values of 1 to 32 characters",
            );
        }
    }
    if crate::OperationTag::is_ours(key) {
        report(
            format!("the label `{key}` is written by eci itself"),
            "choose another key",
        );
    }
}

fn items(value: &Value) -> Option<usize> {
    value
        .as_list()
        .map(<[Value]>::len)
        .or_else(|| value.as_map().map(|entries| entries.len()))
}
