//! Functions of expressions, by Terraform's names and with its results.
//!
//! A function is one row of a table: its signature, a line on what it gives, how it treats
//! unknown and sensitive parts of its arguments, and what it computes.
//!
//! * [`function`]: what a row is; [`call`]: how a row becomes a value;
//! * [`numbers`], [`strings`], [`regexes`], [`format`](mod@format);
//! * [`collections`], [`sets`], [`ordered`], [`convert`];
//! * [`json`], [`yaml_write`], [`yaml_read`], [`csv`], [`encoding`], [`hashes`];
//! * [`files`], [`glob`], [`templates`], [`dates`], [`network`];
//! * [`absent`]: what there is not, and why.

mod call;
mod collections;
mod convert;
mod csv;
mod dates;
mod digits;
mod encoding;
mod files;
mod format;
mod function;
mod glob;
mod hashes;
mod json;
mod network;
mod numbers;
mod ordered;
mod regexes;
mod sets;
mod strings;
mod templates;
mod unsupported;
mod yaml_read;
mod yaml_write;

pub use ordered::Ordered;

use std::sync::LazyLock;

use eci_core::suggest::nearest;
use eci_core::{Diagnostic, codes};
use hcl_edit::Span;
use hcl_edit::expr::FuncCall;

use super::evaluate::Evaluator;
use super::resolver::Roots;
pub(crate) use function::Function;
use function::Row;

/// A function of expressions, for help, completion and documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FunctionDoc {
    /// Its name: `lookup`.
    pub name: &'static str,
    /// How it is called: `lookup(table, key, default?)`. What ends in `?` may be left out, of
    /// what ends in `...` there may be any number.
    pub signature: &'static str,
    /// One line on what it gives.
    pub doc: &'static str,
    /// Which functions it belongs with: `Strings`.
    pub group: &'static str,
}

/// A function of Terraform that there is not, on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsentFunction {
    /// Its name.
    pub name: &'static str,
    /// Why there is none.
    pub why: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

/// Every function of expressions, group by group, and in name order within.
pub fn functions() -> impl Iterator<Item = FunctionDoc> {
    GROUPS.iter().flat_map(|(group, rows)| {
        rows.iter().map(|row| {
            let function = Function::new(group, row);
            FunctionDoc {
                name: function.name,
                signature: row.signature,
                doc: row.doc,
                group: function.group,
            }
        })
    })
}

/// The functions of Terraform that there are not, on purpose, in name order.
pub fn absent_functions() -> impl Iterator<Item = AbsentFunction> {
    unsupported::all().map(|(name, why, instead)| AbsentFunction { name, why, instead })
}

static GROUPS: &[(&str, &[Row])] = &[
    ("Numbers", numbers::ROWS),
    ("Strings", strings::ROWS),
    ("Regular expressions", regexes::ROWS),
    ("Lists and maps", collections::ROWS),
    ("Sets", sets::ROWS),
    ("Types", convert::ROWS),
    ("Encoding", encoding::ROWS),
    ("Hashes", hashes::ROWS),
    ("Files", files::ROWS),
    ("Templates", templates::ROWS),
    ("Dates", dates::ROWS),
    ("Network", network::ROWS),
];

/// All functions, by name.
static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let mut functions: Vec<Function> = GROUPS
        .iter()
        .flat_map(|(group, rows)| rows.iter().map(|row| Function::new(group, row)))
        .collect();
    functions.sort_by_key(|function| function.name);
    functions
});

/// The function that a call names, if there is one that takes so many arguments.
pub(crate) fn find(
    evaluator: &Evaluator<'_>,
    call: &FuncCall,
) -> Result<&'static Function, Box<Diagnostic>> {
    let name = call.name.name.value().as_str();
    let span = call.name.name.span();
    // Terraform's own functions may also be called `core::upper`.
    let has_namespace = match &*call.name.namespace {
        [] => false,
        [namespace] => namespace.value().as_str() != "core",
        _ => true,
    };
    if name == "type" && !has_namespace && evaluator.roots != Roots::Console {
        let message = "`type` is a function of `eci console` alone";
        let error = evaluator.error(codes::UNKNOWN_FUNCTION, message, span);
        return Err(Box::new(
            error.help("write can(tonumber(…)) and the like to ask for a type"),
        ));
    }
    let known = FUNCTIONS.binary_search_by_key(&name, |function| function.name);
    let function = match known {
        Ok(at) if !has_namespace => &FUNCTIONS[at],
        _ => return Err(unknown(evaluator, call, has_namespace)),
    };
    let given = call.args.len();
    // A list spread with `...` gives any number, none included.
    let fits = if call.args.expand_final() {
        function.most.is_none_or(|most| given <= most + 1)
    } else {
        function.takes(given)
    };
    if fits {
        Ok(function)
    } else {
        let message = format!("`{name}` takes {}, {given} given", function.arity());
        let error = evaluator.error(codes::ARGUMENTS, message, span);
        Err(Box::new(
            error.help(format!("write {}", function.row.signature)),
        ))
    }
}

fn unknown(evaluator: &Evaluator<'_>, call: &FuncCall, has_namespace: bool) -> Box<Diagnostic> {
    let name = call.name.name.value().as_str();
    let span = call.name.name.span();
    if let Some(absent) = unsupported::find(name, has_namespace) {
        let message = format!("function `{name}` is not supported: {}", absent.why);
        let error = evaluator.error(codes::UNKNOWN_FUNCTION, message, span);
        return Box::new(error.help(absent.instead));
    }
    let message = format!("unknown function `{name}`");
    let error = evaluator.error(codes::UNKNOWN_FUNCTION, message, span);
    match nearest(name, FUNCTIONS.iter().map(|function| function.name)) {
        Some(near) => Box::new(error.did_you_mean(name, near)),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_is_in_name_order_and_each_function_is_there_once() {
        for (group, rows) in GROUPS {
            assert!(
                rows.windows(2)
                    .all(|pair| pair[0].signature < pair[1].signature),
                "{group}"
            );
        }
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
        let mut absent = unsupported::all();
        assert!(absent.all(|(name, _, _)| FUNCTIONS.iter().all(|function| function.name != name)));
    }
}
