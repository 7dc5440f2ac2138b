//! The examples of the repository, which a newcomer begins with.

use crate::arguments::Example;

/// One file: its name and what it holds.
pub(crate) type ExampleFile = (&'static str, &'static str);

macro_rules! files {
    ($directory:literal: $($file:literal),+ $(,)?) => {
        &[$((
            $file,
            include_str!(concat!("../../../examples/", $directory, "/", $file)),
        )),+]
    };
}

/// The files of an example.
pub(crate) fn files(example: Example) -> &'static [ExampleFile] {
    match example {
        Example::Quickstart => files!("quickstart": "default.conf", "web.eci.toml"),
        Example::WebThreeTier => files!(
            "web-three-tier":
            "app.eci.toml", "data.eci.toml", "provider.eci.toml", "secrets.auto.vars.toml",
            "web.eci.toml",
        ),
        Example::Stateful => files!(
            "stateful":
            "README.md", "data.eci.toml", "provider.eci.toml", "secrets.auto.vars.toml",
            "web.eci.toml",
        ),
        Example::Batch => files!("batch": "report.eci.toml"),
        Example::Vendor => files!("vendor": "cg-test.eci.toml"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_file_of_an_example_comes_with_it() {
        let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        for example in Example::value_variants() {
            let name = example.to_possible_value().unwrap().get_name().to_owned();
            let entries = std::fs::read_dir(all.join(&name)).unwrap();
            let mut there: Vec<String> = entries
                .map(|entry| entry.unwrap())
                .filter(|entry| entry.file_type().unwrap().is_file())
                .map(|entry| entry.file_name().into_string().unwrap())
                .collect();
            there.sort();
            let mut embedded: Vec<&str> = files(*example).iter().map(|(name, _)| *name).collect();
            embedded.sort_unstable();
            assert_eq!(embedded, there, "{name}");
        }
    }
}
