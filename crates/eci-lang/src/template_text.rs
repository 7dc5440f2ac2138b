//! Strings with interpolations and directives in them.

use std::borrow::Cow;

use eci_core::{Value, codes};
use eci_text::text;
use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, ForDirective, IfDirective, Strip, Template};

use super::budget::{self, LARGEST_VALUE};
use super::evaluate::{Evaluator, Frame, Outcome};
use super::marks::{mark, reveal};
use super::operators::as_text;

/// Text in the making, with its marks.
#[derive(Default)]
struct MarkedText {
    written: String,
    unknown: bool,
    sensitive: bool,
}

/// Whether the text around a template is stripped where it touches it.
#[derive(Clone, Copy, Default)]
struct Edges {
    start: bool,
    end: bool,
}

/// The form of literal text in a template.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    /// Text as it is, line by line: a strip marker strips to the end of its line and no further.
    Lines,
    /// In quotes, as one piece.
    Quoted,
    /// Within a directive in quotes, where the parser leaves escapes as they are written.
    Escaped,
}

impl Style {
    fn within_directive(self) -> Style {
        match self {
            Style::Lines => Style::Lines,
            Style::Quoted | Style::Escaped => Style::Escaped,
        }
    }
}

/// The written form of a part of a template.
#[derive(Clone, Copy)]
struct Layout {
    edges: Edges,
    style: Style,
}

impl Evaluator<'_> {
    /// Returns the text of a template.
    ///
    /// One that is a single `${…}` keeps the type of its value.
    pub(crate) fn template(&self, template: &Template, frame: Option<&Frame>) -> Outcome {
        self.text(template, Style::Lines, frame)
    }

    /// Returns the text of a template in quotes.
    pub(crate) fn quoted(&self, template: &Template, frame: Option<&Frame>) -> Outcome {
        self.text(template, Style::Quoted, frame)
    }

    fn text(&self, template: &Template, style: Style, frame: Option<&Frame>) -> Outcome {
        if let Some(Element::Interpolation(interpolation)) = template.as_single_element() {
            return self.expression(&interpolation.expr, frame);
        }
        let mut text = MarkedText::default();
        self.write(
            template,
            Layout {
                edges: Edges::default(),
                style,
            },
            frame,
            &mut text,
        )?;
        if !budget::charge(text.written.len()) {
            return Err(self.too_much(None));
        }
        let value = if text.unknown {
            Value::Unknown
        } else {
            Value::from(text.written)
        };
        Ok(mark(value, text.sensitive))
    }

    fn write(
        &self,
        template: &Template,
        layout: Layout,
        frame: Option<&Frame>,
        text: &mut MarkedText,
    ) -> Result<(), Box<eci_core::Diagnostic>> {
        let Layout { edges, style } = layout;
        let count = template.len();
        let element = |at: usize| template.get(at);
        for (at, current) in template.iter().enumerate() {
            match current {
                Element::Literal(literal) => {
                    let before = match at.checked_sub(1).and_then(element) {
                        Some(previous) => strips_after(previous),
                        None => edges.start,
                    };
                    let after = match element(at + 1) {
                        Some(next) => strips_before(next),
                        None => at + 1 == count && edges.end,
                    };
                    let literal = unescaped(literal.value(), style);
                    text.written
                        .push_str(stripped(&literal, before, after, style));
                }
                Element::Interpolation(interpolation) => {
                    self.interpolate(&interpolation.expr, frame, text)?;
                }
                Element::Directive(directive) => match &**directive {
                    Directive::If(directive) => {
                        self.write_if(directive, style.within_directive(), frame, text)?;
                    }
                    Directive::For(directive) => {
                        self.write_for(directive, style.within_directive(), frame, text)?;
                    }
                },
            }
        }
        Ok(())
    }

    fn interpolate(
        &self,
        expression: &Expression,
        frame: Option<&Frame>,
        text: &mut MarkedText,
    ) -> Result<(), Box<eci_core::Diagnostic>> {
        let value = self.expression(expression, frame)?;
        let (bare, sensitive) = reveal(&value);
        text.sensitive |= sensitive;
        if bare.is_unknown() {
            text.unknown = true;
            return Ok(());
        }
        match as_text(bare) {
            Some(part) if text.written.len() + part.len() > LARGEST_VALUE => {
                return Err(self.too_large(expression.span()));
            }
            Some(part) => text.written.push_str(&part),
            None => {
                let message = text!(
                    en: "{found} cannot be inserted into a string",
                    zh: "无法将{found}插入字符串",
                    found = bare.type_name(),
                );
                let error = self.error(codes::TYPE_MISMATCH, message, expression.span());
                return Err(Box::new(match bare {
                    Value::Null => error.help(text!(
                        en: "provide a value for this case, for example with `coalesce(…, \"\")`",
                        zh: "为空值提供替代值，例如使用 `coalesce(…, \"\")`",
                    )),
                    _ => error.help(text!(
                        en: "use `jsonencode(…)` or `join(\", \", …)`",
                        zh: "使用 `jsonencode(…)` 或 `join(\", \", …)`",
                    )),
                }));
            }
        }
        Ok(())
    }

    fn write_if(
        &self,
        directive: &IfDirective,
        style: Style,
        frame: Option<&Frame>,
        text: &mut MarkedText,
    ) -> Result<(), Box<eci_core::Diagnostic>> {
        let (truth, sensitive) = self.condition(&directive.if_expr.cond_expr, frame)?;
        text.sensitive |= sensitive;
        let end = directive.endif_expr.strip.strip_start();
        match (truth, &directive.else_expr) {
            (None, _) => text.unknown = true,
            (Some(true), other) => {
                let edges = Edges {
                    start: directive.if_expr.strip.strip_end(),
                    end: other
                        .as_ref()
                        .map_or(end, |other| other.strip.strip_start()),
                };
                self.write(
                    &directive.if_expr.template,
                    Layout { edges, style },
                    frame,
                    text,
                )?;
            }
            (Some(false), Some(other)) => {
                let edges = Edges {
                    start: other.strip.strip_end(),
                    end,
                };
                self.write(&other.template, Layout { edges, style }, frame, text)?;
            }
            (Some(false), None) => {}
        }
        Ok(())
    }

    fn write_for(
        &self,
        directive: &ForDirective,
        style: Style,
        frame: Option<&Frame>,
        text: &mut MarkedText,
    ) -> Result<(), Box<eci_core::Diagnostic>> {
        let head = &directive.for_expr;
        let collection = self.expression(&head.collection_expr, frame)?;
        let (bare, sensitive) = reveal(&collection);
        text.sensitive |= sensitive;
        text.unknown |= bare.is_unknown();
        let edges = Edges {
            start: head.strip.strip_end(),
            end: directive.endfor_expr.strip.strip_start(),
        };
        for (key, value) in self.pairs(bare, head.collection_expr.span())? {
            let outer;
            let mut scope = frame;
            if let Some(name) = &head.key_var {
                outer = Frame::of(name.value(), key, scope);
                scope = Some(&outer);
            }
            let inner = Frame::of(head.value_var.value(), value, scope);
            self.write(&head.template, Layout { edges, style }, Some(&inner), text)?;
        }
        Ok(())
    }
}

fn strip_of(element: &Element) -> (Strip, Strip) {
    match element {
        Element::Literal(_) => (Strip::None, Strip::None),
        Element::Interpolation(interpolation) => (interpolation.strip, interpolation.strip),
        Element::Directive(directive) => match &**directive {
            Directive::If(directive) => (directive.if_expr.strip, directive.endif_expr.strip),
            Directive::For(directive) => (directive.for_expr.strip, directive.endfor_expr.strip),
        },
    }
}

fn strips_before(element: &Element) -> bool {
    strip_of(element).0.strip_start()
}

fn strips_after(element: &Element) -> bool {
    strip_of(element).1.strip_end()
}

/// Returns the text without white space where a marker strips it.
fn stripped(text: &str, before: bool, after: bool, style: Style) -> &str {
    let (mut start, mut end) = (0, text.len());
    let is_lines = style == Style::Lines;
    if before {
        let line_end = text
            .find('\n')
            .filter(|_| is_lines)
            .map_or(end, |at| at + 1);
        start = line_end - text[..line_end].trim_start().len();
    }
    if after {
        let lines = text.strip_suffix('\n').unwrap_or(text);
        let line = lines
            .rfind('\n')
            .filter(|_| is_lines)
            .map_or(0, |at| at + 1);
        end = line + text[line..].trim_end().len();
    }
    text.get(start..end).unwrap_or_default()
}

/// Returns the text behind its escapes, where the parser left them.
fn unescaped(text: &str, style: Style) -> Cow<'_, str> {
    if style != Style::Escaped || !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        written.push_str(before);
        let c = after.chars().next();
        rest = &after[c.map_or(0, char::len_utf8)..];
        match c {
            Some('n') => written.push('\n'),
            Some('r') => written.push('\r'),
            Some('t') => written.push('\t'),
            Some(c @ ('u' | 'U')) => {
                let digits = if c == 'u' { 4 } else { 8 };
                let code = rest
                    .get(..digits)
                    .and_then(|it| u32::from_str_radix(it, 16).ok());
                match code.and_then(char::from_u32) {
                    Some(c) => {
                        written.push(c);
                        rest = &rest[digits..];
                    }
                    None => written.push_str(&format!("\\{c}")),
                }
            }
            Some(c @ ('\\' | '"')) => written.push(c),
            Some(c) => written.push_str(&format!("\\{c}")),
            None => written.push('\\'),
        }
    }
    written.push_str(rest);
    Cow::Owned(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_strips_to_the_end_of_its_line() {
        let strip = |text, before, after| stripped(text, before, after, Style::Lines).to_owned();
        assert_eq!(strip("  \n  a", true, false), "  a");
        assert_eq!(strip("a\n  ", false, true), "a\n");
        assert_eq!(strip("a \n", false, true), "a");
        assert_eq!(strip(" ", true, true), "");
        assert_eq!(stripped("  \n  a", true, false, Style::Quoted), "a");
    }

    #[test]
    fn escapes_are_read_where_the_parser_leaves_them() {
        let text = r#"\n\"\\\u00e9\q\"#;
        assert_eq!(unescaped(text, Style::Escaped), "\n\"\\é\\q\\");
        assert_eq!(unescaped(r"\n", Style::Quoted), r"\n");
    }
}
