mod clocks;
mod lists;
mod orders;
mod requests;
mod responses;
mod server;

use std::time::Duration;

use jiff::Timestamp;

use super::*;

pub(super) const ACCESS_KEY: &str = "AKEXAMPLE";
pub(super) const SECRET_KEY: &str = "hunter2";
pub(super) const REGION: &str = "bb9fdb42056f11eda1610242ac110002";

/// Creates a configuration with short timeouts.
pub(super) fn config(endpoint: impl Into<String>) -> ClientConfig {
    let now: Timestamp = "2026-02-28T16:00:00Z".parse().unwrap();
    ClientConfig {
        endpoints: Endpoints::all_at(endpoint),
        timeout: Duration::from_secs(5),
        body_limit: 2000,
        clock: Arc::new(move || now),
        ..ClientConfig::new(Credentials::new(ACCESS_KEY, SECRET_KEY), REGION)
    }
}

#[test]
fn what_cannot_be_used_in_a_request_is_refused_before_one_is_sent() {
    for endpoint in [
        "",
        "eci-global.ctapi.ctyun.cn",
        "ftp://ctyun.cn",
        "https://",
        "https://ctyun.cn/?a=b",
        "https://me:hunter2@ctyun.cn",
    ] {
        let error = Client::new(config(endpoint)).unwrap_err();
        assert!(matches!(error, ClientError::Endpoint { .. }), "{endpoint}");
        let (message, help) = (error.to_string(), error.help().unwrap());
        assert!(help.en().contains(DEFAULT_ECI_ENDPOINT), "{help}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    for region_id in ["", "a b", "a\n", "华东"] {
        let config = ClientConfig {
            region_id: region_id.to_owned(),
            ..config("http://localhost")
        };
        let error = Client::new(config).unwrap_err();
        assert!(matches!(error, ClientError::RegionId { .. }), "{error}");
    }
    let config = ClientConfig {
        credentials: Credentials::new("ak\n", SECRET_KEY),
        ..config("http://localhost")
    };
    let error = Client::new(config).unwrap_err();
    assert!(error.help().unwrap().en().contains("CTYUN_AK"));
}

#[test]
fn the_defaults_are_the_vendors_endpoint_and_a_minute() {
    let config = ClientConfig::new(Credentials::new(ACCESS_KEY, SECRET_KEY), REGION);
    assert_eq!(config.endpoints, Endpoints::default());
    assert_eq!(config.timeout, Duration::from_secs(60));
    assert_eq!(config.body_limit, 32 * 1024 * 1024);
    assert_eq!(config.field_names, FieldNames::Documented);
}

#[test]
fn the_secret_key_does_not_show_in_debug() {
    let client = Client::new(config("http://localhost")).unwrap();
    let shown = format!("{client:?}");
    assert!(
        shown.contains(ACCESS_KEY) && !shown.contains(SECRET_KEY),
        "{shown}"
    );
}

#[test]
fn this_machine_is_reached_without_a_proxy() {
    let local = |text: &str| is_this_machine(&Url::parse(text).unwrap());
    for near in ["http://localhost:1", "http://127.0.0.9", "http://[::1]:80"] {
        assert!(local(near), "{near}");
    }
    for far in [
        DEFAULT_ECI_ENDPOINT,
        "http://10.0.0.1",
        "http://localhost.example",
    ] {
        assert!(!local(far), "{far}");
    }
}

#[test]
fn a_client_leaves_the_choice_of_cryptography_to_the_process() {
    Client::new(config(DEFAULT_ECI_ENDPOINT)).unwrap();
    Client::new(config("http://127.0.0.1:1")).unwrap();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}
