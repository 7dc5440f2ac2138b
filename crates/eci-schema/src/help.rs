//! What is to be said about one key.

use eci_core::schema::{Availability, Check, Field, Literal};

/// What an editor shows of one key, in sentences: what it is, whether it must be given, what it
/// is by default, whether it is a secret.
pub fn field_help(field: &Field) -> String {
    let mut text = sentence(field.doc);
    let notes = [
        required(field),
        default(field),
        made_of(field),
        (field.presence == Availability::OptionalComputed)
            .then(|| "If omitted, the cloud chooses.".to_owned()),
        field.sensitive.then(|| "A secret.".to_owned()),
        field
            .literal_only
            .then(|| "Cannot be an expression.".to_owned()),
        field
            .variant
            .map(|variant| format!("For type = \"{variant}\".")),
    ];
    let checks = field.checks.iter();
    let checks = checks.map(|check| Some(sentence(&describe(*check))));
    for note in notes.into_iter().chain(checks).flatten() {
        text.push(' ');
        text.push_str(&note);
    }
    text
}

/// A beginning in capitals and a full stop at the end.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase());
    let text: String = first.into_iter().flatten().chain(characters).collect();
    match text.ends_with(['.', '!', '?']) {
        true => text,
        false => format!("{text}."),
    }
}

fn required(field: &Field) -> Option<String> {
    let is_required = field.presence == Availability::Required;
    (is_required && field.default.is_none() && field.default_from.is_none())
        .then(|| "Required.".to_owned())
}

fn default(field: &Field) -> Option<String> {
    let default = field.default.or(field.api_default)?;
    Some(format!("Default: {}.", literal(default)))
}

fn made_of(field: &Field) -> Option<String> {
    let others = field.default_from.filter(|others| !others.is_empty())?;
    Some(format!("Alternatively, set {}.", others.join(" and ")))
}

/// As it is written in TOML.
pub(crate) fn literal(literal: Literal) -> String {
    match literal {
        Literal::Text(text) => format!("{text:?}"),
        Literal::Integer(number) => number.to_string(),
        Literal::Bool(truth) => truth.to_string(),
    }
}

/// What a rule asks for, in a few words.
pub(crate) fn describe(check: Check) -> String {
    match check {
        Check::DnsLabel => {
            "1 to 63 characters a-z, 0-9 and `-`, starting and ending with a letter or digit"
                .to_owned()
        }
        Check::AbsolutePath => "starts with `/`".to_owned(),
        Check::NotEmpty => "not empty".to_owned(),
        Check::IpAddress => "an IP address".to_owned(),
        Check::HostPath => "a host and a path, for example `10.0.0.2:/share`".to_owned(),
        Check::ImageName => "`[HOST[:PORT]/]PATH[:TAG][@DIGEST]` (assumed)".to_owned(),
        Check::EnvNames => {
            "keys of letters, digits, `_`, `-` and `.`, not starting with a digit (assumed)"
                .to_owned()
        }
        Check::AtMostTags(most) => format!("at most {most}"),
        Check::AtLeastOne => "at least one".to_owned(),
        Check::AtMost(most) => format!("at most {most}"),
        Check::ProbablyAtMost(most) => format!("at most {most} (assumed)"),
        Check::NamespacedSysctlKeys => {
            "kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* and net.* except net.core.rmem_max"
                .to_owned()
        }
        Check::EipName => {
            "2 to 32 letters, digits, `_`, `-` and Chinese characters, starting with a letter or a \
             Chinese character"
                .to_owned()
        }
        Check::DiskName => {
            "2 to 63 letters, digits, `_` and `-`, starting with a letter".to_owned()
        }
        Check::ProbablySoldUpTo(most) => format!("probably not offered above {most}"),
        Check::TwoDecimals => "an amount with two decimals".to_owned(),
        Check::LabelLengths => "keys and values of 1 to 32 characters".to_owned(),
        Check::TagLengths => {
            format!(
                "keys of 1 to {} characters, values of at most {}",
                Check::LONGEST_TAG_KEY,
                Check::LONGEST_TAG_VALUE
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use eci_core::tables::Shape;

    use super::*;

    fn help(path: &str) -> Option<String> {
        let shape = path
            .split('/')
            .fold(Shape::root(), |shape, key| shape.child(key, None));
        shape.field().map(field_help)
    }

    #[test]
    fn a_key_is_explained_in_sentences() {
        for (path, expected) in [
            ("container_group/web/vpc_id", "The ID of the VPC. Required."),
            (
                "container_group/web/restart_policy",
                "When to restart containers that have exited. Default: \"Always\".",
            ),
            (
                "volume/data/credential",
                "`access_key:secret_key` in base64. Alternatively, set access_key and secret_key. A secret. For type = \"ZosVolume\".",
            ),
            (
                "moved/from",
                "The old address. Required. Cannot be an expression.",
            ),
        ] {
            assert_eq!(help(path).as_deref(), Some(expected), "{path}");
        }
    }
}
