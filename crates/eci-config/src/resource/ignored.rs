//! The paths of `ignore_changes`: each has to match an attribute.

mod walk;

use eci_core::path::{PathPattern, PatternStep};
use eci_core::schema::{Link, Object, Type};
use eci_text::{Text, text};

use self::walk::check;
use crate::parse::Node;

/// A path that matches nothing, and what was probably meant.
#[derive(Debug)]
pub(super) struct Mismatch {
    pub(super) message: Text,
    pub(super) meant: Option<String>,
    /// The help where no attribute has a similar name.
    pub(super) help: Text,
}

/// The maximum number of corrections of a path on the way to a suggestion.
const CORRECTIONS: usize = 4;

/// Reads a path, and checks it against the description of the kind and the table as it is
/// written. Returns what it covers in the normal form, in which some attributes have another name.
///
/// A key or index that no element has now is fine by itself, as elements come and go;
/// but a part of an element that the manifest does not have is nothing that could be ignored.
pub(super) fn pattern(
    text: &str,
    object: &'static Object,
    table: &Node,
) -> Result<Vec<PathPattern>, Mismatch> {
    let help = || {
        text!(
            en: "write paths, for example \"tags.owner\", or \"all\" without a list",
            zh: "写成路径，例如 \"tags.owner\"，或不使用列表的 \"all\"",
        )
    };
    let pattern: PathPattern = text.parse().map_err(|error| Mismatch {
        message: text!(
            en: "invalid attribute path `{path}`: {error}",
            zh: "属性路径 `{path}` 无效：{error}",
            path = text,
            error = error,
        ),
        meant: None,
        help: help(),
    })?;
    let Err(first) = check(object, table, &pattern) else {
        let mut normal = Vec::new();
        normalize(object, &pattern.0, &mut Vec::new(), &mut normal);
        return Ok(normal);
    };
    let mut meant = first.steps.clone();
    for _ in 0..CORRECTIONS {
        let Some(steps) = meant.take() else { break };
        let corrected = PathPattern(steps);
        meant = match check(object, table, &corrected) {
            Ok(()) => {
                return Err(Mismatch {
                    message: first.message,
                    meant: Some(corrected.to_string()),
                    help: help(),
                });
            }
            Err(next) => next.steps,
        };
    }
    Err(Mismatch {
        message: first.message,
        meant: None,
        help: first.help.unwrap_or_else(help),
    })
}

/// Adds the paths that the rest of a path covers in the normal form of an object.
fn normalize(
    object: &'static Object,
    rest: &[PatternStep],
    before: &mut Vec<PatternStep>,
    normal: &mut Vec<PathPattern>,
) {
    let Some((step, after)) = rest.split_first() else {
        add(PathPattern(before.clone()), normal);
        return;
    };
    let fields = object.fields.iter();
    let fields = fields.filter(|field| step.name().is_some_and(|name| **name == *field.name));
    for field in fields.filter(|field| field.is_writable()) {
        let forms = field.forms.iter().copied();
        let forms = forms.chain(field.forms.is_empty().then_some(field.name));
        for form in forms {
            let length = before.len();
            before.push(PatternStep::Name(form.into()));
            let (inner, is_list) = match &field.ty {
                Type::Object(inner) => (Some(*inner), false),
                Type::Ref(kind, Link::Attributes) => (Some(kind.schema()), false),
                Type::Objects(inner, _) => (Some(*inner), true),
                Type::List(Type::Ref(kind, Link::Attributes)) => (Some(kind.schema()), true),
                _ => (None, false),
            };
            let mut after = after;
            if let (true, Some((element, parts))) = (is_list, after.split_first()) {
                before.push(element.clone());
                after = parts;
            }
            match inner {
                Some(inner) => normalize(inner, after, before, normal),
                None => add(PathPattern([before, after].concat()), normal),
            }
            before.truncate(length);
        }
    }
}

fn add(pattern: PathPattern, normal: &mut Vec<PathPattern>) {
    if !normal.contains(&pattern) {
        normal.push(pattern);
    }
}
