//! Errors of encryption.

use eci_state::ObjectDamage;
use eci_text::{In, Lang, Text, messages};
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
