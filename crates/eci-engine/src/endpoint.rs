//! The endpoints of the services.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use eci_api::{DEFAULT_ECI_ENDPOINT, Endpoints, Service};
use eci_core::suggest::{did_you_mean, nearest};
use eci_text::{List, Text, UrlParts, messages, text};

/// The endpoint of one service, written `SERVICE=URL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceEndpoint {
    service: Service,
    url: String,
}

impl ServiceEndpoint {
    /// Returns one endpoint for all services.
    pub fn all_at(url: &str) -> Vec<ServiceEndpoint> {
        let at = |service| ServiceEndpoint {
            service,
            url: url.to_owned(),
        };
        Service::ALL.map(at).to_vec()
    }

    /// Returns the service.
    pub fn service(&self) -> Service {
        self.service
    }
}

impl fmt::Display for ServiceEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.service.name(), self.url)
    }
}

/// An error in the text of a [`ServiceEndpoint`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceEndpointError {
    /// The argument is not `SERVICE=URL`.
    NotAPair,
    /// The service is unknown.
    UnknownService {
        /// The name that was written.
        service: String,
        /// A suggestion of the name that may be meant.
        hint: Text,
    },
    /// The URL contains credentials, which are not repeated.
    WithUser,
    /// The text is not a URL.
    NotAnAddress {
        /// The text that was written.
        url: String,
    },
}

messages! { ServiceEndpointError:
    ServiceEndpointError::NotAPair =>
        en("expected SERVICE=URL, for example `eci={DEFAULT_ECI_ENDPOINT}`"),
        zh("应为 SERVICE=URL，例如 `eci={DEFAULT_ECI_ENDPOINT}`");
    ServiceEndpointError::UnknownService { service, .. } =>
        en("unknown service `{service}`"),
        zh("未知服务 `{service}`");
    ServiceEndpointError::WithUser =>
        en("an endpoint must not contain a user name or a password"),
        zh("服务端点不能包含用户名或密码");
    ServiceEndpointError::NotAnAddress { url } =>
        en("expected a URL that starts with `https://` or `http://`, found `{url}`"),
        zh("应为以 `https://` 或 `http://` 开头的 URL，实际为 `{url}`");
}

impl ServiceEndpointError {
    /// Returns the remedy, if there is one.
    pub fn help(&self) -> Option<Text> {
        match self {
            ServiceEndpointError::UnknownService { hint, .. } => Some(hint.clone()),
            ServiceEndpointError::WithUser => Some(text!(
                en: "remove them: requests are signed with the access key",
                zh: "将其删除：请求使用访问密钥签名",
            )),
            ServiceEndpointError::NotAPair | ServiceEndpointError::NotAnAddress { .. } => None,
        }
    }
}

impl FromStr for ServiceEndpoint {
    type Err = ServiceEndpointError;

    fn from_str(text: &str) -> Result<ServiceEndpoint, ServiceEndpointError> {
        let (name, url) = text.split_once('=').ok_or(ServiceEndpointError::NotAPair)?;
        let names = Service::ALL.map(Service::name);
        let service = Service::ALL.into_iter().find(|it| it.name() == name);
        let service = service.ok_or_else(|| ServiceEndpointError::UnknownService {
            service: name.to_owned(),
            hint: match nearest(name, names) {
                Some(near) => did_you_mean(near),
                None => text!(
                    en: "supported services: {names}",
                    zh: "支持的服务：{names}",
                    names = List::and(names.map(|name| format!("`{name}`"))),
                ),
            },
        })?;
        let parts = UrlParts::of(url).filter(|parts| matches!(parts.scheme, "https" | "http"));
        let url = url.to_owned();
        match parts {
            Some(parts) if parts.credentials.is_some() => Err(ServiceEndpointError::WithUser),
            Some(parts) if !parts.host.is_empty() || !parts.rest.is_empty() => {
                Ok(ServiceEndpoint { service, url })
            }
            _ => Err(ServiceEndpointError::NotAnAddress { url }),
        }
    }
}

/// Returns the endpoint of each service: the one that the caller gives, else the one of the
/// environment, else the one of the manifests, else the vendor's.
pub(crate) fn endpoints(
    flags: &[ServiceEndpoint],
    variable: impl Fn(&str) -> Option<String>,
    manifest: &BTreeMap<String, String>,
) -> Endpoints {
    Endpoints::each(|service| {
        let flag = flags.iter().rev().find(|flag| flag.service == service);
        flag.map(|flag| flag.url.clone())
            .or_else(|| variable(service.variable()).filter(|url| !url.trim().is_empty()))
            .or_else(|| manifest.get(service.name()).cloned())
            .map_or_else(
                || service.default_endpoint().to_owned(),
                |url| url.trim().to_owned(),
            )
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<ServiceEndpoint>().unwrap_err().to_string()
    }

    fn help(text: &str) -> String {
        let error = text.parse::<ServiceEndpoint>().unwrap_err();
        error.help().unwrap().en().to_owned()
    }

    #[test]
    fn a_flag_names_a_service_and_its_address() {
        let flag: ServiceEndpoint = "eci=http://127.0.0.1:9040".parse().unwrap();
        assert_eq!(
            (flag.service, &*flag.url),
            (Service::Eci, "http://127.0.0.1:9040")
        );
        assert!(error("http://127.0.0.1").contains("SERVICE=URL"));
        assert!(help("ecj=http://a").contains("did you mean `eci`?"));
        assert!(help("storage=http://a").contains("supported services: `eci`, `eip`, "));
        assert!(error("eci=127.0.0.1:9040").contains("https://"));
        assert!(error("eci=http://").contains("expected a URL"));
        let secret = error("eci=http://a:secret@b/c@d");
        assert!(secret.contains("password") && !secret.contains("secret"));
        assert!("eci=http://b/c@d".parse::<ServiceEndpoint>().is_ok());
    }

    #[test]
    fn the_command_line_goes_before_the_environment_and_that_before_the_manifests() {
        let flags: Vec<ServiceEndpoint> = ["eci=http://a", "eip=http://x", "eci=http://b"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let manifest = BTreeMap::from([
            ("eci".to_owned(), "http://d".to_owned()),
            ("ebs".to_owned(), " http://e ".to_owned()),
        ]);
        let set = |name: &str| (name == "CTYUN_ECI_ENDPOINT").then(|| "http://c".to_owned());
        let all = endpoints(&flags, set, &manifest);
        assert_eq!((&*all.eci, &*all.eip), ("http://b", "http://x"));
        assert_eq!(all.ebs, "http://e");
        assert_eq!(all.ecs, Service::Ecs.default_endpoint());
        assert_eq!(endpoints(&flags[1..2], set, &manifest).eci, "http://c");
        let blank = |_: &str| Some(" ".to_owned());
        assert_eq!(endpoints(&[], blank, &manifest).eci, "http://d");
        assert_eq!(
            endpoints(&[], blank, &BTreeMap::new()),
            Endpoints::default()
        );
    }
}
