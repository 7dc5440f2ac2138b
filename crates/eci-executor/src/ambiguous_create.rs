//! A create of an earlier run of which several objects could be the result.

use eci_core::quote::shell_word;
use eci_text::{In, Lang, List, Text, messages, text};

/// A create of an earlier run of which several objects could be the result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct AmbiguousCreate {
    /// The address of the resource.
    pub address: String,
    /// The IDs of the objects.
    pub ids: Vec<String>,
}

messages! { AmbiguousCreate:
    AmbiguousCreate { address, ids } =>
        en("cannot determine which object an earlier run created for {address}: {}",
            In(&List::or(ids.iter()), Lang::En)),
        zh("无法确定先前的运行为 {address} 创建的是哪个对象：{}",
            In(&List::or(ids.iter()), Lang::Zh));
}

impl AmbiguousCreate {
    /// Returns what to do about it.
    pub fn help(&self) -> Text {
        text!(
            en: "run `eci state rm {address}` and declare an `[[import]]` for one of them, or delete all \
                 of them in the CTyun console; then run the command again",
            zh: "执行 `eci state rm {address}`，并为其中一个声明 `[[import]]`，或在天翼云控制台将其全部删除；\
                 然后再次执行该命令",
            address = shell_word(&self.address),
        )
    }
}
