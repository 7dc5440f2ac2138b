//! Nouns of messages: the types of values, and what is counted.

use eci_text::{Noun, Text};

/// Elements of a list.
pub(crate) const ELEMENT: Noun = Noun {
    one: "element",
    many: "elements",
    zh: "元素",
    measure: "个",
};

// What a value must be: nouns that begin and end with a Han character in Chinese.
pub(crate) const STRING: Text = Text::fixed("a string", "字符串");
pub(crate) const STRINGS: Text = Text::fixed("a list of strings", "字符串列表");
pub(crate) const BOOLEAN: Text = Text::fixed("a boolean", "布尔值");
pub(crate) const LIST: Text = Text::fixed("a list", "列表");
pub(crate) const MAP: Text = Text::fixed("a map", "映射");
pub(crate) const NUMBER: Text = Text::fixed("a number", "数值");
