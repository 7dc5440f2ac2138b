//! The encryption keys of a state.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use eci_backend::{ReaderKey, SecretKey};
use eci_config::EncryptionKey;
use eci_text::{Text, text};

use super::environment::value;
use super::error::BackendError;
use crate::connect::Variable;

/// The shortest passphrase in characters.
const SHORTEST_PASSPHRASE: usize = 16;

/// Returns the keys of an encrypted state: at least one.
pub(super) fn readers(
    keys: &[EncryptionKey],
    variable: Variable,
) -> Result<Vec<ReaderKey>, BackendError> {
    let mut readers = Vec::with_capacity(keys.len());
    let mut absent = None;
    for key in keys {
        readers.push(match reader(key, variable) {
            Err(
                error @ (BackendError::NotSet { .. }
                | BackendError::Empty { .. }
                | BackendError::Program { .. }),
            ) => {
                let reader = ReaderKey::Absent(Text::of(&error));
                absent.get_or_insert(error);
                reader
            }
            reader => reader?,
        });
    }
    let is_absent = |reader: &ReaderKey| matches!(reader, ReaderKey::Absent(_));
    if readers.iter().all(is_absent) {
        return Err(absent.unwrap_or(BackendError::NoKey));
    }
    Ok(readers)
}

/// Returns the secret of a reader.
fn reader(key: &EncryptionKey, variable: Variable) -> Result<ReaderKey, BackendError> {
    match key {
        EncryptionKey::PassphraseEnv(name) => {
            let content = || {
                text!(
                    en: "a passphrase of at least 16 characters",
                    zh: "至少 16 个字符的口令",
                )
            };
            let passphrase = value(name, variable, content())?;
            if passphrase.chars().count() < SHORTEST_PASSPHRASE {
                return Err(BackendError::NotValid {
                    variable: name.clone(),
                    content: content(),
                });
            }
            Ok(ReaderKey::Passphrase(passphrase.into()))
        }
        EncryptionKey::KeyEnv(name) => {
            let content = || {
                text!(
                    en: "a key of 32 bytes, in Base64 or hexadecimal",
                    zh: "以 Base64 或十六进制表示的 32 字节密钥",
                )
            };
            let key = SecretKey::parse(&value(name, variable, content())?);
            key.map(ReaderKey::Key)
                .ok_or_else(|| BackendError::NotValid {
                    variable: name.clone(),
                    content: content(),
                })
        }
        EncryptionKey::Program(command) => printed_key(command),
        _ => Err(BackendError::NoKey),
    }
}

/// Returns the key that a program prints.
///
/// Its standard error is that of this program: it may ask for a password there.
fn printed_key(command: &[String]) -> Result<ReaderKey, BackendError> {
    let (program, arguments) = command.split_first().ok_or(BackendError::NoKey)?;
    let failed = |cause: Text| BackendError::Program {
        program: program.clone(),
        cause,
    };
    let output = Command::new(PathBuf::from(program))
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| failed(Text::of(&error)))?;
    if !output.status.success() {
        return Err(failed(match output.status.code() {
            Some(code) => text!(
                en: "it ended with exit code {code}",
                zh: "退出码为 {code}",
                code = code,
            ),
            None => Text::verbatim(output.status.to_string()),
        }));
    }
    let key = SecretKey::parse(&String::from_utf8_lossy(&output.stdout));
    key.map(ReaderKey::Key).ok_or_else(|| {
        failed(text!(
            en: "its output is not a key of 32 bytes, in Base64 or hexadecimal",
            zh: "其输出不是以 Base64 或十六进制表示的 32 字节密钥",
        ))
    })
}
