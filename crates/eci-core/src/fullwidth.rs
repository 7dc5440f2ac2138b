//! Characters of Chinese keyboards that resemble ASCII characters of the syntax.

/// Returns the ASCII character that a full-width or typographic one was probably typed for.
pub fn ascii_of(found: char) -> Option<char> {
    Some(match found {
        // The full-width forms are in the order of ASCII.
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(found) - 0xfee0)?,
        '\u{3000}' | '\u{a0}' => ' ',
        '“' | '”' | '„' | '‟' | '「' | '」' | '『' | '』' => '"',
        '‘' | '’' | '‚' | '‛' => '\'',
        '、' => ',',
        '。' => '.',
        '【' | '〔' => '[',
        '】' | '〕' => ']',
        '‐' | '‑' | '–' | '−' => '-',
        _ => return None,
    })
}

/// Returns a text with ASCII characters in the place of those that were probably typed for them.
pub fn to_ascii(text: &str) -> String {
    text.chars().map(|c| ascii_of(c).unwrap_or(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_chinese_keyboards_become_those_of_the_syntax() {
        assert_eq!(
            to_ascii("ｔａｇ＝“１．２”，［ａ］　！～【b】"),
            "tag=\"1.2\",[a] !~[b]"
        );
        assert_eq!(to_ascii("镜像 nginx:1.28 é"), "镜像 nginx:1.28 é");
    }
}
