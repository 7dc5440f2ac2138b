//! What stands around resources: variables, outputs, modules, changes of addresses.

use super::meta::FOR_EACH;
use crate::schema::{Field, Literal, Object, Type};

/// `[variable.NAME]`.
pub static VARIABLE: Object = Object::new(
    "variable",
    "A value from outside, read as `var.NAME`.",
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
            "its value where none is given; without it one must be given",
        ),
        Field::setting("description", Type::String, "what it is for"),
        Field::setting("sensitive", Type::Bool, "whether it is a secret")
            .default(Literal::Bool(false)),
        Field::setting("nullable", Type::Bool, "whether it may be null")
            .default(Literal::Bool(true)),
        Field::setting(
            "validation",
            Type::Objects(&VALIDATION, &[]),
            "rules that its value must keep",
        ),
    ],
);

/// `[[variable.NAME.validation]]`.
pub static VALIDATION: Object = Object::new(
    "validation",
    "A rule that the value of a variable must keep.",
    &[
        Field::setting("condition", Type::Bool, "an expression that must be true").required(),
        Field::setting(
            "error_message",
            Type::String,
            "what is said where it is not",
        ),
    ],
);

/// `[output.NAME]`.
pub static OUTPUT: Object = Object::new(
    "output",
    "A value for people and programs outside.",
    &[
        Field::setting("value", Type::Any, "the value").required(),
        Field::setting("description", Type::String, "what it is about"),
        Field::setting("sensitive", Type::Bool, "whether it is never shown")
            .default(Literal::Bool(false)),
    ],
);

/// `[module.NAME]`.
pub static MODULE: Object = Object::new(
    "module",
    "The resources of another directory; its outputs are read as `module.NAME.OUTPUT`.",
    &[
        Field::setting(
            "source",
            Type::String,
            "the directory of its manifests, such as `\"../modules/web\"`",
        )
        .required()
        .written_out(),
        Field::setting("for_each", FOR_EACH, "one instance of all of it a key"),
        Field::setting(
            "inputs",
            Type::Table(&Type::Any, ["key", "value"]),
            "the values of its variables",
        ),
        Field::setting(
            "depends_on",
            Type::List(&Type::Address),
            "what must be there first, where no reference shows it",
        ),
    ],
);

/// `[[moved]]`.
pub static MOVED: Object = Object::new(
    "moved",
    "A resource or a module that goes by another address from now on.",
    &[
        Field::setting("from", Type::Address, "the address before")
            .required()
            .written_out(),
        Field::setting("to", Type::Address, "the address from now on")
            .required()
            .written_out(),
    ],
);

/// `[[removed]]`.
pub static REMOVED: Object = Object::new(
    "removed",
    "A resource or a module that is let go.",
    &[
        Field::setting("from", Type::Address, "the address that was in a manifest")
            .required()
            .written_out(),
        Field::setting(
            "destroy",
            Type::Bool,
            "whether it is deleted; otherwise the cloud keeps it",
        )
        .default(Literal::Bool(false))
        .written_out(),
    ],
);

/// `[[import]]`.
pub static IMPORT: Object = Object::new(
    "import",
    "A resource that is there already and is taken over.",
    &[
        Field::setting("to", Type::Address, "the address that it gets")
            .required()
            .written_out(),
        Field::setting("id", Type::String, "what the cloud calls it").required(),
        Field::setting(
            "take_over",
            Type::Bool,
            "whether it may be of another state, as whose its tag or label marks it",
        )
        .default(Literal::Bool(false))
        .written_out(),
    ],
);
