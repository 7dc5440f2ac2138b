//! The cloud itself, over HTTP.

mod calls;
mod cause;
mod clock;
mod disk;
mod eip;
mod exchange;
mod order;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use eci_text::{Lang, Text, UrlParts, messages, text};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderValue;
use reqwest::{Url, redirect, retry};

use clock::CloudClock;

use crate::service::{DEFAULT_ECI_ENDPOINT, Endpoints, Service};
use crate::sign::Credentials;
use crate::tls;
use crate::types::{FieldNames, RequestSecrets};

/// The default time limit of a whole call: a minute from its beginning to the last byte of the
/// answer, however many come in between. Even the largest answer that is read requires at most 5
/// Mbit/s for that.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

/// The default time limit of connecting.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The largest answer that is read where nothing else is said: 32 MiB.
pub const DEFAULT_BODY_LIMIT: usize = 32 << 20;

/// The time that an idle connection is kept.
const IDLE: Duration = Duration::from_secs(30);

/// The source of the dates of signatures.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The options of a client.
#[derive(Clone)]
pub struct ClientConfig {
    /// The credentials of the account.
    pub credentials: Credentials,
    /// The region of every call.
    pub region_id: String,
    /// The addresses of the services.
    pub endpoints: Endpoints,
    /// The time limit of connecting.
    pub connect_timeout: Duration,
    /// The time limit of a whole call, including connecting.
    pub timeout: Duration,
    /// The largest answer that is read, in bytes.
    pub body_limit: usize,
    /// The spelling of field names that is sent.
    pub field_names: FieldNames,
    /// The clock of this machine; the system's by default.
    ///
    /// Signatures and windows go by the cloud's, once an answer has stated it: see [`Client::now`].
    pub clock: Clock,
}

impl ClientConfig {
    /// Creates a configuration with the vendor's endpoints and defaults for the rest.
    pub fn new(credentials: Credentials, region_id: impl Into<String>) -> ClientConfig {
        ClientConfig {
            credentials,
            region_id: region_id.into(),
            endpoints: Endpoints::default(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            timeout: DEFAULT_TIMEOUT,
            body_limit: DEFAULT_BODY_LIMIT,
            field_names: FieldNames::default(),
            clock: Arc::new(Timestamp::now),
        }
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("credentials", &self.credentials)
            .field("region_id", &self.region_id)
            .field("endpoints", &self.endpoints)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("body_limit", &self.body_limit)
            .field("field_names", &self.field_names)
            .finish_non_exhaustive()
    }
}

/// The reason why a client cannot be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The endpoint is not a valid address of a service.
    Endpoint {
        /// The service whose address it is.
        service: Service,
        /// The endpoint, without what may be a password in it.
        endpoint: String,
        /// The problem of the address.
        problem: Text,
    },
    /// The region is not a valid header value.
    RegionId {
        /// The region.
        region_id: String,
    },
    /// The access key is not a valid header value.
    AccessKey {
        /// The access key.
        access_key: String,
    },
    /// HTTP or TLS could not be set up.
    SetUp {
        /// The reason.
        detail: Text,
    },
}

messages! { ClientError:
    ClientError::Endpoint { service, endpoint, problem } =>
        en("invalid endpoint `{}` of the service `{service}`: {problem}", eci_text::line(endpoint)),
        zh("服务 `{service}` 的服务端点 `{}` 无效：{}", eci_text::line(endpoint), problem.get(Lang::Zh));
    ClientError::RegionId { region_id } =>
        en("invalid region ID `{}`: only visible ASCII characters are allowed", eci_text::line(region_id)),
        zh("区域 ID `{}` 无效：仅允许可见的 ASCII 字符", eci_text::line(region_id));
    ClientError::AccessKey { access_key } =>
        en("invalid access key `{}`: only visible ASCII characters are allowed", eci_text::line(access_key)),
        zh("访问密钥 `{}` 无效：仅允许可见的 ASCII 字符", eci_text::line(access_key));
    ClientError::SetUp { detail } =>
        en("failed to set up HTTP and TLS: {detail}"),
        zh("设置 HTTP 和 TLS 失败：{}", detail.get(Lang::Zh));
}

impl ClientError {
    /// Returns the remedy.
    pub fn help(&self) -> Option<Text> {
        Some(match self {
            ClientError::Endpoint { .. } => text!(
                en: "use a URL like `{example}`",
                zh: "使用形如 `{example}` 的 URL",
                example = DEFAULT_ECI_ENDPOINT,
            ),
            ClientError::RegionId { .. } => text!(
                en: "set `region_id` in `[provider]` or `CTYUN_REGION_ID` to a region ID, for example \
                     `bb9fdb42056f11eda1610242ac110002`",
                zh: "将 `[provider]` 中的 `region_id` 或 `CTYUN_REGION_ID` 设置为区域 ID，例如 \
                     `bb9fdb42056f11eda1610242ac110002`",
            ),
            ClientError::AccessKey { .. } => text!(
                en: "check `CTYUN_AK` for spaces and line breaks",
                zh: "检查 `CTYUN_AK` 中是否有空格或换行",
            ),
            ClientError::SetUp { .. } => text!(
                en: "check that this machine has root certificates",
                zh: "检查本机是否已安装根证书",
            ),
        })
    }
}

/// The cloud, over HTTP.
///
/// A clone is cheap and shares the connections.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    /// One for each of [`Service::ALL`], in that order.
    ways: [ServiceClient; 4],
    region_id: HeaderValue,
    config: ClientConfig,
    cloud_clock: CloudClock,
    /// The secrets that are redacted in errors and logs.
    hidden: Mutex<RequestSecrets>,
}

/// The HTTP client of a service.
struct ServiceClient {
    /// Shared by the services that are reached alike.
    http: reqwest::Client,
    /// The endpoint without a slash at its end.
    endpoint: String,
}

impl Inner {
    fn now(&self) -> Timestamp {
        self.cloud_clock.at((self.config.clock)())
    }

    /// Locks and returns the known secrets.
    fn hidden(&self) -> MutexGuard<'_, RequestSecrets> {
        // A thread that panicked while it added some left the others as they were.
        self.hidden.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn way(&self, service: Service) -> &ServiceClient {
        let [eci, eip, ebs, ecs] = &self.ways;
        match service {
            Service::Eci => eci,
            Service::Eip => eip,
            Service::Ebs => ebs,
            Service::Ecs => ecs,
        }
    }
}

impl Client {
    /// Creates a client; nothing is sent yet.
    ///
    /// # Errors
    /// If an endpoint, the region or the access key cannot be used in a request, or if TLS
    /// cannot be set up.
    pub fn new(config: ClientConfig) -> Result<Client, ClientError> {
        let [eci, eip, ebs, ecs] = Service::ALL.map(|it| endpoint(it, config.endpoints.of(it)));
        let urls = [eci?, eip?, ebs?, ecs?];
        let region_id = visible(&config.region_id).ok_or_else(|| ClientError::RegionId {
            region_id: config.region_id.clone(),
        })?;
        let access_key = &config.credentials.access_key;
        if visible(access_key).is_none() {
            return Err(ClientError::AccessKey {
                access_key: access_key.clone(),
            });
        }
        Ok(Client(Arc::new(Inner {
            ways: ways(&config, urls)?,
            region_id,
            config,
            cloud_clock: CloudClock::default(),
            hidden: Mutex::default(),
        })))
    }

    /// Returns the time by the cloud's clock, as stated by the `Date` header of the latest answer;
    /// by this machine's clock as long as there is none.
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Returns how far the cloud's clock is ahead of this machine's; `None` up to two minutes, and
    /// before the first answer.
    pub fn clock_difference(&self) -> Option<SignedDuration> {
        self.0.cloud_clock.difference()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Client").field(&self.0.config).finish()
    }
}

fn visible(text: &str) -> Option<HeaderValue> {
    let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| HeaderValue::from_str(text).ok()).flatten()
}

fn endpoint(service: Service, text: &str) -> Result<Url, ClientError> {
    let problem = |endpoint: &str, problem: Text| ClientError::Endpoint {
        service,
        endpoint: endpoint.to_owned(),
        problem,
    };
    let url = Url::parse(text).map_err(|error| problem(text, not_a_url(error)))?;
    if UrlParts::of(url.as_str()).is_some_and(|parts| parts.credentials.is_some()) {
        let host = url.host_str().unwrap_or_default();
        return Err(problem(
            host,
            text!(
                en: "it must not contain a user name or a password",
                zh: "不能包含用户名或密码",
            ),
        ));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(problem(
            text,
            text!(
                en: "it must start with `https://` or `http://`",
                zh: "必须以 `https://` 或 `http://` 开头",
            ),
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(problem(
            text,
            text!(
                en: "it must not contain `?` or `#`",
                zh: "不能包含 `?` 或 `#`",
            ),
        ));
    }
    Ok(url)
}

/// The properties by which HTTP clients of services differ.
#[derive(PartialEq, Eq)]
struct TransportKey {
    /// Without TLS.
    plain: bool,
    /// On this machine.
    near: bool,
}

fn ways(config: &ClientConfig, urls: [Url; 4]) -> Result<[ServiceClient; 4], ClientError> {
    // Reading the root certificates takes a while: once is enough.
    let mut clients: Vec<(TransportKey, reqwest::Client)> = Vec::new();
    let mut way = |url: Url| {
        let manner = TransportKey {
            plain: url.scheme() == "http",
            near: is_this_machine(&url),
        };
        let known = clients.iter().find(|(other, _)| *other == manner);
        let http = match known {
            Some((_, http)) => http.clone(),
            None => {
                let http = http(config, &manner)?;
                clients.push((manner, http.clone()));
                http
            }
        };
        Ok(ServiceClient {
            http,
            endpoint: url.as_str().trim_end_matches('/').to_owned(),
        })
    };
    let [eci, eip, ebs, ecs] = urls;
    Ok([way(eci)?, way(eip)?, way(ebs)?, way(ecs)?])
}

fn http(config: &ClientConfig, manner: &TransportKey) -> Result<reqwest::Client, ClientError> {
    // Root certificates are not needed without TLS, and a bare machine has none.
    let tls = if manner.plain {
        tls::without_roots()
    } else {
        tls::with_platform_roots()
    };
    let tls = tls.map_err(|error| ClientError::SetUp {
        detail: cause::innermost(&error),
    })?;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("eci/", env!("CARGO_PKG_VERSION")))
        .tls_backend_preconfigured(tls)
        .http1_only()
        .connect_timeout(config.connect_timeout)
        .timeout(config.timeout)
        .pool_idle_timeout(IDLE)
        .tcp_nodelay(true)
        // A signed call is for this endpoint alone, and whether it is repeated is decided by
        // those who know what it does.
        .redirect(redirect::Policy::none())
        .retry(retry::never());
    if manner.near {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| ClientError::SetUp {
        detail: cause::innermost(&error),
    })
}

/// Returns the reason why a text is not a URL.
fn not_a_url(error: url::ParseError) -> Text {
    use url::ParseError;
    match error {
        ParseError::EmptyHost => text!(en: "the host name is missing", zh: "缺少主机名"),
        ParseError::IdnaError | ParseError::InvalidDomainCharacter => {
            text!(en: "the host name is invalid", zh: "主机名无效")
        }
        ParseError::InvalidPort => text!(en: "the port number is invalid", zh: "端口号无效"),
        ParseError::InvalidIpv4Address => {
            text!(en: "the IPv4 address is invalid", zh: "IPv4 地址无效")
        }
        ParseError::InvalidIpv6Address => {
            text!(en: "the IPv6 address is invalid", zh: "IPv6 地址无效")
        }
        ParseError::RelativeUrlWithoutBase => text!(
            en: "it must start with `https://` or `http://`",
            zh: "必须以 `https://` 或 `http://` 开头",
        ),
        other => Text::of_error(&other),
    }
}

/// Returns whether an endpoint is on this machine: a proxy of the environment cannot reach the
/// sandbox there.
fn is_this_machine(endpoint: &Url) -> bool {
    match endpoint.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
