//! Names in the cloud that two resources would share.

use std::collections::HashMap;

use eci_core::kinds::is_standalone;
use eci_core::{Address, Diagnostic, Diagnostics, Kind, Map, Path, codes};
use eci_text::{Text, text};

use crate::action::Action;
use crate::step::Step;

/// A resource with the name that the cloud is to know it by.
struct NamedStep<'a> {
    step: &'a Step,
    name: &'a str,
    /// Whether the cloud does not have it under this name yet.
    is_new: bool,
    /// Whether the manifest leaves the name to eci.
    is_default: bool,
}

/// Refuses a new name that another resource of the kind has or gets as well.
///
/// The cloud refuses a second disk of a name. Groups and EIPs can share one, so that only a
/// generated name is refused for them: no one could tell them apart.
pub(crate) fn check(steps: &[Step], problems: &mut Diagnostics) {
    let mut first: HashMap<(Kind, &str), NamedStep<'_>> = HashMap::with_capacity(steps.len());
    for named in steps.iter().filter_map(named) {
        let kind = named.step.address.kind();
        let Some(other) = first.get(&(kind, named.name)) else {
            first.insert((kind, named.name), named);
            continue;
        };
        let is_new = named.is_new || other.is_new;
        let may_share =
            !kind.properties().has_unique_names && !named.is_default && !other.is_default;
        if is_new && !may_share {
            problems.push(shared(other, &named));
        }
    }
}

fn named(step: &Step) -> Option<NamedStep<'_>> {
    let (desired, resource) = (step.desired.as_deref()?, step.resource.as_deref()?);
    let kind = step.address.kind();
    if !is_standalone(kind, desired) {
        return None;
    }
    let name = name_in(kind, desired)?;
    let before = step.state.as_deref();
    let before = before.and_then(|state| name_in(kind, &state.applied));
    Some(NamedStep {
        step,
        name,
        // A missing resource is created again.
        is_new: before != Some(name) || step.action == Action::Create,
        is_default: !resource.has_key("name"),
    })
}

/// Returns the name that the cloud knows a resource by.
fn name_in(kind: Kind, attributes: &Map) -> Option<&str> {
    let (first, rest) = kind.properties().name_path.split_first()?;
    let whole = attributes.get(*first)?;
    rest.iter()
        .try_fold(whole, |at, part| at.get(part))?
        .as_str()
}

fn path_of(kind: Kind) -> Path {
    let parts = kind.properties().name_path.iter();
    parts.fold(Path::root(), |path, part| path.name(*part))
}

fn shared(one: &NamedStep<'_>, other: &NamedStep<'_>) -> Diagnostic {
    let kind = one.step.address.kind();
    let message = text!(
        en: "{one} and {other} have the same name `{name}` in the cloud",
        zh: "{one} 与 {other} 在云端的名称 `{name}` 重复",
        one = one.step.address,
        other = other.step.address,
        name = one.name
    );
    let mut diagnostic = Diagnostic::new(codes::SAME_NAME, message);
    diagnostic = diagnostic.help(advice(&one.step.address, &other.step.address));
    let path = path_of(kind);
    let place = |named: &NamedStep<'_>| {
        let resource = named.step.resource.as_deref();
        resource.map(|resource| resource.span_of(&path))
    };
    if let Some(place) = place(one) {
        diagnostic = diagnostic.primary(place, text!(en: "named here", zh: "在此处命名"));
    }
    match place(other) {
        Some(place) => diagnostic.secondary(place, text!(en: "has the same name", zh: "名称相同")),
        None => diagnostic,
    }
}

/// Returns advice on how to give two resources different names.
///
/// Instances of one table share its text, so that the name has to depend on what distinguishes
/// them.
fn advice(one: &Address, other: &Address) -> Text {
    let setting = |name: &str| match one.kind().properties().name_path {
        [outer, inner] => format!("`{outer} = {{ {inner} = {name}, … }}`"),
        _ => format!("`name = {name}`"),
    };
    let label = one.label();
    let (calls, others) = (one.modules(), other.modules());
    let is_one_table = label == other.label()
        && calls.len() == others.len()
        && calls
            .iter()
            .zip(others)
            .all(|(one, other)| one.name == other.name);
    if !is_one_table {
        return text!(
            en: "set another name for one of them: {setting}",
            zh: "为其中一个设置其他名称：{setting}",
            setting = setting("\"…\"")
        );
    }
    match calls.iter().zip(others).find(|(one, other)| one != other) {
        Some((call, _)) => text!(
            en: "both are instances of one table: pass the key to the module with `key = '${{each.key}}'` in `[module.{module}.inputs]`, and use it in the name: {setting}",
            zh: "两者是同一个表的实例：在 `[module.{module}.inputs]` 中设置 `key = '${{each.key}}'` 将键传入模块，并在名称中使用：{setting}",
            module = call.name,
            setting = setting(&format!("'{label}-${{var.key}}'"))
        ),
        None => text!(
            en: "both are instances of one table: use the key in the name: {setting}",
            zh: "两者是同一个表的实例：在名称中使用实例键：{setting}",
            setting = setting(&format!("'{label}-${{each.key}}'"))
        ),
    }
}
