//! The languages of messages.

use std::ffi::OsString;

/// A language that people read.
///
/// It is chosen where a message is shown, never where it is created: two users of one process can
/// have two languages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// All languages.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// The name by which it is chosen on the command line.
    pub fn name(self) -> &'static str {
        self.pick("en", "zh")
    }

    /// Returns the language with this name: `en` or `zh`.
    pub fn named(name: &str) -> Option<Lang> {
        Lang::ALL.into_iter().find(|lang| lang.name() == name)
    }

    /// Returns the language of a locale, for example `zh_CN.UTF-8` or `zh-Hans`. Traditional Chinese is
    /// read as Simplified, everything else as English.
    pub fn of_locale(locale: &str) -> Lang {
        let language = locale
            .split(['_', '-', '.', '@'])
            .next()
            .unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") {
            Lang::Zh
        } else {
            Lang::En
        }
    }

    /// Returns the language of an environment: that of `ECI_LANG`, else that of the locale, which is the
    /// first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
    ///
    /// `variable` returns the value of an environment variable.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
        let names = ["ECI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
        let mut values = names.into_iter().filter_map(variable);
        let locale = values.find(|value| !value.is_empty());
        Lang::of_locale(&locale.unwrap_or_default())
    }

    /// Returns the value of `--lang` on a command line, also on one that cannot be parsed.
    pub fn of_command_line(arguments: &[OsString]) -> Option<Lang> {
        let words = arguments.iter().map(|word| word.to_string_lossy());
        let words: Vec<_> = words.take_while(|word| word != "--").collect();
        let mut together = words.iter().filter_map(|word| word.strip_prefix("--lang="));
        let mut pairs = words.windows(2);
        let apart = pairs.find(|pair| pair[0] == "--lang").map(|pair| &*pair[1]);
        together.next_back().or(apart).and_then(Lang::named)
    }

    /// Returns the value for this language.
    pub fn pick<T>(self, en: T, zh: T) -> T {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chinese_locale_is_chinese_and_nothing_else_is() {
        for locale in ["zh", "zh_CN.UTF-8", "zh-Hans", "ZH_tw", "zh@latin"] {
            assert_eq!(Lang::of_locale(locale), Lang::Zh, "{locale}");
        }
        for locale in ["", "C", "POSIX", "en_US.UTF-8", "de", "zha_CN"] {
            assert_eq!(Lang::of_locale(locale), Lang::En, "{locale}");
        }
    }

    #[test]
    fn a_language_is_found_by_its_name() {
        assert_eq!(
            Lang::ALL.map(Lang::name).map(Lang::named),
            Lang::ALL.map(Some)
        );
        assert_eq!(Lang::named("fr"), None);
    }
}
