//! The meta-arguments of resources.

use crate::schema::{Field, Literal, Object, Type, doc};

/// The keys that every resource can have in addition to its attributes.
///
/// The first of them comes before the attributes, the others after them.
pub static META: Object = Object::new(
    "resource",
    doc(
        "Meta-arguments, which every resource accepts.",
        "元参数，适用于所有资源。",
    ),
    &[
        Field::setting(
            "for_each",
            FOR_EACH,
            doc(
                "one instance per key; `each.key` and `each.value` are its key and value",
                "每个键对应一个实例；`each.key` 和 `each.value` 为该实例的键和值",
            ),
        ),
        Field::setting(
            "depends_on",
            Type::List(&Type::Address),
            doc(
                "explicit dependencies, in addition to those of references",
                "显式依赖，在引用产生的依赖之外",
            ),
        ),
        Field::setting(
            "timeouts",
            Type::Object(&TIMEOUTS),
            doc("timeouts of the actions", "各操作的超时时间"),
        ),
        Field::setting(
            "lifecycle",
            Type::Object(&LIFECYCLE),
            doc("how changes are applied", "变更的应用方式"),
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
    doc(
        "Timeouts of the actions on a resource, 10 minutes each by default.",
        "资源各操作的超时时间，默认均为 10 分钟。",
    ),
    &[
        Field::setting(
            "create",
            Type::Duration,
            doc(
                "for a create, until the resource is ready",
                "创建的超时时间，直到资源就绪",
            ),
        ),
        Field::setting(
            "update",
            Type::Duration,
            doc("for an update", "更新的超时时间"),
        ),
        Field::setting(
            "delete",
            Type::Duration,
            doc(
                "for a delete, until the resource no longer exists",
                "删除的超时时间，直到资源不再存在",
            ),
        ),
    ],
);

/// `lifecycle`.
pub static LIFECYCLE: Object = Object::new(
    "lifecycle",
    doc("How changes of a resource are applied.", "资源变更的应用方式。"),
    &[
        Field::setting(
            "prevent_destroy",
            Type::Bool,
            doc(
                "whether to refuse every plan that deletes or replaces the resource; by default `true` for a managed disk. The state records it: removing this key or the whole table does not lift a protection, but applying `false` or a `[[removed]]` with `destroy = true` does. A disk is protected again once this key is removed",
                "是否拒绝删除或替换该资源的计划；托管的云硬盘默认为 `true`。状态会记录此设置：删除该键或整个表不会解除保护，应用 `false` 或设置了 `destroy = true` 的 `[[removed]]` 才会解除。删除该键后，云硬盘重新受到保护",
            ),
        )
        .default(Literal::Bool(false)),
        Field::setting(
            "create_before_destroy",
            Type::Bool,
            doc(
                "whether the new resource is created before the old one is deleted",
                "是否先创建新资源，再删除旧资源",
            ),
        )
        .default(Literal::Bool(false)),
        Field::setting(
            "ignore_changes",
            Type::Either(&[Type::Enum(&["all"]), Type::List(&Type::String)]),
            doc(
                "attributes whose changes are ignored, for example `\"tags.owner\"`",
                "忽略变更的属性，例如 `\"tags.owner\"`",
            ),
        ),
        Field::setting(
            "replace_triggered_by",
            Type::List(&Type::Address),
            doc(
                "resources whose update or replacement (but not create, import or move) replaces this one. A replacement that fails or is not selected by `--target` stays planned",
                "更新或替换时会触发替换的其他资源（创建、导入或移动不会触发）。失败的替换或 `--target` 未选中的替换仍保留在计划中",
            ),
        ),
    ],
);
