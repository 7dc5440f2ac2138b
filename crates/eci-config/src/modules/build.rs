//! Builds an environment for every instance of every module.
//!
//! Which instances there are may depend on anything that is known before apply, outputs of
//! other modules included. So what is unknown now is evaluated again in the next round, as
//! long as the rounds find anything new.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use eci_core::address::ModuleStep;
use eci_core::{Address, Diagnostic, Diagnostics, Severity, Subject, Value, codes};
use eci_lang::{Instances, ModuleId, references_of};
use eci_text::text;

use super::literal_scope::LiteralScope;
use super::read_definitions::DEEPEST;
use crate::backend::lazy_state;
use crate::environment::{
    DeclaredCall, EachSource, Environment, Files, ModuleCall, ModuleOutput, Modules,
};
use crate::evaluation::Context;
use crate::output::declare_output;
use crate::parse::{Block, Definition};
use crate::resource::{ForEach, Keys, Tables, addresses, declare_resources, keys};
use crate::variables::Variables;

/// The maximum number of module instances; more are probably a mistake.
const MOST_MODULES: usize = 10_000;

/// The work of an instance of a resource before it is evaluated.
const WORK_FOR_INSTANCE: usize = 32;

/// The environments and resource tables of all modules.
#[derive(Debug)]
pub(crate) struct BuiltModules {
    pub(crate) modules: Modules,
    /// The tables of resources of each module.
    pub(crate) tables: Vec<Tables>,
    /// The definition of each module.
    pub(crate) definitions: Vec<Arc<Definition>>,
}

/// Builds the environments of all modules.
pub(crate) fn build(
    root: &Arc<Definition>,
    files: Arc<Files>,
    variables: &Variables,
    diagnostics: &mut Diagnostics,
) -> BuiltModules {
    let mut environment = Environment::new(files);
    environment.workspace = variables.workspace().into();
    environment.external = variables.external().clone();
    let encryption = &root.declarations.encryption;
    for block in &root.declarations.states {
        let state = lazy_state(block.clone(), encryption.clone());
        environment.states.insert(block.name.clone(), state);
    }
    environment.set_variables(&root.declarations.variables, variables, diagnostics);
    let mut builder = ModulesBuilder {
        modules: Modules::default(),
        tables: Vec::new(),
        definitions: Vec::new(),
        open: Vec::new(),
        lacks_values: environment.variables.values().any(Value::is_unknown),
        diagnostics,
    };
    builder.add(environment, root);
    builder.expand();
    builder.finish();
    BuiltModules {
        modules: builder.modules,
        tables: builder.tables,
        definitions: builder.definitions,
    }
}

/// The builder of the environments of all modules.
struct ModulesBuilder<'a> {
    modules: Modules,
    tables: Vec<Tables>,
    definitions: Vec<Arc<Definition>>,
    /// The tables whose instances are unknown.
    open: Vec<PendingTable>,
    /// Whether variables of the root are unknown: what depends on them is unknown too.
    lacks_values: bool,
    diagnostics: &'a mut Diagnostics,
}

/// A table of a module whose instances are unknown.
#[derive(Clone, Copy, Debug)]
enum PendingTable {
    Resource(ModuleId, usize),
    Call(ModuleId, usize),
}

impl ModulesBuilder<'_> {
    fn add(&mut self, mut environment: Environment, definition: &Arc<Definition>) -> ModuleId {
        let module = self.modules.count();
        let declarations = &definition.declarations;
        let tables = declare_resources(&mut environment, &declarations.resources);
        self.open
            .extend(tables.open().map(|at| PendingTable::Resource(module, at)));
        for (at, call) in definition.calls.iter().enumerate() {
            environment.declare_call(DeclaredCall {
                block: call.block.clone(),
                definition: call.definition.clone(),
                instances: Instances::Pending,
            });
            self.open.push(PendingTable::Call(module, at));
        }
        environment.set_locals(&declarations.locals, self.diagnostics);
        // The outputs of the root are for people and programs outside.
        let outputs = declarations.outputs.iter().filter(|_| module > 0);
        for block in outputs {
            let output = exported(&environment, block, self.diagnostics);
            environment.set_output(block.name.clone(), output);
        }
        environment.is_incomplete = self.is_incomplete();
        self.modules.add(environment);
        self.tables.push(tables);
        self.definitions.push(definition.clone());
        module
    }

    fn is_incomplete(&self) -> bool {
        self.lacks_values || self.diagnostics.has_errors()
    }

    fn expand(&mut self) {
        loop {
            let round = std::mem::take(&mut self.open);
            let mut waiting = Vec::new();
            let mut count = round.len();
            for open in round {
                if let Some(error) = self.try_expand(open) {
                    waiting.push((open, error));
                    count -= 1;
                }
            }
            if self.open.is_empty() && waiting.is_empty() {
                return;
            }
            if count == 0 && self.lacks_values {
                for (open, _) in waiting {
                    self.sample(open);
                }
                continue;
            }
            if count == 0 {
                // What they depend on may have been reported.
                let reported = &self.diagnostics.0;
                let is_cause =
                    |it: &Diagnostic| it.severity == Severity::Error && it.code != codes::FOR_EACH;
                if !reported.iter().any(is_cause) {
                    let errors = waiting.into_iter().map(|(_, error)| error);
                    self.diagnostics.0.extend(errors);
                }
                return;
            }
            self.open.extend(waiting.into_iter().map(|(open, _)| open));
        }
    }

    /// Sets the instances of a table; returns the error if they cannot be known yet.
    fn try_expand(&mut self, open: PendingTable) -> Option<Diagnostic> {
        let (module, block) = match open {
            PendingTable::Resource(module, at) => (module, self.tables[module].block(at).clone()),
            PendingTable::Call(module, at) => {
                let block = &self.definitions[module].calls[at].block;
                (module, block.clone())
            }
        };
        let sources = match block.node.get("for_each") {
            Some(_) => match self.keys(module, &block) {
                Keys::Known(sources) => Some(sources),
                Keys::Unknown(error) => return Some(*error),
                Keys::Failed => return None,
            },
            None => None,
        };
        match (open, sources) {
            (PendingTable::Resource(_, at), Some(sources)) => {
                let work = WORK_FOR_INSTANCE * sources.len();
                if !self.modules.budget().charge(work, || block.place()) {
                    return None;
                }
                let environment = self.modules.get_mut(module);
                self.tables[module].set(at, environment, sources);
            }
            // It is there already.
            (PendingTable::Resource(..), None) => {}
            (PendingTable::Call(_, at), sources) => self.enter(module, at, &block, sources),
        }
        None
    }

    fn keys(&mut self, module: ModuleId, block: &Block) -> Keys {
        let written = LiteralScope {
            modules: &self.modules,
            tables: &self.tables,
        };
        let table = ForEach {
            modules: &self.modules,
            module,
            block,
            scope: &written,
        };
        keys(&table, self.diagnostics)
    }

    /// Sets one sample instance for a table whose keys depend on variables without values.
    fn sample(&mut self, open: PendingTable) {
        match open {
            PendingTable::Resource(module, at) => self.tables[module].set_sample(at),
            PendingTable::Call(module, at) => {
                let block = self.definitions[module].calls[at].block.clone();
                self.enter(module, at, &block, Some(vec![EachSource::sample()]));
                let parent = self.modules.get_mut(module);
                parent.set_called(&block.name, Instances::Pending);
            }
        }
    }

    /// Creates the module instances of a call.
    fn enter(
        &mut self,
        module: ModuleId,
        at: usize,
        block: &Arc<Block>,
        sources: Option<Vec<EachSource>>,
    ) {
        let definition = self.definitions[module].calls[at].definition.clone();
        let Some(definition) = definition else {
            return;
        };
        let count = sources.as_ref().map_or(1, Vec::len);
        let problem = if self.modules.get(module).path.len() >= DEEPEST {
            text!(
             en: "module calls are nested more than {most} levels deep",
             zh: "模块调用嵌套超过 {most} 层",
             most = DEEPEST,
            )
        } else if self.modules.count() + count > MOST_MODULES {
            text!(
             en: "the configuration has more than {most} module instances",
             zh: "配置的模块实例超过 {most} 个",
             most = MOST_MODULES,
            )
        } else {
            let budget = self.modules.budget();
            let work = || definition.work().saturating_mul(count);
            if budget.is_exhausted() || !budget.charge(work(), || block.place()) {
                return;
            }
            let instances = match sources {
                None => Instances::Single(self.instance(module, block, &definition, None)),
                Some(sources) => {
                    let mut instances = BTreeMap::new();
                    for source in sources {
                        if self.modules.budget().is_exhausted() {
                            break;
                        }
                        let key = source.key().clone();
                        let child = self.instance(module, block, &definition, Some(source));
                        instances.insert(key, child);
                    }
                    Instances::Keyed(instances)
                }
            };
            self.modules
                .get_mut(module)
                .set_called(&block.name, instances);
            return;
        };
        self.diagnostics.push(
            Diagnostic::new(codes::TOO_MANY_MODULES, problem)
                .at(block.place())
                .help(text!(
                    en: "reduce the number of module calls, or merge modules",
                    zh: "减少模块调用，或合并模块",
                )),
        );
    }

    fn instance(
        &mut self,
        by: ModuleId,
        block: &Arc<Block>,
        definition: &Arc<Definition>,
        each: Option<EachSource>,
    ) -> ModuleId {
        let parent = self.modules.get(by);
        let mut path = parent.path.to_vec();
        path.push(ModuleStep {
            name: block.name.clone(),
            key: each.as_ref().map(|each| each.key().clone()),
        });
        let references = match &each {
            Some(EachSource::Computed(_)) => for_each_references(parent, block, self.diagnostics),
            _ => Vec::new(),
        };
        let mut environment = Environment::new(parent.files.clone());
        environment.id = self.modules.count();
        environment.path = path.into();
        environment.directory = definition.directory.clone();
        environment.workspace = parent.workspace.clone();
        environment.called = Some(ModuleCall {
            by,
            block: block.clone(),
            each,
            references: references.into_iter().collect(),
            depends_on: Arc::default(),
        });
        let variables = &definition.declarations.variables;
        let before = self.diagnostics.0.len();
        let instance = Subject::Module(environment.path.to_vec());
        environment.set_inputs(variables, &self.modules, self.diagnostics);
        let module = self.add(environment, definition);
        self.found_in(&instance, before);
        module
    }

    /// Records the instance to which all diagnostics after the first `before` belong, and charges
    /// for them.
    fn found_in(&mut self, instance: &Subject, before: usize) {
        self.diagnostics.found_in(instance, before);
        let found = self.diagnostics.0.get(before..).unwrap_or_default();
        self.modules.budget().charge_found(found);
    }

    /// Resolves locals, references and dependencies again now that all instances are known.
    fn finish(&mut self) {
        let is_incomplete = self.is_incomplete();
        for environment in self.modules.all_mut() {
            environment.is_incomplete = is_incomplete;
            if environment.files.budget().is_exhausted() {
                continue;
            }
            let before = self.diagnostics.0.len();
            environment.finish_locals(self.diagnostics);
            if !environment.path.is_empty() {
                let instance = Subject::Module(environment.path.to_vec());
                self.diagnostics.found_in(&instance, before);
                let found = self.diagnostics.0.get(before..).unwrap_or_default();
                environment.files.budget().charge_found(found);
            }
        }
        for module in 1..self.modules.count() {
            if self.modules.budget().is_exhausted() {
                return;
            }
            self.finish_references(module);
        }
        self.finish_dependencies();
    }

    fn finish_references(&mut self, module: ModuleId) {
        let environment = self.modules.get(module);
        let inputs = environment.input_references_now(&self.modules, self.diagnostics);
        let each = environment.called.as_ref().map(|called| {
            let parent = self.modules.get(called.by);
            if called.references.is_empty() {
                Vec::new()
            } else {
                for_each_references(parent, &called.block, self.diagnostics)
            }
        });
        let outputs: Vec<_> = environment
            .outputs()
            .map(|(name, output)| {
                let output = exported(environment, &output.block, self.diagnostics);
                (name.clone(), output)
            })
            .collect();
        let environment = self.modules.get_mut(module);
        environment.set_input_references(inputs);
        if let (Some(called), Some(each)) = (&mut environment.called, each) {
            called.references = each.into_iter().collect();
        }
        for (name, output) in outputs {
            environment.set_output(name, output);
        }
    }

    /// Sets the resources on which everything in a module depends.
    fn finish_dependencies(&mut self) {
        let mut known: HashMap<(ModuleId, Arc<str>), Arc<[Address]>> = HashMap::new();
        // A module comes after the one that calls it.
        for module in 1..self.modules.count() {
            let Some(called) = &self.modules.get(module).called else {
                continue;
            };
            let key = (called.by, called.block.name.clone());
            let depends_on = match known.get(&key) {
                Some(known) => known.clone(),
                None => {
                    let found = self.dependencies(called.by, &called.block.clone());
                    known.insert(key, found.clone());
                    found
                }
            };
            if let Some(called) = &mut self.modules.get_mut(module).called {
                called.depends_on = depends_on;
            }
        }
    }

    fn dependencies(&mut self, by: ModuleId, block: &Arc<Block>) -> Arc<[Address]> {
        let parent = self.modules.get(by);
        let around = parent
            .called
            .as_ref()
            .map(|called| called.depends_on.clone());
        let around = around.unwrap_or_default();
        if block.node.get("depends_on").is_none() {
            return around;
        }
        let context = Context {
            modules: Some(&self.modules),
            ..Context::plain(parent)
        };
        let mut own = addresses(context, block, self.diagnostics);
        own.extend(around.iter().cloned());
        own.sort();
        own.dedup();
        own.into()
    }
}

fn exported(
    environment: &Environment,
    block: &Arc<Block>,
    diagnostics: &mut Diagnostics,
) -> ModuleOutput {
    let declared = declare_output(&Context::plain(environment), block, diagnostics);
    ModuleOutput {
        block: block.clone(),
        sensitive: declared.sensitive,
        references: declared.references.into_iter().collect(),
    }
}

fn for_each_references(
    parent: &Environment,
    block: &Block,
    diagnostics: &mut Diagnostics,
) -> Vec<eci_lang::Reference> {
    let mut found = Vec::new();
    if let Some(node) = block.node.get("for_each") {
        let context = Context::plain(parent);
        node.templates(&mut |template| {
            references_of(template, &context, &mut found, diagnostics);
        });
    }
    found
}
