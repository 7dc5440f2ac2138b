//! Nouns that are counted in output.

use eci_text::Noun;

const fn noun(one: &'static str, many: &'static str, zh: &'static str) -> Noun {
    Noun {
        one,
        many,
        zh,
        measure: "个",
    }
}

/// A resource.
pub const RESOURCE: Noun = noun("resource", "resources", "资源");
/// An output.
pub(crate) const OUTPUT: Noun = noun("output", "outputs", "输出");
/// An error.
pub(crate) const ERROR: Noun = noun("error", "errors", "错误");
/// A warning.
pub(crate) const WARNING: Noun = noun("warning", "warnings", "警告");
/// A line that is left out.
pub(crate) const MORE_LINE: Noun = Noun {
    one: "more line",
    many: "more lines",
    zh: "行",
    measure: "",
};
/// An orphaned resource.
pub const ORPHAN: Noun = noun("orphaned resource", "orphaned resources", "孤立资源");
/// A disk.
pub const DISK: Noun = Noun {
    one: "disk",
    many: "disks",
    zh: "云硬盘",
    measure: "块",
};
