//! Builds tables from the events of the TOML parser.

use std::ops::Range;

use toml_parser::ParseError;
use toml_parser::decoder::Encoding;
use toml_parser::lexer::Token;
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};

use super::model::{Data, Header, Item, Key, OutlineEntry, OutlineSection, QuotedString};

/// Lists and tables deeper than this are not looked into.
const DEEPEST: u32 = 64;

impl QuotedString {
    fn new(raw: &str, start: usize, encoding: Encoding) -> QuotedString {
        let (quote, is_basic) = match encoding {
            Encoding::LiteralString => ("'", false),
            Encoding::MlLiteralString => ("'''", false),
            Encoding::BasicString => ("\"", true),
            Encoding::MlBasicString => ("\"\"\"", true),
        };
        let body = raw.strip_prefix(quote).unwrap_or(raw);
        let closed = body.strip_suffix(quote).filter(|inner| {
            let escapes = inner
                .bytes()
                .rev()
                .take_while(|byte| *byte == b'\\')
                .count();
            !(is_basic && escapes % 2 == 1)
        });
        let from = start + (raw.len() - body.len());
        QuotedString {
            inner: from..from + closed.unwrap_or(body).len(),
            is_basic,
            is_closed: closed.is_some(),
        }
    }
}

/// Builds sections from the events of the parser.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) sections: Vec<OutlineSection>,
    /// The table of the section, and the lists and inline tables that are open in it.
    pub(super) frames: Vec<Frame>,
    /// Whether a header is being read.
    pub(super) in_header: bool,
    pub(super) last: Option<(EventKind, Range<usize>)>,
    /// The last that was no white space.
    pub(super) significant: Option<EventKind>,
    /// Whether nothing but white space came in this line.
    pub(super) begins_line: bool,
}

#[derive(Debug, Default)]
pub(super) struct Frame {
    pub(super) start: usize,
    pub(super) is_list: bool,
    pub(super) items: Vec<Item>,
    pub(super) entries: Vec<OutlineEntry>,
    /// The keys of the entry that is being read.
    pub(super) keys: Vec<Key>,
    /// Whether a `=` came after them.
    pub(super) has_sign: bool,
}

impl Frame {
    fn finish_entry(&mut self, item: Option<Item>) {
        self.has_sign = false;
        let keys = std::mem::take(&mut self.keys);
        if !keys.is_empty() {
            self.entries.push(OutlineEntry { keys, item });
        }
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Reader<'t> {
        Reader {
            text,
            sections: Vec::new(),
            frames: vec![Frame::default()],
            in_header: false,
            last: None,
            significant: None,
            begins_line: true,
        }
    }

    pub(super) fn read(&mut self, tokens: &[Token]) {
        let start = tokens.first().map_or(0, |token| token.span().start());
        self.sections.push(OutlineSection {
            range: start..start,
            ..OutlineSection::default()
        });
        let mut events: Vec<Event> = Vec::new();
        // Errors are reported by the check of the whole configuration.
        let mut ignored = |_: ParseError| {};
        let mut guard = RecursionGuard::new(&mut events, DEEPEST);
        parse_document(tokens, &mut guard, &mut ignored);
        for event in events {
            self.event(&event);
        }
    }

    fn event(&mut self, event: &Event) {
        let range = event.span().start()..event.span().end();
        // What the parser puts in the place of what is missing is left out, but for keys.
        let is_inserted = range.is_empty();
        match event.kind() {
            EventKind::StdTableOpen => self.header(&range, false),
            EventKind::ArrayTableOpen => self.header(&range, true),
            EventKind::StdTableClose | EventKind::ArrayTableClose => {
                self.in_header = false;
                if let Some(header) = self.section().header.as_mut() {
                    header.is_closed = true;
                    header.range.end = range.end;
                }
            }
            EventKind::SimpleKey => self.key(range.clone(), event.encoding()),
            EventKind::KeyValSep if !is_inserted => self.frame().has_sign = true,
            EventKind::Scalar if !is_inserted => self.scalar(range.clone(), event.encoding()),
            EventKind::ArrayOpen | EventKind::InlineTableOpen => self.frames.push(Frame {
                start: range.start,
                is_list: event.kind() == EventKind::ArrayOpen,
                ..Frame::default()
            }),
            EventKind::ArrayClose | EventKind::InlineTableClose if !is_inserted => {
                self.close(range.end);
            }
            EventKind::ValueSep if self.frames.len() > 1 => self.frame().finish_entry(None),
            EventKind::Newline => {
                self.in_header = false;
                if self.frames.len() == 1 {
                    self.frame().finish_entry(None);
                }
            }
            _ => {}
        }
        if !is_inserted {
            match event.kind() {
                EventKind::Newline => self.begins_line = true,
                EventKind::Whitespace => {}
                _ => self.begins_line = false,
            }
            if !matches!(event.kind(), EventKind::Whitespace | EventKind::Newline) {
                self.significant = Some(event.kind());
            }
            self.last = Some((event.kind(), range));
        }
    }

    fn header(&mut self, range: &Range<usize>, is_repeated: bool) {
        self.close_all(range.start);
        let is_new = self.section().header.is_some() || !self.section().entries.is_empty();
        if is_new {
            self.sections.push(OutlineSection::default());
        }
        self.in_header = true;
        let section = self.section();
        section.range = range.clone();
        section.header = Some(Header {
            is_repeated,
            range: range.clone(),
            ..Header::default()
        });
    }

    fn key(&mut self, range: Range<usize>, encoding: Option<Encoding>) {
        let inner = match encoding {
            Some(encoding) => {
                QuotedString::new(&self.text[range.clone()], range.start, encoding).inner
            }
            None => range.clone(),
        };
        let key = Key {
            text: self.text[inner].to_owned(),
            range,
        };
        if self.in_header {
            if let Some(header) = self.section().header.as_mut() {
                header.range.end = key.range.end;
                header.keys.push(key);
            }
            return;
        }
        let continues = matches!(self.significant, Some(EventKind::KeySep));
        let frame = self.frame();
        if frame.has_sign || !continues {
            frame.finish_entry(None);
        }
        frame.keys.push(key);
    }

    fn scalar(&mut self, range: Range<usize>, encoding: Option<Encoding>) {
        let data = match encoding {
            Some(encoding) => Data::Text(QuotedString::new(
                &self.text[range.clone()],
                range.start,
                encoding,
            )),
            None => Data::Bare,
        };
        self.value(Item { data, range });
    }

    fn value(&mut self, item: Item) {
        let frame = self.frame();
        if frame.is_list {
            frame.items.push(item)
        } else {
            frame.finish_entry(Some(item))
        }
    }

    fn close(&mut self, end: usize) {
        if self.frames.len() < 2 {
            return;
        }
        let Some(mut frame) = self.frames.pop() else {
            return;
        };
        frame.finish_entry(None);
        let data = if frame.is_list {
            Data::List(frame.items)
        } else {
            Data::Table(frame.entries)
        };
        self.value(Item {
            data,
            range: frame.start..end,
        });
    }

    fn close_all(&mut self, end: usize) {
        while self.frames.len() > 1 {
            self.close(end);
        }
        self.frame().finish_entry(None);
        let entries = std::mem::take(&mut self.frame().entries);
        self.section().entries.extend(entries);
    }

    pub(super) fn finish(mut self) -> Vec<OutlineSection> {
        let end = self.last.as_ref().map_or(0, |(_, range)| range.end);
        self.close_all(end);
        self.sections
    }

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        &mut self.frames[last]
    }

    pub(super) fn section(&mut self) -> &mut OutlineSection {
        if self.sections.is_empty() {
            self.sections.push(OutlineSection::default());
        }
        let last = self.sections.len() - 1;
        &mut self.sections[last]
    }
}
