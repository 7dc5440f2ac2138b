//! 08xx: what resources are to one another.

codes! {
    "E0801" CYCLE "cycle" "dependency cycle" {
        found: "Resources, or locals, refer to each other in a cycle.",
        reason: "What is referred to must be created first, which is impossible in a cycle.",
        fix: "Remove one of the references that the message shows, or replace one of them with a \
               literal.",
        bad_example: "[locals]\na = '${local.b}'\nb = '${local.a}'\n",
        good_example: "[locals]\na = '${local.b}'\nb = 1\n",
    }
    "E0802" FOR_EACH "for-each" "invalid `for_each`" {
        found: "The value of `for_each` is neither a map nor a list of distinct strings, is \
               sensitive, or has keys that are known only after apply.",
        reason: "The keys are parts of resource addresses, which a plan must know and display.",
        fix: "Compute the keys from variables, locals and attributes that manifests set. For a \
               list with duplicates, use toset(…).",
        bad_example: "[eip.web]\nfor_each = [\"a\", \"a\"]\nauto = true\n",
        good_example: "[eip.web]\nfor_each = [\"a\", \"b\"]\nauto = true\n",
    }
    "E0803" SHARED "shared" "an EIP or a disk is used twice" {
        found: "Two container groups use the same disk or EIP.",
        reason: "A disk can be mounted by one container group at a time, and an EIP can be bound to \
               one.",
        fix: "Declare another one for the second container group, or use a NasVolume for shared \
               files.",
        bad_example: "[eip.front]\nauto = true\n\n[container_group.a]\neip = \"front\"\n\n\
                [container_group.b]\neip = \"front\"\n",
        good_example: "[eip.front]\nauto = true\n\n[eip.back]\nauto = true\n\n\
                [container_group.a]\neip = \"front\"\n\n[container_group.b]\neip = \"back\"\n",
    }
    "E0804" CREATE_BEFORE_DESTROY "create-before-destroy" "`create_before_destroy` is not possible" {
        found: "A container group with `create_before_destroy` must be replaced, and the old and \
               the new one would mount the same disk.",
        reason: "A disk can be mounted by one container group at a time.",
        fix: "Remove `create_before_destroy`, or use another disk for the new container group.",
        bad_example: "$ grep -A1 lifecycle web.eci.toml\n\
                lifecycle = { create_before_destroy = true }\nvolumes = [\"data\"]\n$ eci plan",
        good_example: "$ grep -A1 lifecycle web.eci.toml\n\
                lifecycle = { create_before_destroy = false }\nvolumes = [\"data\"]\n$ eci plan",
    }
    "E0805" PREVENT_DESTROY "prevent-destroy" "a protected resource would be deleted" {
        found: "The plan would delete or replace a resource with `prevent_destroy = true`, or \
               whose protection is recorded in the state.",
        reason: "The protection is meant to prevent accidental deletion, so removing the key, or the \
               whole table, does not lift it.",
        fix: "Undo the change, or set prevent_destroy = false and apply that first. A \
               [[removed]] with destroy = true instead of the table deletes the resource as \
               well.",
        bad_example: "$ grep lifecycle web.eci.toml\nlifecycle = { prevent_destroy = true }\n$ eci destroy",
        good_example: "$ grep lifecycle web.eci.toml\nlifecycle = { prevent_destroy = false }\n\
                $ eci apply\n$ eci destroy",
    }
    "E0806" ZONE "zone" "a disk is in another zone than its container group" {
        found: "A managed disk is in another availability zone than the container group that \
               mounts it.",
        reason: "A disk can only be mounted in its own zone.",
        fix: "Put both in the same zone.",
        bad_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\", az_name = \"az2\" }\n\n\
                [container_group.web]\naz_name = \"az1\"\nvolumes = [\"data\"]\n",
        good_example: "[volume.data]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
                disk = { size = 10, kind = \"SATA\", az_name = \"az1\" }\n\n\
                [container_group.web]\naz_name = \"az1\"\nvolumes = [\"data\"]\n",
    }
    "E0807" SHRINK "shrink" "a disk cannot be shrunk" {
        found: "The manifest sets a smaller size than the disk has.",
        reason: "The cloud can expand a disk but not shrink it. A smaller disk would be a new disk, \
               without the data.",
        fix: "Set at least the current size. `--replace` creates a new, empty disk.",
        bad_example: "$ grep disk web.eci.toml   # it was 40\ndisk = { size = 20, kind = \"SATA\" }\n$ eci plan",
        good_example: "$ grep disk web.eci.toml   # it was 40\ndisk = { size = 60, kind = \"SATA\" }\n$ eci plan",
    }
    "E0808" TRANSFER "transfer" "an EIP or a disk cannot be transferred" {
        found: "A container group requires an EIP or a disk that is in use, and the plan does not \
               detach it: the container group that uses it is not selected, keeps it, or is only \
               removed from the state; or what uses it is not in the state. Or an automatic EIP is \
               declared as existing by its id. Or container groups exchange their EIPs or disks in a cycle, and none of them can be detached first.",
        reason: "An EIP can be bound to one container group at a time, and a disk can be mounted by \
               one, so it must be detached first. An automatic EIP is released with its container \
              group.",
        fix: "Select both container groups, or detach the EIP or disk in an earlier apply. Use a \
               managed EIP in place of an automatic one.",
        bad_example: "$ eci apply --target container_group.new   # gets the EIP of container_group.old",
        good_example: "$ eci apply --target container_group.new --target container_group.old",
    }
    "E0809" UNKNOWN_ZONE "unknown-zone" "unknown zone" {
        found: "A container group to be created is in an availability zone that the region does \
               not have.",
        reason: "The cloud would refuse the create. The zones were read from the region.",
        fix: "Use one of the zones that the message lists.",
        bad_example: "$ grep az_name web.eci.toml\naz_name = \"cn-huadong1-1A\"",
        good_example: "$ grep az_name web.eci.toml\naz_name = \"cn-huadong1-jsnj1A-public-ctcloud\"",
    }
    "E0810" SAME_NAME "same-name" "two resources would have the same name in the cloud" {
        found: "Two disks would have the same name in the cloud, or two container groups or EIPs \
               would, at least one of which has a default name.",
        reason: "The cloud refuses a second disk with the same name, and other resources with the \
               same name cannot be told apart in the console.",
        fix: "Set `name` for one of them. Existing resources keep their names.",
        bad_example: "[eip.web_1]\nbandwidth = 5\n\n[eip.web-1]\nbandwidth = 5\n",
        good_example: "[eip.web_1]\nbandwidth = 5\n\n[eip.web-1]\nbandwidth = 5\nname = \"web-one\"\n",
    }
    "E0811" IGNORED_VOLUME "ignored-volume" "a mount or its volume is ignored without the other" {
        found: "`ignore_changes` keeps the mounts of a container group as they are, or its volumes, \
               so that a container would mount a volume that the group would not have.",
        reason: "The cloud refuses such a group. If it were to be replaced, the old one would be deleted \
              and the new one not be created.",
        fix: "Ignore both the mounts and the volumes, or neither of them.",
        bad_example: "$ grep -e ignore -e mounts web.eci.toml   # and volume.conf is new\n\
                lifecycle = { ignore_changes = [\"volumes\"] }\n\
                volume_mounts = [{ volume = \"conf\", mount_path = \"/etc/conf\" }]\n$ eci plan",
        good_example: "$ grep -e ignore -e mounts web.eci.toml   # and volume.conf is new\n\
                volume_mounts = [{ volume = \"conf\", mount_path = \"/etc/conf\" }]\n$ eci plan",
    }
    "W0801" STATUS "status" "an EIP or a disk has a problem" {
        found: "An EIP or a disk has expired, is frozen because the account is overdue, is in an \
               error state, or is used by something that is not in the state.",
        reason: "A replacement would lose its IP address or its data, and eci detaches nothing that \
               is not in the state. So it is left unchanged.",
        fix: "Renew it, top up the account, contact CTyun support, or detach it in the CTyun \
               console.",
        bad_example: "$ eci plan   # while the account is in arrears",
        good_example: "$ eci plan   # after it was topped up",
    }
    "W0802" TRAFFIC "traffic" "an EIP that leaves a shared bandwidth is billed by traffic" {
        found: "An EIP leaves its shared bandwidth, and its manifest sets billing by bandwidth.",
        reason: "The cloud bills such an EIP by traffic, however it was ordered.",
        fix: "Set demand_billing_type = \"upflowc\" in the same change.",
        bad_example: "$ grep -A1 eip.front web.eci.toml   # without its bandwidth_id\n[eip.front]\nbandwidth = 5\n$ eci plan",
        good_example: "$ grep -A2 eip.front web.eci.toml\n[eip.front]\nbandwidth = 5\ndemand_billing_type = \"upflowc\"\n$ eci plan",
    }
}
