//! 04xx: types and values.

codes! {
    "E0401" TYPE_MISMATCH "type-mismatch" "wrong type" {
        what: "A value has the wrong type, for example a list where a string is required. The \
               message names both types and shows both places.",
        why: "Strings, numbers and booleans are converted if the conversion is unambiguous \
               (\"80\" is 80, 80 is \"80\"); other values are not.",
        mend: "Use a value of the required type, or convert it: tostring, tonumber, tolist, \
               jsonencode, join.",
        wrong: "[container_group.web]\ncpu = [1]\n",
        right: "[container_group.web]\ncpu = 1\n",
    }
    "E0402" BAD_VALUE "bad-value" "invalid value" {
        what: "A value cannot be used for its key: it is not one of the enumerated values, out of \
               range, or a string that is not a number where a number is required, for example.",
        why: "The cloud would refuse the value, later and with a less specific message.",
        mend: "Use a value that the message or docs/reference.md allows.",
        wrong: "[container_group.web]\nrestart_policy = \"Sometimes\"\n",
        right: "[container_group.web]\nrestart_policy = \"OnFailure\"\n",
    }
    "E0403" ID "id" "invalid ID" {
        what: "The `id` of an [[import]] is not the ID of a container group, or is not known.",
        why: "IDs of container groups start with `eci-`, followed by lower-case letters and \
               digits.",
        mend: "Copy the ID from the console, or from `eci import --all --tag KEY=VALUE`.",
        wrong: "[[import]]\nto = \"container_group.web\"\nid = \"web\"\n",
        right: "[[import]]\nto = \"container_group.web\"\nid = \"eci-3rr2p3bikgw7phf1\"\n",
    }
}
