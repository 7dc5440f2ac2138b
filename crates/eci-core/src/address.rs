//! Names of resources: `kind.label`, `kind.label["key"]`, `module.m.kind.label`; and of modules
//! with all that is in them: `module.m`, `module.m["key"]`.

mod subject;

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use eci_text::{In, Lang, List, Text, messages, text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::quote::{shell_word, toml_string};
use crate::suggest::did_you_mean;
use crate::truncate::truncate;
pub use subject::Subject;

/// The kind of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An elastic IP.
    Eip,
    /// A volume; except for a managed disk it lives only inside its groups.
    Volume,
    /// A container group.
    ContainerGroup,
}

impl Kind {
    /// Every kind, in the order in which they are listed.
    pub const ALL: [Kind; 3] = [Kind::Eip, Kind::Volume, Kind::ContainerGroup];

    /// Returns the name in manifests and addresses.
    pub fn name(self) -> &'static str {
        self.properties().name
    }

    /// Returns the kind of that name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The prefix of an address relative to the whole configuration, where a label
/// of the current module is possible too.
pub const FROM_ROOT: &str = "::";

/// Returns whether a text may name a resource, variable, local, output or module:
/// `[A-Za-z_][A-Za-z0-9_-]*`.
pub fn is_label(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// The address of one resource.
///
/// Cheap to clone, to compare and to look up.
#[derive(Clone, Eq, PartialOrd, Ord)]
pub struct Address(Arc<AddressParts>);

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct AddressParts {
    modules: Vec<ModuleStep>,
    kind: Kind,
    label: Arc<str>,
    key: Option<Arc<str>>,
    /// Of all before it: addresses are looked up far more often than created.
    hash: u64,
}

impl PartialEq for Address {
    fn eq(&self, other: &Address) -> bool {
        let (one, other) = (&self.0, &other.0);
        Arc::ptr_eq(one, other) || one.hash == other.hash && one == other
    }
}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

/// One step into a module: its name and, with `for_each`, its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// The module's name.
    pub name: Arc<str>,
    /// The instance, where the module has several.
    pub key: Option<Arc<str>>,
}

impl Address {
    /// Returns the address of a resource of the root configuration.
    pub fn new(kind: Kind, label: impl Into<Arc<str>>) -> Address {
        Address::build(Vec::new(), kind, label.into(), None)
    }

    /// Returns the address of this resource's instance for one key of `for_each`.
    #[must_use]
    pub fn instance(&self, key: impl Into<Arc<str>>) -> Address {
        let parts = &self.0;
        Address::build(
            parts.modules.clone(),
            parts.kind,
            parts.label.clone(),
            Some(key.into()),
        )
    }

    /// Returns the address without its instance key.
    #[must_use]
    pub fn resource(&self) -> Address {
        let parts = &self.0;
        Address::build(parts.modules.clone(), parts.kind, parts.label.clone(), None)
    }

    /// Returns the address as a string of a manifest.
    pub fn in_toml(&self) -> String {
        toml_string(&self.to_string())
    }

    /// Returns the address as a word of a command line.
    pub fn in_shell(&self) -> String {
        shell_word(&self.to_string())
    }

    /// Returns this address relative to the outside of a module.
    #[must_use]
    pub fn within(&self, modules: &[ModuleStep]) -> Address {
        if modules.is_empty() {
            return self.clone();
        }
        self.placed(modules.iter().chain(self.modules()).cloned().collect())
    }

    /// Returns this address relative to the outermost `depth` of the modules around it.
    #[must_use]
    pub fn inside(&self, depth: usize) -> Address {
        let modules = self.modules().iter();
        self.placed(modules.skip(depth).cloned().collect())
    }

    /// Returns the address with other modules around it.
    #[must_use]
    fn placed(&self, modules: Vec<ModuleStep>) -> Address {
        let parts = &self.0;
        Address::build(modules, parts.kind, parts.label.clone(), parts.key.clone())
    }

    fn build(
        modules: Vec<ModuleStep>,
        kind: Kind,
        label: Arc<str>,
        key: Option<Arc<str>>,
    ) -> Address {
        let mut hasher = DefaultHasher::new();
        (&modules, kind, &label, &key).hash(&mut hasher);
        Address(Arc::new(AddressParts {
            modules,
            kind,
            label,
            key,
            hash: hasher.finish(),
        }))
    }

    /// Returns the kind of the resource.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Returns the resource's label: the key of its table in the manifest.
    pub fn label(&self) -> &Arc<str> {
        &self.0.label
    }

    /// Returns the instance key, where the resource has `for_each`.
    pub fn key(&self) -> Option<&Arc<str>> {
        self.0.key.as_ref()
    }

    /// Returns the modules around it, outermost first.
    pub fn modules(&self) -> &[ModuleStep] {
        &self.0.modules
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for module in &self.0.modules {
            write!(f, "{module}.")?;
        }
        write!(f, "{}.{}", self.0.kind, self.0.label)?;
        write_key(f, self.0.key.as_deref())
    }
}

/// `module.edge["k"]`
impl fmt::Display for ModuleStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "module.{}", self.name)?;
        write_key(f, self.key.as_deref())
    }
}

fn write_key(f: &mut fmt::Formatter<'_>, key: Option<&str>) -> fmt::Result {
    match key {
        Some(key) => write!(f, "[{}]", quoted(key)),
        None => Ok(()),
    }
}

/// Writes a key in quotes, escaped as in TOML, so that an address is one line wherever it is
/// written: the form `Address` parses.
fn quoted(key: &str) -> String {
    eci_text::toml(key)
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

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

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Address, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
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
