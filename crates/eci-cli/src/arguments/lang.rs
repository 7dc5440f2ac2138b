//! The option `--lang`.

use clap::ValueEnum;
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

/// Returns the language of a command line: that of `--lang`, else that of the environment.
///
/// `variable` returns the value of an environment variable. `ECI_LANG` comes before the locale, which
/// is the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set.
pub(crate) fn chosen(lang: Option<LangArg>, variable: impl Fn(&str) -> Option<String>) -> Lang {
    let names = ["ECI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"];
    let locale = || {
        let mut values = names.into_iter().filter_map(variable);
        values.find(|value| !value.is_empty()).unwrap_or_default()
    };
    lang.map_or_else(|| Lang::of_locale(&locale()), Lang::from)
}

#[cfg(test)]
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
}
