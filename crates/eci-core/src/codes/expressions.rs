//! 05xx: expressions.

codes! {
    "E0501" SYNTAX "syntax" "syntax error in an expression" {
        found: "The text between `${` and `}`, or between `%{` and `}`, is not a valid \
               expression.",
        reason: "Strings can contain expressions in Terraform's syntax, which start with `${` or \
               `%{`.",
        fix: "Check the marked position for a missing bracket or operand. For a literal `${`, \
               write `$${`; for a literal `%{`, write `%%{`.",
        bad_example: "[output.sum]\nvalue = '${1 +}'\n",
        good_example: "[output.sum]\nvalue = '${1 + 1}'\n",
    }
    "E0502" UNKNOWN_FUNCTION "unknown-function" "unknown function" {
        found: "An expression calls a function that does not exist.",
        reason: "eci has the functions of Terraform, except those that depend on the time or on \
               randomness, because a plan must be reproducible.",
        fix: "Correct the name. The result of a function that does not exist can be passed in a \
               variable.",
        bad_example: "[output.name]\nvalue = '${uper(\"web\")}'\n",
        good_example: "[output.name]\nvalue = '${upper(\"web\")}'\n",
    }
    "E0503" ARGUMENTS "arguments" "wrong number of arguments" {
        found: "A call has too many or too few arguments.",
        reason: "A missing argument has no default, and an extra argument has no meaning.",
        fix: "Pass as many arguments as the message says. `...` expands a list into arguments: \
               max(local.sizes...).",
        bad_example: "[output.text]\nvalue = '${join([\"a\", \"b\"])}'\n",
        good_example: "[output.text]\nvalue = '${join(\", \", [\"a\", \"b\"])}'\n",
    }
    "E0504" FUNCTION "function" "invalid function argument" {
        found: "An argument of a function has the wrong type or an invalid value.",
        reason: "The function has no result for it; the message says why.",
        fix: "Pass a value that the function accepts, as docs/expressions.md describes. If an error is expected, use try(…, default) or \
               can(…).",
        bad_example: "[output.number]\nvalue = '${tonumber(\"many\")}'\n",
        good_example: "[output.number]\nvalue = '${tonumber(\"12\")}'\n",
    }
    "E0505" OPERAND "operand" "invalid operand" {
        found: "An operand has the wrong type or value: a sum with a string, a comparison with a \
               list, or a division by zero, for example.",
        reason: "Arithmetic requires numbers, and `&&` and `||` require booleans. Strings are \
               concatenated by interpolation.",
        fix: "Change or convert the marked operand, or write \"${a}${b}\" to concatenate strings.",
        bad_example: "[output.text]\nvalue = '${\"a\" + \"b\"}'\n",
        good_example: "[output.text]\nvalue = '${\"a\"}${\"b\"}'\n",
    }
    "E0506" INDEX "index" "invalid index" {
        found: "A list has no element at this index, or the value cannot be indexed.",
        reason: "Lists are indexed by integers, starting from 0, and maps by their keys.",
        fix: "Check the length first, or use try(list[1], default) or element(list, n).",
        bad_example: "[output.second]\nvalue = '${[\"a\"][1]}'\n",
        good_example: "[output.second]\nvalue = '${try([\"a\"][1], \"none\")}'\n",
    }
    "E0507" FILE "file" "a file cannot be used" {
        found: "`file(…)` or `source` refers to a file that does not exist, is not UTF-8 text, or \
               is outside of the configuration directory and its modules.",
        reason: "A file in another place would be missing on the next machine.",
        fix: "Copy the file into the configuration directory, and write its path relative to \
               that directory. Use `content_base64` or `source` for binary files.",
        bad_example: "[output.conf]\nvalue = '${file(\"../nginx.conf\")}'\n",
        good_example: "[output.conf]\nvalue = '${try(file(\"nginx.conf\"), \"\")}'\n",
    }
    "E0508" TOO_LARGE "too-large" "a value is too large" {
        found: "An expression produces more than 16 MiB, or an object in an expression has more \
               than 1000 keys.",
        reason: "A few lines can produce more than the memory of any machine. No container group \
               needs such a value.",
        fix: "Store large files in an image or in a volume, not in manifests. Write a large \
               object as a table.",
        bad_example: "[locals]\na = '${[for i in range(1000) : \"${i}\"]}'\n\
                b = '${[for i in range(1000) : local.a]}'\n\
                c = '${jsonencode([for i in range(100) : local.b])}'\n",
        good_example: "[locals]\na = '${[for i in range(1000) : \"${i}\"]}'\n",
    }
    "E0509" TOO_MUCH "too-much" "a configuration takes too many steps" {
        found: "The expressions, modules and instances of a configuration, and the errors in its \
               instances, together take more steps than allowed. The place is where the limit was \
               exceeded; the rest may be unchecked.",
        reason: "Nested loops can run for days; the evaluation is stopped instead.",
        fix: "Correct the other errors that are reported. Iterate over fewer elements, declare \
               fewer instances, or move a part of an expression to a local, which is evaluated \
               once.",
        bad_example: "[output.much]\nvalue = '${[for a in range(1000) : [for b in range(1000) : \
                [for c in range(1000) : 1]]]}'\n",
        good_example: "[output.little]\nvalue = '${[for a in range(10) : a]}'\n",
    }
    "E0510" TOO_DEEP "too-deep" "references between locals are nested too deeply" {
        found: "A local refers to a local that refers to a local, and so on, deeper than \
               supported.",
        reason: "Each level takes a part of the stack, which is limited.",
        fix: "Combine some of the locals in one expression.",
        bad_example: "$ grep -c '' locals.eci.toml\n100000",
        good_example: "$ grep -c '' locals.eci.toml\n100",
    }
}
