//! The long texts after the arguments of a command in Chinese: notes and examples.

use eci_sandbox::ApiBehavior;

/// The text after the arguments of a command.
pub(super) struct HelpPage {
    /// The command, without the program.
    pub(super) command: &'static str,
    pub(super) text: &'static str,
}

/// The pages that have a fixed text; that of `eci sandbox serve` is [`serve`].
pub(super) const PAGES: &[HelpPage] = &[
    HelpPage {
        command: "",
        text: "\
示例：
  eci init                          创建示例配置
  eci plan                          显示 `eci apply` 将执行的变更
  eci apply                         请求确认后应用
  eci apply --sandbox -C web        在模拟云中应用 web/ 的配置
  eci output address --raw          输出单个值，供脚本使用
  eci destroy                       删除状态中的全部资源

凭证：CTYUN_AK 和 CTYUN_SK（或 CTAPI_AK 和 CTAPI_SK），或 [provider] 中的 `credentials_file`。区域：[provider] 中的 `region_id`，或 CTYUN_REGION_ID。

退出码：0 表示成功；1 表示出错，包括用法错误；2 表示有变更（使用 --detailed-exitcode 时）；3 表示部分资源或输出失败，其余均已应用并记录；130 表示已中断。",
    },
    HelpPage {
        command: "init",
        text: "\
已有文件保持不变，仅重新生成 schema。目录中已有清单时不添加清单。清单中有 [[encryption.key]] 时，目录中的状态会被加密，见 docs/zh/state.md。

示例：
  eci init                          之后执行 `eci apply --sandbox`
  eci init --from web-three-tier
  eci -C shop init                  在新目录中创建",
    },
    HelpPage {
        command: "plan",
        text: "\
示例：
  eci plan --var image=nginx:1.28
  eci plan --out web.eciplan        之后 `eci apply web.eciplan` 严格按此计划应用
  eci plan --target container_group.web --replace container_group.web
  eci plan --detailed-exitcode      无变更时退出码为 0，有变更时为 2，出错时为 1
  eci plan --format json | jq '.resource_changes[].address'
  eci plan --format markdown        用于拉取请求的评论",
    },
    HelpPage {
        command: "apply",
        text: "\
按一次 Ctrl-C：不再开始新的操作，进行中的操作会完成并记录。
按两次：运行立即停止，进行中的操作由下次运行恢复。

示例：
  eci apply
  eci apply web.eciplan             应用由 `eci plan --out web.eciplan` 保存的计划
  eci apply --auto-approve --parallelism 20
  eci apply --sandbox --auto-approve    在模拟云中应用，无需凭证",
    },
    HelpPage {
        command: "ci plan",
        text: "\
自动识别 GitHub Actions、GitLab CI、Gitee Go、Gitea Actions、Forgejo Actions 和 Jenkins 的环境变量；其他 CI 系统需设置 ECI_CI_HOST、ECI_CI_COMMIT 以及 ECI_CI_CHANGE 或 ECI_CI_BRANCH。代码托管平台的令牌取自 GITHUB_TOKEN、GITLAB_TOKEN 或 GITEA_TOKEN，也可使用 ECI_CI_TOKEN。对来自派生仓库的拉取请求只校验，不生成计划，因为生成计划会读取机密信息。

示例：
  eci ci plan                       在拉取请求的流水线中
  eci ci plan -C envs --var-file ../common.vars.toml
  eci ci plan --directory envs/dev --name dev",
    },
    HelpPage {
        command: "ci apply",
        text: "\
对每个目录，严格应用 `eci ci plan` 为该提交保存的计划。如果状态在此之后有变化，则生成新的计划，仅当步骤相同时才应用。

示例：
  eci ci apply                      在默认分支的流水线中
  eci ci apply --branch main --branch production
  eci ci apply --all --lock-timeout 30m",
    },
    HelpPage {
        command: "ci drift",
        text: "\
每个存在漂移的目录对应一个打开的 Issue，漂移变化时更新，漂移消除时关闭。

示例：
  eci ci drift                          在每晚的流水线中
  eci ci drift --detailed-exitcode      无漂移时退出码为 0，有漂移时为 2，出错时为 1",
    },
    HelpPage {
        command: "import",
        text: "\
挂载在容器组以外的弹性 IP 和云硬盘会被跳过并列出，清单无法表达的内容同样如此。操作标签属于其他状态的资源仅在使用 --take-over 时导入。弹性 IP 和云硬盘没有标签：--tag 会选择所选容器组上的弹性 IP 和云硬盘。

示例：
  eci import container_group.web eci-0a1b2c3d       仅变更状态，之后执行 `eci plan`
  eci import eip.front eip-5sdasd2gfh
  eci import --all --write all --az-name cn-huadong1-jsnj1A-public-ctcloud
  eci import --all --tag app=web --write web \\
    --az-name cn-huadong1-jsnj1A-public-ctcloud",
    },
    HelpPage {
        command: "orphans",
        text: "\
运行被强制终止不会留下孤立资源，下次运行会找到其创建的资源。状态丢失或还原到较早版本时，才会出现孤立资源。容器组和云硬盘带有操作标签，标明由哪个状态创建。弹性 IP 没有操作标签，只有状态备份中有其创建记录时才能找到。通过 [[removed]] 或 `eci state rm` 从状态中移除的资源可能属于其他所有者，因此不会列出。

示例：
  eci orphans
  eci orphans --adopt container_group.web=eci-0a1b2c3d
  eci orphans --delete                  删除除云硬盘以外的资源；如需一并删除云硬盘，添加 --include-disks",
    },
    HelpPage {
        command: "logs",
        text: "\
示例：
  eci logs container_group.web
  eci logs container_group.web -c nginx -f --tail 20
  eci logs 'container_group.web[\"a\"]' --since 10m --timestamps",
    },
    HelpPage {
        command: "exec",
        text: "\
命令没有输入，并且必须自行结束。云端不返回命令的退出码，因此只要命令已执行，eci 的退出码就是 0。

示例：
  eci exec container_group.web -- nginx -t
  eci exec container_group.web -c app -- sh -c 'ps; df'",
    },
    HelpPage {
        command: "fmt",
        text: "\
键按 docs/zh/reference.md 中的顺序排列，注释跟随其键。文件的含义不变。跨行且以逗号结尾的列表保持分行。

示例：
  eci fmt                           此处的所有 *.eci.toml 和 *.vars.toml
  eci fmt --check --diff            用于 CI：不修改文件，显示未格式化的内容，退出码为 1
  eci fmt - < web.eci.toml          用于编辑器：格式化标准输入并写入标准输出",
    },
    HelpPage {
        command: "validate",
        text: "\
示例：
  eci validate
  eci validate --format json | jq '.diagnostics[].summary'
  eci validate --format sarif > eci.sarif     用于代码扫描
  eci explain E0202                           解释单个错误码",
    },
    HelpPage {
        command: "schema",
        text: "\
Taplo 和 Even Better TOML（VS Code、Zed、Helix、Neovim）用它进行补全、悬停提示和检查。将其写入文件，并在清单的第一行引用，`eci init` 也是如此：
  eci schema > .eci/schema.json
  #:schema .eci/schema.json",
    },
    HelpPage {
        command: "console",
        text: "\
不使用 -e 时，从终端读取表达式，或从标准输入逐行读取，此时首个错误会结束命令。在终端中，向上键可调出历史行，Ctrl-C 放弃当前行。

示例：
  eci console
  eci console -e 'container_group.web.intranet_ip'
  echo 'type(var.ports)' | eci console",
    },
    HelpPage {
        command: "completions",
        text: "\
脚本可补全 eci、eci-plan 和 eci-apply 的命令和选项，以及当前配置和状态的资源地址、变量、输出和工作区。补全时会调用 eci，但不访问云端。

示例：
  source <(eci completions bash)                            写入 ~/.bashrc
  source <(eci completions zsh)                             写入 ~/.zshrc，位于 compinit 之后
  eci completions fish > ~/.config/fish/completions/eci.fish",
    },
    HelpPage {
        command: "state recover",
        text: "\
根据最新的可读状态快照和预写日志中所有可读的行重建状态。未完成的操作的结果由云端确定。已损坏的文件移动到状态目录中的 `damaged/`，不删除任何内容。未损坏的状态不会改变。",
    },
];

const SERVE: &str = "\
示例：
  eci sandbox serve --data /tmp/cloud
  eci sandbox serve --faults faults.toml --speed instant

故障文件由规则组成，例如：
  [[rule]]
  operation = \"createContainerGroup\"
  nth = 2
  fault = \"cut_after\"

天翼云的 Go 客户端仅接受 32 个字符的访问密钥（--account）。

行为（--behavior）及其默认值：
";

/// A behavior of the simulated cloud.
pub(super) struct Behavior {
    pub(super) name: &'static str,
    pub(super) meaning: &'static str,
}

/// The behaviors in the order of [`ApiBehavior::TABLE`].
pub(super) const BEHAVIORS: [Behavior; ApiBehavior::TABLE.len()] = [
    Behavior {
        name: "empty_fields_omitted",
        meaning: "容器组的响应省略值为空、0 或 false 的字段和空列表（依据公开的响应）",
    },
    Behavior {
        name: "beijing_times",
        meaning: "容器组的时间采用 +08:00 而不是 UTC（依据公开的响应）",
    },
    Behavior {
        name: "largest_page",
        meaning: "列表每页的最大元素数，请求更大的页时同样适用（未确认）",
    },
    Behavior {
        name: "zero_limit_accepted",
        meaning: "`limit` 为 0 表示默认的每页大小（依据 API 参考）",
    },
    Behavior {
        name: "region_in_body_accepted",
        meaning: "容器组的请求体可以重复请求头 `regionId`（依据公开的客户端）",
    },
    Behavior {
        name: "request_id_header",
        meaning: "响应带有响应头 `X-Request-Id`（依据公开的客户端）",
    },
    Behavior {
        name: "older_disk_words",
        meaning: "云硬盘的状态为 `attached` 和 `unattached`，而不是 `in-use` 和 `available`",
    },
    Behavior {
        name: "deleted_disks_are_damaged",
        meaning: "读取已删除的云硬盘时返回 `ebs.ebsInfo.dataDamaged`，而不是 `ebs.ebsInfo.notExists`",
    },
    Behavior {
        name: "disk_orders_at_once",
        meaning: "云硬盘订单立即完成，并在响应中说明",
    },
    Behavior {
        name: "no_snapshots",
        meaning: "不支持云硬盘快照：`deleteSnapWithEbs` 返回 `--`，删除云硬盘时拒绝该参数",
    },
    Behavior {
        name: "most_eips",
        meaning: "每个账号和区域的弹性 IP 配额（天翼云的配额未知）",
    },
    Behavior {
        name: "most_disks",
        meaning: "每个账号和区域的云硬盘配额（天翼云的配额未知）",
    },
];

/// Returns the page of a command, `state recover` for example.
pub(super) fn of(command: &str) -> Option<String> {
    if command == "sandbox serve" {
        return Some(serve());
    }
    let page = PAGES.iter().find(|page| page.command == command)?;
    Some(page.text.to_owned())
}

/// Returns the page of `eci sandbox serve`, with all behaviors.
fn serve() -> String {
    let rows = ApiBehavior::TABLE.iter().zip(&BEHAVIORS);
    let rows = rows.map(|(behavior, row)| {
        let default = behavior.default_value();
        format!("  {}={default}\n      {}\n", row.name, row.meaning)
    });
    SERVE.to_owned() + &rows.collect::<String>()
}
