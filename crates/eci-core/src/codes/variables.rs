//! 06xx: variables, locals, outputs.

codes! {
    "E0601" MISSING_VARIABLE "missing-variable" "a required variable has no value" {
        what: "A variable without a default has no value.",
        why: "Whatever is computed from the variable cannot be planned.",
        mend: "Set it with `--var NAME=VALUE`, in `eci.vars.toml`, or in the environment variable \
               ECI_VAR_NAME; or declare a default.",
        wrong: "[variable.image]\ntype = \"string\"\n",
        right: "[variable.image]\ntype = \"string\"\ndefault = \"nginx:1.27\"\n",
    }
    "E0602" NULL_VARIABLE "null-variable" "a variable must not be null" {
        what: "A variable with `nullable = false` and without another default is set to null.",
        why: "The configuration relies on a value that is not null.",
        mend: "Set a value, or remove `nullable = false`.",
        wrong: "[variable.image]\nnullable = false\ndefault = '${null}'\n",
        right: "[variable.image]\nnullable = false\ndefault = \"nginx\"\n",
    }
    "E0603" VARIABLE_TYPE "variable-type" "invalid type constraint" {
        what: "The `type` of a variable is not a valid type constraint.",
        why: "Type constraints are strings, as in Terraform: string, number, bool, list(T), \
               set(T), map(T), tuple([T]), object({ name = T }), any.",
        mend: "Write a type such as type = \"list(string)\" or type = \"number\".",
        wrong: "[variable.ports]\ntype = \"list(int)\"\ndefault = [80]\n",
        right: "[variable.ports]\ntype = \"list(number)\"\ndefault = [80]\n",
    }
    "E0604" VALIDATION "validation" "invalid value of a variable" {
        what: "A validation rule of a variable is not satisfied; its `error_message` says why.",
        why: "The declaration of the variable allows only some values.",
        mend: "Set a value that satisfies the rule.",
        wrong: "[variable.size]\ndefault = 9\nvalidation = [{ condition = '${var.size < 5}', \
                error_message = \"at most 4\" }]\n",
        right: "[variable.size]\ndefault = 3\nvalidation = [{ condition = '${var.size < 5}', \
                error_message = \"at most 4\" }]\n",
    }
    "E0605" UNDECLARED_VARIABLE "undeclared-variable" "a value is set for an undeclared variable" {
        what: "A value is set for a variable that the configuration does not declare.",
        why: "If the name is misspelled, the intended variable would keep its default.",
        mend: "Correct the name, or declare the variable.",
        wrong: "$ eci plan --var imgae=nginx:1.28",
        right: "$ eci plan --var image=nginx:1.28",
    }
    "E0606" SENSITIVE_OUTPUT "sensitive-output" "an output would display a sensitive value" {
        what: "The value of an output is computed from a sensitive value.",
        why: "Outputs are displayed on terminals and read by programs, so a sensitive value must \
               be marked there as well.",
        mend: "Set sensitive = true in the output, or use nonsensitive(…) if the value is not a \
               secret.",
        wrong: "[variable.key]\nsensitive = true\ndefault = \"k\"\n\n\
                [output.key]\nvalue = '${var.key}'\n",
        right: "[variable.key]\nsensitive = true\ndefault = \"k\"\n\n\
                [output.key]\nvalue = '${var.key}'\nsensitive = true\n",
    }
    "W0607" UNUSED_VALUE "unused-value" "a variable file sets an undeclared variable" {
        what: "A variable file sets a variable that the configuration does not declare.",
        why: "A file may be used by several configurations, so this is only a warning. If the \
               name is misspelled, the intended variable keeps its default.",
        mend: "Correct the name, declare the variable, or remove the line from the file.",
        wrong: "$ echo 'imgae = \"nginx:1.28\"' > eci.vars.toml",
        right: "$ echo 'image = \"nginx:1.28\"' > eci.vars.toml",
    }
    "W0608" LEFT_OUT "left-out" "unknown attribute in the value of a variable" {
        what: "An object has an attribute that the type of its variable does not declare, and \
               whose name resembles an optional attribute that is not set.",
        why: "Undeclared attributes are dropped, so the intended attribute has its default.",
        mend: "Correct the name, or add the attribute to the type.",
        wrong: "[variable.app]\ntype = \"object({ weight = optional(number) })\"\n\
                default = { weigth = 2 }\n",
        right: "[variable.app]\ntype = \"object({ weight = optional(number) })\"\n\
                default = { weight = 2 }\n",
    }
}
