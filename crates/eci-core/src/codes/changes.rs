//! 09xx: changes that manifests and options ask for.

codes! {
    "E0901" MOVED "moved" "invalid `[[moved]]`" zh "`[[moved]]` 无效" {
        found: "A `[[moved]]` changes the resource type, has the same address twice, moves to an \
               address that is in use or from one that is still declared; or `--target` or \
               `--exclude` selects only a part of a chain of moves."
            zh "`[[moved]]` 更改了资源类型，地址重复，目标地址已在使用，或源地址仍有声明；或者 `--target` 或 `--exclude` 只选中了一连串移动的一部分。",
        reason: "A move keeps the state of a resource under a new address, and each address has one \
               state."
            zh "移动会将资源的状态保留在新地址下，而每个地址只有一份状态。",
        fix: "Correct the addresses, remove the `[[moved]]`, or remove one of the resources with \
               `eci state rm`. Select the whole chain. To exchange two addresses, use `eci state \
               mv` with a third one."
            zh "修正地址，删除 `[[moved]]`，或使用 `eci state rm` 移除其中一个资源。选择整条移动链。如需互换两个地址，使用 `eci state mv` 并借助第三个地址。",
        bad_example: "[[moved]]\nfrom = \"container_group.web\"\nto = \"eip.web\"\n",
        good_example: "[[moved]]\nfrom = \"container_group.web\"\nto = \"container_group.site\"\n",
    }
    "E0902" REMOVED "removed" "a `[[removed]]` resource is still declared"
        zh "`[[removed]]` 的资源仍有声明" {
        found: "A `[[removed]]` has the address of a resource that is still declared."
            zh "`[[removed]]` 的地址属于仍有声明的资源。",
        reason: "A resource cannot be both managed and removed from the state."
            zh "资源不能既由 eci 管理，又从状态中移除。",
        fix: "Remove the table of the resource, or the `[[removed]]`."
            zh "删除该资源的表，或删除 `[[removed]]`。",
        bad_example: "[[removed]]\nfrom = \"eip.front\"\n\n[eip.front]\nauto = true\n",
        good_example: "[[removed]]\nfrom = \"eip.front\"\n",
    }
    "E0903" IMPORT "import" "invalid `[[import]]`" zh "`[[import]]` 无效" {
        found: "The ID of an `[[import]]` does not exist in the cloud or is already in the state, or \
               its address is not declared or cannot be imported: an existing or automatic EIP, \
               or a volume without `disk`."
            zh "`[[import]]` 的 ID 在云端不存在或已在状态中，或者其地址未声明或无法导入，例如已有的或自动创建的弹性 IP，或没有 `disk` 的存储卷。",
        reason: "An import records an existing resource under the address of a table that declares \
               its desired state."
            zh "导入会将已有资源记录到资源地址下，该地址的表声明资源的期望状态。",
        fix: "Check the ID and the region, and declare the resource. `eci import --all --write \
               DIR --az-name ZONE` generates manifests for existing resources."
            zh "检查 ID 和区域，并声明该资源。`eci import --all --write DIR --az-name ZONE` 可为已有资源生成清单。",
        bad_example: "[[import]]\nto = \"container_group.web\"\nid = \"eci-3rr2p3bikgw7phf1\"\n",
        good_example: "$ eci import --all --tag app=web --write .",
    }
    "W0901" INFERRED "inferred" "an imported resource seems to be billed differently"
        zh "所导入资源的计费方式似乎不同" {
        found: "The cloud does not report how an EIP or a disk was ordered, but what it reports \
               does not match the billing keys of the manifest."
            zh "云端不返回弹性 IP 或云硬盘的订购方式，但返回的内容与清单中的计费键不符。",
        reason: "The state records the values of the manifest for attributes that are not reported, \
               so later plans would not show the difference."
            zh "对于云端未返回的属性，状态记录清单中的值，因此之后的计划不会显示差异。",
        fix: "Set the billing keys in the manifest to what was ordered."
            zh "按实际订购方式设置清单中的计费键。",
        bad_example: "$ eci import eip.web eip-5sdasd2gfh   # paid by the month, declared on demand",
        good_example: "$ grep cycle web.eci.toml\ncycle_type = \"month\"\ncycle_count = 6\n$ eci import eip.web eip-5sdasd2gfh",
        comment: "paid by the month, declared on demand" zh "实际为包月，声明为按需",
    }
    "W0902" PARTIAL "partial" "a plan is partial" zh "计划只包含部分资源" {
        found: "A plan with `--target` or `--exclude` covers only the selected resources. It lists \
               resources that are not selected although they depend on changed ones."
            zh "使用 `--target` 或 `--exclude` 的计划只包含所选资源，并列出依赖已变更资源但未选中的资源。",
        reason: "Resources that are not selected keep their old values, for example an IP address \
               that has changed."
            zh "未选中的资源保留旧值，例如已变更的 IP 地址。",
        fix: "Run the same command without these options afterwards: it covers the rest. After a \
               partial `eci destroy`, remove the deleted resources from the configuration, or the \
               next `eci apply` creates them again."
            zh "之后不带这些选项再次执行相同的命令，以处理其余资源。部分执行 `eci destroy` 后，从配置中删除相应资源的声明，否则下次 `eci apply` 会重新创建。",
        bad_example: "$ eci apply --target container_group.db",
        good_example: "$ eci apply --target container_group.db\n$ eci apply",
    }
    "W0903" TAKEN_OVER "taken-over" "an import of a resource of another state"
        zh "导入了另一个状态的资源" {
        found: "The operation tag of an imported resource belongs to another state, and the import \
               has `take_over`."
            zh "所导入资源的操作标签属于另一个状态，且导入设置了 `take_over`。",
        reason: "As long as both states contain the resource, a destroy of either of them deletes \
               it."
            zh "只要两个状态都包含该资源，销毁其中任何一个都会删除该资源。",
        fix: "Remove it from the other state with a `[[removed]]` or `eci state rm`."
            zh "使用 `[[removed]]` 或 `eci state rm` 将资源从另一个状态中移除。",
        bad_example: "$ eci import --take-over container_group.web eci-3rr2p3bikgw7phf1",
        good_example: "$ eci -C ../old state rm container_group.web\n\
                $ eci import --take-over container_group.web eci-3rr2p3bikgw7phf1",
    }
    "W0904" ASSUMED "assumed" "an import assumes what the cloud does not report"
        zh "导入采用了云端未返回的值" {
        found: "The cloud does not report these attributes of an imported resource, and they cannot be \
               updated in place."
            zh "云端不返回所导入资源的这些属性，且这些属性无法原地更新。",
        reason: "The state records the values of the manifest for them, so later plans would not show a \
              difference. Attributes that are not reported either, and that can be updated in place, are sent."
            zh "状态为这些属性记录清单中的值，因此之后的计划不会显示差异。同样未返回但可以原地更新的属性会重新发送。",
        fix: "Compare them with the console, and correct the manifest where it differs."
            zh "与控制台对照，并修正清单中不一致的值。",
        bad_example: "$ eci import container_group.web eci-3rr2p3bikgw7phf1   # `host_name` differs",
        good_example: "$ grep host_name web.eci.toml\nhost_name = \"shop\"\n$ eci import container_group.web eci-3rr2p3bikgw7phf1",
        comment: "`host_name` differs" zh "`host_name` 不同",
    }
    "E0904" NO_SUCH_RESOURCE "no-such-resource" "an option refers to an unknown resource"
        zh "选项引用了未知资源" {
        found: "`--target`, `--exclude` or `--replace` has an address that is neither declared nor \
               in the state."
            zh "`--target`、`--exclude` 或 `--replace` 的地址既未声明，也不在状态中。",
        reason: "An empty plan would look as if there were nothing to change."
            zh "否则计划为空，看起来就像没有任何变更。",
        fix: "Correct the address. `eci state list` lists the addresses in the state."
            zh "修正地址。`eci state list` 列出状态中的地址。",
        bad_example: "$ eci plan --target container_group.wep",
        good_example: "$ eci plan --target container_group.web",
    }
    "E0905" NO_REPLACEMENT "no-replacement" "a resource cannot be replaced this way"
        zh "无法以此方式替换资源" {
        found: "`--replace` has the address of a volume or an EIP that is part of its container \
               groups, or of a resource that `--target` or `--exclude` leaves out."
            zh "`--replace` 的地址属于作为容器组一部分的存储卷或弹性 IP，或属于 `--target` 或 `--exclude` 未选中的资源。",
        reason: "What is part of a container group is created and deleted only together with it, and \
              what is left out is not changed."
            zh "容器组的组成部分只能随容器组一起创建和删除，未选中的资源不会变更。",
        fix: "Replace the container group that uses it, or add it to the targets."
            zh "替换使用该资源的容器组，或将该资源加入目标资源。",
        bad_example: "$ eci plan --replace volume.conf",
        good_example: "$ eci plan --replace container_group.web",
    }
    "E0906" OTHER_OWNER "other-owner" "a resource was imported into another state"
        zh "资源已导入到另一个状态" {
        found: "A container group in the state has the operation tag of another state, which has \
               imported it."
            zh "状态中有容器组带有另一个状态的操作标签，该容器组已导入到另一个状态。",
        reason: "Two states that manage the same resource would undo each other's changes. So only \
               the state in the operation tag may change it."
            zh "两个状态管理同一资源会互相撤销变更，因此只有操作标签所属的状态可以变更该资源。",
        fix: "Remove it from this state with `eci state rm` or a `[[removed]]`, and its table from \
               the manifests. To take it back, remove it from the other state and run `eci import \
               --take-over`."
            zh "使用 `eci state rm` 或 `[[removed]]` 将资源从此状态中移除，并从清单中删除相应的表。如需收回，先从另一个状态中移除，再执行 `eci import --take-over`。",
        bad_example: "$ eci destroy",
        good_example: "$ eci state rm container_group.web\n$ eci destroy",
    }
    "W0907" NOT_REFRESHED "not-refreshed" "a plan does not read the actual state" zh "计划未读取实际状态" {
        found: "A plan with `--refresh=false` sends no calls to the cloud: it compares the \
               manifests only with the state."
            zh "使用 `--refresh=false` 的计划不调用云端 API，只将清单与状态比较。",
        reason: "It does not show what was changed or deleted outside of eci. Wrong credentials, or \
               an unknown region or zone, are reported only by the apply."
            zh "计划不显示在 eci 之外的变更和删除。凭证错误以及未知的区域或可用区，要到应用时才会报告。",
        fix: "Remove `--refresh=false`."
            zh "去掉 `--refresh=false`。",
        bad_example: "$ eci apply --refresh=false",
        good_example: "$ eci apply",
    }
}
