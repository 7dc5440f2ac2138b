//! Commands and options of Terraform that eci does not have.

use eci_text::Text;

/// A tip for an option of Terraform.
struct OptionTip {
    /// The commands of the option; all if there is none.
    commands: &'static [&'static str],
    option: &'static str,
    tip: Text,
}

/// A tip for a command of Terraform.
struct CommandTip {
    command: &'static str,
    tip: Text,
}

static OPTIONS: [OptionTip; 21] = [
    OptionTip {
        commands: &[],
        option: "lock",
        tip: Text::fixed(
            "a state is always locked while it is changed; use `--lock-timeout` to wait for the lock",
            "更改状态时始终加锁；使用 `--lock-timeout` 等待锁",
        ),
    },
    OptionTip {
        commands: &[],
        option: "backup",
        tip: Text::fixed(
            "omit it: earlier versions of a state are kept, and `eci state history` lists them",
            "去掉该选项：状态的早期版本会保留，可用 `eci state history` 列出",
        ),
    },
    OptionTip {
        commands: &["plan", "apply", "destroy", "refresh"],
        option: "concise",
        tip: Text::fixed(
            "use `--quiet` to show only errors on standard error",
            "使用 `--quiet` 在标准错误输出中仅显示错误",
        ),
    },
    OptionTip {
        commands: &["explain"],
        option: "json",
        tip: Text::fixed(
            "omit it: explanations are text only",
            "去掉该选项：说明只有文本格式",
        ),
    },
    OptionTip {
        commands: &["fmt"],
        option: "recursive",
        tip: Text::fixed(
            "specify each directory, for example `eci fmt . modules/web`",
            "指定每个目录，例如 `eci fmt . modules/web`",
        ),
    },
    OptionTip {
        commands: &["fmt"],
        option: "write",
        tip: Text::fixed(
            "use `--check --diff` to show the changes without writing them",
            "使用 `--check --diff` 显示更改而不写入",
        ),
    },
    OptionTip {
        commands: &["fmt"],
        option: "list",
        tip: Text::fixed(
            "omit it: the names of changed files are the only standard output",
            "去掉该选项：标准输出中只有已更改文件的名称",
        ),
    },
    OptionTip {
        commands: &["init"],
        option: "reconfigure",
        tip: Text::fixed(
            "omit it: eci always uses the backend in the manifests; use `--migrate` to migrate a state to it",
            "去掉该选项：始终使用清单中的后端；如需将状态迁移到该后端，使用 `--migrate`",
        ),
    },
    OptionTip {
        commands: &["init"],
        option: "migrate-state",
        tip: Text::fixed(
            "use `--migrate` to migrate the state to the backend in the manifests",
            "使用 `--migrate` 将状态迁移到清单中的后端",
        ),
    },
    OptionTip {
        commands: &["select"],
        option: "or-create",
        tip: Text::fixed(
            "use `eci workspace new` to create a workspace and select it",
            "使用 `eci workspace new` 创建并切换到工作区",
        ),
    },
    OptionTip {
        commands: &["taint", "untaint"],
        option: "allow-missing",
        tip: Text::fixed(
            "omit it, and run `eci state list` to see which resources are in the state",
            "去掉该选项，并执行 `eci state list` 查看状态中的资源",
        ),
    },
    OptionTip {
        commands: &["rm", "mv"],
        option: "dry-run",
        tip: Text::fixed(
            "use `eci state list` with the address to see which resources it selects",
            "执行 `eci state list` 并指定地址，查看其包含的资源",
        ),
    },
    OptionTip {
        commands: &["graph"],
        option: "type",
        tip: Text::fixed(
            "omit it: the graph is always that of the configuration",
            "去掉该选项：始终输出配置的依赖图",
        ),
    },
    OptionTip {
        commands: &["plan"],
        option: "generate-config-out",
        tip: Text::fixed(
            "use `eci import --all` with `--write` and `--az-name` to generate manifests",
            "使用 `eci import --all` 以及 `--write` 和 `--az-name` 生成清单",
        ),
    },
    OptionTip {
        commands: &["apply", "destroy"],
        option: "force",
        tip: Text::fixed(
            "use `--auto-approve` to skip the approval",
            "使用 `--auto-approve` 跳过确认",
        ),
    },
    OptionTip {
        commands: &["plan"],
        option: "auto-approve",
        tip: Text::fixed(
            "omit it: a plan changes nothing; use `eci apply --auto-approve` to apply without approval",
            "去掉该选项：生成计划不会执行任何变更；如需免确认应用，使用 `eci apply --auto-approve`",
        ),
    },
    OptionTip {
        commands: &[
            "apply", "destroy", "refresh", "import", "taint", "untaint", "mv", "rm",
        ],
        option: "state-out",
        tip: Text::fixed(
            "omit it: the changed state is always written to where it was read, which `--state` selects",
            "去掉该选项：更改后的状态始终写回读取的位置，由 `--state` 指定",
        ),
    },
    OptionTip {
        commands: &["list"],
        option: "id",
        tip: Text::fixed(
            "run `eci state pull`: the state has the ID of each resource",
            "执行 `eci state pull`：状态中包含每个资源的 ID",
        ),
    },
    OptionTip {
        commands: &["graph"],
        option: "draw-cycles",
        tip: Text::fixed(
            "use `eci validate`: a dependency cycle is an error that names its resources",
            "使用 `eci validate`：循环依赖会作为错误报告，并列出其中的资源",
        ),
    },
    OptionTip {
        commands: &["console"],
        option: "plan",
        tip: Text::fixed(
            "omit it: the console reads the configuration and the state; use `eci plan` to see planned values",
            "去掉该选项：控制台读取配置和状态；使用 `eci plan` 查看计划中的值",
        ),
    },
    OptionTip {
        commands: &["import"],
        option: "config",
        tip: Text::fixed(
            "use `-C` to select the configuration directory",
            "使用 `-C` 指定配置目录",
        ),
    },
];

static COMMANDS: [CommandTip; 5] = [
    CommandTip {
        command: "get",
        tip: Text::fixed(
            "modules are local directories, so nothing is downloaded; use `eci validate` to check them",
            "模块是本地目录，无需下载；使用 `eci validate` 检查",
        ),
    },
    CommandTip {
        command: "login",
        tip: LOGIN,
    },
    CommandTip {
        command: "logout",
        tip: LOGIN,
    },
    CommandTip {
        command: "providers",
        tip: Text::fixed(
            "nothing to install: eci manages the resources of CTyun itself",
            "无需安装 Provider：eci 自身管理天翼云的资源",
        ),
    },
    CommandTip {
        command: "test",
        tip: Text::fixed(
            "use `eci apply --sandbox` to test the configuration in a simulated cloud",
            "使用 `eci apply --sandbox` 在模拟云中测试配置",
        ),
    },
];

const LOGIN: Text = Text::fixed(
    "set `CTYUN_AK` and `CTYUN_SK`, or `credentials_file` under `[provider]`",
    "设置 `CTYUN_AK` 和 `CTYUN_SK`，或 `[provider]` 的 `credentials_file`",
);

/// The tip for `eci import` without arguments.
static IMPORT: Text = Text::fixed(
    "use `--all --write <DIR>` to generate manifests for existing resources",
    "使用 `--all --write <DIR>` 为已有资源生成清单",
);

/// An option of Terraform that changes nothing here, with the values for which that is so.
struct IneffectiveOption {
    commands: &'static [&'static str],
    option: &'static str,
    /// No value is that of a flag.
    values: &'static [Option<&'static str>],
}

const FLAG: &[Option<&str>] = &[None, Some("true"), Some("false")];

const CHANGES_STATE: &[&str] = &[
    "apply", "destroy", "refresh", "import", "taint", "untaint", "mv", "rm", "push",
];

static INEFFECTIVE_OPTIONS: [IneffectiveOption; 8] = [
    IneffectiveOption {
        commands: CHANGES_STATE,
        option: "lock",
        values: &[None, Some("true")],
    },
    // A plan takes no lock.
    IneffectiveOption {
        commands: &["plan"],
        option: "lock",
        values: FLAG,
    },
    // Warnings of one cause are reported together anyway.
    IneffectiveOption {
        commands: &["plan", "apply", "destroy", "refresh", "validate"],
        option: "compact-warnings",
        values: FLAG,
    },
    // Backups are written in any case.
    IneffectiveOption {
        commands: CHANGES_STATE,
        option: "backup",
        values: &[Some("-")],
    },
    // The names of changed files are printed anyway.
    IneffectiveOption {
        commands: &["fmt"],
        option: "list",
        values: &[None, Some("true")],
    },
    // Neither providers nor remote modules exist.
    IneffectiveOption {
        commands: &["init"],
        option: "upgrade",
        values: FLAG,
    },
    // Without a value, it is the option of eci, whose value is the next word.
    IneffectiveOption {
        commands: &["init"],
        option: "backend",
        values: &[Some("true"), Some("false")],
    },
    // The command requests no approval.
    IneffectiveOption {
        commands: &["force-unlock"],
        option: "force",
        values: &[None, Some("true")],
    },
];

/// Returns whether an option, without its dashes, changes nothing here.
pub(crate) fn is_without_effect(command: &str, option: &str, value: Option<&str>) -> bool {
    let command = subcommand(command);
    INEFFECTIVE_OPTIONS.iter().any(|row| {
        row.option == option && row.commands.contains(&command) && row.values.contains(&value)
    })
}

/// Returns the tip for an option without its dashes.
pub(super) fn option_tip(command: &str, option: &str) -> Option<&'static Text> {
    let command = subcommand(command);
    let mut rows = OPTIONS.iter();
    let row = rows.find(|row| {
        let is_of_command = row.commands.is_empty() || row.commands.contains(&command);
        row.option == option && is_of_command
    });
    row.map(|row| &row.tip)
}

/// Returns the tip for a command.
pub(super) fn command_tip(command: &str) -> Option<&'static Text> {
    let row = COMMANDS.iter().find(|row| row.command == command);
    row.map(|row| &row.tip)
}

/// Returns the tip for `eci import` without arguments.
pub(super) fn import_tip() -> &'static Text {
    &IMPORT
}

/// Returns the tip with an English text.
pub(super) fn tip(en: &str) -> Option<&'static Text> {
    let options = OPTIONS.iter().map(|row| &row.tip);
    let mut all = options
        .chain(COMMANDS.iter().map(|row| &row.tip))
        .chain([&IMPORT]);
    all.find(|tip| tip.en() == en)
}

/// Returns the command that a program runs.
fn subcommand(name: &str) -> &str {
    name.strip_prefix("eci-").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use eci_text::{Lang, typography};

    use super::*;

    #[test]
    fn tips_keep_the_rules_of_chinese() {
        let options = OPTIONS.iter().map(|row| &row.tip);
        for tip in options
            .chain(COMMANDS.iter().map(|row| &row.tip))
            .chain([&IMPORT])
        {
            assert_eq!(typography::chinese(tip.get(Lang::Zh)), [""; 0], "{tip}");
        }
    }
}
