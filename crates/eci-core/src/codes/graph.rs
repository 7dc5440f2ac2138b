//! 08xx: what resources are to one another.

codes! {
    "E0801" CYCLE "cycle" "dependency cycle" {
        what: "Resources, or locals, refer to each other so that each would have to come first.",
        why: "What is referred to is made first; in a circle there is no first.",
        mend: "Remove one of the references that the message shows, or give one of them a value of \
               its own.",
        wrong: "[locals]\na = '${local.b}'\nb = '${local.a}'\n",
        right: "[locals]\na = '${local.b}'\nb = 1\n",
    }
    "E0802" FOR_EACH "for-each" "`for_each` cannot be repeated over" {
        what: "The value of `for_each` is no table and no list of distinct strings, is sensitive, \
               or has keys that are known only after apply.",
        why: "Keys are a part of addresses: a plan must know and may show them.",
        mend: "Compute the keys from variables, locals and what is written of resources; wrap a list with repetitions in toset(…).",
        wrong: "[eip.web]\nfor_each = [\"a\", \"a\"]\nauto = true\n",
        right: "[eip.web]\nfor_each = [\"a\", \"b\"]\nauto = true\n",
    }
    "E0803" SHARED "shared" "two groups use what serves one" {
        what: "A disk or an EIP is used by two container groups.",
        why: "A disk is mounted by one group at a time, and an EIP is bound to one.",
        mend: "Declare another one for the second group, or use a NasVolume for shared files.",
        wrong: "[eip.front]\nauto = true\n\n[container_group.a]\neip = \"front\"\n\n\
                [container_group.b]\neip = \"front\"\n",
        right: "[eip.front]\nauto = true\n\n[eip.back]\nauto = true\n\n\
                [container_group.a]\neip = \"front\"\n\n[container_group.b]\neip = \"back\"\n",
    }
    "E0804" CREATE_BEFORE_DESTROY "create-before-destroy" "the new one cannot be made before the old one goes" {
        what: "A group with `create_before_destroy` must be replaced, and old and new would mount \
               the same disk.",
        why: "A disk is mounted by one group at a time.",
        mend: "Remove `create_before_destroy`, or give the new group another disk.",
        wrong: "$ grep -A1 lifecycle web.eci.toml\n\
                lifecycle = { create_before_destroy = true }\nvolumes = [\"data\"]\n$ eci plan",
        right: "$ grep -A1 lifecycle web.eci.toml\n\
                lifecycle = { create_before_destroy = false }\nvolumes = [\"data\"]\n$ eci plan",
    }
    "E0805" PREVENT_DESTROY "prevent-destroy" "a protected resource would be deleted" {
        what: "The plan would delete or replace a resource whose `prevent_destroy` is set, or was \
               set by the last apply that said anything about it.",
        why: "Whoever set it wants no change of the manifests to take the resource away: it is not \
              lifted by the change that would delete it, nor by leaving it out.",
        mend: "Undo the change that needs it, or set prevent_destroy = false and apply that first; \
               a [[removed]] with destroy = true in place of its table deletes it, too.",
        wrong: "$ grep lifecycle web.eci.toml\nlifecycle = { prevent_destroy = true }\n$ eci destroy",
        right: "$ grep lifecycle web.eci.toml\nlifecycle = { prevent_destroy = false }\n\
                $ eci apply\n$ eci destroy",
    }
    "E0806" ZONE "zone" "a disk is in another zone than its group" {
        what: "A managed disk names another zone than the group that mounts it.",
        why: "A disk can only be mounted within its own zone.",
        mend: "Put both into one zone.",
        wrong: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\", az_name = \"az2\" }\n\n\
                [container_group.web]\naz_name = \"az1\"\nvolumes = [\"data\"]\n",
        right: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\", az_name = \"az1\" }\n\n\
                [container_group.web]\naz_name = \"az1\"\nvolumes = [\"data\"]\n",
    }
    "E0807" SHRINK "shrink" "a disk cannot become smaller" {
        what: "The manifest gives a disk less than it has.",
        why: "The cloud grows a disk and never shrinks it; a smaller one would be another one, \
              without the data.",
        mend: "Give at least the present size. `--replace` makes a new and empty disk.",
        wrong: "$ grep disk web.eci.toml   # it was 40\ndisk = { size = 20, kind = \"SATA\" }\n$ eci plan",
        right: "$ grep disk web.eci.toml   # it was 40\ndisk = { size = 60, kind = \"SATA\" }\n$ eci plan",
    }
    "E0808" TRANSFER "transfer" "an EIP or a disk cannot pass from one group to another" {
        what: "A container group is to get an EIP or a disk that another one has, and the plan does \
               not take it from there: that group is left out, keeps it, or is only removed from \
               the state. Or an EIP or a disk is to be deleted that something has which is not in \
               the state. Or groups wait for one another, and nothing can be detached.",
        why: "An EIP is bound to one group at a time, and a disk is mounted by one: it must be free \
              before another one can have it.",
        mend: "Take both groups into the plan, or let the one that has it give it up first.",
        wrong: "$ eci apply --target container_group.new   # gets the EIP of container_group.old",
        right: "$ eci apply --target container_group.new --target container_group.old",
    }
    "E0809" UNKNOWN_ZONE "unknown-zone" "the region has no such zone" {
        what: "A container group that would be created names a zone that the region does not have.",
        why: "The cloud refuses the create; the region was asked for its zones beforehand.",
        mend: "Give one of the zones that the message lists.",
        wrong: "$ grep az_name web.eci.toml\naz_name = \"cn-huadong1-1A\"",
        right: "$ grep az_name web.eci.toml\naz_name = \"cn-huadong1-jsnj1A-public-ctcloud\"",
    }
    "E0810" SAME_NAME "same-name" "two resources would have one name in the cloud" {
        what: "Two disks would have the same name in the cloud, or two container groups or EIPs of \
               which at least one is not given its name by the manifest.",
        why: "The cloud refuses a second disk of a name, and nobody could tell the others apart.",
        mend: "Write a `name` for one of them. What exists already keeps its name.",
        wrong: "[eip.web_1]\nbandwidth = 5\n\n[eip.web-1]\nbandwidth = 5\n",
        right: "[eip.web_1]\nbandwidth = 5\n\n[eip.web-1]\nbandwidth = 5\nname = \"web-one\"\n",
    }
    "W0801" STATUS "status" "something is wrong with an EIP or a disk" {
        what: "An EIP or a disk has expired, is frozen for arrears, is in error, or is in use by \
               something that is not in the state.",
        why: "Making it anew would cost its address or its data, and nothing is taken from what \
              is not in the state, so that it is left as it is.",
        mend: "Renew it, top up the account, ask the vendor's support, or detach it in the \
               vendor's console.",
        wrong: "$ eci plan   # while the account is in arrears",
        right: "$ eci plan   # after it was topped up",
    }
    "W0802" TRAFFIC "traffic" "an EIP that leaves a shared bandwidth is paid for by traffic" {
        what: "An EIP leaves its shared bandwidth, and its manifest says that its bandwidth is paid \
               for.",
        why: "The cloud goes on with such an EIP by traffic, whatever was ordered once.",
        mend: "Write demand_billing_type = \"upflowc\" in the same change.",
        wrong: "$ grep -A1 eip.front web.eci.toml   # without its bandwidth_id\n[eip.front]\nbandwidth = 5\n$ eci plan",
        right: "$ grep -A2 eip.front web.eci.toml\n[eip.front]\nbandwidth = 5\ndemand_billing_type = \"upflowc\"\n$ eci plan",
    }
}
