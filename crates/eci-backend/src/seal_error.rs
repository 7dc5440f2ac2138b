//! Errors of encryption.

use eci_state::ObjectDamage;
use eci_text::{In, Lang, messages};
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
}

messages! { SealError:
    SealError::Damaged(damage) => en("{damage}"), zh("{}", In(damage, Lang::Zh));
    SealError::NoRandomness =>
        en("the operating system provides no random numbers"),
        zh("操作系统未提供随机数");
    SealError::Cipher =>
        en("internal error: the cipher refused its input"),
        zh("内部错误：加密算法拒绝了输入");
}
