//! Inputs of modules whose values depend on resources.

use std::collections::BTreeSet;
use std::sync::Arc;

use eci_core::Value;
use eci_lang::Reference;

use crate::parse::Block;
use crate::variables::VariableType;

/// A variable of a module whose value depends on resources: evaluated again for each scope.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) rules: InputRules,
    /// The references of its value in the calling module.
    pub(crate) references: BTreeSet<Reference>,
}

/// The requirements of a declaration for the value.
#[derive(Debug)]
pub(crate) struct InputRules {
    pub(crate) block: Arc<Block>,
    pub(crate) ty: VariableType,
    pub(crate) default: Option<Value>,
    pub(crate) sensitive: bool,
    pub(crate) nullable: bool,
}
