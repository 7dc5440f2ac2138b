//! The languages of messages.

use std::ffi::OsString;

/// The environment variable with the name of a language.
const VARIABLE: &str = "ECI_LANG";

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

    /// Returns the name by which it is chosen on the command line.
    pub fn name(self) -> &'static str {
        self.pick("en", "zh")
    }

    /// Returns the language with this name: `en` or `zh`, or a locale of it, for example `zh_CN.UTF-8` or
    /// `zh-Hans`. Traditional Chinese is read as Simplified. The locales `C` and `POSIX` are English.
    pub fn named(name: &str) -> Option<Lang> {
        let language = name.split(['_', '-', '.', '@']).next().unwrap_or_default();
        let mut all = Lang::ALL.into_iter();
        let found = all.find(|lang| lang.name().eq_ignore_ascii_case(language));
        found.or_else(|| ["C", "POSIX"].contains(&language).then_some(Lang::En))
    }

    /// Returns the language of a locale: English for every language that is not known.
    pub fn of_locale(locale: &str) -> Lang {
        Lang::named(locale).unwrap_or_default()
    }

    /// Returns the language of an environment: that of `ECI_LANG`, else that of the locale, which is the
    /// first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
    ///
    /// `variable` returns the value of an environment variable.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Lang {
        if let Some(lang) = variable(VARIABLE).and_then(|name| Lang::named(&name)) {
            return lang;
        }
        let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
        let mut values = names.into_iter().filter_map(variable);
        let locale = values.find(|value| !value.is_empty());
        Lang::of_locale(&locale.unwrap_or_default())
    }

    /// Returns the value of `ECI_LANG` if it is not the name of a language, so that it has no effect.
    pub fn unknown_in_environment(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
        variable(VARIABLE).filter(|name| !name.is_empty() && Lang::named(name).is_none())
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
        for name in ["zh_CN", "zh-Hans", "ZH", "zh_CN.UTF-8"] {
            assert_eq!(Lang::named(name), Some(Lang::Zh), "{name}");
        }
        for name in ["EN", "en-US", "en_GB.UTF-8", "C", "C.UTF-8", "POSIX"] {
            assert_eq!(Lang::named(name), Some(Lang::En), "{name}");
        }
        for name in ["fr", "", "zha_CN", "english"] {
            assert_eq!(Lang::named(name), None, "{name}");
        }
    }

    #[test]
    fn an_unknown_language_in_the_environment_has_no_effect_and_is_reported() {
        let environment = |name: &'static str| {
            move |variable: &str| match variable {
                "ECI_LANG" => Some(name.to_owned()),
                "LANG" => Some("zh_CN.UTF-8".to_owned()),
                _ => None,
            }
        };
        assert_eq!(Lang::of_environment(environment("fr")), Lang::Zh);
        let unknown = Lang::unknown_in_environment(environment("fr"));
        assert_eq!(unknown.as_deref(), Some("fr"));
        for name in ["zh-CN", "en_US", ""] {
            assert_eq!(Lang::unknown_in_environment(environment(name)), None);
        }
        assert_eq!(Lang::of_environment(environment("en_US")), Lang::En);
    }
}
