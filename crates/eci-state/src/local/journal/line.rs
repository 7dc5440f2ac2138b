//! Lines of bounded length.

use std::io::{self, BufRead, Read as _};

/// Reads a line with its end, up to `most` bytes, and skips what is behind them; returns whether there was
/// more.
pub(super) fn read_line(
    file: &mut impl BufRead,
    most: u64,
    line: &mut Vec<u8>,
) -> io::Result<bool> {
    let length = file.by_ref().take(most).read_until(b'\n', line)?;
    let is_whole = line.last() == Some(&b'\n') || (length as u64) < most;
    Ok(!is_whole && file.skip_until(b'\n')? > 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_up_to_a_bound_and_the_next_one_is_found() {
        let mut file = &b"12345\n123456\n123456789\n12\n1234567"[..];
        let mut next = || {
            let mut line = Vec::new();
            let is_too_long = read_line(&mut file, 6, &mut line).unwrap();
            (String::from_utf8(line).unwrap(), is_too_long)
        };
        let lines: Vec<(String, bool)> = std::iter::repeat_with(&mut next).take(6).collect();
        let expected = [
            ("12345\n", false),
            ("123456", true),
            ("123456", true),
            ("12\n", false),
            ("123456", true),
            ("", false),
        ];
        assert_eq!(lines, expected.map(|(text, long)| (text.to_owned(), long)));
    }
}
