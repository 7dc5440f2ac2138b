//! 06xx: variables, locals, outputs.

codes! {
    "E0601" MISSING_VARIABLE "missing-variable" "a variable has no value" {
        what: "A variable without a default was given no value.",
        why: "Nothing can be planned that is computed from it.",
        mend: "Give it with `--var NAME=VALUE`, in `eci.vars.toml`, as ECI_VAR_NAME in the \
               environment, or give the variable a default.",
        wrong: "[variable.image]\ntype = \"string\"\n",
        right: "[variable.image]\ntype = \"string\"\ndefault = \"nginx:1.27\"\n",
    }
    "E0602" NULL_VARIABLE "null-variable" "a variable must not be null" {
        what: "A variable with `nullable = false` was given null.",
        why: "Whoever wrote the variable relies on a value being there.",
        mend: "Give a value, or remove `nullable = false`.",
        wrong: "[variable.image]\nnullable = false\ndefault = '${null}'\n",
        right: "[variable.image]\nnullable = false\ndefault = \"nginx\"\n",
    }
    "E0603" VARIABLE_TYPE "variable-type" "the type of a variable cannot be read" {
        what: "The `type` of a variable is none of those that exist.",
        why: "Types are written as in Terraform, as a string: string, number, bool, list(T), \
              set(T), map(T), tuple([T]), object({ name = T }), any.",
        mend: "Write one of these, such as type = \"list(string)\".",
        wrong: "[variable.ports]\ntype = \"list(int)\"\ndefault = [80]\n",
        right: "[variable.ports]\ntype = \"list(number)\"\ndefault = [80]\n",
    }
    "E0604" VALIDATION "validation" "the value of a variable breaks its own rule" {
        what: "A `validation` of a variable came out false; its `error_message` says why.",
        why: "Whoever wrote the variable allows only some values.",
        mend: "Give a value that the rule allows.",
        wrong: "[variable.size]\ndefault = 9\nvalidation = [{ condition = '${var.size < 5}', \
                error_message = \"at most 4\" }]\n",
        right: "[variable.size]\ndefault = 3\nvalidation = [{ condition = '${var.size < 5}', \
                error_message = \"at most 4\" }]\n",
    }
    "E0605" UNDECLARED_VARIABLE "undeclared-variable" "a value is given for no variable" {
        what: "A value was given from outside for a variable that no manifest declares.",
        why: "A misspelt name would leave the variable that was meant at its default.",
        mend: "Correct the name, or declare the variable.",
        wrong: "$ eci plan --var imgae=nginx:1.28",
        right: "$ eci plan --var image=nginx:1.28",
    }
    "E0606" SENSITIVE_OUTPUT "sensitive-output" "an output would show a secret" {
        what: "The value of an output is computed from something sensitive.",
        why: "Outputs are shown on terminals and read by programs; a secret must be marked there \
              too.",
        mend: "Write sensitive = true in the output, or nonsensitive(…) where it is no secret.",
        wrong: "[variable.key]\nsensitive = true\ndefault = \"k\"\n\n\
                [output.key]\nvalue = '${var.key}'\n",
        right: "[variable.key]\nsensitive = true\ndefault = \"k\"\n\n\
                [output.key]\nvalue = '${var.key}'\nsensitive = true\n",
    }
    "W0607" UNUSED_VALUE "unused-value" "a file gives a value to no variable" {
        what: "A file of values has a name that no manifest declares as a variable.",
        why: "One file may serve several configurations, so this stops nothing; but a misspelt \
              name leaves the variable that was meant at its default.",
        mend: "Correct the name, declare the variable, or take the line out of the file.",
        wrong: "$ echo 'imgae = \"nginx:1.28\"' > eci.vars.toml",
        right: "$ echo 'image = \"nginx:1.28\"' > eci.vars.toml",
    }
    "W0608" LEFT_OUT "left-out" "the type of a variable has no such attribute" {
        what: "A table has a name that the object type of its variable does not have, and that \
               looks like an optional attribute which is not given.",
        why: "What the type does not have is left out of the value, so the attribute that was \
              meant has its default.",
        mend: "Correct the name, or add the attribute to the type.",
        wrong: "[variable.app]\ntype = \"object({ weight = optional(number) })\"\n\
                default = { weigth = 2 }\n",
        right: "[variable.app]\ntype = \"object({ weight = optional(number) })\"\n\
                default = { weight = 2 }\n",
    }
}
