//! 02xx: tables, keys and names.

codes! {
    "E0201" UNKNOWN_TABLE "unknown-table" "unknown table" zh "未知表" {
        found: "A manifest has a top-level table or key that eci does not know."
            zh "清单中有 eci 不支持的顶层表或键。",
        reason: "An unknown table is never ignored, because the resource that it was meant to \
               declare would be missing in the cloud."
            zh "未知的表不会忽略，否则云端会缺少该表要声明的资源。",
        fix: "Correct the name. A resource is declared as `[TYPE.NAME]`, for example \
               `[container_group.web]`; put your own constants in `[locals]`."
            zh "修正名称。资源以 `[TYPE.NAME]` 声明，例如 `[container_group.web]`；自定义常量放在 `[locals]` 中。",
        bad_example: "[container_gruop.web]\nvpc_id = \"vpc-1\"\n",
        good_example: "[container_group.web]\nvpc_id = \"vpc-1\"\n",
    }
    "E0202" UNKNOWN_KEY "unknown-key" "unsupported key" zh "不支持的键" {
        found: "A table has a key that it does not support."
            zh "表中有不支持的键。",
        reason: "If an unsupported key were ignored, the setting would silently have no effect."
            zh "如果忽略不支持的键，设置会在没有提示的情况下不生效。",
        fix: "Correct the name. Keys are in snake_case, for example `mount_path` for `mountPath` \
               of the API. The reference lists the keys of each table."
            zh "修正名称。键使用 snake_case，例如 API 的 `mountPath` 写成 `mount_path`。参考文档列出每个表的键。",
        bad_example: "[eip.web]\nauto = true\nbandwith = 10\n",
        good_example: "[eip.web]\nauto = true\nbandwidth = 10\n",
    }
    "E0203" MISSING_KEY "missing-key" "missing required key" zh "缺少必填键" {
        found: "A table does not have a key that the cloud or eci requires."
            zh "表中缺少云端或 eci 要求的键。",
        reason: "The cloud would refuse the call. The error is reported before anything is created."
            zh "云端会拒绝该调用，因此在创建任何资源之前报告此错误。",
        fix: "Add the key. If its value is an expression, the expression must not be null."
            zh "添加该键。如果值是表达式，结果不能为空值（null）。",
        bad_example: "[volume.shared]\ntype = \"NasVolume\"\n",
        good_example: "[volume.shared]\ntype = \"NasVolume\"\nsource_path = \"10.0.0.8:/share\"\n",
    }
    "E0204" WRONG_TYPE_KEY "wrong-type-key" "a key belongs to another volume type"
        zh "键属于其他存储卷类型" {
        found: "The key is not supported by the `type` of this volume, but by another type."
            zh "此存储卷的 `type` 不支持该键，其他类型支持。",
        reason: "Each volume type has its own keys, and the cloud accepts only those of the given \
               type."
            zh "每种存储卷类型有各自的键，云端只接受所选类型的键。",
        fix: "Remove the key, or change `type` to the one that supports it."
            zh "删除该键，或将 `type` 改为支持该键的类型。",
        bad_example: "[volume.cache]\ntype = \"EmptyDirVolume\"\nbucket = \"b\"\n",
        good_example: "[volume.cache]\ntype = \"EmptyDirVolume\"\nsize_limit = 512\n",
    }
    "E0205" READ_ONLY "read-only" "a read-only attribute is set" zh "设置了只读属性" {
        found: "A manifest sets an attribute that only the cloud sets, for example an ID or an IP \
               address."
            zh "清单设置了只能由云端设置的属性，例如 ID 或 IP 地址。",
        reason: "The cloud would never accept the value, so the plan would never be empty."
            zh "云端不会接受该值，因此计划将始终有变更。",
        fix: "Remove the key. Other tables can refer to it: \
               `'${container_group.web.intranet_ip}'`. To import an existing resource, use \
               `[[import]]`."
            zh "删除该键。其他表可以引用该属性：`'${container_group.web.intranet_ip}'`。如需导入已有资源，使用 `[[import]]`。",
        bad_example: "[container_group.web]\nintranet_ip = \"10.0.0.7\"\n",
        good_example: "[output.address]\nvalue = '${container_group.web.intranet_ip}'\n\n\
                [container_group.web]\nvpc_id = \"vpc-1\"\n",
    }
    "E0206" NAME "name" "invalid name" zh "名称无效" {
        found: "The last part of a table header, or the key of a local, is not a valid name."
            zh "表头的最后一部分或局部值的键不是有效的名称。",
        reason: "Names are parts of addresses and expressions, in which dots, spaces and other \
               characters have a different meaning."
            zh "名称是地址和表达式的一部分，点、空格和其他字符在其中有不同的含义。",
        fix: "Start with an ASCII letter or `_`, followed by ASCII letters, digits, `_` and `-`. \
               The name in the cloud is set by the key `name`."
            zh "以 ASCII 字母或 `_` 开头，后跟 ASCII 字母、数字、`_` 和 `-`。云端的名称由键 `name` 设置。",
        bad_example: "[eip.\"front door\"]\nauto = true\n",
        good_example: "[eip.front_door]\nauto = true\n",
    }
    "E0207" DUPLICATE "duplicate" "duplicate declaration" zh "重复声明" {
        found: "Something that must be unique is declared twice: a table in two files, two \
               containers with the same name, or two mounts with the same path, for example."
            zh "必须唯一的内容声明了两次，例如两个文件中的同一个表、两个同名容器或两个路径相同的卷挂载。",
        reason: "It would depend on their order which of the two is effective, and a diff could not \
               distinguish them."
            zh "否则哪一个生效取决于顺序，差异也无法区分两者。",
        fix: "Rename or remove one of them. The message shows both."
            zh "重命名或删除其中一个。消息显示了两处位置。",
        bad_example: "[volume.a]\ntype = \"ConfigFileVolume\"\nfiles = [\n  \
                { path = \"x\", content = \"1\" },\n  { path = \"x\", content = \"2\" },\n]\n",
        good_example: "[volume.a]\ntype = \"ConfigFileVolume\"\nfiles = [\n  \
                { path = \"x\", content = \"1\" },\n  { path = \"y\", content = \"2\" },\n]\n",
    }
    "E0208" UNKNOWN_BACKEND "unknown-backend" "unknown backend" zh "未知后端" {
        found: "`[backend.NAME]` selects a backend that does not exist."
            zh "`[backend.NAME]` 选择了不存在的后端。",
        reason: "Without its state, a plan would create everything a second time."
            zh "没有状态时，计划会将全部资源再创建一次。",
        fix: "Use `[backend.local]`, `[backend.s3]`, `[backend.postgres]` or `[backend.http]`. Without a \
               backend, the state is stored in `state/`."
            zh "使用 `[backend.local]`、`[backend.s3]`、`[backend.postgres]` 或 `[backend.http]`。不设置后端时，状态存储在 `state/` 中。",
        bad_example: "[backend.locl]\npath = \"state\"\n",
        good_example: "[backend.local]\npath = \"state\"\n",
    }
    "E0209" NOT_SUPPORTED "not-supported" "not supported yet" zh "尚不支持" {
        found: "The manifest uses a feature that this version of eci does not support yet."
            zh "清单使用了此版本的 eci 尚不支持的功能。",
        reason: "An unsupported feature is refused, because ignoring it would silently leave \
               something out."
            zh "不支持的功能会报错，因为忽略会在没有提示的情况下造成遗漏。",
        fix: "Use what the message suggests, or a newer version."
            zh "按消息中的建议修改，或使用更新的版本。",
        bad_example: "[backend.gcs]\nbucket = \"states\"\n",
        good_example: "[backend.s3]\nbucket = \"states\"\n\
                endpoint = \"https://jiangsu-10.zos.ctyun.cn\"\n\n\
                [[encryption.key]]\npassphrase_env = \"ECI_STATE_PASSPHRASE\"\n",
    }
}
