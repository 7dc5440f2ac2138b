//! Comments and descriptions of the examples in Chinese.

use eci_text::{FixedText, Lang};

/// The comments and descriptions, as they are written in the files.
const COMMENTS: [FixedText; 27] = [
    FixedText::new(
        "# One web server with a configuration file and an EIP.\n",
        "# 一个 Web 服务器，带有配置文件和弹性 IP。\n",
    ),
    FixedText::new("\"the image of the web server\"", "\"Web 服务器的镜像\""),
    FixedText::new(
        "# Created and released by the cloud together with its container group. Ports 80, 443, 8080 and\n# 8443 are closed on EIPs by default, so the server listens on port 8000.\n",
        "# 由云端随其容器组自动创建和释放。弹性 IP 默认不开放端口 80、443、8080 和 8443，\n# 因此服务器监听端口 8000。\n",
    ),
    FixedText::new("# refers to [eip.web]", "# 引用 [eip.web]"),
    FixedText::new(
        "\"the IP address of the web server\"",
        "\"Web 服务器的 IP 地址\"",
    ),
    FixedText::new(
        "# The IP address of the database is known once it is created, so the database is created first.\n",
        "# 数据库的 IP 地址在创建后可知，因此先创建数据库。\n",
    ),
    FixedText::new(
        "# Three tiers in three files: all manifests of a directory form one configuration.\n",
        "# 三个文件对应三层架构：一个目录中的所有清单组成一个配置。\n",
    ),
    FixedText::new("\"the password of the database\"", "\"数据库的密码\""),
    FixedText::new(
        "# To keep the data: type = \"DiskVolume\" with a `disk`, as in the example `stateful`.\n",
        "# 如需保留数据，使用带有 `disk` 的 `DiskVolume` 类型，参见示例 `stateful`。\n",
    ),
    FixedText::new(
        "# For the demo. In production, do not commit this file (the `.gitignore` of `eci init` excludes it), or\n# set ECI_VAR_password instead.\n",
        "# 仅用于演示。在生产环境中不要提交此文件（`eci init` 生成的 `.gitignore` 已将其排除），\n# 或改为设置 ECI_VAR_password。\n",
    ),
    FixedText::new("\"the URL of the shop\"", "\"商店的 URL\""),
    FixedText::new(
        "# A database that keeps its data, and a web tier that keeps its IP address. README.md explains\n# how to try it.\n",
        "# 保留数据的数据库，以及保留 IP 地址的 Web 层。使用方法参见 README.md。\n",
    ),
    FixedText::new(
        "# A managed disk: created before the container group that mounts it, and kept when that container group is replaced.\n",
        "# 托管的云硬盘：在挂载它的容器组之前创建，替换该容器组时保留。\n",
    ),
    FixedText::new(
        "# GB; can be increased in place, never decreased: a disk cannot shrink",
        "# GB；可以原地扩容，但不能缩容",
    ),
    FixedText::new(
        "# a disk can be used only by container groups in its zone",
        "# 云硬盘只能由同一可用区的容器组使用",
    ),
    FixedText::new(
        "# Its data cannot be restored, so no plan may delete or replace the disk. This is the default for\n# disks, written here explicitly. To delete the data, set it to false.\n",
        "# 数据无法恢复，因此任何计划都不能删除或替换此云硬盘。这是云硬盘的默认设置，\n# 此处明确写出。如需删除数据，设置为 false。\n",
    ),
    FixedText::new(
        "# a new disk is not empty: it has a directory lost+found",
        "# 新的云硬盘不是空的，其中有目录 lost+found",
    ),
    FixedText::new(
        "# A managed EIP: it keeps its IP address when the container group below is replaced, so a domain\n# name can point to it. With `auto = true`, it would be created and released with the container group.\n",
        "# 托管的弹性 IP：替换下面的容器组时保留 IP 地址，因此域名可以指向它。\n# 如果设置 `auto = true`，则随容器组自动创建和释放。\n",
    ),
    FixedText::new("# Mbps; can be updated in place", "# Mbps；可以原地更新"),
    FixedText::new("# refers to [eip.front]", "# 引用 [eip.front]"),
    FixedText::new(
        "# The IP address of the database is known once it is created, so it is created first. When the\n# database is replaced, this value is updated automatically.\n",
        "# 数据库的 IP 地址在创建后可知，因此先创建数据库。替换数据库时，此值会自动更新。\n",
    ),
    FixedText::new(
        "\"the ID of the disk with the data\"",
        "\"数据所在云硬盘的 ID\"",
    ),
    FixedText::new(
        "# A job that runs once: with `restart_policy = \"Never\"`, apply waits until the job has succeeded,\n# and later plans do not run it again.\n",
        "# 只运行一次的任务：设置 `restart_policy = \"Never\"` 时，`eci apply` 会等待任务成功，\n# 之后的计划不会再次运行该任务。\n",
    ),
    FixedText::new("\"the day of the report\"", "\"报告的日期\""),
    FixedText::new(
        "# the sandbox lets the container exit with this exit code",
        "# 沙箱使容器以此退出码退出",
    ),
    FixedText::new(
        "\"the ID of the job in the console\"",
        "\"任务在控制台中的 ID\"",
    ),
    FixedText::new(
        "# The example of CTyun's API page for createContainerGroup, field by field.\n",
        "# 天翼云 createContainerGroup API 文档中的示例，字段逐一对应。\n",
    ),
];

/// Returns a file of an example with its comments in Chinese.
pub(super) fn chinese(text: &str) -> String {
    COMMENTS.iter().fold(text.to_owned(), |text, comment| {
        text.replace(comment.en(), comment.get(Lang::Zh))
    })
}
