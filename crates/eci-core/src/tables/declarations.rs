//! What stands around resources: variables, outputs, modules, changes of addresses.

use super::meta::FOR_EACH;
use crate::schema::{Field, Literal, Object, Type};

/// `[variable.NAME]`.
pub static VARIABLE: Object = Object::new(
    "variable",
    "An input variable, read as `var.NAME`.",
    &[
        Field::setting(
            "type",
            Type::String,
            "`string`, `number`, `bool`, `list(…)`, `set(…)`, `map(…)`, `tuple([…])`, `object({…})` or \
             `any`",
        )
        .default(Literal::Text("any"))
        .written_out(),
        Field::setting(
            "default",
            Type::Any,
            "the value used when none is given; a variable without a default is required",
        ),
        Field::setting("description", Type::String, "a description"),
        Field::setting("sensitive", Type::Bool, "whether the value is sensitive")
            .default(Literal::Bool(false)),
        Field::setting("nullable", Type::Bool, "whether null is a valid value; with `false`, null selects the default")
            .default(Literal::Bool(true)),
        Field::setting(
            "validation",
            Type::Objects(&VALIDATION, &[]),
            "validation rules",
        ),
    ],
);

/// `[[variable.NAME.validation]]`.
pub static VALIDATION: Object = Object::new(
    "validation",
    "A validation rule of a variable.",
    &[
        Field::setting("condition", Type::Bool, "an expression that must be true").required(),
        Field::setting(
            "error_message",
            Type::String,
            "the error message if the condition is false",
        ),
    ],
);

/// `[output.NAME]`.
pub static OUTPUT: Object = Object::new(
    "output",
    "An output value.",
    &[
        Field::setting("value", Type::Any, "the value").required(),
        Field::setting("description", Type::String, "a description"),
        Field::setting(
            "sensitive",
            Type::Bool,
            "whether the value is sensitive and never displayed",
        )
        .default(Literal::Bool(false)),
    ],
);

/// `[module.NAME]`.
pub static MODULE: Object = Object::new(
    "module",
    "A call of a module; its outputs are read as `module.NAME.OUTPUT`.",
    &[
        Field::setting(
            "source",
            Type::String,
            "the directory of the module, relative to this manifest, for example `\"../modules/web\"`",
        )
        .required()
        .written_out(),
        Field::setting("for_each", FOR_EACH, "one instance of the whole module per key"),
        Field::setting(
            "inputs",
            Type::Table(&Type::Any, ["key", "value"]),
            "values of the variables of the module",
        ),
        Field::setting(
            "depends_on",
            Type::List(&Type::Address),
            "explicit dependencies, in addition to those of references",
        ),
    ],
);

/// `[[moved]]`.
pub static MOVED: Object = Object::new(
    "moved",
    "Changes the address of a resource or module.",
    &[
        Field::setting("from", Type::Address, "the old address")
            .required()
            .written_out(),
        Field::setting("to", Type::Address, "the new address")
            .required()
            .written_out(),
    ],
);

/// `[[removed]]`.
pub static REMOVED: Object = Object::new(
    "removed",
    "Removes a resource or module from the state.",
    &[
        Field::setting(
            "from",
            Type::Address,
            "the address, which must no longer be declared",
        )
        .required()
        .written_out(),
        Field::setting(
            "destroy",
            Type::Bool,
            "whether to delete it; otherwise it stays in the cloud",
        )
        .default(Literal::Bool(false))
        .written_out(),
    ],
);

/// `[[import]]`.
pub static IMPORT: Object = Object::new(
    "import",
    "Imports an existing resource.",
    &[
        Field::setting("to", Type::Address, "the address to import it under")
            .required()
            .written_out(),
        Field::setting("id", Type::String, "the ID in the cloud").required(),
        Field::setting(
            "take_over",
            Type::Bool,
            "whether to import it even if its tag or label belongs to another state",
        )
        .default(Literal::Bool(false))
        .written_out(),
    ],
);
