//! The evaluation of locals.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use eci_core::{Diagnostic, Diagnostics, Value, codes};
use eci_lang::{Reference, references_of};
use eci_text::text;

use super::context::Context;
use super::eval_stack::{EvalFrame, EvalTarget};
use super::node::evaluate_node;
use crate::environment::{Environment, Local, LocalState};
use crate::parse::Block;

/// The maximum depth of nested locals that refer to resources.
///
/// They are evaluated by recursion, which must not overflow the stack of the thread.
const DEEPEST: usize = 100;

impl Environment {
    /// Declares the locals, evaluates those that refer to no resource and reports those that refer
    /// to themselves.
    pub(crate) fn set_locals(&mut self, blocks: &[Arc<Block>], diagnostics: &mut Diagnostics) {
        let names: Vec<Arc<str>> = blocks.iter().map(|block| block.name.clone()).collect();
        for block in blocks {
            let local = Local {
                block: block.clone(),
                references: BTreeSet::new(),
                state: LocalState::Broken,
            };
            self.locals.entries.insert(local.block.name.clone(), local);
        }
        for name in &names {
            let references = self.direct_references(name, diagnostics);
            if let Some(local) = self.locals.entries.get_mut(name) {
                local.references = references;
            }
        }
        self.locals.order = self.order_locals(&names, diagnostics);
        for name in self.locals.order.clone() {
            let state = self.initial_state(&name, diagnostics);
            if let Some(local) = self.locals.entries.get_mut(&name) {
                local.state = state;
            }
        }
    }

    /// Resolves the references of locals again once the instances of all resources are known:
    /// whether an instance exists is known only then.
    pub(crate) fn finish_locals(&mut self, diagnostics: &mut Diagnostics) {
        for name in self.locals.order.clone() {
            let references = self.direct_references(&name, diagnostics);
            if let Some(local) = self.locals.entries.get_mut(&name) {
                local.references = references;
            }
        }
    }

    /// Reports what is wrong with locals that refer to resources, used or not.
    ///
    /// The context is that of the module.
    pub(crate) fn check_locals(&self, context: &Context<'_>, diagnostics: &mut Diagnostics) {
        for name in &self.locals.order {
            let Some(LocalState::Computed { .. }) =
                self.locals.entries.get(name).map(|it| &it.state)
            else {
                continue;
            };
            if let Err(found) = self.local(name, context) {
                // Locals that depend on it take as long, and fail the same way.
                let is_last = found.code == codes::TOO_MUCH;
                diagnostics.push(*found);
                if is_last {
                    return;
                }
            }
        }
    }

    fn direct_references(&self, name: &str, diagnostics: &mut Diagnostics) -> BTreeSet<Reference> {
        let mut found = Vec::new();
        if let Some(local) = self.locals.entries.get(name) {
            let context = Context::plain(self);
            local.block.node.templates(&mut |template| {
                references_of(template, &context, &mut found, diagnostics);
            });
        }
        found.into_iter().collect()
    }

    fn initial_state(&self, name: &str, diagnostics: &mut Diagnostics) -> LocalState {
        let Some(local) = self.locals.entries.get(name) else {
            return LocalState::Broken;
        };
        let mut depth = 0;
        let mut computed = false;
        for reference in &local.references {
            match reference {
                Reference::Resource(..) | Reference::Variable(_) | Reference::Output { .. } => {
                    computed = true;
                }
                Reference::Local(other) => {
                    let state = self.locals.entries.get(other).map(|other| &other.state);
                    if let Some(LocalState::Computed { depth: below }) = state {
                        computed = true;
                        depth = depth.max(below + 1);
                    }
                }
            }
        }
        if depth > DEEPEST {
            let message = text!(
                en: "`local.{name}` is at the end of a chain of more than {most} locals",
                zh: "`local.{name}` 依赖的局部值链超过 {most} 层",
                name = name,
                most = DEEPEST,
            );
            diagnostics.push(
                Diagnostic::new(codes::TOO_DEEP, message)
                    .at(local.block.place())
                    .help(text!(en: "merge some of them", zh: "合并部分局部值")),
            );
            return LocalState::Broken;
        }
        if computed {
            return LocalState::Computed { depth };
        }
        let mut own = Diagnostics::default();
        let value = evaluate_node(&Context::plain(self), &local.block.node, &mut own);
        let broken = own.has_errors();
        diagnostics.0.append(&mut own.0);
        if broken {
            LocalState::Broken
        } else {
            LocalState::Constant(value)
        }
    }

    /// Orders the names so that each comes after those it refers to.
    ///
    /// Those on a cycle are reported and left out.
    fn order_locals(&self, names: &[Arc<str>], diagnostics: &mut Diagnostics) -> Vec<Arc<str>> {
        let mut search = LocalsOrder {
            environment: self,
            done: HashMap::new(),
            order: Vec::with_capacity(names.len()),
        };
        for name in names {
            search.visit(name, diagnostics);
        }
        search.order
    }

    /// Computes the value of a local.
    pub(crate) fn local(
        &self,
        name: &str,
        context: &Context<'_>,
    ) -> Result<Value, Box<Diagnostic>> {
        let Some(local) = self.locals.entries.get(name) else {
            return Ok(Value::Unknown);
        };
        match &local.state {
            LocalState::Constant(value) => Ok(value.clone()),
            LocalState::Broken => Ok(Value::Unknown),
            LocalState::Computed { .. } => {
                let link = match context.modules {
                    Some(modules) => Some(EvalFrame::enter(
                        modules,
                        self.id,
                        EvalTarget::Local(name),
                        context.chain,
                    )?),
                    None => None,
                };
                let context = Context {
                    each: None,
                    chain: link.as_ref(),
                    ..*context
                };
                let mut diagnostics = Diagnostics::default();
                let value = evaluate_node(&context, &local.block.node, &mut diagnostics);
                match diagnostics.0.into_iter().next() {
                    Some(first) => Err(Box::new(first)),
                    None => Ok(value),
                }
            }
        }
    }
}

/// The order of locals by their dependencies: a depth-first search without recursion.
struct LocalsOrder<'a> {
    environment: &'a Environment,
    /// Names that were entered; true once they are in the order.
    done: HashMap<Arc<str>, bool>,
    order: Vec<Arc<str>>,
}

impl LocalsOrder<'_> {
    fn visit(&mut self, root: &Arc<str>, diagnostics: &mut Diagnostics) {
        if self.done.contains_key(root) {
            return;
        }
        self.done.insert(root.clone(), false);
        let mut path = vec![(root.clone(), self.below(root))];
        while let Some((name, rest)) = path.last_mut() {
            let Some(next) = rest.pop() else {
                self.done.insert(name.clone(), true);
                self.order.push(name.clone());
                path.pop();
                continue;
            };
            match self.done.get(&next) {
                Some(true) => {}
                Some(false) => {
                    let names: Vec<&str> = path.iter().map(|(name, _)| &**name).collect();
                    diagnostics.push(self.cycle(&names, &next));
                }
                None => {
                    self.done.insert(next.clone(), false);
                    let below = self.below(&next);
                    path.push((next, below));
                }
            }
        }
    }

    fn below(&self, name: &str) -> Vec<Arc<str>> {
        let local = self.environment.locals.entries.get(name);
        local
            .into_iter()
            .flat_map(|local| &local.references)
            .filter_map(|reference| match reference {
                Reference::Local(name) => Some(name.clone()),
                _ => None,
            })
            .collect()
    }

    fn cycle(&self, path: &[&str], back: &str) -> Diagnostic {
        let start = path.iter().position(|name| *name == back).unwrap_or(0);
        let mut closed: Vec<String> = path[start..]
            .iter()
            .map(|name| format!("local.{name}"))
            .collect();
        closed.push(format!("local.{back}"));
        let message = match closed.len() {
            2 => text!(
                en: "`local.{name}` refers to itself",
                zh: "`local.{name}` 引用了自身",
                name = back,
            ),
            _ => text!(
                en: "reference cycle of locals: {names}",
                zh: "局部值循环引用：{names}",
                names = closed.join(" → "),
            ),
        };
        let diagnostic = Diagnostic::new(codes::CYCLE, message).help(text!(
            en: "remove one of these references",
            zh: "删除其中一处引用",
        ));
        match self.environment.locals.entries.get(back) {
            Some(local) => diagnostic.at(local.block.place()),
            None => diagnostic,
        }
    }
}
