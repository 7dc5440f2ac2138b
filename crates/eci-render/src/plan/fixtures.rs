//! Plans to draw in tests.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;

use eci_config::Outline;
use eci_core::diagnostic::{Source, Span};
use eci_core::schema::Change;
use eci_core::{Address, Diagnostics, DigestKey, Kind, Lineage, Map, Path, Serial, Value};
use eci_executor::Cost;
use eci_planner::diff::AttributeChange;
use eci_planner::{Action, Drift, OutputChange, Plan, PlanParts, PlannerOptions, Reason, Step};
use eci_state::ResourceState;
use jiff::Timestamp;

pub(crate) const MANIFEST: &str = "[eip.web]\nauto = true\n\n[volume.conf]\ntype = \"ConfigFileVolume\"\n\n[container_group.web]\n";
const OLD: &str =
    "server {\n    listen 80;\n    root /srv;\n    index index.html;\n    # 首页\n}\n";
const NEW: &str =
    "server {\n    listen 8080;\n    root /srv;\n    index index.html;\n    # 首页\n}\n";

pub(crate) fn map<const N: usize>(entries: [(&str, Value); N]) -> Map {
    let entries = entries.into_iter();
    entries.map(|(key, value)| (key.into(), value)).collect()
}

/// Returns the document of a plan without manifests.
pub(crate) fn document(plan: &Plan) -> serde_json::Value {
    document_with(plan, None)
}

/// Returns the document of a plan without manifests, with its cost.
pub(crate) fn document_with(plan: &Plan, cost: Option<&Cost>) -> serde_json::Value {
    super::json(super::DocumentSource {
        plan,
        created: Timestamp::UNIX_EPOCH,
        outline: &Outline::default(),
        key: Some(&DigestKey::new([7; 32])),
        cost,
    })
}

pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    assembled(parts(steps))
}

pub(crate) fn assembled(parts: PlanParts) -> Plan {
    Plan::assemble(parts).unwrap()
}

pub(crate) fn parts(steps: Vec<Step>) -> PlanParts {
    PlanParts {
        lineage: Lineage::new("lineage"),
        serial: Serial(3),
        revision: Default::default(),
        pending: Default::default(),
        awaited: Default::default(),
        digest: "digest".to_owned(),
        options: PlannerOptions::default(),
        steps,
        tasks: Vec::new(),
        drift: Vec::new(),
        refreshed: Vec::new(),
        outputs: Vec::new(),
        variables: BTreeMap::new(),
        moves: BTreeMap::new(),
        protections: Vec::new(),
        dependencies: BTreeMap::new(),
        triggers: BTreeMap::new(),
        partial: None,
        warnings: Diagnostics::default(),
    }
}

pub(crate) fn step(kind: Kind, label: &str, action: Action, reason: Option<Reason>) -> Step {
    let source = Arc::new(Source::new("web.eci.toml", MANIFEST));
    let at = MANIFEST.find(&format!("[{kind}.{label}]"));
    Step {
        address: Address::new(kind, label),
        action,
        reason,
        place: at.map(|at| Span::new(&source, at..at + 3)),
        id: None,
        state: None,
        desired: None,
        planned: None,
        changes: Vec::new(),
        dependencies: Vec::new(),
        create_before_destroy: false,
        transfers_eip: false,
        detaches: Vec::new(),
        moved_from: None,
        import: None,
        pending: None,
        resends: false,
        resource: None,
    }
}

fn change(path: Path, before: impl Into<Value>, after: impl Into<Value>) -> AttributeChange {
    AttributeChange {
        path,
        before: before.into(),
        after: after.into(),
        change: Change::InPlace,
    }
}

fn replacing(change: AttributeChange) -> AttributeChange {
    AttributeChange {
        change: Change::Replace,
        ..change
    }
}

fn volume(content: &str) -> Map {
    let file = Value::from([("path", "default.conf"), ("content", content)]);
    map([
        ("name", Value::from("conf")),
        ("type", Value::from("ConfigFileVolume")),
        ("files", Value::list(vec![file])),
    ])
}

fn eip() -> Map {
    map([("auto", Value::from(true)), ("bandwidth", Value::from(5))])
}

fn group(volume_content: &str) -> Map {
    let mount = Value::from([
        ("mount_path", Value::from("/etc/nginx/conf.d")),
        ("read_only", Value::from(true)),
        ("volume", Value::from("conf")),
    ]);
    let container = Value::from([
        ("name", Value::from("nginx")),
        ("image", Value::from("nginx:1.27")),
        ("cpu", Value::from(1)),
        ("memory", Value::from(2)),
        (
            "env",
            Value::from([
                ("LOG_LEVEL", Value::from("info")),
                ("PASSWORD", Value::from("hunter2").into_sensitive()),
            ]),
        ),
        ("volume_mounts", Value::list(vec![mount])),
    ]);
    map([
        ("name", Value::from("web")),
        ("vpc_id", Value::from("vpc-ctt6yag121")),
        ("restart_policy", Value::from("Always")),
        ("tags", Value::from([("app", "web"), ("备注", "演示")])),
        ("eip", Value::map(eip())),
        (
            "volumes",
            Value::list(vec![Value::map(volume(volume_content))]),
        ),
        ("containers", Value::list(vec![container])),
    ])
}

fn planned(desired: &Map) -> Map {
    let mut planned = desired.clone();
    for name in ["id", "status", "intranet_ip", "internet_ip"] {
        planned.insert(name.into(), Value::Unknown);
    }
    planned
}

/// Creates a first plan: everything is new.
pub(crate) fn creates() -> Plan {
    let new = Some(Reason::New);
    let desired = group(NEW);
    let mut parts = parts(vec![
        Step {
            desired: Some(eip().into()),
            planned: Some(eip().into()),
            ..step(Kind::Eip, "web", Action::Create, new.clone())
        },
        Step {
            desired: Some(volume(NEW).into()),
            planned: Some(volume(NEW).into()),
            ..step(Kind::Volume, "conf", Action::Create, new.clone())
        },
        Step {
            planned: Some(planned(&desired).into()),
            desired: Some(desired.into()),
            dependencies: vec![
                Address::new(Kind::Eip, "web"),
                Address::new(Kind::Volume, "conf"),
            ],
            ..step(Kind::ContainerGroup, "web", Action::Create, new)
        },
    ]);
    parts.variables = BTreeMap::from([
        ("image".into(), Value::from("nginx:1.27")),
        ("password".into(), Value::from("hunter2").into_sensitive()),
    ]);
    parts.outputs = vec![
        output("address", Value::Null, Value::Unknown, false),
        output("token", Value::Null, Value::from("hunter2"), true),
    ];
    assembled(parts)
}

pub(crate) fn output(name: &str, before: Value, after: Value, sensitive: bool) -> OutputChange {
    OutputChange {
        name: name.to_owned(),
        changed: before != after,
        before,
        after,
        sensitive,
        failed: false,
        output: None,
    }
}

fn state(id: &str, applied: Map) -> Arc<ResourceState> {
    let observed = map([("id", Value::from(id)), ("status", Value::from("Running"))]);
    Arc::new(ResourceState {
        id: Some(id.to_owned()),
        applied: applied.into(),
        observed: observed.into(),
        dependencies: vec![Address::new(Kind::Volume, "conf")],
        ..ResourceState::default()
    })
}

/// Returns the changes of a group whose volume has its own step.
fn group_changes() -> Vec<AttributeChange> {
    let root = Path::root();
    let nginx = root.name("containers").key("nginx");
    let content = |map: &Path| map.name("files").key("default.conf").name("content");
    let sidecar = Value::from([
        ("name", Value::from("sidecar")),
        (
            "image",
            Value::from("registry.example/team/sidecar:2026-11"),
        ),
        (
            "command",
            Value::list(vec![Value::from("/bin/run"), Value::from("--all")]),
        ),
    ]);
    vec![
        change(root.name("tags").name("备注"), "演示", "生产环境"),
        change(root.name("tags").name("old"), "x", Value::Null),
        change(nginx.name("image"), "nginx:1.27", "nginx:1.28"),
        change(
            nginx.name("env").name("PASSWORD"),
            Value::Digest("hmac-sha256:abc".into()),
            Value::Digest("hmac-sha256:def".into()),
        ),
        change(
            nginx.name("working_dir"),
            "/srv/www/a-rather-long-directory-name/that-does-not-fit",
            "/srv/www/another-rather-long-directory-name/that-does-not-fit",
        ),
        change(content(&root.name("volumes").key("conf")), OLD, NEW),
        change(
            root.name("volumes").key("data"),
            Value::Null,
            Value::from([("name", "data"), ("type", "EmptyDirVolume")]),
        ),
        change(root.name("containers").key("sidecar"), Value::Null, sidecar),
    ]
}

/// Creates a plan with every action, drift and outputs.
pub(crate) fn changes() -> Plan {
    let root = Path::root();
    let content = root.name("files").key("default.conf").name("content");
    let conf = Address::new(Kind::Volume, "conf");
    let attributes = vec![root.name("security_group_id")];
    let mut parts = parts(vec![
        Step {
            state: Some(state("v", volume(OLD))),
            desired: Some(volume(NEW).into()),
            planned: Some(volume(NEW).into()),
            changes: vec![change(content, OLD, NEW)],
            ..step(Kind::Volume, "conf", Action::Update, Some(Reason::Changed))
        },
        Step {
            id: Some("eci-1".into()),
            state: Some(state("eci-1", group(OLD))),
            desired: Some(group(NEW).into()),
            planned: Some(group(NEW).into()),
            dependencies: vec![conf],
            changes: group_changes(),
            ..step(
                Kind::ContainerGroup,
                "web",
                Action::Update,
                Some(Reason::Changed),
            )
        },
        Step {
            id: Some("eci-2".into()),
            state: Some(state("eci-2", group(OLD))),
            desired: Some(group(OLD).into()),
            planned: Some(planned(&group(OLD)).into()),
            changes: vec![
                replacing(change(root.name("security_group_id"), "sg-1", "sg-2")),
                change(root.name("restart_policy"), "Always", Value::Unknown),
            ],
            ..step(
                Kind::ContainerGroup,
                "api",
                Action::Replace,
                Some(Reason::CannotChange { attributes }),
            )
        },
        step(Kind::Eip, "web", Action::NoOp, None),
        Step {
            id: Some("eci-3".into()),
            state: Some(state("eci-3", group(OLD))),
            ..step(
                Kind::ContainerGroup,
                "old",
                Action::Delete,
                Some(Reason::NoConfiguration),
            )
        },
    ]);
    parts.drift = vec![
        Drift {
            address: Address::new(Kind::ContainerGroup, "api"),
            is_missing: false,
            changes: vec![change(root.name("tags").name("owner"), "a", "b")],
            ignored: Vec::new(),
        },
        Drift {
            address: Address::new(Kind::ContainerGroup, "lost"),
            is_missing: true,
            changes: Vec::new(),
            ignored: Vec::new(),
        },
    ];
    parts.outputs = vec![
        output("address", Value::from("198.18.0.1"), Value::Unknown, false),
        output("gone", Value::from(1), Value::Null, false),
        output("same", Value::from(1), Value::from(1), false),
    ];
    assembled(parts)
}

/// Creates a plan that imports, moves and forgets resources, with a replacement that is created
/// first.
pub(crate) fn adoptions() -> Plan {
    let root = Path::root();
    let group = |label, action, reason| Step {
        id: Some(format!("eci-{label}")),
        state: Some(state(&format!("eci-{label}"), group(OLD))),
        desired: Some(group(OLD).into()),
        planned: Some(group(OLD).into()),
        ..step(Kind::ContainerGroup, label, action, reason)
    };
    let attributes = vec![root.name("vpc_id")];
    plan(vec![
        Step {
            desired: Some(volume(OLD).into()),
            planned: Some(volume(OLD).into()),
            ..step(Kind::Volume, "conf", Action::Import, Some(Reason::Imported))
        },
        Step {
            import: Some("eci-web".to_owned()),
            ..group("web", Action::Import, Some(Reason::Imported))
        },
        Step {
            import: Some("eci-api".to_owned()),
            changes: vec![change(root.name("tags").name("app"), "a", "b")],
            ..group("api", Action::Update, Some(Reason::Changed))
        },
        Step {
            moved_from: Some(Address::new(Kind::ContainerGroup, "old")),
            ..group("new", Action::Move, Some(Reason::Moved))
        },
        Step {
            moved_from: Some(Address::new(Kind::ContainerGroup, "job")),
            changes: vec![change(root.name("tags").name("app"), "a", "b")],
            ..group("batch", Action::Update, Some(Reason::Changed))
        },
        Step {
            create_before_destroy: true,
            planned: Some(planned(&group_map()).into()),
            changes: vec![replacing(change(root.name("vpc_id"), "vpc-1", "vpc-2"))],
            ..group(
                "front",
                Action::Replace,
                Some(Reason::CannotChange { attributes }),
            )
        },
        Step {
            desired: None,
            planned: None,
            ..group("kept", Action::Forget, Some(Reason::Removed))
        },
        Step {
            desired: None,
            planned: None,
            ..group("lost", Action::Forget, Some(Reason::Missing))
        },
    ])
}

fn group_map() -> Map {
    group(OLD)
}
