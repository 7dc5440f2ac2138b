//! Progress on a terminal: one bar for the whole, a line for each resource under way.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use eci_core::Address;
use eci_executor::{Event, Reporter};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::lines::{doing, line};
use crate::render::Style;
use crate::render::style::{cut, visible, width};

/// How often the times are drawn anew.
const TICK: Duration = Duration::from_millis(120);
/// At most so many resources are shown under way.
const MOST: usize = 12;

/// Draws bars on standard error.
pub(crate) struct Bars {
    drawn: MultiProgress,
    style: Style,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    whole: Option<ProgressBar>,
    under_way: HashMap<Address, ProgressBar>,
}

impl Bars {
    pub(crate) fn new(style: Style) -> Bars {
        Bars::on(ProgressDrawTarget::stderr(), style)
    }

    fn on(target: ProgressDrawTarget, style: Style) -> Bars {
        Bars {
            drawn: MultiProgress::with_draw_target(target),
            style,
            state: Mutex::default(),
        }
    }

    /// A line that stays above the bars.
    fn say(&self, event: &Event) {
        if let Some(line) = line(event, self.style) {
            // A terminal that is gone is told nothing.
            let _ = self.drawn.println(line);
        }
    }

    fn begin(&self, state: &mut State, changes: usize) {
        let template = match self.style.has_color() {
            true => "{bar:30.green/black.bright} {pos}/{len}  {elapsed:.dim}",
            false => "{bar:30} {pos}/{len}  {elapsed}",
        };
        let bar = self.drawn.add(ProgressBar::new(changes as u64));
        bar.set_style(drawn_as(template).progress_chars("━╸─"));
        bar.enable_steady_tick(TICK);
        state.whole = Some(bar);
    }

    fn start(&self, state: &mut State, address: &Address, phase: &str) {
        if state.under_way.len() >= MOST {
            return;
        }
        let bar = ProgressBar::new_spinner();
        // The lines stand above the bar for the whole.
        let bar = match &state.whole {
            Some(whole) => self.drawn.insert_before(whole, bar),
            None => self.drawn.add(bar),
        };
        let template = match self.style.has_color() {
            true => "{spinner:.cyan} {prefix:.bold}  {msg}  {elapsed:.dim}",
            false => "{spinner} {prefix}  {msg}  {elapsed}",
        };
        bar.set_style(drawn_as(template));
        bar.set_prefix(address.to_string());
        bar.set_message(self.fitting(address, phase));
        bar.enable_steady_tick(TICK);
        state.under_way.insert(address.clone(), bar);
    }

    /// The phase, cut so that the line with address and time fits.
    fn fitting(&self, address: &Address, phase: &str) -> String {
        let taken = width(&address.to_string()) + 12;
        cut(&visible(phase), self.style.width().saturating_sub(taken).max(8))
    }

    fn over(&self, state: &mut State, address: &Address, counts: bool) {
        if let Some(bar) = state.under_way.remove(address) {
            bar.finish_and_clear();
            self.drawn.remove(&bar);
        }
        if let Some(whole) = state.whole.as_ref().filter(|_| counts) {
            whole.inc(1);
        }
    }
}

impl Reporter for Bars {
    fn report(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        match event {
            Event::Began { changes } => self.begin(state, *changes),
            Event::Started { address, deed } => self.start(state, address, doing(*deed)),
            Event::Progress { address, phase } => {
                if let Some(bar) = state.under_way.get(address) {
                    bar.set_message(self.fitting(address, phase));
                }
            }
            Event::Made { .. } => {}
            Event::Done { address, .. } => {
                self.over(state, address, true);
                self.say(event);
            }
            Event::Failed { address, .. } | Event::Skipped { address, .. } => {
                self.over(state, address, true);
                self.say(event);
            }
            Event::Recovered { .. } | Event::Stopping => self.say(event),
        }
    }
}

impl Drop for Bars {
    /// Takes the bars from the terminal, so that what is written next stands below the lines.
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        for bar in state.under_way.values().chain(&state.whole) {
            bar.finish_and_clear();
        }
        // A terminal that is gone needs no clearing.
        let _ = self.drawn.clear();
    }
}

/// A style of that template; the plain one should indicatif not know it, which a test rules out.
fn drawn_as(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
