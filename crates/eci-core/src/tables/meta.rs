//! The keys that every resource can have beside its attributes.

use crate::schema::{Field, Literal, Object, Type};

/// The keys that every resource can have beside its attributes. The first of them stands
/// before the attributes, the others after them.
pub static META: Object = Object::new(
    "resource",
    "What every resource can have beside its attributes.",
    &[
        Field::setting(
            "for_each",
            FOR_EACH,
            "one instance a key, read as `each.key` and `each.value`",
        ),
        Field::setting(
            "depends_on",
            Type::List(&Type::Address),
            "what must be there first, where no reference shows it",
        ),
        Field::setting(
            "timeouts",
            Type::Object(&TIMEOUTS),
            "how long an action may take",
        ),
        Field::setting(
            "lifecycle",
            Type::Object(&LIFECYCLE),
            "how the resource may change",
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
    "How long an action may take.",
    &[
        Field::setting("create", Type::Duration, "until it is there and ready"),
        Field::setting("update", Type::Duration, "until the change is done"),
        Field::setting("delete", Type::Duration, "until it is gone"),
    ],
);

/// `lifecycle`.
pub static LIFECYCLE: Object = Object::new(
    "lifecycle",
    "How a resource may change.",
    &[
        Field::setting(
            "prevent_destroy",
            Type::Bool,
            "whether a plan that deletes it is refused; the state remembers `true`, also without this key or the table, until `false` is applied or a `[[removed]]` says `destroy = true`",
        )
        .default(Literal::Bool(false)),
        Field::setting(
            "create_before_destroy",
            Type::Bool,
            "whether a replacement is made before the old one is deleted",
        )
        .default(Literal::Bool(false)),
        Field::setting(
            "ignore_changes",
            Type::Either(&[Type::Enum(&["all"]), Type::List(&Type::String)]),
            "attributes whose changes are left alone, such as `\"tags.owner\"`",
        ),
        Field::setting(
            "replace_triggered_by",
            Type::List(&Type::Address),
            "resources whose update or replacement replaces this one, as in Terraform; not their create, import or move. A replacement that fails or is left out stays pending",
        ),
    ],
);
