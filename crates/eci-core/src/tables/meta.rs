//! The keys that every resource can have beside its attributes.

use crate::schema::{Field, Literal, Object, Type};

/// The keys that every resource can have beside its attributes. The first of them stands
/// before the attributes, the others after them.
pub static META: Object = Object::new(
    "resource",
    "Meta-arguments, which every resource accepts.",
    &[
        Field::setting(
            "for_each",
            FOR_EACH,
            "one instance per key; `each.key` and `each.value` are its key and value",
        ),
        Field::setting(
            "depends_on",
            Type::List(&Type::Address),
            "explicit dependencies, in addition to those of references",
        ),
        Field::setting(
            "timeouts",
            Type::Object(&TIMEOUTS),
            "timeouts of the actions",
        ),
        Field::setting(
            "lifecycle",
            Type::Object(&LIFECYCLE),
            "how changes are applied",
        ),
    ],
);

/// A table, of which each key makes an instance, or a list of distinct strings.
pub(super) const FOR_EACH: Type = Type::Either(&[
    Type::Table(&Type::Any, ["key", "value"]),
    Type::List(&Type::String),
]);

/// `timeouts`.
pub static TIMEOUTS: Object = Object::new(
    "timeouts",
    "Timeouts of the actions on a resource, 10 minutes each by default.",
    &[
        Field::setting(
            "create",
            Type::Duration,
            "for a create, until the resource is ready",
        ),
        Field::setting("update", Type::Duration, "for an update"),
        Field::setting(
            "delete",
            Type::Duration,
            "for a delete, until the resource no longer exists",
        ),
    ],
);

/// `lifecycle`.
pub static LIFECYCLE: Object = Object::new(
    "lifecycle",
    "How changes of a resource are applied.",
    &[
        Field::setting(
            "prevent_destroy",
            Type::Bool,
            "whether to refuse every plan that deletes or replaces the resource; by default `true` for a managed disk. The state records it: removing this key or the whole table does not lift a protection, but applying `false` or a `[[removed]]` with `destroy = true` does. A disk is protected again once this key is removed",
        )
        .default(Literal::Bool(false)),
        Field::setting(
            "create_before_destroy",
            Type::Bool,
            "whether a replacement is created before the old resource is deleted",
        )
        .default(Literal::Bool(false)),
        Field::setting(
            "ignore_changes",
            Type::Either(&[Type::Enum(&["all"]), Type::List(&Type::String)]),
            "attributes whose changes are ignored, for example `\"tags.owner\"`",
        ),
        Field::setting(
            "replace_triggered_by",
            Type::List(&Type::Address),
            "resources whose update or replacement (but not create, import or move) replaces this one. A replacement that fails or is not selected by `--target` stays planned",
        ),
    ],
);
