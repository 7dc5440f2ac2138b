//! 10xx: modules.

codes! {
    "E1001" MODULE_SOURCE "module-source" "the directory of a module cannot be read" {
        what: "`source` of a module is not a readable directory with manifests.",
        why: "A module is a local directory, relative to the manifest that calls it. Nothing is \
               downloaded, so that a plan depends only on local files.",
        mend: "Write the path of the directory, for example \"../modules/web\". Fetch remote \
               modules beforehand, for example as a git submodule.",
        wrong: "[module.web]\nsource = \"git::https://example.com/web.git\"\n",
        right: "[output.none]\nvalue = \"no module\"\n",
    }
    "E1002" MODULE_CYCLE "module-cycle" "modules call each other in a cycle" {
        what: "A module calls itself, directly or through other modules.",
        why: "Each instance of a module has instances of all modules that it calls, which would \
               be infinitely many.",
        mend: "Remove one of the marked calls, or move the common part to a separate module.",
        wrong: "[module.again]\nsource = \".\"\n",
        right: "[output.none]\nvalue = \"no module\"\n",
    }
    "E1003" TOO_MANY_MODULES "too-many-modules" "too many modules" {
        what: "Module calls are nested too deeply, or there are too many module instances.",
        why: "A few lines can create more module instances than fit in the memory of any \
               machine.",
        mend: "Call modules next to each other rather than from each other, or use `for_each` of \
               a resource where that is enough.",
        wrong: "$ cat web.eci.toml\n[module.web]\nsource = \"web\"\nfor_each = '${[for n in \
                range(20000) : tostring(n)]}'",
        right: "$ cat web.eci.toml\n[module.web]\nsource = \"web\"\nfor_each = [\"a\", \"b\"]",
    }
    "E1004" IN_MODULE "in-module" "unsupported table in a module" {
        what: "A module has a [provider], [backend] or [[import]] table.",
        why: "A configuration has one cloud and one state, and an ID to import belongs to one \
               instance, while a module can have several.",
        mend: "Move the table to the root module. Modules use its provider, default tags \
               included.",
        wrong: "$ cat modules/web/web.eci.toml\n[provider]\nregion_id = \"r-1\"",
        right: "$ cat main.eci.toml\n[provider]\nregion_id = \"r-1\"\n[module.web]\nsource = \
                \"modules/web\"",
    }
    "E1005" MISSING_INPUT "missing-input" "missing required module input" {
        what: "A variable of a module has no default, and the call does not set it.",
        why: "Values of the variables of a module come only from the call; eci does not prompt \
               for them.",
        mend: "Add the inputs that the message names to `inputs`, or declare defaults in the \
               module.",
        wrong: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"",
        right: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { image = \
                \"nginx:1.27\" }",
    }
    "E1006" UNKNOWN_INPUT "unknown-input" "unknown module input" {
        what: "`inputs` of a module call sets a variable that the module does not declare.",
        why: "The name is misspelled, or belongs to another version of the module.",
        mend: "Correct the name, or declare the variable in the module.",
        wrong: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { imgae = \
                \"nginx:1.27\" }",
        right: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { image = \
                \"nginx:1.27\" }",
    }
    "E1007" UNKNOWN_MODULE "unknown-module" "undeclared module" {
        what: "An expression refers to a module that is not called in this directory.",
        why: "Module names are those of the [module.NAME] tables of the same directory.",
        mend: "Correct the name, or call the module. To use an output of a nested module, declare \
               an output in the module that calls it.",
        wrong: "[output.address]\nvalue = '${module.edge.address}'\n",
        right: "[output.address]\nvalue = \"203.0.113.7\"\n",
    }
    "E1008" UNKNOWN_OUTPUT "unknown-output" "unknown module output" {
        what: "An expression refers to an output that the module does not declare.",
        why: "A module exposes only its outputs, not its resources, locals and variables.",
        mend: "Correct the name, or declare the output in the module.",
        wrong: "$ cat main.eci.toml\n[output.address]\nvalue = '${module.web.adress}'",
        right: "$ cat main.eci.toml\n[output.address]\nvalue = '${module.web.address}'",
    }
}
