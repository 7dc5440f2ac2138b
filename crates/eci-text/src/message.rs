//! Messages in all languages, as values that are rendered late.
//!
//! A message has both languages where it is created, in one [`text!`](crate::text!): a site with one
//! language does not compile, and neither does one whose languages use different arguments. The
//! language is selected where it is shown; `Display` is English, for programs, logs and records.
//!
//! ```
//! use eci_text::{Lang, text};
//!
//! let message = text!(
//!     en: "undeclared variable `{name}`",
//!     zh: "变量 `{name}` 未声明",
//!     name = "var.imgae",
//! );
//! assert_eq!(message.get(Lang::Zh), "变量 `var.imgae` 未声明");
//! assert_eq!(message.to_string(), "undeclared variable `var.imgae`");
//! ```

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::path;
use std::sync::Arc;

use crate::Lang;

/// A message in all languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text {
    en: Cow<'static, str>,
    zh: Cow<'static, str>,
}

impl Text {
    /// Creates a message without arguments.
    pub const fn fixed(en: &'static str, zh: &'static str) -> Text {
        Text {
            en: Cow::Borrowed(en),
            zh: Cow::Borrowed(zh),
        }
    }

    /// Creates a message of formatted texts; [`text!`](crate::text!) calls it.
    pub fn new(en: String, zh: String) -> Text {
        Text {
            en: Cow::Owned(en),
            zh: Cow::Owned(zh),
        }
    }

    /// Creates a text that is the same in every language: a name, a number, or words of the cloud.
    pub fn verbatim(text: impl Into<Cow<'static, str>>) -> Text {
        let text = text.into();
        Text {
            en: text.clone(),
            zh: text,
        }
    }

    /// Returns the message of a value in all languages.
    pub fn of(value: &(impl Localize + ?Sized)) -> Text {
        Text {
            en: Cow::Owned(In(value, Lang::En).to_string()),
            zh: Cow::Owned(In(value, Lang::Zh).to_string()),
        }
    }

    /// Returns the message in a language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.en, &self.zh)
    }

    /// Returns the message in English.
    pub fn en(&self) -> &str {
        &self.en
    }

    /// Returns whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.en.is_empty()
    }

    /// Returns the bytes that it takes in all languages.
    pub fn len(&self) -> usize {
        self.en.len() + self.zh.len()
    }

    /// Returns the message with each language changed by a function.
    #[must_use]
    pub fn map(self, change: impl Fn(Cow<'static, str>) -> Cow<'static, str>) -> Text {
        Text {
            en: change(self.en),
            zh: change(self.zh),
        }
    }
}

/// A message without arguments, as a constant that can be copied: a row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedText {
    en: &'static str,
    zh: &'static str,
}

impl FixedText {
    /// Creates a message.
    pub const fn new(en: &'static str, zh: &'static str) -> FixedText {
        FixedText { en, zh }
    }

    /// Returns the message of a value in all languages.
    pub fn of(value: &(impl Localize + ?Sized)) -> Text {
        Text {
            en: Cow::Owned(In(value, Lang::En).to_string()),
            zh: Cow::Owned(In(value, Lang::Zh).to_string()),
        }
    }

    /// Returns the message in a language.
    pub fn get(self, lang: Lang) -> &'static str {
        lang.pick(self.en, self.zh)
    }

    /// Returns the message in English.
    pub fn en(self) -> &'static str {
        self.en
    }
}

impl From<FixedText> for Text {
    fn from(text: FixedText) -> Text {
        Text::fixed(text.en, text.zh)
    }
}

/// English.
impl fmt::Display for FixedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.en)
    }
}

impl Localize for FixedText {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.get(lang))
    }
}

/// English.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.en)
    }
}

/// A value that can be an argument of a message.
///
/// [`Text`], counts and localized errors differ by language; everything else is the same in all of
/// them.
pub trait Localize {
    /// Writes the value in a language.
    ///
    /// # Errors
    /// If the formatter fails.
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

/// A value in a language.
pub struct In<'a, T: ?Sized>(pub &'a T, pub Lang);

impl<T: Localize + ?Sized> fmt::Display for In<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt_in(self.1, f)
    }
}

impl Localize for Text {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.get(lang))
    }
}

impl<T: Localize + ?Sized> Localize for &T {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt_in(self, lang, f)
    }
}

impl<T: Localize + ?Sized> Localize for Box<T> {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        T::fmt_in(self, lang, f)
    }
}

/// An error that consists of a message, and possibly of a cause.
#[derive(Debug)]
pub struct Message {
    text: Text,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Message {
    /// Creates an error without a cause.
    pub fn new(text: Text) -> Message {
        Message { text, source: None }
    }

    /// Sets the cause.
    #[must_use]
    pub fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Message {
        let source = Some(source.into());
        Message { source, ..self }
    }
}

/// English.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl Localize for Message {
    fn fmt_in(&self, lang: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt_in(lang, f)
    }
}

impl Error for Message {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// A value that is displayed in the same way in every language.
pub struct Verbatim<T>(pub T);

impl<T: fmt::Display> Localize for Verbatim<T> {
    fn fmt_in(&self, _: Lang, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Declares types whose values are the same in every language.
#[macro_export]
macro_rules! verbatim {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::Localize for $type {
            fn fmt_in(&self, _: $crate::Lang, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        })*
    };
}

verbatim!(
    str,
    String,
    Cow<'_, str>,
    Arc<str>,
    char,
    bool,
    u8,
    u16,
    u32,
    u64,
    u128,
    usize,
    i8,
    i16,
    i32,
    i64,
    i128,
    isize,
    f32,
    f64,
    path::Display<'_>,
);

/// Formats a message in one language only, as a `String`, where it is shown at once.
///
/// ```
/// use eci_text::{Lang, say};
///
/// let lang = Lang::Zh;
/// let count = 3;
/// assert_eq!(say!(lang, en: "{n} left", zh: "剩余 {n} 个", n = count), "剩余 3 个");
/// ```
#[macro_export]
macro_rules! say {
    ($lang:expr, en: $en:literal, zh: $zh:literal $(,)?) => {
        $crate::Lang::pick($lang, $en, $zh).to_owned()
    };
    ($lang:expr, en: $en:literal, zh: $zh:literal, $($name:ident = $value:expr),+ $(,)?) => {
        match ($(&$value,)+) {
            ($($name,)+) => match $lang {
                $crate::Lang::En => format!($en, $($name = $crate::In($name, $crate::Lang::En)),+),
                $crate::Lang::Zh => format!($zh, $($name = $crate::In($name, $crate::Lang::Zh)),+),
            },
        }
    };
}

/// Creates a [`Text`]: the same message in English and Chinese, with named arguments that implement
/// [`Localize`].
#[macro_export]
macro_rules! text {
    (en: $en:literal, zh: $zh:literal $(,)?) => { $crate::Text::fixed($en, $zh) };
    (en: $en:literal, zh: $zh:literal, $($name:ident = $value:expr),+ $(,)?) => {
        match ($(&$value,)+) {
            ($($name,)+) => $crate::Text::new(
                format!($en, $($name = $crate::In($name, $crate::Lang::En)),+),
                format!($zh, $($name = $crate::In($name, $crate::Lang::Zh)),+),
            ),
        }
    };
}

/// Gives each variant of an error its message in English and Chinese, as `Display` and [`Localize`].
///
/// The arguments are those of `format!`. An argument that differs by language is written as
/// `In(value, Lang::Zh)` in the Chinese message.
#[macro_export]
macro_rules! messages {
    ($type:ty: $($pattern:pat $(if $guard:expr)? => en($($en:tt)*), zh($($zh:tt)*);)*) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::Localize::fmt_in(self, $crate::Lang::En, f)
            }
        }

        impl $crate::Localize for $type {
            #[allow(unused_variables)]
            fn fmt_in(&self, lang: $crate::Lang, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match lang {
                    $crate::Lang::En => match self { $($pattern $(if $guard)? => write!(f, $($en)*),)* },
                    $crate::Lang::Zh => match self { $($pattern $(if $guard)? => write!(f, $($zh)*),)* },
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Failure {
        Missing { name: &'static str },
        Nested { cause: Box<Failure> },
    }

    messages! { Failure:
        Failure::Missing { name } => en("`{name}` is missing"), zh("缺少 `{name}`");
        Failure::Nested { cause } => en("failed: {cause}"), zh("失败：{}", In(cause, Lang::Zh));
    }

    #[test]
    fn a_message_has_each_language_with_its_arguments() {
        let noun = text!(en: "a key", zh: "键");
        let message = text!(en: "{it}: {n:>3}", zh: "{it}：{n}", it = noun, n = 4);
        assert_eq!(message.get(Lang::En), "a key:   4");
        assert_eq!(message.get(Lang::Zh), "键：4");
        assert_eq!(format!("{message:>12}"), "  a key:   4");
        assert_eq!(Text::verbatim("eip-1").get(Lang::Zh), "eip-1");
    }

    #[test]
    fn an_argument_is_evaluated_once() {
        let mut count = 0;
        let mut next = || {
            count += 1;
            count
        };
        let message = text!(en: "{n}", zh: "{n}", n = next());
        assert_eq!((message.en(), count), ("1", 1));
    }

    #[test]
    fn an_error_in_an_error_has_the_same_language() {
        let cause = Box::new(Failure::Missing { name: "a" });
        let error = Failure::Nested { cause };
        assert_eq!(error.to_string(), "failed: `a` is missing");
        assert_eq!(In(&error, Lang::Zh).to_string(), "失败：缺少 `a`");
    }
}
