//! 10xx: modules.

codes! {
    "E1001" MODULE_SOURCE "module-source" "the directory of a module cannot be read" {
        found: "`source` of a module is not a readable directory with manifests.",
        reason: "A module is a local directory, relative to the manifest that calls it. Nothing is \
               downloaded, so that a plan depends only on local files.",
        fix: "Write the path of the directory, for example \"../modules/web\". Fetch remote \
               modules beforehand, for example as a git submodule.",
        bad_example: "[module.web]\nsource = \"git::https://example.com/web.git\"\n",
        good_example: "[output.none]\nvalue = \"no module\"\n",
    }
    "E1002" MODULE_CYCLE "module-cycle" "modules call each other in a cycle" {
        found: "A module calls itself, directly or through other modules.",
        reason: "Each instance of a module has instances of all modules that it calls, which would \
               be infinitely many.",
        fix: "Remove one of the marked calls, or move the common part to a separate module.",
        bad_example: "[module.again]\nsource = \".\"\n",
        good_example: "[output.none]\nvalue = \"no module\"\n",
    }
    "E1003" TOO_MANY_MODULES "too-many-modules" "too many modules" {
        found: "Module calls are nested too deeply, or there are too many module instances.",
        reason: "A few lines can create more module instances than fit in the memory of any \
               machine.",
        fix: "Call modules next to each other rather than from each other, or use `for_each` of \
               a resource where that is enough.",
        bad_example: "$ cat web.eci.toml\n[module.web]\nsource = \"web\"\nfor_each = '${[for n in \
                range(20000) : tostring(n)]}'",
        good_example: "$ cat web.eci.toml\n[module.web]\nsource = \"web\"\nfor_each = [\"a\", \"b\"]",
    }
    "E1004" IN_MODULE "in-module" "unsupported table in a module" {
        found: "A module has a [provider], [backend] or [[import]] table.",
        reason: "A configuration has one cloud and one state, and an ID to import belongs to one \
               instance, while a module can have several.",
        fix: "Move the table to the root module. Modules use its provider, default tags \
               included.",
        bad_example: "$ cat modules/web/web.eci.toml\n[provider]\nregion_id = \"r-1\"",
        good_example: "$ cat main.eci.toml\n[provider]\nregion_id = \"r-1\"\n[module.web]\nsource = \
                \"modules/web\"",
    }
    "E1005" MISSING_INPUT "missing-input" "missing required module input" {
        found: "A variable of a module has no default, and the call does not set it.",
        reason: "Values of the variables of a module come only from the call; eci does not prompt \
               for them.",
        fix: "Add the inputs that the message names to `inputs`, or declare defaults in the \
               module.",
        bad_example: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"",
        good_example: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { image = \
                \"nginx:1.27\" }",
    }
    "E1006" UNKNOWN_INPUT "unknown-input" "unknown module input" {
        found: "`inputs` of a module call sets a variable that the module does not declare.",
        reason: "The name is misspelled, or belongs to another version of the module.",
        fix: "Correct the name, or declare the variable in the module.",
        bad_example: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { imgae = \
                \"nginx:1.27\" }",
        good_example: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { image = \
                \"nginx:1.27\" }",
    }
    "E1007" UNKNOWN_MODULE "unknown-module" "undeclared module" {
        found: "An expression refers to a module that is not called in this directory.",
        reason: "Module names are those of the [module.NAME] tables of the same directory.",
        fix: "Correct the name, or call the module. To use an output of a nested module, declare \
               an output in the module that calls it.",
        bad_example: "[output.address]\nvalue = '${module.edge.address}'\n",
        good_example: "[output.address]\nvalue = \"203.0.113.7\"\n",
    }
    "E1008" UNKNOWN_OUTPUT "unknown-output" "unknown module output" {
        found: "An expression refers to an output that the module does not declare.",
        reason: "A module exposes only its outputs, not its resources, locals and variables.",
        fix: "Correct the name, or declare the output in the module.",
        bad_example: "$ cat main.eci.toml\n[output.address]\nvalue = '${module.web.adress}'",
        good_example: "$ cat main.eci.toml\n[output.address]\nvalue = '${module.web.address}'",
    }
}
