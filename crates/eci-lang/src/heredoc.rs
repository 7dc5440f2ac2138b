//! `<<-` heredocs: their text without its indentation, as HCL has it.
//!
//! HCL strips white space next to markers first, and then from each line as much as the line with
//! the least begins with, the lines within directives among them. It does so on the parts into
//! which its scanner splits a text: lines, and the text between lines and sequences. `hcl-edit`
//! reads the outermost text alone. So a text that has such heredocs is parsed as if they were
//! plain ones, and its indentation is removed here.

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::parser::{Error, parse_expr, parse_template};
use hcl_edit::template::{Directive, Element, HeredocTemplate, Strip, Template};
use hcl_edit::visit::{Visit, visit_expr};
use hcl_edit::visit_mut::{VisitMut, visit_expr_mut};

const INDENTED: &str = "<<-";

/// Parses a text with `${…}` in it.
pub(super) fn parsed_template(text: &str) -> Result<Template, Error> {
    let mut tree = parse_template(text)?;
    if text.contains(INDENTED) {
        let starts = starts(text, |found| found.visit_template(&tree));
        if !starts.is_empty() {
            tree = parse_template(&plain(text, &starts))?;
            HeredocLayout(&starts).visit_template_mut(&mut tree);
        }
    }
    Ok(tree)
}

/// Parses a text that is an expression.
pub(super) fn parsed_expression(text: &str) -> Result<Expression, Error> {
    let mut tree = parse_expr(text)?;
    if text.contains(INDENTED) {
        let starts = starts(text, |found| found.visit_expr(&tree));
        if !starts.is_empty() {
            tree = parse_expr(&plain(text, &starts))?;
            HeredocLayout(&starts).visit_expr_mut(&mut tree);
        }
    }
    Ok(tree)
}

/// The beginnings of heredocs with a hyphen.
struct HeredocStarts<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl Visit for HeredocStarts<'_> {
    fn visit_expr(&mut self, node: &Expression) {
        if let (Expression::HeredocTemplate(_), Some(span)) = (node, node.span())
            && self.text[span.start..].starts_with(INDENTED)
        {
            self.starts.push(span.start);
        }
        visit_expr(self, node);
    }
}

fn starts(text: &str, visit: impl FnOnce(&mut HeredocStarts<'_>)) -> Vec<usize> {
    let mut found = HeredocStarts {
        text,
        starts: Vec::new(),
    };
    visit(&mut found);
    found.starts.sort_unstable();
    found.starts
}

/// Returns the text with a blank and `<<` for each `<<-`, so that offsets stay what they are.
fn plain(text: &str, starts: &[usize]) -> String {
    let mut plain = text.to_owned();
    for start in starts {
        plain.replace_range(*start..*start + INDENTED.len(), " <<");
    }
    plain
}

/// Lays out the heredocs that were written with a hyphen at these places.
struct HeredocLayout<'a>(&'a [usize]);

impl VisitMut for HeredocLayout<'_> {
    fn visit_expr_mut(&mut self, node: &mut Expression) {
        let start = node.span().map(|span| span.start);
        if let (Expression::HeredocTemplate(heredoc), Some(start)) = (&mut *node, start)
            && start > 0
            && self.0.binary_search(&(start - 1)).is_ok()
        {
            strip_and_dedent(heredoc);
        }
        visit_expr_mut(self, node);
    }
}

/// A part of a text as HCL's scanner makes it.
enum Piece {
    /// A line of a literal, or its part.
    Text(String),
    /// `${…}` or `%{…}`, with whether it strips adjacent white space.
    Sequence(Strip),
}

fn strip_and_dedent(heredoc: &mut HeredocTemplate) {
    let mut pieces = Vec::new();
    // How many pieces each literal has.
    let mut counts = Vec::new();
    take_apart(&heredoc.template, &mut pieces, &mut counts);
    strip(&mut pieces);
    dedent(&mut pieces);
    let mut texts = pieces.into_iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Sequence(_) => None,
    });
    let mut literals = counts
        .into_iter()
        .map(|count| texts.by_ref().take(count).collect());
    put_together(&mut heredoc.template, &mut literals);
}

fn take_apart(template: &Template, pieces: &mut Vec<Piece>, counts: &mut Vec<usize>) {
    for element in template {
        match element {
            Element::Literal(literal) => {
                let lines = literal.value().split_inclusive('\n');
                let before = pieces.len();
                pieces.extend(lines.map(|line| Piece::Text(line.to_owned())));
                counts.push(pieces.len() - before);
            }
            Element::Interpolation(it) => pieces.push(Piece::Sequence(it.strip)),
            Element::Directive(directive) => match &**directive {
                Directive::If(it) => {
                    pieces.push(Piece::Sequence(it.if_expr.strip));
                    take_apart(&it.if_expr.template, pieces, counts);
                    if let Some(other) = &it.else_expr {
                        pieces.push(Piece::Sequence(other.strip));
                        take_apart(&other.template, pieces, counts);
                    }
                    pieces.push(Piece::Sequence(it.endif_expr.strip));
                }
                Directive::For(it) => {
                    pieces.push(Piece::Sequence(it.for_expr.strip));
                    take_apart(&it.for_expr.template, pieces, counts);
                    pieces.push(Piece::Sequence(it.endfor_expr.strip));
                }
            },
        }
    }
}

/// Removes white space next to strip markers: of one line, not of those beyond.
fn strip(pieces: &mut [Piece]) {
    for at in 0..pieces.len() {
        let Piece::Sequence(strip) = pieces[at] else {
            continue;
        };
        if strip.strip_start()
            && let Some(Piece::Text(text)) = at.checked_sub(1).map(|before| &mut pieces[before])
        {
            text.truncate(text.trim_end().len());
        }
        if strip.strip_end()
            && let Some(Piece::Text(text)) = pieces.get_mut(at + 1)
        {
            text.drain(..text.len() - text.trim_start().len());
        }
    }
}

/// Takes away from each line what the line with the least white space begins with.
///
/// A line whose end was stripped goes on in the next; blank lines stay as they are.
fn dedent(pieces: &mut [Piece]) {
    let mut begins = true;
    let mut lines = Vec::new();
    let mut least = usize::MAX;
    for piece in pieces {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Sequence(_) => {
                if begins {
                    least = 0;
                }
                begins = false;
                continue;
            }
        };
        let is_line = begins;
        begins = text.ends_with('\n');
        if is_line && !(begins && text.trim_start().is_empty()) {
            let blanks = text.chars().take_while(|c| c.is_whitespace()).count();
            least = least.min(blanks);
            lines.push(text);
        }
    }
    for text in lines {
        let cut = text
            .char_indices()
            .nth(least)
            .map_or(text.len(), |(at, _)| at);
        text.drain(..cut);
    }
}

/// Gives each literal its text.
///
/// Nothing is left to be stripped.
fn put_together(template: &mut Template, literals: &mut impl Iterator<Item = String>) {
    for element in template {
        match element {
            Element::Literal(literal) => {
                *literal.value_mut() = literals.next().unwrap_or_default();
            }
            Element::Interpolation(it) => it.strip = Strip::None,
            Element::Directive(directive) => match &mut **directive {
                Directive::If(it) => {
                    it.if_expr.strip = Strip::None;
                    put_together(&mut it.if_expr.template, literals);
                    if let Some(other) = &mut it.else_expr {
                        other.strip = Strip::None;
                        put_together(&mut other.template, literals);
                    }
                    it.endif_expr.strip = Strip::None;
                }
                Directive::For(it) => {
                    it.for_expr.strip = Strip::None;
                    put_together(&mut it.for_expr.template, literals);
                    it.endfor_expr.strip = Strip::None;
                }
            },
        }
    }
}
