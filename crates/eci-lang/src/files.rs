//! The content of files next to the manifests, and the errors of reading it.

use std::sync::Arc;

/// The content of a file.
#[derive(Clone, Debug)]
pub enum Content {
    /// UTF-8 text.
    Text(Arc<str>),
    /// What is not UTF-8.
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

/// Why a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It does not exist.
    #[error("there is no file {path:?}")]
    Missing {
        /// The path as it is written.
        path: String,
        /// The module that has such a file in its own directory.
        module: Option<String>,
    },
    /// It is next to neither the manifests nor those of a module.
    #[error("{path:?} leads out of the configuration's directory")]
    Outside {
        /// The path as it is written.
        path: String,
    },
    /// The system refuses to read it.
    #[error("cannot read {path:?}: {cause}")]
    Unreadable {
        /// The path as it is written.
        path: String,
        /// The message of the system.
        cause: String,
    },
    /// Text is needed, and its bytes are none.
    #[error("{path:?} is not UTF-8 text")]
    NotText {
        /// The path as it is written.
        path: String,
    },
    /// It was not read while files could be.
    #[error("{path:?} was not known to be needed when the manifests were read")]
    Late {
        /// The path as it is written.
        path: String,
    },
}

impl FileError {
    /// The way out.
    pub fn help(&self) -> String {
        let help = match self {
            FileError::Missing {
                path,
                module: Some(module),
            } => {
                return format!(
                    "it is in the module's directory {module}: write '${{path.module}}/{path}'"
                );
            }
            FileError::Missing { .. } => "paths begin at the directory of the manifests",
            FileError::Outside { .. } => "copy it beside the manifests",
            FileError::Unreadable { .. } => "check that it is a file, its size and its permissions",
            FileError::NotText { .. } => {
                "name it as `source` of a file of a volume, which may hold any bytes"
            }
            FileError::Late { .. } => "name it by what is known before apply",
        };
        help.to_owned()
    }
}
