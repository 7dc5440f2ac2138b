//! Rules beyond the type: limits that can be checked without the cloud.

use super::Violation;
use super::coerce::show;
use super::grammar::{
    GLOBAL_SYSCTL, NAMESPACED_SYSCTL, NAMESPACED_SYSCTL_PREFIXES, has_two_decimals, is_address,
    is_disk_name, is_dns_label, is_eip_name, is_env_name, is_host_path, is_image,
    is_namespaced_sysctl,
};
use eci_text::{Text, text};

use crate::codes::{self, Code};
use crate::path::{Path, PathCursor};
use crate::value::Value;

/// A rule about one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// 1–63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit.
    ///
    /// Assumed, from a cloud with the same product: a breach is a warning.
    DnsLabel,
    /// Begins with `/`.
    AbsolutePath,
    /// Not the empty string; what is required never is, see [`super::Field::must_be_filled`].
    NotEmpty,
    /// An IP address, or nothing but IP addresses.
    IpAddress,
    /// `HOST:/PATH`, as a share in a network has it (seed page).
    HostPath,
    /// `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
    ///
    /// Assumed, from registries: a breach is a warning.
    ImageName,
    /// Keys of letters, digits, `_`, `-` and `.`, no digit first.
    ///
    /// Assumed, from a cloud with the same product: a breach is a warning.
    EnvNames,
    /// At least one item.
    AtLeastOne,
    /// At most this number of items; the limit is documented.
    AtMost(usize),
    /// At most this number of tags, not counting the one that eci adds; the limit is documented.
    AtMostTags(usize),
    /// At most this number of items; the limit is assumed, so that a breach is a warning.
    ProbablyAtMost(usize),
    /// A namespaced kernel parameter (seed page): `kernel.shm*`,
    /// `kernel.msg*`, `kernel.sem`, `fs.mqueue.*`, `net.*` but `net.core.rmem_max`.
    NamespacedSysctlKeys,
    /// 2–32 letters, digits, `_`, `-` and Chinese characters, the first a letter or Chinese
    /// (vendor's client).
    EipName,
    /// 2–63 letters, digits, `_` and `-`, the first a letter: what both the older and the newer
    /// page of disks take.
    DiskName,
    /// A bandwidth above this is probably not offered; a breach is a warning.
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
    /// The prefixes of the kernel parameters that have a namespace of their own.
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
                is_replaceable: false,
            });
        };
        let mut report = |code, message, help| report_at(path.path(), code, message, help);
        let text = value.as_str();
        let name = path.label();
        match self {
            Check::DnsLabel if text.is_some_and(|text| !is_dns_label(text)) => report(
                codes::CLOUD_NAME,
                text!(
                    en: "the cloud will probably refuse the name {found}",
                    zh: "云端可能拒绝名称 {found}",
                    found = show(value),
                ),
                text!(
                    en: "use 1 to 63 characters a-z, 0-9 and `-`, starting and ending with a letter or digit",
                    zh: "使用 1 到 63 个 a-z、0-9 和 `-`，以字母或数字开头和结尾",
                ),
            ),
            Check::AbsolutePath if text.is_some_and(|text| !text.starts_with('/')) => report(
                codes::ABSOLUTE_PATH,
                text!(
                    en: "`{name}` must be an absolute path, found {found}",
                    zh: "`{name}` 必须是绝对路径，实际为 {found}",
                    name = name,
                    found = show(value),
                ),
                text!(en: "start the path with `/`", zh: "使路径以 `/` 开头"),
            ),
            Check::AtLeastOne if items(value) == Some(0) => report(
                codes::TOO_FEW,
                text!(
                    en: "`{name}` must have at least 1 element",
                    zh: "`{name}` 至少需要 1 个元素",
                    name = name,
                ),
                text!(en: "add an element", zh: "添加元素"),
            ),
            Check::AtMost(most) | Check::AtMostTags(most) | Check::ProbablyAtMost(most) => {
                if let Some(count) = items(value).filter(|count| *count > most) {
                    let (code, message) = self.too_many(&name, count, most);
                    let help = text!(
                        en: "remove {excess} of them",
                        zh: "删除其中 {excess} 个",
                        excess = count - most,
                    );
                    report(code, message, help);
                }
            }
            Check::IpAddress => check_addresses(value, path, &mut report_at),
            Check::HostPath if text.is_some_and(|text| !is_host_path(text)) => report(
                codes::HOST_PATH,
                text!(
                    en: "`{name}` must be a host and an absolute path, found {found}",
                    zh: "`{name}` 必须由主机和绝对路径组成，实际为 {found}",
                    name = name,
                    found = show(value),
                ),
                text!(
                    en: "write `HOST:/PATH`, for example `10.0.0.2:/share`",
                    zh: "写成 `HOST:/PATH`，例如 `10.0.0.2:/share`",
                ),
            ),
            Check::ImageName if text.is_some_and(|text| !is_image(text)) => report(
                codes::IMAGE_NAME,
                text!(
                    en: "invalid image name {found}",
                    zh: "镜像名称 {found} 无效",
                    found = show(value),
                ),
                text!(
                    en: "write `[HOST[:PORT]/]PATH[:TAG]` with a lower-case path, for example `nginx:1.27`",
                    zh: "写成 `[HOST[:PORT]/]PATH[:TAG]`，路径为小写，例如 `nginx:1.27`",
                ),
            ),
            Check::EnvNames => {
                let keys = value.as_map().into_iter().flatten().map(|(key, _)| key);
                for key in keys.filter(|key| !is_env_name(key)) {
                    report_at(
                        path.name(key).path(),
                        codes::ENV_NAME,
                        text!(
                            en: "the cloud will probably refuse the environment variable {key}",
                            zh: "云端可能拒绝环境变量 {key}",
                            key = format!("{key:?}"),
                        ),
                        text!(
                            en: "use letters, digits and `_`, not starting with a digit",
                            zh: "使用字母、数字和 `_`，不以数字开头",
                        ),
                    );
                }
            }
            Check::NamespacedSysctlKeys => {
                let keys = value.as_map().into_iter().flatten().map(|(key, _)| key);
                for key in keys.filter(|key| !is_namespaced_sysctl(key)) {
                    report_at(
                        path.name(key).path(),
                        codes::SYSCTL,
                        text!(
                            en: "kernel parameter `{key}` cannot be set for a single container group",
                            zh: "无法为单个容器组设置内核参数 `{key}`",
                            key = key,
                        ),
                        text!(
                            en: "supported parameters: `kernel.shm*`, `kernel.msg*`, `kernel.sem`, `fs.mqueue.*`, \
                                 and `net.*` except `net.core.rmem_max`",
                            zh: "支持的参数：`kernel.shm*`、`kernel.msg*`、`kernel.sem`、`fs.mqueue.*` 以及 \
                                 `net.core.rmem_max` 之外的 `net.*`",
                        ),
                    );
                }
            }
            Check::EipName if text.is_some_and(|text| !is_eip_name(text)) => report(
                codes::SERVICE_NAME,
                text!(
                    en: "invalid EIP name {found}",
                    zh: "弹性 IP 名称 {found} 无效",
                    found = show(value),
                ),
                text!(
                    en: "use 2 to 32 letters, digits, `_`, `-` or Chinese characters, starting with a letter or a \
                         Chinese character",
                    zh: "使用 2 到 32 个字母、数字、`_`、`-` 或汉字，以字母或汉字开头",
                ),
            ),
            Check::DiskName if text.is_some_and(|text| !is_disk_name(text)) => report(
                codes::SERVICE_NAME,
                text!(
                    en: "invalid disk name {found}",
                    zh: "云硬盘名称 {found} 无效",
                    found = show(value),
                ),
                text!(
                    en: "use 2 to 63 letters, digits, `_` and `-`, starting with a letter",
                    zh: "使用 2 到 63 个字母、数字、`_` 和 `-`，以字母开头",
                ),
            ),
            Check::ProbablySoldUpTo(most) => {
                let number = value.as_number().and_then(|number| number.as_i64());
                if let Some(number) = number.filter(|number| *number > most) {
                    let message = text!(
                        en: "a bandwidth of {number} Mbps is probably not offered: the price list ends at {most} Mbps",
                        zh: "{number} Mbps 的带宽可能不在售：价目表最大为 {most} Mbps",
                        number = number,
                        most = most,
                    );
                    let help = text!(
                        en: "use at most {most} Mbps",
                        zh: "使用不超过 {most} Mbps 的带宽",
                        most = most,
                    );
                    report(codes::BANDWIDTH, message, help);
                }
            }
            Check::TwoDecimals if text.is_some_and(|text| !has_two_decimals(text)) => report(
                codes::AMOUNT,
                text!(
                    en: "`{name}` must be an amount with two decimals, found {found}",
                    zh: "`{name}` 必须是带两位小数的金额，实际为 {found}",
                    name = name,
                    found = show(value),
                ),
                text!(
                    en: "write it as a string, for example `\"12.50\"`",
                    zh: "写成字符串，例如 `\"12.50\"`",
                ),
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
                        report_at(path.name(key).path(), codes::TAG, message, help);
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

    /// Returns the message about a list or map with more elements than allowed.
    fn too_many(self, name: &str, count: usize, most: usize) -> (&'static Code, Text) {
        match self {
            Check::AtMostTags(_) => (
                codes::TOO_MANY,
                text!(
                    en: "`{name}` has {count} tags, at most {most} are allowed in addition to the one that eci adds",
                    zh: "`{name}` 有 {count} 个标签，除 eci 添加的标签外，最多允许 {most} 个",
                    name = name,
                    count = count,
                    most = most,
                ),
            ),
            Check::ProbablyAtMost(_) => (
                codes::MANY,
                text!(
                    en: "`{name}` has {count} elements, the cloud probably allows at most {most}",
                    zh: "`{name}` 有 {count} 个元素，云端可能最多允许 {most} 个",
                    name = name,
                    count = count,
                    most = most,
                ),
            ),
            _ => (
                codes::TOO_MANY,
                text!(
                    en: "`{name}` has {count} elements, at most {most} are allowed",
                    zh: "`{name}` 有 {count} 个元素，最多允许 {most} 个",
                    name = name,
                    count = count,
                    most = most,
                ),
            ),
        }
    }
}

/// Checks an IP address, or each in a list.
fn check_addresses(
    value: &Value,
    path: &PathCursor<'_>,
    report: &mut dyn FnMut(Path, &'static Code, Text, Text),
) {
    let help = text!(
        en: "use an IP address, for example 10.0.0.2 or fd00::2, not a host name",
        zh: "使用 IP 地址，例如 10.0.0.2 或 fd00::2，不能使用主机名",
    );
    let mut check = |path: &PathCursor<'_>, item: &Value| {
        if item.as_str().is_none_or(is_address) {
            return;
        }
        let name = path.label();
        let message = if item.has_sensitive() {
            text!(en: "`{name}` must be an IP address", zh: "`{name}` 必须是 IP 地址", name = name)
        } else {
            text!(
                en: "`{name}` must be an IP address, found {found}",
                zh: "`{name}` 必须是 IP 地址，实际为 {found}",
                name = name,
                found = show(item),
            )
        };
        report(path.path(), codes::IP_ADDRESS, message, help.clone());
    };
    check(path, value);
    for (at, item) in value.as_list().into_iter().flatten().enumerate() {
        check(&path.index(at), item);
    }
}

fn check_tag(key: &str, value: &Value, report: &mut dyn FnMut(Text, Text)) {
    let count = key.chars().count();
    if count == 0 {
        report(
            text!(en: "the key of a tag must not be empty", zh: "标签的键不能为空"),
            text!(en: "use a key of at least 1 character", zh: "使用至少 1 个字符的键"),
        );
    }
    if count > Check::LONGEST_TAG_KEY {
        let start: String = key.chars().take(20).collect();
        report(
            text!(
                en: "the key of tag `{start}…` has {count} characters, at most {most} are allowed",
                zh: "标签 `{start}…` 的键有 {count} 个字符，最多允许 {most} 个",
                start = start,
                count = count,
                most = Check::LONGEST_TAG_KEY,
            ),
            text!(en: "shorten the key", zh: "缩短键"),
        );
    }
    if key == crate::OperationTag::KEY {
        report(
            text!(
                en: "tag key `{key}` is reserved for eci",
                zh: "标签键 `{key}` 由 eci 保留",
                key = key,
            ),
            text!(en: "use another key", zh: "使用其他键"),
        );
    }
    let count = value.as_str().map_or(0, |text| text.chars().count());
    if count > Check::LONGEST_TAG_VALUE {
        report(
            text!(
                en: "the value of tag `{key}` has {count} characters, at most {most} are allowed",
                zh: "标签 `{key}` 的值有 {count} 个字符，最多允许 {most} 个",
                key = key,
                count = count,
                most = Check::LONGEST_TAG_VALUE,
            ),
            text!(en: "shorten the value", zh: "缩短值"),
        );
    }
}

fn check_label(key: &str, value: &Value, report: &mut dyn FnMut(Text, Text)) {
    let is_allowed = |count: &usize| (1..=32).contains(count);
    let help = || text!(en: "use 1 to 32 characters", zh: "使用 1 到 32 个字符");
    let count = key.chars().count();
    if !is_allowed(&count) {
        let message = text!(
            en: "the key of label `{key}` must have 1 to 32 characters, found {count}",
            zh: "云硬盘标签 `{key}` 的键必须为 1 到 32 个字符，实际为 {count} 个",
            key = key,
            count = count,
        );
        report(message, help());
    }
    let count = value.as_str().map_or(1, |value| value.chars().count());
    if !is_allowed(&count) {
        let message = text!(
            en: "the value of label `{key}` must have 1 to 32 characters, found {count}",
            zh: "云硬盘标签 `{key}` 的值必须为 1 到 32 个字符，实际为 {count} 个",
            key = key,
            count = count,
        );
        report(message, help());
    }
    if crate::OperationTag::is_ours(key) {
        report(
            text!(
                en: "label key `{key}` is reserved for eci",
                zh: "标签键 `{key}` 由 eci 保留",
                key = key,
            ),
            text!(en: "use another key", zh: "使用其他键"),
        );
    }
}

fn items(value: &Value) -> Option<usize> {
    value
        .as_list()
        .map(<[Value]>::len)
        .or_else(|| value.as_map().map(|entries| entries.len()))
}
