//! 03xx: references and labels.

codes! {
    "E0301" UNKNOWN_NAME "unknown-name" "an expression begins with an unknown name" {
        what: "The first word of a reference names nothing.",
        why: "References begin with `var`, `local`, `each`, `path` or the kind of a resource; \
              anything else may be text that was meant literally.",
        mend: "Write `var.image` for a variable, `local.x` for a local, `eip.web.id` for a \
               resource. For a literal `${` write `$${`.",
        wrong: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${image}'\n",
        right: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.image}'\n",
    }
    "E0302" UNKNOWN_VARIABLE "unknown-variable" "there is no such variable" {
        what: "`var.NAME` refers to a variable that no manifest of the directory declares.",
        why: "Each variable is declared, so that a misspelt name is found and not empty.",
        mend: "Correct the name, or declare it as [variable.NAME].",
        wrong: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.imgae}'\n",
        right: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.image}'\n",
    }
    "E0303" UNKNOWN_LOCAL "unknown-local" "there is no such local" {
        what: "`local.NAME` refers to a name that no [locals] table of the directory has.",
        why: "A misspelt name is found rather than taken for an empty value.",
        mend: "Correct the name, or add it to [locals].",
        wrong: "[locals]\nregistry = \"r.example\"\n\n[output.r]\nvalue = '${local.registri}'\n",
        right: "[locals]\nregistry = \"r.example\"\n\n[output.r]\nvalue = '${local.registry}'\n",
    }
    "E0304" UNKNOWN_REFERENCE "unknown-reference" "there is no such resource" {
        what: "An expression refers to a resource, or to an instance of one, that no manifest of \
               the directory declares.",
        why: "A reference is an edge of the graph: what it names is made first.",
        mend: "Correct the label or the key, or declare the resource. What another configuration \
               made is named by its id as text.",
        wrong: "[eip.front]\nauto = true\n\n[output.id]\nvalue = '${eip.fornt.id}'\n",
        right: "[eip.front]\nauto = true\n\n[output.id]\nvalue = '${eip.front.id}'\n",
    }
    "E0305" UNKNOWN_ATTRIBUTE "unknown-attribute" "there is no such attribute" {
        what: "An expression, or `ignore_changes`, names an attribute that a resource or a table \
               does not have.",
        why: "The attributes of each kind are described, so that a misspelt one is found before \
              anything is made.",
        mend: "Correct the name. For what may be missing write lookup(table, \"key\", default) or \
               try(…).",
        wrong: "[eip.front]\nauto = true\n\n[output.ip]\nvalue = '${eip.front.adress}'\n",
        right: "[eip.front]\nauto = true\n\n[output.ip]\nvalue = '${eip.front.address}'\n",
    }
    "E0306" LABEL "label" "a label names no resource" {
        what: "A key that takes the label of another table (`eip`, `volume`, `volumes`) names \
               none: it does not exist, is of another kind, or needs a key because of `for_each`.",
        why: "Volumes and EIPs travel with the group that names them, so the label must be known \
              when the plan is made.",
        mend: "Name a table of the right kind: `volume = \"conf\"` for [volume.conf], \
               `volume = 'conf[\"a\"]'` for one of several.",
        wrong: "[container_group.web]\neip = \"front\"\n",
        right: "[eip.front]\nauto = true\n\n[container_group.web]\neip = \"front\"\n",
    }
    "E0307" REFERENCE "reference" "a reference is not possible here" {
        what: "A reference stands where it cannot be followed: a resource in the default of a \
               variable or in [provider], or a bare word such as `var`.",
        why: "Variables, locals and [provider] are known before any resource is; a cycle between \
              them could not be solved.",
        mend: "Move the expression to [locals] or to where it is used; write `var.` and a name.",
        wrong: "[variable.a]\ndefault = '${local.b}'\n\n[locals]\nb = 1\n",
        right: "[variable.a]\ndefault = 1\n\n[locals]\nb = '${var.a}'\n",
    }
    "E0308" EACH "each" "`each` is not available here" {
        what: "`each.key` or `each.value` stands where nothing is repeated.",
        why: "`each` exists in the table of a resource that has `for_each`, and nowhere else.",
        mend: "Add `for_each` to the table, or refer to one instance: '${eip.web[\"a\"].id}'.",
        wrong: "[output.key]\nvalue = '${each.key}'\n",
        right: "[eip.web]\nfor_each = [\"a\", \"b\"]\nauto = true\nbandwidth = '${length(each.key)}'\n",
    }
    "E0309" SELF_REFERENCE "self-reference" "a resource refers to itself" {
        what: "An attribute of a resource is computed from the same resource.",
        why: "A resource is evaluated before it is made: it cannot wait for itself.",
        mend: "Move what both need to [locals], or write the value out.",
        wrong: "[container_group.web]\nhost_name = '${container_group.web.name}'\n",
        right: "[locals]\nname = \"web\"\n\n[container_group.web]\nname = '${local.name}'\n\
                host_name = '${local.name}'\n",
    }
    "E0310" ADDRESS "address" "an address cannot be read" {
        what: "A text that must be an address is none.",
        why: "An address is `kind.label`, or `kind.label[\"key\"]` for one of several.",
        mend: "Write it as a plan shows it, such as container_group.web or eip.front[\"a\"].",
        wrong: "[[removed]]\nfrom = \"web\"\n",
        right: "[[removed]]\nfrom = \"container_group.web\"\n",
    }
    "E0311" DEPENDS_ON "depends-on" "`depends_on` names no resource" {
        what: "An address in `depends_on` is not declared in the directory, or is no address.",
        why: "An order can only be kept among resources of one configuration.",
        mend: "Correct the address, or remove it: a reference in an expression is an order too.",
        wrong: "[container_group.web]\ndepends_on = [\"container_group.db\"]\n",
        right: "[container_group.db]\nvpc_id = \"vpc-1\"\n\n[container_group.web]\n\
                depends_on = [\"container_group.db\"]\n",
    }
    "E0312" REPLACE_TRIGGERED_BY "replace-triggered-by" "`replace_triggered_by` names no resource" {
        what: "An address in `replace_triggered_by` is not declared in the directory, or is no \
               address.",
        why: "Only a resource that is planned can trigger something.",
        mend: "Correct the address; write it without an attribute, such as volume.conf.",
        wrong: "[container_group.web]\nlifecycle = { replace_triggered_by = [\"volume.conf\"] }\n",
        right: "[volume.conf]\ntype = \"EmptyDirVolume\"\n\n[container_group.web]\n\
                lifecycle = { replace_triggered_by = [\"volume.conf\"] }\n",
    }
}
