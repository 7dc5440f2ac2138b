//! Broken manifests and all that is said about each of them.
//!
//! The snapshots are reviewed text: `INSTA_UPDATE=always cargo test -p eci-config` writes them
//! again.

use eci_text::Lang;

use crate::directory::{Directory, errors, group};

/// Compares what is said about a manifest with what was reviewed.
macro_rules! reviewed {
    ($name:ident, $manifest:expr) => {
        #[test]
        fn $name() {
            let manifest: String = $manifest.into();
            let found = errors(&manifest).join("\n");
            insta::with_settings!({ description => manifest, omit_expression => true }, {
                insta::assert_snapshot!(stringify!($name), found);
            });
        }
    };
}

reviewed!(
    every_syntax_error_is_reported,
    "[eip.web\nauto = true\n[eip.b]\nx = = 1\n"
);

reviewed!(
    unknown_tables_are_reported,
    "[provder]\nregion_id = \"a\"\n[container-group.x]\n[backend.gcs]\n[backend.locla]\n[nothing]\n"
);

reviewed!(
    the_provider_is_checked,
    r#"[provider]
region = "a"
secret_key = "s"
field_names = "sdks"
endpoints = { ecii = "http://x" }
rate_limit = 0
retry = { attempts = 0, max_delay = "1.5h" }
region_id = '${eip.x.id}'
default_tags = ["a"]
"#
);

reviewed!(
    tables_must_be_tables,
    "eip = 1\nmoved = [1]\n[[volume.x]]\ntype = \"a\"\n[module.x]\nsource = \"a\"\n[removed]\nfrom = \"eip.a\"\n"
);

reviewed!(
    eips_have_one_form,
    "[eip.\"a b\"]\nauto = true\n[eip.c]\n[eip.d]\nid = \"eip-1\"\nbandwidth = 3\n"
);

reviewed!(
    every_key_of_a_group_is_checked,
    group(
        "web",
        r#"restart_polcy = "Never"
status = "x"
restart_policy = "never"
cpu = "a"
depend_on = []
tags = "a"
lifecycle = { prevent_destory = true, ignore_changes = ["tag.x", "tags.owner"], create_before_destroy = true, replace_triggered_by = ["eip.nope"] }
timeouts = { create = "5" }
depends_on = ["volume.x", "nonsense"]
ephemeral_volume = 10
"#
    )
);

reviewed!(
    missing_keys_point_at_their_table,
    r#"[container_group.web]
vpc_id = "a"
[[container_group.web.containers]]
name = "a"
ports = [{ port = 70000, protocol = "tcp" }]
[[container_group.web.containers]]
name = "a"
image = "b"
"#
);

reviewed!(
    labels_must_name_tables,
    group(
        "web",
        "eip = \"wbe\"\nvolumes = [\"data\", 3, \"volume data\"]\n[eip.web]\nauto = true\n"
    ) + &group("a", "eip = \"eip-123abc\"\n")
        + &group(
            "b",
            "eip = '${volume.v.id}'\n[volume.v]\ntype = \"EmptyDirVolume\"\n"
        )
        + &group(
            "c",
            "eip = '${container_group.a.internet_ip}'\nvolumes = \"v\"\n"
        )
);

reviewed!(
    an_eip_and_a_disk_serve_one_group,
    "[eip.a]\nauto = true\n[volume.d]\ntype = \"DiskVolume\"\nvolume_handle = \"d-1\"\nfs_type = \"ext4\"\n"
        .to_owned()
        + &group("web", "eip = \"a\"\nvolumes = [\"d\"]\n")
        + &group("app", "eip = \"a\"\nvolumes = [\"d\"]\n")
);

reviewed!(
    volumes_of_a_group_have_names_of_their_own,
    group(
        "web",
        "volumes = [\"a\", \"b\", \"a\"]\n[volume.a]\ntype = \"EmptyDirVolume\"\nname = \"x\"\n\
         [volume.b]\ntype = \"EmptyDirVolume\"\nname = \"x\"\n"
    )
);

reviewed!(
    unknown_names_get_suggestions,
    group(
        "web",
        r#"host_name = '${var.nmae}'
ep_id = '${local.y}'
iam_role_name = '${eip.w.id}'
flavor_name = '${eip.web.adress}'
data_cache_bucket = '${foo}'
als_instance_id = '${each.key}'
cpu_architecture = '${name}'
image_cache_id = '${container_group.other.containers.name}'
[variable.name]
default = 1
[locals]
x = 1
unused = '${nope}'
[eip.web]
auto = true
"#
    ) + &group("other", "")
);

reviewed!(
    expressions_that_fail_point_into_the_string,
    group(
        "web",
        r#"host_name = '${1 + "a"}'
ep_id = '${uper("a")}'
iam_role_name = '${upper()}'
flavor_name = '${[1][3]}'
data_cache_bucket = 'a${[1]}'
als_instance_id = '${1 +}'
cpu_architecture = '${null}b'
image_cache_id = "名字 ${1 / 0}"
tags = { a = "\t${1 / 0}", b = '${format("%d")}', c = '${[for x in 3 : x]}', d = '${{a = 1}.b}' }
"#
    )
);

reviewed!(
    locals_do_not_go_in_circles,
    r#"[locals]
a = '${local.b}'
b = '${local.c}'
c = '${local.a}'
d = '${local.d}'
e = '${[][0]}'
[output.x]
value = '${local.a}${local.e}'
"#
);

reviewed!(
    keys_of_for_each_are_distinct_known_strings,
    r#"[eip.x]
for_each = ["a", "a"]
auto = true
[eip.y]
for_each = '${container_group.web.id}'
auto = true
[eip.z]
for_each = 3
auto = true
[eip.s]
for_each = '${sensitive(["a"])}'
auto = true
"#
    .to_owned()
        + &group("web", "")
);

reviewed!(
    instances_are_chosen_by_key,
    "[eip.x]\nfor_each = [\"alpha\", \"beta\"]\nauto = true\n".to_owned()
        + &group(
            "web",
            r#"eip = "x"
host_name = '${eip.x["alpah"].address}'
ep_id = '${eip.x.address}'
iam_role_name = '${eip.x[*].address}'
"#
        )
        + &group("b", "eip = 'x[\"alpah\"]'\n")
        + &group("c", "eip = 'c[\"a\"]'\ndepends_on = ['eip.x[\"no\"]']\n")
);

reviewed!(
    a_resource_does_not_refer_to_itself,
    group("web", "host_name = '${container_group.web.intranet_ip}'\n")
);

reviewed!(
    outputs_and_variables_are_checked,
    "[output.a]\nvlaue = 1\n[output.b]\nvalue = '${container_group.x.id}'\n[variable.v]\ndefult = 1\n\
     [variable.w]\ndefault = '${var.v}'\n"
);

reviewed!(
    a_missing_name_is_reported_once_and_not_where_it_is_used,
    "[variable.label]\n[variable.keys]\n[eip.a]\nfor_each = '${var.keys}'\nauto = true\n"
        .to_owned()
        + &group(
            "web",
            "eip = '${var.label}'\nhost_name = '${upper(var.label)}'\n"
        )
);

reviewed!(
    files_of_volumes_are_checked,
    r#"[volume.c]
type = "ConfigFileVolume"
files = [
  { path = "a", source = "nope" },
  { path = "b", source = "../x" },
  { path = "c", content = "x", source = "y" },
  { path = "d", content = '${file("nope")}' },
  { path = "e" },
]
[volume.d]
type = "DiskVolume"
fs_type = "ext4"
disk = { size = 10, kind = "SATA" }
[volume.e]
type = "EmptyDirVolum"
[volume.f]
type = "EmptyDirVolume"
bucket = "x"
"#
);

reviewed!(
    values_beyond_the_language_are_reported,
    "x = 1979-05-27\n[locals]\nn = 99999999999999999999\nf = inf\n"
);

reviewed!(
    a_mistake_in_every_instance_is_reported_once,
    "[eip.x]\nfor_each = [\"a\", \"b\", \"c\"]\nauto = true\nbandwith = 3\nbandwidth = '${[][0]}'\n"
);

#[test]
fn a_name_given_twice_shows_both_places() {
    let directory = Directory::with(&[
        ("a.eci.toml", "[eip.web]\nauto = true\n"),
        ("b.eci.toml", "[eip.web]\nauto = true\n[provider]\n"),
        ("c.eci.toml", "[provider]\n"),
    ]);
    let errors = directory.load().unwrap_err();
    assert_eq!(
        errors.to_string(),
        "b.eci.toml:1:1: duplicate declaration of `eip.web` (rename or remove one of them; the first declaration is at a.eci.toml:1)\n\
         c.eci.toml:1:1: duplicate declaration of `provider` (rename or remove one of them; the first declaration is at b.eci.toml:3)"
    );
    assert_eq!(errors.0[0].secondary[0].place.to_string(), "a.eci.toml:1");
}

#[test]
fn a_broken_file_does_not_hide_mistakes_in_others_nor_make_new_ones() {
    let directory = Directory::with(&[
        ("a.eci.toml", "[eip.front\nauto = true\nbad = 1\n"),
        (
            "b.eci.toml",
            &(group("web", "eip = \"front\"\nrestart_polcy = \"Never\"\n")
                + "[output.x]\nvalue = '${eip.front.address}'\n"),
        ),
    ]);
    let errors = crate::directory::lines(&directory.load().unwrap_err());
    assert_eq!(
        errors,
        [
            "a.eci.toml:1:1: unclosed table header: missing `]` (close the header with `]`)",
            "b.eci.toml:7:1: unsupported key `restart_polcy` in a `container_group` table (did you mean `restart_policy`?)",
        ]
    );
}

#[test]
fn a_directory_without_manifests_says_where_it_looked() {
    let directory = Directory::with(&[("notes.toml", "x = 1")]);
    let error = directory.load().unwrap_err().to_string();
    assert!(
        error.contains(&directory.path().display().to_string()),
        "{error}"
    );
    assert!(error.contains("eci init"), "{error}");
    let missing = directory.path().join("none");
    let error = eci_config::load(&missing, &eci_config::Variables::default()).unwrap_err();
    assert!(error.to_string().contains("failed to read"), "{error}");
}

#[test]
fn a_manifest_that_is_not_utf_8_is_reported() {
    let directory = Directory::with(&[]);
    std::fs::write(directory.path().join("a.eci.toml"), [b'x', 0xff]).unwrap();
    let error = directory.load().unwrap_err().to_string();
    assert_eq!(
        error,
        "`a.eci.toml` is not valid UTF-8 at byte 1 (save the file as UTF-8)"
    );
}

#[test]
fn a_root_module_that_calls_itself_is_not_named_by_its_directory() {
    let directory = Directory::with(&[("main.eci.toml", "[module.me]\nsource = \".\"\n")]);
    let error = directory.load().unwrap_err();
    let message = &error.0[0].message;
    assert_eq!(message.get(Lang::En), "the root module calls itself");
    assert_eq!(message.get(Lang::Zh), "根模块调用了自身");
}
