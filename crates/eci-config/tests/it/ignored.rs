//! `ignore_changes`: a part of an element that is not there is nothing, in every list of tables.

use eci_config::IgnoreChanges;
use eci_core::codes;
use eci_core::kinds::{CONTAINER_GROUP, EIP, VOLUME};
use eci_core::schema::{Link, Object, Type};

use crate::directory::load;

/// A list of tables: its path, with the path of one of the parts of its elements.
struct List {
    /// The keys that lead there, from list to list.
    within: Vec<&'static str>,
    name: &'static str,
    part: &'static str,
    /// The key that identifies elements.
    key: &'static str,
    /// An element as it is written in a manifest.
    element: &'static str,
}

fn lists(object: &'static Object, within: &[&'static str]) -> Vec<List> {
    let mut lists = Vec::new();
    for field in object.fields.iter().filter(|field| field.is_writable()) {
        let (elements, keys, element) = match &field.ty {
            Type::Objects(elements, keys) => (*elements, *keys, "{}"),
            Type::List(Type::Ref(kind, Link::Attributes)) => {
                (kind.schema(), &["name"][..], "\"nas\"")
            }
            _ => continue,
        };
        let mut parts = elements.fields.iter().filter(|part| part.is_writable());
        let part = parts.find(|part| !keys.contains(&part.name));
        let part = part.map(|part| part.name);
        lists.push(List {
            within: within.to_vec(),
            name: field.name,
            part: part.unwrap_or_default(),
            key: keys.first().copied().unwrap_or_default(),
            element,
        });
        if element == "{}" {
            let within = [within, &[field.name]].concat();
            lists.extend(self::lists(elements, &within));
        }
    }
    lists
}

/// Returns the messages about a path in a group whose list has `count` elements.
fn said(list: &List, count: Option<usize>, step: &str) -> Vec<String> {
    let mut written = match count {
        Some(count) => {
            let elements = vec![list.element; count].join(", ");
            format!("{} = [{elements}]", list.name)
        }
        None => String::new(),
    };
    let mut path = String::new();
    for around in list.within.iter().rev() {
        written = format!("{around} = [{{ {written} }}]");
        path = format!("{around}[0].{path}");
    }
    let path = format!("{path}{}{step}", list.name);
    let manifest = format!(
        "[container_group.web]\n{written}\nlifecycle = {{ ignore_changes = ['{path}'] }}\n\
         [volume.nas]\ntype = \"NasVolume\"\n"
    );
    mismatches(&manifest)
}

/// The paths of a manifest, otherwise incomplete, that match nothing.
fn mismatches(manifest: &str) -> Vec<String> {
    let errors = load(manifest).expect_err("the manifest lacks required keys");
    let mut errors = errors.0;
    errors.retain(|error| error.code == codes::UNKNOWN_ATTRIBUTE);
    errors.iter().map(ToString::to_string).collect()
}

#[test]
fn a_part_of_an_element_that_is_not_there_is_an_error() {
    let lists = lists(&CONTAINER_GROUP, &[]);
    assert!(lists.len() > 6);
    for list in &lists {
        let name = list.name;
        for count in [None, Some(0), Some(1), Some(3)] {
            for index in [0, 2, 5] {
                let is_there = index < count.unwrap_or_default();
                let part = said(list, count, &format!("[{index}].{}", list.part));
                assert_eq!(
                    part.is_empty(),
                    is_there,
                    "{name} {count:?} {index}: {part:?}"
                );
                // A whole one may come.
                let whole = said(list, count, &format!("[{index}]"));
                assert!(whole.is_empty(), "{name} {count:?} {index}: {whole:?}");
            }
            let any = said(list, count, &format!("[*].{}", list.part));
            assert!(any.is_empty(), "{name} {count:?}: {any:?}");
        }
    }
}

#[test]
fn what_is_computed_may_have_any_element() {
    let manifest = "[variable.ports]\n[container_group.web]\n\
                    containers = [{ name = \"a\", ports = '${var.ports}' }]\n\
                    lifecycle = { ignore_changes = ['containers[0].ports[3].name', \
                    'containers[*].ports[3].name', 'containers[\"a\"].ports[3].name'] }\n";
    assert_eq!(mismatches(manifest), [""; 0]);
}

#[test]
fn identifying_keys_of_elements_cannot_be_ignored() {
    for list in lists(&CONTAINER_GROUP, &[]) {
        let List { name, key, .. } = list;
        let of_elements = said(&list, Some(1), &format!("[0].{key}"));
        assert_eq!(of_elements.len(), usize::from(!key.is_empty()), "{name}");
    }
}

/// A key outside the normal form would be ignored without effect.
#[test]
fn every_key_that_becomes_another_can_be_ignored_or_is_an_error() {
    for object in [&CONTAINER_GROUP, &EIP, &VOLUME] {
        check_keys(object);
    }
    let ignoring = |path: &str| {
        let manifest = format!(
            "[volume.data]\ntype = \"ZosVolume\"\nbucket = \"b\"\nurl = \"u\"\n\
             credential = '${{var.key}}'\nlifecycle = {{ ignore_changes = ['{path}'] }}\n\
             [variable.key]\nsensitive = true\n"
        );
        load(&manifest)
    };
    for key in ["access_key", "secret_key"] {
        let refused = ignoring(key).expect_err(key).to_string();
        assert!(refused.contains("did you mean `credential`?"), "{refused}");
    }
}

fn check_keys(object: &'static Object) {
    for field in object.fields.iter().filter(|field| field.is_writable()) {
        match &field.ty {
            Type::Object(parts) | Type::Objects(parts, _) => check_keys(parts),
            _ => {}
        }
        let stays = field.request_path.is_some()
            || field.service_request_path.is_some()
            || field.name == "wait";
        let becomes = field.joined_into.is_some() || !field.forms.is_empty();
        assert!(stays || becomes, "{}: {}", object.name, field.name);
    }
}

#[test]
fn a_shorthand_for_content_covers_its_normal_form() {
    for way in ["content", "content_base64", "source"] {
        let manifest = format!(
            "[volume.conf]\ntype = \"ConfigFileVolume\"\nfiles = [{{ path = \"a\", content = \"b\" }}]\n\
             lifecycle = {{ ignore_changes = ['files[\"a\"].{way}'] }}\n"
        );
        let configuration = load(&manifest).unwrap();
        let IgnoreChanges::Paths(paths) = &configuration.resources[0].lifecycle.ignore_changes
        else {
            panic!("all is ignored");
        };
        let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
        assert_eq!(
            paths,
            ["files[\"a\"].content", "files[\"a\"].content_base64"]
        );
    }
}
