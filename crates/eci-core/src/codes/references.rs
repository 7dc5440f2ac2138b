//! 03xx: references and resource names.

codes! {
    "E0301" UNKNOWN_NAME "unknown-name" "unknown name in an expression"
        zh "表达式中有未知名称" {
        found: "The first name of a reference is not known."
            zh "引用的第一个名称未知。",
        reason: "A reference starts with `var`, `local`, `each`, `module`, `state`, `path`, `eci` \
               or a resource type. Anything else may be text that was not meant as an expression."
            zh "引用以 `var`、`local`、`each`、`module`、`state`、`path`、`eci` 或资源类型开头。其他内容可能是并非表达式的文本。",
        fix: "Use `var.image` for a variable, `local.x` for a local, or `eip.web.id` for a \
               resource. For a literal `${`, write `$${`."
            zh "变量使用 `var.image`，局部值使用 `local.x`，资源使用 `eip.web.id`。如需字面量 `${`，写成 `$${`。",
        bad_example: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${image}'\n",
        good_example: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.image}'\n",
    }
    "E0302" UNKNOWN_VARIABLE "unknown-variable" "undeclared variable" zh "变量未声明" {
        found: "`var.NAME` refers to a variable that the configuration does not declare."
            zh "`var.NAME` 引用了配置未声明的变量。",
        reason: "Every variable must be declared, so that a misspelled name is reported."
            zh "每个变量都必须声明，拼写错误的名称才能报告。",
        fix: "Correct the name, or declare the variable as `[variable.NAME]`."
            zh "修正名称，或以 `[variable.NAME]` 声明变量。",
        bad_example: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.imgae}'\n",
        good_example: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.image}'\n",
    }
    "E0303" UNKNOWN_LOCAL "unknown-local" "undeclared local" zh "局部值未声明" {
        found: "`local.NAME` refers to a local value that no `[locals]` table declares."
            zh "`local.NAME` 引用了任何 `[locals]` 表都未声明的局部值。",
        reason: "Every local value must be declared, so that a misspelled name is reported."
            zh "每个局部值都必须声明，拼写错误的名称才能报告。",
        fix: "Correct the name, or add it to `[locals]`."
            zh "修正名称，或将局部值添加到 `[locals]`。",
        bad_example: "[locals]\nregistry = \"r.example\"\n\n[output.r]\nvalue = '${local.registri}'\n",
        good_example: "[locals]\nregistry = \"r.example\"\n\n[output.r]\nvalue = '${local.registry}'\n",
    }
    "E0304" UNKNOWN_REFERENCE "unknown-reference" "undeclared resource" zh "资源未声明" {
        found: "An expression refers to a resource, or to an instance of a resource, that the \
               configuration does not declare."
            zh "表达式引用了配置未声明的资源或资源实例。",
        reason: "A reference is an edge of the dependency graph: the resource that it refers to is \
               created first."
            zh "引用是依赖图的一条边，被引用的资源先创建。",
        fix: "Correct the name or the instance key, or declare the resource. For a resource of \
               another configuration, use an output of its state, `state.NAME.OUTPUT`, or its ID as \
               a string."
            zh "修正名称或实例键，或声明该资源。如需引用其他配置的资源，使用其状态的输出 `state.NAME.OUTPUT`，或将资源 ID 写成字符串。",
        bad_example: "[eip.front]\nauto = true\n\n[output.id]\nvalue = '${eip.fornt.id}'\n",
        good_example: "[eip.front]\nauto = true\n\n[output.id]\nvalue = '${eip.front.id}'\n",
    }
    "E0305" UNKNOWN_ATTRIBUTE "unknown-attribute" "unsupported attribute" zh "不支持的属性" {
        found: "An expression or `ignore_changes` refers to an attribute that a resource or an \
               object does not have."
            zh "表达式或 `ignore_changes` 引用了资源或对象没有的属性。",
        reason: "The attributes of each resource type are known, so that a misspelled name is \
               reported before anything is created."
            zh "每种资源类型的属性都是已知的，因此在创建任何资源之前就能报告拼写错误的名称。",
        fix: "Correct the name. For an attribute that may be absent, use `lookup(map, \"key\", \
               default)` or `try(…)`."
            zh "修正名称。对于可能不存在的属性，使用 `lookup(map, \"key\", default)` 或 `try(…)`。",
        bad_example: "[eip.front]\nauto = true\n\n[output.ip]\nvalue = '${eip.front.adress}'\n",
        good_example: "[eip.front]\nauto = true\n\n[output.ip]\nvalue = '${eip.front.address}'\n",
    }
    "E0306" RESOURCE_NAME "resource-name" "a resource name does not match a resource"
        zh "资源名称没有匹配的资源" {
        found: "A key that refers to a resource by name (`eip`, `volume`, `volumes`) names a \
               resource that does not exist, that has another type, or that has `for_each` and \
               requires an instance key."
            zh "按名称引用资源的键（`eip`、`volume`、`volumes`）所指的资源不存在，类型不同，或设置了 `for_each` 而需要实例键。",
        reason: "EIPs and volumes are part of the request that creates a container group, so the \
               reference must be known in the plan."
            zh "弹性 IP 和存储卷是创建容器组的请求的一部分，因此引用在计划中必须已知。",
        fix: "Use the name of a resource of the required type: `volume = \"conf\"` for \
               `[volume.conf]`, or `volume = 'conf[\"a\"]'` for one instance of it."
            zh "使用所需类型的资源名称：`[volume.conf]` 写成 `volume = \"conf\"`，其中一个实例写成 `volume = 'conf[\"a\"]'`。",
        bad_example: "[container_group.web]\neip = \"front\"\n",
        good_example: "[eip.front]\nauto = true\n\n[container_group.web]\neip = \"front\"\n",
    }
    "E0307" REFERENCE "reference" "a reference is not possible here" zh "此处无法使用引用" {
        found: "A reference cannot be evaluated here: a resource in the default of a variable or \
               in `[provider]`, a single word, for example `var`, or a sensitive output of another \
               state."
            zh "此处无法计算引用：变量的默认值或 `[provider]` 中引用了资源，引用只有一个单词，例如 `var`，或引用了其他状态的敏感输出。",
        reason: "Variables, locals and `[provider]` are evaluated before resources. References in both \
               directions would be a cycle. Of a sensitive output, a state has only a digest."
            zh "变量、局部值和 `[provider]` 先于资源计算，双向引用会形成循环。状态中只保存敏感输出的摘要。",
        fix: "Move the expression to `[locals]` or to where it is used; write `var.` followed by a \
               name; pass a sensitive value in a sensitive variable."
            zh "将表达式移到 `[locals]` 或使用处；将单个 `var` 写成 `var.` 加名称；通过敏感变量传入敏感值。",
        bad_example: "[variable.a]\ndefault = '${local.b}'\n\n[locals]\nb = 1\n",
        good_example: "[variable.a]\ndefault = 1\n\n[locals]\nb = '${var.a}'\n",
    }
    "E0308" EACH "each" "`each` is not available here" zh "此处无法使用 `each`" {
        found: "`each.key` or `each.value` is used outside of a table with `for_each`."
            zh "在没有 `for_each` 的表中使用了 `each.key` 或 `each.value`。",
        reason: "`each` exists only in the table of a resource or module call that has `for_each`."
            zh "只有设置了 `for_each` 的资源或模块调用的表中才有 `each`。",
        fix: "Add `for_each` to the table, or refer to one instance: `'${eip.web[\"a\"].id}'`."
            zh "为该表添加 `for_each`，或引用某个实例：`'${eip.web[\"a\"].id}'`。",
        bad_example: "[output.key]\nvalue = '${each.key}'\n",
        good_example: "[eip.web]\nfor_each = [\"a\", \"b\"]\nauto = true\nbandwidth = '${length(each.key)}'\n",
    }
    "E0309" SELF_REFERENCE "self-reference" "a resource refers to itself" zh "资源引用自身" {
        found: "An attribute of a resource is computed from the same resource."
            zh "资源的属性由同一资源计算得出。",
        reason: "A resource is evaluated before it is created, so it cannot depend on itself."
            zh "资源在创建之前计算，因此不能依赖自身。",
        fix: "Move the common value to `[locals]`, or write it as a literal."
            zh "将公共的值移到 `[locals]`，或写成字面量。",
        bad_example: "[container_group.web]\nhost_name = '${container_group.web.name}'\n",
        good_example: "[locals]\nname = \"web\"\n\n[container_group.web]\nname = '${local.name}'\n\
                host_name = '${local.name}'\n",
    }
    "E0310" ADDRESS "address" "invalid address" zh "资源地址无效" {
        found: "A string that must be a resource address is not a valid one."
            zh "应为资源地址的字符串不是有效的地址。",
        reason: "An address is `type.name`, or `type.name[\"key\"]` for an instance, after the \
               modules that contain it, if any."
            zh "地址的格式为 `type.name`，实例的地址为 `type.name[\"key\"]`；位于模块中时，前面加上所属的模块。",
        fix: "Write it as a plan shows it, for example container_group.web or eip.front[\"a\"]."
            zh "按计划中的显示书写，例如 `container_group.web` 或 `eip.front[\"a\"]`。",
        bad_example: "[[removed]]\nfrom = \"web\"\n",
        good_example: "[[removed]]\nfrom = \"container_group.web\"\n",
    }
    "E0311" DEPENDS_ON "depends-on" "`depends_on` refers to an undeclared resource"
        zh "`depends_on` 引用了未声明的资源" {
        found: "An address in `depends_on` is invalid or not declared in the configuration."
            zh "`depends_on` 中的地址无效，或未在配置中声明。",
        reason: "Only resources of the same configuration can be ordered."
            zh "只有同一配置的资源可以排序。",
        fix: "Correct the address, or remove it. A reference in an expression is a dependency \
               already."
            zh "修正或删除该地址。表达式中的引用本身就是依赖。",
        bad_example: "[container_group.web]\ndepends_on = [\"container_group.db\"]\n",
        good_example: "[container_group.db]\nvpc_id = \"vpc-1\"\n\n[container_group.web]\n\
                depends_on = [\"container_group.db\"]\n",
    }
    "E0312" REPLACE_TRIGGERED_BY "replace-triggered-by" "`replace_triggered_by` refers to an undeclared resource"
        zh "`replace_triggered_by` 引用了未声明的资源" {
        found: "An address in `replace_triggered_by` is invalid or not declared in the \
               configuration."
            zh "`replace_triggered_by` 中的地址无效，或未在配置中声明。",
        reason: "Only a planned change of a resource can trigger a replacement."
            zh "只有计划中的资源变更可以触发替换。",
        fix: "Correct the address. Write it without an attribute, for example volume.conf."
            zh "修正地址。地址不带属性，例如 `volume.conf`。",
        bad_example: "[container_group.web]\nlifecycle = { replace_triggered_by = [\"volume.conf\"] }\n",
        good_example: "[volume.conf]\ntype = \"EmptyDirVolume\"\n\n[container_group.web]\n\
                lifecycle = { replace_triggered_by = [\"volume.conf\"] }\n",
    }
}
