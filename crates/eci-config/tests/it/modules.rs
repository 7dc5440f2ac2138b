//! Modules: directories that others call.

use eci_config::{Configuration, EmptyScope, Scope, Variables};
use eci_core::{Address, Map, Value};

use crate::directory::{Directory, KnownResources, NETWORK, group, lines};

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// Returns the references of a resource.
fn references_of(configuration: &Configuration, of: &str) -> Vec<String> {
    let resource = configuration.resource(&address(of)).unwrap();
    let references = resource.references.iter();
    references.map(ToString::to_string).collect()
}

/// A module with one group, whose image is an input.
fn web() -> String {
    let keys = "tags = { site = '${var.site}' }\n";
    format!(
        "[variable.site]\ntype = \"string\"\n{}\
         [output.ip]\nvalue = '${{container_group.web.intranet_ip}}'\n\
         [output.site]\nvalue = '${{var.site}}'\n",
        group("web", keys)
    )
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[test]
fn a_module_is_called_once_a_key_and_read_once() {
    let directory = Directory::with(&[
        (
            "main.eci.toml",
            "[module.edge]\nsource = \"./modules/web\"\n\
             for_each = { a = \"one\", B_2 = \"two\" }\n\
             inputs = { site = '${each.value}' }\n\
             [output.sites]\nvalue = '${[for key, edge in module.edge : \"${key}=${edge.site}\"]}'\n\
             [output.one]\nvalue = '${module.edge[\"a\"].site}'\n",
        ),
        ("modules/web/web.eci.toml", &web()),
    ]);
    let configuration = directory.load().unwrap_or_else(|error| panic!("{error}"));
    let all: Vec<String> = configuration
        .resources
        .iter()
        .map(|it| it.address.to_string())
        .collect();
    assert_eq!(
        all,
        [
            "module.edge[\"B_2\"].container_group.web",
            "module.edge[\"a\"].container_group.web"
        ]
    );
    let known = KnownResources::all_of(&configuration);
    let group = known.get("module.edge[\"B_2\"].container_group.web");
    assert_eq!(text(group.get("name")), "edge-b-2-8efd426e-web");
    assert_eq!(text(group[&"tags".into()].get("site")), "two");
    let output = |at: usize| configuration.outputs[at].evaluate(&EmptyScope).unwrap();
    assert_eq!(
        output(0),
        Value::list(vec![Value::from("B_2=two"), Value::from("a=one")])
    );
    assert_eq!(output(1), Value::from("one"));
    let sources: Vec<&str> = configuration.sources.iter().map(|it| &*it.name).collect();
    assert_eq!(sources, ["main.eci.toml", "modules/web/web.eci.toml"]);
    let places: Vec<String> = configuration
        .modules
        .iter()
        .map(|module| module.place.to_string())
        .collect();
    assert_eq!(places, ["main.eci.toml:1", "main.eci.toml:1"]);
}

#[test]
fn the_edges_go_through_inputs_and_outputs_to_the_very_resources() {
    let front = group("front", "host_name = '${module.two.ip}'\n");
    let main = format!(
        "{front}{}\
         [module.one]\nsource = \"web\"\ninputs = {{ site = \"s\" }}\n\
         [module.two]\nsource = \"web\"\ninputs = {{ site = '${{local.ip}}' }}\n\
         [locals]\nip = '${{module.one.ip}}'\n\
         [output.site]\nvalue = '${{module.one.site}}'\n",
        group("beside", "")
    );
    let other = group("other", "");
    let directory = Directory::with(&[
        ("main.eci.toml", &main),
        ("web/web.eci.toml", &(web() + &other)),
    ]);
    let configuration = directory.load().unwrap_or_else(|error| panic!("{error}"));
    let references = |of| references_of(&configuration, of);
    assert_eq!(
        references("container_group.front"),
        ["module.two.container_group.web"]
    );
    assert_eq!(
        references("module.two.container_group.web"),
        ["module.one.container_group.web"]
    );
    assert!(references("module.one.container_group.web").is_empty());
    assert!(references("module.two.container_group.other").is_empty());
    assert!(configuration.outputs[0].references.is_empty());

    // What is unknown goes through, and becomes known.
    let two = configuration
        .resource(&address("module.two.container_group.web"))
        .unwrap();
    let site = |scope: &dyn Scope| {
        two.evaluate(scope).unwrap()[&"tags".into()]
            .get("site")
            .cloned()
    };
    assert_eq!(site(&EmptyScope), Some(Value::Unknown));
    let mut known = KnownResources::default();
    let ip = Map::from_iter([("intranet_ip".into(), Value::from("10.0.0.7"))]);
    let one = address("module.one.container_group.web");
    known.0.insert(one, Value::map(ip));
    assert_eq!(site(&known), Some(Value::from("10.0.0.7")));
}

#[test]
fn a_module_waits_as_a_whole_for_what_it_depends_on() {
    let main = format!(
        "{}[module.m]\nsource = \"m\"\ndepends_on = [\"container_group.base\"]\n{}",
        group("base", ""),
        group("late", "depends_on = [\"module.m\"]\n")
    );
    let m = format!("{}[module.n]\nsource = \"n\"\n", group("web", ""));
    let directory = Directory::with(&[
        ("main.eci.toml", &main),
        ("m/m.eci.toml", &m),
        ("m/n/n.eci.toml", &group("deep", "")),
    ]);
    let configuration = directory.load().unwrap_or_else(|error| panic!("{error}"));
    let references = |of| references_of(&configuration, of);
    let base = ["container_group.base"];
    assert_eq!(references("module.m.container_group.web"), base);
    assert_eq!(references("module.m.module.n.container_group.deep"), base);
    assert_eq!(
        references("container_group.late"),
        [
            "module.m.container_group.web",
            "module.m.module.n.container_group.deep"
        ]
    );
}

#[test]
fn labels_of_other_modules_are_passed_as_ids() {
    let main = "[eip.front]\nauto = true\n\
         [volume.conf]\ntype = \"EmptyDirVolume\"\n\
         [module.store]\nsource = \"store\"\n\
         [module.m]\nsource = \"m\"\n\
         inputs = { eip = '${eip.front.id}', volumes = ['${volume.conf.name}', '${module.store.data}'] }\n";
    let m = format!(
        "[variable.eip]\n[variable.volumes]\n[volume.conf]\ntype = \"EmptyDirVolume\"\n\
         [container_group.web]{NETWORK}eip = '${{var.eip}}'\nvolumes = '${{var.volumes}}'\n\
         [[container_group.web.containers]]\nname = \"main\"\nimage = \"nginx:1.27\"\n\
         volume_mounts = [{{ volume = '${{var.volumes[1]}}', mount_path = \"/data\" }},\
         {{ volume = \"conf\", mount_path = \"/conf\" }}]\n"
    );
    let directory = Directory::with(&[
        ("main.eci.toml", main),
        ("m/m.eci.toml", &m),
        (
            "store/s.eci.toml",
            "[volume.data]\ntype = \"EmptyDirVolume\"\n\
             [output.data]\nvalue = '${volume.data.id}'\n",
        ),
    ]);
    let configuration = directory.load().unwrap_or_else(|error| panic!("{error}"));
    let group = configuration
        .resource(&address("module.m.container_group.web"))
        .unwrap();
    let links: Vec<String> = group.links.iter().map(ToString::to_string).collect();
    assert_eq!(
        links,
        [
            "eip.front",
            "volume.conf",
            "module.m.volume.conf",
            "module.store.volume.data"
        ]
    );
    let mut known = KnownResources::default();
    for resource in &configuration.resources {
        if resource.address.kind() != eci_core::Kind::ContainerGroup {
            let attributes = Value::Map(resource.evaluate(&EmptyScope).unwrap());
            known.0.insert(resource.address.clone(), attributes);
        }
    }
    let attributes = group.evaluate(&known).unwrap();
    let volumes = attributes[&"volumes".into()].as_list().unwrap();
    let names: Vec<String> = volumes.iter().map(|it| text(it.get("name"))).collect();
    assert_eq!(names, ["conf", "store-data", "m-conf"]);
}

#[test]
fn paths_begin_at_the_root_and_a_module_reads_its_own_files() {
    let m =
        "[output.text]\nvalue = '${file(\"${path.module}/a.txt\")} ${path.module} ${path.root}'\n";
    let directory = Directory::with(&[
        (
            "envs/dev/main.eci.toml",
            "[module.m]\nsource = \"../../modules/m\"\n\
             [output.text]\nvalue = '${module.m.text}'\n",
        ),
        ("modules/m/m.eci.toml", m),
        ("modules/m/a.txt", "of the module"),
    ]);
    let load = || {
        let dev = directory.path().join("envs/dev");
        eci_config::load(&dev, &Variables::default())
    };
    let configuration = load().unwrap_or_else(|error| panic!("{error}"));
    let value = configuration.outputs[0].evaluate(&EmptyScope).unwrap();
    assert_eq!(value, Value::from("of the module ../../modules/m ."));
    assert!(configuration.files.contains_key("../../modules/m/a.txt"));
    // A file of a module is a part of what a plan is created from.
    let before = configuration.digest.clone();
    std::fs::write(directory.path().join("modules/m/a.txt"), "other").unwrap();
    assert_ne!(load().unwrap().digest, before);
    let manifest = directory.path().join("modules/m/m.eci.toml");
    let wrong = m.replace("${path.module}/a.txt", "a.txt");
    std::fs::write(manifest, wrong).unwrap();
    let error = load().unwrap_err().to_string();
    assert!(error.contains("write `${path.module}/a.txt`"), "{error}");
    assert!(
        error.starts_with("../../modules/m/m.eci.toml:2:"),
        "{error}"
    );
}

#[test]
fn keys_may_come_from_outputs_that_are_known_before_apply() {
    let main = "[module.last]\nsource = \"each\"\nfor_each = '${module.first.keys}'\n\
         inputs = { keys = { x = \"1\" } }\n\
         [module.first]\nsource = \"each\"\ninputs = { keys = '${local.keys}' }\n\
         [locals]\nkeys = '${{for key in module.zero.keys : key => \"v\"}}'\n\
         [module.zero]\nsource = \"each\"\ninputs = { keys = { a = \"\", b = \"\" } }\n";
    let each = "[variable.keys]\ntype = \"map(string)\"\n\
         [eip.web]\nfor_each = '${var.keys}'\nauto = true\n\
         [output.keys]\nvalue = '${keys(eip.web)}'\n";
    let directory = Directory::with(&[("main.eci.toml", main), ("each/e.eci.toml", each)]);
    let configuration = directory.load().unwrap_or_else(|error| panic!("{error}"));
    let all: Vec<String> = configuration
        .resources
        .iter()
        .map(|it| it.address.to_string())
        .collect();
    assert!(
        all.contains(&"module.last[\"b\"].eip.web[\"x\"]".to_owned()),
        "{all:?}"
    );
    assert_eq!(all.len(), 6, "{all:?}");
}

#[test]
fn secrets_stay_secrets_on_their_way_through_modules() {
    let main = "[variable.key]\ndefault = \"1\"\nsensitive = true\n\
         [module.m]\nsource = \"m\"\ninputs = { plain = '${var.key}', secret = \"2\" }\n\
         [output.a]\nvalue = '${module.m.plain}'\n\
         [output.b]\nvalue = '${module.m.secret}'\n\
         [output.c]\nvalue = '${module.m.marked}'\n";
    let m = "[variable.plain]\n[variable.secret]\nsensitive = true\n\
         [output.plain]\nvalue = '${var.plain}'\n\
         [output.secret]\nvalue = '${var.secret}'\n\
         [output.marked]\nvalue = \"m\"\nsensitive = true\n";
    let directory = Directory::with(&[("main.eci.toml", main), ("m/m.eci.toml", m)]);
    let found = lines(&directory.load().unwrap_err());
    assert_eq!(found.len(), 3, "{found:?}");
    for (output, line) in ["a", "b", "c"].iter().zip(found) {
        let expected = format!("output `{output}` has a sensitive value");
        assert!(line.contains(&expected), "{line}");
    }
}

#[test]
fn a_thousand_instances_are_created_without_reading_files_again() {
    let main = "[locals]\nkeys = '${{for n in range(1000) : format(\"k%04d\", n) => { site = \"s${n}\" }}}'\n\
         [module.edge]\nsource = \"web\"\nfor_each = '${local.keys}'\n\
         inputs = { site = '${each.value.site}' }\n\
         [output.sites]\nvalue = '${length([for edge in module.edge : edge.site])}'\n";
    let directory = Directory::with(&[("main.eci.toml", main), ("web/web.eci.toml", &web())]);
    let configuration = directory.load().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(configuration.resources.len(), 1000);
    assert_eq!(configuration.sources.len(), 2);
    let value = configuration.outputs[0].evaluate(&EmptyScope).unwrap();
    assert_eq!(value, Value::from(1000));
}

/// Compares what is said about manifests with what was reviewed.
macro_rules! reviewed {
    ($name:ident, $files:expr) => {
        #[test]
        fn $name() {
            let files: &[(&str, &str)] = $files;
            let found = Directory::with(files).load().expect_err("it is wrong");
            let mut shown = String::new();
            for (name, text) in files {
                shown.push_str(&format!("# {name}\n{text}"));
            }
            let mut output = String::new();
            for found in &found.0 {
                output.push_str(&format!("{found}\n"));
                for label in &found.secondary {
                    output.push_str(&format!("    {}: {}\n", label.place, label.text));
                }
            }
            insta::with_settings!({ description => shown, omit_expression => true }, {
                insta::assert_snapshot!(stringify!($name), output);
            });
        }
    };
}

reviewed!(
    calls_of_modules_are_checked,
    &[
        (
            "main.eci.toml",
            r#"[module.a]
[module.b]
source = "terraform-aws-modules/vpc/aws"
[module.c]
source = "git::https://example.com/vpc.git"
[module.d]
source = "/srv/modules/m"
[module.e]
source = '${var.source}'
[module.f]
source = 1
[module.g]
source = "empty"
[module.h]
source = "m"
sise = 2
size = 2
count = 3
inputs = ["x"]
[module.i]
source = "m"
depends_on = ["module.x", "module.h.eip.web", "module.h[\"k\"]"]
inputs = { nmae = "n" }
"#
        ),
        ("empty/readme", ""),
        (
            "m/m.eci.toml",
            "[provider]\nregion_id = \"r\"\n[backend.local]\npath = \"s\"\n\
             [[import]]\nto = \"container_group.a\"\nid = \"eci-1\"\n\
             [variable.name]\ntype = \"string\"\n[variable.size]\ntype = \"number\"\n"
        ),
    ]
);

reviewed!(
    inputs_are_checked_against_their_declarations,
    &[
        (
            "main.eci.toml",
            r#"[eip.web]
auto = true
[module.m]
source = "m"
inputs = { size = "large", ports = [80, "x"], tier = "gold", name = '${null}', late = '${eip.web.bandwidth}' }
[module.each]
source = "m"
for_each = { a = 1, b = 99 }
inputs = { size = '${each.value}', name = "n", nope = '${each.vaule}' }
"#
        ),
        (
            "m/m.eci.toml",
            r#"[variable.size]
type = "number"
[[variable.size.validation]]
condition = '${var.size < 10}'
error_message = "a size is below 10"
[variable.ports]
type = "list(number)"
default = []
[variable.tier]
default = "silver"
[[variable.tier.validation]]
condition = '${contains(["silver", "bronze"], var.tier)}'
error_message = "there are silver and bronze"
[variable.name]
nullable = false
[variable.late]
type = "bool"
default = true
"#
        ),
    ]
);

reviewed!(
    outputs_of_modules_are_checked,
    &[
        (
            "main.eci.toml",
            r#"[module.m]
source = "m"
[module.each]
source = "m"
for_each = ["a", "bb"]
[output.a]
value = '${module.m.adress}'
[output.b]
value = '${module.each.address}'
[output.c]
value = '${module.each["b"].address}'
[output.d]
value = '${module.n.address}'
[output.e]
value = '${module.each["a"].nothing_like_it}'
[output.f]
value = '${module.m.address.zone}'
"#
        ),
        (
            "m/m.eci.toml",
            "[output.address]\nvalue = \"a\"\n[output.broken]\nvalue = '${eip.web.id}'\nsensitve = true\n"
        ),
    ]
);

reviewed!(
    cycles_of_module_calls_are_reported,
    &[
        ("main.eci.toml", "[module.a]\nsource = \"a\"\n"),
        ("a/a.eci.toml", "[module.b]\nsource = \"../b\"\n"),
        (
            "b/b.eci.toml",
            "[module.a]\nsource = \"../a\"\n[module.root]\nsource = \"..\"\n[module.self]\nsource = \".\"\n"
        ),
    ]
);

reviewed!(
    cycles_of_values_through_modules_are_reported,
    &[
        (
            "main.eci.toml",
            "[module.m]\nsource = \"m\"\ninputs = { a = '${local.x}', b = '${module.m.fine}' }\n\
             [locals]\nx = '${module.m.out}'\n[output.it]\nvalue = '${local.x}'\n"
        ),
        (
            "m/m.eci.toml",
            "[variable.a]\n[variable.b]\n[output.out]\nvalue = '${var.a}'\n[output.fine]\nvalue = \"f\"\n"
        ),
    ]
);

reviewed!(
    keys_that_are_known_too_late_say_where_they_come_from,
    &[
        (
            "main.eci.toml",
            "[eip.web]\nauto = true\n\
             [module.m]\nsource = \"m\"\nfor_each = ['${eip.web.address}']\n\
             [module.n]\nsource = \"n\"\ninputs = { keys = ['${eip.web.id}'] }\n\
             [module.o]\nsource = \"m\"\nfor_each = '${module.p}'\n\
             [module.p]\nsource = \"m\"\nfor_each = '${module.o}'\n"
        ),
        ("m/m.eci.toml", "[locals]\na = 1\n"),
        (
            "n/n.eci.toml",
            "[variable.keys]\n[volume.data]\nfor_each = '${var.keys}'\ntype = \"EmptyDirVolume\"\n"
        ),
    ]
);

reviewed!(
    a_syntax_error_of_a_module_is_reported_at_its_file,
    &[
        (
            "main.eci.toml",
            "[module.m]\nsource = \"m\"\ninputs = { x = 1 }\n[output.a]\nvalue = '${module.m.y}'\n"
        ),
        ("m/m.eci.toml", "[variable.x\ntype = \"number\"\n"),
    ]
);

#[test]
fn an_error_names_the_instance_in_which_it_is() {
    let directory = Directory::with(&[
        (
            "main.eci.toml",
            "[module.m]\nsource = \"./m\"\nfor_each = [\"5\", \"x\"]\n\
             inputs = { speed = '${each.key}' }\n\
             [eip.long]\nfor_each = [\"ok\", \"12345678901234567890123456789012\"]\n",
        ),
        (
            "m/m.eci.toml",
            "[variable.speed]\n[locals]\ndouble = '${tonumber(var.speed) * 2}'\n\
             [eip.front]\nbandwidth = '${tonumber(var.speed)}'\n",
        ),
    ]);
    let errors = directory.load().unwrap_err();
    let messages: Vec<_> = errors
        .0
        .iter()
        .map(|it| (it.message.en(), it.instances().map(|text| text.to_string())))
        .collect();
    let key = "12345678901234567890123456789012";
    let name = format!("invalid EIP name \"long-{key}\", which is the default name");
    let not_a_number = "invalid argument for `tonumber`: expected a number, found \"x\"";
    assert_eq!(
        messages,
        [
            (not_a_number, Some("in module.m[\"x\"]".to_owned())),
            (
                not_a_number,
                Some("in module.m[\"x\"].eip.front".to_owned())
            ),
            (&*name, Some(format!("in eip.long[\"{key}\"]"))),
        ]
    );
}
