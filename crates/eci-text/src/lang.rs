//! The languages of messages.

/// A language that people read.
///
/// It is chosen by whoever shows a message, never by whoever creates it: two users of one process can
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
