//! The declared variables, for prompts that ask for their values.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eci_core::{Diagnostics, Value};

use crate::environment::{Environment, Files};
use crate::evaluation::{Context, Declaration};
use crate::parse::{Block, Overlay, gather, read_directory};
use crate::variables::{InputValue, RawValue, ValueSource, Variables};

/// The variables that the manifests of a directory declare.
#[derive(Debug)]
pub struct DeclaredVariables {
    directory: PathBuf,
    blocks: Vec<Arc<Block>>,
}

/// A declared variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredVariable {
    /// Its name.
    pub name: String,
    /// The description, for people.
    pub description: Option<String>,
    /// Its type, as it is written.
    pub ty: Option<String>,
    /// Whether its value is never shown.
    pub sensitive: bool,
    /// Whether it has a value where none is given.
    pub has_default: bool,
}

/// Reads which variables the manifests of a directory declare, whatever is wrong with the rest.
///
/// # Errors
///
/// The directory cannot be read.
pub fn load_variables(directory: &Path) -> Result<DeclaredVariables, Diagnostics> {
    let mut elsewhere = Diagnostics::default();
    let manifests = read_directory(directory, "", &Overlay::default(), &mut elsewhere)
        .map_err(|error| error.into_diagnostics(directory))?;
    Ok(DeclaredVariables {
        directory: directory.to_owned(),
        blocks: gather(manifests, &mut elsewhere).variables,
    })
}

impl DeclaredVariables {
    /// Returns all declared variables, in the order of files and tables.
    pub fn iter(&self) -> impl Iterator<Item = DeclaredVariable> {
        self.blocks.iter().map(|block| self.describe(block))
    }

    /// Returns the variable of that name.
    pub fn get(&self, name: &str) -> Option<DeclaredVariable> {
        let block = self.blocks.iter().find(|block| &*block.name == name)?;
        Some(self.describe(block))
    }

    /// Returns the variables that have no value yet.
    pub fn missing(&self, given: &Variables) -> Vec<DeclaredVariable> {
        let all = self.iter();
        all.filter(|it| !it.has_default && given.get(&it.name).is_none())
            .collect()
    }

    /// Returns whether a text is a value of a variable, as far as that is known without the values
    /// of others.
    ///
    /// # Errors
    ///
    /// The reasons why the text is not a valid value.
    pub fn check(&self, name: &str, text: &str) -> Result<(), Diagnostics> {
        let Some(block) = self.blocks.iter().find(|block| &*block.name == name) else {
            return Ok(());
        };
        let mut environment = self.environment();
        for other in &self.blocks {
            environment
                .variables
                .insert(other.name.clone(), Value::Unknown);
        }
        let given = InputValue {
            value: RawValue::Text(text.to_owned()),
            rank: ValueSource::Prompt,
            origin: ValueSource::Prompt.origin(name),
            written: None,
        };
        let mut diagnostics = Diagnostics::default();
        let provenance = environment.set_variable(block, Some(&given), &mut diagnostics);
        let context = Context::plain(&environment);
        environment.validate(block, context, Some(&provenance), &mut diagnostics);
        if diagnostics.has_errors() {
            Err(diagnostics)
        } else {
            Ok(())
        }
    }

    fn environment(&self) -> Environment {
        Environment::new(Arc::new(Files::new(&self.directory)))
    }

    fn describe(&self, block: &Block) -> DeclaredVariable {
        let environment = self.environment();
        let mut elsewhere = Diagnostics::default();
        let declaration = Declaration::read(&environment, block, &mut elsewhere);
        let ty = block.node.get("type").and_then(|node| node.literal_text());
        DeclaredVariable {
            name: block.name.to_string(),
            ty: ty.map(str::to_owned),
            sensitive: declaration.sensitive,
            has_default: declaration.has_default(),
            description: declaration.description,
        }
    }
}
