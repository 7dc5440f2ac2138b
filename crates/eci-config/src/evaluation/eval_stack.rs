//! The stack of an evaluation: locals, inputs and outputs, each of which led to the next.

use eci_core::diagnostic::Span;
use eci_core::{Code, Diagnostic, Subject, codes};
use eci_lang::ModuleId;
use eci_text::{Text, text};

use crate::environment::Modules;

/// The maximum depth of nested locals, inputs and outputs.
///
/// They are evaluated by recursion, which must not overflow the stack of the thread.
const DEEPEST: usize = 100;

/// A value that is being evaluated, and the frame that led to it.
#[derive(Debug)]
pub(crate) struct EvalFrame<'a> {
    module: ModuleId,
    what: EvalTarget<'a>,
    outer: Option<&'a EvalFrame<'a>>,
    depth: usize,
}

/// A named value that is evaluated on demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EvalTarget<'a> {
    /// `local.NAME`
    Local(&'a str),
    /// `var.NAME` of a module: an input of its call.
    Variable(&'a str),
    /// An output of a module.
    Output(&'a str),
}

impl<'a> EvalFrame<'a> {
    /// Returns how many led here.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Goes one further.
    ///
    /// # Errors
    ///
    /// The evaluation has come back to where it was, or is nested too deeply.
    pub(crate) fn enter(
        modules: &Modules,
        module: ModuleId,
        what: EvalTarget<'a>,
        outer: Option<&'a EvalFrame<'a>>,
    ) -> Result<EvalFrame<'a>, Box<Diagnostic>> {
        let link = EvalFrame {
            module,
            what,
            outer,
            depth: outer.map_or(0, |outer| outer.depth + 1),
        };
        if link.depth > DEEPEST {
            let message = text!(
                en: "`{name}` is at the end of a chain of more than {most} locals, inputs, and outputs",
                zh: "`{name}` 依赖的局部值、输入和输出链超过 {most} 层",
                name = link.name(modules),
                most = DEEPEST,
            );
            let help = text!(en: "merge some of them", zh: "合并其中的一部分");
            return Err(link.error(modules, codes::TOO_DEEP, message, help));
        }
        let mut next = link.outer;
        while let Some(passed) = next {
            if (passed.module, passed.what) == (module, what) {
                return Err(link.cycle(modules));
            }
            next = passed.outer;
        }
        Ok(link)
    }

    /// Returns the cycle of the evaluation, described from the same place wherever it
    /// was entered.
    fn cycle(&self, modules: &Modules) -> Box<Diagnostic> {
        let mut passed = Vec::new();
        let mut next = self.outer;
        while let Some(link) = next {
            passed.push(link);
            if (link.module, link.what) == (self.module, self.what) {
                break;
            }
            next = link.outer;
        }
        passed.reverse();
        let first = (0..passed.len()).min_by_key(|at| (passed[*at].module, passed[*at].what));
        passed.rotate_left(first.unwrap_or(0));
        let names: Vec<String> = (passed.iter().chain(passed.first()))
            .map(|link| format!("`{}`", link.name(modules)))
            .collect();
        let message = match passed.len() {
            1 => text!(en: "{name} refers to itself", zh: "{name} 引用了自身", name = names[0]),
            _ => text!(
                en: "reference cycle: {names}",
                zh: "循环引用：{names}",
                names = names.join(" → "),
            ),
        };
        let help = text!(
            en: "remove one of these references",
            zh: "删除其中一处引用",
        );
        let mut error = passed[0].error(modules, codes::CYCLE, message, help);
        for (at, link) in passed.iter().enumerate().skip(1) {
            if let Some(place) = link.place(modules) {
                let next = passed[(at + 1) % passed.len()].name(modules);
                error = Box::new(error.secondary(
                    place,
                    text!(en: "refers to `{next}` here", zh: "在此处引用 `{next}`", next = next),
                ));
            }
        }
        error
    }

    fn error(
        &self,
        modules: &Modules,
        code: &'static Code,
        message: Text,
        help: Text,
    ) -> Box<Diagnostic> {
        let error = Diagnostic::new(code, message).help(help);
        Box::new(match self.place(modules) {
            Some(place) => error.at(place),
            None => error,
        })
    }

    fn name(&self, modules: &Modules) -> String {
        let own = match self.what {
            EvalTarget::Local(name) => format!("local.{name}"),
            EvalTarget::Variable(name) => format!("var.{name}"),
            EvalTarget::Output(name) => format!("output.{name}"),
        };
        let path = &modules.get(self.module).path;
        if path.is_empty() {
            own
        } else {
            format!("{}.{own}", Subject::Module(path.to_vec()))
        }
    }

    fn place(&self, modules: &Modules) -> Option<Span> {
        let environment = modules.get(self.module);
        match self.what {
            EvalTarget::Local(name) => Some(environment.locals.block(name)?.place()),
            EvalTarget::Variable(name) => environment.input_place(name),
            EvalTarget::Output(name) => {
                let block = &environment.output(name)?.block;
                let node = block.node.get("value")?;
                Some(block.at(&node.range))
            }
        }
    }
}
