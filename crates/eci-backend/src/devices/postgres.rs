//! A device in a table of a PostgreSQL database.
//!
//! A lock is an entry as on every device. Advisory locks are not used: they disappear with their
//! connection, unnoticed, and a pooled connection may belong to somebody else.

mod error;
mod settings;
mod table;

use std::sync::Arc;

use bytes::Bytes;
use eci_state::DeviceError;
use eci_text::{Text, text};
use jiff::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::device::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};
use table::{Parameter, Table};

pub use settings::PostgresSettings;

/// Joins the name of a state and that of a workspace.
const WORKSPACES: &str = "/workspaces/";

/// The port of a server that is not given another one.
const DEFAULT_PORT: u16 = 5432;

/// A device in a database.
#[derive(Clone, Debug)]
pub struct PostgresDevice {
    table: Table,
    /// The name of the state.
    name: String,
}

impl PostgresDevice {
    /// Creates a device.
    ///
    /// The server is connected to with the first operation.
    pub fn new(settings: PostgresSettings) -> PostgresDevice {
        PostgresDevice {
            name: settings.name.clone(),
            table: Table::new(settings),
        }
    }
}

fn number(number: u64) -> Result<i64, DeviceError> {
    i64::try_from(number).map_err(|error| DeviceError::Refused {
        cause: Text::of_error(&error),
    })
}

fn column<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    index: usize,
) -> Result<T, DeviceError> {
    row.try_get(index).map_err(|error| DeviceError::Refused {
        cause: Text::of_error(&error),
    })
}

fn timestamp(microseconds: i64) -> Result<Timestamp, DeviceError> {
    Timestamp::from_microsecond(microseconds).map_err(|error| DeviceError::Refused {
        cause: Text::of_error(&error),
    })
}

/// The time of a column in microseconds since 1970.
const MICROSECONDS: &str = "(extract(epoch from created) * 1000000)::bigint";

impl LogDevice for PostgresDevice {
    fn location(&self) -> String {
        let settings = &self.table.settings;
        let config = &settings.config;
        let host = match config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
            Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
            None => "localhost".to_owned(),
        };
        let port = match config.get_ports().first() {
            None | Some(&DEFAULT_PORT) => String::new(),
            Some(port) => format!(":{port}"),
        };
        let database = config.get_dbname().unwrap_or_default();
        format!(
            "postgres://{host}{port}/{database}/{}/{}",
            settings.schema, self.name
        )
    }

    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        Box::pin(async move {
            let statement = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
            let rows = self.table.query(statement, &[]).await?;
            let row = rows.first().ok_or_else(|| DeviceError::Unavailable {
                cause: text!(en: "no time was returned", zh: "未返回时间"),
            })?;
            timestamp(column(row, 0)?)
        })
    }

    fn create(&self, id: ObjectId, bytes: Bytes) -> DeviceFuture<'_, Creation> {
        Box::pin(async move {
            // Durable, also where the server is configured otherwise.
            let statement = format!(
                "with durable as (select set_config('synchronous_commit', 'on', true)) \
                 insert into {} (state, series, number, content) \
                 select $1, $2, $3, $4 from durable on conflict do nothing returning number",
                self.table.name
            );
            let (series, number) = (id.series.name(), number(id.number)?);
            let parameters = [
                Parameter::text(&self.name),
                Parameter::text(&series),
                Parameter::number(&number),
                Parameter {
                    value: &&bytes[..],
                    ty: Type::BYTEA,
                },
            ];
            let rows = match self.table.find(&statement, &parameters).await? {
                Some(rows) => rows,
                None => {
                    self.table.create().await?;
                    let rows = self.table.find(&statement, &parameters).await?;
                    rows.ok_or_else(|| DeviceError::Unavailable {
                        cause: text!(
                            en: "the table {table} was removed",
                            zh: "表 {table} 已被移除",
                            table = self.table.name,
                        ),
                    })?
                }
            };
            if rows.is_empty() {
                Ok(Creation::Exists)
            } else {
                Ok(Creation::Created)
            }
        })
    }

    fn get(&self, id: ObjectId) -> DeviceFuture<'_, Option<StoredObject>> {
        Box::pin(async move {
            let statement = format!(
                "select content, {MICROSECONDS} from {} \
                 where state = $1 and series = $2 and number = $3",
                self.table.name
            );
            let (series, number) = (id.series.name(), number(id.number)?);
            let parameters = [
                Parameter::text(&self.name),
                Parameter::text(&series),
                Parameter::number(&number),
            ];
            let rows = self.table.query(&statement, &parameters).await?;
            let Some(row) = rows.first() else {
                return Ok(None);
            };
            let content: Vec<u8> = column(row, 0)?;
            Ok(Some(StoredObject {
                bytes: Bytes::from(content),
                created: timestamp(column(row, 1)?)?,
            }))
        })
    }

    fn list(&self, series: Series, from: u64) -> DeviceFuture<'_, Vec<u64>> {
        Box::pin(async move {
            let statement = format!(
                "select number from {} where state = $1 and series = $2 and number >= $3 \
                 order by number",
                self.table.name
            );
            let (series, from) = (series.name(), number(from)?);
            let parameters = [
                Parameter::text(&self.name),
                Parameter::text(&series),
                Parameter::number(&from),
            ];
            let rows = self.table.query(&statement, &parameters).await?;
            let mut numbers = Vec::with_capacity(rows.len());
            for row in &rows {
                let number: i64 = column(row, 0)?;
                numbers.extend(u64::try_from(number).ok());
            }
            Ok(numbers)
        })
    }

    fn workspace(&self, name: &str) -> Option<Arc<dyn LogDevice>> {
        // They share the connection.
        let mut device = self.clone();
        device.name = format!("{}{WORKSPACES}{name}", self.name);
        Some(Arc::new(device))
    }

    fn workspaces(&self) -> DeviceFuture<'_, Vec<String>> {
        Box::pin(async move {
            let start = format!("{}{WORKSPACES}", self.name);
            let statement = format!(
                "select distinct state from {} where starts_with(state, $1)",
                self.table.name
            );
            let rows = self
                .table
                .query(&statement, &[Parameter::text(&start)])
                .await?;
            let mut names = Vec::new();
            for row in &rows {
                let state: String = column(row, 0)?;
                names.extend(state.strip_prefix(&start).map(str::to_owned));
            }
            Ok(names)
        })
    }

    fn delete(&self, id: ObjectId) -> DeviceFuture<'_, ()> {
        Box::pin(async move {
            let statement = format!(
                "delete from {} where state = $1 and series = $2 and number = $3",
                self.table.name
            );
            let (series, number) = (id.series.name(), number(id.number)?);
            let parameters = [
                Parameter::text(&self.name),
                Parameter::text(&series),
                Parameter::number(&number),
            ];
            self.table.query(&statement, &parameters).await.map(drop)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use eci_text::{In, Lang};

    use super::*;

    #[tokio::test]
    async fn a_database_that_is_down_is_reported_in_one_language() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let config = format!("postgres://eci@127.0.0.1:{port}/states");
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
        let settings =
            PostgresSettings::new(config.parse().unwrap(), "eci", "default", Arc::new(tls));
        let error = PostgresDevice::new(settings).now().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the store is unavailable: connection refused"
        );
        assert_eq!(In(&error, Lang::Zh).to_string(), "存储不可用：连接被拒绝");
    }
}
