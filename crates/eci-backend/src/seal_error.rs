//! Errors of encryption.

use eci_state::{EncryptionFailure, ObjectDamage, RemoteError, StateError};
use eci_text::{In, Lang, Text, messages, text};
use thiserror::Error;

/// An error of encrypting or decrypting an object.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The object is damaged.
    Damaged(#[from] ObjectDamage),
    /// The operating system has no random numbers.
    NoRandomness,
    /// The cipher refuses its input.
    Cipher,
    /// The secret of a reader of a new data key is not available, for this reason.
    AbsentReader(Text),
}

impl SealError {
    /// Returns the remedy.
    pub fn help(&self) -> Text {
        match self {
            SealError::AbsentReader(_) => text!(
                en: "supply that secret, or remove its `[[encryption.key]]` from the manifests",
                zh: "提供该机密信息，或从清单中移除对应的 `[[encryption.key]]`",
            ),
            SealError::NoRandomness => text!(
                en: "run the command again, or on another machine",
                zh: "重新执行该命令，或在其他机器上执行",
            ),
            SealError::Damaged(_) | SealError::Cipher => text!(
                en: "this is a bug in eci; please report it",
                zh: "这是 eci 的缺陷，请反馈",
            ),
        }
    }

    /// Returns the error of the state that could not be encrypted.
    pub(crate) fn at(&self, location: String) -> StateError {
        let failure = EncryptionFailure {
            location,
            cause: Text::of(self),
            help: self.help(),
        };
        RemoteError::NotEncrypted(Box::new(failure)).into()
    }
}

messages! { SealError:
    SealError::Damaged(damage) => en("{damage}"), zh("{}", In(damage, Lang::Zh));
    SealError::NoRandomness =>
        en("the operating system provides no random numbers"),
        zh("操作系统未提供随机数");
    SealError::Cipher =>
        en("internal error: the cipher refused its input"),
        zh("内部错误：加密算法拒绝了输入");
    SealError::AbsentReader(reason) =>
        en("a new data key must be encrypted with every `[[encryption.key]]`: {reason}"),
        zh("新的数据密钥必须使用每个 `[[encryption.key]]` 加密：{}", reason.get(Lang::Zh));
}
