//! From texts to addresses.

use std::str::FromStr;

use eci_text::{In, Lang, List, Text, messages, text};

use super::{Address, Kind, ModuleStep, Subject, is_label};
use crate::suggest::did_you_mean;
use crate::truncate::truncate;

/// A text that is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct AddressError {
    text: String,
    reason: Text,
    help: Option<Text>,
}

messages! { AddressError:
    AddressError { text, reason, .. } => en("invalid address `{text}`: {reason}"),
        zh("地址 `{text}` 无效：{}", In(reason, Lang::Zh));
}

impl AddressError {
    /// Returns the reason alone, without the text.
    pub fn reason(&self) -> &Text {
        &self.reason
    }

    /// Returns the remedy, if one is known: the address that was probably meant.
    pub fn help(&self) -> Option<Text> {
        self.help.clone()
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        Parser::read(text, Parser::address)
    }
}

impl FromStr for Subject {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Subject, AddressError> {
        Parser::read(text, Parser::subject)
    }
}

const MISSING_NAME: Text = Text::fixed("missing `.` and a name", "缺少 `.` 和名称");
const UNQUOTED_KEY: Text = Text::fixed(
    "an instance key must be quoted, for example `[\"a\"]`",
    "实例键必须加引号，例如 `[\"a\"]`",
);
const UNTERMINATED_KEY: Text = Text::fixed("unterminated instance key", "实例键没有结束");
const INVALID_ESCAPE: Text = Text::fixed(
    "`\\u` in an instance key must be followed by the four digits of a character",
    "实例键中的 `\\u` 之后必须是一个字符的 4 位数字",
);
const MISSING_BRACKET: Text = Text::fixed("missing `]`", "缺少 `]`");

struct Parser<'a> {
    whole: &'a str,
    rest: &'a str,
    /// The remedy for the error, if one is known.
    help: Option<Text>,
}

impl<'a> Parser<'a> {
    fn read<T>(
        text: &'a str,
        part: impl FnOnce(&mut Self) -> Result<T, Text>,
    ) -> Result<T, AddressError> {
        let mut parser = Parser {
            whole: text,
            rest: text,
            help: None,
        };
        part(&mut parser).map_err(|reason| AddressError {
            text: truncate(text),
            reason: reason.map(|reason| truncate(reason).into()),
            help: parser.help,
        })
    }

    fn address(&mut self) -> Result<Address, Text> {
        match self.subject()? {
            Subject::Resource(address) => Ok(address),
            Subject::Module(_) => Err(MISSING_NAME),
        }
    }

    fn subject(&mut self) -> Result<Subject, Text> {
        let mut modules = Vec::new();
        loop {
            let word = self.label()?;
            if word == "module" {
                self.dot()?;
                let name = self.label()?.into();
                modules.push(ModuleStep {
                    name,
                    key: self.key()?.map(Into::into),
                });
                if self.rest.is_empty() {
                    return Ok(Subject::Module(modules));
                }
                self.dot()?;
                continue;
            }
            let kind = Kind::from_name(&word).ok_or_else(|| self.unknown_type(&word))?;
            self.dot()?;
            let label = self.label()?.into();
            let key = self.key()?.map(Into::into);
            if !self.rest.is_empty() {
                return Err(text!(
                    en: "unexpected `{rest}` at the end",
                    zh: "末尾有多余的 `{rest}`",
                    rest = self.rest,
                ));
            }
            return Ok(Subject::Resource(Address::build(modules, kind, label, key)));
        }
    }

    /// Returns the reason why a word is not a resource type, and sets the remedy.
    fn unknown_type(&mut self, word: &str) -> Text {
        let known = Kind::ALL.map(Kind::name);
        // What precedes the word: modules.
        let end = self.whole.len() - self.rest.len() - word.len();
        let modules = &self.whole[..end];
        let near = crate::suggest::nearest(word, known);
        if near.is_none() && self.rest.is_empty() {
            // A name alone.
            let meant = format!("{modules}{}.{word}", Kind::ContainerGroup);
            self.help = Some(did_you_mean(&truncate(meant)));
            return text!(en: "missing resource type", zh: "缺少资源类型");
        }
        self.help = Some(match near {
            Some(near) => did_you_mean(&truncate(format!("{modules}{near}{}", self.rest))),
            None => text!(
                en: "supported resource types: {known}",
                zh: "支持的资源类型：{known}",
                known = List::and(known.map(|it| format!("`{it}`"))),
            ),
        });
        text!(
            en: "unknown resource type `{word}`",
            zh: "未知资源类型 `{word}`",
            word = word,
        )
    }

    fn label(&mut self) -> Result<String, Text> {
        let end = self.rest.find(['.', '[']).unwrap_or(self.rest.len());
        let (label, rest) = self.rest.split_at(end);
        self.rest = rest;
        if is_label(label) {
            Ok(label.to_owned())
        } else {
            Err(text!(
                en: "invalid name `{label}`",
                zh: "名称 `{label}` 无效",
                label = label,
            ))
        }
    }

    fn dot(&mut self) -> Result<(), Text> {
        self.rest = self.rest.strip_prefix('.').ok_or(MISSING_NAME)?;
        Ok(())
    }

    fn key(&mut self) -> Result<Option<String>, Text> {
        let Some(rest) = self.rest.strip_prefix('[') else {
            return Ok(None);
        };
        let rest = rest.strip_prefix('"').ok_or(UNQUOTED_KEY)?;
        let mut key = String::new();
        let mut characters = rest.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '\\' => key.push(match characters.next().ok_or(UNTERMINATED_KEY)?.1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'u' => {
                        let digits = characters.by_ref().take(4).map(|(_, digit)| digit);
                        character(&digits.collect::<String>()).ok_or(INVALID_ESCAPE)?
                    }
                    other => other,
                }),
                '"' => {
                    self.rest = rest[at + 1..].strip_prefix(']').ok_or(MISSING_BRACKET)?;
                    return Ok(Some(key));
                }
                other => key.push(other),
            }
        }
        Err(UNTERMINATED_KEY)
    }
}

/// Decodes the four hexadecimal digits of a character.
fn character(digits: &str) -> Option<char> {
    let is_number = digits.len() == 4 && digits.bytes().all(|it| it.is_ascii_hexdigit());
    let number = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
    char::from_u32(number)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_of_address_is_read_as_it_is_written() {
        for text in [
            "container_group.web",
            "volume.data[\"a\"]",
            "volume.data[\"a \\\"quoted\\\" \\\\ key.[]\"]",
            "module.edge.eip.front",
            "module.a[\"x\"].module.b.container_group.web[\"y\"]",
            "volume.data[\"a\\n\\u001b\\u202eb\"]",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_wrong_address_says_what_is_wrong() {
        let error = |text: &str| text.parse::<Address>().unwrap_err().to_string();
        let help = |text: &str| text.parse::<Address>().unwrap_err().help();
        for (text, reason, meant) in [
            (
                "container_gruop.web",
                "unknown resource type `container_gruop`",
                "container_group.web",
            ),
            ("shop", "missing resource type", "container_group.shop"),
            (
                "module.a[\"k\"].shop",
                "missing resource type",
                "module.a[\"k\"].container_group.shop",
            ),
            (
                "module.a.epi.web",
                "unknown resource type `epi`",
                "module.a.eip.web",
            ),
        ] {
            assert!(error(text).ends_with(reason), "{text}");
            assert_eq!(help(text), Some(did_you_mean(meant)));
        }
        let types = help("server.web").unwrap();
        assert!(types.en().ends_with("and `container_group`"), "{types}");
        assert!(error("eip").ends_with("missing `.` and a name"));
        assert!(error("eip.a b").contains("invalid name `a b`"));
        assert!(error("eip.a[0]").contains("must be quoted"));
        assert!(error("eip.a[\"\\u12\"]").contains("four digits"));
        assert!(error("eip.a[\"\\ud800\"]").contains("four digits"));
        assert!(error("eip.a.id").contains("unexpected `.id`"));
        for long in ["x", "eip.", "eip.a", "eip.a ", "module.a."] {
            let message = error(&long.repeat(1 << 18));
            assert!(message.chars().count() < 1000, "{long}");
        }
    }

    proptest! {
        #[test]
        fn any_key_survives_the_way_through_text(key in any::<String>()) {
            let address = Address::new(Kind::Volume, "data").instance(key.as_str());
            prop_assert!(!address.to_string().contains(eci_text::is_hidden));
            prop_assert_eq!(address.to_string().parse::<Address>().unwrap(), address);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = text.parse::<Address>();
        }
    }
}
