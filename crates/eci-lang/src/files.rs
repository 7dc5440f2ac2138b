//! The content of files next to the manifests, and the errors of reading it.

use std::sync::Arc;

use eci_text::{Lang, Text, messages, text};

/// The content of a file.
#[derive(Clone, Debug)]
pub enum Content {
    /// UTF-8 text.
    Text(Arc<str>),
    /// Content that is not UTF-8.
    Bytes(Arc<[u8]>),
}

impl Content {
    /// Returns the text of the file of that path, which is only for the error.
    ///
    /// # Errors
    ///
    /// It is not UTF-8.
    pub fn into_text(self, path: &str) -> Result<Arc<str>, FileError> {
        match self {
            Content::Text(text) => Ok(text),
            Content::Bytes(_) => Err(FileError::NotText { path: path.into() }),
        }
    }
}

/// The reason why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file does not exist.
    Missing {
        /// The path as it is written.
        path: String,
        /// The module that has such a file in its own directory.
        module: Option<String>,
    },
    /// The file is next to neither the manifests nor those of a module.
    Outside {
        /// The path as it is written.
        path: String,
    },
    /// The file belongs to the data of git, which may contain credentials.
    GitData {
        /// The path as it is written.
        path: String,
    },
    /// The system refuses to read it.
    Unreadable {
        /// The path as it is written.
        path: String,
        /// The message of the system.
        cause: Text,
    },
    /// The directory has too many files.
    TooMany {
        /// The path as it is written.
        path: String,
        /// The most files that are read.
        most: usize,
    },
    /// Text is needed, and its bytes are none.
    NotText {
        /// The path as it is written.
        path: String,
    },
    /// The file was not read while files could be.
    Late {
        /// The path as it is written.
        path: String,
    },
}

messages! { FileError:
    FileError::Missing { path, .. } => en("file `{path}` not found"), zh("未找到文件 `{path}`");
    FileError::Outside { path } =>
        en("`{path}` is outside of the configuration directory"),
        zh("`{path}` 在配置目录之外");
    FileError::GitData { path } =>
        en("`{path}` belongs to the internal data of git, which may contain credentials"),
        zh("`{path}` 属于 git 的内部数据，其中可能包含凭证");
    FileError::Unreadable { path, cause } =>
        en("failed to read `{path}`: {cause}"),
        zh("读取 `{path}` 失败：{}", cause.get(Lang::Zh));
    FileError::TooMany { path, most } =>
        en("`{path}` has more than {most} files"),
        zh("`{path}` 中的文件超过 {most} 个");
    FileError::NotText { path } =>
        en("`{path}` is not UTF-8 text"),
        zh("`{path}` 不是 UTF-8 文本");
    FileError::Late { path } =>
        en("`{path}` was not read when the configuration was loaded"),
        zh("加载配置时未读取 `{path}`");
}

impl FileError {
    /// Returns what to do about it.
    pub fn help(&self) -> Text {
        match self {
            FileError::Missing {
                path,
                module: Some(module),
            } => text!(
                en: "write `${{path.module}}/{path}`: the file is in the module directory `{module}`",
                zh: "写作 `${{path.module}}/{path}`：文件在模块目录 `{module}` 中",
                path = path,
                module = module,
            ),
            FileError::Missing { .. } => text!(
                en: "paths are relative to the configuration directory",
                zh: "路径相对于配置目录",
            ),
            FileError::Outside { .. } => text!(
                en: "copy the file to the configuration directory",
                zh: "将文件复制到配置目录",
            ),
            FileError::GitData { .. } => text!(
                en: "use a file of the working copy outside of `.git`",
                zh: "使用工作副本中 `.git` 之外的文件",
            ),
            FileError::Unreadable { .. } => text!(
                en: "check the type, the size, and the permissions of the file",
                zh: "检查文件的类型、大小和权限",
            ),
            FileError::TooMany { .. } => text!(
                en: "use a directory with fewer files",
                zh: "使用文件较少的目录",
            ),
            FileError::NotText { .. } => text!(
                en: "use the file as `source` of a config file volume, which can contain any bytes",
                zh: "将文件用作配置文件卷的 `source`，其内容可以是任意字节",
            ),
            FileError::Late { .. } => text!(
                en: "use a path that is known before apply",
                zh: "使用应用前已知的路径",
            ),
        }
    }
}
