//! The tables of a manifest and the keys in them, described once.
//!
//! The attributes of resources are described in [`crate::kinds`]; here are the other tables:
//! settings, variables, outputs, modules, changes of addresses, and the keys that every
//! resource can have. Together they describe what is allowed at any place in a manifest:
//! [`ManifestShape::root`] is the file, and [`ManifestShape::child`] goes one key down. The reader, the layout,
//! the JSON Schema, the reference page and editors all walk these descriptions.

mod backend;
mod declarations;
mod meta;
mod settings;
mod shape;

pub use backend::{
    BACKEND, BACKEND_HTTP, BACKEND_LOCAL, BACKEND_POSTGRES, BACKEND_S3, ENCRYPTION, ENCRYPTION_KEY,
    STATE,
};
pub use declarations::{IMPORT, MODULE, MOVED, OUTPUT, REMOVED, VALIDATION, VARIABLE};
pub use meta::{LIFECYCLE, META, TIMEOUTS};
pub use settings::{ENDPOINTS, PROVIDER, RETRY};
pub use shape::ManifestShape;

use crate::address::Kind;
use eci_text::FixedText;

use crate::schema::{Object, doc};

/// A table that a manifest may have at its top.
#[derive(Debug)]
#[non_exhaustive]
pub struct TopLevel {
    /// Its name: `variable`.
    pub name: &'static str,
    /// The form in which it is written.
    pub form: Form,
}

/// The form of a table at the top of a manifest.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// `[NAME]`, once in all manifests of a directory.
    Single(&'static Object),
    /// `[NAME.LABEL]`, each label once.
    Labeled(&'static Object),
    /// `[NAME.LABEL]`, each label once, with the keys of [`META`] in addition to its own.
    Resource(Kind),
    /// `[NAME]` with names and any values, each name once.
    Values,
    /// `[[NAME]]`, any number of times.
    Repeated(&'static Object),
}

impl TopLevel {
    /// Returns the form of the header of such a table: `[variable.NAME]`.
    pub fn header(&self) -> String {
        let name = self.name;
        match self.form {
            Form::Single(_) | Form::Values => format!("[{name}]"),
            Form::Labeled(_) | Form::Resource(_) => format!("[{name}.NAME]"),
            Form::Repeated(_) => format!("[[{name}]]"),
        }
    }

    /// Returns one sentence about it.
    pub fn doc(&self) -> FixedText {
        self.object().map_or(
            doc(
                "Named expressions, read as `local.NAME`.",
                "命名的表达式，以 `local.NAME` 读取。",
            ),
            |it| it.doc,
        )
    }

    /// Returns the description of its keys; none where any name is allowed.
    pub fn object(&self) -> Option<&'static Object> {
        match self.form {
            Form::Single(object) | Form::Labeled(object) | Form::Repeated(object) => Some(object),
            Form::Resource(kind) => Some(kind.schema()),
            Form::Values => None,
        }
    }
}

/// Every table that a manifest may have at its top, in the order of the documentation.
pub static TABLES: [TopLevel; 14] = [
    top("provider", Form::Single(&PROVIDER)),
    top("backend", Form::Single(&BACKEND)),
    top("encryption", Form::Single(&ENCRYPTION)),
    top("state", Form::Labeled(&STATE)),
    top("variable", Form::Labeled(&VARIABLE)),
    top("locals", Form::Values),
    top("module", Form::Labeled(&MODULE)),
    top("eip", Form::Resource(Kind::Eip)),
    top("volume", Form::Resource(Kind::Volume)),
    top("container_group", Form::Resource(Kind::ContainerGroup)),
    top("output", Form::Labeled(&OUTPUT)),
    top("moved", Form::Repeated(&MOVED)),
    top("removed", Form::Repeated(&REMOVED)),
    top("import", Form::Repeated(&IMPORT)),
];

const fn top(name: &'static str, form: Form) -> TopLevel {
    TopLevel { name, form }
}

/// Returns the table of that name.
pub fn table(name: &str) -> Option<&'static TopLevel> {
    TABLES.iter().find(|table| table.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_table_with_its_own_description() {
        for kind in Kind::ALL {
            let described = table(kind.name()).and_then(TopLevel::object);
            assert_eq!(described.map(|object| object.name), Some(kind.name()));
        }
    }

    #[test]
    fn no_attribute_is_called_as_a_key_that_every_resource_can_have() {
        for kind in Kind::ALL {
            for field in META.fields {
                assert!(!kind.schema().knows(field.name), "{kind}: {}", field.name);
            }
        }
    }

    #[test]
    fn every_header_is_written_as_it_is_read() {
        let headers: Vec<String> = TABLES.iter().map(TopLevel::header).collect();
        assert!(headers.contains(&"[variable.NAME]".to_owned()));
        assert!(headers.contains(&"[locals]".to_owned()));
        assert!(headers.contains(&"[[moved]]".to_owned()));
    }
}
