//! 06xx: variables, locals, outputs.

codes! {
    "E0601" MISSING_VARIABLE "missing-variable" "a required variable has no value"
        zh "必填变量没有值" {
        found: "A variable without a default has no value."
            zh "没有默认值的变量没有值。",
        reason: "Whatever is computed from the variable cannot be planned."
            zh "由该变量计算的内容无法生成计划。",
        fix: "Set it with `--var NAME=VALUE`, in `eci.vars.toml`, or in the environment variable \
               `ECI_VAR_NAME`; or declare a default."
            zh "使用 `--var NAME=VALUE`、`eci.vars.toml` 或环境变量 `ECI_VAR_NAME` 设置值，或声明默认值。",
        bad_example: "[variable.image]\ntype = \"string\"\n",
        good_example: "[variable.image]\ntype = \"string\"\ndefault = \"nginx:1.27\"\n",
    }
    "E0602" NULL_VARIABLE "null-variable" "a variable must not be null"
        zh "变量不能为空值（null）" {
        found: "A variable with `nullable = false` and without another default is set to null."
            zh "设置了 `nullable = false` 且没有其他默认值的变量，其值为空值（null）。",
        reason: "The configuration relies on a value that is not null."
            zh "配置要求该变量的值不为空值（null）。",
        fix: "Set a value, or remove `nullable = false`."
            zh "设置值，或删除 `nullable = false`。",
        bad_example: "[variable.image]\nnullable = false\ndefault = '${null}'\n",
        good_example: "[variable.image]\nnullable = false\ndefault = \"nginx\"\n",
    }
    "E0603" VARIABLE_TYPE "variable-type" "invalid type constraint" zh "类型约束无效" {
        found: "The `type` of a variable is not a valid type constraint."
            zh "变量的 `type` 不是有效的类型约束。",
        reason: "Type constraints are strings, as in Terraform: string, number, bool, list(T), \
               set(T), map(T), tuple([T]), object({ name = T }), any."
            zh "类型约束是字符串，与 Terraform 相同：`string`、`number`、`bool`、`list(T)`、`set(T)`、`map(T)`、`tuple([T])`、`object({ name = T })`、`any`。",
        fix: "Write a type, for example `type = \"list(string)\"` or `type = \"number\"`."
            zh "写出类型，例如 `type = \"list(string)\"` 或 `type = \"number\"`。",
        bad_example: "[variable.ports]\ntype = \"list(int)\"\ndefault = [80]\n",
        good_example: "[variable.ports]\ntype = \"list(number)\"\ndefault = [80]\n",
    }
    "E0604" VALIDATION "validation" "invalid value of a variable" zh "变量的值无效" {
        found: "A validation rule of a variable is not satisfied; its `error_message` says why."
            zh "值不满足变量的校验规则，`error_message` 说明了原因。",
        reason: "The declaration of the variable allows only some values."
            zh "变量的声明只允许部分值。",
        fix: "Set a value that satisfies the rule, for example with `--var NAME=VALUE`."
            zh "设置满足规则的值，例如使用 `--var NAME=VALUE`。",
        bad_example: "[variable.size]\ndefault = 9\nvalidation = [{ condition = '${var.size < 5}', \
                error_message = \"at most 4\" }]\n",
        good_example: "[variable.size]\ndefault = 3\nvalidation = [{ condition = '${var.size < 5}', \
                error_message = \"at most 4\" }]\n",
    }
    "E0605" UNDECLARED_VARIABLE "undeclared-variable" "a value is set for an undeclared variable"
        zh "为未声明的变量设置了值" {
        found: "A value is set for a variable that the configuration does not declare."
            zh "为配置未声明的变量设置了值。",
        reason: "If the name is misspelled, the intended variable would keep its default."
            zh "如果名称拼写有误，原本要设置的变量会保留默认值。",
        fix: "Correct the name, or declare the variable."
            zh "修正名称，或声明该变量。",
        bad_example: "$ eci plan --var imgae=nginx:1.28",
        good_example: "$ eci plan --var image=nginx:1.28",
    }
    "E0606" SENSITIVE_OUTPUT "sensitive-output" "an output would display a sensitive value"
        zh "输出会显示敏感值" {
        found: "The value of an output is computed from a sensitive value."
            zh "输出的值由敏感值计算得出。",
        reason: "Outputs are displayed on terminals and read by programs, so a sensitive value must \
               be marked there as well."
            zh "输出会显示在终端并由程序读取，因此敏感值在输出中也必须标记。",
        fix: "Set `sensitive = true` in the output, or use `nonsensitive(…)` if the value is not a \
               secret."
            zh "在输出中设置 `sensitive = true`；如果值不是机密信息，使用 `nonsensitive(…)`。",
        bad_example: "[variable.key]\nsensitive = true\ndefault = \"k\"\n\n\
                [output.key]\nvalue = '${var.key}'\n",
        good_example: "[variable.key]\nsensitive = true\ndefault = \"k\"\n\n\
                [output.key]\nvalue = '${var.key}'\nsensitive = true\n",
    }
    "W0607" UNUSED_VALUE "unused-value" "a variable file sets an undeclared variable"
        zh "变量值文件设置了未声明的变量" {
        found: "A variable file sets a variable that the configuration does not declare."
            zh "变量值文件设置了配置未声明的变量。",
        reason: "A file may be used by several configurations, so this is only a warning. If the \
               name is misspelled, the intended variable keeps its default."
            zh "文件可能用于多个配置，因此只是警告。如果名称拼写有误，原本要设置的变量会保留默认值。",
        fix: "Correct the name, declare the variable, or remove the line from the file."
            zh "修正名称，声明该变量，或从文件中删除该行。",
        bad_example: "$ echo 'imgae = \"nginx:1.28\"' > eci.vars.toml",
        good_example: "$ echo 'image = \"nginx:1.28\"' > eci.vars.toml",
    }
    "W0608" UNKNOWN_OBJECT_ATTRIBUTE "unknown-object-attribute" "unknown attribute in the value of a variable"
        zh "变量的值中有未知属性" {
        found: "An object has an attribute that the type of its variable does not declare, and \
               whose name resembles an optional attribute that is not set."
            zh "对象有变量类型未声明的属性，且名称与未设置的可选属性相似。",
        reason: "Undeclared attributes are dropped, so the intended attribute has its default."
            zh "未声明的属性会丢弃，因此原本要设置的属性使用默认值。",
        fix: "Correct the name, or add the attribute to the type."
            zh "修正名称，或将该属性添加到类型中。",
        bad_example: "[variable.app]\ntype = \"object({ weight = optional(number) })\"\n\
                default = { weigth = 2 }\n",
        good_example: "[variable.app]\ntype = \"object({ weight = optional(number) })\"\n\
                default = { weight = 2 }\n",
    }
}
