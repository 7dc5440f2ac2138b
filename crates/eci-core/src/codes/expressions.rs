//! 05xx: expressions.

codes! {
    "E0501" SYNTAX "syntax" "syntax error in an expression" zh "表达式语法错误" {
        found: "The text between `${` and `}`, or between `%{` and `}`, is not a valid \
               expression."
            zh "`${` 与 `}` 之间或 `%{` 与 `}` 之间的内容不是有效的表达式。",
        reason: "Strings can contain expressions in Terraform's syntax, which start with `${` or \
               `%{`."
            zh "字符串可以包含 Terraform 语法的表达式，以 `${` 或 `%{` 开头。",
        fix: "Check the marked position for a missing bracket or operand. For a literal `${`, \
               write `$${`; for a literal `%{`, write `%%{`."
            zh "检查标记位置是否缺少括号或操作数。如需字面量 `${`，写成 `$${`；如需字面量 `%{`，写成 `%%{`。",
        bad_example: "[output.sum]\nvalue = '${1 +}'\n",
        good_example: "[output.sum]\nvalue = '${1 + 1}'\n",
    }
    "E0502" UNKNOWN_FUNCTION "unknown-function" "unknown function" zh "未知函数" {
        found: "An expression calls a function that does not exist."
            zh "表达式调用了不存在的函数。",
        reason: "eci has the functions of Terraform, except those that depend on the time or on \
               randomness, because a plan must be reproducible."
            zh "eci 提供 Terraform 的函数，但不包括依赖时间或随机数的函数，因为计划必须可重现。",
        fix: "Use another function. The result of a function that does not exist \
               can be passed in a variable."
            zh "使用其他函数。不存在的函数的结果可以通过变量传入。",
        bad_example: "[output.name]\nvalue = '${uper(\"web\")}'\n",
        good_example: "[output.name]\nvalue = '${upper(\"web\")}'\n",
    }
    "E0503" ARGUMENTS "arguments" "wrong number of arguments" zh "参数数量错误" {
        found: "A call has too many or too few arguments."
            zh "函数调用的参数过多或过少。",
        reason: "A missing argument has no default, and an extra argument has no meaning."
            zh "缺少的参数没有默认值，多余的参数没有意义。",
        fix: "Pass as many arguments as the message says. `...` expands a list into arguments: \
               `max(local.sizes...)`."
            zh "按消息中的数量传入参数。`...` 将列表展开为参数：`max(local.sizes...)`。",
        bad_example: "[output.text]\nvalue = '${join([\"a\", \"b\"])}'\n",
        good_example: "[output.text]\nvalue = '${join(\", \", [\"a\", \"b\"])}'\n",
    }
    "E0504" FUNCTION "function" "invalid function argument" zh "函数参数无效" {
        found: "An argument of a function has the wrong type or an invalid value."
            zh "函数参数的类型错误，或值无效。",
        reason: "The function has no result for it; the message says why."
            zh "函数无法由此得出结果，消息说明了原因。",
        fix: "Pass a value that the function accepts. If an error is expected, use `try(…, default)` or \
               `can(…)`."
            zh "传入函数接受的值。如果错误在预期之内，使用 `try(…, default)` 或 `can(…)`。",
        bad_example: "[output.number]\nvalue = '${tonumber(\"many\")}'\n",
        good_example: "[output.number]\nvalue = '${tonumber(\"12\")}'\n",
    }
    "E0505" OPERAND "operand" "invalid operand" zh "操作数无效" {
        found: "An operand has the wrong type or value: a sum with a string, a comparison with a \
               list, or a division by zero, for example."
            zh "操作数的类型或值错误，例如对字符串求和、与列表比较大小或除以零。",
        reason: "Arithmetic requires numbers, and `&&` and `||` require booleans. Strings are \
               concatenated by interpolation."
            zh "算术运算要求数值，`&&` 和 `||` 要求布尔值。字符串通过插值拼接。",
        fix: "Change or convert the marked operand, as the message suggests. To concatenate strings, write \"${a}${b}\"."
            zh "按消息中的建议修改或转换标记的操作数。如需拼接字符串，写成 `\"${a}${b}\"`。",
        bad_example: "[output.text]\nvalue = '${\"a\" + \"b\"}'\n",
        good_example: "[output.text]\nvalue = '${\"a\"}${\"b\"}'\n",
    }
    "E0506" INDEX "index" "invalid index" zh "索引无效" {
        found: "A list has no element at this index, or the value cannot be indexed."
            zh "列表在此索引处没有元素，或该值不支持索引。",
        reason: "Lists are indexed by integers, starting from 0, and maps by their keys."
            zh "列表以从 0 开始的整数为索引，映射以键为索引。",
        fix: "Check the length first, or use `try(list[1], default)` or `element(list, n)`."
            zh "先检查长度，或使用 `try(list[1], default)` 或 `element(list, n)`。",
        bad_example: "[output.second]\nvalue = '${[\"a\"][1]}'\n",
        good_example: "[output.second]\nvalue = '${try([\"a\"][1], \"none\")}'\n",
    }
    "E0507" FILE "file" "a file cannot be used" zh "文件无法使用" {
        found: "`file(…)` or `source` refers to a file that does not exist, is not UTF-8 text, or \
               is outside of the configuration directory and its modules."
            zh "`file(…)` 或 `source` 引用的文件不存在，不是 UTF-8 文本，或位于配置目录及其模块之外。",
        reason: "A file in another place would be missing on the next machine."
            zh "其他位置的文件在另一台机器上会缺失。",
        fix: "Copy the file into the configuration directory, and write its path relative to \
               that directory. Use `content_base64` or `source` for binary files."
            zh "将文件复制到配置目录，并写出相对于该目录的路径。二进制文件使用 `content_base64` 或 `source`。",
        bad_example: "[output.conf]\nvalue = '${file(\"../nginx.conf\")}'\n",
        good_example: "[output.conf]\nvalue = '${try(file(\"nginx.conf\"), \"\")}'\n",
    }
    "E0508" TOO_LARGE "too-large" "a value is too large" zh "值过大" {
        found: "An expression produces more than 16 MiB, or an object in an expression has more \
               than 1000 keys."
            zh "表达式产生的值超过 16 MiB，或表达式中的对象超过 1000 个键。",
        reason: "A few lines can produce more than the memory of any machine. No container group \
               requires such a value."
            zh "几行配置就可能产生超出任何机器内存的值，而容器组不需要这样的值。",
        fix: "Store large files in an image or in a volume, not in manifests. Write a large \
               object as a table."
            zh "将大文件存放在镜像或存储卷中，而不是清单中。将大对象写成表。",
        bad_example: "[locals]\na = '${[for i in range(1000) : \"${i}\"]}'\n\
                b = '${[for i in range(1000) : local.a]}'\n\
                c = '${jsonencode([for i in range(100) : local.b])}'\n",
        good_example: "[locals]\na = '${[for i in range(1000) : \"${i}\"]}'\n",
    }
    "E0509" TOO_MUCH "too-much" "a configuration takes too many steps" zh "配置的计算步数过多" {
        found: "The expressions, modules and instances of a configuration, and the errors in its \
               instances, together take more steps than allowed. The place is where the limit was \
               exceeded; the rest may be unchecked."
            zh "配置的表达式、模块和实例，以及实例中的错误，计算步数的总和超过上限。标记的位置是超过上限之处，其余部分可能未经检查。",
        reason: "Nested loops can run for days; the evaluation is stopped instead."
            zh "嵌套循环可能运行数天，因此中止计算。",
        fix: "Correct the other errors that are reported. Iterate over fewer elements, declare \
               fewer instances, or move a part of an expression to a local, which is evaluated \
               once."
            zh "修正其他已报告的错误。减少迭代的元素或声明的实例，或将表达式的一部分移到局部值中，局部值只计算一次。",
        bad_example: "[output.much]\nvalue = '${[for a in range(1000) : [for b in range(1000) : \
                [for c in range(1000) : 1]]]}'\n",
        good_example: "[output.little]\nvalue = '${[for a in range(10) : a]}'\n",
    }
    "E0510" TOO_DEEP "too-deep" "references between locals are nested too deeply"
        zh "局部值之间的引用嵌套过深" {
        found: "A local refers to a local that refers to a local, and so on, deeper than \
               supported."
            zh "局部值逐层引用其他局部值，深度超过支持的上限。",
        reason: "Each level takes a part of the stack, which is limited."
            zh "每一层都占用一部分栈空间，而栈空间有限。",
        fix: "Combine some of the locals in one expression."
            zh "将部分局部值合并为一个表达式。",
        bad_example: "$ grep -c '' locals.eci.toml\n100000",
        good_example: "$ grep -c '' locals.eci.toml\n100",
    }
}
