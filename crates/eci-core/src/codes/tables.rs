//! 02xx: tables, keys and names.

codes! {
    "E0201" UNKNOWN_TABLE "unknown-table" "a manifest has no such table" {
        what: "A top-level table or key of a manifest is none of those that a manifest has.",
        why: "What is not understood is never passed over: it would be missing in the cloud.",
        mend: "Correct the name. Resources are written as [KIND.LABEL], such as \
               [container_group.web]; constants of your own belong in [locals].",
        wrong: "[container_gruop.web]\nvpc_id = \"vpc-1\"\n",
        right: "[container_group.web]\nvpc_id = \"vpc-1\"\n",
    }
    "E0202" UNKNOWN_KEY "unknown-key" "a table has no such key" {
        what: "A key is none of those that its table can have.",
        why: "A key that was passed over would be a setting that silently does not hold.",
        mend: "Correct the name; names are snake_case, such as `mount_path` for the API's \
               `mountPath`. The reference lists the keys of each table.",
        wrong: "[eip.web]\nauto = true\nbandwith = 10\n",
        right: "[eip.web]\nauto = true\nbandwidth = 10\n",
    }
    "E0203" MISSING_KEY "missing-key" "a table lacks a key that it needs" {
        what: "A table does not give a value that the cloud, or eci, cannot do without.",
        why: "The cloud would refuse the call; it is told before anything is made.",
        mend: "Add the key. Where the value is computed, `null` counts as not given.",
        wrong: "[volume.shared]\ntype = \"NasVolume\"\n",
        right: "[volume.shared]\ntype = \"NasVolume\"\nsource_path = \"10.0.0.8:/share\"\n",
    }
    "E0204" WRONG_TYPE_KEY "wrong-type-key" "a key belongs to another type of volume" {
        what: "The table's `type` has no such key, but another type has.",
        why: "Each type of volume has keys of its own, and the cloud takes only those of the type \
              that is named.",
        mend: "Remove the key, or change `type` to the one that has it.",
        wrong: "[volume.cache]\ntype = \"EmptyDirVolume\"\nbucket = \"b\"\n",
        right: "[volume.cache]\ntype = \"EmptyDirVolume\"\nsize_limit = 512\n",
    }
    "E0205" READ_ONLY "read-only" "a key can only be read" {
        what: "A manifest gives a value that only the cloud sets, such as an id or an address.",
        why: "Nobody can choose it, so that a plan could never come true.",
        mend: "Remove the key. Other tables can refer to it: '${container_group.web.intranet_ip}'. \
               To take over what is there already, write an [[import]].",
        wrong: "[container_group.web]\nintranet_ip = \"10.0.0.7\"\n",
        right: "[output.address]\nvalue = '${container_group.web.intranet_ip}'\n\n\
                [container_group.web]\nvpc_id = \"vpc-1\"\n",
    }
    "E0206" NAME "name" "a label cannot be a name" {
        what: "The second part of a table's header, or the key of a local, is no name.",
        why: "Labels stand in addresses and expressions, where dots, blanks and signs mean \
              something else.",
        mend: "Begin with a letter or `_`; letters, digits, `_` and `-` follow. What the cloud \
               calls the thing is its key `name`.",
        wrong: "[eip.\"front door\"]\nauto = true\n",
        right: "[eip.front_door]\nauto = true\n",
    }
    "E0207" DUPLICATE "duplicate" "something is given twice" {
        what: "A name, or what tells the parts of a list apart, is there a second time: a table \
               declared in two files, two containers of one name, a path mounted twice.",
        why: "Which of the two holds would depend on their order, and a diff could not tell them \
              apart.",
        mend: "Rename or remove one; the message shows both places.",
        wrong: "[volume.a]\ntype = \"ConfigFileVolume\"\nfiles = [\n  \
                { path = \"x\", content = \"1\" },\n  { path = \"x\", content = \"2\" },\n]\n",
        right: "[volume.a]\ntype = \"ConfigFileVolume\"\nfiles = [\n  \
                { path = \"x\", content = \"1\" },\n  { path = \"y\", content = \"2\" },\n]\n",
    }
    "E0208" UNKNOWN_BACKEND "unknown-backend" "there is no such backend" {
        what: "[backend.NAME] names a place for the state that does not exist.",
        why: "Without its state a plan would make everything a second time.",
        mend: "Write [backend.local], or leave the table out: the state then lies in `state/`.",
        wrong: "[backend.locl]\npath = \"state\"\n",
        right: "[backend.local]\npath = \"state\"\n",
    }
    "E0209" NOT_YET "not-yet" "something is not supported yet" {
        what: "The manifest asks for something that the design has and this version has not.",
        why: "It is refused rather than passed over, so that nothing is missing in silence.",
        mend: "Use what the message proposes, or a newer version.",
        wrong: "[backend.zos]\nbucket = \"states\"\n",
        right: "[backend.local]\npath = \"state\"\n",
    }
}
