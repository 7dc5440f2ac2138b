//! Virtual time: how fast the simulated cloud lives.
//!
//! The clock is a line through one known point: at real time `real` it showed `shown`, and
//! since then it has run at `rate`. That point is kept with the world, so that a group that
//! was pulling its image when the process ended goes on from there.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use eci_text::messages;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The speed at which groups start, become ready and disappear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// A multiple of the speed of a wall clock.
    ///
    /// At 1 an image is pulled in two seconds; at 0 time does not pass except by
    /// [`SimulatedCloud::advance`](crate::SimulatedCloud::advance).
    Times(f64),
    /// Nothing takes time: every change is complete when it is answered.
    ///
    /// Time itself passes as on a wall clock.
    Instant,
}

impl Speed {
    pub(crate) fn rate(self) -> f64 {
        match self {
            Speed::Times(rate) if rate.is_finite() && rate > 0.0 => rate,
            Speed::Times(_) => 0.0,
            Speed::Instant => 1.0,
        }
    }

    pub(crate) fn scale(self) -> TimeScale {
        match self {
            Speed::Times(_) => TimeScale::Natural,
            Speed::Instant => TimeScale::Instant,
        }
    }
}

impl Default for Speed {
    fn default() -> Self {
        Speed::Times(1.0)
    }
}

/// The reason why a text is not a valid speed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SpeedError {
    given: String,
}

messages! { SpeedError:
    SpeedError { given } =>
        en("the speed must be `instant` or a number greater than 0, found `{given}`"),
        zh("速度必须是 `instant` 或大于 0 的数值，实际为 `{given}`");
}

impl FromStr for Speed {
    type Err = SpeedError;

    /// Reads a speed.
    ///
    /// At 0 nothing would ever become ready, and a run would wait for it until its timeout.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("instant") {
            return Ok(Speed::Instant);
        }
        match text.parse::<f64>() {
            Ok(times) if times.is_finite() && times > 0.0 => Ok(Speed::Times(times)),
            _ => Err(SpeedError {
                given: text.to_owned(),
            }),
        }
    }
}

/// The present virtual time, and the scale of the time that steps take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timing {
    pub(crate) now: SimTime,
    pub(crate) scale: TimeScale,
}

impl Timing {
    /// Returns the end of a step that begins now.
    pub(crate) fn after(self, natural: Duration) -> SimTime {
        self.now.plus(self.scale.takes(natural))
    }
}

/// Whether steps of a lifecycle take their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeScale {
    Natural,
    Instant,
}

impl TimeScale {
    /// Scales the natural duration of a step.
    pub(crate) fn takes(self, natural: Duration) -> Duration {
        match self {
            TimeScale::Natural => natural,
            TimeScale::Instant => Duration::ZERO,
        }
    }
}

/// A point of virtual time, in milliseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SimTime(i64);

impl SimTime {
    pub(crate) const fn from_millis(millis: i64) -> Self {
        SimTime(millis)
    }

    pub(crate) fn plus(self, time: Duration) -> Self {
        SimTime(self.0.saturating_add(millis(time)))
    }

    pub(crate) fn before(self, time: Duration) -> Self {
        SimTime(self.0.saturating_sub(millis(time)))
    }

    pub(crate) fn millis(self) -> i64 {
        self.0
    }

    /// Adds calendar months.
    pub(crate) fn plus_months(self, months: i32) -> Self {
        let later = Timestamp::from_millisecond(self.0).and_then(|time| {
            let zoned = time.to_zoned(jiff::tz::TimeZone::UTC);
            zoned.checked_add(jiff::Span::new().months(months))
        });
        later.map_or(self, |later| SimTime(later.timestamp().as_millisecond()))
    }

    /// Returns the duration since `earlier`; zero if it is not earlier.
    pub(crate) fn since(self, earlier: SimTime) -> Duration {
        let span = self.0.saturating_sub(earlier.0);
        Duration::from_millis(u64::try_from(span).unwrap_or(0))
    }
}

impl fmt::Display for SimTime {
    /// Formats a time as the cloud does: RFC 3339, UTC, whole seconds (assumed).
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.0.div_euclid(1000);
        match Timestamp::from_second(whole) {
            Ok(time) => write!(formatter, "{time}"),
            Err(_) => formatter.write_str("9999-12-31T23:59:59Z"),
        }
    }
}

impl fmt::Debug for SimTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:03}", self, self.0.rem_euclid(1000))
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The source of real time.
pub(crate) type WallClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The point that a clock runs through, and how fast.
///
/// This is what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Reference {
    real: i64,
    shown: SimTime,
    rate: f64,
}

/// The clock of one world.
pub(crate) struct Clock {
    wall: WallClock,
    reference: Reference,
}

impl Clock {
    /// Resumes a clock from its stored time, from now on at `rate`; without a stored time, it shows
    /// the real time.
    pub(crate) fn resume(wall: WallClock, kept: Option<Reference>, rate: f64) -> Self {
        let real = wall().as_millisecond();
        let shown = kept.map_or(SimTime(real), |kept| read(&kept, real));
        let reference = Reference { real, shown, rate };
        Clock { wall, reference }
    }

    pub(crate) fn now(&self) -> SimTime {
        read(&self.reference, (self.wall)().as_millisecond())
    }

    pub(crate) fn wall_now(&self) -> Timestamp {
        (self.wall)()
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.reference.shown = self.reference.shown.plus(time);
    }

    pub(crate) fn reference(&self) -> Reference {
        self.reference
    }
}

/// Reads the virtual time.
///
/// A wall clock that is set back does not turn it back below the reference.
fn read(reference: &Reference, real: i64) -> SimTime {
    let passed = real.saturating_sub(reference.real).max(0);
    // Exact for spans below 285 thousand years; `as` saturates beyond.
    let virtual_passed = (passed as f64 * reference.rate) as i64;
    SimTime(reference.shown.0.saturating_add(virtual_passed))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    fn hand() -> (Arc<AtomicI64>, WallClock) {
        let millis = Arc::new(AtomicI64::new(1_000_000));
        let read = Arc::clone(&millis);
        let wall: WallClock =
            Arc::new(move || Timestamp::from_millisecond(read.load(Ordering::Relaxed)).unwrap());
        (millis, wall)
    }

    #[test]
    fn time_runs_at_the_rate() {
        let (hand, wall) = hand();
        let clock = Clock::resume(wall, None, 10.0);
        let start = clock.now();
        hand.fetch_add(500, Ordering::Relaxed);
        assert_eq!(clock.now().since(start), Duration::from_secs(5));
    }

    #[test]
    fn a_clock_at_rate_zero_moves_only_by_hand() {
        let (hand, wall) = hand();
        let mut clock = Clock::resume(wall, None, 0.0);
        let start = clock.now();
        hand.fetch_add(60_000, Ordering::Relaxed);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_millis(1500));
        assert_eq!(clock.now().since(start), Duration::from_millis(1500));
    }

    #[test]
    fn a_kept_clock_goes_on_with_the_time_it_was_away() {
        let (hand, wall) = hand();
        let mut clock = Clock::resume(Arc::clone(&wall), None, 2.0);
        let start = clock.now();
        clock.advance(Duration::from_secs(100));
        let kept = clock.reference();
        hand.fetch_add(10_000, Ordering::Relaxed);
        let resumed = Clock::resume(wall, Some(kept), 5.0);
        assert_eq!(resumed.now().since(start), Duration::from_secs(120));
        hand.fetch_add(1_000, Ordering::Relaxed);
        assert_eq!(resumed.now().since(start), Duration::from_secs(125));
    }

    #[test]
    fn a_wall_clock_set_back_does_not_turn_time_back() {
        let (hand, wall) = hand();
        let clock = Clock::resume(wall, None, 1.0);
        let start = clock.now();
        hand.fetch_sub(500_000, Ordering::Relaxed);
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn times_are_written_in_whole_seconds() {
        assert_eq!(
            SimTime::from_millis(1_700_000_000_999).to_string(),
            "2023-11-14T22:13:20Z"
        );
    }

    #[test]
    fn speeds_are_read_from_text() {
        assert_eq!("instant".parse(), Ok(Speed::Instant));
        assert_eq!("2.5".parse(), Ok(Speed::Times(2.5)));
        for bad in ["", "fast", "-1", "0", "inf", "NaN"] {
            assert!(bad.parse::<Speed>().is_err(), "{bad}");
        }
    }
}
