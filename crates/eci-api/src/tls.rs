//! TLS settings with their own cryptography provider.
//!
//! A library must not choose the provider of the whole process, so the configuration is built here
//! instead of by reqwest, which would take the provider that the process has installed.

use std::sync::Arc;

use rustls::client::WantsClientCert;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, ConfigBuilder, Error, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;

/// Returns TLS settings that trust the root certificates of this machine.
///
/// # Errors
/// If the certificates cannot be read.
pub fn with_platform_roots() -> Result<ClientConfig, Error> {
    let provider = provider();
    let verifier = Verifier::new(Arc::clone(&provider))?;
    let builder = builder(provider)?.dangerous();
    Ok(finished(
        builder.with_custom_certificate_verifier(Arc::new(verifier)),
    ))
}

/// Returns TLS settings that trust no certificate: for connections without TLS.
///
/// # Errors
/// If the cryptography provider is not complete.
pub fn without_roots() -> Result<ClientConfig, Error> {
    let builder = builder(provider())?;
    Ok(finished(
        builder.with_root_certificates(RootCertStore::empty()),
    ))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn builder(
    provider: Arc<CryptoProvider>,
) -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, Error> {
    ClientConfig::builder_with_provider(provider).with_protocol_versions(rustls::ALL_VERSIONS)
}

fn finished(builder: ConfigBuilder<ClientConfig, WantsClientCert>) -> ClientConfig {
    let mut config = builder.with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
