//! Signatures of functions: a parameter and a type alias have names for their parts, a function has few
//! parameters, and a decision about a boolean is an `if`. Types: a public enum may get further variants, and a name has one meaning.

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use eci_tests::binaries::workspace;
use eci_tests::sources;
use regex::Regex;
use syn::visit::{self, Visit};
use syn::{
    FnArg, Ident, ImplItem, ItemEnum, ItemFn, ItemImpl, ItemStruct, ItemTrait, ItemType, Pat,
    Signature, TraitItemFn, Type, Visibility,
};

/// The number of parameters from which on a function takes a struct; `self` is not counted.
const MOST_PARAMETERS: usize = 4;

/// A collector of what is wrong in one file.
#[derive(Default)]
struct Problems {
    found: Vec<String>,
}

#[test]
fn signatures_name_their_parts() {
    let mut problems = Vec::new();
    let files = sources::all();
    assert!(files.len() > 100);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let shown = file.strip_prefix(workspace()).unwrap().display();
        let found = problems_of(&text);
        problems.extend(found.into_iter().map(|found| format!("{shown}: {found}")));
    }
    assert!(
        problems.is_empty(),
        "declare a struct for values that are passed together, and decide about a boolean with `if`:\n{}",
        problems.join("\n")
    );
}

#[test]
fn problems_of_signatures_are_found() {
    let text = "type Pair = (u8, u8);\n\
                type Pairs = [(u8, u8)];\n\
                type Nothing = ();\n\
                fn pair(pair: (u8, u8)) {}\n\
                fn parts((a, b): Pair) {}\n\
                fn borrowed(pair: &(u8, u8)) {}\n\
                fn entries(pairs: &[(u8, u8)], unit: ()) {}\n\
                fn five(a: u8, b: u8, c: u8, d: u8, e: u8) {}\n\
                struct S;\n\
                impl S {\n    fn four(&self, a: u8, b: u8, c: u8, d: u8) {}\n}\n\
                impl T for S {\n    type Item = (u8, u8);\n    fn pair(pair: (u8, u8)) {}\n}\n\
                trait T {\n    fn pair(pair: (u8, u8));\n}\n\
                fn decides(a: bool, b: bool) {\n\
                    match a {\n        true => (),\n        false if b => (),\n        _ => (),\n    }\n\
                    match (a, b) {\n        (true, false) => (),\n        _ => (),\n    }\n\
                }\n";
    assert_eq!(
        problems_of(text),
        [
            "line 22: `match` on a boolean",
            "line 23: `match` on a boolean",
            "the tuple alias `Pair`",
            "the tuple parameter of `pair`",
            "the tuple parameter of `parts`",
            "the tuple parameter of `borrowed`",
            "the 5 parameters of `five`",
            "the tuple parameter of `pair`",
        ]
    );
}

/// Returns the problems of a file: of its lines first, because macros are not parsed.
fn problems_of(text: &str) -> Vec<String> {
    let arm = Regex::new(r"^\s*(true|false)( if .*)? =>").unwrap();
    let mut problems = Problems::default();
    for (number, line) in text.lines().enumerate() {
        if arm.is_match(line) {
            let number = number + 1;
            problems
                .found
                .push(format!("line {number}: `match` on a boolean"));
        }
    }
    problems.visit_file(&syn::parse_file(text).unwrap());
    problems.found
}

impl Problems {
    fn check(&mut self, signature: &Signature) {
        let name = &signature.ident;
        let parameters: Vec<_> = signature
            .inputs
            .iter()
            .filter_map(|input| match input {
                FnArg::Receiver(_) => None,
                FnArg::Typed(typed) => Some(typed),
            })
            .collect();
        if parameters.len() > MOST_PARAMETERS {
            let count = parameters.len();
            self.found
                .push(format!("the {count} parameters of `{name}`"));
        }
        for parameter in parameters {
            if is_tuple(&parameter.ty) || matches!(*parameter.pat, Pat::Tuple(_)) {
                self.found.push(format!("the tuple parameter of `{name}`"));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Problems {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.check(&function.sig);
        visit::visit_item_fn(self, function);
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        // The signatures of a trait's functions are decided where the trait is declared.
        if block.trait_.is_none() {
            for item in &block.items {
                if let ImplItem::Fn(function) = item {
                    self.check(&function.sig);
                }
            }
        }
        visit::visit_item_impl(self, block);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        self.check(&function.sig);
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_item_type(&mut self, alias: &'ast ItemType) {
        if is_tuple(&alias.ty) {
            self.found
                .push(format!("the tuple alias `{}`", alias.ident));
        }
    }
}

/// Returns whether a type is a tuple or a reference to one.
fn is_tuple(of: &Type) -> bool {
    match of {
        Type::Tuple(tuple) => tuple.elems.len() > 1,
        Type::Reference(reference) => is_tuple(&reference.elem),
        Type::Paren(inner) => is_tuple(&inner.elem),
        _ => false,
    }
}

/// Crates that no other program calls.
const PROGRAMS: [&str; 2] = ["eci-bench", "eci-cli"];

/// The enums without `#[non_exhaustive]`, in `tests/data/exhaustive.toml`.
#[derive(serde::Deserialize)]
struct ExhaustiveEnums {
    reasons: Vec<ExhaustiveReason>,
}

#[derive(serde::Deserialize)]
struct ExhaustiveReason {
    why: String,
    /// `CRATE: NAME`
    enums: Vec<String>,
}

#[test]
fn public_enums_are_non_exhaustive_or_listed_with_a_reason() {
    let path = workspace().join("tests/data/exhaustive.toml");
    let listed: ExhaustiveEnums = toml::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(listed.reasons.iter().all(|reason| !reason.why.is_empty()));
    let listed: Vec<&String> = listed.reasons.iter().flat_map(|it| &it.enums).collect();
    let found: Vec<String> = types()
        .into_iter()
        .filter(|it| it.is_public && it.is_exhaustive_enum && !PROGRAMS.contains(&&*it.library))
        .map(|it| format!("{}: {}", it.library, it.name))
        .collect();
    let missing: Vec<&String> = found.iter().filter(|it| !listed.contains(it)).collect();
    assert!(
        missing.is_empty(),
        "add `#[non_exhaustive]`, or a row with a reason in exhaustive.toml: {missing:?}"
    );
    let superfluous: Vec<&&String> = listed.iter().filter(|it| !found.contains(it)).collect();
    assert!(
        superfluous.is_empty(),
        "remove from exhaustive.toml: {superfluous:?}"
    );
}

/// The most meanings of a name of a type, if none of them is public.
///
/// With a third one, a reader who meets the name does not know what it is.
const MOST_MEANINGS: usize = 2;

/// Names by convention: the part of a handle that its clones share.
const CONVENTIONAL: [&str; 1] = ["Inner"];

#[test]
fn a_public_name_of_a_type_has_one_meaning() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in types().into_iter().filter(|it| it.is_public) {
        places.entry(found.name).or_default().insert(found.library);
    }
    places.retain(|_, libraries| libraries.len() > 1);
    assert!(places.is_empty(), "rename one of them: {places:?}");
}

#[test]
fn a_name_of_a_type_has_few_meanings() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for found in types() {
        places.entry(found.name).or_default().push(found.file);
    }
    places.retain(|name, files| {
        files.len() > MOST_MEANINGS && !CONVENTIONAL.contains(&name.as_str())
    });
    assert!(places.is_empty(), "rename one of them: {places:?}");
}

/// A type of a crate.
struct DeclaredType {
    library: String,
    file: String,
    name: String,
    is_public: bool,
    is_exhaustive_enum: bool,
}

/// A collector of the types in one file.
#[derive(Default)]
struct DeclaredTypes {
    found: Vec<DeclaredType>,
}

/// Returns the types of all crates, without those of tests. `pub` is taken at its word: the compiler warns of
/// items that are public and cannot be reached.
fn types() -> Vec<DeclaredType> {
    let mut types = DeclaredTypes::default();
    for entry in fs::read_dir(workspace().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let library = folder.file_name().unwrap().to_string_lossy().into_owned();
        for file in sources::below(&folder.join("src")) {
            if file.ends_with("tests.rs") || file.parent().unwrap().ends_with("tests") {
                continue;
            }
            let text = sources::without_tests(&fs::read_to_string(&file).unwrap());
            let shown = file.strip_prefix(workspace()).unwrap().to_string_lossy();
            let from = types.found.len();
            types.visit_file(&syn::parse_file(&text).unwrap());
            for found in &mut types.found[from..] {
                found.library.clone_from(&library);
                found.file = shown.clone().into_owned();
            }
        }
    }
    assert!(types.found.len() > 300);
    types.found
}

impl DeclaredTypes {
    fn add(&mut self, visibility: &Visibility, name: &Ident, is_exhaustive_enum: bool) {
        self.found.push(DeclaredType {
            library: String::new(),
            file: String::new(),
            name: name.to_string(),
            is_public: matches!(visibility, Visibility::Public(_)),
            is_exhaustive_enum,
        });
    }
}

impl<'ast> Visit<'ast> for DeclaredTypes {
    fn visit_item_enum(&mut self, item: &'ast ItemEnum) {
        let mut attributes = item.attrs.iter();
        let is_open = attributes.any(|it| it.path().is_ident("non_exhaustive"));
        self.add(&item.vis, &item.ident, !is_open);
    }

    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        self.add(&item.vis, &item.ident, false);
    }

    fn visit_item_trait(&mut self, item: &'ast ItemTrait) {
        self.add(&item.vis, &item.ident, false);
    }

    fn visit_item_type(&mut self, item: &'ast ItemType) {
        self.add(&item.vis, &item.ident, false);
    }
}
