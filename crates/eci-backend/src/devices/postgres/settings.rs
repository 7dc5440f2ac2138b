//! The place of a state in a database.

use std::fmt;
use std::sync::Arc;

use tokio_postgres::Config;

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

    /// Returns the qualified name of the table.
    pub(super) fn table(&self) -> String {
        format!("{}.eci_objects", quoted(&self.schema))
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

/// Quotes a name for a statement.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
