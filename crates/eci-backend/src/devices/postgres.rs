//! A device in a table of a PostgreSQL database.
//!
//! A lock is an entry as on every device. Advisory locks are not used: they disappear with their
//! connection, unnoticed, and a pooled connection may belong to somebody else.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use eci_state::DeviceError;
use eci_text::{SECOND, Text, Verbatim, text};
use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, Error, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::device::{Creation, DeviceFuture, LogDevice, ObjectId, Series, StoredObject};

/// Joins the name of a state and that of a workspace.
const WORKSPACES: &str = "/workspaces/";

/// The port of a server that is not given another one.
const DEFAULT_PORT: u16 = 5432;

/// The longest time for an operation: a connection that a network has dropped does not answer.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The place of a state in a database.
#[derive(Clone)]
#[non_exhaustive]
pub struct PostgresSettings {
    /// The server, the user, and the database.
    pub config: Config,
    /// The schema in which the table is.
    pub schema: String,
    /// The name of the state.
    pub name: String,
    /// The TLS settings of the program.
    pub tls: Arc<rustls::ClientConfig>,
}

impl PostgresSettings {
    /// Creates the place of a state in a database.
    pub fn new(
        config: Config,
        schema: impl Into<String>,
        name: impl Into<String>,
        tls: Arc<rustls::ClientConfig>,
    ) -> PostgresSettings {
        PostgresSettings {
            config,
            schema: schema.into(),
            name: name.into(),
            tls,
        }
    }
}

impl fmt::Debug for PostgresSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSettings")
            .field("schema", &self.schema)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A device in a database.
///
/// Clones use one connection, which is opened again whenever it ends.
#[derive(Clone)]
pub struct PostgresDevice {
    settings: PostgresSettings,
    /// The qualified name of the table.
    table: String,
    client: Arc<Mutex<Option<Arc<Client>>>>,
}

impl fmt::Debug for PostgresDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresDevice")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A parameter of a statement and its type: statements are not prepared, because the pools of some
/// servers share prepared ones between clients.
struct Parameter<'a> {
    value: &'a (dyn ToSql + Sync),
    ty: Type,
}

impl<'a> Parameter<'a> {
    fn text(value: &'a (dyn ToSql + Sync)) -> Parameter<'a> {
        Parameter {
            value,
            ty: Type::TEXT,
        }
    }

    fn number(value: &'a i64) -> Parameter<'a> {
        Parameter {
            value,
            ty: Type::INT8,
        }
    }
}

impl PostgresDevice {
    /// Creates a device.
    ///
    /// The server is connected to with the first operation.
    pub fn new(settings: PostgresSettings) -> PostgresDevice {
        PostgresDevice {
            table: format!("{}.eci_objects", quoted(&settings.schema)),
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
    async fn query(
        &self,
        statement: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, DeviceError> {
        Ok(self
            .query_table(statement, parameters)
            .await?
            .unwrap_or_default())
    }

    /// Returns the rows of a query; `None` if the table does not exist.
    async fn query_table(
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
    async fn create_table(&self) -> Result<(), DeviceError> {
        let schema = quoted(&self.settings.schema);
        let table = &self.table;
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

    /// Returns the error about a user who may not use the table, or not create it.
    fn no_privilege(&self, cause: Text) -> DeviceError {
        let config = &self.settings.config;
        let user = config.get_user().unwrap_or("USER");
        let database = config.get_dbname().unwrap_or(user);
        let help = text!(
            en: "let an administrator run `GRANT CREATE ON DATABASE {database} TO {user}`, or create the schema and the table \
                 and run `GRANT USAGE ON SCHEMA {schema} TO {user}` and `GRANT SELECT, INSERT, DELETE ON {table} TO {user}`",
            zh: "由管理员执行 `GRANT CREATE ON DATABASE {database} TO {user}`，或由管理员创建模式和表，并执行 \
                 `GRANT USAGE ON SCHEMA {schema} TO {user}` 和 `GRANT SELECT, INSERT, DELETE ON {table} TO {user}`",
            database = quoted(database),
            user = quoted(user),
            schema = quoted(&self.settings.schema),
            table = Verbatim(&self.table),
        );
        DeviceError::denied(cause, help)
    }

    fn failed(&self, error: &Error) -> DeviceError {
        let Some(code) = error.code() else {
            let cause = Text::of_root_cause(error);
            return DeviceError::Unavailable { cause };
        };
        let cause = error.as_db_error().map_or_else(
            || Text::of_root_cause(error),
            |error| Text::verbatim(error.message().to_owned()),
        );
        match code {
            &SqlState::INVALID_CATALOG_NAME => DeviceError::NotFound {
                what: text!(
                    en: "database `{database}`",
                    zh: "数据库 `{database}` ",
                    database = self.settings.config.get_dbname().unwrap_or_default()
                ),
            },
            &SqlState::INSUFFICIENT_PRIVILEGE => self.no_privilege(cause),
            code => match &code.code()[..2] {
                "28" => DeviceError::denied(
                    cause,
                    text!(
                        en: "check the user and the password in the address of the database",
                        zh: "检查数据库地址中的用户和密码",
                    ),
                ),
                // Connections, resources, operator intervention, conflicts, system errors.
                "08" | "53" | "57" | "58" | "40" | "25" => DeviceError::Unavailable { cause },
                _ => DeviceError::Refused { cause },
            },
        }
    }
}

/// Returns TLS settings for a connection to a database: servers refuse another protocol since PostgreSQL 17.
fn for_database(tls: &rustls::ClientConfig) -> rustls::ClientConfig {
    let mut tls = tls.clone();
    tls.alpn_protocols = vec![b"postgresql".to_vec()];
    tls
}

/// Returns whether a statement failed because the table or its schema does not exist.
fn is_missing(error: &Error) -> bool {
    let code = error.code();
    code.is_some_and(|code| {
        [&SqlState::UNDEFINED_TABLE, &SqlState::INVALID_SCHEMA_NAME].contains(&code)
    })
}

/// Returns whether a statement failed because two first runs created the table or its schema at once.
fn is_duplicate(error: &Error) -> bool {
    let code = error.code();
    let codes = [
        &SqlState::DUPLICATE_TABLE,
        &SqlState::DUPLICATE_SCHEMA,
        &SqlState::DUPLICATE_OBJECT,
        &SqlState::UNIQUE_VIOLATION,
    ];
    code.is_some_and(|code| codes.contains(&code))
}

/// Quotes a name for a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
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
        let config = &self.settings.config;
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
        let PostgresSettings { schema, name, .. } = &self.settings;
        format!("postgres://{host}{port}/{database}/{schema}/{name}")
    }

    fn now(&self) -> DeviceFuture<'_, Timestamp> {
        Box::pin(async move {
            let statement = "select (extract(epoch from clock_timestamp()) * 1000000)::bigint";
            let rows = self.query(statement, &[]).await?;
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
                self.table
            );
            let (series, number) = (id.series.name(), number(id.number)?);
            let parameters = [
                Parameter::text(&self.settings.name),
                Parameter::text(&series),
                Parameter::number(&number),
                Parameter {
                    value: &&bytes[..],
                    ty: Type::BYTEA,
                },
            ];
            let rows = match self.query_table(&statement, &parameters).await? {
                Some(rows) => rows,
                None => {
                    self.create_table().await?;
                    let rows = self.query_table(&statement, &parameters).await?;
                    rows.ok_or_else(|| DeviceError::Unavailable {
                        cause: text!(
                            en: "the table {table} was removed",
                            zh: "表 {table} 已被移除",
                            table = self.table,
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
                self.table
            );
            let (series, number) = (id.series.name(), number(id.number)?);
            let parameters = [
                Parameter::text(&self.settings.name),
                Parameter::text(&series),
                Parameter::number(&number),
            ];
            let rows = self.query(&statement, &parameters).await?;
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
                self.table
            );
            let (series, from) = (series.name(), number(from)?);
            let parameters = [
                Parameter::text(&self.settings.name),
                Parameter::text(&series),
                Parameter::number(&from),
            ];
            let rows = self.query(&statement, &parameters).await?;
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
        device.settings.name = format!("{}{WORKSPACES}{name}", self.settings.name);
        Some(Arc::new(device))
    }

    fn workspaces(&self) -> DeviceFuture<'_, Vec<String>> {
        Box::pin(async move {
            let start = format!("{}{WORKSPACES}", self.settings.name);
            let statement = format!(
                "select distinct state from {} where starts_with(state, $1)",
                self.table
            );
            let rows = self.query(&statement, &[Parameter::text(&start)]).await?;
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
                self.table
            );
            let (series, number) = (id.series.name(), number(id.number)?);
            let parameters = [
                Parameter::text(&self.settings.name),
                Parameter::text(&series),
                Parameter::number(&number),
            ];
            self.query(&statement, &parameters).await.map(drop)
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
