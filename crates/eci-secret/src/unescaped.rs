//! Text without its escapes, and where each part of it is in the text as it was.

use std::borrow::Cow;
use std::ops::Range;

/// A text in one spelling: however often it was escaped for JSON, and once for HTML or a URL.
///
/// Two texts that are the same but for that have the same spelling; it is good for nothing else.
pub(crate) struct UnescapedText<'a> {
    pub(crate) text: Cow<'a, str>,
    /// The origin of each byte; none where nothing was escaped.
    origins: Vec<Range<usize>>,
}

/// A character, and where it comes from.
struct Piece {
    character: char,
    origin: Range<usize>,
}

impl<'a> UnescapedText<'a> {
    /// Creates a text that has no escapes.
    pub(crate) fn as_is(text: &'a str) -> UnescapedText<'a> {
        UnescapedText {
            text: Cow::Borrowed(text),
            origins: Vec::new(),
        }
    }

    /// Removes the escapes of a text.
    pub(crate) fn of(text: &'a str) -> UnescapedText<'a> {
        if !text.contains(['%', '&', '+', '\\', '\n', '\r', '\t']) {
            return UnescapedText::as_is(text);
        }
        let pieces = text.char_indices().map(|(at, character)| Piece {
            character,
            origin: at..at + character.len_utf8(),
        });
        let mut pieces: Vec<Piece> = pieces.collect();
        for decode in [percents, entities, backslashes] {
            pieces = decode(&pieces);
        }
        let mut plain = String::with_capacity(text.len());
        let mut origins = Vec::with_capacity(text.len());
        for Piece { character, origin } in pieces {
            plain.push(character);
            origins.resize(plain.len(), origin);
        }
        UnescapedText {
            text: Cow::Owned(plain),
            origins,
        }
    }

    /// Returns whether anything was escaped.
    pub(crate) fn is_escaped(&self) -> bool {
        !self.origins.is_empty()
    }

    /// Returns the range in the original text.
    pub(crate) fn origin(&self, part: Range<usize>) -> Range<usize> {
        let last = part.end.checked_sub(1);
        match (
            self.origins.get(part.start),
            last.and_then(|at| self.origins.get(at)),
        ) {
            (Some(first), Some(last)) => first.start..last.end,
            _ => part,
        }
    }
}

/// Decodes `%20` and, as forms have it, `+`.
fn percents(pieces: &[Piece]) -> Vec<Piece> {
    let mut decoded = Vec::with_capacity(pieces.len());
    let mut at = 0;
    while let Some(Piece { character, origin }) = pieces.get(at) {
        let byte = |at: usize| {
            let digit = |at: usize| pieces.get(at).and_then(|it| it.character.to_digit(16));
            let is_one = pieces.get(at).is_some_and(|it| it.character == '%');
            let value = 16 * digit(at + 1)? + digit(at + 2)?;
            is_one.then_some(u8::try_from(value).ok()?)
        };
        let bytes: Vec<u8> = (at..).step_by(3).map_while(byte).collect();
        if let (false, Ok(text)) = (bytes.is_empty(), std::str::from_utf8(&bytes)) {
            for character in text.chars() {
                let after = at + 3 * character.len_utf8();
                let origin = pieces[at].origin.start..pieces[after - 1].origin.end;
                decoded.push(Piece { character, origin });
                at = after;
            }
        } else {
            let character = if *character == '+' { ' ' } else { *character };
            decoded.push(Piece {
                character,
                origin: origin.clone(),
            });
            at += 1;
        }
    }
    decoded
}

/// Decodes `&quot;`, `&#34;` and `&#x22;`.
fn entities(pieces: &[Piece]) -> Vec<Piece> {
    /// The longest one without its ends: `#x10ffff`.
    const LONGEST: usize = 8;
    let mut decoded = Vec::with_capacity(pieces.len());
    let mut at = 0;
    while let Some(Piece { character, origin }) = pieces.get(at) {
        let rest = pieces[at + 1..]
            .iter()
            .take(LONGEST + 1)
            .map(|it| it.character);
        let name: String = rest.take_while(|it| *it != ';').collect();
        let length = name.chars().count();
        let end = pieces.get(at + 1 + length).filter(|it| it.character == ';');
        match (*character, entity(&name), end) {
            ('&', Some(meant), Some(end)) => {
                decoded.push(Piece {
                    character: meant,
                    origin: origin.start..end.origin.end,
                });
                at += length + 2;
            }
            _ => {
                decoded.push(Piece {
                    character: *character,
                    origin: origin.clone(),
                });
                at += 1;
            }
        }
    }
    decoded
}

fn entity(name: &str) -> Option<char> {
    let number = |text: &str, radix| char::from_u32(u32::from_str_radix(text, radix).ok()?);
    match name {
        "quot" => Some('"'),
        "apos" => Some('\''),
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        name => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(digits) => number(digits, 16),
                None => number(digits, 10),
            }
        }
    }
}

/// Leaves out backslashes, decodes what follows one as `\u00e4`, and writes ends of lines and tabs as
/// the letters of their escapes.
fn backslashes(pieces: &[Piece]) -> Vec<Piece> {
    let mut decoded: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut escaped: Option<usize> = None;
    let mut high = None;
    let mut at = 0;
    while let Some(Piece { character, origin }) = pieces.get(at) {
        let unit = match (character, escaped) {
            ('u', Some(_)) => unit(&pieces[at + 1..]),
            _ => None,
        };
        at += 1;
        if *character == '\\' {
            escaped.get_or_insert(origin.start);
            continue;
        }
        let start = escaped.take().unwrap_or(origin.start);
        let Some(unit) = unit else {
            let character = match character {
                '\n' => 'n',
                '\r' => 'r',
                '\t' => 't',
                other => *other,
            };
            decoded.push(Piece {
                character,
                origin: start..origin.end,
            });
            high = None;
            continue;
        };
        at += 4;
        let end = pieces[at - 1].origin.end;
        let units = high.take().into_iter().chain([(unit, start)]);
        let units: Vec<(u16, usize)> = units.collect();
        let text: Result<String, _> = char::decode_utf16(units.iter().map(|it| it.0)).collect();
        match text {
            Ok(text) => {
                let start = units.first().map_or(start, |it| it.1);
                decoded.extend(text.chars().map(|character| Piece {
                    character,
                    origin: start..end,
                }));
            }
            Err(_) => high = Some((unit, start)),
        }
    }
    decoded
}

/// Parses the four digits of an escape.
fn unit(pieces: &[Piece]) -> Option<u16> {
    let digits: String = pieces.get(..4)?.iter().map(|it| it.character).collect();
    u16::from_str_radix(&digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_spelling_however_it_is_escaped() {
        let secret = "pl\"an\\ted\n&<ä😀 x";
        let json = |text: &str| {
            let quoted = serde_json::Value::from(text).to_string();
            quoted[1..quoted.len() - 1].to_owned()
        };
        let spelling = UnescapedText::of(secret).text.into_owned();
        let ascii = "pl\\\"an\\\\ted\\n&<\\u00e4\\ud83d\\ude00 x";
        for escaped in [
            json(secret),
            json(&json(secret)),
            json(&json(&json(secret))),
            ascii.to_owned(),
            json(ascii),
            "pl%22an%5Cted%0A%26%3C%C3%A4%F0%9F%98%80+x".to_owned(),
            "pl&quot;an\\ted\n&amp;&lt;&#xe4;&#128512; x".to_owned(),
        ] {
            assert_eq!(UnescapedText::of(&escaped).text, spelling, "{escaped}");
        }
    }

    #[test]
    fn every_part_has_its_source_position() {
        for text in [
            "a%C3%A4b&quot;c\\\\\"d\\u00e4e",
            "%%4&;&#;\\u12\\",
            "%C3",
            "\\ud83d",
            "ä+\n",
            "",
        ] {
            let plain = UnescapedText::of(text);
            let mut end = 0;
            for (at, character) in plain.text.char_indices() {
                let origin = plain.origin(at..at + character.len_utf8());
                assert!(end <= origin.start && origin.start < origin.end, "{text}");
                assert!(text.is_char_boundary(origin.start) && text.is_char_boundary(origin.end));
                end = origin.end;
            }
        }
    }
}
