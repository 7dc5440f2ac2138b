//! Nouns that are counted, and lists of names.

use std::fmt;

use crate::{In, Lang, Localize};

/// A noun that a number can precede: `3 errors`, `3 个错误`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noun {
    /// The English singular.
    pub one: &'static str,
    /// The English plural.
    pub many: &'static str,
    /// The Chinese noun.
    pub zh: &'static str,
    /// The Chinese measure word; empty where the noun has none.
    pub measure: &'static str,
}

impl Noun {
    /// Returns the noun with a number of any size; one beyond `usize::MAX` is shown as that.
    pub fn count_u64(self, number: u64) -> Count {
        self.count(usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// Returns the noun with its number.
    pub const fn count(self, number: usize) -> Count {
        Count { noun: self, number }
    }
}

/// A second, for example in `within 10 seconds`.
pub const SECOND: Noun = Noun {
    one: "second",
    many: "seconds",
    zh: "秒",
    measure: "",
};

/// A number of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    noun: Noun,
    number: usize,
}

impl Count {
    /// Returns the number.
    pub fn number(self) -> usize {
        self.number
    }
}

impl Localize for Count {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { noun, number } = self;
        match lang {
            Lang::En if *number == 1 => write!(f, "1 {}", noun.one),
            Lang::En => write!(f, "{number} {}", noun.many),
            Lang::Zh if noun.measure.is_empty() => write!(f, "{number} {}", noun.zh),
            Lang::Zh => write!(f, "{number} {}{}", noun.measure, padded(noun.zh)),
        }
    }
}

/// Returns a Chinese text after a Han character: a space is put before one that begins with ASCII.
fn padded(noun: &str) -> String {
    if noun.starts_with(|first: char| first.is_ascii()) {
        format!(" {noun}")
    } else {
        noun.to_owned()
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_in(Lang::En, f)
    }
}

/// A value after a Han character: in Chinese, a space is put before one that begins with a Latin
/// letter, a digit or a sign.
///
/// ```
/// use eci_text::{Lang, Spaced, say};
///
/// for (value, expected) in [("列表", "实际为列表"), ("`5`", "实际为 `5`")] {
///     assert_eq!(say!(Lang::Zh, en: "found {v}", zh: "实际为{v}", v = Spaced(value)), expected);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Spaced<T>(pub T);

impl<T: Localize> Localize for Spaced<T> {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match lang {
            Lang::En => self.0.fmt_in(lang, f),
            Lang::Zh => f.write_str(&padded(&In(&self.0, lang).to_string())),
        }
    }
}

/// Elements in a sentence: `a, b, and c`, `a、b 和 c`.
#[derive(Clone, Debug)]
pub struct List<T> {
    elements: Vec<T>,
    last: [&'static str; 2],
}

impl<T> List<T> {
    /// Lists all of them, joined by "and".
    pub fn and(elements: impl IntoIterator<Item = T>) -> List<T> {
        List {
            elements: elements.into_iter().collect(),
            last: ["and", "和"],
        }
    }

    /// Lists alternatives, joined by "or".
    pub fn or(elements: impl IntoIterator<Item = T>) -> List<T> {
        List {
            elements: elements.into_iter().collect(),
            last: ["or", "或"],
        }
    }
}

impl<T: Localize> Localize for List<T> {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [en, zh] = self.last;
        let count = self.elements.len();
        let mut before = String::new();
        for (at, element) in self.elements.iter().enumerate() {
            let is_last = at + 1 == count;
            let element = In(element, lang).to_string();
            match lang {
                _ if at == 0 => {}
                Lang::En if !is_last => f.write_str(", ")?,
                Lang::En if count == 2 => write!(f, " {en} ")?,
                Lang::En => write!(f, ", {en} ")?,
                Lang::Zh if !is_last => f.write_str("、")?,
                Lang::Zh if before.ends_with(|last: char| last.is_ascii()) => write!(f, " {zh}")?,
                Lang::Zh => f.write_str(zh)?,
            }
            if lang == Lang::Zh && is_last && at > 0 {
                f.write_str(&padded(&element))?;
            } else {
                f.write_str(&element)?;
            }
            before = element;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text;

    const ERROR: Noun = Noun {
        one: "error",
        many: "errors",
        zh: "错误",
        measure: "个",
    };

    const EIP: Noun = Noun {
        one: "EIP",
        many: "EIPs",
        zh: "EIP",
        measure: "个",
    };

    #[test]
    fn a_number_has_the_form_of_its_noun() {
        let of = |noun: Noun, number| {
            let text = text!(en: "{n}.", zh: "{n}。", n = noun.count(number));
            Lang::ALL.map(|lang| text.get(lang).to_owned())
        };
        assert_eq!(of(ERROR, 0), ["0 errors.", "0 个错误。"]);
        assert_eq!(of(ERROR, 1), ["1 error.", "1 个错误。"]);
        assert_eq!(of(EIP, 2), ["2 EIPs.", "2 个 EIP。"]);
    }

    #[test]
    fn a_list_has_its_commas_and_the_word_before_the_last() {
        let of = |names: &[&'static str]| {
            let text = text!(en: "{names}", zh: "{names}", names = List::and(names.to_vec()));
            Lang::ALL.map(|lang| text.get(lang).to_owned())
        };
        assert_eq!(of(&[]), ["", ""]);
        assert_eq!(of(&["a"]), ["a", "a"]);
        assert_eq!(of(&["a", "b"]), ["a and b", "a 和 b"]);
        assert_eq!(of(&["甲", "乙"])[1], "甲和乙");
        assert_eq!(of(&["甲", "b", "乙"])[1], "甲、b 和乙");
        assert_eq!(of(&["a", "b", "c"]), ["a, b, and c", "a、b 和 c"]);
        let or = List::or(["a", "b"]);
        assert_eq!(
            text!(en: "{or}", zh: "{or}", or = or).get(Lang::Zh),
            "a 或 b"
        );
    }
}
