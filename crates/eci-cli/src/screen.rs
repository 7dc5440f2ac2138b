//! Progress at the end of the terminal while a run works.
//!
//! Whatever else is written to standard error has to be above it: what is drawn is taken away,
//! and drawn again below. Otherwise the next frame overwrites the text.

use std::io;
use std::sync::{Mutex, PoisonError};

use console::Term;
use indicatif::{MultiProgress, ProgressDrawTarget, TermLike};

/// The columns at the right edge that are left free for the `^C` that a terminal echoes behind
/// what is drawn: there is room for two of them.
pub(crate) const MARGIN: usize = 4;

/// The largest number of frames per second.
const FRAMES: u8 = 20;

static DRAWN: Mutex<Option<MultiProgress>> = Mutex::new(None);

fn drawn() -> Option<MultiProgress> {
    let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    drawn.clone()
}

/// Begins the drawing of a run on standard error, above which [`above`] writes from now on.
pub(crate) fn begin() -> MultiProgress {
    let target = target(Term::buffered_stderr());
    let new = MultiProgress::with_draw_target(target);
    let mut drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    *drawn = Some(new.clone());
    new
}

/// Draws on a terminal.
///
/// The last line of a frame has to be of a bar: the cursor stays behind it.
pub(crate) fn target(term: impl TermLike + 'static) -> ProgressDrawTarget {
    let filler = Mutex::default();
    ProgressDrawTarget::term_like_with_hz(Box::new(UnpaddedTerminal { term, filler }), FRAMES)
}

/// Takes away what is drawn, for good.
pub(crate) fn end() {
    let drawn = DRAWN.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(drawn) = drawn {
        // A closed terminal is not an error.
        let _ = drawn.clear();
    }
}

/// Writes to standard error, above what is drawn.
pub(crate) fn above(write: impl FnOnce()) {
    match drawn() {
        Some(drawn) => drawn.suspend(write),
        None => write(),
    }
}

/// A terminal on which the last line of a frame ends where its text ends.
///
/// Indicatif fills each line with spaces up to the last column, so that the next one wraps onto
/// a new line. A terminal echoes `^C` where the cursor is: behind a line that is filled, the
/// echo wraps, and what is drawn is one line higher than what is cleared.
#[derive(Debug)]
struct UnpaddedTerminal<T> {
    term: T,
    /// The spaces after the last line so far.
    filler: Mutex<String>,
}

impl<T: TermLike> UnpaddedTerminal<T> {
    fn take_filler(&self) -> String {
        let mut filler = self.filler.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut filler)
    }

    /// Writes the spaces that were kept back, because more follows.
    fn fill(&self) -> io::Result<()> {
        match self.take_filler() {
            filler if filler.is_empty() => Ok(()),
            filler => self.term.write_str(&filler),
        }
    }
}

impl<T: TermLike> TermLike for UnpaddedTerminal<T> {
    fn width(&self) -> u16 {
        self.term.width()
    }

    fn height(&self) -> u16 {
        self.term.height()
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.term.move_cursor_left(n)
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.fill()?;
        self.term.write_line(text)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.fill()?;
        if !text.is_empty() && text.bytes().all(|byte| byte == b' ') {
            let mut filler = self.filler.lock().unwrap_or_else(PoisonError::into_inner);
            filler.push_str(text);
            return Ok(());
        }
        self.term.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.term.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.take_filler();
        self.term.flush()
    }
}
