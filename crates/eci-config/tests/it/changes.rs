//! `[[moved]]`, `[[removed]]`, `[[import]]`: what is read from them, and errors in them.

use crate::directory::{Directory, errors, load};

const ID: &str = "eci-3rr2p3bikgw7phf1lm0cn39y0y";

#[test]
fn changes_of_addresses_are_listed_in_order() {
    let directory = Directory::with(&[
        (
            "a.eci.toml",
            "[[moved]]\nfrom = \"container_group.a\"\nto = \"container_group.b\"\n\
             [[removed]]\nfrom = \"volume.old\"\n",
        ),
        (
            "b.eci.toml",
            "[variable.id]\ndefault = \"eci-3rr2p3bikgw7phf1lm0cn39y0y\"\n\
             [[moved]]\nfrom = \"container_group.b\"\nto = 'container_group.c[\"x\"]'\n\
             [[removed]]\nfrom = 'eip.old[\"k\"]'\ndestroy = true\n\
             [[import]]\nto = 'container_group.d[\"y\"]'\nid = '${var.id}'\n",
        ),
    ]);
    let configuration = directory.load().unwrap_or_else(|error| panic!("{error}"));
    let moved: Vec<String> = configuration
        .moved
        .iter()
        .map(|it| format!("{} {} {}", it.place, it.from, it.to))
        .collect();
    assert_eq!(
        moved,
        [
            "a.eci.toml:1 container_group.a container_group.b",
            "b.eci.toml:3 container_group.b container_group.c[\"x\"]",
        ]
    );
    let removed: Vec<String> = configuration
        .removed
        .iter()
        .map(|it| format!("{} {} {}", it.place, it.from, it.destroy))
        .collect();
    assert_eq!(
        removed,
        [
            "a.eci.toml:4 volume.old false",
            "b.eci.toml:6 eip.old[\"k\"] true",
        ]
    );
    let imports: Vec<String> = configuration
        .imports
        .iter()
        .map(|it| format!("{} {} {}", it.place, it.to, it.id))
        .collect();
    assert_eq!(
        imports,
        [format!("b.eci.toml:9 container_group.d[\"y\"] {ID}")]
    );
}

#[test]
fn a_table_may_be_written_in_one_line() {
    let configuration =
        load("moved = [{ from = \"eip.a\", to = \"eip.b\" }]\n[eip.b]\nauto = true\n").unwrap();
    assert_eq!(configuration.moved[0].to.to_string(), "eip.b");
}

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
    moves_are_checked,
    r#"[[moved]]
from = "container_gruop.a"
too = "eip.a"
[[moved]]
from = "eip.a"
to = "volume.a"
[[moved]]
from = "eip.b"
to = "eip.b"
[[moved]]
from = "eip.c"
to = "eip.d"
[[moved]]
from = "eip.c"
to = "eip.e"
[[moved]]
from = '${var.x}'
to = 3
[[moved]]
from = "module.m.eip.a"
to = "eip.a[0]"
"#
);

reviewed!(
    removals_are_checked,
    r#"[[removed]]
destory = true
[[removed]]
from = "eip.a"
destroy = "yes"
[[removed]]
from = "eip.b"
[[removed]]
from = "eip.b"
destroy = true
[[removed]]
from = "eip.c"
[[moved]]
from = "eip.c"
to = "eip.d"
"#
);

reviewed!(
    imports_are_checked,
    r#"[[import]]
[[import]]
to = "eip.a"
id = "eip-1"
[[import]]
to = "volume.a"
id = "d-1"
[[import]]
to = "container_group.a"
id = "i-0123"
[[import]]
to = "container_group.a"
id = 3
[[import]]
to = "container_group.a"
id = '${sensitive("eci-3rr2p3bikgw7phf1lm0cn39y0y")}'
[[import]]
to = "container_group.a"
id = '${eip.x.id}'
[[import]]
to = "container_group.a"
id = '${local.later}'
[[import]]
to = "container_group.a"
id = '${var.nope}'
[[import]]
to = "container_group.b"
id = "eci-3rr2p3bikgw7phf1lm0cn39y0y"
[[import]]
to = "container_group.b"
id = "eci-3rr2p3bikgw7phf1lm0cn39y0z"
[[import]]
to = "container_group.c"
id = "eci-3rr2p3bikgw7phf1lm0cn39y0y"
[eip.x]
auto = true
[locals]
later = '${eip.x.id}'
"#
);

#[test]
fn a_missing_variable_is_not_reported_again_by_an_import() {
    let manifest =
        "[variable.id]\n[[import]]\nto = \"container_group.a\"\nid = '${var.id}'\n".to_owned();
    let errors = errors(&manifest);
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].contains("`id`"), "{errors:#?}");
}

#[test]
fn a_change_given_twice_shows_both_places() {
    let directory = Directory::with(&[
        ("a.eci.toml", "[[removed]]\nfrom = \"eip.a\"\n"),
        ("b.eci.toml", "[[removed]]\nfrom = \"eip.a\"\n"),
    ]);
    let error = directory.load().unwrap_err();
    let places: Vec<String> = error.0[0]
        .primary
        .iter()
        .chain(&error.0[0].secondary)
        .map(|label| label.place.to_string())
        .collect();
    assert_eq!(places, ["b.eci.toml:2", "a.eci.toml:2"]);
}
