//! 04xx: types and values.

codes! {
    "E0401" TYPE_MISMATCH "type-mismatch" "a value has another type than is needed" {
        what: "A value is, for example, a list where text is needed. The message names both types, \
               and both places where they differ.",
        why: "Text, numbers and booleans are converted where the meaning is plain (\"80\" is \
              80, 80 is \"80\"); nothing else is.",
        mend: "Write the value in the type that is named, or convert it: tostring, tonumber, \
               tolist, jsonencode, join.",
        wrong: "[container_group.web]\ncpu = [1]\n",
        right: "[container_group.web]\ncpu = 1\n",
    }
    "E0402" BAD_VALUE "bad-value" "a value is not among those allowed" {
        what: "The type is right and the value is not: a word that is none of the allowed ones, a \
               number out of range, permissions without quotes.",
        why: "The range is the vendor's: the cloud would refuse it, later and with fewer words.",
        mend: "Choose one of the values that the message names.",
        wrong: "[container_group.web]\nrestart_policy = \"Sometimes\"\n",
        right: "[container_group.web]\nrestart_policy = \"OnFailure\"\n",
    }
    "E0403" ID "id" "this cannot be an id of the cloud" {
        what: "The `id` of an [[import]] is no id of a container group, or cannot be told.",
        why: "Ids of container groups begin with `eci-`, followed by lower-case letters and digits.",
        mend: "Copy it from the console, or from `eci import --all --tag KEY=VALUE`.",
        wrong: "[[import]]\nto = \"container_group.web\"\nid = \"web\"\n",
        right: "[[import]]\nto = \"container_group.web\"\nid = \"eci-3rr2p3bikgw7phf1\"\n",
    }
}
