//! 03xx: references and labels.

codes! {
    "E0301" UNKNOWN_NAME "unknown-name" "unknown name in an expression" {
        what: "The first name of a reference is not known.",
        why: "A reference starts with `var`, `local`, `each`, `module`, `path`, `eci` or a \
               resource type. Anything else may be text that was not meant as an expression.",
        mend: "Use `var.image` for a variable, `local.x` for a local, or `eip.web.id` for a \
               resource. For a literal `${`, write `$${`.",
        wrong: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${image}'\n",
        right: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.image}'\n",
    }
    "E0302" UNKNOWN_VARIABLE "unknown-variable" "undeclared variable" {
        what: "`var.NAME` refers to a variable that the configuration does not declare.",
        why: "Every variable must be declared, so that a misspelled name is reported.",
        mend: "Correct the name, or declare the variable as [variable.NAME].",
        wrong: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.imgae}'\n",
        right: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.image}'\n",
    }
    "E0303" UNKNOWN_LOCAL "unknown-local" "undeclared local" {
        what: "`local.NAME` refers to a local value that no [locals] table declares.",
        why: "Every local value must be declared, so that a misspelled name is reported.",
        mend: "Correct the name, or add it to [locals].",
        wrong: "[locals]\nregistry = \"r.example\"\n\n[output.r]\nvalue = '${local.registri}'\n",
        right: "[locals]\nregistry = \"r.example\"\n\n[output.r]\nvalue = '${local.registry}'\n",
    }
    "E0304" UNKNOWN_REFERENCE "unknown-reference" "undeclared resource" {
        what: "An expression refers to a resource, or to an instance of a resource, that the \
               configuration does not declare.",
        why: "A reference is an edge of the dependency graph: the resource that it refers to is \
               created first.",
        mend: "Correct the name or the instance key, or declare the resource. Refer to a resource \
               of another configuration by its ID, as a string.",
        wrong: "[eip.front]\nauto = true\n\n[output.id]\nvalue = '${eip.fornt.id}'\n",
        right: "[eip.front]\nauto = true\n\n[output.id]\nvalue = '${eip.front.id}'\n",
    }
    "E0305" UNKNOWN_ATTRIBUTE "unknown-attribute" "unsupported attribute" {
        what: "An expression or `ignore_changes` refers to an attribute that a resource or an \
               object does not have.",
        why: "The attributes of each resource type are known, so that a misspelled name is \
               reported before anything is created.",
        mend: "Correct the name. For an attribute that may be absent, use lookup(map, \"key\", \
               default) or try(…).",
        wrong: "[eip.front]\nauto = true\n\n[output.ip]\nvalue = '${eip.front.adress}'\n",
        right: "[eip.front]\nauto = true\n\n[output.ip]\nvalue = '${eip.front.address}'\n",
    }
    "E0306" LABEL "label" "a resource name does not match a resource" {
        what: "A key that refers to a resource by name (`eip`, `volume`, `volumes`) names a \
               resource that does not exist, that has another type, or that has `for_each` and \
               requires an instance key.",
        why: "EIPs and volumes are part of the request that creates a container group, so the \
               reference must be known in the plan.",
        mend: "Use the name of a resource of the required type: `volume = \"conf\"` for \
               [volume.conf], or `volume = 'conf[\"a\"]'` for one instance of it.",
        wrong: "[container_group.web]\neip = \"front\"\n",
        right: "[eip.front]\nauto = true\n\n[container_group.web]\neip = \"front\"\n",
    }
    "E0307" REFERENCE "reference" "a reference is not possible here" {
        what: "A reference cannot be evaluated here: a resource in the default of a variable or \
               in [provider], or a single word such as `var`.",
        why: "Variables, locals and [provider] are evaluated before resources. References in both \
               directions would be a cycle.",
        mend: "Move the expression to [locals] or to where it is used; write `var.` followed by a \
               name.",
        wrong: "[variable.a]\ndefault = '${local.b}'\n\n[locals]\nb = 1\n",
        right: "[variable.a]\ndefault = 1\n\n[locals]\nb = '${var.a}'\n",
    }
    "E0308" EACH "each" "`each` is not available here" {
        what: "`each.key` or `each.value` is used outside of a table with `for_each`.",
        why: "`each` exists only in the table of a resource or module call that has `for_each`.",
        mend: "Add `for_each` to the table, or refer to one instance: '${eip.web[\"a\"].id}'.",
        wrong: "[output.key]\nvalue = '${each.key}'\n",
        right: "[eip.web]\nfor_each = [\"a\", \"b\"]\nauto = true\nbandwidth = '${length(each.key)}'\n",
    }
    "E0309" SELF_REFERENCE "self-reference" "a resource refers to itself" {
        what: "An attribute of a resource is computed from the same resource.",
        why: "A resource is evaluated before it is created, so it cannot depend on itself.",
        mend: "Move the common value to [locals], or write it as a literal.",
        wrong: "[container_group.web]\nhost_name = '${container_group.web.name}'\n",
        right: "[locals]\nname = \"web\"\n\n[container_group.web]\nname = '${local.name}'\n\
                host_name = '${local.name}'\n",
    }
    "E0310" ADDRESS "address" "invalid address" {
        what: "A string that must be a resource address is not a valid one.",
        why: "An address is `type.name`, or `type.name[\"key\"]` for an instance, after the \
               modules that contain it, if any.",
        mend: "Write it as a plan shows it, for example container_group.web or eip.front[\"a\"].",
        wrong: "[[removed]]\nfrom = \"web\"\n",
        right: "[[removed]]\nfrom = \"container_group.web\"\n",
    }
    "E0311" DEPENDS_ON "depends-on" "`depends_on` refers to an undeclared resource" {
        what: "An address in `depends_on` is invalid or not declared in the configuration.",
        why: "Only resources of the same configuration can be ordered.",
        mend: "Correct the address, or remove it. A reference in an expression is a dependency \
               already.",
        wrong: "[container_group.web]\ndepends_on = [\"container_group.db\"]\n",
        right: "[container_group.db]\nvpc_id = \"vpc-1\"\n\n[container_group.web]\n\
                depends_on = [\"container_group.db\"]\n",
    }
    "E0312" REPLACE_TRIGGERED_BY "replace-triggered-by" "`replace_triggered_by` refers to an undeclared resource" {
        what: "An address in `replace_triggered_by` is invalid or not declared in the \
               configuration.",
        why: "Only a planned change of a resource can trigger a replacement.",
        mend: "Correct the address. Write it without an attribute, for example volume.conf.",
        wrong: "[container_group.web]\nlifecycle = { replace_triggered_by = [\"volume.conf\"] }\n",
        right: "[volume.conf]\ntype = \"EmptyDirVolume\"\n\n[container_group.web]\n\
                lifecycle = { replace_triggered_by = [\"volume.conf\"] }\n",
    }
}
