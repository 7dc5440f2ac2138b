//! 10xx: modules.

codes! {
    "E1001" MODULE_SOURCE "module-source" "the directory of a module cannot be read" {
        what: "`source` of a module names no directory with manifests that can be read.",
        why: "A module is a directory of this machine, named by its way from the manifest that \
              calls it. Nothing is fetched, so that a plan depends on nothing but what is there.",
        mend: "Write the way to the directory, such as \"../modules/web\". What lies elsewhere is \
               fetched first, such as with a git submodule.",
        wrong: "[module.web]\nsource = \"git::https://example.com/web.git\"\n",
        right: "[output.none]\nvalue = \"no module\"\n",
    }
    "E1002" MODULE_CYCLE "module-cycle" "modules call each other in a circle" {
        what: "A directory is called, directly or through others, by itself.",
        why: "Each instance of a module has instances of all that it calls: there would be no end \
              of them.",
        mend: "Remove one of the calls that are marked, or move what both need into a module of \
               its own.",
        wrong: "[module.again]\nsource = \".\"\n",
        right: "[output.none]\nvalue = \"no module\"\n",
    }
    "E1003" TOO_MANY_MODULES "too-many-modules" "there are too many modules" {
        what: "Modules call each other too deep, or there are more instances than anybody means.",
        why: "A few lines can ask for more modules than any machine has room for.",
        mend: "Call modules side by side rather than one from the other; use `for_each` of a \
               resource where only that differs.",
        wrong: "$ cat web.eci.toml\n[module.web]\nsource = \"web\"\nfor_each = '${[for n in \
                range(20000) : tostring(n)]}'",
        right: "$ cat web.eci.toml\n[module.web]\nsource = \"web\"\nfor_each = [\"a\", \"b\"]",
    }
    "E1004" IN_MODULE "in-module" "a module cannot have this table" {
        what: "A directory that is called as a module has `[provider]`, `[backend]` or \
               `[[import]]`.",
        why: "There is one cloud and one state for all of a configuration, and ids to import \
              belong to one instance, while a module may have many.",
        mend: "Move the table into the directory that is planned. Modules use its provider, the \
               default tags included.",
        wrong: "$ cat modules/web/web.eci.toml\n[provider]\nregion_id = \"r-1\"",
        right: "$ cat main.eci.toml\n[provider]\nregion_id = \"r-1\"\n[module.web]\nsource = \
                \"modules/web\"",
    }
    "E1005" MISSING_INPUT "missing-input" "a module does not get an input that it needs" {
        what: "A variable of a module has no default, and the call gives it no value.",
        why: "Nobody is asked for the variables of a module: what calls it must say them.",
        mend: "Write the inputs that the message names into `inputs`, or give the variables \
               defaults where they are declared.",
        wrong: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"",
        right: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { image = \
                \"nginx:1.27\" }",
    }
    "E1006" UNKNOWN_INPUT "unknown-input" "a module has no variable for an input" {
        what: "`inputs` of a call names something that the module does not declare as a variable.",
        why: "An input that nothing reads is a misspelt name, or one of another version of the \
              module.",
        mend: "Correct the name, or declare the variable in the module.",
        wrong: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { imgae = \
                \"nginx:1.27\" }",
        right: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { image = \
                \"nginx:1.27\" }",
    }
    "E1007" UNKNOWN_MODULE "unknown-module" "there is no such module" {
        what: "An expression refers to a module that is not called here.",
        why: "Names are those of [module.NAME] tables in the same directory.",
        mend: "Correct the name, or call the module. What a module inside of another one gives \
               goes through an output of the outer one.",
        wrong: "[output.address]\nvalue = '${module.edge.address}'\n",
        right: "[output.address]\nvalue = \"203.0.113.7\"\n",
    }
    "E1008" UNKNOWN_OUTPUT "unknown-output" "a module has no such output" {
        what: "An expression takes something from a module that the module does not give.",
        why: "Of a module only its outputs can be seen; its resources, locals and variables are \
              its own.",
        mend: "Correct the name, or declare the output in the module.",
        wrong: "$ cat main.eci.toml\n[output.address]\nvalue = '${module.web.adress}'",
        right: "$ cat main.eci.toml\n[output.address]\nvalue = '${module.web.address}'",
    }
}
