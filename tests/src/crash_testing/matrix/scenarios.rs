//! The work that is interrupted.

use crate::REGION;

/// One step: the manifests, and the command that applies them.
#[derive(Clone, Debug)]
pub struct Step {
    /// Paths and texts. `<id:NAME>` in a text is replaced by the ID of the group of that name.
    pub(super) files: Vec<(&'static str, String)>,
    /// The command and its arguments.
    pub(super) command: Vec<&'static str>,
}

/// Work that is interrupted, and what comes before it.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// The steps before, without interruption.
    pub(super) setup: Vec<Step>,
    /// The interrupted step.
    pub(super) change: Step,
    /// The step that finishes it, where that is a different one.
    pub(super) finish: Option<Step>,
}

const APPLY: &[&str] = &["apply", "--auto-approve"];
const DESTROY: &[&str] = &["destroy", "--auto-approve"];

fn step(command: &[&'static str], main: &str) -> Step {
    let text = format!("[provider]\nregion_id = \"{REGION}\"\n{main}");
    Step {
        files: vec![("main.eci.toml", text)],
        command: command.to_vec(),
    }
}

impl Step {
    fn with(mut self, path: &'static str, text: &str) -> Step {
        self.files.push((path, text.to_owned()));
        self
    }
}

fn scenario(name: &'static str, setup: Vec<Step>, change: Step) -> Scenario {
    Scenario {
        name,
        setup,
        change,
        finish: None,
    }
}

/// Returns a group without dependencies; `more` is further keys of it.
fn group(label: &str, image: u8, subnet: u8, more: &str) -> String {
    container(label, Version { image, subnet }, more, "")
}

/// The version of the image of a group, and the number of its subnet.
#[derive(Clone, Copy)]
struct Version {
    image: u8,
    subnet: u8,
}

/// The version that groups have in most scenarios.
const FIRST: Version = Version {
    image: 1,
    subnet: 1,
};

/// Returns a group with further keys of its container.
fn container(label: &str, version: Version, more: &str, inside: &str) -> String {
    let Version { image, subnet } = version;
    format!(
        "\n[container_group.{label}]\n{}{more}\n\
         containers = [{{ name = \"main\", image = \"app:{image}\"{inside} }}]\n",
        place(subnet)
    )
}

fn place(subnet: u8) -> String {
    format!(
        "vpc_id = \"vpc-1\"\nvswitch_id = \"subnet-{subnet}\"\nsecurity_group_id = \"sg-1\"\n\
         az_name = \"az1\"\n"
    )
}

fn eip(label: &str, name: &str, bandwidth: u8, line: &str) -> String {
    format!("\n[eip.{label}]\nname = \"{name}\"\nbandwidth = {bandwidth}\nline_type = \"{line}\"\n")
}

fn disk(label: &str, name: &str, size: u8, kind: &str) -> String {
    format!(
        "\n[volume.{label}]\ntype = \"DiskVolume\"\nfs_type = \"ext4\"\n\
         disk = {{ size = {size}, kind = \"{kind}\", name = \"{name}\" }}\n\
         lifecycle = {{ prevent_destroy = false }}\n"
    )
}

fn released(label: &str) -> String {
    format!("\n[[removed]]\nfrom = \"volume.{label}\"\ndestroy = true\n")
}

const SECRET: &str = "\n[variable.word]\ntype = \"string\"\nsensitive = true\ndefault = \"one\"\n";

const MOUNTS_DATA: &str = ", volume_mounts = [{ volume = \"data\", mount_path = \"/data\" }]";

const DEPENDS_ON_DB: &str = ", env = { DB = '${container_group.db.intranet_ip}' }";

const CREATE_FIRST: &str = "lifecycle = { create_before_destroy = true }";

/// Some of everything.
fn everything() -> String {
    [
        SECRET.to_owned(),
        eip("front", "front-1", 5, "163"),
        disk("data", "data-1", 20, "SATA"),
        group("db", 1, 1, "tags = { owner = \"a\" }"),
        container("web", FIRST, "eip = \"front\"", DEPENDS_ON_DB),
        container("store", FIRST, "", MOUNTS_DATA),
        container("job", FIRST, "", ", env = { WORD = '${var.word}' }"),
        "\n[output.db]\nvalue = '${container_group.db.intranet_ip}'\n\
         \n[output.front]\nvalue = '${eip.front.address}'\n"
            .to_owned(),
    ]
    .concat()
}

/// Returns the twelve scenarios.
pub fn all() -> Vec<Scenario> {
    vec![
        creates(),
        updates(),
        replaced_before_the_new(),
        replaced_after_the_new(),
        deletes(),
        a_disk_of_another_kind(),
        eips_of_other_holders(),
        moves(),
        imports(),
        modules(),
        a_target(),
        a_destroy(),
    ]
}

fn creates() -> Scenario {
    scenario("creates", Vec::new(), step(APPLY, &everything()))
}

fn updates() -> Scenario {
    let after = everything()
        .replace("app:1", "app:2")
        .replace("\"one\"", "\"two\"")
        .replace("front-1", "front-2")
        .replace("bandwidth = 5", "bandwidth = 8")
        .replace("size = 20", "size = 30")
        .replace("data-1", "data-2")
        .replace("owner = \"a\"", "owner = \"b\", more = \"c\"");
    let before = vec![step(APPLY, &everything())];
    scenario("updates", before, step(APPLY, &after))
}

fn replaced_before_the_new() -> Scenario {
    let triggered = "lifecycle = { replace_triggered_by = [\"container_group.db\"] }";
    let main = |subnet| {
        [
            group("db", 1, subnet, ""),
            container("web", FIRST, triggered, DEPENDS_ON_DB),
            container("api", FIRST, "", DEPENDS_ON_DB),
        ]
        .concat()
    };
    let before = vec![step(APPLY, &main(1))];
    scenario("replacements, the old first", before, step(APPLY, &main(2)))
}

fn replaced_after_the_new() -> Scenario {
    let main = |subnet| {
        let keys = format!("eip = \"front\"\n{CREATE_FIRST}");
        [
            eip("front", "front-1", 5, "163"),
            group("db", 1, subnet, CREATE_FIRST),
            container("web", Version { image: 1, subnet }, &keys, DEPENDS_ON_DB),
        ]
        .concat()
    };
    let before = vec![step(APPLY, &main(1))];
    scenario("replacements, the new first", before, step(APPLY, &main(2)))
}

fn deletes() -> Scenario {
    let after = [
        SECRET.to_owned(),
        released("data"),
        group("db", 1, 1, "tags = { owner = \"a\" }"),
        "\n[output.db]\nvalue = '${container_group.db.intranet_ip}'\n".to_owned(),
    ]
    .concat();
    let before = vec![step(APPLY, &everything())];
    scenario("deletes", before, step(APPLY, &after))
}

fn a_disk_of_another_kind() -> Scenario {
    let main = |kind| {
        [
            disk("data", "data-1", 20, kind),
            container("store", FIRST, "", MOUNTS_DATA),
        ]
        .concat()
    };
    let before = vec![step(APPLY, &main("SATA"))];
    scenario("a disk of another kind", before, step(APPLY, &main("SSD")))
}

fn eips_of_other_holders() -> Scenario {
    let main = |line, (one, other): (&str, &str), image| {
        [
            eip("front", "front-1", 5, line),
            eip("back", "back-1", 5, "163"),
            group("web", image, 1, one),
            group("api", image, 1, other),
            group("job", image, 1, &format!("eip = \"front\"\n{CREATE_FIRST}")),
        ]
        .concat()
    };
    let (has, none) = ("eip = \"back\"", "");
    let before = vec![step(APPLY, &main("163", (has, none), 1))];
    let after = step(APPLY, &main("bgp", (none, has), 2));
    scenario("EIPs of other lines and holders", before, after)
}

fn moves() -> Scenario {
    let side = |image| group("inner", image, 1, "name = \"two\"");
    let before = [
        group("one", 1, 1, "name = \"one\""),
        group("two", 1, 1, "name = \"two\""),
        container(
            "web",
            FIRST,
            "",
            ", env = { ONE = '${container_group.one.intranet_ip}' }",
        ),
    ]
    .concat();
    let after = [
        group("uno", 2, 1, "name = \"one\""),
        "\n[module.side]\nsource = \"./side\"\n".to_owned(),
        container(
            "web",
            FIRST,
            "",
            ", env = { ONE = '${container_group.uno.intranet_ip}' }",
        ),
        "\n[[moved]]\nfrom = \"container_group.one\"\nto = \"container_group.uno\"\n\
         \n[[moved]]\nfrom = \"container_group.two\"\n\
         to = \"module.side.container_group.inner\"\n"
            .to_owned(),
    ]
    .concat();
    let after = step(APPLY, &after).with("side/main.eci.toml", &side(2));
    scenario("moves", vec![step(APPLY, &before)], after)
}

fn imports() -> Scenario {
    let both = |image| {
        let web = group("web", image, 1, "");
        [group("db", 1, 1, ""), web].concat()
    };
    let forget = step(&["state", "rm", "container_group.web"], &both(1));
    let import = "\n[[import]]\nto = \"container_group.web\"\nid = \"<id:web>\"\n";
    let after = [both(2), group("api", 1, 1, ""), import.to_owned()].concat();
    let before = vec![step(APPLY, &both(1)), forget];
    scenario("imports", before, step(APPLY, &after))
}

fn modules() -> Scenario {
    let side = format!(
        "[variable.key]\ntype = \"string\"\n\n[variable.image]\ntype = \"number\"\n\
         \n[container_group.main]\nname = 'side-${{var.key}}'\n{}\
         containers = [{{ name = \"main\", image = 'app:${{var.image}}' }}]\n\
         \n[output.address]\nvalue = '${{container_group.main.intranet_ip}}'\n",
        place(1)
    );
    let main = |keys: &str, image: u8| {
        let first = &keys[..3];
        format!(
            "\n[module.side]\nsource = \"./side\"\nfor_each = [{keys}]\n\
             inputs = {{ key = '${{each.key}}', image = {image} }}\n\
             \n[output.address]\nvalue = '${{module.side[{first}].address}}'\n\
             \n[output.keys]\nvalue = '${{join(\",\", keys(module.side))}}'\n"
        )
    };
    let step = |keys, image| step(APPLY, &main(keys, image)).with("side/main.eci.toml", &side);
    let before = vec![step("\"a\", \"b\"", 1)];
    scenario("modules and outputs", before, step("\"b\", \"c\"", 2))
}

fn a_target() -> Scenario {
    let all = everything();
    let target = &["apply", "--auto-approve", "--target", "container_group.web"];
    let after = all.replace("app:1", "app:2");
    Scenario {
        finish: Some(step(APPLY, &after)),
        ..scenario("a target", vec![step(APPLY, &all)], step(target, &after))
    }
}

fn a_destroy() -> Scenario {
    let before = vec![step(APPLY, &everything())];
    scenario("a destroy", before, step(DESTROY, &everything()))
}
