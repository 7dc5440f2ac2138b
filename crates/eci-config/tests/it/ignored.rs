//! `ignore_changes`: a part of an element that is not there is nothing, in every list of tables.

use eci_core::codes;
use eci_core::kinds::CONTAINER_GROUP;
use eci_core::schema::{Link, Object, Type};

use crate::directory::load;

/// A list of tables: where it stands, with the path of one of the parts of its elements.
struct List {
    /// The keys that lead there, from list to list.
    within: Vec<&'static str>,
    name: &'static str,
    part: &'static str,
    /// What stands for an element in a manifest.
    element: &'static str,
}

fn lists(object: &'static Object, within: &[&'static str]) -> Vec<List> {
    let mut lists = Vec::new();
    for field in object.fields.iter().filter(|field| field.is_writable()) {
        let (elements, element) = match &field.ty {
            Type::Objects(elements, _) => (*elements, "{}"),
            Type::List(Type::Ref(kind, Link::Attributes)) => (kind.schema(), "\"nas\""),
            _ => continue,
        };
        let mut parts = elements.fields.iter().filter(|part| part.is_writable());
        let part = parts.next().map(|part| part.name);
        lists.push(List {
            within: within.to_vec(),
            name: field.name,
            part: part.unwrap_or_default(),
            element,
        });
        if element == "{}" {
            let within = [within, &[field.name]].concat();
            lists.extend(self::lists(elements, &within));
        }
    }
    lists
}

/// What is said about a path in a group whose list has so many elements.
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

/// The paths of a manifest, which lacks other things, that match nothing.
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
                    lifecycle = { ignore_changes = ['containers[0].ports[3].port', \
                    'containers[*].ports[3].port', 'containers[\"a\"].ports[3].port'] }\n";
    assert_eq!(mismatches(manifest), [""; 0]);
}
