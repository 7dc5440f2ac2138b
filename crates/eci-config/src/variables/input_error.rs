//! Errors of `NAME=VALUE` arguments and of variable files.

use std::path::PathBuf;

use eci_core::Diagnostics;
use eci_text::{In, Lang, Text, messages, text};

/// An invalid `NAME=VALUE` argument.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VariableError {
    /// A text without `=`.
    NoValue {
        /// The text as it was given.
        text: String,
    },
    /// A name before `=` that no variable can have.
    NoName {
        /// The text as it was given.
        name: String,
    },
}

messages! { VariableError:
    VariableError::NoValue { text } =>
        en("missing `=` in the variable `{text}`; expected `NAME=VALUE`"),
        zh("变量 `{text}` 缺少 `=`，应为 `NAME=VALUE`");
    VariableError::NoName { name } =>
        en("invalid variable name `{name}`: names consist of ASCII letters, digits, `_`, and `-`"),
        zh("变量名称 `{name}` 无效：名称由 ASCII 字母、数字、`_` 和 `-` 组成");
}

/// An unusable variable file.
///
/// Its content may be secret and is not shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValuesFileError {
    /// A file that cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        cause: std::io::Error,
    },
    /// A file that is not valid TOML.
    NotToml {
        /// The file.
        path: PathBuf,
        /// The errors.
        ///
        /// No part of them shows a value.
        diagnostics: Diagnostics,
    },
    /// A file that is not valid UTF-8.
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The offset of the first byte that is not.
        at: usize,
    },
}

messages! { ValuesFileError:
    ValuesFileError::Unreadable { path, cause } =>
        en("failed to read the variable file `{}`: {}", path.display(), In(cause, Lang::En)),
        zh("读取变量值文件 `{}` 失败：{}", path.display(), In(cause, Lang::Zh));
    ValuesFileError::NotToml { path, diagnostics } =>
        en("{}{}", path.display(), first(diagnostics).en()),
        zh("{}{}", path.display(), first(diagnostics).get(Lang::Zh));
    ValuesFileError::NotUtf8 { path, at } =>
        en("the variable file `{}` is not valid UTF-8 at byte {at}", path.display()),
        zh("变量值文件 `{}` 的第 {at} 字节不是有效的 UTF-8", path.display());
}

impl ValuesFileError {
    /// Returns what to do about it.
    pub fn help(&self) -> Text {
        match self {
            ValuesFileError::Unreadable { .. } => text!(
                en: "check the path and its permissions",
                zh: "检查路径及其权限",
            ),
            ValuesFileError::NotToml { .. } => text!(
                en: "write one value per line, for example `image = \"nginx:1.28\"`",
                zh: "每行写一个值，例如 `image = \"nginx:1.28\"`",
            ),
            ValuesFileError::NotUtf8 { .. } => text!(
                en: "save the file as UTF-8",
                zh: "将文件保存为 UTF-8",
            ),
        }
    }
}

/// Returns the first error after the name of its file, with its place.
fn first(diagnostics: &Diagnostics) -> Text {
    let Some(first) = diagnostics.0.first() else {
        return Text::default();
    };
    let place = match &first.primary {
        Some(label) => {
            let (line, column) = label.place.position();
            format!(":{line}:{column}")
        }
        None => String::new(),
    };
    text!(
        en: "{place}: {message}",
        zh: "{place}：{message}",
        place = place,
        message = first.message,
    )
}
