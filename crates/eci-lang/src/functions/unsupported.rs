//! Functions of Terraform that are not supported, on purpose: why, and what to do instead.

use eci_text::Text;

/// A function of Terraform that is not supported on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnsupportedFunction {
    /// Its name.
    pub name: &'static str,
    /// The reason why it is not supported.
    pub why: &'static Text,
    /// The alternative that is supported.
    pub instead: &'static Text,
}

const CLOCK: Text = Text::fixed(
    "its result differs in each run, so no plan would ever be empty",
    "每次运行的结果都不同，计划将始终存在变更",
);

const PASS_TIME: Text = Text::fixed(
    "pass the time in a variable: `--var now=…`",
    "通过变量传入时间：`--var now=…`",
);

const REMOVED: Text = Text::fixed("Terraform has removed it", "Terraform 已移除该函数");

/// A row of the table of unsupported functions.
struct UnsupportedRow {
    name: &'static str,
    why: Text,
    instead: Text,
}

const fn unsupported(name: &'static str, why: Text, instead: Text) -> UnsupportedRow {
    UnsupportedRow { name, why, instead }
}

static UNSUPPORTED: [UnsupportedRow; 8] = [
    unsupported(
        "abspath",
        Text::fixed(
            "an absolute path differs from machine to machine and means nothing to the cloud",
            "绝对路径因机器而异，对云端没有意义",
        ),
        Text::fixed(
            "write paths relative to the configuration directory; `${path.module}` is the directory of a module",
            "使用相对于配置目录的路径，`${path.module}` 是模块的目录",
        ),
    ),
    unsupported(
        "bcrypt",
        Text::fixed(
            "its salt is random, so its result differs in each run and no plan would ever be empty",
            "盐值是随机的，每次运行的结果都不同，计划将始终存在变更",
        ),
        Text::fixed(
            "create the hash once, for example with `htpasswd -B`, and pass it in a sensitive variable",
            "一次性生成哈希（例如使用 `htpasswd -B`），再通过敏感变量传入",
        ),
    ),
    unsupported(
        "list",
        REMOVED,
        Text::fixed(
            "write `[a, b]` or `tolist(…)`",
            "写作 `[a, b]` 或 `tolist(…)`",
        ),
    ),
    unsupported(
        "map",
        REMOVED,
        Text::fixed(
            "write `{ a = 1 }` or `tomap(…)`",
            "写作 `{ a = 1 }` 或 `tomap(…)`",
        ),
    ),
    unsupported(
        "pathexpand",
        Text::fixed(
            "a home directory differs from machine to machine, and files outside of the \
             configuration directory are not read",
            "主目录因机器而异，且不读取配置目录之外的文件",
        ),
        Text::fixed(
            "write paths relative to the configuration directory",
            "使用相对于配置目录的路径",
        ),
    ),
    unsupported("plantimestamp", CLOCK, PASS_TIME),
    unsupported("timestamp", CLOCK, PASS_TIME),
    unsupported(
        "uuid",
        Text::fixed(
            "it is random, so its result differs in each run and no plan would ever be empty",
            "结果是随机的，每次运行都不同，计划将始终存在变更",
        ),
        Text::fixed(
            "use `uuidv5(namespace, name)`, which returns the same UUID for the same name",
            "使用 `uuidv5(namespace, name)`，相同名称总是返回相同的 UUID",
        ),
    ),
];

/// A function of a provider of Terraform: `provider::aws::arn_parse`.
static PROVIDER: UnsupportedRow = unsupported(
    "",
    Text::fixed(
        "functions of Terraform providers are part of separate programs, which eci does not run",
        "Terraform Provider 的函数属于独立的程序，eci 不运行这些程序",
    ),
    Text::fixed("use the functions without `::`", "使用不带 `::` 的函数"),
);

impl UnsupportedRow {
    fn doc(&'static self) -> UnsupportedFunction {
        UnsupportedFunction {
            name: self.name,
            why: &self.why,
            instead: &self.instead,
        }
    }
}

/// Returns why a function is not supported, if that is on purpose.
pub(super) fn find(name: &str, has_namespace: bool) -> Option<UnsupportedFunction> {
    if has_namespace {
        return Some(PROVIDER.doc());
    }
    all().find(|function| function.name == name)
}

/// Returns the functions that are not supported, in name order.
pub(super) fn all() -> impl Iterator<Item = UnsupportedFunction> {
    UNSUPPORTED.iter().map(UnsupportedRow::doc)
}
