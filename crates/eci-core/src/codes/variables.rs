//! 06xx: variables, locals, outputs.

codes! {
    "E0601" MISSING_VARIABLE "missing-variable" "a required variable has no value" {
        found: "A variable without a default has no value.",
        reason: "Whatever is computed from the variable cannot be planned.",
        fix: "Set it with `--var NAME=VALUE`, in `eci.vars.toml`, or in the environment variable \
               ECI_VAR_NAME; or declare a default.",
        bad_example: "[variable.image]\ntype = \"string\"\n",
        good_example: "[variable.image]\ntype = \"string\"\ndefault = \"nginx:1.27\"\n",
    }
    "E0602" NULL_VARIABLE "null-variable" "a variable must not be null" {
        found: "A variable with `nullable = false` and without another default is set to null.",
        reason: "The configuration relies on a value that is not null.",
        fix: "Set a value, or remove `nullable = false`.",
        bad_example: "[variable.image]\nnullable = false\ndefault = '${null}'\n",
        good_example: "[variable.image]\nnullable = false\ndefault = \"nginx\"\n",
    }
    "E0603" VARIABLE_TYPE "variable-type" "invalid type constraint" {
        found: "The `type` of a variable is not a valid type constraint.",
        reason: "Type constraints are strings, as in Terraform: string, number, bool, list(T), \
               set(T), map(T), tuple([T]), object({ name = T }), any.",
        fix: "Write a type such as type = \"list(string)\" or type = \"number\".",
        bad_example: "[variable.ports]\ntype = \"list(int)\"\ndefault = [80]\n",
        good_example: "[variable.ports]\ntype = \"list(number)\"\ndefault = [80]\n",
    }
    "E0604" VALIDATION "validation" "invalid value of a variable" {
        found: "A validation rule of a variable is not satisfied; its `error_message` says why.",
        reason: "The declaration of the variable allows only some values.",
        fix: "Set a value that satisfies the rule.",
        bad_example: "[variable.size]\ndefault = 9\nvalidation = [{ condition = '${var.size < 5}', \
                error_message = \"at most 4\" }]\n",
        good_example: "[variable.size]\ndefault = 3\nvalidation = [{ condition = '${var.size < 5}', \
                error_message = \"at most 4\" }]\n",
    }
    "E0605" UNDECLARED_VARIABLE "undeclared-variable" "a value is set for an undeclared variable" {
        found: "A value is set for a variable that the configuration does not declare.",
        reason: "If the name is misspelled, the intended variable would keep its default.",
        fix: "Correct the name, or declare the variable.",
        bad_example: "$ eci plan --var imgae=nginx:1.28",
        good_example: "$ eci plan --var image=nginx:1.28",
    }
    "E0606" SENSITIVE_OUTPUT "sensitive-output" "an output would display a sensitive value" {
        found: "The value of an output is computed from a sensitive value.",
        reason: "Outputs are displayed on terminals and read by programs, so a sensitive value must \
               be marked there as well.",
        fix: "Set sensitive = true in the output, or use nonsensitive(…) if the value is not a \
               secret.",
        bad_example: "[variable.key]\nsensitive = true\ndefault = \"k\"\n\n\
                [output.key]\nvalue = '${var.key}'\n",
        good_example: "[variable.key]\nsensitive = true\ndefault = \"k\"\n\n\
                [output.key]\nvalue = '${var.key}'\nsensitive = true\n",
    }
    "W0607" UNUSED_VALUE "unused-value" "a variable file sets an undeclared variable" {
        found: "A variable file sets a variable that the configuration does not declare.",
        reason: "A file may be used by several configurations, so this is only a warning. If the \
               name is misspelled, the intended variable keeps its default.",
        fix: "Correct the name, declare the variable, or remove the line from the file.",
        bad_example: "$ echo 'imgae = \"nginx:1.28\"' > eci.vars.toml",
        good_example: "$ echo 'image = \"nginx:1.28\"' > eci.vars.toml",
    }
    "W0608" LEFT_OUT "left-out" "unknown attribute in the value of a variable" {
        found: "An object has an attribute that the type of its variable does not declare, and \
               whose name resembles an optional attribute that is not set.",
        reason: "Undeclared attributes are dropped, so the intended attribute has its default.",
        fix: "Correct the name, or add the attribute to the type.",
        bad_example: "[variable.app]\ntype = \"object({ weight = optional(number) })\"\n\
                default = { weigth = 2 }\n",
        good_example: "[variable.app]\ntype = \"object({ weight = optional(number) })\"\n\
                default = { weight = 2 }\n",
    }
}
