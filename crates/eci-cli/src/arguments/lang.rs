//! The option `--lang`.

use std::ffi::{OsStr, OsString};

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error, ValueEnum};
use eci_text::Lang;

/// A value of `--lang`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LangArg {
    /// English
    En,
    /// 简体中文
    Zh,
}

impl From<LangArg> for Lang {
    fn from(lang: LangArg) -> Lang {
        match lang {
            LangArg::En => Lang::En,
            LangArg::Zh => Lang::Zh,
        }
    }
}

/// A parser of `--lang`, which accepts locales too, as `ECI_LANG` does.
#[derive(Clone)]
pub(crate) struct LangParser;

impl TypedValueParser for LangParser {
    type Value = LangArg;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<LangArg, Error> {
        match value.to_str().and_then(Lang::named) {
            Some(lang) => Ok(lang.into()),
            // Its error lists the names.
            None => EnumValueParser::new().parse_ref(command, argument, value),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let all = LangArg::value_variants().iter();
        Some(Box::new(all.filter_map(LangArg::to_possible_value)))
    }
}

impl From<Lang> for LangArg {
    fn from(lang: Lang) -> LangArg {
        match lang {
            Lang::En => LangArg::En,
            Lang::Zh => LangArg::Zh,
        }
    }
}

/// Returns the language of a command line: that of `--lang`, else that of the environment.
///
/// `variable` returns the value of an environment variable.
pub(crate) fn chosen(lang: Option<LangArg>, variable: impl Fn(&str) -> Option<String>) -> Lang {
    lang.map_or_else(|| Lang::of_environment(variable), Lang::from)
}

/// Returns the value of `--lang` on a command line that could not be parsed.
pub(crate) fn given(arguments: &[OsString]) -> Option<LangArg> {
    Lang::of_command_line(arguments).map(LangArg::from)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(lang: Option<LangArg>, variables: &[[&str; 2]]) -> Lang {
        let find = |name: &str| variables.iter().find(|it| it[0] == name);
        chosen(lang, |name| find(name).map(|it| it[1].to_owned()))
    }

    #[test]
    fn the_option_comes_before_the_variable_and_the_variable_before_the_locale() {
        assert_eq!(of(None, &[]), Lang::En);
        assert_eq!(of(None, &[["LANG", "zh_CN.UTF-8"]]), Lang::Zh);
        assert_eq!(of(None, &[["LANG", "zh_CN"], ["LC_ALL", "C"]]), Lang::En);
        assert_eq!(of(None, &[["LANG", "zh_CN"], ["LC_ALL", ""]]), Lang::Zh);
        assert_eq!(of(None, &[["LC_ALL", "C"], ["ECI_LANG", "zh"]]), Lang::Zh);
        assert_eq!(of(Some(LangArg::En), &[["ECI_LANG", "zh"]]), Lang::En);
    }

    #[test]
    fn the_option_accepts_locales_and_lists_the_names_of_languages() {
        use clap::Parser as _;

        use crate::arguments::Eci;

        let parsed = |name: &str| Eci::try_parse_from(["eci", "--lang", name, "plan"]);
        for name in ["zh", "zh_CN", "zh-Hans", "ZH"] {
            let lang = parsed(name).ok().and_then(|eci| eci.globals.lang);
            assert_eq!(lang, Some(LangArg::Zh), "{name}");
        }
        let error = parsed("fr").map(drop).unwrap_err().to_string();
        assert!(error.contains("[possible values: en, zh]"), "{error}");
    }

    #[test]
    fn a_wrong_command_line_still_has_its_language() {
        let given = |line: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            given(&words)
        };
        assert_eq!(given("eci --lang zh frobnicate"), Some(LangArg::Zh));
        assert_eq!(given("eci plan --lang=en --frob"), Some(LangArg::En));
        assert_eq!(given("eci exec a -- --lang zh"), None);
        assert_eq!(given("eci plan --lang fr"), None);
    }
}
