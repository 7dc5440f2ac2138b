//! 05xx: expressions.

codes! {
    "E0501" SYNTAX "syntax" "an expression cannot be read" {
        what: "The text between `${` and `}`, or `%{` and `}`, is no expression.",
        why: "Strings may hold expressions in Terraform's syntax, and these two signs begin them.",
        mend: "Look at the marked place: a bracket or an operand is missing. For a literal `${` \
               write `$${`, for a literal `%{` write `%%{`.",
        wrong: "[output.sum]\nvalue = '${1 +}'\n",
        right: "[output.sum]\nvalue = '${1 + 1}'\n",
    }
    "E0502" UNKNOWN_FUNCTION "unknown-function" "there is no such function" {
        what: "A call names a function that does not exist.",
        why: "Functions are Terraform's pure ones, by the same names; those that need a clock or \
              chance are left out, since a plan must come out the same twice.",
        mend: "Correct the name; what a missing function would give can be a variable.",
        wrong: "[output.name]\nvalue = '${uper(\"web\")}'\n",
        right: "[output.name]\nvalue = '${upper(\"web\")}'\n",
    }
    "E0503" ARGUMENTS "arguments" "a function gets the wrong number of arguments" {
        what: "A call has more or fewer arguments than the function takes.",
        why: "What would be left out or made up could only be guessed.",
        mend: "Give as many as the message says. A list is spread with `...`: max(local.sizes...).",
        wrong: "[output.text]\nvalue = '${join([\"a\", \"b\"])}'\n",
        right: "[output.text]\nvalue = '${join(\", \", [\"a\", \"b\"])}'\n",
    }
    "E0504" FUNCTION "function" "a function cannot work with what it got" {
        what: "The arguments of a function are of the wrong type or make no sense to it.",
        why: "The function would have no result; the message quotes its reason.",
        mend: "Look at the marked argument. Where failure is to be expected, guard it: \
               try(…, default) or can(…).",
        wrong: "[output.number]\nvalue = '${tonumber(\"many\")}'\n",
        right: "[output.number]\nvalue = '${tonumber(\"12\")}'\n",
    }
    "E0505" OPERAND "operand" "an operator cannot work with this value" {
        what: "One side of an operator has the wrong type: a sum with text, a comparison with a \
               list, a division by zero.",
        why: "Arithmetic is for numbers, `&&` and `||` are for booleans; text is joined by \
              writing it side by side in one string.",
        mend: "Convert the side that is marked, or write \"${a}${b}\" to join texts.",
        wrong: "[output.text]\nvalue = '${\"a\" + \"b\"}'\n",
        right: "[output.text]\nvalue = '${\"a\"}${\"b\"}'\n",
    }
    "E0506" INDEX "index" "there is nothing at this index" {
        what: "A list has no such item, or the value cannot be indexed at all.",
        why: "Lists are indexed by whole numbers from 0, tables by their keys.",
        mend: "Check the length first, or use try(list[1], default) or element(list, n).",
        wrong: "[output.second]\nvalue = '${[\"a\"][1]}'\n",
        right: "[output.second]\nvalue = '${try([\"a\"][1], \"none\")}'\n",
    }
    "E0507" FILE "file" "a file cannot be used" {
        what: "`file(…)` or `source` names a file that is not there, is not text, or lies outside \
               of the directory.",
        why: "A configuration is its directory: a file elsewhere would be missing on the next \
              machine.",
        mend: "Write the path relative to the manifests and copy the file there. Bytes that are no \
               text go through `content_base64` or `source`.",
        wrong: "[output.conf]\nvalue = '${file(\"../nginx.conf\")}'\n",
        right: "[output.conf]\nvalue = '${try(file(\"nginx.conf\"), \"\")}'\n",
    }
    "E0508" TOO_LARGE "too-large" "a value is too large" {
        what: "An expression makes more than 16 MiB.",
        why: "A few lines can ask for more than any machine has; nothing that describes container \
              groups comes near this limit.",
        mend: "Keep large files in an image or in storage, not in the manifests.",
        wrong: "[locals]\na = '${[for i in range(1000) : \"${i}\"]}'\n\
                b = '${[for i in range(1000) : local.a]}'\n\
                c = '${jsonencode([for i in range(100) : local.b])}'\n",
        right: "[locals]\na = '${[for i in range(1000) : \"${i}\"]}'\n",
    }
    "E0509" TOO_MUCH "too-much" "an expression takes too many steps" {
        what: "An expression goes through more values than any manifest needs.",
        why: "A loop within a loop within a loop may run for days; the plan stops instead.",
        mend: "Go through fewer values, or name a part of the work as a local, which is computed \
               once.",
        wrong: "[output.much]\nvalue = '${[for a in range(1000) : [for b in range(1000) : \
                [for c in range(1000) : 1]]]}'\n",
        right: "[output.little]\nvalue = '${[for a in range(10) : a]}'\n",
    }
    "E0510" TOO_DEEP "too-deep" "locals stand one on the other too deeply" {
        what: "A local stands on a local that stands on a local, more deeply than is supported.",
        why: "Each stands for a step of the evaluation, and those are kept small on purpose.",
        mend: "Put some of them together into one expression.",
        wrong: "$ grep -c '' locals.eci.toml\n100000",
        right: "$ grep -c '' locals.eci.toml\n100",
    }
}
