//! Tables other than resources: variables, outputs, modules, changes of addresses.

use super::meta::FOR_EACH;
use crate::schema::{Field, Literal, Object, Type, doc};

/// `[variable.NAME]`.
pub static VARIABLE: Object = Object::new(
    "variable",
    doc("An input variable, read as `var.NAME`.", "输入变量，以 `var.NAME` 读取。"),
    &[
        Field::setting(
            "type",
            Type::String,
            doc(
                "`string`, `number`, `bool`, `list(…)`, `set(…)`, `map(…)`, `tuple([…])`, `object({…})` or `any`",
                "`string`、`number`、`bool`、`list(…)`、`set(…)`、`map(…)`、`tuple([…])`、`object({…})` 或 `any`，即类型约束",
            ),
        )
        .default(Literal::Text("any"))
        .literal(),
        Field::setting(
            "default",
            Type::Any,
            doc(
                "the value used when none is given; a variable without a default is required",
                "未设置值时使用的值；没有默认值的变量是必填变量",
            ),
        ),
        Field::setting("description", Type::String, doc("what it is for", "用途说明")),
        Field::setting("sensitive", Type::Bool, doc("whether the value is sensitive", "是否为敏感值"))
            .default(Literal::Bool(false)),
        Field::setting("nullable", Type::Bool, doc("whether null is a valid value; with `false`, null selects the default", "空值（null）是否有效；设置为 `false` 时，空值（null）表示使用默认值"))
            .default(Literal::Bool(true)),
        Field::setting(
            "validation",
            Type::Objects(&VALIDATION, &[]),
            doc("rules that a value must satisfy", "值必须满足的规则"),
        ),
    ],
);

/// `[[variable.NAME.validation]]`.
pub static VALIDATION: Object = Object::new(
    "validation",
    doc("A validation rule of a variable.", "变量的校验规则。"),
    &[
        Field::setting(
            "condition",
            Type::Bool,
            doc("an expression that must be true", "结果必须为真的表达式"),
        )
        .required(),
        Field::setting(
            "error_message",
            Type::String,
            doc(
                "the error message if the condition is false",
                "条件不成立时的错误消息",
            ),
        ),
    ],
);

/// `[output.NAME]`.
pub static OUTPUT: Object = Object::new(
    "output",
    doc("An output value.", "输出值。"),
    &[
        Field::setting(
            "value",
            Type::Any,
            doc(
                "the value to show and store, usually an expression",
                "要显示和存储的值，通常是表达式",
            ),
        )
        .required(),
        Field::setting(
            "description",
            Type::String,
            doc("what it is for", "用途说明"),
        ),
        Field::setting(
            "sensitive",
            Type::Bool,
            doc(
                "whether the value is sensitive and never displayed",
                "是否为敏感值，敏感值不会显示",
            ),
        )
        .default(Literal::Bool(false)),
    ],
);

/// `[module.NAME]`.
pub static MODULE: Object = Object::new(
    "module",
    doc(
        "A call of a module; its outputs are read as `module.NAME.OUTPUT`.",
        "模块调用；其输出以 `module.NAME.OUTPUT` 读取。",
    ),
    &[
        Field::setting(
            "source",
            Type::String,
            doc(
                "the directory of the module, relative to this manifest, for example `\"../modules/web\"`",
                "模块的目录，路径相对于所在的清单，例如 `\"../modules/web\"`",
            ),
        )
        .required()
        .literal(),
        Field::setting("for_each", FOR_EACH, doc("one instance of the whole module per key", "每个键对应整个模块的一个实例")),
        Field::setting(
            "inputs",
            Type::Table(&Type::Any, ["key", "value"]),
            doc("values of the variables of the module", "模块变量的值"),
        ),
        Field::setting(
            "depends_on",
            Type::List(&Type::Address),
            doc(
                "explicit dependencies, in addition to those of references",
                "显式依赖，在引用产生的依赖之外",
            ),
        ),
    ],
);

/// `[[moved]]`.
pub static MOVED: Object = Object::new(
    "moved",
    doc(
        "Changes the address of a resource or module.",
        "更改资源或模块的地址。",
    ),
    &[
        Field::setting("from", Type::Address, doc("the old address", "旧地址"))
            .required()
            .literal(),
        Field::setting("to", Type::Address, doc("the new address", "新地址"))
            .required()
            .literal(),
    ],
);

/// `[[removed]]`.
pub static REMOVED: Object = Object::new(
    "removed",
    doc(
        "Removes a resource or module from the state.",
        "从状态中移除资源或模块。",
    ),
    &[
        Field::setting(
            "from",
            Type::Address,
            doc(
                "the address, which must no longer be declared",
                "地址，必须不再有声明",
            ),
        )
        .required()
        .literal(),
        Field::setting(
            "destroy",
            Type::Bool,
            doc(
                "whether to delete it; otherwise it stays in the cloud",
                "是否同时删除；否则保留在云端",
            ),
        )
        .default(Literal::Bool(false))
        .literal(),
    ],
);

/// `[[import]]`.
pub static IMPORT: Object = Object::new(
    "import",
    doc("Imports an existing resource.", "导入已有资源。"),
    &[
        Field::setting(
            "to",
            Type::Address,
            doc("the address to import it under", "导入后的资源地址"),
        )
        .required()
        .literal(),
        Field::setting(
            "id",
            Type::String,
            doc("the ID that the object has in the cloud", "对象在云端的 ID"),
        )
        .required(),
        Field::setting(
            "take_over",
            Type::Bool,
            doc(
                "whether to import it even if its operation tag belongs to another state",
                "操作标签属于另一个状态时是否仍然导入",
            ),
        )
        .default(Literal::Bool(false))
        .literal(),
    ],
);
