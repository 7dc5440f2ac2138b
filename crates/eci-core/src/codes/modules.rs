//! 10xx: modules.

codes! {
    "E1001" MODULE_SOURCE "module-source" "the directory of a module cannot be read"
        zh "无法读取模块目录" {
        found: "`source` of a module is not a readable directory with manifests."
            zh "模块的 `source` 不是可读取且包含清单的目录。",
        reason: "A module is a local directory, relative to the manifest that calls it. Nothing is \
               downloaded, so that a plan depends only on local files."
            zh "模块是本地目录，路径相对于调用模块的清单。eci 不下载任何内容，因此计划只取决于本地文件。",
        fix: "Write the path of the directory, for example \"../modules/web\". Fetch remote \
               modules beforehand, for example as a git submodule."
            zh "写出目录的路径，例如 `\"../modules/web\"`。事先获取远程模块，例如作为 git 子模块。",
        bad_example: "[module.web]\nsource = \"git::https://example.com/web.git\"\n",
        good_example: "[output.none]\nvalue = \"no module\"\n",
    }
    "E1002" MODULE_CYCLE "module-cycle" "modules call each other in a cycle"
        zh "模块循环调用" {
        found: "A module calls itself, directly or through other modules."
            zh "模块直接或通过其他模块调用自身。",
        reason: "Each instance of a module has instances of all modules that it calls, which would \
               be infinitely many."
            zh "模块的每个实例都包含所调用的全部模块的实例，循环调用会产生无限多个实例。",
        fix: "Remove one of the marked calls, or move the common part to a separate module."
            zh "删除其中一处标记的调用，或将公共部分移到单独的模块。",
        bad_example: "[module.again]\nsource = \".\"\n",
        good_example: "[output.none]\nvalue = \"no module\"\n",
    }
    "E1003" TOO_MANY_MODULES "too-many-modules" "too many modules" zh "模块过多" {
        found: "Module calls are nested too deeply, or there are too many module instances."
            zh "模块调用嵌套过深，或模块实例过多。",
        reason: "A few lines can create more module instances than fit in the memory of any \
               machine."
            zh "几行配置就可能创建超出任何机器内存的模块实例。",
        fix: "Call modules next to each other rather than from each other, or use `for_each` of \
               a resource where that is enough."
            zh "并列调用模块，而不是逐层调用；如果资源的 `for_each` 已足够，使用资源的 `for_each`。",
        bad_example: "$ cat web.eci.toml\n[module.web]\nsource = \"web\"\nfor_each = '${[for n in \
                range(20000) : tostring(n)]}'",
        good_example: "$ cat web.eci.toml\n[module.web]\nsource = \"web\"\nfor_each = [\"a\", \"b\"]",
    }
    "E1004" IN_MODULE "in-module" "unsupported table in a module" zh "模块不支持此表" {
        found: "A module has a `[provider]`, `[backend]` or `[[import]]` table."
            zh "模块包含 `[provider]`、`[backend]` 或 `[[import]]` 表。",
        reason: "A configuration has one cloud and one state, and an ID to import belongs to one \
               instance, while a module can have several."
            zh "一个配置只有一个云和一个状态，要导入的 ID 只属于一个实例，而模块可以有多个实例。",
        fix: "Move the table to the root module. Modules use its provider, default tags \
               included."
            zh "将该表移到根模块。模块使用根模块的 Provider 配置，包括默认标签。",
        bad_example: "$ cat modules/web/web.eci.toml\n[provider]\nregion_id = \"r-1\"",
        good_example: "$ cat main.eci.toml\n[provider]\nregion_id = \"r-1\"\n[module.web]\nsource = \
                \"modules/web\"",
    }
    "E1005" MISSING_INPUT "missing-input" "missing required module input"
        zh "缺少必填的模块输入" {
        found: "A variable of a module has no default, and the call does not set it."
            zh "模块的变量没有默认值，模块调用也未设置该变量。",
        reason: "Values of the variables of a module come only from the call; eci does not prompt \
               for them."
            zh "模块变量的值只来自模块调用，eci 不会提示输入。",
        fix: "Add the inputs that the message names to `inputs`, or declare defaults in the \
               module."
            zh "将消息中列出的输入添加到 `inputs`，或在模块中声明默认值。",
        bad_example: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"",
        good_example: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { image = \
                \"nginx:1.27\" }",
    }
    "E1006" UNKNOWN_INPUT "unknown-input" "unknown module input" zh "未知的模块输入" {
        found: "`inputs` of a module call sets a variable that the module does not declare."
            zh "模块调用的 `inputs` 设置了模块未声明的变量。",
        reason: "The name is misspelled, or belongs to another version of the module."
            zh "名称拼写有误，或属于模块的其他版本。",
        fix: "Correct the name, or declare the variable in the module."
            zh "修正名称，或在模块中声明该变量。",
        bad_example: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { imgae = \
                \"nginx:1.27\" }",
        good_example: "$ cat main.eci.toml\n[module.web]\nsource = \"modules/web\"\ninputs = { image = \
                \"nginx:1.27\" }",
    }
    "E1007" UNKNOWN_MODULE "unknown-module" "undeclared module" zh "模块未声明" {
        found: "An expression refers to a module that is not called in this directory."
            zh "表达式引用了此目录中未调用的模块。",
        reason: "Module names are those of the `[module.NAME]` tables of the same directory."
            zh "模块名称即同一目录中 `[module.NAME]` 表的名称。",
        fix: "Correct the name, or call the module. To use an output of a nested module, declare \
               an output in the module that calls it."
            zh "修正名称，或调用该模块。如需使用嵌套模块的输出，在调用嵌套模块的模块中声明输出。",
        bad_example: "[output.address]\nvalue = '${module.edge.address}'\n",
        good_example: "[output.address]\nvalue = \"203.0.113.7\"\n",
    }
    "E1008" UNKNOWN_OUTPUT "unknown-output" "unknown module output" zh "未知的模块输出" {
        found: "An expression refers to an output that the module does not declare."
            zh "表达式引用了模块未声明的输出。",
        reason: "A module exposes only its outputs, not its resources, locals and variables."
            zh "模块只公开输出，不公开资源、局部值和变量。",
        fix: "Correct the name, or declare the output in the module."
            zh "修正名称，或在模块中声明该输出。",
        bad_example: "$ cat main.eci.toml\n[output.address]\nvalue = '${module.web.adress}'",
        good_example: "$ cat main.eci.toml\n[output.address]\nvalue = '${module.web.address}'",
    }
}
