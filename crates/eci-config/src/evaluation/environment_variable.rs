//! Names of environment variables that contain secrets.

use eci_core::{Diagnostic, codes};
use eci_text::{Text, text};

/// Returns whether an environment variable can have this name.
pub(crate) fn is_variable_name(text: &str) -> bool {
    let mut characters = text.chars();
    let is_start = |it: char| it.is_ascii_alphabetic() || it == '_';
    characters.next().is_some_and(is_start)
        && characters.all(|it| is_start(it) || it.is_ascii_digit())
}

/// Returns the error about a value that is not the name of an environment variable.
pub(crate) fn not_a_variable(key: &str) -> Diagnostic {
    let message = text!(
        en: "`{key}` must be the name of an environment variable",
        zh: "`{key}` 必须是环境变量的名称",
        key = key,
    );
    Diagnostic::new(codes::BAD_VALUE, message).help(text!(
        en: "set an environment variable to the value, and write its name here: secrets do not belong in manifests",
        zh: "将值设置到环境变量中，此处只写变量名：机密信息不应写入清单",
    ))
}

/// Returns the help for a secret that is written in place of the name of an environment variable.
///
/// It has no edit, which would repeat the secret as the name of a variable.
pub(crate) fn use_variable(key: &str) -> Text {
    text!(
        en: "set an environment variable to the value, and write its name as `{key}`: secrets do not belong in manifests",
        zh: "将值设置到环境变量中，在 `{key}` 中写入变量名：机密信息不应写入清单",
        key = key,
    )
}
