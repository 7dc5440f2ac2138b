//! 02xx: tables, keys and names.

codes! {
    "E0201" UNKNOWN_TABLE "unknown-table" "unknown table" {
        found: "A manifest has a top-level table or key that eci does not know.",
        reason: "An unknown table is never ignored, because the resource that it was meant to \
               declare would be missing in the cloud.",
        fix: "Correct the name. A resource is declared as [TYPE.NAME], for example \
               [container_group.web]; put your own constants in [locals].",
        bad_example: "[container_gruop.web]\nvpc_id = \"vpc-1\"\n",
        good_example: "[container_group.web]\nvpc_id = \"vpc-1\"\n",
    }
    "E0202" UNKNOWN_KEY "unknown-key" "unsupported key" {
        found: "A table has a key that it does not support.",
        reason: "If an unsupported key were ignored, the setting would silently have no effect.",
        fix: "Correct the name. Keys are in snake_case, for example `mount_path` for `mountPath` \
               of the API. The reference lists the keys of each table.",
        bad_example: "[eip.web]\nauto = true\nbandwith = 10\n",
        good_example: "[eip.web]\nauto = true\nbandwidth = 10\n",
    }
    "E0203" MISSING_KEY "missing-key" "missing required key" {
        found: "A table does not have a key that the cloud or eci requires.",
        reason: "The cloud would refuse the call. The error is reported before anything is created.",
        fix: "Add the key. If its value is an expression, the expression must not be null.",
        bad_example: "[volume.shared]\ntype = \"NasVolume\"\n",
        good_example: "[volume.shared]\ntype = \"NasVolume\"\nsource_path = \"10.0.0.8:/share\"\n",
    }
    "E0204" WRONG_TYPE_KEY "wrong-type-key" "a key belongs to another volume type" {
        found: "The key is not supported by the `type` of this volume, but by another type.",
        reason: "Each volume type has its own keys, and the cloud accepts only those of the given \
               type.",
        fix: "Remove the key, or change `type` to the one that supports it.",
        bad_example: "[volume.cache]\ntype = \"EmptyDirVolume\"\nbucket = \"b\"\n",
        good_example: "[volume.cache]\ntype = \"EmptyDirVolume\"\nsize_limit = 512\n",
    }
    "E0205" READ_ONLY "read-only" "a read-only attribute is set" {
        found: "A manifest sets an attribute that only the cloud sets, for example an ID or an IP \
               address.",
        reason: "The cloud would never accept the value, so the plan would never be empty.",
        fix: "Remove the key. Other tables can refer to it: \
               '${container_group.web.intranet_ip}'. To import an existing resource, use \
               [[import]].",
        bad_example: "[container_group.web]\nintranet_ip = \"10.0.0.7\"\n",
        good_example: "[output.address]\nvalue = '${container_group.web.intranet_ip}'\n\n\
                [container_group.web]\nvpc_id = \"vpc-1\"\n",
    }
    "E0206" NAME "name" "invalid name" {
        found: "The last part of a table header, or the key of a local, is not a valid name.",
        reason: "Names are parts of addresses and expressions, in which dots, spaces and other \
               characters have a different meaning.",
        fix: "Start with an ASCII letter or `_`, followed by ASCII letters, digits, `_` and `-`. \
               The name in the cloud is set by the key `name`.",
        bad_example: "[eip.\"front door\"]\nauto = true\n",
        good_example: "[eip.front_door]\nauto = true\n",
    }
    "E0207" DUPLICATE "duplicate" "duplicate declaration" {
        found: "Something that must be unique is declared twice: a table in two files, two \
               containers with the same name, or two mounts with the same path, for example.",
        reason: "It would depend on their order which of the two is effective, and a diff could not \
               distinguish them.",
        fix: "Rename or remove one of them. The message shows both.",
        bad_example: "[volume.a]\ntype = \"ConfigFileVolume\"\nfiles = [\n  \
                { path = \"x\", content = \"1\" },\n  { path = \"x\", content = \"2\" },\n]\n",
        good_example: "[volume.a]\ntype = \"ConfigFileVolume\"\nfiles = [\n  \
                { path = \"x\", content = \"1\" },\n  { path = \"y\", content = \"2\" },\n]\n",
    }
    "E0208" UNKNOWN_BACKEND "unknown-backend" "unknown backend" {
        found: "[backend.NAME] selects a backend that does not exist.",
        reason: "Without its state, a plan would create everything a second time.",
        fix: "Use [backend.local], or remove the table. The state is then stored in `state/`.",
        bad_example: "[backend.locl]\npath = \"state\"\n",
        good_example: "[backend.local]\npath = \"state\"\n",
    }
    "E0209" NOT_YET "not-yet" "not supported yet" {
        found: "The manifest uses a feature that this version of eci does not support yet.",
        reason: "An unsupported feature is refused, because ignoring it would silently leave \
               something out.",
        fix: "Use what the message suggests, or a newer version.",
        bad_example: "[backend.zos]\nbucket = \"states\"\n",
        good_example: "[backend.local]\npath = \"state\"\n",
    }
}
