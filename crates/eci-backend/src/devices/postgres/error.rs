//! The errors of a database.

use eci_state::DeviceError;
use eci_text::{Text, Verbatim, text};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::settings::{PostgresSettings, quoted};

/// Returns the error of a device for that of a database.
pub(super) fn device_error(error: &Error, settings: &PostgresSettings) -> DeviceError {
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
                database = settings.config.get_dbname().unwrap_or_default()
            ),
        },
        &SqlState::INSUFFICIENT_PRIVILEGE => no_privilege(cause, settings),
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

/// Returns the error about a user who may not use the table, or not create it.
fn no_privilege(cause: Text, settings: &PostgresSettings) -> DeviceError {
    let config = &settings.config;
    let user = config.get_user().unwrap_or("USER");
    let database = config.get_dbname().unwrap_or(user);
    let help = text!(
        en: "let an administrator run `GRANT CREATE ON DATABASE {database} TO {user}`, or create the schema and the table \
             and run `GRANT USAGE ON SCHEMA {schema} TO {user}` and `GRANT SELECT, INSERT, DELETE ON {table} TO {user}`",
        zh: "由管理员执行 `GRANT CREATE ON DATABASE {database} TO {user}`，或由管理员创建模式和表，并执行 \
             `GRANT USAGE ON SCHEMA {schema} TO {user}` 和 `GRANT SELECT, INSERT, DELETE ON {table} TO {user}`",
        database = quoted(database),
        user = quoted(user),
        schema = quoted(&settings.schema),
        table = Verbatim(settings.table()),
    );
    DeviceError::denied(cause, help)
}

/// Returns whether a statement failed because the table or its schema does not exist.
pub(super) fn is_missing(error: &Error) -> bool {
    let code = error.code();
    code.is_some_and(|code| {
        [&SqlState::UNDEFINED_TABLE, &SqlState::INVALID_SCHEMA_NAME].contains(&code)
    })
}

/// Returns whether a statement failed because two first runs created the table or its schema at once.
pub(super) fn is_duplicate(error: &Error) -> bool {
    let code = error.code();
    let codes = [
        &SqlState::DUPLICATE_TABLE,
        &SqlState::DUPLICATE_SCHEMA,
        &SqlState::DUPLICATE_OBJECT,
        &SqlState::UNIQUE_VIOLATION,
    ];
    code.is_some_and(|code| codes.contains(&code))
}
