//! The ids that an import can name.

use eci_core::Kind;
use eci_text::{In, Lang, Text, messages, text};

/// A text that cannot be the cloud's id of a resource of some kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WrongId {
    /// A text without the form of any ID.
    NoId {
        /// The text.
        given: String,
        /// The resource type that was expected.
        kind: Kind,
    },
    /// An ID of another resource type.
    OfAnother {
        /// The text.
        given: String,
        /// The resource type that has such IDs.
        of: Kind,
        /// The resource type that was expected.
        kind: Kind,
    },
}

messages! { WrongId:
    WrongId::NoId { given, kind } =>
        en("invalid ID of {}: {given:?}", noun(*kind)),
        zh("{} ID {given:?} 无效", In(&noun(*kind), Lang::Zh));
    WrongId::OfAnother { given, of, kind } =>
        en("expected the ID of {}, found that of {}: {given:?}", noun(*kind), noun(*of)),
        zh(
            "应为{} ID，实际为{} ID：{given:?}",
            In(&noun(*kind), Lang::Zh),
            In(&noun(*of), Lang::Zh)
        );
}

impl WrongId {
    /// Returns what to do about it.
    pub fn help(&self) -> Text {
        match self {
            WrongId::NoId { kind, .. } => text!(
                en: "use an ID of this form: \"{example}\"",
                zh: "使用这种形式的 ID：\"{example}\"",
                example = example(*kind),
            ),
            WrongId::OfAnother { of, kind, .. } => text!(
                en: "import it into a resource of type `{of}`, or use an ID of this form: \"{example}\"",
                zh: "将其导入类型为 `{of}` 的资源，或使用这种形式的 ID：\"{example}\"",
                of = of.name(),
                example = example(*kind),
            ),
        }
    }
}

/// Checks the ID of an independent object of the cloud: a container group, a managed
/// EIP, the managed disk of a volume.
///
/// # Errors
/// If the cloud can have given it to nothing of this kind.
pub fn check_id(kind: Kind, id: &str) -> Result<(), WrongId> {
    let given = || id.to_owned();
    match kind_of(id) {
        Some(of) if of == kind => Ok(()),
        // An id without a prefix could be anything.
        Some(of) if of.properties().id_prefix.is_some() => Err(WrongId::OfAnother {
            given: given(),
            of,
            kind,
        }),
        _ => Err(WrongId::NoId {
            given: given(),
            kind,
        }),
    }
}

/// Returns the kind that the cloud could have given this id: a prefix like `eci-` with
/// lower-case letters and digits, whose documented number is not certain enough to refuse another;
/// anything else of the form of an id could be that of a disk, documented as a UUID.
fn kind_of(id: &str) -> Option<Kind> {
    let has_length = |text: &str| (1..=100).contains(&text.len());
    for kind in Kind::ALL {
        let prefix = kind.properties().id_prefix;
        if let Some(rest) = prefix.and_then(|prefix| id.strip_prefix(prefix)) {
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            return (has_length(rest) && rest.bytes().all(allowed)).then_some(kind);
        }
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if !has_length(id) || !id.bytes().all(allowed) {
        return None;
    }
    let mut kinds = Kind::ALL.into_iter();
    kinds.find(|kind| kind.properties().id_prefix.is_none())
}

fn noun(kind: Kind) -> Text {
    kind.properties().nouns.title()
}

fn example(kind: Kind) -> &'static str {
    kind.properties().example_id
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ALL: [Kind; 3] = [Kind::ContainerGroup, Kind::Eip, Kind::Volume];

    #[test]
    fn each_kind_takes_only_its_own_ids() {
        for kind in ALL {
            for other in ALL {
                let checked = check_id(kind, example(other));
                assert_eq!(checked.is_ok(), kind == other, "{kind} {other}");
            }
        }
    }

    #[test]
    fn the_kind_of_a_wrong_id_is_reported() {
        let wrong = check_id(Kind::Volume, "eip-5sdasd2gfh").unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "expected the ID of a disk, found that of an EIP: \"eip-5sdasd2gfh\""
        );
        assert!(wrong.help().en().contains("`eip`"), "{}", wrong.help());
    }

    #[test]
    fn an_invalid_id_shows_how_one_looks() {
        for (kind, text) in [
            (Kind::ContainerGroup, "i-0123"),
            (Kind::Eip, "198.18.0.7"),
            (Kind::Eip, "eip-"),
            (Kind::Volume, "my disk"),
            (Kind::Volume, ""),
        ] {
            let wrong = check_id(kind, text).unwrap_err();
            assert!(matches!(wrong, WrongId::NoId { .. }), "{text}");
            assert!(wrong.help().en().contains(example(kind)));
        }
    }
}
