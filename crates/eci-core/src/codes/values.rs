//! 04xx: types and values.

codes! {
    "E0401" TYPE_MISMATCH "type-mismatch" "wrong type" {
        found: "A value has the wrong type, for example a list where a string is required. The \
               message names both types and shows both places.",
        reason: "Strings, numbers and booleans are converted if the conversion is unambiguous \
               (\"80\" is 80, 80 is \"80\"); other values are not.",
        fix: "Use a value of the required type, or convert it: tostring, tonumber, tolist, \
               jsonencode, join.",
        bad_example: "[container_group.web]\ncpu = [1]\n",
        good_example: "[container_group.web]\ncpu = 1\n",
    }
    "E0402" BAD_VALUE "bad-value" "invalid value" {
        found: "A value cannot be used for its key: it is not one of the enumerated values, out of \
               range, or a string that is not a number where a number is required, for example.",
        reason: "The cloud would refuse the value, later and with a less specific message.",
        fix: "Use a value that the message or docs/reference.md allows.",
        bad_example: "[container_group.web]\nrestart_policy = \"Sometimes\"\n",
        good_example: "[container_group.web]\nrestart_policy = \"OnFailure\"\n",
    }
    "E0403" ID "id" "invalid ID" {
        found: "The `id` of an [[import]] is not the ID of a container group, or is not known.",
        reason: "IDs of container groups start with `eci-`, followed by lower-case letters and \
               digits.",
        fix: "Copy the ID from the console, or from `eci import --all --tag KEY=VALUE`.",
        bad_example: "[[import]]\nto = \"container_group.web\"\nid = \"web\"\n",
        good_example: "[[import]]\nto = \"container_group.web\"\nid = \"eci-3rr2p3bikgw7phf1\"\n",
    }
}
