//! 02xx: tables, keys and names.

codes! {
    "E0201" UNKNOWN_TABLE "unknown-table" "unknown table" {
        what: "A manifest has a top-level table or key that eci does not know.",
        why: "An unknown table is never ignored, because the resource that it was meant to \
               declare would be missing in the cloud.",
        mend: "Correct the name. A resource is declared as [TYPE.NAME], for example \
               [container_group.web]; put your own constants in [locals].",
        wrong: "[container_gruop.web]\nvpc_id = \"vpc-1\"\n",
        right: "[container_group.web]\nvpc_id = \"vpc-1\"\n",
    }
    "E0202" UNKNOWN_KEY "unknown-key" "unsupported key" {
        what: "A table has a key that it does not support.",
        why: "If an unsupported key were ignored, the setting would silently have no effect.",
        mend: "Correct the name. Keys are in snake_case, for example `mount_path` for `mountPath` \
               of the API. The reference lists the keys of each table.",
        wrong: "[eip.web]\nauto = true\nbandwith = 10\n",
        right: "[eip.web]\nauto = true\nbandwidth = 10\n",
    }
    "E0203" MISSING_KEY "missing-key" "missing required key" {
        what: "A table does not have a key that the cloud or eci requires.",
        why: "The cloud would refuse the call. The error is reported before anything is created.",
        mend: "Add the key. If its value is an expression, the expression must not be null.",
        wrong: "[volume.shared]\ntype = \"NasVolume\"\n",
        right: "[volume.shared]\ntype = \"NasVolume\"\nsource_path = \"10.0.0.8:/share\"\n",
    }
    "E0204" WRONG_TYPE_KEY "wrong-type-key" "a key belongs to another volume type" {
        what: "The key is not supported by the `type` of this volume, but by another type.",
        why: "Each volume type has its own keys, and the cloud accepts only those of the given \
               type.",
        mend: "Remove the key, or change `type` to the one that supports it.",
        wrong: "[volume.cache]\ntype = \"EmptyDirVolume\"\nbucket = \"b\"\n",
        right: "[volume.cache]\ntype = \"EmptyDirVolume\"\nsize_limit = 512\n",
    }
    "E0205" READ_ONLY "read-only" "a read-only attribute is set" {
        what: "A manifest sets an attribute that only the cloud sets, for example an ID or an IP \
               address.",
        why: "The cloud would never accept the value, so the plan would never be empty.",
        mend: "Remove the key. Other tables can refer to it: \
               '${container_group.web.intranet_ip}'. To import an existing resource, use \
               [[import]].",
        wrong: "[container_group.web]\nintranet_ip = \"10.0.0.7\"\n",
        right: "[output.address]\nvalue = '${container_group.web.intranet_ip}'\n\n\
                [container_group.web]\nvpc_id = \"vpc-1\"\n",
    }
    "E0206" NAME "name" "invalid name" {
        what: "The last part of a table header, or the key of a local, is not a valid name.",
        why: "Names are parts of addresses and expressions, in which dots, spaces and other \
               characters have a different meaning.",
        mend: "Start with an ASCII letter or `_`, followed by ASCII letters, digits, `_` and `-`. \
               The name in the cloud is set by the key `name`.",
        wrong: "[eip.\"front door\"]\nauto = true\n",
        right: "[eip.front_door]\nauto = true\n",
    }
    "E0207" DUPLICATE "duplicate" "duplicate declaration" {
        what: "Something that must be unique is declared twice: a table in two files, two \
               containers with the same name, or two mounts with the same path, for example.",
        why: "It would depend on their order which of the two is effective, and a diff could not \
               distinguish them.",
        mend: "Rename or remove one of them. The message shows both.",
        wrong: "[volume.a]\ntype = \"ConfigFileVolume\"\nfiles = [\n  \
                { path = \"x\", content = \"1\" },\n  { path = \"x\", content = \"2\" },\n]\n",
        right: "[volume.a]\ntype = \"ConfigFileVolume\"\nfiles = [\n  \
                { path = \"x\", content = \"1\" },\n  { path = \"y\", content = \"2\" },\n]\n",
    }
    "E0208" UNKNOWN_BACKEND "unknown-backend" "unknown backend" {
        what: "[backend.NAME] selects a backend that does not exist.",
        why: "Without its state, a plan would create everything a second time.",
        mend: "Use [backend.local], or remove the table. The state is then stored in `state/`.",
        wrong: "[backend.locl]\npath = \"state\"\n",
        right: "[backend.local]\npath = \"state\"\n",
    }
    "E0209" NOT_YET "not-yet" "not supported yet" {
        what: "The manifest uses a feature that this version of eci does not support yet.",
        why: "An unsupported feature is refused, because ignoring it would silently leave \
               something out.",
        mend: "Use what the message suggests, or a newer version.",
        wrong: "[backend.zos]\nbucket = \"states\"\n",
        right: "[backend.local]\npath = \"state\"\n",
    }
}
