//! Functions of expressions, by Terraform's names and with its results.
//!
//! A function is one row of a table: its signature, a line on what it gives, how it treats
//! unknown and sensitive parts of its arguments, and what it computes.
//!
//! * [`function`]: what a row is; [`call`]: how a row becomes a value;
//! * [`numbers`], [`strings`], [`regexes`], [`format`](mod@format);
//! * [`collections`], [`maps`], [`sets`], [`ordered`], [`convert`];
//! * [`json`], [`yaml_write`], [`yaml_read`], [`csv`], [`encoding`], [`hashes`];
//! * [`files`], [`glob`], [`templates`], [`dates`], [`network`];
//! * [`unsupported`]: functions of Terraform that eci does not support, and why.

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
mod maps;
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

pub use ordered::SortKey;
pub use unsupported::UnsupportedFunction;

use std::sync::LazyLock;

use eci_core::suggest::nearest;
use eci_core::{Diagnostic, codes};
use eci_text::{List, Text, text};
use hcl_edit::Span;
use hcl_edit::expr::FuncCall;

use super::evaluate::Evaluator;
use super::resolver::Roots;
pub(crate) use function::Function;
use function::FunctionRow;

/// A function of expressions, for help, completion and documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionDoc {
    /// Its name: `lookup`.
    pub name: &'static str,
    /// The form of a call: `lookup(table, key, default?)`.
    ///
    /// A parameter that ends in `?` may be left out, of one that ends in `...` there may be any
    /// number.
    pub signature: &'static str,
    /// One sentence on its result.
    pub doc: &'static Text,
    /// The functions that it belongs to: `Strings`.
    pub group: &'static Text,
}

/// Returns every function of expressions, group by group, and in name order within.
pub fn functions() -> impl Iterator<Item = FunctionDoc> {
    GROUPS.iter().flat_map(|group| {
        group.rows.iter().map(|row| FunctionDoc {
            name: Function::new(row).name,
            signature: row.signature,
            doc: &row.doc,
            group: &group.title,
        })
    })
}

/// Returns the functions of Terraform that are not supported on purpose, in name order.
pub fn unsupported_functions() -> impl Iterator<Item = UnsupportedFunction> {
    unsupported::all()
}

/// Functions that belong together.
struct FunctionGroup {
    title: Text,
    rows: &'static [FunctionRow],
}

const fn group(en: &'static str, zh: &'static str, rows: &'static [FunctionRow]) -> FunctionGroup {
    FunctionGroup {
        title: Text::fixed(en, zh),
        rows,
    }
}

static GROUPS: [FunctionGroup; 12] = [
    group("Numbers", "数值", numbers::ROWS),
    group("Strings", "字符串", strings::ROWS),
    group("Regular expressions", "正则表达式", regexes::ROWS),
    group("Lists and maps", "列表和映射", collections::ROWS),
    group("Sets", "集合", sets::ROWS),
    group("Types", "类型", convert::ROWS),
    group("Encoding", "编码", encoding::ROWS),
    group("Hashes", "哈希", hashes::ROWS),
    group("Files", "文件", files::ROWS),
    group("Templates", "模板", templates::ROWS),
    group("Dates", "日期", dates::ROWS),
    group("Network", "网络", network::ROWS),
];

/// All functions, by name.
static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let mut functions: Vec<Function> = GROUPS
        .iter()
        .flat_map(|group| group.rows.iter().map(Function::new))
        .collect();
    functions.sort_by_key(|function| function.name);
    functions
});

/// Returns the function that a call names, if it takes this number of arguments.
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
        let message = text!(
            en: "function `type` is available only in `eci console`",
            zh: "函数 `type` 仅可在 `eci console` 中使用",
        );
        let error = evaluator.error(codes::UNKNOWN_FUNCTION, message, span);
        return Err(Box::new(error.help(text!(
            en: "test for a type with a conversion, for example `can(tonumber(…))`",
            zh: "用类型转换判断类型，例如 `can(tonumber(…))`",
        ))));
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
        let error = evaluator.error(codes::ARGUMENTS, function.wrong_count(given), span);
        Err(Box::new(error.help(function.usage())))
    }
}

fn unknown(evaluator: &Evaluator<'_>, call: &FuncCall, has_namespace: bool) -> Box<Diagnostic> {
    let name = call.name.name.value().as_str();
    let span = call.name.name.span();
    if let Some(function) = unsupported::find(name, has_namespace) {
        let message = text!(
            en: "function `{name}` is not supported: {why}",
            zh: "不支持函数 `{name}`：{why}",
            name = name,
            why = function.why,
        );
        let error = evaluator.error(codes::UNKNOWN_FUNCTION, message, span);
        return Box::new(error.help(function.instead.clone()));
    }
    let message = text!(
        en: "unknown function `{name}`",
        zh: "未知函数 `{name}`",
        name = name,
    );
    let error = evaluator.error(codes::UNKNOWN_FUNCTION, message, span);
    if let Some(near) = nearest(name, FUNCTIONS.iter().map(|function| function.name)) {
        return Box::new(error.did_you_mean(name, near));
    }
    let similar = similar(name);
    if similar.is_empty() {
        return Box::new(error.help(text!(
            en: "the functions are listed on {page}",
            zh: "函数列表见 {page}",
            page = FUNCTIONS_PAGE,
        )));
    }
    Box::new(error.help(text!(
        en: "similar functions: {names}",
        zh: "相近的函数：{names}",
        names = List::and(similar.iter().map(|name| format!("`{name}`"))),
    )))
}

/// The page that lists all functions.
const FUNCTIONS_PAGE: Text = Text::fixed(
    concat!(
        env!("CARGO_PKG_REPOSITORY"),
        "/blob/main/docs/expressions.md#functions"
    ),
    concat!(
        env!("CARGO_PKG_REPOSITORY"),
        "/blob/main/docs/zh/expressions.md#函数"
    ),
);

/// Returns functions whose names have a word of an unknown name: `join` for `string_join`.
fn similar(name: &str) -> Vec<&'static str> {
    /// Shorter words are in too many names.
    const SHORTEST_WORD: usize = 4;
    const MOST_NAMED: usize = 5;
    let words: Vec<&str> = name
        .split('_')
        .filter(|word| word.len() >= SHORTEST_WORD)
        .collect();
    let names = FUNCTIONS.iter().map(|function| function.name);
    let has_word = |known: &&str| {
        words.iter().any(|word| {
            known.contains(word) || (known.len() >= SHORTEST_WORD && word.contains(known))
        })
    };
    names.filter(has_word).take(MOST_NAMED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_group_is_in_name_order_and_each_function_is_there_once() {
        for group in &GROUPS {
            assert!(
                group
                    .rows
                    .windows(2)
                    .all(|pair| pair[0].signature < pair[1].signature),
                "{}",
                group.title
            );
        }
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
        let mut absent = unsupported::all();
        assert!(absent.all(|absent| {
            FUNCTIONS
                .iter()
                .all(|function| function.name != absent.name)
        }));
    }
}
