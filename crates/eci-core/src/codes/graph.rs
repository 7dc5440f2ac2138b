//! 08xx: relations between resources.

codes! {
    "E0801" CYCLE "cycle" "dependency cycle" zh "循环依赖" {
        found: "Resources, or locals, refer to each other in a cycle."
            zh "资源或局部值循环引用。",
        reason: "What is referred to must be created first, which is impossible in a cycle."
            zh "被引用的对象必须先创建，循环引用时无法做到。",
        fix: "Remove one of the references that the message shows, or replace one of them with a \
               literal."
            zh "删除消息中显示的一处引用，或将其中一处引用替换为字面量。",
        bad_example: "[locals]\na = '${local.b}'\nb = '${local.a}'\n",
        good_example: "[locals]\na = '${local.b}'\nb = 1\n",
    }
    "E0802" FOR_EACH "for-each" "invalid `for_each`" zh "`for_each` 无效" {
        found: "The value of `for_each` is neither a map nor a list of distinct strings, is \
               sensitive, or has keys that are known only after apply."
            zh "`for_each` 的值既不是映射，也不是由不同字符串组成的列表；或者是敏感值，或者包含应用后才可知的键。",
        reason: "The keys are parts of resource addresses, which a plan must know and display."
            zh "键是资源地址的一部分，生成计划时必须已知并可以显示。",
        fix: "Compute the keys from variables, locals and attributes that manifests set. For a \
               list with duplicates, use `toset(…)`."
            zh "用变量、局部值以及清单中设置的属性计算键。如果列表有重复元素，使用 `toset(…)`。",
        bad_example: "[eip.web]\nfor_each = [\"a\", \"a\"]\nauto = true\n",
        good_example: "[eip.web]\nfor_each = [\"a\", \"b\"]\nauto = true\n",
    }
    "E0803" NOT_SHAREABLE "not-shareable" "an EIP or a disk is used twice" zh "弹性 IP 或云硬盘重复使用" {
        found: "Two container groups use the same disk or EIP."
            zh "两个容器组使用了同一块云硬盘或同一个弹性 IP。",
        reason: "A disk can be mounted by one container group at a time, and an EIP can be bound to \
               one."
            zh "云硬盘同一时间只能由一个容器组挂载，弹性 IP 同一时间只能绑定到一个容器组。",
        fix: "Declare another one for the second container group, or use a NasVolume for shared \
               files."
            zh "为第 2 个容器组另行声明，或使用 `NasVolume` 共享文件。",
        bad_example: "[eip.front]\nauto = true\n\n[container_group.a]\neip = \"front\"\n\n\
                [container_group.b]\neip = \"front\"\n",
        good_example: "[eip.front]\nauto = true\n\n[eip.back]\nauto = true\n\n\
                [container_group.a]\neip = \"front\"\n\n[container_group.b]\neip = \"back\"\n",
    }
    "E0804" CREATE_BEFORE_DESTROY "create-before-destroy" "`create_before_destroy` is not possible"
        zh "无法使用 `create_before_destroy`" {
        found: "A container group with `create_before_destroy` must be replaced, and the old and \
               the new one would mount the same disk."
            zh "设置了 `create_before_destroy` 的容器组必须替换，而新旧容器组会挂载同一块云硬盘。",
        reason: "A disk can be mounted by one container group at a time."
            zh "云硬盘同一时间只能由一个容器组挂载。",
        fix: "Remove `create_before_destroy`, or use another disk for the new container group."
            zh "删除 `create_before_destroy`，或为新容器组使用另一块云硬盘。",
        bad_example: "$ grep -A1 lifecycle web.eci.toml\n\
                lifecycle = { create_before_destroy = true }\nvolumes = [\"data\"]\n$ eci plan",
        good_example: "$ grep -A1 lifecycle web.eci.toml\n\
                lifecycle = { create_before_destroy = false }\nvolumes = [\"data\"]\n$ eci plan",
    }
    "E0805" PREVENT_DESTROY "prevent-destroy" "a protected resource would be deleted"
        zh "将删除受保护的资源" {
        found: "The plan would delete or replace a resource with `prevent_destroy = true`, or \
               whose protection is recorded in the state."
            zh "计划会删除或替换设置了 `prevent_destroy = true` 的资源，或在状态中记录了保护的资源。",
        reason: "The protection is meant to prevent accidental deletion, so removing the key, or the \
               whole table, does not lift it."
            zh "防销毁保护用于防止误删，因此删除该键或整个表并不会解除保护。",
        fix: "Undo the change, or set `prevent_destroy = false` and apply that first. A \
               `[[removed]]` with `destroy = true` instead of the table deletes the resource as \
               well."
            zh "撤销变更，或设置 `prevent_destroy = false` 并先应用。用设置了 `destroy = true` 的 `[[removed]]` 代替资源的表，也可以删除该资源。",
        bad_example: "$ grep lifecycle web.eci.toml\nlifecycle = { prevent_destroy = true }\n$ eci destroy",
        good_example: "$ grep lifecycle web.eci.toml\nlifecycle = { prevent_destroy = false }\n\
                $ eci apply\n$ eci destroy",
    }
    "E0806" ZONE "zone" "a disk is in another zone than its container group"
        zh "云硬盘与容器组不在同一可用区" {
        found: "A managed disk is in another availability zone than the container group that \
               mounts it."
            zh "托管的云硬盘与挂载该云硬盘的容器组位于不同的可用区。",
        reason: "A disk can only be mounted in its own zone."
            zh "云硬盘只能在所属可用区内挂载。",
        fix: "Put both in the same zone."
            zh "将两者放在同一可用区。",
        bad_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\", az_name = \"az2\" }\n\n\
                [container_group.web]\naz_name = \"az1\"\nvolumes = [\"data\"]\n",
        good_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\", az_name = \"az1\" }\n\n\
                [container_group.web]\naz_name = \"az1\"\nvolumes = [\"data\"]\n",
    }
    "E0807" SHRINK "shrink" "a disk cannot be shrunk" zh "云硬盘无法缩容" {
        found: "The manifest sets a smaller size than the disk has."
            zh "清单设置的容量小于云硬盘的现有容量。",
        reason: "The cloud can expand a disk but not shrink it. A smaller disk would be a new disk, \
               without the data."
            zh "云端可以扩容云硬盘，但不能缩容。容量更小的云硬盘只能是新的云硬盘，其中没有原有数据。",
        fix: "Set at least the current size. `--replace` creates a new, empty disk; if the disk is protected, \
              apply `prevent_destroy = false` with the current size first."
            zh "将容量至少设置为当前值。`--replace` 会创建新的空云硬盘；如果云硬盘受保护，先以当前容量应用 `prevent_destroy = false`。",
        bad_example: "$ grep disk web.eci.toml   # it was 40\ndisk = { size = 20, kind = \"SATA\" }\n$ eci plan",
        good_example: "$ grep disk web.eci.toml   # it was 40\ndisk = { size = 60, kind = \"SATA\" }\n$ eci plan",
        comment: "it was 40" zh "原为 40",
    }
    "E0808" TRANSFER "transfer" "an EIP or a disk cannot be transferred"
        zh "弹性 IP 或云硬盘无法转移" {
        found: "A container group requires an EIP or a disk that is in use, and the plan does not \
               detach it: the container group that uses it is not selected, keeps it, or is only \
               removed from the state; or what uses it is not in the state. Or an automatic EIP is \
               declared as existing by its ID. Or container groups exchange their EIPs or disks in a cycle, and none of them can be detached first."
            zh "容器组需要的弹性 IP 或云硬盘正在使用，而计划不会将其解绑或卸载：使用该资源的容器组未选中、继续使用该资源或仅从状态中移除，或者使用方不在状态中。或者自动创建的弹性 IP 以 ID 声明为已有的弹性 IP。或者多个容器组循环交换弹性 IP 或云硬盘，没有一个可以先行解绑或卸载。",
        reason: "An EIP can be bound to one container group at a time, and a disk can be mounted by \
               one, so it must be detached first. An automatic EIP is released with its container \
              group."
            zh "弹性 IP 同一时间只能绑定到一个容器组，云硬盘同一时间只能由一个容器组挂载，因此必须先解绑或卸载。自动创建的弹性 IP 随其容器组释放。",
        fix: "Select both container groups, or detach the EIP or disk in an earlier apply. Use a \
               managed EIP in place of an automatic one."
            zh "同时选择两个容器组，或在先前的应用中解绑弹性 IP 或卸载云硬盘。用托管的弹性 IP 代替自动创建的弹性 IP。",
        bad_example: "$ eci apply --target container_group.new   # gets the EIP of container_group.old",
        good_example: "$ eci apply --target container_group.new --target container_group.old",
        comment: "gets the EIP of container_group.old" zh "获得 container_group.old 的弹性 IP",
    }
    "E0809" UNKNOWN_ZONE "unknown-zone" "unknown zone" zh "未知可用区" {
        found: "A container group to be created is in an availability zone that the region does \
               not have."
            zh "待创建的容器组位于该区域没有的可用区。",
        reason: "The cloud would refuse the create. The zones were read from the region."
            zh "云端会拒绝创建。可用区读取自该区域。",
        fix: "Use one of the zones that the message lists."
            zh "使用错误消息中列出的可用区。",
        bad_example: "$ grep az_name web.eci.toml\naz_name = \"cn-huadong1-1A\"",
        good_example: "$ grep az_name web.eci.toml\naz_name = \"cn-huadong1-jsnj1A-public-ctcloud\"",
    }
    "E0810" SAME_NAME "same-name" "two resources would have the same name in the cloud"
        zh "两个资源在云端的名称将相同" {
        found: "Two disks would have the same name in the cloud, or two container groups or EIPs \
               would, at least one of which has a default name."
            zh "两块云硬盘在云端的名称将相同；或者两个容器组或两个弹性 IP 的名称将相同，且其中至少一个是默认名称。",
        reason: "The cloud refuses a second disk with the same name, and other resources with the \
               same name cannot be distinguished in the console."
            zh "云端会拒绝同名的第 2 块云硬盘，其他同名资源在控制台中无法区分。",
        fix: "Set `name` for one of them. Existing resources keep their names."
            zh "为其中一个设置 `name`。已有资源的名称不变。",
        bad_example: "[eip.web_1]\nbandwidth = 5\n\n[eip.web-1]\nbandwidth = 5\n",
        good_example: "[eip.web_1]\nbandwidth = 5\n\n[eip.web-1]\nbandwidth = 5\nname = \"web-one\"\n",
    }
    "E0811" IGNORED_VOLUME "ignored-volume" "a mount or its volume is ignored without the other"
        zh "只忽略了挂载或存储卷之一" {
        found: "`ignore_changes` keeps the mounts of a container group as they are, or its volumes, \
               so that a container would mount a volume that its container group would not have."
            zh "`ignore_changes` 使容器组的挂载或存储卷保持不变，导致容器挂载容器组中没有的存储卷。",
        reason: "The cloud refuses such a container group. If it were to be replaced, the old one would be deleted \
              and the new one not be created."
            zh "云端会拒绝这样的容器组。如果需要替换，旧容器组会删除，而新容器组无法创建。",
        fix: "Ignore both the mounts and the volumes, or neither of them."
            zh "同时忽略挂载和存储卷，或两者都不忽略。",
        bad_example: "$ grep -e ignore -e mounts web.eci.toml   # and volume.conf is new\n\
                lifecycle = { ignore_changes = [\"volumes\"] }\n\
                volume_mounts = [{ volume = \"conf\", mount_path = \"/etc/conf\" }]\n$ eci plan",
        good_example: "$ grep -e ignore -e mounts web.eci.toml   # and volume.conf is new\n\
                volume_mounts = [{ volume = \"conf\", mount_path = \"/etc/conf\" }]\n$ eci plan",
        comment: "and volume.conf is new" zh "且 volume.conf 是新增的",
    }
    "W0801" STATUS "status" "an EIP or a disk has a problem" zh "弹性 IP 或云硬盘存在问题" {
        found: "An EIP or a disk has expired, is frozen because the account is overdue, is in an \
               error state, or is used by something that is not in the state."
            zh "弹性 IP 或云硬盘已到期，因账号欠费而冻结，处于错误状态，或由不在状态中的对象使用。",
        reason: "A replacement would lose its IP address or its data, and eci detaches nothing that \
               is not in the state. So it is left unchanged."
            zh "替换会丢失 IP 地址或数据，而且 eci 不会对不在状态中的对象执行解绑或卸载，因此保持不变。",
        fix: "Renew it, top up the account, contact CTyun support, or detach it in the CTyun \
               console."
            zh "续订，为账号充值，联系天翼云支持，或在天翼云控制台中解绑或卸载。",
        bad_example: "$ eci plan   # while the account is in arrears",
        good_example: "$ eci plan   # after it was topped up",
        comment: "while the account is in arrears" zh "账号欠费期间",
        comment: "after it was topped up" zh "充值之后",
    }
    "W0802" TRAFFIC "traffic" "an EIP that leaves a shared bandwidth is billed by traffic"
        zh "移出共享带宽的弹性 IP 按流量计费" {
        found: "An EIP leaves its shared bandwidth, and its manifest sets billing by bandwidth."
            zh "弹性 IP 移出共享带宽，而清单设置了按带宽计费。",
        reason: "The cloud bills such an EIP by traffic, however it was ordered."
            zh "无论以何种方式订购，云端都对这样的弹性 IP 按流量计费。",
        fix: "Set `demand_billing_type = \"upflowc\"` in the same change."
            zh "在同一次变更中设置 `demand_billing_type = \"upflowc\"`。",
        bad_example: "$ grep -A1 eip.front web.eci.toml   # without its bandwidth_id\n[eip.front]\nbandwidth = 5\n$ eci plan",
        good_example: "$ grep -A2 eip.front web.eci.toml\n[eip.front]\nbandwidth = 5\ndemand_billing_type = \"upflowc\"\n$ eci plan",
        comment: "without its bandwidth_id" zh "未设置 bandwidth_id",
    }
}
