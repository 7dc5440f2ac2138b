//! Where the services are reached.

use std::collections::BTreeMap;
use std::str::FromStr;

use eci_api::DEFAULT_ECI_ENDPOINT;
use eci_core::suggest::nearest;

/// The services that have an address of their own.
const SERVICES: [&str; 4] = ["eci", "eip", "ebs", "ecs"];

/// `SERVICE=URL` on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndpointFlag {
    service: &'static str,
    url: String,
}

/// Why a text is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EndpointError {
    /// It is not `SERVICE=URL`.
    #[error("write it as SERVICE=URL, such as eci={DEFAULT_ECI_ENDPOINT}")]
    NotAPair,
    /// There is no such service.
    #[error("there is no service `{service}`; {hint}")]
    UnknownService {
        /// What was written.
        service: String,
        /// What may be meant.
        hint: String,
    },
    /// It is no address.
    #[error("`{url}` is no address; one begins with https:// or http://")]
    NotAnAddress {
        /// What was written.
        url: String,
    },
}

impl FromStr for EndpointFlag {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<EndpointFlag, EndpointError> {
        let (name, url) = text.split_once('=').ok_or(EndpointError::NotAPair)?;
        let service = SERVICES.into_iter().find(|service| *service == name);
        let service = service.ok_or_else(|| EndpointError::UnknownService {
            service: name.to_owned(),
            hint: match nearest(name, SERVICES) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the services are {}", SERVICES.join(", ")),
            },
        })?;
        let host = ["https://", "http://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme));
        match host.is_some_and(|host| !host.is_empty()) {
            true => Ok(EndpointFlag {
                service,
                url: url.to_owned(),
            }),
            false => Err(EndpointError::NotAnAddress {
                url: url.to_owned(),
            }),
        }
    }
}

/// Where container groups are served: as the command line says, else the environment, else
/// the manifests, else where the vendor does.
pub(super) fn of_groups(
    flags: &[EndpointFlag],
    variable: impl Fn(&str) -> Option<String>,
    manifest: &BTreeMap<String, String>,
) -> String {
    let flag = flags.iter().rev().find(|flag| flag.service == "eci");
    flag.map(|flag| flag.url.clone())
        .or_else(|| variable("CTYUN_ECI_ENDPOINT").filter(|url| !url.trim().is_empty()))
        .or_else(|| manifest.get("eci").cloned())
        .map_or_else(
            || DEFAULT_ECI_ENDPOINT.to_owned(),
            |url| url.trim().to_owned(),
        )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<EndpointFlag>().unwrap_err().to_string()
    }

    #[test]
    fn a_flag_names_a_service_and_its_address() {
        let flag: EndpointFlag = "eci=http://127.0.0.1:9040".parse().unwrap();
        assert_eq!((flag.service, &*flag.url), ("eci", "http://127.0.0.1:9040"));
        assert!(error("http://127.0.0.1").contains("SERVICE=URL"));
        assert!(error("ecj=http://a").contains("did you mean `eci`?"));
        assert!(error("storage=http://a").contains("eci, eip, ebs, ecs"));
        assert!(error("eci=127.0.0.1:9040").contains("https://"));
        assert!(error("eci=http://").contains("no address"));
    }

    #[test]
    fn the_command_line_goes_before_the_environment_and_that_before_the_manifests() {
        let flags: Vec<EndpointFlag> = ["eci=http://a", "eip=http://x", "eci=http://b"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let manifest = BTreeMap::from([("eci".to_owned(), "http://d".to_owned())]);
        let set = |name: &str| (name == "CTYUN_ECI_ENDPOINT").then(|| "http://c".to_owned());
        assert_eq!(of_groups(&flags, set, &manifest), "http://b");
        assert_eq!(of_groups(&flags[1..2], set, &manifest), "http://c");
        let blank = |_: &str| Some(" ".to_owned());
        assert_eq!(of_groups(&[], blank, &manifest), "http://d");
        assert_eq!(
            of_groups(&[], blank, &BTreeMap::new()),
            DEFAULT_ECI_ENDPOINT
        );
    }
}
