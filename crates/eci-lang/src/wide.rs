//! Objects of very many keys in an expression.
//!
//! The parser compares each key with all before it, so that such a text is refused before it is
//! parsed: a table of a manifest may be as wide as it likes.

/// The most keys of an object in an expression.
pub(super) const MOST_KEYS: usize = 1000;

/// The context of a part of a text.
enum Enclosure {
    /// `{…}`, or `${…}`, which has no keys: where it begins, and the keys so far.
    Braces { start: usize, keys: usize },
    /// `"…"`, or the whole text of a template.
    Text,
    /// `<<WORD` and the lines up to the word.
    Lines { word: Vec<u8> },
}

/// The syntax of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// Text with expressions in it.
    Template,
    /// One expression.
    Expression,
}

/// Returns where an object with more than [`MOST_KEYS`] keys begins in an expression, or in a
/// template; nothing of an object that is never closed.
pub(super) fn wide_object(text: &str, syntax: Syntax) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut around = Vec::new();
    if syntax == Syntax::Template {
        around.push(Enclosure::Text);
    }
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let is_outermost = syntax == Syntax::Template && around.len() == 1;
        at += match around.last_mut() {
            Some(Enclosure::Text) if rest[0] == b'"' && !is_outermost => {
                around.pop();
                1
            }
            Some(Enclosure::Text) => in_text(rest, at, &mut around),
            Some(Enclosure::Lines { word }) => {
                let line = rest.trim_ascii_start();
                // The word ends the lines where it is alone on one.
                let is_end = (at == 0 || bytes[at - 1] == b'\n')
                    && line.starts_with(word)
                    && !line.get(word.len()).is_some_and(|next| is_word(*next));
                if is_end {
                    let length = rest.len() - line.len() + word.len();
                    around.pop();
                    length
                } else {
                    in_text(rest, at, &mut around)
                }
            }
            Some(Enclosure::Braces { .. }) | None => {
                if let Some(Enclosure::Braces { start, keys }) = around.last_mut() {
                    let compares = at > 0 && b"<>!=".contains(&bytes[at - 1]);
                    let is_key = match rest {
                        [b'=', b'=' | b'>', ..] => false,
                        [b'=', ..] => !compares,
                        [b':', ..] => true,
                        _ => false,
                    };
                    *keys += usize::from(is_key);
                    if *keys > MOST_KEYS {
                        return Some(*start);
                    }
                }
                in_expression(rest, at, &mut around)
            }
        };
    }
    None
}

/// Returns the length of the next part of a text, which may begin an expression.
fn in_text(rest: &[u8], at: usize, around: &mut Vec<Enclosure>) -> usize {
    match rest {
        [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => 3,
        [b'$' | b'%', b'{', ..] => {
            around.push(Enclosure::Braces { start: at, keys: 0 });
            2
        }
        [b'\\', _, ..] if !matches!(around.last(), Some(Enclosure::Lines { .. })) => 2,
        _ => 1,
    }
}

/// Returns the length of the next part of an expression, which may open or close a bracket.
fn in_expression(rest: &[u8], at: usize, around: &mut Vec<Enclosure>) -> usize {
    let to = |end: &[u8]| {
        let mut places = rest.windows(end.len());
        places.position(|it| it == end).unwrap_or(rest.len())
    };
    match rest {
        [b'"', ..] => {
            around.push(Enclosure::Text);
            1
        }
        [b'{', ..] => {
            around.push(Enclosure::Braces { start: at, keys: 0 });
            1
        }
        [b'}', ..] => {
            around.pop();
            1
        }
        [b'#', ..] | [b'/', b'/', ..] => to(b"\n"),
        [b'/', b'*', ..] => to(b"*/") + 2,
        [b'<', b'<', more @ ..] => {
            let hyphen = usize::from(more.first() == Some(&b'-'));
            let word: Vec<u8> = more[hyphen..]
                .iter()
                .copied()
                .take_while(|it| is_word(*it))
                .collect();
            let length = 2 + hyphen + word.len();
            if !word.is_empty() {
                around.push(Enclosure::Lines { word });
            }
            length
        }
        _ => 1,
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_counted_object_by_object() {
        let keys = |count: usize, key: &str| key.repeat(count);
        let wide = |text: &str| wide_object(text, Syntax::Expression);
        for key in [
            "a=1,",
            "a:1\n",
            "a={b=1},",
            "a=\"}{\",",
            "a=\"${\"}\"}\",",
            "a=1 # \"}\n",
            "a=/*}\"*/1,",
        ] {
            let text = |count| format!("[{{{}}}]", keys(count, key));
            assert_eq!(wide(&text(MOST_KEYS)), None, "{key}");
            assert_eq!(wide(&text(MOST_KEYS + 1)), Some(1), "{key}");
        }
        let lines = format!("{{{}}}", keys(MOST_KEYS + 1, "a=<<E\n}{\n  E\n"));
        assert_eq!(wide(&lines), Some(0));
        let within = format!("<<-E\n${{{{{}}}}}\nE\n", keys(MOST_KEYS + 1, "a=1,"));
        assert_eq!(wide(&within), Some(7));
    }

    #[test]
    fn only_keys_are_counted() {
        let many = |part: &str| part.repeat(MOST_KEYS + 1);
        for text in [
            format!("[{}]", many("{a=1},")),
            format!("{{a = 1{}}}", many(" == 1 <= 2 != 3")),
            format!("{{a = \"{}\"}}", many("b=1,")),
            format!("{{a = <<E\n{}E\n}}", many("b=1\n")),
        ] {
            assert_eq!(wide_object(&text, Syntax::Expression), None, "{text:.60}");
        }
        let template = format!("\"{}${{1}}", many("{a=1"));
        assert_eq!(wide_object(&template, Syntax::Template), None);
        let template = format!("\"'${{{{{}}}}}", many("a=1,"));
        assert_eq!(wide_object(&template, Syntax::Template), Some(4));
        assert_eq!(
            wide_object(&format!("$${{{}}}", many("a=1,")), Syntax::Template),
            None
        );
    }
}
