//! 03xx: references and labels.

codes! {
    "E0301" UNKNOWN_NAME "unknown-name" "unknown name in an expression" {
        found: "The first name of a reference is not known.",
        reason: "A reference starts with `var`, `local`, `each`, `module`, `path`, `eci` or a \
               resource type. Anything else may be text that was not meant as an expression.",
        fix: "Use `var.image` for a variable, `local.x` for a local, or `eip.web.id` for a \
               resource. For a literal `${`, write `$${`.",
        bad_example: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${image}'\n",
        good_example: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.image}'\n",
    }
    "E0302" UNKNOWN_VARIABLE "unknown-variable" "undeclared variable" {
        found: "`var.NAME` refers to a variable that the configuration does not declare.",
        reason: "Every variable must be declared, so that a misspelled name is reported.",
        fix: "Correct the name, or declare the variable as [variable.NAME].",
        bad_example: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.imgae}'\n",
        good_example: "[variable.image]\ndefault = \"nginx\"\n\n[output.image]\nvalue = '${var.image}'\n",
    }
    "E0303" UNKNOWN_LOCAL "unknown-local" "undeclared local" {
        found: "`local.NAME` refers to a local value that no [locals] table declares.",
        reason: "Every local value must be declared, so that a misspelled name is reported.",
        fix: "Correct the name, or add it to [locals].",
        bad_example: "[locals]\nregistry = \"r.example\"\n\n[output.r]\nvalue = '${local.registri}'\n",
        good_example: "[locals]\nregistry = \"r.example\"\n\n[output.r]\nvalue = '${local.registry}'\n",
    }
    "E0304" UNKNOWN_REFERENCE "unknown-reference" "undeclared resource" {
        found: "An expression refers to a resource, or to an instance of a resource, that the \
               configuration does not declare.",
        reason: "A reference is an edge of the dependency graph: the resource that it refers to is \
               created first.",
        fix: "Correct the name or the instance key, or declare the resource. Refer to a resource \
               of another configuration by its ID, as a string.",
        bad_example: "[eip.front]\nauto = true\n\n[output.id]\nvalue = '${eip.fornt.id}'\n",
        good_example: "[eip.front]\nauto = true\n\n[output.id]\nvalue = '${eip.front.id}'\n",
    }
    "E0305" UNKNOWN_ATTRIBUTE "unknown-attribute" "unsupported attribute" {
        found: "An expression or `ignore_changes` refers to an attribute that a resource or an \
               object does not have.",
        reason: "The attributes of each resource type are known, so that a misspelled name is \
               reported before anything is created.",
        fix: "Correct the name. For an attribute that may be absent, use lookup(map, \"key\", \
               default) or try(…).",
        bad_example: "[eip.front]\nauto = true\n\n[output.ip]\nvalue = '${eip.front.adress}'\n",
        good_example: "[eip.front]\nauto = true\n\n[output.ip]\nvalue = '${eip.front.address}'\n",
    }
    "E0306" LABEL "label" "a resource name does not match a resource" {
        found: "A key that refers to a resource by name (`eip`, `volume`, `volumes`) names a \
               resource that does not exist, that has another type, or that has `for_each` and \
               requires an instance key.",
        reason: "EIPs and volumes are part of the request that creates a container group, so the \
               reference must be known in the plan.",
        fix: "Use the name of a resource of the required type: `volume = \"conf\"` for \
               [volume.conf], or `volume = 'conf[\"a\"]'` for one instance of it.",
        bad_example: "[container_group.web]\neip = \"front\"\n",
        good_example: "[eip.front]\nauto = true\n\n[container_group.web]\neip = \"front\"\n",
    }
    "E0307" REFERENCE "reference" "a reference is not possible here" {
        found: "A reference cannot be evaluated here: a resource in the default of a variable or \
               in [provider], or a single word such as `var`.",
        reason: "Variables, locals and [provider] are evaluated before resources. References in both \
               directions would be a cycle.",
        fix: "Move the expression to [locals] or to where it is used; write `var.` followed by a \
               name.",
        bad_example: "[variable.a]\ndefault = '${local.b}'\n\n[locals]\nb = 1\n",
        good_example: "[variable.a]\ndefault = 1\n\n[locals]\nb = '${var.a}'\n",
    }
    "E0308" EACH "each" "`each` is not available here" {
        found: "`each.key` or `each.value` is used outside of a table with `for_each`.",
        reason: "`each` exists only in the table of a resource or module call that has `for_each`.",
        fix: "Add `for_each` to the table, or refer to one instance: '${eip.web[\"a\"].id}'.",
        bad_example: "[output.key]\nvalue = '${each.key}'\n",
        good_example: "[eip.web]\nfor_each = [\"a\", \"b\"]\nauto = true\nbandwidth = '${length(each.key)}'\n",
    }
    "E0309" SELF_REFERENCE "self-reference" "a resource refers to itself" {
        found: "An attribute of a resource is computed from the same resource.",
        reason: "A resource is evaluated before it is created, so it cannot depend on itself.",
        fix: "Move the common value to [locals], or write it as a literal.",
        bad_example: "[container_group.web]\nhost_name = '${container_group.web.name}'\n",
        good_example: "[locals]\nname = \"web\"\n\n[container_group.web]\nname = '${local.name}'\n\
                host_name = '${local.name}'\n",
    }
    "E0310" ADDRESS "address" "invalid address" {
        found: "A string that must be a resource address is not a valid one.",
        reason: "An address is `type.name`, or `type.name[\"key\"]` for an instance, after the \
               modules that contain it, if any.",
        fix: "Write it as a plan shows it, for example container_group.web or eip.front[\"a\"].",
        bad_example: "[[removed]]\nfrom = \"web\"\n",
        good_example: "[[removed]]\nfrom = \"container_group.web\"\n",
    }
    "E0311" DEPENDS_ON "depends-on" "`depends_on` refers to an undeclared resource" {
        found: "An address in `depends_on` is invalid or not declared in the configuration.",
        reason: "Only resources of the same configuration can be ordered.",
        fix: "Correct the address, or remove it. A reference in an expression is a dependency \
               already.",
        bad_example: "[container_group.web]\ndepends_on = [\"container_group.db\"]\n",
        good_example: "[container_group.db]\nvpc_id = \"vpc-1\"\n\n[container_group.web]\n\
                depends_on = [\"container_group.db\"]\n",
    }
    "E0312" REPLACE_TRIGGERED_BY "replace-triggered-by" "`replace_triggered_by` refers to an undeclared resource" {
        found: "An address in `replace_triggered_by` is invalid or not declared in the \
               configuration.",
        reason: "Only a planned change of a resource can trigger a replacement.",
        fix: "Correct the address. Write it without an attribute, for example volume.conf.",
        bad_example: "[container_group.web]\nlifecycle = { replace_triggered_by = [\"volume.conf\"] }\n",
        good_example: "[volume.conf]\ntype = \"EmptyDirVolume\"\n\n[container_group.web]\n\
                lifecycle = { replace_triggered_by = [\"volume.conf\"] }\n",
    }
}
