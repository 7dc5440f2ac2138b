//! Progress on a terminal: one bar for the whole, a line for each resource in progress.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use eci_core::Address;
use eci_executor::{Event, Reporter};
use eci_render::Style;
use eci_render::actions::task_words;
use eci_render::style::{cut, visible, width};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::lines::line;
use crate::screen::{self, MARGIN};
use crate::stdio::print_stderr;

/// The interval at which the times are drawn again.
const TICK: Duration = Duration::from_millis(120);
/// The largest number of resources that are shown in progress.
const MOST: usize = 12;

/// Draws bars on standard error.
pub(crate) struct Bars {
    drawn: MultiProgress,
    style: Style,
    state: Mutex<RunningBars>,
}

#[derive(Default)]
struct RunningBars {
    whole: Option<ProgressBar>,
    in_progress: HashMap<Address, ProgressBar>,
    /// The resources without an operation in progress: a change may have several parts, one after
    /// another.
    over: HashSet<Address>,
}

impl RunningBars {
    fn count(&self) {
        if let Some(whole) = &self.whole {
            whole.set_position(self.over.len() as u64);
        }
    }
}

impl Bars {
    pub(crate) fn new(style: Style) -> Bars {
        Bars::on(screen::begin(), style)
    }

    fn on(drawn: MultiProgress, style: Style) -> Bars {
        Bars {
            drawn,
            style,
            state: Mutex::default(),
        }
    }

    /// Writes a line that stays above the bars.
    fn say(&self, state: &RunningBars, event: &Event) {
        let Some(line) = line(event, self.style) else {
            return;
        };
        if state.whole.is_none() {
            // Nothing is drawn yet.
            return print_stderr(&line);
        }
        // A closed terminal is not an error.
        let line = eci_text::painted(&line);
        let _ = self.drawn.println(self.style.folded(&line));
    }

    /// Returns the columns of a line that is drawn.
    fn columns(&self) -> usize {
        self.style.width().saturating_sub(MARGIN)
    }

    fn begin(&self, state: &mut RunningBars, changes: usize) {
        let length = self.columns().saturating_sub(20).clamp(4, 30);
        // A refresh counts no changes, and neither does a run that only waits.
        let template = match (changes, self.style.has_color()) {
            (0, true) => "{spinner:.cyan} {elapsed:.dim}".to_owned(),
            (0, false) => "{spinner} {elapsed}".to_owned(),
            (_, true) => {
                format!("{{bar:{length}.green/black.bright}} {{pos}}/{{len}}  {{elapsed:.dim}}")
            }
            (_, false) => format!("{{bar:{length}}} {{pos}}/{{len}}  {{elapsed}}"),
        };
        let bar = self.drawn.add(ProgressBar::new(changes as u64));
        bar.set_style(drawn_as(&template).progress_chars("━╸─"));
        bar.enable_steady_tick(TICK);
        state.whole = Some(bar);
    }

    fn start(&self, state: &mut RunningBars, address: &Address, phase: &str) {
        if state.in_progress.len() >= MOST {
            return;
        }
        let bar = ProgressBar::new_spinner();
        // The lines are above the bar for the whole.
        let bar = match &state.whole {
            Some(whole) => self.drawn.insert_before(whole, bar),
            None => self.drawn.add(bar),
        };
        let template = if self.style.has_color() {
            "{spinner:.cyan} {prefix:.bold}  {msg}  {elapsed:.dim}"
        } else {
            "{spinner} {prefix}  {msg}  {elapsed}"
        };
        bar.set_style(drawn_as(template));
        bar.set_prefix(self.name(address));
        bar.set_message(self.fitting(address, phase));
        bar.enable_steady_tick(TICK);
        state.in_progress.insert(address.clone(), bar);
    }

    /// Returns the address, cut so that a part of the phase fits next to it.
    fn name(&self, address: &Address) -> String {
        cut(
            &address.to_string(),
            self.columns().saturating_sub(28).max(12),
        )
    }

    /// Returns the phase, cut so that the line with address and time fits.
    fn fitting(&self, address: &Address, phase: &str) -> String {
        let taken = width(&self.name(address)) + 12;
        cut(&visible(phase), self.columns().saturating_sub(taken).max(8))
    }

    fn over(&self, state: &mut RunningBars, address: &Address) {
        if let Some(bar) = state.in_progress.remove(address) {
            bar.finish_and_clear();
            self.drawn.remove(&bar);
        }
        state.over.insert(address.clone());
        state.count();
    }
}

impl Reporter for Bars {
    fn report(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        match event {
            Event::RunStarted { changes } => self.begin(state, *changes),
            Event::TaskStarted { address, action } => {
                state.over.remove(address);
                state.count();
                let doing = task_words(*action).doing.get(self.style.lang());
                self.start(state, address, doing);
            }
            Event::Progress { address, phase } => {
                if let Some(bar) = state.in_progress.get(address) {
                    let phase = phase.get(self.style.lang());
                    bar.set_message(self.fitting(address, phase));
                }
            }
            Event::TaskFinished { address, .. }
            | Event::TaskFailed { address, .. }
            | Event::TaskSkipped { address, .. } => {
                self.over(state, address);
                self.say(state, event);
            }
            Event::Recovered { .. } | Event::StopRequested { .. } => self.say(state, event),
            // A resource that was created goes on until it is ready.
            _ => {}
        }
    }
}

impl Drop for Bars {
    /// Takes the bars from the terminal, so that the next output is below the lines.
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        for bar in state.in_progress.values().chain(&state.whole) {
            bar.finish_and_clear();
        }
        // A closed terminal is not an error.
        let _ = self.drawn.clear();
        screen::end();
    }
}

/// Creates a style of that template; the plain one should indicatif not know it, which a test rules
/// out.
fn drawn_as(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use eci_core::Kind;
    use eci_planner::TaskKind;
    use eci_text::Text;
    use indicatif::{InMemoryTerm, TermLike};

    use super::*;

    fn address() -> Address {
        Address::new(Kind::ContainerGroup, "web")
    }

    fn stop() -> Event {
        Event::StopRequested {
            in_progress: vec![address()],
        }
    }

    fn bars(term: &InMemoryTerm) -> Bars {
        let drawn = MultiProgress::with_draw_target(screen::target(term.clone()));
        Bars::on(drawn, Style::plain().with_width(usize::from(term.width())))
    }

    #[test]
    fn a_resource_in_progress_is_shown_with_its_phase_and_removed_when_done() {
        let term = InMemoryTerm::new(10, 60);
        let bars = bars(&term);
        bars.report(&Event::RunStarted { changes: 2 });
        bars.report(&Event::TaskStarted {
            address: address(),
            action: TaskKind::Create,
        });
        bars.report(&Event::Progress {
            address: address(),
            phase: Text::verbatim("Pending: pulling nginx:1.28"),
        });
        let shown = eventually(&term, "pulling nginx:1.28");
        assert!(shown.contains("container_group.web  Pending"), "{shown}");
        bars.report(&Event::TaskFinished {
            address: address(),
            action: TaskKind::Create,
            id: Some("eci-1".into()),
            elapsed: Duration::from_secs(2),
        });
        let shown = eventually(&term, " 1/2 ");
        assert!(!shown.contains("pulling"), "{shown}");
        assert!(
            shown.contains("container_group.web: created in 2.0s (eci-1)"),
            "{shown}"
        );
        drop(bars);
        assert!(!term.contents().contains("/2"), "{}", term.contents());
    }

    #[test]
    fn a_run_without_changes_counts_nothing() {
        let term = InMemoryTerm::new(10, 60);
        let bars = bars(&term);
        bars.report(&Event::RunStarted { changes: 0 });
        bars.report(&Event::TaskStarted {
            address: address(),
            action: TaskKind::Wait,
        });
        eventually(&term, "container_group.web");
        // The line for the whole is drawn later.
        std::thread::sleep(4 * TICK);
        let shown = term.contents();
        assert!(!shown.contains("/0"), "{shown}");
    }

    #[test]
    fn what_is_said_above_the_bars_is_broken_between_words() {
        let term = InMemoryTerm::new(10, 60);
        let bars = bars(&term);
        bars.report(&Event::RunStarted { changes: 2 });
        bars.report(&stop());
        let shown = eventually(&term, "immediately");
        assert!(
            shown.contains(
                "in progress:\ncontainer_group.web. Press Ctrl-C again to stop immediately."
            ),
            "{shown}"
        );
    }

    #[test]
    fn an_echoed_interrupt_leaves_nothing_of_what_was_drawn() {
        for width in [40, 60, 100] {
            let term = InMemoryTerm::new(20, width);
            let bars = bars(&term);
            bars.report(&Event::RunStarted { changes: 2 });
            bars.report(&Event::TaskStarted {
                address: address(),
                action: TaskKind::Create,
            });
            eventually(&term, "0/2");
            assert!(term.write_str("^C^C").is_ok());
            bars.report(&stop());
            bars.report(&Event::TaskFinished {
                address: address(),
                action: TaskKind::Create,
                id: Some("eci-1".into()),
                elapsed: Duration::from_secs(2),
            });
            eventually(&term, "1/2");
            drop(bars);
            let shown = term.contents().replace('\n', " ");
            assert!(!shown.contains("/2"), "{width}\n{shown}");
            assert!(!shown.contains("creating"), "{width}\n{shown}");
            assert!(
                shown.contains("created in 2.0s (eci-1)"),
                "{width}\n{shown}"
            );
        }
    }

    /// Waits until the terminal shows a text, and returns all that it shows: bars are drawn only a
    /// few times a second.
    fn eventually(term: &InMemoryTerm, expected: &str) -> String {
        for _ in 0..100 {
            if term.contents().contains(expected) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        term.contents()
    }

    #[test]
    fn all_parts_of_a_replacement_count_once() {
        let term = InMemoryTerm::new(10, 60);
        let bars = bars(&term);
        bars.report(&Event::RunStarted { changes: 1 });
        for action in [
            TaskKind::Create,
            TaskKind::Unbind,
            TaskKind::Bind,
            TaskKind::Delete,
        ] {
            bars.report(&Event::TaskStarted {
                address: address(),
                action,
            });
            bars.report(&Event::TaskFinished {
                address: address(),
                action,
                id: None,
                elapsed: Duration::ZERO,
            });
        }
        let state = bars.state.lock().unwrap_or_else(PoisonError::into_inner);
        let position = state.whole.as_ref().map(ProgressBar::position);
        assert_eq!(position, Some(1));
    }

    #[test]
    fn a_long_phase_is_cut_to_the_terminal() {
        let bars = bars(&InMemoryTerm::new(10, 44));
        let phase = bars.fitting(&address(), "Pending: 正在拉取镜像 nginx:1.28");
        assert_eq!(bars.name(&address()), "container_g…");
        assert_eq!(phase, "Pending: 正在拉…");
    }
}
