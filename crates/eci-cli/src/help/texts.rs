//! The short texts of the command line in Chinese: commands, arguments and possible values.

use eci_text::Lang;

/// Returns a text of the description of the command line in a language.
pub(crate) fn text(lang: Lang, text: &str) -> &str {
    match lang {
        Lang::En => text,
        Lang::Zh => {
            let row = ROWS.iter().find(|row| row.en == text);
            row.map_or(text, |row| row.zh)
        }
    }
}

/// A text of the command line in both languages.
///
/// The English is that of the description of the command line: where it changes, a test fails until
/// the Chinese changes too.
pub(super) struct HelpText {
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
}

macro_rules! rows {
    ($($en:literal => $zh:literal,)*) => { &[$(HelpText { en: $en, zh: $zh },)*] };
}

/// Every text, each once however often it appears.
pub(super) const ROWS: &[HelpText] = rows![
    // Programs and commands.
    "Declarative provisioning of CTyun Elastic Container Instances" =>
        "天翼云弹性容器实例（ECI）的声明式编排工具",
    "Create an example configuration, a JSON Schema for editors and a .gitignore" =>
        "创建示例配置、供编辑器使用的 JSON Schema 和 .gitignore",
    "Show the changes that `eci apply` would make" => "显示 `eci apply` 将执行的变更",
    "Create, update and delete resources to match the configuration" =>
        "创建、更新和删除资源，使其与配置一致",
    "Delete all resources in the state; same as `eci apply --destroy`" =>
        "删除状态中的全部资源，等同于 `eci apply --destroy`",
    "Update the state to match the actual resources; same as `eci apply --refresh-only`" =>
        "更新状态使其与实际资源一致，等同于 `eci apply --refresh-only`",
    "Plan and apply in the pipelines of a code host" => "在代码托管平台的流水线中生成并应用计划",
    "Plan the directories that a change affects, and comment on the pull request" =>
        "为受变更影响的目录生成计划，并在拉取请求中评论",
    "Apply the plans that were reviewed for a commit" => "应用提交对应的已评审计划",
    "Report drift in issues" => "通过 Issue 报告漂移",
    "Name of the pipeline, if several plan the same pull request" =>
        "流水线的名称，用于区分为同一拉取请求生成计划的多条流水线",
    "Only this directory, relative to that of `-C`; can be repeated [default: every directory with manifests]" =>
        "仅处理此目录，路径相对于 `-C` 的目录，可重复使用 [默认值: 所有包含清单的目录]",
    "Directory for artifacts of the pipeline, relative to that of `-C`: complete plans, and saved plans that no shared store keeps" =>
        "流水线制品的目录，路径相对于 `-C` 的目录，存放完整的计划文本，以及共享存储未保存的计划文件",
    "Commit or branch to compare with [default: the target branch, or the commit before the push]" =>
        "作为比较基准的提交或分支 [默认值: 目标分支，或推送前的提交]",
    "All directories, not only those that the change affects" => "处理全部目录，而不仅是受变更影响的目录",
    "Branch whose pipelines apply; can be repeated [default: the default branch of the repository]" =>
        "由其流水线应用的分支，可重复使用 [默认值: 仓库的默认分支]",
    "Apply a new plan where none was reviewed" => "没有已评审的计划时，直接应用新的计划",
    "Time to wait for the state lock, for example 30m" => "等待状态锁的时间，例如 30m",
    "Exit with 2 if there is drift" => "存在漂移时退出码为 2",
    "Import existing resources, or generate manifests for them" =>
        "导入已有资源，或为其生成清单",
    "Find resources that this state created but no longer records; adopt or delete them" =>
        "查找由该状态创建但已不在状态中的资源，并接管或删除",
    "Mark a container group as tainted, so that the next apply replaces it" =>
        "将容器组标记为污点，下次应用时替换",
    "Remove the taint from a container group, so that the next apply keeps it" =>
        "清除容器组的污点，下次应用时不再替换",
    "Show the holder of a state lock, or remove the lock if it is stale" =>
        "显示状态锁的持有者，或解除残留锁",
    "Format manifests and variable files" => "格式化清单和变量值文件",
    "Check the configuration without accessing the cloud" => "校验配置，不访问云端",
    "Explain an error or warning code: what it means, why, and how to fix it" =>
        "解释错误码或警告码的含义、原因和修复方法",
    "Show the state or a saved plan" => "显示状态或已保存的计划",
    "Show output values" => "显示输出值",
    "Inspect or modify the state; every modification is backed up" =>
        "查看或修改状态，每次修改都会备份",
    "Manage workspaces: several states of one configuration" =>
        "管理工作区，即同一配置的多个状态",
    "Evaluate expressions against the configuration and the state" =>
        "根据配置和状态计算表达式",
    "Print the dependency graph" => "输出依赖图",
    "Show the status of container groups" => "显示容器组的运行状态",
    "Show the events of a container group" => "显示容器组的事件",
    "Show the logs of a container" => "显示容器日志",
    "Restart a container group and wait until it is ready again" => "重启容器组并等待就绪",
    "Run a command in a container and show its output" => "在容器中执行命令并显示输出",
    "Run a simulated cloud" => "运行模拟云",
    "Print the JSON Schema of manifests" => "输出清单的 JSON Schema",
    "Start the language server, over standard input and output" =>
        "启动语言服务器，通过标准输入和标准输出通信",
    "Print a shell completion script" => "输出 Shell 补全脚本",
    "Print the version" => "显示版本",
    "Print this message or the help of the given subcommand(s)" => "显示命令的帮助",
    "Print help (see more with '--help')" => "显示帮助（使用 `--help` 查看详细内容）",
    "Print help (see a summary with '-h')" => "显示帮助（使用 `-h` 查看摘要）",
    "Print version" => "显示版本",
    // Commands of `eci state`, `eci workspace` and `eci sandbox`.
    "List the resource addresses in the state" => "列出状态中的资源地址",
    "Show a resource in the state, or the whole state" => "显示状态中的资源或整个状态",
    "List the versions of the state: who wrote each, when, and with which command" =>
        "列出状态的各个版本：写入者、时间和命令",
    "Show the differences between two versions of the state" => "显示状态的两个版本之间的差异",
    "Restore an earlier version of the state, as a new one" =>
        "将状态的先前版本还原为新版本",
    "Move a resource or module to another address, as `[[moved]]` does" =>
        "将资源或模块移动到其他地址，与 `[[moved]]` 相同",
    "Remove resources from the state and keep them in the cloud" =>
        "从状态中移除资源，并在云端保留",
    "Print the state as one document; protect it like the state itself" =>
        "将状态输出为一个文档，应与状态同样妥善保管",
    "Replace the state with a document written by `eci state pull`" =>
        "用 `eci state pull` 输出的文档替换状态",
    "Show the cloud that the state belongs to: region, endpoints and account" =>
        "显示状态所属的云：区域、服务端点和账号",
    "Rebuild a damaged state from its backups, its journal and the cloud" =>
        "根据备份、预写日志和云端重建已损坏的状态",
    "Encrypt the state with a new data key, for the keys in the manifests and no others" =>
        "使用新的数据密钥加密状态，仅供清单中的密钥解密",
    "List workspaces; `*` marks the current one" => "列出工作区，`*` 表示当前工作区",
    "Create a workspace with an empty state, and select it" => "创建状态为空的工作区，并切换到该工作区",
    "Select the workspace to use from now on" => "切换工作区",
    "Show the name of the current workspace" => "显示当前工作区的名称",
    "Delete a workspace whose state is empty" => "删除状态为空的工作区",
    "Serve the simulated cloud over HTTP until Ctrl-C" =>
        "通过 HTTP 提供模拟云服务，按 Ctrl-C 停止",
    // Global options.
    "Configuration directory; other paths are relative to it [default: current directory]" =>
        "配置目录，其他路径均相对于该目录 [默认值: 当前目录]",
    "Use the state in this directory, in place of the one in the manifests" =>
        "使用此目录中的状态，代替清单中设置的状态",
    "Set a key of `[backend]`, in place of its value in the manifests; can be repeated" =>
        "设置 `[backend]` 的键，代替清单中的值，可重复",
    "Workspace to use [default: the selected one]" => "使用的工作区 [默认值: 当前工作区]",
    "Use a simulated cloud, stored with the state; no credentials required" =>
        "使用模拟云，数据与状态存放在一起，无需凭证",
    "Speed of the simulated cloud, as a multiple of the real one, or `instant` [default: 4]" =>
        "模拟云的速度，以真实云的倍数表示，或为 `instant` [默认值: 4]",
    "Endpoint of a service, for example eci=http://127.0.0.1:9040; can be repeated" =>
        "服务端点，例如 `eci=http://127.0.0.1:9040`，可重复",
    "Language of messages [default: that of ECI_LANG or of the locale]" =>
        "消息语言 [默认值: 由 ECI_LANG 或区域设置决定]",
    "When to use colors" => "何时使用颜色",
    "Show ignored drift in plans, and more logs on standard error; repeat for more" =>
        "在计划中显示已忽略的漂移，并在标准错误输出中显示更多日志，可重复",
    "Show only errors on standard error" => "在标准错误输出中仅显示错误",
    "Prompt for missing values on the terminal; disable with `--input=false`" =>
        "在终端提示输入缺少的值，`--input=false` 表示不提示",
    "Format of the logs that -v and ECI_LOG enable" => "由 `-v` 和 ECI_LOG 启用的日志的格式",
    // Options of several commands.
    "Output format" => "输出格式",
    "Same as `--format events`" => "等同于 `--format events`",
    "Same as `--format json`" => "等同于 `--format json`",
    "Set a variable; can be repeated" => "设置变量的值，可重复",
    "Load variable values from a TOML file; can be repeated" =>
        "从 TOML 文件读取变量值，可重复",
    "How long to wait for the state lock, for example 10m" => "等待状态锁的时间，例如 `10m`",
    "The container group, for example container_group.web" => "容器组，例如 container_group.web",
    "Container name; optional if the container group has only one" =>
        "容器名称，容器组只有一个容器时可省略",
    // Planning and applying.
    "Delete all resources in the state" => "删除状态中的全部资源",
    "Only update the state; change nothing in the cloud" => "仅更新状态，不变更云端",
    "Force replacement of this resource; can be repeated" => "强制替换该资源，可重复",
    "Limit the plan to this resource or module and its dependencies; can be repeated" =>
        "仅处理该资源或模块及其依赖，可重复",
    "Exclude this resource or module and its dependents; can be repeated" =>
        "排除该资源或模块及依赖它的资源，可重复",
    "Read the actual state from the cloud; `--refresh=false` uses the state as is" =>
        "从云端读取实际状态，`--refresh=false` 表示直接使用现有状态",
    "Continue even if most resources in the state no longer exist in the cloud" =>
        "即使状态中的大部分资源在云端已不存在，也继续执行",
    "Save the plan to this file for `eci apply FILE`" =>
        "将计划保存到文件，供 `eci apply FILE` 使用",
    "Query prices and show the monthly cost difference" => "查询价格并显示月费用差额",
    "Exit with 0 for no changes, 1 for errors, 2 for changes" =>
        "无变更时退出码为 0，出错时为 1，有变更时为 2",
    "A plan saved by `eci plan --out`; applied as shown, without asking for approval" =>
        "由 `eci plan --out` 保存的计划，按原样应用，不请求确认",
    "Apply without asking for approval" => "不请求确认，直接应用",
    "Maximum number of concurrent operations" => "最大并发操作数",
    "Output format; `json` prints one JSON message per line, as `terraform apply -json` does" =>
        "输出格式；`json` 每行输出一条 JSON 消息，与 `terraform apply -json` 相同",
    // `eci import` and `eci orphans`.
    "Address of the declared resource, for example container_group.web" =>
        "已声明资源的地址，例如 container_group.web",
    "ID of the existing resource in the cloud" => "云端已有资源的 ID",
    "Import it even if its operation tag belongs to another state" =>
        "即使其操作标签属于其他状态，也导入",
    "Generate manifests for all container groups, EIPs and disks of the region, instead of importing one resource" =>
        "为区域内的所有容器组、弹性 IP 和云硬盘生成清单，而不是导入单个资源",
    "Only container groups with this tag, and the EIPs and disks attached to them; can be repeated" =>
        "仅限带有该标签的容器组，以及其上的弹性 IP 和云硬盘，可重复",
    "Directory to write the manifests to" => "清单的写入目录",
    "Zone to write for the container groups; the cloud does not report it" =>
        "写入容器组的可用区，云端不返回该信息",
    "Record an orphaned resource under this address, as `eci import` does; can be repeated" =>
        "将孤立资源记录到该地址，与 `eci import` 相同，可重复",
    "Delete the orphaned resources, except disks" => "删除孤立资源，云硬盘除外",
    "Also delete disks, with all data on them" => "同时删除云硬盘及其全部数据",
    "The lock ID; without it, the lock is only shown" =>
        "锁 ID；省略时仅显示锁",
    // Configurations.
    "The example to start from [default: quickstart]" => "作为起点的示例 [默认值: quickstart]",
    "Migrate the state to the backend in the manifests, from a state directory, or from the backend in a file with the old `[backend.NAME]`; without a value, from `state`" =>
        "将状态迁移到清单中的后端，来源为状态目录，或文件中的旧 `[backend.NAME]`；不带值时为 `state`",
    "Change nothing; list files that are not formatted, and exit with 1 if there are any" =>
        "不修改文件，仅列出未格式化的文件，存在时退出码为 1",
    "Show a diff of the changes" => "显示变更的差异",
    "Files, or directories of manifests and variable files; `-` formats standard input to standard output [default: the configuration directory]" =>
        "文件，或清单和变量值文件所在的目录；`-` 表示格式化标准输入并写入标准输出 [默认值: 配置目录]",
    "Code or name, for example E0202 or unknown-key; without it, all codes are listed" =>
        "错误码或名称，例如 E0202 或 unknown-key，省略时列出全部错误码",
    "A plan saved by `eci plan --out`, instead of the state" =>
        "由 `eci plan --out` 保存的计划，代替状态",
    "Show only this output" => "仅显示该输出",
    "Print the value without quotes, for scripts" => "输出不带引号的值，供脚本使用",
    "Evaluate this expression and exit; can be repeated" => "计算该表达式后退出，可重复",
    // `eci state` and `eci workspace`.
    "Only these; a resource with all its instances, a module with all its resources" =>
        "仅限这些地址；资源包含其全部实例，模块包含其全部资源",
    "Resource address, for example container_group.web [default: all resources and outputs]" =>
        "资源地址，例如 container_group.web [默认值: 全部资源和输出]",
    "Show the version with this serial, see `eci state history`" =>
        "显示该序列号的版本，参见 `eci state history`",
    "Serial of the version before" => "变更前版本的序列号",
    "Serial of the version after [default: the current one]" =>
        "变更后版本的序列号 [默认值: 当前版本]",
    "Serial of the version, see `eci state history`" =>
        "版本的序列号，参见 `eci state history`",
    "Restore it even if operations of an interrupted run are pending" =>
        "即使中断的运行有未完成的操作，也还原",
    "Record the cloud of the current configuration and environment, for example after an endpoint of the same cloud has changed" =>
        "记录当前配置和环境对应的云，例如同一个云的服务端点变更之后",
    "Current address; without an instance key, all instances; of a module, all its resources" =>
        "当前地址；不带实例键时为全部实例，模块包含其全部资源",
    "New address" => "新地址",
    "Addresses; without an instance key, all instances; of a module, all its resources" =>
        "地址；不带实例键时为全部实例，模块包含其全部资源",
    "File to read; `-` is standard input" => "要读取的文件，`-` 表示标准输入",
    "Replace the state even if the lineage differs or the serial is older" =>
        "即使谱系 ID 不同或序列号较旧，也替换状态",
    "Rebuild from local files only; the next `eci apply` checks the cloud" =>
        "仅根据本地文件重建，由下次 `eci apply` 核对云端",
    "Workspace name" => "工作区名称",
    "Workspace name; `default` always exists" => "工作区名称，`default` 始终存在",
    "Delete it even if its state is not empty; its resources are not deleted and no longer recorded in any state" =>
        "即使状态不为空也删除；不删除其资源，且不再记录于任何状态",
    // Commands that inspect container groups.
    "Follow the log until the container exits for good" => "持续输出日志，直到容器最终退出",
    "Show only the last N lines" => "仅显示最后 N 行",
    "Show the log of the container before its last restart" => "显示容器上次重启前的日志",
    "Show a timestamp on each line" => "在每行显示时间戳",
    "Show only lines newer than this, for example 10m" => "仅显示该时长以内的日志，例如 `10m`",
    "How long to wait until it is ready again, for example 30m" =>
        "等待重新就绪的时间，例如 `30m`",
    "Output format; `json` prints one event per line" => "输出格式；`json` 每行输出一个事件",
    "Command and its arguments, after `--`" => "命令及其参数，写在 `--` 之后",
    // `eci sandbox` and `eci completions`.
    "Address to listen on; port 0 selects a free port" => "监听地址，端口 0 表示自动选择空闲端口",
    "Store the simulated cloud in this directory [default: in memory only]" =>
        "将模拟云存储在该目录 [默认值: 仅在内存中]",
    "Inject faults by the rules in this file" => "按该文件中的规则注入故障",
    "Speed, as a multiple of the real cloud, or `instant`" =>
        "速度，以真实云的倍数表示，或为 `instant`",
    "Reject calls beyond this many per second [default: no limit]" =>
        "拒绝超过该每秒次数的调用 [默认值: 不限制]",
    "Serve this account instead of `sandbox=sandbox`; can be repeated, each account has its own resources" =>
        "使用该账号代替 `sandbox=sandbox`；可重复，各账号的资源相互独立",
    "Set a behavior of the simulated cloud, see the list below; can be repeated" =>
        "设置模拟云的行为，见下方列表，可重复",
    "Format of the message that is printed when the server is ready" =>
        "服务就绪时所输出消息的格式",
    "The shell" => "Shell 类型",
    // Possible values.
    "For people" => "供阅读",
    "For programs" => "供程序处理",
    "English" => "英文",
    "简体中文" => "简体中文",
    "On a terminal, unless `NO_COLOR` is set; with `CLICOLOR_FORCE` everywhere" =>
        "在终端使用，设置 `NO_COLOR` 时不使用，设置 `CLICOLOR_FORCE` 时始终使用",
    "Everywhere" => "始终使用",
    "Nowhere" => "从不使用",
    "One JSON document, as that of `terraform show -json`" =>
        "一个 JSON 文档，与 `terraform show -json` 相同",
    "One JSON message per line, as `terraform plan -json` prints them" =>
        "每行一条 JSON 消息，与 `terraform plan -json` 相同",
    "For a comment on a pull request" => "用于拉取请求的评论",
    "A self-contained page, to store as a CI artifact" => "独立的网页，可保存为 CI 制品",
    "For people, with source lines" => "供阅读，带源代码行",
    "One JSON document with all locations and suggested edits" =>
        "一个 JSON 文档，包含全部位置和修改建议",
    "SARIF 2.1.0, for code scanning" => "SARIF 2.1.0，用于代码扫描",
    "Annotations of a GitHub Actions workflow" => "GitHub Actions 工作流的注释",
    "For Graphviz" => "供 Graphviz 使用",
    "For Markdown" => "用于 Markdown",
    "One web server with a configuration file and a public IP address" =>
        "一个 Web 服务器，带配置文件和弹性 IP",
    "Three tiers in three files: a web server, an application and a database" =>
        "分为三个文件的三层架构：Web 服务器、应用和数据库",
    "A database on a persistent disk, and a web server with a persistent EIP" =>
        "使用持久云硬盘的数据库，以及使用持久弹性 IP 的 Web 服务器",
    "A job that runs once" => "仅运行一次的任务",
    "The example of CTyun's API page for createContainerGroup" =>
        "天翼云 createContainerGroup 接口文档中的示例",
];
