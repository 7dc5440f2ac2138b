//! The table of objects in a database, and the connection to it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use eci_state::DeviceError;
use eci_text::{SECOND, text};
use tokio::sync::Mutex;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::error::{device_error, is_duplicate, is_missing};
use super::settings::{PostgresSettings, quoted};

/// The longest time for an operation: a connection that a network has dropped does not answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The table of a database that contains the objects.
///
/// Clones use one connection, which is opened again whenever it ends.
#[derive(Clone)]
pub(super) struct Table {
    pub(super) settings: PostgresSettings,
    /// The qualified name.
    pub(super) name: String,
    client: Arc<Mutex<Option<Arc<Client>>>>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A parameter of a statement and its type: statements are not prepared, because the pools of some
/// servers share prepared ones between clients.
pub(super) struct Parameter<'a> {
    pub(super) value: &'a (dyn ToSql + Sync),
    pub(super) ty: Type,
}

impl<'a> Parameter<'a> {
    pub(super) fn text(value: &'a (dyn ToSql + Sync)) -> Parameter<'a> {
        Parameter {
            value,
            ty: Type::TEXT,
        }
    }

    pub(super) fn number(value: &'a i64) -> Parameter<'a> {
        Parameter {
            value,
            ty: Type::INT8,
        }
    }
}

impl Table {
    pub(super) fn new(settings: PostgresSettings) -> Table {
        Table {
            name: settings.table(),
            settings,
            client: Arc::default(),
        }
    }

    /// Returns the connection, after opening one unless there is one.
    async fn client(&self) -> Result<Arc<Client>, DeviceError> {
        let mut current = self.client.lock().await;
        if let Some(client) = current.as_ref().filter(|client| !client.is_closed()) {
            return Ok(Arc::clone(client));
        }
        let tls = MakeRustlsConnect::new(for_database(&self.settings.tls));
        let connected = self.settings.config.connect(tls).await;
        let (client, connection) = connected.map_err(|error| self.failed(&error))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "the connection to the database ended");
            }
        });
        let client = Arc::new(client);
        *current = Some(Arc::clone(&client));
        Ok(client)
    }

    /// Returns the rows of a query: none if the table does not exist.
    pub(super) async fn query(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, DeviceError> {
        Ok(self.find(statement, parameters).await?.unwrap_or_default())
    }

    /// Returns the rows of a query; `None` if the table does not exist.
    pub(super) async fn find(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<Vec<Row>>, DeviceError> {
        let typed: Vec<_> = parameters
            .iter()
            .map(|parameter| (parameter.value, parameter.ty.clone()))
            .collect();
        let querying = async {
            let client = self.client().await?;
            match client.query_typed(statement, &typed).await {
                Ok(rows) => Ok(Some(rows)),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(self.failed(&error)),
            }
        };
        match tokio::time::timeout(TIMEOUT, querying).await {
            Ok(rows) => rows,
            Err(_) => {
                // It may be one that leads nowhere.
                *self.client.lock().await = None;
                let cause = text!(
                    en: "no response within {limit}",
                    zh: "{limit}内未响应",
                    limit = SECOND.count_u64(TIMEOUT.as_secs()),
                );
                Err(DeviceError::Unavailable { cause })
            }
        }
    }

    /// Creates the table.
    pub(super) async fn create(&self) -> Result<(), DeviceError> {
        let schema = quoted(&self.settings.schema);
        let table = &self.name;
        let client = self.client().await?;
        for statement in [
            format!("create schema if not exists {schema}"),
            format!(
                "create table if not exists {table} (\
                 state text not null, series text not null, number bigint not null, \
                 content bytea not null, created timestamptz not null default clock_timestamp(), \
                 primary key (state, series, number))"
            ),
        ] {
            match client.query_typed(&statement, &[]).await {
                // The other one has created it.
                Err(error) if is_duplicate(&error) => {}
                Err(error) => return Err(self.failed(&error)),
                Ok(_) => {}
            }
        }
        Ok(())
    }

    fn failed(&self, error: &Error) -> DeviceError {
        device_error(error, &self.settings)
    }
}

/// Returns TLS settings for a connection to a database: servers refuse another protocol since PostgreSQL 17.
fn for_database(tls: &rustls::ClientConfig) -> rustls::ClientConfig {
    let mut tls = tls.clone();
    tls.alpn_protocols = vec![b"postgresql".to_vec()];
    tls
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_to_a_database_requests_its_protocol() {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        assert_eq!(for_database(&tls).alpn_protocols, [b"postgresql"]);
    }
}
