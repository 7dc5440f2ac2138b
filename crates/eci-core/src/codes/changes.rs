//! 09xx: changes that manifests and options ask for.

codes! {
    "E0901" MOVED "moved" "a `[[moved]]` cannot be followed" {
        what: "A [[moved]] leads to another kind, to itself, to an address that is taken, or from \
               one that is still declared; or `--target` or `--exclude` selects a part of a chain \
               of moves only.",
        why: "What is moved keeps its state under another address; each address has one state.",
        mend: "Correct the addresses, remove the [[moved]], or let one of the two go with \
               `eci state rm`; select a chain as a whole. Addresses are exchanged with \
               `eci state mv`, by way of a third one.",
        wrong: "[[moved]]\nfrom = \"container_group.web\"\nto = \"eip.web\"\n",
        right: "[[moved]]\nfrom = \"container_group.web\"\nto = \"container_group.site\"\n",
    }
    "E0902" REMOVED "removed" "a `[[removed]]` resource is still declared" {
        what: "A [[removed]] names a resource that a manifest still declares.",
        why: "It cannot both be let go and be wanted.",
        mend: "Remove the table of the resource, or the [[removed]].",
        wrong: "[[removed]]\nfrom = \"eip.front\"\n\n[eip.front]\nauto = true\n",
        right: "[[removed]]\nfrom = \"eip.front\"\n",
    }
    "E0903" IMPORT "import" "an `[[import]]` cannot be done" {
        what: "An [[import]] names an id that the cloud does not have or that the state has \
               already, or an address that no manifest declares or that has no life of its own: \
               an existing or automatic EIP, a volume without `disk`.",
        why: "An import takes over what is there under a table that says how it should be.",
        mend: "Check the id and the region; declare the resource. `eci import --all --write DIR` \
               writes manifests for what is there.",
        wrong: "[[import]]\nto = \"container_group.web\"\nid = \"eci-3rr2p3bikgw7phf1\"\n",
        right: "$ eci import --all --tag app=web --write .",
    }
    "W0901" INFERRED "inferred" "an import takes the manifest's word against what the cloud tells" {
        what: "The cloud does not report how an EIP or a disk is paid for as it was ordered, but \
               what it does report lets infer it, and that is not what the manifest says.",
        why: "The state takes the manifest's word for what is not reported, and no later plan \
              would show that it errs.",
        mend: "Write into the manifest what was ordered.",
        wrong: "$ eci import eip.web eip-5sdasd2gfh   # paid by the month, declared on demand",
        right: "$ grep cycle web.eci.toml\ncycle_type = \"month\"\ncycle_count = 6\n$ eci import eip.web eip-5sdasd2gfh",
    }
    "W0902" PARTIAL "partial" "a plan covers a part of the configuration only" {
        what: "A plan with `--target` or `--exclude` covers only what they select. It lists the \
               resources that it leaves out although they depend on what it changes.",
        why: "What is left out keeps the values of before, such as an address that has changed.",
        mend: "Run `eci plan` without these options afterwards, and apply what it shows.",
        wrong: "$ eci apply --target container_group.db",
        right: "$ eci apply --target container_group.db\n$ eci apply",
    }
    "W0903" TAKEN_OVER "taken-over" "an import takes over what another state created" {
        what: "The tag or label of a resource that is imported is of another state, and the import \
               says that it is taken over all the same.",
        why: "As long as that state has it too, the next destroy of either deletes it.",
        mend: "Remove it from the other state with a [[removed]] or `eci state rm`.",
        wrong: "$ eci import --take-over container_group.web eci-3rr2p3bikgw7phf1",
        right: "$ eci -C ../old state rm container_group.web\n\
                $ eci import --take-over container_group.web eci-3rr2p3bikgw7phf1",
    }
    "E0904" NO_SUCH_RESOURCE "no-such-resource" "an option names no resource" {
        what: "`--target`, `--exclude` or `--replace` names an address that is neither declared nor \
               in the state.",
        why: "A plan about nothing would look as if all were well.",
        mend: "Correct the address; `eci state list` shows what there is.",
        wrong: "$ eci plan --target container_group.wep",
        right: "$ eci plan --target container_group.web",
    }
    "E0905" NO_REPLACEMENT "no-replacement" "an option asks to replace what has no life of its own" {
        what: "`--replace` names a volume or an EIP that travels inside its groups.",
        why: "It is made and deleted with its group alone.",
        mend: "Replace the container group that has it.",
        wrong: "$ eci plan --replace volume.conf",
        right: "$ eci plan --replace container_group.web",
    }
    "E0906" OTHER_OWNER "other-owner" "another state has taken over a resource" {
        what: "A container group of the state carries the operation tag of another state: that one \
               has imported it since.",
        why: "Two states that both change or delete a resource undo each other's work. So the one \
              whose tag it carries has it, and the other one leaves it alone.",
        mend: "Remove it from this state with `eci state rm` or a [[removed]], and its table from \
               the manifests. To take it back, remove it from the other state, and run \
               `eci import --take-over`.",
        wrong: "$ eci destroy",
        right: "$ eci state rm container_group.web\n$ eci destroy",
    }
    "W0907" NOT_REFRESHED "not-refreshed" "a plan trusts the state" {
        what: "A plan with `--refresh=false` makes no call to the cloud: it compares the manifests \
               with the state alone.",
        why: "It does not show what was changed or deleted outside of eci, and wrong credentials, an \
              unknown region or an unknown zone show only when it is applied.",
        mend: "Leave out `--refresh=false`.",
        wrong: "$ eci apply --refresh=false",
        right: "$ eci apply",
    }
}
