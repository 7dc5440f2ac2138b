//! 09xx: changes that manifests and options ask for.

codes! {
    "E0901" MOVED "moved" "invalid `[[moved]]`" {
        found: "A [[moved]] changes the resource type, has the same address twice, moves to an \
               address that is in use or from one that is still declared; or `--target` or \
               `--exclude` selects only a part of a chain of moves.",
        reason: "A move keeps the state of a resource under a new address, and each address has one \
               state.",
        fix: "Correct the addresses, remove the [[moved]], or remove one of the resources with \
               `eci state rm`. Select the whole chain. To exchange two addresses, use `eci state \
               mv` with a third one.",
        bad_example: "[[moved]]\nfrom = \"container_group.web\"\nto = \"eip.web\"\n",
        good_example: "[[moved]]\nfrom = \"container_group.web\"\nto = \"container_group.site\"\n",
    }
    "E0902" REMOVED "removed" "a `[[removed]]` resource is still declared" {
        found: "A [[removed]] has the address of a resource that is still declared.",
        reason: "A resource cannot be both managed and removed from the state.",
        fix: "Remove the table of the resource, or the [[removed]].",
        bad_example: "[[removed]]\nfrom = \"eip.front\"\n\n[eip.front]\nauto = true\n",
        good_example: "[[removed]]\nfrom = \"eip.front\"\n",
    }
    "E0903" IMPORT "import" "invalid `[[import]]`" {
        found: "The ID of an [[import]] does not exist in the cloud or is already in the state, or \
               its address is not declared or cannot be imported: an existing or automatic EIP, \
               or a volume without `disk`.",
        reason: "An import records an existing resource under the address of a table that declares \
               its desired state.",
        fix: "Check the ID and the region, and declare the resource. `eci import --all --write \
               DIR` generates manifests for existing resources.",
        bad_example: "[[import]]\nto = \"container_group.web\"\nid = \"eci-3rr2p3bikgw7phf1\"\n",
        good_example: "$ eci import --all --tag app=web --write .",
    }
    "W0901" INFERRED "inferred" "an imported resource seems to be billed differently" {
        found: "The cloud does not report how an EIP or a disk was ordered, but what it reports \
               does not match the billing keys of the manifest.",
        reason: "The state records the values of the manifest for attributes that are not reported, \
               so later plans would not show the difference.",
        fix: "Set the billing keys in the manifest to what was ordered.",
        bad_example: "$ eci import eip.web eip-5sdasd2gfh   # paid by the month, declared on demand",
        good_example: "$ grep cycle web.eci.toml\ncycle_type = \"month\"\ncycle_count = 6\n$ eci import eip.web eip-5sdasd2gfh",
    }
    "W0902" PARTIAL "partial" "a plan is partial" {
        found: "A plan with `--target` or `--exclude` covers only the selected resources. It lists \
               resources that are not selected although they depend on changed ones.",
        reason: "Resources that are not selected keep their old values, for example an IP address \
               that has changed.",
        fix: "Run the same command without these options afterwards: it covers the rest. After a \
               partial `eci destroy`, remove the deleted resources from the configuration, or the \
               next `eci apply` creates them again.",
        bad_example: "$ eci apply --target container_group.db",
        good_example: "$ eci apply --target container_group.db\n$ eci apply",
    }
    "W0903" TAKEN_OVER "taken-over" "an import takes over a resource of another state" {
        found: "The tag or label of an imported resource belongs to another state, and the import \
               has `take_over`.",
        reason: "As long as both states contain the resource, a destroy of either of them deletes \
               it.",
        fix: "Remove it from the other state with a [[removed]] or `eci state rm`.",
        bad_example: "$ eci import --take-over container_group.web eci-3rr2p3bikgw7phf1",
        good_example: "$ eci -C ../old state rm container_group.web\n\
                $ eci import --take-over container_group.web eci-3rr2p3bikgw7phf1",
    }
    "W0904" ASSUMED "assumed" "an import assumes what the cloud does not report" {
        found: "The cloud does not report these attributes of an imported resource, and they cannot be \
               updated in place.",
        reason: "The state records the values of the manifest for them, so later plans would not show a \
              difference. Attributes that are not reported either, and that can be updated in place, are sent.",
        fix: "Compare them with the console, and correct the manifest where it differs.",
        bad_example: "$ eci import container_group.web eci-3rr2p3bikgw7phf1   # `host_name` differs",
        good_example: "$ grep host_name web.eci.toml\nhost_name = \"shop\"\n$ eci import container_group.web eci-3rr2p3bikgw7phf1",
    }
    "E0904" NO_SUCH_RESOURCE "no-such-resource" "an option refers to an unknown resource" {
        found: "`--target`, `--exclude` or `--replace` has an address that is neither declared nor \
               in the state.",
        reason: "An empty plan would look as if there were nothing to change.",
        fix: "Correct the address. `eci state list` lists the addresses in the state.",
        bad_example: "$ eci plan --target container_group.wep",
        good_example: "$ eci plan --target container_group.web",
    }
    "E0905" NO_REPLACEMENT "no-replacement" "a resource cannot be replaced this way" {
        found: "`--replace` has the address of a volume or an EIP that is part of its container \
               groups, or of a resource that `--target` or `--exclude` leaves out.",
        reason: "What is part of a container group is created and deleted only together with it, and \
              what is left out is not changed.",
        fix: "Replace the container group that uses it, or add it to the targets.",
        bad_example: "$ eci plan --replace volume.conf",
        good_example: "$ eci plan --replace container_group.web",
    }
    "E0906" OTHER_OWNER "other-owner" "another state has taken over a resource" {
        found: "A container group in the state has the operation tag of another state, which has \
               imported it.",
        reason: "Two states that manage the same resource would undo each other's changes. So only \
               the state in the operation tag may change it.",
        fix: "Remove it from this state with `eci state rm` or a [[removed]], and its table from \
               the manifests. To take it back, remove it from the other state and run `eci import \
               --take-over`.",
        bad_example: "$ eci destroy",
        good_example: "$ eci state rm container_group.web\n$ eci destroy",
    }
    "W0907" NOT_REFRESHED "not-refreshed" "a plan trusts the state" {
        found: "A plan with `--refresh=false` sends no calls to the cloud: it compares the \
               manifests only with the state.",
        reason: "It does not show what was changed or deleted outside of eci. Wrong credentials, or \
               an unknown region or zone, are reported only by the apply.",
        fix: "Remove `--refresh=false`.",
        bad_example: "$ eci apply --refresh=false",
        good_example: "$ eci apply",
    }
}
