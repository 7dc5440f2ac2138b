//! 04xx: types and values.

codes! {
    "E0401" TYPE_MISMATCH "type-mismatch" "wrong type" zh "类型错误" {
        found: "A value has the wrong type, for example a list where a string is required. The \
               message names both types and shows both places."
            zh "值的类型错误，例如要求字符串，实际为列表。消息指出两种类型和两处位置。",
        reason: "Strings, numbers and booleans are converted if the conversion is unambiguous \
               (\"80\" is 80, 80 is \"80\"); other values are not."
            zh "字符串、数值和布尔值在转换没有歧义时自动转换（`\"80\"` 可作 `80`，`80` 可作 `\"80\"`），其他值不会转换。",
        fix: "Use a value of the required type, or convert it: `tostring`, `tonumber`, \
               `tolist`, `jsonencode`, `join`."
            zh "使用所需类型的值，或进行转换：`tostring`、`tonumber`、`tolist`、`jsonencode`、`join`。",
        bad_example: "[container_group.web]\ncpu = [1]\n",
        good_example: "[container_group.web]\ncpu = 1\n",
    }
    "E0402" BAD_VALUE "bad-value" "invalid value" zh "值无效" {
        found: "A value cannot be used for its key: it is not one of the enumerated values, out of \
               range, or a string that is not a number where a number is required, for example."
            zh "值不能用于该键，例如不是枚举值之一，超出范围，或者要求数值而字符串不是数值。",
        reason: "The cloud would refuse the value, later and with a less specific message."
            zh "云端也会拒绝该值，但发现得更晚，错误消息也不够具体。",
        fix: "Use a value that the message allows. Write a number without its unit."
            zh "使用错误消息中列出的值。数值不带单位。",
        bad_example: "[container_group.web]\nrestart_policy = \"Sometimes\"\n",
        good_example: "[container_group.web]\nrestart_policy = \"OnFailure\"\n",
    }
    "E0403" ID "id" "invalid ID" zh "ID 无效" {
        found: "The `id` of an `[[import]]` is not an ID of a resource of that type, is known only after \
               apply, or is sensitive."
            zh "`[[import]]` 的 `id` 不是该类型资源的 ID，应用后才可知，或者是敏感值。",
        reason: "IDs of container groups start with `eci-` and those of EIPs with `eip-`, followed by \
               lower-case letters and digits. IDs of disks have no prefix."
            zh "容器组的 ID 以 `eci-` 开头，弹性 IP 的 ID 以 `eip-` 开头，后跟小写字母和数字。云硬盘的 ID 没有前缀。",
        fix: "Copy the ID from the console, or from `eci import --all --tag KEY=VALUE`."
            zh "从控制台或 `eci import --all --tag KEY=VALUE` 的输出中复制 ID。",
        bad_example: "[[import]]\nto = \"container_group.web\"\nid = \"web\"\n",
        good_example: "[[import]]\nto = \"container_group.web\"\nid = \"eci-3rr2p3bikgw7phf1\"\n",
    }
}
